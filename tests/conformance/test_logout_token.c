/* SPDX-License-Identifier: MIT */
/* Rows LOUT-02, -05, -07 and -08 of the case catalogue: what the pure halves decide. */
#include "support.h"

#include "oidc/backchannel.h"
#include "oidc/logout.h"
#include "test_clock.h"
#include "test_tenant.h"

#define NOW TEST_CLOCK_START_S
#define EVENT "\"http://schemas.openid.net/event/backchannel-logout\""

static const char BASE[] = "{\"iss\":\"" TEST_ISSUER "\",\"sub\":\"auth0|1\","
                           "\"aud\":\"" TEST_CLIENT_ID "\",\"iat\":1772600760,"
                           "\"exp\":1772600880,\"jti\":\"lt-01\",\"sid\":\"s-1\","
                           "\"trace_id\":\"tr-01\",\"events\":{" EVENT ":{}}}";

static a0_status
verify(a0__alg alg, const char *typ, const char *changes, a0__logout_token *out,
       a0_error **err)
{
    A0_AUTO(a0__buf) claims = A0__BUF_INIT(8192);
    A0_AUTO(a0__secret) token = A0__SECRET_INIT;
    a0__settings settings = test_settings();

    test_change(BASE, changes, &claims);
    test_sign(alg, typ, a0__buf_cstr(&claims), &token);
    return a0__logout_token_verify(&settings, test_jwks(), NOW,
                                   a0__secret_expose(&token), out, err);
}

typedef struct row {
    const char *changes;
    bool is_accepted;
} row;

static void
check_rows(const row *rows, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        A0_AUTO(a0__logout_token) token = A0__LOGOUT_TOKEN_INIT;
        a0_error *err = NULL;
        a0_status status = verify(A0__ES256, "JWT", rows[i].changes, &token, &err);

        if (rows[i].is_accepted) {
            support_assert_ok(status, err, rows[i].changes, __FILE__, __LINE__);
        } else {
            support_assert_fails(status, &err, "logout_token_invalid", rows[i].changes,
                                 __FILE__, __LINE__);
            assert_null(token.document);
        }
    }
}

#define CHECK_ROWS(rows) check_rows((rows), sizeof(rows) / sizeof(rows)[0])

static void
lout_07_a_logout_token_is_what_the_standard_says(void **state)
{
    static const row rows[] = {
        { "{}", true },
        { "{\"sub\":\"(absent)\"}", true },
        { "{\"sid\":\"(absent)\"}", true },
        { "{\"sub\":\"(absent)\",\"sid\":\"(absent)\"}", false },
        { "{\"sid\":7}", false },
        { "{\"sid\":\"\"}", false },
        { "{\"sub\":[\"auth0|1\"]}", false },
        { "{\"sub\":null}", false },
        { "{\"iss\":\"https://other.eu.auth0.com/\"}", false },
        { "{\"iss\":\"(absent)\"}", false },
        { "{\"aud\":\"other\"}", false },
        { "{\"aud\":\"(absent)\"}", false },
        { "{\"events\":\"(absent)\"}", false },
        { "{\"events\":{}}", false },
        { "{\"events\":{\"other\":{}}}", false },
        { "{\"events\":{" EVENT ":true}}", false },
        { "{\"events\":{" EVENT ":[]}}", false },
        { "{\"events\":[" EVENT "]}", false },
        { "{\"events\":" EVENT "}", false },
        { "{\"nonce\":\"n\"}", false },
        { "{\"nonce\":null}", false },
    };

    (void)state;
    CHECK_ROWS(rows);
}

static void
lout_07_signature_and_type_are_checked_first(void **state)
{
    static const struct {
        a0__alg alg;
        const char *typ;
        bool is_accepted;
    } rows[] = {
        { A0__ES256, NULL, true },          { A0__ES256, "JWT", true },
        { A0__ES256, "logout+jwt", true },  { A0__ES256, "at+jwt", false },
        { A0__ES256, "dpop+jwt", false },   { A0__EDDSA, "JWT", false },
        { A0__HS256, "logout+jwt", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__logout_token) token = A0__LOGOUT_TOKEN_INIT;
        a0_error *err = NULL;
        a0_status status = verify(rows[i].alg, rows[i].typ, "{}", &token, &err);

        if (rows[i].is_accepted) {
            assert_ok(status, err);
            assert_text(token.sub, "auth0|1");
            assert_text(token.sid, "s-1");
            assert_text(token.jti, "lt-01");
        } else {
            assert_fails(status, &err, logout_token_invalid);
        }
    }
}

static void
lout_07_a_key_that_is_not_known_may_be_fetched(void **state)
{
    A0_AUTO(a0__jwks_ptr) others = NULL;
    A0_AUTO(a0__buf) set = A0__BUF_INIT(4096);
    A0_AUTO(a0__secret) token = A0__SECRET_INIT;
    A0_AUTO(a0__logout_token) read = A0__LOGOUT_TOKEN_INIT;
    a0__settings settings = test_settings();
    a0_error *err = NULL;

    (void)state;
    a0__buf_string(&set, "{\"keys\":[");
    assert_ok(
        a0__signing_key_write_jwk(test_key(A0__ES256), A0__ES256, "old", &set, &err),
        err);
    a0__buf_string(&set, "]}");
    assert_ok(a0__jwks_parse(a0__buf_view(&set), &others, &err), err);
    test_sign(A0__ES256, "JWT", BASE, &token);
    assert_fails(a0__logout_token_verify(&settings, others, NOW,
                                         a0__secret_expose(&token), &read, &err),
                 &err, jwt_key_not_found);
}

static void
lout_08_a_stale_or_unnamed_logout_token_is_refused(void **state)
{
    static const row rows[] = {
        { "{\"iat\":\"(absent)\"}", false },
        { "{\"exp\":\"(absent)\"}", false },
        { "{\"jti\":\"(absent)\"}", false },
        { "{\"jti\":\"\"}", false },
        { "{\"jti\":7}", false },
        { "{\"iat\":1772600467}", true }, /* 300 s old */
        { "{\"iat\":1772600466}", false },
        { "{\"iat\":1772600827}", true }, /* the leeway */
        { "{\"iat\":1772600828}", false },
        { "{\"iat\":\"1772600760\"}", false },
        { "{\"iat\":1e300}", false },
        { "{\"exp\":1772600707}", true },
        { "{\"exp\":1772600706}", false },
        { "{\"exp\":\"later\"}", false },
    };

    (void)state;
    CHECK_ROWS(rows);
}

/* ---- the URL ---- */

static void
check_url(const a0__settings *settings, const a0__logout_input *input,
          const char *expected)
{
    A0_AUTO(a0__buf) url = A0__BUF_INIT(16384);
    a0_error *err = NULL;

    assert_ok(a0__logout_url(settings, "https://acme.eu.auth0.com/oidc/logout", input,
                             &url, &err),
              err);
    assert_text(a0__buf_view(&url), expected);
}

static void
lout_02_a_parameter_that_is_not_set_is_left_out(void **state)
{
    static const char *const bad[] = { "",
                                       "/home",
                                       "//app.example/",
                                       "javascript:alert(1)",
                                       "https://u@app.example/",
                                       "https://app.example/\r\nX: y",
                                       "ftp://app.example/" };
    a0__settings settings = test_settings();
    a0_error *err = NULL;

    (void)state;
    check_url(&settings, &(a0__logout_input){ 0 },
              "https://acme.eu.auth0.com/v2/logout?client_id=" TEST_CLIENT_ID);
    check_url(&settings,
              &(a0__logout_input){ .return_to = "https://app.example/?a=1&b=2" },
              "https://acme.eu.auth0.com/v2/logout?client_id=" TEST_CLIENT_ID
              "&returnTo=https%3A%2F%2Fapp.example%2F%3Fa%3D1%26b%3D2");
    check_url(&settings, &(a0__logout_input){ .federated = true },
              "https://acme.eu.auth0.com/v2/logout?client_id=" TEST_CLIENT_ID
              "&federated");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        A0_AUTO(a0__buf) url = A0__BUF_INIT(16384);
        a0__logout_input input = { .return_to = bad[i] };

        assert_fails(a0__logout_url(&settings, "", &input, &url, &err), &err,
                     param_invalid);
    }
}

static void
lout_05_rp_initiated_logout_carries_its_hint_while_it_fits(void **state)
{
    A0_AUTO(a0__buf) long_hint = A0__BUF_INIT(8192);
    a0__settings settings = test_settings();

    (void)state;
    settings.logout_endpoint_oidc = true;
    check_url(&settings,
              &(a0__logout_input){ .return_to = "https://app.example/",
                                   .id_token_hint = A0__LIT("a.b.c"),
                                   .logout_hint = A0__LIT("s-1"),
                                   .state = A0__LIT("xyz") },
              "https://acme.eu.auth0.com/oidc/"
              "logout?id_token_hint=a.b.c&client_id=" TEST_CLIENT_ID
              "&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2F"
              "&state=xyz");
    for (int i = 0; i < 4097; i++) {
        a0__buf_byte(&long_hint, 'a');
    }
    check_url(&settings,
              &(a0__logout_input){ .id_token_hint = a0__buf_view(&long_hint),
                                   .logout_hint = A0__LIT("s-1") },
              "https://acme.eu.auth0.com/oidc/"
              "logout?logout_hint=s-1&client_id=" TEST_CLIENT_ID);
    check_url(&settings, &(a0__logout_input){ 0 },
              "https://acme.eu.auth0.com/oidc/logout?client_id=" TEST_CLIENT_ID);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lout_02_a_parameter_that_is_not_set_is_left_out),
        cmocka_unit_test(lout_05_rp_initiated_logout_carries_its_hint_while_it_fits),
        cmocka_unit_test(lout_07_a_logout_token_is_what_the_standard_says),
        cmocka_unit_test(lout_07_signature_and_type_are_checked_first),
        cmocka_unit_test(lout_07_a_key_that_is_not_known_may_be_fetched),
        cmocka_unit_test(lout_08_a_stale_or_unnamed_logout_token_is_refused),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    test_tenant_end();
    return failed;
}
