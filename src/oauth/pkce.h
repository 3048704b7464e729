/* SPDX-License-Identifier: MIT */
/*
 * Proof Key for Code Exchange, RFC 7636. Only S256: RFC 9700 §2.1.1 leaves no reason
 * for "plain", so there is no code for it [AUTHZ-03].
 */
#ifndef A0_OAUTH_PKCE_H
#define A0_OAUTH_PKCE_H

#include "base/crypto.h"

#define A0__CODE_CHALLENGE_METHOD "S256"

/* §4.1: 32 random octets make a verifier of 43 characters. Errors: rng_failure. */
A0_MUST_USE a0_status a0__pkce_verifier_new(const a0_random *random, void *random_self,
                                            a0__secret *out_verifier, a0_error **err);

/* §4.2: appends the base64url of the verifier's SHA-256. */
A0_MUST_USE a0_status a0__pkce_challenge(const a0__secret *verifier,
                                         a0__buf *out_challenge, a0_error **err);

#endif
