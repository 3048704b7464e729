/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/settings.h"

static const char enough[] = "{\"auth0_domain\": \"acme.eu.auth0.com\","
                             " \"client_id\": \"abc\", \"client_secret\": \"s3cret\","
                             " \"connections_for_account_linking\": []}";

static a0_config *
config_of(const char *json)
{
    a0_config *config = NULL;
    a0_error *err = NULL;

    assert_ok(a0_config_new(&config, &err), err);
    assert_ok(a0_config_read_json(config, json, strlen(json), &err), err);
    return config;
}

static a0__settings *
settings_of(a0_config *config)
{
    a0__settings *settings = NULL;
    a0_error *err = NULL;

    assert_ok(a0__config_settings(config, &settings, &err), err);
    return settings;
}

static a0__settings *
settings_with(const char *name, const char *text)
{
    a0_config *config = config_of(enough);
    a0__settings *settings = NULL;
    a0_error *err = NULL;

    assert_ok(a0_config_set(config, name, text, &err), err);
    settings = settings_of(config);
    a0_config_free(config);
    return settings;
}

/* Checks that there is exactly one fault and that it is this one. */
static void
assert_fault(a0_config *config, const char *expected)
{
    a0_error *err = NULL;

    assert_fails(a0_config_check(config, &err), &err, config_invalid);
    assert_string_equal(a0_config_fault(config, 0), expected);
    assert_int_equal(a0_config_faults_len(config), 1);
}

static void
four_settings_are_enough_and_the_rest_has_its_defaults(void **state)
{
    a0_config *config = config_of(enough);
    a0__settings *s = settings_of(config);

    (void)state;
    assert_string_equal(s->issuer, "https://acme.eu.auth0.com/");
    assert_string_equal(s->management_audience, "https://acme.eu.auth0.com/api/v2/");
    assert_string_equal(s->my_account_audience, "https://acme.eu.auth0.com/me/");
    assert_string_equal(s->scope, "openid profile email offline_access");
    assert_null(s->audience);
    assert_string_equal(s->id_token_algorithms.items[0], "RS256");
    assert_int_equal(s->id_token_algorithms.len, 1);
    assert_int_equal(s->client_authentication, A0__CLIENT_SECRET_POST);
    assert_int_equal(s->clock_leeway_s, 60);
    assert_int_equal(s->http_timeout_ms, 10000);
    assert_int_equal(s->connect_timeout_ms, 3000);
    assert_int_equal(s->session_lifetime_s, 604800);
    assert_int_equal(s->session_idle_s, 86400);
    assert_int_equal(s->transaction_lifetime_s, 600);
    assert_int_equal(s->linking, A0__LINKING_ON);
    assert_int_equal(s->link_undo_days, 90);
    assert_string_equal(s->management_client_id, "abc");
    assert_true(a0__secret_equal(&s->management_client_secret, &s->client_secret));
    a0__settings_free(s);
    a0_config_free(config);
}

static void
every_fault_is_reported_at_once_with_its_line(void **state)
{
    a0_config *config =
        config_of("{\n"
                  "  \"auth0_domain\": \"https://acme.eu.auth0.com/\",\n"
                  "  \"client_id\": 7,\n"
                  "  \"clock_leeway\": 301,\n"
                  "  \"client_ids\": [\"{\", \"client_id\"]\n"
                  "}");
    a0_error *err = NULL;

    (void)state;
    assert_fails(a0_config_check(config, &err), &err, config_invalid);
    assert_int_equal(a0_config_faults_len(config), 6);
    assert_non_null(strstr(a0_config_fault(config, 0), "client_ids: there is no such"));
    assert_non_null(strstr(a0_config_fault(config, 0), "(JSON line 5)"));
    assert_non_null(strstr(a0_config_fault(config, 1), "auth0_domain: "));
    assert_non_null(strstr(a0_config_fault(config, 1), "(JSON line 2)"));
    assert_string_equal(a0_config_fault(config, 2),
                        "client_id: has the wrong type; write the Client ID of the "
                        "application (JSON line 3)");
    assert_string_equal(a0_config_fault(config, 3),
                        "clock_leeway: is out of range; write whole seconds from 0 to "
                        "300 (JSON line 4)");
    assert_non_null(strstr(a0_config_fault(config, 4),
                           "connections_for_account_linking: is missing; write"));
    assert_non_null(strstr(a0_config_fault(config, 5), "client_secret: is missing"));
    assert_null(a0_config_fault(config, 6));
    a0_config_free(config);
}

static void
later_source_wins_and_takes_the_fault_away(void **state)
{
    a0_config *config = config_of(enough);
    const char *const environment[] = { "A0_CLOCK_LEEWAY=30", "PATH=/bin", NULL };
    a0__settings *s = NULL;
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0_config_set(config, "clock_leeway", "30x", &err), err);
    assert_fails(a0_config_check(config, &err), &err, config_invalid);
    assert_ok(a0_config_read_environment(config, environment, &err), err);
    s = settings_of(config);
    assert_int_equal(s->clock_leeway_s, 30);
    assert_string_equal(a0_config_get(config, "clock_leeway"), "30");
    a0__settings_free(s);
    a0_config_free(config);
}

static void
environment_carries_lists_and_objects_as_json(void **state)
{
    a0_config *config = config_of("{}");
    const char *const environment[] = {
        "A0_AUTH0_DOMAIN=http://127.0.0.1:3000",
        "A0_CLIENT_ID=abc",
        "A0_CLIENT_SECRET=s3cret",
        "A0_CONNECTIONS_FOR_ACCOUNT_LINKING=[\"google-oauth2\", \"github\"]",
        "A0_AUTHORIZATION_PARAMS={\"scope\":{\"api\":\"read:x\"},\"audience\":\"api\"}",
        "A0_PUSHED_AUTHORIZATION_REQUESTS=true",
        "A0_APP_METADATA_MERGE=[\"plan\"]",
        NULL,
    };
    a0__settings *s = NULL;
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0_config_read_environment(config, environment, &err), err);
    s = settings_of(config);
    assert_string_equal(s->base_url, "http://127.0.0.1:3000");
    assert_string_equal(s->my_account_audience, "http://127.0.0.1:3000/me/");
    assert_string_equal(s->connections_for_account_linking.items[1], "github");
    assert_string_equal(s->audience, "api");
    assert_string_equal(s->scope, "openid read:x");
    assert_true(s->pushed_authorization_requests);
    assert_int_equal(s->app_metadata_merge, A0__MERGE_KEYS);
    assert_string_equal(s->app_metadata_keys.items[0], "plan");
    a0__settings_free(s);
    a0_config_free(config);
}

/* A file of our own with this content and mode; its path. */
static const char *
file_with(const char *content, mode_t mode)
{
    static char path[] = "/tmp/a0-test-config-XXXXXX";
    int file = 0;

    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, content, strlen(content)), strlen(content));
    assert_int_equal(fchmod(file, mode), 0);
    (void)close(file);
    return path;
}

static void
read_variable_with_path(a0_config *config, const char *variable, const char *path)
{
    char entry[128];
    const char *environment[] = { entry, NULL };
    a0_error *err = NULL;

    (void)snprintf(entry, sizeof entry, "%s=%s", variable, path);
    assert_ok(a0_config_read_environment(config, environment, &err), err);
}

static void
secret_comes_from_a_file_without_its_final_newline(void **state)
{
    a0_config *config = config_of(enough);
    const char *path = file_with("from-a-file\n", 0600);
    a0__settings *s = NULL;

    (void)state;
    read_variable_with_path(config, "A0_CLIENT_SECRET_FILE", path);
    s = settings_of(config);
    assert_true(a0__secret_equal_text(&s->client_secret, A0__LIT("from-a-file")));
    assert_string_equal(a0_config_get(config, "client_secret"), "(set)");
    (void)unlink(path);
    a0__settings_free(s);
    a0_config_free(config);
}

static void
secret_file_that_others_can_read_is_refused(void **state)
{
    a0_config *config = config_of(enough);
    const char *path = file_with("from-a-file", 0640);

    (void)state;
    read_variable_with_path(config, "A0_CLIENT_SECRET_FILE", path);
    assert_fault(config, "client_secret: its file can be read by others; run chmod 600 "
                         "on it; write the Client Secret of the application, best in a "
                         "file named by A0_CLIENT_SECRET_FILE (A0_CLIENT_SECRET_FILE)");
    (void)unlink(path);
    a0_config_free(config);
}

static void
secret_as_variable_and_as_file_is_refused(void **state)
{
    a0_config *config = config_of(enough);
    const char *const environment[] = { "A0_CLIENT_SECRET=a",
                                        "A0_CLIENT_SECRET_FILE=/dev/null", NULL };
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0_config_read_environment(config, environment, &err), err);
    assert_fails(a0_config_check(config, &err), &err, config_invalid);
    assert_non_null(strstr(a0_config_fault(config, 0), "in the environment twice"));
    a0_config_free(config);
}

static void
unknown_variable_is_a_fault_and_others_are_none_of_our_business(void **state)
{
    a0_config *config = config_of(enough);
    const char *const environment[] = { "A0_CLIENT_IDS=x", "A0=1", "HOME=/root", NULL };
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0_config_read_environment(config, environment, &err), err);
    assert_fault(config, "A0_CLIENT_IDS: there is no setting for this variable; unset "
                         "it, or see `a0 help settings` for the right name");
    a0_config_free(config);
}

static void
file_of_a_setting_that_is_no_secret_is_refused(void **state)
{
    a0_config *config = config_of(enough);
    const char *const environment[] = { "A0_CLIENT_ID_FILE=/dev/null", NULL };
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0_config_read_environment(config, environment, &err), err);
    assert_fault(config, "A0_CLIENT_ID_FILE: only a secret may stand in a file of its "
                         "own; set the variable without _FILE");
    a0_config_free(config);
}

static void
text_that_is_no_object_is_an_error_at_once(void **state)
{
    static const char *const texts[] = {
        "", "[]", "{", "{\"a\":1,}", "null", "{\"client_id\":\"a\",\"client_id\":\"b\"}"
    };
    a0_error *err = NULL;
    a0_config *config = config_of(enough);

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_fails(a0_config_read_json(config, texts[i], strlen(texts[i]), &err),
                     &err, config_invalid);
    }
    assert_fails(a0_config_read_file(config, "/nonexistent/a0.json", &err), &err,
                 config_invalid);
    assert_ok(a0_config_check(config, &err), err);
    a0_config_free(config);
}

static void
file_gives_its_name_and_line_to_a_fault(void **state)
{
    a0_config *config = config_of(enough);
    const char *path = file_with("{\n\n\"linking\":\n\"maybe\"}", 0644);
    char expected[160];
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0_config_read_file(config, path, &err), err);
    (void)snprintf(
        expected, sizeof expected,
        "linking: is none of the choices; write one of \"off\", \"observe\", "
        "\"on\" (%s line 3)",
        path);
    assert_fault(config, expected);
    (void)unlink(path);
    a0_config_free(config);
}

static void
key_stands_in_for_a_secret_and_the_secret_for_nothing(void **state)
{
    a0_config *config = config_of(enough);
    a0__settings *s = NULL;
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0_config_set(config, "client_authentication", "private_key_jwt", &err),
              err);
    assert_fails(a0_config_check(config, &err), &err, config_invalid);
    assert_non_null(
        strstr(a0_config_fault(config, 0), "client_assertion_key: is missing"));
    assert_ok(a0_config_set(config, "client_assertion_key",
                            "-----BEGIN PRIVATE KEY-----\nMA==\n"
                            "-----END PRIVATE KEY-----\n",
                            &err),
              err);
    s = settings_of(config);
    assert_int_equal(s->client_authentication, A0__PRIVATE_KEY_JWT);
    assert_string_equal(s->client_assertion_alg, "RS256");
    a0__settings_free(s);
    a0_config_free(config);
}

static void
settings_are_a_copy_that_outlives_the_configuration(void **state)
{
    a0_config *config = config_of(enough);
    a0__settings *one = settings_of(config);
    a0__settings *two = settings_of(config);

    (void)state;
    a0_config_free(config);
    assert_ptr_not_equal(one->client_id, two->client_id);
    a0__settings_free(one);
    assert_string_equal(two->client_id, "abc");
    a0__settings_free(two);
}

static void
openid_is_always_asked_once_and_no_scope_twice(void **state)
{
    a0__settings *s = settings_with(
        "authorization_params", "{\"scope\": \"email  openid email read:x openid\"}");

    (void)state;
    assert_string_equal(s->scope, "email openid read:x");
    a0__settings_free(s);
    s = settings_with("authorization_params", "{\"scope\": \"email\"}");
    assert_string_equal(s->scope, "openid email");
    a0__settings_free(s);
}

static void
scope_by_audience_speaks_of_its_audience_alone(void **state)
{
    a0__settings *s = settings_with(
        "authorization_params",
        "{\"scope\": {\"a\": \"read:a\", \"b\": \"read:b\"}, \"audience\": \"a\"}");

    (void)state;
    assert_string_equal(a0__settings_scope_for(s, NULL), "openid read:a");
    assert_string_equal(a0__settings_scope_for(s, ""), "openid read:a");
    assert_string_equal(a0__settings_scope_for(s, "b"), "openid read:b");
    assert_string_equal(a0__settings_scope_for(s, "c"),
                        "openid profile email offline_access");
    a0__settings_free(s);
}

static void
authorization_params_become_text(void **state)
{
    a0__settings *s = settings_with("authorization_params",
                                    "{\"max_age\": 0, \"prompt\": \"login\"}");

    (void)state;
    assert_int_equal(s->authorization_params.len, 2);
    assert_string_equal(s->authorization_params.items[0].name, "max_age");
    assert_string_equal(s->authorization_params.items[0].value, "0");
    assert_string_equal(s->authorization_params.items[1].value, "login");
    a0__settings_free(s);
}

static void
scopes_of_connections_are_lists(void **state)
{
    a0__settings *s =
        settings_with("custom_scopes", "{\"github\": [\"repo\", \"gist\"]}");

    (void)state;
    assert_int_equal(s->custom_scopes.len, 1);
    assert_string_equal(s->custom_scopes.items[0].name, "github");
    assert_string_equal(s->custom_scopes.items[0].strings.items[1], "gist");
    a0__settings_free(s);
}

static const a0_setting gateway_rows[] = {
    { "listen", "string", "127.0.0.1:8080", "Address to listen at." },
    { "trusted_proxies", "list", "[\"127.0.0.1\"]", "Proxies whose headers count." },
    { "secret", "secret", "", "The server secret." },
};

static void
program_declares_settings_of_its_own(void **state)
{
    a0_config *config = NULL;
    const char *const environment[] = { "A0_SECRET=abc", NULL };
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0_config_new(&config, &err), err);
    assert_ok(a0_config_declare(config, gateway_rows, 3, &err), err);
    assert_ok(a0_config_read_json(config, enough, strlen(enough), &err), err);
    assert_string_equal(a0_config_own(config, "listen"), "127.0.0.1:8080");
    assert_string_equal(a0_config_own_item(config, "trusted_proxies", 0), "127.0.0.1");
    assert_null(a0_config_own_item(config, "trusted_proxies", 1));
    assert_null(a0_config_own(config, "secret"));
    assert_ok(a0_config_read_environment(config, environment, &err), err);
    assert_string_equal(a0_config_own(config, "secret"), "abc");
    assert_string_equal(a0_config_get(config, "secret"), "(set)");
    /* The library's secrets never come out. */
    assert_null(a0_config_own(config, "client_secret"));
    assert_ok(a0_config_check(config, &err), err);
    assert_ok(
        a0_config_refuse(config, "listen", "is no address; write HOST:PORT", &err),
        err);
    assert_fault(config, "listen: is no address; write HOST:PORT");
    assert_ok(a0_config_set(config, "listen", "[::1]:80", &err), err);
    assert_ok(a0_config_check(config, &err), err);
    /* What was of the wrong type stays that, whatever the program made of nothing. */
    assert_ok(a0_config_set(config, "listen", "", &err), err);
    assert_ok(a0_config_refuse(config, "listen", "is missing; write one", &err), err);
    assert_fault(config,
                 "listen: is empty; leave it out or fill it in; write a string");
    assert_ok(a0_config_set(config, "listen", "[::1]:80", &err), err);
    assert_fails(a0_config_declare(config, gateway_rows, 1, &err), &err, param_invalid);
    a0_config_free(config);
}

static void
table_has_a_sentence_for_every_setting(void **state)
{
    (void)state;
    for (size_t i = 0; i < a0_settings_len(); i++) {
        const a0_setting *row = a0_settings(i);

        assert_true(strlen(row->text) > 10);
        assert_true(row->text[strlen(row->text) - 1] == '.');
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(row->name, a0_settings(k)->name);
        }
    }
    assert_null(a0_settings(a0_settings_len()));
}

static void
every_allocation_may_fail(void **state)
{
    static const char json[] =
        "{\"auth0_domain\":\"acme.eu.auth0.com\",\"client_id\":\"a\","
        "\"client_secret\":\"b\",\"connections_for_account_linking\":[\"github\"],"
        "\"custom_scopes\":{\"github\":[\"repo\"]},\"wrong\":1,"
        "\"authorization_params\":{\"scope\":{\"a\":\"b\"},\"audience\":\"a\"}}";
    a0_status status = A0_NO_MEMORY;

    (void)state;
    for (uint64_t n = 1; status == A0_NO_MEMORY; n++) {
        a0_config *config = NULL;
        a0_error *err = NULL;

        a0__mem_fail_at(n, 0);
        status = a0_config_new(&config, &err);
        if (status == A0_OK) {
            status = a0_config_read_json(config, json, sizeof json - 1, &err);
        }
        if (status == A0_OK) {
            status = a0_config_check(config, &err);
        }
        a0__mem_fail_at(0, 0);
        assert_true(status == A0_NO_MEMORY || status == A0_INVALID);
        a0_error_free(err);
        a0_config_free(config);
    }
    assert_int_equal(status, A0_INVALID);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_settings_are_enough_and_the_rest_has_its_defaults),
        cmocka_unit_test(every_fault_is_reported_at_once_with_its_line),
        cmocka_unit_test(later_source_wins_and_takes_the_fault_away),
        cmocka_unit_test(environment_carries_lists_and_objects_as_json),
        cmocka_unit_test(secret_comes_from_a_file_without_its_final_newline),
        cmocka_unit_test(secret_file_that_others_can_read_is_refused),
        cmocka_unit_test(secret_as_variable_and_as_file_is_refused),
        cmocka_unit_test(
            unknown_variable_is_a_fault_and_others_are_none_of_our_business),
        cmocka_unit_test(file_of_a_setting_that_is_no_secret_is_refused),
        cmocka_unit_test(text_that_is_no_object_is_an_error_at_once),
        cmocka_unit_test(file_gives_its_name_and_line_to_a_fault),
        cmocka_unit_test(key_stands_in_for_a_secret_and_the_secret_for_nothing),
        cmocka_unit_test(settings_are_a_copy_that_outlives_the_configuration),
        cmocka_unit_test(openid_is_always_asked_once_and_no_scope_twice),
        cmocka_unit_test(scope_by_audience_speaks_of_its_audience_alone),
        cmocka_unit_test(authorization_params_become_text),
        cmocka_unit_test(scopes_of_connections_are_lists),
        cmocka_unit_test(program_declares_settings_of_its_own),
        cmocka_unit_test(table_has_a_sentence_for_every_setting),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
