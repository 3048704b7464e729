/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <string.h>

#include "base/base64url.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/time.h"
#include "base/url.h"

static void
error_keeps_what_the_peer_said_but_no_control_bytes(void **state)
{
    a0_error *err = NULL;

    (void)state;
    assert_int_equal(a0__fail(&err, A0_E_token_http_error), A0_UNAVAILABLE);
    a0__error_set_peer(err, 403, A0__LIT("invalid_grant"), A0__LIT("a\r\nb"));
    assert_string_equal(a0_error_id(err), "token_http_error");
    assert_string_equal(a0_error_peer_code(err), "invalid_grant");
    assert_null(a0_error_peer_description(err));
    a0_error_free(err);
}

static void
error_is_copied_with_all_that_it_says(void **state)
{
    a0_error *err = NULL;
    a0_error *copy = NULL;

    (void)state;
    assert_null(a0__error_copy(NULL));
    a0__ignore(a0__fail_saying(&err, A0_E_vault_scope_missing, "%s", "more is needed"));
    a0__error_set_peer(err, 403, A0__LIT("code"), A0__LIT("text"));
    a0__error_set_argument(err, "argument");
    a0__error_set_http_status(err, 418);
    a0__error_set_retry_after(err, 7);
    a0__error_set_missing_scopes(err, A0__LIT("a b"));
    a0__error_set_problem(err, A0__LIT("{}"));
    copy = a0__error_copy(err);
    a0_error_free(err);
    assert_string_equal(a0_error_id(copy), "vault_scope_missing");
    assert_string_equal(a0_error_message(copy), "more is needed");
    assert_string_equal(a0_error_peer_code(copy), "code");
    assert_string_equal(a0_error_peer_description(copy), "text");
    assert_string_equal(a0_error_argument(copy), "argument");
    assert_string_equal(a0_error_missing_scopes(copy), "a b");
    assert_string_equal(a0_error_problem(copy), "{}");
    assert_int_equal(a0_error_peer_status(copy), 403);
    assert_int_equal(a0_error_http_status(copy), 418);
    assert_int_equal(a0_error_retry_after_s(copy), 7);
    a0_error_free(copy);
}

static void
buffer_past_its_limit_fails_once_and_stays_failed(void **state)
{
    A0_AUTO(a0__buf) buf = A0__BUF_INIT(4);
    a0_error *err = NULL;

    (void)state;
    a0__buf_string(&buf, "abcd");
    assert_true(a0__buf_ok(&buf));
    a0__buf_string(&buf, "e");
    a0__buf_string(&buf, "");
    assert_fails(a0__buf_check(&buf, &err), &err, param_invalid);
}

static void
base64url_accepts_one_text_per_byte_string(void **state)
{
    static const char *const bad[] = { "A", "QUI=", "QU J", "QUJ+", "QR", "QUJDR" };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        A0_AUTO(a0__buf) out = A0__BUF_INIT(64);

        assert_false(a0__base64url_decode(a0__text_of(bad[i]), &out));
    }
    {
        A0_AUTO(a0__buf) out = A0__BUF_INIT(64);

        assert_true(a0__base64url_decode(A0__LIT("QUJD"), &out));
        assert_text(a0__buf_view(&out), "ABC");
    }
}

/* RFC 5869 appendix A.1 */
static void
hkdf_gives_the_octets_of_rfc_5869(void **state)
{
    static const unsigned char ikm[22] = { 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b,
                                           0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b,
                                           0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b,
                                           0x0b, 0x0b, 0x0b, 0x0b };
    static const unsigned char salt[13] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
    static const unsigned char info[10] = { 0xf0, 0xf1, 0xf2, 0xf3, 0xf4,
                                            0xf5, 0xf6, 0xf7, 0xf8, 0xf9 };
    A0_AUTO(a0__buf) hex = A0__BUF_INIT(128);
    unsigned char okm[42];
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0__hkdf_sha256(a0__text_range((const char *)ikm, sizeof ikm),
                              a0__text_range((const char *)salt, sizeof salt),
                              a0__text_range((const char *)info, sizeof info), okm,
                              sizeof okm, &err),
              err);
    a0__buf_hex(&hex, okm, sizeof okm);
    assert_text(a0__buf_view(&hex),
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db0"
                "2d56ecc4c5bf34007208d5b887185865");
}

static void
gcm_opens_only_what_was_sealed_to_the_bit(void **state)
{
    static const unsigned char key[A0__KEY_BYTES] = { 1 };
    static const unsigned char nonce[A0__GCM_NONCE_BYTES] = { 2 };
    A0_AUTO(a0__buf) sealed = A0__BUF_INIT(64);
    A0_AUTO(a0__buf) opened = A0__BUF_INIT(64);
    a0_error *err = NULL;
    bool is_open = false;

    (void)state;
    assert_ok(
        a0__gcm_seal(key, nonce, A0__LIT("aad"), A0__LIT("secret"), &sealed, &err),
        err);
    assert_ok(a0__gcm_open(key, nonce, A0__LIT("aad"), a0__buf_view(&sealed), &opened,
                           &is_open, &err),
              err);
    assert_true(is_open);
    assert_text(a0__buf_view(&opened), "secret");
    for (size_t bit = 0; bit < sealed.len * 8; bit++) {
        sealed.ptr[bit / 8] = (char)(sealed.ptr[bit / 8] ^ (1 << bit % 8));
        a0__buf_reset(&opened);
        assert_ok(a0__gcm_open(key, nonce, A0__LIT("aad"), a0__buf_view(&sealed),
                               &opened, &is_open, &err),
                  err);
        assert_false(is_open);
        assert_int_equal(opened.len, 0);
        sealed.ptr[bit / 8] = (char)(sealed.ptr[bit / 8] ^ (1 << bit % 8));
    }
}

static void
url_parser_refuses_what_browsers_repair(void **state)
{
    static const char *const bad[] = {
        "https:/a.example", "https:///x",   "//a.example",
        "https://a\\b",     "https://a:0",  "https://a:65536",
        "https://a b",      "https://[::1", ""
    };
    a0__url url;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(a0__url_parse(a0__text_of(bad[i]), &url));
    }
    assert_true(a0__url_parse(A0__LIT("https://u@H.example:8443/p?q#f"), &url));
    assert_text(url.host, "H.example");
    assert_text(url.userinfo, "u");
    assert_int_equal(url.port, 8443);
    assert_text(url.path, "/p");
    assert_text(url.query, "q");
    assert_text(url.fragment, "f");
}

static void
loopback_is_decided_by_the_literal_text(void **state)
{
    (void)state;
    assert_true(a0__host_is_loopback(A0__LIT("127.0.0.1")));
    assert_true(a0__host_is_loopback(A0__LIT("LOCALHOST")));
    assert_true(a0__host_is_loopback(A0__LIT("::1")));
    assert_false(a0__host_is_loopback(A0__LIT("127.1")));
    assert_false(a0__host_is_loopback(A0__LIT("0177.0.0.1")));
    assert_false(a0__host_is_loopback(A0__LIT("127.0.0.1.example")));
    assert_false(a0__host_is_loopback(A0__LIT("localhost.example")));
}

static void
parameters_keep_order_count_repeats_and_refuse_bad_escapes(void **state)
{
    A0_AUTO(a0__params) params = A0__PARAMS_INIT;
    a0_error *err = NULL;
    bool valid = false;
    size_t count = 0;

    (void)state;
    assert_ok(
        a0__params_parse(A0__LIT("&&a=1&b=x%20y+z&a=2&"), 9, &params, &valid, &err),
        err);
    assert_true(valid);
    assert_text(a0__params_get(&params, "a", &count), "1");
    assert_int_equal(count, 2);
    assert_text(a0__params_get(&params, "b", NULL), "x y z");
    a0__params_clear(&params);
    assert_ok(a0__params_parse(A0__LIT("a=%4"), 9, &params, &valid, &err), err);
    assert_false(valid);
    a0__params_clear(&params);
    assert_ok(a0__params_parse(A0__LIT("a=%00"), 9, &params, &valid, &err), err);
    assert_false(valid);
}

static void
time_is_written_as_rfc_3339_past_2038(void **state)
{
    A0_AUTO(a0__buf) out = A0__BUF_INIT(64);

    (void)state;
    a0__time_iso8601(INT64_C(1772600767089), &out);
    a0__buf_byte(&out, ' ');
    a0__time_iso8601(INT64_C(4107542400000), &out);
    assert_text(a0__buf_view(&out),
                "2026-03-04T05:06:07.089Z 2100-03-01T00:00:00.000Z");
}

static void
uuid7_starts_with_the_time(void **state)
{
    char uuid[A0__UUID_LEN + 1];
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0__uuid7(INT64_C(0x0123456789ab), a0_random_system(), NULL, uuid, &err),
              err);
    assert_memory_equal(uuid, "01234567-89ab-7", 15);
    assert_int_equal(strlen(uuid), A0__UUID_LEN);
}

static void
log_line_hides_persons_and_escapes_what_deceives(void **state)
{
    const a0_log_field fields[] = { A0__FIELD_PERSON("sub", "auth0|1"),
                                    A0__FIELD_FOREIGN("text",
                                                      "a\n\xe2\x80\xae\x1b[0m") };
    A0_AUTO(a0__buf) out = A0__BUF_INIT(1024);

    (void)state;
    a0__log_json_line(0, A0_LOG_WARN, "x", fields, 2, &out);
    assert_text(
        a0__buf_view(&out),
        "{\"time\":\"1970-01-01T00:00:00.000Z\",\"level\":\"warn\",\"event\":\"x\","
        "\"sub\":\"(person)\",\"text\":\"a\\u000a\\u202e\\u001b[0m\"}");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_keeps_what_the_peer_said_but_no_control_bytes),
        cmocka_unit_test(error_is_copied_with_all_that_it_says),
        cmocka_unit_test(buffer_past_its_limit_fails_once_and_stays_failed),
        cmocka_unit_test(base64url_accepts_one_text_per_byte_string),
        cmocka_unit_test(hkdf_gives_the_octets_of_rfc_5869),
        cmocka_unit_test(gcm_opens_only_what_was_sealed_to_the_bit),
        cmocka_unit_test(url_parser_refuses_what_browsers_repair),
        cmocka_unit_test(loopback_is_decided_by_the_literal_text),
        cmocka_unit_test(parameters_keep_order_count_repeats_and_refuse_bad_escapes),
        cmocka_unit_test(time_is_written_as_rfc_3339_past_2038),
        cmocka_unit_test(uuid7_starts_with_the_time),
        cmocka_unit_test(log_line_hides_persons_and_escapes_what_deceives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
