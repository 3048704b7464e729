/* SPDX-License-Identifier: MIT */
/*
 * Whole histories of made-up people: accounts by honest connections and by one that
 * lies, addresses of others, planted identities, connected accounts, links that are
 * undone; and sign-ins in any order. Whatever happens, an account never comes to hold
 * identities of two people by a link, and nothing depends on how Auth0 lists users.
 */
#include "support.h"

#include <stdio.h>
#include <string.h>

#include "link/rules.h"

enum {
    PEOPLE = 3,
    CONNECTIONS = 4,
    HONEST = 3, /* of the connections: those that are trusted to check addresses */
    FORMS = 4,
    ACCOUNTS_MAX = 6,
    RECORDS_MAX = 4,
    SIGN_INS = 10,
    HISTORIES = 20000,
    LISTINGS = 3,
    STORY_MAX = 1024
};

static const char *const connections[CONNECTIONS] = { "db", "google-oauth2", "facebook",
                                                      "entra" };
static const char *const providers[CONNECTIONS] = { "auth0", "google-oauth2",
                                                    "facebook", "waad" };
static const char *const addresses[PEOPLE][FORMS] = {
    { "jo@acme.example", "JO@acme.example", " jo@acme.example ", "jo@acme.example." },
    { "eve@acme.example", "Eve@ACME.example", "eve@acme.example\n",
      "eve@@acme.example" },
    { "al@acme.example", "al@Acme.example", "\tal@acme.example", "(al)@acme.example" },
};

/* ---- chance: a plain generator, so that a failure can be repeated ---- */

static size_t
draw(uint64_t *seed, size_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(*seed >> 33) % below;
}

/* ---- the world of a history ---- */

typedef struct account {
    a0__link_profile profile;
    size_t people[A0__LINK_IDENTITIES_MAX]; /* who is behind each identity */
    char user_id[32];
    char identity_ids[2][16];
    char created_at[32];
    size_t linked_to; /* another account, or itself */
} account;

typedef struct history {
    uint64_t seed;     /* of what happens */
    uint64_t listings; /* of the order in which users are listed */
    account accounts[ACCOUNTS_MAX];
    size_t accounts_len;
    size_t ids[CONNECTIONS]; /* given out by each */
    a0__link_connected records[RECORDS_MAX];
    size_t records_len;
    bool undone[ACCOUNTS_MAX][ACCOUNTS_MAX];
    a0__link_policy policy;
    char story[STORY_MAX];
} history;

/* An honest connection has verified an address only for the one who owns it; the other
 * says what it is told. */
static void
make_identity(history *h, size_t n, size_t kinds)
{
    account *a = &h->accounts[n];
    size_t i = a->profile.identities_len++;
    size_t connection = draw(&h->seed, kinds);
    size_t person = draw(&h->seed, PEOPLE);
    size_t owner = draw(&h->seed, 3) > 0 ? person : draw(&h->seed, PEOPLE);
    bool says_so = draw(&h->seed, 4) > 0;

    /* Two connections may well have the same id for two people. */
    (void)snprintf(a->identity_ids[i], sizeof a->identity_ids[i], "u%zu",
                   h->ids[connection]++);
    a->people[i] = person;
    a->profile.identities[i] = (a0__link_identity){
        .provider = a0__text_of(providers[connection]),
        .connection = a0__text_of(connections[connection]),
        .user_id = a0__text_of(a->identity_ids[i]),
        .email = a0__text_of(addresses[owner][draw(&h->seed, FORMS)]),
        .email_verified = says_so && (connection >= HONEST || owner == person),
    };
}

static void
make_account(history *h, size_t n)
{
    account *a = &h->accounts[n];

    /* With another identity beside it, perhaps somebody else's, only an honest one: of
     * an account the connection is looked at by whose identity it is found (LINK-03).
     */
    if (draw(&h->seed, 4) == 0) {
        make_identity(h, n, HONEST);
        make_identity(h, n, HONEST);
    } else {
        make_identity(h, n, CONNECTIONS);
    }
    (void)snprintf(a->user_id, sizeof a->user_id, "%s|%s",
                   a->profile.identities[0].provider.ptr, a->identity_ids[0]);
    (void)snprintf(a->created_at, sizeof a->created_at, "20%02zu-01-01T00:00:00.000Z",
                   draw(&h->seed, 5));
    a->profile.user_id = a0__text_of(a->user_id);
    a->profile.created_at =
        draw(&h->seed, 4) > 0 ? a0__text_of(a->created_at) : A0__NO_TEXT;
    a->profile.blocked = draw(&h->seed, 10) == 0;
    a->linked_to = n;
}

/* Somebody who gets into the account has connected an identity of their own; or Auth0
 * does not list it, and then it may be anybody's. */
static void
make_record(history *h)
{
    const account *owner = &h->accounts[draw(&h->seed, h->accounts_len)];
    size_t person = owner->people[draw(&h->seed, owner->profile.identities_len)];
    const account *other = &h->accounts[draw(&h->seed, h->accounts_len)];
    const a0__link_identity *identity = &other->profile.identities[0];
    bool is_own = other->people[0] == person;
    bool has_subject = draw(&h->seed, 4) > 0;
    bool stands = draw(&h->seed, 4) > 0;

    h->records[h->records_len++] = (a0__link_connected){
        .id = A0__LIT("cac"),
        .user_id = owner->profile.user_id,
        .connection = identity->connection,
        .subject = !has_subject        ? A0__NO_TEXT
                   : is_own || !stands ? identity->user_id
                                       : A0__LIT("nobody"),
        .email = a0__text_of(addresses[person][draw(&h->seed, FORMS)]),
        .email_verified = draw(&h->seed, 4) > 0,
        .stands = stands,
    };
}

static void
make_history(history *h, uint64_t seed, uint64_t listings)
{
    static char names[HONEST][16];
    static char *const listed[HONEST] = { names[0], names[1], names[2] };

    memset(h, 0, sizeof *h);
    for (size_t i = 0; i < HONEST; i++) {
        (void)snprintf(names[i], sizeof names[i], "%s", connections[i]);
    }
    h->seed = seed;
    h->listings = listings;
    h->accounts_len = 3 + draw(&h->seed, ACCOUNTS_MAX - 2);
    for (size_t n = 0; n < h->accounts_len; n++) {
        make_account(h, n);
    }
    for (size_t n = draw(&h->seed, RECORDS_MAX + 1); n > 0; n--) {
        make_record(h);
    }
    h->policy.connections = (a0__link_names){ listed, HONEST };
    h->policy.confirm_only = (a0__link_names){ &listed[2], draw(&h->seed, 4) == 0 };
    h->policy.confirm_password_primary = draw(&h->seed, 4) == 0;
}

/* ---- a sign-in ---- */

/* All accounts there are, in any order; the rules are to find those that matter. */
static size_t
list_users(history *h, size_t signed_in, a0__link_profile out[ACCOUNTS_MAX])
{
    size_t order[ACCOUNTS_MAX];
    size_t len = 0;

    for (size_t n = 0; n < h->accounts_len; n++) {
        size_t at = draw(&h->listings, n + 1);

        order[n] = order[at];
        order[at] = n;
    }
    for (size_t i = 0; i < h->accounts_len; i++) {
        if (h->accounts[order[i]].linked_to == order[i]) {
            memcpy(&out[len], &h->accounts[order[i]].profile, sizeof out[len]);
            out[len++].was_undone = h->undone[order[i]][signed_in];
        }
    }
    return len;
}

static size_t
index_of(const history *h, const a0__link_profile *profile)
{
    for (size_t n = 0; n < h->accounts_len; n++) {
        if (a0__text_equal(h->accounts[n].profile.user_id, profile->user_id)) {
            return n;
        }
    }
    fail_msg("a primary that is nobody");
    return 0;
}

/* Nobody but the one who signed in is behind the account that they get. */
static void
check_verdict(const history *h, const a0__link_verdict *v, size_t signed_in,
              uint64_t seed)
{
    const account *own = &h->accounts[signed_in];
    size_t n = index_of(h, v->primary);
    const account *primary = &h->accounts[n];
    bool is_right = !own->profile.blocked && !primary->profile.blocked &&
                    own->profile.identities_len == 1 && n != signed_in &&
                    (v->outcome == A0__LINK_PENDING || !h->undone[n][signed_in]);

    for (size_t i = 0; i < primary->profile.identities_len; i++) {
        is_right = is_right && primary->people[i] == own->people[0];
    }
    if (!is_right || (v->rule == 3 && a0__link_identity_has_password(v->identity))) {
        fail_msg("history %llu: %s links into %s by rule %d", (unsigned long long)seed,
                 own->user_id, primary->user_id, v->rule);
    }
}

static void
link_accounts(history *h, size_t primary, size_t secondary)
{
    account *into = &h->accounts[primary];
    account *from = &h->accounts[secondary];
    size_t i = into->profile.identities_len++;

    into->profile.identities[i] = from->profile.identities[0];
    into->profile.identities[i].is_ours = true;
    into->people[i] = from->people[0];
    from->linked_to = primary;
}

/* Takes back the link that was made last into that account. */
static void
undo_link(history *h, size_t primary, size_t secondary)
{
    h->accounts[primary].profile.identities_len--;
    h->accounts[secondary].linked_to = secondary;
    h->undone[primary][secondary] = true;
    h->undone[secondary][primary] = true;
}

static void
tell(history *h, const a0__link_verdict *v)
{
    size_t len = strlen(h->story);

    (void)snprintf(h->story + len, sizeof h->story - len, "%d.%d.%d.%s ",
                   (int)v->outcome, v->rule, (int)v->reason,
                   v->primary != NULL ? v->primary->user_id.ptr : "-");
}

static void
sign_in(history *h, uint64_t seed)
{
    static a0__link_profile listed[ACCOUNTS_MAX];
    size_t n = h->accounts[draw(&h->seed, h->accounts_len)].linked_to;
    const account *own = &h->accounts[n];
    const a0__link_identity *identity = &own->profile.identities[0];
    bool has_email = draw(&h->seed, 4) > 0;
    bool is_verified =
        draw(&h->seed, 6) > 0 ? identity->email_verified : !identity->email_verified;
    const a0__link_facts facts = {
        .policy = h->policy,
        .user_id = own->profile.user_id,
        .token_email = has_email ? identity->email : A0__NO_TEXT,
        .token_email_verified = is_verified,
        .signed_in = &own->profile,
        .candidates = listed,
        .candidates_len = list_users(h, n, listed),
        .records = h->records,
        .records_len = h->records_len,
    };
    a0__link_verdict v = a0__link_decide(&facts);
    bool confirms = draw(&h->seed, 3) > 0;
    bool regrets = draw(&h->seed, 6) == 0;

    tell(h, &v);
    if (v.primary == NULL) {
        return;
    }
    check_verdict(h, &v, n, seed);
    if (v.outcome == A0__LINK_NOW || confirms) {
        size_t primary = index_of(h, v.primary);

        link_accounts(h, primary, n);
        if (regrets) {
            undo_link(h, primary, n);
        }
    }
}

static void
nobody_ever_obtains_an_account_that_they_did_not_prove(void **state)
{
    static history first;
    static history other;
    size_t links = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= HISTORIES; seed++) {
        for (uint64_t listing = 0; listing < LISTINGS; listing++) {
            history *h = listing == 0 ? &first : &other;

            make_history(h, seed, listing);
            for (size_t i = 0; i < SIGN_INS; i++) {
                sign_in(h, seed);
            }
            if (strcmp(h->story, first.story) != 0) {
                fail_msg("history %llu: the order in which users are listed decides",
                         (unsigned long long)seed);
            }
        }
        for (size_t n = 0; n < first.accounts_len; n++) {
            links += first.accounts[n].linked_to != n ? 1 : 0;
        }
    }
    print_message("%d histories, %zu links that stand\n", HISTORIES, links);
    assert_true(links > HISTORIES / 20);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_ever_obtains_an_account_that_they_did_not_prove),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
