/* SPDX-License-Identifier: MIT */
/* People: how they come to be, and how they prove who they are (wire §8.1). */
#ifndef A0_TENANT_PEOPLE_H
#define A0_TENANT_PEOPLE_H

#include "core.h"

/* What a sign-up or a provider says of somebody. */
typedef struct a0__person {
    a0__text connection;
    a0__text email;
    a0__text name;
    a0__text password; /* only of a database */
    bool email_verified;
} a0__person;

/* Makes the user with an id of the connection's form. */
a0__user *a0__user_new(a0__tenant *tenant, const a0__person *person);

/* The same at the simulated provider alone: it was connected, nobody signed in by it.
 */
a0__user *a0__provider_account_new(a0__tenant *tenant, const a0__person *person);

enum {
    /* Of one attribute, in bytes: an id of two of them, and a profile of all, still fit
     * where they are put together. */
    A0__ATTRIBUTE_MAX = 1000
};

/* The attribute, or the member of an identity, that is too long; NULL: none is. */
const char *a0__user_overlong(const a0__user *user);

/* Fills what the normalized profile always has, the identity, the times; turns a
 * password into its hash. What a seed or the control API leaves out. Refuses what is
 * too long (config_invalid). */
A0_MUST_USE a0_status a0__user_complete(a0__tenant *tenant, a0__user *user,
                                        a0_error **err);

/* An account of the connection, of a user or linked to one. Addresses compare without
 * regard to ASCII case; the oldest comes first. */
a0__user *a0__account_by_email(const a0__tenant *tenant, a0__text connection,
                               a0__text email);
/* Accounts that a simulated provider has: those too that were only connected. */
a0__user *a0__provider_account(const a0__tenant *tenant, a0__text connection,
                               a0__text user_id);
a0__user *a0__provider_account_by_email(const a0__tenant *tenant, a0__text connection,
                                        a0__text email);
/* What the provider calls its account: behind the bar of the user id. */
a0__text a0__idp_user_id(const a0__user *account);
bool a0__user_password_is(const a0__user *user, a0__text password);

#endif
