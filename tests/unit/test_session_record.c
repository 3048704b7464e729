/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <string.h>

#include "session/session_record.h"

enum {
    LARGE = 60000
};

static a0__session_record
record_with_tokens(const char *token, size_t token_len, size_t count)
{
    static const char *const audiences[] = { "a0", "a1", "a2", "a3", "a4", "a5",
                                             "a6", "a7", "a8", "a9", "b0", "b1",
                                             "b2", "b3", "b4", "b5", "b6", "b7" };
    a0__session_record record = { .sub = A0__LIT("auth0|1"), .iss = A0__LIT("i") };

    for (size_t i = 0; i < count; i++) {
        a0__kept_token kept = { .audience = a0__text_of(audiences[i]),
                                .access_token = a0__text_range(token, token_len),
                                /* the second one was obtained first */
                                .obtained_at = i == 1 ? 1 : 10 + (int64_t)i,
                                .expires_at = 1000 };

        a0__session_record_keep(&record, &kept);
    }
    return record;
}

static void
a_record_comes_back_as_it_was_packed_and_nothing_else_does(void **state)
{
    A0_AUTO(a0__buf) packed = A0__BUF_INIT(A0__SESSION_RECORD_MAX);
    a0__session_record record = record_with_tokens("t", 1, 3);
    a0__session_record back = { 0 };

    (void)state;
    a0__session_record_pack(&record, &packed);
    assert_true(a0__session_record_unpack(a0__buf_view(&packed), &back));
    assert_text(back.sub, "auth0|1");
    assert_int_equal(back.tokens_len, 3);
    assert_text(back.tokens[2].audience, "a2");
    for (size_t len = 0; len < packed.len; len++) {
        assert_false(a0__session_record_unpack(a0__text_range(packed.ptr, len), &back));
    }
    a0__buf_byte(&packed, 'x');
    assert_false(a0__session_record_unpack(a0__buf_view(&packed), &back));
}

static void
the_seventeenth_token_takes_the_place_of_the_oldest(void **state)
{
    a0__session_record record = record_with_tokens("t", 1, A0__KEPT_TOKENS_MAX + 1);

    (void)state;
    assert_int_equal(record.tokens_len, A0__KEPT_TOKENS_MAX);
    assert_null(a0__session_record_token(&record, A0__LIT("a1"), A0__NO_TEXT));
    assert_non_null(a0__session_record_token(&record, A0__LIT("b6"), A0__NO_TEXT));
}

static void
a_record_that_is_too_large_lets_go_of_the_tokens_obtained_first(void **state)
{
    static char token[LARGE];
    A0_AUTO(a0__buf) packed = A0__BUF_INIT(A0__SESSION_RECORD_MAX);
    a0__session_record record = { 0 };

    (void)state;
    memset(token, 't', sizeof token);
    record = record_with_tokens(token, sizeof token, 5);
    a0__session_record_fit(&record);
    assert_int_equal(record.tokens_len, 3);
    assert_null(a0__session_record_token(&record, A0__LIT("a0"), A0__NO_TEXT));
    assert_null(a0__session_record_token(&record, A0__LIT("a1"), A0__NO_TEXT));
    assert_non_null(a0__session_record_token(&record, A0__LIT("a4"), A0__NO_TEXT));
    a0__session_record_pack(&record, &packed);
    assert_true(a0__buf_ok(&packed));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_comes_back_as_it_was_packed_and_nothing_else_does),
        cmocka_unit_test(the_seventeenth_token_takes_the_place_of_the_oldest),
        cmocka_unit_test(
            a_record_that_is_too_large_lets_go_of_the_tokens_obtained_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
