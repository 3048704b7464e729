/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <string.h>

#include "base/net_address.h"
#include "http/http.h"
#include "http/resolve.h"
#include "http/wait.h"
#include "scripted_transport.h"

static const char token_url[] = "https://tenant.example/oauth/token";

static a0_http_response *
response_with(const char *name, const char *value)
{
    a0_http_response *response = a0_http_response_new();

    assert_non_null(response);
    a0_http_response_set_status(response, 429);
    assert_int_equal(
        a0_http_response_add_header(response, name, strlen(name), value, strlen(value)),
        A0_OK);
    return response;
}

static void
response_keeps_the_first_of_repeated_headers(void **state)
{
    a0_http_response *response = response_with("Content-Type", "text/html; charset=x");

    (void)state;
    assert_int_equal(a0_http_response_add_header(response, "content-type", 12, "x", 1),
                     A0_OK);
    assert_string_equal(a0_http_response_header(response, "CONTENT-TYPE"),
                        "text/html; charset=x");
    assert_true(a0__http_content_type_is(response, A0__LIT("text/html")));
    assert_false(a0__http_content_type_is(response, A0__LIT("text/htm")));
    assert_null(a0_http_response_header(response, "retry-after"));
    a0_http_response_free(response);
}

static void
response_takes_100_header_lines_and_32_kib_of_them(void **state)
{
    static char large[32 * 1024];
    a0_http_response *response = a0_http_response_new();

    (void)state;
    memset(large, 'x', sizeof large);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(a0_http_response_add_header(response, "a", 1, "b", 1), A0_OK);
    }
    assert_int_equal(a0_http_response_add_header(response, "a", 1, "b", 1),
                     A0_PROTOCOL);
    a0_http_response_free(response);

    response = a0_http_response_new();
    assert_int_equal(
        a0_http_response_add_header(response, "a", 1, large, sizeof large - 5), A0_OK);
    assert_int_equal(a0_http_response_add_header(response, "a", 1, "", 0), A0_PROTOCOL);
    a0_http_response_free(response);

    response = a0_http_response_new();
    assert_int_equal(
        a0_http_response_add_header(response, "a", 1, large, sizeof large - 4),
        A0_PROTOCOL);
    a0_http_response_free(response);
}

static void
response_body_stops_at_its_cap(void **state)
{
    a0_http_response *response = a0_http_response_new();
    size_t len = 1;

    (void)state;
    assert_string_equal(a0_http_response_body(response, &len), "");
    assert_int_equal(len, 0);
    assert_int_equal(a0_http_response_add_body(response, "abc", 3, 4), A0_OK);
    assert_int_equal(a0_http_response_add_body(response, "de", 2, 4), A0_PROTOCOL);
    assert_int_equal(a0_http_response_add_body(response, "d", 1, 4), A0_PROTOCOL);
    a0_http_response_free(response);
}

static void
form_request_is_a_post_with_its_type(void **state)
{
    A0_AUTO(a0__form) form = A0__FORM_INIT(1024);
    A0_AUTO(a0__http_request) request = { 0 };
    a0_http_request view = { 0 };
    a0_error *err = NULL;

    (void)state;
    a0__form_add_string(&form, "grant_type", "a&b");
    a0__http_post_form(&request, a0__text_of(token_url), &form, A0__HTTP_TOKEN_MAX);
    assert_ok(a0__http_request_check(&request, &err), err);
    view = a0__http_view(&request);
    assert_string_equal(view.method, "POST");
    assert_string_equal(view.url, token_url);
    assert_memory_equal(view.body, "grant_type=a%26b", view.body_len);
    assert_int_equal(view.headers_len, 2);
    assert_string_equal(view.headers[1].value, "application/x-www-form-urlencoded");
}

/* RFC 6749 §2.3.1: the parts are form-encoded before they meet at the colon. */
static void
basic_authentication_encodes_both_parts(void **state)
{
    A0_AUTO(a0__http_request) request = { 0 };
    A0_AUTO(a0__secret) secret = A0__SECRET_INIT;
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0__secret_set_text(&secret, A0__LIT("p:w\n"), &err), err);
    a0__http_get(&request, a0__text_of(token_url), 1);
    a0__http_add_basic(&request, A0__LIT("id"), &secret);
    assert_ok(a0__http_request_check(&request, &err), err);
    assert_string_equal(a0__http_view(&request).headers[1].value,
                        "Basic aWQ6cCUzQXclMEE=");
}

/* HTTP-06 */
static void
http_06_a_request_with_forbidden_bytes_is_never_built(void **state)
{
    static const char *const bad_values[] = { "a\r\nb",   "a\rb",  "a\nb",
                                              "\xc3\xa9", "a\x7f", "\tb" };
    static const char *const bad_urls[] = { "https://tenant.example/a\r\nb",
                                            "https://tenant.example/a b",
                                            "https://t\xc3\xa9nant.example/",
                                            "http://tenant.example/",
                                            "https://user@tenant.example/",
                                            "https://tenant.example/#x",
                                            "ftp://tenant.example/",
                                            "file:///etc/passwd",
                                            "tenant.example",
                                            "https://tenant.example\\@evil.example/" };
    scripted_transport *script = scripted_new();
    a0_http_response *response = NULL;
    a0_error *err = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof bad_values / sizeof bad_values[0]; i++) {
        A0_AUTO(a0__http_request) request = { 0 };
        A0_AUTO(a0__http_request) bearer = { 0 };
        A0_AUTO(a0__secret) token = A0__SECRET_INIT;

        a0__http_get(&request, a0__text_of(token_url), 1);
        a0__http_add_header(&request, "DPoP", a0__text_of(bad_values[i]));
        assert_fails(a0__http_send_one(scripted_http(script), &request, 1000, &response,
                                       NULL, &err),
                     &err, param_invalid);

        assert_ok(a0__secret_set_text(&token, a0__text_of(bad_values[i]), &err), err);
        a0__http_get(&bearer, a0__text_of(token_url), 1);
        a0__http_add_bearer(&bearer, &token);
        assert_fails(a0__http_request_check(&bearer, &err), &err, param_invalid);
    }
    for (size_t i = 0; i < sizeof bad_urls / sizeof bad_urls[0]; i++) {
        A0_AUTO(a0__http_request) request = { 0 };

        a0__http_get(&request, a0__text_of(bad_urls[i]), 1);
        assert_fails(a0__http_send_one(scripted_http(script), &request, 1000, &response,
                                       NULL, &err),
                     &err, param_invalid);
    }
    {
        A0_AUTO(a0__http_request) request = { 0 };

        a0__http_get(&request, A0__LIT("https://tenant.example/\0x"), 1);
        assert_fails(a0__http_request_check(&request, &err), &err, param_invalid);
        a0__http_get(&request, a0__text_of(token_url), 1);
        a0__http_add_header(&request, "X", A0__LIT("a\0b"));
        assert_fails(a0__http_request_check(&request, &err), &err, param_invalid);
    }
    assert_int_equal(scripted_requests_len(script), 0);
    scripted_free(script);
}

static void
http_06_what_the_encoders_wrote_reads_back(void **state)
{
    char every_byte[255];
    A0_AUTO(a0__buf) encoded = A0__BUF_INIT(1024);
    A0_AUTO(a0__buf) decoded = A0__BUF_INIT(1024);

    (void)state;
    for (size_t i = 0; i < sizeof every_byte; i++) {
        every_byte[i] = (char)(i + 1);
    }
    a0__percent_encode(a0__text_range(every_byte, sizeof every_byte), &encoded);
    assert_true(a0__text_is_visible_ascii(a0__buf_view(&encoded)));
    assert_true(a0__percent_decode(a0__buf_view(&encoded), true, &decoded));
    assert_int_equal(decoded.len, sizeof every_byte);
    assert_memory_equal(decoded.ptr, every_byte, sizeof every_byte);
}

/* MEM-04 */
static void
mem_04_absurd_retry_after_values_are_bounded(void **state)
{
    /* 1994-11-06T08:48:37Z is one minute before the date of RFC 9110. */
    static const int64_t now_ms = INT64_C(784111717) * 1000;
    static const struct {
        const char *name;
        const char *value;
        int want;
    } rows[] = {
        { "Retry-After", "30", 30 },
        { "retry-after", " 30 ", 30 },
        { "Retry-After", "0", 0 },
        { "Retry-After", "-1", 0 },
        { "Retry-After", "", 0 },
        { "Retry-After", "3600", 3600 },
        { "Retry-After", "86400", A0__RETRY_AFTER_MAX_S },
        { "Retry-After", "99999999999999999999999999", A0__RETRY_AFTER_MAX_S },
        { "Retry-After", "1.5", 0 },
        { "Retry-After", "soon", 0 },
        { "Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT", 60 },
        { "Retry-After", "Sun, 06 Nov 1994 08:40:37 GMT", 0 },
        { "Retry-After", "Sun, 06 Nov 9994 08:49:37 GMT", A0__RETRY_AFTER_MAX_S },
        { "Retry-After", "Sun, 06 Nov 1994 08:49:37 CET", 0 },
        { "Retry-After", "Sun, 06 Foo 1994 08:49:37 GMT", 0 },
        { "Retry-After", "Sun, 99 Nov 1994 08:49:37 GMT", 0 },
        { "Retry-After", "Sunday, 06-Nov-94 08:49:37 GMT", 0 },
        { "x-ratelimit-reset", "784111720", 3 },
        { "x-ratelimit-reset", "1", 0 },
        { "x-ratelimit-reset", "999999999999999", A0__RETRY_AFTER_MAX_S },
        { "x-ratelimit-reset", "text", 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        a0_http_response *response = response_with(rows[i].name, rows[i].value);

        assert_int_equal(a0__http_retry_after_s(response, now_ms), rows[i].want);
        a0_http_response_free(response);
    }
}

static void
mem_04_the_first_retry_after_counts_and_goes_before_the_rate_limit(void **state)
{
    a0_http_response *response = response_with("x-ratelimit-reset", "900");

    (void)state;
    assert_int_equal(a0__http_retry_after_s(response, 0), 900);
    assert_int_equal(a0_http_response_add_header(response, "retry-after", 11, "7", 1),
                     A0_OK);
    assert_int_equal(a0_http_response_add_header(response, "retry-after", 11, "9", 1),
                     A0_OK);
    assert_int_equal(a0__http_retry_after_s(response, 0), 7);
    a0_http_response_free(response);

    response = response_with("x-ratelimit-reset", "900");
    a0_http_response_set_status(response, 200);
    assert_int_equal(a0__http_retry_after_s(response, 0), 0);
    a0_http_response_free(response);
}

/* HTTP-08 */
static void
http_08_private_addresses_are_known_in_every_disguise(void **state)
{
    static const struct {
        const char *address;
        bool is_private;
    } rows[] = {
        { "0.0.0.0", true },
        { "10.255.255.255", true },
        { "11.0.0.0", false },
        { "100.63.255.255", false },
        { "100.64.0.0", true },
        { "100.127.255.255", true },
        { "100.128.0.0", false },
        { "127.0.0.1", true },
        { "169.254.169.254", true },
        { "172.15.255.255", false },
        { "172.16.0.0", true },
        { "172.31.255.255", true },
        { "172.32.0.0", false },
        { "192.168.0.1", true },
        { "192.169.0.1", false },
        { "198.18.0.1", true },
        { "198.20.0.1", false },
        { "224.0.0.1", true },
        { "255.255.255.255", true },
        { "8.8.8.8", false },
        { "::", true },
        { "::1", true },
        { "::ffff:10.0.0.1", true },
        { "::ffff:8.8.8.8", false },
        { "64:ff9b::7f00:1", true },
        { "64:ff9b::808:808", false },
        { "2002:7f00:1::", true },
        { "2002:808:808::", false },
        { "fc00::1", true },
        { "fdff::1", true },
        { "fe80::1", true },
        { "febf::1", true },
        { "ff02::1", true },
        { "2001:db8::1", true },
        { "2606:4700::1", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        a0__net_address address = { 0 };

        assert_true(a0__net_address_parse(a0__text_of(rows[i].address), &address));
        if (a0__net_address_is_private(&address) != rows[i].is_private) {
            fail_msg("%s is %sprivate", rows[i].address,
                     rows[i].is_private ? "" : "not ");
        }
    }
}

static void
only_whole_literals_are_addresses(void **state)
{
    static const char *const bad[] = { "",  "127.1",     "0x7f.0.0.1", "127.0.0.1.",
                                       "1", "localhost", "[::1]",      "fe80::1%eth0" };
    a0__net_address address = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(a0__net_address_parse(a0__text_of(bad[i]), &address));
    }
}

/* ---- names ---- */

static bool
count_and_resolve(void *self, const char *host, a0__net_addresses *out)
{
    _Atomic size_t *asked = self;

    (*asked)++;
    out->len = 1;
    return strcmp(host, "unknown.example") != 0;
}

static void
a_name_is_asked_for_once_until_it_is_forgotten(void **state)
{
    _Atomic size_t asked = 0;
    a0__resolver *resolver = a0__resolver_new(count_and_resolve, &asked);
    a0__net_addresses found = { 0 };
    int64_t soon_ms = a0__wait_now_ms() + 60000;

    (void)state;
    for (int i = 0; i < 3; i++) {
        a0__resolver_start(resolver, A0__LIT("tenant.example"));
        assert_int_equal(
            a0__resolver_wait(resolver, A0__LIT("Tenant.Example"), soon_ms, &found),
            A0__RESOLVED);
    }
    assert_int_equal(asked, 1);
    a0__resolver_forget(resolver, A0__LIT("tenant.example"));
    assert_int_equal(
        a0__resolver_wait(resolver, A0__LIT("tenant.example"), soon_ms, &found),
        A0__RESOLVED);
    assert_int_equal(asked, 2);
    a0__resolver_free(resolver);
}

static void
a_name_without_address_is_asked_for_again(void **state)
{
    _Atomic size_t asked = 0;
    a0__resolver *resolver = a0__resolver_new(count_and_resolve, &asked);
    a0__net_addresses found = { 0 };

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(a0__resolver_wait(resolver, A0__LIT("unknown.example"),
                                           a0__wait_now_ms() + 60000, &found),
                         A0__RESOLVE_NO_ADDRESS);
    }
    assert_int_equal(asked, 2);
    a0__resolver_free(resolver);
}

static void
many_names_do_not_fill_the_memory(void **state)
{
    _Atomic size_t asked = 0;
    a0__resolver *resolver = a0__resolver_new(count_and_resolve, &asked);
    a0__net_addresses found = { 0 };

    (void)state;
    for (int i = 0; i < 500; i++) {
        A0_AUTO(a0__buf) host = A0__BUF_INIT(64);

        a0__buf_format(&host, "tenant-%d.example", i);
        assert_int_equal(a0__resolver_wait(resolver, a0__buf_view(&host),
                                           a0__wait_now_ms() + 60000, &found),
                         A0__RESOLVED);
    }
    a0__resolver_free(resolver);
}

/* ---- sending ---- */

static void
one_request_comes_back_with_its_answer(void **state)
{
    scripted_transport *script = scripted_new();
    A0_AUTO(a0__http_request) request = { 0 };
    A0_AUTO(a0__http_response_ptr) response = NULL;
    bool sent = false;
    a0_error *err = NULL;

    (void)state;
    scripted_answer(script, "GET", token_url, 200, "application/json", "{}");
    a0__http_get(&request, a0__text_of(token_url), 1000);
    assert_ok(
        a0__http_send_one(scripted_http(script), &request, 10, &response, &sent, &err),
        err);
    assert_true(sent);
    assert_text(a0__http_body(response), "{}");
    assert_true(scripted_request_has_header(scripted_request_at(script, 0), "accept",
                                            "application/json"));
    scripted_free(script);
}

static void
a_batch_keeps_each_outcome_with_its_call(void **state)
{
    scripted_transport *script = scripted_new();
    a0__http_call calls[2] = { 0 };
    a0_error *err = NULL;

    (void)state;
    scripted_answer(script, "GET", "https://tenant.example/a", 200, NULL, "a");
    scripted_failure(script, "GET", "https://tenant.example/b", A0_E_http_timeout,
                     true);
    a0__http_get(&calls[0].request, A0__LIT("https://tenant.example/a"), 10);
    a0__http_get(&calls[1].request, A0__LIT("https://tenant.example/b"), 10);
    assert_ok(a0__http_send(scripted_http(script), calls, 2, 10, &err), err);
    assert_text(a0__http_body(calls[0].response), "a");
    assert_null(calls[1].response);
    assert_string_equal(a0_error_id(calls[1].error), "http_timeout");
    assert_true(calls[1].sent);
    a0__http_call_clear(&calls[0]);
    a0__http_call_clear(&calls[1]);
    scripted_free(script);
}

static void
echo(void *self, const scripted_request *request, a0_http_exchange *exchange)
{
    (void)self;
    scripted_respond(exchange, 200, NULL, request->url);
}

static void
failing_transport_fails_the_nth_request_only(void **state)
{
    scripted_transport *script = scripted_new();
    failing_transport failing = { .inner = scripted_http(script),
                                  .fail_at = 2,
                                  .id = A0_E_http_unreachable };
    A0_AUTO(a0__http_request) request = { 0 };
    a0_error *err = NULL;

    (void)state;
    scripted_handler(script, echo, NULL);
    a0__http_get(&request, a0__text_of(token_url), 1000);
    for (int i = 1; i <= 3; i++) {
        A0_AUTO(a0__http_response_ptr) response = NULL;
        a0_status status = a0__http_send_one(failing_http(&failing), &request, 10,
                                             &response, NULL, &err);

        if (i == 2) {
            assert_fails(status, &err, http_unreachable);
        } else {
            assert_ok(status, err);
        }
    }
    assert_int_equal(scripted_count(script, token_url), 2);
    scripted_free(script);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(response_keeps_the_first_of_repeated_headers),
        cmocka_unit_test(response_takes_100_header_lines_and_32_kib_of_them),
        cmocka_unit_test(response_body_stops_at_its_cap),
        cmocka_unit_test(form_request_is_a_post_with_its_type),
        cmocka_unit_test(basic_authentication_encodes_both_parts),
        cmocka_unit_test(http_06_a_request_with_forbidden_bytes_is_never_built),
        cmocka_unit_test(http_06_what_the_encoders_wrote_reads_back),
        cmocka_unit_test(mem_04_absurd_retry_after_values_are_bounded),
        cmocka_unit_test(
            mem_04_the_first_retry_after_counts_and_goes_before_the_rate_limit),
        cmocka_unit_test(http_08_private_addresses_are_known_in_every_disguise),
        cmocka_unit_test(only_whole_literals_are_addresses),
        cmocka_unit_test(a_name_is_asked_for_once_until_it_is_forgotten),
        cmocka_unit_test(a_name_without_address_is_asked_for_again),
        cmocka_unit_test(many_names_do_not_fill_the_memory),
        cmocka_unit_test(one_request_comes_back_with_its_answer),
        cmocka_unit_test(a_batch_keeps_each_outcome_with_its_call),
        cmocka_unit_test(failing_transport_fails_the_nth_request_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
