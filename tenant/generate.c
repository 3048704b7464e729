/* SPDX-License-Identifier: MIT */
#include "generate.h"

#include <string.h>

#include "base/time.h"
#include "identities.h"
#include "people.h"

enum {
    COUNT_MAX = 1000000,
    PATTERN_MAX = 64 * 1024,
    ID_MAX = 1024
};

/* 2020-01-01T00:00:00Z */
#define FIRST_CREATED_MS (INT64_C(1577836800) * 1000)
#define MINUTE_MS INT64_C(60000)
#define MARK "{n}"

static a0_status
invalid(a0_error **err, const char *reason)
{
    return a0__fail_saying(err, A0_E_config_invalid, "generated_users: %s", reason);
}

static void
fill_pattern(a0__text pattern, int64_t n, a0__buf *out)
{
    while (pattern.len > 0) {
        if (a0__text_starts_with(pattern, A0__LIT(MARK))) {
            a0__buf_i64(out, n);
            pattern = a0__text_from(pattern, sizeof MARK - 1);
        } else {
            a0__buf_byte(out, *pattern.ptr);
            pattern = a0__text_from(pattern, 1);
        }
    }
}

/* Twenty-four digits, as the ids of a database have. */
static void
fill_gaps(const a0__tenant *tenant, a0__user *user, int64_t n)
{
    const a0__connection *connection =
        a0__tenant_connection(tenant, a0__text_of(user->connection));
    A0_AUTO(a0__buf) id = A0__BUF_INIT(ID_MAX);
    A0_AUTO(a0__buf) email = A0__BUF_INIT(ID_MAX);
    A0_AUTO(a0__buf) created = A0__BUF_INIT(ID_MAX);

    a0__buf_format(&id, "%s|%024lld",
                   connection != NULL ? connection->strategy : user->connection,
                   (long long)n);
    a0__buf_format(&email, "person%lld@example.test", (long long)n);
    a0__time_iso8601(FIRST_CREATED_MS + n * MINUTE_MS, &created);
    if (*user->user_id == '\0') {
        a0__keep_in(&user->user_id, a0__buf_view(&id));
    }
    if (*user->email == '\0') {
        a0__keep_in(&user->email, a0__buf_view(&email));
    }
    if (*user->created_at == '\0') {
        a0__keep_in(&user->created_at, a0__buf_view(&created));
    }
}

static a0_status
fill_user(a0__tenant *tenant, a0__text pattern, int64_t n, a0__user *user,
          a0_error **err)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(PATTERN_MAX * 2);
    A0_AUTO(a0__buf) reason = A0__BUF_INIT(ID_MAX);
    A0_AUTO(a0__json_doc) document = NULL;

    fill_pattern(pattern, n, &text);
    A0_TRY(a0__buf_check(&text, err));
    A0_TRY(a0__json_parse_large(a0__buf_view(&text), &document, err));
    if (!a0__record_read(&a0__shapes[A0__USERS], document, user, &reason)) {
        return invalid(err, a0__buf_cstr(&reason));
    }
    fill_gaps(tenant, user, n);
    A0_TRY(a0__user_complete(tenant, user, err));
    return a0__identities_complete(tenant, user, err);
}

static a0_status
generate(a0__tenant *tenant, a0__text pattern, int64_t n, a0_error **err)
{
    a0__table *users = &tenant->tables[A0__USERS];
    a0__user *user = a0__row_new(users);
    a0_status status = fill_user(tenant, pattern, n, user, err);

    if (status != A0_OK) {
        a0__row_free(users, user);
        return status;
    }
    a0__table_put(users, user);
    return A0_OK;
}

a0_status
a0__generate_users(a0__tenant *tenant, const a0__json *pattern, a0_error **err)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(PATTERN_MAX);
    const a0__json *user = NULL;
    int64_t count = 0;
    int64_t first = 1;

    if (a0__json_i64(pattern, "count", &count) != A0__FOUND || count < 1 ||
        count > COUNT_MAX || a0__json_i64(pattern, "first", &first) == A0__MISTYPED ||
        first < 0 || first > INT32_MAX) {
        return invalid(err, "count must be 1 to 1000000, first a number");
    }
    if (a0__json_object(pattern, "user", &user) == A0__FOUND) {
        A0_TRY(a0__json_write(user, &text, err));
    } else {
        a0__buf_string(&text, "{}");
    }
    if (a0__json_member(user, "password") != NULL) {
        return invalid(err, "passwords are hashed one by one, which takes too long");
    }
    for (int64_t n = first; n < first + count; n++) {
        A0_TRY(generate(tenant, a0__buf_view(&text), n, err));
    }
    return A0_OK;
}
