/* SPDX-License-Identifier: MIT */
#include "flows/link_lookup.h"

#include "auth0/users.h"
#include "base/mem.h"
#include "flows/link_evidence.h"

/* ---- the requests ---- */

void
a0__link_lookup_auto(a0__link_lookup *lookup)
{
    for (size_t i = 0; i < lookup->len; i++) {
        a0__management_call_auto(&lookup->calls[i]);
    }
}

static a0__buf *
add_call(a0__link_lookup *lookup, a0__link_topic about, a0__text user_id)
{
    a0__management_call *call = &lookup->calls[lookup->len];

    *call = A0__MANAGEMENT_CALL_INIT;
    lookup->about[lookup->len] = about;
    lookup->user_id[lookup->len] = user_id;
    lookup->len++;
    return &call->url;
}

void
a0__link_lookup_own(a0__link_lookup *lookup)
{
    a0__text user_id = lookup->person->user_id;

    a0__user_url(lookup->client->settings, user_id, "",
                 add_call(lookup, A0__LINK_OWN, user_id));
}

/* Auth0 compares byte by byte, and keeps federated addresses as they came [LINK-10]. */
void
a0__link_lookup_address(a0__link_lookup *lookup, a0__text email)
{
    char lower[A0__ADDRESS_MAX + 1];
    a0__text trimmed = a0__text_trim(email);

    if (!a0__address_is_eligible(email)) {
        return;
    }
    a0__address_canonical(email, lower);
    a0__users_by_email_url(lookup->client->settings, trimmed,
                           add_call(lookup, A0__LINK_ADDRESS, A0__NO_TEXT));
    if (!a0__text_is(trimmed, lower)) {
        a0__users_by_email_url(lookup->client->settings, a0__text_of(lower),
                               add_call(lookup, A0__LINK_ADDRESS, A0__NO_TEXT));
    }
}

void
a0__link_lookup_candidate(a0__link_lookup *lookup, a0__text user_id)
{
    a0__user_url(lookup->client->settings, user_id, "",
                 add_call(lookup, A0__LINK_CANDIDATE, user_id));
}

void
a0__link_lookup_accounts(a0__link_lookup *lookup, a0__text user_id)
{
    a0__user_url(lookup->client->settings, user_id, "/connected-accounts?take=20",
                 add_call(lookup, A0__LINK_ACCOUNTS, user_id));
}

/* ---- the answers ---- */

static a0_status
keep_document(a0__link_lookup *lookup, size_t i, const a0__json **out, a0_error **err)
{
    a0__link_gathered *g = lookup->out;
    a0__json *document = NULL;

    A0_TRY(a0__management_response(lookup->calls[i].response,
                                   a0__client_wall_ms(lookup->client), &document, err));
    g->documents[g->documents_len++] = document;
    *out = document;
    return A0_OK;
}

static bool
is_gone(const a0__link_lookup *lookup, size_t i)
{
    return a0_http_response_status(lookup->calls[i].response) == 404;
}

static a0_status
take_own(a0__link_lookup *lookup, size_t i, a0_error **err)
{
    a0__link_gathered *g = lookup->out;
    const a0__json *document = NULL;

    if (is_gone(lookup, i)) {
        return A0_OK;
    }
    A0_TRY(keep_document(lookup, i, &document, err));
    g->own = a0__calloc(1, sizeof *g->own);
    A0_ENSURE(g->own != NULL, err, no_memory);
    A0_ENSURE(a0__link_profile_read(document, g->own) &&
                  a0__text_equal(g->own->user_id, lookup->user_id[i]),
              err, mgmt_response_invalid);
    g->facts.signed_in = g->own;
    return A0_OK;
}

static bool
is_known(const a0__link_lookup *lookup, a0__text user_id)
{
    const a0__link_gathered *g = lookup->out;

    for (size_t i = 0; i < g->facts.candidates_len; i++) {
        if (a0__text_equal(g->candidates[i].user_id, user_id)) {
            return true;
        }
    }
    return a0__text_equal(user_id, lookup->person->user_id);
}

static a0_status
add_candidate(a0__link_lookup *lookup, const a0__json *profile, a0__text expected_id,
              a0_error **err)
{
    a0__link_gathered *g = lookup->out;
    a0__text user_id = A0__NO_TEXT;

    A0_ENSURE(a0__json_is_object(profile) &&
                  a0__json_text(profile, "user_id", &user_id) == A0__FOUND &&
                  user_id.len > 0,
              err, mgmt_response_invalid);
    A0_ENSURE(expected_id.len == 0 || a0__text_equal(expected_id, user_id), err,
              mgmt_response_invalid);
    /* With an id that no ID token may have nobody signs in, so there is nobody whose
     * account it could be. */
    if (is_known(lookup, user_id) || !a0__user_id_is_valid(user_id)) {
        return A0_OK;
    }
    if (g->candidates == NULL) {
        g->candidates = a0__calloc(A0__LINK_CANDIDATES_MAX, sizeof *g->candidates);
        A0_ENSURE(g->candidates != NULL, err, no_memory);
        g->facts.candidates = g->candidates;
    }
    A0_ENSURE(
        g->facts.candidates_len < A0__LINK_CANDIDATES_MAX &&
            a0__link_profile_read(profile, &g->candidates[g->facts.candidates_len]),
        err, mgmt_response_invalid);
    g->facts.candidates_len++;
    return A0_OK;
}

static a0_status
take_list(a0__link_lookup *lookup, size_t i, a0_error **err)
{
    const a0__json *found = NULL;

    A0_TRY(keep_document(lookup, i, &found, err));
    A0_ENSURE(a0__json_is_array(found), err, mgmt_response_invalid);
    for (size_t j = 0; j < a0__json_len(found); j++) {
        A0_TRY(add_candidate(lookup, a0__json_at(found, j), A0__NO_TEXT, err));
    }
    return A0_OK;
}

static a0_status
take_candidate(a0__link_lookup *lookup, size_t i, a0_error **err)
{
    const a0__json *profile = NULL;

    if (is_gone(lookup, i)) {
        return A0_OK;
    }
    A0_TRY(keep_document(lookup, i, &profile, err));
    return add_candidate(lookup, profile, lookup->user_id[i], err);
}

/* ---- one batch ---- */

a0_status
a0__link_lookup_send(a0__link_lookup *lookup, a0_error **err)
{
    A0_TRY(a0__management_send(lookup->client, lookup->calls, lookup->len, err));
    for (size_t i = 0; i < lookup->len; i++) {
        switch (lookup->about[i]) {
        case A0__LINK_OWN:
            A0_TRY(take_own(lookup, i, err));
            break;
        case A0__LINK_ADDRESS:
            A0_TRY(take_list(lookup, i, err));
            break;
        case A0__LINK_CANDIDATE:
            A0_TRY(take_candidate(lookup, i, err));
            break;
        case A0__LINK_ACCOUNTS:
            A0_TRY(a0__link_evidence_check(lookup->client, lookup->user_id[i],
                                           lookup->calls[i].response, lookup->out,
                                           err));
            break;
        }
    }
    return A0_OK;
}
