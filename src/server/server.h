/* SPDX-License-Identifier: MIT */
/*
 * A small layer over libmicrohttpd, shared by the gateway and the local tenant. Event
 * loops (epoll) read, route and answer; routes that wait run on a pool of workers with
 * a bounded queue. The HTTP library is seen in server.c only.
 *
 *     static const a0__web_route routes[] = {
 *         { .method = "GET", .path = "/healthz", .handle = healthz },
 *         { .method = "POST", .path = "/oauth/token", .handle = token,
 *           .blocks = true, .body = A0__WEB_FORM_OR_JSON },
 *     };
 *     a0__web_site site = { .self = tenant, .routes = routes, .routes_len = 2 };
 *     a0__web_listen listen[] = { { .address = "localhost:0", .site = &site } };
 *     A0_TRY(a0__server_start(&(a0__server_options){ .listen = listen,
 *                                                    .listen_len = 1 },
 *                             &server, err));
 *     printf("http://localhost:%u/", a0__server_port(server, 0));
 */
#ifndef A0_SERVER_SERVER_H
#define A0_SERVER_SERVER_H

#include "base/error.h"
#include "server/route.h"

typedef struct a0__server a0__server;

typedef struct a0__web_listen {
    /*
     * "127.0.0.1:8080", "[::1]:8080", "localhost:8080" (both loopback addresses, one
     * port), "0.0.0.0:8080", "unix:/run/a0.sock". Port 0: the kernel chooses.
     */
    const char *address;
    const a0__web_site *site; /* borrowed; outlives the server */
    unsigned unix_mode;       /* of the file of a Unix socket; 0: as the umask says */
    /* PEM texts, both or neither; borrowed; outlive the server. */
    const char *tls_certificate;
    const char *tls_key;
} a0__web_listen;

/* Zero means the default in parentheses. */
typedef struct a0__server_options {
    const a0__web_listen *listen;
    size_t listen_len;
    /* Called once, when the ports are known and before the first request is read. A
     * failure ends the start. May be NULL. */
    a0_status (*bound)(void *self, const a0__server *server, a0_error **err);
    /* Whether that address is a proxy of ours, which comes for many people and is not
     * capped as one of them. May be NULL. */
    bool (*is_proxy)(void *self, const a0__address *peer);
    void *self; /* of both */
    /*
     * A server whose place this one takes: where the address is the same its sockets
     * are shared, so that nobody is turned away in between. It goes on as it is; the
     * caller stops it. May be NULL.
     */
    a0__server *predecessor;
    unsigned event_loops;          /* threads per socket (number of processors) */
    unsigned workers;              /* threads for routes that block (16) */
    unsigned queue_max;            /* requests waiting for a worker (256) */
    unsigned connections_max;      /* in all (10000) */
    unsigned connections_per_peer; /* not for loopback, Unix sockets, proxies (256) */
    unsigned request_timeout_ms;   /* for a whole request to arrive (15000) */
    unsigned idle_timeout_s;       /* keep-alive without a byte (30) */
    unsigned stop_timeout_ms;      /* for answers under way at the stop (10000) */
} a0__server_options;

/* Errors: gw_start_failed (naming the address and the reason), no_memory,
 * rng_failure. */
A0_MUST_USE a0_status a0__server_start(const a0__server_options *options,
                                       a0__server **out_server, a0_error **err);

/* The port of the i-th listen entry; 0 for a Unix socket. */
uint16_t a0__server_port(const a0__server *server, size_t i);

/* Takes no new connection, lets the answers under way finish, then frees. */
void a0__server_stop(a0__server *server);

#endif
