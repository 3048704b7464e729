/* SPDX-License-Identifier: MIT */
/* The end of a session by its own hand: a sign-out, or a sign-in that was not wanted.
 */
#ifndef A0_FLOWS_SESSION_DROP_H
#define A0_FLOWS_SESSION_DROP_H

#include "flows/revoke.h"
#include "flows/session.h"

/*
 * Ends in the store what belongs to the session: its row, its refresh token, what it
 * has open, cached provider tokens. With `revokes` the token is written down to be
 * revoked, and *out_revocation is set when there is one. Errors: store_*.
 */
A0_MUST_USE a0_status a0__session_drop_rows(a0_session *session, bool revokes,
                                            a0__revocation *out_revocation,
                                            a0_error **err);

/* Ends it and revokes its refresh token at Auth0 as far as that can be done now; the
 * session is anonymous under a new id. Errors: rng_failure, store_*. */
A0_MUST_USE a0_status a0__session_drop(a0_session *session, a0_error **err);

#endif
