/* SPDX-License-Identifier: MIT */
/*
 * Refresh tokens in the store (contract §1, the session): a row of their own under the
 * server key, named by the session; and the newest of each user, which linking and
 * background work use when no browser is at hand.
 */
#ifndef A0_FLOWS_REFRESH_TOKEN_ROW_H
#define A0_FLOWS_REFRESH_TOKEN_ROW_H

#include "flows/session.h"

/* What a batch needs of the rows that it writes; lives until the commit. */
typedef struct a0__refresh_token_row {
    char key[A0__UUID_LEN + 1];
    const char *user_id;
    const char *sid;
    const char *session_key;
    int64_t created_at;
    int64_t expires_at;
} a0__refresh_token_row;

/* Whether it can be one at all: what somebody else has kept is looked at first. */
bool a0__refresh_token_is_valid(a0__text token);

/* Adds the token of a new sign-in: its own row, and the user's newest one. */
A0_MUST_USE a0_status a0__refresh_token_insert(a0__batch *batch, a0_client *client,
                                               const a0__refresh_token_row *row,
                                               const a0__secret *refresh_token,
                                               a0_error **err);

/* Adds a token as the user's newest, whatever that was. user_id is borrowed until the
 * commit. */
A0_MUST_USE a0_status a0__refresh_token_put_newest(a0__batch *batch, a0_client *client,
                                                   const char *user_id,
                                                   int64_t created_at,
                                                   const a0__secret *refresh_token,
                                                   a0_error **err);

/* Reads the token of a session; *out_found is false when its row is gone. */
A0_MUST_USE a0_status a0__refresh_token_read(a0_client *client, const char *key,
                                             a0__row *out_row, a0__secret *out_token,
                                             bool *out_found, a0_error **err);

/*
 * Adds the rotation: the new token takes the place of the old in its row and, if the
 * user's newest one is the old, there too.
 */
A0_MUST_USE a0_status a0__refresh_token_rotate(a0__batch *batch, a0_client *client,
                                               const a0__row *row,
                                               const a0__secret *old_token,
                                               const a0__secret *new_token,
                                               a0_error **err);

/* Whether more than one session uses it. */
A0_MUST_USE a0_status a0__refresh_token_is_shared(a0_client *client, const char *key,
                                                  bool *out_shared, a0_error **err);

/* Adds the end of a token: its row goes and, if the user's newest one is the same, that
 * one too. */
A0_MUST_USE a0_status a0__refresh_token_erase(a0__batch *batch, a0_client *client,
                                              const a0__row *row,
                                              const a0__secret *token, a0_error **err);

#endif
