/* SPDX-License-Identifier: MIT */
/*
 * After a link the session that signed in as the secondary becomes the primary's, in
 * one commit [LINK-23].
 */
#ifndef A0_FLOWS_LINK_ADOPT_H
#define A0_FLOWS_LINK_ADOPT_H

#include <a0/user.h>

#include "flows/link_proof.h"
#include "flows/session.h"

/*
 * Makes the session that of the primary, under a new id. Without a proof it has no
 * tokens, and its userinfo is what the profile `primary` says. *out_adopted is false
 * when the session has ended meanwhile. Errors: session_too_large, rng_failure,
 * store_*; the session is then as it was.
 */
A0_MUST_USE a0_status a0__link_adopt(a0_session *session, const a0_user *primary,
                                     const a0__link_proof *proof, bool *out_adopted,
                                     a0_error **err);

#endif
