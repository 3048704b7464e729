/* SPDX-License-Identifier: MIT */
/*
 * The look-ups behind the facts of linking: one batch of them, asked side by side, and
 * what is kept of the answers.
 */
#ifndef A0_FLOWS_LINK_LOOKUP_H
#define A0_FLOWS_LINK_LOOKUP_H

#include "flows/link_facts.h"
#include "flows/management.h"

typedef enum a0__link_topic {
    A0__LINK_OWN,       /* the person who signed in */
    A0__LINK_ADDRESS,   /* everybody with an address */
    A0__LINK_CANDIDATE, /* one other user */
    A0__LINK_ACCOUNTS   /* the connected accounts of that user */
} a0__link_topic;

/* One batch. The client, the person, the ids asked for and what is gathered are
 * borrowed. */
typedef struct a0__link_lookup {
    a0_client *client;
    const a0__link_person *person;
    a0__link_gathered *out;
    a0__management_call calls[A0__MANAGEMENT_BATCH_MAX];
    a0__link_topic about[A0__MANAGEMENT_BATCH_MAX];
    a0__text user_id[A0__MANAGEMENT_BATCH_MAX];
    size_t len;
} a0__link_lookup;

void a0__link_lookup_auto(a0__link_lookup *lookup);

/* ---- what is asked; nothing is sent yet ---- */

void a0__link_lookup_own(a0__link_lookup *lookup);
/* The address as given and in lower case; nothing for one that cannot decide. */
void a0__link_lookup_address(a0__link_lookup *lookup, a0__text email);
void a0__link_lookup_candidate(a0__link_lookup *lookup, a0__text user_id);
void a0__link_lookup_accounts(a0__link_lookup *lookup, a0__text user_id);

/*
 * Sends what was asked and adds the answers to what is gathered; who is not there is
 * left out. Errors: mgmt_*, http_*.
 */
A0_MUST_USE a0_status a0__link_lookup_send(a0__link_lookup *lookup, a0_error **err);

#endif
