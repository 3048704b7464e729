/* SPDX-License-Identifier: MIT */
#include "flows/link_facts.h"

#include <string.h>

#include "auth0/users.h"
#include "base/mem.h"
#include "flows/link_saga.h"
#include "flows/management.h"

enum {
    PAGES_MAX = 100,
    CURSOR_MAX = 1024
};

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

/* ---- the requests ---- */

typedef enum topic {
    OWN,
    BY_ADDRESS,
    CANDIDATE,
    ACCOUNTS /* of the candidate that was asked for just before */
} topic;

/* One batch. */
typedef struct asking {
    a0_client *client;
    const a0__link_person *person;
    a0__link_gathered *out;
    a0__management_call calls[A0__MANAGEMENT_BATCH_MAX];
    topic about[A0__MANAGEMENT_BATCH_MAX];
    a0__text user_id[A0__MANAGEMENT_BATCH_MAX];
    size_t len;
} asking;

static void
asking_auto(asking *a)
{
    for (size_t i = 0; i < a->len; i++) {
        a0__management_call_auto(&a->calls[i]);
    }
}

static a0__buf *
add_call(asking *a, topic about, a0__text user_id)
{
    a0__management_call *call = &a->calls[a->len];

    *call = A0__MANAGEMENT_CALL_INIT;
    a->about[a->len] = about;
    a->user_id[a->len] = user_id;
    a->len++;
    return &call->url;
}

static void
ask_for_user(asking *a, topic about, a0__text user_id)
{
    a0__user_url(a->client->settings, user_id, "", add_call(a, about, user_id));
}

static void
ask_for_accounts(asking *a, a0__text user_id)
{
    a0__user_url(a->client->settings, user_id, "/connected-accounts?take=20",
                 add_call(a, ACCOUNTS, user_id));
}

/* Auth0 compares byte by byte, and keeps federated addresses as they came [LINK-10]. */
static void
ask_for_address(asking *a, a0__text email)
{
    char lower[A0__ADDRESS_MAX + 1];
    a0__text trimmed = a0__text_trim(email);

    if (!a0__address_is_eligible(email)) {
        return;
    }
    a0__address_canonical(email, lower);
    a0__users_by_email_url(a->client->settings, trimmed,
                           add_call(a, BY_ADDRESS, A0__NO_TEXT));
    if (!a0__text_is(trimmed, lower)) {
        a0__users_by_email_url(a->client->settings, a0__text_of(lower),
                               add_call(a, BY_ADDRESS, A0__NO_TEXT));
    }
}

/* ---- the answers ---- */

static a0_status
keep_document(asking *a, size_t i, const a0__json **out, a0_error **err)
{
    a0__link_gathered *g = a->out;
    a0__json *document = NULL;

    A0_TRY(a0__management_response(a->calls[i].response, a0__client_wall_ms(a->client),
                                   &document, err));
    g->documents[g->documents_len++] = document;
    *out = document;
    return A0_OK;
}

static bool
is_gone(const asking *a, size_t i)
{
    return a0_http_response_status(a->calls[i].response) == 404;
}

static a0_status
take_own(asking *a, size_t i, a0_error **err)
{
    a0__link_gathered *g = a->out;
    const a0__json *document = NULL;

    if (is_gone(a, i)) {
        return A0_OK;
    }
    A0_TRY(keep_document(a, i, &document, err));
    g->own = a0__calloc(1, sizeof *g->own);
    A0_ENSURE(g->own != NULL, err, no_memory);
    A0_ENSURE(a0__link_profile_read(document, g->own) &&
                  a0__text_equal(g->own->user_id, a->user_id[i]),
              err, mgmt_response_invalid);
    g->facts.signed_in = g->own;
    return A0_OK;
}

static bool
is_known(const asking *a, a0__text user_id)
{
    const a0__link_gathered *g = a->out;

    for (size_t i = 0; i < g->facts.candidates_len; i++) {
        if (a0__text_equal(g->candidates[i].user_id, user_id)) {
            return true;
        }
    }
    return a0__text_equal(user_id, a->person->user_id);
}

static a0_status
add_candidate(asking *a, const a0__json *profile, a0__text expected_id, a0_error **err)
{
    a0__link_gathered *g = a->out;
    a0__text user_id = A0__NO_TEXT;

    A0_ENSURE(a0__json_is_object(profile) &&
                  a0__json_text(profile, "user_id", &user_id) == A0__FOUND &&
                  a0__user_id_is_valid(user_id),
              err, mgmt_response_invalid);
    A0_ENSURE(expected_id.len == 0 || a0__text_equal(expected_id, user_id), err,
              mgmt_response_invalid);
    if (is_known(a, user_id)) {
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
take_list(asking *a, size_t i, a0_error **err)
{
    const a0__json *found = NULL;

    A0_TRY(keep_document(a, i, &found, err));
    A0_ENSURE(a0__json_is_array(found), err, mgmt_response_invalid);
    for (size_t j = 0; j < a0__json_len(found); j++) {
        A0_TRY(add_candidate(a, a0__json_at(found, j), A0__NO_TEXT, err));
    }
    return A0_OK;
}

static a0_status
take_candidate(asking *a, size_t i, a0_error **err)
{
    const a0__json *profile = NULL;

    if (is_gone(a, i)) {
        return A0_OK;
    }
    A0_TRY(keep_document(a, i, &profile, err));
    return add_candidate(a, profile, a->user_id[i], err);
}

/* ---- whether a record still stands (rule 2) ---- */

static void
note_standing(a0__link_gathered *g, a0__text owner, const a0__json *page)
{
    const a0__json *accounts = a0__json_member(page, "connected_accounts");

    for (size_t i = 0; i < a0__json_len(accounts); i++) {
        a0__text id = A0__NO_TEXT;
        a0__text connection = A0__NO_TEXT;

        (void)a0__json_text(a0__json_at(accounts, i), "id", &id);
        (void)a0__json_text(a0__json_at(accounts, i), "connection", &connection);
        for (size_t j = 0; j < g->facts.records_len; j++) {
            a0__link_connected *record = &g->records[j];

            record->stands =
                record->stands || (a0__text_equal(record->user_id, owner) &&
                                   a0__text_equal(record->id, id) &&
                                   a0__text_equal(record->connection, connection));
        }
    }
}

/* *cursor becomes that of the next page; empty at the end, or when it comes again. */
static void
read_cursor(const a0__json *page, a0__buf *cursor)
{
    a0__text next = A0__NO_TEXT;

    (void)a0__json_text(page, "next", &next);
    if (a0__text_equal(next, a0__buf_view(cursor))) {
        next = A0__NO_TEXT;
    }
    a0__buf_reset(cursor);
    a0__buf_text(cursor, next);
}

static a0_status
take_accounts(asking *a, size_t i, a0_error **err)
{
    A0_AUTO(a0__json_doc) page = NULL;
    A0_AUTO(a0__buf) cursor = A0__BUF_INIT(CURSOR_MAX);
    int64_t wall_ms = a0__client_wall_ms(a->client);

    /* A tenant without the list, or an owner who is gone: nothing stands. */
    if (!a0__http_is_success(a->calls[i].response)) {
        return A0_OK;
    }
    A0_TRY(a0__management_response(a->calls[i].response, wall_ms, &page, err));
    note_standing(a->out, a->user_id[i], page);
    read_cursor(page, &cursor);
    for (int pages = 1; cursor.len > 0 && pages < PAGES_MAX; pages++) {
        A0_AUTO(a0__management_call) call = A0__MANAGEMENT_CALL_INIT;
        A0_AUTO(a0__json_doc) more = NULL;

        a0__user_url(a->client->settings, a->user_id[i],
                     "/connected-accounts?take=20&from=", &call.url);
        a0__percent_encode(a0__buf_view(&cursor), &call.url);
        A0_TRY(a0__management_send(a->client, &call, 1, err));
        A0_TRY(a0__management_response(call.response, wall_ms, &more, err));
        note_standing(a->out, a->user_id[i], more);
        read_cursor(more, &cursor);
    }
    return a0__buf_check(&cursor, err);
}

static a0_status
send(asking *a, a0_error **err)
{
    A0_TRY(a0__management_send(a->client, a->calls, a->len, err));
    for (size_t i = 0; i < a->len; i++) {
        switch (a->about[i]) {
        case OWN:
            A0_TRY(take_own(a, i, err));
            break;
        case BY_ADDRESS:
            A0_TRY(take_list(a, i, err));
            break;
        case CANDIDATE:
            A0_TRY(take_candidate(a, i, err));
            break;
        case ACCOUNTS:
            A0_TRY(take_accounts(a, i, err));
            break;
        }
    }
    return A0_OK;
}

/* ---- records of connected accounts ---- */

/* What stands behind the strategy, and behind the name of a custom connection. */
static a0__text
subject_in(a0__text user_id, a0__text connection)
{
    a0__text rest = user_id;
    a0__text strategy = A0__NO_TEXT;
    a0__text inner = A0__NO_TEXT;
    a0__text first = A0__NO_TEXT;

    (void)a0__text_next(&rest, '|', &strategy);
    inner = rest;
    if (a0__text_next(&inner, '|', &first) && inner.len > 0 &&
        a0__text_equal(first, connection)) {
        return inner;
    }
    return rest;
}

static a0_status
find_accounts(a0_client *client, const a0__link_person *person, a0__link_gathered *out,
              a0_error **err)
{
    const a0__strings *connections = &client->settings->connections_for_account_linking;

    for (size_t i = 0; i < connections->len; i++) {
        a0__text connection = a0__text_of(connections->items[i]);

        A0_TRY(a0__connected_accounts_by_identity(
            client, connection, subject_in(person->user_id, connection), &out->accounts,
            err));
        if (a0__address_is_eligible(person->email)) {
            A0_TRY(a0__connected_accounts_by_email(client, connection, person->email,
                                                   &out->accounts, err));
        }
    }
    return A0_OK;
}

static a0_status
find_records(a0_client *client, const a0__link_person *person, a0__link_gathered *out,
             a0_error **err)
{
    A0_TRY(find_accounts(client, person, out, err));
    if (out->accounts.len == 0) {
        return A0_OK;
    }
    out->records = a0__calloc(out->accounts.len, sizeof *out->records);
    A0_ENSURE(out->records != NULL, err, no_memory);
    for (size_t i = 0; i < out->accounts.len; i++) {
        const a0__connected_account *account = &out->accounts.items[i];
        a0__text subject = subject_in(person->user_id, account->connection);

        if (a0__text_is(person->user_id, account->user_id) ||
            (account->subject.len > 0 && !a0__text_equal(account->subject, subject))) {
            continue;
        }
        out->records[out->facts.records_len++] = (a0__link_connected){
            .id = a0__text_of(account->key),
            .user_id = a0__text_of(account->user_id),
            .connection = account->connection,
            .subject = account->subject,
            .email = account->email,
            .email_verified = account->email_verified,
        };
    }
    out->facts.records = out->records;
    return A0_OK;
}

/* The owners of the records, each once. */
static void
ask_for_owners(asking *a)
{
    const a0__link_gathered *g = a->out;
    size_t owners = 0;

    for (size_t i = 0; i < g->facts.records_len && owners < A0__LINK_OWNERS_MAX; i++) {
        bool asked = false;

        for (size_t j = 0; j < i && !asked; j++) {
            asked = a0__text_equal(g->records[j].user_id, g->records[i].user_id);
        }
        if (!asked) {
            ask_for_user(a, CANDIDATE, g->records[i].user_id);
            ask_for_accounts(a, g->records[i].user_id);
            owners++;
        }
    }
}

/* ---- what we know of the candidates ourselves ---- */

static a0_status
note_history(a0_client *client, const a0__link_person *person, a0__link_gathered *out,
             a0_error **err)
{
    for (size_t i = 0; i < out->facts.candidates_len; i++) {
        a0__link_profile *candidate = &out->candidates[i];

        A0_TRY(a0__link_was_undone(client, person->user_id, candidate->user_id,
                                   &candidate->was_undone, err));
        for (size_t j = 1; j < candidate->identities_len; j++) {
            a0__link_identity *own = &candidate->identities[j];
            const a0_identity identity = { own->provider.ptr, own->connection.ptr,
                                           own->user_id.ptr };

            A0_TRY(a0__link_is_recorded(client, candidate->user_id, &identity,
                                        &own->is_ours, err));
        }
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

    out->read_at_ms = a0__client_monotonic_ms(client);
    out->facts.policy = (a0__link_policy){
        .connections = names_of(&settings->connections_for_account_linking),
        .confirm_only = names_of(&settings->confirm_only_connections),
        .confirm_password_primary = settings->confirm_password_primary,
    };
    out->facts.user_id = person->user_id;
    out->facts.token_email = person->email;
    out->facts.token_email_verified = person->email_verified;
}

/* An ID token without an address, because its scope was not asked for. */
static a0_status
gather_by_own_address(a0_client *client, const a0__link_person *person,
                      a0__link_gathered *out, a0_error **err)
{
    asking a __attribute__((
        cleanup(asking_auto))) = { .client = client, .person = person, .out = out };
    const a0__link_identity *own =
        out->own != NULL ? a0__link_profile_named(out->own, person->user_id) : NULL;

    if (person->email.len > 0 || own == NULL) {
        return A0_OK;
    }
    ask_for_address(&a, own->email);
    return a.len > 0 ? send(&a, err) : A0_OK;
}

a0_status
a0__link_gather(a0_client *client, const a0__link_person *person,
                a0__link_gathered *out, a0_error **err)
{
    asking a __attribute__((
        cleanup(asking_auto))) = { .client = client, .person = person, .out = out };

    begin(client, person, out);
    A0_TRY(find_records(client, person, out, err));
    ask_for_user(&a, OWN, person->user_id);
    ask_for_address(&a, person->email);
    ask_for_owners(&a);
    A0_TRY(send(&a, err));
    A0_TRY(gather_by_own_address(client, person, out, err));
    return note_history(client, person, out, err);
}

a0_status
a0__link_gather_pair(a0_client *client, const a0__link_person *person,
                     a0__text candidate, a0__link_gathered *out, a0_error **err)
{
    asking a __attribute__((
        cleanup(asking_auto))) = { .client = client, .person = person, .out = out };

    begin(client, person, out);
    ask_for_user(&a, OWN, person->user_id);
    ask_for_user(&a, CANDIDATE, candidate);
    A0_TRY(send(&a, err));
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
