/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "jose/audience.h"
#include "oidc/id_token.h"
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_are_read_by_type),
        cmocka_unit_test(claims_come_back_as_they_were_written),
        cmocka_unit_test(claims_of_no_object_are_none),
        cmocka_unit_test(audience_is_one_text_or_an_array_of_them),
        cmocka_unit_test(id_token_by_hs256_needs_the_setting),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    test_tenant_end();
    return failed;
}
