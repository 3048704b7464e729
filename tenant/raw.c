/* SPDX-License-Identifier: MIT */
/* The listener and its threads: one that accepts, one for each connection. */
#include "raw.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BACKLOG = 64,
    LIST_BYTES_MAX = 64 * 1024 * 1024,
    HANDSHAKE_WAIT_S = 10
};

struct a0__raw {
    pthread_mutex_t mutex;
    pthread_cond_t idle;
    pthread_t acceptor;
    int listen_fd;
    int stop_fd;
    unsigned port;
    unsigned open; /* connections that still play */
    /* What follows changes with each script. */
    char *script;
    a0__tls_identity *identity; /* NULL: plain */
    int64_t connections;
    int64_t failed_handshakes;
    a0__list requests;
};

/* What a connection's thread takes with it. */
typedef struct job {
    a0__raw *raw;
    int fd;
    char *script;
    a0__tls_identity identity;
    bool has_tls;
} job;

static void
copy_identity(const a0__tls_identity *from, a0__tls_identity *to)
{
    *to = A0__TLS_IDENTITY_INIT;
    a0__buf_text(&to->certificate, a0__buf_view(&from->certificate));
    a0__buf_text(&to->key, a0__buf_view(&from->key));
}

static void
job_free(job *j)
{
    a0__free(j->script);
    a0__tls_identity_auto(&j->identity);
    a0__free(j);
}

static void
note_arrival(void *self, bool shaken, a0__text request)
{
    a0__raw *raw = self;

    (void)pthread_mutex_lock(&raw->mutex);
    if (shaken) {
        a0__list_append(&raw->requests, request);
    } else {
        raw->failed_handshakes++;
    }
    (void)pthread_mutex_unlock(&raw->mutex);
}

static void *
run_job(void *self)
{
    job *j = self;
    a0__raw *raw = j->raw;
    sigset_t broken_pipe;

    /* OpenSSL writes without MSG_NOSIGNAL. */
    (void)sigemptyset(&broken_pipe);
    (void)sigaddset(&broken_pipe, SIGPIPE);
    (void)pthread_sigmask(SIG_BLOCK, &broken_pipe, NULL);
    a0__raw_run(&(a0__raw_play){ .fd = j->fd,
                                 .stop_fd = raw->stop_fd,
                                 .script = j->script,
                                 .identity = j->has_tls ? &j->identity : NULL,
                                 .arrived = note_arrival,
                                 .self = raw });
    job_free(j);
    (void)pthread_mutex_lock(&raw->mutex);
    raw->open--;
    (void)pthread_cond_broadcast(&raw->idle);
    (void)pthread_mutex_unlock(&raw->mutex);
    return NULL;
}

/* A peer that never begins its handshake must not keep a thread for ever. */
static void
limit_waiting(int fd)
{
    struct timeval wait = { .tv_sec = HANDSHAKE_WAIT_S };

    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
}

static void
begin_job(a0__raw *raw, int fd)
{
    job *j = a0__keep_bytes(1, sizeof *j);
    pthread_t thread;

    limit_waiting(fd);
    j->raw = raw;
    j->fd = fd;
    (void)pthread_mutex_lock(&raw->mutex);
    raw->connections++;
    raw->open++;
    j->script = a0__keep(a0__text_of(raw->script));
    j->has_tls = raw->identity != NULL;
    if (j->has_tls) {
        copy_identity(raw->identity, &j->identity);
    }
    (void)pthread_mutex_unlock(&raw->mutex);
    if (pthread_create(&thread, NULL, run_job, j) != 0) {
        abort();
    }
    (void)pthread_detach(thread);
}

static void *
accept_all(void *self)
{
    a0__raw *raw = self;
    struct pollfd both[] = { { .fd = raw->listen_fd, .events = POLLIN },
                             { .fd = raw->stop_fd, .events = POLLIN } };

    while (poll(both, 2, -1) >= 0 && both[1].revents == 0) {
        int fd = accept4(raw->listen_fd, NULL, NULL, SOCK_CLOEXEC);

        if (fd >= 0) {
            begin_job(raw, fd);
        }
    }
    return NULL;
}

static bool
listen_on_loopback(a0__raw *raw)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof address;

    raw->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    raw->stop_fd = eventfd(0, EFD_CLOEXEC);
    if (raw->listen_fd < 0 || raw->stop_fd < 0 ||
        bind(raw->listen_fd, (const struct sockaddr *)&address, len) != 0 ||
        listen(raw->listen_fd, BACKLOG) != 0 ||
        getsockname(raw->listen_fd, (struct sockaddr *)&address, &len) != 0) {
        return false;
    }
    raw->port = ntohs(address.sin_port);
    return pthread_create(&raw->acceptor, NULL, accept_all, raw) == 0;
}

static a0__raw *
raw_start(void)
{
    a0__raw *raw = a0__keep_bytes(1, sizeof *raw);

    (void)pthread_mutex_init(&raw->mutex, NULL);
    (void)pthread_cond_init(&raw->idle, NULL);
    raw->script = a0__keep(A0__LIT("{}"));
    if (!listen_on_loopback(raw)) {
        abort();
    }
    return raw;
}

static void
set_identity(a0__raw *raw, a0__tls_identity *identity)
{
    if (raw->identity != NULL) {
        a0__tls_identity_auto(raw->identity);
        a0__free(raw->identity);
    }
    raw->identity = identity;
}

void
a0__raw_stop(a0__raw *raw)
{
    if (raw == NULL) {
        return;
    }
    (void)eventfd_write(raw->stop_fd, 1);
    (void)pthread_join(raw->acceptor, NULL);
    (void)pthread_mutex_lock(&raw->mutex);
    while (raw->open > 0) {
        (void)pthread_cond_wait(&raw->idle, &raw->mutex);
    }
    (void)pthread_mutex_unlock(&raw->mutex);
    (void)close(raw->listen_fd);
    (void)close(raw->stop_fd);
    set_identity(raw, NULL);
    a0__free(raw->script);
    a0__list_clear(&raw->requests);
    (void)pthread_cond_destroy(&raw->idle);
    (void)pthread_mutex_destroy(&raw->mutex);
    a0__free(raw);
}

/* "trusted", "wrong-name" (by the tenant's authority), "bad-chain" (by another). */
static a0_status
make_identity(a0__exchange *x, a0__text kind, a0__tls_identity **out)
{
    A0_AUTO(a0__tls_identity) stranger = A0__TLS_IDENTITY_INIT;
    const a0__tls_identity *authority = NULL;
    const char *names = a0__text_is(kind, "wrong-name")
                            ? "DNS:another-host.invalid"
                            : "DNS:localhost,IP:127.0.0.1,IP:::1";
    a0_status status = A0_OK;

    *out = NULL;
    if (kind.len == 0 || a0__text_is(kind, "none")) {
        return A0_OK;
    }
    if (a0__text_is(kind, "bad-chain")) {
        A0_TRY(a0__tls_new_authority(&stranger, &x->error));
        authority = &stranger;
    } else {
        A0_TRY(a0__tenant_authority(x->tenant, &authority, &x->error));
    }
    *out = a0__keep_bytes(1, sizeof **out);
    **out = A0__TLS_IDENTITY_INIT;
    status = a0__tls_new_server(authority, names, *out, &x->error);
    if (status != A0_OK) {
        a0__free(a0__steal(out));
    }
    return status;
}

static a0_status
answer_where(a0__exchange *x, bool has_tls)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    A0_AUTO(a0__buf) url = A0__BUF_INIT(256);
    const a0__tls_identity *authority = NULL;
    a0__json_writer w = a0__json_writer_on(&body);

    a0__buf_format(&url, "%s://127.0.0.1:%u", has_tls ? "https" : "http",
                   x->tenant->raw->port);
    a0__json_open(&w, '{');
    a0__json_put_i64(&w, "port", x->tenant->raw->port);
    a0__json_put(&w, "url", a0__buf_view(&url));
    if (has_tls) {
        A0_TRY(a0__tenant_authority(x->tenant, &authority, &x->error));
        a0__json_put(&w, "ca_pem", a0__buf_view(&authority->certificate));
    }
    a0__json_close(&w, '}');
    a0__answer_json(x, 200, &body);
    return A0_OK;
}

a0_status
a0__raw_set(a0__exchange *x)
{
    a0__tls_identity *identity = NULL;
    a0__raw *raw = NULL;

    if (!a0__json_is_array(a0__json_member(x->json, "steps"))) {
        return a0__refuse(x, 400, "invalid_request", "steps must be a list");
    }
    A0_TRY(make_identity(x, a0__json_text_of_member(x->json, "tls"), &identity));
    if (x->tenant->raw == NULL) {
        x->tenant->raw = raw_start();
    }
    raw = x->tenant->raw;
    (void)pthread_mutex_lock(&raw->mutex);
    a0__keep_in(&raw->script, x->request->body);
    set_identity(raw, identity);
    raw->connections = 0;
    raw->failed_handshakes = 0;
    a0__list_clear(&raw->requests);
    (void)pthread_mutex_unlock(&raw->mutex);
    return answer_where(x, identity != NULL);
}

a0_status
a0__raw_show(a0__exchange *x)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(LIST_BYTES_MAX);
    a0__json_writer w = a0__json_writer_on(&body);
    a0__raw *raw = x->tenant->raw;

    if (raw == NULL) {
        return a0__refuse(x, 404, "not_found", "POST /_tenant/raw sets a script first");
    }
    (void)pthread_mutex_lock(&raw->mutex);
    a0__json_open(&w, '{');
    a0__json_put_i64(&w, "port", raw->port);
    a0__json_put_i64(&w, "connections", raw->connections);
    a0__json_put_i64(&w, "failed_handshakes", raw->failed_handshakes);
    a0__json_name(&w, "requests");
    a0__json_open(&w, '[');
    for (size_t i = 0; i < raw->requests.len; i++) {
        a0__json_string(&w, raw->requests.items[i]);
    }
    a0__json_close(&w, ']');
    a0__json_close(&w, '}');
    (void)pthread_mutex_unlock(&raw->mutex);
    a0__answer_json(x, 200, &body);
    return A0_OK;
}
