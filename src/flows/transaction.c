/* SPDX-License-Identifier: MIT */
#include "flows/transaction.h"

#include <string.h>

#include "base/mem.h"

/* How long an ended or expired row is remembered after its lifetime: long enough to say
 * "took too long" instead of "unknown". */
enum {
    REMEMBER_S = 600,
    AWAIT_MS = 2000,
    LOOK_EVERY_MS = 20
};

void
a0__transaction_auto(a0__transaction *transaction)
{
    a0__row_clear(&transaction->row);
}

static a0_record
row_of(const a0_client *client, const char *key, const a0__transaction_record *record)
{
    int64_t lifetime = client->settings->transaction_lifetime_s + REMEMBER_S;

    return (a0_record){ .size = sizeof(a0_record),
                        .kind = A0_RECORD_TRANSACTION,
                        .key = key,
                        .created_at = record->created_at,
                        .expires_at = a0__add_saturating(record->created_at, lifetime),
                        .owner = record->browser.ptr,
                        .user_id =
                            record->user_id.ptr != NULL ? record->user_id.ptr : "",
                        .sid = "" };
}

/* ---- opening ---- */

static a0_status
note_row(void *self, const a0_record *record, a0_error **err)
{
    a0__transaction_crowd *c = self;

    (void)err;
    memcpy(c->key[c->len++], record->key, strlen(record->key) + 1);
    return A0_OK;
}

a0_status
a0__transaction_find_open(const a0_session *session, a0__transaction_crowd *out,
                          a0_error **err)
{
    const a0_client *client = session->client;

    return client->ports.store->find(client->ports.store_self, A0_RECORD_TRANSACTION,
                                     A0_INDEX_OWNER, a0__session_browser(session),
                                     a0__client_now_s(client),
                                     A0__TRANSACTION_CROWD_MAX, note_row, out, err);
}

a0_status
a0__transaction_find_pending(a0_client *client, const char *user_id,
                             a0__transaction_crowd *out, a0_error **err)
{
    return client->ports.store->find(
        client->ports.store_self, A0_RECORD_TRANSACTION, A0_INDEX_USER_ID, user_id,
        a0__client_now_s(client), A0__TRANSACTION_CROWD_MAX, note_row, out, err);
}

a0_status
a0__transaction_erase_oldest(const a0__transaction_crowd *open, size_t max,
                             a0__batch *batch, a0_error **err)
{
    for (size_t i = 0; i < open->len && i < max; i++) {
        A0_TRY(a0__batch_condition(batch, A0_STORE_ERASE, A0_RECORD_TRANSACTION,
                                   open->key[i], 0, err));
    }
    return A0_OK;
}

a0_status
a0__transaction_open(a0_session *session, const a0__secret *state,
                     const a0__transaction_record *record, a0_error **err)
{
    a0_client *client = session->client;
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(A0__TRANSACTION_RECORD_MAX);
    a0__transaction_crowd open = { 0 };
    char key[A0__ROW_KEY_LEN + 1];
    a0_record row = row_of(client, key, record);
    bool applied = false;

    A0_TRY(a0__row_key(a0__secret_expose(state), key, err));
    if (!session->is_new) {
        A0_TRY(a0__transaction_find_open(session, &open, err));
    }
    if (open.len >= A0__TRANSACTIONS_PER_BROWSER) {
        A0_TRY(a0__transaction_erase_oldest(
            &open, open.len - A0__TRANSACTIONS_PER_BROWSER + 1, &batch, err));
    }
    a0__transaction_record_pack(record, &plain);
    A0_TRY(a0__buf_check(&plain, err));
    A0_TRY(a0__batch_insert(&batch, client, &row, NULL, a0__buf_view(&plain), err));
    session->is_new = false;
    A0_TRY(a0__batch_commit(&batch, client, &applied, err));
    /* Two states of 256 bits that are equal: not chance, but a broken generator. */
    A0_ENSURE(applied, err, rng_failure);
    return A0_OK;
}

/* ---- finding ---- */

static a0_status
any_row(void *self, const a0_record *record, a0_error **err)
{
    (void)record;
    (void)err;
    *(bool *)self = true;
    return A0_OK;
}

/* CB-01: nothing open here and nothing open under this state are two answers. */
static a0_status
not_ours(a0_session *session, a0_error **err)
{
    a0_client *client = session->client;
    bool any = false;

    A0_TRY(client->ports.store->find(client->ports.store_self, A0_RECORD_TRANSACTION,
                                     A0_INDEX_OWNER, a0__session_browser(session),
                                     a0__client_now_s(client), 1, any_row, &any, err));
    if (any) {
        return a0__fail(err, A0_E_callback_state_mismatch);
    }
    return a0__fail(err, A0_E_callback_state_unknown);
}

static bool
is_of_browser(const a0__transaction *transaction, const char *browser)
{
    a0__text owner = transaction->record.browser;

    return owner.len == A0__ROW_KEY_LEN && strlen(browser) == A0__ROW_KEY_LEN &&
           a0__equal_constant_time(owner.ptr, browser, A0__ROW_KEY_LEN);
}

a0_status
a0__transaction_find(a0_session *session, a0__text state, a0__transaction *out,
                     a0_error **err)
{
    bool found = false;

    A0_TRY(a0__row_key(state, out->key, err));
    A0_TRY(a0__row_read(session->client, A0_RECORD_TRANSACTION, out->key, NULL,
                        &out->row, &found, err));
    if (!found ||
        !a0__transaction_record_unpack(a0__buf_view(&out->row.plain), &out->record) ||
        !is_of_browser(out, a0__session_browser(session))) {
        return not_ours(session, err);
    }
    return A0_OK;
}

a0_status
a0__transaction_check_age(const a0_client *client, const a0__transaction *transaction,
                          a0_error **err)
{
    int64_t age = a0__client_now_s(client) - transaction->record.created_at;

    A0_ENSURE(age < client->settings->transaction_lifetime_s &&
                  age >= -client->settings->clock_leeway_s,
              err, callback_expired);
    return A0_OK;
}

/* ---- taking and ending ---- */

/* The row in its next state: what is left of it needs no secret, and it no longer
 * counts among those that are open in its browser [CB-01, SESS-07]. */
static a0_status
add_state(a0_client *client, const a0__transaction *transaction,
          a0__transaction_state state, const char *produced, a0__batch *batch,
          a0_error **err)
{
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(A0__TRANSACTION_RECORD_MAX);
    a0__transaction_record next = transaction->record;
    a0_record row = row_of(client, transaction->key, &transaction->record);

    row.owner = "";
    next.state = state;
    next.nonce = A0__NO_TEXT;
    next.code_verifier = A0__NO_TEXT;
    next.auth_session = A0__NO_TEXT;
    next.produced = a0__text_of(produced);
    a0__transaction_record_pack(&next, &plain);
    A0_TRY(a0__buf_check(&plain, err));
    return a0__batch_update(batch, client, &row, transaction->row.version, NULL,
                            a0__buf_view(&plain), err);
}

a0_status
a0__transaction_take(a0_client *client, a0__transaction *transaction, bool *out_taken,
                     a0_error **err)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;

    *out_taken = false;
    if (transaction->record.state != A0__TRANSACTION_OPEN) {
        return A0_OK;
    }
    A0_TRY(add_state(client, transaction, A0__TRANSACTION_TAKEN, "", &batch, err));
    A0_TRY(a0__batch_commit(&batch, client, out_taken, err));
    transaction->row.version += *out_taken ? 1 : 0;
    return A0_OK;
}

a0_status
a0__transaction_end(a0__transaction *transaction, a0_client *client,
                    a0__transaction_state state, const char *produced, a0__batch *batch,
                    a0_error **err)
{
    return add_state(client, transaction, state, produced, batch, err);
}

a0_status
a0__transaction_await(a0_session *session, a0__text state, a0__transaction *transaction,
                      a0_error **err)
{
    const a0_client *client = session->client;
    int64_t until = a0__client_monotonic_ms(client) + AWAIT_MS;

    while (transaction->record.state == A0__TRANSACTION_OPEN ||
           transaction->record.state == A0__TRANSACTION_TAKEN) {
        if (a0__client_monotonic_ms(client) >= until) {
            return A0_OK;
        }
        a0__client_sleep_ms(client, LOOK_EVERY_MS);
        a0__transaction_auto(transaction);
        A0_TRY(a0__transaction_find(session, state, transaction, err));
    }
    return A0_OK;
}
