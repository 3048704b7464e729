/* SPDX-License-Identifier: MIT */
/* Keys and algorithms as OpenSSL sees them. */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/rsa.h>
#include <string.h>

#include "jose/internal.h"

/* security-cases §0.3: odd e in 3..2^31. */
enum {
    RSA_BITS_MIN = 2048,
    RSA_BITS_MAX = A0__RSA_BYTES_MAX * 8,
    RSA_EXPONENT_BITS_MAX = 31
};

typedef struct row {
    a0__key_kind kind;
    const char *digest; /* NULL: the algorithm hashes by itself */
    bool pss;
} row;

static const row rows[A0__ALGS_LEN] = {
    [A0__RS256] = { A0__KEY_RSA, "SHA256", false },
    [A0__RS384] = { A0__KEY_RSA, "SHA384", false },
    [A0__RS512] = { A0__KEY_RSA, "SHA512", false },
    [A0__PS256] = { A0__KEY_RSA, "SHA256", true },
    [A0__PS384] = { A0__KEY_RSA, "SHA384", true },
    [A0__PS512] = { A0__KEY_RSA, "SHA512", true },
    [A0__ES256] = { A0__KEY_P256, "SHA256", false },
    [A0__ES384] = { A0__KEY_P384, "SHA384", false },
    [A0__ES512] = { A0__KEY_P521, "SHA512", false },
    [A0__EDDSA] = { A0__KEY_ED25519, NULL, false },
    [A0__HS256] = { A0__KEY_SECRET, "SHA256", false },
};

a0__key_kind
a0__alg_kind(a0__alg alg)
{
    return rows[alg].kind;
}

a0__algs
a0__kind_algs(a0__key_kind kind)
{
    a0__algs set = 0;

    for (unsigned alg = 0; alg < A0__ALGS_LEN; alg++) {
        if (rows[alg].kind == kind) {
            set |= A0__ALG_BIT(alg);
        }
    }
    return set;
}

static const a0__curve curves[] = {
    { A0__KEY_P256, "P-256", "prime256v1", 32 },
    { A0__KEY_P384, "P-384", "secp384r1", 48 },
    { A0__KEY_P521, "P-521", "secp521r1", 66 },
};

const a0__curve *
a0__curve_named(a0__text crv)
{
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
        if (a0__text_is(crv, curves[i].crv)) {
            return &curves[i];
        }
    }
    return NULL;
}

const a0__curve *
a0__curve_of(a0__key_kind kind)
{
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
        if (curves[i].kind == kind) {
            return &curves[i];
        }
    }
    return NULL;
}

/*
 * ROCA (CVE-2017-15361): primes made by a broken chip are powers of 65537 modulo many
 * small primes, and so is their product. A sound modulus passes for one by accident
 * with a probability below 2^-27.
 */
static bool
has_roca_fingerprint(const BIGNUM *n)
{
    static const unsigned char primes[] = { 11, 13, 17,  19,  37,  53,  61,  71, 73,
                                            79, 97, 103, 107, 109, 127, 151, 157 };

    for (size_t i = 0; i < sizeof primes; i++) {
        BN_ULONG residue = BN_mod_word(n, primes[i]);
        BN_ULONG power = 1;
        bool found = false;

        for (unsigned k = 0; k < primes[i] && !found; k++) {
            found = power == residue;
            power = power * 65537 % primes[i];
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static bool
is_sane_rsa(const EVP_PKEY *pkey)
{
    BIGNUM *n = NULL;
    BIGNUM *e = NULL;
    bool sane = false;

    if (EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
        EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e) == 1) {
        sane = BN_num_bits(n) >= RSA_BITS_MIN && BN_num_bits(n) <= RSA_BITS_MAX &&
               BN_is_odd(n) && BN_is_odd(e) && !BN_is_one(e) &&
               BN_num_bits(e) <= RSA_EXPONENT_BITS_MAX && !has_roca_fingerprint(n);
    }
    BN_free(n);
    BN_free(e);
    return sane;
}

static bool
is_on_known_curve(const EVP_PKEY *pkey, a0__key_kind *out_kind)
{
    char group[sizeof "prime256v1"]; /* the longest name in the table */
    size_t len = 0;

    if (EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME, group,
                                       sizeof group, &len) != 1) {
        return false;
    }
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
        if (strcmp(group, curves[i].group) == 0) {
            *out_kind = curves[i].kind;
            return true;
        }
    }
    return false;
}

bool
a0__evp_kind(const EVP_PKEY *pkey, a0__key_kind *out_kind)
{
    if (EVP_PKEY_is_a(pkey, "RSA")) {
        *out_kind = A0__KEY_RSA;
        return is_sane_rsa(pkey);
    }
    if (EVP_PKEY_is_a(pkey, "ED25519")) {
        *out_kind = A0__KEY_ED25519;
        return true;
    }
    return EVP_PKEY_is_a(pkey, "EC") && is_on_known_curve(pkey, out_kind);
}

size_t
a0__evp_signature_bytes(const EVP_PKEY *pkey, a0__key_kind kind)
{
    const a0__curve *curve = a0__curve_of(kind);

    /* RFC 7518 §3.4: r and s, each as long as a coordinate; OpenSSL counts their DER.
     */
    return curve != NULL ? 2 * curve->bytes : (size_t)EVP_PKEY_get_size(pkey);
}

EVP_MD_CTX *
a0__evp_prepare(a0__evp_init *init, a0__alg alg, EVP_PKEY *pkey)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *inner = NULL;
    bool done =
        ctx != NULL &&
        init(ctx, &inner, rows[alg].digest, NULL, NULL, pkey, NULL) == 1 &&
        (!rows[alg].pss ||
         /* RFC 7518 §3.5: a salt as long as the hash, MGF1 with the same hash */
         (EVP_PKEY_CTX_set_rsa_padding(inner, RSA_PKCS1_PSS_PADDING) == 1 &&
          EVP_PKEY_CTX_set_rsa_pss_saltlen(inner, RSA_PSS_SALTLEN_DIGEST) == 1));

    if (!done) {
        EVP_MD_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}
