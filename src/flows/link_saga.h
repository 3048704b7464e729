/* SPDX-License-Identifier: MIT */
/*
 * Doing what the rules decided: journalled, every step repeatable (contract §2, rules
 * 10 to 12). Deciding is src/link/rules.h; this side never asks whether, only how.
 */
#ifndef A0_FLOWS_LINK_SAGA_H
#define A0_FLOWS_LINK_SAGA_H

#include <a0/link.h>

#include "auth0/user.h"
#include "flows/session.h"

enum {
    A0__LINK_LOCKS_MAX = 3
};

/* Why accounts may be linked; recorded, never renumbered. */
typedef enum a0__link_evidence {
    A0__LINK_BY_CONNECTED_ACCOUNT = 1, /* rule 2: the exact identity */
    A0__LINK_BY_EMAIL = 2,             /* rule 3 */
    A0__LINK_BY_CONFIRMATION = 3       /* rule 4 */
} a0__link_evidence;

/* A verdict that is to be carried out. Everything is borrowed. The direction is fixed
 * here and never turned by a retry [LINK-13]. */
typedef struct a0__link_plan {
    int rule; /* of contract §2 */
    a0__link_evidence evidence;
    a0__text connected_account_id; /* for rule 2; else empty */
    a0__text email;                /* of the sign-in, canonical; may be empty */
    const a0_user *primary;        /* both read afresh */
    const a0_user *secondary;      /* has one identity */
    int64_t read_at_ms;            /* monotonic: when they were read */
} a0__link_plan;

/* The locks that a link needs: on the address, then on both users in sorted order, so
 * that two sign-ins of one person take turns and never deadlock [LINK-14]. */
typedef struct a0__link_locks {
    a0_client *client; /* NULL: nothing is held */
    char key[A0__LINK_LOCKS_MAX][A0__ROW_KEY_LEN + 8];
    int64_t version[A0__LINK_LOCKS_MAX];
    size_t len;
    int64_t leased_until_ms; /* monotonic */
} a0__link_locks;

/* Lets go of what is held. */
void a0__link_locks_auto(a0__link_locks *locks);

/*
 * Takes the locks of a plan. *out_still_holds is false when the profiles may have
 * changed since they were read: another holder was waited for, either user was linked
 * or unlinked by us meanwhile, or two seconds have passed. Then the caller reads and
 * decides again under the locks, and carries on only with the same verdict [LINK-17].
 * Errors: link_in_progress (somebody else holds them and does not come to an end, or
 * has left something half-way that can not be finished now), store_*.
 */
A0_MUST_USE a0_status a0__link_lock(a0_client *client, const a0__link_plan *plan,
                                    a0__link_locks *out, bool *out_still_holds,
                                    a0_error **err);

/* How it went. */
typedef struct a0__link_done {
    bool is_linked;
    bool reauthentication_required;
    /* NULL, or why nothing was changed: "gone", "state_changed", "metadata_too_large"
     */
    const char *refused;
} a0__link_done;

/*
 * Links, under locks that are held: journal, link, metadata, rows, sessions and tokens.
 * Afterwards the session is the primary's: the one that signed in as the secondary is
 * taken over (rules 2 and 3), the one that confirmed is the primary's already. Nothing
 * is begun for one that has ended meanwhile (link_in_progress). Errors, with the
 * session as it was: link_conflict, mgmt_*, http_* (nothing was changed), link_partial,
 * link_in_progress, store_* (perhaps half-way: settled later).
 */
A0_MUST_USE a0_status a0__link_run(a0_session *session, const a0__link_plan *plan,
                                   const a0__link_locks *locks, a0__link_done *out,
                                   a0_error **err);

/* The same for an operator: nobody is signed in, and every session of both users ends.
 */
A0_MUST_USE a0_status a0__link_run_unattended(a0_client *client,
                                              const a0__link_plan *plan,
                                              const a0__link_locks *locks,
                                              a0__link_done *out, a0_error **err);

/*
 * Finishes or takes back what a crash left half-way of this user; costs one look-up in
 * the store when there is nothing. Called before anything is decided [LINK-15]. Every
 * session of both users ends but `spared` (may be NULL): the one that signed in after
 * the crash. Errors: link_partial and link_in_progress (still half-way: decide nothing
 * now), store_*.
 */
A0_MUST_USE a0_status a0__link_settle(a0_client *client, a0__text user_id,
                                      const a0_session *spared, a0_error **err);

/* Whether we linked that identity to that user and it stands: such an identity may have
 * another address (rule 8). */
A0_MUST_USE a0_status a0__link_is_recorded(a0_client *client, a0__text primary_user_id,
                                           const a0_identity *identity, bool *out,
                                           a0_error **err);

/* Whether a link of these two, in either direction, was undone: only a confirmation
 * lifts that (rule 12, LINK-24). */
A0_MUST_USE a0_status a0__link_was_undone(a0_client *client, a0__text one,
                                          a0__text other, bool *out, a0_error **err);

#endif
