/* SPDX-License-Identifier: MIT */
/*
 * JWTs that an application signs with its registered key, each good for once: to say
 * who it is (RFC 7523 §3, wire §3), and to ask for somebody's provider token without
 * them (wire §20.2).
 */
#ifndef A0_TENANT_ASSERTION_H
#define A0_TENANT_ASSERTION_H

#include "exchange.h"

typedef struct a0__assertion_rules {
    const char *const *types; /* of the header; NULL: any */
    bool speaks_of_itself;    /* sub is the application too */
} a0__assertion_rules;

/* NULL when all is in order: its jti is used up and the caller frees the claims. Else
 * what is wrong. */
const char *a0__assertion_take(a0__exchange *x, const a0__client *client,
                               a0__text assertion, const a0__assertion_rules *rules,
                               a0__json **out_claims);

#endif
