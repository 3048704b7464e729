/* SPDX-License-Identifier: MIT */
/*
 * The steps of an undo, each of which can be repeated: the accounts are parted, the
 * secondary gets its metadata back, the primary loses what the merge added, sessions
 * and rows go.
 */
#include "flows/link_undo.h"

#include "auth0/identities.h"
#include "auth0/users.h"
#include "flows/link_end.h"
#include "flows/link_metadata.h"
#include "flows/link_record.h"
#include "flows/link_steps.h"
#include "flows/management.h"
#include "link/merge.h"

enum {
    WRITE_ATTEMPTS = 4
};

/* ---- parting ---- */

/* The link stands as it was. */
static a0_status
give_up(a0_client *client, a0__link_journal *journal, a0_error **failure,
        a0_error **err)
{
    a0_status status = a0_error_status(*failure);

    A0_TRY(a0__link_journal_move(client, journal, A0__LINK_DONE, err));
    a0__error_move(err, failure);
    return status;
}

static a0_status
fail_conflict(const a0_error *failure, a0_error **err)
{
    a0_status status = a0__fail(err, A0_E_link_conflict);

    if (err != NULL && failure != NULL) {
        a0__error_copy_peer(*err, failure);
    }
    return status;
}

/* Whether the identity is no longer the primary's. Errors: mgmt_*, http_*. */
static a0_status
is_parted(a0_client *client, const a0__link_journal *journal, bool *out, a0_error **err)
{
    A0_AUTO(a0__error_ptr) failure = NULL;
    A0_AUTO(a0__user_ptr) primary = NULL;
    const a0_identity identity = a0__link_journal_identity(journal);
    a0_status status =
        a0__link_read_user(client, journal->primary_user_id, &primary, &failure);

    if (status != A0_OK && status != A0_NOT_FOUND) {
        a0__error_move(err, &failure);
        return status;
    }
    *out = status == A0_NOT_FOUND || !a0__user_has_identity(primary, &identity);
    return A0_OK;
}

/* The answer leaves it open: the profile of the primary tells. */
static a0_status
look(a0_client *client, a0__link_journal *journal, bool is_through,
     const a0_error *failure, a0_error **err)
{
    A0_AUTO(a0__error_ptr) blind = NULL;
    A0_AUTO(a0__error_ptr) conflict = NULL;
    bool parted = false;
    a0_status status = is_parted(client, journal, &parted, &blind);

    if (status == A0_OK && parted) {
        return a0__link_journal_move(client, journal, A0__LINK_PARTED, err);
    }
    if (status != A0_OK || !is_through) {
        return a0__link_fail_partial(client, journal, status != A0_OK ? blind : failure,
                                     err);
    }
    a0__ignore(fail_conflict(failure, &conflict));
    return give_up(client, journal, &conflict, err);
}

/* Auth0 may have parted them when it was asked before: that it refuses now, or can not
 * be reached, says nothing. */
static a0_status
look_first(a0_client *client, a0__link_journal *journal, a0_error **err)
{
    A0_AUTO(a0__error_ptr) blind = NULL;
    bool parted = false;

    if (is_parted(client, journal, &parted, &blind) != A0_OK) {
        return a0__link_fail_partial(client, journal, blind, err);
    }
    return parted ? a0__link_journal_move(client, journal, A0__LINK_PARTED, err)
                  : A0_OK;
}

static a0_status
after_unlink(a0_client *client, a0__link_journal *journal,
             const a0__management_call *call, a0_error **failure, a0_error **err)
{
    const a0_identity identity = a0__link_journal_identity(journal);
    A0_AUTO(a0__json_doc) document = NULL;
    bool is_through = false;

    if (call->response == NULL) {
        return call->sent && !a0__error_is(*failure, A0_E_mgmt_auth_failed)
                   ? look(client, journal, false, *failure, err)
                   : give_up(client, journal, failure, err);
    }
    a0__ignore(a0__management_response(call->response, a0__client_wall_ms(client),
                                       &document, failure));
    switch (a0__identities_response(call->response, &identity, false)) {
    case A0__IDENTITIES_CHANGED:
        return a0__link_journal_move(client, journal, A0__LINK_PARTED, err);
    case A0__IDENTITIES_REFUSED:
        return give_up(client, journal, failure, err);
    case A0__IDENTITIES_OTHERWISE:
        is_through = true;
        break;
    case A0__IDENTITIES_UNCLEAR:
        break;
    }
    return look(client, journal, is_through, *failure, err);
}

static a0_status
part(a0_client *client, a0__link_journal *journal, a0_error **err)
{
    A0_AUTO(a0__management_call) call = A0__MANAGEMENT_CALL_INIT;
    A0_AUTO(a0__error_ptr) failure = NULL;
    const a0_identity identity = a0__link_journal_identity(journal);
    a0_status status = A0_OK;

    a0__identity_unlink_url(client->settings, journal->primary_user_id, &identity,
                            &call.url);
    call.method = "DELETE";
    a0__ignore(a0__management_send(client, &call, 1, &failure));
    status = after_unlink(client, journal, &call, &failure, err);
    a0__link_forget_caches(client, journal);
    return status;
}

/* ---- metadata ---- */

/* What the snapshot has and the account, which stands again, has not. */
static a0_status
missing(const a0_user *secondary, const char *member, a0__text snapshot, a0__buf *out,
        a0_error **err)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(A0__PROFILE_MAX);
    A0_AUTO(a0__json_doc) now = NULL;
    A0_AUTO(a0__json_doc) then = NULL;
    bool valid = false;

    if (snapshot.len == 0) {
        return A0_OK;
    }
    A0_TRY(a0__link_metadata_of(secondary, member, &text, err));
    A0_TRY(a0__json_parse_deep(a0__buf_view(&text), &now, err));
    A0_TRY(a0__json_parse_deep(snapshot, &then, err));
    A0_TRY(a0__merge_patch(now, then, (a0__merge_keys){ 0 }, out, &valid, err));
    if (!valid) {
        /* Too large to be merged with anything: it goes back as it was. */
        a0__buf_reset(out);
        a0__buf_text(out, snapshot);
    }
    if (a0__text_is(a0__buf_view(out), "{}")) {
        a0__buf_reset(out);
    }
    return a0__buf_check(out, err);
}

static a0_status
restore_secondary(a0_client *client, const a0__link_journal *journal, a0_error **err)
{
    A0_AUTO(a0__user_ptr) secondary = NULL;
    A0_AUTO(a0__buf) user_metadata = A0__BUF_INIT(A0__PROFILE_MAX);
    A0_AUTO(a0__buf) app_metadata = A0__BUF_INIT(A0__PROFILE_MAX);
    A0_AUTO(a0__buf) body = A0__BUF_INIT(2 * A0__PROFILE_MAX);

    if (journal->user_metadata.len == 0 && journal->app_metadata.len == 0) {
        return A0_OK;
    }
    A0_TRY(a0__link_read_user(client, journal->secondary_user_id, &secondary, err));
    A0_TRY(missing(secondary, "user_metadata", journal->user_metadata, &user_metadata,
                   err));
    A0_TRY(
        missing(secondary, "app_metadata", journal->app_metadata, &app_metadata, err));
    if (user_metadata.len == 0 && app_metadata.len == 0) {
        return A0_OK;
    }
    a0__link_metadata_body(a0__buf_view(&user_metadata), a0__buf_view(&app_metadata),
                           &body);
    A0_TRY(a0__buf_check(&body, err));
    return a0__link_patch_user(client, journal->secondary_user_id, a0__buf_view(&body),
                               err);
}

static a0_status
restore_primary(a0_client *client, const a0__link_journal *journal, a0_error **err)
{
    A0_AUTO(a0__user_ptr) primary = NULL;
    A0_AUTO(a0__buf) body = A0__BUF_INIT(2 * A0__PROFILE_MAX);
    bool changes = false;

    if (journal->patch_user_metadata.len == 0 && journal->patch_app_metadata.len == 0) {
        return A0_OK;
    }
    A0_TRY(a0__link_read_user(client, journal->primary_user_id, &primary, err));
    A0_TRY(a0__link_metadata_undo(journal, primary, &body, &changes, err));
    if (!changes) {
        return A0_OK;
    }
    return a0__link_patch_user(client, journal->primary_user_id, a0__buf_view(&body),
                               err);
}

/* An account that was deleted meanwhile has nothing to get back. */
static a0_status
restore(a0_client *client, a0__link_journal *journal, a0_error **err)
{
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_status status = restore_secondary(client, journal, &failure);

    if (status == A0_OK || status == A0_NOT_FOUND) {
        a0_error_free(a0__steal(&failure));
        status = restore_primary(client, journal, &failure);
    }
    a0__link_forget_caches(client, journal);
    if (status == A0_OK || status == A0_NOT_FOUND) {
        return A0_OK;
    }
    return a0__link_fail_partial(client, journal, failure, err);
}

/* ---- rows ---- */

static a0_status
try_to_forget(a0_client *client, const a0__link_journal *journal, bool *out_applied,
              a0_error **err)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__connected_accounts) accounts = { .len = 0 };
    A0_AUTO(a0__link_vault) vault = A0__LINK_VAULT_INIT;
    a0__link_record_key key;

    A0_TRY(a0__link_record_key_of(journal->primary_user_id, journal->provider,
                                  journal->secondary_user_id, &key, err));
    A0_TRY(a0__batch_condition(&batch, A0_STORE_ERASE, A0_RECORD_ACCOUNT_LINKING,
                               key.text, 0, err));
    A0_TRY(a0__link_mark_connected(client, journal, false, &accounts, &batch, err));
    A0_TRY(a0__link_forget_vault(client, journal, &vault, &batch, err));
    A0_TRY(a0__batch_condition(&batch, A0_STORE_DELETE, A0_RECORD_LINK_JOURNAL,
                               journal->key, journal->version, err));
    return a0__batch_commit(&batch, client, out_applied, err);
}

/* Nobody can tell by which identity a session of the primary was opened, so all end. */
static a0_status
finish(a0_client *client, a0__link_journal *journal, a0_error **err)
{
    bool applied = false;

    A0_TRY(a0__link_end_sessions(client, journal->secondary_user_id, NULL, err));
    A0_TRY(a0__link_end_sessions(client, journal->primary_user_id, NULL, err));
    for (int attempt = 0; attempt < WRITE_ATTEMPTS && !applied; attempt++) {
        A0_TRY(try_to_forget(client, journal, &applied, err));
    }
    A0_ENSURE(applied, err, link_in_progress);
    A0__LOG(client->log, A0_LOG_AUDIT, "link.undone",
            A0__FIELD_PERSON("primary_user_id", journal->primary_user_id.ptr),
            A0__FIELD_PERSON("secondary_user_id", journal->secondary_user_id.ptr),
            A0__FIELD_TEXT("connection", journal->connection.ptr));
    return A0_OK;
}

a0_status
a0__link_undo_run(a0_client *client, a0__link_journal *journal, a0_error **err)
{
    if (journal->state == A0__LINK_UNDO_PLANNED) {
        A0_TRY(part(client, journal, err));
    }
    A0_TRY(restore(client, journal, err));
    return finish(client, journal, err);
}

a0_status
a0__link_undo_resume(a0_client *client, a0__link_journal *journal, a0_error **err)
{
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_status status = A0_OK;

    if (journal->state == A0__LINK_UNDO_PLANNED) {
        A0_TRY(look_first(client, journal, err));
    }
    status = a0__link_undo_run(client, journal, &failure);
    if (status != A0_OK && journal->state == A0__LINK_DONE) {
        /* Auth0 does not part them: the link stands, and nothing is half-way. */
        a0__client_log_rejected(client, "link.undo_refused", failure);
        return A0_OK;
    }
    a0__error_move(err, &failure);
    return status;
}
