/* SPDX-License-Identifier: MIT */
#include "jose/signing_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "base/base64url.h"
#include "jose/internal.h"

enum {
    PEM_BYTES_MAX = 64 * 1024, /* 8192-bit keys take 7 KiB */
    ED25519_BYTES = 32,
    INTEGER_TEXT_MAX = 2 * A0__RSA_BYTES_MAX /* base64url takes 4/3 */
};

/* Takes the EVP_PKEY over, whatever happens. */
static a0_status
adopt(EVP_PKEY *pkey, a0__signing_key **out_key, a0_error **err)
{
    a0__key_kind kind = A0__KEY_SECRET;
    a0__signing_key *key = NULL;

    if (pkey == NULL || !a0__evp_kind(pkey, &kind)) {
        EVP_PKEY_free(pkey);
        return a0__fail_about(err, A0_E_param_invalid, "key");
    }
    key = a0__calloc(1, sizeof *key);
    if (key == NULL) {
        EVP_PKEY_free(pkey);
        return a0__fail(err, A0_E_no_memory);
    }
    key->kind = kind;
    key->pkey = pkey;
    *out_key = key;
    return A0_OK;
}

/* An encrypted file must not make a server ask on the terminal. */
static int
no_pass_phrase(char *buf, /* NOLINT(readability-non-const-parameter): OpenSSL's type */
               int size, int is_writing, void *self)
{
    (void)buf;
    (void)size;
    (void)is_writing;
    (void)self;
    return -1;
}

a0_status
a0__signing_key_read_pem(a0__text pem, a0__signing_key **out_key, a0_error **err)
{
    BIO *bio = NULL;
    EVP_PKEY *pkey = NULL;
    a0_status status = A0_OK;

    if (pem.len == 0 || pem.len > PEM_BYTES_MAX) {
        return a0__fail_about(err, A0_E_param_invalid, "key");
    }
    (void)ERR_set_mark();
    bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    if (bio != NULL) {
        pkey = PEM_read_bio_PrivateKey_ex(bio, NULL, no_pass_phrase, NULL, NULL, NULL);
    }
    BIO_free(bio);
    status = adopt(pkey, out_key, err);
    (void)ERR_pop_to_mark();
    return status;
}

static EVP_PKEY *
generate(a0__key_kind kind)
{
    switch (kind) {
    case A0__KEY_RSA:
        return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    case A0__KEY_P256:
    case A0__KEY_P384:
    case A0__KEY_P521:
        return EVP_PKEY_Q_keygen(NULL, NULL, "EC", a0__curve_of(kind)->group);
    case A0__KEY_ED25519:
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    case A0__KEY_SECRET:
        break;
    }
    return NULL;
}

a0_status
a0__signing_key_generate(a0__alg alg, a0__signing_key **out_key, a0_error **err)
{
    a0_status status = A0_OK;

    (void)ERR_set_mark();
    status = adopt(generate(a0__alg_kind(alg)), out_key, err);
    (void)ERR_pop_to_mark();
    return status;
}

a0_status
a0__signing_key_of_secret(a0__text secret, a0__signing_key **out_key, a0_error **err)
{
    A0_AUTO(a0__signing_key_ptr) key = NULL;

    if (secret.len == 0) {
        return a0__fail_about(err, A0_E_param_invalid, "key");
    }
    key = a0__calloc(1, sizeof *key);
    A0_ENSURE(key != NULL, err, no_memory);
    key->kind = A0__KEY_SECRET;
    A0_TRY(a0__secret_set_text(&key->secret, secret, err));
    *out_key = a0__steal(&key);
    return A0_OK;
}

void
a0__signing_key_free(a0__signing_key *key)
{
    if (key != NULL) {
        EVP_PKEY_free(key->pkey);
        a0__secret_clear(&key->secret);
        a0__free(key);
    }
}

void
a0__signing_key_ptr_auto(a0__signing_key_ptr *key)
{
    a0__signing_key_free(*key);
    *key = NULL;
}

a0__algs
a0__signing_key_algs(const a0__signing_key *key)
{
    return a0__kind_algs(key->kind);
}

a0_status
a0__signing_key_write_pem(const a0__signing_key *key, a0__secret *out_pem,
                          a0_error **err)
{
    a0_status status = A0_OK;
    BIO *bio = NULL;
    char *bytes = NULL;
    long len = 0;

    if (key->kind == A0__KEY_SECRET) {
        return a0__fail_about(err, A0_E_param_invalid, "key");
    }
    bio = BIO_new(BIO_s_secmem()); /* wiped when freed */
    if (bio != NULL &&
        PEM_write_bio_PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL, NULL) == 1) {
        len = BIO_get_mem_data(bio, &bytes);
    }
    status = len > 0 ? a0__secret_set(out_pem, bytes, (size_t)len, err)
                     : a0__fail(err, A0_E_no_memory);
    BIO_free(bio);
    return status;
}

/* `width` 0: as few octets as the number needs (RFC 7518 §2, Base64urlUInt). */
static bool
put_integer(a0__json_writer *w, const char *name, const EVP_PKEY *pkey,
            const char *param, size_t width)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(INTEGER_TEXT_MAX);
    unsigned char bytes[A0__RSA_BYTES_MAX];
    BIGNUM *number = NULL;
    int len = -1;

    if (EVP_PKEY_get_bn_param(pkey, param, &number) == 1) {
        len = BN_bn2binpad(number, bytes,
                           width > 0 ? (int)width : (int)BN_num_bytes(number));
    }
    BN_free(number);
    if (len <= 0) {
        return false;
    }
    a0__base64url_encode(bytes, (size_t)len, &text);
    a0__json_put(w, name, a0__buf_view(&text));
    return a0__buf_ok(&text);
}

static bool
put_ed25519(a0__json_writer *w, const EVP_PKEY *pkey)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(INTEGER_TEXT_MAX);
    unsigned char bytes[ED25519_BYTES];
    size_t len = sizeof bytes;

    if (EVP_PKEY_get_raw_public_key(pkey, bytes, &len) != 1) {
        return false;
    }
    a0__base64url_encode(bytes, len, &text);
    a0__json_put_string(w, "kty", "OKP");
    a0__json_put_string(w, "crv", "Ed25519");
    a0__json_put(w, "x", a0__buf_view(&text));
    return a0__buf_ok(&text);
}

static bool
put_ec(a0__json_writer *w, const a0__signing_key *key)
{
    const a0__curve *curve = a0__curve_of(key->kind);

    a0__json_put_string(w, "kty", "EC");
    a0__json_put_string(w, "crv", curve->crv);
    return put_integer(w, "x", key->pkey, OSSL_PKEY_PARAM_EC_PUB_X, curve->bytes) &&
           put_integer(w, "y", key->pkey, OSSL_PKEY_PARAM_EC_PUB_Y, curve->bytes);
}

static bool
put_public(a0__json_writer *w, const a0__signing_key *key)
{
    switch (key->kind) {
    case A0__KEY_RSA:
        a0__json_put_string(w, "kty", "RSA");
        return put_integer(w, "n", key->pkey, OSSL_PKEY_PARAM_RSA_N, 0) &&
               put_integer(w, "e", key->pkey, OSSL_PKEY_PARAM_RSA_E, 0);
    case A0__KEY_P256:
    case A0__KEY_P384:
    case A0__KEY_P521:
        return put_ec(w, key);
    case A0__KEY_ED25519:
        return put_ed25519(w, key->pkey);
    case A0__KEY_SECRET:
        break;
    }
    return false;
}

a0_status
a0__signing_key_write_jwk(const a0__signing_key *key, a0__alg alg, const char *kid,
                          a0__buf *out_json, a0_error **err)
{
    a0__json_writer w = a0__json_writer_on(out_json);

    if (key->kind == A0__KEY_SECRET || a0__alg_kind(alg) != key->kind) {
        return a0__fail_about(err, A0_E_param_invalid, "alg");
    }
    a0__json_open(&w, '{');
    A0_ENSURE(put_public(&w, key), err, no_memory);
    a0__json_put_string(&w, "use", "sig");
    a0__json_put_string(&w, "alg", a0__alg_name(alg));
    if (kid != NULL) {
        a0__json_put_string(&w, "kid", kid);
    }
    a0__json_close(&w, '}');
    return a0__buf_check(out_json, err);
}
