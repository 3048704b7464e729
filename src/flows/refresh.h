/* SPDX-License-Identifier: MIT */
/*
 * Refreshing the access token of a session (RFC 6749 §6). Of all callers that want a
 * token from one refresh token at once, in this process and in all that share the
 * store, one asks Auth0; the others find its answer in the session [RFR-02].
 */
#ifndef A0_FLOWS_REFRESH_H
#define A0_FLOWS_REFRESH_H

#include "flows/session.h"

typedef struct a0__wanted_token {
    a0__text audience; /* borrowed; "" for none */
    a0__buf scope;     /* sorted */
    a0__text rejected; /* another token than this one; "" for any */
} a0__wanted_token;

void a0__wanted_token_auto(a0__wanted_token *wanted);

/* The kept token that answers the wish and is not due yet, or has just come; or NULL.
 */
const a0__kept_token *a0__wanted_fresh(const a0_session *session,
                                       const a0__wanted_token *wanted);

/* a0_session_access_token for a caller whom the API refused that token. The same comes
 * back when it has just come from Auth0 or there is no other. */
A0_MUST_USE a0_status a0__session_access_token(a0_session *session,
                                               const a0_access_token_options *options,
                                               a0__text rejected, a0_token **out_token,
                                               a0_error **err);

/*
 * Sees to it that the session has a fresh token. On A0_OK the session keeps it. Errors:
 * refresh_*, session_missing (ended meanwhile), mfa_required, scope_insufficient,
 * store_*.
 */
A0_MUST_USE a0_status a0__refresh_single_flight(a0_session *session,
                                                const a0__wanted_token *wanted,
                                                a0_error **err);

#endif
