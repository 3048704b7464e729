/* SPDX-License-Identifier: MIT */
/*
 * The machine token of the Management API: one for all threads, kept sealed until
 * shortly before it expires, fetched by one of those who want it [MGMT-03].
 */
#ifndef A0_FLOWS_MACHINE_TOKEN_H
#define A0_FLOWS_MACHINE_TOKEN_H

#include "flows/client.h"

/* By the (monotonic) deadline. Errors: mgmt_*, http_*. */
A0_MUST_USE a0_status a0__machine_token_get(a0_client *client, int64_t deadline_ms,
                                            a0__secret *out, a0_error **err);

/* Best effort: has one before the first who needs it comes. */
void a0__machine_token_warm(a0_client *client);
/* The same when the kept one is about to become too old; nothing when none is kept. */
void a0__machine_token_renew(a0_client *client);

/* Forgets the kept token if it is that one. */
void a0__machine_token_evict(a0_client *client, const a0__secret *rejected);

#endif
