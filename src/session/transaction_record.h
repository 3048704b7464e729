/* SPDX-License-Identifier: MIT */
/*
 * What is inside the sealed data of a transaction's row: everything that the callback
 * must be held against. The purpose never changes and alone decides who may complete
 * it [CB-09].
 */
#ifndef A0_SESSION_TRANSACTION_RECORD_H
#define A0_SESSION_TRANSACTION_RECORD_H

#include "base/pack.h"

/* Stored: never renumber. */
typedef enum a0__purpose {
    A0__PURPOSE_LOGIN = 1,
    A0__PURPOSE_STEP_UP = 2,
    A0__PURPOSE_LINK_CONFIRM = 3,
    A0__PURPOSE_CONNECT = 4
} a0__purpose;

typedef enum a0__transaction_state {
    A0__TRANSACTION_OPEN = 1,
    A0__TRANSACTION_TAKEN = 2, /* its code is being exchanged; no secrets any more */
    A0__TRANSACTION_DONE = 3,  /* completed; a marker against replay [CB-04] */
    A0__TRANSACTION_FAILED = 4
} a0__transaction_state;

enum {
    A0__TRANSACTION_RECORD_MAX = 16384,
    A0__NO_MAX_AGE = -1
};

typedef struct a0__transaction_record {
    a0__purpose purpose;
    a0__transaction_state state;
    int64_t created_at;
    a0__text browser; /* key of the session that opened it */
    a0__text iss;
    a0__text redirect_uri;
    a0__text return_to;
    a0__text nonce;
    a0__text code_verifier;
    a0__text audience;
    a0__text scope;
    a0__text organization;
    a0__text acr_values;
    int64_t max_age;   /* seconds, or A0__NO_MAX_AGE */
    a0__text user_id;  /* who started it, for purposes that need somebody */
    a0__text produced; /* DONE: key of the session it produced */

    /* CONNECT and LINK_CONFIRM */
    a0__text session; /* key of the session that started it */

    /* CONNECT alone */
    a0__text connection;
    a0__text auth_session; /* a secret of the My Account API */
    int64_t ends_at;       /* when that one ends */

    /* LINK_CONFIRM alone: what is to be confirmed [LINK-19] */
    a0__text link_id;
} a0__transaction_record;

void a0__transaction_record_pack(const a0__transaction_record *record, a0__buf *out);
A0_MUST_USE bool a0__transaction_record_unpack(a0__text packed,
                                               a0__transaction_record *out);

#endif
