/* SPDX-License-Identifier: MIT */
/*
 * The store in the memory of this process: a hash table of rows behind one lock. It
 * looks rows up by key in constant time; by index and for sweeps it walks the table.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <a0/sys/random.h>

#include "base/mem.h"
#include "base/secret.h"
#include "store/record.h"

enum {
    FIRST_BUCKETS = 64
};

/* A row with its texts and data behind it in one block. */
typedef struct memory_row {
    struct memory_row *next; /* in its bucket */
    a0_record record;
    size_t block_bytes;
} memory_row;

typedef struct memory_store {
    pthread_rwlock_t lock;
    memory_row **buckets;
    size_t buckets_len; /* a power of two */
    size_t rows_len;
    uint64_t seed; /* so that nobody can choose keys that share a bucket */
} memory_store;

static void
row_free(memory_row *row)
{
    if (row != NULL) {
        a0__wipe(row, row->block_bytes);
        a0__free(row);
    }
}

/* Copies a text behind the row. */
static const char *
lay_text(char **at, const char *text)
{
    char *start = *at;
    size_t bytes = strlen(a0__record_text(text)) + 1;

    memcpy(start, a0__record_text(text), bytes);
    *at += bytes;
    return start;
}

static memory_row *
row_new(const a0_record *from, int64_t version)
{
    size_t bytes = sizeof(memory_row) + strlen(from->key) +
                   strlen(a0__record_text(from->owner)) +
                   strlen(a0__record_text(from->user_id)) +
                   strlen(a0__record_text(from->sid)) + 4 + from->data_len;
    memory_row *copy = a0__malloc(bytes);
    char *at = NULL;

    if (copy == NULL) {
        return NULL;
    }
    at = (char *)(copy + 1);
    *copy = (memory_row){ .block_bytes = bytes,
                          .record = { .size = sizeof copy->record,
                                      .kind = from->kind,
                                      .version = version,
                                      .created_at = from->created_at,
                                      .expires_at = from->expires_at,
                                      .data_len = from->data_len } };
    copy->record.key = lay_text(&at, from->key);
    copy->record.owner = lay_text(&at, from->owner);
    copy->record.user_id = lay_text(&at, from->user_id);
    copy->record.sid = lay_text(&at, from->sid);
    copy->record.data = at;
    if (from->data_len > 0) {
        memcpy(at, from->data, from->data_len);
    }
    return copy;
}

/* FNV-1a. */
static memory_row **
bucket_of(const memory_store *store, a0_record_kind kind, const char *key)
{
    uint64_t hash = (store->seed ^ (uint64_t)kind) * UINT64_C(0x100000001b3);

    for (const char *at = key; *at != '\0'; at++) {
        hash = (hash ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
    }
    return &store->buckets[(hash ^ hash >> 32) & (store->buckets_len - 1)];
}

/* Where the row of that key hangs, or would hang: *result is NULL when there is none.
 */
static memory_row **
place_of(const memory_store *store, a0_record_kind kind, const char *key)
{
    memory_row **place = bucket_of(store, kind, key);

    while (*place != NULL &&
           ((*place)->record.kind != kind || strcmp((*place)->record.key, key) != 0)) {
        place = &(*place)->next;
    }
    return place;
}

/* Puts `added` (NULL: nothing) in the place of the row of that key and gives that row.
 */
static memory_row *
replace(memory_store *store, a0_record_kind kind, const char *key, memory_row *added)
{
    memory_row **place = place_of(store, kind, key);
    memory_row *removed = *place;
    memory_row *rest = removed != NULL ? removed->next : NULL;

    store->rows_len -= removed != NULL;
    store->rows_len += added != NULL;
    if (added != NULL) {
        added->next = rest;
        rest = added;
    }
    *place = rest;
    return removed;
}

/* Makes room for `extra` rows, so that a commit cannot run out of it half-way. */
static a0_status
grow(memory_store *store, size_t extra, a0_error **err)
{
    memory_store grown = { .buckets_len = store->buckets_len, .seed = store->seed };

    while (grown.buckets_len < store->rows_len + extra) {
        grown.buckets_len *= 2;
    }
    if (grown.buckets_len == store->buckets_len) {
        return A0_OK;
    }
    grown.buckets = a0__calloc(grown.buckets_len, sizeof(memory_row *));
    A0_ENSURE(grown.buckets != NULL, err, no_memory);
    for (size_t i = 0; i < store->buckets_len; i++) {
        while (store->buckets[i] != NULL) {
            memory_row *moved = store->buckets[i];
            memory_row **bucket =
                bucket_of(&grown, moved->record.kind, moved->record.key);

            store->buckets[i] = moved->next;
            moved->next = *bucket;
            *bucket = moved;
        }
    }
    a0__free(store->buckets);
    store->buckets = grown.buckets;
    store->buckets_len = grown.buckets_len;
    return A0_OK;
}

static a0_status
memory_get(void *self, a0_record_kind kind, const char *key, int64_t now,
           a0_record_sink sink, void *sink_self, a0_error **err)
{
    memory_store *store = self;
    a0_status status = A0_NOT_FOUND;
    const memory_row *row = NULL;

    A0_TRY(a0__record_key_check(kind, key, err));
    (void)pthread_rwlock_rdlock(&store->lock);
    row = *place_of(store, kind, key);
    if (row != NULL && a0__record_is_live(row->record.expires_at, now)) {
        status = sink(sink_self, &row->record, err);
    }
    (void)pthread_rwlock_unlock(&store->lock);
    return status;
}

static const char *
index_of(const a0_record *record, a0_record_index index)
{
    switch (index) {
    case A0_INDEX_OWNER:
        return record->owner;
    case A0_INDEX_USER_ID:
        return record->user_id;
    case A0_INDEX_SID:
        return record->sid;
    case A0_INDEX_AFTER_KEY:
        break;
    }
    return record->key;
}

static int
compare_key(const void *a, const void *b)
{
    return strcmp((*(memory_row *const *)a)->record.key,
                  (*(memory_row *const *)b)->record.key);
}

static int
compare_age(const void *a, const void *b)
{
    const a0_record *first = &(*(memory_row *const *)a)->record;
    const a0_record *second = &(*(memory_row *const *)b)->record;

    if (first->created_at != second->created_at) {
        return first->created_at < second->created_at ? -1 : 1;
    }
    return strcmp(first->key, second->key);
}

/* Which rows a walk is after. */
typedef struct selection {
    a0_record_kind kind; /* 0: any */
    a0_record_index index;
    const char *value; /* NULL: any */
    int64_t now;
    bool expired; /* the dead instead of the living */
} selection;

static bool
has_value(const selection *wanted, const a0_record *record)
{
    int order = strcmp(index_of(record, wanted->index), wanted->value);

    return wanted->index == A0_INDEX_AFTER_KEY ? order > 0 : order == 0;
}

static bool
is_wanted(const selection *wanted, const a0_record *record)
{
    return (wanted->kind == 0 || record->kind == wanted->kind) &&
           a0__record_is_live(record->expires_at, wanted->now) != wanted->expired &&
           (wanted->value == NULL || has_value(wanted, record));
}

/* The wanted rows, oldest first; a0__free gives the list back. */
static a0_status
select_rows(const memory_store *store, const selection *wanted, memory_row ***out_rows,
            size_t *out_len, a0_error **err)
{
    memory_row **rows = a0__calloc(store->rows_len, sizeof *rows);
    size_t len = 0;

    A0_ENSURE(rows != NULL, err, no_memory);
    for (size_t i = 0; i < store->buckets_len; i++) {
        for (memory_row *row = store->buckets[i]; row != NULL; row = row->next) {
            if (is_wanted(wanted, &row->record)) {
                rows[len++] = row;
            }
        }
    }
    if (len > 1) {
        qsort(rows, len, sizeof(memory_row *),
              wanted->index == A0_INDEX_AFTER_KEY ? compare_key : compare_age);
    }
    *out_rows = rows;
    *out_len = len;
    return A0_OK;
}

static a0_status
memory_find(void *self, a0_record_kind kind, a0_record_index index, const char *value,
            int64_t now, size_t max_records, a0_record_sink sink, void *sink_self,
            a0_error **err)
{
    memory_store *store = self;
    memory_row **rows = NULL;
    size_t len = 0;
    a0_status status = A0_OK;

    if (value[0] == '\0' && index != A0_INDEX_AFTER_KEY) {
        return A0_OK;
    }
    (void)pthread_rwlock_rdlock(&store->lock);
    status = select_rows(
        store, &(selection){ .kind = kind, .index = index, .value = value, .now = now },
        &rows, &len, err);
    for (size_t i = 0; i < len && i < max_records && status == A0_OK; i++) {
        status = sink(sink_self, &rows[i]->record, err);
    }
    (void)pthread_rwlock_unlock(&store->lock);
    a0__free(rows);
    return status;
}

static bool
holds(const memory_store *store, const a0_store_op *op, int64_t now)
{
    const memory_row *row = *place_of(store, op->record->kind, op->record->key);
    bool live = row != NULL && a0__record_is_live(row->record.expires_at, now);

    switch (op->type) {
    case A0_STORE_INSERT:
    case A0_STORE_ABSENT:
        return !live;
    case A0_STORE_UPDATE:
    case A0_STORE_DELETE:
    case A0_STORE_REQUIRE:
        return live && (op->expected_version == 0 ||
                        op->expected_version == row->record.version);
    case A0_STORE_ERASE:
        return true;
    }
    return false;
}

/* Carries out one op; *out_removed is the row that it took out, if any. */
static a0_status
apply(memory_store *store, const a0_store_op *op, memory_row **out_removed,
      a0_error **err)
{
    const memory_row *old = *place_of(store, op->record->kind, op->record->key);
    memory_row *added = NULL;

    if (op->type == A0_STORE_INSERT || op->type == A0_STORE_UPDATE) {
        added = row_new(op->record,
                        op->type == A0_STORE_UPDATE ? old->record.version + 1 : 1);
        A0_ENSURE(added != NULL, err, no_memory);
    }
    *out_removed = replace(store, op->record->kind, op->record->key, added);
    return A0_OK;
}

static bool
changes(const a0_store_op *op)
{
    return op->type != A0_STORE_REQUIRE && op->type != A0_STORE_ABSENT;
}

/* All ops or none: removed[i] is what op i took out, put back when a later one fails.
 */
static a0_status
commit_locked(memory_store *store, const a0_store_op *ops, size_t ops_len, int64_t now,
              memory_row **removed, bool *out_applied, a0_error **err)
{
    a0_status status = grow(store, ops_len, err);
    bool held = true;
    size_t done = 0;

    while (status == A0_OK && done < ops_len) {
        held = holds(store, &ops[done], now);
        if (!held) {
            break;
        }
        if (changes(&ops[done])) {
            status = apply(store, &ops[done], &removed[done], err);
        }
        done += status == A0_OK;
    }
    if (status == A0_OK && held) {
        *out_applied = true;
        return A0_OK;
    }
    while (done-- > 0) {
        if (changes(&ops[done])) {
            const a0_record *record = ops[done].record;
            memory_row *back = a0__steal(&removed[done]);

            row_free(replace(store, record->kind, record->key, back));
        }
    }
    if (status == A0_OK) {
        *out_applied = false;
    }
    return status;
}

static a0_status
memory_commit(void *self, const a0_store_op *ops, size_t ops_len, int64_t now,
              bool *out_applied, a0_error **err)
{
    memory_store *store = self;
    memory_row **removed = NULL;
    a0_status status = A0_OK;

    A0_TRY(a0__store_ops_check(ops, ops_len, err));
    removed = a0__calloc(ops_len, sizeof(memory_row *));
    A0_ENSURE(removed != NULL, err, no_memory);
    (void)pthread_rwlock_wrlock(&store->lock);
    status = commit_locked(store, ops, ops_len, now, removed, out_applied, err);
    (void)pthread_rwlock_unlock(&store->lock);
    for (size_t i = 0; i < ops_len; i++) {
        row_free(removed[i]);
    }
    a0__free(removed);
    return status;
}

/* Removes the first `len` rows of a selection. */
static size_t
remove_rows(memory_store *store, memory_row **rows, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        row_free(replace(store, rows[i]->record.kind, rows[i]->record.key, NULL));
    }
    return len;
}

static size_t
smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static a0_status
sweep_locked(memory_store *store, int64_t now, size_t max_records,
             a0_record_kind cap_kind, size_t cap_records, size_t *out_removed,
             a0_error **err)
{
    selection expired = { .now = now, .expired = true };
    selection capped = { .kind = cap_kind, .now = now };
    memory_row **rows = NULL;
    size_t len = 0;
    size_t removed = 0;

    A0_TRY(select_rows(store, &expired, &rows, &len, err));
    removed = remove_rows(store, rows, smaller(len, max_records));
    a0__free(rows);
    if (cap_kind != 0) {
        A0_TRY(select_rows(store, &capped, &rows, &len, err));
        len = len > cap_records ? len - cap_records : 0;
        removed += remove_rows(store, rows, smaller(len, max_records - removed));
        a0__free(rows);
    }
    *out_removed = removed;
    return A0_OK;
}

static a0_status
memory_sweep(void *self, int64_t now, size_t max_records, a0_record_kind cap_kind,
             size_t cap_records, size_t *out_removed, a0_error **err)
{
    memory_store *store = self;
    a0_status status = A0_OK;

    (void)pthread_rwlock_wrlock(&store->lock);
    status =
        sweep_locked(store, now, max_records, cap_kind, cap_records, out_removed, err);
    (void)pthread_rwlock_unlock(&store->lock);
    return status;
}

static void
memory_destroy(void *self)
{
    memory_store *store = self;

    if (store == NULL) {
        return;
    }
    for (size_t i = 0; store->buckets != NULL && i < store->buckets_len; i++) {
        while (store->buckets[i] != NULL) {
            memory_row *row = store->buckets[i];

            store->buckets[i] = row->next;
            row_free(row);
        }
    }
    a0__free(store->buckets);
    (void)pthread_rwlock_destroy(&store->lock);
    a0__free(store);
}

static const a0_store memory_table = { .size = sizeof memory_table,
                                       .get = memory_get,
                                       .find = memory_find,
                                       .commit = memory_commit,
                                       .sweep = memory_sweep,
                                       .destroy = memory_destroy };

a0_status
a0_store_memory_new(const a0_store **out_store, void **out_self, a0_error **err)
{
    memory_store *store = a0__calloc(1, sizeof *store);

    A0_ENSURE(store != NULL, err, no_memory);
    (void)pthread_rwlock_init(&store->lock, NULL);
    store->buckets_len = FIRST_BUCKETS;
    store->buckets = a0__calloc(FIRST_BUCKETS, sizeof(memory_row *));
    if (store->buckets == NULL) {
        memory_destroy(store);
        return a0__fail(err, A0_E_no_memory);
    }
    if (a0_random_system()->fill(NULL, &store->seed, sizeof store->seed) != A0_OK) {
        memory_destroy(store);
        return a0__fail(err, A0_E_rng_failure);
    }
    *out_store = &memory_table;
    *out_self = store;
    return A0_OK;
}
