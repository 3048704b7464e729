/* SPDX-License-Identifier: MIT */
/*
 * The only file that knows libmicrohttpd. Its strict mode still answers some requests
 * that have two readings; check.c refuses those.
 */
#include "server/server.h"

#include <errno.h>
#include <microhttpd.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/mem.h"
#include "server/connection.h"
#include "server/listen.h"
#include "server/path.h"
#include "server/workers.h"

enum {
    /* Room for the largest accepted header block; libmicrohttpd answers 431 when a
     * request does not fit. [GW-11] */
    CONNECTION_MEMORY = 40 * 1024,
    THREAD_STACK = 512 * 1024,
    SEND_TIMEOUT_MS = 60 * 1000
};

/* What one listen entry became. */
typedef struct a0__web_endpoint {
    a0__server *server;
    const a0__web_site *site;
    bool is_tls;
    a0__listen_sockets sockets;
    struct MHD_Daemon *daemons[A0__LISTEN_SOCKETS_MAX];
    char *unix_path;
} a0__web_endpoint;

struct a0__server {
    a0__server_options options;
    a0__web_endpoint *endpoints;
    size_t endpoints_len;
    a0__workers *workers;
    a0__web_connections connections;
    _Atomic uint64_t next_id;
    uint32_t id_prefix;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* ending was set, or a request has been answered */
    bool ending;
    bool has_watch;
    pthread_t watch;
    _Atomic bool is_ending;
    _Atomic unsigned under_way; /* requests between their headers and their end */
};

/* ---- one request ---- */

/* Unique and not secret: a random start, then a count. */
static void
write_id(a0__server *server, char out[A0__WEB_ID_LEN + 1])
{
    static const char digits[] = "0123456789abcdef";
    uint64_t n = atomic_fetch_add(&server->next_id, 1);
    uint32_t prefix = server->id_prefix;

    for (size_t i = A0__WEB_ID_LEN; i > 8; i--) {
        out[i - 1] = digits[n & 15];
        n >>= 4;
    }
    for (size_t i = 8; i > 0; i--) {
        out[i - 1] = digits[prefix & 15];
        prefix >>= 4;
    }
    out[A0__WEB_ID_LEN] = '\0';
}

/* libmicrohttpd cuts the target in place when it parses it, so it is copied before. */
static void *
on_target(void *self, const char *target, struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    a0__web_connection *connection = info->socket_context;

    (void)self;
    if (connection != NULL) {
        connection->target.len = 0;
        a0__buf_string(&connection->target, target);
        atomic_store(&connection->deadline_ms,
                     a0__web_now_ms() +
                         connection->endpoint->server->options.request_timeout_ms);
    }
    return NULL;
}

/* Escapes are ours to read. */
static size_t
leave_escaped(void *self, struct MHD_Connection *mhd, char *text)
{
    (void)self;
    (void)mhd;
    return strlen(text);
}

struct header_copy {
    a0__web_request *request;
    bool too_many;
};

static enum MHD_Result
copy_header(void *self, enum MHD_ValueKind kind, const char *name, size_t name_len,
            const char *value, size_t value_len)
{
    struct header_copy *copy = self;
    a0__web_request *request = copy->request;

    (void)kind;
    if (request->headers_len == A0__WEB_HEADERS_MAX) {
        copy->too_many = true;
        return MHD_NO;
    }
    request->headers[request->headers_len] =
        (a0__web_header){ a0__text_range(name, name_len),
                          a0__text_range(value != NULL ? value : "", value_len) };
    request->headers_len++;
    return MHD_YES;
}

/* Makes the request out of what libmicrohttpd has read; checks and routes it. */
static void
begin_request(a0__web_connection *connection, const char *method, const char *version)
{
    const a0__web_endpoint *endpoint = connection->endpoint;
    a0__web_request *request = &connection->request;
    a0__web_response *response = &connection->response;
    struct header_copy copy = { .request = request };
    a0__web_refusal refusal = { .status = 0 };

    connection->in_request = true;
    connection->admitted = false;
    atomic_fetch_add(&endpoint->server->under_way, 1);
    response->close = false;
    a0__web_response_reset(response);
    connection->path.len = 0;
    write_id(endpoint->server, request->id);
    request->method = a0__text_of(method);
    request->version = a0__text_of(version);
    request->target = a0__buf_view(&connection->target);
    request->path = A0__LIT("");
    request->query = A0__LIT("");
    request->has_query = false;
    request->headers_len = 0;
    request->body = A0__LIT("");
    request->route = NULL;
    request->site_data = NULL;
    (void)MHD_get_connection_values_n(connection->mhd, MHD_HEADER_KIND, copy_header,
                                      &copy);
    if (copy.too_many) {
        refusal = (a0__web_refusal){ A0_E_gw_too_large, 431 };
    } else if (!a0__buf_ok(&connection->target)) {
        refusal = (a0__web_refusal){ A0_E_gw_too_large, 414 };
    } else {
        refusal = a0__web_request_check(request, &connection->path);
    }
    if (refusal.status != 0) {
        response->close = true;
        a0__web_refuse(endpoint->site, request, refusal, response);
        return;
    }
    connection->admitted = a0__web_admit(endpoint->site, request, response);
}

struct header_sink {
    struct MHD_Response *response;
    bool failed;
};

/* libmicrohttpd takes no empty value; a space is one on the wire (RFC 9110 §5.5), and
 * an identity header has to be there although it is empty. [GW-01] */
static bool
pass_header(void *self, const char *name, const char *value)
{
    struct header_sink *sink = self;

    sink->failed = MHD_add_response_header(sink->response, name,
                                           value[0] != '\0' ? value : " ") != MHD_YES;
    return !sink->failed;
}

static struct MHD_Response *
response_for(a0__web_response *response)
{
    static char nothing[1];

    if (response->static_body.ptr != NULL) {
        union {
            const char *in;
            char *out;
        } body = { .in = response->static_body.ptr };

        return MHD_create_response_from_buffer(response->static_body.len, body.out,
                                               MHD_RESPMEM_PERSISTENT);
    }
    if (response->body.len > 0) {
        size_t len = response->body.len;
        char *body = a0__buf_take(&response->body);
        struct MHD_Response *out =
            MHD_create_response_from_buffer_with_free_callback(len, body, a0__free);

        if (out == NULL) {
            a0__free(body);
        }
        return out;
    }
    return MHD_create_response_from_buffer(0, nothing, MHD_RESPMEM_PERSISTENT);
}

/* Without memory for the whole answer the connection is closed. */
static enum MHD_Result
send_response(a0__web_connection *connection)
{
    a0__web_response *response = &connection->response;
    struct header_sink sink = { .response =
                                    response->drop ? NULL : response_for(response) };
    enum MHD_Result queued = MHD_NO;

    atomic_store(&connection->deadline_ms, a0__web_now_ms() + SEND_TIMEOUT_MS);
    if (sink.response == NULL) {
        return MHD_NO;
    }
    a0__web_each_header(response, pass_header, &sink);
    if (response->close || atomic_load(&connection->endpoint->server->is_ending)) {
        (void)pass_header(&sink, MHD_HTTP_HEADER_CONNECTION, "close");
    }
    if (!sink.failed) {
        queued = MHD_queue_response(connection->mhd, (unsigned)response->status,
                                    sink.response);
    }
    MHD_destroy_response(sink.response);
    return queued;
}

static enum MHD_Result
finish_request(a0__web_connection *connection)
{
    a0__web_finish(connection->endpoint->site, &connection->request,
                   &connection->response);
    atomic_store(&connection->phase, A0__WEB_ANSWERED);
    return send_response(connection);
}

/* On a worker. */
static void
run_blocking(void *job)
{
    a0__web_connection *connection = job;
    const a0__web_site *site = connection->endpoint->site;

    connection->request.route->handle(site->self, &connection->request,
                                      &connection->response);
    a0__web_finish(site, &connection->request, &connection->response);
    atomic_store(&connection->phase, A0__WEB_ANSWERED);
    MHD_resume_connection(connection->mhd);
}

static enum MHD_Result
run_handler(a0__web_connection *connection)
{
    a0__web_request *request = &connection->request;
    const a0__web_site *site = connection->endpoint->site;

    request->body = a0__buf_view(&connection->body);
    atomic_store(&connection->deadline_ms, 0);
    if (!request->route->blocks) {
        request->route->handle(site->self, request, &connection->response);
        return finish_request(connection);
    }
    atomic_store(&connection->phase, A0__WEB_RUNNING);
    MHD_suspend_connection(connection->mhd);
    if (a0__workers_add(connection->endpoint->server->workers, connection)) {
        return MHD_YES;
    }
    MHD_resume_connection(connection->mhd);
    a0__web_header_set(&connection->response, "Retry-After", A0__LIT("1"));
    a0__web_refuse(site, request, (a0__web_refusal){ A0_E_gw_overloaded, 503 },
                   &connection->response);
    a0__web_finish(site, request, &connection->response);
    atomic_store(&connection->phase, A0__WEB_ANSWERED);
    return MHD_YES;
}

/* The rest of a body that is too large is not read: the connection ends. */
static void
take_body(a0__web_connection *connection, const char *bytes, size_t len)
{
    if (!connection->admitted) {
        return;
    }
    a0__buf_bytes(&connection->body, bytes, len);
    if (!a0__buf_ok(&connection->body)) {
        connection->admitted = false;
        connection->response.close = true;
        a0__web_refuse(connection->endpoint->site, &connection->request,
                       (a0__web_refusal){ A0_E_gw_too_large, 413 },
                       &connection->response);
    }
}

/* Called with the headers, with each piece of the body, at its end, and after a
 * suspended connection was resumed. */
static enum MHD_Result
on_request(void *self, struct MHD_Connection *mhd, const char *url, const char *method,
           const char *version, const char *upload, size_t *upload_len,
           void **request_self)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    a0__web_connection *connection = info->socket_context;

    (void)self;
    (void)url;
    if (connection == NULL) {
        return MHD_NO;
    }
    if (*request_self == NULL) {
        *request_self = connection;
        begin_request(connection, method, version);
        if (!connection->admitted) {
            /* libmicrohttpd closes the connection of an answer that is given here. */
            return connection->response.close ? finish_request(connection) : MHD_YES;
        }
        connection->body = A0__BUF_INIT(a0__web_body_max(connection->request.route));
        return MHD_YES;
    }
    if (atomic_load(&connection->phase) == A0__WEB_ANSWERED) {
        return send_response(connection);
    }
    if (*upload_len > 0) {
        take_body(connection, upload, *upload_len);
        *upload_len = 0;
        return MHD_YES;
    }
    return connection->admitted ? run_handler(connection) : finish_request(connection);
}

static void
on_completed(void *self, struct MHD_Connection *mhd, void **request_self,
             enum MHD_RequestTerminationCode why)
{
    a0__web_connection *connection = *request_self;
    a0__server *server = NULL;

    (void)self;
    (void)mhd;
    (void)why;
    if (connection == NULL || !connection->in_request) {
        return;
    }
    server = connection->endpoint->server;
    connection->in_request = false;
    a0__web_response_empty(&connection->response);
    a0__buf_clear(&connection->body);
    atomic_store(&connection->phase, A0__WEB_RECEIVING);
    atomic_store(&connection->deadline_ms, a0__web_now_ms() +
                                               server->options.request_timeout_ms +
                                               server->options.idle_timeout_s * 1000);
    if (atomic_fetch_sub(&server->under_way, 1) == 1 &&
        atomic_load(&server->is_ending)) {
        pthread_mutex_lock(&server->lock);
        pthread_cond_broadcast(&server->changed);
        pthread_mutex_unlock(&server->lock);
    }
}

/* ---- connections ---- */

static enum MHD_Result
on_accept(void *self, const struct sockaddr *socket_address, socklen_t len)
{
    a0__web_endpoint *endpoint = self;
    a0__server *server = endpoint->server;
    a0__address peer;

    (void)len;
    if (socket_address == NULL || endpoint->sockets.is_unix) {
        return MHD_YES;
    }
    peer = a0__address_of_socket(socket_address);
    return a0__address_is_loopback(&peer) ||
                   a0__web_connections_of_peer(&server->connections, &peer) <
                       server->options.connections_per_peer
               ? MHD_YES
               : MHD_NO;
}

static void
open_connection(a0__web_endpoint *endpoint, struct MHD_Connection *mhd,
                void **socket_context)
{
    a0__web_connection *connection = a0__calloc(1, sizeof *connection);
    const union MHD_ConnectionInfo *fd =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    const union MHD_ConnectionInfo *address =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

    *socket_context = connection;
    if (connection == NULL) {
        return;
    }
    connection->endpoint = endpoint;
    connection->mhd = mhd;
    connection->fd = fd->connect_fd;
    connection->peer = endpoint->sockets.is_unix || address->client_addr == NULL
                           ? (a0__address){ .is_unix = true }
                           : a0__address_of_socket(address->client_addr);
    connection->target = A0__BUF_INIT(A0__WEB_TARGET_MAX);
    connection->path = A0__BUF_INIT(A0__PATH_MAX);
    a0__web_response_init(&connection->response);
    connection->request.peer = connection->peer;
    connection->request.is_tls = endpoint->is_tls;
    atomic_store(&connection->deadline_ms,
                 a0__web_now_ms() + endpoint->server->options.request_timeout_ms);
    a0__web_connections_add(&endpoint->server->connections, connection);
}

static void
on_connection(void *self, struct MHD_Connection *mhd, void **socket_context,
              enum MHD_ConnectionNotificationCode what)
{
    a0__web_endpoint *endpoint = self;
    a0__web_connection *connection = *socket_context;

    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        open_connection(endpoint, mhd, socket_context);
    } else if (connection != NULL) {
        a0__web_connections_remove(&endpoint->server->connections, connection);
        a0__buf_clear(&connection->target);
        a0__buf_clear(&connection->path);
        a0__web_response_clear(&connection->response);
        a0__free(connection);
        *socket_context = NULL;
    }
}

static struct timespec
after_ms(int64_t ms)
{
    struct timespec until = { 0 };

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (ms % 1000) * 1000000;
    until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    return until;
}

/* Looks for connections whose time is over. */
static void *
watch(void *self)
{
    a0__server *server = self;
    int64_t quarter_ms = server->options.request_timeout_ms / 4 + 1;
    int64_t pause_ms = quarter_ms < 1000 ? quarter_ms : 1000;

    pthread_mutex_lock(&server->lock);
    while (!server->ending) {
        struct timespec until = after_ms(pause_ms);

        (void)pthread_cond_timedwait(&server->changed, &server->lock, &until);
        pthread_mutex_unlock(&server->lock);
        a0__web_connections_expire(&server->connections, a0__web_now_ms());
        pthread_mutex_lock(&server->lock);
    }
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

/* ---- start ---- */

static a0__server_options
with_defaults(const a0__server_options *options)
{
    a0__server_options all = *options;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    all.event_loops = all.event_loops > 0 ? all.event_loops
                      : processors > 0    ? (unsigned)processors
                                          : 1;
    all.workers = all.workers > 0 ? all.workers : 16;
    all.queue_max = all.queue_max > 0 ? all.queue_max : 256;
    all.connections_max = all.connections_max > 0 ? all.connections_max : 10000;
    all.connections_per_peer =
        all.connections_per_peer > 0 ? all.connections_per_peer : 256;
    all.request_timeout_ms =
        all.request_timeout_ms > 0 ? all.request_timeout_ms : 15 * 1000;
    all.idle_timeout_s = all.idle_timeout_s > 0 ? all.idle_timeout_s : 30;
    all.stop_timeout_ms = all.stop_timeout_ms > 0 ? all.stop_timeout_ms : 10 * 1000;
    return all;
}

static struct MHD_Daemon *
start_daemon(a0__web_endpoint *endpoint, const a0__web_listen *listen, int fd)
{
    const a0__server_options *options = &endpoint->server->options;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
                     (endpoint->is_tls ? (unsigned)MHD_USE_TLS : 0);
    union {
        const char *in;
        char *out;
    } certificate = { .in = listen->tls_certificate };
    union {
        const char *in;
        char *out;
    } key = { .in = listen->tls_key };
    struct MHD_OptionItem more[] = {
        { endpoint->is_tls ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0,
          certificate.out },
        { MHD_OPTION_HTTPS_MEM_KEY, 0, key.out },
        { MHD_OPTION_END, 0, NULL },
    };
    struct MHD_OptionItem pool[] = {
        { options->event_loops > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END,
          (intptr_t)options->event_loops, NULL },
        { MHD_OPTION_END, 0, NULL },
    };

    return MHD_start_daemon(
        flags, 0, on_accept, endpoint, on_request, endpoint, MHD_OPTION_LISTEN_SOCKET,
        fd, MHD_OPTION_ARRAY, pool, MHD_OPTION_ARRAY, more, MHD_OPTION_CONNECTION_LIMIT,
        options->connections_max, MHD_OPTION_CONNECTION_TIMEOUT,
        options->idle_timeout_s, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_THREAD_STACK_SIZE, (size_t)THREAD_STACK, MHD_OPTION_URI_LOG_CALLBACK,
        on_target, NULL, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, endpoint, MHD_OPTION_END);
}

static a0_status
open_endpoint(a0__server *server, const a0__web_listen *listen,
              a0__web_endpoint *endpoint, a0_error **err)
{
    *endpoint = (a0__web_endpoint){ .server = server,
                                    .site = listen->site,
                                    .is_tls = listen->tls_certificate != NULL };
    A0_TRY(a0__listen_open(listen->address, &endpoint->sockets, err));
    if (endpoint->sockets.is_unix) {
        endpoint->unix_path = a0__strdup(listen->address + strlen("unix:"));
        A0_ENSURE(endpoint->unix_path != NULL, err, no_memory);
    }
    return A0_OK;
}

static a0_status
serve_endpoint(const a0__web_listen *listen, a0__web_endpoint *endpoint, a0_error **err)
{
    for (size_t i = 0; i < endpoint->sockets.len; i++) {
        endpoint->daemons[i] = start_daemon(endpoint, listen, endpoint->sockets.fds[i]);
        if (endpoint->daemons[i] == NULL) {
            return a0__fail_saying(err, A0_E_gw_start_failed,
                                   "the server for %s could not be started; check the "
                                   "certificate and the limit of open files",
                                   listen->address);
        }
    }
    return A0_OK;
}

static a0_status
start(a0__server *server, a0_error **err)
{
    const a0__server_options *options = &server->options;
    const a0_random *random = a0_random_system();
    unsigned char prefix[4];

    A0_TRY(a0__random_bytes(random, NULL, prefix, sizeof prefix, err));
    memcpy(&server->id_prefix, prefix, sizeof prefix);
    A0_TRY(a0__workers_start(options->workers, options->queue_max, run_blocking,
                             &server->workers, err));
    server->endpoints = a0__calloc(options->listen_len, sizeof *server->endpoints);
    A0_ENSURE(server->endpoints != NULL, err, no_memory);
    for (size_t i = 0; i < options->listen_len; i++) {
        A0_TRY(open_endpoint(server, &options->listen[i], &server->endpoints[i], err));
        server->endpoints_len++;
    }
    if (options->bound != NULL) {
        A0_TRY(options->bound(options->bound_self, server, err));
    }
    for (size_t i = 0; i < options->listen_len; i++) {
        A0_TRY(serve_endpoint(&options->listen[i], &server->endpoints[i], err));
    }
    server->has_watch = pthread_create(&server->watch, NULL, watch, server) == 0;
    if (!server->has_watch) {
        return a0__fail_saying(err, A0_E_gw_start_failed,
                               "the thread that watches connections could not start");
    }
    return A0_OK;
}

a0_status
a0__server_start(const a0__server_options *options, a0__server **out_server,
                 a0_error **err)
{
    a0__server *server = a0__calloc(1, sizeof *server);
    pthread_condattr_t monotonic;
    sigset_t all;
    sigset_t before;
    a0_status status = A0_OK;

    A0_ENSURE(server != NULL, err, no_memory);
    server->options = with_defaults(options);
    pthread_mutex_init(&server->lock, NULL);
    pthread_mutex_init(&server->connections.lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&server->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    /* Signals belong to the thread that started us. */
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    status = start(server, err);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (status != A0_OK) {
        a0__server_stop(server);
        return status;
    }
    *out_server = server;
    return A0_OK;
}

uint16_t
a0__server_port(const a0__server *server, size_t i)
{
    return server->endpoints[i].sockets.port;
}

/* ---- stop ---- */

static void
stop_listening(a0__server *server)
{
    for (size_t i = 0; i < server->endpoints_len; i++) {
        a0__web_endpoint *endpoint = &server->endpoints[i];

        for (size_t j = 0; j < endpoint->sockets.len; j++) {
            if (endpoint->daemons[j] != NULL) {
                (void)MHD_quiesce_daemon(endpoint->daemons[j]);
            }
            /* A socket that was given to libmicrohttpd comes back with its quiescence.
             */
            close(endpoint->sockets.fds[j]);
        }
        if (endpoint->unix_path != NULL) {
            unlink(endpoint->unix_path);
        }
    }
}

static void
wait_for_answers(a0__server *server)
{
    struct timespec until = after_ms(server->options.stop_timeout_ms);

    pthread_mutex_lock(&server->lock);
    while (atomic_load(&server->under_way) > 0) {
        if (pthread_cond_timedwait(&server->changed, &server->lock, &until) ==
            ETIMEDOUT) {
            break;
        }
    }
    pthread_mutex_unlock(&server->lock);
}

void
a0__server_stop(a0__server *server)
{
    if (server == NULL) {
        return;
    }
    atomic_store(&server->is_ending, true);
    stop_listening(server);
    wait_for_answers(server);
    /* After this no connection is suspended, which libmicrohttpd demands. */
    if (server->workers != NULL) {
        a0__workers_stop(server->workers);
    }
    for (size_t i = 0; i < server->endpoints_len; i++) {
        for (size_t j = 0; j < server->endpoints[i].sockets.len; j++) {
            if (server->endpoints[i].daemons[j] != NULL) {
                MHD_stop_daemon(server->endpoints[i].daemons[j]);
            }
        }
        a0__free(server->endpoints[i].unix_path);
    }
    if (server->has_watch) {
        pthread_mutex_lock(&server->lock);
        server->ending = true;
        pthread_cond_broadcast(&server->changed);
        pthread_mutex_unlock(&server->lock);
        pthread_join(server->watch, NULL);
    }
    pthread_cond_destroy(&server->changed);
    pthread_mutex_destroy(&server->lock);
    pthread_mutex_destroy(&server->connections.lock);
    a0__workers_free(server->workers);
    a0__free(server->endpoints);
    a0__free(server);
}
