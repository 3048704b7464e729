/* SPDX-License-Identifier: MIT */
/*
 * Keys that sign: the client's for private_key_jwt (RFC 7523), the local tenant's own,
 * and shared secrets for HS256. They do not change after they were made; any thread may
 * sign with one.
 */
#ifndef A0_JOSE_SIGNING_KEY_H
#define A0_JOSE_SIGNING_KEY_H

#include "base/buf.h"
#include "base/secret.h"
#include "jose/alg.h"

typedef struct a0__signing_key a0__signing_key;

/* PEM (PKCS #8, PKCS #1 or SEC 1) without a pass phrase: RSA 2048..8192, P-256, P-384,
 * P-521 or Ed25519. Anything else is param_invalid about "key". */
A0_MUST_USE a0_status a0__signing_key_read_pem(a0__text pem, a0__signing_key **out_key,
                                               a0_error **err);
/* A new key that fits the algorithm; RSA gets 2048 bits. HS256 is param_invalid. */
A0_MUST_USE a0_status a0__signing_key_generate(a0__alg alg, a0__signing_key **out_key,
                                               a0_error **err);
/* For HS256; an empty secret is param_invalid [IDT-02]. */
A0_MUST_USE a0_status a0__signing_key_of_secret(a0__text secret,
                                                a0__signing_key **out_key,
                                                a0_error **err);
void a0__signing_key_free(a0__signing_key *key);

typedef a0__signing_key *a0__signing_key_ptr;
void a0__signing_key_ptr_auto(a0__signing_key_ptr *key);

/* The algorithms this key can sign with. */
a0__algs a0__signing_key_algs(const a0__signing_key *key);

/* The private key as PKCS #8 PEM. param_invalid for a shared secret. */
A0_MUST_USE a0_status a0__signing_key_write_pem(const a0__signing_key *key,
                                                a0__secret *out_pem, a0_error **err);
/*
 * Appends the public key as a JWK (RFC 7517 §4): kty, the public members, use "sig",
 * alg, and kid unless NULL. param_invalid for a shared secret, which has no public
 * half.
 */
A0_MUST_USE a0_status a0__signing_key_write_jwk(const a0__signing_key *key, a0__alg alg,
                                                const char *kid, a0__buf *out_json,
                                                a0_error **err);

#endif
