/* SPDX-License-Identifier: MIT */
#include "link_history.h"

#include <stdio.h>
#include <string.h>

#include "support.h"

static const char *const connections[HISTORY_CONNECTIONS] = { "db", "google-oauth2",
                                                              "facebook", "entra" };
static const char *const providers[HISTORY_CONNECTIONS] = { "auth0", "google-oauth2",
                                                            "facebook", "waad" };
/* The last one of each is of a form that proves nothing. */
static const char *const addresses[HISTORY_PEOPLE][HISTORY_FORMS] = {
    { "jo@acme.example", "JO@acme.example", " jo@acme.example ", "jo@acme.example." },
    { "eve@acme.example", "Eve@ACME.example", "eve@acme.example\n",
      "eve@@acme.example" },
};

/* A plain generator, so that a failure can be repeated. */
size_t
link_history_draw(uint64_t *seed, size_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(*seed >> 33) % below;
}

/* One time in so many. */
static bool
chance(link_history *h, size_t times)
{
    return link_history_draw(&h->seed, times) == 0;
}

static a0__text
address_of(link_history *h, size_t person)
{
    size_t form = chance(h, 12) ? HISTORY_FORMS - 1
                                : link_history_draw(&h->seed, HISTORY_FORMS - 1);

    return a0__text_of(addresses[person][form]);
}

/* ---- the world ---- */

/* An honest connection has verified an address only for the one who owns it; the other
 * says what it is told. */
static void
give_address(link_history *h, history_account *a, size_t i)
{
    a0__link_identity *identity = &a->profile.identities[i];
    bool is_honest = !a0__text_is(identity->connection, connections[HISTORY_HONEST]);
    bool is_other = chance(h, 4);

    a->owners[i] =
        is_other ? link_history_draw(&h->seed, HISTORY_PEOPLE) : a->people[i];
    identity->email = address_of(h, a->owners[i]);
    identity->email_verified =
        !chance(h, 5) && (!is_honest || a->owners[i] == a->people[i]);
}

static void
make_identity(link_history *h, history_account *a)
{
    size_t i = a->profile.identities_len++;
    size_t connection =
        chance(h, 8) ? HISTORY_HONEST : link_history_draw(&h->seed, HISTORY_HONEST);

    /* Two connections may well have the same id for two people. */
    (void)snprintf(a->identity_ids[i], sizeof a->identity_ids[i], "u%zu",
                   h->ids[connection]++);
    a->people[i] = link_history_draw(&h->seed, HISTORY_PEOPLE);
    a->profile.identities[i] =
        (a0__link_identity){ .provider = a0__text_of(providers[connection]),
                             .connection = a0__text_of(connections[connection]),
                             .user_id = a0__text_of(a->identity_ids[i]) };
    give_address(h, a, i);
}

/* Some have another identity, of anybody: somebody else has linked, and not us. */
static void
make_account(link_history *h, size_t n)
{
    history_account *a = &h->accounts[n];

    make_identity(h, a);
    if (chance(h, 4)) {
        make_identity(h, a);
    }
    (void)snprintf(a->user_id, sizeof a->user_id, "%s|%s",
                   a->profile.identities[0].provider.ptr, a->identity_ids[0]);
    (void)snprintf(a->created_at, sizeof a->created_at, "20%02zu-01-01T00:00:00.000Z",
                   link_history_draw(&h->seed, 5));
    a->profile.user_id = a0__text_of(a->user_id);
    a->profile.created_at = chance(h, 4) ? A0__NO_TEXT : a0__text_of(a->created_at);
    a->profile.blocked = chance(h, 10);
    a->linked_to = n;
}

/* Somebody who gets into the account has connected an identity of their own; or Auth0
 * does not list it, and then it may be anybody's. */
static void
make_record(link_history *h)
{
    const history_account *owner =
        &h->accounts[link_history_draw(&h->seed, h->accounts_len)];
    size_t person =
        owner->people[link_history_draw(&h->seed, owner->profile.identities_len)];
    const history_account *other =
        &h->accounts[link_history_draw(&h->seed, h->accounts_len)];
    const a0__link_identity *identity = &other->profile.identities[0];
    bool is_own = other->people[0] == person;
    bool has_subject = !chance(h, 4);
    bool stands = !chance(h, 4);

    h->records[h->records_len++] = (a0__link_connected){
        .id = A0__LIT("cac"),
        .user_id = owner->profile.user_id,
        .connection = identity->connection,
        .subject = !has_subject        ? A0__NO_TEXT
                   : is_own || !stands ? identity->user_id
                                       : A0__LIT("nobody"),
        .email = address_of(h, person),
        .email_verified = !chance(h, 4),
        .stands = stands,
    };
}

/* The one that lies is never named, and now and then an honest one is not either. */
static void
make_policy(link_history *h)
{
    static char db[] = "db";
    static char google[] = "google-oauth2";
    static char facebook[] = "facebook";
    static char *const listed[HISTORY_HONEST] = { db, google, facebook };

    h->policy.connections =
        (a0__link_names){ listed, chance(h, 5) ? HISTORY_HONEST - 1 : HISTORY_HONEST };
    h->policy.confirm_only =
        (a0__link_names){ &listed[link_history_draw(&h->seed, HISTORY_HONEST)],
                          chance(h, 4) ? 1 : 0 };
    h->policy.confirm_password_primary = chance(h, 4);
}

void
link_history_make(link_history *h, uint64_t seed, uint64_t listings)
{
    memset(h, 0, sizeof *h);
    h->seed = seed;
    h->listings = listings;
    h->accounts_len = 3 + link_history_draw(&h->seed, HISTORY_ACCOUNTS_MAX - 2);
    for (size_t n = 0; n < h->accounts_len; n++) {
        make_account(h, n);
    }
    for (size_t n = link_history_draw(&h->seed, HISTORY_RECORDS_MAX + 1); n > 0; n--) {
        make_record(h);
    }
    make_policy(h);
}

/* ---- what happens ---- */

void
link_history_link(link_history *h, size_t primary, size_t secondary)
{
    history_account *into = &h->accounts[primary];
    history_account *from = &h->accounts[secondary];
    size_t i = into->profile.identities_len++;

    into->profile.identities[i] = from->profile.identities[0];
    into->profile.identities[i].is_ours = true;
    into->people[i] = from->people[0];
    into->owners[i] = from->owners[0];
    from->linked_to = primary;
}

/* Takes back the link that was made last into the account that has taken this one in.
 */
static void
undo(link_history *h, size_t n)
{
    history_account *from = &h->accounts[n];
    size_t primary = from->linked_to;
    a0__link_profile *into = &h->accounts[primary].profile;
    const a0__link_identity *last = &into->identities[into->identities_len - 1];
    const a0__link_identity *own = &from->profile.identities[0];

    if (primary == n || !a0__text_equal(last->connection, own->connection) ||
        !a0__text_equal(last->user_id, own->user_id)) {
        return;
    }
    into->identities_len--;
    from->linked_to = n;
    h->undone[primary][n] = true;
    h->undone[n][primary] = true;
}

void
link_history_pass_time(link_history *h)
{
    size_t n = link_history_draw(&h->seed, h->accounts_len);
    history_account *a = &h->accounts[n];

    switch (link_history_draw(&h->seed, 12)) {
    case 0:
        give_address(h, a, link_history_draw(&h->seed, a->profile.identities_len));
        break;
    case 1:
        a->profile.blocked = !a->profile.blocked;
        break;
    case 2:
        if (h->records_len > 0) {
            h->records[link_history_draw(&h->seed, h->records_len)].stands = false;
        }
        break;
    case 3:
    case 4:
        undo(h, n);
        break;
    default:
        break;
    }
}

/* ---- a sign-in ---- */

size_t
link_history_sign_in(link_history *h)
{
    return h->accounts[link_history_draw(&h->seed, h->accounts_len)].linked_to;
}

/* All accounts there are; the rules are to find those that matter. */
static size_t
list_users(link_history *h, size_t signed_in)
{
    size_t order[HISTORY_ACCOUNTS_MAX];
    size_t len = 0;

    for (size_t n = 0; n < h->accounts_len; n++) {
        size_t at = link_history_draw(&h->listings, n + 1);

        order[n] = order[at];
        order[at] = n;
    }
    for (size_t i = 0; i < h->accounts_len; i++) {
        if (h->accounts[order[i]].linked_to == order[i]) {
            memcpy(&h->listed[len], &h->accounts[order[i]].profile,
                   sizeof h->listed[len]);
            h->listed[len++].was_undone = h->undone[order[i]][signed_in];
        }
    }
    return len;
}

a0__link_verdict
link_history_decide(link_history *h, size_t signed_in)
{
    const history_account *own = &h->accounts[signed_in];
    const a0__link_identity *identity = &own->profile.identities[0];
    bool has_email = !chance(h, 4);
    bool disagrees = chance(h, 6);
    const a0__link_facts facts = {
        .policy = h->policy,
        .user_id = own->profile.user_id,
        .token_email = has_email ? identity->email : A0__NO_TEXT,
        .token_email_verified = identity->email_verified != disagrees,
        .signed_in = &own->profile,
        .candidates = h->listed,
        .candidates_len = list_users(h, signed_in),
        .records = h->records,
        .records_len = h->records_len,
    };

    return a0__link_decide(&facts);
}

size_t
link_history_index(const link_history *h, const a0__link_profile *profile)
{
    for (size_t n = 0; n < h->accounts_len; n++) {
        if (a0__text_equal(h->accounts[n].profile.user_id, profile->user_id)) {
            return n;
        }
    }
    fail_msg("a primary that is nobody");
    return 0;
}
