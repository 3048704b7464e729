/* SPDX-License-Identifier: MIT */
/*
 * A raw-socket listener for what no HTTP library will send: byte-exact answers,
 * trickle, truncation, resets, broken TLS (security-cases §0.4: http.raw,
 * http.trickle, tls.*). It has a port of its own; every connection plays the script
 * that POST /_tenant/raw set last.
 */
#ifndef A0_TENANT_RAW_H
#define A0_TENANT_RAW_H

#include "exchange.h"
#include "tls.h"

/* Sets the script: 200 with port, url and the authority to trust. */
A0_MUST_USE a0_status a0__raw_set(a0__exchange *x);
/* What came in: {"port", "connections", "requests"}. */
A0_MUST_USE a0_status a0__raw_show(a0__exchange *x);
void a0__raw_stop(a0__raw *raw);

/* One connection that plays a script; the rest of this header is for raw.c alone. */
typedef struct a0__raw_play {
    int fd;
    int stop_fd;                      /* readable when the tenant ends */
    const char *script;               /* the JSON of the request that set it */
    const a0__tls_identity *identity; /* NULL: no TLS */
    /* Told once, before the first step: what the peer sent; shaken is false when the
     * TLS handshake failed and nothing will be played. */
    void (*arrived)(void *self, bool shaken, a0__text request);
    void *self;
} a0__raw_play;

/* Plays it to the end and closes fd. */
void a0__raw_run(const a0__raw_play *play);

#endif
