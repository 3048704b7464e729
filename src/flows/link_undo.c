/* SPDX-License-Identifier: MIT */
/*
 * Undoing a link (contract §2, rule 12): the accounts are parted, the secondary gets
 * its metadata back from the snapshot, the primary loses what the merge added and
 * nobody changed. Journalled as the link was; the pair is remembered from the first
 * write on.
 */
#include "flows/link_undo.h"

#include <string.h>

#include "auth0/identities.h"
#include "auth0/users.h"
#include "flows/link_answer.h"
#include "flows/link_end.h"
#include "flows/link_lock.h"
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

/* The answer leaves it open: the profile of the primary tells. */
static a0_status
look(a0_client *client, a0__link_journal *journal, bool was_refused,
     const a0_error *failure, a0_error **err)
{
    A0_AUTO(a0__error_ptr) blind = NULL;
    A0_AUTO(a0__error_ptr) conflict = NULL;
    A0_AUTO(a0__user_ptr) primary = NULL;
    const a0_identity identity = a0__link_journal_identity(journal);
    a0_status status =
        a0__link_read_user(client, journal->primary_user_id, &primary, &blind);

    if (status == A0_NOT_FOUND ||
        (status == A0_OK && !a0__user_has_identity(primary, &identity))) {
        return a0__link_journal_move(client, journal, A0__LINK_PARTED, err);
    }
    if (status != A0_OK || !was_refused) {
        return a0__link_fail_partial(client, journal, status != A0_OK ? blind : failure,
                                     err);
    }
    a0__ignore(fail_conflict(failure, &conflict));
    return give_up(client, journal, &conflict, err);
}

static a0_status
after_unlink(a0_client *client, a0__link_journal *journal,
             const a0__management_call *call, a0_error **failure, a0_error **err)
{
    const a0_identity identity = a0__link_journal_identity(journal);
    A0_AUTO(a0__json_doc) document = NULL;
    bool was_refused = false;

    if (call->response == NULL) {
        return call->sent && !a0__error_is(*failure, A0_E_mgmt_auth_failed)
                   ? look(client, journal, false, *failure, err)
                   : give_up(client, journal, failure, err);
    }
    was_refused = a0_http_response_status(call->response) >= 400 &&
                  a0_http_response_status(call->response) < 500;
    a0__ignore(a0__management_response(call->response, a0__client_wall_ms(client),
                                       &document, failure));
    switch (a0__identities_response(call->response, &identity, false)) {
    case A0__IDENTITIES_CHANGED:
        return a0__link_journal_move(client, journal, A0__LINK_PARTED, err);
    case A0__IDENTITIES_REFUSED:
        return give_up(client, journal, failure, err);
    case A0__IDENTITIES_UNCLEAR:
        break;
    }
    return look(client, journal, was_refused, *failure, err);
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
    A0_TRY(a0__json_parse_large(a0__buf_view(&text), &now, err));
    A0_TRY(a0__json_parse_large(snapshot, &then, err));
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

static a0_status
carry_out(a0_client *client, a0__link_journal *journal, a0_error **err)
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
    a0_status status = carry_out(client, journal, &failure);

    if (status != A0_OK && journal->state == A0__LINK_DONE) {
        /* Auth0 does not part them: the link stands, and nothing is half-way. */
        a0__client_log_rejected(client, "link.undo_refused", failure);
        return A0_OK;
    }
    a0__error_move(err, &failure);
    return status;
}

/* ---- from the start ---- */

/* What is asked for, as the records name it. */
typedef struct wish {
    a0__text primary_user_id;
    a0__text provider;
    a0__buf secondary_user_id;
    a0__text identity_user_id; /* a view into it, without the provider */
    a0__buf connection;
} wish;

static void
wish_auto(wish *w)
{
    a0__buf_clear(&w->secondary_user_id);
    a0__buf_clear(&w->connection);
}

/* The id with the provider before it means the same (wire §22.1). */
static a0_status
read_wish(const char *primary_user_id, const char *provider,
          const char *identity_user_id, wish *w, a0_error **err)
{
    a0__buf *id = &w->secondary_user_id;
    size_t prefix_len = 0;

    w->primary_user_id = a0__text_of(primary_user_id);
    w->provider = a0__text_of(provider);
    if (!a0__user_id_is_valid(w->primary_user_id)) {
        return a0__fail_about(err, A0_E_param_invalid, "primary_user_id");
    }
    a0__buf_string(id, provider);
    a0__buf_byte(id, '|');
    prefix_len = id->len;
    if (a0__text_starts_with(a0__text_of(identity_user_id), a0__buf_view(id))) {
        a0__buf_reset(id);
    }
    a0__buf_string(id, identity_user_id);
    if (!a0__buf_ok(id) || !a0__user_id_is_valid(a0__buf_view(id))) {
        return a0__fail_about(err, A0_E_param_invalid, "identity_user_id");
    }
    w->identity_user_id = a0__text_from(a0__buf_view(id), prefix_len);
    return A0_OK;
}

/* The entry with its snapshot; when its time is over, or it is about another link of
 * that account, what the record knows. */
static a0_status
find_entry(a0_client *client, const wish *w, a0__link_journal *out,
           bool *out_has_snapshot, a0_error **err)
{
    char key[A0_RECORD_KEY_MAX + 1];
    bool found = false;

    A0_TRY(a0__link_journal_key(a0__buf_view(&w->secondary_user_id), key, err));
    A0_TRY(a0__link_journal_read(client, key, out, &found, err));
    *out_has_snapshot =
        found && a0__text_equal(out->primary_user_id, w->primary_user_id);
    if (*out_has_snapshot) {
        return A0_OK;
    }
    A0_ENSURE(!found, err, link_not_found);
    memcpy(out->key, key, sizeof key);
    out->state = A0__LINK_DONE;
    out->primary_user_id = w->primary_user_id;
    out->secondary_user_id = a0__buf_view(&w->secondary_user_id);
    out->provider = w->provider;
    out->connection = a0__buf_view(&w->connection);
    out->identity_user_id = w->identity_user_id;
    return A0_OK;
}

static a0_status
write_intent(a0_client *client, a0__link_journal *journal, const a0__link_locks *locks,
             a0_error **err)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(A0__LINK_JOURNAL_MAX);
    char pair[A0_RECORD_KEY_MAX + 1];
    bool applied = false;

    journal->state = A0__LINK_UNDO_PLANNED;
    A0_TRY(a0__link_pair_key(journal->primary_user_id, journal->secondary_user_id, pair,
                             err));
    A0_TRY(a0__link_locks_require(&batch, locks, err));
    A0_TRY(a0__link_journal_add(&batch, client, journal, &plain, err));
    A0_TRY(a0__link_pair_add(&batch, client, journal, pair, err));
    A0_TRY(a0__batch_commit(&batch, client, &applied, err));
    A0_ENSURE(applied, err, link_in_progress);
    a0__link_journal_written(journal, &plain);
    return A0_OK;
}

static a0_status
undo(a0_client *client, const wish *w, bool *out_has_snapshot, a0_error **err)
{
    A0_AUTO(a0__link_journal) journal = A0__LINK_JOURNAL_INIT;
    A0_AUTO(a0__link_locks) locks = { .client = NULL };
    bool was_free = false;

    /* For the address that its locks are on; what counts is read under them. */
    A0_TRY(find_entry(client, w, &journal, out_has_snapshot, err));
    A0_TRY(a0__link_locks_take(client, journal.email, journal.primary_user_id,
                               journal.secondary_user_id, 0, &locks, &was_free, err));
    A0_TRY(find_entry(client, w, &journal, out_has_snapshot, err));
    A0_ENSURE(!a0__link_journal_is_open(&journal), err, link_in_progress);
    A0_TRY(write_intent(client, &journal, &locks, err));
    return carry_out(client, &journal, err);
}

/* With what Auth0 does not give back with the account. */
static a0_status
answer(const wish *w, bool has_snapshot, a0_link_answer **out_answer, a0_error **err)
{
    static const char *const lost[] = { "roles", "organizations", "mfa", "vault" };
    A0_AUTO(a0__buf) json = A0__BUF_INIT(A0__LINK_ANSWER_MAX);
    a0__json_writer w_json = a0__json_writer_on(&json);

    a0__json_open(&w_json, '{');
    a0__json_put_bool(&w_json, "undone", true);
    a0__json_put(&w_json, "primary_user_id", w->primary_user_id);
    a0__json_put(&w_json, "secondary_user_id", a0__buf_view(&w->secondary_user_id));
    a0__json_name(&w_json, "lost");
    a0__json_open(&w_json, '[');
    for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++) {
        a0__json_string(&w_json, lost[i]);
    }
    if (!has_snapshot) {
        a0__json_string(&w_json, "metadata");
    }
    a0__json_close(&w_json, ']');
    a0__json_close(&w_json, '}');
    return a0__link_answer_new(&json, out_answer, err);
}

a0_status
a0_link_undo(a0_client *client, const char *primary_user_id, const char *provider,
             const char *identity_user_id, a0_link_answer **out_answer, a0_error **err)
{
    wish w __attribute__((cleanup(wish_auto))) = {
        .secondary_user_id = A0__BUF_INIT(A0__USER_ID_MAX),
        .connection = A0__BUF_INIT(A0_RECORD_KEY_MAX),
    };
    bool stands = false;
    bool was_undone = false;
    bool has_snapshot = true;

    A0_TRY(read_wish(primary_user_id, provider, identity_user_id, &w, err));
    A0_TRY(a0__link_settle(client, w.primary_user_id, NULL, err));
    A0_TRY(a0__link_record_read(client, w.primary_user_id, w.provider,
                                a0__buf_view(&w.secondary_user_id), &stands,
                                &w.connection, err));
    if (stands) {
        A0_TRY(undo(client, &w, &has_snapshot, err));
        return answer(&w, has_snapshot, out_answer, err);
    }
    /* Undone already, perhaps just now by finishing what a crash had left. */
    A0_TRY(a0__link_was_undone(client, w.primary_user_id,
                               a0__buf_view(&w.secondary_user_id), &was_undone, err));
    A0_ENSURE(was_undone, err, link_not_found);
    return answer(&w, has_snapshot, out_answer, err);
}

a0_status
a0__link_was_undone(a0_client *client, a0__text one, a0__text other, bool *out,
                    a0_error **err)
{
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    char key[A0_RECORD_KEY_MAX + 1];

    A0_TRY(a0__link_pair_key(one, other, key, err));
    return a0__row_read(client, A0_RECORD_LINK_JOURNAL, key, NULL, &row, out, err);
}
