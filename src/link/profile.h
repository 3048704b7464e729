/* SPDX-License-Identifier: MIT */
/*
 * What linking reads out of a profile of the Management API. The root's address and
 * flag belong to the identity that the user's id names; every other one is judged by
 * its own profile data [LINK-04].
 */
#ifndef A0_LINK_PROFILE_H
#define A0_LINK_PROFILE_H

#include "json/json.h"

enum {
    A0__LINK_IDENTITIES_MAX = 32
};

typedef struct a0__link_identity {
    a0__text provider; /* the strategy: "auth0" is a password database */
    a0__text connection;
    a0__text user_id; /* at the provider, without its name */
    a0__text email;   /* empty: none */
    bool email_verified;
    bool is_ours; /* we linked it: set by the caller (rule 8) */
} a0__link_identity;

/* Texts are views into the document. Not to be copied: a number may stand in here. */
typedef struct a0__link_profile {
    a0__text user_id;
    a0__text created_at; /* ISO 8601 in UTC; empty: not known */
    bool blocked;        /* whatever is not false, null or absent */
    bool was_undone;     /* a link with the signed-in user was: set by the caller */
    a0__link_identity identities[A0__LINK_IDENTITIES_MAX];
    size_t identities_len; /* at least one */
    char numbers[A0__LINK_IDENTITIES_MAX][24];
} a0__link_profile;

/* False for what is no profile: without an id, without identities, or with more of them
 * than anybody has. */
A0_MUST_USE bool a0__link_profile_read(const a0__json *document, a0__link_profile *out);

/* Whether the id names the identity: "provider|user_id". */
bool a0__link_identity_is_named(const a0__link_identity *identity, a0__text user_id);
/* The identity that the id names, or NULL. */
const a0__link_identity *a0__link_profile_named(const a0__link_profile *profile,
                                                a0__text user_id);

/* The person's id at the provider: of a custom connection Auth0 puts its name before
 * it. */
a0__text a0__link_identity_subject(const a0__link_identity *identity);

/* Whether the identity is an account of a password database. */
bool a0__link_identity_has_password(const a0__link_identity *identity);

#endif
