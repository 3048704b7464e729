/* SPDX-License-Identifier: MIT */
/* Ending what was opened before two accounts became one, or two again [LINK-06]. */
#ifndef A0_FLOWS_LINK_END_H
#define A0_FLOWS_LINK_END_H

#include "flows/session.h"

/*
 * Ends every session of the user but `spared` (may be NULL) and drops every refresh
 * token that is kept of them, but that of `spared`; each is revoked at Auth0: by the
 * sweep when there is a `spared` one, because somebody waits for that sign-in, and
 * nobody but us has held the tokens; else now. Errors: store_*.
 */
A0_MUST_USE a0_status a0__link_end_sessions(a0_client *client, a0__text user_id,
                                            const a0_session *spared, a0_error **err);

#endif
