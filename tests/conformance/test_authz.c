/* SPDX-License-Identifier: MIT */
/* Group AUTHZ of the case catalogue: what the pure halves decide. What a request may
 * say is in test_authz_parameter.c. */
#include "support.h"

#include "jose/jwt.h"
#include "oauth/authorize.h"
#include "oauth/par.h"
#include "oauth/pkce.h"
#include "oauth/token.h"
#include "oidc/discovery.h"
#include "test_clock.h"
#include "test_random.h"
#include "test_tenant.h"

#define VERIFIER "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define TOKEN_ENDPOINT "https://acme.eu.auth0.com/oauth/token"

static void
authz_03_no_verifier_without_randomness(void **state)
{
    test_random random = TEST_RANDOM_INIT;
    A0_AUTO(a0__secret) verifier = A0__SECRET_INIT;
    A0_AUTO(a0__secret) another = A0__SECRET_INIT;
    a0_error *err = NULL;

    (void)state;
    random.fail_at = 3;
    assert_ok(a0__pkce_verifier_new(&test_random_table, &random, &verifier, &err), err);
    assert_int_equal(verifier.len, 43);
    assert_ok(a0__pkce_verifier_new(&test_random_table, &random, &another, &err), err);
    assert_false(a0__secret_equal(&verifier, &another));
    a0__secret_clear(&another);
    assert_fails(a0__pkce_verifier_new(&test_random_table, &random, &another, &err),
                 &err, rng_failure);
    assert_false(a0__secret_is_set(&another));
}

static void
authz_03_metadata_without_s256_refuses_the_sign_in(void **state)
{
    static const char base[] =
        "{\"issuer\":\"" TEST_ISSUER "\",\"authorization_endpoint\":\"" TEST_ISSUER
        "authorize\",\"token_endpoint\":\"" TEST_ISSUER
        "oauth/token\",\"jwks_uri\":\"" TEST_ISSUER ".well-known/jwks.json\"}";
    static const struct {
        const char *changes;
        bool is_accepted;
    } rows[] = {
        { "{\"code_challenge_methods_supported\":[\"S256\",\"plain\"]}", true },
        { "{}", true },
        { "{\"code_challenge_methods_supported\":[\"plain\"]}", false },
        { "{\"code_challenge_methods_supported\":[]}", false },
        { "{\"code_challenge_methods_supported\":\"S256\"}", false },
        { "{\"code_challenge_methods_supported\":[\"s256\"]}", false },
    };
    a0__settings settings = test_settings();
    a0_error *err = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__metadata) metadata = A0__METADATA_INIT;
        A0_AUTO(a0__buf) document = A0__BUF_INIT(2048);
        a0_status status = A0_OK;

        test_change(base, rows[i].changes, &document);
        status = a0__metadata_read(&settings, a0__buf_view(&document), &metadata, &err);
        if (rows[i].is_accepted) {
            assert_ok(status, err);
        } else {
            assert_fails(status, &err, discovery_invalid);
        }
    }
}

static void
authz_06_answer_to_a_pushed_request_is_well_formed(void **state)
{
    static const struct {
        int status;
        const char *body;
        const char *error;
    } rows[] = {
        { 201, "{\"request_uri\":\"urn:x:1\",\"expires_in\":30}", "" },
        { 200, "{\"request_uri\":\"urn:x:1\",\"expires_in\":30}",
          "par_response_invalid" },
        { 303, "{\"request_uri\":\"urn:x:1\",\"expires_in\":30}",
          "par_response_invalid" },
        { 201, "", "par_response_invalid" },
        { 201, "[]", "par_response_invalid" },
        { 201, "{\"expires_in\":30}", "par_response_invalid" },
        { 201, "{\"request_uri\":\"\",\"expires_in\":30}", "par_response_invalid" },
        { 201, "{\"request_uri\":7,\"expires_in\":30}", "par_response_invalid" },
        { 201, "{\"request_uri\":null,\"expires_in\":30}", "par_response_invalid" },
        { 201, "{\"request_uri\":\"urn\\r\\nx\",\"expires_in\":30}",
          "par_response_invalid" },
        { 201, "{\"request_uri\":\"urn&x=1\",\"expires_in\":30}",
          "par_response_invalid" },
        { 201, "{\"request_uri\":\"urn#x\",\"expires_in\":30}",
          "par_response_invalid" },
        { 201, "{\"request_uri\":\"urn x\",\"expires_in\":30}",
          "par_response_invalid" },
        { 201, "{\"request_uri\":\"urn\\u00e9\",\"expires_in\":30}",
          "par_response_invalid" },
        { 201, "{\"request_uri\":\"urn:x:1\"}", "par_response_invalid" },
        { 201, "{\"request_uri\":\"urn:x:1\",\"expires_in\":0}",
          "par_response_invalid" },
        { 201, "{\"request_uri\":\"urn:x:1\",\"expires_in\":-1}",
          "par_response_invalid" },
        { 201, "{\"request_uri\":\"urn:x:1\",\"expires_in\":\"30\"}",
          "par_response_invalid" },
        { 400, "{\"error\":\"invalid_request\"}", "par_failed" },
        { 401, "{\"error\":\"invalid_client\"}", "par_failed" },
        { 429, "", "par_failed" },
        { 500, "<html>", "par_failed" },
    };
    a0_error *err = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__par_answer) answer = { 0 };
        A0_AUTO(a0__http_response_ptr)
        response = test_response(rows[i].status, "application/json", rows[i].body);
        a0_status status = a0__par_response(response, &answer, &err);

        if (rows[i].error[0] == '\0') {
            assert_ok(status, err);
            assert_string_equal(answer.request_uri, "urn:x:1");
            assert_int_equal(answer.expires_in, 30);
            continue;
        }
        if (rows[i].status >= 400) {
            assert_int_equal(a0_error_http_status(err),
                             rows[i].status == 429 ? 503 : 502);
            assert_int_equal(a0_error_peer_status(err), rows[i].status);
        }
        support_assert_fails(status, &err, rows[i].error, rows[i].body, __FILE__,
                             __LINE__);
        assert_null(answer.request_uri);
    }
}

static void
authz_06_request_uri_is_no_longer_than_512_bytes(void **state)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(2048);
    A0_AUTO(a0__par_answer) answer = { 0 };
    A0_AUTO(a0__http_response_ptr) response = NULL;
    a0_error *err = NULL;

    (void)state;
    a0__buf_string(&body, "{\"expires_in\":30,\"request_uri\":\"");
    for (int i = 0; i < 513; i++) {
        a0__buf_byte(&body, 'u');
    }
    a0__buf_string(&body, "\"}");
    response = test_response(201, "application/json", a0__buf_cstr(&body));
    assert_fails(a0__par_response(response, &answer, &err), &err, par_response_invalid);
}

/* ---- AUTHZ-07 ---- */

static a0_status
token_request(const a0__settings *settings, test_random *random, const char *endpoint,
              a0__http_request *out, a0_error **err)
{
    a0__client_auth auth = {
        .settings = settings,
        .random = &test_random_table,
        .random_self = random,
        .now = TEST_CLOCK_START_S,
    };

    return a0__token_request_code(&auth, endpoint, A0__LIT("a-code"),
                                  A0__LIT("https://app.example/cb"), A0__LIT(VERIFIER),
                                  out, err);
}

/* The verified claims of the assertion in the body. */
static void
read_assertion(const a0__http_request *sent, a0__json **out)
{
    const a0__jws_trust trust = { .algs = A0__ALG_BIT(A0__ES256), .keys = test_jwks() };
    A0_AUTO(a0__params) form = A0__PARAMS_INIT;
    a0_error *err = NULL;
    bool is_valid = false;

    assert_ok(a0__params_parse(a0__buf_view(&sent->body), 32, &form, &is_valid, &err),
              err);
    assert_true(is_valid);
    assert_text(a0__params_get(&form, "client_assertion_type", NULL),
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    assert_text(a0__params_get(&form, "client_id", NULL), TEST_CLIENT_ID);
    assert_null(a0__params_get(&form, "client_secret", NULL).ptr);
    assert_ok(a0__jwt_verify(a0__params_get(&form, "client_assertion", NULL), &trust,
                             out, &err),
              err);
}

static void
authz_07_assertion_is_for_the_issuer_and_for_one_attempt(void **state)
{
    static const char *const members[] = { "iss", "sub" };
    char alg[] = "ES256";
    A0_AUTO(a0__secret) pem = A0__SECRET_INIT;
    test_random random = TEST_RANDOM_INIT;
    a0__settings settings = test_settings();
    a0_error *err = NULL;
    a0__text jti[2] = { A0__NO_TEXT, A0__NO_TEXT };
    A0_AUTO(a0__json_doc) first = NULL;
    A0_AUTO(a0__json_doc) second = NULL;
    a0__json_doc *documents[] = { &first, &second };

    (void)state;
    assert_ok(a0__signing_key_write_pem(test_key(A0__ES256), &pem, &err), err);
    settings.client_authentication =
        A0__PRIVATE_KEY_JWT; /* the secret is set as well */
    settings.client_assertion_key = pem;
    settings.client_assertion_alg = alg;
    for (size_t i = 0; i < 2; i++) {
        A0_AUTO(a0__http_request) sent = { 0 };
        a0__text text = A0__NO_TEXT;
        int64_t iat = 0;
        int64_t exp = 0;

        /* An endpoint that metadata made up changes nothing about the audience. */
        assert_ok(token_request(&settings, &random,
                                "https://acme.eu.auth0.com/elsewhere", &sent, &err),
                  err);
        read_assertion(&sent, documents[i]);
        for (size_t j = 0; j < 2; j++) {
            assert_int_equal(a0__json_text(*documents[i], members[j], &text),
                             A0__FOUND);
            assert_text(text, TEST_CLIENT_ID);
        }
        assert_int_equal(a0__json_text(*documents[i], "aud", &text), A0__FOUND);
        assert_text(text, TEST_ISSUER);
        assert_int_equal(a0__json_i64(*documents[i], "iat", &iat), A0__FOUND);
        assert_int_equal(a0__json_i64(*documents[i], "exp", &exp), A0__FOUND);
        assert_int_equal(iat, TEST_CLOCK_START_S);
        assert_true(exp > iat && exp <= iat + 60);
        assert_int_equal(a0__json_text(*documents[i], "jti", &jti[i]), A0__FOUND);
        assert_int_equal(jti[i].len, 43);
    }
    assert_false(a0__text_equal(jti[0], jti[1]));
}

static void
authz_07_secrets_go_nowhere_but_into_body_or_header_over_tls(void **state)
{
    test_random random = TEST_RANDOM_INIT;
    a0__settings settings = test_settings();
    A0_AUTO(a0__http_request) posted = { 0 };
    A0_AUTO(a0__http_request) basic = { 0 };
    A0_AUTO(a0__http_request) plain = { 0 };
    a0_error *err = NULL;

    (void)state;
    assert_ok(token_request(&settings, &random, TOKEN_ENDPOINT, &posted, &err), err);
    assert_string_equal(posted.method, "POST");
    assert_text(a0__buf_view(&posted.url), TOKEN_ENDPOINT);
    assert_text(a0__buf_view(&posted.body),
                "grant_type=authorization_code&code=a-code&redirect_uri="
                "https%3A%2F%2Fapp.example%2Fcb&code_verifier=" VERIFIER
                "&client_id=" TEST_CLIENT_ID
                "&client_secret=s3cret%3Aof%2Fthe%2Bclient-0123456789ab");

    settings.client_authentication = A0__CLIENT_SECRET_BASIC;
    assert_ok(token_request(&settings, &random, TOKEN_ENDPOINT, &basic, &err), err);
    assert_text(a0__buf_view(&basic.body),
                "grant_type=authorization_code&code=a-code&redirect_uri="
                "https%3A%2F%2Fapp.example%2Fcb&code_verifier=" VERIFIER);
    assert_string_equal(basic.headers[basic.headers_len - 1].name, "Authorization");
    assert_text(
        a0__buf_view(&basic.headers[basic.headers_len - 1].value),
        "Basic "
        "Y0xpZW50RW11MDAwMTpzM2NyZXQlM0FvZiUyRnRoZSUyQmNsaWVudC0wMTIzNDU2Nzg5YWI=");

    assert_fails(token_request(&settings, &random,
                               "http://acme.eu.auth0.com/oauth/token", &plain, &err),
                 &err, param_invalid);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(authz_03_no_verifier_without_randomness),
        cmocka_unit_test(authz_03_metadata_without_s256_refuses_the_sign_in),
        cmocka_unit_test(authz_06_answer_to_a_pushed_request_is_well_formed),
        cmocka_unit_test(authz_06_request_uri_is_no_longer_than_512_bytes),
        cmocka_unit_test(authz_07_assertion_is_for_the_issuer_and_for_one_attempt),
        cmocka_unit_test(authz_07_secrets_go_nowhere_but_into_body_or_header_over_tls),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    test_tenant_end();
    return failed;
}
