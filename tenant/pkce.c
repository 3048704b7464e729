/* SPDX-License-Identifier: MIT */
#include "pkce.h"

#include "base/base64url.h"
#include "base/crypto.h"

enum {
    VERIFIER_MIN = 43,
    VERIFIER_MAX = 128
};

bool
a0__pkce_verifier_fits(a0__text verifier, const char *code_challenge)
{
    A0_AUTO(a0__buf) challenge = A0__BUF_INIT(64);
    a0__digest digest;

    if (verifier.len < VERIFIER_MIN || verifier.len > VERIFIER_MAX ||
        a0__sha256(verifier, &digest, NULL) != A0_OK) {
        return false;
    }
    a0__base64url_encode(digest.bytes, sizeof digest.bytes, &challenge);
    return a0__text_is(a0__buf_view(&challenge), code_challenge);
}
