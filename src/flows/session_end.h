/* SPDX-License-Identifier: MIT */
/*
 * Ending sessions whose ids are in browsers elsewhere: they are found by the plain
 * columns of their rows, so that no index beside them can rot [LOUT-06, LOUT-11].
 */
#ifndef A0_FLOWS_SESSION_END_H
#define A0_FLOWS_SESSION_END_H

#include "flows/session.h"

/* Which sessions; at least one of sid and user_id is set. */
typedef struct a0__session_choice {
    const char *sid;       /* NULL: whatever it is */
    const char *user_id;   /* NULL: whosever it is; else present or at the sign-in */
    const char *spare_key; /* the row of one that stays, or NULL */
} a0__session_choice;

/*
 * Ends them, each in one commit: the session, the local copy of its refresh token
 * unless another session uses it, what it had pending, and the person's cached provider
 * tokens. To be repeated after a failure. Errors: store_*.
 */
A0_MUST_USE a0_status a0__sessions_end(a0_client *client,
                                       const a0__session_choice *choice,
                                       size_t *out_ended, a0_error **err);

enum {
    A0__SIGNED_IN_AS_MAX = 80
};

/* What a row borrows until the commit. */
typedef struct a0__signed_in_as {
    char key[A0__SIGNED_IN_AS_MAX];
    char subject[A0__ROW_KEY_LEN + 1];
} a0__signed_in_as;

/*
 * Adds to the batch that gives a session another subject: it is still found by the one
 * it was signed in with. The row has its hash: when either person is erased, it must
 * not name them [STOR-12]. `space` and the record live until the commit.
 */
A0_MUST_USE a0_status a0__session_signed_in_as(a0__batch *batch, a0_client *client,
                                               const char *session_key,
                                               const a0__session_record *record,
                                               a0__signed_in_as *space, a0_error **err);

#endif
