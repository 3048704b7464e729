/* SPDX-License-Identifier: MIT */
/* The users as a search sees them: as they are, or as the fault search.lag leaves them
 * behind. */
#ifndef A0_TENANT_USER_INDEX_H
#define A0_TENANT_USER_INDEX_H

#include "core.h"

/* search.lag, in seconds: the users as they were when it was set, and again when that
 * time is over. Borrowed until the next call. */
const a0__table *a0__user_index(a0__tenant *tenant);
/* Takes the users as they are now; called when the fault is set. */
void a0__user_index_take(a0__tenant *tenant);

#endif
