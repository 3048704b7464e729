/* SPDX-License-Identifier: MIT */
/* The logout token of OpenID Connect Back-Channel Logout 1.0 §2.4, §2.6. */
#ifndef A0_OIDC_BACKCHANNEL_H
#define A0_OIDC_BACKCHANNEL_H

#include "config/settings.h"
#include "jose/jwk.h"
#include "json/json.h"

enum {
    A0__LOGOUT_TOKEN_AGE_MAX_S = 300 /* oldest `iat` [LOUT-08] */
};

/* Whom to sign out. At least one of sub and sid is there; the other may be empty. */
typedef struct a0__logout_token {
    a0__json *document; /* what the texts are views into */
    a0__text sub;
    a0__text sid;
    a0__text jti; /* to be remembered until exp: it is good once */
    int64_t iat;
    int64_t exp;
} a0__logout_token;

#define A0__LOGOUT_TOKEN_INIT ((a0__logout_token){ 0 })

void a0__logout_token_clear(a0__logout_token *token);
void a0__logout_token_auto(a0__logout_token *token);

/* §2.6 but for the memory of `jti`. Errors: logout_token_invalid for all that is wrong
 * with the token, jwt_key_not_found when the keys should be fetched anew [LOUT-07]. */
A0_MUST_USE a0_status a0__logout_token_verify(const a0__settings *settings,
                                              const a0__jwks *jwks, int64_t now,
                                              a0__text token, a0__logout_token *out,
                                              a0_error **err);

#endif
