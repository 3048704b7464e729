/* SPDX-License-Identifier: MIT */
/* Group JWKS of the case catalogue: the rows about the discovery document. */
#include "support.h"

#include "oidc/discovery.h"
#include "test_tenant.h"

#define AT "https://acme.eu.auth0.com"

static const char BASE[] =
    "{\"issuer\":\"" TEST_ISSUER "\",\"authorization_endpoint\":\"" AT
    "/authorize\",\"token_endpoint\":\"" AT "/oauth/token\",\"userinfo_endpoint\":\"" AT
    "/userinfo\",\"jwks_uri\":\"" AT
    "/.well-known/jwks.json\",\"pushed_authorization_request_endpoint\":\"" AT
    "/oauth/par\",\"revocation_endpoint\":\"" AT
    "/oauth/revoke\",\"end_session_endpoint\":\"" AT
    "/oidc/logout\",\"code_challenge_methods_supported\":[\"S256\",\"plain\"],"
    "\"response_types_supported\":[\"code\"],\"unknown\":{\"x\":[1]}}";

static const char PROMISE[] =
    "{\"authorization_response_iss_parameter_supported\":true}";

static a0_status
read_changed(const a0__settings *settings, const char *changes, a0__metadata *out,
             a0_error **err)
{
    A0_AUTO(a0__buf) document = A0__BUF_INIT(8192);

    test_change(BASE, changes, &document);
    return a0__metadata_read(settings, a0__buf_view(&document), out, err);
}

static void
jwks_07_issuer_is_compared_byte_for_byte(void **state)
{
    static const char *const changes[] = {
        "{\"issuer\":\"(absent)\"}",
        "{\"issuer\":\"https://acme.eu.auth0.com\"}",
        "{\"issuer\":\"https://Acme.eu.auth0.com/\"}",
        "{\"issuer\":\"http://acme.eu.auth0.com/\"}",
        "{\"issuer\":\"https://other.eu.auth0.com/\"}",
        "{\"issuer\":\"https://acme.eu.auth0.com/ \"}",
        "{\"issuer\":\"\"}",
        "{\"issuer\":null}",
        "{\"issuer\":[\"" TEST_ISSUER "\"]}",
    };
    a0__settings settings = test_settings();
    A0_AUTO(a0__metadata) good = A0__METADATA_INIT;
    a0_error *err = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        A0_AUTO(a0__metadata) metadata = A0__METADATA_INIT;

        assert_fails(read_changed(&settings, changes[i], &metadata, &err), &err,
                     discovery_issuer_mismatch);
        assert_null(metadata.token_endpoint);
    }
    assert_ok(read_changed(&settings, "{}", &good, &err), err);
    assert_string_equal(good.issuer, TEST_ISSUER);
    assert_string_equal(good.token_endpoint, AT "/oauth/token");
}

static void
jwks_08_endpoints_stand_on_the_issuers_origin(void **state)
{
    static const char *const endpoints[] = {
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "pushed_authorization_request_endpoint",
        "revocation_endpoint",
        "end_session_endpoint",
    };
    static const char *const bad[] = {
        "\"http://acme.eu.auth0.com/x\"",
        "\"https://evil.example/x\"",
        "\"https://acme.eu.auth0.com.evil.example/x\"",
        "\"https://sub.acme.eu.auth0.com/x\"",
        "\"https://acme.eu.auth0.com./x\"",
        "\"https://203.0.113.7/x\"",
        "\"https://[2001:db8::1]/x\"",
        "\"https://u@acme.eu.auth0.com/x\"",
        "\"https://acme.eu.auth0.com@evil.example/x\"",
        "\"https://acme.eu.auth0.com/x#f\"",
        "\"https://acme.eu.auth0.com/x?next=y\"",
        "\"https://acme.eu.auth0.com:8443/x\"",
        "\"https://acme.eu.auth0.com\\\\@evil.example/x\"",
        "\"file:///etc/passwd\"",
        "\"/x\"",
        "\"\"",
        "null",
        "7",
        "[\"https://acme.eu.auth0.com/x\"]",
    };
    a0__settings settings = test_settings();
    a0_error *err = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof endpoints / sizeof endpoints[0]; i++) {
        for (size_t j = 0; j < sizeof bad / sizeof bad[0]; j++) {
            A0_AUTO(a0__metadata) metadata = A0__METADATA_INIT;
            A0_AUTO(a0__buf) changes = A0__BUF_INIT(512);
            a0_status status = A0_OK;

            a0__buf_format(&changes, "{\"%s\":%s}", endpoints[i], bad[j]);
            status = read_changed(&settings, a0__buf_cstr(&changes), &metadata, &err);
            assert_string_equal(a0_error_argument(err), endpoints[i]);
            assert_fails(status, &err, discovery_invalid);
        }
    }
}

static void
jwks_08_an_issuer_on_loopback_has_its_endpoints_there(void **state)
{
    static const struct {
        const char *token_endpoint;
        bool is_accepted;
    } rows[] = {
        { "http://127.0.0.1:9080/oauth/token", true },
        { "http://127.0.0.1:9081/oauth/token", false },
        { "http://localhost:9080/oauth/token", false },
        { "https://127.0.0.1:9080/oauth/token", false },
        { "https://evil.example/oauth/token", false },
    };
    char issuer[] = "http://127.0.0.1:9080/";
    char base_url[] = "http://127.0.0.1:9080";
    a0__settings settings = test_settings();
    a0_error *err = NULL;

    (void)state;
    settings.issuer = issuer;
    settings.base_url = base_url;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__metadata) metadata = A0__METADATA_INIT;
        A0_AUTO(a0__buf) document = A0__BUF_INIT(1024);
        a0_status status = A0_OK;

        a0__buf_format(&document,
                       "{\"issuer\":\"%s\",\"authorization_endpoint\":\"%s/authorize\","
                       "\"jwks_uri\":\"%s/jwks\",\"token_endpoint\":\"%s\"}",
                       issuer, base_url, base_url, rows[i].token_endpoint);
        status = a0__metadata_read(&settings, a0__buf_view(&document), &metadata, &err);
        if (rows[i].is_accepted) {
            assert_ok(status, err);
        } else {
            assert_fails(status, &err, discovery_invalid);
        }
    }
}

static void
discovery_falls_back_to_auth0s_paths_for_what_is_optional(void **state)
{
    a0__settings settings = test_settings();
    A0_AUTO(a0__metadata) metadata = A0__METADATA_INIT;
    A0_AUTO(a0__metadata) incomplete = A0__METADATA_INIT;
    a0_error *err = NULL;

    (void)state;
    assert_ok(read_changed(&settings,
                           "{\"userinfo_endpoint\":\"(absent)\","
                           "\"pushed_authorization_request_endpoint\":\"(absent)\","
                           "\"revocation_endpoint\":\"(absent)\","
                           "\"end_session_endpoint\":\"(absent)\"}",
                           &metadata, &err),
              err);
    assert_string_equal(metadata.userinfo_endpoint, AT "/userinfo");
    assert_string_equal(metadata.pushed_authorization_request_endpoint,
                        AT "/oauth/par");
    assert_string_equal(metadata.revocation_endpoint, AT "/oauth/revoke");
    assert_string_equal(metadata.end_session_endpoint, AT "/oidc/logout");
    assert_false(metadata.says_par || metadata.says_revocation ||
                 metadata.says_end_session);
    assert_false(metadata.authorization_response_iss_parameter_supported);
    assert_fails(
        read_changed(&settings, "{\"jwks_uri\":\"(absent)\"}", &incomplete, &err), &err,
        discovery_invalid);
}

static void
jwks_10_a_newer_document_takes_nothing_back(void **state)
{
    static const struct {
        const char *changes;
        const char *about; /* NULL: accepted */
    } rows[] = {
        { "{}", NULL },
        { "{\"pushed_authorization_request_endpoint\":\"(absent)\"}",
          "pushed_authorization_request_endpoint" },
        { "{\"revocation_endpoint\":\"(absent)\"}", "revocation_endpoint" },
        { "{\"end_session_endpoint\":\"(absent)\"}", "end_session_endpoint" },
        { "{\"code_challenge_methods_supported\":\"(absent)\"}",
          "code_challenge_methods_supported" },
        { "{\"authorization_response_iss_parameter_supported\":false}",
          "authorization_response_iss_parameter_supported" },
        { "{\"userinfo_endpoint\":\"(absent)\"}", NULL },
        /* What is allowed stands in the settings: more algorithms add nothing. */
        { "{\"id_token_signing_alg_values_supported\":[\"none\",\"HS256\"]}", NULL },
    };
    a0__settings settings = test_settings();
    A0_AUTO(a0__metadata) older = A0__METADATA_INIT;
    a0_error *err = NULL;

    (void)state;
    settings.pushed_authorization_requests = true;
    settings.revoke_on_logout = true;
    settings.logout_endpoint_oidc = true;
    assert_ok(read_changed(&settings, PROMISE, &older, &err), err);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__metadata) newer = A0__METADATA_INIT;
        A0_AUTO(a0__buf) document = A0__BUF_INIT(8192);
        A0_AUTO(a0__buf) changed = A0__BUF_INIT(8192);
        a0_status status = A0_OK;

        test_change(BASE, PROMISE, &document);
        test_change(a0__buf_cstr(&document), rows[i].changes, &changed);
        assert_ok(a0__metadata_read(&settings, a0__buf_view(&changed), &newer, &err),
                  err);
        status = a0__metadata_check_not_weaker(&settings, &older, &newer, &err);
        if (rows[i].about == NULL) {
            assert_ok(status, err);
        } else {
            assert_string_equal(a0_error_argument(err), rows[i].about);
            assert_fails(status, &err, discovery_invalid);
        }
    }
}

static void
jwks_10_what_the_settings_do_not_use_may_go(void **state)
{
    a0__settings settings = test_settings();
    A0_AUTO(a0__metadata) older = A0__METADATA_INIT;
    A0_AUTO(a0__metadata) newer = A0__METADATA_INIT;
    a0_error *err = NULL;

    (void)state;
    assert_ok(read_changed(&settings, "{}", &older, &err), err);
    assert_ok(read_changed(&settings,
                           "{\"pushed_authorization_request_endpoint\":\"(absent)\","
                           "\"revocation_endpoint\":\"(absent)\","
                           "\"end_session_endpoint\":\"(absent)\"}",
                           &newer, &err),
              err);
    assert_ok(a0__metadata_check_not_weaker(&settings, &older, &newer, &err), err);
}

static void
discovery_needs_a_document_of_status_200(void **state)
{
    static const struct {
        int status;
        const char *body;
        const char *error;
    } rows[] = {
        { 200, BASE, "" },
        { 404, BASE, "discovery_fetch_failed" },
        { 500, "", "discovery_fetch_failed" },
        { 200, "", "discovery_invalid" },
        { 200, "[]", "discovery_invalid" },
        { 200, "<html>", "discovery_invalid" },
    };
    a0__settings settings = test_settings();
    A0_AUTO(a0__http_request) sent = { 0 };
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0__metadata_request(&settings, &sent, &err), err);
    assert_text(a0__buf_view(&sent.url), AT "/.well-known/openid-configuration");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__metadata) metadata = A0__METADATA_INIT;
        A0_AUTO(a0__http_response_ptr)
        response = test_response(rows[i].status, "application/json", rows[i].body);
        a0_status status = a0__metadata_response(&settings, response, &metadata, &err);

        if (rows[i].error[0] == '\0') {
            assert_ok(status, err);
        } else {
            support_assert_fails(status, &err, rows[i].error, rows[i].body, __FILE__,
                                 __LINE__);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jwks_07_issuer_is_compared_byte_for_byte),
        cmocka_unit_test(jwks_08_endpoints_stand_on_the_issuers_origin),
        cmocka_unit_test(jwks_08_an_issuer_on_loopback_has_its_endpoints_there),
        cmocka_unit_test(jwks_10_a_newer_document_takes_nothing_back),
        cmocka_unit_test(jwks_10_what_the_settings_do_not_use_may_go),
        cmocka_unit_test(discovery_falls_back_to_auth0s_paths_for_what_is_optional),
        cmocka_unit_test(discovery_needs_a_document_of_status_200),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
