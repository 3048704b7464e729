/* SPDX-License-Identifier: MIT */
#include "auth0/user_list.h"

#include "base/url.h"

enum {
    /* The thousand that can be paged through. */
    PAGES_MAX = 10
};

void
a0__user_cursor_auto(a0__user_cursor *cursor)
{
    a0__buf_clear(&cursor->from);
    a0__buf_clear(&cursor->seen);
}

/* ---- the cursor as text: moment, page, ids ---- */

/* Fit to stand in a query: a date as Auth0 writes it. */
static bool
is_moment(a0__text text)
{
    static const char MARKS[] = "-:.TZ+";

    for (size_t i = 0; i < text.len; i++) {
        if (!a0__is_digit(text.ptr[i]) &&
            !a0__text_contains_byte(A0__LIT(MARKS), text.ptr[i])) {
            return false;
        }
    }
    return text.len >= sizeof "2026-01-01" - 1 && text.len < A0__USER_MOMENT_MAX &&
           a0__is_digit(text.ptr[0]);
}

a0_status
a0__user_cursor_read(a0__text text, a0__user_cursor *out, a0_error **err)
{
    a0__text from = A0__NO_TEXT;
    a0__text page = A0__NO_TEXT;

    if (text.len == 0) {
        return A0_OK;
    }
    (void)a0__text_next(&text, ' ', &from);
    (void)a0__text_next(&text, ' ', &page);
    if (!is_moment(from) || !a0__parse_u64(page, PAGES_MAX - 1, &out->page) ||
        text.len >= A0__USER_CURSOR_MAX - 1 || !a0__text_has_no_controls(text)) {
        return a0__fail_about(err, A0_E_param_invalid, "after");
    }
    a0__buf_text(&out->from, from);
    if (text.len > 0) {
        a0__buf_byte(&out->seen, ' ');
        a0__buf_text(&out->seen, text);
    }
    return a0__buf_check(&out->seen, err);
}

void
a0__user_cursor_write(const a0__user_cursor *cursor, a0__buf *out)
{
    a0__buf_text(out, a0__buf_view(&cursor->from));
    a0__buf_byte(out, ' ');
    a0__buf_i64(out, (int64_t)cursor->page);
    a0__buf_text(out, a0__buf_view(&cursor->seen));
}

/* ---- asking ---- */

void
a0__user_list_url(const a0__settings *settings, const a0__user_cursor *cursor,
                  a0__buf *out)
{
    A0_AUTO(a0__buf) query = A0__BUF_INIT(2 * A0__USER_MOMENT_MAX);

    a0__buf_string(&query, "created_at:[");
    a0__buf_string(&query, cursor->from.len > 0 ? a0__buf_cstr(&cursor->from) : "*");
    a0__buf_string(&query, " TO *]");
    a0__buf_string(out, settings->management_base_url);
    a0__buf_string(out, "/api/v2/users?search_engine=v3&q=");
    a0__percent_encode(a0__buf_view(&query), out);
    a0__buf_format(out, "&sort=created_at%%3A1&include_totals=true&per_page=%d&page=",
                   A0__USER_LIST_PAGE);
    a0__buf_i64(out, (int64_t)cursor->page);
    a0__buf_string(out, "&fields=user_id%2Cemail%2Cemail_verified%2Cblocked%2C"
                        "created_at%2Cidentities&include_fields=true");
}

/* ---- reading ---- */

static void
encode(const a0_user *user, a0__buf *out)
{
    a0__percent_encode(a0__text_of(a0_user_id(user)), out);
}

static bool
was_seen(const a0__user_cursor *cursor, const a0_user *user)
{
    A0_AUTO(a0__buf) id = A0__BUF_INIT(4 * A0__USER_ID_MAX);

    encode(user, &id);
    return a0__text_has_word(a0__buf_view(&cursor->seen), a0__buf_view(&id));
}

/* *out_user stays NULL for one whose id or address nothing can be made of: it does not
 * keep the others from being listed. */
static a0_status
read_user(const a0__json *profile, a0_user **out_user, a0__text *out_created_at,
          a0_error **err)
{
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_status status = A0_OK;

    A0_ENSURE(a0__json_is_object(profile) &&
                  a0__json_text(profile, "created_at", out_created_at) == A0__FOUND &&
                  is_moment(*out_created_at),
              err, mgmt_response_invalid);
    status = a0__user_read(profile, A0__NO_TEXT, out_user, &failure);
    if (a0__error_is(failure, A0_E_mgmt_response_invalid)) {
        return A0_OK;
    }
    a0__error_move(err, &failure);
    return status;
}

/* Adds those that were not seen; *out_last is when the last of all was created. */
static a0_status
read_users(const a0__json *list, const a0__user_cursor *cursor, a0_users *out,
           a0__buf *out_last, a0_error **err)
{
    int64_t unreadable = 0;

    for (size_t i = 0; i < a0__json_len(list); i++) {
        A0_AUTO(a0__user_ptr) user = NULL;
        a0__text created_at = A0__NO_TEXT;

        A0_TRY(read_user(a0__json_at(list, i), &user, &created_at, err));
        a0__buf_reset(out_last);
        a0__buf_text(out_last, created_at);
        unreadable += user == NULL ? 1 : 0;
        if (user != NULL && !was_seen(cursor, user)) {
            A0_TRY(a0__users_add(out, &user, err));
        }
    }
    a0__users_set_unreadable(out, unreadable);
    return a0__buf_check(out_last, err);
}

/* Goes on from the last moment of the page; when that is the one before, from the next
 * page of it. */
static a0_status
move(const a0_users *page, const a0__buf *last, a0__user_cursor *cursor, a0_error **err)
{
    if (a0__text_equal(a0__buf_view(&cursor->from), a0__buf_view(last))) {
        cursor->page++;
        A0_ENSURE(cursor->page < PAGES_MAX, err, mgmt_response_invalid);
    } else {
        a0__buf_reset(&cursor->from);
        a0__buf_text(&cursor->from, a0__buf_view(last));
        a0__buf_reset(&cursor->seen);
        cursor->page = 0;
    }
    for (size_t i = 0; i < a0_users_len(page); i++) {
        const a0_user *user = a0_users_at(page, i);

        if (a0__text_is(a0__buf_view(last), a0_user_created_at(user))) {
            a0__buf_byte(&cursor->seen, ' ');
            encode(user, &cursor->seen);
        }
    }
    return a0__buf_check(&cursor->seen, err);
}

a0_status
a0__user_list_read(const a0__json *page, a0__user_cursor *cursor, a0_users *out,
                   bool *out_end, a0_error **err)
{
    A0_AUTO(a0__buf) last = A0__BUF_INIT(A0__USER_MOMENT_MAX);
    const a0__json *list = NULL;
    int64_t total = 0;

    A0_ENSURE(a0__json_array(page, "users", &list) == A0__FOUND &&
                  a0__json_len(list) <= A0__USER_LIST_PAGE,
              err, mgmt_response_invalid);
    A0_TRY(read_users(list, cursor, out, &last, err));
    if (a0__json_i64(page, "total", &total) == A0__FOUND) {
        a0__users_set_left(out, total);
    }
    *out_end = a0__json_len(list) < A0__USER_LIST_PAGE;
    return *out_end ? A0_OK : move(out, &last, cursor, err);
}
