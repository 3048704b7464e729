/* SPDX-License-Identifier: MIT */
/*
 * Whose refresh token is it? One refresh says: of tokens that no sign-in of ours
 * brought nothing is believed but the ID token that comes back for them [LINK-23].
 */
#ifndef A0_FLOWS_REFRESH_PROOF_H
#define A0_FLOWS_REFRESH_PROOF_H

#include "flows/refresh.h"
#include "oauth/token.h"
#include "oidc/claims.h"

enum {
    A0__PROOF_SCOPE_MAX = 8192
};

/* What the refresh brought; tokens.refresh_token is the one to go on with. */
typedef struct a0__refresh_proof {
    a0__token_set tokens;
    a0__wanted_token wanted; /* what the access token was asked for */
    bool is_covered;         /* and whether it is that */
    a0__claims *claims;
    a0__buf userinfo;
} a0__refresh_proof;

#define A0__REFRESH_PROOF_INIT                                                         \
    ((a0__refresh_proof){ .tokens = A0__TOKEN_SET_INIT,                                \
                          .wanted = { .scope = A0__BUF_INIT(A0__PROOF_SCOPE_MAX) },    \
                          .userinfo = A0__BUF_INIT(A0__USERINFO_MAX) })

void a0__refresh_proof_clear(a0__refresh_proof *proof);

/*
 * Refreshes once, by the one whose turn it is, for what a session asks first. Errors:
 * refresh_*, idt_*, jwt_*, jwks_*, discovery_*; a token that was just issued to
 * somebody else is revoked.
 */
A0_MUST_USE a0_status a0__refresh_prove(a0_client *client, const a0__tenant *tenant,
                                        const char *user_id,
                                        const a0__secret *refresh_token,
                                        a0__refresh_proof *out, a0_error **err);

/* The person, and the tokens but for the refresh token, as the proof has them; *record
 * borrows from it. */
void a0__refresh_proof_apply(const a0_client *client, const a0__refresh_proof *proof,
                             a0__session_record *record);

#endif
