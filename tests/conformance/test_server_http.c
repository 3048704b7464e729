/* SPDX-License-Identifier: MIT */
/* Raw bytes against a living server: rows GW-07 and GW-11. */
#include "support.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "server/internal.h"

enum {
    /* Only a broken server makes a test wait this long. */
    PATIENCE_S = 20
};

/* ---- the server under test ---- */

static pthread_mutex_t gate_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_changed = PTHREAD_COND_INITIALIZER;
static bool gate_open;
static unsigned gate_waiting;

static void
say_hello(void *self, a0__web_request *request, a0__web_response *response)
{
    (void)self;
    a0__web_body_text(response, "text/plain", request->query);
}

static void
echo_body(void *self, a0__web_request *request, a0__web_response *response)
{
    (void)self;
    a0__web_body_text(response, "text/plain", request->body);
}

static void
wait_at_gate(void *self, a0__web_request *request, a0__web_response *response)
{
    (void)self;
    (void)request;
    pthread_mutex_lock(&gate_lock);
    gate_waiting++;
    pthread_cond_broadcast(&gate_changed);
    while (!gate_open) {
        pthread_cond_wait(&gate_changed, &gate_lock);
    }
    gate_waiting--;
    pthread_mutex_unlock(&gate_lock);
    a0__web_body_text(response, "text/plain", A0__LIT("through"));
}

static void
wait_until_somebody_is_at_gate(void)
{
    pthread_mutex_lock(&gate_lock);
    while (gate_waiting == 0) {
        pthread_cond_wait(&gate_changed, &gate_lock);
    }
    pthread_mutex_unlock(&gate_lock);
}

static void
set_gate(bool open)
{
    pthread_mutex_lock(&gate_lock);
    gate_open = open;
    pthread_cond_broadcast(&gate_changed);
    pthread_mutex_unlock(&gate_lock);
}

static const a0__web_route routes[] = {
    { .method = "GET", .path = "/", .handle = say_hello },
    { .method = "POST", .path = "/form", .handle = echo_body, .body = A0__WEB_FORM },
    { .method = "POST",
      .path = "/slow-form",
      .handle = echo_body,
      .body = A0__WEB_FORM,
      .blocks = true },
    { .method = "GET", .path = "/gate", .handle = wait_at_gate, .blocks = true },
};
static const a0__web_site site = { .routes = routes,
                                   .routes_len = sizeof routes / sizeof routes[0] };

static a0__server *
start(a0__server_options options)
{
    static const a0__web_listen entry[] = { { .address = "localhost:0",
                                              .site = &site } };
    a0__server *server = NULL;
    a0_error *err = NULL;

    options.listen = entry;
    options.listen_len = 1;
    assert_ok(a0__server_start(&options, &server, &err), err);
    return server;
}

/* ---- a client without manners ---- */

static int
dial(const a0__server *server)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons(a0__server_port(server, 0)),
                                   .sin_addr = { htonl(INADDR_LOOPBACK) } };
    struct timeval patience = { .tv_sec = PATIENCE_S };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void
say(int fd, a0__text bytes)
{
    while (bytes.len > 0) {
        ssize_t n = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);

        if (n <= 0) {
            return; /* the server may have hung up on us, which is its right */
        }
        bytes = a0__text_from(bytes, (size_t)n);
    }
}

/* Reads to the end of the connection; false when it stays open past all patience. */
static bool
hear(int fd, a0__buf *out)
{
    char piece[4096];
    ssize_t n = 0;

    while ((n = recv(fd, piece, sizeof piece, 0)) > 0) {
        a0__buf_bytes(out, piece, (size_t)n);
    }
    close(fd);
    return n == 0 || errno == ECONNRESET;
}

/* Reads until an answer has come; more of it may follow. */
static void
hear_answer(int fd, a0__buf *out)
{
    char piece[4096];
    ssize_t n = recv(fd, piece, sizeof piece, 0);

    assert_true(n > 0);
    a0__buf_bytes(out, piece, (size_t)n);
}

static int
status_of(a0__text answer)
{
    uint64_t status = 0;

    if (!a0__text_starts_with(answer, A0__LIT("HTTP/1.1 ")) ||
        !a0__parse_u64(a0__text_range(answer.ptr + 9, 3), 999, &status)) {
        return 0;
    }
    return (int)status;
}

static size_t
count_of(a0__text text, const char *part)
{
    size_t count = 0;

    for (const char *at = text.ptr; at != NULL && (at = strstr(at, part)) != NULL;
         at += strlen(part)) {
        count++;
    }
    return count;
}

/* Says the bytes and asserts that one answer of that status ends the connection. */
static void
assert_refused(const a0__server *server, a0__text bytes, int status)
{
    A0_AUTO(a0__buf) answer = A0__BUF_INIT(1 << 20);
    int fd = dial(server);

    say(fd, bytes);
    if (!hear(fd, &answer)) {
        fail_msg("still open after %.60s", bytes.ptr);
    }
    if (status_of(a0__buf_view(&answer)) != status) {
        fail_msg("%.60s: %.15s, not %d", bytes.ptr, a0__buf_cstr(&answer), status);
    }
    /* Not one byte of it was served. (libmicrohttpd 0.9.75 writes the head of some
     * refusals of its own twice before it closes.) */
    assert_int_equal(count_of(a0__buf_view(&answer), "HTTP/1.1 2"), 0);
}

#define REST "Host: localhost\r\n\r\n"

static void
gw_07_request_with_two_readings_is_400_and_the_connection_ends(void **state)
{
    static const char *const corpus[] = {
        /* length and encoding */
        "POST /form HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: "
        "chunked\r\n" REST "0\r\n\r\nGET / HTTP/1.1\r\n" REST,
        "POST /form HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: "
        "5\r\n" REST "0\r\n\r\n",
        "POST /form HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n" REST "ab",
        "POST /form HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n" REST "a",
        "POST /form HTTP/1.1\r\nContent-Length: +1\r\n" REST "a",
        "POST /form HTTP/1.1\r\nContent-Length: 1, 1\r\n" REST "a",
        "POST /form HTTP/1.1\r\nContent-Length: -1\r\n" REST "a",
        "POST /form HTTP/1.1\r\nContent-Length: 0x1\r\n" REST "a",
        "POST /form HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n" REST "0\r\n\r\n",
        "POST /form HTTP/1.1\r\nTransfer-Encoding: chunked, identity\r\n" REST
        "0\r\n\r\n",
        "POST /form HTTP/1.1\r\nTransfer-Encoding: identity\r\n" REST,
        "POST /form HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
        "Transfer-Encoding: chunked\r\n" REST "0\r\n\r\n",
        "POST /form HTTP/1.1\r\nTransfer-Encoding: \x0b"
        "chunked\r\n" REST "0\r\n\r\n",
        "POST /form HTTP/1.0\r\nTransfer-Encoding: chunked\r\n" REST "0\r\n\r\n",
        /* bodies where none belongs */
        "GET / HTTP/1.1\r\nContent-Length: 16\r\n" REST "GET /x HTTP/1.1\r\n",
        "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" REST "0\r\n\r\n",
        /* hosts */
        "GET / HTTP/1.1\r\nHost: a\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a, localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: u@localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost/x\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET http://other/ HTTP/1.1\r\n" REST,
        "GET http://localhost@other/ HTTP/1.1\r\n" REST,
        /* fields and lines */
        "GET / HTTP/1.1\r\nX Y: 1\r\n" REST,
        "GET / HTTP/1.1\r\nContent-Length : 5\r\n" REST "hello",
        "GET / HTTP/1.1\r\nX\x01Y: 1\r\n" REST,
        "GET / HTTP/1.1\r\nX: a\x01\r\n" REST,
        "GET /\x01 HTTP/1.1\r\n" REST,
        "GET / HTTP/1.2\r\n" REST,
        "GET / HTTP/1.1x\r\n" REST,
        "G@T / HTTP/1.1\r\n" REST,
        "GET * HTTP/1.1\r\n" REST,
        "GET /#a HTTP/1.1\r\n" REST,
        "GET /%2f HTTP/1.1\r\n" REST,
        "GET /../ HTTP/1.1\r\n" REST,
        "GET /\r\n\r\n",
    };
    a0__server *server = start((a0__server_options){ .request_timeout_ms = 4000 });

    (void)state;
    for (size_t i = 0; i < sizeof corpus / sizeof corpus[0]; i++) {
        assert_refused(server, a0__text_of(corpus[i]), 400);
    }
    assert_refused(server, A0__LIT("GET / HTTP/2.0\r\n" REST), 505);
    /* Closed without a word. */
    assert_refused(server, A0__LIT("GET / x HTTP/1.1\r\n" REST), 0);
    assert_refused(server, A0__LIT("GET\r\n\r\n"), 0);
    a0__server_stop(server);
}

static void
gw_07_proper_requests_share_a_connection(void **state)
{
    A0_AUTO(a0__buf) answer = A0__BUF_INIT(1 << 20);
    a0__server *server = start((a0__server_options){ 0 });
    int fd = dial(server);

    (void)state;
    say(fd, A0__LIT("GET /?one HTTP/1.1\r\n" REST "POST /form HTTP/1.1\r\n"
                    "Content-Type: application/x-www-form-urlencoded\r\n"
                    "Content-Length: 3\r\n" REST "two"
                    "POST /slow-form HTTP/1.1\r\n"
                    "Content-Type: application/x-www-form-urlencoded\r\n"
                    "Transfer-Encoding: chunked\r\n" REST "5\r\nthree\r\n0\r\n\r\n"
                    "GET http://localhost/?four HTTP/1.1\r\n"
                    "Connection: close\r\n" REST));
    assert_true(hear(fd, &answer));
    assert_int_equal(count_of(a0__buf_view(&answer), "HTTP/1.1 200"), 4);
    assert_non_null(strstr(answer.ptr, "\r\n\r\none"));
    assert_non_null(strstr(answer.ptr, "\r\n\r\ntwo"));
    assert_non_null(strstr(answer.ptr, "\r\n\r\nthree"));
    assert_non_null(strstr(answer.ptr, "\r\n\r\nfour"));
    a0__server_stop(server);
}

static void
append_times(a0__buf *out, const char *text, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        a0__buf_string(out, text);
    }
}

static void
gw_11_oversized_requests_are_refused(void **state)
{
    a0__server *server = start((a0__server_options){ 0 });
    A0_AUTO(a0__buf) lines = A0__BUF_INIT(1 << 20);
    A0_AUTO(a0__buf) block = A0__BUF_INIT(1 << 20);
    A0_AUTO(a0__buf) cookie = A0__BUF_INIT(1 << 20);
    A0_AUTO(a0__buf) target = A0__BUF_INIT(1 << 20);

    (void)state;
    a0__buf_string(&lines, "GET / HTTP/1.1\r\n");
    append_times(&lines, "A: b\r\n", 100);
    a0__buf_string(&lines, REST);
    assert_refused(server, a0__buf_view(&lines), 431);

    a0__buf_string(&block, "GET / HTTP/1.1\r\nA: ");
    append_times(&block, "0123456789abcdef", 33 * 64);
    a0__buf_string(&block, "\r\n" REST);
    assert_refused(server, a0__buf_view(&block), 431);

    a0__buf_string(&cookie, "GET / HTTP/1.1\r\nCookie: a=");
    append_times(&cookie, "0123456789abcdef", 64 * 64);
    a0__buf_string(&cookie, "\r\n" REST);
    assert_refused(server, a0__buf_view(&cookie), 431);

    a0__buf_string(&target, "GET /?");
    append_times(&target, "0123456789abcdef", 13 * 64);
    a0__buf_string(&target, " HTTP/1.1\r\n" REST);
    assert_refused(server, a0__buf_view(&target), 414);
    a0__server_stop(server);
}

static void
gw_11_body_past_its_limit_is_413(void **state)
{
    a0__server *server = start((a0__server_options){ 0 });
    A0_AUTO(a0__buf) announced = A0__BUF_INIT(1 << 20);
    A0_AUTO(a0__buf) chunked = A0__BUF_INIT(1 << 20);

    (void)state;
    a0__buf_string(&announced,
                   "POST /form HTTP/1.1\r\nContent-Length: 65537\r\n"
                   "Content-Type: application/x-www-form-urlencoded\r\n" REST);
    assert_refused(server, a0__buf_view(&announced), 413);
    a0__buf_string(&chunked, "POST /form HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
                             "Content-Type: application/x-www-form-urlencoded\r\n" REST
                             "10001\r\n");
    append_times(&chunked, "a", 0x10001);
    a0__buf_string(&chunked, "\r\n0\r\n\r\n");
    assert_refused(server, a0__buf_view(&chunked), 413);
    a0__server_stop(server);
}

static void
gw_11_request_that_never_ends_is_408(void **state)
{
    a0__server *server = start((a0__server_options){ .request_timeout_ms = 50 });

    (void)state;
    assert_refused(server, A0__LIT("GET / HTTP/1.1\r\nHost: loc"), 408);
    assert_refused(server,
                   A0__LIT("POST /form HTTP/1.1\r\nContent-Length: 5\r\n"
                           "Content-Type: application/x-www-form-urlencoded\r\n" REST
                           "ab"),
                   408);
    a0__server_stop(server);
}

static void
gw_11_full_queue_is_503_and_the_rest_is_served(void **state)
{
    a0__server *server =
        start((a0__server_options){ .workers = 1, .queue_max = 1, .event_loops = 1 });
    A0_AUTO(a0__buf) first = A0__BUF_INIT(1 << 16);
    A0_AUTO(a0__buf) second = A0__BUF_INIT(1 << 16);
    int running = dial(server);
    int rest = 0;

    (void)state;
    set_gate(false);
    say(running, A0__LIT("GET /gate HTTP/1.1\r\nConnection: close\r\n" REST));
    wait_until_somebody_is_at_gate();
    /* Pipelined behind an answer that is awaited, so the second has its place in the
     * queue before the third connects. */
    rest = dial(server);
    say(rest, A0__LIT("GET /?x HTTP/1.1\r\n" REST
                      "GET /gate HTTP/1.1\r\nConnection: close\r\n" REST));
    hear_answer(rest, &second);
    {
        A0_AUTO(a0__buf) third = A0__BUF_INIT(1 << 16);
        int fd = dial(server);

        say(fd, A0__LIT("GET /gate HTTP/1.1\r\nConnection: close\r\n" REST));
        assert_true(hear(fd, &third));
        assert_int_equal(status_of(a0__buf_view(&third)), 503);
        assert_non_null(strstr(third.ptr, "Retry-After: 1"));
    }
    set_gate(true);
    assert_true(hear(running, &first));
    assert_true(hear(rest, &second));
    assert_int_equal(status_of(a0__buf_view(&first)), 200);
    assert_int_equal(count_of(a0__buf_view(&second), "HTTP/1.1 200"), 2);
    a0__server_stop(server);
}

/* ---- connections of one address ---- */

static bool
is_our_proxy(void *self, const a0__address *peer)
{
    a0__address proxy;

    (void)self;
    assert_true(a0__address_parse(A0__LIT("198.51.100.1"), &proxy));
    return memcmp(proxy.bytes, peer->bytes, sizeof proxy.bytes) == 0;
}

static bool
may_connect(a0__web_endpoint *endpoint, const char *from)
{
    struct sockaddr_in6 address = { .sin6_family = AF_INET6 };
    a0__address peer;

    assert_true(a0__address_parse(a0__text_of(from), &peer));
    memcpy(&address.sin6_addr, peer.bytes, sizeof peer.bytes);
    return a0__web_on_accept(endpoint, (const struct sockaddr *)&address,
                             sizeof address) == MHD_YES;
}

static void
gw_11_an_address_has_its_share_of_connections_and_our_proxies_have_no_end(void **state)
{
    static const char *const peers[] = { "192.0.2.7", "2001:db8:0:1::7", "127.0.0.1",
                                         "::1", "198.51.100.1" };
    enum {
        PEERS = sizeof peers / sizeof peers[0],
        MOST = 3
    };
    a0__web_connection held[PEERS][MOST];
    a0__server server = {
        .options = { .connections_per_peer = MOST, .is_proxy = is_our_proxy },
        .connections = { .lock = PTHREAD_MUTEX_INITIALIZER },
    };
    a0__web_endpoint endpoint = { .server = &server };

    (void)state;
    for (size_t i = 0; i < PEERS; i++) {
        for (size_t j = 0; j < MOST; j++) {
            assert_true(may_connect(&endpoint, peers[i]));
            memset(&held[i][j], 0, sizeof held[i][j]);
            assert_true(a0__address_parse(a0__text_of(peers[i]), &held[i][j].peer));
            a0__web_connections_add(&server.connections, &held[i][j]);
        }
    }
    assert_false(may_connect(&endpoint, "192.0.2.7"));
    assert_false(may_connect(&endpoint, "2001:db8:0:1:ffff::8")); /* the same /64 */
    assert_true(may_connect(&endpoint, "192.0.2.8"));
    assert_true(may_connect(&endpoint, "2001:db8:0:2::7"));
    for (size_t i = 2; i < PEERS; i++) {
        assert_true(may_connect(&endpoint, peers[i]));
    }
}

/* ---- one server after another ---- */

static a0__server *
start_at(const char *address, a0__server *predecessor)
{
    a0__web_listen entry = { .address = address, .site = &site };
    a0__server *server = NULL;
    a0_error *err = NULL;

    assert_ok(a0__server_start(&(a0__server_options){ .listen = &entry,
                                                      .listen_len = 1,
                                                      .predecessor = predecessor },
                               &server, &err),
              err);
    return server;
}

static void
assert_served(int fd)
{
    A0_AUTO(a0__buf) answer = A0__BUF_INIT(1 << 16);

    say(fd, A0__LIT("GET /?here HTTP/1.1\r\nConnection: close\r\n" REST));
    assert_true(hear(fd, &answer));
    assert_int_equal(status_of(a0__buf_view(&answer)), 200);
}

static void
successor_listens_where_its_predecessor_did_without_a_gap(void **state)
{
    a0__server *first = start_at("localhost:0", NULL);
    a0__server *second = start_at("localhost:0", first);
    int early = -1;

    (void)state;
    assert_int_equal(a0__server_port(second, 0), a0__server_port(first, 0));
    early = dial(first);
    a0__server_stop(first);
    (void)close(early); /* whose it was is the kernel's choice */
    assert_served(dial(second));
    a0__server_stop(second);
}

static int
dial_unix(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0 && strlen(path) < sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path));
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static void
file_of_a_socket_goes_with_the_last_server_at_it(void **state)
{
    char folder[] = "/tmp/a0-server-XXXXXX";
    A0_AUTO(a0__buf) address = A0__BUF_INIT(256);
    const char *path = NULL;
    a0__web_listen taken = { .site = &site };
    a0__server *first = NULL;
    a0__server *second = NULL;
    a0__server *third = NULL;
    a0_error *err = NULL;

    (void)state;
    assert_non_null(mkdtemp(folder));
    a0__buf_format(&address, "unix:%s/socket", folder);
    path = a0__buf_cstr(&address) + strlen("unix:");
    first = start_at(a0__buf_cstr(&address), NULL);
    second = start_at(a0__buf_cstr(&address), first);
    a0__server_stop(first);
    assert_served(dial_unix(path));

    /* Who can not start leaves the one that runs its file. */
    taken.address = "localhost:1x";
    assert_int_not_equal(
        a0__server_start(
            &(a0__server_options){
                .listen =
                    (a0__web_listen[]){
                        { .address = a0__buf_cstr(&address), .site = &site }, taken },
                .listen_len = 2,
                .predecessor = second },
            &third, &err),
        A0_OK);
    a0_error_free(err);
    assert_served(dial_unix(path));
    a0__server_stop(second);
    assert_int_equal(dial_unix(path), -1);
    assert_int_equal(rmdir(folder), 0);
}

static void *
stop_server(void *server)
{
    a0__server_stop(server);
    return NULL;
}

static void
stop_lets_an_answer_under_way_finish(void **state)
{
    a0__server *server = start((a0__server_options){ 0 });
    A0_AUTO(a0__buf) answer = A0__BUF_INIT(1 << 16);
    pthread_t stopper;
    int fd = dial(server);

    (void)state;
    set_gate(false);
    say(fd, A0__LIT("GET /gate HTTP/1.1\r\n" REST));
    wait_until_somebody_is_at_gate();
    pthread_create(&stopper, NULL, stop_server, server);
    set_gate(true);
    assert_true(hear(fd, &answer));
    pthread_join(stopper, NULL);
    assert_int_equal(status_of(a0__buf_view(&answer)), 200);
    assert_non_null(strstr(answer.ptr, "through"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            gw_07_request_with_two_readings_is_400_and_the_connection_ends),
        cmocka_unit_test(gw_07_proper_requests_share_a_connection),
        cmocka_unit_test(gw_11_oversized_requests_are_refused),
        cmocka_unit_test(gw_11_body_past_its_limit_is_413),
        cmocka_unit_test(gw_11_request_that_never_ends_is_408),
        cmocka_unit_test(gw_11_full_queue_is_503_and_the_rest_is_served),
        cmocka_unit_test(
            gw_11_an_address_has_its_share_of_connections_and_our_proxies_have_no_end),
        cmocka_unit_test(successor_listens_where_its_predecessor_did_without_a_gap),
        cmocka_unit_test(file_of_a_socket_goes_with_the_last_server_at_it),
        cmocka_unit_test(stop_lets_an_answer_under_way_finish),
    };

    return cmocka_run_group_tests_name("server_http", tests, NULL, NULL);
}
