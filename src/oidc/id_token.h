/* SPDX-License-Identifier: MIT */
/*
 * ID token validation, OIDC Core §3.1.3.7, and §12.2 for one that comes with a refresh.
 */
#ifndef A0_OIDC_ID_TOKEN_H
#define A0_OIDC_ID_TOKEN_H

#include "config/settings.h"
#include "jose/jwk.h"
#include "oidc/claims.h"

enum {
    A0__ID_TOKEN_AGE_MAX_S = 3600 /* oldest `iat` [IDT-18] */
};

/* What the token is held against. All borrowed. The settings give issuer, client_id,
 * id_token_algorithms, trusted_audiences, leeway, and the secret for HS256. */
typedef struct a0__id_token_expected {
    const a0__settings *settings;
    const a0__jwks *jwks;
    int64_t now; /* Unix seconds */

    /* Of the sign-in's transaction. */
    a0__text nonce;        /* must be there and equal, unless `original` is set */
    int64_t max_age;       /* seconds; -1: none asked */
    a0__text acr_values;   /* empty: none asked */
    a0__text organization; /* empty: none asked */

    /* For at_hash, c_hash and s_hash, where the token has them. */
    a0__text access_token;
    a0__text code;
    a0__text state;

    /* §12.2: the claims of the sign-in that is being refreshed; NULL at a sign-in. */
    const a0__claims *original;

    /* A refresh for somebody whose sign-in is not at hand: `sub` must be this, and
     * there is no nonce to be compared. Empty otherwise. */
    a0__text sub;
} a0__id_token_expected;

/*
 * The signature decides first, and no claim can be read before all of it succeeded
 * [IDT-26]. Errors: jwt_* (jwt_key_not_found: fetch the keys anew, once), idt_*,
 * refresh_identity_mismatch. *out_claims is owned by the caller.
 */
A0_MUST_USE a0_status a0__id_token_verify(const a0__secret *id_token,
                                          const a0__id_token_expected *expected,
                                          a0__claims **out_claims, a0_error **err);

#endif
