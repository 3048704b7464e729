/* SPDX-License-Identifier: MIT */
#include "flows/connected_account.h"

#include <string.h>

#include "auth0/provider_identity.h"
#include "base/base64url.h"
#include "base/mem.h"
#include "base/pack.h"
#include "base/time.h"
#include "session/signed_record.h"

enum {
    NAME_BYTES_MAX = 4096,
    FOUND_MAX = 100, /* records of one identity: it is connected to few people */
    OBJECT_MAX = 65536
};

void
a0__connected_account_clear(a0__connected_account *account)
{
    a0__json_free(account->document);
    *account = (a0__connected_account){ .version = 0 };
}

void
a0__connected_account_auto(a0__connected_account *account)
{
    a0__connected_account_clear(account);
}

void
a0__connected_accounts_auto(a0__connected_accounts *accounts)
{
    for (size_t i = 0; i < accounts->len; i++) {
        a0__connected_account_clear(&accounts->items[i]);
    }
    a0__free(accounts->items);
    *accounts = (a0__connected_accounts){ .len = 0 };
}

/* ---- indexes ---- */

static a0_status
index_of(a0__text connection, a0__text name, char out[A0__ACCOUNT_INDEX_LEN + 1],
         a0_error **err)
{
    A0_AUTO(a0__buf) pair = A0__BUF_INIT(2 * NAME_BYTES_MAX);
    A0_AUTO(a0__buf) text = A0__BUF_INIT(A0__ACCOUNT_INDEX_LEN);
    a0__digest digest;

    a0__pack_text(&pair, connection);
    a0__pack_text(&pair, name);
    A0_TRY(a0__buf_check(&pair, err));
    A0_TRY(a0__sha256(a0__buf_view(&pair), &digest, err));
    a0__base64url_encode(digest.bytes, sizeof digest.bytes, &text);
    A0_TRY(a0__buf_check(&text, err));
    memcpy(out, a0__buf_cstr(&text), A0__ACCOUNT_INDEX_LEN + 1);
    return A0_OK;
}

/* Contract §2, rule 7. */
static a0_status
email_index_of(a0__text connection, a0__text email, char out[A0__ACCOUNT_INDEX_LEN + 1],
               a0_error **err)
{
    A0_AUTO(a0__buf) lower = A0__BUF_INIT(NAME_BYTES_MAX);
    a0__text trimmed = a0__text_trim(email);

    for (size_t i = 0; i < trimmed.len; i++) {
        a0__buf_byte(&lower, a0__to_lower(trimmed.ptr[i]));
    }
    A0_TRY(a0__buf_check(&lower, err));
    return index_of(connection, a0__buf_view(&lower), out, err);
}

static a0_status
set_indexes(a0__connected_account *a, a0_error **err)
{
    a->identity_index[0] = '\0';
    a->email_index[0] = '\0';
    if (a->subject.len > 0) {
        A0_TRY(index_of(a->connection, a->subject, a->identity_index, err));
    }
    if (a->email.len > 0 && a->email_verified) {
        A0_TRY(email_index_of(a->connection, a->email, a->email_index, err));
    }
    return A0_OK;
}

/* ---- reading ---- */

static void
read_members(a0__connected_account *a)
{
    const a0__json *object = a->document;

    (void)a0__json_text(object, "id", &a->id);
    (void)a0__json_text(object, "connection", &a->connection);
    (void)a0__json_text(object, "provider", &a->provider);
    (void)a0__json_text(object, "scopes", &a->scopes);
    (void)a0__json_i64(object, "created_at", &a->created_at);
    (void)a0__json_i64(object, "updated_at", &a->updated_at);
    if (a->is_proven) {
        (void)a0__json_text(object, "subject", &a->subject);
        (void)a0__json_text(object, "email", &a->email);
        (void)a0__json_bool(object, "email_verified", &a->email_verified);
        (void)a0__json_bool(object, "is_account_linked", &a->is_account_linked);
    }
}

static a0_status
read_record(const a0_client *client, const a0_record *record,
            a0__connected_account *out, a0_error **err)
{
    memcpy(out->key, record->key, strlen(record->key) + 1);
    memcpy(out->user_id, record->user_id, strlen(record->user_id) + 1);
    out->version = record->version;
    out->row_created_at = record->created_at;
    A0_TRY(a0__signed_record_read(client->keyring, client->settings->issuer, record,
                                  &out->document, &out->is_proven, err));
    if (!out->is_proven) {
        A0__LOG(client->log, A0_LOG_WARN, "store.unproven",
                A0__FIELD_NUMBER("kind", record->kind));
    }
    if (out->document != NULL) {
        read_members(out);
    }
    return A0_OK;
}

typedef struct one {
    const a0_client *client;
    a0__connected_account *out;
} one;

static a0_status
take_one(void *self, const a0_record *record, a0_error **err)
{
    one *o = self;

    return read_record(o->client, record, o->out, err);
}

a0_status
a0__connected_account_get(a0_client *client, const char *key,
                          a0__connected_account *out, bool *out_found, a0_error **err)
{
    one o = { .client = client, .out = out };
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_status status =
        client->ports.store->get(client->ports.store_self, A0_RECORD_CONNECTED_ACCOUNT,
                                 key, a0__client_now_s(client), take_one, &o, &failure);

    *out_found = status == A0_OK;
    if (status == A0_NOT_FOUND) {
        return A0_OK;
    }
    a0__error_move(err, &failure);
    return status;
}

/* What a search wants beyond the value of the index, which anybody may have written. */
typedef struct search {
    const a0_client *client;
    a0__connected_accounts *out;
    const char *identity_index; /* NULL: any */
    const char *email_index;
} search;

a0__text
a0__connected_account_subject(const a0_client *client,
                              const a0__connected_account *account)
{
    a0__identity_source source;

    return a0__identity_source_of(client->settings, account->connection,
                                  account->provider, &source) &&
                   source.subject_is_user_id
               ? account->subject
               : A0__NO_TEXT;
}

static a0_status
is_wanted(const search *s, a0__connected_account *account, bool *out_wanted,
          a0_error **err)
{
    *out_wanted = true;
    if (s->identity_index == NULL && s->email_index == NULL) {
        return A0_OK;
    }
    A0_TRY(set_indexes(account, err));
    *out_wanted = account->is_proven &&
                  (s->identity_index == NULL ||
                   strcmp(account->identity_index, s->identity_index) == 0) &&
                  (s->email_index == NULL ||
                   (strcmp(account->email_index, s->email_index) == 0 &&
                    a0__connected_account_subject(s->client, account).len == 0));
    return A0_OK;
}

static a0_status
take_found(void *self, const a0_record *record, a0_error **err)
{
    search *s = self;
    a0__connected_accounts *out = s->out;
    A0_AUTO(a0__connected_account) account = { .version = 0 };
    a0__connected_account *grown = NULL;
    bool wanted = false;

    A0_TRY(read_record(s->client, record, &account, err));
    A0_TRY(is_wanted(s, &account, &wanted, err));
    if (!wanted) {
        return A0_OK;
    }
    grown = a0__realloc_array(out->items, out->len + 1, sizeof *grown);
    A0_ENSURE(grown != NULL, err, no_memory);
    out->items = grown;
    grown[out->len++] = account;
    account.document = NULL;
    return A0_OK;
}

static a0_status
find(search *s, a0_record_index index, const char *value, size_t max_records,
     a0_error **err)
{
    const a0_client *client = s->client;

    return client->ports.store->find(
        client->ports.store_self, A0_RECORD_CONNECTED_ACCOUNT, index, value,
        a0__client_now_s(client), max_records, take_found, s, err);
}

a0_status
a0__connected_accounts_of(a0_client *client, const char *user_id,
                          a0__connected_accounts *out, a0_error **err)
{
    search s = { .client = client, .out = out };

    return find(&s, A0_INDEX_USER_ID, user_id, A0__CONNECTED_ACCOUNTS_MAX, err);
}

a0_status
a0__connected_accounts_by_identity(a0_client *client, a0__text connection,
                                   a0__text subject, a0__connected_accounts *out,
                                   a0_error **err)
{
    char index[A0__ACCOUNT_INDEX_LEN + 1];
    search s = { .client = client, .out = out, .identity_index = index };

    if (connection.len == 0 || subject.len == 0) {
        return A0_OK;
    }
    A0_TRY(index_of(connection, subject, index, err));
    return find(&s, A0_INDEX_OWNER, index, FOUND_MAX, err);
}

a0_status
a0__connected_accounts_by_email(a0_client *client, a0__text connection, a0__text email,
                                a0__connected_accounts *out, a0_error **err)
{
    char index[A0__ACCOUNT_INDEX_LEN + 1];
    search s = { .client = client, .out = out, .email_index = index };

    if (connection.len == 0 || a0__text_trim(email).len == 0) {
        return A0_OK;
    }
    A0_TRY(email_index_of(connection, email, index, err));
    return find(&s, A0_INDEX_SID, index, FOUND_MAX, err);
}

/* ---- writing ---- */

static void
write_object(const a0__connected_account *a, const char *id, a0__buf *out)
{
    a0__json_writer w = a0__json_writer_on(out);

    a0__json_open(&w, '{');
    if (a->id.len > 0) {
        a0__json_put(&w, "id", a->id);
    } else {
        a0__json_put_string(&w, "id", id);
    }
    a0__json_put(&w, "connection", a->connection);
    a0__json_put(&w, "provider", a->provider);
    a0__json_put(&w, "subject", a->subject);
    a0__json_put(&w, "email", a->email);
    a0__json_put_bool(&w, "email_verified", a->email_verified);
    a0__json_put(&w, "scopes", a->scopes);
    a0__json_put_bool(&w, "is_account_linked", a->is_account_linked);
    a0__json_put_i64(&w, "created_at", a->created_at);
    a0__json_put_i64(&w, "updated_at", a->updated_at);
    a0__json_close(&w, '}');
}

a0_status
a0__connected_account_write(a0__batch *batch, a0_client *client,
                            a0__connected_account *account, a0_error **err)
{
    A0_AUTO(a0__buf) object = A0__BUF_INIT(OBJECT_MAX);
    char id[A0__UUID_LEN + 1];
    int64_t now = a0__client_now_s(client);
    bool is_new = account->version == 0;
    a0_record record = { .size = sizeof record,
                         .kind = A0_RECORD_CONNECTED_ACCOUNT,
                         .key = account->key,
                         .created_at = is_new ? now : account->row_created_at,
                         .owner = account->identity_index,
                         .user_id = account->user_id,
                         .sid = account->email_index };

    A0_TRY(set_indexes(account, err));
    A0_TRY(a0__uuid7(a0__client_wall_ms(client), client->ports.random,
                     client->ports.random_self, id, err));
    account->created_at = account->created_at != 0 ? account->created_at : now;
    account->updated_at = now;
    write_object(account, id, &object);
    A0_TRY(a0__buf_check(&object, err));
    return a0__batch_signed(batch, client, is_new ? A0_STORE_INSERT : A0_STORE_UPDATE,
                            &record, account->version, a0__buf_view(&object), err);
}
