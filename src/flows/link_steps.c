/* SPDX-License-Identifier: MIT */
#include "flows/link_steps.h"

#include "auth0/identities.h"
#include "auth0/users.h"
#include "flows/connected_account.h"
#include "flows/link_end.h"
#include "flows/link_metadata.h"
#include "flows/link_record.h"
#include "flows/management.h"
#include "flows/user.h"
#include "link/profile.h"

enum {
    BODY_MAX = 1024,
    WRITE_ATTEMPTS = 4,
    PATCH_ATTEMPTS = 2,
    LATE_S = 30 /* how late Auth0 may still carry out what it was sent */
};

a0_status
a0__link_read_user(a0_client *client, a0__text user_id, a0_user **out, a0_error **err)
{
    const a0_user_get_options afresh = { .size = sizeof afresh, .afresh = true };
    A0_AUTO(a0__buf) id = A0__BUF_INIT(A0__USER_ID_MAX);

    a0__buf_text(&id, user_id);
    A0_TRY(a0__buf_check(&id, err));
    return a0_user_get(client, a0__buf_cstr(&id), &afresh, out, err);
}

void
a0__link_forget_caches(a0_client *client, const a0__link_journal *journal)
{
    a0__user_cache_forget(client, journal->primary_user_id);
    a0__user_cache_forget(client, journal->secondary_user_id);
}

a0_status
a0__link_fail_partial(const a0_client *client, const a0__link_journal *journal,
                      const a0_error *failure, a0_error **err)
{
    a0_status status = a0__fail(err, A0_E_link_partial);

    A0__LOG(client->log, A0_LOG_ERROR, "link.partial",
            A0__FIELD_NUMBER("state", journal->state),
            A0__FIELD_TEXT("error", a0_error_id(failure)),
            A0__FIELD_NUMBER("peer_status", a0_error_peer_status(failure)));
    if (err != NULL && failure != NULL) {
        a0__error_copy_peer(*err, failure);
    }
    return status;
}

/* ---- linking ---- */

/* Whether the identity is the primary's now. Errors: mgmt_*, http_*. */
static a0_status
is_linked(a0_client *client, const a0__link_journal *journal, bool *out, a0_error **err)
{
    A0_AUTO(a0__user_ptr) primary = NULL;
    const a0_identity identity = a0__link_journal_identity(journal);

    A0_TRY(a0__link_read_user(client, journal->primary_user_id, &primary, err));
    *out = a0__user_has_identity(primary, &identity);
    return A0_OK;
}

/* A request whose answer was lost may still be on its way. When it arrives, the entry
 * has to be there: nobody else knows the metadata that Auth0 then throws away. */
static bool
is_recent(const a0_client *client, const a0__link_journal *journal)
{
    return a0__client_now_s(client) - journal->created_at < LATE_S;
}

a0_status
a0__link_step_look(a0_client *client, a0__link_journal *journal, bool *out_linked,
                   a0_error **err)
{
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_status status = is_linked(client, journal, out_linked, &failure);

    if (status != A0_OK && status != A0_NOT_FOUND) {
        return a0__link_fail_partial(client, journal, failure, err);
    }
    if (status == A0_OK && *out_linked) {
        return a0__link_journal_move(client, journal, A0__LINK_LINKED, err);
    }
    *out_linked = false;
    if (is_recent(client, journal)) {
        return a0__link_fail_partial(client, journal, failure, err);
    }
    return a0__link_journal_close(client, journal, err);
}

/* The answer leaves it open. What Auth0 is through with it will not do later; what got
 * lost may still be on its way, so only a later look closes that. */
static a0_status
look_at_once(a0_client *client, a0__link_journal *journal, bool is_through,
             const a0_error *failure, const char **out_refused, a0_error **err)
{
    A0_AUTO(a0__error_ptr) blind = NULL;
    bool linked = false;
    a0_status status = is_linked(client, journal, &linked, &blind);

    if (status == A0_OK && linked) {
        return a0__link_journal_keep(client, journal, A0__LINK_LINKED, err);
    }
    if (status == A0_NOT_FOUND) {
        *out_refused = "gone";
        return a0__link_journal_close(client, journal, err);
    }
    if (status != A0_OK || !is_through) {
        return a0__link_fail_partial(client, journal, status != A0_OK ? blind : failure,
                                     err);
    }
    A0_TRY(a0__link_journal_close(client, journal, err));
    status = a0__fail(err, A0_E_link_conflict);
    if (err != NULL && failure != NULL) {
        a0__error_copy_peer(*err, failure);
    }
    return status;
}

static a0_status
close_and_pass(a0_client *client, a0__link_journal *journal, a0_error **failure,
               a0_error **err)
{
    a0_status status = a0_error_status(*failure);

    A0_TRY(a0__link_journal_close(client, journal, err));
    a0__error_move(err, failure);
    return status;
}

static a0_status
after_link(a0_client *client, a0__link_journal *journal,
           const a0__management_call *call, a0_error **failure,
           const char **out_refused, a0_error **err)
{
    const a0_identity identity = a0__link_journal_identity(journal);
    A0_AUTO(a0__json_doc) document = NULL;
    bool is_through = false;

    if (call->response == NULL) {
        /* Behind a 401 nothing is done. */
        return call->sent && !a0__error_is(*failure, A0_E_mgmt_auth_failed)
                   ? look_at_once(client, journal, false, *failure, out_refused, err)
                   : close_and_pass(client, journal, failure, err);
    }
    a0__ignore(a0__management_response(call->response, a0__client_wall_ms(client),
                                       &document, failure));
    switch (a0__identities_response(call->response, &identity, true)) {
    case A0__IDENTITIES_CHANGED:
        return a0__link_journal_keep(client, journal, A0__LINK_LINKED, err);
    case A0__IDENTITIES_REFUSED:
        return close_and_pass(client, journal, failure, err);
    case A0__IDENTITIES_OTHERWISE:
        is_through = true;
        break;
    case A0__IDENTITIES_UNCLEAR:
        break;
    }
    return look_at_once(client, journal, is_through, *failure, out_refused, err);
}

a0_status
a0__link_step_link(a0_client *client, a0__link_journal *journal,
                   const char **out_refused, a0_error **err)
{
    A0_AUTO(a0__management_call) call = A0__MANAGEMENT_CALL_INIT;
    A0_AUTO(a0__buf) body = A0__BUF_INIT(BODY_MAX);
    A0_AUTO(a0__error_ptr) failure = NULL;
    const a0_identity identity = a0__link_journal_identity(journal);
    a0_status status = A0_OK;

    a0__identity_link_url(client->settings, journal->primary_user_id, &call.url);
    a0__identity_link_body(&identity, &body);
    A0_TRY(a0__buf_check(&body, err));
    call.method = "POST";
    call.json = a0__buf_view(&body);
    a0__ignore(a0__management_send(client, &call, 1, &failure));
    status = after_link(client, journal, &call, &failure, out_refused, err);
    /* Whatever came of it [LINK-17]. */
    a0__link_forget_caches(client, journal);
    return status;
}

/* ---- metadata ---- */

/* Reads the primary again and plans the merge anew; the new plan is written down before
 * it is sent, because undoing needs it. */
static a0_status
plan_merge(a0_client *client, a0__link_journal *journal, bool *out_changes,
           a0_error **err)
{
    A0_AUTO(a0__user_ptr) primary = NULL;
    A0_AUTO(a0__link_metadata) metadata = A0__LINK_METADATA_INIT;

    A0_TRY(a0__link_read_user(client, journal->primary_user_id, &primary, err));
    A0_TRY(
        a0__link_metadata_plan(client, journal, primary, &metadata, out_changes, err));
    if (!*out_changes) {
        return A0_OK;
    }
    a0__link_metadata_take(&metadata, journal);
    return a0__link_journal_move(client, journal, A0__LINK_LINKED, err);
}

a0_status
a0__link_patch_user(a0_client *client, a0__text user_id, a0__text body, a0_error **err)
{
    A0_AUTO(a0__management_call) call = A0__MANAGEMENT_CALL_INIT;
    A0_AUTO(a0__json_doc) document = NULL;
    A0_AUTO(a0__user_ptr) user = NULL;

    a0__user_url(client->settings, user_id, "", &call.url);
    call.method = "PATCH";
    call.json = body;
    A0_TRY(a0__management_send(client, &call, 1, err));
    A0_TRY(a0__management_response(call.response, a0__client_wall_ms(client), &document,
                                   err));
    return a0__user_read(document, user_id, &user, err);
}

static a0_status
send_patch(a0_client *client, const a0__link_journal *journal, a0_error **err)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0_RECORD_DATA_MAX);

    a0__link_metadata_body(journal->patch_user_metadata, journal->patch_app_metadata,
                           &body);
    A0_TRY(a0__buf_check(&body, err));
    return a0__link_patch_user(client, journal->primary_user_id, a0__buf_view(&body),
                               err);
}

/* Sends the plan; after a failure the profile tells whether it was carried out. */
static a0_status
merge(a0_client *client, a0__link_journal *journal, bool is_planned, a0_error **err)
{
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_status status = A0_OK;
    bool changes =
        journal->patch_user_metadata.len > 0 || journal->patch_app_metadata.len > 0;

    if (!is_planned) {
        A0_TRY(plan_merge(client, journal, &changes, err));
    }
    for (int attempt = 0; changes && attempt < PATCH_ATTEMPTS; attempt++) {
        a0_error_free(a0__steal(&failure));
        status = send_patch(client, journal, &failure);
        if (status == A0_OK) {
            return A0_OK;
        }
        A0_TRY(plan_merge(client, journal, &changes, err));
    }
    if (!changes) {
        return A0_OK;
    }
    a0__error_move(err, &failure);
    return status;
}

/* What Auth0 calls wrong today it calls wrong tomorrow. As with what is too large, the
 * link goes on without it; the snapshot is kept for an undo [LINK-16]. */
static bool
is_refused_for_good(const a0_client *client, const a0_error *failure)
{
    int status = a0_error_peer_status(failure);

    if (status != 400 && status != 413 && status != 422) {
        return false;
    }
    A0__LOG(client->log, A0_LOG_ERROR, "link.metadata_not_merged",
            A0__FIELD_NUMBER("peer_status", status));
    return true;
}

a0_status
a0__link_step_merge(a0_client *client, a0__link_journal *journal, bool is_planned,
                    a0_error **err)
{
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_status status = merge(client, journal, is_planned, &failure);

    a0__user_cache_forget(client, journal->primary_user_id);
    if (a0__error_is(failure, A0_E_mgmt_user_not_found)) {
        /* Deleted since: nothing is left to be merged into. */
        A0_TRY(a0__link_journal_close(client, journal, err));
        return a0__fail(err, A0_E_link_conflict);
    }
    if (status != A0_OK && !is_refused_for_good(client, failure)) {
        return a0__link_fail_partial(client, journal, failure, err);
    }
    return a0__link_journal_move(client, journal, A0__LINK_MERGED, err);
}

/* ---- rows ---- */

/* The connected account of exactly that identity signs in as its owner from now on: the
 * one that was the evidence, else the one of the same subject. */
static bool
is_meant(const a0__link_journal *journal, const a0__connected_account *account)
{
    return a0__text_is(journal->primary_user_id, account->user_id) &&
           (journal->connected_account_id.len == 0 ||
            a0__text_is(journal->connected_account_id, account->key));
}

a0_status
a0__link_mark_connected(a0_client *client, const a0__link_journal *journal,
                        bool is_linked_now, a0__connected_accounts *accounts,
                        a0__batch *batch, a0_error **err)
{
    const a0__link_identity identity = { .provider = journal->provider,
                                         .connection = journal->connection,
                                         .user_id = journal->identity_user_id };

    if (journal->connected_account_id.len > 0) {
        A0_TRY(a0__connected_accounts_of(client, journal->primary_user_id.ptr, accounts,
                                         err));
    } else {
        A0_TRY(a0__connected_accounts_by_identity(client, journal->connection,
                                                  a0__link_identity_subject(&identity),
                                                  accounts, err));
    }
    for (size_t i = 0; i < accounts->len; i++) {
        a0__connected_account *account = &accounts->items[i];

        if (is_meant(journal, account) && account->is_proven &&
            account->is_account_linked != is_linked_now) {
            account->is_account_linked = is_linked_now;
            return a0__connected_account_write(batch, client, account, err);
        }
    }
    return A0_OK;
}

void
a0__link_vault_auto(a0__link_vault *vault)
{
    a0__vault_forgetting_auto(&vault->primary);
    a0__vault_forgetting_auto(&vault->secondary);
}

a0_status
a0__link_forget_vault(a0_client *client, const a0__link_journal *journal,
                      a0__link_vault *vault, a0__batch *batch, a0_error **err)
{
    A0_TRY(a0__vault_forgetting_add(&vault->primary, batch, client,
                                    journal->primary_user_id, err));
    return a0__vault_forgetting_add(&vault->secondary, batch, client,
                                    journal->secondary_user_id, err);
}

/* One attempt; not applied when a connected account was written meanwhile. */
static a0_status
try_to_record(a0_client *client, a0__link_journal *journal, bool *out_applied,
              a0_error **err)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__connected_accounts) accounts = { .len = 0 };
    A0_AUTO(a0__link_vault) vault = A0__LINK_VAULT_INIT;
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(A0__LINK_JOURNAL_MAX);
    a0__link_record_key key;
    char pair[A0_RECORD_KEY_MAX + 1];

    journal->state = A0__LINK_RECORDED;
    A0_TRY(a0__link_journal_add(&batch, client, journal, &plain, err));
    A0_TRY(a0__link_record_add(&batch, client, journal, &key, err));
    A0_TRY(a0__link_mark_connected(client, journal, true, &accounts, &batch, err));
    A0_TRY(a0__link_forget_vault(client, journal, &vault, &batch, err));
    if (journal->evidence == A0__LINK_BY_CONFIRMATION) {
        /* Whoever confirms takes back that the pair was undone [LINK-24]. */
        A0_TRY(a0__link_pair_key(journal->primary_user_id, journal->secondary_user_id,
                                 pair, err));
        A0_TRY(a0__batch_condition(&batch, A0_STORE_ERASE, A0_RECORD_LINK_JOURNAL, pair,
                                   0, err));
    }
    A0_TRY(a0__batch_commit(&batch, client, out_applied, err));
    if (*out_applied) {
        a0__link_journal_written(journal, &plain);
    }
    return A0_OK;
}

static void
log_linked(const a0_client *client, const a0__link_journal *journal)
{
    A0__LOG(client->log, A0_LOG_AUDIT, "link.linked",
            A0__FIELD_PERSON("primary_user_id", journal->primary_user_id.ptr),
            A0__FIELD_PERSON("secondary_user_id", journal->secondary_user_id.ptr),
            A0__FIELD_TEXT("connection", journal->connection.ptr),
            A0__FIELD_NUMBER("rule", journal->rule),
            A0__FIELD_PERSON("by", journal->by.ptr));
    if (a0__text_starts_with(journal->primary_user_id, A0__LIT("auth0|"))) {
        /* LINK-05: whoever set that password may not be the one who signed in now. */
        A0__LOG(client->log, A0_LOG_AUDIT, "link.password_primary",
                A0__FIELD_PERSON("primary_user_id", journal->primary_user_id.ptr));
    }
}

a0_status
a0__link_step_record(a0_client *client, a0__link_journal *journal, a0_error **err)
{
    bool applied = false;

    for (int attempt = 0; attempt < WRITE_ATTEMPTS && !applied; attempt++) {
        A0_TRY(try_to_record(client, journal, &applied, err));
    }
    A0_ENSURE(applied, err, link_in_progress);
    log_linked(client, journal);
    return A0_OK;
}

a0_status
a0__link_step_finish(a0_client *client, a0__link_journal *journal,
                     const a0_session *spared, a0_error **err)
{
    const a0_session *kept =
        spared != NULL && a0__text_equal(spared->record.sub, journal->primary_user_id)
            ? spared
            : NULL;

    A0_TRY(a0__link_end_sessions(client, journal->secondary_user_id, kept, err));
    A0_TRY(a0__link_end_sessions(client, journal->primary_user_id, kept, err));
    a0__link_forget_caches(client, journal);
    return a0__link_journal_move(client, journal, A0__LINK_DONE, err);
}
