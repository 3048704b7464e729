/* SPDX-License-Identifier: MIT */
/*
 * Signing out at Auth0: OpenID Connect RP-Initiated Logout 1.0 §2, and Auth0's own
 * /v2/logout. A parameter that is not set is left out [LOUT-02].
 */
#ifndef A0_OIDC_LOGOUT_H
#define A0_OIDC_LOGOUT_H

#include "base/url.h"
#include "config/settings.h"

typedef struct a0__logout_input {
    const char *return_to; /* absolute, registered at Auth0; NULL: none */
    bool federated;
    /* RP-initiated logout alone: */
    a0__text id_token_hint; /* left out when it would not fit into a URL */
    a0__text logout_hint;   /* the sid, where there is no id_token_hint */
    a0__text state;
} a0__logout_input;

/* Appends {base_url}/v2/logout or the RP-initiated URL at `end_session_endpoint`, as
 * the settings say. Errors: param_invalid about "return_to". */
A0_MUST_USE a0_status a0__logout_url(const a0__settings *settings,
                                     const char *end_session_endpoint,
                                     const a0__logout_input *input, a0__buf *out_url,
                                     a0_error **err);

#endif
