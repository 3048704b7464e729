/* SPDX-License-Identifier: MIT */
/*
 * The machine token of the Management API: RFC 6749 §4.4 with the audience of Auth0's
 * own API. Both its address and its audience come from the management domain alone
 * [MGMT-07].
 */
#ifndef A0_AUTH0_MANAGEMENT_H
#define A0_AUTH0_MANAGEMENT_H

#include "oauth/token.h"

/* All that the application was granted; a part of it is never asked for, because one
 * token serves every operation. */
A0_MUST_USE a0_status a0__machine_token_request(const a0__client_auth *auth,
                                                a0__http_request *out, a0_error **err);

/*
 * The answer. Errors: mgmt_auth_failed (401, 403), mgmt_rate_limited, mgmt_unavailable
 * (5xx), mgmt_refused (every other refusal), with what the peer said;
 * mgmt_response_invalid for nonsense. The sentence says what to do.
 */
A0_MUST_USE a0_status a0__machine_token_response(const a0_http_response *response,
                                                 int64_t wall_ms, a0__token_set *out,
                                                 a0_error **err);

/*
 * Reads the claims of a machine token that nobody verified, to say whether it is of
 * this tenant and for its API; *out_scope gets its own scopes. *out_is_ours is false
 * for a token that is no JWT as well.
 */
A0_MUST_USE a0_status a0__machine_token_inspect(const a0__settings *settings,
                                                const a0__secret *token,
                                                bool *out_is_ours, a0__buf *out_scope,
                                                a0_error **err);

/* Appends the words of `wanted` that `granted` lacks, separated by spaces. */
void a0__scopes_missing(a0__text granted, a0__text wanted, a0__buf *out);

/* Appends the granted scopes that go far and that nobody required [MGMT-04]. */
void a0__scopes_excess(a0__text granted, a0__text required, a0__buf *out);

#endif
