/* SPDX-License-Identifier: MIT */
/* What the files of this folder share: the only place outside src/base/crypto.c where
 * an OpenSSL type has a name. */
#ifndef A0_JOSE_INTERNAL_H
#define A0_JOSE_INTERNAL_H

#include <openssl/evp.h>
#include <stdatomic.h>

#include "jose/jws.h"
#include "json/json.h"

typedef enum a0__key_kind {
    A0__KEY_RSA,
    A0__KEY_P256,
    A0__KEY_P384,
    A0__KEY_P521,
    A0__KEY_ED25519,
    A0__KEY_SECRET
} a0__key_kind;

enum {
    A0__RSA_BYTES_MAX = 1024, /* 8192 bits */
    A0__SIGNATURE_BYTES_MAX = A0__RSA_BYTES_MAX,
    A0__COORDINATE_BYTES_MAX = 66 /* P-521 */
};

/* Which kind of key an algorithm takes (RFC 7518 §3.1, RFC 8037 §3.1). */
a0__key_kind a0__alg_kind(a0__alg alg);
a0__algs a0__kind_algs(a0__key_kind kind);

/* RFC 7518 §6.2.1.1 */
typedef struct a0__curve {
    a0__key_kind kind;
    const char *crv;   /* in a JWK */
    const char *group; /* at OpenSSL */
    size_t bytes;      /* of a coordinate, and of r and s */
} a0__curve;

const a0__curve *a0__curve_named(a0__text crv);   /* NULL: another curve */
const a0__curve *a0__curve_of(a0__key_kind kind); /* NULL: no key on a curve */

/*
 * What kind of key this is; false when it is none that a0 uses or breaks a limit of
 * security-cases §0.3 [JWKS-05].
 */
bool a0__evp_kind(const EVP_PKEY *pkey, a0__key_kind *out_kind);
/* The exact length of a JWS signature by this key. */
size_t a0__evp_signature_bytes(const EVP_PKEY *pkey, a0__key_kind kind);

/* EVP_DigestSignInit_ex or EVP_DigestVerifyInit_ex. */
typedef int a0__evp_init(EVP_MD_CTX *, EVP_PKEY_CTX **, const char *, OSSL_LIB_CTX *,
                         const char *, EVP_PKEY *, const OSSL_PARAM *);
/* A context ready for the algorithm, or NULL. */
EVP_MD_CTX *a0__evp_prepare(a0__evp_init *init, a0__alg alg, EVP_PKEY *pkey);

/* The public key of a JWK, or NULL when it is unusable. */
EVP_PKEY *a0__jwk_read_public(const a0__json *jwk);

/*
 * A header that came with a token this key verified, as text and as read. Tokens of one
 * issuer differ in their payload only, so the next one need not be parsed again.
 */
typedef struct a0__known_header {
    a0__buf text;
    a0__jws_header header;
} a0__known_header;

struct a0__jwk {
    a0__string kid; /* NULL: none */
    size_t kid_len;
    a0__key_kind kind;
    size_t signature_bytes;
    /* Ready to be copied and fed; NULL where the key does not fit the algorithm. */
    EVP_MD_CTX *verifiers[A0__ALGS_LEN];
    /* Set at most once, by whoever verifies first; lives as long as the key. */
    _Atomic(a0__known_header *) *known;
};

struct a0__signing_key {
    a0__key_kind kind;
    EVP_PKEY *pkey;    /* NULL for a shared secret */
    a0__secret secret; /* unset for a private key */
};

/* Over all keys of the set: the key that has verified this very header before. */
const a0__jwk *a0__jwks_recall(const a0__jwks *set, a0__text header,
                               const a0__jws_header **out_header);
/* Moves *header into the memory of the key, if that is still empty. */
void a0__jwk_remember(const a0__jwk *key, a0__text text, a0__jws_header *header);

#endif
