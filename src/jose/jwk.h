/* SPDX-License-Identifier: MIT */
/*
 * JSON Web Key sets, RFC 7517: the public keys of an issuer, parsed once and kept ready
 * to verify. A set does not change after it was parsed, so any number of threads may
 * use one; it is counted, so that a cache can replace it while others still verify.
 */
#ifndef A0_JOSE_JWK_H
#define A0_JOSE_JWK_H

#include "base/error.h"
#include "jose/alg.h"

/* security-cases §0.3 */
enum {
    A0__JWKS_BYTES_MAX = 256 * 1024,
    A0__JWKS_KEYS_MAX = 64,
    A0__KID_BYTES_MAX = 256
};

typedef struct a0__jwk a0__jwk;
typedef struct a0__jwks a0__jwks;

/*
 * RFC 7517 §5: keys that can not be used are skipped [JWKS-05, -06]. Fails with
 * jwks_invalid (over the limits, no JWK set, or an empty one) or no_memory.
 */
A0_MUST_USE a0_status a0__jwks_parse(a0__text text, a0__jwks **out_set, a0_error **err);
void a0__jwks_free(a0__jwks *set);

typedef a0__jwks *a0__jwks_ptr;
void a0__jwks_ptr_auto(a0__jwks_ptr *set);

/* How many keys can be used. */
size_t a0__jwks_len(const a0__jwks *set);
/* How many were ignored because they carry private or symmetric material: the caller
 * logs jwks.private_material when it is not 0 [JWKS-06]. */
size_t a0__jwks_private_len(const a0__jwks *set);

/*
 * The one key whose kty, crv, alg, use and key_ops fit the algorithm and whose kid is
 * `kid`, compared byte by byte; kid NULL: the one that fits. Borrowed from the set.
 * Statuses: jwt_key_not_found [IDT-03, -04], jwt_key_ambiguous [IDT-05, -06]; no key is
 * ever tried in place of another.
 */
A0_MUST_USE a0_status a0__jwks_find(const a0__jwks *set, a0__alg alg,
                                    const a0__text *kid, const a0__jwk **out_key,
                                    a0_error **err);

#endif
