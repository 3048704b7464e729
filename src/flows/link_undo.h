/* SPDX-License-Identifier: MIT */
/* The way back of a link, from wherever its journal stands. */
#ifndef A0_FLOWS_LINK_UNDO_H
#define A0_FLOWS_LINK_UNDO_H

#include "flows/link_journal.h"

/* Everything after the intent was written: parts the accounts, puts back, clears away.
 * Under the locks. Errors: link_conflict, mgmt_*, http_* (the link stands),
 * link_partial, link_in_progress, store_* (perhaps half-way: settled later). */
A0_MUST_USE a0_status a0__link_undo_run(a0_client *client, a0__link_journal *journal,
                                        a0_error **err);

/* Finishes an undo that was begun, or gives it up where Auth0 refuses it. Under the
 * locks. Errors: link_partial, link_in_progress, store_*. */
A0_MUST_USE a0_status a0__link_undo_resume(a0_client *client, a0__link_journal *journal,
                                           a0_error **err);

#endif
