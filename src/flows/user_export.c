/* SPDX-License-Identifier: MIT */
/*
 * What we keep about one user, for that user to read [STOR-12]: no token, no key of a
 * row, and of other people at most an id. What is inside a session opens only with the
 * browser's cookie, so of sessions and tokens there is that they exist, and since when.
 */
#include <string.h>

#include "flows/connected_account.h"
#include "flows/user_data.h"

enum {
    ROWS_MAX = 100000
};

static a0_status
put_row(void *self, const a0_record *record, a0_error **err)
{
    a0__json_writer *w = self;

    a0__json_open(w, '{');
    a0__json_put_i64(w, "created_at", record->created_at);
    if (record->expires_at != 0) {
        a0__json_put_i64(w, "expires_at", record->expires_at);
    }
    if (record->sid[0] != '\0' && record->kind == A0_RECORD_SESSION) {
        a0__json_put_string(w, "sid", record->sid);
    }
    if (record->kind == A0_RECORD_ACCOUNT_LINKING ||
        record->kind == A0_RECORD_LINK_JOURNAL) {
        a0__json_put_string(w, "primary_user_id", record->user_id);
        a0__json_put_string(w, "secondary_user_id", record->owner);
    }
    a0__json_close(w, '}');
    return a0__buf_check(w->out, err);
}

static void
put_account(a0__json_writer *w, const a0__connected_account *account)
{
    a0__json_open(w, '{');
    a0__json_put_string(w, "connected_account_id", account->key);
    a0__json_put(w, "connection", account->connection);
    a0__json_put(w, "provider", account->provider);
    a0__json_put(w, "subject", account->subject);
    a0__json_put(w, "email", account->email);
    a0__json_put_bool(w, "email_verified", account->email_verified);
    a0__json_put(w, "scopes", account->scopes);
    a0__json_put_bool(w, "is_account_linked", account->is_account_linked);
    a0__json_put_i64(w, "created_at", account->created_at);
    a0__json_put_i64(w, "updated_at", account->updated_at);
    a0__json_close(w, '}');
}

static a0_status
put_accounts(a0_client *client, const char *user_id, a0__json_writer *w, a0_error **err)
{
    A0_AUTO(a0__connected_accounts) accounts = { .len = 0 };

    A0_TRY(a0__connected_accounts_of(client, user_id, &accounts, err));
    for (size_t i = 0; i < accounts.len; i++) {
        put_account(w, &accounts.items[i]);
    }
    return A0_OK;
}

static a0_status
put_found(a0_client *client, a0_record_kind kind, a0_record_index index,
          const char *user_id, a0__json_writer *w, a0_error **err)
{
    return client->ports.store->find(client->ports.store_self, kind, index, user_id,
                                     a0__client_now_s(client), ROWS_MAX, put_row, w,
                                     err);
}

static a0_status
put_rows(a0_client *client, const char *user_id, const a0__kept *kept,
         a0__json_writer *w, a0_error **err)
{
    if (kept->kind == A0_RECORD_CONNECTED_ACCOUNT) {
        return put_accounts(client, user_id, w, err);
    }
    A0_TRY(put_found(client, kept->kind, A0_INDEX_USER_ID, user_id, w, err));
    if (!kept->names_another_first) {
        return A0_OK;
    }
    return put_found(client, kept->kind, A0_INDEX_OWNER, user_id, w, err);
}

a0_status
a0_user_export(a0_client *client, const char *user_id, a0_user_data **out_data,
               a0_error **err)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(A0__USER_DATA_MAX);
    a0__json_writer w = a0__json_writer_on(&json);

    A0_TRY(a0__user_id_check(user_id, err));
    a0__json_open(&w, '{');
    a0__json_put_string(&w, "user_id", user_id);
    for (size_t i = 0; i < a0__kept_rows_len; i++) {
        a0__json_name(&w, a0__kept_rows[i].name);
        a0__json_open(&w, '[');
        A0_TRY(put_rows(client, user_id, &a0__kept_rows[i], &w, err));
        a0__json_close(&w, ']');
    }
    a0__json_close(&w, '}');
    return a0__user_data_new(&json, out_data, err);
}
