/* SPDX-License-Identifier: MIT */
/* Return targets: the one validator. [GW-09, CB-13, LOUT-02, AUTHZ-08] */
#ifndef A0_GATEWAY_REDIRECT_H
#define A0_GATEWAY_REDIRECT_H

#include "base/url.h"

enum {
    REDIRECT_TARGET_MAX = 2048
};

/* "https://app.example.com", with a port if it is not the scheme's. */
typedef struct gateway_origin {
    char *text;
    a0__url url; /* views into text */
} gateway_origin;

typedef struct gateway_origins {
    gateway_origin *items;
    size_t len;
} gateway_origins;

/* Adds a copy; *out_valid is false unless it is an https origin (http for a loopback
 * host) without path, query, fragment and userinfo. */
A0_MUST_USE a0_status gateway_origins_add(gateway_origins *origins, a0__text text,
                                          bool *out_valid, a0_error **err);
void gateway_origins_clear(gateway_origins *origins);

/*
 * Whether a browser that is sent there stays at our origin or goes to one of the
 * allowed ones, however it reads URLs: a path with one slash at its start, or an
 * absolute URL with scheme, host and port of the list.
 */
bool gateway_redirect_is_allowed(a0__text target, const gateway_origins *allowed);

#endif
