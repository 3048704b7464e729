/* SPDX-License-Identifier: MIT */
/* Group CB of the case catalogue: what the reader of the callback decides. */
#include "support.h"

#include "oauth/callback.h"
#include "test_tenant.h"

typedef struct row {
    const char *callback;
    const char *error; /* "": accepted */
} row;

static void
check_rows(const row *rows, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        A0_AUTO(a0__callback) callback = A0__CALLBACK_INIT;
        a0_error *err = NULL;
        a0_status status =
            a0__callback_parse(a0__text_of(rows[i].callback), &callback, &err);

        if (rows[i].error[0] == '\0') {
            support_assert_ok(status, err, rows[i].callback, __FILE__, __LINE__);
            assert_true(callback.state.len > 0);
        } else {
            support_assert_fails(status, &err, rows[i].error, rows[i].callback,
                                 __FILE__, __LINE__);
            assert_int_equal(callback.params.len, 0);
        }
    }
}

#define CHECK_ROWS(rows) check_rows((rows), sizeof(rows) / sizeof(rows)[0])

static void
cb_01_a_callback_has_a_state_and_a_code(void **state)
{
    static const row rows[] = {
        { "https://app.example/cb?code=c&state=s", "" },
        { "/cb?state=s&code=c", "" },
        { "?state=s&code=c", "" },
        { "state=s&code=c", "" },
        { "state=a%3Fb?c&code=c", "" },
        { "state=s&connect_code=c", "" },
        { "https://app.example/cb", "callback_state_missing" },
        { "", "callback_state_missing" },
        { "code=c", "callback_state_missing" },
        { "code=c&state=", "callback_state_missing" },
        { "code=c&state", "callback_state_missing" },
        { "state=s", "callback_state_missing" },
        { "state=s&code=", "callback_state_missing" },
        { "error=access_denied", "callback_state_missing" },
        { "code=c&STATE=s", "callback_state_missing" },
    };
    A0_AUTO(a0__callback) callback = A0__CALLBACK_INIT;
    a0_error *err = NULL;

    (void)state;
    CHECK_ROWS(rows);
    assert_int_equal(a0__callback_parse(A0__LIT("code=c"), &callback, &err),
                     A0_INVALID);
    assert_string_equal(a0_error_argument(err), "code or state");
    assert_string_equal(a0_error_code(err), "missing_required_argument_error");
    a0_error_free(err);
}

static void
cb_06_a_parameter_that_stands_twice_is_refused(void **state)
{
    static const row rows[] = {
        { "state=s&state=s&code=c", "callback_duplicate_param" },
        { "state=s&code=c&state=t", "callback_duplicate_param" },
        { "state=s&code=c&code=d", "callback_duplicate_param" },
        { "state=s&code=c&code=", "callback_duplicate_param" },
        { "state=s&code&code=c", "callback_duplicate_param" },
        { "state=s&code=c&%63ode=d", "callback_duplicate_param" },
        { "state=s&code=c&c%6fde=d", "callback_duplicate_param" },
        { "state=s&st%61te=t&code=c", "callback_duplicate_param" },
        { "state=&state=s&code=c", "callback_duplicate_param" },
        { "state=s&code=c&iss=a&iss=a", "callback_duplicate_param" },
        { "state=s&code=c&iss&iss=a", "callback_duplicate_param" },
        { "state=s&error=a&error=b", "callback_duplicate_param" },
        { "state=s&error=a&error_description=b&error_description=c",
          "callback_duplicate_param" },
        { "state=s&error=a&error_uri=b&error_uri=c", "callback_duplicate_param" },
        { "state=s&connect_code=a&connect_code=b", "callback_duplicate_param" },
        { "state=s&code=c&error=access_denied", "callback_duplicate_param" },
        { "state=s&connect_code=c&error=access_denied", "callback_duplicate_param" },
        { "https://app.example/cb?state=s&code=c&state=s", "callback_duplicate_param" },
        /* not of this protocol: nobody here reads it */
        { "state=s&code=c&utm=1&utm=2", "" },
    };

    (void)state;
    CHECK_ROWS(rows);
}

static void
cb_07_an_error_is_told_by_its_code_alone(void **state)
{
    static const struct {
        const char *query;
        int http_status;
        const char *peer_code; /* NULL: nothing that may be shown */
        const char *logged;
    } rows[] = {
        { "state=s&error=access_denied&error_description=no", 403, "access_denied",
          "access_denied" },
        { "state=s&error=login_required", 401, "login_required", "login_required" },
        { "state=s&error=interaction_required", 401, "interaction_required",
          "interaction_required" },
        { "state=s&error=server_error", 502, "server_error", "server_error" },
        { "state=s&error=unauthorized", 502, "unauthorized", "unauthorized" },
        { "state=s&error=my_own_thing", 502, "my_own_thing", "other" },
        { "state=s&error=%3Cscript%3E", 502, "<script>", "other" },
        { "state=s&error=a%0D%0Ab", 502, NULL, "other" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__callback) callback = A0__CALLBACK_INIT;
        a0_error *err = NULL;
        a0__text code = A0__NO_TEXT;

        assert_ok(a0__callback_parse(a0__text_of(rows[i].query), &callback, &err), err);
        assert_string_equal(a0__callback_error_for_log(&callback), rows[i].logged);
        assert_int_equal(
            a0__callback_take_code(&callback, A0__CALLBACK_CODE, &code, &err),
            A0_REFUSED);
        assert_int_equal(a0_error_http_status(err), rows[i].http_status);
        if (rows[i].peer_code == NULL) {
            assert_null(a0_error_peer_code(err));
        } else {
            assert_string_equal(a0_error_peer_code(err), rows[i].peer_code);
        }
        assert_fails(A0_REFUSED, &err, callback_op_error);
        assert_null(code.ptr);
    }
}

static void
cb_08_issuer_is_compared_byte_for_byte(void **state)
{
    static const struct {
        const char *query;
        bool is_promised;
        const char *error;
    } rows[] = {
        { "state=s&code=c&iss=https%3A%2F%2Facme.eu.auth0.com%2F", true, "" },
        { "state=s&code=c&iss=https%3A%2F%2Facme.eu.auth0.com%2F", false, "" },
        { "state=s&code=c", false, "" },
        { "state=s&code=c", true, "callback_iss_missing" },
        { "state=s&error=x", true, "callback_iss_missing" },
        { "state=s&code=c&iss=https%3A%2F%2Facme.eu.auth0.com", false,
          "callback_iss_mismatch" },
        { "state=s&code=c&iss=https%3A%2F%2FAcme.eu.auth0.com%2F", false,
          "callback_iss_mismatch" },
        { "state=s&code=c&iss=https%3A%2F%2Fevil.example%2F", true,
          "callback_iss_mismatch" },
        { "state=s&code=c&iss=", false, "callback_iss_mismatch" },
        { "state=s&code=c&iss", true, "callback_iss_mismatch" },
        { "state=s&error=x&iss=https%3A%2F%2Fevil.example%2F", false,
          "callback_iss_mismatch" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__callback) callback = A0__CALLBACK_INIT;
        a0_error *err = NULL;
        a0_status status = A0_OK;

        assert_ok(a0__callback_parse(a0__text_of(rows[i].query), &callback, &err), err);
        status = a0__callback_check_iss(&callback, A0__LIT(TEST_ISSUER),
                                        rows[i].is_promised, &err);
        if (rows[i].error[0] == '\0') {
            assert_ok(status, err);
        } else {
            support_assert_fails(status, &err, rows[i].error, rows[i].query, __FILE__,
                                 __LINE__);
        }
    }
}

static void
cb_09_the_purpose_chooses_the_code_not_the_query(void **state)
{
    static const struct {
        const char *query;
        a0__callback_code expected;
        const char *code; /* NULL: refused */
    } rows[] = {
        { "state=s&code=c", A0__CALLBACK_CODE, "c" },
        { "state=s&connect_code=d", A0__CALLBACK_CONNECT_CODE, "d" },
        { "state=s&code=c", A0__CALLBACK_CONNECT_CODE, NULL },
        { "state=s&connect_code=d", A0__CALLBACK_CODE, NULL },
        { "state=s&code=c&connect_code=d", A0__CALLBACK_CODE, NULL },
        { "state=s&code=c&connect_code=d", A0__CALLBACK_CONNECT_CODE, NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__callback) callback = A0__CALLBACK_INIT;
        a0_error *err = NULL;
        a0__text code = A0__NO_TEXT;
        a0_status status = A0_OK;

        assert_ok(a0__callback_parse(a0__text_of(rows[i].query), &callback, &err), err);
        status = a0__callback_take_code(&callback, rows[i].expected, &code, &err);
        if (rows[i].code != NULL) {
            assert_ok(status, err);
            assert_text(code, rows[i].code);
        } else {
            assert_fails(status, &err, callback_flow_mismatch);
        }
    }
}

static void
cb_11_a_malformed_query_is_refused_whole(void **state)
{
    static const row rows[] = {
        { "&", "callback_state_missing" },
        { "&&&===&", "callback_state_missing" },
        { "https://app.example/cb?&", "callback_state_missing" },
        { "state=%&code=c", "callback_malformed" },
        { "state=%4&code=c", "callback_malformed" },
        { "state=%zz&code=c", "callback_malformed" },
        { "state=s%00&code=c", "callback_malformed" },
        { "state=s&code=c&x=%00", "callback_malformed" },
        { "state=s&code=%ff", "callback_malformed" },
        { "state=s&code=%c0%80", "callback_malformed" },
        { "state=s&code=\xff", "callback_malformed" },
        { "state=s&code=a b", "callback_malformed" },
        { "state=s&code=a%20b", "callback_malformed" },
        { "state=s&code=a%0D%0Ab", "callback_malformed" },
        { "state=s&code=c&id_token=x", "callback_malformed" },
        { "state=s&code=c&access_token=x", "callback_malformed" },
        { "state=s&code=c&access_token", "callback_malformed" },
        { "https://app.example/cb#state=s&code=c", "callback_malformed" },
        { "https://app.example/cb?state=s&code=c#", "callback_malformed" },
        { "https://app.example/cb?state=s&code=c#_=_", "callback_malformed" },
    };

    (void)state;
    CHECK_ROWS(rows);
}

static void
cb_11_query_and_code_have_a_longest_length(void **state)
{
    static const struct {
        size_t code_len;
        size_t filler_len;
        const char *error;
    } rows[] = {
        { 2048, 0, "" },
        { 2049, 0, "callback_malformed" },
        { 1, 8192 - sizeof "state=s&code=c&x=" + 1, "" },
        { 1, 8192 - sizeof "state=s&code=c&x=" + 2, "callback_malformed" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__buf) query = A0__BUF_INIT(16384);
        row one = { NULL, rows[i].error };

        a0__buf_string(&query, "state=s&code=");
        for (size_t j = 0; j < rows[i].code_len; j++) {
            a0__buf_byte(&query, 'c');
        }
        a0__buf_string(&query, "&x=");
        for (size_t j = 0; j < rows[i].filler_len; j++) {
            a0__buf_byte(&query, 'x');
        }
        one.callback = a0__buf_cstr(&query);
        check_rows(&one, 1);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cb_01_a_callback_has_a_state_and_a_code),
        cmocka_unit_test(cb_06_a_parameter_that_stands_twice_is_refused),
        cmocka_unit_test(cb_07_an_error_is_told_by_its_code_alone),
        cmocka_unit_test(cb_08_issuer_is_compared_byte_for_byte),
        cmocka_unit_test(cb_09_the_purpose_chooses_the_code_not_the_query),
        cmocka_unit_test(cb_11_a_malformed_query_is_refused_whole),
        cmocka_unit_test(cb_11_query_and_code_have_a_longest_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
