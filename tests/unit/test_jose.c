/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "base/buf.h"
#include "jose/jwt.h"

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
            assert_ok(a0__secret_set_text(&secret, A0__LIT("shared"), &err), err);
            assert_ok(a0__signing_key_of_secret(A0__LIT("shared"), &key, &err), err);
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_and_verifies_with_every_algorithm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
