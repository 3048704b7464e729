/* SPDX-License-Identifier: MIT */
/*
 * Starts and stops libmicrohttpd, whose strict mode still answers some requests that
 * have two readings; check.c refuses those.
 */
#include "server/internal.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/mem.h"

enum {
    /* Room for the largest accepted header block; libmicrohttpd answers 431 when a
     * request does not fit. [GW-11] */
    CONNECTION_MEMORY = 40 * 1024,
    THREAD_STACK = 512 * 1024,
    /* Who was let in a moment before the stop is still heard. */
    HEAR_OUT_MS = 500
};

/* ---- watch ---- */

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
        flags, 0, a0__web_on_accept, endpoint, a0__web_on_request, endpoint,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_ARRAY, pool, MHD_OPTION_ARRAY, more,
        MHD_OPTION_CONNECTION_LIMIT, options->connections_max,
        MHD_OPTION_CONNECTION_TIMEOUT, options->idle_timeout_s,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_THREAD_STACK_SIZE,
        (size_t)THREAD_STACK, MHD_OPTION_URI_LOG_CALLBACK, a0__web_on_target, NULL,
        MHD_OPTION_UNESCAPE_CALLBACK, a0__web_leave_escaped, NULL,
        MHD_OPTION_NOTIFY_COMPLETED, a0__web_on_completed, NULL,
        MHD_OPTION_NOTIFY_CONNECTION, a0__web_on_connection, endpoint, MHD_OPTION_END);
}

/* What the predecessor has at that address. */
static a0__web_endpoint *
predecessor_at(const a0__server *server, const char *address, unsigned unix_mode)
{
    a0__server *before = server->options.predecessor;

    for (size_t i = 0; before != NULL && i < before->endpoints_len; i++) {
        if (strcmp(before->endpoints[i].address, address) == 0 &&
            before->endpoints[i].unix_mode == unix_mode) {
            return &before->endpoints[i];
        }
    }
    return NULL;
}

/* From now on the files of shared sockets are the successor's to remove. */
static void
take_files_over(a0__server *server)
{
    for (size_t i = 0; i < server->endpoints_len; i++) {
        a0__web_endpoint *endpoint = &server->endpoints[i];
        a0__web_endpoint *before =
            predecessor_at(server, endpoint->address, endpoint->unix_mode);

        if (before != NULL && before->owns_file) {
            before->owns_file = false;
            endpoint->owns_file = true;
        }
    }
}

static a0_status
open_endpoint(a0__server *server, const a0__web_listen *listen,
              a0__web_endpoint *endpoint, a0_error **err)
{
    const a0__web_endpoint *before =
        predecessor_at(server, listen->address, listen->unix_mode);

    *endpoint = (a0__web_endpoint){ .server = server,
                                    .site = listen->site,
                                    .is_tls = listen->tls_certificate != NULL,
                                    .unix_mode = listen->unix_mode };
    endpoint->address = a0__strdup(listen->address);
    A0_ENSURE(endpoint->address != NULL, err, no_memory);
    if (before != NULL) {
        return a0__listen_share(&before->sockets, &endpoint->sockets, err);
    }
    A0_TRY(
        a0__listen_open(listen->address, listen->unix_mode, &endpoint->sockets, err));
    endpoint->owns_file = endpoint->sockets.is_unix;
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
    A0_TRY(a0__workers_start(options->workers, options->queue_max, a0__web_run_blocking,
                             &server->workers, err));
    server->endpoints = a0__calloc(options->listen_len, sizeof *server->endpoints);
    A0_ENSURE(server->endpoints != NULL, err, no_memory);
    for (size_t i = 0; i < options->listen_len; i++) {
        server->endpoints_len++;
        A0_TRY(open_endpoint(server, &options->listen[i], &server->endpoints[i], err));
    }
    if (options->bound != NULL) {
        A0_TRY(options->bound(options->self, server, err));
    }
    for (size_t i = 0; i < options->listen_len; i++) {
        A0_TRY(serve_endpoint(&options->listen[i], &server->endpoints[i], err));
    }
    server->has_watch = pthread_create(&server->watch, NULL, watch, server) == 0;
    if (!server->has_watch) {
        return a0__fail_saying(err, A0_E_gw_start_failed,
                               "the thread that watches connections could not start");
    }
    take_files_over(server);
    server->options.predecessor = NULL;
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
        if (endpoint->owns_file) {
            unlink(endpoint->address + strlen("unix:"));
        }
    }
}

static void
wait_for_none(a0__server *server, _Atomic unsigned *count, unsigned at_most_ms)
{
    struct timespec until = after_ms(at_most_ms);

    pthread_mutex_lock(&server->lock);
    while (atomic_load(count) > 0) {
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
    wait_for_none(server, &server->unheard, HEAR_OUT_MS);
    wait_for_none(server, &server->under_way, server->options.stop_timeout_ms);
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
        a0__free(server->endpoints[i].address);
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
