/* SPDX-License-Identifier: MIT */
/*
 * What Auth0 has ended is remembered for ten minutes, so that a logout token which
 * overtakes a sign-in still wins, on whatever node either arrives [LOUT-10].
 */
#ifndef A0_FLOWS_ENDED_H
#define A0_FLOWS_ENDED_H

#include "flows/rows.h"
#include "oidc/backchannel.h"
#include "session/session_record.h"

enum {
    A0__ENDED_KEPT_S = 600,
    A0__ENDED_KEY_MAX = 80
};

/* Remembers that the session of that sid, or every earlier sign-in of that sub, is
 * over. Errors: store_*. */
A0_MUST_USE a0_status a0__ended_note(a0_client *client, const a0__logout_token *token,
                                     a0_error **err);

/* Remembers a logout token by its jti; *out_new is false when it was known
 * [LOUT-08]. */
A0_MUST_USE a0_status a0__ended_note_jti(a0_client *client,
                                         const a0__logout_token *token, bool *out_new,
                                         a0_error **err);
A0_MUST_USE a0_status a0__ended_has_jti(a0_client *client,
                                        const a0__logout_token *token, bool *out_has,
                                        a0_error **err);

/* Keys of the conditions below; lives until the commit. */
typedef struct a0__ended_keys {
    char sid[A0__ENDED_KEY_MAX];
    char sub[A0__ENDED_KEY_MAX];
} a0__ended_keys;

/*
 * Adds the conditions under which a sign-in may become a session. authenticated_at is
 * auth_time, or iat where there is none, by Auth0's clock. Errors: session_revoked when
 * it was ended already, store_*.
 */
A0_MUST_USE a0_status a0__ended_bar(a0__batch *batch, a0_client *client,
                                    const a0__session_record *record,
                                    int64_t authenticated_at, a0__ended_keys *keys,
                                    a0_error **err);

#endif
