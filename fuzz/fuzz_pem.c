/* SPDX-License-Identifier: MIT */
/*
 * Private key files [MEM-02]: what is accepted signs, and written out reads as the same
 * key.
 */
#include "fuzz.h"

#include "jose/jws.h"

static a0__alg
first_of(a0__algs algs)
{
    return (a0__alg)__builtin_ctz(algs);
}

static void
public_jwk(const a0__signing_key *key, a0__buf *out)
{
    a0__alg alg = first_of(a0__signing_key_algs(key));

    FUZZ_CHECK(a0__signing_key_write_jwk(key, alg, NULL, out, NULL) == A0_OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    A0_AUTO(a0__signing_key_ptr) key = NULL;
    A0_AUTO(a0__signing_key_ptr) again = NULL;
    A0_AUTO(a0__secret) pem = A0__SECRET_INIT;
    A0_AUTO(a0__buf) one = A0__BUF_INIT(8192);
    A0_AUTO(a0__buf) two = A0__BUF_INIT(8192);
    A0_AUTO(a0__buf) token = A0__BUF_INIT(8192);
    a0_status status =
        a0__signing_key_read_pem(a0__text_range((const char *)data, size), &key, NULL);

    FUZZ_CHECK((status == A0_OK) == (key != NULL));
    if (status != A0_OK) {
        return 0;
    }
    FUZZ_CHECK(a0__signing_key_write_pem(key, &pem, NULL) == A0_OK);
    FUZZ_CHECK(a0__signing_key_read_pem(a0__secret_expose(&pem), &again, NULL) ==
               A0_OK);
    public_jwk(key, &one);
    public_jwk(again, &two);
    FUZZ_CHECK(a0__text_equal(a0__buf_view(&one), a0__buf_view(&two)));
    /* A key that does not fit together may fail to sign, but not otherwise. */
    (void)!a0__jws_sign(key, first_of(a0__signing_key_algs(key)), NULL, NULL,
                        A0__LIT("{}"), &token, NULL);
    return 0;
}
