/* SPDX-License-Identifier: MIT */
/* From verified claims to a session: the one write of a sign-in. */
#ifndef A0_FLOWS_LOGIN_SESSION_H
#define A0_FLOWS_LOGIN_SESSION_H

#include "flows/login.h"
#include "flows/transaction.h"
#include "oidc/claims.h"

/*
 * Writes in one batch: the session under a new id, its refresh token, the end of the
 * transaction, and the end of the session that the browser had before [SESS-01,
 * SESS-09, STOR-01]. Only then `session` is the new one, and `login` has its userinfo.
 * Errors: session_expired (upstream ceiling in the past), session_too_large, store_*.
 */
A0_MUST_USE a0_status a0__login_session_begin(a0_session *session, a0_session *replaces,
                                              a0__transaction *transaction,
                                              const a0__claims *claims, a0_login *login,
                                              a0_error **err);

/* SESS-14: moves the end of a session to the ceiling that an enterprise connection may
 * have set. Errors: session_expired when that is past. */
A0_MUST_USE a0_status a0__login_ceiling(const a0_client *client,
                                        const a0__claims *claims, int64_t now,
                                        int64_t *ends_at, a0_error **err);

#endif
