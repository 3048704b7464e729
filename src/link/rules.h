/* SPDX-License-Identifier: MIT */
/*
 * The rules of account linking (contract §2, rules 1 to 8) as one pure function: facts
 * in, verdict out. Whoever is mistaken here gives an account to the wrong person, so
 * there is nothing else in this file: no request, no clock, no store.
 */
#ifndef A0_LINK_RULES_H
#define A0_LINK_RULES_H

#include "link/address.h"
#include "link/profile.h"

/* Names of connections. */
typedef struct a0__link_names {
    char *const *items;
    size_t len;
} a0__link_names;

typedef struct a0__link_policy {
    a0__link_names connections;  /* take part; empty: linking is off */
    a0__link_names confirm_only; /* of those, by rule 4 alone */
    bool confirm_password_primary;
} a0__link_policy;

/* A record of a connected account: what a person proved when connecting it. */
typedef struct a0__link_connected {
    a0__text id;      /* Auth0's */
    a0__text user_id; /* its owner */
    a0__text connection;
    a0__text subject; /* the person at the provider; empty: not comparable */
    a0__text email;   /* the provider's; empty: not known */
    bool email_verified;
    bool stands; /* Auth0 still lists it for the owner */
} a0__link_connected;

/* Everything that a verdict hangs on; all borrowed. */
typedef struct a0__link_facts {
    a0__link_policy policy;
    a0__text user_id;                   /* `sub` of the sign-in */
    a0__text token_email;               /* of the ID token; empty: it had none */
    bool token_email_verified;          /* JSON true there */
    const a0__link_profile *signed_in;  /* read afresh; NULL: there is none */
    const a0__link_profile *candidates; /* with that address, and owners of records */
    size_t candidates_len;
    const a0__link_connected *records;
    size_t records_len;
} a0__link_facts;

typedef enum a0__link_outcome {
    A0__LINK_NOTHING,
    A0__LINK_NOW,
    A0__LINK_PENDING,
    A0__LINK_REFUSED
} a0__link_outcome;

/* Why not. Of several reasons the first one here is given, so that the order in which
 * users are listed changes nothing. */
typedef enum a0__link_reason {
    A0__LINK_NO_REASON,
    A0__LINK_GONE,
    A0__LINK_STATE_CHANGED,
    A0__LINK_ADDRESS_FORM,
    A0__LINK_UNVERIFIED_EMAIL,
    A0__LINK_FOREIGN,
    A0__LINK_BLOCKED,
    A0__LINK_HAS_IDENTITIES,
    A0__LINK_MIXED_IDENTITIES,
    A0__LINK_NO_AUTO_PAIR
} a0__link_reason;

/* "unverified_email", …; NULL for none. */
const char *a0__link_reason_name(a0__link_reason reason);
const char *a0__link_outcome_name(a0__link_outcome outcome);

typedef struct a0__link_verdict {
    a0__link_outcome outcome;
    a0__link_reason reason;            /* with REFUSED */
    int rule;                          /* 2, 3, 4; 0: none */
    const a0__link_identity *identity; /* the one that signed in */
    /* With LINK_NOW and PENDING: who stays, and the identity of theirs that decided */
    const a0__link_profile *primary;
    const a0__link_identity *primary_identity;
    const a0__link_connected *record; /* rule 2 */
} a0__link_verdict;

a0__link_verdict a0__link_decide(const a0__link_facts *facts);

/* The same for one candidate alone, for whoever wants to be told why not. */
a0__link_verdict a0__link_decide_one(const a0__link_facts *facts, size_t candidate);

#endif
