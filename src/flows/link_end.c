/* SPDX-License-Identifier: MIT */
#include "flows/link_end.h"

#include <string.h>

#include "flows/refresh_token_row.h"
#include "flows/revoke.h"
#include "flows/session_end.h"
#include "flows/vault_cache.h"

enum {
    AT_ONCE = 8, /* rows of one commit; a token takes three changes */
    ATTEMPTS = 4
};

/* Some rows of a user: those after `spared` was left out. */
typedef struct rows {
    char keys[AT_ONCE][A0_RECORD_KEY_MAX + 1];
    size_t len;
    const char *spared;
} rows;

static a0_status
note_key(void *self, const a0_record *record, a0_error **err)
{
    rows *r = self;

    (void)err;
    if (r->len < AT_ONCE && strcmp(record->key, r->spared) != 0) {
        memcpy(r->keys[r->len++], record->key, strlen(record->key) + 1);
    }
    return A0_OK;
}

/* One more than fit, so that the spared one never stands for "no others". */
static a0_status
find_rows(a0_client *client, const char *user_id, const char *spared, rows *out,
          a0_error **err)
{
    *out = (rows){ .spared = spared };
    return client->ports.store->find(
        client->ports.store_self, A0_RECORD_REFRESH_TOKEN, A0_INDEX_USER_ID, user_id,
        a0__client_now_s(client), AT_ONCE + 1, note_key, out, err);
}

/* ---- tokens ---- */

/* Whose sessions end, and what stays. */
typedef struct ending {
    a0_client *client;
    const char *user_id;
    const char *spared_key; /* row of the token that stays, or "" */
    a0__secret spared;      /* that token; unset: none */
    bool at_once;           /* whether Auth0 is asked now */
} ending;

static void
ending_auto(ending *e)
{
    a0__secret_clear(&e->spared);
}

/* The tokens of one commit and what is left to be done for them at Auth0. */
typedef struct dropping {
    const ending *whole;
    a0__batch batch;
    a0__revocation revocations[AT_ONCE];
    size_t revocations_len;
} dropping;

static void
dropping_auto(dropping *d)
{
    a0__batch_clear(&d->batch);
    for (size_t i = 0; i < AT_ONCE; i++) {
        a0__revocation_clear(&d->revocations[i]);
    }
}

static a0_status
add_revocation(dropping *d, const a0__secret *token, a0_error **err)
{
    for (size_t i = 0; i < d->revocations_len; i++) {
        if (a0__secret_equal(&d->revocations[i].refresh_token, token)) {
            return A0_OK;
        }
    }
    return a0__revocation_add(&d->batch, d->whole->client, token, d->whole->user_id,
                              &d->revocations[d->revocations_len++], err);
}

static a0_status
add_token(dropping *d, const char *key, a0_error **err)
{
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    A0_AUTO(a0__secret) token = A0__SECRET_INIT;
    bool found = false;

    A0_TRY(a0__refresh_token_read(d->whole->client, key, &row, &token, &found, err));
    A0_TRY(a0__batch_condition(&d->batch, A0_STORE_ERASE, A0_RECORD_REFRESH_TOKEN, key,
                               0, err));
    if (!found || a0__secret_equal(&token, &d->whole->spared)) {
        return A0_OK;
    }
    return add_revocation(d, &token, err);
}

static a0_status
commit(dropping *d, bool *out_applied, a0_error **err)
{
    A0_AUTO(a0__tenant_ptr) tenant = NULL;

    A0_TRY(a0__batch_commit(&d->batch, d->whole->client, out_applied, err));
    if (!*out_applied || d->revocations_len == 0 || !d->whole->at_once) {
        return A0_OK;
    }
    /* Without the tenant's metadata they wait for the sweep. */
    if (a0__provider_get(d->whole->client, &tenant, NULL) == A0_OK) {
        a0__revocations_try(d->whole->client, tenant, d->revocations,
                            d->revocations_len);
    }
    return A0_OK;
}

static a0_status
drop_tokens_of_sessions(const ending *e, a0_error **err)
{
    rows found = { .len = 0 };

    do {
        dropping d
            __attribute__((cleanup(dropping_auto))) = { .whole = e,
                                                        .batch = A0__BATCH_INIT };
        bool applied = false;

        A0_TRY(find_rows(e->client, e->user_id, e->spared_key, &found, err));
        for (size_t i = 0; i < found.len; i++) {
            A0_TRY(add_token(&d, found.keys[i], err));
        }
        if (found.len > 0) {
            A0_TRY(commit(&d, &applied, err));
        }
    } while (found.len > 0);
    return A0_OK;
}

/* One attempt at the newest token of a user; not applied when it was rotated meanwhile.
 */
static a0_status
try_to_drop_newest(const ending *e, bool *out_applied, a0_error **err)
{
    dropping d __attribute__((cleanup(dropping_auto))) = { .whole = e,
                                                           .batch = A0__BATCH_INIT };
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    A0_AUTO(a0__secret) token = A0__SECRET_INIT;
    bool found = false;

    *out_applied = true;
    A0_TRY(a0__row_read(e->client, A0_RECORD_ACCOUNT_TOKEN, e->user_id, NULL, &row,
                        &found, err));
    if (!found) {
        return A0_OK;
    }
    A0_TRY(a0__secret_set_text(&token, a0__buf_view(&row.plain), err));
    if (a0__secret_equal(&token, &e->spared)) {
        return A0_OK;
    }
    A0_TRY(a0__batch_condition(&d.batch, A0_STORE_DELETE, A0_RECORD_ACCOUNT_TOKEN,
                               e->user_id, row.version, err));
    A0_TRY(add_revocation(&d, &token, err));
    return commit(&d, out_applied, err);
}

/* ---- the whole ---- */

/* The token that the spared session goes on with. */
static a0_status
read_spared(const a0_session *spared, a0__secret *out_token, a0_error **err)
{
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    bool found = false;

    if (spared == NULL || spared->record.refresh_key.len == 0) {
        return A0_OK;
    }
    return a0__refresh_token_read(spared->client, spared->record.refresh_key.ptr, &row,
                                  out_token, &found, err);
}

/* The tokens first: as long as one of their rows stands, it says what is to be revoked.
 */
a0_status
a0__link_end_sessions(a0_client *client, a0__text user_id, const a0_session *spared,
                      a0_error **err)
{
    A0_AUTO(a0__buf) id = A0__BUF_INIT(A0_RECORD_INDEX_MAX);
    ending e __attribute__((cleanup(ending_auto))) = { .client = client,
                                                       .spared_key = "",
                                                       .at_once = spared == NULL };
    a0__session_choice choice = { .sid = NULL };
    bool applied = false;
    size_t ended = 0;

    a0__buf_text(&id, user_id);
    A0_TRY(a0__buf_check(&id, err));
    e.user_id = a0__buf_cstr(&id);
    A0_TRY(a0__vault_cache_forget(client, user_id, err));
    A0_TRY(read_spared(spared, &e.spared, err));
    if (spared != NULL && a0__secret_is_set(&e.spared)) {
        e.spared_key = spared->record.refresh_key.ptr;
    }
    A0_TRY(drop_tokens_of_sessions(&e, err));
    for (int attempt = 0; attempt < ATTEMPTS && !applied; attempt++) {
        A0_TRY(try_to_drop_newest(&e, &applied, err));
    }
    A0_ENSURE(applied, err, store_unavailable);
    choice.user_id = e.user_id;
    choice.spare_key = spared != NULL ? spared->key : NULL;
    return a0__sessions_end(client, &choice, &ended, err);
}
