/* SPDX-License-Identifier: MIT */
/*
 * The signature algorithms of RFC 7518 §3.1 and RFC 8037 §3.1, and sets of them. Which
 * of them a token may use is for the settings to say. What is not in this list can not
 * be named, so it can not be allowed: there is no "none" [IDT-01].
 */
#ifndef A0_JOSE_ALG_H
#define A0_JOSE_ALG_H

#include "base/text.h"
#include "config/settings.h"

typedef enum a0__alg {
    A0__RS256,
    A0__RS384,
    A0__RS512,
    A0__PS256,
    A0__PS384,
    A0__PS512,
    A0__ES256,
    A0__ES384,
    A0__ES512,
    A0__EDDSA, /* with Ed25519 */
    A0__HS256,
    A0__ALGS_LEN
} a0__alg;

/* A set of algorithms: one bit each. */
typedef uint32_t a0__algs;

#define A0__ALG_BIT(alg) (1U << (unsigned)(alg))

/* The exact name of RFC 7518 §3.1 ("RS256"); false for every other text. */
bool a0__alg_named(a0__text name, a0__alg *out_alg);
const char *a0__alg_name(a0__alg alg);

/* The allow-list of the settings as a set; names that a0 does not know add nothing. */
a0__algs a0__algs_named(const a0__strings *names);

#endif
