/* SPDX-License-Identifier: MIT */
/* Rows IDT-11 and IDT-26: signatures that prove nothing, and claims that nobody gets
 * without one that does. */
#include "jwt_world.h"

#include <string.h>

#include "base/base64url.h"

static void
idt_11_degenerate_signatures_are_refused(void **state)
{
    static const struct {
        a0__alg alg;
        const char *kid;
        size_t bytes;
    } keyed[] = { { A0__RS256, "rsa", 256 },
                  { A0__ES256, "ec", 64 },
                  { A0__EDDSA, "ed", 64 } };
    static const unsigned char zeros[300];

    (void)state;
    for (size_t k = 0; k < COUNT(keyed); k++) {
        a0__jws_trust trust = { .algs = A0__ALG_BIT(keyed[k].alg), .keys = jwt_keys };
        size_t lengths[] = { 0, 1, keyed[k].bytes - 1, keyed[k].bytes + 1, 300 };
        A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);
        a0_error *err = NULL;
        size_t input_len = 0;

        assert_ok(a0__jws_sign(test_key(keyed[k].alg), keyed[k].alg, keyed[k].kid, NULL,
                               A0__LIT(JWT_CLAIMS), &token, &err),
                  err);
        jwt_accepted(a0__buf_view(&token), &trust);
        input_len = (size_t)(strrchr(token.ptr, '.') - token.ptr) + 1;
        for (size_t i = 0; i < COUNT(lengths); i++) {
            a0__buf_cut(&token, input_len);
            a0__base64url_encode(zeros, lengths[i], &token);
            jwt_refused(a0__buf_view(&token), &trust, "jwt_malformed");
        }
        a0__buf_cut(&token, input_len);
        a0__base64url_encode(zeros, keyed[k].bytes, &token);
        jwt_refused(a0__buf_view(&token), &trust, "jwt_signature_invalid");
    }
}

/* r and s out of range, and a good signature written in DER (CVE-2022-21449). */
static void
idt_11_ecdsa_takes_numbers_within_the_order(void **state)
{
    static const unsigned char order[32] = { 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00,
                                             0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                             0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7,
                                             0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2,
                                             0xfc, 0x63, 0x25, 0x51 };
    static const unsigned char zero[32];
    unsigned char ones[32];
    const unsigned char *const numbers[] = { zero, order, ones };
    a0__jws_trust trust = { .algs = A0__ALG_BIT(A0__ES256), .keys = jwt_keys };
    A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);
    a0_error *err = NULL;
    size_t input_len = 0;
    unsigned char der[72] = { 0x30, 70, 0x02, 33, 0 };

    (void)state;
    memset(ones, 0xff, sizeof ones);
    assert_ok(a0__jws_sign(test_key(A0__ES256), A0__ES256, "ec", NULL,
                           A0__LIT(JWT_CLAIMS), &token, &err),
              err);
    input_len = (size_t)(strrchr(token.ptr, '.') - token.ptr) + 1;
    for (size_t i = 0; i < COUNT(numbers) * COUNT(numbers); i++) {
        unsigned char raw[64];

        memcpy(raw, numbers[i / COUNT(numbers)], 32);
        memcpy(raw + 32, numbers[i % COUNT(numbers)], 32);
        a0__buf_cut(&token, input_len);
        a0__base64url_encode(raw, sizeof raw, &token);
        jwt_refused(a0__buf_view(&token), &trust, "jwt_signature_invalid");
    }
    a0__buf_cut(&token, input_len);
    a0__base64url_encode(der, sizeof der, &token);
    jwt_refused(a0__buf_view(&token), &trust, "jwt_malformed");
}

static void
idt_11_no_bit_may_flip(void **state)
{
    a0__jws_trust trust = { .algs = ~(a0__algs)0, .keys = jwt_keys };
    A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0__jws_sign(test_key(A0__RS256), A0__RS256, "rsa", NULL,
                           A0__LIT(JWT_CLAIMS), &token, &err),
              err);
    for (size_t bit = 0; bit < token.len * 8; bit++) {
        a0__json *claims = NULL;

        token.ptr[bit / 8] = (char)(token.ptr[bit / 8] ^ (1 << bit % 8));
        assert_int_not_equal(
            a0__jwt_verify(a0__buf_view(&token), &trust, &claims, NULL), A0_OK);
        assert_null(claims);
        token.ptr[bit / 8] = (char)(token.ptr[bit / 8] ^ (1 << bit % 8));
    }
    jwt_accepted(a0__buf_view(&token), &trust);
}

static void
idt_26_the_signature_decides_before_payload_and_type(void **state)
{
    A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);
    a0__jws_trust trust = jwt_rs256();

    (void)state;
    for (int first_time = 1; first_time >= 0; first_time--) {
        jwt_sign("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"at+jwt\"}",
                 A0__LIT("[1]"), &token);
        token.ptr[token.len - 100] = token.ptr[token.len - 100] == 'A' ? 'B' : 'A';
        jwt_refused(a0__buf_view(&token), &trust, "jwt_signature_invalid");
    }
}

/* Whatever step runs out of memory: no claims, no leak, and in the end success. */
static void
idt_26_a_failing_step_gives_no_claims(void **state)
{
    A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);
    A0_AUTO(a0__buf) json = A0__BUF_INIT(4096);
    static const char *const kids[] = { "rsa", NULL };
    uint64_t failures = 0;

    (void)state;
    jwt_rsa_set(kids, &json);
    jwt_sign("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"JWT\"}",
             A0__LIT("{\"sub\":\"auth0|\\u00e9\",\"x\\u0041\":[1,2]}"), &token);
    for (bool done = false; !done; failures++) {
        A0_AUTO(a0__jwks_ptr) set = NULL;
        a0__jws_trust trust = jwt_rs256();
        a0__json *claims = NULL;
        a0_error *err = NULL;
        a0_status status = A0_OK;

        assert_ok(a0__jwks_parse(a0__buf_view(&json), &set, &err), err);
        trust.keys = set;
        a0__mem_fail_at(failures + 1, 0);
        status = a0__jwt_verify(a0__buf_view(&token), &trust, &claims, &err);
        a0__mem_fail_at(0, 0);
        done = status == A0_OK && failures > 8;
        assert_true((claims != NULL) == (status == A0_OK));
        assert_true(status == A0_OK || status == A0_NO_MEMORY);
        a0__json_free(claims);
        a0_error_free(err);
    }
    assert_true(failures > 3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idt_11_degenerate_signatures_are_refused),
        cmocka_unit_test(idt_11_ecdsa_takes_numbers_within_the_order),
        cmocka_unit_test(idt_11_no_bit_may_flip),
        cmocka_unit_test(idt_26_the_signature_decides_before_payload_and_type),
        cmocka_unit_test(idt_26_a_failing_step_gives_no_claims),
    };

    return cmocka_run_group_tests(tests, jwt_world_begin, jwt_world_end);
}
