/* SPDX-License-Identifier: MIT */
#include "flows/session_drop.h"

#include "flows/refresh_token_row.h"
#include "flows/transaction.h"
#include "flows/vault_cache.h"

enum {
    ATTEMPTS = 3
};

/* Only what nobody else uses is revoked at Auth0: a linked account may have several
 * sessions on one token [LOUT-04]. */
static a0_status
add_end_of_token(const a0_session *session, bool revokes, a0__row *row,
                 a0__revocation *out_revocation, a0__vault_forgetting *brought,
                 a0__batch *batch, a0_error **err)
{
    a0_client *client = session->client;
    const char *key = session->record.refresh_key.ptr;
    A0_AUTO(a0__secret) refresh_token = A0__SECRET_INIT;
    bool shared = false;
    bool found = false;

    if (session->record.refresh_key.len == 0) {
        return A0_OK;
    }
    A0_TRY(a0__refresh_token_is_shared(client, key, &shared, err));
    if (shared) {
        return A0_OK;
    }
    A0_TRY(a0__refresh_token_read(client, key, row, &refresh_token, &found, err));
    if (found) {
        A0_TRY(a0__vault_forgetting_add_token(brought, batch, client, &refresh_token,
                                              err));
    }
    if (found && revokes) {
        A0_TRY(a0__refresh_token_erase(batch, client, row, &refresh_token, err));
        return a0__revocation_add(batch, client, &refresh_token,
                                  session->record.sub.ptr, out_revocation, err);
    }
    return a0__batch_condition(batch, A0_STORE_ERASE, A0_RECORD_REFRESH_TOKEN, key, 0,
                               err);
}

/* One attempt; *out_applied is false when the user's newest token was rotated between
 * reading and writing. */
static a0_status
try_to_end(a0_session *session, bool revokes, a0__revocation *out_revocation,
           bool *out_applied, a0_error **err)
{
    a0_client *client = session->client;
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    A0_AUTO(a0__vault_forgetting) forgetting = { .generation = A0__SECRET_INIT };
    A0_AUTO(a0__vault_forgetting) brought = { .generation = A0__SECRET_INIT };
    a0__transaction_crowd open = { 0 };

    A0_TRY(a0__batch_condition(&batch, A0_STORE_ERASE, A0_RECORD_SESSION, session->key,
                               0, err));
    A0_TRY(a0__vault_forgetting_add(&forgetting, &batch, client, session->record.sub,
                                    err));
    A0_TRY(add_end_of_token(session, revokes, &row, out_revocation, &brought, &batch,
                            err));
    A0_TRY(a0__transaction_find_open(session, &open, err));
    A0_TRY(a0__transaction_erase_oldest(&open, open.len, &batch, err));
    return a0__batch_commit(&batch, client, out_applied, err);
}

/* Local first: the person is signed out even if Auth0 can not be reached [LOUT-03]. */
a0_status
a0__session_drop_rows(a0_session *session, bool revokes, a0__revocation *out_revocation,
                      a0_error **err)
{
    bool applied = false;

    for (int attempt = 0; attempt < ATTEMPTS && !applied; attempt++) {
        A0_TRY(try_to_end(session, revokes, out_revocation, &applied, err));
    }
    A0_ENSURE(applied, err, store_unavailable);
    return A0_OK;
}

a0_status
a0__session_drop(a0_session *session, a0_error **err)
{
    a0_client *client = session->client;
    A0_AUTO(a0__revocation) revocation = A0__REVOCATION_INIT;
    A0_AUTO(a0__secret) id = A0__SECRET_INIT;
    A0_AUTO(a0__tenant_ptr) tenant = NULL;
    char key[A0__ROW_KEY_LEN + 1];

    A0_TRY(a0__session_id_new(client, &id, key, err));
    A0_TRY(a0__session_drop_rows(session, true, &revocation, err));
    if (a0__secret_is_set(&revocation.refresh_token)) {
        a0__revocation_try_at_logout(client, &revocation, &tenant);
    }
    a0__session_forget(session);
    a0__session_rename(session, &id, key);
    return A0_OK;
}
