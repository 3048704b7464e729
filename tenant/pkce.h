/* SPDX-License-Identifier: MIT */
/* Proof keys, of a sign-in and of a connect: RFC 7636 §4.6, S256 alone. */
#ifndef A0_TENANT_PKCE_H
#define A0_TENANT_PKCE_H

#include "base/text.h"

bool a0__pkce_verifier_fits(a0__text verifier, const char *code_challenge);

#endif
