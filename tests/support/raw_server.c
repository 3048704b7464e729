/* SPDX-License-Identifier: MIT */
#include "raw_server.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "raw_certificate.h"

enum {
    CONNECTIONS_MAX = 8192,
    REQUEST_MAX = 1024 * 1024,
    READ_BYTES = 16384
};

struct raw_connection {
    raw_server *server;
    size_t index;
    int fd;
    SSL *session; /* NULL when plain */
    bool skips_close_alert;
    a0__buf input; /* of the request that is read */
    size_t consumed;
    pthread_t thread;
};

struct raw_server {
    raw_tls tls;
    raw_script script;
    void *self;
    int listener;
    uint16_t port;
    SSL_CTX *context;
    pthread_t thread;
    pthread_mutex_t lock;
    atomic_bool stopping;
    atomic_size_t requests;
    raw_connection *connections[CONNECTIONS_MAX];
    size_t connections_len;
};

static void
must(bool is_fine, const char *what)
{
    if (!is_fine) {
        perror(what);
        abort();
    }
}

/* ---- bytes ---- */

/* Waits until the socket can be read (false: the server stops). */
static bool
wait_readable(raw_connection *connection)
{
    struct pollfd poll_fd = { .fd = connection->fd, .events = POLLIN };

    while (!atomic_load(&connection->server->stopping)) {
        if (poll(&poll_fd, 1, 20) != 0) {
            return true;
        }
    }
    return false;
}

static int
read_some(raw_connection *connection, char *bytes, size_t len)
{
    if ((connection->session == NULL || SSL_pending(connection->session) == 0) &&
        !wait_readable(connection)) {
        return 0;
    }
    return connection->session != NULL ? SSL_read(connection->session, bytes, (int)len)
                                       : (int)recv(connection->fd, bytes, len, 0);
}

bool
raw_send(raw_connection *connection, const void *bytes, size_t len)
{
    const char *at = bytes;

    while (len > 0) {
        int n = connection->session != NULL
                    ? SSL_write(connection->session, at, (int)len)
                    : (int)send(connection->fd, at, len, MSG_NOSIGNAL);

        if (n <= 0) {
            return false;
        }
        at += n;
        len -= (size_t)n;
    }
    return true;
}

bool
raw_send_text(raw_connection *connection, const char *text)
{
    return raw_send(connection, text, strlen(text));
}

bool
raw_send_unencrypted(raw_connection *connection, const void *bytes, size_t len)
{
    return send(connection->fd, bytes, len, MSG_NOSIGNAL) == (ssize_t)len;
}

bool
raw_answer(raw_connection *connection, const char *body)
{
    A0_AUTO(a0__buf) answer = A0__BUF_INIT(REQUEST_MAX);

    a0__buf_format(&answer, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
                   strlen(body));
    a0__buf_string(&answer, body);
    return raw_send(connection, answer.ptr, answer.len);
}

void
raw_serve_ok(void *self, raw_connection *connection, size_t index)
{
    (void)self;
    (void)index;
    while (raw_read_request(connection) && raw_answer(connection, "ok")) {
    }
}

void
raw_trickle(raw_connection *connection, const char *text, int pause_ms)
{
    struct pollfd poll_fd = { .fd = connection->fd, .events = POLLIN };

    for (size_t i = 0; text[i] != '\0' && !atomic_load(&connection->server->stopping);
         i++) {
        if (!raw_send(connection, text + i, 1) || poll(&poll_fd, 1, pause_ms) != 0) {
            return;
        }
    }
}

void
raw_wait_for_close(raw_connection *connection)
{
    char bytes[READ_BYTES];

    while (read_some(connection, bytes, sizeof bytes) > 0) {
    }
}

void
raw_skip_close_alert(raw_connection *connection)
{
    connection->skips_close_alert = true;
}

/* ---- requests ---- */

static size_t
content_length(const char *head)
{
    const char *at = strstr(head, "Content-Length: ");
    uint64_t length = 0;
    a0__text rest = a0__text_of(at != NULL ? at + 16 : NULL);
    a0__text digits = A0__NO_TEXT;

    return a0__text_next(&rest, '\r', &digits) &&
                   a0__parse_u64(digits, REQUEST_MAX, &length)
               ? (size_t)length
               : 0;
}

/* How long the request at the start of the input is; 0: not whole yet. */
static size_t
whole_request(const raw_connection *connection)
{
    const char *head = a0__buf_cstr(&connection->input);
    const char *end = strstr(head, "\r\n\r\n");
    size_t len = end != NULL ? (size_t)(end - head) + 4 + content_length(head) : 0;

    return len <= connection->input.len ? len : 0;
}

static void
drop_consumed(raw_connection *connection)
{
    A0_AUTO(a0__buf) rest = A0__BUF_INIT(REQUEST_MAX);

    a0__buf_text(&rest,
                 a0__text_from(a0__buf_view(&connection->input), connection->consumed));
    a0__buf_reset(&connection->input);
    a0__buf_text(&connection->input, a0__buf_view(&rest));
    connection->consumed = 0;
}

bool
raw_read_request(raw_connection *connection)
{
    char bytes[READ_BYTES];

    drop_consumed(connection);
    while ((connection->consumed = whole_request(connection)) == 0) {
        int n = read_some(connection, bytes, sizeof bytes);

        if (n <= 0) {
            return false;
        }
        a0__buf_bytes(&connection->input, bytes, (size_t)n);
    }
    (void)atomic_fetch_add(&connection->server->requests, 1);
    return true;
}

bool
raw_read_exactly(raw_connection *connection, void *bytes, size_t len)
{
    char *at = bytes;

    while (len > 0) {
        int n = read_some(connection, at, len);

        if (n <= 0) {
            return false;
        }
        at += n;
        len -= (size_t)n;
    }
    return true;
}

const char *
raw_request(const raw_connection *connection)
{
    return a0__buf_cstr(&connection->input);
}

size_t
raw_request_len(const raw_connection *connection)
{
    return connection->consumed;
}

/* ---- threads ---- */

static bool
start_tls(raw_connection *connection)
{
    if (connection->server->tls == RAW_PLAIN) {
        return true;
    }
    connection->session = SSL_new(connection->server->context);
    return connection->session != NULL &&
           SSL_set_fd(connection->session, connection->fd) == 1 &&
           SSL_accept(connection->session) == 1;
}

void
raw_close(raw_connection *connection)
{
    if (connection->session != NULL && !connection->skips_close_alert) {
        (void)SSL_shutdown(connection->session);
    }
    (void)shutdown(connection->fd, SHUT_RDWR);
}

static void *
play(void *self)
{
    raw_connection *connection = self;
    raw_server *server = connection->server;

    if (start_tls(connection)) {
        server->script(server->self, connection, connection->index);
    }
    raw_close(connection);
    return NULL;
}

static void
welcome(raw_server *server, int fd)
{
    raw_connection *connection = a0__calloc(1, sizeof *connection);
    int on = 1;

    must(connection != NULL && server->connections_len < CONNECTIONS_MAX, "connection");
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    *connection = (raw_connection){ .server = server,
                                    .index = server->connections_len,
                                    .fd = fd,
                                    .input = A0__BUF_INIT(REQUEST_MAX) };
    (void)pthread_mutex_lock(&server->lock);
    server->connections[server->connections_len++] = connection;
    (void)pthread_mutex_unlock(&server->lock);
    must(pthread_create(&connection->thread, NULL, play, connection) == 0, "thread");
}

static void *
serve(void *self)
{
    raw_server *server = self;
    struct pollfd poll_fd = { .fd = server->listener, .events = POLLIN };

    while (!atomic_load(&server->stopping)) {
        int fd = poll(&poll_fd, 1, 20) > 0
                     ? accept4(server->listener, NULL, NULL, SOCK_CLOEXEC)
                     : -1;

        if (fd >= 0) {
            welcome(server, fd);
        }
    }
    return NULL;
}

static void
listen_on_any_port(raw_server *server)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t len = sizeof address;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(server->listener >= 0 &&
             bind(server->listener, (struct sockaddr *)&address, len) == 0 &&
             listen(server->listener, 256) == 0 &&
             getsockname(server->listener, (struct sockaddr *)&address, &len) == 0,
         "listen");
    server->port = ntohs(address.sin_port);
}

raw_server *
raw_server_start(raw_tls tls, raw_script script, void *self)
{
    raw_server *server = a0__calloc(1, sizeof *server);

    must(server != NULL, "server");
    server->tls = tls;
    server->script = script;
    server->self = self;
    server->context = tls != RAW_PLAIN ? raw_certificate_context(tls) : NULL;
    (void)pthread_mutex_init(&server->lock, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    listen_on_any_port(server);
    must(pthread_create(&server->thread, NULL, serve, server) == 0, "thread");
    return server;
}

static void
end_connection(raw_connection *connection)
{
    (void)shutdown(connection->fd, SHUT_RDWR);
    (void)pthread_join(connection->thread, NULL);
    SSL_free(connection->session);
    (void)close(connection->fd);
    a0__buf_clear(&connection->input);
    a0__free(connection);
}

void
raw_server_close_listener(raw_server *server)
{
    (void)shutdown(server->listener, SHUT_RDWR);
}

void
raw_server_stop(raw_server *server)
{
    if (server == NULL) {
        return;
    }
    atomic_store(&server->stopping, true);
    (void)pthread_join(server->thread, NULL);
    for (size_t i = 0; i < server->connections_len; i++) {
        end_connection(server->connections[i]);
    }
    (void)close(server->listener);
    SSL_CTX_free(server->context);
    (void)pthread_mutex_destroy(&server->lock);
    a0__free(server);
}

/* ---- what tests ask ---- */

uint16_t
raw_server_port(const raw_server *server)
{
    return server->port;
}

void
raw_server_write_url(const raw_server *server, const char *path, a0__buf *out)
{
    a0__buf_string(out, server->tls == RAW_PLAIN ? "http://127.0.0.1"
                                                 : "https://tenant.example");
    a0__buf_format(out, ":%u", (unsigned)server->port);
    a0__buf_string(out, path);
}

size_t
raw_server_connections(raw_server *server)
{
    size_t len = 0;

    (void)pthread_mutex_lock(&server->lock);
    len = server->connections_len;
    (void)pthread_mutex_unlock(&server->lock);
    return len;
}

size_t
raw_server_requests(raw_server *server)
{
    return atomic_load(&server->requests);
}
