/* SPDX-License-Identifier: MIT */
/* Token revocation, RFC 7009. */
#ifndef A0_OAUTH_REVOKE_H
#define A0_OAUTH_REVOKE_H

#include <a0/sys/transport.h>

#include "oauth/client_auth.h"

/* §2.1, for a refresh token. */
A0_MUST_USE a0_status a0__revoke_request(const a0__client_auth *auth,
                                         const char *revocation_endpoint,
                                         a0__text refresh_token, a0__http_request *out,
                                         a0_error **err);

/* §2.2: a token that is unknown is as good as revoked, so 200 and 400 are success
 * [LOUT-04]. Errors: logout_remote_failed, with the peer's status. */
A0_MUST_USE a0_status a0__revoke_response(const a0_http_response *response,
                                          a0_error **err);

#endif
