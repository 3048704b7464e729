/* SPDX-License-Identifier: MIT */
/*
 * What is inside the sealed data of a session's row: who is signed in, until when, and
 * the access tokens obtained so far. All texts are views into the bytes they were read
 * from, or into whatever the writer lays out.
 */
#ifndef A0_SESSION_SESSION_RECORD_H
#define A0_SESSION_SESSION_RECORD_H

#include "base/pack.h"

enum {
    /* Access tokens kept per session; the one obtained first goes first. */
    A0__KEPT_TOKENS_MAX = 16,
    /* The packed record; a session that needs more is session_too_large [SESS-04]. */
    A0__SESSION_RECORD_MAX = 196608
};

/* An access token under its key: audience and the sorted scope set it was asked for. */
typedef struct a0__kept_token {
    a0__text audience;
    a0__text scope_asked;
    a0__text scope_granted;
    a0__text access_token;
    a0__text token_type;
    int64_t obtained_at;
    int64_t expires_at;
} a0__kept_token;

typedef struct a0__session_record {
    a0__text iss;
    a0__text sub;
    a0__text login_sub; /* the sub of the sign-in; differs from sub after a link */
    a0__text sid;
    a0__text name;
    a0__text email;
    bool email_verified;
    int64_t auth_time;
    int64_t signed_in_at;
    int64_t touched_at;   /* when the idle end was last moved */
    int64_t ends_at;      /* the absolute end, an upstream ceiling included */
    a0__text browser;     /* key of the session that opened the sign-in */
    a0__text first_key;   /* the row before a link moved it; "" when none did */
    a0__text refresh_key; /* row of the refresh token; "" when there is none */
    a0__text org_id;
    a0__text azp;
    a0__text userinfo; /* JSON object */
    a0__text id_token;
    a0__text pending_link;  /* JSON; what waits for a confirmation, or "" */
    bool link_is_confirmed; /* this session's sign-in was to confirm what waited */
    a0__kept_token tokens[A0__KEPT_TOKENS_MAX];
    size_t tokens_len;
} a0__session_record;

void a0__session_record_pack(const a0__session_record *record, a0__buf *out);
/* False unless the bytes are exactly one record of this version. */
A0_MUST_USE bool a0__session_record_unpack(a0__text packed, a0__session_record *out);

/* The token kept for that audience and sorted scope set, or NULL. */
const a0__kept_token *a0__session_record_token(const a0__session_record *record,
                                               a0__text audience, a0__text scope_asked);
/* Lets go of the tokens obtained first until the record fits its limit: what a rotation
 * brought must not be lost because other tokens are large. */
void a0__session_record_fit(a0__session_record *record);
/* Puts a token in the place of the one with the same key, or of the oldest. */
void a0__session_record_keep(a0__session_record *record, const a0__kept_token *token);

#endif
