/* SPDX-License-Identifier: MIT */
/*
 * After a failure of the tenant a refresh token rests for a while, longer each time, so
 * that a busy page can not hammer; for all processes that share the store [RFR-06].
 */
#ifndef A0_FLOWS_REFRESH_PAUSE_H
#define A0_FLOWS_REFRESH_PAUSE_H

#include "flows/rows.h"

enum {
    A0__PAUSE_KEY_MAX = 96
};

/* refresh_unavailable with Retry-After while the token of that row rests. */
A0_MUST_USE a0_status a0__refresh_pause_check(a0_client *client,
                                              const char *refresh_key, a0_error **err);

/* Notes one more failure and gives how many seconds the rest takes; at least
 * retry_after_s. Best effort: a store that fails here has failed the refresh as well.
 */
int a0__refresh_pause_note(a0_client *client, const char *refresh_key,
                           int retry_after_s);

/* Adds the end of the rest to a batch; key_space holds the key until the commit. */
A0_MUST_USE a0_status a0__refresh_pause_end(a0__batch *batch, const char *refresh_key,
                                            char key_space[A0__PAUSE_KEY_MAX],
                                            a0_error **err);

#endif
