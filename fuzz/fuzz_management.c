/* SPDX-License-Identifier: MIT */
/*
 * Readers of the Management API: a page of users with its cursor, an application and
 * its connections.
 */
#include "fuzz.h"

#include "auth0/application.h"
#include "auth0/user_list.h"

static void
check_users(const a0__json *document)
{
    A0_AUTO(a0__user_cursor) cursor = A0__USER_CURSOR_INIT;
    A0_AUTO(a0__user_cursor) again = A0__USER_CURSOR_INIT;
    A0_AUTO(a0__buf) text = A0__BUF_INIT(A0__USER_CURSOR_MAX + 2 * A0__USER_MOMENT_MAX);
    A0_AUTO(a0__users_ptr) users = NULL;
    bool is_end = false;

    FUZZ_CHECK(a0__users_new(&users, NULL) == A0_OK);
    if (a0__user_list_read(document, &cursor, users, &is_end, NULL) != A0_OK) {
        return;
    }
    FUZZ_CHECK(a0_users_len(users) <= A0__USER_LIST_PAGE);
    if (!is_end) {
        /* What is given out is taken back. */
        a0__user_cursor_write(&cursor, &text);
        FUZZ_CHECK(a0__user_cursor_read(a0__buf_view(&text), &again, NULL) == A0_OK);
        FUZZ_CHECK(
            a0__text_equal(a0__buf_view(&again.seen), a0__buf_view(&cursor.seen)));
    }
}

static void
check_application(const a0__json *document)
{
    A0_AUTO(a0__buf) missing = A0__BUF_INIT(1024);
    a0__application_connection connection = { .name = A0__NO_TEXT };

    (void)a0__application_lists(document, "callbacks", A0__LIT("https://app.example/"));
    (void)a0__application_rotates(document);
    FUZZ_CHECK(a0__application_alg(document).ptr != NULL);
    a0__application_scopes_missing(document, A0__LIT("https://tenant.example/me/"),
                                   A0__LIT("read:me:x"), &missing);
    for (size_t i = 0; a0__application_connection_at(document, i, &connection); i++) {
        FUZZ_CHECK(connection.name.ptr != NULL && connection.strategy.ptr != NULL);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    A0_AUTO(a0__json_doc) document = NULL;
    A0_AUTO(a0__user_cursor) cursor = A0__USER_CURSOR_INIT;
    a0__text text = a0__text_range((const char *)data, size);

    a0__ignore(a0__user_cursor_read(text, &cursor, NULL));
    if (a0__json_parse_deep(text, &document, NULL) == A0_OK && document != NULL) {
        check_users(document);
        check_application(document);
    }
    return 0;
}
