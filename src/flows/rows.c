/* SPDX-License-Identifier: MIT */
#include "flows/rows.h"

#include <string.h>

#include "session/signed_record.h"

void
a0__row_clear(a0__row *row)
{
    a0__buf_clear(&row->key);
    a0__buf_clear(&row->owner);
    a0__buf_clear(&row->user_id);
    a0__buf_clear(&row->sid);
    a0__buf_clear(&row->plain);
}

void
a0__row_auto(a0__row *row)
{
    a0__row_clear(row);
}

a0_status
a0__row_key(a0__text secret, char out[A0__ROW_KEY_LEN + 1], a0_error **err)
{
    a0__digest digest;

    A0_TRY(a0__sha256(secret, &digest, err));
    a0__hex(digest.bytes, sizeof digest.bytes, out);
    out[A0__ROW_KEY_LEN] = '\0';
    return A0_OK;
}

/* ---- reading ---- */

/* What the sealed bytes of a row are bound to: moved or edited, they do not open. Each
 * kind of row has the purpose of the same number. */
static a0__seal_place
place_of(const a0_client *client, const a0_record *record, const a0__secret *session_id)
{
    return (a0__seal_place){
        .purpose = (a0__seal_purpose)record->kind,
        .tenant = client->settings->issuer,
        .site = client->settings->session_site,
        .record = record,
        .holder = session_id != NULL ? a0__secret_expose(session_id) : A0__NO_TEXT,
    };
}

typedef struct reading {
    a0_client *client;
    const a0__secret *session_id;
    a0__row *row;
    a0__opening opening;
    char key_id[A0__SEAL_KEY_ID_LEN + 1];
} reading;

static a0_status
copy_texts(const a0_record *record, a0__row *row, a0_error **err)
{
    a0__buf_string(&row->key, record->key);
    a0__buf_string(&row->owner, record->owner);
    a0__buf_string(&row->user_id, record->user_id);
    a0__buf_string(&row->sid, record->sid);
    A0_TRY(a0__buf_check(&row->key, err));
    A0_TRY(a0__buf_check(&row->owner, err));
    A0_TRY(a0__buf_check(&row->user_id, err));
    return a0__buf_check(&row->sid, err);
}

static a0_status
take_row(void *self, const a0_record *record, a0_error **err)
{
    reading *r = self;
    a0__seal_place place = place_of(r->client, record, r->session_id);
    a0__text sealed = a0__text_range(record->data, record->data_len);
    a0__row *row = r->row;

    row->kind = record->kind;
    row->version = record->version;
    row->created_at = record->created_at;
    row->expires_at = record->expires_at;
    /* Those of a session stand in its record as well, and it is looked up at every
     * request: no copies. */
    if (record->kind != A0_RECORD_SESSION) {
        A0_TRY(copy_texts(record, row, err));
    }
    A0_TRY(a0__open(r->client->keyring, &place, sealed, &row->plain, &r->opening, err));
    a0__sealed_key_id(sealed, r->key_id);
    return A0_OK;
}

/* With the id of the key: without it nobody could put the right one back [STOR-06]. */
static void
log_unopened(a0_record_kind kind, const reading *r)
{
    a0__error_id id =
        r->opening == A0__KEY_UNKNOWN ? A0_E_store_key_unknown : A0_E_store_tampered;

    A0__LOG(r->client->log, A0_LOG_ERROR, "store.rejected",
            A0__FIELD_TEXT("error", a0__error_name(id)), A0__FIELD_NUMBER("kind", kind),
            A0__FIELD_TEXT("key_id", r->key_id));
}

a0_status
a0__row_read(a0_client *client, a0_record_kind kind, const char *key,
             const a0__secret *session_id, a0__row *out_row, bool *out_found,
             a0_error **err)
{
    reading r = { .client = client, .session_id = session_id, .row = out_row };
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_status status =
        client->ports.store->get(client->ports.store_self, kind, key,
                                 a0__client_now_s(client), take_row, &r, &failure);

    *out_found = false;
    if (status == A0_NOT_FOUND) {
        return A0_OK;
    }
    if (status != A0_OK) {
        a0__error_move(err, &failure);
        return status;
    }
    if (r.opening != A0__OPENED) {
        log_unopened(kind, &r);
        return A0_OK;
    }
    *out_found = true;
    return A0_OK;
}

/* ---- writing ---- */

void
a0__batch_clear(a0__batch *batch)
{
    for (size_t i = 0; i < batch->len; i++) {
        a0__buf_clear(&batch->data[i]);
    }
    batch->len = 0;
}

void
a0__batch_auto(a0__batch *batch)
{
    a0__batch_clear(batch);
}

/* The next change; its data is to be filled in and handed over with `hand_over`. */
static a0_status
begin(a0__batch *batch, a0_store_op_type type, const a0_record *record,
      int64_t expected_version, a0_error **err)
{
    size_t i = batch->len;

    A0_ENSURE(i < A0__BATCH_MAX, err, internal);
    batch->records[i] = *record;
    batch->records[i].size = sizeof *record;
    batch->records[i].version = expected_version + 1;
    batch->data[i] = A0__BUF_INIT(A0_RECORD_DATA_MAX);
    batch->ops[i] = (a0_store_op){ .type = type,
                                   .expected_version = expected_version,
                                   .record = &batch->records[i] };
    batch->len++;
    return A0_OK;
}

static a0_status
hand_over(a0__batch *batch, a0_error **err)
{
    size_t i = batch->len - 1;

    A0_TRY(a0__buf_check(&batch->data[i], err));
    batch->records[i].data = batch->data[i].ptr;
    batch->records[i].data_len = batch->data[i].len;
    return A0_OK;
}

static a0_status
add(a0__batch *batch, a0_client *client, a0_store_op_type type, const a0_record *record,
    int64_t expected_version, const a0__secret *session_id, a0__text plain,
    a0_error **err)
{
    a0__seal_place place = { 0 };
    size_t i = batch->len;

    A0_TRY(begin(batch, type, record, expected_version, err));
    place = place_of(client, &batch->records[i], session_id);
    A0_TRY(a0__seal(client->keyring, &place, plain, &batch->data[i], err));
    return hand_over(batch, err);
}

a0_status
a0__batch_insert(a0__batch *batch, a0_client *client, const a0_record *record,
                 const a0__secret *session_id, a0__text plain, a0_error **err)
{
    return add(batch, client, A0_STORE_INSERT, record, 0, session_id, plain, err);
}

a0_status
a0__batch_update(a0__batch *batch, a0_client *client, const a0_record *record,
                 int64_t expected_version, const a0__secret *session_id, a0__text plain,
                 a0_error **err)
{
    return add(batch, client, A0_STORE_UPDATE, record, expected_version, session_id,
               plain, err);
}

a0_status
a0__batch_signed(a0__batch *batch, a0_client *client, a0_store_op_type type,
                 const a0_record *record, int64_t expected_version, a0__text object,
                 a0_error **err)
{
    size_t i = batch->len;

    A0_TRY(begin(batch, type, record, expected_version, err));
    A0_TRY(a0__signed_record_write(client->keyring, client->settings->issuer,
                                   &batch->records[i], object, &batch->data[i], err));
    return hand_over(batch, err);
}

a0_status
a0__batch_condition(a0__batch *batch, a0_store_op_type type, a0_record_kind kind,
                    const char *key, int64_t expected_version, a0_error **err)
{
    size_t i = batch->len;

    A0_ENSURE(i < A0__BATCH_MAX, err, internal);
    batch->data[i] = A0__BUF_INIT(0);
    batch->records[i] = (a0_record){ .size = sizeof(a0_record),
                                     .kind = kind,
                                     .key = key,
                                     .owner = "",
                                     .user_id = "",
                                     .sid = "" };
    batch->ops[i] = (a0_store_op){ .type = type,
                                   .expected_version = expected_version,
                                   .record = &batch->records[i] };
    batch->len++;
    return A0_OK;
}

a0_status
a0__batch_commit(a0__batch *batch, a0_client *client, bool *out_applied, a0_error **err)
{
    return client->ports.store->commit(client->ports.store_self, batch->ops, batch->len,
                                       a0__client_now_s(client), out_applied, err);
}
