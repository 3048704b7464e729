/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "oauth/authorize.h"
#include "oauth/error.h"
#include "oauth/pkce.h"
#include "oauth/refresh.h"
#include "oauth/revoke.h"
#include "oauth/scope.h"
#include "test_clock.h"
#include "test_random.h"
#include "test_tenant.h"

/* RFC 7636 appendix B */
static void
challenge_is_that_of_rfc_7636(void **state)
{
    A0_AUTO(a0__secret) verifier = A0__SECRET_INIT;
    A0_AUTO(a0__buf) challenge = A0__BUF_INIT(43);
    a0_error *err = NULL;

    (void)state;
    assert_ok(
        a0__secret_set_text(
            &verifier, A0__LIT("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), &err),
        err);
    assert_ok(a0__pkce_challenge(&verifier, &challenge, &err), err);
    assert_text(a0__buf_view(&challenge),
                "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

static void
pushed_url_holds_client_id_and_request_uri_alone(void **state)
{
    A0_AUTO(a0__buf) url = A0__BUF_INIT(1024);
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0__authorization_url_pushed("https://acme.eu.auth0.com/authorize",
                                           "id 1", "urn:ietf:params:x=1", &url, &err),
              err);
    assert_text(a0__buf_view(&url),
                "https://acme.eu.auth0.com/authorize?client_id=id%201"
                "&request_uri=urn%3Aietf%3Aparams%3Ax%3D1");
}

static void
url_of_a_request_is_the_endpoint_with_its_parameters(void **state)
{
    A0_AUTO(a0__form) form = A0__FORM_INIT(64);
    A0_AUTO(a0__buf) url = A0__BUF_INIT(1024);
    a0_error *err = NULL;

    (void)state;
    a0__form_add_string(&form, "a", "b c");
    assert_ok(
        a0__authorization_url("https://acme.eu.auth0.com/authorize", &form, &url, &err),
        err);
    assert_text(a0__buf_view(&url), "https://acme.eu.auth0.com/authorize?a=b%20c");
}

static void
request_past_what_auth0_takes_is_refused(void **state)
{
    static char long_value[2001];
    static const a0_param params[] = { { "a", long_value }, { "b", long_value },
                                       { "c", long_value }, { "d", long_value },
                                       { "e", long_value }, { "f", long_value } };
    A0_AUTO(a0__secret) secret = A0__SECRET_INIT;
    A0_AUTO(a0__authorization) out = A0__AUTHORIZATION_INIT;
    a0__settings settings = test_settings();
    a0_error *err = NULL;
    a0__authorization_input input = {
        .redirect_uri = "https://app.example/cb",
        .state = &secret,
        .nonce = &secret,
        .code_verifier = &secret,
        .params = params,
        .params_len = 6,
    };

    (void)state;
    for (size_t i = 0; i + 1 < sizeof long_value; i++) {
        long_value[i] = 'x';
    }
    assert_ok(a0__secret_set_text(&secret, A0__LIT("s"), &err), err);
    assert_fails(a0__authorization_request(&settings, &input, &out, &err), &err,
                 param_invalid);
}

static void
scope_sorts_into_a_set(void **state)
{
    A0_AUTO(a0__buf) sorted = A0__BUF_INIT(64);
    A0_AUTO(a0__buf) nothing = A0__BUF_INIT(64);
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0__scope_sort(A0__LIT(" b aa a  b a "), &sorted, &err), err);
    assert_text(a0__buf_view(&sorted), "a aa b");
    assert_ok(a0__scope_sort(A0__NO_TEXT, &nothing, &err), err);
    assert_text(a0__buf_view(&nothing), "");
}

static void
scopes_of_the_sign_in_are_no_permissions_of_an_api(void **state)
{
    (void)state;
    assert_false(a0__scope_names_api(A0__LIT("openid profile offline_access")));
    assert_true(a0__scope_names_api(A0__LIT("openid read:x")));
    assert_true(a0__scope_covers_api(A0__LIT("read:x"), A0__LIT("openid read:x")));
    assert_false(a0__scope_covers_api(A0__LIT("openid"), A0__LIT("openid read:x")));
}

static a0__client_auth
client_auth(const a0__settings *settings, test_random *random)
{
    return (a0__client_auth){
        .settings = settings,
        .random = &test_random_table,
        .random_self = random,
        .now = TEST_CLOCK_START_S,
    };
}

static void
refresh_names_audience_and_scope_only_when_asked(void **state)
{
    test_random random = TEST_RANDOM_INIT;
    a0__settings settings = test_settings();
    a0__client_auth auth = client_auth(&settings, &random);
    A0_AUTO(a0__http_request) plain = { 0 };
    A0_AUTO(a0__http_request) full = { 0 };
    a0_error *err = NULL;

    (void)state;
    settings.client_authentication = A0__CLIENT_SECRET_BASIC;
    assert_ok(a0__refresh_request(&auth, "https://acme.eu.auth0.com/oauth/token",
                                  A0__LIT("rt"), A0__NO_TEXT, A0__NO_TEXT, &plain,
                                  &err),
              err);
    assert_text(a0__buf_view(&plain.body), "grant_type=refresh_token&refresh_token=rt");
    assert_ok(a0__refresh_request(&auth, "https://acme.eu.auth0.com/oauth/token",
                                  A0__LIT("rt"), A0__LIT("https://b/"),
                                  A0__LIT("openid read:x"), &full, &err),
              err);
    assert_text(a0__buf_view(&full.body),
                "grant_type=refresh_token&refresh_token=rt&audience=https%3A%2F%2Fb%2F"
                "&scope=openid%20read%3Ax");
}

static void
client_id_stands_once_in_a_pushed_request(void **state)
{
    test_random random = TEST_RANDOM_INIT;
    a0__settings settings = test_settings();
    a0__client_auth auth = client_auth(&settings, &random);
    A0_AUTO(a0__form) form = A0__FORM_INIT(1024);
    A0_AUTO(a0__http_request) sent = { 0 };
    a0_error *err = NULL;

    (void)state;
    a0__form_add_string(&form, "response_type", "code");
    a0__form_add_string(&form, "client_id", TEST_CLIENT_ID);
    assert_ok(a0__client_auth_post(&auth, "https://acme.eu.auth0.com/oauth/par", &form,
                                   &sent, &err),
              err);
    assert_text(a0__buf_view(&sent.body),
                "response_type=code&client_id=" TEST_CLIENT_ID
                "&client_secret=s3cret%3Aof%2Fthe%2Bclient-0123456789ab");
}

static void
revocation_of_an_unknown_token_is_done(void **state)
{
    static const struct {
        int status;
        bool is_done;
    } rows[] = { { 200, true },  { 400, true },  { 401, false },
                 { 429, false }, { 503, false }, { 302, false } };
    test_random random = TEST_RANDOM_INIT;
    a0__settings settings = test_settings();
    a0__client_auth auth = client_auth(&settings, &random);
    A0_AUTO(a0__http_request) sent = { 0 };
    a0_error *err = NULL;

    (void)state;
    settings.client_authentication = A0__CLIENT_SECRET_BASIC;
    assert_ok(a0__revoke_request(&auth, "https://acme.eu.auth0.com/oauth/revoke",
                                 A0__LIT("rt"), &sent, &err),
              err);
    assert_text(a0__buf_view(&sent.body), "token=rt&token_type_hint=refresh_token");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__http_response_ptr)
        response = test_response(rows[i].status, NULL, NULL);
        a0_status status = a0__revoke_response(response, &err);

        if (rows[i].is_done) {
            assert_ok(status, err);
        } else {
            assert_int_equal(a0_error_peer_status(err), rows[i].status);
            assert_fails(status, &err, logout_remote_failed);
        }
    }
}

static void
error_answer_needs_no_json(void **state)
{
    A0_AUTO(a0__http_response_ptr)
    response = test_response(502, "text/html", "<html>Bad gateway</html>");
    A0_AUTO(a0__oauth_error) error = { 0 };
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0__oauth_error_read(response, &error, &err), err);
    assert_int_equal(error.status, 502);
    assert_int_equal(error.error.len, 0);
    assert_true(a0__oauth_error_is_temporary(&error));
    assert_int_equal(a0__oauth_error_fail(&error, A0_E_token_http_error, NULL),
                     A0_UNAVAILABLE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(challenge_is_that_of_rfc_7636),
        cmocka_unit_test(pushed_url_holds_client_id_and_request_uri_alone),
        cmocka_unit_test(url_of_a_request_is_the_endpoint_with_its_parameters),
        cmocka_unit_test(request_past_what_auth0_takes_is_refused),
        cmocka_unit_test(scope_sorts_into_a_set),
        cmocka_unit_test(scopes_of_the_sign_in_are_no_permissions_of_an_api),
        cmocka_unit_test(refresh_names_audience_and_scope_only_when_asked),
        cmocka_unit_test(client_id_stands_once_in_a_pushed_request),
        cmocka_unit_test(revocation_of_an_unknown_token_is_done),
        cmocka_unit_test(error_answer_needs_no_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
