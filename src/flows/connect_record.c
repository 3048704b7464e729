/* SPDX-License-Identifier: MIT */
/*
 * Records of connected accounts follow Auth0's answers: the key is Auth0's id, so
 * several of one connection and connecting again are nothing special. Auth0's list is
 * the truth [CONN-10].
 */
#include <string.h>

#include "flows/connect.h"
#include "flows/vault_cache.h"

enum {
    SCOPES_MAX = 16384
};

/* ---- what Auth0 tells of an account ---- */

static void
join_scopes(const a0__json *account, a0__buf *out)
{
    const a0__json *scopes = NULL;

    if (a0__json_array(account, "scopes", &scopes) != A0__FOUND) {
        return;
    }
    for (size_t i = 0; i < a0__json_len(scopes); i++) {
        a0__text scope = A0__NO_TEXT;

        if (a0__json_text_of(a0__json_at(scopes, i), &scope) && scope.len > 0) {
            a0__buf_string(out, out->len > 0 ? " " : "");
            a0__buf_text(out, scope);
        }
    }
}

/* Whether the record tells the same already: reading a list writes nothing then. */
static bool
is_as_told(const a0__connected_account *record, a0__text connection, a0__text provider,
           a0__text scopes)
{
    return record->is_proven && a0__text_equal(record->connection, connection) &&
           a0__text_equal(record->provider, provider) &&
           a0__text_equal(record->scopes, scopes);
}

static void
forget_identity(a0__connected_account *record)
{
    record->subject = A0__NO_TEXT;
    record->email = A0__NO_TEXT;
    record->email_verified = false;
}

static a0_status
put_once(a0_session *session, const char *id, const a0__json *account,
         a0__connect_news news, bool *out_applied, a0_error **err)
{
    a0_client *client = session->client;
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__connected_account) record = { .version = 0 };
    A0_AUTO(a0__buf) scopes = A0__BUF_INIT(SCOPES_MAX);
    a0__text connection = A0__NO_TEXT;
    a0__text provider = A0__NO_TEXT;
    bool found = false;

    *out_applied = true;
    A0_TRY(a0__connected_account_get(client, id, &record, &found, err));
    if (found && !a0__text_is(session->record.sub, record.user_id)) {
        a0__log_event(client->log, A0_LOG_ERROR, "connect.owner_conflict", NULL, 0);
        return A0_OK;
    }
    if (!found && news == A0__IS_STILL_LISTED) {
        return A0_OK;
    }
    (void)a0__json_text(account, "connection", &connection);
    if (a0__json_text(account, "strategy", &provider) != A0__FOUND) {
        provider = connection;
    }
    join_scopes(account, &scopes);
    A0_TRY(a0__buf_check(&scopes, err));
    if (news == A0__WAS_CONNECTED || !a0__text_equal(record.connection, connection)) {
        forget_identity(&record);
    } else if (is_as_told(&record, connection, provider, a0__buf_view(&scopes))) {
        return A0_OK;
    }
    memcpy(record.key, id, strlen(id) + 1);
    memcpy(record.user_id, session->record.sub.ptr, session->record.sub.len + 1);
    record.connection = connection;
    record.provider = provider;
    record.scopes = a0__buf_view(&scopes);
    /* Somebody who was erased meanwhile is not brought back [STOR-12]. */
    A0_TRY(a0__batch_condition(&batch, A0_STORE_REQUIRE, A0_RECORD_SESSION,
                               session->key, 0, err));
    A0_TRY(a0__connected_account_write(&batch, client, &record, err));
    return a0__batch_commit(&batch, client, out_applied, err);
}

a0_status
a0__connect_record_put(a0_session *session, const a0__json *account,
                       a0__connect_news news, a0_error **err)
{
    A0_AUTO(a0__buf) id = A0__BUF_INIT(A0_RECORD_KEY_MAX);
    a0__text text = A0__NO_TEXT;
    bool applied = false;

    (void)a0__json_text(account, "id", &text);
    a0__buf_text(&id, text);
    A0_TRY(a0__buf_check(&id, err));
    A0_TRY(put_once(session, a0__buf_cstr(&id), account, news, &applied, err));
    if (!applied) {
        /* Another request wrote it between reading and writing. */
        A0_TRY(put_once(session, a0__buf_cstr(&id), account, news, &applied, err));
    }
    A0_ENSURE(applied, err, store_unavailable);
    return A0_OK;
}

static a0_status
identify_once(a0_session *session, const char *id,
              const a0__provider_identity *identity, bool *out_applied, a0_error **err)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__connected_account) record = { .version = 0 };
    bool found = false;

    A0_TRY(a0__connected_account_get(session->client, id, &record, &found, err));
    A0_ENSURE(found && record.is_proven &&
                  a0__text_is(session->record.sub, record.user_id),
              err, connect_identity_unknown);
    record.subject = a0__buf_view(&identity->subject);
    record.email = a0__buf_view(&identity->email);
    record.email_verified = identity->email_verified;
    A0_TRY(a0__connected_account_write(&batch, session->client, &record, err));
    return a0__batch_commit(&batch, session->client, out_applied, err);
}

a0_status
a0__connect_record_identify(a0_session *session, a0__text id,
                            const a0__provider_identity *identity, a0_error **err)
{
    A0_AUTO(a0__buf) key = A0__BUF_INIT(A0_RECORD_KEY_MAX);
    bool applied = false;

    a0__buf_text(&key, id);
    A0_TRY(a0__buf_check(&key, err));
    A0_TRY(identify_once(session, a0__buf_cstr(&key), identity, &applied, err));
    if (!applied) {
        /* A list wrote it between reading and writing. */
        A0_TRY(identify_once(session, a0__buf_cstr(&key), identity, &applied, err));
    }
    A0_ENSURE(applied, err, store_unavailable);
    return A0_OK;
}

/* Removes the person's record of that version; with 0 whichever it is. */
static a0_status
erase_once(a0_session *session, const char *id, int64_t version, bool *out_applied,
           a0_error **err)
{
    a0_client *client = session->client;
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__connected_account) record = { .version = 0 };
    bool found = false;

    *out_applied = false;
    A0_TRY(a0__connected_account_get(client, id, &record, &found, err));
    if (!found || !a0__text_is(session->record.sub, record.user_id)) {
        *out_applied = version == 0;
        return A0_OK;
    }
    A0_TRY(a0__batch_condition(&batch, A0_STORE_DELETE, A0_RECORD_CONNECTED_ACCOUNT, id,
                               version != 0 ? version : record.version, err));
    return a0__batch_commit(&batch, client, out_applied, err);
}

a0_status
a0__connect_record_erase(a0_session *session, const char *id, a0_error **err)
{
    bool applied = false;

    A0_TRY(erase_once(session, id, 0, &applied, err));
    if (!applied) {
        /* Another request wrote it between reading and removing. */
        A0_TRY(erase_once(session, id, 0, &applied, err));
    }
    A0_ENSURE(applied, err, store_unavailable);
    return A0_OK;
}

/* ---- the list is the truth, as of when it was asked for ---- */

static bool
is_listed(const a0__json *accounts, const char *key)
{
    for (size_t i = 0; i < a0__json_len(accounts); i++) {
        a0__text id = A0__NO_TEXT;

        (void)a0__json_text(a0__json_at(accounts, i), "id", &id);
        if (a0__text_is(id, key)) {
            return true;
        }
    }
    return false;
}

static a0__connect_news
news_of(const a0__json *account, const a0__connected_accounts *before)
{
    a0__text id = A0__NO_TEXT;

    (void)a0__json_text(account, "id", &id);
    for (size_t i = 0; i < before->len; i++) {
        if (a0__text_is(id, before->items[i].key)) {
            return A0__IS_STILL_LISTED;
        }
    }
    return A0__IS_LISTED;
}

/* One that was disconnected elsewhere takes its tokens out of the vault's cache as well
 * [VAULT-07]. */
a0_status
a0__connect_records_follow(a0_session *session, const a0__connected_accounts *before,
                           const a0__json *accounts, a0_error **err)
{
    bool removed = false;

    for (size_t i = 0; i < a0__json_len(accounts); i++) {
        const a0__json *account = a0__json_at(accounts, i);

        A0_TRY(a0__connect_record_put(session, account, news_of(account, before), err));
    }
    for (size_t i = 0; i < before->len; i++) {
        bool applied = false;

        if (!is_listed(accounts, before->items[i].key)) {
            A0_TRY(erase_once(session, before->items[i].key, before->items[i].version,
                              &applied, err));
        }
        removed = removed || applied;
    }
    return removed ? a0__vault_cache_forget(session->client, session->record.sub, err)
                   : A0_OK;
}
