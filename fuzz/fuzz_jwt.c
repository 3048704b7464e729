/* SPDX-License-Identifier: MIT */
/*
 * Compact JWS against a fixed key set [MEM-01]. Accepted only if encoding it again
 * gives the input and the algorithm is pinned; and a set that remembers headers gives
 * the verdict of one that was just parsed. With the engine, half of the mutations are
 * signed again, so that what stands behind the signature is reached.
 */
#include "fuzz.h"

#include <string.h>

#include "base/base64url.h"
#include "jose/jwt.h"

/* The public keys of RFC 7515 A.2 and A.3 and of RFC 8037 A.2. */
static const char keys[] =
    "{\"keys\":[{\"kty\":\"RSA\",\"alg\":\"RS256\",\"n\":"
    "\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4f"
    "Akd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-"
    "pCg"
    "NMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-"
    "bSf63kpaSHSXndS5z5rexMdbBYUsLA9e"
    "-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_"
    "I5IhlJH7aGhyxXFvU"
    "K-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\",\"e\":\"AQAB\"},"
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":"
    "\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVE"
    "U\",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"},"
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_"
    "7TyWQHOg7hcvPapiMlrwIaaPc"
    "HURo\"}]}";

static const a0__algs pinned =
    A0__ALG_BIT(A0__RS256) | A0__ALG_BIT(A0__ES256) | A0__ALG_BIT(A0__EDDSA);

static a0__jwks *
parse_keys(void)
{
    a0__jwks *set = NULL;

    FUZZ_CHECK(a0__jwks_parse(A0__LIT(keys), &set, NULL) == A0_OK);
    return set;
}

static void
check_reencoding(a0__text token)
{
    a0__text rest = token;
    a0__text segment = A0__NO_TEXT;

    while (a0__text_next(&rest, '.', &segment)) {
        A0_AUTO(a0__buf) bytes = A0__BUF_INIT(A0__JWS_BYTES_MAX);
        A0_AUTO(a0__buf) text = A0__BUF_INIT(A0__JWS_BYTES_MAX);

        FUZZ_CHECK(a0__base64url_decode(segment, &bytes));
        a0__base64url_encode(bytes.ptr, bytes.len, &text);
        FUZZ_CHECK(a0__text_equal(a0__buf_view(&text), segment));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static a0__jwks *warm_set;
    A0_AUTO(a0__jwks_ptr) fresh_set = parse_keys();
    A0_AUTO(a0__json_doc) claims = NULL;
    A0_AUTO(a0__json_doc) again = NULL;
    A0_AUTO(a0__jws_header) header = A0__JWS_HEADER_INIT;
    A0_AUTO(a0__error_ptr) err = NULL;
    A0_AUTO(a0__error_ptr) err_again = NULL;
    a0__text token = a0__text_range((const char *)data, size);
    a0__jws_trust trust = { .algs = pinned, .keys = fresh_set, .types = a0__jwt_types };
    a0_status status = a0__jwt_verify(token, &trust, &claims, &err);

    if (warm_set == NULL) {
        warm_set = parse_keys();
    }
    trust.keys = warm_set;
    FUZZ_CHECK(a0__jwt_verify(token, &trust, &again, &err_again) == status);
    FUZZ_CHECK((status == A0_OK) == (claims != NULL));
    FUZZ_CHECK((status == A0_OK) == (again != NULL));
    if (status != A0_OK) {
        FUZZ_CHECK(strcmp(a0_error_id(err), a0_error_id(err_again)) == 0);
        return 0;
    }
    FUZZ_CHECK(size <= A0__JWS_BYTES_MAX && a0__json_is_object(claims));
    FUZZ_CHECK(a0__jws_read_header(token, &header, NULL) == A0_OK);
    FUZZ_CHECK((pinned & A0__ALG_BIT(header.alg)) != 0);
    check_reencoding(token);
    return 0;
}

#ifdef A0_LIBFUZZER

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned seed);

/* The private half of the Ed25519 key, RFC 8037 A.1. */
static const char private_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";

enum {
    PART_MAX = 8192
};

/* A decoded segment with a mutation in it, or the one given in its place. */
static void
mutated_part(a0__text segment, const char *otherwise, a0__buf *out)
{
    if (!a0__base64url_decode(segment, out) || out->len == 0) {
        a0__buf_string(out, otherwise);
    }
    if (a0__buf_ok(out) && out->len < PART_MAX / 2) {
        size_t len = out->len;

        (void)a0__buf_extend(out, PART_MAX / 2 - len);
        a0__buf_cut(out, LLVMFuzzerMutate((uint8_t *)out->ptr, len, PART_MAX / 2));
    }
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    static a0__signing_key *key;
    A0_AUTO(a0__buf) header = A0__BUF_INIT(PART_MAX);
    A0_AUTO(a0__buf) payload = A0__BUF_INIT(PART_MAX);
    A0_AUTO(a0__buf) token = A0__BUF_INIT(4 * PART_MAX);
    a0__text rest = a0__text_range((const char *)data, size);
    a0__text first = A0__NO_TEXT;
    a0__text second = A0__NO_TEXT;

    if (seed % 2 == 0) {
        return LLVMFuzzerMutate(data, size, max_size);
    }
    if (key == NULL) {
        FUZZ_CHECK(a0__signing_key_read_pem(A0__LIT(private_key), &key, NULL) == A0_OK);
    }
    (void)a0__text_next(&rest, '.', &first);
    (void)a0__text_next(&rest, '.', &second);
    if (seed % 4 == 1) {
        a0__buf_string(&header, "{\"alg\":\"EdDSA\"}");
    } else {
        mutated_part(first, "{\"alg\":\"EdDSA\"}", &header);
    }
    mutated_part(second, "{}", &payload);
    if (a0__jws_sign_under(key, A0__EDDSA, a0__buf_view(&header),
                           a0__buf_view(&payload), &token, NULL) != A0_OK ||
        token.len > max_size) {
        return LLVMFuzzerMutate(data, size, max_size);
    }
    memcpy(data, token.ptr, token.len);
    return token.len;
}

#endif
