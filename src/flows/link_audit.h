/* SPDX-License-Identifier: MIT */
/*
 * Accounts looked at together, by the rules and from profiles read now: what an
 * operator is shown, and what is linked for one.
 */
#ifndef A0_FLOWS_LINK_AUDIT_H
#define A0_FLOWS_LINK_AUDIT_H

#include "auth0/user.h"
#include "flows/connected_account.h"
#include "link/rules.h"

enum {
    A0__AUDIT_ACCOUNTS_MAX = 64,
    /* Owners of connected accounts come on top. */
    A0__AUDIT_PROFILES_MAX = 2 * A0__AUDIT_ACCOUNTS_MAX
};

typedef struct a0__link_audit {
    a0_client *client;
    a0__user_ptr users[A0__AUDIT_PROFILES_MAX];
    a0__json_doc documents[A0__AUDIT_PROFILES_MAX]; /* theirs */
    a0__link_profile *profiles;                     /* A0__AUDIT_PROFILES_MAX of them */
    size_t len;
    size_t accounts; /* the first so many are those that were asked for */
    /* Ids of those that a sign-in could not read either; borrowed. */
    const char *unreadable[A0__AUDIT_PROFILES_MAX];
    size_t unreadable_len;
    a0__connected_accounts found[A0__AUDIT_ACCOUNTS_MAX]; /* records of each account */
    a0__link_connected *records;
    size_t records_len;
} a0__link_audit;

void a0__link_audit_auto(a0__link_audit *audit);

/* Reads the profiles of the users, whose ids live as long as the audit; those that are
 * gone are left out. At most A0__AUDIT_ACCOUNTS_MAX ids. Errors: param_invalid, mgmt_*,
 * http_*, store_*. */
A0_MUST_USE a0_status a0__link_audit_gather(a0__link_audit *audit,
                                            const char *const *user_ids, size_t len,
                                            a0_error **err);

/* What the next sign-in of the i-th account would do. Errors: store_*. */
A0_MUST_USE a0_status a0__link_audit_decide(a0__link_audit *audit, size_t i,
                                            a0__link_verdict *out, a0_error **err);

#endif
