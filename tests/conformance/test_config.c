/* SPDX-License-Identifier: MIT */
/* Rows of the security cases about settings. */
#include "support.h"

#include <string.h>

#include "base/mem.h"
#include "config/settings.h"

/* A setting as it may stand in the environment or behind a0_config_set. */
typedef struct bad_value {
    const char *name;
    const char *text;
} bad_value;

static const char enough[] = "{\"auth0_domain\": \"acme.eu.auth0.com\","
                             " \"client_id\": \"abc\", \"client_secret\": \"s3cret\","
                             " \"connections_for_account_linking\": []}";

static a0_config *
good_config(void)
{
    a0_config *config = NULL;
    a0_error *err = NULL;

    assert_ok(a0_config_new(&config, &err), err);
    assert_ok(a0_config_read_json(config, enough, sizeof enough - 1, &err), err);
    return config;
}

/* One fault, and it names the setting. */
static void
assert_refused(const char *name, const char *text)
{
    a0_config *config = good_config();
    a0_error *err = NULL;
    a0_status status = A0_OK;

    assert_ok(a0_config_set(config, name, text, &err), err);
    status = a0_config_check(config, &err);
    if (status != A0_INVALID || a0_config_faults_len(config) != 1 ||
        strncmp(a0_config_fault(config, 0), name, strlen(name)) != 0) {
        fail_msg("%s = %s: status %d, fault %s", name, text, (int)status,
                 a0_config_faults_len(config) > 0 ? a0_config_fault(config, 0)
                                                  : "none");
    }
    assert_string_equal(a0_error_id(err), "config_invalid");
    a0_error_free(err);
    a0_config_free(config);
}

static void
assert_accepted(const char *name, const char *text)
{
    a0_config *config = good_config();
    a0_error *err = NULL;

    assert_ok(a0_config_set(config, name, text, &err), err);
    assert_ok(a0_config_check(config, &err), err);
    a0_config_free(config);
}

static void
authz_09_bad_values_are_refused_by_name(void **state)
{
    static const bad_value values[] = {
        { "clock_leeway", "300x" },
        { "clock_leeway", " 30" },
        { "clock_leeway", "" },
        { "clock_leeway", "-1" },
        { "clock_leeway", "0x10" },
        { "clock_leeway", "1e2" },
        { "clock_leeway", "60.0" },
        { "clock_leeway", "\"60\"" },
        { "http_timeout", "0" },
        { "http_timeout", "99999999999999999999" },
        { "http_timeout", "9223372036854775808" },
        { "connect_timeout", "11" },
        { "session_idle", "604801" },
        { "session_lifetime", "18446744073709551617" },
        { "transaction_lifetime", "59" },
        { "link_undo_days", "ninety" },
        { "pushed_authorization_requests", "yes" },
        { "pushed_authorization_requests", "1" },
        { "pushed_authorization_requests", "True" },
        { "audience", "" },
        { "audience", "two words" },
        { "client_id", "abc\n" },
        { "client_secret", "s3cret\r\n" },
        { "client_authentication", "none" },
        { "client_assertion_key", "MIIEvQ" },
        { "authorization_params", "null" },
        { "authorization_params", "[]" },
        { "authorization_params", "{\"audience\": null}" },
        { "authorization_params", "{\"scope\": null}" },
        { "authorization_params", "{\"scope\": [\"openid\"]}" },
        { "authorization_params", "{\"scope\": {\"api\": {\"a\": 1}}}" },
        { "authorization_params", "{\"scope\": \"a\\\"b\"}" },
        { "authorization_params", "{\"claims\": {\"id_token\": {}}}" },
        { "authorization_params", "{\"State\": \"x\"}" },
        { "authorization_params", "{\"code_challenge_method\": \"plain\"}" },
        { "id_token_algorithms", "[]" },
        { "id_token_algorithms", "[\"none\"]" },
        { "id_token_algorithms", "[\"rs256\"]" },
        { "id_token_algorithms", "RS256" },
        { "connections_for_account_linking", "[\"a/b\"]" },
        { "connections_for_account_linking", "None" },
        { "logout_endpoint", "v3" },
        { "custom_scopes", "{\"github\": \"repo\"}" },
        { "vault_subject", "access_token " },
        { "app_metadata_merge", "keep" },
    };

    (void)state;
    assert_true(sizeof values / sizeof values[0] >= 40);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_refused(values[i].name, values[i].text);
    }
}

static void
authz_09_null_and_mistyped_json_values_name_their_line(void **state)
{
    static const char json[] = "{\n\"audience\": null,\n\"custom_scopes\": \"repo\",\n"
                               "\"clock_leeway\": \"60\"}";
    a0_config *config = good_config();
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0_config_read_json(config, json, sizeof json - 1, &err), err);
    assert_fails(a0_config_check(config, &err), &err, config_invalid);
    assert_int_equal(a0_config_faults_len(config), 3);
    assert_non_null(strstr(a0_config_fault(config, 0), "audience: has the wrong type"));
    assert_non_null(strstr(a0_config_fault(config, 0), "line 2"));
    assert_non_null(strstr(a0_config_fault(config, 1), "clock_leeway: has the wrong "));
    assert_non_null(strstr(a0_config_fault(config, 1), "line 4"));
    assert_non_null(
        strstr(a0_config_fault(config, 2), "custom_scopes: has the wrong "));
    assert_non_null(strstr(a0_config_fault(config, 2), "line 3"));
    a0_config_free(config);
}

static const char *const bad_hosts[] = {
    "acme.eu.auth0.com/",
    "https://acme.eu.auth0.com/",
    "https://acme.eu.auth0.com/tenant",
    "acme.eu.auth0.com:8443",
    "https://acme.eu.auth0.com:443",
    "http://acme.eu.auth0.com",
    "ftp://localhost",
    "user@acme.eu.auth0.com",
    "https://user:pw@acme.eu.auth0.com",
    "acme.eu.auth0.com?x",
    "acme.eu.auth0.com#x",
    "acme.eu.auth0.com.",
    "acme..auth0.com",
    "-acme.auth0.com",
    "acme_eu.auth0.com",
    "acme.eu.auth0.com@localhost",
    "http://localhost@acme.eu.auth0.com",
    "http://localhost.acme.com",
    "http://127.0.0.1.acme.com",
    "http://0.0.0.0:3000",
    "http://[::2]:3000",
    "169.254.169.254",
    "https://169.254.169.254",
    "10.0.0.1",
    "2130706433",
    "0x7f000001",
    "127.1",
    "0177.0.0.1",
    "[fe80::1]",
    "https://[::ffff:127.0.0.1]",
    "acm\xc3\xa9.auth0.com",
    "acme.auth0.com\xe3\x80\x82",
    "http://localhost:0",
    "http://localhost:70000",
    "http://localhost:3000/x",
    "acme\\eu.auth0.com",
};

static void
http_08_only_plain_names_and_literal_loopback_hosts_are_contacted(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_hosts / sizeof bad_hosts[0]; i++) {
        assert_refused("auth0_domain", bad_hosts[i]);
    }
    assert_accepted("auth0_domain", "xn--acm-dma.auth0.com");
    assert_accepted("auth0_domain", "http://localhost:3000");
    assert_accepted("auth0_domain", "http://127.0.0.1:3000");
    assert_accepted("auth0_domain", "http://[::1]:3000");
    assert_accepted("auth0_domain", "https://127.0.0.1:8443");
    assert_accepted("auth0_domain", "localhost:8443");
}

static void
mgmt_07_management_host_and_audience_come_from_the_management_domain_alone(void **state)
{
    a0_config *config = good_config();
    a0__settings *s = NULL;
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0_config_set(config, "auth0_domain", "Login.Acme.com", &err), err);
    assert_ok(
        a0_config_set(config, "auth0_management_api_domain", "acme.eu.auth0.com", &err),
        err);
    assert_ok(a0__config_settings(config, &s, &err), err);
    assert_string_equal(s->management_base_url, "https://acme.eu.auth0.com");
    assert_string_equal(s->management_audience, "https://acme.eu.auth0.com/api/v2/");
    assert_string_equal(s->issuer, "https://login.acme.com/");
    assert_string_equal(s->my_account_audience, "https://login.acme.com/me/");
    a0__settings_free(s);
    a0_config_free(config);
    for (size_t i = 0; i < sizeof bad_hosts / sizeof bad_hosts[0]; i++) {
        assert_refused("auth0_management_api_domain", bad_hosts[i]);
    }
}

static void
sess_06_weak_and_malformed_keys_are_refused(void **state)
{
    static const char *const keys[] = {
        "[]",
        "[\"\"]",
        "[\"short\"]",
        "[\"0123456789abcdefghijklmnopqrstu\"]",  /* 31 bytes */
        "[\"0123456789abcdef0123456789abcdef\"]", /* 16 bytes in hexadecimal */
        "[\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\"]",
        "[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"]",
        "[\"N3rPc2V0RkQ1bGpUYm9qWk1xR0hVc0xvVnRKd2lXbUE=\\n\"]",
        "[\" N3rPc2V0RkQ1bGpUYm9qWk1xR0hVc0xvVnRKd2lXbUE=\"]",
        "[\"N3rPc2V0RkQ1bGpUYm9qWk1xR0hVc0xvVnRKd2lXbUE=\", \"short\"]",
        "N3rPc2V0RkQ1bGpUYm9qWk1xR0hVc0xvVnRKd2lXbUE=",
        "{}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        assert_refused("encryption_keys", keys[i]);
    }
}

static void
sess_06_first_key_encrypts_and_the_order_stays(void **state)
{
    a0_config *config = good_config();
    a0__settings *s = NULL;
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0_config_set(config, "encryption_keys",
                            "[\"N3rPc2V0RkQ1bGpUYm9qWk1xR0hVc0xvVnRKd2lXbUE=\","
                            " \"00112233445566778899aabbccddeeff"
                            "00112233445566778899aabbccddeeff\"]",
                            &err),
              err);
    assert_ok(a0__config_settings(config, &s, &err), err);
    assert_int_equal(s->encryption_keys.len, 2);
    assert_true(
        a0__secret_equal_text(&s->encryption_keys.items[0],
                              A0__LIT("N3rPc2V0RkQ1bGpUYm9qWk1xR0hVc0xvVnRKd2lXbUE=")));
    a0__settings_free(s);
    a0_config_free(config);
}

static void
idt_19_leeway_is_bounded(void **state)
{
    (void)state;
    assert_refused("clock_leeway", "301");
    assert_refused("clock_leeway", "-1");
    assert_accepted("clock_leeway", "0");
    assert_accepted("clock_leeway", "300");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(authz_09_bad_values_are_refused_by_name),
        cmocka_unit_test(authz_09_null_and_mistyped_json_values_name_their_line),
        cmocka_unit_test(
            http_08_only_plain_names_and_literal_loopback_hosts_are_contacted),
        cmocka_unit_test(
            mgmt_07_management_host_and_audience_come_from_the_management_domain_alone),
        cmocka_unit_test(sess_06_weak_and_malformed_keys_are_refused),
        cmocka_unit_test(sess_06_first_key_encrypts_and_the_order_stays),
        cmocka_unit_test(idt_19_leeway_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
