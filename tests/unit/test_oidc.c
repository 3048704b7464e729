/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "base/mem.h"
#include "jose/audience.h"
#include "oauth/authorize.h"
#include "oauth/callback.h"
#include "oauth/refresh.h"
#include "oidc/backchannel.h"
#include "oidc/discovery.h"
#include "oidc/id_token.h"
#include "oidc/logout.h"
#include "test_clock.h"
#include "test_tenant.h"

static const char USERINFO[] =
    "{\"iss\":\"" TEST_ISSUER "\",\"sub\":\"auth0|1\",\"sid\":\"s-1\","
    "\"email\":\"jo@acme.example\",\"email_verified\":true,\"auth_time\":1772600000,"
    "\"updated_at\":1772600001.5}";

static void
claims_are_read_by_type(void **state)
{
    A0_AUTO(a0__claims_ptr) claims = NULL;
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0__claims_parse(a0__text_of(USERINFO), &claims, &err), err);
    assert_text(a0__claims_sub(claims), "auth0|1");
    assert_text(a0__claims_sid(claims), "s-1");
    assert_text(a0__claims_text(claims, "email"), "jo@acme.example");
    assert_int_equal(a0__claims_text(claims, "email_verified").len, 0);
    assert_int_equal(a0__claims_text(claims, "absent").len, 0);
    assert_true(a0__claims_email_verified(claims));
    assert_int_equal(a0__claims_auth_time(claims), 1772600000);
    assert_int_equal(a0__claims_i64(claims, "updated_at", -1), 1772600001);
    assert_int_equal(a0__claims_i64(claims, "email", -1), -1);
}

static void
claims_come_back_as_they_were_written(void **state)
{
    A0_AUTO(a0__claims_ptr) claims = NULL;
    A0_AUTO(a0__buf) once = A0__BUF_INIT(A0__USERINFO_MAX);
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0__claims_parse(A0__LIT("{\"sub\":\"auth0|1\",\"b\":[1,\"\xc3\xb6\"],"
                                       "\"a\":{\"x\":null}}"),
                               &claims, &err),
              err);
    assert_ok(a0__claims_userinfo(claims, NULL, NULL, &once, &err), err);
    assert_text(a0__buf_view(&once),
                "{\"sub\":\"auth0|1\",\"b\":[1,\"\xc3\xb6\"],\"a\":{\"x\":null}}");
}

static void
claims_of_no_object_are_none(void **state)
{
    static const char *const bad[] = { "", "[]", "null", "{", "{\"a\":1,\"a\":2}" };
    a0_error *err = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        A0_AUTO(a0__claims_ptr) claims = NULL;

        assert_ok(a0__claims_parse(a0__text_of(bad[i]), &claims, &err), err);
        assert_null(claims);
    }
}

static void
audience_is_one_text_or_an_array_of_them(void **state)
{
    static const struct {
        const char *claims;
        size_t len;
        bool has_b;
    } rows[] = {
        { "{\"aud\":\"b\"}", 1, true },
        { "{\"aud\":[\"a\",\"b\"]}", 2, true },
        { "{\"aud\":[\"a\"]}", 1, false },
        { "{\"aud\":[]}", 0, false },
        { "{\"aud\":[\"b\",7]}", 0, false },
        { "{\"aud\":{\"b\":1}}", 0, false },
        { "{}", 0, false },
    };
    a0_error *err = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__json_doc) claims = NULL;

        assert_ok(a0__json_parse(a0__text_of(rows[i].claims), &claims, &err), err);
        assert_int_equal(a0__audience_len(claims), rows[i].len);
        assert_int_equal(a0__audience_has(claims, A0__LIT("b")), rows[i].has_b);
    }
}

/* HS256 counts only where the settings name it, and then with the client's secret. */
static void
id_token_by_hs256_needs_the_setting(void **state)
{
    static const char claims[] =
        "{\"iss\":\"" TEST_ISSUER "\",\"sub\":\"auth0|1\",\"aud\":\"" TEST_CLIENT_ID
        "\",\"iat\":1772600707,\"exp\":1772601307,\"nonce\":\"n\"}";
    char hs256[] = "HS256";
    char *algorithms[] = { hs256 };
    a0__settings settings = test_settings();
    a0__id_token_expected expected = {
        .settings = &settings,
        .jwks = test_jwks(),
        .now = TEST_CLOCK_START_S,
        .nonce = A0__LIT("n"),
        .max_age = -1,
    };
    A0_AUTO(a0__secret) token = A0__SECRET_INIT;
    A0_AUTO(a0__claims_ptr) verified = NULL;
    a0_error *err = NULL;

    (void)state;
    test_sign(A0__HS256, "JWT", claims, &token);
    assert_fails(a0__id_token_verify(&token, &expected, &verified, &err), &err,
                 jwt_alg_forbidden);
    settings.id_token_algorithms = (a0__strings){ algorithms, 1 };
    assert_ok(a0__id_token_verify(&token, &expected, &verified, &err), err);
    assert_text(a0__claims_sub(verified), "auth0|1");
}

/* ---- each allocation may fail [MEM-09] ---- */

static a0_status
make_request(a0_error **err)
{
    static const a0_param params[] = { { "organization", "org_1" },
                                       { "acr_values", "gold" },
                                       { "connection", "github" },
                                       { "audience", "https://api.example/" } };
    A0_AUTO(a0__secret) secret = A0__SECRET_INIT;
    A0_AUTO(a0__authorization) out = A0__AUTHORIZATION_INIT;
    A0_AUTO(a0__buf) url = A0__BUF_INIT(16384);
    a0__settings settings = test_settings();
    a0__authorization_input input = {
        .redirect_uri = "https://app.example/cb",
        .state = &secret,
        .nonce = &secret,
        .code_verifier = &secret,
        .params = params,
        .params_len = 4,
    };

    A0_TRY(a0__secret_set_text(&secret, A0__LIT("s"), err));
    A0_TRY(a0__authorization_request(&settings, &input, &out, err));
    return a0__authorization_url("https://acme.eu.auth0.com/authorize", &out.form, &url,
                                 err);
}

static a0_status
read_callback(a0_error **err)
{
    A0_AUTO(a0__callback) callback = A0__CALLBACK_INIT;

    return a0__callback_parse(A0__LIT("https://app.example/cb?state=s&code=c&iss=i"),
                              &callback, err);
}

static a0_status
read_tokens(a0_error **err)
{
    static const char body[] =
        "{\"access_token\":\"e30.eyJhdWQiOiJhIn0.c2ln\",\"id_token\":\"a.b.c\","
        "\"refresh_token\":\"rt\",\"scope\":\"read:x\",\"token_type\":\"Bearer\"}";
    A0_AUTO(a0__token_set) tokens = A0__TOKEN_SET_INIT;

    A0_TRY(a0__token_set_read(a0__text_of(body), A0__NO_TEXT, &tokens, err));
    return a0__refresh_check_covers(&tokens, A0__LIT("a"), A0__LIT("read:x"), err);
}

static a0_status
read_metadata(a0_error **err)
{
    static const char document[] =
        "{\"issuer\":\"" TEST_ISSUER "\",\"authorization_endpoint\":\"" TEST_ISSUER
        "authorize\",\"token_endpoint\":\"" TEST_ISSUER
        "oauth/token\",\"jwks_uri\":\"" TEST_ISSUER "jwks\","
        "\"code_challenge_methods_supported\":[\"S256\"]}";
    A0_AUTO(a0__metadata) metadata = A0__METADATA_INIT;
    a0__settings settings = test_settings();

    return a0__metadata_read(&settings, a0__text_of(document), &metadata, err);
}

static a0__secret signed_token;

static a0_status
verify_token(a0_error **err)
{
    a0__settings settings = test_settings();
    a0__id_token_expected expected = {
        .settings = &settings,
        .jwks = test_jwks(),
        .now = TEST_CLOCK_START_S,
        .nonce = A0__LIT("n"),
        .max_age = -1,
        .access_token = A0__LIT("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
    };
    A0_AUTO(a0__claims_ptr) claims = NULL;
    A0_AUTO(a0__buf) userinfo = A0__BUF_INIT(A0__USERINFO_MAX);

    A0_TRY(a0__id_token_verify(&signed_token, &expected, &claims, err));
    return a0__claims_userinfo(claims, NULL, NULL, &userinfo, err);
}

static a0_status
verify_logout_token(a0_error **err)
{
    A0_AUTO(a0__logout_token) token = A0__LOGOUT_TOKEN_INIT;
    a0__settings settings = test_settings();

    return a0__logout_token_verify(&settings, test_jwks(), TEST_CLOCK_START_S,
                                   a0__secret_expose(&signed_token), &token, err);
}

static a0_status
make_logout_url(a0_error **err)
{
    A0_AUTO(a0__buf) url = A0__BUF_INIT(1024);
    a0__settings settings = test_settings();
    a0__logout_input input = { .return_to = "https://app.example/" };

    return a0__logout_url(&settings, "", &input, &url, err);
}

/* Fails every allocation of the step in turn until it passes. */
static void
starve(a0_status (*step)(a0_error **err))
{
    a0_status status = A0_NO_MEMORY;

    for (uint64_t n = 1; status != A0_OK; n++) {
        a0_error *err = NULL;

        assert_true(n < 1000);
        a0__mem_fail_at(n, 0);
        status = step(&err);
        a0__mem_fail_at(0, 0);
        if (status != A0_OK) {
            assert_fails(status, &err, no_memory);
        }
    }
}

static void
memory_that_runs_out_is_told_and_nothing_leaks(void **state)
{
    (void)state;
    starve(make_request);
    starve(read_callback);
    starve(read_tokens);
    starve(read_metadata);
    starve(make_logout_url);

    test_sign(A0__ES256, "JWT",
              "{\"iss\":\"" TEST_ISSUER "\",\"sub\":\"auth0|1\",\"aud\":"
              "\"" TEST_CLIENT_ID "\",\"iat\":1772600707,\"exp\":1772601307,"
              "\"nonce\":\"n\",\"at_hash\":\"77QmUPtjPfzWtF2AnpK9RQ\"}",
              &signed_token);
    (void)test_jwks();
    starve(verify_token);
    test_sign(A0__ES256, "JWT",
              "{\"iss\":\"" TEST_ISSUER "\",\"sub\":\"auth0|1\",\"aud\":"
              "\"" TEST_CLIENT_ID "\",\"iat\":1772600707,\"exp\":1772601307,"
              "\"jti\":\"j\",\"events\":"
              "{\"http://schemas.openid.net/event/backchannel-logout\":{}}}",
              &signed_token);
    starve(verify_logout_token);
    a0__secret_clear(&signed_token);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_are_read_by_type),
        cmocka_unit_test(claims_come_back_as_they_were_written),
        cmocka_unit_test(claims_of_no_object_are_none),
        cmocka_unit_test(audience_is_one_text_or_an_array_of_them),
        cmocka_unit_test(id_token_by_hs256_needs_the_setting),
        cmocka_unit_test(memory_that_runs_out_is_told_and_nothing_leaks),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    test_tenant_end();
    return failed;
}
