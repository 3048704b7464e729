/* SPDX-License-Identifier: MIT */
/* Rows IDT-01 to IDT-07: by which algorithm and key a token may be vouched for. What
 * keys themselves must be is in test_jwks.c. */
#include "jwt_world.h"

#include <string.h>

#include "base/base64url.h"
#include "base/crypto.h"

static void
idt_01_unsigned_tokens_are_refused(void **state)
{
    static const char *const headers[] = {
        "{\"alg\":\"none\"}",    "{\"alg\":\"None\"}",
        "{\"alg\":\"nOnE\"}",    "{\"alg\":\"\"}",
        "{\"alg\":null}",        "{\"alg\":0}",
        "{\"alg\":[]}",          "{\"alg\":{}}",
        "{\"alg\":[\"RS256\"]}", "{}",
        "{\"typ\":\"JWT\"}",     "{\"alg\":\"rs256\"}",
    };
    a0__jws_trust trust = jwt_rs256();

    (void)state;
    trust.algs = ~(a0__algs)0;
    for (size_t i = 0; i < COUNT(headers); i++) {
        A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);

        jwt_refused_header(headers[i], "jwt_alg_forbidden");
        jwt_sign(headers[i], A0__LIT(JWT_CLAIMS), &token);
        jwt_refused(a0__buf_view(&token), &trust, "jwt_alg_forbidden");
        /* the same with an empty signature */
        token.len = (size_t)(strrchr(token.ptr, '.') - token.ptr) + 1;
        jwt_refused(a0__buf_view(&token), &trust, "jwt_alg_forbidden");
    }
}

/* What a confused verifier would key the HMAC with. */
static size_t
public_materials(a0__text out[10], a0__buf *room)
{
    a0_error *err = NULL;
    A0_AUTO(a0__json_doc) jwk = NULL;
    A0_AUTO(a0__buf) json = A0__BUF_INIT(4096);
    a0__text n = A0__NO_TEXT;
    size_t at = 0;
    size_t count = 0;

    assert_ok(
        a0__signing_key_write_jwk(test_key(A0__RS256), A0__RS256, "rsa", &json, &err),
        err);
    assert_ok(a0__json_parse(a0__buf_view(&json), &jwk, &err), err);
    assert_int_equal(a0__json_text(jwk, "n", &n), A0__FOUND);
    a0__buf_text(room, a0__buf_view(&json));
    out[count++] = a0__text_range(room->ptr, room->len);
    at = room->len;
    assert_true(a0__base64url_decode(n, room));
    out[count++] = a0__text_range(room->ptr + at, room->len - at);
    out[count++] = a0__text_range(room->ptr + at, 32);
    at = room->len;
    a0__buf_text(room, n);
    out[count++] = a0__text_range(room->ptr + at, room->len - at);
    at = room->len;
    a0__buf_string(room, "-----BEGIN PUBLIC KEY-----\n");
    a0__base64_encode(n.ptr, n.len, room);
    a0__buf_string(room, "\n-----END PUBLIC KEY-----\n");
    out[count++] = a0__text_range(room->ptr + at, room->len - at);
    out[count++] = a0__text_range(room->ptr + at, room->len - at - 1);
    out[count++] = A0__LIT(TEST_CLIENT_SECRET);
    out[count++] = A0__LIT("rsa");
    return count;
}

static void
idt_02_hmac_never_meets_public_material(void **state)
{
    static const char *const headers[] = { "{\"alg\":\"HS256\",\"kid\":\"rsa\"}",
                                           "{\"alg\":\"HS256\"}",
                                           "{\"alg\":\"HS384\",\"kid\":\"rsa\"}",
                                           "{\"alg\":\"HS512\",\"kid\":\"rsa\"}" };
    A0_AUTO(a0__buf) room = A0__BUF_INIT(16384);
    A0_AUTO(a0__secret) other = A0__SECRET_INIT;
    a0__text materials[10];
    /* Room must not move while texts point into it. */
    char *reserved = a0__buf_extend(&room, 8192);
    size_t count = 0;
    a0_error *err = NULL;

    (void)state;
    assert_non_null(reserved);
    a0__buf_reset(&room);
    count = public_materials(materials, &room);
    assert_ok(a0__secret_set_text(&other, A0__LIT("another secret of thirty-two bytes"),
                                  &err),
              err);
    for (size_t i = 0; i < count * COUNT(headers); i++) {
        A0_AUTO(a0__signing_key_ptr) key = NULL;
        A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);
        a0__jws_trust trust = jwt_rs256();
        bool is_hs256 = i / count < 2;

        assert_ok(a0__signing_key_of_secret(materials[i % count], &key, &err), err);
        assert_ok(a0__jws_sign_under(key, A0__HS256, a0__text_of(headers[i / count]),
                                     A0__LIT(JWT_CLAIMS), &token, &err),
                  err);
        jwt_refused(a0__buf_view(&token), &trust, "jwt_alg_forbidden");
        trust.algs |= A0__ALG_BIT(A0__HS256);
        jwt_refused(a0__buf_view(&token), &trust, "jwt_alg_forbidden");
        trust.hmac_secret = &other;
        jwt_refused(a0__buf_view(&token), &trust,
                    is_hs256 ? "jwt_signature_invalid" : "jwt_alg_forbidden");
    }
}

static void
idt_02_an_empty_or_short_secret_proves_nothing(void **state)
{
    A0_AUTO(a0__signing_key_ptr) key = NULL;
    A0_AUTO(a0__secret) secret = A0__SECRET_INIT;
    A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);
    a0__jws_trust trust = { .algs = A0__ALG_BIT(A0__HS256), .hmac_secret = &secret };
    a0__digest mac;
    a0_error *err = NULL;

    (void)state;
    assert_int_not_equal(a0__hmac_sha256(A0__NO_TEXT, A0__LIT("x"), &mac, &err), A0_OK);
    a0_error_free(err);
    err = NULL;
    assert_fails(a0__signing_key_of_secret(A0__LIT(""), &key, &err), &err,
                 param_invalid);
    assert_ok(a0__signing_key_of_secret(A0__LIT("0123456789abcdef0123456789abcde"),
                                        &key, &err),
              err);
    assert_ok(
        a0__jws_sign(key, A0__HS256, NULL, NULL, A0__LIT(JWT_CLAIMS), &token, &err),
        err);
    jwt_refused(a0__buf_view(&token), &trust, "jwt_alg_forbidden");
    assert_ok(
        a0__secret_set_text(&secret, A0__LIT("0123456789abcdef0123456789abcde"), &err),
        err);
    jwt_refused(a0__buf_view(&token), &trust, "jwt_alg_forbidden");
}

static void
idt_03_algorithm_and_key_must_agree(void **state)
{
    static const struct {
        a0__alg alg;
        const char *kid;
    } forged[] = {
        { A0__RS256, "ec" },  { A0__RS256, "ed" },  { A0__ES256, "rsa" },
        { A0__ES256, "ed" },  { A0__ES384, "ec" },  { A0__EDDSA, "rsa" },
        { A0__EDDSA, "ec" },  { A0__RS384, "rsa" }, { A0__RS512, "rsa" },
        { A0__PS256, "rsa" }, { A0__ES512, "ec" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(forged); i++) {
        A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);
        a0__jws_trust trust = jwt_rs256();
        a0_error *err = NULL;

        assert_ok(a0__jws_sign(test_key(forged[i].alg), forged[i].alg, forged[i].kid,
                               "JWT", A0__LIT(JWT_CLAIMS), &token, &err),
                  err);
        /* The pinned list is asked first, ... */
        jwt_refused(a0__buf_view(&token), &trust,
                    forged[i].alg == A0__RS256 ? "jwt_key_not_found"
                                               : "jwt_alg_forbidden");
        /* ... and without it no key stands in for another. */
        trust.algs = ~(a0__algs)0;
        jwt_refused(a0__buf_view(&token), &trust, "jwt_key_not_found");
    }
}

static void
idt_03_a_remembered_header_does_not_widen_the_list(void **state)
{
    A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);
    a0__jws_trust trust = jwt_rs256();
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0__jws_sign(test_key(A0__ES256), A0__ES256, "ec", "JWT",
                           A0__LIT(JWT_CLAIMS), &token, &err),
              err);
    trust.algs = A0__ALG_BIT(A0__ES256);
    jwt_accepted(a0__buf_view(&token), &trust);
    jwt_accepted(a0__buf_view(&token), &trust);
    trust.algs = A0__ALG_BIT(A0__RS256);
    jwt_refused(a0__buf_view(&token), &trust, "jwt_alg_forbidden");
}

static void
idt_04_an_unknown_kid_finds_no_key(void **state)
{
    (void)state;
    jwt_refused_header("{\"alg\":\"RS256\",\"kid\":\"rsb\"}", "jwt_key_not_found");
    jwt_refused_header("{\"alg\":\"RS256\",\"kid\":\"\"}", "jwt_key_not_found");
}

static void
with_set(const char *json, const char *header, const char *error_id)
{
    A0_AUTO(a0__jwks_ptr) set = NULL;
    A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);
    a0__jws_trust trust = jwt_rs256();
    a0_error *err = NULL;

    assert_ok(a0__jwks_parse(a0__text_of(json), &set, &err), err);
    trust.keys = set;
    jwt_sign(header, A0__LIT(JWT_CLAIMS), &token);
    if (error_id == NULL) {
        jwt_accepted(a0__buf_view(&token), &trust);
    } else {
        jwt_refused(a0__buf_view(&token), &trust, error_id);
    }
}

static void
idt_05_without_kid_exactly_one_key_may_fit(void **state)
{
    static const char *const one[] = { "a", NULL };
    static const char *const two[] = { "a", "b", NULL };
    A0_AUTO(a0__buf) single = A0__BUF_INIT(8192);
    A0_AUTO(a0__buf) several = A0__BUF_INIT(8192);

    (void)state;
    jwt_rsa_set(one, &single);
    jwt_rsa_set(two, &several);
    with_set(a0__buf_cstr(&single), "{\"alg\":\"RS256\"}", NULL);
    with_set(a0__buf_cstr(&several), "{\"alg\":\"RS256\"}", "jwt_key_ambiguous");
    with_set(a0__buf_cstr(&several), "{\"alg\":\"RS256\",\"kid\":\"b\"}", NULL);
}

static void
idt_06_kid_is_an_opaque_bounded_string(void **state)
{
    static const char *const strange[] = { "../../etc/passwd",
                                           "https://evil.example/k",
                                           "' OR 1=1 --",
                                           "*:*",
                                           "rsa\\n",
                                           "rsa ",
                                           "RSA",
                                           "rs",
                                           "rsaa" };
    static const char *const malformed[] = {
        "{\"alg\":\"RS256\",\"kid\":7}",
        "{\"alg\":\"RS256\",\"kid\":{}}",
        "{\"alg\":\"RS256\",\"kid\":[]}",
        "{\"alg\":\"RS256\",\"kid\":null}",
        "{\"alg\":\"RS256\",\"kid\":\"rsa\\u0000\"}",
    };
    static const char *const twice[] = { "a", "a", NULL };
    A0_AUTO(a0__buf) set = A0__BUF_INIT(8192);
    A0_AUTO(a0__buf) header = A0__BUF_INIT(4096);

    (void)state;
    for (size_t i = 0; i < COUNT(strange); i++) {
        a0__buf_reset(&header);
        a0__buf_format(&header, "{\"alg\":\"RS256\",\"kid\":\"%s\"}", strange[i]);
        jwt_refused_header(a0__buf_cstr(&header), "jwt_key_not_found");
    }
    for (size_t i = 0; i < COUNT(malformed); i++) {
        jwt_refused_header(malformed[i], "jwt_malformed");
    }
    for (size_t len = A0__KID_BYTES_MAX; len <= A0__KID_BYTES_MAX + 1; len++) {
        a0__buf_reset(&header);
        a0__buf_string(&header, "{\"alg\":\"RS256\",\"kid\":\"");
        for (size_t i = 0; i < len; i++) {
            a0__buf_byte(&header, 'k');
        }
        a0__buf_string(&header, "\"}");
        jwt_refused_header(a0__buf_cstr(&header), len <= A0__KID_BYTES_MAX
                                                      ? "jwt_key_not_found"
                                                      : "jwt_malformed");
    }
    /* Two keys of one kid: ambiguous where both fit, and only there. */
    jwt_rsa_set(twice, &set);
    with_set(a0__buf_cstr(&set), "{\"alg\":\"RS256\",\"kid\":\"a\"}",
             "jwt_key_ambiguous");
}

static void
idt_07_no_key_comes_from_the_token(void **state)
{
    static const char *const names[] = { "jwk", "jku", "x5u", "x5c" };
    static const char *const values[] = {
        "\"https://evil.example/keys\"",
        "{\"kty\":\"oct\",\"k\":\"AAAA\"}",
        "[\"MIIB\"]",
        "null",
    };
    A0_AUTO(a0__buf) header = A0__BUF_INIT(4096);
    A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);
    a0__jws_trust trust = jwt_rs256();

    (void)state;
    for (size_t i = 0; i < COUNT(names) * COUNT(values); i++) {
        a0__buf_reset(&header);
        a0__buf_format(&header, "{\"alg\":\"RS256\",\"kid\":\"%s\",\"%s\":%s}",
                       i % 2 == 0 ? "rsa" : "unknown", names[i / COUNT(values)],
                       values[i % COUNT(values)]);
        jwt_refused_header(a0__buf_cstr(&header), "jwt_header_forbidden");
    }
    /* Thumbprints bring no key; they are ignored. */
    jwt_sign(
        "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"x5t\":\"AAAA\",\"x5t#S256\":\"AAAA\"}",
        A0__LIT(JWT_CLAIMS), &token);
    jwt_accepted(a0__buf_view(&token), &trust);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idt_01_unsigned_tokens_are_refused),
        cmocka_unit_test(idt_02_hmac_never_meets_public_material),
        cmocka_unit_test(idt_02_an_empty_or_short_secret_proves_nothing),
        cmocka_unit_test(idt_03_algorithm_and_key_must_agree),
        cmocka_unit_test(idt_03_a_remembered_header_does_not_widen_the_list),
        cmocka_unit_test(idt_04_an_unknown_kid_finds_no_key),
        cmocka_unit_test(idt_05_without_kid_exactly_one_key_may_fit),
        cmocka_unit_test(idt_06_kid_is_an_opaque_bounded_string),
        cmocka_unit_test(idt_07_no_key_comes_from_the_token),
    };

    return cmocka_run_group_tests(tests, jwt_world_begin, jwt_world_end);
}
