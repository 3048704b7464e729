/* SPDX-License-Identifier: MIT */
/* A session from inside, and how flows change it. */
#ifndef A0_FLOWS_SESSION_H
#define A0_FLOWS_SESSION_H

#include <a0/session.h>

#include "flows/rows.h"
#include "session/session_record.h"

struct a0_session {
    a0_client *client;
    a0__secret id;
    char key[A0__ROW_KEY_LEN + 1]; /* where its row stands: the id's hash */
    bool is_signed_in;
    int64_t version;
    int64_t idle_ends_at;
    a0__buf plain; /* what the views of `record` point into */
    a0__session_record record;
    a0__buf url; /* the last URL that was given out */
    a0__secret refresh_token;
};

/* What binds transactions to this browser: the key under which its first sign-in was
 * opened; it survives the change of the id at a sign-in. */
const char *a0__session_browser(const a0_session *session);

/* Reads the row again; the session is anonymous when there is none any more. */
A0_MUST_USE a0_status a0__session_reload(a0_session *session, a0_error **err);

/* Gives the session a new id and makes it anonymous; touches no row. */
A0_MUST_USE a0_status a0__session_renew(a0_session *session, a0_error **err);

/* The row as it is to be written; its texts live as long as the session's. */
A0_MUST_USE a0_status a0__session_row(const a0_session *session,
                                      const a0__session_record *record, a0_record *out,
                                      a0__buf *out_plain, a0_error **err);

/* Takes over a packed record that was just written. */
A0_MUST_USE a0_status a0__session_adopt(a0_session *session, a0__text plain,
                                        int64_t version, int64_t idle_ends_at,
                                        a0_error **err);

/* When a session that is used now ends if it is not used again. */
int64_t a0__session_idle_end(const a0_client *client, const a0__session_record *record,
                             int64_t now);

/* Statuses: session_missing. */
A0_MUST_USE a0_status a0__session_require(const a0_session *session, a0_error **err);

#endif
