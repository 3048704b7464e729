/* SPDX-License-Identifier: MIT */
/*
 * What the files that know libmicrohttpd share: server.c starts and stops it, intake.c
 * takes connections and requests from it, exchange.c has them answered.
 */
#ifndef A0_SERVER_INTERNAL_H
#define A0_SERVER_INTERNAL_H

#include <microhttpd.h>

#include "server/connection.h"
#include "server/listen.h"
#include "server/server.h"
#include "server/workers.h"

/* What one listen entry became. */
typedef struct a0__web_endpoint {
    a0__server *server;
    const a0__web_site *site;
    bool is_tls;
    a0__listen_sockets sockets;
    struct MHD_Daemon *daemons[A0__LISTEN_SOCKETS_MAX];
    char *address;
    unsigned unix_mode;
    bool owns_file; /* of a Unix socket: whose server ends last removes it */
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
    _Atomic unsigned unheard;   /* connections whose first request is awaited */
};

/* ---- intake.c ---- */

enum MHD_Result a0__web_on_accept(void *self, const struct sockaddr *socket_address,
                                  socklen_t len);
void a0__web_on_connection(void *self, struct MHD_Connection *mhd,
                           void **socket_context,
                           enum MHD_ConnectionNotificationCode what);
void *a0__web_on_target(void *self, const char *target, struct MHD_Connection *mhd);
size_t a0__web_leave_escaped(void *self, struct MHD_Connection *mhd, char *text);
/* Makes the request out of what libmicrohttpd has read; checks and routes it. */
void a0__web_begin(a0__web_connection *connection, const char *method,
                   const char *version);

/* ---- exchange.c ---- */

/* Called with the headers, with each piece of the body, at its end, and after a
 * suspended connection was resumed. */
enum MHD_Result a0__web_on_request(void *self, struct MHD_Connection *mhd,
                                   const char *url, const char *method,
                                   const char *version, const char *upload,
                                   size_t *upload_len, void **request_self);
void a0__web_on_completed(void *self, struct MHD_Connection *mhd, void **request_self,
                          enum MHD_RequestTerminationCode why);
/* One less of those that a stop waits for. */
void a0__web_count_down(a0__server *server, _Atomic unsigned *count);
/* On a worker; the job is a connection. */
void a0__web_run_blocking(void *job);

#endif
