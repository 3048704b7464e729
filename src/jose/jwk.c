/* SPDX-License-Identifier: MIT */
#include "jose/jwk.h"

#include <openssl/err.h>
#include <string.h>

#include "jose/internal.h"

struct a0__jwks {
    size_t len;
    size_t private_len;
    a0__jwk keys[A0__JWKS_KEYS_MAX];
    _Atomic(a0__known_header *) known[A0__JWKS_KEYS_MAX];
};

/* RFC 7518 §6.2.2, §6.3.2, §6.4.1 and RFC 8037 §2: what must never be published. */
static bool
has_private_members(const a0__json *jwk)
{
    static const char *const names[] = { "d", "p", "q", "dp", "dq", "qi", "oth", "k" };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (a0__json_member(jwk, names[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* RFC 7517 §4.3: operations may stand in any order, none twice. */
static bool
allows_verify(const a0__json *key_ops)
{
    size_t found = 0;

    for (size_t i = 0; i < a0__json_len(key_ops); i++) {
        a0__text operation = A0__NO_TEXT;

        if (!a0__json_text_of(a0__json_at(key_ops, i), &operation)) {
            return false;
        }
        found += a0__text_is(operation, "verify") ? 1 : 0;
    }
    return found == 1;
}

/* RFC 7517 §4.2 to §4.4: the algorithms that the key lets itself be used for. */
static a0__algs
declared_algs(const a0__json *jwk)
{
    const a0__json *key_ops = NULL;
    a0__text use = A0__NO_TEXT;
    a0__text name = A0__NO_TEXT;
    a0__alg alg = A0__RS256;

    if (a0__json_text(jwk, "use", &use) != A0__ABSENT && !a0__text_is(use, "sig")) {
        return 0;
    }
    if (a0__json_array(jwk, "key_ops", &key_ops) != A0__ABSENT &&
        !allows_verify(key_ops)) {
        return 0;
    }
    if (a0__json_text(jwk, "alg", &name) == A0__ABSENT) {
        return ~(a0__algs)0;
    }
    return a0__alg_named(name, &alg) ? A0__ALG_BIT(alg) : 0;
}

static void
clear_key(a0__jwk *key)
{
    a0__known_header *known = key->known != NULL ? atomic_load(key->known) : NULL;

    for (unsigned alg = 0; alg < A0__ALGS_LEN; alg++) {
        EVP_MD_CTX_free(key->verifiers[alg]);
    }
    if (known != NULL) {
        a0__buf_clear(&known->text);
        a0__jws_header_auto(&known->header);
        a0__free(known);
    }
    a0__string_auto(&key->kid);
}

/* Makes a verifier for each algorithm that fits; false when there is none. */
static bool
prepare_verifiers(a0__jwk *key, EVP_PKEY *pkey, a0__algs declared)
{
    a0__algs fitting = 0;
    bool any = false;

    if (!a0__evp_kind(pkey, &key->kind)) {
        return false;
    }
    key->signature_bytes = a0__evp_signature_bytes(pkey, key->kind);
    fitting = declared & a0__kind_algs(key->kind);
    for (unsigned alg = 0; alg < A0__ALGS_LEN; alg++) {
        if (fitting & A0__ALG_BIT(alg)) {
            key->verifiers[alg] =
                a0__evp_prepare(EVP_DigestVerifyInit_ex, (a0__alg)alg, pkey);
            any = any || key->verifiers[alg] != NULL;
        }
    }
    return any;
}

/* Adds the key to the set when it is usable. */
static a0_status
add_key(a0__jwks *set, const a0__json *jwk, a0_error **err)
{
    a0__jwk *key = &set->keys[set->len];
    a0__text kid = A0__NO_TEXT;
    a0__found has_kid = a0__json_text(jwk, "kid", &kid);
    EVP_PKEY *pkey = NULL;
    bool usable = false;

    if (has_kid == A0__MISTYPED || kid.len > A0__KID_BYTES_MAX) {
        return A0_OK;
    }
    pkey = a0__jwk_read_public(jwk);
    usable = pkey != NULL && prepare_verifiers(key, pkey, declared_algs(jwk));
    EVP_PKEY_free(pkey);
    if (!usable) {
        clear_key(key);
        *key = (a0__jwk){ .kid = NULL };
        return A0_OK;
    }
    key->known = &set->known[set->len];
    set->len++;
    if (has_kid == A0__FOUND) {
        key->kid = a0__strndup(kid.ptr, kid.len);
        A0_ENSURE(key->kid != NULL, err, no_memory);
        key->kid_len = kid.len;
    }
    return A0_OK;
}

static a0_status
add_keys(a0__jwks *set, const a0__json *keys, a0_error **err)
{
    for (size_t i = 0; i < a0__json_len(keys); i++) {
        const a0__json *jwk = a0__json_at(keys, i);

        if (!a0__json_is_object(jwk)) {
            continue;
        }
        if (has_private_members(jwk)) {
            set->private_len++;
            continue;
        }
        A0_TRY(add_key(set, jwk, err));
    }
    return A0_OK;
}

a0_status
a0__jwks_parse(a0__text text, a0__jwks **out_set, a0_error **err)
{
    A0_AUTO(a0__json_doc) doc = NULL;
    A0_AUTO(a0__jwks_ptr) set = NULL;
    const a0__json *keys = NULL;
    a0_status status = A0_OK;

    A0_ENSURE(text.len <= A0__JWKS_BYTES_MAX, err, jwks_invalid);
    /* 64 keys of eight members are more than the limit for other documents. */
    A0_TRY(a0__json_parse_large(text, &doc, err));
    A0_ENSURE(a0__json_is_object(doc), err, jwks_invalid);
    A0_ENSURE(a0__json_array(doc, "keys", &keys) == A0__FOUND, err, jwks_invalid);
    A0_ENSURE(a0__json_len(keys) > 0, err, jwks_invalid);
    A0_ENSURE(a0__json_len(keys) <= A0__JWKS_KEYS_MAX, err, jwks_invalid);
    set = a0__calloc(1, sizeof *set);
    A0_ENSURE(set != NULL, err, no_memory);
    /* Unusable keys leave nothing behind for the program's own OpenSSL calls. */
    (void)ERR_set_mark();
    status = add_keys(set, keys, err);
    (void)ERR_pop_to_mark();
    A0_TRY(status);
    *out_set = a0__steal(&set);
    return A0_OK;
}

void
a0__jwks_free(a0__jwks *set)
{
    if (set == NULL) {
        return;
    }
    for (size_t i = 0; i < set->len; i++) {
        clear_key(&set->keys[i]);
    }
    a0__free(set);
}

void
a0__jwks_ptr_auto(a0__jwks_ptr *set)
{
    a0__jwks_free(*set);
    *set = NULL;
}

size_t
a0__jwks_len(const a0__jwks *set)
{
    return set->len;
}

size_t
a0__jwks_private_len(const a0__jwks *set)
{
    return set->private_len;
}

static bool
fits(const a0__jwk *key, a0__alg alg, const a0__text *kid)
{
    return key->verifiers[alg] != NULL &&
           (kid == NULL ||
            (key->kid != NULL &&
             a0__text_equal(a0__text_range(key->kid, key->kid_len), *kid)));
}

a0_status
a0__jwks_find(const a0__jwks *set, a0__alg alg, const a0__text *kid,
              const a0__jwk **out_key, a0_error **err)
{
    const a0__jwk *found = NULL;

    for (size_t i = 0; i < set->len; i++) {
        if (fits(&set->keys[i], alg, kid)) {
            A0_ENSURE(found == NULL, err, jwt_key_ambiguous);
            found = &set->keys[i];
        }
    }
    A0_ENSURE(found != NULL, err, jwt_key_not_found);
    *out_key = found;
    return A0_OK;
}

const a0__jwk *
a0__jwks_recall(const a0__jwks *set, a0__text header, const a0__jws_header **out_header)
{
    for (size_t i = 0; i < set->len; i++) {
        const a0__known_header *known =
            atomic_load_explicit(&set->known[i], memory_order_acquire);

        if (known != NULL && a0__text_equal(a0__buf_view(&known->text), header)) {
            *out_header = &known->header;
            return &set->keys[i];
        }
    }
    return NULL;
}

void
a0__jwk_remember(const a0__jwk *key, a0__text text, a0__jws_header *header)
{
    a0__known_header *known = NULL;
    a0__known_header *none = NULL;

    if (atomic_load_explicit(key->known, memory_order_relaxed) != NULL) {
        return;
    }
    /* Without memory the next token is parsed again: no reason to fail this one. */
    known = a0__calloc(1, sizeof *known);
    if (known == NULL) {
        return;
    }
    known->text = A0__BUF_INIT(A0__JWS_HEADER_MAX);
    a0__buf_text(&known->text, text);
    known->header = *header;
    if (a0__buf_ok(&known->text) &&
        atomic_compare_exchange_strong(key->known, &none, known)) {
        *header = A0__JWS_HEADER_INIT;
        return;
    }
    a0__buf_clear(&known->text);
    a0__free(known);
}
