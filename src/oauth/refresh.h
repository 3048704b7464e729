/* SPDX-License-Identifier: MIT */
/*
 * Refreshing an access token: RFC 6749 §6, with Auth0's multi-resource refresh
 * (`audience` and `scope` choose the API).
 */
#ifndef A0_OAUTH_REFRESH_H
#define A0_OAUTH_REFRESH_H

#include "oauth/token.h"

/* audience and scope may be empty: then they are left out. */
A0_MUST_USE a0_status a0__refresh_request(const a0__client_auth *auth,
                                          const char *token_endpoint,
                                          a0__text refresh_token, a0__text audience,
                                          a0__text scope, a0__http_request *out,
                                          a0_error **err);

/*
 * The answer. Errors: refresh_rejected (the refresh token is dead), mfa_required,
 * refresh_unavailable (429, 5xx: keep the token; how long to wait is set when the peer
 * said it, which is why the time comes in), refresh_failed (every other refusal, as
 * invalid_client), token_response_invalid, token_type_invalid.
 *
 * On A0_OK first keep out->refresh_token if it is set, since the old one is spent; only
 * then ask a0__refresh_check_covers.
 */
A0_MUST_USE a0_status a0__refresh_response(const a0_http_response *response,
                                           a0__text scope, int64_t wall_ms,
                                           a0__token_set *out, a0_error **err);

/*
 * Whether the answer is for what was asked: Auth0 answers for an audience that is in no
 * policy with a token for the original one, without an error [RFR-10]. Errors:
 * refresh_audience_mismatch, scope_insufficient: neither keep nor give out the token.
 */
A0_MUST_USE a0_status a0__refresh_check_covers(const a0__token_set *tokens,
                                               a0__text audience, a0__text scope,
                                               a0_error **err);

/*
 * Translates what the transport failed with (http_*) into refresh_unavailable, how long
 * to wait included [RFR-06]; other failures pass unchanged. `status` and *err are those
 * of the failed call.
 */
a0_status a0__refresh_transport_failed(a0_status status, a0_error **err);

/* How early a token of that lifetime is renewed: 10 % of it, 60 s at most [RFR-09]. */
int64_t a0__refresh_margin(int64_t lifetime_s);
/* Whether a kept token is still good to hand out. A token dated in the future is not.
 */
bool a0__access_token_is_fresh(int64_t obtained_at, int64_t expires_at, int64_t now);

#endif
