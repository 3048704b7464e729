/* SPDX-License-Identifier: MIT */
/*
 * JWK sets [MEM-02]: what is accepted is within the limits, reads the same again, and
 * whatever keys came out of it can be asked to verify.
 */
#include "fuzz.h"

#include "base/base64url.h"
#include "jose/jws.h"

static void
ask_to_verify(const a0__jwks *set, a0__alg alg)
{
    static const size_t lengths[] = { 64, 96, 132, 256 };
    static const char zeros[256];
    a0__jws_trust trust = { .algs = ~(a0__algs)0, .keys = set };

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        A0_AUTO(a0__buf) header = A0__BUF_INIT(64);
        A0_AUTO(a0__buf) token = A0__BUF_INIT(1024);
        A0_AUTO(a0__buf) out = A0__BUF_INIT(0);

        a0__buf_format(&header, "{\"alg\":\"%s\"}", a0__alg_name(alg));
        a0__base64url_encode(header.ptr, header.len, &token);
        a0__buf_string(&token, ".e30.");
        a0__base64url_encode(zeros, lengths[i], &token);
        FUZZ_CHECK(a0__jws_verify(a0__buf_view(&token), &trust, &out, NULL) != A0_OK);
        FUZZ_CHECK(out.len == 0);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    A0_AUTO(a0__jwks_ptr) set = NULL;
    A0_AUTO(a0__jwks_ptr) again = NULL;
    a0__text text = a0__text_range((const char *)data, size);
    a0_status status = a0__jwks_parse(text, &set, NULL);

    FUZZ_CHECK((status == A0_OK) == (set != NULL));
    if (status != A0_OK) {
        return 0;
    }
    FUZZ_CHECK(size <= A0__JWKS_BYTES_MAX);
    FUZZ_CHECK(a0__jwks_len(set) + a0__jwks_private_len(set) <= A0__JWKS_KEYS_MAX);
    FUZZ_CHECK(a0__jwks_parse(text, &again, NULL) == A0_OK);
    FUZZ_CHECK(a0__jwks_len(set) == a0__jwks_len(again));
    FUZZ_CHECK(a0__jwks_private_len(set) == a0__jwks_private_len(again));
    for (unsigned alg = 0; alg < A0__HS256; alg++) {
        ask_to_verify(set, (a0__alg)alg);
    }
    return 0;
}
