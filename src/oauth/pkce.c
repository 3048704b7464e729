/* SPDX-License-Identifier: MIT */
#include "oauth/pkce.h"

#include "base/base64url.h"

enum {
    VERIFIER_OCTETS = 32
};

a0_status
a0__pkce_verifier_new(const a0_random *random, void *random_self,
                      a0__secret *out_verifier, a0_error **err)
{
    return a0__random_text(random, random_self, VERIFIER_OCTETS, out_verifier, err);
}

a0_status
a0__pkce_challenge(const a0__secret *verifier, a0__buf *out_challenge, a0_error **err)
{
    a0__digest digest;

    A0_TRY(a0__sha256(a0__secret_expose(verifier), &digest, err));
    a0__base64url_encode(digest.bytes, sizeof digest.bytes, out_challenge);
    return a0__buf_check(out_challenge, err);
}
