/* SPDX-License-Identifier: MIT */
/*
 * The open sockets of an engine. libcurl opens and closes them through these calls, so
 * that a pooled connection can be looked at before a request goes out on it: libcurl
 * names its socket only afterwards. The engine's thread only.
 */
#ifndef A0_HTTP_SOCKETS_H
#define A0_HTTP_SOCKETS_H

#include <curl/curl.h>

typedef struct a0__sockets {
    struct a0__socket *first;
} a0__sockets;

/* When libcurl has closed them all. */
void a0__sockets_clear(a0__sockets *sockets);

/* CURLOPT_OPENSOCKETFUNCTION and CURLOPT_CLOSESOCKETFUNCTION; self is the set. */
curl_socket_t a0__sockets_open(void *self, curlsocktype purpose,
                               struct curl_sockaddr *address);
int a0__sockets_close(void *self, curl_socket_t fd);

/* The socket between a local port and a peer, or CURL_SOCKET_BAD. */
curl_socket_t a0__sockets_find(const a0__sockets *sockets, const char *peer_ip,
                               int peer_port, int local_port);

#endif
