/* SPDX-License-Identifier: MIT */
/*
 * The journal of account linking (contract §2, rule 10): what is to be done, how far it
 * has come, and what it takes to undo it. One row for each account that became, or is
 * to become, a secondary; written before the first request and after every step.
 * Whoever changes it must have read its newest version, so that two who repair it do
 * not meet.
 */
#ifndef A0_FLOWS_LINK_JOURNAL_H
#define A0_FLOWS_LINK_JOURNAL_H

#include <a0/user.h>

#include "flows/rows.h"

/* How far it has come; recorded, never renumbered. */
typedef enum a0__link_state {
    A0__LINK_PLANNED = 1,  /* Auth0 may have linked them, or not */
    A0__LINK_LINKED = 2,   /* the primary may have the metadata, or not */
    A0__LINK_MERGED = 3,   /* what is left to be done is ours */
    A0__LINK_RECORDED = 4, /* sessions and tokens of before may stand */
    A0__LINK_DONE = 5,
    A0__LINK_UNDO_PLANNED = 6, /* Auth0 may have parted them, or not */
    A0__LINK_PARTED = 7        /* the metadata may be where it was, or not */
} a0__link_state;

/* An entry. The texts are views into `plain` or into what its maker lays out. */
typedef struct a0__link_journal {
    char key[A0_RECORD_KEY_MAX + 1];
    int64_t version; /* of the row; 0: not written yet */
    int64_t created_at;
    a0__buf plain;

    a0__link_state state;
    int64_t rule;
    int64_t evidence;
    a0__text primary_user_id;
    a0__text secondary_user_id;
    a0__text provider; /* the three that name the identity */
    a0__text connection;
    a0__text identity_user_id;
    a0__text connected_account_id; /* of rule 2; else empty */
    a0__text email;                /* canonical; may be empty */
    a0__text by;                   /* who was signed in, or "operator" */
    a0__text user_metadata;        /* of the secondary before, JSON; empty: none */
    a0__text app_metadata;
    a0__text before_user_metadata; /* of the primary before: the members that change */
    a0__text before_app_metadata;
    a0__text patch_user_metadata; /* what they become; empty: nothing */
    a0__text patch_app_metadata;
} a0__link_journal;

enum {
    A0__LINK_JOURNAL_MAX = A0_RECORD_DATA_MAX - A0__SEAL_OVERHEAD
};

#define A0__LINK_JOURNAL_INIT                                                          \
    ((a0__link_journal){ .plain = A0__BUF_INIT(A0__LINK_JOURNAL_MAX) })

void a0__link_journal_clear(a0__link_journal *journal);
void a0__link_journal_auto(a0__link_journal *journal);

/* The key of the entry of a secondary. */
A0_MUST_USE a0_status a0__link_journal_key(a0__text secondary_user_id,
                                           char out[A0_RECORD_KEY_MAX + 1],
                                           a0_error **err);

/* One that does not open, or that another version of this program wrote, is not found,
 * but has a row version; the log says so. */
A0_MUST_USE a0_status a0__link_journal_read(a0_client *client, const char *key,
                                            a0__link_journal *out, bool *out_found,
                                            a0_error **err);

/* Whether something is left to be done. */
bool a0__link_journal_is_open(const a0__link_journal *journal);

/* The identity that the entry is about; borrows from it. */
a0_identity a0__link_journal_identity(const a0__link_journal *journal);

/*
 * Adds the entry as it is now to a batch: an INSERT if its version is 0, else an UPDATE
 * of that version. One that is done is kept for as long as it can be undone. *out_plain
 * is what a0__link_journal_written takes when the batch was applied.
 */
A0_MUST_USE a0_status a0__link_journal_add(a0__batch *batch, a0_client *client,
                                           const a0__link_journal *journal,
                                           a0__buf *out_plain, a0_error **err);
void a0__link_journal_written(a0__link_journal *journal, a0__buf *plain);

/* Writes the entry with that state. Errors: link_in_progress (somebody else has changed
 * it meanwhile), store_*. */
A0_MUST_USE a0_status a0__link_journal_move(a0_client *client,
                                            a0__link_journal *journal,
                                            a0__link_state state, a0_error **err);
/* The same for what Auth0 has done for good: an entry that somebody closed meanwhile,
 * because it had not been done yet, is written anew [LINK-15]. */
A0_MUST_USE a0_status a0__link_journal_keep(a0_client *client,
                                            a0__link_journal *journal,
                                            a0__link_state state, a0_error **err);
/* Removes an entry that came to nothing. Errors as above. */
A0_MUST_USE a0_status a0__link_journal_close(a0_client *client,
                                             a0__link_journal *journal, a0_error **err);

/* Keys of open entries, each with a newline: of a user on either side, or of anybody
 * (empty), oldest first. */
A0_MUST_USE a0_status a0__link_journal_find_open(a0_client *client, a0__text user_id,
                                                 a0__buf *out_keys, a0_error **err);

/* Says how many entries have been open for minutes, so that what a killed process left
 * half-way is known before anybody signs in [LINK-15]. */
void a0__link_journal_remind(const a0_client *client);

/* ---- pairs that were undone (contract §2, rule 12) ---- */

/* The key of a pair, in either direction. */
A0_MUST_USE a0_status a0__link_pair_key(a0__text one, a0__text other,
                                        char out[A0_RECORD_KEY_MAX + 1],
                                        a0_error **err);
/* Adds the memory of the entry's pair; key as above, alive until the commit. */
A0_MUST_USE a0_status a0__link_pair_add(a0__batch *batch, a0_client *client,
                                        const a0__link_journal *journal,
                                        const char *key, a0_error **err);

#endif
