/* SPDX-License-Identifier: MIT */
/* Revoking a refresh token as well as it can be done now (RFC 7009). */
#ifndef A0_FLOWS_REVOKE_H
#define A0_FLOWS_REVOKE_H

#include "flows/client.h"

enum {
    A0__REVOKE_WITHIN_MS = 3000 /* LOUT-03 */
};

/* Does nothing for an unset token. A failure is logged and forgotten: the caller has
 * already dropped the token. */
void a0__revoke_best_effort(a0_client *client, const a0__tenant *tenant,
                            const a0__secret *refresh_token);

#endif
