/* SPDX-License-Identifier: MIT */
/*
 * OpenID Provider metadata, OIDC Discovery 1.0 §4. Secrets go to endpoints named here,
 * so each has to stand on the issuer's own origin [JWKS-08].
 */
#ifndef A0_OIDC_DISCOVERY_H
#define A0_OIDC_DISCOVERY_H

#include <a0/sys/transport.h>

#include "config/settings.h"
#include "http/http.h"

/* §3. Endpoints that the document leaves out are Auth0's fixed ones, never NULL. */
typedef struct a0__metadata {
    char *issuer;
    char *authorization_endpoint;
    char *token_endpoint;
    char *userinfo_endpoint;
    char *jwks_uri;
    char *pushed_authorization_request_endpoint;
    char *revocation_endpoint;
    char *end_session_endpoint;
    bool authorization_response_iss_parameter_supported; /* RFC 9207 §3 */
    /* Said by the document itself: what a later one must not take back [JWKS-10]. */
    bool says_s256;
    bool says_par;
    bool says_revocation;
    bool says_end_session;
} a0__metadata;

#define A0__METADATA_INIT ((a0__metadata){ 0 })

void a0__metadata_clear(a0__metadata *metadata);
void a0__metadata_auto(a0__metadata *metadata);

/* §4.1 */
A0_MUST_USE a0_status a0__metadata_request(const a0__settings *settings,
                                           a0__http_request *out, a0_error **err);

/* §4.2. Errors: discovery_fetch_failed (another status than 200) and those below. */
A0_MUST_USE a0_status a0__metadata_response(const a0__settings *settings,
                                            const a0_http_response *response,
                                            a0__metadata *out, a0_error **err);

/* §4.3, the document alone: also what comes back from a cache goes through here.
 * Errors: discovery_invalid, discovery_issuer_mismatch. */
A0_MUST_USE a0_status a0__metadata_read(const a0__settings *settings, a0__text document,
                                        a0__metadata *out, a0_error **err);

/*
 * Whether a newer document takes back what the settings rely on and an older one
 * offered: discovery_invalid about the member. The older stays in force [JWKS-10].
 */
A0_MUST_USE a0_status a0__metadata_check_not_weaker(const a0__settings *settings,
                                                    const a0__metadata *older,
                                                    const a0__metadata *newer,
                                                    a0_error **err);

#endif
