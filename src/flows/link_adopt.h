/* SPDX-License-Identifier: MIT */
/*
 * After a link the session that signed in as the secondary becomes the primary's, in
 * one commit [LINK-23]. A refresh token that was stored for the primary goes with it
 * only when one refresh has proved whose it is.
 */
#ifndef A0_FLOWS_LINK_ADOPT_H
#define A0_FLOWS_LINK_ADOPT_H

#include <a0/user.h>

#include "flows/refresh.h"
#include "oauth/token.h"
#include "oidc/claims.h"

/* The primary's refresh token, after a refresh that proved it. */
typedef struct a0__link_proof {
    bool holds;
    a0__buf row_key; /* where it stood for another session; empty: nowhere */
    a0__token_set tokens;
    a0__wanted_token wanted; /* what the access token was asked for */
    bool is_covered;         /* and whether it is that */
    a0__claims *claims;
    a0__buf userinfo;
} a0__link_proof;

#define A0__LINK_PROOF_INIT                                                            \
    ((a0__link_proof){ .row_key = A0__BUF_INIT(A0_RECORD_KEY_MAX),                     \
                       .tokens = A0__TOKEN_SET_INIT,                                   \
                       .wanted = { .scope = A0__BUF_INIT(A0__LINK_SCOPE_MAX) },        \
                       .userinfo = A0__BUF_INIT(A0__USERINFO_MAX) })

enum {
    A0__LINK_SCOPE_MAX = 8192
};

void a0__link_proof_auto(a0__link_proof *proof);

/* Looks for the token and proves it. Without one, or when it fails, out->holds is
 * false, and the log says why: then the person signs in once more. */
void a0__link_prove(a0_client *client, a0__text user_id, a0__link_proof *out);

/*
 * Makes the session that of the primary, under a new id. Without a proof it has no
 * tokens; `profile` then gives its userinfo. *out_adopted is false when the session has
 * ended meanwhile. Errors: session_too_large, rng_failure, store_*; the session is then
 * as it was.
 */
A0_MUST_USE a0_status a0__link_adopt(a0_session *session, const a0_user *primary,
                                     const a0__link_proof *proof, bool *out_adopted,
                                     a0_error **err);

#endif
