/* SPDX-License-Identifier: MIT */
#include "http/sockets.h"

#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "http/net_address.h"

typedef struct a0__socket {
    struct a0__socket *next;
    curl_socket_t fd;
} a0__socket;

curl_socket_t
a0__sockets_open(void *self, curlsocktype purpose, struct curl_sockaddr *address)
{
    a0__sockets *sockets = self;
    a0__socket *one = a0__calloc(1, sizeof *one);

    (void)purpose;
    if (one == NULL) {
        return CURL_SOCKET_BAD;
    }
    one->fd =
        socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (one->fd < 0) {
        a0__free(one);
        return CURL_SOCKET_BAD;
    }
    one->next = sockets->first;
    sockets->first = one;
    return one->fd;
}

int
a0__sockets_close(void *self, curl_socket_t fd)
{
    a0__sockets *sockets = self;

    for (a0__socket **at = &sockets->first; *at != NULL; at = &(*at)->next) {
        a0__socket *one = *at;

        if (one->fd == fd) {
            *at = one->next;
            a0__free(one);
            break;
        }
    }
    return close(fd);
}

typedef union endpoint {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} endpoint;

static uint16_t
port_of(const endpoint *one)
{
    return ntohs(one->any.sa_family == AF_INET6 ? one->v6.sin6_port : one->v4.sin_port);
}

static bool
has_ip(const endpoint *one, const a0__net_address *ip)
{
    return ip->is_ipv6
               ? one->any.sa_family == AF_INET6 && memcmp(&one->v6.sin6_addr, ip->bytes,
                                                          sizeof one->v6.sin6_addr) == 0
               : one->any.sa_family == AF_INET &&
                     memcmp(&one->v4.sin_addr, ip->bytes, sizeof one->v4.sin_addr) == 0;
}

curl_socket_t
a0__sockets_find(const a0__sockets *sockets, const char *peer_ip, int peer_port,
                 int local_port)
{
    a0__net_address ip = { 0 };

    if (!a0__net_address_parse(a0__text_of(peer_ip), &ip)) {
        return CURL_SOCKET_BAD;
    }
    for (const a0__socket *one = sockets->first; one != NULL; one = one->next) {
        endpoint local = { 0 };
        endpoint peer = { 0 };
        socklen_t local_len = sizeof local;
        socklen_t peer_len = sizeof peer;

        if (getsockname(one->fd, &local.any, &local_len) == 0 &&
            port_of(&local) == local_port &&
            getpeername(one->fd, &peer.any, &peer_len) == 0 &&
            port_of(&peer) == peer_port && has_ip(&peer, &ip)) {
            return one->fd;
        }
    }
    return CURL_SOCKET_BAD;
}
