/* SPDX-License-Identifier: MIT */
/* The built-in transport against a server that plays byte-exact scripts. */
#include "support.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "http/engine.h"
#include "http/wait.h"
#include "http_world.h"

/* ---- scripts ---- */

/* Plays the same bytes for each request, and keeps the connection. */
static void
serve_text(void *self, raw_connection *connection, size_t index)
{
    (void)index;
    while (raw_read_request(connection) && raw_send_text(connection, self)) {
    }
}

/* One request answered by each of `cases`; a world of its own for each. */
typedef struct answer_case {
    const char *answer;
    const char *want;
} answer_case;

static void
assert_answers(const answer_case *cases, size_t cases_len, raw_tls tls,
               raw_script script)
{
    for (size_t i = 0; i < cases_len; i++) {
        A0_AUTO(a0__buf) bytes = A0__BUF_INIT(256 * 1024);
        http_world world;
        const char *got = NULL;

        a0__buf_string(&bytes, cases[i].answer);
        world = http_world_start(tls, script, bytes.ptr);
        got = http_world_get(&world, "/", HTTP_WORLD_DEADLINE_MS);
        if (strcmp(got, cases[i].want) != 0) {
            fail_msg("case %zu: %s instead of %s", i, got, cases[i].want);
        }
        http_world_end(&world);
    }
}

#define ASSERT_ANSWERS(cases, tls, script)                                             \
    assert_answers((cases), sizeof(cases) / sizeof((cases)[0]), (tls), (script))

/* ---- HTTP-01 ---- */

static void
http_01_every_bad_certificate_is_refused_before_a_byte_is_sent(void **state)
{
    static const raw_tls bad[] = { RAW_TLS_SELF_SIGNED,   RAW_TLS_UNKNOWN_CA,
                                   RAW_TLS_EXPIRED,       RAW_TLS_NOT_YET_VALID,
                                   RAW_TLS_WRONG_NAME,    RAW_TLS_NAME_IN_CN_ONLY,
                                   RAW_TLS_WIDE_WILDCARD, RAW_TLS_NUL_IN_NAME,
                                   RAW_TLS_SHA1,          RAW_TLS_RSA_1024,
                                   RAW_TLS_VERSION_1_1 };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        http_world world = http_world_start(bad[i], raw_serve_ok, NULL);
        bool sent = true;
        const char *got =
            http_world_post(&world, "/", "{}", HTTP_WORLD_DEADLINE_MS, &sent);

        if (strcmp(got, "http_tls") != 0 || sent ||
            raw_server_requests(world.server) != 0) {
            fail_msg("certificate %d: %s", (int)bad[i], got);
        }
        http_world_end(&world);
    }
}

static void
http_01_a_good_certificate_of_the_configured_ca_is_accepted(void **state)
{
    http_world world = http_world_start(RAW_TLS, raw_serve_ok, NULL);

    (void)state;
    assert_string_equal(http_world_get(&world, "/", HTTP_WORLD_DEADLINE_MS), "ok");
    http_world_end(&world);
}

/* Without ca_file the system's trust counts, which does not know our CA. */
static void
http_01_the_ca_file_replaces_the_default_store(void **state)
{
    http_world world =
        http_world_start_with((a0__curl_options){ .resolve = http_world_resolve },
                              RAW_TLS, raw_serve_ok, NULL);

    (void)state;
    assert_string_equal(http_world_get(&world, "/", HTTP_WORLD_DEADLINE_MS),
                        "http_tls");
    http_world_end(&world);
}

/* ---- HTTP-02, TOK-07 ---- */

static void
redirect_to(void *self, raw_connection *connection, size_t index)
{
    (void)index;
    while (raw_read_request(connection) && raw_send_text(connection, self)) {
    }
}

static void
assert_no_redirect(const char *method)
{
    static const int statuses[] = { 300, 301, 302, 303, 304, 307, 308, 399 };
    raw_server *other = raw_server_start(RAW_PLAIN, raw_serve_ok, NULL);

    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        A0_AUTO(a0__buf) answer = A0__BUF_INIT(1024);
        http_world world;

        a0__buf_format(
            &answer, "HTTP/1.1 %d See\r\nContent-Length: 0\r\nLocation: ", statuses[i]);
        raw_server_write_url(other, "/stolen", &answer);
        a0__buf_string(&answer, "\r\n\r\n");
        world = http_world_start(RAW_PLAIN, redirect_to, answer.ptr);
        if (strcmp(method, "GET") == 0) {
            assert_string_equal(http_world_get(&world, "/", HTTP_WORLD_DEADLINE_MS),
                                "http_redirect_refused");
        } else {
            assert_string_equal(http_world_post(&world, "/oauth/token", "secret",
                                                HTTP_WORLD_DEADLINE_MS, NULL),
                                "http_redirect_refused");
        }
        assert_int_equal(raw_server_requests(world.server), 1);
        http_world_end(&world);
    }
    assert_int_equal(raw_server_connections(other), 0);
    raw_server_stop(other);
}

static void
http_02_no_redirect_is_followed(void **state)
{
    (void)state;
    assert_no_redirect("GET");
}

static void
tok_07_a_redirecting_token_endpoint_gets_the_secret_once(void **state)
{
    (void)state;
    assert_no_redirect("POST");
}

/* ---- HTTP-03 ---- */

static void
serve_endless_chunks(void *self, raw_connection *connection, size_t index)
{
    (void)self;
    (void)index;
    if (!raw_read_request(connection) ||
        !raw_send_text(connection,
                       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")) {
        return;
    }
    while (raw_send_text(connection, "10\r\n0123456789abcdef\r\n")) {
    }
}

static void
http_03_an_answer_without_end_stops_at_the_cap(void **state)
{
    http_world world = http_world_start(RAW_PLAIN, serve_endless_chunks, NULL);

    (void)state;
    assert_string_equal(http_world_get(&world, "/", HTTP_WORLD_DEADLINE_MS),
                        "http_oversize");
    http_world_end(&world);
}

static void
http_03_declared_and_header_sizes_are_limited(void **state)
{
    A0_AUTO(a0__buf) lines = A0__BUF_INIT(64 * 1024);
    A0_AUTO(a0__buf) block = A0__BUF_INIT(64 * 1024);
    A0_AUTO(a0__buf) interim = A0__BUF_INIT(64 * 1024);
    A0_AUTO(a0__buf) five = A0__BUF_INIT(64 * 1024);
    char kib[1024] = { 0 };

    (void)state;
    a0__buf_string(&lines, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 101; i++) {
        a0__buf_string(&lines, "X: y\r\n");
    }
    a0__buf_string(&lines, "\r\n");
    a0__buf_string(&block, "HTTP/1.1 200 OK\r\n");
    memset(kib, 'x', sizeof kib - 1);
    for (int i = 0; i < 33; i++) {
        a0__buf_string(&block, "X: ");
        a0__buf_string(&block, kib);
        a0__buf_string(&block, "\r\n");
    }
    a0__buf_string(&block, "\r\n");
    for (int i = 0; i < 6; i++) {
        a0__buf_string(&interim, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
        a0__buf_string(&five, i < 5 ? "HTTP/1.1 100 Continue\r\n\r\n" : "");
    }
    a0__buf_string(&five, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    {
        const answer_case cases[] = {
            { "HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n", "http_oversize" },
            { "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n",
              "http_oversize" },
            { lines.ptr, "http_oversize" },
            { block.ptr, "http_oversize" },
            { interim.ptr, "http_oversize" },
            { five.ptr, "ok" },
        };

        ASSERT_ANSWERS(cases, RAW_PLAIN, serve_text);
    }
}

/* ---- HTTP-04 ---- */

static const char slow_answer[] =
    "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nX-Long: "
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n\r\n"
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

/* Slow for "/slow", at once for anything else: stages by the connection's script. */
static void
trickle_headers(void *self, raw_connection *connection, size_t index)
{
    (void)self;
    (void)index;
    if (raw_read_request(connection)) {
        raw_trickle(connection, slow_answer, 25);
    }
}

static void
trickle_body(void *self, raw_connection *connection, size_t index)
{
    (void)self;
    (void)index;
    if (raw_read_request(connection) &&
        raw_send_text(connection, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")) {
        raw_trickle(connection, slow_answer, 25);
    }
}

static void
say_nothing(void *self, raw_connection *connection, size_t index)
{
    (void)self;
    (void)index;
    raw_wait_for_close(connection);
}

/* Nothing exact: far below what it would be without the deadline. */
static void
assert_times_out_early(const http_world *world, const char *url, int64_t deadline_ms)
{
    int64_t before_ms = a0__wait_now_ms();

    assert_string_equal(http_world_fetch(world->http, url, deadline_ms),
                        "http_timeout");
    assert_true(a0__wait_now_ms() - before_ms < 10 * (int64_t)HTTP_WORLD_SHORT_MS);
}

static void
http_04_the_deadline_is_for_the_whole_answer(void **state)
{
    static const raw_script slow[] = { trickle_headers, trickle_body, say_nothing };

    (void)state;
    for (size_t i = 0; i < sizeof slow / sizeof slow[0]; i++) {
        A0_AUTO(a0__buf) url = A0__BUF_INIT(256);
        http_world world = http_world_start(RAW_PLAIN, slow[i], NULL);

        raw_server_write_url(world.server, "/", &url);
        assert_times_out_early(&world, a0__buf_cstr(&url), HTTP_WORLD_SHORT_MS);
        http_world_end(&world);
    }
}

static void
answer_unless_slow(void *self, raw_connection *connection, size_t index)
{
    (void)self;
    (void)index;
    if (!raw_read_request(connection)) {
        return;
    }
    if (strncmp(raw_request(connection), "GET /slow", 9) == 0) {
        raw_wait_for_close(connection);
    } else {
        (void)raw_answer(connection, "ok");
    }
}

static void
http_04_a_request_that_names_a_sooner_deadline_holds_up_no_other(void **state)
{
    http_world world = http_world_start(RAW_PLAIN, answer_unless_slow, NULL);
    a0__http_call calls[2] = { 0 };
    a0_error *err = NULL;
    int64_t before_ms = a0__wait_now_ms();

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        A0_AUTO(a0__buf) url = A0__BUF_INIT(256);

        raw_server_write_url(world.server, i == 0 ? "/" : "/slow", &url);
        a0__http_get(&calls[i].request, a0__buf_view(&url), 100);
    }
    calls[1].request.deadline_ms = HTTP_WORLD_SHORT_MS;
    assert_ok(a0__http_send(world.http, calls, 2, HTTP_WORLD_DEADLINE_MS, &err), err);
    assert_true(a0__wait_now_ms() - before_ms < 10 * (int64_t)HTTP_WORLD_SHORT_MS);
    assert_non_null(calls[0].response);
    assert_int_equal(a0_http_response_status(calls[0].response), 200);
    assert_true(a0__error_is(calls[1].error, A0_E_http_timeout));
    a0__http_call_clear(&calls[0]);
    a0__http_call_clear(&calls[1]);
    http_world_end(&world);
}

/* A plain server that never answers the ClientHello. */
static void
http_04_a_stalled_handshake_ends_at_the_connect_deadline(void **state)
{
    A0_AUTO(a0__buf) url = A0__BUF_INIT(256);
    http_world world = http_world_start_with(
        (a0__curl_options){ .connect_timeout_ms = HTTP_WORLD_SHORT_MS,
                            .resolve = http_world_resolve },
        RAW_PLAIN, say_nothing, NULL);

    (void)state;
    a0__buf_format(&url, "https://tenant.example:%u/",
                   (unsigned)raw_server_port(world.server));
    assert_times_out_early(&world, a0__buf_cstr(&url), HTTP_WORLD_DEADLINE_MS);
    http_world_end(&world);
}

/* A name server that does not answer until the test lets it. */
static pthread_mutex_t name_lock = PTHREAD_MUTEX_INITIALIZER;

static bool
resolve_slow_names_slowly(void *self, const char *host, a0__net_addresses *out)
{
    if (strncmp(host, "stuck", 5) == 0) {
        (void)pthread_mutex_lock(&name_lock);
        (void)pthread_mutex_unlock(&name_lock);
    }
    return http_world_resolve(self, host, out);
}

static void *
ask_stuck_name(void *self)
{
    http_world *world = self;
    const char *got =
        http_world_fetch(world->http, "https://stuck.example/", HTTP_WORLD_DEADLINE_MS);

    bool was_timeout = strcmp(got, "http_timeout") == 0;

    http_world_forget_answer();
    return was_timeout ? world : NULL;
}

/* Also HTTP-11: nobody else waits for that name server. */
static void
http_04_a_stuck_name_server_keeps_only_those_who_ask_it(void **state)
{
    http_world world = http_world_start_with(
        (a0__curl_options){ .ca_file = raw_server_ca_file(),
                            .connect_timeout_ms = 1000,
                            .resolve = resolve_slow_names_slowly },
        RAW_TLS, raw_serve_ok, NULL);
    pthread_t stuck[2];
    void *was_timeout = NULL;

    (void)state;
    (void)pthread_mutex_lock(&name_lock);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&stuck[i], NULL, ask_stuck_name, &world), 0);
    }
    for (int i = 0; i < 5; i++) {
        assert_string_equal(http_world_get(&world, "/", HTTP_WORLD_DEADLINE_MS), "ok");
    }
    for (size_t i = 0; i < 2; i++) {
        (void)pthread_join(stuck[i], &was_timeout);
        assert_ptr_equal(was_timeout, &world);
    }
    http_world_end(&world); /* the look-up is still stuck, and left alone */
    (void)pthread_mutex_unlock(&name_lock);
}

/* ---- HTTP-05 ---- */

static void
http_05_a_compressed_answer_is_refused_undecoded(void **state)
{
    static const answer_case cases[] = {
        { "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok",
          "http_encoding_refused" },
        { "HTTP/1.1 200 OK\r\ncontent-encoding: br\r\nContent-Length: 2\r\n\r\nok",
          "http_encoding_refused" },
        { "HTTP/1.1 200 OK\r\nContent-Encoding: deflate, identity\r\n"
          "Content-Length: 2\r\n\r\nok",
          "http_encoding_refused" },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
          "http_protocol" },
    };

    (void)state;
    ASSERT_ANSWERS(cases, RAW_PLAIN, serve_text);
}

static void
echo_request(void *self, raw_connection *connection, size_t index)
{
    (void)self;
    (void)index;
    while (raw_read_request(connection) &&
           raw_answer(connection, raw_request(connection))) {
    }
}

static void
http_05_the_request_asks_for_identity(void **state)
{
    http_world world = http_world_start(RAW_PLAIN, echo_request, NULL);
    const char *got = http_world_get(&world, "/", HTTP_WORLD_DEADLINE_MS);

    (void)state;
    assert_non_null(strstr(got, "\r\nAccept-Encoding: identity\r\n"));
    http_world_end(&world);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            http_01_every_bad_certificate_is_refused_before_a_byte_is_sent),
        cmocka_unit_test(http_01_a_good_certificate_of_the_configured_ca_is_accepted),
        cmocka_unit_test(http_01_the_ca_file_replaces_the_default_store),
        cmocka_unit_test(http_02_no_redirect_is_followed),
        cmocka_unit_test(tok_07_a_redirecting_token_endpoint_gets_the_secret_once),
        cmocka_unit_test(http_03_an_answer_without_end_stops_at_the_cap),
        cmocka_unit_test(http_03_declared_and_header_sizes_are_limited),
        cmocka_unit_test(http_04_the_deadline_is_for_the_whole_answer),
        cmocka_unit_test(
            http_04_a_request_that_names_a_sooner_deadline_holds_up_no_other),
        cmocka_unit_test(http_04_a_stalled_handshake_ends_at_the_connect_deadline),
        cmocka_unit_test(http_04_a_stuck_name_server_keeps_only_those_who_ask_it),
        cmocka_unit_test(http_05_a_compressed_answer_is_refused_undecoded),
        cmocka_unit_test(http_05_the_request_asks_for_identity),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
