/* SPDX-License-Identifier: MIT */
/* Rows JWKS-05 and JWKS-06, and MEM-02 as far as it needs no fuzzing. */
#include "support.h"

#include <string.h>

#include "base/base64url.h"
#include "jose/jwt.h"
#include "test_tenant.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The key of RFC 7515 A.3. */
#define EC_X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define EC_Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define EC(members) "{\"kty\":\"EC\",\"crv\":\"P-256\"," members "}"
#define GOOD EC("\"kid\":\"good\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"")
/* A point whose x starts with a zero octet: in full, and without it. */
#define ZERO_X "AFBcOvueR3sDx5BhAyidKOkbjs7K0DyD1YTJ_140Mvo"
#define SHORT_X "UFw6-55HewPHkGEDKJ0o6RuOzsrQPIPVhMn_XjQy-g"
#define ZERO_Y "hdkgojB8wEVP2DqEQcV7KTKmyVr_wDmpB9ICCUd5rjk"
#define ED_X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"

/* How many keys of {"keys":[GOOD, jwk]} can be used; and how many are private. */
static size_t
usable(const char *jwk, size_t *out_private)
{
    A0_AUTO(a0__jwks_ptr) set = NULL;
    A0_AUTO(a0__buf) json = A0__BUF_INIT(65536);
    a0_error *err = NULL;

    a0__buf_string(&json, "{\"keys\":[" GOOD ",");
    a0__buf_string(&json, jwk);
    a0__buf_string(&json, "]}");
    assert_ok(a0__jwks_parse(a0__buf_view(&json), &set, &err), err);
    if (out_private != NULL) {
        *out_private = a0__jwks_private_len(set);
    }
    return a0__jwks_len(set);
}

static void
skipped(const char *jwk)
{
    if (usable(jwk, NULL) != 1) {
        fail_msg("not skipped: %.200s", jwk);
    }
}

static void
invalid(a0__text text)
{
    a0__jwks *set = NULL;
    a0_error *err = NULL;

    assert_fails(a0__jwks_parse(text, &set, &err), &err, jwks_invalid);
    assert_null(set);
}

/* An RSA key with a modulus of so many octets, of which it names the outer two. */
static void
rsa(unsigned char first, size_t octets, unsigned char last, const char *e, a0__buf *out)
{
    unsigned char n[2048];

    memset(n, 0xa5, sizeof n);
    n[0] = first;
    n[octets - 1] = last;
    a0__buf_reset(out);
    a0__buf_string(out, "{\"kty\":\"RSA\",\"n\":\"");
    a0__base64url_encode(n, octets, out);
    a0__buf_string(out, "\",\"e\":\"");
    a0__buf_string(out, e);
    a0__buf_string(out, "\"}");
}

static void
jwks_05_documents_over_the_limits_are_invalid(void **state)
{
    static const char *const documents[] = {
        "",
        "[]",
        "{}",
        "null",
        "{\"keys\":{}}",
        "{\"keys\":[]}",
        "<html>",
        "{\"keys\":[" GOOD "]",
        "{\"keys\":[" GOOD "],\"keys\":[]}",
    };
    A0_AUTO(a0__buf) json = A0__BUF_INIT(2 * A0__JWKS_BYTES_MAX);
    A0_AUTO(a0__jwks_ptr) set = NULL;
    a0_error *err = NULL;

    (void)state;
    for (size_t i = 0; i < COUNT(documents); i++) {
        invalid(a0__text_of(documents[i]));
    }
    /* exactly the most bytes, and one more */
    a0__buf_string(&json, "{\"keys\":[" GOOD "]}");
    while (json.len < A0__JWKS_BYTES_MAX) {
        a0__buf_byte(&json, ' ');
    }
    assert_ok(a0__jwks_parse(a0__buf_view(&json), &set, &err), err);
    a0__buf_byte(&json, ' ');
    invalid(a0__buf_view(&json));
}

static void
jwks_05_a_set_has_at_most_64_keys(void **state)
{
    (void)state;
    for (int keys = A0__JWKS_KEYS_MAX; keys <= A0__JWKS_KEYS_MAX + 1; keys++) {
        A0_AUTO(a0__buf) json = A0__BUF_INIT(A0__JWKS_BYTES_MAX);
        A0_AUTO(a0__jwks_ptr) set = NULL;
        a0_error *err = NULL;

        a0__buf_string(&json, "{\"keys\":[" GOOD);
        for (int i = 1; i < keys; i++) {
            a0__buf_string(&json,
                           ",{\"kty\":\"EC\",\"crv\":\"P-256\",\"use\":\"sig\","
                           "\"alg\":\"ES256\",\"x5t\":\"AAAA\",\"x5c\":[\"AAAA\"],"
                           "\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}");
        }
        a0__buf_string(&json, "]}");
        if (keys == A0__JWKS_KEYS_MAX) {
            assert_ok(a0__jwks_parse(a0__buf_view(&json), &set, &err), err);
            assert_int_equal(a0__jwks_len(set), keys);
        } else {
            invalid(a0__buf_view(&json));
        }
    }
}

static void
jwks_05_rsa_keys_outside_the_limits_are_skipped(void **state)
{
    A0_AUTO(a0__buf) jwk = A0__BUF_INIT(16384);

    (void)state;
    rsa(0x80, 256, 0x01, "AQAB", &jwk); /* 2048 bits */
    assert_int_equal(usable(a0__buf_cstr(&jwk), NULL), 2);
    rsa(0x80, 1024, 0x01, "AQAB", &jwk); /* 8192 bits */
    assert_int_equal(usable(a0__buf_cstr(&jwk), NULL), 2);
    rsa(0x80, 256, 0x01, "Aw", &jwk); /* e = 3 */
    assert_int_equal(usable(a0__buf_cstr(&jwk), NULL), 2);
    rsa(0x80, 256, 0x01, "f____w", &jwk); /* e = 2^31 - 1 */
    assert_int_equal(usable(a0__buf_cstr(&jwk), NULL), 2);

    rsa(0x7f, 256, 0x01, "AQAB", &jwk); /* 2047 bits */
    skipped(a0__buf_cstr(&jwk));
    rsa(0x01, 1025, 0x01, "AQAB", &jwk); /* 8193 bits */
    skipped(a0__buf_cstr(&jwk));
    rsa(0x80, 2048, 0x01, "AQAB", &jwk); /* 16384 bits */
    skipped(a0__buf_cstr(&jwk));
    rsa(0x80, 256, 0x02, "AQAB", &jwk); /* an even modulus */
    skipped(a0__buf_cstr(&jwk));
    rsa(0x00, 257, 0x01, "AQAB", &jwk); /* a leading zero */
    skipped(a0__buf_cstr(&jwk));
    rsa(0x80, 256, 0x01, "AQ", &jwk); /* e = 1 */
    skipped(a0__buf_cstr(&jwk));
    rsa(0x80, 256, 0x01, "AQAA", &jwk); /* an even e */
    skipped(a0__buf_cstr(&jwk));
    rsa(0x80, 256, 0x01, "gAAAAQ", &jwk); /* e = 2^31 + 1 */
    skipped(a0__buf_cstr(&jwk));
    rsa(0x80, 256, 0x01, "AQAAAAE", &jwk); /* e of 33 bits */
    skipped(a0__buf_cstr(&jwk));
    rsa(0x80, 256, 0x01, "AAEAAQ", &jwk); /* e with a leading zero */
    skipped(a0__buf_cstr(&jwk));
    rsa(0x80, 256, 0x01, "", &jwk);
    skipped(a0__buf_cstr(&jwk));
}

static void
jwks_05_points_off_the_curve_are_skipped(void **state)
{
    static const char *const bad[] = {
        EC("\"x\":\"" EC_X "\",\"y\":\"" EC_X "\""),
        EC("\"x\":\"" EC_Y "\",\"y\":\"" EC_X "\""),
        /* the point at infinity, as zeros */
        EC("\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
           "\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\""),
        /* beyond the field */
        EC("\"x\":\"__________________________________________8\",\"y\":\"" EC_Y "\""),
        /* short, empty, with a leading zero */
        EC("\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVA\",\"y\":\"" EC_Y "\""),
        EC("\"x\":\"\",\"y\":\"\""),
        EC("\"x\":\"" SHORT_X "\",\"y\":\"" ZERO_Y "\""),
        EC("\"x\":\"AH_NzidwdsRdQYPL7m_bS3tYBzM1e-nvE7rPbjx70VRF\",\"y\":\"" EC_Y "\""),
        EC("\"x\":\"" EC_X "\""),
        EC("\"x\":\"" EC_X "\",\"y\":7"),
        "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}",
        "{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}",
        "{\"kty\":\"EC\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed448\",\"x\":\"" ED_X "\"}",
        "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" ED_X "\"}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        skipped(bad[i]);
    }
    assert_int_equal(usable(EC("\"x\":\"" ZERO_X "\",\"y\":\"" ZERO_Y "\""), NULL), 2);
    assert_int_equal(
        usable("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED_X "\"}", NULL), 2);
}

static void
jwks_05_symmetric_keys_are_never_loaded(void **state)
{
    size_t private_len = 0;

    (void)state;
    assert_int_equal(
        usable("{\"kty\":\"oct\",\"alg\":\"HS256\",\"k\":\"AAAAAAAAAAAAAAAAA"
               "AAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
               &private_len),
        1);
    assert_int_equal(private_len, 1);
    skipped("{\"kty\":\"oct\"}");
}

static void
jwks_06_unusable_keys_leave_the_others_in_force(void **state)
{
    static const char *const others[] = {
        "{\"kty\":\"AKP\",\"alg\":\"ML-DSA-44\",\"pub\":\"AAAA\"}",
        "{\"kty\":\"invented\"}",
        "{\"kty\":7}",
        "{}",
        "7",
        "null",
        "[]",
        "{\"kty\":\"RSA\",\"n\":\"AQAB\"}",
        "{\"kty\":\"RSA\",\"e\":\"AQAB\"}",
        "{\"kty\":\"RSA\",\"n\":\"!!\",\"e\":\"AQAB\"}",
        EC("\"use\":\"enc\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\""),
        EC("\"use\":7,\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\""),
        EC("\"alg\":\"ES384\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\""),
        EC("\"alg\":\"ECDH-ES\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\""),
        EC("\"alg\":null,\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\""),
        EC("\"key_ops\":[\"sign\"],\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\""),
        EC("\"key_ops\":[],\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\""),
        EC("\"key_ops\":\"verify\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\""),
        EC("\"key_ops\":[\"verify\",\"verify\"],\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\""),
        EC("\"kid\":7,\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\""),
    };

    (void)state;
    for (size_t i = 0; i < COUNT(others); i++) {
        skipped(others[i]);
    }
    assert_int_equal(usable(EC("\"key_ops\":[\"verify\",\"sign\"],\"x\":\"" EC_X
                               "\",\"y\":\"" EC_Y "\""),
                            NULL),
                     2);
}

static void
jwks_06_the_usable_key_among_them_verifies(void **state)
{
    A0_AUTO(a0__jwks_ptr) set = NULL;
    A0_AUTO(a0__buf) json = A0__BUF_INIT(8192);
    A0_AUTO(a0__buf) token = A0__BUF_INIT(8192);
    A0_AUTO(a0__buf) out = A0__BUF_INIT(8192);
    a0__jws_trust trust = { .algs = A0__ALG_BIT(A0__RS256) };
    a0_error *err = NULL;

    (void)state;
    a0__buf_string(&json, "{\"keys\":[{\"kty\":\"AKP\",\"kid\":\"k\"},{\"kty\":\"RSA\","
                          "\"kid\":\"k\",\"n\":\"AQ\"},");
    assert_ok(
        a0__signing_key_write_jwk(test_key(A0__RS256), A0__RS256, "k", &json, &err),
        err);
    a0__buf_string(&json, "]}");
    assert_ok(a0__jwks_parse(a0__buf_view(&json), &set, &err), err);
    trust.keys = set;
    assert_ok(a0__jws_sign(test_key(A0__RS256), A0__RS256, "k", NULL, A0__LIT("{}"),
                           &token, &err),
              err);
    assert_ok(a0__jws_verify(a0__buf_view(&token), &trust, &out, &err), err);
}

static void
jwks_06_published_private_keys_are_ignored_and_counted(void **state)
{
    static const char *const members[] = {
        "d", "p", "q", "dp", "dq", "qi", "oth", "k"
    };
    A0_AUTO(a0__buf) jwk = A0__BUF_INIT(4096);

    (void)state;
    for (size_t i = 0; i < COUNT(members); i++) {
        size_t private_len = 0;

        a0__buf_reset(&jwk);
        a0__buf_format(&jwk,
                       EC("\"%s\":\"AAAA\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\""),
                       members[i]);
        assert_int_equal(usable(a0__buf_cstr(&jwk), &private_len), 1);
        assert_int_equal(private_len, 1);
    }
}

static void
mem_02_a_failing_allocation_leaves_no_half_set(void **state)
{
    uint64_t failures = 0;

    (void)state;
    for (bool done = false; !done; failures++) {
        a0__jwks *set = NULL;
        a0_error *err = NULL;
        a0_status status = A0_OK;

        a0__mem_fail_at(failures + 1, 0);
        status = a0__jwks_parse(A0__LIT("{\"keys\":[" GOOD "," GOOD "]}"), &set, &err);
        a0__mem_fail_at(0, 0);
        done = status == A0_OK;
        assert_true(done || status == A0_NO_MEMORY);
        assert_true((set != NULL) == done);
        assert_true(!done || a0__jwks_len(set) == 2);
        a0__jwks_free(set);
        a0_error_free(err);
    }
    assert_true(failures > 3);
}

static void
mem_02_a_written_key_reads_as_the_same_key(void **state)
{
    (void)state;
    for (unsigned i = 0; i < A0__HS256; i++) {
        A0_AUTO(a0__jwks_ptr) set = NULL;
        A0_AUTO(a0__buf) json = A0__BUF_INIT(8192);
        a0_error *err = NULL;
        const a0__jwk *key = NULL;

        a0__buf_string(&json, "{\"keys\":[");
        assert_ok(a0__signing_key_write_jwk(test_key((a0__alg)i), (a0__alg)i, NULL,
                                            &json, &err),
                  err);
        a0__buf_string(&json, "]}");
        assert_ok(a0__jwks_parse(a0__buf_view(&json), &set, &err), err);
        assert_ok(a0__jwks_find(set, (a0__alg)i, NULL, &key, &err), err);
    }
}

static int
end(void **state)
{
    (void)state;
    test_tenant_end();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jwks_05_documents_over_the_limits_are_invalid),
        cmocka_unit_test(jwks_05_a_set_has_at_most_64_keys),
        cmocka_unit_test(jwks_05_rsa_keys_outside_the_limits_are_skipped),
        cmocka_unit_test(jwks_05_points_off_the_curve_are_skipped),
        cmocka_unit_test(jwks_05_symmetric_keys_are_never_loaded),
        cmocka_unit_test(jwks_06_unusable_keys_leave_the_others_in_force),
        cmocka_unit_test(jwks_06_the_usable_key_among_them_verifies),
        cmocka_unit_test(jwks_06_published_private_keys_are_ignored_and_counted),
        cmocka_unit_test(mem_02_a_failing_allocation_leaves_no_half_set),
        cmocka_unit_test(mem_02_a_written_key_reads_as_the_same_key),
    };

    return cmocka_run_group_tests(tests, NULL, end);
}
