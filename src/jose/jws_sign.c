/* SPDX-License-Identifier: MIT */
/* RFC 7515 §5.1: signing. */
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <string.h>

#include "base/base64url.h"
#include "base/crypto.h"
#include "jose/internal.h"

static a0_status
sign_hmac(const a0__signing_key *key, a0__text input, unsigned char *out,
          size_t *out_len, a0_error **err)
{
    a0__digest mac;

    A0_TRY(a0__hmac_sha256(a0__secret_expose(&key->secret), input, &mac, err));
    memcpy(out, mac.bytes, sizeof mac.bytes);
    *out_len = sizeof mac.bytes;
    return A0_OK;
}

/* RFC 7518 §3.4: r and s side by side, each in full length. */
static bool
ecdsa_to_raw(unsigned char *bytes, size_t *len, size_t coordinate)
{
    const unsigned char *at = bytes;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)*len);
    int half = (int)coordinate;
    bool done = sig != NULL &&
                BN_bn2binpad(ECDSA_SIG_get0_r(sig), bytes, half) == half &&
                BN_bn2binpad(ECDSA_SIG_get0_s(sig), bytes + half, half) == half;

    ECDSA_SIG_free(sig);
    *len = 2 * coordinate;
    return done;
}

static a0_status
sign_private(const a0__signing_key *key, a0__alg alg, a0__text input,
             unsigned char *out, size_t *out_len, a0_error **err)
{
    const a0__curve *curve = a0__curve_of(key->kind);
    EVP_MD_CTX *ctx = NULL;
    bool done = false;

    (void)ERR_set_mark();
    ctx = a0__evp_prepare(EVP_DigestSignInit_ex, alg, key->pkey);
    done = ctx != NULL &&
           EVP_DigestSign(ctx, out, out_len, (const unsigned char *)input.ptr,
                          input.len) == 1 &&
           (curve == NULL || ecdsa_to_raw(out, out_len, curve->bytes));
    EVP_MD_CTX_free(ctx);
    (void)ERR_pop_to_mark();
    A0_ENSURE(done, err, internal);
    return A0_OK;
}

a0_status
a0__jws_sign_under(const a0__signing_key *key, a0__alg alg, a0__text header,
                   a0__text payload, a0__buf *out_token, a0_error **err)
{
    unsigned char signature[A0__SIGNATURE_BYTES_MAX];
    size_t len = sizeof signature;
    size_t start = out_token->len;
    a0__text input = A0__NO_TEXT;

    if ((a0__signing_key_algs(key) & A0__ALG_BIT(alg)) == 0) {
        return a0__fail_about(err, A0_E_param_invalid, "alg");
    }
    a0__base64url_encode(header.ptr, header.len, out_token);
    a0__buf_byte(out_token, '.');
    a0__base64url_encode(payload.ptr, payload.len, out_token);
    A0_TRY(a0__buf_check(out_token, err));
    input = a0__text_from(a0__buf_view(out_token), start);
    A0_TRY(key->kind == A0__KEY_SECRET
               ? sign_hmac(key, input, signature, &len, err)
               : sign_private(key, alg, input, signature, &len, err));
    a0__buf_byte(out_token, '.');
    a0__base64url_encode(signature, len, out_token);
    return a0__buf_check(out_token, err);
}

a0_status
a0__jws_sign(const a0__signing_key *key, a0__alg alg, const char *kid, const char *typ,
             a0__text payload, a0__buf *out_token, a0_error **err)
{
    A0_AUTO(a0__buf) header = A0__BUF_INIT(A0__JWS_HEADER_MAX);
    a0__json_writer w = a0__json_writer_on(&header);

    a0__json_open(&w, '{');
    a0__json_put_string(&w, "alg", a0__alg_name(alg));
    if (typ != NULL) {
        a0__json_put_string(&w, "typ", typ);
    }
    if (kid != NULL) {
        a0__json_put_string(&w, "kid", kid);
    }
    a0__json_close(&w, '}');
    A0_TRY(a0__buf_check(&header, err));
    return a0__jws_sign_under(key, alg, a0__buf_view(&header), payload, out_token, err);
}
