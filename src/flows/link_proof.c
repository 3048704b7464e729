/* SPDX-License-Identifier: MIT */
#include "flows/link_proof.h"

#include "flows/refresh_lock.h"
#include "flows/refresh_token_row.h"

enum {
    ROWS_MAX = 10000, /* sessions of one person that are looked at */
    TURN_MAX = 80
};

void
a0__link_proof_auto(a0__link_proof *proof)
{
    a0__buf_clear(&proof->row_key);
    a0__refresh_proof_clear(&proof->refresh);
}

/* ---- the token that is stored for a person ---- */

typedef struct proving {
    a0_client *client;
    const char *user_id;
    a0__text org_id;
    a0__secret refresh_token;
    a0__tenant *tenant;
    a0__link_proof *out;
} proving;

static void
proving_auto(proving *p)
{
    a0__secret_clear(&p->refresh_token);
    a0__tenant_free(p->tenant);
}

static a0_status
read_newest(proving *p, bool *out_found, a0_error **err)
{
    A0_AUTO(a0__row) row = A0__ROW_INIT;

    A0_TRY(a0__row_read(p->client, A0_RECORD_ACCOUNT_TOKEN, p->user_id, NULL, &row,
                        out_found, err));
    if (!*out_found) {
        return A0_OK;
    }
    return a0__secret_set_text(&p->refresh_token, a0__buf_view(&row.plain), err);
}

static a0_status
note_key(void *self, const a0_record *record, a0_error **err)
{
    a0__buf *keys = self;

    a0__buf_string(keys, record->key);
    a0__buf_byte(keys, '\n');
    return a0__buf_check(keys, err);
}

static a0_status
is_there(proving *p, const char *key, bool *out_same, a0_error **err)
{
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    A0_AUTO(a0__secret) token = A0__SECRET_INIT;
    bool found = false;

    A0_TRY(a0__refresh_token_read(p->client, key, &row, &token, &found, err));
    *out_same = found && a0__secret_equal(&token, &p->refresh_token);
    return A0_OK;
}

/* Another session of the person may be about to refresh the same token: its row names
 * the turn that both have to wait for. */
static a0_status
find_row(proving *p, a0_error **err)
{
    A0_AUTO(a0__buf) keys = A0__BUF_INIT(ROWS_MAX * (A0_RECORD_KEY_MAX + 1));
    a0__text rest = A0__NO_TEXT;
    a0__text key = A0__NO_TEXT;
    bool same = false;

    A0_TRY(p->client->ports.store->find(
        p->client->ports.store_self, A0_RECORD_REFRESH_TOKEN, A0_INDEX_USER_ID,
        p->user_id, a0__client_now_s(p->client), ROWS_MAX, note_key, &keys, err));
    rest = a0__buf_view(&keys);
    while (!same && a0__text_next(&rest, '\n', &key) && key.len > 0) {
        a0__buf_reset(&p->out->row_key);
        a0__buf_text(&p->out->row_key, key);
        A0_TRY(a0__buf_check(&p->out->row_key, err));
        A0_TRY(is_there(p, a0__buf_cstr(&p->out->row_key), &same, err));
    }
    if (!same) {
        a0__buf_reset(&p->out->row_key);
    }
    return A0_OK;
}

/* ---- proving it ---- */

static a0_status
look(void *self, bool *out_done, a0_error **err)
{
    proving *p = self;
    bool found = false;

    *out_done = false;
    A0_TRY(read_newest(p, &found, err));
    A0_ENSURE(found, err, refresh_token_missing);
    return A0_OK;
}

/* By the one whose turn it is. */
static a0_status
prove_in_turn(void *self, a0_error **err)
{
    proving *p = self;

    A0_TRY(a0__refresh_prove(p->client, p->tenant, p->user_id, &p->refresh_token,
                             &p->out->refresh, err));
    A0_ENSURE(
        a0__text_equal(a0__claims_text(p->out->refresh.claims, "org_id"), p->org_id),
        err, refresh_identity_mismatch);
    p->out->holds = true;
    return A0_OK;
}

static a0_status
prove(proving *p, a0_error **err)
{
    const a0__refresh_turn turn = { .look = look, .act = prove_in_turn, .self = p };
    A0_AUTO(a0__buf) key = A0__BUF_INIT(TURN_MAX);
    bool found = false;

    A0_TRY(read_newest(p, &found, err));
    A0_ENSURE(found, err, refresh_token_missing);
    A0_TRY(find_row(p, err));
    A0_TRY(a0__provider_get(p->client, &p->tenant, err));
    a0__buf_text(&key, a0__buf_view(&p->out->row_key));
    if (key.len == 0) {
        A0_TRY(a0__sha256_hex(a0__text_of(p->user_id), &key, err));
    }
    A0_TRY(a0__buf_check(&key, err));
    return a0__refresh_take_turn(p->client, a0__buf_view(&key), &turn, err);
}

void
a0__link_prove(a0_client *client, a0__text user_id, a0__text org_id,
               a0__link_proof *out)
{
    A0_AUTO(a0__buf) id = A0__BUF_INIT(A0_RECORD_INDEX_MAX);
    A0_AUTO(a0__error_ptr) failure = NULL;
    proving p __attribute__((
        cleanup(proving_auto))) = { .client = client, .org_id = org_id, .out = out };

    a0__buf_text(&id, user_id);
    p.user_id = a0__buf_cstr(&id);
    if (a0__buf_check(&id, &failure) != A0_OK || prove(&p, &failure) != A0_OK) {
        a0__client_log_rejected(client, "link.token_not_proved", failure);
    }
}
