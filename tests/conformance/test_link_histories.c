/* SPDX-License-Identifier: MIT */
/*
 * Whole histories of made-up people, who sign in in any order while addresses, accounts
 * and links change. Whatever happens, an account never comes to hold identities of two
 * people by a link, and nothing depends on how Auth0 lists users. What is right is told
 * by what the world knows of the people, not by what the rules look at.
 */
#include "support.h"

#include <stdio.h>
#include <string.h>

#include "link_history.h"

enum {
    SIGN_INS = 12,
    HISTORIES = 20000,
    LISTINGS = 3,
    STORY_MAX = 1024,
    REASONS = A0__LINK_NO_AUTO_PAIR + 1
};

/* How often it came to what, over all histories. */
typedef struct tally {
    size_t links[5]; /* by rule */
    size_t questions;
    size_t refusals[REASONS];
} tally;

/* ---- what is right ---- */

static bool
is_named(const link_history *h, const a0__link_identity *identity)
{
    for (size_t i = 0; i < h->policy.connections.len; i++) {
        if (a0__text_is(identity->connection, h->policy.connections.items[i])) {
            return true;
        }
    }
    return false;
}

static bool
asks_first(const link_history *h, const a0__link_identity *identity)
{
    return h->policy.confirm_only.len > 0 &&
           a0__text_is(identity->connection, h->policy.confirm_only.items[0]);
}

/* Nobody but the one who signed in is behind the account that they get. */
static bool
is_one_person(const history_account *own, const history_account *primary)
{
    for (size_t i = 0; i < primary->profile.identities_len; i++) {
        if (primary->people[i] != own->people[0]) {
            return false;
        }
    }
    return true;
}

/* Contract §2: what must not be done without asking. */
static bool
may_be_automatic(const link_history *h, const a0__link_verdict *v)
{
    bool by_password = a0__text_is(v->identity->provider, "auth0");
    bool to_password = a0__text_is(v->primary_identity->provider, "auth0");

    return !asks_first(h, v->identity) && !asks_first(h, v->primary_identity) &&
           (v->rule == 2 || (v->rule == 3 && !by_password &&
                             !(to_password && h->policy.confirm_password_primary)));
}

static const char *
what_is_wrong(const link_history *h, const a0__link_verdict *v, size_t signed_in)
{
    size_t n = link_history_index(h, v->primary);
    const history_account *own = &h->accounts[signed_in];
    const history_account *primary = &h->accounts[n];

    if (!is_one_person(own, primary)) {
        return "somebody else gets in";
    }
    if (own->profile.blocked || primary->profile.blocked) {
        return "somebody is blocked";
    }
    if (n == signed_in || own->profile.identities_len != 1) {
        return "not somebody to be a secondary";
    }
    if (!is_named(h, v->identity) || !is_named(h, v->primary_identity)) {
        return "a connection that takes no part";
    }
    if (v->rule > 2 &&
        a0__text_equal(v->identity->connection, v->primary_identity->connection)) {
        return "two accounts of one connection";
    }
    if (v->outcome == A0__LINK_NOW && h->undone[n][signed_in]) {
        return "it was undone";
    }
    if (v->outcome == A0__LINK_NOW && !may_be_automatic(h, v)) {
        return "nobody was asked";
    }
    return NULL;
}

/* ---- histories ---- */

static void
tell(char story[STORY_MAX], const a0__link_verdict *v)
{
    size_t len = strlen(story);

    (void)snprintf(story + len, STORY_MAX - len, "%d.%d.%d.%s ", (int)v->outcome,
                   v->rule, (int)v->reason,
                   v->primary != NULL ? v->primary->user_id.ptr : "-");
}

static void
count(tally *t, const a0__link_verdict *v)
{
    t->links[v->rule] += v->outcome == A0__LINK_NOW ? 1 : 0;
    t->questions += v->outcome == A0__LINK_PENDING ? 1 : 0;
    t->refusals[v->reason] += v->outcome == A0__LINK_REFUSED ? 1 : 0;
}

/* The world goes on as the verdict says, when the person confirms it where asked. */
static void
sign_in(link_history *h, uint64_t seed, char story[STORY_MAX], tally *t)
{
    size_t n = link_history_sign_in(h);
    a0__link_verdict v = link_history_decide(h, n);
    bool confirms = link_history_draw(&h->seed, 3) > 0;
    const char *wrong = v.primary != NULL ? what_is_wrong(h, &v, n) : NULL;

    if (wrong != NULL) {
        fail_msg("history %llu: %s into %s by rule %d: %s", (unsigned long long)seed,
                 h->accounts[n].user_id, v.primary->user_id.ptr, v.rule, wrong);
    }
    tell(story, &v);
    count(t, &v);
    if (v.primary != NULL && (v.outcome == A0__LINK_NOW || confirms)) {
        link_history_link(h, link_history_index(h, v.primary), n);
    }
}

static void
live(uint64_t seed, uint64_t listings, char story[STORY_MAX], tally *t)
{
    static link_history h;

    story[0] = '\0';
    link_history_make(&h, seed, listings);
    for (size_t i = 0; i < SIGN_INS; i++) {
        sign_in(&h, seed, story, t);
        link_history_pass_time(&h);
    }
}

/* Nothing was proved by histories in which it never came to that. */
static void
assert_all_was_met(const tally *t)
{
    static const a0__link_reason met[] = {
        A0__LINK_ADDRESS_FORM, A0__LINK_UNVERIFIED_EMAIL, A0__LINK_FOREIGN,
        A0__LINK_BLOCKED,      A0__LINK_HAS_IDENTITIES,   A0__LINK_MIXED_IDENTITIES,
        A0__LINK_NO_AUTO_PAIR,
    };

    print_message("links by rule 2: %zu, by rule 3: %zu; questions: %zu\n", t->links[2],
                  t->links[3], t->questions);
    assert_true(t->links[2] > HISTORIES / 100);
    assert_true(t->links[3] > HISTORIES / 20);
    assert_true(t->questions > HISTORIES / 20);
    for (size_t i = 0; i < sizeof met / sizeof met[0]; i++) {
        print_message("%s: %zu\n", a0__link_reason_name(met[i]), t->refusals[met[i]]);
        assert_true(t->refusals[met[i]] > HISTORIES / 100);
    }
}

static void
nobody_ever_obtains_an_account_that_they_did_not_prove(void **state)
{
    static tally t;

    (void)state;
    for (uint64_t seed = 1; seed <= HISTORIES; seed++) {
        char first[STORY_MAX];

        live(seed, 0, first, &t);
        for (uint64_t listing = 1; listing < LISTINGS; listing++) {
            char story[STORY_MAX];

            live(seed, listing, story, &t);
            if (strcmp(story, first) != 0) {
                fail_msg("history %llu: the order in which users are listed decides",
                         (unsigned long long)seed);
            }
        }
    }
    assert_all_was_met(&t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_ever_obtains_an_account_that_they_did_not_prove),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
