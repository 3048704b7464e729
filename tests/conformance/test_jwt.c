/* SPDX-License-Identifier: MIT */
/* Rows IDT-08 to IDT-10, IDT-12 to IDT-14, IDT-24, IDT-27 and MEM-10: the text of a
 * token, read before its claims are. */
#include "jwt_world.h"

#include <string.h>

#include "base/base64url.h"

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
        jwt_refused_header(a0__buf_cstr(&header), "jwt_crit_unsupported");
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
    a0__jws_trust trust = jwt_rs256();

    (void)state;
    for (size_t i = 0; i < COUNT(others); i++) {
        jwt_refused(a0__text_of(others[i]), &trust, "jwt_malformed");
    }
    jwt_sign("{\"alg\":\"RS256\",\"kid\":\"rsa\"}", A0__LIT(JWT_CLAIMS), &token);
    jwt_accepted(a0__buf_view(&token), &trust);
    for (size_t i = 0; i < COUNT(wrapped); i++) {
        const char *hole = strstr(wrapped[i], "%s");

        a0__buf_reset(&changed);
        a0__buf_bytes(&changed, wrapped[i], (size_t)(hole - wrapped[i]));
        a0__buf_text(&changed, a0__buf_view(&token));
        a0__buf_string(&changed, hole + 2);
        jwt_refused(a0__buf_view(&changed), &trust, "jwt_malformed");
    }
    /* two segments, and a detached payload */
    jwt_refused(
        a0__text_range(token.ptr, (size_t)(strrchr(token.ptr, '.') - token.ptr)),
        &trust, "jwt_malformed");
    a0__buf_reset(&changed);
    a0__buf_bytes(&changed, token.ptr,
                  (size_t)(strchr(token.ptr, '.') - token.ptr) + 1);
    a0__buf_string(&changed, strrchr(token.ptr, '.'));
    jwt_refused(a0__buf_view(&changed), &trust, "jwt_malformed");
    jwt_refused_header("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"b64\":false}",
                       "jwt_malformed");
    /* a token in a token */
    jwt_sign("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"cty\":\"JWT\"}",
             a0__buf_view(&token), &nested);
    jwt_refused(a0__buf_view(&nested), &trust, "jwt_malformed");
}

/* One character of a segment replaced, or one put in. */
static void
refused_with(const a0__buf *token, size_t at, char byte, bool insert, const char *id)
{
    A0_AUTO(a0__buf) changed = A0__BUF_INIT(8192);
    a0__jws_trust trust = jwt_rs256();

    a0__buf_bytes(&changed, token->ptr, at);
    a0__buf_byte(&changed, byte);
    a0__buf_text(&changed, a0__text_from(a0__buf_view(token), insert ? at : at + 1));
    jwt_refused(a0__buf_view(&changed), &trust, id);
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
    jwt_sign("{\"alg\":\"RS256\",\"kid\":\"rsa\"}", A0__LIT("{\"sub\":\"auth0|1\"}"),
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
refused_payload(a0__text payload)
{
    A0_AUTO(a0__buf) token = A0__BUF_INIT(2 * A0__JWS_BYTES_MAX);
    a0__jws_trust trust = jwt_rs256();

    jwt_sign("{\"alg\":\"RS256\",\"kid\":\"rsa\"}", payload, &token);
    jwt_refused(a0__buf_view(&token), &trust, "jwt_malformed");
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
        jwt_refused_header(headers[i], "jwt_malformed");
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
        jwt_refused_header(documents[i], "jwt_malformed");
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
    a0__jws_trust trust = jwt_rs256();
    char *bytes = a0__buf_extend(&big, MILLION);
    uint64_t before = 0;
    a0__json *claims = NULL;

    (void)state;
    assert_non_null(bytes);
    for (int dots = 0; dots < 2; dots++) {
        memset(bytes, dots ? '.' : 'A', MILLION);
        jwt_refused(a0__buf_view(&big), &trust, "jwt_oversize");
        before = a0__mem_count();
        assert_int_equal(a0__jwt_verify(a0__buf_view(&big), &trust, &claims, NULL),
                         A0_REFUSED);
        assert_int_equal(a0__mem_count(), before);
    }
    memset(bytes, 'A', MILLION);
    jwt_refused(a0__text_range(bytes, A0__JWS_BYTES_MAX + 1), &trust, "jwt_oversize");
    bytes[A0__JWS_HEADER_MAX + 1] = '.';
    bytes[A0__JWS_HEADER_MAX + 3] = '.';
    before = a0__mem_count();
    assert_int_equal(
        a0__jwt_verify(a0__text_range(bytes, A0__JWS_BYTES_MAX), &trust, &claims, NULL),
        A0_REFUSED);
    assert_int_equal(a0__mem_count(), before);
    jwt_refused(a0__text_range(bytes, A0__JWS_BYTES_MAX), &trust, "jwt_oversize");
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
    a0__jws_trust trust = jwt_rs256();

    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        a0__buf_reset(&header);
        a0__buf_format(&header, "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"%s\"}",
                       types[i].typ);
        jwt_sign(a0__buf_cstr(&header), A0__LIT(JWT_CLAIMS), &token);
        if (types[i].error_id == NULL) {
            jwt_accepted(a0__buf_view(&token), &trust);
            jwt_accepted(a0__buf_view(&token), &trust);
        } else {
            jwt_refused(a0__buf_view(&token), &trust, types[i].error_id);
        }
    }
    jwt_refused_header("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":1}",
                       "jwt_malformed");
    jwt_sign("{\"alg\":\"RS256\",\"kid\":\"rsa\"}", A0__LIT(JWT_CLAIMS), &token);
    jwt_accepted(a0__buf_view(&token), &trust);
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
    a0__jws_trust trust = jwt_rs256();
    a0_error *err = NULL;

    (void)state;
    jwt_rsa_set(kids, &json);
    assert_ok(a0__jwks_parse(a0__buf_view(&json), &set, &err), err);
    trust.keys = set;
    trust.types = logout;
    jwt_sign("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"logout+jwt\"}",
             A0__LIT(JWT_CLAIMS), &token);
    jwt_accepted(a0__buf_view(&token), &trust);
    trust.types = a0__jwt_types;
    jwt_refused(a0__buf_view(&token), &trust, "jwt_type_invalid");
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
    a0__jws_trust trust = jwt_rs256();

    (void)state;
    trust.algs = ~(a0__algs)0;
    for (size_t i = 0; i < COUNT(headers) * COUNT(rests); i++) {
        A0_AUTO(a0__buf) token = A0__BUF_INIT(4096);
        const char *header = headers[i / COUNT(rests)];

        a0__base64url_encode(header, strlen(header), &token);
        a0__buf_string(&token, rests[i % COUNT(rests)]);
        jwt_refused(a0__buf_view(&token), &trust, "jwt_malformed");
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
    a0__jws_trust trust = jwt_rs256();
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
        jwt_sign(a0__buf_cstr(&header), A0__LIT(JWT_CLAIMS), &token);
        assert_int_equal(strchr(token.ptr, '.') - token.ptr, len);
        if (len <= A0__JWS_HEADER_MAX) {
            jwt_accepted(a0__buf_view(&token), &trust);
        } else {
            jwt_refused(a0__buf_view(&token), &trust, "jwt_oversize");
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
        jwt_sign("{\"alg\":\"RS256\",\"kid\":\"rsa\"}", a0__buf_view(&payload), &token);
        if (token.len <= A0__JWS_BYTES_MAX) {
            jwt_accepted(a0__buf_view(&token), &trust);
            fit++;
        } else {
            jwt_refused(a0__buf_view(&token), &trust, "jwt_oversize");
            misfit++;
        }
    }
    assert_true(fit > 0 && misfit > 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idt_08_crit_is_never_understood),
        cmocka_unit_test(idt_09_only_the_compact_serialisation_is_read),
        cmocka_unit_test(idt_10_one_text_for_one_byte_string),
        cmocka_unit_test(idt_10_decode_then_encode_is_identity),
        cmocka_unit_test(idt_12_members_that_stand_twice_are_refused),
        cmocka_unit_test(idt_13_header_and_payload_are_sane_objects),
        cmocka_unit_test(idt_14_size_is_judged_before_anything_else),
        cmocka_unit_test(idt_14_numbers_of_a_million_digits_are_not_read),
        cmocka_unit_test(idt_24_other_types_are_no_id_tokens),
        cmocka_unit_test(idt_24_a_remembered_type_is_asked_again),
        cmocka_unit_test(idt_27_encrypted_tokens_are_refused),
        cmocka_unit_test(mem_10_lengths_around_the_limits),
    };

    return cmocka_run_group_tests(tests, jwt_world_begin, jwt_world_end);
}
