/* SPDX-License-Identifier: MIT */
/*
 * Records of connected accounts: the key is Auth0's id, so several of one connection
 * and connecting again are nothing special. Auth0's list is the truth [CONN-10].
 */
#include <string.h>

#include "flows/connect.h"

enum {
    VERSION = 1,
    ACCOUNT_MAX = 65536,
    ACCOUNTS_MAX = 2000
};

static a0_status
pack(const a0__json *account, a0__buf *out, a0_error **err)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(ACCOUNT_MAX);

    A0_TRY(a0__json_write(account, &json, err));
    A0_TRY(a0__buf_check(&json, err));
    a0__pack_i64(out, VERSION);
    a0__pack_text(out, a0__buf_view(&json));
    return a0__buf_check(out, err);
}

static a0_status
put_once(a0_session *session, const char *id, a0__text plain, bool *out_applied,
         a0_error **err)
{
    a0_client *client = session->client;
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    a0_record record = { .size = sizeof record,
                         .kind = A0_RECORD_CONNECTED_ACCOUNT,
                         .key = id,
                         .created_at = a0__client_now_s(client),
                         .owner = "",
                         .user_id = session->record.sub.ptr,
                         .sid = "" };
    bool found = false;

    *out_applied = true;
    A0_TRY(
        a0__row_read(client, A0_RECORD_CONNECTED_ACCOUNT, id, NULL, &row, &found, err));
    if (found && !a0__text_equal(a0__buf_view(&row.user_id), session->record.sub)) {
        a0__log_event(client->log, A0_LOG_ERROR, "connect.owner_conflict", NULL, 0);
        return A0_OK;
    }
    if (found && a0__text_equal(a0__buf_view(&row.plain), plain)) {
        return A0_OK;
    }
    if (found) {
        record.created_at = row.created_at;
        A0_TRY(
            a0__batch_update(&batch, client, &record, row.version, NULL, plain, err));
    } else {
        A0_TRY(a0__batch_insert(&batch, client, &record, NULL, plain, err));
    }
    return a0__batch_commit(&batch, client, out_applied, err);
}

a0_status
a0__connect_record_put(a0_session *session, const a0__json *account, a0_error **err)
{
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(A0_RECORD_DATA_MAX / 2);
    A0_AUTO(a0__buf) id = A0__BUF_INIT(A0_RECORD_KEY_MAX);
    a0__text text = A0__NO_TEXT;
    bool applied = false;

    (void)a0__json_text(account, "id", &text);
    a0__buf_text(&id, text);
    A0_TRY(a0__buf_check(&id, err));
    A0_TRY(pack(account, &plain, err));
    A0_TRY(put_once(session, a0__buf_cstr(&id), a0__buf_view(&plain), &applied, err));
    if (!applied) {
        /* Another request wrote it between reading and writing. */
        A0_TRY(
            put_once(session, a0__buf_cstr(&id), a0__buf_view(&plain), &applied, err));
    }
    A0_ENSURE(applied, err, store_unavailable);
    return A0_OK;
}

a0_status
a0__connect_record_erase(a0_session *session, const char *id, a0_error **err)
{
    a0_client *client = session->client;
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    bool found = false;
    bool applied = false;

    A0_TRY(
        a0__row_read(client, A0_RECORD_CONNECTED_ACCOUNT, id, NULL, &row, &found, err));
    if (!found || !a0__text_equal(a0__buf_view(&row.user_id), session->record.sub)) {
        return A0_OK;
    }
    A0_TRY(a0__batch_condition(&batch, A0_STORE_DELETE, A0_RECORD_CONNECTED_ACCOUNT, id,
                               row.version, err));
    return a0__batch_commit(&batch, client, &applied, err);
}

/* ---- what is here and not at Auth0 ---- */

typedef struct stale {
    const a0__json *accounts;
    a0__buf ids; /* each with a newline */
} stale;

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

static a0_status
collect(void *self, const a0_record *record, a0_error **err)
{
    stale *s = self;

    if (!is_listed(s->accounts, record->key)) {
        a0__buf_string(&s->ids, record->key);
        a0__buf_byte(&s->ids, '\n');
    }
    return a0__buf_check(&s->ids, err);
}

a0_status
a0__connect_records_prune(a0_session *session, const a0__json *accounts, a0_error **err)
{
    const a0_client *client = session->client;
    A0_AUTO(a0__buf) ids = A0__BUF_INIT(ACCOUNTS_MAX * (A0_RECORD_KEY_MAX + 1));
    stale s = { .accounts = accounts, .ids = ids };
    a0__text rest = A0__NO_TEXT;
    a0__text id = A0__NO_TEXT;
    a0_status status = client->ports.store->find(
        client->ports.store_self, A0_RECORD_CONNECTED_ACCOUNT, A0_INDEX_USER_ID,
        session->record.sub.ptr, a0__client_now_s(client), ACCOUNTS_MAX, collect, &s,
        err);

    ids = s.ids;
    rest = a0__buf_view(&ids);
    while (status == A0_OK && a0__text_next(&rest, '\n', &id) && id.len > 0) {
        char key[A0_RECORD_KEY_MAX + 1] = { 0 };

        memcpy(key, id.ptr, id.len);
        status = a0__connect_record_erase(session, key, err);
    }
    return status;
}
