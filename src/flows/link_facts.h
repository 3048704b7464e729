/* SPDX-License-Identifier: MIT */
/*
 * Gathering what the rules of linking decide upon: everything afresh and side by side,
 * never out of a cache and never by search [LINK-09, LINK-10, LINK-17].
 */
#ifndef A0_FLOWS_LINK_FACTS_H
#define A0_FLOWS_LINK_FACTS_H

#include "auth0/user.h"
#include "flows/connected_account.h"
#include "link/rules.h"

enum {
    A0__LINK_CANDIDATES_MAX = 32,
    /* Owners of records whose accounts are read; a person connects an account to one,
     * now and then to two. */
    A0__LINK_OWNERS_MAX = 3,
    A0__LINK_DOCUMENTS_MAX = 3 + 2 * A0__LINK_OWNERS_MAX
};

/* Who signed in, as their session says; all borrowed. */
typedef struct a0__link_person {
    a0__text user_id;
    a0__text email; /* of the ID token; empty: it had none */
    bool email_verified;
} a0__link_person;

/* The facts, and everything that they point into. */
typedef struct a0__link_gathered {
    a0__link_facts facts;
    int64_t read_at_ms; /* monotonic, before the first request */
    a0__link_profile *own;
    a0__link_profile *candidates;
    a0__link_connected *records;
    a0__connected_accounts accounts;
    a0__json *documents[A0__LINK_DOCUMENTS_MAX];
    size_t documents_len;
} a0__link_gathered;

void a0__link_gathered_auto(a0__link_gathered *gathered);

/*
 * Reads the person, everybody with their address as given and in lower case, and those
 * who have connected the identity, in one batch; a second one only for an address that
 * the ID token did not carry. Errors: mgmt_*, http_*, store_*.
 */
A0_MUST_USE a0_status a0__link_gather(a0_client *client, const a0__link_person *person,
                                      a0__link_gathered *out, a0_error **err);

/* Reads the person and one candidate, by their ids. Errors as above; either may be
 * gone.
 */
A0_MUST_USE a0_status a0__link_gather_pair(a0_client *client,
                                           const a0__link_person *person,
                                           a0__text candidate, a0__link_gathered *out,
                                           a0_error **err);

/* Marks the identities that we linked: they may have other addresses than their user
 * (rule 8). Errors: store_*. */
A0_MUST_USE a0_status a0__link_mark_ours(a0_client *client, a0__link_profile *profile,
                                         a0_error **err);

/* Marks a candidate that a link with that person was undone with, or with an account
 * that is an identity of theirs now (rule 12). Errors: store_*. */
A0_MUST_USE a0_status a0__link_mark_undone(a0_client *client, a0__text user_id,
                                           a0__link_profile *profile, a0_error **err);

/* A whole profile of those that were read, as a0_user; NULL: there is none of that id.
 * Owned by the caller. */
A0_MUST_USE a0_status a0__link_gathered_user(const a0__link_gathered *gathered,
                                             a0__text user_id, a0_user **out,
                                             a0_error **err);

#endif
