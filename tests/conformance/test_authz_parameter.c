/* SPDX-License-Identifier: MIT */
/* Group AUTHZ of the case catalogue: what a request may say, and who says it. */
#include "support.h"

#include "oauth/authorize.h"
#include "test_tenant.h"

#define VERIFIER "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

/* ---- one request ---- */

static a0_status
request(const a0__settings *settings, const a0_param *params, size_t len,
        const char *redirect_uri, a0__authorization *out, a0_error **err)
{
    A0_AUTO(a0__secret) state = A0__SECRET_INIT;
    A0_AUTO(a0__secret) nonce = A0__SECRET_INIT;
    A0_AUTO(a0__secret) verifier = A0__SECRET_INIT;
    a0__authorization_input input = {
        .redirect_uri = redirect_uri,
        .state = &state,
        .nonce = &nonce,
        .code_verifier = &verifier,
        .params = params,
        .params_len = len,
    };

    assert_ok(a0__secret_set_text(&state, A0__LIT("the-state"), err), *err);
    assert_ok(a0__secret_set_text(&nonce, A0__LIT("the-nonce"), err), *err);
    assert_ok(a0__secret_set_text(&verifier, A0__LIT(VERIFIER), err), *err);
    return a0__authorization_request(settings, &input, out, err);
}

static a0_status
request_with(const char *name, const char *value, a0__authorization *out,
             a0_error **err)
{
    a0__settings settings = test_settings();
    a0_param param = { name, value };

    return request(&settings, &param, 1, "https://app.example/cb", out, err);
}

static void
check_param(const char *name, const char *value, const char *error)
{
    A0_AUTO(a0__authorization) authorization = A0__AUTHORIZATION_INIT;
    a0_error *err = NULL;
    a0_status status = request_with(name, value, &authorization, &err);

    if (error[0] == '\0') {
        support_assert_ok(status, err, name, __FILE__, __LINE__);
        return;
    }
    assert_string_equal(a0_error_argument(err) != NULL ? a0_error_argument(err) : "",
                        name);
    support_assert_fails(status, &err, error, name, __FILE__, __LINE__);
    assert_int_equal(authorization.form.text.len, 0);
}

static a0__text
form_get(const a0__authorization *authorization, a0__params *params, const char *name)
{
    a0_error *err = NULL;
    bool is_valid = false;
    size_t count = 0;
    a0__text value = A0__NO_TEXT;

    a0__params_clear(params);
    assert_ok(a0__params_parse(a0__buf_view(&authorization->form.text), 64, params,
                               &is_valid, &err),
              err);
    assert_true(is_valid);
    value = a0__params_get(params, name, &count);
    assert_true(count <= 1);
    return value;
}

/* ---- the rows ---- */

static void
authz_01_reserved_parameters_are_set_by_the_library_alone(void **state)
{
    static const char *const forbidden[] = {
        "response_type",
        "client_id",
        "redirect_uri",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "response_mode",
        "request",
        "request_uri",
        "client_secret",
        "client_assertion",
        "dpop_jkt",
        "STATE",
        "Redirect_Uri",
        "nOnce",
        "%73tate",
        "no%6Ece",
        "request%5Furi",
        " state",
        "state+",
        "RESPONSE_MODE",
        "%52equest",
    };
    static const char *const invalid[] = { "",   "a b",  "a&b",     "a=b",
                                           "a%", "x%00", "\xc3\xa9" };

    (void)state;
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++) {
        check_param(forbidden[i], "x", "param_forbidden");
    }
    for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++) {
        check_param(invalid[i], "x", "param_invalid");
    }
    check_param("connection", "google-oauth2", "");
}

static void
authz_01_a_reserved_parameter_with_the_value_that_is_sent_is_sent_once(void **state)
{
    static const a0_param same[] = {
        { "response_type", "code" },
        { "client_id", TEST_CLIENT_ID },
        { "redirect_uri", "https://app.example/cb" },
        { "code_challenge_method", "S256" },
    };
    static const a0_param other[] = {
        { "response_type", "CODE" },
        { "client_id", TEST_CLIENT_ID "x" },
        { "redirect_uri", "https://app.example/cb/" },
        { "code_challenge_method", "plain" },
        { "state", "the-state" },
        { "nonce", "the-nonce" },
        { "Response_Type", "code" },
        { "response%5ftype", "code" },
        { "response_type", "" },
        { "response_type", NULL },
    };
    A0_AUTO(a0__authorization) authorization = A0__AUTHORIZATION_INIT;
    A0_AUTO(a0__params) params = A0__PARAMS_INIT;
    a0__settings settings = test_settings();
    a0_error *err = NULL;

    (void)state;
    assert_ok(
        request(&settings, same, 4, "https://app.example/cb", &authorization, &err),
        err);
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        assert_text(form_get(&authorization, &params, same[i].name), same[i].value);
    }
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
        check_param(other[i].name, other[i].value, "param_forbidden");
    }
}

static void
authz_01_defaults_are_held_to_the_same_rule(void **state)
{
    char name[] = "Response_Mode";
    char value[] = "form_post";
    a0__pair pair = { name, value };
    a0__settings settings = test_settings();
    A0_AUTO(a0__authorization) authorization = A0__AUTHORIZATION_INIT;
    a0_error *err = NULL;

    (void)state;
    settings.authorization_params = (a0__pairs){ &pair, 1 };
    assert_fails(
        request(&settings, NULL, 0, "https://app.example/cb", &authorization, &err),
        &err, param_forbidden);
}

static void
authz_01_each_parameter_stands_once_and_the_caller_wins(void **state)
{
    static const a0_param params[] = {
        { "connection", "github" },
        { "scope", "openid read:x" },
        { "ui_locales", "de fr" },
        { "display", NULL },
    };
    static const a0_param twice[] = { { "connection", "a" }, { "connection", "b" } };
    char names[3][16] = { "connection", "login_hint", "display" };
    char values[3][16] = { "google-oauth2", "jo@acme.example", "page" };
    a0__pair pairs[] = { { names[0], values[0] },
                         { names[1], values[1] },
                         { names[2], values[2] } };
    char audience[] = "https://api.example/";
    a0__settings settings = test_settings();
    A0_AUTO(a0__authorization) authorization = A0__AUTHORIZATION_INIT;
    a0_error *err = NULL;

    (void)state;
    settings.authorization_params = (a0__pairs){ pairs, 3 };
    settings.audience = audience;
    assert_ok(
        request(&settings, params, 4, "https://app.example/cb", &authorization, &err),
        err);
    /* The order of contract §1. */
    assert_text(a0__buf_view(&authorization.form.text),
                "response_type=code&client_id=" TEST_CLIENT_ID
                "&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&state=the-state"
                "&nonce=the-nonce"
                "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
                "&code_challenge_method=S256&scope=openid%20read%3Ax"
                "&audience=https%3A%2F%2Fapi.example%2F"
                "&login_hint=jo%40acme.example&connection=github&ui_locales=de%20fr");
    assert_string_equal(authorization.connection, "github");
    assert_string_equal(authorization.audience, "https://api.example/");
    assert_string_equal(authorization.scope, "openid read:x");

    a0__authorization_clear(&authorization);
    assert_fails(
        request(&settings, twice, 2, "https://app.example/cb", &authorization, &err),
        &err, param_invalid);
}

static void
authz_04_redirect_uri_is_absolute_and_safe(void **state)
{
    static const struct {
        const char *redirect_uri;
        bool is_accepted;
    } rows[] = {
        { "https://app.example/cb", true },
        { "https://app.example:8443/cb?x=1", true },
        { "http://localhost:3000/cb", true },
        { "http://127.0.0.1:3000/cb", true },
        { "http://[::1]:3000/cb", true },
        { "http://app.example/cb", false },
        { "http://localhost.evil.example/cb", false },
        { "https://app.example/cb#", false },
        { "https://app.example/cb#x", false },
        { "https://u@app.example/cb", false },
        { "https://u:p@app.example/cb", false },
        { "//app.example/cb", false },
        { "/cb", false },
        { "app.example/cb", false },
        { "javascript://app.example/%0aalert(1)", false },
        { "myapp://callback", false },
        { "https:///cb", false },
        { "https://app.example\\@evil.example/cb", false },
        { "https://app.example/c b", false },
        { "https://app.example/cb\r\n", false },
        { "", false },
        { NULL, false },
    };
    a0__settings settings = test_settings();
    a0_error *err = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__authorization) authorization = A0__AUTHORIZATION_INIT;
        a0_status status =
            request(&settings, NULL, 0, rows[i].redirect_uri, &authorization, &err);

        if (rows[i].is_accepted) {
            assert_ok(status, err);
            continue;
        }
        assert_string_equal(a0_error_argument(err), "redirect_uri");
        assert_fails(status, &err, param_invalid);
    }
}

static void
authz_09_nothing_null_goes_out_and_openid_stands_once(void **state)
{
    static const struct {
        const char *name;
        const char *value;
        const char *error;
    } rows[] = {
        { "audience", "None", "param_invalid" },
        { "audience", "null", "param_invalid" },
        { "login_hint", "None", "param_invalid" },
        { "scope", "{'https://api.example/': 'read:x'}", "param_invalid" },
        { "scope", "{\"https://api.example/\":\"read:x\"}", "param_invalid" },
        { "scope", "read:x\nopenid", "param_invalid" },
        { "login_hint", "\xff", "param_invalid" },
        { "login_hint", NULL, "" },
        { "audience", "", "" },
    };
    static const struct {
        const char *asked;
        const char *sent;
    } scopes[] = {
        { "read:x", "openid read:x" },
        { "openid", "openid" },
        { "read:x openid openid", "read:x openid" },
        { "OPENID", "openid OPENID" },
        { NULL, "openid profile email offline_access" },
        { "", "openid profile email offline_access" },
    };
    a0_error *err = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_param(rows[i].name, rows[i].value, rows[i].error);
    }
    for (size_t i = 0; i < sizeof scopes / sizeof scopes[0]; i++) {
        A0_AUTO(a0__authorization) authorization = A0__AUTHORIZATION_INIT;
        A0_AUTO(a0__params) params = A0__PARAMS_INIT;

        assert_ok(request_with("scope", scopes[i].asked, &authorization, &err), err);
        assert_text(form_get(&authorization, &params, "scope"), scopes[i].sent);
        assert_null(form_get(&authorization, &params, "audience").ptr);
    }
}

static void
authz_09_scope_is_that_of_the_audience_in_use(void **state)
{
    static const a0_param param = { "audience", "https://b.example/" };
    char names[2][24] = { "https://a.example/", "https://b.example/" };
    char values[2][16] = { "openid read:a", "read:b" };
    a0__pair pairs[] = { { names[0], values[0] }, { names[1], values[1] } };
    a0__settings settings = test_settings();
    A0_AUTO(a0__authorization) by_default = A0__AUTHORIZATION_INIT;
    A0_AUTO(a0__authorization) by_caller = A0__AUTHORIZATION_INIT;
    a0_error *err = NULL;

    (void)state;
    settings.audience = names[0];
    settings.scopes_by_audience = (a0__pairs){ pairs, 2 };
    assert_ok(request(&settings, NULL, 0, "https://app.example/cb", &by_default, &err),
              err);
    assert_string_equal(by_default.scope, "openid read:a");
    assert_ok(request(&settings, &param, 1, "https://app.example/cb", &by_caller, &err),
              err);
    assert_string_equal(by_caller.scope, "openid read:b");
    assert_string_equal(by_caller.audience, "https://b.example/");
}

static void
authz_10_max_age_and_prompt_are_checked(void **state)
{
    static const struct {
        const char *name;
        const char *value;
        const char *error;
    } rows[] = {
        { "max_age", "0", "" },
        { "max_age", "300", "" },
        { "max_age", "-1", "param_invalid" },
        { "max_age", "+1", "param_invalid" },
        { "max_age", "300x", "param_invalid" },
        { "max_age", "3e2", "param_invalid" },
        { "max_age", " 300", "param_invalid" },
        { "max_age", "soon", "param_invalid" },
        { "max_age", "2147483648", "param_invalid" },
        { "max_age", "99999999999999999999999999", "param_invalid" },
        { "prompt", "none", "" },
        { "prompt", "login consent", "" },
        { "prompt", "select_account", "" },
        { "prompt", "none login", "param_invalid" },
        { "prompt", "login none", "param_invalid" },
        { "prompt", "none none", "param_invalid" },
        { "prompt", "Login", "param_invalid" },
        { "prompt", "other", "param_invalid" },
        { "organization", "org_Q1w2E3r4T5y6U7i8", "" },
        { "organization", "org 1", "param_invalid" },
        { "invitation", "ticket-1", "" },
        { "invitation", "ticket\t1", "param_invalid" },
        { "acr_values", "gold \"silver\"", "param_invalid" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_param(rows[i].name, rows[i].value, rows[i].error);
    }
}

static void
authz_10_what_was_asked_is_given_back_to_be_enforced(void **state)
{
    static const a0_param params[] = {
        { "max_age", "0" },
        { "acr_values", "gold" },
        { "organization", "org_1" },
    };
    char name[] = "max_age";
    char value[] = "3600";
    a0__pair pair = { name, value };
    a0__settings settings = test_settings();
    A0_AUTO(a0__authorization) asked = A0__AUTHORIZATION_INIT;
    A0_AUTO(a0__authorization) by_default = A0__AUTHORIZATION_INIT;
    A0_AUTO(a0__authorization) nothing = A0__AUTHORIZATION_INIT;
    a0_error *err = NULL;

    (void)state;
    assert_ok(request(&settings, NULL, 0, "https://app.example/cb", &nothing, &err),
              err);
    assert_int_equal(nothing.max_age, -1);
    assert_null(nothing.organization);
    assert_null(nothing.acr_values);

    settings.authorization_params = (a0__pairs){ &pair, 1 };
    assert_ok(request(&settings, NULL, 0, "https://app.example/cb", &by_default, &err),
              err);
    assert_int_equal(by_default.max_age, 3600);

    assert_ok(request(&settings, params, 3, "https://app.example/cb", &asked, &err),
              err);
    assert_int_equal(asked.max_age, 0);
    assert_string_equal(asked.acr_values, "gold");
    assert_string_equal(asked.organization, "org_1");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(authz_01_reserved_parameters_are_set_by_the_library_alone),
        cmocka_unit_test(
            authz_01_a_reserved_parameter_with_the_value_that_is_sent_is_sent_once),
        cmocka_unit_test(authz_01_defaults_are_held_to_the_same_rule),
        cmocka_unit_test(authz_01_each_parameter_stands_once_and_the_caller_wins),
        cmocka_unit_test(authz_04_redirect_uri_is_absolute_and_safe),
        cmocka_unit_test(authz_09_nothing_null_goes_out_and_openid_stands_once),
        cmocka_unit_test(authz_09_scope_is_that_of_the_audience_in_use),
        cmocka_unit_test(authz_10_max_age_and_prompt_are_checked),
        cmocka_unit_test(authz_10_what_was_asked_is_given_back_to_be_enforced),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    test_tenant_end();
    return failed;
}
