/* SPDX-License-Identifier: MIT */
/* Records of links, and their list (contract §4). */
#include "flows/link_record.h"

#include <string.h>

#include "auth0/user.h"
#include "base/base64url.h"
#include "base/pack.h"
#include "flows/link_answer.h"
#include "flows/link_saga.h"
#include "session/signed_record.h"

enum {
    NAMES_MAX = 2048,
    OBJECT_MAX = 4096,
    LISTED_MAX = 10000,
    LIST_MAX = LISTED_MAX * 1024
};

static const char ALL[] = "all";

a0_status
a0__link_record_key_of(a0__text primary_user_id, a0__text provider,
                       a0__text secondary_user_id, a0__link_record_key *out,
                       a0_error **err)
{
    A0_AUTO(a0__buf) names = A0__BUF_INIT(NAMES_MAX);
    A0_AUTO(a0__buf) key = A0__BUF_INIT(A0__LINK_RECORD_KEY_LEN);
    a0__digest digest;

    a0__pack_text(&names, primary_user_id);
    a0__pack_text(&names, provider);
    a0__pack_text(&names, secondary_user_id);
    A0_TRY(a0__buf_check(&names, err));
    A0_TRY(a0__sha256(a0__buf_view(&names), &digest, err));
    a0__base64url_encode(digest.bytes, sizeof digest.bytes, &key);
    A0_TRY(a0__buf_check(&key, err));
    memcpy(out->text, key.ptr, key.len + 1);
    return A0_OK;
}

/* ---- writing ---- */

static a0_status
write_object(a0_client *client, const a0__link_journal *journal, a0__buf *out,
             a0_error **err)
{
    a0__json_writer w = a0__json_writer_on(out);
    int64_t now = a0__client_now_s(client);
    char id[A0__UUID_LEN + 1];

    A0_TRY(a0__uuid7(a0__client_wall_ms(client), client->ports.random,
                     client->ports.random_self, id, err));
    a0__json_open(&w, '{');
    a0__json_put_string(&w, "id", id);
    a0__json_put(&w, "primary_user_id", journal->primary_user_id);
    a0__json_put(&w, "secondary_provider", journal->provider);
    a0__json_put(&w, "secondary_user_id", journal->secondary_user_id);
    a0__json_put(&w, "secondary_connection_name", journal->connection);
    a0__json_put_i64(&w, "rule", journal->rule);
    a0__json_put(&w, "by", journal->by);
    a0__json_put_i64(&w, "created_at", now);
    a0__json_put_i64(&w, "updated_at", now);
    a0__json_close(&w, '}');
    return a0__buf_check(out, err);
}

a0_status
a0__link_record_add(a0__batch *batch, a0_client *client,
                    const a0__link_journal *journal, a0__link_record_key *out_key,
                    a0_error **err)
{
    A0_AUTO(a0__buf) object = A0__BUF_INIT(OBJECT_MAX);
    a0_record record = { .size = sizeof record,
                         .kind = A0_RECORD_ACCOUNT_LINKING,
                         .key = out_key->text,
                         .created_at = a0__client_now_s(client),
                         .owner = journal->secondary_user_id.ptr,
                         .user_id = journal->primary_user_id.ptr,
                         .sid = ALL };

    A0_TRY(a0__link_record_key_of(journal->primary_user_id, journal->provider,
                                  journal->secondary_user_id, out_key, err));
    A0_TRY(write_object(client, journal, &object, err));
    A0_TRY(a0__batch_condition(batch, A0_STORE_ERASE, A0_RECORD_ACCOUNT_LINKING,
                               out_key->text, 0, err));
    return a0__batch_signed(batch, client, A0_STORE_INSERT, &record, 0,
                            a0__buf_view(&object), err);
}

/* ---- reading ---- */

static const char *const shown[] = { "primary_user_id",
                                     "secondary_provider",
                                     "secondary_user_id",
                                     "secondary_connection_name",
                                     "rule",
                                     "by",
                                     "created_at" };

typedef struct listing {
    const a0_client *client;
    a0__json_writer *writer; /* NULL: none */
    a0__buf *connection;     /* of the last one; NULL: not wanted */
    size_t len;
    size_t seen; /* with those that are no links of ours */
} listing;

static a0_status
note_connection(const a0__json *object, a0__buf *out, a0_error **err)
{
    a0__text connection = A0__NO_TEXT;

    if (out == NULL) {
        return A0_OK;
    }
    (void)a0__json_text(object, "secondary_connection_name", &connection);
    a0__buf_text(out, connection);
    return a0__buf_check(out, err);
}

static a0_status
show(a0__json_writer *w, const a0__json *object, bool is_proven, a0_error **err)
{
    a0__json_open(w, '{');
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        const a0__json *member = a0__json_member(object, shown[i]);

        a0__json_name(w, shown[i]);
        if (member != NULL) {
            a0__json_value_node(w, member);
        } else {
            a0__json_value_null(w);
        }
    }
    a0__json_put_bool(w, "is_proven", is_proven);
    a0__json_close(w, '}');
    return a0__buf_check(w->out, err);
}

/* Rows that somebody else wrote, or edited, are shown, and are no links of ours. */
static a0_status
take_record(void *self, const a0_record *record, a0_error **err)
{
    listing *l = self;
    A0_AUTO(a0__json_doc) object = NULL;
    bool holds = false;

    if (++l->seen > LISTED_MAX) {
        return A0_OK;
    }
    A0_TRY(a0__signed_record_read(l->client->keyring, l->client->settings->issuer,
                                  record, &object, &holds, err));
    if (holds) {
        l->len++;
        A0_TRY(note_connection(object, l->connection, err));
    } else {
        A0__LOG(l->client->log, A0_LOG_WARN, "store.unproven",
                A0__FIELD_NUMBER("kind", record->kind));
    }
    if (l->writer == NULL || object == NULL) {
        return A0_OK;
    }
    return show(l->writer, object, holds, err);
}

a0_status
a0__link_record_read(a0_client *client, a0__text primary_user_id, a0__text provider,
                     a0__text secondary_user_id, bool *out_stands,
                     a0__buf *out_connection, a0_error **err)
{
    A0_AUTO(a0__error_ptr) failure = NULL;
    listing l = { .client = client, .connection = out_connection };
    a0__link_record_key key;
    a0_status status = A0_OK;

    A0_TRY(a0__link_record_key_of(primary_user_id, provider, secondary_user_id, &key,
                                  err));
    status = client->ports.store->get(
        client->ports.store_self, A0_RECORD_ACCOUNT_LINKING, key.text,
        a0__client_now_s(client), take_record, &l, &failure);
    *out_stands = l.len > 0;
    if (status == A0_NOT_FOUND) {
        return A0_OK;
    }
    a0__error_move(err, &failure);
    return status;
}

a0_status
a0__link_is_recorded(a0_client *client, a0__text primary_user_id,
                     const a0_identity *identity, bool *out, a0_error **err)
{
    A0_AUTO(a0__buf) user_id = A0__BUF_INIT(A0_RECORD_INDEX_MAX);

    a0__buf_string(&user_id, identity->provider);
    a0__buf_byte(&user_id, '|');
    a0__buf_string(&user_id, identity->user_id);
    A0_TRY(a0__buf_check(&user_id, err));
    return a0__link_record_read(client, primary_user_id,
                                a0__text_of(identity->provider), a0__buf_view(&user_id),
                                out, NULL, err);
}

static a0_status
list(listing *l, a0_record_index index, const char *value, a0_error **err)
{
    const a0_client *client = l->client;

    return client->ports.store->find(
        client->ports.store_self, A0_RECORD_ACCOUNT_LINKING, index, value,
        a0__client_now_s(client), LISTED_MAX + 1, take_record, l, err);
}

a0_status
a0__link_is_secondary(a0_client *client, a0__text user_id, bool *out, a0_error **err)
{
    A0_AUTO(a0__buf) id = A0__BUF_INIT(A0_RECORD_INDEX_MAX);
    listing l = { .client = client };

    a0__buf_text(&id, user_id);
    A0_TRY(a0__buf_check(&id, err));
    A0_TRY(list(&l, A0_INDEX_OWNER, a0__buf_cstr(&id), err));
    *out = l.len > 0;
    return A0_OK;
}

a0_status
a0_link_list(a0_client *client, const char *user_id, a0_link_answer **out_answer,
             a0_error **err)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(LIST_MAX);
    a0__json_writer w = a0__json_writer_on(&json);
    listing l = { .client = client, .writer = &w };

    if (user_id != NULL && !a0__user_id_is_valid(a0__text_of(user_id))) {
        return a0__fail_about(err, A0_E_param_invalid, "user_id");
    }
    a0__json_open(&w, '{');
    a0__json_name(&w, "links");
    a0__json_open(&w, '[');
    if (user_id == NULL) {
        A0_TRY(list(&l, A0_INDEX_SID, ALL, err));
    } else {
        A0_TRY(list(&l, A0_INDEX_USER_ID, user_id, err));
        A0_TRY(list(&l, A0_INDEX_OWNER, user_id, err));
    }
    a0__json_close(&w, ']');
    a0__json_put_bool(&w, "is_whole", l.seen <= LISTED_MAX);
    a0__json_close(&w, '}');
    return a0__link_answer_new(&json, out_answer, err);
}
