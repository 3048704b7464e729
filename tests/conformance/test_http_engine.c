/* SPDX-License-Identifier: MIT */
/* The life of the engine and of its connections. */
#include "support.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "http_world.h"

static void
http_11_a_warm_connection_serves_one_call_after_the_other(void **state)
{
    static const raw_tls kinds[] = { RAW_PLAIN, RAW_TLS };

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        http_world world = http_world_start(kinds[i], raw_serve_ok, NULL);

        for (int call = 0; call < 5; call++) {
            assert_string_equal(http_world_get(&world, "/", HTTP_WORLD_DEADLINE_MS),
                                "ok");
        }
        assert_int_equal(raw_server_connections(world.server), 1);
        http_world_end(&world);
    }
}

/* ---- fork ---- */

static void
http_11_a_forked_child_builds_its_own_engine(void **state)
{
    http_world world = http_world_start(RAW_TLS, raw_serve_ok, NULL);
    int status = 0;
    pid_t child = 0;

    (void)state;
    assert_string_equal(http_world_get(&world, "/", HTTP_WORLD_DEADLINE_MS), "ok");
    child = fork();
    if (child == 0) {
        const char *got = http_world_get(&world, "/child", HTTP_WORLD_DEADLINE_MS);
        bool is_ok = strcmp(got, "ok") == 0;

        world.http.table->destroy(world.http.self);
        _exit(is_ok ? 0 : 1);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    /* The child neither used nor closed the connection of its parent. */
    assert_string_equal(http_world_get(&world, "/", HTTP_WORLD_DEADLINE_MS), "ok");
    assert_int_equal(raw_server_connections(world.server), 2);
    http_world_end(&world);
}

/* ---- pooled connections that died ---- */

typedef struct closing {
    atomic_bool is_closed;
} closing;

static void
close_after_the_first_answer(void *self, raw_connection *connection, size_t index)
{
    closing *told = self;

    if (index > 0) {
        raw_serve_ok(NULL, connection, index);
        return;
    }
    if (raw_read_request(connection) && raw_answer(connection, "ok")) {
        raw_close(connection);
        atomic_store(&told->is_closed, true);
    }
}

static void
http_11_a_dead_pooled_socket_is_replaced_before_a_byte_is_sent(void **state)
{
    static const raw_tls kinds[] = { RAW_PLAIN, RAW_TLS };

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        closing told = { false };
        http_world world =
            http_world_start(kinds[i], close_after_the_first_answer, &told);

        assert_string_equal(http_world_get(&world, "/", HTTP_WORLD_DEADLINE_MS), "ok");
        while (!atomic_load(&told.is_closed)) {
            (void)sched_yield();
        }
        assert_string_equal(
            http_world_post(&world, "/", "{}", HTTP_WORLD_DEADLINE_MS, NULL), "ok");
        assert_int_equal(raw_server_requests(world.server), 2);
        http_world_end(&world);
    }
}

static void
hang_up_on_the_second_request(void *self, raw_connection *connection, size_t index)
{
    (void)self;
    if (index > 0) {
        raw_serve_ok(NULL, connection, index);
        return;
    }
    if (raw_read_request(connection) && raw_answer(connection, "ok")) {
        (void)raw_read_request(connection);
    }
}

/* libcurl would send it again by itself: a code or a refresh token, twice. */
static void
http_11_a_request_that_went_out_is_never_sent_again(void **state)
{
    static const char *const methods[] = { "GET", "POST" };

    (void)state;
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        http_world world =
            http_world_start(RAW_PLAIN, hang_up_on_the_second_request, NULL);
        bool sent = false;

        assert_string_equal(http_world_get(&world, "/", HTTP_WORLD_DEADLINE_MS), "ok");
        if (strcmp(methods[i], "GET") == 0) {
            assert_string_equal(http_world_get(&world, "/", HTTP_WORLD_DEADLINE_MS),
                                "http_unreachable");
        } else {
            assert_string_equal(http_world_post(&world, "/", "code=once",
                                                HTTP_WORLD_DEADLINE_MS, &sent),
                                "http_unreachable");
            assert_true(sent);
        }
        assert_int_equal(raw_server_requests(world.server), 2);
        http_world_end(&world);
    }
}

static void
http_11_nobody_listens_is_unreachable_and_not_sent(void **state)
{
    http_world world = http_world_start(RAW_PLAIN, raw_serve_ok, NULL);
    raw_server *gone = raw_server_start(RAW_PLAIN, raw_serve_ok, NULL);
    A0_AUTO(a0__buf) url = A0__BUF_INIT(256);
    bool sent = true;
    http_world elsewhere = { .http = world.http, .server = gone };

    (void)state;
    raw_server_write_url(gone, "/", &url);
    raw_server_close_listener(gone);
    assert_string_equal(
        http_world_post(&elsewhere, "/", "{}", HTTP_WORLD_DEADLINE_MS, &sent),
        "http_unreachable");
    assert_false(sent);
    raw_server_stop(gone);
    http_world_end(&world);
}

/* The first address of the name leads nowhere. */
static bool
resolve_to_two(void *self, const char *host, a0__net_addresses *out)
{
    (void)self;
    (void)host;
    out->len = 2;
    return a0__net_address_parse(A0__LIT("::1"), &out->items[0]) &&
           a0__net_address_parse(A0__LIT("127.0.0.1"), &out->items[1]);
}

static void
http_11_the_next_address_is_tried_within_the_connect_deadline(void **state)
{
    http_world world =
        http_world_start_with((a0__curl_options){ .ca_file = raw_server_ca_file(),
                                                  .resolve = resolve_to_two },
                              RAW_TLS, raw_serve_ok, NULL);

    (void)state;
    assert_string_equal(http_world_get(&world, "/", HTTP_WORLD_DEADLINE_MS), "ok");
    http_world_end(&world);
}

/* ---- faults of one connection are faults of its callers alone ---- */

static void
tamper_the_first(void *self, raw_connection *connection, size_t index)
{
    static const unsigned char forged[] = { 0x17, 3, 3, 0, 24, 1, 2, 3, 4, 5,
                                            6,    7, 8, 9, 0,  1, 2, 3, 4, 5,
                                            6,    7, 8, 9, 0,  1, 2, 3, 4 };

    if (index > 0) {
        raw_serve_ok(self, connection, index);
        return;
    }
    if (raw_read_request(connection) &&
        raw_send_text(connection,
                      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345") &&
        raw_send_unencrypted(connection, forged, sizeof forged)) {
        raw_wait_for_close(connection);
    }
}

static void
http_11_a_tampered_record_ends_its_connection_only(void **state)
{
    http_world world = http_world_start(RAW_TLS, tamper_the_first, NULL);

    (void)state;
    assert_string_equal(http_world_get(&world, "/", HTTP_WORLD_DEADLINE_MS),
                        "http_truncated");
    assert_string_equal(http_world_get(&world, "/", HTTP_WORLD_DEADLINE_MS), "ok");
    http_world_end(&world);
}

/* ---- HTTP/2, by the frame (RFC 9113 §4.1) ---- */

enum {
    FRAME_HEAD = 9,
    PREFACE = 24,
    FRAME_HEADERS = 1
};

static bool
send_frame(raw_connection *connection, unsigned char type, unsigned char flags,
           unsigned char stream, const char *payload, unsigned char len)
{
    const unsigned char head[FRAME_HEAD] = { 0, 0, len, type, flags, 0, 0, 0, stream };

    return raw_send(connection, head, sizeof head) &&
           raw_send(connection, payload, len);
}

/* Reads frames up to the next HEADERS; 0 when the peer is gone. */
static unsigned char
next_request(raw_connection *connection)
{
    unsigned char head[FRAME_HEAD];
    char payload[65536];

    while (raw_read_exactly(connection, head, sizeof head)) {
        size_t len = (size_t)head[1] << 8 | head[2];

        if (head[0] != 0 || !raw_read_exactly(connection, payload, len)) {
            return 0;
        }
        if (head[3] == FRAME_HEADERS) {
            return head[8];
        }
    }
    return 0;
}

/* Resets the first stream in the middle of its body; answers the others. */
static void
serve_http2(void *self, raw_connection *connection, size_t index)
{
    /* :status 200, content-length 2 (literal, name 28 of the static table) */
    static const char headers[] = "\x88\x0f\x0d\x01\x32";
    static const char internal_error[] = "\0\0\0\2";
    char preface[PREFACE];
    unsigned char stream = 0;

    (void)self;
    (void)index;
    if (!raw_read_exactly(connection, preface, sizeof preface) ||
        !send_frame(connection, 4, 0, 0, "", 0)) {
        return;
    }
    while ((stream = next_request(connection)) != 0) {
        bool is_first = stream == 1;

        (void)send_frame(connection, FRAME_HEADERS, 4, stream, headers, 5);
        (void)send_frame(connection, 0, is_first ? 0 : 1, stream, "ok",
                         is_first ? 1 : 2);
        if (is_first) {
            (void)send_frame(connection, 3, 0, stream, internal_error, 4);
        }
    }
}

static void
http_09_an_http2_stream_that_is_reset_gives_no_answer(void **state)
{
    http_world world = http_world_start(RAW_TLS_HTTP2, serve_http2, NULL);

    (void)state;
    assert_string_equal(http_world_get(&world, "/first", HTTP_WORLD_DEADLINE_MS),
                        "http_protocol");
    for (int i = 0; i < 3; i++) {
        assert_string_equal(http_world_get(&world, "/next", HTTP_WORLD_DEADLINE_MS),
                            "ok");
    }
    assert_int_equal(raw_server_connections(world.server), 1);
    http_world_end(&world);
}

/* ---- memory ---- */

static void
http_11_without_memory_a_call_fails_and_the_next_one_works(void **state)
{
    http_world world = http_world_start(RAW_TLS, raw_serve_ok, NULL);

    (void)state;
    assert_string_equal(http_world_get(&world, "/", HTTP_WORLD_DEADLINE_MS), "ok");
    for (uint64_t n = 1; n <= 40; n++) {
        a0_http_request request = { .size = sizeof request,
                                    .method = "GET",
                                    .max_response_bytes = 100 };
        a0_http_exchange exchange = { .request = &request };
        A0_AUTO(a0__buf) url = A0__BUF_INIT(256);
        a0_error *err = NULL;
        a0_status status = A0_OK;

        raw_server_write_url(world.server, "/", &url);
        request.url = url.ptr;
        a0__mem_fail_at(n, 0);
        status = world.http.table->perform(world.http.self, &exchange, 1,
                                           HTTP_WORLD_SHORT_MS, &err);
        a0__mem_fail_at(0, 0);
        if (status == A0_OK) {
            assert_true((exchange.response == NULL) != (exchange.error == NULL));
        } else {
            assert_fails(status, &err, no_memory);
        }
        a0_http_response_free(exchange.response);
        a0_error_free(exchange.error);
        assert_string_equal(http_world_get(&world, "/", HTTP_WORLD_DEADLINE_MS), "ok");
    }
    http_world_end(&world);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(http_11_a_warm_connection_serves_one_call_after_the_other),
        cmocka_unit_test(http_11_a_forked_child_builds_its_own_engine),
        cmocka_unit_test(
            http_11_a_dead_pooled_socket_is_replaced_before_a_byte_is_sent),
        cmocka_unit_test(http_11_a_request_that_went_out_is_never_sent_again),
        cmocka_unit_test(http_11_nobody_listens_is_unreachable_and_not_sent),
        cmocka_unit_test(http_11_the_next_address_is_tried_within_the_connect_deadline),
        cmocka_unit_test(http_11_a_tampered_record_ends_its_connection_only),
        cmocka_unit_test(http_11_without_memory_a_call_fails_and_the_next_one_works),
        cmocka_unit_test(http_09_an_http2_stream_that_is_reset_gives_no_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
