/* SPDX-License-Identifier: MIT */
/*
 * JSON Web Signature, RFC 7515: the compact serialisation and nothing else. There is no
 * way to verify without saying which algorithms and which keys are trusted, and no key
 * ever comes out of the token [IDT-07].
 */
#ifndef A0_JOSE_JWS_H
#define A0_JOSE_JWS_H

#include "base/secret.h"
#include "jose/jwk.h"
#include "jose/signing_key.h"

/* security-cases §0.3 */
enum {
    A0__JWS_BYTES_MAX = 16 * 1024,
    A0__JWS_HEADER_MAX = 2 * 1024
};

/* Whom to believe. */
typedef struct a0__jws_trust {
    a0__algs algs;                 /* the exact allow-list, asked before any key */
    const a0__jwks *keys;          /* NULL: no public keys */
    const a0__secret *hmac_secret; /* NULL or shorter than 32 octets (RFC 7518 §3.2):
                                      HS256 is forbidden [IDT-02] */
    /* The accepted `typ`, in any case; NULL-terminated. "" stands for a header without
     * one. NULL: `typ` is not looked at. */
    const char *const *types;
} a0__jws_trust;

/* What the header says; nothing of it is verified by reading it. */
typedef struct a0__jws_header {
    a0__alg alg;
    a0__string kid; /* NULL: none */
    a0__string typ; /* NULL: none */
} a0__jws_header;

#define A0__JWS_HEADER_INIT ((a0__jws_header){ .kid = NULL })
void a0__jws_header_auto(a0__jws_header *header);

/*
 * Appends the payload to *out_payload once everything fits; after a failure the buffer
 * is as it was. Fails with jwt_oversize, jwt_malformed, jwt_alg_forbidden,
 * jwt_header_forbidden, jwt_crit_unsupported, jwt_key_not_found, jwt_key_ambiguous,
 * jwt_signature_invalid, jwt_type_invalid (asked last), no_memory.
 */
A0_MUST_USE a0_status a0__jws_verify(a0__text token, const a0__jws_trust *trust,
                                     a0__buf *out_payload, a0_error **err);

/*
 * Reads the header of a token that was NOT verified: for the memory of unknown kids
 * [JWKS-02] and for the log. Fails as a0__jws_verify does before it looks for a key.
 */
A0_MUST_USE a0_status a0__jws_read_header(a0__text token, a0__jws_header *out_header,
                                          a0_error **err);

/*
 * RFC 7515 §7.1: signs `payload` under a header of alg, typ and kid (either may be
 * NULL) and appends the compact text. Fails with param_invalid when the key does not
 * fit the algorithm.
 */
A0_MUST_USE a0_status a0__jws_sign(const a0__signing_key *key, a0__alg alg,
                                   const char *kid, const char *typ, a0__text payload,
                                   a0__buf *out_token, a0_error **err);

/* The same under a header the caller wrote as JSON; its words are not checked. */
A0_MUST_USE a0_status a0__jws_sign_under(const a0__signing_key *key, a0__alg alg,
                                         a0__text header, a0__text payload,
                                         a0__buf *out_token, a0_error **err);

#endif
