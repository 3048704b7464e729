/* SPDX-License-Identifier: MIT */
#include "flows/refresh_token_row.h"

enum {
    REFRESH_TOKEN_MAX = 16384
};

bool
a0__refresh_token_is_valid(a0__text token)
{
    return token.len > 0 && token.len <= REFRESH_TOKEN_MAX &&
           a0__text_is_visible_ascii(token);
}

static a0_record
own_row(const char *key, const char *user_id, const char *sid, const char *session_key,
        int64_t created_at, int64_t expires_at)
{
    return (a0_record){ .size = sizeof(a0_record),
                        .kind = A0_RECORD_REFRESH_TOKEN,
                        .key = key,
                        .created_at = created_at,
                        .expires_at = expires_at,
                        .owner = session_key,
                        .user_id = user_id,
                        .sid = sid };
}

/* The newest token of a user has no end of its own: Auth0 decides how long it lives. */
static a0_record
newest_row(const char *user_id, int64_t created_at)
{
    return (a0_record){ .size = sizeof(a0_record),
                        .kind = A0_RECORD_ACCOUNT_TOKEN,
                        .key = user_id,
                        .created_at = created_at,
                        .owner = "",
                        .user_id = user_id,
                        .sid = "" };
}

/* The row stays and its version grows: a rotation that read the token before must not
 * take the new one for it. */
a0_status
a0__refresh_token_put_newest(a0__batch *batch, a0_client *client, const char *user_id,
                             int64_t created_at, const a0__secret *refresh_token,
                             a0_error **err)
{
    A0_AUTO(a0__row) old = A0__ROW_INIT;
    a0_record newest = newest_row(user_id, created_at);
    a0__text plain = a0__secret_expose(refresh_token);
    bool opens = false;

    A0_TRY(a0__row_read(client, A0_RECORD_ACCOUNT_TOKEN, user_id, NULL, &old, &opens,
                        err));
    /* One that does not open, because its key has gone, has a version all the same. */
    if (old.version == 0) {
        return a0__batch_insert(batch, client, &newest, NULL, plain, err);
    }
    return a0__batch_update(batch, client, &newest, old.version, NULL, plain, err);
}

a0_status
a0__refresh_token_insert(a0__batch *batch, a0_client *client,
                         const a0__refresh_token_row *row,
                         const a0__secret *refresh_token, a0_error **err)
{
    a0_record own = own_row(row->key, row->user_id, row->sid, row->session_key,
                            row->created_at, row->expires_at);

    A0_TRY(a0__batch_insert(batch, client, &own, NULL, a0__secret_expose(refresh_token),
                            err));
    return a0__refresh_token_put_newest(batch, client, row->user_id, row->created_at,
                                        refresh_token, err);
}

a0_status
a0__refresh_token_read(a0_client *client, const char *key, a0__row *out_row,
                       a0__secret *out_token, bool *out_found, a0_error **err)
{
    A0_TRY(a0__row_read(client, A0_RECORD_REFRESH_TOKEN, key, NULL, out_row, out_found,
                        err));
    if (!*out_found) {
        return A0_OK;
    }
    return a0__secret_set_text(out_token, a0__buf_view(&out_row->plain), err);
}

/* Whether the user's newest token is this one, and in which version of its row. */
static a0_status
newest_is(a0_client *client, const char *user_id, const a0__secret *token,
          int64_t *out_version, bool *out_same, a0_error **err)
{
    A0_AUTO(a0__row) newest = A0__ROW_INIT;
    bool found = false;

    A0_TRY(a0__row_read(client, A0_RECORD_ACCOUNT_TOKEN, user_id, NULL, &newest, &found,
                        err));
    *out_same = found && a0__secret_equal_text(token, a0__buf_view(&newest.plain));
    *out_version = newest.version;
    return A0_OK;
}

a0_status
a0__refresh_token_rotate(a0__batch *batch, a0_client *client, const a0__row *row,
                         const a0__secret *old_token, const a0__secret *new_token,
                         a0_error **err)
{
    const char *user_id = a0__buf_cstr(&row->user_id);
    a0_record own =
        own_row(a0__buf_cstr(&row->key), user_id, a0__buf_cstr(&row->sid),
                a0__buf_cstr(&row->owner), row->created_at, row->expires_at);
    a0_record newest = newest_row(user_id, a0__client_now_s(client));
    a0__text plain = a0__secret_expose(new_token);
    int64_t newest_version = 0;
    bool same = false;

    A0_TRY(a0__batch_update(batch, client, &own, row->version, NULL, plain, err));
    A0_TRY(newest_is(client, user_id, old_token, &newest_version, &same, err));
    if (!same) {
        return A0_OK;
    }
    return a0__batch_update(batch, client, &newest, newest_version, NULL, plain, err);
}

a0_status
a0__refresh_token_erase(a0__batch *batch, a0_client *client, const a0__row *row,
                        const a0__secret *token, a0_error **err)
{
    const char *user_id = a0__buf_cstr(&row->user_id);
    int64_t newest_version = 0;
    bool same = false;

    A0_TRY(a0__batch_condition(batch, A0_STORE_ERASE, A0_RECORD_REFRESH_TOKEN,
                               a0__buf_cstr(&row->key), 0, err));
    A0_TRY(newest_is(client, user_id, token, &newest_version, &same, err));
    if (!same) {
        return A0_OK;
    }
    return a0__batch_condition(batch, A0_STORE_DELETE, A0_RECORD_ACCOUNT_TOKEN, user_id,
                               newest_version, err);
}

static a0_status
count_session(void *self, const a0_record *record, a0_error **err)
{
    (void)record;
    (void)err;
    (*(size_t *)self)++;
    return A0_OK;
}

a0_status
a0__refresh_token_is_shared(a0_client *client, const char *key, bool *out_shared,
                            a0_error **err)
{
    size_t sessions = 0;

    A0_TRY(client->ports.store->find(client->ports.store_self, A0_RECORD_SESSION,
                                     A0_INDEX_OWNER, key, a0__client_now_s(client), 2,
                                     count_session, &sessions, err));
    *out_shared = sessions > 1;
    return A0_OK;
}
