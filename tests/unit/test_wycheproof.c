/* SPDX-License-Identifier: MIT */
/*
 * The JWS vectors of Project Wycheproof (C2SP), read from $SHARED/vectors. Each group
 * names a key and tokens; the key's own algorithm is the only one allowed, as a relying
 * party pins it. What is not about JWS verification (JWE, private keys) is passed over.
 */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/base64url.h"
#include "jose/jwt.h"

typedef struct exception {
    const char *file;
    int64_t id;
    bool accepted;
    const char *why; /* for the reader */
} exception;

#define SIGNATURES "json_web_signature_test.json"
#define KEYS "json_web_key_test.json"
#define CRYPTO "json_web_crypto_test.json"

/* Where our verdict differs from the file's. */
static const exception exceptions[] = {
    { SIGNATURES, 259, false,
      "RFC 7515 §7.1 permits it, but no token has one [IDT-09]" },
    { SIGNATURES, 264, false,
      "RFC 7515 §7.1 permits it, but no token has one [IDT-09]" },
    { SIGNATURES, 268, false,
      "RFC 7515 §7.1 permits it, but no token has one [IDT-09]" },
    { SIGNATURES, 272, false,
      "RFC 7515 §7.1 permits it, but no token has one [IDT-09]" },
    { SIGNATURES, 320, false,
      "RFC 7515 §7.1 permits it, but no token has one [IDT-09]" },
    { SIGNATURES, 325, false,
      "RFC 7515 §7.1 permits it, but no token has one [IDT-09]" },
    { SIGNATURES, 346, false, "the key says PS256, the header PS384; see test_jose.c" },
    { SIGNATURES, 350, false, "the key says PS256, the header PS384; see test_jose.c" },
    { SIGNATURES, 347, false,
      "the key says ES521, a name nobody registered; see test_jose.c" },
    { SIGNATURES, 351, false,
      "the key says ES521, a name nobody registered; see test_jose.c" },
    { SIGNATURES, 367, true, "is byte for byte test 357, which is valid" },
    { SIGNATURES, 370, true, "is byte for byte test 357, which is valid" },
    { SIGNATURES, 372, false, "a character outside of the alphabet [IDT-10]" },
    { SIGNATURES, 373, false, "a character outside of the alphabet [IDT-10]" },
    { KEYS, 2, false, "a0 shares one secret, and loads none from a set [JWKS-05]" },
    { KEYS, 14, false, "HS384 and HS512 are not compiled in [IDT-02]" },
    { KEYS, 15, false, "HS384 and HS512 are not compiled in [IDT-02]" },
    { CRYPTO, 48, false, "as test 2 of the keys" },
};

typedef struct tally {
    const char *file;
    a0__jws_trust trust;
    unsigned accepted;
    unsigned refused;
    unsigned wrong;
} tally;

static char *
read_vectors(const char *name)
{
    A0_AUTO(a0__buf) path = A0__BUF_INIT(4096);
    const char *shared = getenv("SHARED");
    size_t len = 0;

    if (shared == NULL) {
        return NULL;
    }
    a0__buf_string(&path, shared);
    a0__buf_string(&path, "/vectors/wycheproof/");
    a0__buf_string(&path, name);
    return support_read_file(a0__buf_cstr(&path), &len);
}

static bool
expected_of(const char *file, int64_t id, const a0__json *test)
{
    a0__text result = A0__NO_TEXT;

    for (size_t i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++) {
        if (exceptions[i].id == id &&
            a0__text_is(a0__text_of(file), exceptions[i].file)) {
            return exceptions[i].accepted;
        }
    }
    (void)a0__json_text(test, "result", &result);
    return a0__text_is(result, "valid");
}

static void
judge(tally *t, const a0__json *test)
{
    A0_AUTO(a0__buf) out = A0__BUF_INIT(A0__JWS_BYTES_MAX);
    a0__text jws = A0__NO_TEXT;
    a0__text comment = A0__NO_TEXT;
    int64_t id = 0;
    a0_error *err = NULL;
    bool accepted = false;

    if (a0__json_text(test, "jws", &jws) != A0__FOUND) {
        return;
    }
    (void)a0__json_i64(test, "tcId", &id);
    (void)a0__json_text(test, "comment", &comment);
    accepted = a0__jws_verify(jws, &t->trust, &out, &err) == A0_OK;
    t->accepted += accepted ? 1 : 0;
    t->refused += accepted ? 0 : 1;
    if (accepted != expected_of(t->file, id, test)) {
        print_error("%s %lld %.*s: %s\n", t->file, (long long)id, (int)comment.len,
                    comment.ptr, accepted ? "accepted" : a0_error_id(err));
        t->wrong++;
    }
    a0_error_free(err);
}

/* The algorithms the keys declare; all but HS256 when one declares none. */
static a0__algs
declared(const a0__json *key)
{
    a0__text name = A0__NO_TEXT;
    a0__alg alg = A0__RS256;

    if (a0__json_text(key, "alg", &name) == A0__ABSENT) {
        return ~A0__ALG_BIT(A0__HS256);
    }
    return a0__alg_named(name, &alg) ? A0__ALG_BIT(alg) : 0;
}

/* A single symmetric key is the secret that both sides share. */
static a0_status
share_secret(const a0__json *key, a0__secret *out, a0_error **err)
{
    A0_AUTO(a0__buf) k = A0__BUF_INIT(1024);
    a0__text text = A0__NO_TEXT;

    if (a0__json_text(key, "k", &text) != A0__FOUND) {
        return A0_OK;
    }
    assert_true(a0__base64url_decode(text, &k));
    return a0__secret_set_text(out, a0__buf_view(&k), err);
}

static void
judge_group(tally *t, const a0__json *group)
{
    A0_AUTO(a0__jwks_ptr) set = NULL;
    A0_AUTO(a0__secret) secret = A0__SECRET_INIT;
    A0_AUTO(a0__buf) jwks = A0__BUF_INIT(A0__JWKS_BYTES_MAX);
    const a0__json *key = NULL;
    const a0__json *keys = NULL;
    const a0__json *tests = NULL;
    a0__algs algs = 0;
    a0_error *err = NULL;

    if (a0__json_object(group, "public", &key) != A0__FOUND) {
        assert_int_equal(a0__json_object(group, "private", &key), A0__FOUND);
    }
    if (a0__json_array(key, "keys", &keys) == A0__FOUND) {
        assert_ok(a0__json_write(key, &jwks, &err), err);
        for (size_t i = 0; i < a0__json_len(keys); i++) {
            algs |= declared(a0__json_at(keys, i));
        }
        key = a0__json_len(keys) == 1 ? a0__json_at(keys, 0) : NULL;
    } else {
        algs = declared(key);
        a0__buf_string(&jwks, "{\"keys\":[");
        assert_ok(a0__json_write(key, &jwks, &err), err);
        a0__buf_string(&jwks, "]}");
    }
    if (key != NULL) {
        assert_ok(share_secret(key, &secret, &err), err);
    }
    assert_ok(a0__jwks_parse(a0__buf_view(&jwks), &set, &err), err);
    t->trust = (a0__jws_trust){ .algs = algs, .keys = set, .hmac_secret = &secret };
    assert_int_equal(a0__json_array(group, "tests", &tests), A0__FOUND);
    for (size_t i = 0; i < a0__json_len(tests); i++) {
        judge(t, a0__json_at(tests, i));
    }
}

static void
judge_file(const char *file)
{
    A0_AUTO(a0__json_doc) doc = NULL;
    A0_AUTO(a0__string) text = read_vectors(file);
    const a0__json *groups = NULL;
    tally t = { .file = file };
    a0_error *err = NULL;

    if (text == NULL) {
        print_message("skipped: $SHARED/vectors/wycheproof/%s is not there\n", file);
        skip();
    }
    assert_ok(a0__json_parse_large(a0__text_of(text), &doc, &err), err);
    assert_int_equal(a0__json_array(doc, "testGroups", &groups), A0__FOUND);
    for (size_t i = 0; i < a0__json_len(groups); i++) {
        judge_group(&t, a0__json_at(groups, i));
    }
    print_message("%s: %u accepted, %u refused\n", file, t.accepted, t.refused);
    assert_int_equal(t.wrong, 0);
}

static void
signatures_are_judged_as_by_wycheproof(void **state)
{
    (void)state;
    judge_file(SIGNATURES);
}

static void
keys_are_judged_as_by_wycheproof(void **state)
{
    (void)state;
    judge_file(KEYS);
}

static void
mixed_uses_are_judged_as_by_wycheproof(void **state)
{
    (void)state;
    judge_file(CRYPTO);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_are_judged_as_by_wycheproof),
        cmocka_unit_test(keys_are_judged_as_by_wycheproof),
        cmocka_unit_test(mixed_uses_are_judged_as_by_wycheproof),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
