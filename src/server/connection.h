/* SPDX-License-Identifier: MIT */
/*
 * The connections of a server: a cap for each peer, and a time by which a whole
 * request must have arrived, whatever drips in between. [GW-11]
 */
#ifndef A0_SERVER_CONNECTION_H
#define A0_SERVER_CONNECTION_H

#include <pthread.h>
#include <stdatomic.h>

#include "server/route.h"

struct MHD_Connection;
struct MHD_Response;
struct a0__web_endpoint;

typedef enum a0__web_phase {
    A0__WEB_RECEIVING, /* until the request is complete */
    A0__WEB_RUNNING,   /* on a worker; the connection is suspended */
    A0__WEB_ANSWERED,  /* the response is ready or being sent */
} a0__web_phase;

/* One per socket; its request and response serve one after the other. */
typedef struct a0__web_connection {
    struct a0__web_connection *previous;
    struct a0__web_connection *next;
    const struct a0__web_endpoint *endpoint;
    struct MHD_Connection *mhd;
    int fd;
    a0__address peer;
    _Atomic int64_t deadline_ms; /* 0: none */
    _Atomic int phase;
    bool admitted;
    bool in_request; /* between its headers and its completion */
    bool is_heard;   /* a request has come on it */
    a0__buf target;
    a0__buf path;
    a0__buf body;
    a0__web_request request;
    a0__web_response response;
} a0__web_connection;

typedef struct a0__web_connections {
    pthread_mutex_t lock;
    a0__web_connection *first;
    size_t len;
} a0__web_connections;

/* Monotonic milliseconds, coarse and cheap. */
int64_t a0__web_now_ms(void);

void a0__web_connections_add(a0__web_connections *connections,
                             a0__web_connection *connection);
void a0__web_connections_remove(a0__web_connections *connections,
                                a0__web_connection *connection);
size_t a0__web_connections_of_peer(a0__web_connections *connections,
                                   const a0__address *peer);
/* Ends the connections whose time is over; 408 where that can still be said. */
void a0__web_connections_expire(a0__web_connections *connections, int64_t now_ms);

#endif
