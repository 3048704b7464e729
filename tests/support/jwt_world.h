/* SPDX-License-Identifier: MIT */
/* Tokens of three keys, and what becomes of them: for rows about the token and not
 * about its claims. */
#ifndef A0_TESTS_JWT_WORLD_H
#define A0_TESTS_JWT_WORLD_H

#include "support.h"

#include "jose/jwt.h"
#include "test_tenant.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define JWT_CLAIMS "{\"iss\":\"https://acme.eu.auth0.com/\",\"sub\":\"auth0|1\"}"

/* Of a group of tests. */
int jwt_world_begin(void **state);
int jwt_world_end(void **state);

extern a0__jwks *jwt_keys; /* RS256 "rsa", ES256 "ec", EdDSA "ed" */

/* Exactly RS256, as by default. */
a0__jws_trust jwt_rs256(void);
/* {"keys":[...]} with the RSA key under each kid, and one that fits no RS256. */
void jwt_rsa_set(const char *const *kids, a0__buf *out);

/* A token signed with the RSA key under any header and payload. */
void jwt_sign(const char *header, a0__text payload, a0__buf *out);

void jwt_accepted(a0__text token, const a0__jws_trust *trust);
void jwt_refused(a0__text token, const a0__jws_trust *trust, const char *error_id);
void jwt_refused_header(const char *header, const char *error_id);

#endif
