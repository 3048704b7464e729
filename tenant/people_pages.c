/* SPDX-License-Identifier: MIT */
/*
 * The pages on which whoever develops switches what the tenant knows of people: whether
 * an address is verified, whether somebody is blocked, the metadata.
 */
#include <string.h>

#include "base/url.h"
#include "control.h"
#include "endpoints.h"
#include "identities.h"
#include "page_files.h"
#include "pages.h"

enum {
    SHOWN = 25,
    PAGE_NUMBER_MAX = 100000,
    HTML_MAX = 256 * 1024,
    URL_MAX = 16 * 1024,
    TEXT_MAX = 2048,
    TIME_DAY = 10, /* characters of a date, and of one with hours and minutes */
    TIME_MINUTES = 16
};

/* ---- parts ---- */

/* One switch; `back` is where the browser goes afterwards. */
typedef struct toggle {
    const a0__user *user;
    const a0__user *account;
    const char *name;
    const char *label;
    a0__text back;
    bool is_on;
} toggle;

static void
write_person_url(const a0__user *user, a0__buf *out)
{
    a0__buf_string(out, "/people/");
    a0__percent_encode(a0__text_of(user->user_id), out);
}

static void
write_toggle(const toggle *t, a0__buf *out)
{
    A0_AUTO(a0__buf) action = A0__BUF_INIT(URL_MAX);
    a0__text yes = A0__LIT("true");
    a0__text no = A0__LIT("false");

    write_person_url(t->user, &action);
    a0__template_fill(
        a0__page_person_switch,
        (const a0__page_value[]){ { "action", a0__buf_view(&action) },
                                  { "back", t->back },
                                  { "account", a0__text_of(t->account->user_id) },
                                  { "who", a0__text_of(t->account->user_id) },
                                  { "name", a0__text_of(t->name) },
                                  { "label", a0__text_of(t->label) },
                                  { "checked", t->is_on ? yes : no },
                                  { "next", t->is_on ? no : yes },
                                  { NULL, A0__NO_TEXT } },
        out);
}

/* An account without an address has nothing to verify. */
static void
write_verified(const a0__user *user, const a0__user *account, a0__text back,
               a0__buf *out)
{
    if (*account->email != '\0') {
        write_toggle(&(toggle){ .user = user,
                                .account = account,
                                .name = "email_verified",
                                .label = "Verified",
                                .back = back,
                                .is_on = account->email_verified },
                     out);
    }
}

static void
write_blocked(const a0__user *user, a0__text back, a0__buf *out)
{
    write_toggle(&(toggle){ .user = user,
                            .account = user,
                            .name = "blocked",
                            .label = "Blocked",
                            .back = back,
                            .is_on = user->blocked },
                 out);
}

static a0__text
email_of(const a0__user *account)
{
    return *account->email != '\0' ? a0__text_of(account->email)
                                   : A0__LIT("no e-mail address");
}

/* ---- the list ---- */

typedef struct listing {
    a0__text q;
    uint64_t page;
    size_t found;
} listing;

static bool
contains(const char *haystack, a0__text needle)
{
    a0__text rest = a0__text_of(haystack);

    for (; rest.len >= needle.len; rest = a0__text_from(rest, 1)) {
        if (a0__text_equal_ignoring_case(a0__text_range(rest.ptr, needle.len),
                                         needle)) {
            return true;
        }
        if (rest.len == 0) {
            break;
        }
    }
    return false;
}

static bool
is_sought(const listing *l, const a0__user *user)
{
    return l->q.len == 0 || contains(user->name, l->q) || contains(user->email, l->q) ||
           contains(user->user_id, l->q);
}

static void
write_list_url(const listing *l, uint64_t page, a0__buf *out)
{
    A0_AUTO(a0__form) params = A0__FORM_INIT(URL_MAX);
    A0_AUTO(a0__buf) number = A0__BUF_INIT(32);

    if (l->q.len > 0) {
        a0__form_add(&params, "q", l->q);
    }
    if (page > 0) {
        a0__buf_u64(&number, page);
        a0__form_add(&params, "page", a0__buf_view(&number));
    }
    a0__url_with(A0__LIT("/people"), &params, out);
}

static void
write_row(const listing *l, const a0__user *user, a0__buf *out)
{
    A0_AUTO(a0__buf) href = A0__BUF_INIT(URL_MAX);
    A0_AUTO(a0__buf) back = A0__BUF_INIT(URL_MAX);
    A0_AUTO(a0__buf) linked = A0__BUF_INIT(TEXT_MAX);
    A0_AUTO(a0__buf) switches = A0__BUF_INIT(HTML_MAX);

    write_person_url(user, &href);
    write_list_url(l, l->page, &back);
    if (user->identities.len > 1) {
        a0__buf_format(&linked, "%zu identities", user->identities.len);
    }
    write_verified(user, user, a0__buf_view(&back), &switches);
    write_blocked(user, a0__buf_view(&back), &switches);
    a0__template_fill(
        a0__page_people_row,
        (const a0__page_value[]){ { "href", a0__buf_view(&href) },
                                  { "name", a0__text_of(user->name) },
                                  { "email", email_of(user) },
                                  { "user_id", a0__text_of(user->user_id) },
                                  { "linked", a0__buf_view(&linked) },
                                  { "switches", a0__buf_view(&switches) },
                                  { NULL, A0__NO_TEXT } },
        out);
}

static void
write_rows(const a0__table *users, listing *l, a0__buf *out)
{
    size_t first = (size_t)l->page * SHOWN;

    for (a0__user *u = a0__table_first(users); u != NULL; u = a0__table_next(u)) {
        if (!is_sought(l, u)) {
            continue;
        }
        if (l->found >= first && l->found < first + SHOWN) {
            write_row(l, u, out);
        }
        l->found++;
    }
}

a0_status
a0__people_page(a0__exchange *x)
{
    A0_AUTO(a0__buf) rows = A0__BUF_INIT(HTML_MAX);
    A0_AUTO(a0__buf) count = A0__BUF_INIT(TEXT_MAX);
    A0_AUTO(a0__buf) newer = A0__BUF_INIT(URL_MAX);
    A0_AUTO(a0__buf) older = A0__BUF_INIT(URL_MAX);
    listing l = { .q = a0__text_trim(a0__param(x, "q")) };

    (void)a0__parse_u64(a0__param(x, "page"), PAGE_NUMBER_MAX, &l.page);
    write_rows(&x->tenant->tables[A0__USERS], &l, &rows);
    a0__buf_format(&count, l.found == 1 ? "%zu person" : "%zu people", l.found);
    if (l.page > 0) {
        write_list_url(&l, l.page - 1, &newer);
    }
    if ((l.page + 1) * SHOWN < l.found) {
        write_list_url(&l, l.page + 1, &older);
    }
    a0__page_show(
        x, 200, "People", a0__page_people,
        (const a0__page_value[]){
            { "theme", A0__LIT("wide") },
            { "count", a0__buf_view(&count) },
            { "q", l.q },
            { "nobody", l.found == 0 ? A0__LIT("yes") : A0__NO_TEXT },
            { "rows", a0__buf_view(&rows) },
            { "newer", a0__buf_view(&newer) },
            { "older", a0__buf_view(&older) },
            { "both", newer.len > 0 && older.len > 0 ? A0__LIT("yes") : A0__NO_TEXT },
            { NULL, A0__NO_TEXT } });
    return A0_OK;
}

/* ---- one person ---- */

static a0_status
find_person(a0__exchange *x, a0__user **out)
{
    A0_AUTO(a0__buf) id = A0__BUF_INIT(TEXT_MAX);

    *out = a0__web_param(x->request, "id", &id)
               ? a0__table_get(&x->tenant->tables[A0__USERS], a0__buf_view(&id))
               : NULL;
    return *out != NULL
               ? A0_OK
               : a0__page_error(x, 404, "not_found",
                                "There is nobody with this id: it was deleted, or "
                                "linked to somebody else.");
}

static void
write_identities(const a0__tenant *tenant, a0__user *user, a0__text back, a0__buf *out)
{
    for (size_t i = 0; i < user->identities.len; i++) {
        A0_AUTO(a0__buf) id = A0__BUF_INIT(TEXT_MAX);
        A0_AUTO(a0__buf) switches = A0__BUF_INIT(HTML_MAX);
        const a0__identity *identity =
            a0__records_at(&user->identities, &a0__identity_shape, i);
        const a0__user *account = user;

        a0__identity_account_id(identity, &id);
        if (i > 0) {
            account = a0__account_find(tenant, a0__buf_view(&id));
        }
        if (account == NULL) {
            continue;
        }
        write_verified(user, account, back, &switches);
        a0__template_fill(a0__page_person_identity,
                          (const a0__page_value[]){
                              { "connection", a0__text_of(identity->connection) },
                              { "main", i == 0 ? A0__LIT("yes") : A0__NO_TEXT },
                              { "email", email_of(account) },
                              { "user_id", a0__buf_view(&id) },
                              { "switches", a0__buf_view(&switches) },
                              { NULL, A0__NO_TEXT } },
                          out);
    }
}

/* 2026-03-04T05:06:07.089Z, for people; what is no such time, as it is. */
static void
write_time(const char *text, a0__buf *out)
{
    if (strlen(text) > TIME_MINUTES && text[TIME_DAY] == 'T') {
        a0__buf_text(out, a0__text_range(text, TIME_DAY));
        a0__buf_byte(out, ' ');
        a0__buf_text(out,
                     a0__text_range(text + TIME_DAY + 1, TIME_MINUTES - TIME_DAY - 1));
        a0__buf_string(out, " UTC");
    } else {
        a0__buf_string(out, *text != '\0' ? text : "never");
    }
}

/* The texts of the form: what is kept, or what was typed and is none. */
static a0_status
show_person(a0__exchange *x, a0__user *user, const char *problem,
            const a0__text metadata[2])
{
    A0_AUTO(a0__buf) action = A0__BUF_INIT(URL_MAX);
    A0_AUTO(a0__buf) blocked = A0__BUF_INIT(HTML_MAX);
    A0_AUTO(a0__buf) identities = A0__BUF_INIT(HTML_MAX);
    A0_AUTO(a0__buf) created_at = A0__BUF_INIT(TEXT_MAX);
    A0_AUTO(a0__buf) last_login = A0__BUF_INIT(TEXT_MAX);

    write_time(user->created_at, &created_at);
    write_time(user->last_login, &last_login);
    write_person_url(user, &action);
    write_blocked(user, a0__buf_view(&action), &blocked);
    write_identities(x->tenant, user, a0__buf_view(&action), &identities);
    a0__page_show(
        x, problem != NULL ? 400 : 200, user->name, a0__page_person,
        (const a0__page_value[]){ { "theme", A0__LIT("wide") },
                                  { "initial", a0__text_range(user->nickname, 1) },
                                  { "name", a0__text_of(user->name) },
                                  { "email", email_of(user) },
                                  { "problem", a0__text_of(problem) },
                                  { "user_id", a0__text_of(user->user_id) },
                                  { "created_at", a0__buf_view(&created_at) },
                                  { "last_login", a0__buf_view(&last_login) },
                                  { "blocked", a0__buf_view(&blocked) },
                                  { "identities", a0__buf_view(&identities) },
                                  { "action", a0__buf_view(&action) },
                                  { "user_metadata", metadata[0] },
                                  { "app_metadata", metadata[1] },
                                  { NULL, A0__NO_TEXT } });
    return A0_OK;
}

a0_status
a0__person_page(a0__exchange *x)
{
    a0__user *user = NULL;

    A0_TRY(find_person(x, &user));
    return show_person(x, user, NULL,
                       (const a0__text[]){ a0__text_of(user->user_metadata),
                                           a0__text_of(user->app_metadata) });
}

/* ---- changing ---- */

/* An object, or nothing. */
static bool
is_metadata(a0__text text)
{
    A0_AUTO(a0__json_doc) document = NULL;

    return a0__text_trim(text).len == 0 ||
           (a0__json_parse_large(text, &document, NULL) == A0_OK &&
            a0__json_is_object(document));
}

static a0_status
change_metadata(a0__exchange *x, a0__user *user)
{
    a0__text of_user = a0__param(x, "user_metadata");
    a0__text of_app = a0__param(x, "app_metadata");

    if (!is_metadata(of_user) || !is_metadata(of_app)) {
        return show_person(x, user, "Metadata is a JSON object: {\"name\": \"value\"}.",
                           (const a0__text[]){ of_user, of_app });
    }
    a0__keep_in(&user->user_metadata, a0__text_trim(of_user));
    a0__keep_in(&user->app_metadata, a0__text_trim(of_app));
    a0__table_touch(user);
    a0__web_redirect(x->response, 303, x->request->path);
    return A0_OK;
}

/* Of the user, or of an account that is linked to it. */
static void
change_switches(a0__exchange *x, a0__user *user)
{
    a0__user *account = a0__account_find(x->tenant, a0__param(x, "account"));
    bool is_on = a0__text_is(a0__param(x, "email_verified"), "true");

    if (a0__has_param(x, "blocked")) {
        user->blocked = a0__text_is(a0__param(x, "blocked"), "true");
        a0__table_touch(user);
    }
    if (a0__has_param(x, "email_verified") && account != NULL &&
        a0__user_of_account(x->tenant, account) == user) {
        account->email_verified = is_on;
        a0__table_touch(account);
        if (account != user) {
            (void)a0__linked_account_complete(x->tenant, account);
        }
    }
}

a0_status
a0__person_submit(a0__exchange *x)
{
    a0__text back = a0__param(x, "back");
    a0__user *user = NULL;

    if (a0__comes_from_another_site(x)) {
        return a0__page_error(x, 403, "access_denied",
                              "This page does not answer other sites.");
    }
    A0_TRY(find_person(x, &user));
    if (a0__has_param(x, "user_metadata")) {
        return change_metadata(x, user);
    }
    change_switches(x, user);
    a0__web_redirect(
        x->response, 303,
        a0__text_starts_with(back, A0__LIT("/people")) ? back : A0__LIT("/people"));
    return A0_OK;
}
