/* SPDX-License-Identifier: MIT */
/*
 * One at a time on one refresh token: whoever would send it to Auth0, to refresh or to
 * exchange it, waits for its turn, in this process and in all that share the store
 * [RFR-02, VAULT-05].
 */
#ifndef A0_FLOWS_REFRESH_LOCK_H
#define A0_FLOWS_REFRESH_LOCK_H

#include "flows/client.h"

enum {
    /* What a lease has beyond the deadline of one request: who begins another request
     * later than this after taking the turn may find that the lease is over. */
    A0__REFRESH_LEASE_MARGIN_S = 5
};

typedef struct a0__refresh_turn {
    /* Whether another has done meanwhile what is wanted; reads the session again. */
    a0_status (*look)(void *self, bool *out_done, a0_error **err);
    /* What is done with the token, by the one who holds the lock. */
    a0_status (*act)(void *self, a0_error **err);
    void *self;
    /* What is wanted, as of a0__flights: a failure is that of all who wait for the
     * same. NULL: of nobody else. */
    const char *about;
} a0__refresh_turn;

/* refresh_key: the row of the token. Errors: refresh_token_missing (no key),
 * refresh_in_progress, store_*, and those of the turn. */
A0_MUST_USE a0_status a0__refresh_take_turn(a0_client *client, a0__text refresh_key,
                                            const a0__refresh_turn *turn,
                                            a0_error **err);

#endif
