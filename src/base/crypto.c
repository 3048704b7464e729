/* SPDX-License-Identifier: MIT */
#include "base/crypto.h"

#include "base/base64url.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <string.h>

enum {
    HMAC_BLOCK_BYTES = 64
};

/* Fetching an algorithm costs more than a hash of a cookie: once per process. */
static pthread_once_t fetched = PTHREAD_ONCE_INIT;
static EVP_MD *sha256;
static EVP_MD *sha384;
static EVP_MD *sha512;
static EVP_CIPHER *aes_256_gcm;

static pthread_key_t hasher_key;
static bool has_hasher_key;

static void
hasher_free(void *ctx)
{
    EVP_MD_CTX_free(ctx);
}

static void
fetch(void)
{
    has_hasher_key = pthread_key_create(&hasher_key, hasher_free) == 0;
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    sha384 = EVP_MD_fetch(NULL, "SHA384", NULL);
    sha512 = EVP_MD_fetch(NULL, "SHA512", NULL);
    aes_256_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
}

static bool
ready(void)
{
    (void)pthread_once(&fetched, fetch);
    return sha256 != NULL && aes_256_gcm != NULL && has_hasher_key;
}

void
a0__wipe(void *bytes, size_t len)
{
    if (bytes != NULL && len > 0) {
        OPENSSL_cleanse(bytes, len);
    }
}

bool
a0__equal_constant_time(const void *a, const void *b, size_t len)
{
    return len == 0 || CRYPTO_memcmp(a, b, len) == 0;
}

/* Ready to take text. Each thread keeps one: to make it costs more than to hash what is
 * hashed here. */
static EVP_MD_CTX *
hasher(void)
{
    EVP_MD_CTX *ctx = pthread_getspecific(hasher_key);

    if (ctx != NULL) {
        return ctx;
    }
    ctx = EVP_MD_CTX_new();
    if (ctx == NULL || EVP_DigestInit_ex2(ctx, sha256, NULL) != 1 ||
        pthread_setspecific(hasher_key, ctx) != 0) {
        EVP_MD_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

/* Two texts hashed as one. Beginning anew wipes what the context has seen. */
static bool
sha256_of_two(a0__text first, a0__text second, unsigned char out[A0__SHA256_BYTES])
{
    EVP_MD_CTX *ctx = hasher();
    bool done = ctx != NULL && EVP_DigestUpdate(ctx, first.ptr, first.len) == 1 &&
                EVP_DigestUpdate(ctx, second.ptr, second.len) == 1 &&
                EVP_DigestFinal_ex(ctx, out, NULL) == 1;

    return ctx != NULL && EVP_DigestInit_ex2(ctx, NULL, NULL) == 1 && done;
}

a0_status
a0__sha256(a0__text text, a0__digest *out, a0_error **err)
{
    A0_ENSURE(ready(), err, internal);
    A0_ENSURE(sha256_of_two(text, A0__NO_TEXT, out->bytes), err, internal);
    return A0_OK;
}

/* RFC 2104 §2, spelled out: EVP_MAC looks its digest up by name at every call, which
 * costs several times the two hashes. Every look at a session pays for one. */
a0_status
a0__sha2_of(a0__sha2 kind, a0__text text, a0__buf *out, a0_error **err)
{
    const EVP_MD *md = NULL;
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int len = 0;

    A0_ENSURE(ready(), err, internal);
    switch (kind) {
    case A0__SHA256:
        md = sha256;
        break;
    case A0__SHA384:
        md = sha384;
        break;
    case A0__SHA512:
        md = sha512;
        break;
    }
    A0_ENSURE(EVP_Digest(text.ptr, text.len, digest, &len, md, NULL) == 1, err,
              internal);
    a0__buf_bytes(out, digest, len);
    return a0__buf_check(out, err);
}

a0_status
a0__hmac_sha256(a0__text key, a0__text text, a0__digest *out, a0_error **err)
{
    unsigned char inner_key[HMAC_BLOCK_BYTES] = { 0 };
    unsigned char outer_key[HMAC_BLOCK_BYTES];
    unsigned char inner[A0__SHA256_BYTES];
    bool done = false;

    /* An empty key proves nothing: refused in the primitive itself [IDT-02]. */
    A0_ENSURE(ready() && key.len > 0, err, internal);
    if (key.len > HMAC_BLOCK_BYTES) {
        A0_ENSURE(sha256_of_two(key, A0__NO_TEXT, inner_key), err, internal);
    } else {
        memcpy(inner_key, key.ptr, key.len);
    }
    for (size_t i = 0; i < HMAC_BLOCK_BYTES; i++) {
        outer_key[i] = inner_key[i] ^ 0x5c;
        inner_key[i] ^= 0x36;
    }
    done = sha256_of_two(a0__text_range((const char *)inner_key, sizeof inner_key),
                         text, inner) &&
           sha256_of_two(a0__text_range((const char *)outer_key, sizeof outer_key),
                         a0__text_range((const char *)inner, sizeof inner), out->bytes);
    a0__wipe(inner_key, sizeof inner_key);
    a0__wipe(outer_key, sizeof outer_key);
    a0__wipe(inner, sizeof inner);
    A0_ENSURE(done, err, internal);
    return A0_OK;
}

/* RFC 5869 §2.2 and §2.3. */
a0_status
a0__hkdf_sha256(a0__text key, a0__text salt, a0__text info, unsigned char *out,
                size_t out_len, a0_error **err)
{
    static const char zeros[A0__SHA256_BYTES];
    A0_AUTO(a0__buf) block = A0__BUF_INIT(A0__SHA256_BYTES + info.len + 1);
    a0__digest prk = { { 0 } };
    a0__digest t = { { 0 } };
    a0_status status = A0_OK;

    A0_ENSURE(out_len <= (size_t)255 * A0__SHA256_BYTES, err, internal);
    if (salt.len == 0) {
        salt = a0__text_range(zeros, sizeof zeros);
    }
    A0_TRY(a0__hmac_sha256(salt, key, &prk, err));
    for (unsigned i = 1; out_len > 0 && status == A0_OK; i++) {
        size_t take = out_len < sizeof t.bytes ? out_len : sizeof t.bytes;

        a0__buf_reset(&block);
        a0__buf_bytes(&block, t.bytes, i > 1 ? sizeof t.bytes : 0);
        a0__buf_text(&block, info);
        a0__buf_byte(&block, (char)i);
        status = a0__buf_check(&block, err);
        if (status == A0_OK) {
            status = a0__hmac_sha256(
                a0__text_range((const char *)prk.bytes, sizeof prk.bytes),
                a0__buf_view(&block), &t, err);
        }
        if (status == A0_OK) {
            memcpy(out, t.bytes, take);
            out += take;
            out_len -= take;
        }
    }
    a0__wipe(&prk, sizeof prk);
    a0__wipe(&t, sizeof t);
    return status;
}

a0_status
a0__pbkdf2_sha256(a0__text password, a0__text salt, unsigned iterations,
                  unsigned char *out, size_t out_len, a0_error **err)
{
    A0_ENSURE(ready() && password.len <= INT32_MAX && salt.len <= INT32_MAX &&
                  iterations <= INT32_MAX && out_len <= INT32_MAX,
              err, internal);
    A0_ENSURE(PKCS5_PBKDF2_HMAC(password.ptr, (int)password.len,
                                (const unsigned char *)salt.ptr, (int)salt.len,
                                (int)iterations, sha256, (int)out_len, out) == 1,
              err, internal);
    return A0_OK;
}

a0_status
a0__gcm_seal(const unsigned char key[A0__KEY_BYTES],
             const unsigned char nonce[A0__GCM_NONCE_BYTES], a0__text aad,
             a0__text plain, a0__buf *out, a0_error **err)
{
    size_t start = out->len;
    EVP_CIPHER_CTX *ctx = NULL;
    unsigned char *at = NULL;
    int len = 0;
    bool done = false;

    A0_ENSURE(ready() && plain.len <= INT32_MAX && aad.len <= INT32_MAX, err, internal);
    a0__buf_text(out, plain);
    a0__buf_bytes(out, (const char[A0__GCM_TAG_BYTES]){ 0 }, A0__GCM_TAG_BYTES);
    A0_TRY(a0__buf_check(out, err));
    at = (unsigned char *)out->ptr + start;
    ctx = EVP_CIPHER_CTX_new();
    done = ctx != NULL &&
           EVP_EncryptInit_ex2(ctx, aes_256_gcm, key, nonce, NULL) == 1 &&
           EVP_EncryptUpdate(ctx, NULL, &len, (const unsigned char *)aad.ptr,
                             (int)aad.len) == 1 &&
           EVP_EncryptUpdate(ctx, at, &len, at, (int)plain.len) == 1 &&
           EVP_EncryptFinal_ex(ctx, at + plain.len, &len) == 1 &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, A0__GCM_TAG_BYTES,
                               at + plain.len) == 1;
    EVP_CIPHER_CTX_free(ctx);
    A0_ENSURE(done, err, internal);
    return A0_OK;
}

a0_status
a0__gcm_open(const unsigned char key[A0__KEY_BYTES],
             const unsigned char nonce[A0__GCM_NONCE_BYTES], a0__text aad,
             a0__text sealed, a0__buf *out, bool *out_opened, a0_error **err)
{
    size_t start = out->len;
    EVP_CIPHER_CTX *ctx = NULL;
    unsigned char tag[A0__GCM_TAG_BYTES];
    size_t plain_len = 0;
    unsigned char *at = NULL;
    int len = 0;
    bool done = false;

    *out_opened = false;
    if (sealed.len < A0__GCM_TAG_BYTES) {
        return A0_OK;
    }
    plain_len = sealed.len - A0__GCM_TAG_BYTES;
    A0_ENSURE(ready() && plain_len <= INT32_MAX && aad.len <= INT32_MAX, err, internal);
    memcpy(tag, sealed.ptr + plain_len, sizeof tag);
    a0__buf_bytes(out, sealed.ptr, plain_len);
    A0_TRY(a0__buf_check(out, err));
    at = (unsigned char *)out->ptr + start;
    ctx = EVP_CIPHER_CTX_new();
    A0_ENSURE(ctx != NULL, err, no_memory);
    done =
        EVP_DecryptInit_ex2(ctx, aes_256_gcm, key, nonce, NULL) == 1 &&
        EVP_DecryptUpdate(ctx, NULL, &len, (const unsigned char *)aad.ptr,
                          (int)aad.len) == 1 &&
        EVP_DecryptUpdate(ctx, at, &len, at, (int)plain_len) == 1 &&
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, A0__GCM_TAG_BYTES, tag) == 1 &&
        EVP_DecryptFinal_ex(ctx, at + plain_len, &len) == 1;
    EVP_CIPHER_CTX_free(ctx);
    if (!done) {
        a0__wipe(at, plain_len);
        out->len = start;
        out->ptr[start] = '\0';
    }
    *out_opened = done;
    return A0_OK;
}

a0_status
a0__random_bytes(const a0_random *random, void *random_self, void *out, size_t len,
                 a0_error **err)
{
    A0_ENSURE(random->fill(random_self, out, len) == A0_OK, err, rng_failure);
    return A0_OK;
}

a0_status
a0__random_text(const a0_random *random, void *random_self, size_t octets,
                a0__secret *out, a0_error **err)
{
    A0_AUTO(a0__secret) bytes = A0__SECRET_INIT;
    unsigned char drawn[64];
    a0_status status = A0_OK;

    A0_ENSURE(octets <= sizeof drawn, err, internal);
    A0_TRY(a0__random_bytes(random, random_self, drawn, octets, err));
    status = a0__secret_set(&bytes, drawn, octets, err);
    a0__wipe(drawn, sizeof drawn);
    A0_TRY(status);
    return a0__base64url_secret(&bytes, out, err);
}

a0_status
a0__sha256_hex(a0__text text, a0__buf *out, a0_error **err)
{
    a0__digest digest;

    A0_TRY(a0__sha256(text, &digest, err));
    a0__buf_hex(out, digest.bytes, sizeof digest.bytes);
    return A0_OK;
}

static a0_status
system_fill(void *self, void *out_bytes, size_t len)
{
    (void)self;
    if (len > INT32_MAX || RAND_bytes(out_bytes, (int)len) != 1) {
        return A0_UNAVAILABLE;
    }
    return A0_OK;
}

const a0_random *
a0_random_system(void)
{
    static const a0_random table = { .size = sizeof table, .fill = system_fill };

    return &table;
}
