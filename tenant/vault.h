/* SPDX-License-Identifier: MIT */
/*
 * The Token Vault (wire §20) and the simulated providers behind it: what was connected,
 * and the tokens that the providers give for it.
 */
#ifndef A0_TENANT_VAULT_H
#define A0_TENANT_VAULT_H

#include "exchange.h"

/* What a record of the control API leaves out. */
void a0__connected_account_complete(a0__tenant *tenant, a0__connected_account *account);

/* Puts what a completed connect gave into the vault; the same account of the same
 * person again is the same entry, renewed. Borrowed from the table. */
a0__connected_account *a0__vault_put(a0__exchange *x, const a0__connect *connect);

/* The person's account of that connection; the hint is the provider's id of it, "" for
 * the first that was connected. NULL: there is none. */
a0__connected_account *a0__vault_find(const a0__tenant *tenant, const char *user_id,
                                      a0__text connection, a0__text login_hint);
/* The provider's token, a new one when the last has expired. */
const a0__provider_token *a0__vault_token(a0__exchange *x,
                                          a0__connected_account *account);

/* The scopes as one text. */
void a0__scopes_write(const a0__list *scopes, a0__buf *out);

#endif
