/* SPDX-License-Identifier: MIT */
/* The way back of a link, as far as link_repair.c shares it. */
#ifndef A0_FLOWS_LINK_UNDO_H
#define A0_FLOWS_LINK_UNDO_H

#include "flows/link_journal.h"

/* Finishes an undo that was begun, or gives it up where Auth0 refuses it. Under the
 * locks. Errors: link_partial, link_in_progress, store_*. */
A0_MUST_USE a0_status a0__link_undo_resume(a0_client *client, a0__link_journal *journal,
                                           a0_error **err);

#endif
