/* SPDX-License-Identifier: MIT */
/*
 * A refresh token that was stored for the primary of a link: adopted by the session
 * that signed in as the secondary only when one refresh has proved whose it is
 * [LINK-23].
 */
#ifndef A0_FLOWS_LINK_PROOF_H
#define A0_FLOWS_LINK_PROOF_H

#include "flows/refresh_proof.h"

/* The primary's refresh token, after a refresh that proved it. */
typedef struct a0__link_proof {
    bool holds;
    a0__buf row_key; /* where it stood for another session; empty: nowhere */
    a0__refresh_proof refresh;
} a0__link_proof;

#define A0__LINK_PROOF_INIT                                                            \
    ((a0__link_proof){ .row_key = A0__BUF_INIT(A0_RECORD_KEY_MAX),                     \
                       .refresh = A0__REFRESH_PROOF_INIT })

void a0__link_proof_auto(a0__link_proof *proof);

/*
 * Looks for the token and proves it. Without one, when it fails, or when it is of
 * another organization than the sign-in (empty: none) [LINK-22], out->holds is false,
 * and the log says why: then the person signs in once more.
 */
void a0__link_prove(a0_client *client, a0__text user_id, a0__text org_id,
                    a0__link_proof *out);

#endif
