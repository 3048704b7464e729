/* SPDX-License-Identifier: MIT */
#include "http/sockets.h"

#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/net_address.h"

typedef struct a0__socket {
    struct a0__socket *next;
    curl_socket_t fd;
} a0__socket;

/* libcurl closes some sockets without a word (those it gives up while connecting), and
 * the number comes back: an entry of that number is then free to be used. */
static bool
add(a0__sockets *sockets, curl_socket_t fd)
{
    a0__socket *one = sockets->first;

    while (one != NULL && one->fd != fd) {
        one = one->next;
    }
    if (one != NULL) {
        return true;
    }
    one = a0__calloc(1, sizeof *one);
    if (one == NULL) {
        return false;
    }
    *one = (a0__socket){ .next = sockets->first, .fd = fd };
    sockets->first = one;
    return true;
}

curl_socket_t
a0__sockets_open(void *self, curlsocktype purpose, struct curl_sockaddr *address)
{
    curl_socket_t fd =
        socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

    (void)purpose;
    if (fd >= 0 && !add(self, fd)) {
        (void)close(fd);
        fd = CURL_SOCKET_BAD;
    }
    return fd;
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

void
a0__sockets_clear(a0__sockets *sockets)
{
    while (sockets->first != NULL) {
        a0__socket *one = sockets->first;

        sockets->first = one->next;
        a0__free(one);
    }
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
