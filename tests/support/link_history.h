/* SPDX-License-Identifier: MIT */
/*
 * A made-up world in which people sign in: accounts by honest connections and by one
 * that lies, addresses of others, planted identities, connected accounts. Beside each
 * identity it knows what no client can: which person is behind it.
 */
#ifndef A0_TESTS_LINK_HISTORY_H
#define A0_TESTS_LINK_HISTORY_H

#include "link/rules.h"

enum {
    HISTORY_PEOPLE = 2, /* one of them is the attacker, now and then both */
    HISTORY_CONNECTIONS = 4,
    HISTORY_HONEST = 3, /* of the connections: those that do check addresses */
    HISTORY_FORMS = 4,
    HISTORY_ACCOUNTS_MAX = 6,
    HISTORY_RECORDS_MAX = 4
};

typedef struct history_account {
    a0__link_profile profile;
    size_t people[A0__LINK_IDENTITIES_MAX]; /* who is behind each identity */
    size_t owners[A0__LINK_IDENTITIES_MAX]; /* whose address it has */
    char user_id[32];
    char identity_ids[2][16];
    char created_at[32];
    size_t linked_to; /* another account, or itself */
} history_account;

typedef struct link_history {
    uint64_t seed;     /* of what happens */
    uint64_t listings; /* of the order in which users are listed */
    history_account accounts[HISTORY_ACCOUNTS_MAX];
    size_t accounts_len;
    size_t ids[HISTORY_CONNECTIONS]; /* given out by each */
    a0__link_connected records[HISTORY_RECORDS_MAX];
    size_t records_len;
    bool undone[HISTORY_ACCOUNTS_MAX][HISTORY_ACCOUNTS_MAX];
    a0__link_policy policy;
    a0__link_profile listed[HISTORY_ACCOUNTS_MAX]; /* at the last sign-in */
} link_history;

/* Chance that can be repeated: a number below `below`. */
size_t link_history_draw(uint64_t *seed, size_t below);

/* The same seed makes the same world, whatever the order of listings. */
void link_history_make(link_history *h, uint64_t seed, uint64_t listings);

/* Perhaps an address is verified or changed, somebody blocked, an account disconnected,
 * a link undone. */
void link_history_pass_time(link_history *h);

/* Somebody signs in with some account; its number. */
size_t link_history_sign_in(link_history *h);
/* What the rules say of it. The facts are the world's, listed in any order. */
a0__link_verdict link_history_decide(link_history *h, size_t signed_in);
/* The number of the account that a verdict names. */
size_t link_history_index(const link_history *h, const a0__link_profile *profile);

void link_history_link(link_history *h, size_t primary, size_t secondary);

#endif
