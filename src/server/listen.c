/* SPDX-License-Identifier: MIT */
#include "server/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "server/address.h"

enum {
    BACKLOG = 1024,
    /* The kernel gives a port for 127.0.0.1; that it is free on ::1 too is likely. */
    TRIES_FOR_ONE_PORT = 16
};

static const char *
reason(int error)
{
    switch (error) {
    case EADDRINUSE:
        return "the address is in use";
    case EACCES:
    case EPERM:
        return "not permitted";
    case EADDRNOTAVAIL:
        return "no address of this machine";
    case ENOENT:
        return "the folder does not exist";
    default:
        return "the system refused";
    }
}

static a0_status
fail(const char *address, int error, a0_error **err)
{
    return a0__fail_saying(err, A0_E_gw_start_failed,
                           "can not listen on %s: %s (errno %d)", address,
                           reason(error), error);
}

/* -1 with errno on failure. */
/* The file of a Unix socket is made with its mode, never wider for a moment: bind takes
 * it from the socket, less the umask. */
static int
bound_socket(const struct sockaddr *address, socklen_t len, mode_t unix_mode)
{
    int on = 1;
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return -1;
    }
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        (address->sa_family == AF_INET6 &&
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) ||
        (unix_mode != 0 && fchmod(fd, unix_mode) != 0) || bind(fd, address, len) != 0 ||
        listen(fd, BACKLOG) != 0) {
        int error = errno;

        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

static int
open_ip(const a0__address *address, uint16_t port)
{
    if (a0__address_is_ipv4(address)) {
        struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };

        memcpy(&in.sin_addr, address->bytes + 12, sizeof in.sin_addr);
        return bound_socket((const struct sockaddr *)&in, sizeof in, 0);
    }
    {
        struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

        memcpy(&in6.sin6_addr, address->bytes, sizeof in6.sin6_addr);
        return bound_socket((const struct sockaddr *)&in6, sizeof in6, 0);
    }
}

static uint16_t
port_of(int fd)
{
    struct sockaddr_storage storage = { 0 };
    socklen_t len = sizeof storage;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    if (getsockname(fd, (struct sockaddr *)&storage, &len) != 0) {
        return 0;
    }
    if (storage.ss_family == AF_INET) {
        memcpy(&in, &storage, sizeof in);
        return ntohs(in.sin_port);
    }
    memcpy(&in6, &storage, sizeof in6);
    return ntohs(in6.sin6_port);
}

static bool
open_one(const a0__address *address, uint16_t port, a0__listen_sockets *out)
{
    int fd = open_ip(address, port);

    if (fd < 0) {
        return false;
    }
    out->fds[out->len] = fd;
    out->len++;
    out->port = port_of(fd);
    return true;
}

/* Both loopback addresses under one port; a machine without IPv6 has one. */
static bool
open_localhost(uint16_t port, a0__listen_sockets *out)
{
    a0__address ipv4;
    a0__address ipv6;

    if (!a0__address_parse(A0__LIT("127.0.0.1"), &ipv4) ||
        !a0__address_parse(A0__LIT("::1"), &ipv6)) {
        return false;
    }
    for (int i = 0; i < TRIES_FOR_ONE_PORT; i++) {
        *out = (a0__listen_sockets){ 0 };
        if (!open_one(&ipv4, port, out)) {
            return false;
        }
        if (open_one(&ipv6, out->port, out) || errno == EADDRNOTAVAIL ||
            errno == EAFNOSUPPORT) {
            return true;
        }
        close(out->fds[0]);
        if (port != 0) {
            break;
        }
    }
    *out = (a0__listen_sockets){ 0 };
    errno = EADDRINUSE;
    return false;
}

/* A socket file that nobody listens on any more is replaced; anything else is not. */
static bool
open_unix(a0__text path, mode_t mode, a0__listen_sockets *out)
{
    struct sockaddr_un un = { .sun_family = AF_UNIX };
    struct stat info;
    int fd = -1;

    if (path.len == 0 || path.len >= sizeof un.sun_path) {
        errno = EINVAL;
        return false;
    }
    memcpy(un.sun_path, path.ptr, path.len);
    if (lstat(un.sun_path, &info) == 0 && S_ISSOCK(info.st_mode)) {
        int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        bool is_alive =
            probe >= 0 && connect(probe, (const struct sockaddr *)&un, sizeof un) == 0;

        if (probe >= 0) {
            close(probe);
        }
        if (is_alive) {
            errno = EADDRINUSE;
            return false;
        }
        unlink(un.sun_path);
    }
    fd = bound_socket((const struct sockaddr *)&un, sizeof un, mode);
    if (fd < 0) {
        return false;
    }
    if (mode != 0 && chmod(un.sun_path, mode) != 0) {
        close(fd);
        return false;
    }
    *out = (a0__listen_sockets){ .fds = { fd }, .len = 1, .is_unix = true };
    return true;
}

/* Cuts "host:port" at the last colon, so that an IPv6 address keeps its own. */
static bool
split(a0__text text, a0__text *out_host, uint16_t *out_port)
{
    uint64_t port = 0;

    for (size_t i = text.len; i > 0; i--) {
        if (text.ptr[i - 1] == ':') {
            *out_host = a0__text_range(text.ptr, i - 1);
            if (!a0__parse_u64(a0__text_from(text, i), 65535, &port)) {
                return false;
            }
            *out_port = (uint16_t)port;
            return true;
        }
    }
    return false;
}

bool
a0__listen_is_address(const char *address)
{
    a0__text text = a0__text_of(address);
    a0__text host = A0__NO_TEXT;
    a0__address ip;
    uint16_t port = 0;

    if (a0__text_starts_with(text, A0__LIT("unix:"))) {
        return text.len > 5;
    }
    return split(text, &host, &port) &&
           (a0__text_is(host, "localhost") || a0__address_parse(host, &ip));
}

bool
a0__listen_is_local(const char *address)
{
    a0__text text = a0__text_of(address);
    a0__text host = A0__NO_TEXT;
    a0__address ip;
    uint16_t port = 0;

    if (a0__text_starts_with(text, A0__LIT("unix:"))) {
        return true;
    }
    return split(text, &host, &port) &&
           (a0__text_is(host, "localhost") ||
            (a0__address_parse(host, &ip) && a0__address_is_loopback(&ip)));
}

a0_status
a0__listen_share(const a0__listen_sockets *from, a0__listen_sockets *out,
                 a0_error **err)
{
    *out = (a0__listen_sockets){ .port = from->port, .is_unix = from->is_unix };
    for (size_t i = 0; i < from->len; i++) {
        int fd = fcntl(from->fds[i], F_DUPFD_CLOEXEC, 0);

        if (fd < 0) {
            int error = errno;

            for (size_t j = 0; j < out->len; j++) {
                close(out->fds[j]);
            }
            out->len = 0;
            return fail("an address that is served already", error, err);
        }
        out->fds[out->len] = fd;
        out->len++;
    }
    return A0_OK;
}

a0_status
a0__listen_open(const char *address, unsigned unix_mode, a0__listen_sockets *out,
                a0_error **err)
{
    a0__text text = a0__text_of(address);
    a0__text host = A0__NO_TEXT;
    a0__address ip;
    uint16_t port = 0;
    bool has_port = split(text, &host, &port);

    *out = (a0__listen_sockets){ 0 };
    if (a0__text_starts_with(text, A0__LIT("unix:"))) {
        return open_unix(a0__text_from(text, 5), (mode_t)unix_mode, out)
                   ? A0_OK
                   : fail(address, errno, err);
    }
    if (has_port && a0__text_is(host, "localhost")) {
        return open_localhost(port, out) ? A0_OK : fail(address, errno, err);
    }
    if (!has_port || !a0__address_parse(host, &ip)) {
        return a0__fail_saying(err, A0_E_gw_start_failed,
                               "%s is no address to listen on; write " A0__LISTEN_FORMS,
                               address);
    }
    return open_one(&ip, port, out) ? A0_OK : fail(address, errno, err);
}
