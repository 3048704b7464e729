/* SPDX-License-Identifier: MIT */
/*
 * Users with several identities (wire §22). The account of a secondary identity keeps
 * what its owner signs in by, as a row of A0__LINKED_ACCOUNTS; the user it is linked to
 * has it among its identities.
 */
#ifndef A0_TENANT_IDENTITIES_H
#define A0_TENANT_IDENTITIES_H

#include "core.h"

/* The account of that id, of a user or linked to one; NULL: there is none. */
a0__user *a0__account_find(const a0__tenant *tenant, a0__text user_id);
/* Whom somebody is who signs in by the account; NULL: a linked account without it. */
a0__user *a0__user_of_account(const a0__tenant *tenant, a0__user *account);

/* "provider|user_id", as the user id of the identity alone. */
void a0__identity_account_id(const a0__identity *identity, a0__buf *out);
/* The place of the identity; false when the user does not have it. */
bool a0__identity_place(const a0__user *user, a0__text account_id, size_t *out);

/*
 * Wire §22.2: every identity of the secondary becomes one of the primary; the secondary
 * is no user any more, its metadata, sessions and tokens are gone. So is what it
 * connected, unless keeps_connected_accounts.
 */
void a0__identity_link(a0__tenant *tenant, a0__user *primary, a0__user *secondary,
                       bool keeps_connected_accounts);
/* Wire §22.3: identity i, not the first, is a user of its own again, a bare one. */
A0_MUST_USE a0_status a0__identity_unlink(a0__tenant *tenant, a0__user *user, size_t i,
                                          a0_error **err);

/* A seed names identities, or linked accounts: each has what the other says. */
A0_MUST_USE a0_status a0__identities_complete(a0__tenant *tenant, const a0__user *user,
                                              a0_error **err);
/* False when linked_to names nobody. */
bool a0__linked_account_complete(a0__tenant *tenant, const a0__user *account);

/* The user with everything that was theirs. */
void a0__user_remove(a0__tenant *tenant, a0__user *user);

#endif
