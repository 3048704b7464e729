/* SPDX-License-Identifier: MIT */
#include "flows/link_facts.h"

#include "base/mem.h"
#include "flows/link_evidence.h"
#include "flows/link_lookup.h"
#include "flows/link_saga.h"

void
a0__link_gathered_auto(a0__link_gathered *gathered)
{
    for (size_t i = 0; i < gathered->documents_len; i++) {
        a0__json_free(gathered->documents[i]);
    }
    a0__connected_accounts_auto(&gathered->accounts);
    a0__free(gathered->records);
    a0__free(gathered->candidates);
    a0__free(gathered->own);
}

/* ---- what we know of the candidates ourselves ---- */

/* The one that the user's id names was always theirs. */
a0_status
a0__link_mark_ours(a0_client *client, a0__link_profile *profile, a0_error **err)
{
    for (size_t i = 0; i < profile->identities_len; i++) {
        a0__link_identity *own = &profile->identities[i];
        const a0_identity identity = { own->provider.ptr, own->connection.ptr,
                                       own->user_id.ptr };

        if (!a0__link_identity_is_named(own, profile->user_id)) {
            A0_TRY(a0__link_is_recorded(client, profile->user_id, &identity,
                                        &own->is_ours, err));
        }
    }
    return A0_OK;
}

/* Whoever was parted from an account stays apart from what that has become part of. */
a0_status
a0__link_mark_undone(a0_client *client, a0__text user_id, a0__link_profile *profile,
                     a0_error **err)
{
    bool undone = false;

    A0_TRY(a0__link_was_undone(client, user_id, profile->user_id, &undone, err));
    for (size_t i = 0; i < profile->identities_len && !undone; i++) {
        A0_AUTO(a0__buf) id = A0__BUF_INIT(A0_RECORD_INDEX_MAX);

        a0__buf_text(&id, profile->identities[i].provider);
        a0__buf_byte(&id, '|');
        a0__buf_text(&id, profile->identities[i].user_id);
        A0_TRY(a0__buf_check(&id, err));
        if (!a0__text_equal(a0__buf_view(&id), profile->user_id)) {
            A0_TRY(
                a0__link_was_undone(client, user_id, a0__buf_view(&id), &undone, err));
        }
    }
    profile->was_undone = undone;
    return A0_OK;
}

static a0_status
note_history(a0_client *client, const a0__link_person *person, a0__link_gathered *out,
             a0_error **err)
{
    for (size_t i = 0; i < out->facts.candidates_len; i++) {
        a0__link_profile *candidate = &out->candidates[i];

        A0_TRY(a0__link_mark_undone(client, person->user_id, candidate, err));
        A0_TRY(a0__link_mark_ours(client, candidate, err));
    }
    return A0_OK;
}

/* ---- the whole ---- */

static a0__link_names
names_of(const a0__strings *strings)
{
    return (a0__link_names){ strings->items, strings->len };
}

static void
begin(a0_client *client, const a0__link_person *person, a0__link_gathered *out)
{
    const a0__settings *settings = client->settings;
    const a0__link_names nobody = { .len = 0 };

    out->read_at_ms = a0__client_monotonic_ms(client);
    out->facts.policy = (a0__link_policy){
        .connections = settings->linking != A0__LINKING_OFF
                           ? names_of(&settings->connections_for_account_linking)
                           : nobody,
        .confirm_only = names_of(&settings->confirm_only_connections),
        .confirm_password_primary = settings->confirm_password_primary,
    };
    out->facts.user_id = person->user_id;
    out->facts.token_email = person->email;
    out->facts.token_email_verified = person->email_verified;
}

/* The person, the address in two spellings, and of each owner the profile and the
 * accounts. */
_Static_assert(3 + 2 * A0__LINK_OWNERS_MAX <= A0__MANAGEMENT_BATCH_MAX,
               "one batch takes every look-up of a sign-in");

/* The owners of the records, each once. */
static void
look_up_owners(a0__link_lookup *lookup)
{
    const a0__link_gathered *g = lookup->out;
    size_t owners = 0;

    for (size_t i = 0; i < g->facts.records_len && owners < A0__LINK_OWNERS_MAX; i++) {
        bool asked = false;

        for (size_t j = 0; j < i && !asked; j++) {
            asked = a0__text_equal(g->records[j].user_id, g->records[i].user_id);
        }
        if (!asked) {
            a0__link_lookup_candidate(lookup, g->records[i].user_id);
            a0__link_lookup_accounts(lookup, g->records[i].user_id);
            owners++;
        }
    }
}

/* An ID token without an address, because its scope was not asked for. */
static a0_status
gather_by_own_address(a0_client *client, const a0__link_person *person,
                      a0__link_gathered *out, a0_error **err)
{
    A0_AUTO(a0__link_lookup)
    lookup = { .client = client, .person = person, .out = out };
    const a0__link_identity *own =
        out->own != NULL ? a0__link_profile_named(out->own, person->user_id) : NULL;
    bool found = false;

    if (person->email.len > 0 || own == NULL) {
        return A0_OK;
    }
    a0__link_lookup_address(&lookup, own->email);
    A0_TRY(a0__link_evidence_find_by_address(client, person, own->email, out, &found,
                                             err));
    if (found) {
        look_up_owners(&lookup);
    }
    return lookup.len > 0 ? a0__link_lookup_send(&lookup, err) : A0_OK;
}

a0_status
a0__link_gather(a0_client *client, const a0__link_person *person,
                a0__link_gathered *out, a0_error **err)
{
    A0_AUTO(a0__link_lookup)
    lookup = { .client = client, .person = person, .out = out };

    begin(client, person, out);
    A0_TRY(a0__link_evidence_find(client, person, out, err));
    a0__link_lookup_own(&lookup);
    a0__link_lookup_address(&lookup, person->email);
    look_up_owners(&lookup);
    A0_TRY(a0__link_lookup_send(&lookup, err));
    A0_TRY(gather_by_own_address(client, person, out, err));
    return note_history(client, person, out, err);
}

a0_status
a0__link_gather_pair(a0_client *client, const a0__link_person *person,
                     a0__text candidate, a0__link_gathered *out, a0_error **err)
{
    A0_AUTO(a0__link_lookup)
    lookup = { .client = client, .person = person, .out = out };

    begin(client, person, out);
    a0__link_lookup_own(&lookup);
    a0__link_lookup_candidate(&lookup, candidate);
    A0_TRY(a0__link_lookup_send(&lookup, err));
    return note_history(client, person, out, err);
}

/* ---- whole profiles ---- */

static const a0__json *
find_profile(const a0__json *document, a0__text user_id)
{
    a0__text id = A0__NO_TEXT;

    if (a0__json_is_array(document)) {
        for (size_t i = 0; i < a0__json_len(document); i++) {
            const a0__json *found = find_profile(a0__json_at(document, i), user_id);

            if (found != NULL) {
                return found;
            }
        }
        return NULL;
    }
    (void)a0__json_text(document, "user_id", &id);
    return a0__text_equal(id, user_id) ? document : NULL;
}

a0_status
a0__link_gathered_user(const a0__link_gathered *gathered, a0__text user_id,
                       a0_user **out, a0_error **err)
{
    *out = NULL;
    for (size_t i = 0; i < gathered->documents_len; i++) {
        const a0__json *profile = find_profile(gathered->documents[i], user_id);

        if (profile != NULL) {
            return a0__user_read(profile, user_id, out, err);
        }
    }
    return A0_OK;
}
