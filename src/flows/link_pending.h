/* SPDX-License-Identifier: MIT */
/*
 * What waits for a confirmation (contract §2, rules 4 and 6): it stands in the sealed
 * record of one session, names both accounts, lives ten minutes, and is good for one
 * sign-in that was started for it. Every other sign-in makes a session without it.
 */
#ifndef A0_FLOWS_LINK_PENDING_H
#define A0_FLOWS_LINK_PENDING_H

#include <a0/link.h>

#include "flows/transaction.h"
#include "link/rules.h"

enum {
    A0__PENDING_LIFETIME_S = 600,
    A0__PENDING_MAX = 16384,
    /* How old the authentication may be that confirms, in seconds [LINK-21]. */
    A0__CONFIRMATION_AGE_MAX_S = 120
};

/* Texts are views into the document. */
typedef struct a0__pending {
    a0__text id;
    a0__text primary_user_id;
    a0__text primary_connection;
    a0__text secondary_user_id;
    a0__text address; /* canonical, of the sign-in */
    a0__text org_id;  /* of the sign-in; empty: none */
    int64_t expires_at;
    /* The tenant's time of the sign-in: what confirms it must be later [LINK-21]. */
    int64_t not_before;
    a0__json *document;
} a0__pending;

void a0__pending_auto(a0__pending *pending);

/* Reads what a session stores. */
A0_MUST_USE a0_status a0__pending_parse(a0__text stored, a0__pending *out,
                                        bool *out_found, a0_error **err);
/* What the session has, expired or not. Statuses: no_memory; nothing there is A0_OK
 * with *out_found false. */
A0_MUST_USE a0_status a0__pending_read(const a0_session *session, a0__pending *out,
                                       bool *out_found, a0_error **err);

bool a0__pending_is_live(const a0_client *client, const a0__pending *pending);

/* What the account that stays looks like to its owner [LINK-07]. */
typedef struct a0__pending_about {
    const a0__link_verdict *verdict;
    size_t primary_connected_accounts;
} a0__pending_about;

/* Stores a verdict to be confirmed in the session, in the place of an older one.
 * Errors: session_missing, store_*. */
A0_MUST_USE a0_status a0__pending_store(a0_session *session,
                                        const a0__pending_about *about, a0_error **err);

/* Takes it out of the session: of several at once one finds it. Errors: store_*. */
A0_MUST_USE a0_status a0__pending_take(a0_session *session, a0__pending *out,
                                       bool *out_found, a0_error **err);

/* The stored text that a session begun by this transaction takes along: that of the
 * session which started it, if that is what the transaction is to confirm. */
a0__text a0__pending_of_confirmation(const a0__transaction *transaction,
                                     const a0_session *session,
                                     const a0_session *replaces);

#endif
