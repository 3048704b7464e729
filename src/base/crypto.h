/* SPDX-License-Identifier: MIT */
/*
 * The primitives: SHA-256, HMAC, HKDF (RFC 5869), PBKDF2, AES-256-GCM. Algorithms are
 * fetched once per process; with src/jose this is the only user of OpenSSL.
 */
#ifndef A0_BASE_CRYPTO_H
#define A0_BASE_CRYPTO_H

#include "base/buf.h"
#include "base/secret.h"

#include <a0/sys/random.h>

enum {
    A0__SHA256_BYTES = 32,
    A0__KEY_BYTES = 32,
    A0__GCM_NONCE_BYTES = 12,
    A0__GCM_TAG_BYTES = 16
};

typedef struct a0__digest {
    unsigned char bytes[A0__SHA256_BYTES];
} a0__digest;

A0_MUST_USE a0_status a0__sha256(a0__text text, a0__digest *out, a0_error **err);
/* Appends the hash; what at_hash is made with depends on the algorithm of the token. */
typedef enum a0__sha2 {
    A0__SHA256,
    A0__SHA384,
    A0__SHA512
} a0__sha2;

A0_MUST_USE a0_status a0__sha2_of(a0__sha2 kind, a0__text text, a0__buf *out,
                                  a0_error **err);
A0_MUST_USE a0_status a0__hmac_sha256(a0__text key, a0__text text, a0__digest *out,
                                      a0_error **err);
/* RFC 5869 with SHA-256; out_len up to 255 * 32. */
A0_MUST_USE a0_status a0__hkdf_sha256(a0__text key, a0__text salt, a0__text info,
                                      unsigned char *out, size_t out_len,
                                      a0_error **err);

/* RFC 8018 §5.2 with HMAC-SHA-256. */
A0_MUST_USE a0_status a0__pbkdf2_sha256(a0__text password, a0__text salt,
                                        unsigned iterations, unsigned char *out,
                                        size_t out_len, a0_error **err);

/* AES-256-GCM: appends ciphertext and tag to *out. */
A0_MUST_USE a0_status a0__gcm_seal(const unsigned char key[A0__KEY_BYTES],
                                   const unsigned char nonce[A0__GCM_NONCE_BYTES],
                                   a0__text aad, a0__text plain, a0__buf *out,
                                   a0_error **err);
/*
 * Appends the plain text to *out. *out_opened is false, and nothing appended, unless
 * every bit of ciphertext, tag and aad is as it was sealed.
 */
A0_MUST_USE a0_status a0__gcm_open(const unsigned char key[A0__KEY_BYTES],
                                   const unsigned char nonce[A0__GCM_NONCE_BYTES],
                                   a0__text aad, a0__text sealed, a0__buf *out,
                                   bool *out_opened, a0_error **err);

/* `len` random bytes through the port; rng_failure and nothing else on failure. */
A0_MUST_USE a0_status a0__random_bytes(const a0_random *random, void *random_self,
                                       void *out, size_t len, a0_error **err);
/* `octets` random bytes as base64url text: 32 give 43 characters. */
A0_MUST_USE a0_status a0__random_text(const a0_random *random, void *random_self,
                                      size_t octets, a0__secret *out, a0_error **err);

/* Hex of the SHA-256: how the store is addressed by a secret id. */
A0_MUST_USE a0_status a0__sha256_hex(a0__text text, a0__buf *out, a0_error **err);

#endif
