/* SPDX-License-Identifier: MIT */
/* The UserInfo endpoint, OIDC Core §5.3. */
#ifndef A0_OIDC_USERINFO_H
#define A0_OIDC_USERINFO_H

#include "oauth/token.h"
#include "oidc/claims.h"

/* §5.3.1: the access token goes into the header. It is taken out of the token set here,
 * so that no ID token can be sent in its place [TOK-09]. */
A0_MUST_USE a0_status a0__userinfo_request(const char *userinfo_endpoint,
                                           const a0__token_set *tokens,
                                           a0__http_request *out, a0_error **err);

/*
 * §5.3.2, §5.3.4: the answer speaks of `sub`, byte for byte, or is not used. Errors:
 * userinfo_http_error (the peer's status tells 401 from others),
 * userinfo_response_invalid, userinfo_sub_mismatch [TOK-08].
 */
A0_MUST_USE a0_status a0__userinfo_response(const a0_http_response *response,
                                            a0__text sub, a0__claims **out_claims,
                                            a0_error **err);

#endif
