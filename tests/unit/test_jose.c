/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/base64url.h"
#include "jose/jwt.h"
#include "jose_vectors.h"

static const char payload[] = "{\"iss\":\"joe\"}";

/* Every algorithm: what one key signs its public JWK verifies, and nothing else. */
static void
signs_and_verifies_with_every_algorithm(void **state)
{
    (void)state;
    for (unsigned i = 0; i < A0__ALGS_LEN; i++) {
        a0__alg alg = (a0__alg)i;
        A0_AUTO(a0__signing_key_ptr) key = NULL;
        A0_AUTO(a0__jwks_ptr) set = NULL;
        A0_AUTO(a0__secret) secret = A0__SECRET_INIT;
        A0_AUTO(a0__buf) json = A0__BUF_INIT(8192);
        A0_AUTO(a0__buf) token = A0__BUF_INIT(8192);
        A0_AUTO(a0__buf) out = A0__BUF_INIT(8192);
        a0__jws_trust trust = { .algs = A0__ALG_BIT(alg) };
        a0_error *err = NULL;

        if (alg == A0__HS256) {
            assert_ok(a0__secret_set_text(
                          &secret, A0__LIT("0123456789abcdef0123456789abcdef"), &err),
                      err);
            assert_ok(a0__signing_key_of_secret(
                          A0__LIT("0123456789abcdef0123456789abcdef"), &key, &err),
                      err);
            trust.hmac_secret = &secret;
        } else {
            assert_ok(a0__signing_key_generate(alg, &key, &err), err);
            a0__buf_string(&json, "{\"keys\":[");
            assert_ok(a0__signing_key_write_jwk(key, alg, "k1", &json, &err), err);
            a0__buf_string(&json, "]}");
            assert_ok(a0__jwks_parse(a0__buf_view(&json), &set, &err), err);
            assert_int_equal(a0__jwks_len(set), 1);
            trust.keys = set;
        }
        assert_ok(a0__jws_sign(key, alg, "k1", "JWT", A0__LIT(payload), &token, &err),
                  err);
        for (int again = 0; again < 2; again++) {
            assert_ok(a0__jws_verify(a0__buf_view(&token), &trust, &out, &err), err);
            assert_text(a0__buf_view(&out), payload);
        }
        token.ptr[token.len - 8] ^= 1;
        assert_int_equal(a0__jws_verify(a0__buf_view(&token), &trust, &out, &err),
                         A0_REFUSED);
        a0_error_free(err);
    }
}

typedef struct example {
    const char *keys; /* a JWK set, or ... */
    const char *k;    /* ... the base64url text of a shared secret */
    const char *jws;
    a0__alg alg;
} example;

/* Whether the token verifies with these keys while exactly these algorithms are
 * allowed; NULL stands for success. */
static void
verdict(const example *like, a0__algs algs, const char *error_id)
{
    A0_AUTO(a0__jwks_ptr) set = NULL;
    A0_AUTO(a0__secret) secret = A0__SECRET_INIT;
    A0_AUTO(a0__buf) k = A0__BUF_INIT(1024);
    A0_AUTO(a0__buf) out = A0__BUF_INIT(A0__JWS_BYTES_MAX);
    a0__jws_trust trust = { .algs = algs };
    a0_error *err = NULL;
    a0_status status = A0_OK;

    if (like->keys != NULL) {
        assert_ok(a0__jwks_parse(a0__text_of(like->keys), &set, &err), err);
        trust.keys = set;
    } else {
        assert_true(a0__base64url_decode(a0__text_of(like->k), &k));
        assert_ok(a0__secret_set_text(&secret, a0__buf_view(&k), &err), err);
        trust.hmac_secret = &secret;
    }
    status = a0__jws_verify(a0__text_of(like->jws), &trust, &out, &err);
    if (error_id == NULL) {
        assert_ok(status, err);
        assert_true(out.len > 0);
    } else {
        assert_int_not_equal(status, A0_OK);
        assert_string_equal(a0_error_id(err), error_id);
        assert_int_equal(out.len, 0);
        a0_error_free(err);
    }
}

static void
examples_of_the_rfcs_verify(void **state)
{
    static const example examples[] = {
        { NULL, rfc7515_a1_k, rfc7515_a1_jws, A0__HS256 },
        { rfc7515_a2_keys, NULL, rfc7515_a2_jws, A0__RS256 },
        { rfc7515_a3_keys, NULL, rfc7515_a3_jws, A0__ES256 },
        { rfc7515_a4_keys, NULL, rfc7515_a4_jws, A0__ES512 },
        { rfc7520_41_keys, NULL, rfc7520_41_jws, A0__RS256 },
        { rfc7520_42_keys, NULL, rfc7520_42_jws, A0__PS384 },
        { rfc7520_43_keys, NULL, rfc7520_43_jws, A0__ES512 },
        { NULL, rfc7520_44_k, rfc7520_44_jws, A0__HS256 },
        { rfc8037_a_keys, NULL, rfc8037_a_jws, A0__EDDSA },
    };

    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        verdict(&examples[i], A0__ALG_BIT(examples[i].alg), NULL);
        verdict(&examples[i], ~A0__ALG_BIT(examples[i].alg), "jwt_alg_forbidden");
    }
}

/* RFC 7515 A.5 */
static void
the_unsecured_example_is_refused(void **state)
{
    static const example unsecured = { rfc7515_a2_keys, NULL, rfc7515_a5_jws,
                                       A0__RS256 };

    (void)state;
    verdict(&unsecured, ~(a0__algs)0, "jwt_alg_forbidden");
}

/* RFC 7517 A.1: the first key is for encryption. */
static void
keys_for_encryption_do_not_verify(void **state)
{
    A0_AUTO(a0__jwks_ptr) set = NULL;
    const a0__jwk *key = NULL;
    a0__text kid = A0__LIT("1");
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0__jwks_parse(A0__LIT(rfc7517_a1_keys), &set, &err), err);
    assert_int_equal(a0__jwks_len(set), 1);
    assert_fails(a0__jwks_find(set, A0__ES256, &kid, &key, &err), &err,
                 jwt_key_not_found);
    kid = A0__LIT("2011-04-29");
    assert_ok(a0__jwks_find(set, A0__RS256, &kid, &key, &err), err);
    assert_fails(a0__jwks_find(set, A0__PS256, &kid, &key, &err), &err,
                 jwt_key_not_found);
}

static void
private_keys_survive_their_pem(void **state)
{
    static const a0__alg algs[] = { A0__RS256, A0__ES256, A0__ES384, A0__ES512,
                                    A0__EDDSA };

    (void)state;
    for (size_t i = 0; i < sizeof algs / sizeof algs[0]; i++) {
        A0_AUTO(a0__signing_key_ptr) key = NULL;
        A0_AUTO(a0__signing_key_ptr) again = NULL;
        A0_AUTO(a0__secret) pem = A0__SECRET_INIT;
        A0_AUTO(a0__buf) one = A0__BUF_INIT(4096);
        A0_AUTO(a0__buf) two = A0__BUF_INIT(4096);
        a0_error *err = NULL;

        assert_ok(a0__signing_key_generate(algs[i], &key, &err), err);
        assert_ok(a0__signing_key_write_pem(key, &pem, &err), err);
        assert_ok(a0__signing_key_read_pem(a0__secret_expose(&pem), &again, &err), err);
        assert_ok(a0__signing_key_write_jwk(key, algs[i], NULL, &one, &err), err);
        assert_ok(a0__signing_key_write_jwk(again, algs[i], NULL, &two, &err), err);
        assert_text(a0__buf_view(&one), a0__buf_cstr(&two));
    }
}

static void
what_is_no_usable_private_key_is_refused(void **state)
{
    /* An empty text, a public key, an encrypted key, and a curve that a0 has no
     * algorithm for (secp256k1). */
    static const char *const bad[] = {
        "",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\n"
        "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
        "-----END PUBLIC KEY-----\n",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
        "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjfYXZ5tF1u6AICCAAw\n"
        "-----END ENCRYPTED PRIVATE KEY-----\n",
        "-----BEGIN EC PRIVATE KEY-----\n"
        "MC4CAQEEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABoAcGBSuBBAAK\n"
        "-----END EC PRIVATE KEY-----\n",
    };
    a0__signing_key *key = NULL;
    a0_error *err = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_fails(a0__signing_key_read_pem(a0__text_of(bad[i]), &key, &err), &err,
                     param_invalid);
    }
    assert_fails(a0__signing_key_of_secret(A0__NO_TEXT, &key, &err), &err,
                 param_invalid);
    assert_fails(a0__signing_key_generate(A0__HS256, &key, &err), &err, param_invalid);
    assert_null(key);
}

static void
a_key_signs_only_what_it_fits(void **state)
{
    A0_AUTO(a0__signing_key_ptr) key = NULL;
    A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0__signing_key_generate(A0__ES256, &key, &err), err);
    assert_fails(a0__jws_sign(key, A0__ES384, NULL, NULL, A0__LIT("x"), &token, &err),
                 &err, param_invalid);
    assert_fails(a0__jws_sign(key, A0__HS256, NULL, NULL, A0__LIT("x"), &token, &err),
                 &err, param_invalid);
    assert_int_equal(token.len, 0);
}

static void
the_header_of_an_unverified_token_can_be_read(void **state)
{
    A0_AUTO(a0__jws_header) header = A0__JWS_HEADER_INIT;
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0__jws_read_header(A0__LIT(rfc7520_41_jws), &header, &err), err);
    assert_int_equal(header.alg, A0__RS256);
    assert_string_equal(header.kid, "bilbo.baggins@hobbiton.example");
    assert_null(header.typ);
}

enum {
    THREADS = 4,
    TURNS = 50
};

typedef struct shared_world {
    a0__jwks *set;
    a0__buf tokens[2]; /* of one key, under two headers */
    atomic_uint accepted;
} shared_world;

static void *
verify_often(void *self)
{
    shared_world *w = self;
    a0__jws_trust trust = { .algs = A0__ALG_BIT(A0__EDDSA), .keys = w->set };

    for (unsigned i = 0; i < TURNS; i++) {
        A0_AUTO(a0__buf) out = A0__BUF_INIT(0);

        if (a0__jws_verify(a0__buf_view(&w->tokens[i % 2]), &trust, &out, NULL) ==
            A0_OK) {
            (void)atomic_fetch_add(&w->accepted, 1);
        }
    }
    return NULL;
}

/* A fresh set, so that they race for remembering the first header. */
static void
mem_11_threads_share_one_key_set(void **state)
{
    A0_AUTO(a0__signing_key_ptr) key = NULL;
    A0_AUTO(a0__buf) json = A0__BUF_INIT(4096);
    shared_world w = { .tokens = { A0__BUF_INIT(4096), A0__BUF_INIT(4096) } };
    pthread_t threads[THREADS];
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0__signing_key_generate(A0__EDDSA, &key, &err), err);
    a0__buf_string(&json, "{\"keys\":[");
    assert_ok(a0__signing_key_write_jwk(key, A0__EDDSA, "k", &json, &err), err);
    a0__buf_string(&json, "]}");
    assert_ok(a0__jwks_parse(a0__buf_view(&json), &w.set, &err), err);
    for (int i = 0; i < 2; i++) {
        assert_ok(a0__jws_sign(key, A0__EDDSA, "k", i == 0 ? NULL : "JWT",
                               A0__LIT(payload), &w.tokens[i], &err),
                  err);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, verify_often, &w), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(w.accepted, THREADS * TURNS);
    a0__jwks_free(w.set);
    a0__buf_clear(&w.tokens[0]);
    a0__buf_clear(&w.tokens[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_and_verifies_with_every_algorithm),
        cmocka_unit_test(examples_of_the_rfcs_verify),
        cmocka_unit_test(the_unsecured_example_is_refused),
        cmocka_unit_test(keys_for_encryption_do_not_verify),
        cmocka_unit_test(private_keys_survive_their_pem),
        cmocka_unit_test(what_is_no_usable_private_key_is_refused),
        cmocka_unit_test(a_key_signs_only_what_it_fits),
        cmocka_unit_test(the_header_of_an_unverified_token_can_be_read),
        cmocka_unit_test(mem_11_threads_share_one_key_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
