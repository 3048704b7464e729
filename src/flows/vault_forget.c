/* SPDX-License-Identifier: MIT */
/*
 * Forgetting all provider tokens of a person: under every session, and under the
 * refresh tokens that stand here for them. Those are handed out for work without a
 * browser, so a disconnect has to reach what was obtained with them too [VAULT-07].
 */
#include "flows/vault_cache.h"

#include <string.h>

#include "flows/refresh_token_row.h"

enum {
    SESSIONS_MAX = 64, /* whose tokens are looked at; the newest token always is */
    AT_ONCE = A0__BATCH_MAX / 2
};

typedef struct forgetting_all {
    a0_client *client;
    char user_id[A0_RECORD_INDEX_MAX + 1];
    char keys[SESSIONS_MAX][A0_RECORD_KEY_MAX + 1];
    size_t len;
    a0__batch batch;
    a0__vault_forgetting members[AT_ONCE];
    size_t members_len;
} forgetting_all;

static void
forgetting_all_auto(forgetting_all *f)
{
    a0__batch_clear(&f->batch);
    for (size_t i = 0; i < f->members_len; i++) {
        a0__vault_forgetting_auto(&f->members[i]);
    }
    f->members_len = 0;
}

static a0_status
note_key(void *self, const a0_record *record, a0_error **err)
{
    forgetting_all *f = self;

    (void)err;
    if (f->len < SESSIONS_MAX) {
        memcpy(f->keys[f->len++], record->key, strlen(record->key) + 1);
    }
    return A0_OK;
}

static a0_status
commit(forgetting_all *f, a0_error **err)
{
    bool applied = false;
    a0_status status = f->members_len > 0
                           ? a0__batch_commit(&f->batch, f->client, &applied, err)
                           : A0_OK;

    forgetting_all_auto(f);
    return status;
}

static a0_status
add_row(forgetting_all *f, a0_record_kind kind, const char *key, a0_error **err)
{
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    A0_AUTO(a0__secret) token = A0__SECRET_INIT;
    bool found = false;

    A0_TRY(a0__row_read(f->client, kind, key, NULL, &row, &found, err));
    if (!found) {
        return A0_OK;
    }
    if (f->members_len == AT_ONCE) {
        A0_TRY(commit(f, err));
    }
    A0_TRY(a0__secret_set_text(&token, a0__buf_view(&row.plain), err));
    return a0__vault_forgetting_add_token(&f->members[f->members_len++], &f->batch,
                                          f->client, &token, err);
}

a0_status
a0__vault_cache_forget(a0_client *client, a0__text sub, a0_error **err)
{
    forgetting_all f __attribute__((cleanup(forgetting_all_auto))) = {
        .client = client,
        .batch = A0__BATCH_INIT,
    };

    A0_ENSURE(sub.len > 0 && sub.len <= A0_RECORD_INDEX_MAX, err, internal);
    memcpy(f.user_id, sub.ptr, sub.len);
    A0_TRY(a0__vault_forgetting_add(&f.members[f.members_len++], &f.batch, client, sub,
                                    err));
    A0_TRY(add_row(&f, A0_RECORD_ACCOUNT_TOKEN, f.user_id, err));
    A0_TRY(client->ports.store->find(
        client->ports.store_self, A0_RECORD_REFRESH_TOKEN, A0_INDEX_USER_ID, f.user_id,
        a0__client_now_s(client), SESSIONS_MAX, note_key, &f, err));
    for (size_t i = 0; i < f.len; i++) {
        A0_TRY(add_row(&f, A0_RECORD_REFRESH_TOKEN, f.keys[i], err));
    }
    return commit(&f, err);
}
