/* SPDX-License-Identifier: MIT */
/* What goes out on a connection, what comes in, and whose answer it is. */
#include "support.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "http_world.h"

/* ---- scripts ---- */

static void
echo_request(void *self, raw_connection *connection, size_t index)
{
    (void)self;
    (void)index;
    while (raw_read_request(connection) &&
           raw_answer(connection, raw_request(connection))) {
    }
}

/* The first connection plays the bytes and stays open; the others behave. */
static void
serve_text_first(void *self, raw_connection *connection, size_t index)
{
    if (index > 0) {
        raw_serve_ok(NULL, connection, index);
        return;
    }
    if (raw_read_request(connection) && raw_send_text(connection, self)) {
        raw_serve_ok(NULL, connection, index);
    }
}

static void
serve_text_and_close(void *self, raw_connection *connection, size_t index)
{
    (void)index;
    if (raw_read_request(connection)) {
        (void)raw_send_text(connection, self);
    }
}

static void
serve_text_and_cut(void *self, raw_connection *connection, size_t index)
{
    raw_skip_close_alert(connection);
    serve_text_and_close(self, connection, index);
}

typedef struct answer_case {
    const char *answer;
    const char *want;
} answer_case;

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- HTTP-06 ---- */

static void
http_06_the_transport_itself_refuses_forbidden_bytes(void **state)
{
    static const struct {
        const char *method;
        const char *path;
        const char *name;
        const char *value;
    } bad[] = {
        { "GET", "/", "X", "a\r\nEvil: 1" },
        { "GET", "/", "X", "a\rb" },
        { "GET", "/", "X", "a\xc3\xa9" },
        { "GET", "/", "X\r\n", "a" },
        { "GET", "/", "X Y", "a" },
        { "GET", "/", "", "a" },
        { "GET\r\n", "/", "X", "a" },
        { "", "/", "X", "a" },
        { "GET", "/ HTTP/1.1\r\n", "X", "a" },
        { "GET", "/\xff", "X", "a" },
    };
    http_world world = http_world_start(RAW_PLAIN, raw_serve_ok, NULL);

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        A0_AUTO(a0__buf) url = A0__BUF_INIT(1024);
        a0_http_header header = { bad[i].name, bad[i].value };
        a0_http_request request = { .size = sizeof request,
                                    .method = bad[i].method,
                                    .headers = &header,
                                    .headers_len = 1,
                                    .max_response_bytes = 100 };
        a0_http_exchange exchange = { .request = &request };
        a0_error *err = NULL;

        raw_server_write_url(world.server, bad[i].path, &url);
        request.url = a0__buf_cstr(&url);
        assert_ok(world.http.table->perform(world.http.self, &exchange, 1,
                                            HTTP_WORLD_DEADLINE_MS, &err),
                  err);
        assert_null(exchange.response);
        assert_string_equal(a0_error_id(exchange.error), "param_invalid");
        assert_false(exchange.sent);
        a0_error_free(exchange.error);
    }
    assert_int_equal(raw_server_connections(world.server), 0);
    http_world_end(&world);
}

/* ---- HTTP-07 ---- */

static const char *const proxy_variables[] = { "http_proxy", "https_proxy",
                                               "HTTPS_PROXY", "all_proxy",
                                               "ALL_PROXY" };

static void
write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
}

static void
http_07_proxies_and_netrc_of_the_environment_are_ignored(void **state)
{
    char home[] = "/tmp/a0-test-home-XXXXXX";
    A0_AUTO(a0__buf) netrc = A0__BUF_INIT(1024);
    A0_AUTO(a0__buf) proxy = A0__BUF_INIT(1024);
    A0_AUTO(a0__buf) url = A0__BUF_INIT(1024);
    A0_AUTO(a0__http_request) request = { 0 };
    A0_AUTO(a0__secret) token = A0__SECRET_INIT;
    A0_AUTO(a0__http_response_ptr) response = NULL;
    raw_server *stranger = raw_server_start(RAW_PLAIN, raw_serve_ok, NULL);
    a0_error *err = NULL;
    http_world world;

    (void)state;
    assert_non_null(mkdtemp(home));
    a0__buf_string(&netrc, home);
    a0__buf_string(&netrc, "/.netrc");
    write_file(netrc.ptr, "machine 127.0.0.1 login evil password evil\n");
    raw_server_write_url(stranger, "", &proxy);
    for (size_t i = 0; i < COUNT(proxy_variables); i++) {
        assert_int_equal(setenv(proxy_variables[i], proxy.ptr, 1), 0);
    }
    assert_int_equal(setenv("HOME", home, 1), 0);
    assert_int_equal(setenv("NETRC", netrc.ptr, 1), 0);

    world = http_world_start(RAW_PLAIN, echo_request, NULL);
    raw_server_write_url(world.server, "/", &url);
    assert_ok(a0__secret_set_text(&token, A0__LIT("the-token"), &err), err);
    a0__http_get(&request, a0__buf_view(&url), A0__HTTP_TOKEN_MAX);
    a0__http_add_bearer(&request, &token);
    assert_ok(a0__http_send_one(world.http, &request, HTTP_WORLD_DEADLINE_MS, &response,
                                NULL, &err),
              err);
    assert_non_null(
        strstr(a0__http_body(response).ptr, "\r\nAuthorization: Bearer the-token\r\n"));
    assert_null(strstr(a0__http_body(response).ptr, "Basic"));
    assert_null(strstr(http_world_get(&world, "/", HTTP_WORLD_DEADLINE_MS),
                       "\r\nAuthorization:"));
    assert_int_equal(raw_server_connections(stranger), 0);

    for (size_t i = 0; i < COUNT(proxy_variables); i++) {
        (void)unsetenv(proxy_variables[i]);
    }
    (void)unsetenv("NETRC");
    (void)unlink(netrc.ptr);
    (void)rmdir(home);
    http_world_end(&world);
    raw_server_stop(stranger);
}

static void
http_07_ca_variables_of_the_environment_are_ignored(void **state)
{
    static const char *const variables[] = { "SSL_CERT_FILE", "CURL_CA_BUNDLE",
                                             "REQUESTS_CA_BUNDLE" };
    http_world world;

    (void)state;
    for (size_t i = 0; i < COUNT(variables); i++) {
        assert_int_equal(setenv(variables[i], raw_server_ca_file(), 1), 0);
    }
    world = http_world_start_with((a0__curl_options){ .resolve = http_world_resolve },
                                  RAW_TLS, raw_serve_ok, NULL);
    assert_string_equal(http_world_get(&world, "/", HTTP_WORLD_DEADLINE_MS),
                        "http_tls");
    for (size_t i = 0; i < COUNT(variables); i++) {
        (void)unsetenv(variables[i]);
    }
    http_world_end(&world);
}

/* ---- HTTP-08 ---- */

static void
http_08_only_https_or_http_to_a_literal_loopback_host_leaves(void **state)
{
    static const char *const bad[] = {
        "http://tenant.example/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http://127.0.0.1.example/",
        "http://localhost.example/",
        "http://127.1/",
        "http://0x7f.0.0.1/",
        "https://user@tenant.example/",
        "https://tenant_.example/",
        "https://xn--\xc3\xa4.example/",
        "https://%31%32%37.0.0.1/",
        "http://169.254.169.254/latest/",
        "http://[::ffff:127.0.0.1]/",
    };
    http_world world = http_world_start(RAW_PLAIN, raw_serve_ok, NULL);

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        a0_http_request request = { .size = sizeof request,
                                    .method = "GET",
                                    .url = bad[i],
                                    .max_response_bytes = 100 };
        a0_http_exchange exchange = { .request = &request };
        a0_error *err = NULL;

        assert_ok(world.http.table->perform(world.http.self, &exchange, 1,
                                            HTTP_WORLD_DEADLINE_MS, &err),
                  err);
        if (!a0__error_is(exchange.error, A0_E_param_invalid)) {
            fail_msg("%s was not refused", bad[i]);
        }
        a0_error_free(exchange.error);
    }
    http_world_end(&world);
}

typedef struct fake_names {
    const char *answers[2]; /* of the first and of later questions; comma-separated */
    _Atomic size_t asked;
} fake_names;

static bool
resolve_fake(void *self, const char *host, a0__net_addresses *out)
{
    fake_names *names = self;
    a0__text rest = a0__text_of(names->answers[names->asked++ == 0 ? 0 : 1]);
    a0__text one = A0__NO_TEXT;

    (void)host;
    while (a0__text_next(&rest, ',', &one)) {
        assert_true(a0__net_address_parse(one, &out->items[out->len++]));
    }
    return true;
}

static void
http_08_every_resolved_address_must_be_public_when_asked_for(void **state)
{
    static const char *const answers[] = { "10.0.0.1",
                                           "127.0.0.1",
                                           "::1",
                                           "fe80::1",
                                           "169.254.169.254",
                                           "::ffff:192.168.0.1",
                                           "203.0.113.9,192.168.0.1" };

    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++) {
        fake_names names = { .answers = { answers[i], answers[i] } };
        http_world world =
            http_world_start_with((a0__curl_options){ .ca_file = raw_server_ca_file(),
                                                      .forbid_private_addresses = true,
                                                      .resolve = resolve_fake,
                                                      .resolve_self = &names },
                                  RAW_TLS, raw_serve_ok, NULL);

        assert_string_equal(http_world_get(&world, "/", HTTP_WORLD_DEADLINE_MS),
                            "http_address_refused");
        assert_string_equal(http_world_fetch(world.http, "https://169.254.169.254/",
                                             HTTP_WORLD_DEADLINE_MS),
                            "http_address_refused");
        assert_int_equal(raw_server_connections(world.server), 0);
        http_world_end(&world);
    }
}

/* DNS rebinding: the first address (of a network for documents) passes and does not
 * answer; the one that comes after it has to pass as well. */
static void
http_08_a_name_that_switches_to_a_private_address_is_refused(void **state)
{
    fake_names names = { .answers = { "203.0.113.9", "127.0.0.1" } };
    http_world world =
        http_world_start_with((a0__curl_options){ .ca_file = raw_server_ca_file(),
                                                  .connect_timeout_ms = 100,
                                                  .forbid_private_addresses = true,
                                                  .resolve = resolve_fake,
                                                  .resolve_self = &names },
                              RAW_TLS, raw_serve_ok, NULL);
    const char *got = http_world_get(&world, "/", HTTP_WORLD_DEADLINE_MS);

    (void)state;
    assert_true(strcmp(got, "http_timeout") == 0 ||
                strcmp(got, "http_unreachable") == 0);
    assert_string_equal(http_world_get(&world, "/", HTTP_WORLD_DEADLINE_MS),
                        "http_address_refused");
    assert_int_equal(names.asked, 2);
    assert_int_equal(raw_server_connections(world.server), 0);
    http_world_end(&world);
}

/* ---- HTTP-09 ---- */

/* Refused, and the connection is not used again: the next caller gets a new one. */
static void
assert_desync(const answer_case *cases, size_t cases_len, raw_tls tls)
{
    for (size_t i = 0; i < cases_len; i++) {
        A0_AUTO(a0__buf) bytes = A0__BUF_INIT(64 * 1024);
        http_world world;
        const char *got = NULL;

        a0__buf_string(&bytes, cases[i].answer);
        world = http_world_start(tls, serve_text_first, bytes.ptr);
        got = http_world_get(&world, "/first", HTTP_WORLD_DEADLINE_MS);
        if (strcmp(got, cases[i].want) != 0) {
            fail_msg("case %zu: %s instead of %s", i, got, cases[i].want);
        }
        got = http_world_get(&world, "/second", HTTP_WORLD_DEADLINE_MS);
        if (strcmp(got, "ok") != 0 || raw_server_connections(world.server) != 2) {
            fail_msg("case %zu: then %s on %zu connections", i, got,
                     raw_server_connections(world.server));
        }
        http_world_end(&world);
    }
}

#define HEAD "HTTP/1.1 200 OK\r\n"
#define EVIL "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"

static const answer_case desync_cases[] = {
    { HEAD "Content-Length: 2\r\nContent-Length: 3\r\n\r\nok", "http_protocol" },
    { HEAD "Content-Length: 2\r\nContent-Length: 2\r\n\r\nok", "http_protocol" },
    { HEAD "Content-Length: 2, 2\r\n\r\nok", "http_protocol" },
    { HEAD "Content-Length: +2\r\n\r\nok", "http_protocol" },
    { HEAD "Content-Length: -2\r\n\r\nok", "http_protocol" },
    { HEAD "Content-Length: 2x\r\n\r\nok", "http_protocol" },
    { HEAD "Content-Length: 99999999999999999999\r\n\r\nok", "http_protocol" },
    { HEAD "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"
           "2\r\nok\r\n0\r\n\r\n",
      "http_protocol" },
    { HEAD "Content-Length: 12\r\nTransfer-Encoding: chunked\r\n\r\n"
           "2\r\nok\r\n0\r\n\r\n",
      "http_protocol" },
    { HEAD "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n"
           "2\r\nok\r\n0\r\n\r\n",
      "http_protocol" },
    { HEAD "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"
           "2\r\nok\r\n0\r\n\r\n",
      "http_protocol" },
    { HEAD "Transfer-Encoding: xchunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", "http_protocol" },
    { "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
      "http_protocol" },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n0x2\r\nok\r\n0\r\n\r\n",
      "http_protocol" },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n-2\r\nok\r\n0\r\n\r\n", "http_protocol" },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n2 \r\nok\r\n0\r\n\r\n", "http_protocol" },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n100000002\r\nok\r\n0\r\n\r\n",
      "http_protocol" },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n2\nok\r\n0\r\n\r\n", "http_protocol" },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n2\r\nokay\r\n0\r\n\r\n",
      "http_protocol" },
    { HEAD "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n" EVIL,
      "http_protocol" },
    { "HTTP/1.1 200 OK\nContent-Length: 2\r\n\r\nok", "http_protocol" },
    { HEAD "Content-Length: 2\n\r\nok", "http_protocol" },
    { HEAD "X: a\r\n b\r\nContent-Length: 2\r\n\r\nok", "http_protocol" },
    { HEAD "Content-Length : 2\r\n\r\nok", "http_protocol" },
    { HEAD "Content-Length: 2\r\nno colon\r\n\r\nok", "http_protocol" },
    { HEAD "Content-Length: 2\r\n: x\r\n\r\nok", "http_protocol" },
    { HEAD "Content-Length: 2\r\nX: a\x01"
           "b\r\n\r\nok",
      "http_protocol" },
    { "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok", "http_protocol" },
    { "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "http_protocol" },
    { "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok" EVIL, "http_protocol" },
    { "HTTP/1.1 101 Switching Protocols\r\n\r\n", "http_protocol" },
    { "HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok", "http_protocol" },
    { "HTTP/3.7 200 OK\r\nContent-Length: 2\r\n\r\nok", "http_protocol" },
    { "garbage\r\n\r\n", "http_protocol" },
    { HEAD "Content-Length: 2\r\n\r\nok" EVIL, "http_protocol" },
};

static void
http_09_an_answer_with_two_readings_is_refused(void **state)
{
    (void)state;
    assert_desync(desync_cases, COUNT(desync_cases), RAW_PLAIN);
}

/* Surplus in the same TLS record as the body, which libcurl leaves in OpenSSL's buffer,
 * and in a record of its own, which it leaves in the socket. */
typedef struct surplus {
    const char *pieces[3];
    atomic_bool is_sent;
} surplus;

static void
serve_surplus(void *self, raw_connection *connection, size_t index)
{
    surplus *script = self;

    if (index > 0) {
        raw_serve_ok(NULL, connection, index);
        return;
    }
    if (!raw_read_request(connection)) {
        return;
    }
    for (size_t i = 0; i < COUNT(script->pieces) && script->pieces[i] != NULL; i++) {
        (void)raw_send_text(connection, script->pieces[i]);
    }
    atomic_store(&script->is_sent, true);
    raw_wait_for_close(connection);
}

static void
assert_surplus_reaches_nobody(const surplus *shape, raw_tls tls)
{
    surplus script = { .pieces = { shape->pieces[0], shape->pieces[1],
                                   shape->pieces[2] } };
    http_world world = http_world_start(tls, serve_surplus, &script);
    const char *got = http_world_get(&world, "/first", HTTP_WORLD_DEADLINE_MS);

    if (strcmp(got, "ok") != 0 && strcmp(got, "") != 0 &&
        strcmp(got, "http_protocol") != 0) {
        fail_msg("%s%s: %s", shape->pieces[0], shape->pieces[1], got);
    }
    while (!atomic_load(&script.is_sent)) {
        (void)sched_yield();
    }
    got = http_world_get(&world, "/second", HTTP_WORLD_DEADLINE_MS);
    if (strcmp(got, "ok") != 0 || raw_server_connections(world.server) != 2) {
        fail_msg("%s%s: the next caller got %s", shape->pieces[0], shape->pieces[1],
                 got);
    }
    http_world_end(&world);
}

static void
http_09_surplus_bytes_never_reach_the_next_caller(void **state)
{
    static const surplus shapes[] = {
        { .pieces = { HEAD "Content-Length: 2\r\n\r\n", "ok" EVIL } },
        { .pieces = { HEAD "Content-Length: 2\r\n\r\nok", EVIL } },
        { .pieces = { HEAD "Content-Length: 2\r\n\r\n", "o", "k" EVIL EVIL } },
        { .pieces = { HEAD "Transfer-Encoding: chunked\r\n\r\n", "2\r\nok\r\n0\r\n\r\n",
                      EVIL } },
        { .pieces = { "HTTP/1.1 204 No Content\r\n\r\n", EVIL } },
        { .pieces = { "HTTP/1.1 204 No Content\r\n\r\n" EVIL, "" } },
        { .pieces = { HEAD "Content-Length: 0\r\n\r\n", EVIL } },
        { .pieces = { HEAD "Content-Length: 0\r\n\r\n" EVIL, "" } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        assert_surplus_reaches_nobody(&shapes[i], RAW_PLAIN);
        assert_surplus_reaches_nobody(&shapes[i], RAW_TLS);
    }
}

/* ---- HTTP-10 ---- */

static void
assert_cut(const answer_case *cases, size_t cases_len, raw_tls tls, raw_script script)
{
    for (size_t i = 0; i < cases_len; i++) {
        A0_AUTO(a0__buf) bytes = A0__BUF_INIT(4096);
        http_world world;
        const char *got = NULL;

        a0__buf_string(&bytes, cases[i].answer);
        world = http_world_start(tls, script, bytes.ptr);
        got = http_world_get(&world, "/", HTTP_WORLD_DEADLINE_MS);
        if (strcmp(got, cases[i].want) != 0) {
            fail_msg("case %zu, TLS %d: %s instead of %s", i, (int)tls, got,
                     cases[i].want);
        }
        http_world_end(&world);
    }
}

static void
http_10_a_prefix_is_never_handed_on(void **state)
{
    static const answer_case cases[] = {
        { HEAD "Content-Length: 3\r\n\r\n{}", "http_truncated" },
        { HEAD "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", "http_truncated" },
        { HEAD "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", "http_truncated" },
        { HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\n{}", "http_truncated" },
        { HEAD "Content-Le", "http_truncated" },
    };
    static const answer_case open_end[] = {
        { HEAD "\r\n{}", "http_truncated" },
        { HEAD "Connection: close\r\n\r\n{}", "http_truncated" },
    };

    (void)state;
    assert_cut(cases, COUNT(cases), RAW_PLAIN, serve_text_and_close);
    assert_cut(cases, COUNT(cases), RAW_TLS, serve_text_and_close);
    assert_cut(open_end, COUNT(open_end), RAW_PLAIN, serve_text_and_close);
    assert_cut(open_end, COUNT(open_end), RAW_TLS, serve_text_and_cut);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(http_06_the_transport_itself_refuses_forbidden_bytes),
        cmocka_unit_test(http_07_proxies_and_netrc_of_the_environment_are_ignored),
        cmocka_unit_test(http_07_ca_variables_of_the_environment_are_ignored),
        cmocka_unit_test(http_08_only_https_or_http_to_a_literal_loopback_host_leaves),
        cmocka_unit_test(http_08_every_resolved_address_must_be_public_when_asked_for),
        cmocka_unit_test(http_08_a_name_that_switches_to_a_private_address_is_refused),
        cmocka_unit_test(http_09_an_answer_with_two_readings_is_refused),
        cmocka_unit_test(http_09_surplus_bytes_never_reach_the_next_caller),
        cmocka_unit_test(http_10_a_prefix_is_never_handed_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
