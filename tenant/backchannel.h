/* SPDX-License-Identifier: MIT */
/* Back-channel logout, from the tenant to applications (wire §12). */
#ifndef A0_TENANT_BACKCHANNEL_H
#define A0_TENANT_BACKCHANNEL_H

#include "core.h"

/* Queues a logout token for each registered URL of the client; sent once the mutex is
 * free, not repeated, its answer ignored, as Auth0 does. */
void a0__backchannel_announce(a0__tenant *tenant, a0__text client_id,
                              const char *user_id, const char *sid);

/* Sends what is queued; never under the mutex. */
void a0__backchannel_flush(a0__tenant *tenant);

/* POSTs one token and gives the HTTP status, 0 when there was no answer. */
int a0__backchannel_post(const char *url, a0__text logout_token);

#endif
