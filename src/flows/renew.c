/* SPDX-License-Identifier: MIT */
#include "flows/renew.h"

#include <string.h>

#include "flows/rows.h"
#include "session/signed_record.h"

enum {
    READ_MAX = 100
};

static const struct {
    a0_record_kind kind;
    bool is_signed; /* and not sealed */
} kinds[] = {
    { A0_RECORD_ACCOUNT_TOKEN, false },
    { A0_RECORD_CONNECTED_ACCOUNT, true },
    { A0_RECORD_ACCOUNT_LINKING, true },
    { A0_RECORD_LINK_JOURNAL, false },
};

void
a0__renewal_init(a0__renewal *renewal)
{
    *renewal = (a0__renewal){ .is_over = false };
    atomic_flag_clear(&renewal->is_under_way);
}

/* ---- which rows ---- */

typedef struct stale_rows {
    const a0_client *client;
    bool is_signed;
    char after[A0_RECORD_KEY_MAX + 1]; /* the last that was seen */
    size_t seen;
    char keys[READ_MAX][A0_RECORD_KEY_MAX + 1];
    size_t len;
} stale_rows;

static bool
is_current(const stale_rows *s, a0__text data)
{
    A0_AUTO(a0__json_doc) document = NULL;
    a0__text mac = A0__NO_TEXT;

    if (!s->is_signed) {
        return a0__sealed_is_current(s->client->keyring, data);
    }
    /* What does not parse is not ours to renew. */
    return a0__json_parse_large(data, &document, NULL) != A0_OK ||
           a0__json_text(document, "mac", &mac) != A0__FOUND ||
           a0__mac_is_current(s->client->keyring, mac);
}

static a0_status
note_stale(void *self, const a0_record *record, a0_error **err)
{
    stale_rows *s = self;

    (void)err;
    memcpy(s->after, record->key, strlen(record->key) + 1);
    s->seen++;
    if (!is_current(s, a0__text_range(record->data, record->data_len))) {
        memcpy(s->keys[s->len++], record->key, strlen(record->key) + 1);
    }
    return A0_OK;
}

/* ---- reading one ---- */

typedef struct signed_row {
    a0_client *client;
    a0__row *row; /* its `plain` is the object without the mac */
    bool is_ours;
} signed_row;

static bool
put_member(void *self, a0__text name, const a0__json *value)
{
    a0__json_writer *w = self;
    A0_AUTO(a0__buf) text = A0__BUF_INIT(A0_RECORD_KEY_MAX);

    if (!a0__text_is(name, "mac")) {
        a0__buf_text(&text, name);
        a0__json_name(w, a0__buf_cstr(&text));
        a0__json_value_node(w, value);
    }
    return true;
}

static a0_status
take_signed(void *self, const a0_record *record, a0_error **err)
{
    signed_row *s = self;
    a0__row *row = s->row;
    A0_AUTO(a0__json_doc) object = NULL;
    a0__json_writer w = a0__json_writer_on(&row->plain);

    A0_TRY(a0__signed_record_read(s->client->keyring, s->client->settings->issuer,
                                  record, &object, &s->is_ours, err));
    if (!s->is_ours) {
        return A0_OK;
    }
    row->version = record->version;
    row->created_at = record->created_at;
    row->expires_at = record->expires_at;
    a0__buf_string(&row->owner, record->owner);
    a0__buf_string(&row->user_id, record->user_id);
    a0__buf_string(&row->sid, record->sid);
    a0__json_open(&w, '{');
    a0__json_each(object, put_member, &w);
    a0__json_close(&w, '}');
    A0_TRY(a0__buf_check(&row->owner, err));
    A0_TRY(a0__buf_check(&row->user_id, err));
    A0_TRY(a0__buf_check(&row->sid, err));
    return a0__buf_check(&row->plain, err);
}

static a0_status
read_signed(a0_client *client, a0_record_kind kind, const char *key, a0__row *out,
            bool *out_found, a0_error **err)
{
    signed_row s = { .client = client, .row = out };
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_status status =
        client->ports.store->get(client->ports.store_self, kind, key,
                                 a0__client_now_s(client), take_signed, &s, &failure);

    *out_found = status == A0_OK && s.is_ours;
    if (status == A0_NOT_FOUND) {
        return A0_OK;
    }
    a0__error_move(err, &failure);
    return status;
}

/* ---- renewing ---- */

/* Somebody who writes the row meanwhile writes it with the new key: then there is
 * nothing left to do. */
static a0_status
renew_one(a0_client *client, a0_record_kind kind, bool is_signed, const char *key,
          a0_error **err)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    a0_record record = { .size = sizeof record, .kind = kind, .key = key };
    bool found = false;
    bool applied = false;

    A0_TRY(is_signed ? read_signed(client, kind, key, &row, &found, err)
                     : a0__row_read(client, kind, key, NULL, &row, &found, err));
    if (!found) {
        return A0_OK;
    }
    record.created_at = row.created_at;
    record.expires_at = row.expires_at;
    record.owner = a0__buf_cstr(&row.owner);
    record.user_id = a0__buf_cstr(&row.user_id);
    record.sid = a0__buf_cstr(&row.sid);
    A0_TRY(is_signed ? a0__batch_signed(&batch, client, A0_STORE_UPDATE, &record,
                                        row.version, a0__buf_view(&row.plain), err)
                     : a0__batch_update(&batch, client, &record, row.version, NULL,
                                        a0__buf_view(&row.plain), err));
    A0_TRY(a0__batch_commit(&batch, client, &applied, err));
    client->renewal.renewed += applied ? 1 : 0;
    return A0_OK;
}

static a0_status
renew_next(a0_client *client, a0__renewal *r, a0_error **err)
{
    stale_rows s = { .client = client, .is_signed = kinds[r->kind].is_signed };

    A0_TRY(client->ports.store->find(
        client->ports.store_self, kinds[r->kind].kind, A0_INDEX_AFTER_KEY, r->after,
        a0__client_now_s(client), READ_MAX, note_stale, &s, err));
    for (size_t i = 0; i < s.len; i++) {
        A0_TRY(renew_one(client, kinds[r->kind].kind, s.is_signed, s.keys[i], err));
    }
    memcpy(r->after, s.after, sizeof r->after);
    if (s.seen < READ_MAX) {
        r->kind++;
        r->after[0] = '\0';
    }
    return A0_OK;
}

void
a0__renew_some(a0_client *client)
{
    a0__renewal *r = &client->renewal;

    if (client->settings->encryption_keys.len < 2 ||
        atomic_flag_test_and_set(&r->is_under_way)) {
        return;
    }
    if (!r->is_over && renew_next(client, r, NULL) == A0_OK &&
        r->kind == sizeof kinds / sizeof kinds[0]) {
        r->is_over = true;
        A0__LOG(client->log, A0_LOG_INFO, "store.renewed",
                A0__FIELD_NUMBER("rows", r->renewed));
    }
    atomic_flag_clear(&r->is_under_way);
}
