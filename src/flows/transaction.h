/* SPDX-License-Identifier: MIT */
/*
 * Open sign-ins, connects and confirmations (contract §1): each stands under the hash
 * of its `state`, belongs to the browser that opened it, and is taken once.
 */
#ifndef A0_FLOWS_TRANSACTION_H
#define A0_FLOWS_TRANSACTION_H

#include "flows/session.h"
#include "session/transaction_record.h"

enum {
    /* security-cases §0.3; the oldest goes first [SESS-07, SESS-08]. */
    A0__TRANSACTIONS_PER_BROWSER = 8,
    /* Parallel starts may make it more for a moment. */
    A0__TRANSACTION_CROWD_MAX = 12
};

/* The keys of what a browser has open, oldest first. */
typedef struct a0__transaction_crowd {
    char key[A0__TRANSACTION_CROWD_MAX][A0_RECORD_KEY_MAX + 1];
    size_t len;
} a0__transaction_crowd;

/* A transaction that was read; the texts of `record` are views into row.plain. */
typedef struct a0__transaction {
    a0__row row;
    char key[A0__ROW_KEY_LEN + 1];
    a0__transaction_record record;
} a0__transaction;

#define A0__TRANSACTION_INIT ((a0__transaction){ .row = A0__ROW_INIT })

void a0__transaction_auto(a0__transaction *transaction);

A0_MUST_USE a0_status a0__transaction_find_open(const a0_session *session,
                                                a0__transaction_crowd *out,
                                                a0_error **err);

/* What a signed-in person has begun, in whatever browser. */
A0_MUST_USE a0_status a0__transaction_find_pending(a0_client *client,
                                                   const char *user_id,
                                                   a0__transaction_crowd *out,
                                                   a0_error **err);

/* Adds the end of the oldest ones, at most `max`; *open lives until the commit. */
A0_MUST_USE a0_status a0__transaction_erase_oldest(const a0__transaction_crowd *open,
                                                   size_t max, a0__batch *batch,
                                                   a0_error **err);

/* Stores a new one under its state; the oldest of this browser makes room. */
A0_MUST_USE a0_status a0__transaction_open(a0_session *session, const a0__secret *state,
                                           const a0__transaction_record *record,
                                           a0_error **err);

/*
 * The transaction of that state if this browser opened it. What another browser opened
 * is answered as if it had never been [CB-02]. Errors: callback_state_unknown (none is
 * open here), callback_state_mismatch (others are).
 */
A0_MUST_USE a0_status a0__transaction_find(a0_session *session, a0__text state,
                                           a0__transaction *out, a0_error **err);

/* callback_expired once its lifetime is over, or when it is dated in the future
 * [CB-10]. */
A0_MUST_USE a0_status a0__transaction_check_age(const a0_client *client,
                                                const a0__transaction *transaction,
                                                a0_error **err);

/*
 * Takes an open transaction: from now on nobody else can. The stored row loses its
 * secrets, the one in memory keeps them. *out_taken is false when somebody was faster.
 */
A0_MUST_USE a0_status a0__transaction_take(a0_client *client,
                                           a0__transaction *transaction,
                                           bool *out_taken, a0_error **err);

/* Adds to a batch the end of a transaction that was taken: DONE with the key of the
 * session it produced, or FAILED. `plain` holds the packed row until the commit. */
A0_MUST_USE a0_status a0__transaction_end(a0__transaction *transaction,
                                          a0_client *client,
                                          a0__transaction_state state,
                                          const char *produced, a0__batch *batch,
                                          a0_error **err);

/* Waits for the end of one that another request took, at most two seconds [CB-05]. */
A0_MUST_USE a0_status a0__transaction_await(a0_session *session, a0__text state,
                                            a0__transaction *transaction,
                                            a0_error **err);

#endif
