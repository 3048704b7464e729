/* SPDX-License-Identifier: MIT */
/* Back-channel logout, from the tenant to applications (wire §12). */
#ifndef A0_TENANT_BACKCHANNEL_H
#define A0_TENANT_BACKCHANNEL_H

#include "core.h"

/* Queues a logout token for each registered URL of the client: sent once, its answer
 * ignored, as Auth0 does. */
void a0__backchannel_announce(a0__tenant *tenant, a0__text client_id,
                              const char *user_id, const char *sid);

/* The same for one address and a token that is already made. */
void a0__backchannel_queue(a0__tenant *tenant, a0__text url, a0__text logout_token);

/* Sends what is queued; never under the mutex. Auth0 does it some time later; here it
 * is done before the answer leaves, so that a test knows when to look. */
void a0__backchannel_flush(a0__tenant *tenant);

#endif
