/* SPDX-License-Identifier: MIT */
/* The locks of a link: rows with a lease, taken all or none. */
#ifndef A0_FLOWS_LINK_LOCK_H
#define A0_FLOWS_LINK_LOCK_H

#include "flows/link_saga.h"

/*
 * Takes the locks of an address (may be empty) and two users. *out_was_free is false
 * when somebody else held one of them since `since_ms` (monotonic). Errors:
 * link_in_progress, store_*.
 */
A0_MUST_USE a0_status a0__link_locks_take(a0_client *client, a0__text email,
                                          a0__text one, a0__text other,
                                          int64_t since_ms, a0__link_locks *out,
                                          bool *out_was_free, a0_error **err);

/* Whether they are held for that long from now on. */
bool a0__link_locks_last(const a0__link_locks *locks, int64_t ms);

/* Adds to a batch that the locks are still held; link_in_progress when their lease is
 * over. */
A0_MUST_USE a0_status a0__link_locks_require(a0__batch *batch,
                                             const a0__link_locks *locks,
                                             a0_error **err);

#endif
