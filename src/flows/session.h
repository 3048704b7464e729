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
    bool is_new; /* the id was drawn just now: no row belongs to it yet */
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

/* A new id and the key of its row. Drawn before anything is changed, so that a failing
 * generator leaves everything as it was. */
A0_MUST_USE a0_status a0__session_id_new(const a0_client *client, a0__secret *out_id,
                                         char out_key[A0__ROW_KEY_LEN + 1],
                                         a0_error **err);

/* Gives the session that id, which is moved out of *id; touches no row. */
void a0__session_rename(a0_session *session, a0__secret *id,
                        const char key[A0__ROW_KEY_LEN + 1]);

/* The row as it is to be written; its texts live as long as the session's. */
A0_MUST_USE a0_status a0__session_row(const a0_session *session,
                                      const a0__session_record *record, a0_record *out,
                                      a0__buf *out_plain, a0_error **err);

/*
 * Takes over a packed record that was just read or written; *plain is emptied. Can not
 * fail, so that what the store holds and what the caller sees never part [MEM-09].
 * Bytes of another version of this library count as no session [SESS-05].
 */
void a0__session_adopt(a0_session *session, a0__buf *plain, int64_t version,
                       int64_t idle_ends_at);

/* Makes the session anonymous under the id that it has; touches no row. */
void a0__session_forget(a0_session *session);

/* When a session that is used now ends if it is not used again. */
int64_t a0__session_idle_end(const a0_client *client, const a0__session_record *record,
                             int64_t now);

/* Errors: session_missing, session_expired. */
A0_MUST_USE a0_status a0__session_require(const a0_session *session, a0_error **err);

#endif
