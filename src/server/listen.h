/* SPDX-License-Identifier: MIT */
/* Listening sockets from the text of a setting. */
#ifndef A0_SERVER_LISTEN_H
#define A0_SERVER_LISTEN_H

#include "base/error.h"

enum {
    A0__LISTEN_SOCKETS_MAX = 2 /* localhost is 127.0.0.1 and ::1 */
};

typedef struct a0__listen_sockets {
    int fds[A0__LISTEN_SOCKETS_MAX];
    size_t len;
    uint16_t port; /* as chosen by the kernel; 0 for a Unix socket */
    bool is_unix;
} a0__listen_sockets;

/* For messages that say what to write. */
#define A0__LISTEN_FORMS "127.0.0.1:8080, [::1]:8080, localhost:8080 or unix:/path"

/* Whether it has one of those forms; what the system makes of it is another matter. */
bool a0__listen_is_address(const char *address);

/* Whether only this machine reaches it: a loopback address or a Unix socket. */
bool a0__listen_is_local(const char *address);

/* The same sockets once more: each user closes its own. Errors: gw_start_failed. */
A0_MUST_USE a0_status a0__listen_share(const a0__listen_sockets *from,
                                       a0__listen_sockets *out, a0_error **err);

/* See a0__web_listen. Errors: gw_start_failed. */
A0_MUST_USE a0_status a0__listen_open(const char *address, unsigned unix_mode,
                                      a0__listen_sockets *out, a0_error **err);

#endif
