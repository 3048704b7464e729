/* SPDX-License-Identifier: MIT */
/*
 * The steps of a link after it was planned (contract §2, rules 10 and 11): each can be
 * repeated, and each leaves the entry in the next state. A link that was just planned
 * and one that a crash left behind go the same way.
 */
#ifndef A0_FLOWS_LINK_STEPS_H
#define A0_FLOWS_LINK_STEPS_H

#include "flows/connected_account.h"
#include "flows/link_journal.h"
#include "flows/link_saga.h"
#include "flows/vault_cache.h"

/* The user as Auth0 has it now. Errors: mgmt_user_not_found, mgmt_*, http_*. */
A0_MUST_USE a0_status a0__link_read_user(a0_client *client, a0__text user_id,
                                         a0_user **out, a0_error **err);

/* Drops the cached profiles of both users. */
void a0__link_forget_caches(a0_client *client, const a0__link_journal *journal);

/* PATCHes a user once. Errors: mgmt_*, http_*. */
A0_MUST_USE a0_status a0__link_patch_user(a0_client *client, a0__text user_id,
                                          a0__text body, a0_error **err);

/* Says that something stays half-way, until it is resolved [LINK-15]; link_partial. */
a0_status a0__link_fail_partial(const a0_client *client,
                                const a0__link_journal *journal,
                                const a0_error *failure, a0_error **err);

/*
 * PLANNED to LINKED by one request. *out_refused is set, and the entry closed, when
 * either user is gone; errors: link_conflict, mgmt_*, http_* (nothing was done, the
 * entry is closed), link_partial (not known what was done, the entry stays).
 */
A0_MUST_USE a0_status a0__link_step_link(a0_client *client, a0__link_journal *journal,
                                         const char **out_refused, a0_error **err);

/* PLANNED to LINKED, or closed (*out_linked), by a look at what Auth0 did; not closed
 * while the request may still be on its way. Errors: link_partial. */
A0_MUST_USE a0_status a0__link_step_look(a0_client *client, a0__link_journal *journal,
                                         bool *out_linked, a0_error **err);

/* LINKED to MERGED. `is_planned`: the merge was planned just now, from a fresh profile.
 * Errors: link_partial; link_conflict, the entry closed, when the primary is gone. */
A0_MUST_USE a0_status a0__link_step_merge(a0_client *client, a0__link_journal *journal,
                                          bool is_planned, a0_error **err);

/* Adds to a batch that the connected account of exactly that identity signs in as its
 * owner, or no longer does; *accounts lives until the commit. */
A0_MUST_USE a0_status a0__link_mark_connected(a0_client *client,
                                              const a0__link_journal *journal,
                                              bool is_linked_now,
                                              a0__connected_accounts *accounts,
                                              a0__batch *batch, a0_error **err);

/* Adds to a batch that the cached provider tokens of both users are forgotten. */
typedef struct a0__link_vault {
    a0__vault_forgetting primary;
    a0__vault_forgetting secondary;
} a0__link_vault;

#define A0__LINK_VAULT_INIT                                                            \
    ((a0__link_vault){ .primary = { .generation = A0__SECRET_INIT },                   \
                       .secondary = { .generation = A0__SECRET_INIT } })
void a0__link_vault_auto(a0__link_vault *vault);
A0_MUST_USE a0_status a0__link_forget_vault(a0_client *client,
                                            const a0__link_journal *journal,
                                            a0__link_vault *vault, a0__batch *batch,
                                            a0_error **err);

/* MERGED to RECORDED: the rows that say so. Errors: link_in_progress, store_*. */
A0_MUST_USE a0_status a0__link_step_record(a0_client *client, a0__link_journal *journal,
                                           a0_error **err);

/* RECORDED to DONE: every session of both users ends but `spared` (may be NULL), and
 * their refresh tokens are revoked but that of `spared`. Errors as above. */
A0_MUST_USE a0_status a0__link_step_finish(a0_client *client, a0__link_journal *journal,
                                           const a0_session *spared, a0_error **err);

#endif
