/* SPDX-License-Identifier: MIT */
#include "flows/link_evidence.h"

#include "auth0/users.h"
#include "base/mem.h"
#include "flows/cursors.h"
#include "flows/management.h"

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
find_by_identity(a0_client *client, a0__text user_id, a0__link_gathered *out,
                 a0_error **err)
{
    const a0__strings *connections = &client->settings->connections_for_account_linking;

    for (size_t i = 0; i < connections->len; i++) {
        a0__text connection = a0__text_of(connections->items[i]);

        A0_TRY(a0__connected_accounts_by_identity(
            client, connection, subject_in(user_id, connection), &out->accounts, err));
    }
    return A0_OK;
}

static a0_status
find_by_address(a0_client *client, a0__text email, a0__link_gathered *out,
                a0_error **err)
{
    const a0__strings *connections = &client->settings->connections_for_account_linking;

    for (size_t i = 0; i < connections->len && a0__address_is_eligible(email); i++) {
        A0_TRY(a0__connected_accounts_by_email(
            client, a0__text_of(connections->items[i]), email, &out->accounts, err));
    }
    return A0_OK;
}

a0__link_connected
a0__link_evidence_of(const a0_client *client, const a0__connected_account *account)
{
    return (a0__link_connected){
        .id = a0__text_of(account->key),
        .user_id = a0__text_of(account->user_id),
        .connection = account->connection,
        .subject = a0__connected_account_subject(client, account),
        .email = account->email,
        .email_verified = account->email_verified,
    };
}

/* Anew, because texts of a record may be views into accounts that have moved. */
static a0_status
note_records(const a0_client *client, const a0__link_person *person,
             a0__link_gathered *out, a0_error **err)
{
    a0__free(a0__steal(&out->records));
    out->facts.records = NULL;
    out->facts.records_len = 0;
    if (out->accounts.len == 0) {
        return A0_OK;
    }
    out->records = a0__calloc(out->accounts.len, sizeof *out->records);
    A0_ENSURE(out->records != NULL, err, no_memory);
    for (size_t i = 0; i < out->accounts.len; i++) {
        const a0__link_connected record =
            a0__link_evidence_of(client, &out->accounts.items[i]);

        if (!a0__text_equal(record.user_id, person->user_id) &&
            (record.subject.len == 0 ||
             a0__text_equal(record.subject,
                            subject_in(person->user_id, record.connection)))) {
            out->records[out->facts.records_len++] = record;
        }
    }
    out->facts.records = out->records;
    return A0_OK;
}

a0_status
a0__link_evidence_find(a0_client *client, const a0__link_person *person,
                       a0__link_gathered *out, a0_error **err)
{
    A0_TRY(find_by_identity(client, person->user_id, out, err));
    A0_TRY(find_by_address(client, person->email, out, err));
    return note_records(client, person, out, err);
}

a0_status
a0__link_evidence_find_by_address(a0_client *client, const a0__link_person *person,
                                  a0__text email, a0__link_gathered *out,
                                  bool *out_found, a0_error **err)
{
    size_t before = out->accounts.len;

    A0_TRY(find_by_address(client, email, out, err));
    *out_found = out->accounts.len > before;
    return *out_found ? note_records(client, person, out, err) : A0_OK;
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

/* What stands on a page that never comes can not be told: then nothing is decided. */
static a0_status
take_page(a0__link_gathered *g, a0__text owner, const a0__json *page,
          a0__cursors *cursors, a0_error **err)
{
    a0__text next = A0__NO_TEXT;

    note_standing(g, owner, page);
    (void)a0__json_text(page, "next", &next);
    A0_ENSURE(a0__cursors_go_on(cursors, next), err, mgmt_response_invalid);
    return a0__buf_check(&cursors->next, err);
}

a0_status
a0__link_evidence_check(a0_client *client, a0__text owner,
                        const a0_http_response *first_page, a0__link_gathered *out,
                        a0_error **err)
{
    A0_AUTO(a0__json_doc) page = NULL;
    A0_AUTO(a0__cursors) cursors = A0__CURSORS_INIT;
    int64_t wall_ms = a0__client_wall_ms(client);

    /* A tenant without the list, or an owner who is gone: nothing stands. What can not
     * be told now leaves everything open. */
    if (!a0__http_is_success(first_page) &&
        !a0__management_is_temporary(a0_http_response_status(first_page))) {
        return A0_OK;
    }
    A0_TRY(a0__management_response(first_page, wall_ms, &page, err));
    A0_TRY(take_page(out, owner, page, &cursors, err));
    while (cursors.next.len > 0) {
        A0_AUTO(a0__management_call) call = A0__MANAGEMENT_CALL_INIT;
        A0_AUTO(a0__json_doc) more = NULL;

        a0__user_url(client->settings, owner,
                     "/connected-accounts?take=20&from=", &call.url);
        a0__percent_encode(a0__buf_view(&cursors.next), &call.url);
        A0_TRY(a0__management_send(client, &call, 1, err));
        A0_TRY(a0__management_response(call.response, wall_ms, &more, err));
        A0_TRY(take_page(out, owner, more, &cursors, err));
    }
    return A0_OK;
}
