/* SPDX-License-Identifier: MIT */
/* Rows IDT-01 to IDT-14, IDT-24, IDT-26, IDT-27 and MEM-10, as far as they are about
 * the token and not about its claims; keys are held to theirs in test_jwks.c. */
#include "support.h"

#include <stdio.h>
#include <string.h>

#include "base/base64url.h"
#include "base/crypto.h"
#include "jose/jwt.h"
#include "test_tenant.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char claims_text[] =
    "{\"iss\":\"https://acme.eu.auth0.com/\",\"sub\":\"auth0|1\"}";
static a0__jwks *keys; /* RS256 "rsa", ES256 "ec", EdDSA "ed" */

static int
make_keys(void **state)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(8192);
    a0_error *err = NULL;

    (void)state;
    a0__buf_string(&json, "{\"keys\":[");
    assert_ok(
        a0__signing_key_write_jwk(test_key(A0__RS256), A0__RS256, "rsa", &json, &err),
        err);
    a0__buf_string(&json, ",");
    assert_ok(
        a0__signing_key_write_jwk(test_key(A0__ES256), A0__ES256, "ec", &json, &err),
        err);
    a0__buf_string(&json, ",");
    assert_ok(
        a0__signing_key_write_jwk(test_key(A0__EDDSA), A0__EDDSA, "ed", &json, &err),
        err);
    a0__buf_string(&json, "]}");
    assert_ok(a0__jwks_parse(a0__buf_view(&json), &keys, &err), err);
    return 0;
}

static int
drop_keys(void **state)
{
    (void)state;
    a0__jwks_free(keys);
    test_tenant_end();
    return 0;
}

/* Exactly RS256, as by default. */
static a0__jws_trust
rs256(void)
{
    return (a0__jws_trust){ .algs = A0__ALG_BIT(A0__RS256),
                            .keys = keys,
                            .types = a0__jwt_types };
}

static void
accepted(a0__text token, const a0__jws_trust *trust)
{
    A0_AUTO(a0__json_doc) claims = NULL;
    a0_error *err = NULL;

    assert_ok(a0__jwt_verify(token, trust, &claims, &err), err);
    assert_true(a0__json_is_object(claims));
}

static void
refused(a0__text token, const a0__jws_trust *trust, const char *error_id)
{
    a0__json *claims = NULL;
    a0_error *err = NULL;

    assert_int_not_equal(a0__jwt_verify(token, trust, &claims, &err), A0_OK);
    if (strcmp(a0_error_id(err), error_id) != 0) {
        fail_msg("%s instead of %s for %.*s", a0_error_id(err), error_id,
                 token.len < 200 ? (int)token.len : 200, token.ptr);
    }
    assert_null(claims);
    a0_error_free(err);
}

/* A token signed with the RSA key under any header and payload. */
static void
sign(const char *header, a0__text payload, a0__buf *out)
{
    a0_error *err = NULL;

    a0__buf_reset(out);
    assert_ok(a0__jws_sign_under(test_key(A0__RS256), A0__RS256, a0__text_of(header),
                                 payload, out, &err),
              err);
}

static void
refused_header(const char *header, const char *error_id)
{
    A0_AUTO(a0__buf) token = A0__BUF_INIT(2 * A0__JWS_BYTES_MAX);
    a0__jws_trust trust = rs256();

    sign(header, A0__LIT(claims_text), &token);
    refused(a0__buf_view(&token), &trust, error_id);
}

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
    a0__jws_trust trust = rs256();

    (void)state;
    trust.algs = ~(a0__algs)0;
    for (size_t i = 0; i < COUNT(headers); i++) {
        A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);

        refused_header(headers[i], "jwt_alg_forbidden");
        sign(headers[i], A0__LIT(claims_text), &token);
        refused(a0__buf_view(&token), &trust, "jwt_alg_forbidden");
        /* the same with an empty signature */
        token.len = (size_t)(strrchr(token.ptr, '.') - token.ptr) + 1;
        refused(a0__buf_view(&token), &trust, "jwt_alg_forbidden");
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
        a0__jws_trust trust = rs256();
        bool is_hs256 = i / count < 2;

        assert_ok(a0__signing_key_of_secret(materials[i % count], &key, &err), err);
        assert_ok(a0__jws_sign_under(key, A0__HS256, a0__text_of(headers[i / count]),
                                     A0__LIT(claims_text), &token, &err),
                  err);
        refused(a0__buf_view(&token), &trust, "jwt_alg_forbidden");
        trust.algs |= A0__ALG_BIT(A0__HS256);
        refused(a0__buf_view(&token), &trust, "jwt_alg_forbidden");
        trust.hmac_secret = &other;
        refused(a0__buf_view(&token), &trust,
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
        a0__jws_sign(key, A0__HS256, NULL, NULL, A0__LIT(claims_text), &token, &err),
        err);
    refused(a0__buf_view(&token), &trust, "jwt_alg_forbidden");
    assert_ok(
        a0__secret_set_text(&secret, A0__LIT("0123456789abcdef0123456789abcde"), &err),
        err);
    refused(a0__buf_view(&token), &trust, "jwt_alg_forbidden");
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
        a0__jws_trust trust = rs256();
        a0_error *err = NULL;

        assert_ok(a0__jws_sign(test_key(forged[i].alg), forged[i].alg, forged[i].kid,
                               "JWT", A0__LIT(claims_text), &token, &err),
                  err);
        /* The pinned list is asked first, ... */
        refused(a0__buf_view(&token), &trust,
                forged[i].alg == A0__RS256 ? "jwt_key_not_found" : "jwt_alg_forbidden");
        /* ... and without it no key stands in for another. */
        trust.algs = ~(a0__algs)0;
        refused(a0__buf_view(&token), &trust, "jwt_key_not_found");
    }
}

static void
idt_03_a_remembered_header_does_not_widen_the_list(void **state)
{
    A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);
    a0__jws_trust trust = rs256();
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0__jws_sign(test_key(A0__ES256), A0__ES256, "ec", "JWT",
                           A0__LIT(claims_text), &token, &err),
              err);
    trust.algs = A0__ALG_BIT(A0__ES256);
    accepted(a0__buf_view(&token), &trust);
    accepted(a0__buf_view(&token), &trust);
    trust.algs = A0__ALG_BIT(A0__RS256);
    refused(a0__buf_view(&token), &trust, "jwt_alg_forbidden");
}

static void
idt_04_an_unknown_kid_finds_no_key(void **state)
{
    (void)state;
    refused_header("{\"alg\":\"RS256\",\"kid\":\"rsb\"}", "jwt_key_not_found");
    refused_header("{\"alg\":\"RS256\",\"kid\":\"\"}", "jwt_key_not_found");
}

static void
with_set(const char *json, const char *header, const char *error_id)
{
    A0_AUTO(a0__jwks_ptr) set = NULL;
    A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);
    a0__jws_trust trust = rs256();
    a0_error *err = NULL;

    assert_ok(a0__jwks_parse(a0__text_of(json), &set, &err), err);
    trust.keys = set;
    sign(header, A0__LIT(claims_text), &token);
    if (error_id == NULL) {
        accepted(a0__buf_view(&token), &trust);
    } else {
        refused(a0__buf_view(&token), &trust, error_id);
    }
}

/* {"keys":[...]} with the RSA key under each kid, and one that fits no RS256. */
static void
rsa_set(const char *const *kids, a0__buf *out)
{
    a0_error *err = NULL;

    a0__buf_string(out, "{\"keys\":[");
    assert_ok(
        a0__signing_key_write_jwk(test_key(A0__ES256), A0__ES256, kids[0], out, &err),
        err);
    for (; *kids != NULL; kids++) {
        a0__buf_string(out, ",");
        assert_ok(
            a0__signing_key_write_jwk(test_key(A0__RS256), A0__RS256, *kids, out, &err),
            err);
    }
    a0__buf_string(out, "]}");
}

static void
idt_05_without_kid_exactly_one_key_may_fit(void **state)
{
    static const char *const one[] = { "a", NULL };
    static const char *const two[] = { "a", "b", NULL };
    A0_AUTO(a0__buf) single = A0__BUF_INIT(8192);
    A0_AUTO(a0__buf) several = A0__BUF_INIT(8192);

    (void)state;
    rsa_set(one, &single);
    rsa_set(two, &several);
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
        refused_header(a0__buf_cstr(&header), "jwt_key_not_found");
    }
    for (size_t i = 0; i < COUNT(malformed); i++) {
        refused_header(malformed[i], "jwt_malformed");
    }
    for (size_t len = A0__KID_BYTES_MAX; len <= A0__KID_BYTES_MAX + 1; len++) {
        a0__buf_reset(&header);
        a0__buf_string(&header, "{\"alg\":\"RS256\",\"kid\":\"");
        for (size_t i = 0; i < len; i++) {
            a0__buf_byte(&header, 'k');
        }
        a0__buf_string(&header, "\"}");
        refused_header(a0__buf_cstr(&header), len <= A0__KID_BYTES_MAX
                                                  ? "jwt_key_not_found"
                                                  : "jwt_malformed");
    }
    /* Two keys of one kid: ambiguous where both fit, and only there. */
    rsa_set(twice, &set);
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
    a0__jws_trust trust = rs256();

    (void)state;
    for (size_t i = 0; i < COUNT(names) * COUNT(values); i++) {
        a0__buf_reset(&header);
        a0__buf_format(&header, "{\"alg\":\"RS256\",\"kid\":\"%s\",\"%s\":%s}",
                       i % 2 == 0 ? "rsa" : "unknown", names[i / COUNT(values)],
                       values[i % COUNT(values)]);
        refused_header(a0__buf_cstr(&header), "jwt_header_forbidden");
    }
    /* Thumbprints bring no key; they are ignored. */
    sign("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"x5t\":\"AAAA\",\"x5t#S256\":\"AAAA\"}",
         A0__LIT(claims_text), &token);
    accepted(a0__buf_view(&token), &trust);
}

static void
idt_08_crit_is_never_understood(void **state)
{
    static const char *const values[] = {
        "[\"exp\"]", "[\"b64\"]",
        "[]",        "[\"http://example.com/x\"]",
        "\"b64\"",   "{}",
        "null",      "[\"alg\"]",
        "[1]",       "[\"x\",\"x\"]",
    };
    A0_AUTO(a0__buf) header = A0__BUF_INIT(4096);

    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        a0__buf_reset(&header);
        a0__buf_format(&header,
                       "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"exp\":1,\"crit\":%s}",
                       values[i]);
        refused_header(a0__buf_cstr(&header), "jwt_crit_unsupported");
    }
}

static void
idt_09_only_the_compact_serialisation_is_read(void **state)
{
    static const char *const others[] = {
        "",
        ".",
        "..",
        "...",
        "{\"payload\":\"e30\",\"protected\":\"e30\",\"signature\":\"AA\"}",
        "{\"signatures\":[{\"protected\":\"e30\",\"signature\":\"AA\"}]}",
    };
    static const char *const wrapped[] = { ".%s",     "%s.",     " %s",
                                           "%s ",     "%s\n",    "\n%s",
                                           "%s.AAAA", "AAAA.%s", "\"%s\"" };
    A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);
    A0_AUTO(a0__buf) nested = A0__BUF_INIT(8192);
    A0_AUTO(a0__buf) changed = A0__BUF_INIT(8192);
    a0__jws_trust trust = rs256();

    (void)state;
    for (size_t i = 0; i < COUNT(others); i++) {
        refused(a0__text_of(others[i]), &trust, "jwt_malformed");
    }
    sign("{\"alg\":\"RS256\",\"kid\":\"rsa\"}", A0__LIT(claims_text), &token);
    accepted(a0__buf_view(&token), &trust);
    for (size_t i = 0; i < COUNT(wrapped); i++) {
        const char *hole = strstr(wrapped[i], "%s");

        a0__buf_reset(&changed);
        a0__buf_bytes(&changed, wrapped[i], (size_t)(hole - wrapped[i]));
        a0__buf_text(&changed, a0__buf_view(&token));
        a0__buf_string(&changed, hole + 2);
        refused(a0__buf_view(&changed), &trust, "jwt_malformed");
    }
    /* two segments, and a detached payload */
    refused(a0__text_range(token.ptr, (size_t)(strrchr(token.ptr, '.') - token.ptr)),
            &trust, "jwt_malformed");
    a0__buf_reset(&changed);
    a0__buf_bytes(&changed, token.ptr,
                  (size_t)(strchr(token.ptr, '.') - token.ptr) + 1);
    a0__buf_string(&changed, strrchr(token.ptr, '.'));
    refused(a0__buf_view(&changed), &trust, "jwt_malformed");
    refused_header("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"b64\":false}",
                   "jwt_malformed");
    /* a token in a token */
    sign("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"cty\":\"JWT\"}", a0__buf_view(&token),
         &nested);
    refused(a0__buf_view(&nested), &trust, "jwt_malformed");
}

/* One character of a segment replaced, or one put in. */
static void
refused_with(const a0__buf *token, size_t at, char byte, bool insert, const char *id)
{
    A0_AUTO(a0__buf) changed = A0__BUF_INIT(8192);
    a0__jws_trust trust = rs256();

    a0__buf_bytes(&changed, token->ptr, at);
    a0__buf_byte(&changed, byte);
    a0__buf_text(&changed, a0__text_from(a0__buf_view(token), insert ? at : at + 1));
    refused(a0__buf_view(&changed), &trust, id);
}

static void
idt_10_one_text_for_one_byte_string(void **state)
{
    static const char foreign[] = {
        '+', '/', '=', ' ', '\n', '\t', '\0', '\x7f', '\xc3'
    };
    A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);
    const char *dot = NULL;
    const char *last = NULL;

    (void)state;
    /* 53 and 55 octets: both leave spare bits in their last letter. */
    sign("{\"alg\":\"RS256\",\"kid\":\"rsa\"}", A0__LIT("{\"sub\":\"auth0|1\"}"),
         &token);
    dot = strchr(token.ptr, '.');
    last = strrchr(token.ptr, '.');
    for (size_t i = 0; i < sizeof foreign; i++) {
        refused_with(&token, 3, foreign[i], false, "jwt_malformed");
        refused_with(&token, (size_t)(dot - token.ptr) + 3, foreign[i], false,
                     "jwt_malformed");
        refused_with(&token, (size_t)(last - token.ptr) + 3, foreign[i], false,
                     "jwt_malformed");
        refused_with(&token, (size_t)(last - token.ptr), foreign[i], true,
                     "jwt_malformed");
        refused_with(&token, token.len, foreign[i], true, "jwt_malformed");
    }
    /* Spare bits: 256 octets of signature leave four of them in the last letter. */
    for (char flip = 1; flip < 4; flip = (char)(flip << 1)) {
        static const char letters[] =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        const char *found = strchr(letters, token.ptr[token.len - 1]);

        refused_with(&token, token.len - 1, letters[(found - letters) ^ flip], false,
                     "jwt_malformed");
    }
}

static void
idt_10_decode_then_encode_is_identity(void **state)
{
    static const char letters[] = "ABab09-_+/= .zZQg";
    uint32_t seed = 1;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        A0_AUTO(a0__buf) decoded = A0__BUF_INIT(64);
        A0_AUTO(a0__buf) again = A0__BUF_INIT(64);
        char text[9] = { 0 };
        size_t len = (size_t)i % sizeof text;

        for (size_t k = 0; k < len; k++) {
            seed = seed * 1664525 + 1013904223;
            text[k] = letters[(seed >> 16) % (sizeof letters - 1)];
        }
        if (a0__base64url_decode(a0__text_range(text, len), &decoded)) {
            a0__base64url_encode(decoded.ptr, decoded.len, &again);
            assert_text(a0__buf_view(&again), text);
        } else {
            assert_int_equal(decoded.len, 0);
        }
    }
}

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
        a0__jws_trust trust = { .algs = A0__ALG_BIT(keyed[k].alg), .keys = keys };
        size_t lengths[] = { 0, 1, keyed[k].bytes - 1, keyed[k].bytes + 1, 300 };
        A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);
        a0_error *err = NULL;
        size_t input_len = 0;

        assert_ok(a0__jws_sign(test_key(keyed[k].alg), keyed[k].alg, keyed[k].kid, NULL,
                               A0__LIT(claims_text), &token, &err),
                  err);
        accepted(a0__buf_view(&token), &trust);
        input_len = (size_t)(strrchr(token.ptr, '.') - token.ptr) + 1;
        for (size_t i = 0; i < COUNT(lengths); i++) {
            a0__buf_cut(&token, input_len);
            a0__base64url_encode(zeros, lengths[i], &token);
            refused(a0__buf_view(&token), &trust, "jwt_malformed");
        }
        a0__buf_cut(&token, input_len);
        a0__base64url_encode(zeros, keyed[k].bytes, &token);
        refused(a0__buf_view(&token), &trust, "jwt_signature_invalid");
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
    a0__jws_trust trust = { .algs = A0__ALG_BIT(A0__ES256), .keys = keys };
    A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);
    a0_error *err = NULL;
    size_t input_len = 0;
    unsigned char der[72] = { 0x30, 70, 0x02, 33, 0 };

    (void)state;
    memset(ones, 0xff, sizeof ones);
    assert_ok(a0__jws_sign(test_key(A0__ES256), A0__ES256, "ec", NULL,
                           A0__LIT(claims_text), &token, &err),
              err);
    input_len = (size_t)(strrchr(token.ptr, '.') - token.ptr) + 1;
    for (size_t i = 0; i < COUNT(numbers) * COUNT(numbers); i++) {
        unsigned char raw[64];

        memcpy(raw, numbers[i / COUNT(numbers)], 32);
        memcpy(raw + 32, numbers[i % COUNT(numbers)], 32);
        a0__buf_cut(&token, input_len);
        a0__base64url_encode(raw, sizeof raw, &token);
        refused(a0__buf_view(&token), &trust, "jwt_signature_invalid");
    }
    a0__buf_cut(&token, input_len);
    a0__base64url_encode(der, sizeof der, &token);
    refused(a0__buf_view(&token), &trust, "jwt_malformed");
}

static void
idt_11_no_bit_may_flip(void **state)
{
    a0__jws_trust trust = { .algs = ~(a0__algs)0, .keys = keys };
    A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0__jws_sign(test_key(A0__RS256), A0__RS256, "rsa", NULL,
                           A0__LIT(claims_text), &token, &err),
              err);
    for (size_t bit = 0; bit < token.len * 8; bit++) {
        a0__json *claims = NULL;

        token.ptr[bit / 8] = (char)(token.ptr[bit / 8] ^ (1 << bit % 8));
        assert_int_not_equal(
            a0__jwt_verify(a0__buf_view(&token), &trust, &claims, NULL), A0_OK);
        assert_null(claims);
        token.ptr[bit / 8] = (char)(token.ptr[bit / 8] ^ (1 << bit % 8));
    }
    accepted(a0__buf_view(&token), &trust);
}

static void
refused_payload(a0__text payload)
{
    A0_AUTO(a0__buf) token = A0__BUF_INIT(2 * A0__JWS_BYTES_MAX);
    a0__jws_trust trust = rs256();

    sign("{\"alg\":\"RS256\",\"kid\":\"rsa\"}", payload, &token);
    refused(a0__buf_view(&token), &trust, "jwt_malformed");
}

static void
idt_12_members_that_stand_twice_are_refused(void **state)
{
    static const char *const headers[] = {
        "{\"alg\":\"RS256\",\"alg\":\"RS256\",\"kid\":\"rsa\"}",
        "{\"alg\":\"RS256\",\"\\u0061lg\":\"none\",\"kid\":\"rsa\"}",
        "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"kid\":\"rsa\"}",
        "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"k\\u0069d\":\"ec\"}",
    };
    static const char *const payloads[] = {
        "{\"sub\":\"a\",\"sub\":\"a\"}",
        "{\"sub\":\"a\",\"\\u0073ub\":\"b\"}",
        "{\"aud\":\"a\",\"a\\u0075d\":\"b\"}",
        "{\"exp\":1,\"ex\\u0070\":2}",
        "{\"address\":{\"a\":1,\"a\":2}}",
        "{\"x\":[{\"y\":{\"\\u00e9\":1,\"\xc3\xa9\":2}}]}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(headers); i++) {
        refused_header(headers[i], "jwt_malformed");
    }
    for (size_t i = 0; i < COUNT(payloads); i++) {
        refused_payload(a0__text_of(payloads[i]));
    }
}

static void
idt_13_header_and_payload_are_sane_objects(void **state)
{
    static const char *const documents[] = {
        "[]",
        "\"text\"",
        "1",
        "null",
        " ",
        "\xef\xbb\xbf{}",
        "{\"a\":\"\xc3\x28\"}",
        "{\"a\":\"\xed\xa0\x80\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\udc00\\ud800\"}",
        "{\"a\":\"\\u0000\"}",
        "{\"\\u0000\":1}",
        "{} {}",
        "{},",
        "{\"a\":01}",
        "{\"a\":NaN}",
        "{'a':1}",
        "{\"a\":1,}",
        "{\"a\":\"\t\"}",
        "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]",
        "{\"a\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}",
    };
    static const char *const claims[] = {
        "iss", "sub", "aud", "nonce", "sid", "email"
    };
    A0_AUTO(a0__buf) text = A0__BUF_INIT(16384);

    (void)state;
    for (size_t i = 0; i < COUNT(documents); i++) {
        refused_header(documents[i], "jwt_malformed");
        refused_payload(a0__text_of(documents[i]));
    }
    for (size_t i = 0; i < COUNT(claims); i++) {
        a0__buf_reset(&text);
        a0__buf_format(&text, "{\"%s\":\"a\\u0001b\"}", claims[i]);
        refused_payload(a0__buf_view(&text));
    }
    refused_payload(A0__LIT("{\"aud\":[\"a\",\"b\\n\"]}"));
    refused_payload(a0__text_range("{\"a\":1}\0", 8));
    a0__buf_reset(&text);
    for (int i = 0; i < 513; i++) {
        a0__buf_format(&text, "%c\"%d\":1", i == 0 ? '{' : ',', i);
    }
    a0__buf_byte(&text, '}');
    refused_payload(a0__buf_view(&text));
}

static void
idt_14_size_is_judged_before_anything_else(void **state)
{
    enum {
        MILLION = 1000 * 1000
    };
    A0_AUTO(a0__buf) big = A0__BUF_INIT(2 * MILLION);
    a0__jws_trust trust = rs256();
    char *bytes = a0__buf_extend(&big, MILLION);
    uint64_t before = 0;
    a0__json *claims = NULL;

    (void)state;
    assert_non_null(bytes);
    for (int dots = 0; dots < 2; dots++) {
        memset(bytes, dots ? '.' : 'A', MILLION);
        refused(a0__buf_view(&big), &trust, "jwt_oversize");
        before = a0__mem_count();
        assert_int_equal(a0__jwt_verify(a0__buf_view(&big), &trust, &claims, NULL),
                         A0_REFUSED);
        assert_int_equal(a0__mem_count(), before);
    }
    memset(bytes, 'A', MILLION);
    refused(a0__text_range(bytes, A0__JWS_BYTES_MAX + 1), &trust, "jwt_oversize");
    bytes[A0__JWS_HEADER_MAX + 1] = '.';
    bytes[A0__JWS_HEADER_MAX + 3] = '.';
    before = a0__mem_count();
    assert_int_equal(
        a0__jwt_verify(a0__text_range(bytes, A0__JWS_BYTES_MAX), &trust, &claims, NULL),
        A0_REFUSED);
    assert_int_equal(a0__mem_count(), before);
    refused(a0__text_range(bytes, A0__JWS_BYTES_MAX), &trust, "jwt_oversize");
    assert_null(claims);
}

static void
idt_14_numbers_of_a_million_digits_are_not_read(void **state)
{
    A0_AUTO(a0__buf) payload = A0__BUF_INIT(16384);

    (void)state;
    a0__buf_string(&payload, "{\"exp\":1");
    while (payload.len < 8000) {
        a0__buf_string(&payload, "0000000000");
    }
    a0__buf_byte(&payload, '}');
    refused_payload(a0__buf_view(&payload));
    /* 33 characters, though a double could hold the value */
    refused_payload(A0__LIT("{\"exp\":1.0000000000000000000000000000001}"));
}

static void
idt_24_other_types_are_no_id_tokens(void **state)
{
    static const struct {
        const char *typ;
        const char *error_id;
    } types[] = {
        { "JWT", NULL },
        { "jwt", NULL },
        { "Jwt", NULL },
        { "at+jwt", "jwt_type_invalid" },
        { "logout+jwt", "jwt_type_invalid" },
        { "dpop+jwt", "jwt_type_invalid" },
        { "secevent+jwt", "jwt_type_invalid" },
        { "application/jwt", "jwt_type_invalid" },
        { "JWT ", "jwt_type_invalid" },
        { "", "jwt_type_invalid" },
    };
    A0_AUTO(a0__buf) header = A0__BUF_INIT(4096);
    A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);
    a0__jws_trust trust = rs256();

    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        a0__buf_reset(&header);
        a0__buf_format(&header, "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"%s\"}",
                       types[i].typ);
        sign(a0__buf_cstr(&header), A0__LIT(claims_text), &token);
        if (types[i].error_id == NULL) {
            accepted(a0__buf_view(&token), &trust);
            accepted(a0__buf_view(&token), &trust);
        } else {
            refused(a0__buf_view(&token), &trust, types[i].error_id);
        }
    }
    refused_header("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":1}", "jwt_malformed");
    sign("{\"alg\":\"RS256\",\"kid\":\"rsa\"}", A0__LIT(claims_text), &token);
    accepted(a0__buf_view(&token), &trust);
}

/* A header that was remembered under one list of types is asked again under another. */
static void
idt_24_a_remembered_type_is_asked_again(void **state)
{
    static const char *const logout[] = { "logout+jwt", NULL };
    A0_AUTO(a0__jwks_ptr) set = NULL;
    A0_AUTO(a0__buf) json = A0__BUF_INIT(4096);
    A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);
    static const char *const kids[] = { "rsa", NULL };
    a0__jws_trust trust = rs256();
    a0_error *err = NULL;

    (void)state;
    rsa_set(kids, &json);
    assert_ok(a0__jwks_parse(a0__buf_view(&json), &set, &err), err);
    trust.keys = set;
    trust.types = logout;
    sign("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"logout+jwt\"}",
         A0__LIT(claims_text), &token);
    accepted(a0__buf_view(&token), &trust);
    trust.types = a0__jwt_types;
    refused(a0__buf_view(&token), &trust, "jwt_type_invalid");
}

static void
idt_26_the_signature_decides_before_payload_and_type(void **state)
{
    A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);
    a0__jws_trust trust = rs256();

    (void)state;
    for (int first_time = 1; first_time >= 0; first_time--) {
        sign("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"at+jwt\"}", A0__LIT("[1]"),
             &token);
        token.ptr[token.len - 100] = token.ptr[token.len - 100] == 'A' ? 'B' : 'A';
        refused(a0__buf_view(&token), &trust, "jwt_signature_invalid");
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
    rsa_set(kids, &json);
    sign("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"JWT\"}",
         A0__LIT("{\"sub\":\"auth0|\\u00e9\",\"x\\u0041\":[1,2]}"), &token);
    for (bool done = false; !done; failures++) {
        A0_AUTO(a0__jwks_ptr) set = NULL;
        a0__jws_trust trust = rs256();
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

static void
idt_27_encrypted_tokens_are_refused(void **state)
{
    static const char *const headers[] = {
        "{\"alg\":\"dir\",\"enc\":\"A256GCM\"}",
        "{\"alg\":\"RSA1_5\",\"enc\":\"A128CBC-HS256\"}",
        "{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\",\"zip\":\"DEF\"}",
        "{\"alg\":\"PBES2-HS256+A128KW\",\"enc\":\"A128GCM\",\"p2c\":2147483647}",
        "{\"alg\":\"RS256\",\"kid\":\"rsa\"}",
    };
    static const char *const rests[] = { ".AAAA.AAAA.AAAA.AAAA", "..AAAA.AAAA.AAAA",
                                         "....", ".AAAA.AAAA.AAAA." };
    a0__jws_trust trust = rs256();

    (void)state;
    trust.algs = ~(a0__algs)0;
    for (size_t i = 0; i < COUNT(headers) * COUNT(rests); i++) {
        A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);
        const char *header = headers[i / COUNT(rests)];

        a0__base64url_encode(header, strlen(header), &token);
        a0__buf_string(&token, rests[i % COUNT(rests)]);
        refused(a0__buf_view(&token), &trust, "jwt_malformed");
    }
}

/* A header of exactly `len` letters: base64url of 3/4 as many octets. */
static void
header_of_letters(size_t len, a0__buf *out)
{
    size_t octets = len / 4 * 3 + len % 4 * 3 / 4;

    a0__buf_string(out, "{\"alg\":\"RS256\",\"kid\":\"rsa\"");
    while (out->len < octets - 1) {
        a0__buf_byte(out, ' ');
    }
    a0__buf_byte(out, '}');
}

static void
mem_10_lengths_around_the_limits(void **state)
{
    a0__jws_trust trust = rs256();
    unsigned fit = 0;
    unsigned misfit = 0;

    (void)state;
    for (size_t len = A0__JWS_HEADER_MAX - 2; len <= A0__JWS_HEADER_MAX + 2; len++) {
        A0_AUTO(a0__buf) header = A0__BUF_INIT(4096);
        A0_AUTO(a0__buf) token = A0__BUF_INIT(2 * A0__JWS_BYTES_MAX);

        if (len % 4 == 1) {
            continue; /* no text has that length */
        }
        header_of_letters(len, &header);
        sign(a0__buf_cstr(&header), A0__LIT(claims_text), &token);
        assert_int_equal(strchr(token.ptr, '.') - token.ptr, len);
        if (len <= A0__JWS_HEADER_MAX) {
            accepted(a0__buf_view(&token), &trust);
        } else {
            refused(a0__buf_view(&token), &trust, "jwt_oversize");
        }
    }
    /* The signature takes 342 letters, header and dots 43: the payload gets the rest.
     */
    for (size_t octets = 11990; octets <= 12010; octets++) {
        A0_AUTO(a0__buf) payload = A0__BUF_INIT(A0__JWS_BYTES_MAX);
        A0_AUTO(a0__buf) token = A0__BUF_INIT(2 * A0__JWS_BYTES_MAX);

        a0__buf_byte(&payload, '{');
        while (payload.len < octets - 1) {
            a0__buf_byte(&payload, ' ');
        }
        a0__buf_byte(&payload, '}');
        sign("{\"alg\":\"RS256\",\"kid\":\"rsa\"}", a0__buf_view(&payload), &token);
        if (token.len <= A0__JWS_BYTES_MAX) {
            accepted(a0__buf_view(&token), &trust);
            fit++;
        } else {
            refused(a0__buf_view(&token), &trust, "jwt_oversize");
            misfit++;
        }
    }
    assert_true(fit > 0 && misfit > 0);
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
        cmocka_unit_test(idt_08_crit_is_never_understood),
        cmocka_unit_test(idt_09_only_the_compact_serialisation_is_read),
        cmocka_unit_test(idt_10_one_text_for_one_byte_string),
        cmocka_unit_test(idt_10_decode_then_encode_is_identity),
        cmocka_unit_test(idt_11_degenerate_signatures_are_refused),
        cmocka_unit_test(idt_11_ecdsa_takes_numbers_within_the_order),
        cmocka_unit_test(idt_11_no_bit_may_flip),
        cmocka_unit_test(idt_12_members_that_stand_twice_are_refused),
        cmocka_unit_test(idt_13_header_and_payload_are_sane_objects),
        cmocka_unit_test(idt_14_size_is_judged_before_anything_else),
        cmocka_unit_test(idt_14_numbers_of_a_million_digits_are_not_read),
        cmocka_unit_test(idt_24_other_types_are_no_id_tokens),
        cmocka_unit_test(idt_24_a_remembered_type_is_asked_again),
        cmocka_unit_test(idt_26_the_signature_decides_before_payload_and_type),
        cmocka_unit_test(idt_26_a_failing_step_gives_no_claims),
        cmocka_unit_test(idt_27_encrypted_tokens_are_refused),
        cmocka_unit_test(mem_10_lengths_around_the_limits),
    };

    return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
