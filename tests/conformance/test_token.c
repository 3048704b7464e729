/* SPDX-License-Identifier: MIT */
/* Groups TOK and RFR of the case catalogue: what the readers of answers decide. */
#include "support.h"

#include <string.h>

#include "base/base64url.h"
#include "oauth/refresh.h"
#include "oauth/scope.h"
#include "test_clock.h"
#include "test_tenant.h"

#define JSON "application/json"
#define NOW_MS (TEST_CLOCK_START_S * 1000)

static const char GOOD[] =
    "{\"access_token\":\"at\",\"id_token\":\"a.b.c\",\"refresh_token\":\"rt\","
    "\"scope\":\"openid read:x\",\"expires_in\":86400,\"token_type\":\"Bearer\"}";

typedef struct row {
    const char *changes;
    const char *error; /* "": accepted */
} row;

static a0_status
read_code(int status, const char *type, const char *body, a0__token_set *out,
          a0_error **err)
{
    A0_AUTO(a0__http_response_ptr) response = test_response(status, type, body);

    return a0__token_response_code(response, A0__LIT("openid asked"), out, err);
}

static a0_status
read_refresh(int status, const char *body, a0__token_set *out, a0_error **err)
{
    A0_AUTO(a0__http_response_ptr) response = test_response(status, JSON, body);

    return a0__refresh_response(response, A0__LIT("openid asked"), NOW_MS, out, err);
}

static void
check_rows(const row *rows, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        A0_AUTO(a0__token_set) tokens = A0__TOKEN_SET_INIT;
        A0_AUTO(a0__buf) body = A0__BUF_INIT(8192);
        a0_error *err = NULL;
        a0_status status = A0_OK;

        test_change(GOOD, rows[i].changes, &body);
        status = read_code(200, JSON, a0__buf_cstr(&body), &tokens, &err);
        if (rows[i].error[0] == '\0') {
            support_assert_ok(status, err, rows[i].changes, __FILE__, __LINE__);
        } else {
            support_assert_fails(status, &err, rows[i].error, rows[i].changes, __FILE__,
                                 __LINE__);
            assert_false(a0__secret_is_set(&tokens.access_token));
        }
    }
}

#define CHECK_ROWS(rows) check_rows((rows), sizeof(rows) / sizeof(rows)[0])

static void
tok_01_a_refusal_keeps_status_and_code_of_the_peer(void **state)
{
    static const struct {
        int status;
        const char *type;
        const char *body;
        int http_status;
        const char *peer_code; /* NULL: none */
    } rows[] = {
        { 400, JSON, "{\"error\":\"invalid_grant\"}", 502, "invalid_grant" },
        { 403, JSON, "{\"error\":\"invalid_grant\",\"error_description\":\"x\"}", 502,
          "invalid_grant" },
        { 401, JSON, "{\"error\":\"invalid_client\"}", 502, "invalid_client" },
        { 429, JSON, "{\"error\":\"too_many_requests\"}", 503, "too_many_requests" },
        { 500, JSON, "{\"error\":\"server_error\"}", 503, "server_error" },
        { 502, "text/html", "<html><body>Bad Gateway</body></html>", 503, NULL },
        { 503, NULL, NULL, 503, NULL },
        { 400, JSON, "[]", 502, NULL },
        { 400, JSON, "{\"error\":7}", 502, NULL },
        { 400, JSON, "{\"error\":\"a\\r\\nb\"}", 502, NULL },
        { 400, JSON, "{\"error\":\"a\\\"b\"}", 502, NULL },
        { 204, NULL, NULL, 502, NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__token_set) tokens = A0__TOKEN_SET_INIT;
        a0_error *err = NULL;
        a0_status status =
            read_code(rows[i].status, rows[i].type, rows[i].body, &tokens, &err);

        assert_int_equal(a0_error_peer_status(err), rows[i].status);
        assert_int_equal(a0_error_http_status(err), rows[i].http_status);
        if (rows[i].peer_code == NULL) {
            assert_null(a0_error_peer_code(err));
        } else {
            assert_string_equal(a0_error_peer_code(err), rows[i].peer_code);
        }
        assert_fails(status, &err, token_http_error);
    }
}

static void
tok_02_a_hostile_body_is_no_answer(void **state)
{
    static const struct {
        const char *type;
        const char *body;
    } rows[] = {
        { JSON, "" },
        { JSON, "not json" },
        { JSON, "[]" },
        { JSON, "null" },
        { JSON, "7" },
        { JSON, "\"access_token\"" },
        { JSON, "{\"access_token\":\"a\",\"access_token\":\"b\",\"id_token\":\"i\","
                "\"token_type\":\"Bearer\"}" },
        { JSON, "\xef\xbb\xbf{\"access_token\":\"a\",\"id_token\":\"i\","
                "\"token_type\":\"Bearer\"}" },
        { JSON, "{\"access_token\":\"a\xff\",\"id_token\":\"i\","
                "\"token_type\":\"Bearer\"}" },
        { JSON, "{\"access_token\":\"a\\u0000b\",\"id_token\":\"i\","
                "\"token_type\":\"Bearer\"}" },
        { JSON, "{\"access_token\":\"a\",\"id_token\":\"i\","
                "\"token_type\":\"Bearer\"} x" },
        { JSON, "{\"x\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]],\"access_token\":\"a\","
                "\"id_token\":\"i\",\"token_type\":\"Bearer\"}" },
        { "text/html", GOOD },
        { "application/jwt", GOOD },
        { NULL, GOOD },
    };
    A0_AUTO(a0__token_set) good = A0__TOKEN_SET_INIT;
    a0_error *err = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__token_set) tokens = A0__TOKEN_SET_INIT;

        assert_fails(read_code(200, rows[i].type, rows[i].body, &tokens, &err), &err,
                     token_response_invalid);
    }
    assert_ok(read_code(200, "application/json; charset=utf-8", GOOD, &good, &err),
              err);
}

static void
tok_03_fields_have_their_types(void **state)
{
    static const row rows[] = {
        { "{}", "" },
        { "{\"id_token\":\"(absent)\"}", "token_response_invalid" },
        { "{\"id_token\":null}", "token_response_invalid" },
        { "{\"id_token\":\"\"}", "token_response_invalid" },
        { "{\"id_token\":{}}", "token_response_invalid" },
        { "{\"access_token\":\"(absent)\"}", "token_response_invalid" },
        { "{\"access_token\":\"\"}", "token_response_invalid" },
        { "{\"access_token\":null}", "token_response_invalid" },
        { "{\"access_token\":7}", "token_response_invalid" },
        { "{\"access_token\":\"a b\"}", "token_response_invalid" },
        { "{\"access_token\":\"a\\r\\nX: y\"}", "token_response_invalid" },
        { "{\"access_token\":\"\\u00e9\"}", "token_response_invalid" },
        { "{\"refresh_token\":\"\"}", "token_response_invalid" },
        { "{\"refresh_token\":null}", "token_response_invalid" },
        { "{\"refresh_token\":[\"rt\"]}", "token_response_invalid" },
        { "{\"expires_in\":\"86400\"}", "token_response_invalid" },
        { "{\"expires_in\":0}", "token_response_invalid" },
        { "{\"expires_in\":-1}", "token_response_invalid" },
        { "{\"expires_in\":0.5}", "token_response_invalid" },
        { "{\"expires_in\":1e300}", "token_response_invalid" },
        { "{\"expires_in\":null}", "token_response_invalid" },
        { "{\"scope\":[\"openid\"]}", "token_response_invalid" },
        { "{\"scope\":null}", "token_response_invalid" },
        { "{\"scope\":\"openid\\nx\"}", "token_response_invalid" },
    };

    (void)state;
    CHECK_ROWS(rows);
}

static void
tok_03_lifetime_is_bounded(void **state)
{
    static const struct {
        const char *changes;
        int64_t expires_in;
    } rows[] = {
        { "{}", 86400 },
        { "{\"expires_in\":\"(absent)\"}", 300 },
        { "{\"expires_in\":1}", 1 },
        { "{\"expires_in\":3600.9}", 3600 },
        { "{\"expires_in\":2592000}", 2592000 },
        { "{\"expires_in\":2592001}", 2592000 },
        { "{\"expires_in\":9007199254740991}", 2592000 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__token_set) tokens = A0__TOKEN_SET_INIT;
        A0_AUTO(a0__buf) body = A0__BUF_INIT(8192);
        a0_error *err = NULL;

        test_change(GOOD, rows[i].changes, &body);
        assert_ok(read_code(200, JSON, a0__buf_cstr(&body), &tokens, &err), err);
        assert_int_equal(tokens.expires_in, rows[i].expires_in);
    }
}

static void
tok_04_token_type_is_bearer_in_any_case(void **state)
{
    static const row rows[] = {
        { "{\"token_type\":\"bearer\"}", "" },
        { "{\"token_type\":\"BEARER\"}", "" },
        { "{\"token_type\":\"(absent)\"}", "token_type_invalid" },
        { "{\"token_type\":\"\"}", "token_type_invalid" },
        { "{\"token_type\":\"mac\"}", "token_type_invalid" },
        { "{\"token_type\":\"DPoP\"}", "token_type_invalid" },
        { "{\"token_type\":\"Bearer \"}", "token_type_invalid" },
        { "{\"token_type\":null}", "token_type_invalid" },
        { "{\"token_type\":[\"Bearer\"]}", "token_type_invalid" },
    };

    (void)state;
    CHECK_ROWS(rows);
}

static void
tok_05_an_answer_without_refresh_token_is_complete(void **state)
{
    A0_AUTO(a0__token_set) tokens = A0__TOKEN_SET_INIT;
    A0_AUTO(a0__buf) body = A0__BUF_INIT(8192);
    a0_error *err = NULL;

    (void)state;
    test_change(GOOD, "{\"refresh_token\":\"(absent)\"}", &body);
    assert_ok(read_code(200, JSON, a0__buf_cstr(&body), &tokens, &err), err);
    assert_false(a0__secret_is_set(&tokens.refresh_token));
    assert_text(a0__secret_expose(&tokens.access_token), "at");
    assert_text(a0__secret_expose(&tokens.id_token), "a.b.c");
}

static void
tok_06_scope_is_what_was_granted_in_any_order(void **state)
{
    A0_AUTO(a0__token_set) said = A0__TOKEN_SET_INIT;
    A0_AUTO(a0__token_set) unsaid = A0__TOKEN_SET_INIT;
    A0_AUTO(a0__buf) body = A0__BUF_INIT(8192);
    a0_error *err = NULL;

    (void)state;
    assert_ok(read_code(200, JSON, GOOD, &said, &err), err);
    assert_string_equal(said.scope, "openid read:x");
    assert_true(said.scope_is_stated);
    test_change(GOOD, "{\"scope\":\"(absent)\"}", &body);
    assert_ok(read_code(200, JSON, a0__buf_cstr(&body), &unsaid, &err), err);
    assert_string_equal(unsaid.scope, "openid asked");
    assert_false(unsaid.scope_is_stated);

    assert_true(a0__scope_covers_api(A0__LIT("b a c"), A0__LIT("a b")));
    assert_true(a0__scope_covers_api(A0__LIT("a b"), A0__LIT("b a a")));
    assert_true(a0__scope_covers_api(A0__LIT("a"), A0__LIT("")));
    assert_false(a0__scope_covers_api(A0__LIT("a b"), A0__LIT("a b c")));
    assert_false(a0__scope_covers_api(A0__LIT("read:xy"), A0__LIT("read:x")));
    assert_fails(a0__refresh_check_covers(&said, A0__NO_TEXT,
                                          A0__LIT("openid read:x write:x"), &err),
                 &err, scope_insufficient);
    assert_ok(
        a0__refresh_check_covers(&said, A0__NO_TEXT, A0__LIT("read:x openid"), &err),
        err);
}

static void
tok_09_a_demand_for_a_dpop_nonce_is_a_plain_error(void **state)
{
    A0_AUTO(a0__token_set) tokens = A0__TOKEN_SET_INIT;
    a0_error *err = NULL;

    (void)state;
    assert_fails(read_code(400, JSON, "{\"error\":\"use_dpop_nonce\"}", &tokens, &err),
                 &err, token_http_error);
    assert_fails(read_refresh(400, "{\"error\":\"use_dpop_nonce\"}", &tokens, &err),
                 &err, refresh_failed);
}

/* ---- RFR ---- */

static void
rfr_05_a_dead_refresh_token_is_told_by_auth0s_code(void **state)
{
    static const struct {
        int status;
        const char *body;
        const char *error;
    } rows[] = {
        { 400, "{\"error\":\"invalid_grant\"}", "refresh_rejected" },
        { 401, "{\"error\":\"invalid_grant\"}", "refresh_rejected" },
        { 403, "{\"error\":\"invalid_grant\"}", "refresh_rejected" },
        { 403, "{\"error\":\"access_denied\"}", "refresh_rejected" },
        { 401, "{\"error\":\"access_denied\"}", "refresh_failed" },
        { 401, "{\"error\":\"invalid_client\"}", "refresh_failed" },
        { 400,
          "{\"error\":\"invalid_request\","
          "\"error_description\":\"invalid_grant\"}",
          "refresh_failed" },
        { 403, "invalid_grant", "refresh_failed" },
        { 403, "{\"error\":\"INVALID_GRANT\"}", "refresh_failed" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__token_set) tokens = A0__TOKEN_SET_INIT;
        a0_error *err = NULL;
        a0_status status = read_refresh(rows[i].status, rows[i].body, &tokens, &err);

        assert_int_equal(a0_error_kind_of(err), A0_ERROR_ACCESS_TOKEN);
        support_assert_fails(status, &err, rows[i].error, rows[i].body, __FILE__,
                             __LINE__);
    }
}

static void
rfr_06_a_provider_that_is_down_leaves_the_token_alone(void **state)
{
    static const int statuses[] = { 429, 500, 502, 503, 504 };
    A0_AUTO(a0__http_response_ptr) busy = test_response(429, NULL, NULL);
    A0_AUTO(a0__token_set) tokens = A0__TOKEN_SET_INIT;
    a0_error *err = NULL;
    a0_status status = A0_OK;

    (void)state;
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        /* Even one that says invalid_grant: a failing server is not believed. */
        assert_fails(
            read_refresh(statuses[i], "{\"error\":\"invalid_grant\"}", &tokens, &err),
            &err, refresh_unavailable);
    }
    assert_ok(a0_http_response_add_header(busy, "Retry-After", 11, "17", 2), err);
    status = a0__refresh_response(busy, A0__NO_TEXT, NOW_MS, &tokens, &err);
    assert_int_equal(a0_error_retry_after_s(err), 17);
    assert_int_equal(a0_error_http_status(err), 503);
    assert_fails(status, &err, refresh_unavailable);

    status = a0__fail(&err, A0_E_http_timeout);
    assert_fails(a0__refresh_transport_failed(status, &err), &err, refresh_unavailable);
    status = a0__fail(&err, A0_E_no_memory);
    assert_fails(a0__refresh_transport_failed(status, &err), &err, no_memory);
}

static void
rfr_08_refresh_answer_may_leave_out_the_new_token(void **state)
{
    static const struct {
        const char *changes;
        const char *refresh_token; /* NULL: none */
        const char *error;
    } rows[] = {
        { "{}", "rt", "" },
        { "{\"refresh_token\":\"(absent)\"}", NULL, "" },
        { "{\"id_token\":\"(absent)\"}", "rt", "" },
        { "{\"expires_in\":\"(absent)\",\"scope\":\"(absent)\"}", "rt", "" },
        { "{\"refresh_token\":\"\"}", NULL, "token_response_invalid" },
        { "{\"refresh_token\":null}", NULL, "token_response_invalid" },
        { "{\"refresh_token\":7}", NULL, "token_response_invalid" },
        { "{\"id_token\":null}", NULL, "token_response_invalid" },
        { "{\"token_type\":\"mac\"}", NULL, "token_type_invalid" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__token_set) tokens = A0__TOKEN_SET_INIT;
        A0_AUTO(a0__buf) body = A0__BUF_INIT(8192);
        a0_error *err = NULL;
        a0_status status = A0_OK;

        test_change(GOOD, rows[i].changes, &body);
        status = read_refresh(200, a0__buf_cstr(&body), &tokens, &err);
        if (rows[i].error[0] != '\0') {
            support_assert_fails(status, &err, rows[i].error, rows[i].changes, __FILE__,
                                 __LINE__);
        } else {
            support_assert_ok(status, err, rows[i].changes, __FILE__, __LINE__);
        }
        assert_int_equal(a0__secret_is_set(&tokens.refresh_token),
                         rows[i].refresh_token != NULL);
    }
}

static void
rfr_09_margin_is_a_tenth_and_sixty_seconds_at_most(void **state)
{
    (void)state;
    for (int64_t lifetime = 1; lifetime <= 10000000;
         lifetime += lifetime < 2000 ? 1 : lifetime / 7) {
        int64_t margin = a0__refresh_margin(lifetime);

        assert_true(margin >= 0 && margin <= 60 && margin * 10 <= lifetime);
        /* Fresh from the server it is served; a margin before its end it is not. */
        assert_true(a0__access_token_is_fresh(1000, 1000 + lifetime, 1000));
        assert_true(
            a0__access_token_is_fresh(1000, 1000 + lifetime, 999 + lifetime - margin));
        assert_false(
            a0__access_token_is_fresh(1000, 1000 + lifetime, 1000 + lifetime - margin));
    }
    assert_int_equal(a0__refresh_margin(600), 60);
    assert_int_equal(a0__refresh_margin(601), 60);
    assert_int_equal(a0__refresh_margin(300), 30);
    assert_int_equal(a0__refresh_margin(-5), 0);
    assert_false(a0__access_token_is_fresh(1000, 1000, 900));
    assert_false(a0__access_token_is_fresh(1000, 900, 800));
    /* The clock stepped back by an hour: nobody knows how old it is. */
    assert_false(a0__access_token_is_fresh(10000, 20000, 6400));
    assert_true(a0__access_token_is_fresh(10000, 20000, 9940));
    assert_false(a0__access_token_is_fresh(INT64_MIN, INT64_MAX, 0));
    assert_false(a0__access_token_is_fresh(INT64_MAX - 10, INT64_MAX, INT64_MIN));
}

/* An access token with that payload, as no one ever signed it. */
static void
make_token_set(const char *payload, const char *scope, a0__token_set *out)
{
    A0_AUTO(a0__buf) token = A0__BUF_INIT(2048);
    A0_AUTO(a0__buf) body = A0__BUF_INIT(4096);
    a0_error *err = NULL;

    if (payload[0] == '{' || payload[0] == '[') {
        a0__buf_string(&token, "e30.");
        a0__base64url_encode(payload, strlen(payload), &token);
        a0__buf_string(&token, ".c2ln");
    } else {
        a0__buf_string(&token, payload);
    }
    a0__buf_format(&body, "{\"access_token\":\"%s\",\"token_type\":\"Bearer\"",
                   a0__buf_cstr(&token));
    if (scope != NULL) {
        a0__buf_format(&body, ",\"scope\":\"%s\"", scope);
    }
    a0__buf_string(&body, "}");
    assert_ok(
        a0__token_set_read(a0__buf_view(&body), A0__LIT("openid read:x"), out, &err),
        err);
}

static void
rfr_10_a_token_for_another_audience_is_not_taken(void **state)
{
    static const struct {
        const char *payload; /* of the access token; or an opaque one */
        const char *granted; /* NULL: not said */
        const char *audience;
        const char *asked;
        const char *error;
    } rows[] = {
        { "{\"aud\":\"https://b/\"}", "read:x", "https://b/", "openid read:x", "" },
        { "{\"aud\":[\"https://b/\",\"https://t/userinfo\"]}", "openid read:x",
          "https://b/", "openid read:x", "" },
        { "{\"aud\":\"https://b/\"}", NULL, "https://b/", "openid read:x", "" },
        { "{\"aud\":\"https://b/\"}", "read:x", "https://b/", "", "" },
        { "{\"aud\":\"https://a/\"}", "openid read:x", "https://b/", "read:x",
          "refresh_audience_mismatch" },
        { "{\"aud\":\"https://b\"}", "read:x", "https://b/", "read:x",
          "refresh_audience_mismatch" },
        { "{\"aud\":[]}", "read:x", "https://b/", "read:x",
          "refresh_audience_mismatch" },
        { "{}", "read:x", "https://b/", "read:x", "refresh_audience_mismatch" },
        { "{\"aud\":{\"https://b/\":1}}", "read:x", "https://b/", "read:x",
          "refresh_audience_mismatch" },
        { "{\"aud\":\"https://b/\"}", "openid", "https://b/", "openid read:x",
          "scope_insufficient" },
        /* opaque: the scope has to prove it */
        { "opaque", "read:x", "https://b/", "openid read:x", "" },
        { "a.b.c.d.e", "read:x", "https://b/", "read:x", "" },
        { "a.b.c", "read:x", "https://b/", "read:x", "" },
        { "opaque", "openid profile", "https://b/", "openid read:x",
          "refresh_audience_mismatch" },
        { "opaque", NULL, "https://b/", "read:x", "refresh_audience_mismatch" },
        { "opaque", "openid profile", "https://b/", "openid profile",
          "refresh_audience_mismatch" },
        { "opaque", "openid", "https://b/", "", "refresh_audience_mismatch" },
        /* nothing asked for by name */
        { "opaque", "openid", "", "openid offline_access", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__token_set) tokens = A0__TOKEN_SET_INIT;
        a0_error *err = NULL;
        a0_status status = A0_OK;

        make_token_set(rows[i].payload, rows[i].granted, &tokens);
        status = a0__refresh_check_covers(&tokens, a0__text_of(rows[i].audience),
                                          a0__text_of(rows[i].asked), &err);
        if (rows[i].error[0] == '\0') {
            support_assert_ok(status, err, rows[i].payload, __FILE__, __LINE__);
        } else {
            support_assert_fails(status, &err, rows[i].error, rows[i].payload, __FILE__,
                                 __LINE__);
        }
    }
}

static void
rfr_11_a_demand_for_a_second_factor_keeps_the_session(void **state)
{
    static const char *const codes[] = { "{\"error\":\"mfa_required\","
                                         "\"mfa_token\":\"canary\"}",
                                         "{\"error\":\"unmet_authentication_"
                                         "requirements\"}" };
    static const int statuses[] = { 401, 403 };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        A0_AUTO(a0__token_set) tokens = A0__TOKEN_SET_INIT;
        a0_error *err = NULL;

        assert_fails(read_refresh(statuses[i / 2], codes[i % 2], &tokens, &err), &err,
                     mfa_required);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tok_01_a_refusal_keeps_status_and_code_of_the_peer),
        cmocka_unit_test(tok_02_a_hostile_body_is_no_answer),
        cmocka_unit_test(tok_03_fields_have_their_types),
        cmocka_unit_test(tok_03_lifetime_is_bounded),
        cmocka_unit_test(tok_04_token_type_is_bearer_in_any_case),
        cmocka_unit_test(tok_05_an_answer_without_refresh_token_is_complete),
        cmocka_unit_test(tok_06_scope_is_what_was_granted_in_any_order),
        cmocka_unit_test(tok_09_a_demand_for_a_dpop_nonce_is_a_plain_error),
        cmocka_unit_test(rfr_05_a_dead_refresh_token_is_told_by_auth0s_code),
        cmocka_unit_test(rfr_06_a_provider_that_is_down_leaves_the_token_alone),
        cmocka_unit_test(rfr_08_refresh_answer_may_leave_out_the_new_token),
        cmocka_unit_test(rfr_09_margin_is_a_tenth_and_sixty_seconds_at_most),
        cmocka_unit_test(rfr_10_a_token_for_another_audience_is_not_taken),
        cmocka_unit_test(rfr_11_a_demand_for_a_second_factor_keeps_the_session),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
