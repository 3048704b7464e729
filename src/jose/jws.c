/* SPDX-License-Identifier: MIT */
/* RFC 7515 §5.2: verifying. Signing is in jws_sign.c. */
#include "jose/jws.h"

#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <string.h>

#include "base/base64url.h"
#include "base/crypto.h"
#include "jose/internal.h"

typedef struct segments {
    a0__text header;
    a0__text payload;
    a0__text signature;
    a0__text signing_input; /* header, dot, payload */
} segments;

/* RFC 7515 §7.1. Lengths are judged before anything is looked at [IDT-14]. */
static a0_status
split(a0__text token, segments *out, a0_error **err)
{
    a0__text rest = token;

    A0_ENSURE(token.len <= A0__JWS_BYTES_MAX, err, jwt_oversize);
    A0_ENSURE(a0__text_next(&rest, '.', &out->header), err, jwt_malformed);
    A0_ENSURE(out->header.len <= A0__JWS_HEADER_MAX, err, jwt_oversize);
    A0_ENSURE(a0__text_next(&rest, '.', &out->payload), err, jwt_malformed);
    A0_ENSURE(a0__text_next(&rest, '.', &out->signature), err, jwt_malformed);
    A0_ENSURE(rest.ptr == NULL, err, jwt_malformed);
    /* An empty signature has the wrong length for every algorithm, which is judged
     * after the header: "none" is refused as such [IDT-01]. */
    A0_ENSURE(out->header.len > 0 && out->payload.len > 0, err, jwt_malformed);
    out->signing_input =
        a0__text_range(token.ptr, out->header.len + 1 + out->payload.len);
    return A0_OK;
}

static a0_status
copy_text(const a0__json *object, const char *name, size_t max, a0__string *out,
          a0_error **err)
{
    a0__text text = A0__NO_TEXT;

    switch (a0__json_text(object, name, &text)) {
    case A0__ABSENT:
        return A0_OK;
    case A0__FOUND:
        A0_ENSURE(text.len <= max, err, jwt_malformed);
        *out = a0__strndup(text.ptr, text.len);
        A0_ENSURE(*out != NULL, err, no_memory);
        return A0_OK;
    case A0__MISTYPED:
        break;
    }
    return a0__fail(err, A0_E_jwt_malformed);
}

/* RFC 7515 §4.1, in the order in which a wrong word is most telling. */
static a0_status
read_members(const a0__json *object, a0__algs algs, a0__jws_header *out, a0_error **err)
{
    static const char *const keys[] = { "jwk", "jku", "x5u", "x5c" };
    a0__text name = A0__NO_TEXT;

    A0_ENSURE(a0__json_text(object, "alg", &name) == A0__FOUND, err, jwt_alg_forbidden);
    A0_ENSURE(a0__alg_named(name, &out->alg), err, jwt_alg_forbidden);
    A0_ENSURE(algs & A0__ALG_BIT(out->alg), err, jwt_alg_forbidden);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        A0_ENSURE(a0__json_member(object, keys[i]) == NULL, err, jwt_header_forbidden);
    }
    /* No extension is understood, so any demand for one fails [IDT-08]. */
    A0_ENSURE(a0__json_member(object, "crit") == NULL, err, jwt_crit_unsupported);
    /* RFC 7797 changes what is signed; it is not spoken here [IDT-09]. */
    A0_ENSURE(a0__json_member(object, "b64") == NULL, err, jwt_malformed);
    A0_TRY(copy_text(object, "kid", A0__KID_BYTES_MAX, &out->kid, err));
    return copy_text(object, "typ", A0__JWS_HEADER_MAX, &out->typ, err);
}

static a0_status
read_header(a0__text segment, a0__algs algs, a0__jws_header *out, a0_error **err)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(A0__JWS_HEADER_MAX);
    A0_AUTO(a0__json_doc) doc = NULL;
    A0_AUTO(a0__jws_header) header = A0__JWS_HEADER_INIT;
    bool decoded = a0__base64url_decode(segment, &text);

    A0_TRY(a0__buf_check(&text, err));
    A0_ENSURE(decoded, err, jwt_malformed);
    A0_TRY(a0__json_parse(a0__buf_view(&text), &doc, err));
    A0_ENSURE(a0__json_is_object(doc), err, jwt_malformed);
    A0_TRY(read_members(doc, algs, &header, err));
    *out = header;
    header = A0__JWS_HEADER_INIT;
    return A0_OK;
}

void
a0__jws_header_auto(a0__jws_header *header)
{
    a0__string_auto(&header->kid);
    a0__string_auto(&header->typ);
}

a0_status
a0__jws_read_header(a0__text token, a0__jws_header *out_header, a0_error **err)
{
    segments parts = { .header = A0__NO_TEXT };

    A0_TRY(split(token, &parts, err));
    return read_header(parts.header, ~(a0__algs)0, out_header, err);
}

/* The length that `bytes` octets have as base64url text. */
static size_t
text_length(size_t bytes)
{
    return (bytes * 4 + 2) / 3;
}

/* Any other length than the key's is refused before a byte is converted [IDT-11]. */
static a0_status
decode_signature(a0__text segment, size_t expected, unsigned char *out, a0_error **err)
{
    size_t len = 0;

    A0_ENSURE(segment.len == text_length(expected), err, jwt_malformed);
    A0_ENSURE(a0__base64url_decode_into(segment, out, expected, &len), err,
              jwt_malformed);
    A0_ENSURE(len == expected, err, jwt_malformed);
    return A0_OK;
}

/*
 * RFC 7518 §3.4 writes r and s side by side; OpenSSL wants the DER of ECDSA-Sig-Value.
 * Appends nothing: `out` holds a sequence of two integers, each with a possible zero
 * in front.
 */
enum {
    ECDSA_DER_MAX = 3 + 2 * (2 + 1 + A0__COORDINATE_BYTES_MAX)
};

static size_t
ecdsa_to_der(const unsigned char *raw, size_t len, unsigned char out[ECDSA_DER_MAX])
{
    int half = (int)len / 2;
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, half, NULL);
    BIGNUM *s = BN_bin2bn(raw + half, half, NULL);
    int der_len = 0;

    if (sig == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(sig, r, s) != 1) {
        BN_free(r);
        BN_free(s);
    } else if (i2d_ECDSA_SIG(sig, NULL) <= ECDSA_DER_MAX) {
        der_len = i2d_ECDSA_SIG(sig, &out);
    }
    ECDSA_SIG_free(sig);
    return der_len > 0 ? (size_t)der_len : 0;
}

static bool
is_signed_by(const a0__jwk *key, a0__alg alg, a0__text input,
             const unsigned char *signature)
{
    unsigned char der[ECDSA_DER_MAX];
    size_t len = key->signature_bytes;
    EVP_MD_CTX *ctx = NULL;
    bool verified = false;

    (void)ERR_set_mark();
    if (a0__curve_of(key->kind) != NULL) {
        len = ecdsa_to_der(signature, len, der);
        signature = der;
    }
    ctx = EVP_MD_CTX_new();
    if (ctx != NULL && len > 0 && EVP_MD_CTX_copy_ex(ctx, key->verifiers[alg]) == 1) {
        /* The copy is used once: no need for OpenSSL to copy it again. */
        EVP_MD_CTX_set_flags(ctx, EVP_MD_CTX_FLAG_FINALISE);
        verified = EVP_DigestVerify(ctx, signature, len,
                                    (const unsigned char *)input.ptr, input.len) == 1;
    }
    EVP_MD_CTX_free(ctx);
    (void)ERR_pop_to_mark();
    return verified;
}

static a0_status
verify_public(const a0__jwk *key, a0__alg alg, const segments *parts, a0_error **err)
{
    unsigned char signature[A0__SIGNATURE_BYTES_MAX];

    A0_TRY(decode_signature(parts->signature, key->signature_bytes, signature, err));
    A0_ENSURE(is_signed_by(key, alg, parts->signing_input, signature), err,
              jwt_signature_invalid);
    return A0_OK;
}

/* RFC 7518 §3.2. The secret is the caller's; nothing out of a key set gets here. */
static a0_status
verify_hmac(const a0__secret *secret, const segments *parts, a0_error **err)
{
    unsigned char signature[A0__SHA256_BYTES];
    a0__digest mac;

    A0_TRY(decode_signature(parts->signature, sizeof signature, signature, err));
    A0_TRY(a0__hmac_sha256(a0__secret_expose(secret), parts->signing_input, &mac, err));
    A0_ENSURE(a0__equal_constant_time(mac.bytes, signature, sizeof signature), err,
              jwt_signature_invalid);
    return A0_OK;
}

/* HS256 is not allowed without a secret of the length that RFC 7518 §3.2 demands,
 * whatever the list says [IDT-02]. */
static a0__algs
usable_algs(const a0__jws_trust *trust)
{
    bool has_secret =
        trust->hmac_secret != NULL && trust->hmac_secret->len >= A0__SHA256_BYTES;

    return has_secret ? trust->algs : trust->algs & ~A0__ALG_BIT(A0__HS256);
}

static bool
is_accepted_type(const char *typ, const char *const *types)
{
    for (; *types != NULL; types++) {
        bool stands_for_none = (*types)[0] == '\0';

        if (typ == NULL ? stands_for_none
                        : !stands_for_none &&
                              a0__text_equal_ignoring_case(a0__text_of(typ),
                                                           a0__text_of(*types))) {
            return true;
        }
    }
    return false;
}

static a0_status
check_type(const a0__jws_header *header, const a0__jws_trust *trust, a0_error **err)
{
    A0_ENSURE(trust->types == NULL || is_accepted_type(header->typ, trust->types), err,
              jwt_type_invalid);
    return A0_OK;
}

/* A token whose header this set has already accepted: only the signature is new. */
static a0_status
verify_known(const a0__jwk *key, const a0__jws_header *header, const segments *parts,
             const a0__jws_trust *trust, a0_error **err)
{
    A0_ENSURE(trust->algs & A0__ALG_BIT(header->alg), err, jwt_alg_forbidden);
    A0_TRY(verify_public(key, header->alg, parts, err));
    return check_type(header, trust, err);
}

static a0_status
verify_new(const segments *parts, const a0__jws_trust *trust, a0_error **err)
{
    A0_AUTO(a0__jws_header) header = A0__JWS_HEADER_INIT;
    const a0__jwk *key = NULL;
    a0__text kid = A0__NO_TEXT;

    A0_TRY(read_header(parts->header, usable_algs(trust), &header, err));
    if (header.alg == A0__HS256) {
        A0_TRY(verify_hmac(trust->hmac_secret, parts, err));
        return check_type(&header, trust, err);
    }
    A0_ENSURE(trust->keys != NULL, err, jwt_key_not_found);
    kid = a0__text_of(header.kid);
    A0_TRY(a0__jwks_find(trust->keys, header.alg, header.kid != NULL ? &kid : NULL,
                         &key, err));
    A0_TRY(verify_public(key, header.alg, parts, err));
    A0_TRY(check_type(&header, trust, err));
    a0__jwk_remember(key, parts->header, &header);
    return A0_OK;
}

a0_status
a0__jws_verify(a0__text token, const a0__jws_trust *trust, a0__buf *out_payload,
               a0_error **err)
{
    A0_AUTO(a0__buf) payload = A0__BUF_INIT(A0__JWS_BYTES_MAX);
    const a0__jws_header *known = NULL;
    const a0__jwk *key = NULL;
    segments parts = { .header = A0__NO_TEXT };
    bool decoded = false;

    A0_TRY(split(token, &parts, err));
    decoded = a0__base64url_decode(parts.payload, &payload);
    A0_TRY(a0__buf_check(&payload, err));
    A0_ENSURE(decoded, err, jwt_malformed);
    if (trust->keys != NULL) {
        key = a0__jwks_recall(trust->keys, parts.header, &known);
    }
    A0_TRY(key != NULL ? verify_known(key, known, &parts, trust, err)
                       : verify_new(&parts, trust, err));
    /* The one place where a payload leaves this file [IDT-26]. */
    a0__buf_clear(out_payload);
    *out_payload = payload;
    payload = A0__BUF_INIT(0);
    return A0_OK;
}
