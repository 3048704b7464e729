/* SPDX-License-Identifier: MIT */
/*
 * A privileged worker (wire §20.2) asks for the provider token of somebody who is not
 * there, by a JWT of its own: from the addresses, for the connections and the scopes
 * that its application is set to.
 */
#ifndef A0_TENANT_VAULT_WORKER_H
#define A0_TENANT_VAULT_WORKER_H

#include "exchange.h"

/* Whom the subject_token speaks of; it is used up. */
A0_MUST_USE a0_status a0__vault_worker_user(a0__exchange *x, const a0__client *client,
                                            const a0__user **out_user);
/* Whether the application may have all that the account's token opens. */
bool a0__vault_worker_may(const a0__client *client,
                          const a0__connected_account *account);

/* Of a seed: NULL, or what is wrong with the settings of the application. */
const char *a0__vault_worker_fault(const a0__client *client);

#endif
