/* SPDX-License-Identifier: MIT */
/* The public members of a JWK: RFC 7518 §6.2 and §6.3, RFC 8037 §2. */
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <string.h>

#include "base/base64url.h"
#include "jose/internal.h"

enum {
    EXPONENT_BYTES_MAX = 4,
    ED25519_BYTES = 32
};

static bool
octets(const a0__json *jwk, const char *name, unsigned char *out, size_t max,
       size_t *out_len)
{
    a0__text text = A0__NO_TEXT;

    return a0__json_text(jwk, name, &text) == A0__FOUND &&
           a0__base64url_decode_into(text, out, max, out_len) && *out_len > 0;
}

/* RFC 7518 §2, Base64urlUInt: the fewest octets, so the first is not zero. */
static BIGNUM *
unsigned_integer(const a0__json *jwk, const char *name, size_t max)
{
    unsigned char bytes[A0__RSA_BYTES_MAX];
    size_t len = 0;

    if (!octets(jwk, name, bytes, max, &len) || bytes[0] == 0) {
        return NULL;
    }
    return BN_bin2bn(bytes, (int)len, NULL);
}

static EVP_PKEY *
from_params(const char *type, OSSL_PARAM_BLD *builder)
{
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *pkey = NULL;

    if (params == NULL || ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1) {
        pkey = NULL;
    }
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    return pkey;
}

/* RFC 7518 §6.3.1 */
static EVP_PKEY *
rsa(const a0__json *jwk)
{
    BIGNUM *n = unsigned_integer(jwk, "n", A0__RSA_BYTES_MAX);
    BIGNUM *e = unsigned_integer(jwk, "e", EXPONENT_BYTES_MAX);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY *pkey = NULL;

    if (n != NULL && e != NULL && builder != NULL &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1) {
        pkey = from_params("RSA", builder);
    }
    OSSL_PARAM_BLD_free(builder);
    BN_free(n);
    BN_free(e);
    return pkey;
}

/* RFC 7518 §6.2.1: both coordinates in full length. That the point lies on the curve is
 * checked when OpenSSL takes it; a point at infinity can not be written this way. */
static EVP_PKEY *
ec(const a0__json *jwk, const a0__curve *curve)
{
    size_t bytes = curve->bytes;
    unsigned char point[1 + 2 * A0__COORDINATE_BYTES_MAX];
    OSSL_PARAM_BLD *builder = NULL;
    EVP_PKEY *pkey = NULL;
    size_t x_len = 0;
    size_t y_len = 0;

    point[0] = POINT_CONVERSION_UNCOMPRESSED;
    if (!octets(jwk, "x", point + 1, bytes, &x_len) || x_len != bytes ||
        !octets(jwk, "y", point + 1 + bytes, bytes, &y_len) || y_len != bytes) {
        return NULL;
    }
    builder = OSSL_PARAM_BLD_new();
    if (builder != NULL &&
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME,
                                        curve->group, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point,
                                         1 + 2 * bytes) == 1) {
        pkey = from_params("EC", builder);
    }
    OSSL_PARAM_BLD_free(builder);
    return pkey;
}

/* RFC 8037 §2 */
static EVP_PKEY *
okp(const a0__json *jwk)
{
    unsigned char x[ED25519_BYTES];
    size_t len = 0;

    if (!octets(jwk, "x", x, sizeof x, &len) || len != sizeof x) {
        return NULL;
    }
    return EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, x, len);
}

EVP_PKEY *
a0__jwk_read_public(const a0__json *jwk)
{
    a0__text kty = A0__NO_TEXT;
    a0__text crv = A0__NO_TEXT;
    const a0__curve *curve = NULL;

    if (a0__json_text(jwk, "kty", &kty) != A0__FOUND) {
        return NULL;
    }
    if (a0__text_is(kty, "RSA")) {
        return rsa(jwk);
    }
    if (a0__json_text(jwk, "crv", &crv) != A0__FOUND) {
        return NULL;
    }
    curve = a0__curve_named(crv);
    if (a0__text_is(kty, "EC") && curve != NULL) {
        return ec(jwk, curve);
    }
    if (a0__text_is(kty, "OKP") && a0__text_is(crv, "Ed25519")) {
        return okp(jwk);
    }
    return NULL;
}
