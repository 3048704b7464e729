/* SPDX-License-Identifier: MIT */
/* Rows SEC: what may be seen of secrets, persons and foreign text. */
#include "support.h"

#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "config/settings.h"
#include "json/json.h"

enum {
    LINE_MAX_BYTES = 65536
};

static const char canary[] = "CANARY-9f8e7d6c5b4a39281706f5e4d3c2b1a0";

static bool
has_canary(const char *text)
{
    return text != NULL && strstr(text, "CANARY-9f") != NULL;
}

/* One event with this text in a field of this kind, as the JSON writer shows it. */
static void
write_line(a0_log_level level, a0_log_field_kind kind, const char *text, a0__buf *out)
{
    const a0_log_field field = { .name = "field", .kind = kind, .text = text };

    a0__log_json_line(0, level, "event", &field, 1, out);
    assert_true(a0__buf_ok(out));
}

static void
sec_02_descriptions_of_a_peer_are_cut_and_never_the_message(void **state)
{
    char long_text[2000];
    a0_error *err = NULL;

    (void)state;
    memset(long_text, 'x', sizeof long_text);
    (void)a0__fail(&err, A0_E_token_http_error);
    a0__error_set_peer(err, 400, A0__LIT("invalid_grant"),
                       a0__text_range(long_text, sizeof long_text));
    assert_true(strlen(a0_error_peer_description(err)) <= 200);
    assert_null(strstr(a0_error_message(err), "xxx"));
    a0_error_free(err);
    err = NULL;
    (void)a0__fail(&err, A0_E_token_http_error);
    a0__error_set_peer(err, 502, A0__LIT("<html>\n"), A0__LIT("line\nbreak"));
    assert_null(a0_error_peer_code(err));
    assert_null(a0_error_peer_description(err));
    a0_error_free(err);
}

static void
sec_04_configuration_shows_no_secret_and_no_refused_value(void **state)
{
    static const char *const secrets[] = { "client_secret", "client_assertion_key",
                                           "management_client_secret" };
    a0_config *config = NULL;
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0_config_new(&config, &err), err);
    for (size_t i = 0; i < a0_settings_len(); i++) {
        assert_ok(a0_config_set(config, a0_settings(i)->name, canary, &err), err);
    }
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        assert_string_equal(a0_config_get(config, secrets[i]), "(set)");
        assert_null(a0_config_own(config, secrets[i]));
    }
    assert_int_equal(a0_config_check(config, &err), A0_INVALID);
    assert_true(a0_config_faults_len(config) > 10);
    for (size_t i = 0; i < a0_config_faults_len(config); i++) {
        assert_false(has_canary(a0_config_fault(config, i)));
    }
    assert_false(has_canary(a0_error_message(err)));
    assert_false(has_canary(a0_error_argument(err)));
    a0_error_free(err);
    a0_config_free(config);
}

static void
sec_05_a_person_is_named_in_the_audit_stream_alone(void **state)
{
    A0_AUTO(a0__buf) line = A0__BUF_INIT(LINE_MAX_BYTES);

    (void)state;
    write_line(A0_LOG_ERROR, A0_LOG_PERSON, "auth0|66f0", &line);
    assert_null(strstr(a0__buf_cstr(&line), "66f0"));
    a0__buf_reset(&line);
    write_line(A0_LOG_AUDIT, A0_LOG_PERSON, "auth0|66f0", &line);
    assert_non_null(strstr(a0__buf_cstr(&line), "auth0|66f0"));
}

static void
sec_06_deceptive_text_is_escaped_and_reads_back_as_it_was(void **state)
{
    static const char *const texts[] = {
        "a\r\n{\"event\":\"forged\"}",
        "\x1b[2J\x1b[31m",
        "tab\there",
        "quote\" and \\ slash",
        "delete\x7f",
        "next line \xc2\x85",
        "line separator \xe2\x80\xa8",
        "paragraph separator \xe2\x80\xa9",
        "bidi \xe2\x80\xae override",
        "isolate \xe2\x81\xa6",
        "arabic letter mark \xd8\x9c",
        "left to right mark \xe2\x80\x8e",
    };
    static const char *const raw[] = { "\r",           "\n",           "\x1b",
                                       "\t",           "\x7f",         "\xc2\x85",
                                       "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xae",
                                       "\xe2\x81\xa6", "\xd8\x9c",     "\xe2\x80\x8e" };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        A0_AUTO(a0__buf) line = A0__BUF_INIT(LINE_MAX_BYTES);
        A0_AUTO(a0__json_doc) document = NULL;
        a0__text shown = A0__NO_TEXT;
        a0_error *err = NULL;

        write_line(A0_LOG_WARN, A0_LOG_FOREIGN, texts[i], &line);
        for (size_t k = 0; k < sizeof raw / sizeof raw[0]; k++) {
            assert_null(strstr(a0__buf_cstr(&line), raw[k]));
        }
        assert_ok(a0__json_parse(a0__buf_view(&line), &document, &err), err);
        assert_int_equal(a0__json_text(document, "field", &shown), A0__FOUND);
        assert_text(shown, texts[i]);
    }
}

static void
sec_06_long_and_broken_text_is_bounded(void **state)
{
    static char megabyte[1024 * 1024];
    A0_AUTO(a0__buf) line = A0__BUF_INIT(LINE_MAX_BYTES);

    (void)state;
    memset(megabyte, 'x', sizeof megabyte - 1);
    write_line(A0_LOG_WARN, A0_LOG_FOREIGN, megabyte, &line);
    assert_true(line.len < 512);
    a0__buf_reset(&line);
    write_line(A0_LOG_WARN, A0_LOG_FOREIGN, "\xff\xfe\xc0\xaf", &line);
    assert_non_null(strstr(a0__buf_cstr(&line), "(4 bytes, not UTF-8)"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sec_02_descriptions_of_a_peer_are_cut_and_never_the_message),
        cmocka_unit_test(sec_04_configuration_shows_no_secret_and_no_refused_value),
        cmocka_unit_test(sec_05_a_person_is_named_in_the_audit_stream_alone),
        cmocka_unit_test(sec_06_deceptive_text_is_escaped_and_reads_back_as_it_was),
        cmocka_unit_test(sec_06_long_and_broken_text_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
