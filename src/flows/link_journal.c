/* SPDX-License-Identifier: MIT */
#include "flows/link_journal.h"

#include <string.h>

#include "base/pack.h"

enum {
    VERSION = 1,
    SECONDS_PER_DAY = 86400,
    OPEN_MAX = 100, /* looked at at once */
    /* No link takes that long, all waiting included. */
    REMIND_AFTER_S = 120,
    PAIR_MAX = 1024
};

static const char OPEN[] = "open";

void
a0__link_journal_clear(a0__link_journal *journal)
{
    a0__buf_clear(&journal->plain);
    *journal = A0__LINK_JOURNAL_INIT;
}

void
a0__link_journal_auto(a0__link_journal *journal)
{
    a0__link_journal_clear(journal);
}

bool
a0__link_journal_is_open(const a0__link_journal *journal)
{
    return journal->state != A0__LINK_DONE;
}

a0_identity
a0__link_journal_identity(const a0__link_journal *journal)
{
    return (a0_identity){ .provider = journal->provider.ptr,
                          .connection = journal->connection.ptr,
                          .user_id = journal->identity_user_id.ptr };
}

static a0_status
take_key(a0__buf *text, char out[A0_RECORD_KEY_MAX + 1], a0_error **err)
{
    A0_TRY(a0__buf_check(text, err));
    memcpy(out, text->ptr, text->len + 1);
    return A0_OK;
}

a0_status
a0__link_journal_key(a0__text secondary_user_id, char out[A0_RECORD_KEY_MAX + 1],
                     a0_error **err)
{
    A0_AUTO(a0__buf) key = A0__BUF_INIT(A0_RECORD_KEY_MAX);

    a0__buf_string(&key, "link|");
    a0__buf_text(&key, secondary_user_id);
    return take_key(&key, out, err);
}

/* ---- what is inside ---- */

static void
pack(const a0__link_journal *j, a0__buf *out)
{
    a0__pack_i64(out, VERSION);
    a0__pack_i64(out, j->state);
    a0__pack_i64(out, j->rule);
    a0__pack_i64(out, j->evidence);
    a0__pack_text(out, j->primary_user_id);
    a0__pack_text(out, j->secondary_user_id);
    a0__pack_text(out, j->provider);
    a0__pack_text(out, j->connection);
    a0__pack_text(out, j->identity_user_id);
    a0__pack_text(out, j->connected_account_id);
    a0__pack_text(out, j->email);
    a0__pack_text(out, j->by);
    a0__pack_text(out, j->user_metadata);
    a0__pack_text(out, j->app_metadata);
    a0__pack_text(out, j->before_user_metadata);
    a0__pack_text(out, j->before_app_metadata);
    a0__pack_text(out, j->patch_user_metadata);
    a0__pack_text(out, j->patch_app_metadata);
}

static bool
unpack(a0__text plain, a0__link_journal *out)
{
    a0__unpack in = a0__unpack_of(plain);
    int64_t version = a0__unpack_i64(&in);
    int64_t state = a0__unpack_i64(&in);

    out->rule = a0__unpack_i64(&in);
    out->evidence = a0__unpack_i64(&in);
    out->primary_user_id = a0__unpack_text(&in);
    out->secondary_user_id = a0__unpack_text(&in);
    out->provider = a0__unpack_text(&in);
    out->connection = a0__unpack_text(&in);
    out->identity_user_id = a0__unpack_text(&in);
    out->connected_account_id = a0__unpack_text(&in);
    out->email = a0__unpack_text(&in);
    out->by = a0__unpack_text(&in);
    out->user_metadata = a0__unpack_text(&in);
    out->app_metadata = a0__unpack_text(&in);
    out->before_user_metadata = a0__unpack_text(&in);
    out->before_app_metadata = a0__unpack_text(&in);
    out->patch_user_metadata = a0__unpack_text(&in);
    out->patch_app_metadata = a0__unpack_text(&in);
    out->state = (a0__link_state)state;
    return a0__unpack_done(&in) && version == VERSION && state >= A0__LINK_PLANNED &&
           state <= A0__LINK_PARTED;
}

/* ---- reading ---- */

/* Written by another version of this program: nothing of it is to be taken for ours. */
static void
reject(const a0_client *client, a0__link_journal *entry)
{
    int64_t version = entry->version;

    A0__LOG(client->log, A0_LOG_ERROR, "store.rejected",
            A0__FIELD_TEXT("error", a0__error_name(A0_E_store_invalid)),
            A0__FIELD_NUMBER("kind", A0_RECORD_LINK_JOURNAL));
    a0__link_journal_clear(entry);
    entry->version = version;
}

a0_status
a0__link_journal_read(a0_client *client, const char *key, a0__link_journal *out,
                      bool *out_found, a0_error **err)
{
    A0_AUTO(a0__row) row = A0__ROW_INIT;

    a0__link_journal_clear(out);
    A0_TRY(
        a0__row_read(client, A0_RECORD_LINK_JOURNAL, key, NULL, &row, out_found, err));
    out->version = row.version;
    if (!*out_found) {
        return A0_OK;
    }
    memcpy(out->key, row.key.ptr, row.key.len + 1);
    out->created_at = row.created_at;
    out->plain = row.plain;
    row.plain = A0__BUF_INIT(0);
    *out_found = unpack(a0__buf_view(&out->plain), out);
    if (!*out_found) {
        reject(client, out);
    }
    return A0_OK;
}

static a0_status
note_key(void *self, const a0_record *record, a0_error **err)
{
    a0__buf *keys = self;

    if (strcmp(record->sid, OPEN) == 0) {
        a0__buf_string(keys, record->key);
        a0__buf_byte(keys, '\n');
    }
    return a0__buf_check(keys, err);
}

static a0_status
find(a0_client *client, a0_record_index index, const char *value, size_t max_records,
     a0__buf *out_keys, a0_error **err)
{
    return client->ports.store->find(client->ports.store_self, A0_RECORD_LINK_JOURNAL,
                                     index, value, a0__client_now_s(client),
                                     max_records, note_key, out_keys, err);
}

/* Hardly ever is anything open: then one look says so for everybody. */
a0_status
a0__link_journal_find_open(a0_client *client, a0__text user_id, a0__buf *out_keys,
                           a0_error **err)
{
    A0_AUTO(a0__buf) id = A0__BUF_INIT(A0_RECORD_INDEX_MAX);

    if (user_id.len == 0) {
        return find(client, A0_INDEX_SID, OPEN, OPEN_MAX, out_keys, err);
    }
    A0_TRY(find(client, A0_INDEX_SID, OPEN, 1, out_keys, err));
    if (out_keys->len == 0) {
        return A0_OK;
    }
    a0__buf_reset(out_keys);
    a0__buf_text(&id, user_id);
    A0_TRY(a0__buf_check(&id, err));
    A0_TRY(find(client, A0_INDEX_USER_ID, a0__buf_cstr(&id), OPEN_MAX, out_keys, err));
    return find(client, A0_INDEX_OWNER, a0__buf_cstr(&id), OPEN_MAX, out_keys, err);
}

typedef struct old_entries {
    int64_t until; /* created then, or before */
    int64_t len;
} old_entries;

static a0_status
count_old(void *self, const a0_record *record, a0_error **err)
{
    old_entries *old = self;

    (void)err;
    old->len += record->created_at <= old->until ? 1 : 0;
    return A0_OK;
}

void
a0__link_journal_remind(const a0_client *client)
{
    old_entries old = { .until = a0__client_now_s(client) - REMIND_AFTER_S };

    a0__ignore(client->ports.store->find(
        client->ports.store_self, A0_RECORD_LINK_JOURNAL, A0_INDEX_SID, OPEN,
        a0__client_now_s(client), OPEN_MAX, count_old, &old, NULL));
    if (old.len > 0) {
        A0__LOG(client->log, A0_LOG_ERROR, "link.partial",
                A0__FIELD_NUMBER("entries", old.len));
    }
}

/* ---- writing ---- */

a0_status
a0__link_journal_add(a0__batch *batch, a0_client *client,
                     const a0__link_journal *journal, a0__buf *out_plain,
                     a0_error **err)
{
    int64_t now = a0__client_now_s(client);
    bool is_open = a0__link_journal_is_open(journal);
    a0_record record = { .size = sizeof record,
                         .kind = A0_RECORD_LINK_JOURNAL,
                         .key = journal->key,
                         .created_at = journal->version > 0 ? journal->created_at : now,
                         .owner = journal->secondary_user_id.ptr,
                         .user_id = journal->primary_user_id.ptr,
                         .sid = is_open ? OPEN : "" };

    if (!is_open) {
        record.expires_at =
            now + client->settings->link_undo_days * (int64_t)SECONDS_PER_DAY;
    }
    pack(journal, out_plain);
    A0_TRY(a0__buf_check(out_plain, err));
    if (journal->version == 0) {
        return a0__batch_insert(batch, client, &record, NULL, a0__buf_view(out_plain),
                                err);
    }
    return a0__batch_update(batch, client, &record, journal->version, NULL,
                            a0__buf_view(out_plain), err);
}

void
a0__link_journal_written(a0__link_journal *journal, a0__buf *plain)
{
    a0__buf_clear(&journal->plain);
    journal->plain = *plain;
    *plain = A0__BUF_INIT(0);
    journal->version++;
    (void)unpack(a0__buf_view(&journal->plain), journal);
}

a0_status
a0__link_journal_move(a0_client *client, a0__link_journal *journal,
                      a0__link_state state, a0_error **err)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(A0__LINK_JOURNAL_MAX);
    a0__link_journal moved = *journal; /* only a view: the store may say no */
    bool applied = false;

    moved.state = state;
    A0_TRY(a0__link_journal_add(&batch, client, &moved, &plain, err));
    A0_TRY(a0__batch_commit(&batch, client, &applied, err));
    A0_ENSURE(applied, err, link_in_progress);
    a0__link_journal_written(journal, &plain);
    return A0_OK;
}

a0_status
a0__link_journal_keep(a0_client *client, a0__link_journal *journal,
                      a0__link_state state, a0_error **err)
{
    A0_AUTO(a0__link_journal) there = A0__LINK_JOURNAL_INIT;
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_status status = a0__link_journal_move(client, journal, state, &failure);
    bool found = false;

    if (!a0__error_is(failure, A0_E_link_in_progress)) {
        a0__error_move(err, &failure);
        return status;
    }
    A0_TRY(a0__link_journal_read(client, journal->key, &there, &found, err));
    A0_ENSURE(there.version == 0, err, link_in_progress);
    journal->version = 0;
    journal->created_at = a0__client_now_s(client);
    return a0__link_journal_move(client, journal, state, err);
}

a0_status
a0__link_journal_close(a0_client *client, a0__link_journal *journal, a0_error **err)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    bool applied = false;

    A0_TRY(a0__batch_condition(&batch, A0_STORE_DELETE, A0_RECORD_LINK_JOURNAL,
                               journal->key, journal->version, err));
    A0_TRY(a0__batch_commit(&batch, client, &applied, err));
    A0_ENSURE(applied, err, link_in_progress);
    return A0_OK;
}

/* ---- pairs that were undone ---- */

static bool
stands_before(a0__text a, a0__text b)
{
    int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);

    return order < 0 || (order == 0 && a.len < b.len);
}

a0_status
a0__link_pair_key(a0__text one, a0__text other, char out[A0_RECORD_KEY_MAX + 1],
                  a0_error **err)
{
    A0_AUTO(a0__buf) pair = A0__BUF_INIT(PAIR_MAX);
    A0_AUTO(a0__buf) key = A0__BUF_INIT(A0_RECORD_KEY_MAX);
    bool in_order = stands_before(one, other);

    a0__pack_text(&pair, in_order ? one : other);
    a0__pack_text(&pair, in_order ? other : one);
    A0_TRY(a0__buf_check(&pair, err));
    a0__buf_string(&key, "pair|");
    A0_TRY(a0__sha256_hex(a0__buf_view(&pair), &key, err));
    return take_key(&key, out, err);
}

a0_status
a0__link_pair_add(a0__batch *batch, a0_client *client, const a0__link_journal *journal,
                  const char *key, a0_error **err)
{
    const a0_record record = { .size = sizeof record,
                               .kind = A0_RECORD_LINK_JOURNAL,
                               .key = key,
                               .created_at = a0__client_now_s(client),
                               .owner = journal->secondary_user_id.ptr,
                               .user_id = journal->primary_user_id.ptr,
                               .sid = "" };

    A0_TRY(a0__batch_condition(batch, A0_STORE_ERASE, A0_RECORD_LINK_JOURNAL, key, 0,
                               err));
    return a0__batch_insert(batch, client, &record, NULL, A0__LIT(""), err);
}
