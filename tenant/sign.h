/* SPDX-License-Identifier: MIT */
/* Signing, right or, when a fault asks for it, wrong. */
#ifndef A0_TENANT_SIGN_H
#define A0_TENANT_SIGN_H

#include "core.h"

typedef struct a0__signing {
    const char *fault_family; /* "idt", "at", "bcl" */
    const char *alg_name;
    const char *hmac_secret; /* for HS256 */
    const char *typ;
} a0__signing;

/*
 * Signs the claims, after the faults FAMILY.claim.*, FAMILY.payload_raw,
 * FAMILY.header.*, FAMILY.sign_with and FAMILY.token_raw. Changes *claims.
 */
A0_MUST_USE a0_status a0__sign(a0__tenant *tenant, const a0__signing *signing,
                               a0__buf *claims, a0__buf *out, a0_error **err);

#endif
