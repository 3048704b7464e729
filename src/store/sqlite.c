/* SPDX-License-Identifier: MIT */
/*
 * The store in an SQLite database: the port on top of pool and schema. Readers take no
 * lock that a writer would wait for (write-ahead log); a look-up is one statement, kept
 * prepared, and copies nothing.
 */
#include "store/sqlite.h"

#include <string.h>
#include <time.h>

#include "base/crypto.h"
#include "base/mem.h"
#include "store/record.h"

typedef struct sqlite_store {
    a0__sqlite_pool pool;
    unsigned char row_salt[A0__ROW_SALT_BYTES];
} sqlite_store;

/* The columns of the SELECTs, as they stand in sqlite_pool.c. */
enum {
    COLUMN_VERSION,
    COLUMN_CREATED_AT,
    COLUMN_EXPIRES_AT,
    COLUMN_OWNER,
    COLUMN_USER_ID,
    COLUMN_SID,
    COLUMN_DATA,
    COLUMN_KIND,
    COLUMN_KEY
};

enum {
    PARAMETER_ID = 1,
    PARAMETER_KIND,
    PARAMETER_KEY,
    PARAMETER_NOW,
    PARAMETER_EXPECTED,
    PARAMETER_CREATED_AT,
    PARAMETER_EXPIRES_AT,
    PARAMETER_OWNER,
    PARAMETER_USER_ID,
    PARAMETER_SID,
    PARAMETER_DATA,

    PARAMETER_VALUE = PARAMETER_KEY,
    PARAMETER_LIMIT = PARAMETER_EXPECTED
};

enum {
    WRITER_WAIT_S = 2 /* STOR-03 */
};

/*
 * 64 bits of SHA-256 over salt, kind and key. Were two keys to share them (one chance
 * in 10^7 among a million rows), the later would be refused as if it were taken; kind
 * and key stand in every condition, so one is never mistaken for the other.
 */
a0_status
a0__sqlite_row_id(const unsigned char salt[A0__ROW_SALT_BYTES], a0_record_kind kind,
                  const char *key, int64_t *out_id, a0_error **err)
{
    char text[A0__ROW_SALT_BYTES + 1 + A0_RECORD_KEY_MAX];
    size_t key_len = strlen(key);
    a0__digest digest;
    uint64_t id = 0;

    memcpy(text, salt, A0__ROW_SALT_BYTES);
    text[A0__ROW_SALT_BYTES] = (char)kind;
    memcpy(text + A0__ROW_SALT_BYTES + 1, key, key_len);
    A0_TRY(a0__sha256(a0__text_range(text, A0__ROW_SALT_BYTES + 1 + key_len), &digest,
                      err));
    for (size_t i = 0; i < sizeof id; i++) {
        id = id << 8 | digest.bytes[i];
    }
    *out_id = (int64_t)id;
    return A0_OK;
}

static a0_record
record_of(sqlite3_stmt *row)
{
    return (a0_record){
        .size = sizeof(a0_record),
        .kind = (a0_record_kind)sqlite3_column_int(row, COLUMN_KIND),
        .key = (const char *)sqlite3_column_text(row, COLUMN_KEY),
        .version = sqlite3_column_int64(row, COLUMN_VERSION),
        .created_at = sqlite3_column_int64(row, COLUMN_CREATED_AT),
        .expires_at = sqlite3_column_int64(row, COLUMN_EXPIRES_AT),
        .owner = (const char *)sqlite3_column_text(row, COLUMN_OWNER),
        .user_id = (const char *)sqlite3_column_text(row, COLUMN_USER_ID),
        .sid = (const char *)sqlite3_column_text(row, COLUMN_SID),
        .data = sqlite3_column_blob(row, COLUMN_DATA),
        .data_len = (size_t)sqlite3_column_bytes(row, COLUMN_DATA),
    };
}

/* Out of memory shows as a text that is NULL. */
static bool
is_whole(const a0_record *record)
{
    return record->key != NULL && record->owner != NULL && record->user_id != NULL &&
           record->sid != NULL && (record->data != NULL || record->data_len == 0);
}

/* The first step of a statement; waits for other processes as STOR-03 says. */
static int
first_step(sqlite3_stmt *statement)
{
    int code = SQLITE_BUSY;

    for (int i = 0; i < A0__BUSY_TRIES && (code & 0xff) == SQLITE_BUSY; i++) {
        (void)sqlite3_reset(statement);
        code = sqlite3_step(statement);
    }
    return code;
}

static a0_status
get_row(sqlite3_stmt *statement, int64_t id, a0_record_kind kind, const char *key,
        int64_t now, a0_record_sink sink, void *sink_self, a0_error **err)
{
    a0_record record = { 0 };
    int code = SQLITE_OK;

    (void)sqlite3_bind_int64(statement, PARAMETER_ID, id);
    code = first_step(statement);
    if (code == SQLITE_DONE) {
        return A0_NOT_FOUND;
    }
    if (code != SQLITE_ROW) {
        return a0__sqlite_fail(code, A0_E_store_read_failed, err);
    }
    record = record_of(statement);
    A0_ENSURE(is_whole(&record), err, no_memory);
    if (record.kind != kind || strcmp(record.key, key) != 0 ||
        !a0__record_is_live(record.expires_at, now)) {
        return A0_NOT_FOUND;
    }
    return sink(sink_self, &record, err);
}

static a0_status
sqlite_get(void *self, a0_record_kind kind, const char *key, int64_t now,
           a0_record_sink sink, void *sink_self, a0_error **err)
{
    sqlite_store *store = self;
    a0__sqlite_connection *connection = NULL;
    sqlite3_stmt *statement = NULL;
    a0_status status = A0_OK;
    int64_t id = 0;

    A0_TRY(a0__record_key_check(kind, key, err));
    A0_TRY(a0__sqlite_row_id(store->row_salt, kind, key, &id, err));
    A0_TRY(a0__sqlite_pool_take(&store->pool, &connection, err));
    statement = a0__sqlite_prepared(connection, A0__SQL_GET);
    status = statement != NULL
                 ? get_row(statement, id, kind, key, now, sink, sink_self, err)
                 : a0__sqlite_fail(sqlite3_errcode(connection->db),
                                   A0_E_store_read_failed, err);
    (void)sqlite3_reset(statement);
    a0__sqlite_pool_give(&store->pool, connection);
    return status;
}

static a0_status
find_rows(sqlite3_stmt *statement, a0_record_sink sink, void *sink_self, a0_error **err)
{
    int code = first_step(statement);

    for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
        a0_record record = record_of(statement);

        A0_ENSURE(is_whole(&record), err, no_memory);
        A0_TRY(sink(sink_self, &record, err));
    }
    return code == SQLITE_DONE ? A0_OK
                               : a0__sqlite_fail(code, A0_E_store_read_failed, err);
}

static a0__sqlite_statement
find_statement(a0_record_index index)
{
    switch (index) {
    case A0_INDEX_OWNER:
        return A0__SQL_FIND_BY_OWNER;
    case A0_INDEX_USER_ID:
        return A0__SQL_FIND_BY_USER_ID;
    case A0_INDEX_SID:
        break;
    }
    return A0__SQL_FIND_BY_SID;
}

static void
bind_text(sqlite3_stmt *statement, int parameter, const char *text)
{
    (void)sqlite3_bind_text(statement, parameter, a0__record_text(text), -1,
                            SQLITE_STATIC);
}

static a0_status
sqlite_find(void *self, a0_record_kind kind, a0_record_index index, const char *value,
            int64_t now, size_t max_records, a0_record_sink sink, void *sink_self,
            a0_error **err)
{
    sqlite_store *store = self;
    a0__sqlite_connection *connection = NULL;
    sqlite3_stmt *statement = NULL;
    a0_status status = A0_OK;

    A0_TRY(a0__sqlite_pool_take(&store->pool, &connection, err));
    statement = a0__sqlite_prepared(connection, find_statement(index));
    if (statement == NULL) {
        status = a0__sqlite_fail(sqlite3_errcode(connection->db),
                                 A0_E_store_read_failed, err);
    } else {
        (void)sqlite3_bind_int(statement, PARAMETER_KIND, (int)kind);
        bind_text(statement, PARAMETER_VALUE, value);
        (void)sqlite3_bind_int64(statement, PARAMETER_NOW, now);
        (void)sqlite3_bind_int64(statement, PARAMETER_LIMIT, (int64_t)max_records);
        status = find_rows(statement, sink, sink_self, err);
        (void)sqlite3_reset(statement);
        (void)sqlite3_clear_bindings(statement);
    }
    a0__sqlite_pool_give(&store->pool, connection);
    return status;
}

static a0__sqlite_statement
op_statement(a0_store_op_type type)
{
    switch (type) {
    case A0_STORE_INSERT:
        return A0__SQL_INSERT;
    case A0_STORE_UPDATE:
        return A0__SQL_UPDATE;
    case A0_STORE_DELETE:
        return A0__SQL_DELETE;
    case A0_STORE_REQUIRE:
    case A0_STORE_ABSENT:
        return A0__SQL_REQUIRE;
    case A0_STORE_ERASE:
        break;
    }
    return A0__SQL_ERASE;
}

/* Texts are bound where they stand; a number that a statement does not use is refused
 * by SQLite as out of range, which is as good as not bound. */
static void
bind_op(sqlite3_stmt *statement, const a0_store_op *op, int64_t id, int64_t now)
{
    const a0_record *record = op->record;
    bool writes = op->type == A0_STORE_INSERT || op->type == A0_STORE_UPDATE;

    (void)sqlite3_bind_int64(statement, PARAMETER_ID, id);
    (void)sqlite3_bind_int(statement, PARAMETER_KIND, (int)record->kind);
    bind_text(statement, PARAMETER_KEY, record->key);
    (void)sqlite3_bind_int64(statement, PARAMETER_NOW, now);
    (void)sqlite3_bind_int64(statement, PARAMETER_EXPECTED,
                             op->type == A0_STORE_ABSENT ? 0 : op->expected_version);
    if (writes) {
        (void)sqlite3_bind_int64(statement, PARAMETER_CREATED_AT, record->created_at);
        (void)sqlite3_bind_int64(statement, PARAMETER_EXPIRES_AT, record->expires_at);
        bind_text(statement, PARAMETER_OWNER, record->owner);
        bind_text(statement, PARAMETER_USER_ID, record->user_id);
        bind_text(statement, PARAMETER_SID, record->sid);
        (void)sqlite3_bind_blob64(statement, PARAMETER_DATA,
                                  record->data_len > 0 ? record->data : "",
                                  record->data_len, SQLITE_STATIC);
    }
}

/* Whether the condition of an op has held, from what its statement did. */
static bool
has_held(const a0_store_op *op, int code, int changes)
{
    switch (op->type) {
    case A0_STORE_REQUIRE:
        return code == SQLITE_ROW;
    case A0_STORE_ABSENT:
        return code != SQLITE_ROW;
    case A0_STORE_INSERT:
    case A0_STORE_UPDATE:
    case A0_STORE_DELETE:
        return changes == 1;
    case A0_STORE_ERASE:
        break;
    }
    return true;
}

static a0_status
write_failed(const a0__sqlite_connection *connection, a0_error **err)
{
    return a0__sqlite_fail(sqlite3_errcode(connection->db), A0_E_store_write_failed,
                           err);
}

static a0_status
apply(const sqlite_store *store, a0__sqlite_connection *connection,
      const a0_store_op *op, int64_t now, bool *out_held, a0_error **err)
{
    sqlite3_stmt *statement = a0__sqlite_prepared(connection, op_statement(op->type));
    int64_t id = 0;
    int code = SQLITE_OK;

    if (statement == NULL) {
        return write_failed(connection, err);
    }
    A0_TRY(a0__sqlite_row_id(store->row_salt, op->record->kind, op->record->key, &id,
                             err));
    bind_op(statement, op, id, now);
    code = sqlite3_step(statement);
    *out_held = has_held(op, code, sqlite3_changes(connection->db));
    (void)sqlite3_reset(statement);
    (void)sqlite3_clear_bindings(statement);
    if (code != SQLITE_DONE && code != SQLITE_ROW) {
        return a0__sqlite_fail(code, A0_E_store_write_failed, err);
    }
    return A0_OK;
}

/* BEGIN, COMMIT or ROLLBACK. */
static a0_status
run(a0__sqlite_connection *connection, a0__sqlite_statement which, a0_error **err)
{
    sqlite3_stmt *statement = a0__sqlite_prepared(connection, which);
    int code =
        statement != NULL ? first_step(statement) : sqlite3_errcode(connection->db);

    (void)sqlite3_reset(statement);
    return code == SQLITE_DONE ? A0_OK
                               : a0__sqlite_fail(code, A0_E_store_write_failed, err);
}

/* Done within a transaction; *out_keep false undoes it. */
typedef a0_status (*transaction_body)(const sqlite_store *store,
                                      a0__sqlite_connection *connection, void *argument,
                                      bool *out_keep, a0_error **err);

static a0_status
transaction_on(const sqlite_store *store, a0__sqlite_connection *connection,
               transaction_body body, void *argument, bool *out_kept, a0_error **err)
{
    a0_status status = A0_OK;
    bool keep = false;

    A0_TRY(run(connection, A0__SQL_BEGIN, err));
    status = body(store, connection, argument, &keep, err);
    if (status == A0_OK && keep) {
        status = run(connection, A0__SQL_COMMIT, err);
    }
    /* Some failures have ended the transaction already. */
    if (sqlite3_get_autocommit(connection->db) == 0) {
        (void)run(connection, A0__SQL_ROLLBACK, NULL);
    }
    A0_TRY(status);
    *out_kept = keep;
    return A0_OK;
}

static a0_status
transaction(sqlite_store *store, transaction_body body, void *argument, bool *out_kept,
            a0_error **err)
{
    a0__sqlite_connection *connection = NULL;
    struct timespec end = { 0 };
    a0_status status = A0_OK;

    A0_TRY(a0__sqlite_pool_take(&store->pool, &connection, err));
    (void)clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += WRITER_WAIT_S;
    if (pthread_mutex_timedlock(&store->pool.writer, &end) != 0) {
        status = a0__fail(err, A0_E_store_unavailable);
    } else {
        status = transaction_on(store, connection, body, argument, out_kept, err);
        (void)pthread_mutex_unlock(&store->pool.writer);
    }
    a0__sqlite_pool_give(&store->pool, connection);
    return status;
}

typedef struct ops {
    const a0_store_op *items;
    size_t len;
    int64_t now;
} ops;

static a0_status
apply_all(const sqlite_store *store, a0__sqlite_connection *connection, void *argument,
          bool *out_keep, a0_error **err)
{
    const ops *all = argument;
    bool held = true;

    for (size_t i = 0; i < all->len && held; i++) {
        A0_TRY(apply(store, connection, &all->items[i], all->now, &held, err));
    }
    *out_keep = held;
    return A0_OK;
}

static a0_status
sqlite_commit(void *self, const a0_store_op *items, size_t len, int64_t now,
              bool *out_applied, a0_error **err)
{
    ops all = { .items = items, .len = len, .now = now };

    A0_TRY(a0__store_ops_check(items, len, err));
    return transaction(self, apply_all, &all, out_applied, err);
}

typedef struct sweep_order {
    int64_t now;
    size_t max_records;
    a0_record_kind cap_kind;
    size_t cap_records;
    size_t removed;
} sweep_order;

/* Runs a statement of the sweep; *out_number is the count it gave or the rows it took.
 */
static a0_status
sweep_step(a0__sqlite_connection *connection, a0__sqlite_statement which,
           const sweep_order *sweep, size_t limit, size_t *out_number, a0_error **err)
{
    sqlite3_stmt *statement = a0__sqlite_prepared(connection, which);
    int code = SQLITE_OK;

    if (statement == NULL) {
        return write_failed(connection, err);
    }
    (void)sqlite3_bind_int(statement, PARAMETER_KIND, (int)sweep->cap_kind);
    (void)sqlite3_bind_int64(statement, PARAMETER_NOW, sweep->now);
    (void)sqlite3_bind_int64(statement, PARAMETER_LIMIT, (int64_t)limit);
    code = sqlite3_step(statement);
    *out_number = (size_t)(code == SQLITE_ROW ? sqlite3_column_int64(statement, 0)
                                              : sqlite3_changes(connection->db));
    (void)sqlite3_reset(statement);
    if (code != SQLITE_DONE && code != SQLITE_ROW) {
        return a0__sqlite_fail(code, A0_E_store_write_failed, err);
    }
    return A0_OK;
}

static a0_status
sweep_all(const sqlite_store *store, a0__sqlite_connection *connection, void *argument,
          bool *out_keep, a0_error **err)
{
    sweep_order *sweep = argument;
    size_t count = 0;
    size_t excess = 0;
    size_t left = 0;

    (void)store;
    *out_keep = true;
    A0_TRY(sweep_step(connection, A0__SQL_SWEEP_EXPIRED, sweep, sweep->max_records,
                      &sweep->removed, err));
    if (sweep->cap_kind == 0) {
        return A0_OK;
    }
    A0_TRY(sweep_step(connection, A0__SQL_COUNT, sweep, 0, &count, err));
    excess = count > sweep->cap_records ? count - sweep->cap_records : 0;
    left = sweep->max_records - sweep->removed;
    A0_TRY(sweep_step(connection, A0__SQL_SWEEP_OLDEST, sweep,
                      excess < left ? excess : left, &count, err));
    sweep->removed += count;
    return A0_OK;
}

/* What was erased or replaced still stands in the write-ahead log until it is emptied;
 * busy readers may put that off to the next sweep [STOR-12]. */
static void
empty_log(sqlite_store *store)
{
    a0__sqlite_connection *connection = NULL;

    if (a0__sqlite_pool_take(&store->pool, &connection, NULL) == A0_OK) {
        (void)sqlite3_wal_checkpoint_v2(connection->db, NULL,
                                        SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
        a0__sqlite_pool_give(&store->pool, connection);
    }
}

static a0_status
sqlite_sweep(void *self, int64_t now, size_t max_records, a0_record_kind cap_kind,
             size_t cap_records, size_t *out_removed, a0_error **err)
{
    sweep_order sweep = { .now = now,
                          .max_records = max_records,
                          .cap_kind = cap_kind,
                          .cap_records = cap_records };
    bool kept = false;

    A0_TRY(transaction(self, sweep_all, &sweep, &kept, err));
    empty_log(self);
    *out_removed = sweep.removed;
    return A0_OK;
}

static void
sqlite_destroy(void *self)
{
    sqlite_store *store = self;

    if (store != NULL) {
        a0__sqlite_pool_clear(&store->pool);
        a0__free(store);
    }
}

static const a0_store sqlite_table = { .size = sizeof sqlite_table,
                                       .get = sqlite_get,
                                       .find = sqlite_find,
                                       .commit = sqlite_commit,
                                       .sweep = sqlite_sweep,
                                       .destroy = sqlite_destroy };

static a0_status
read_row_salt(sqlite_store *store, a0_error **err)
{
    static const char sql[] = "SELECT value FROM meta WHERE name = 'row_salt'";
    a0__sqlite_connection *connection = NULL;
    sqlite3_stmt *statement = NULL;
    bool found = false;

    A0_TRY(a0__sqlite_pool_take(&store->pool, &connection, err));
    found =
        sqlite3_prepare_v2(connection->db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW &&
        sqlite3_column_bytes(statement, 0) == A0__ROW_SALT_BYTES;
    if (found) {
        memcpy(store->row_salt, sqlite3_column_blob(statement, 0), A0__ROW_SALT_BYTES);
    }
    (void)sqlite3_finalize(statement);
    a0__sqlite_pool_give(&store->pool, connection);
    A0_ENSURE(found, err, store_read_failed);
    return A0_OK;
}

static a0_status
sqlite_open(const char *path, sqlite_store **out_store, a0_error **err)
{
    sqlite_store *store = a0__calloc(1, sizeof *store);
    a0__string resolved = NULL;
    a0_status status = A0_OK;

    A0_ENSURE(store != NULL, err, no_memory);
    status = a0__sqlite_file_prepare(path, &resolved, err);
    if (status == A0_OK) {
        status = a0__sqlite_pool_init(&store->pool, resolved, err);
    }
    if (status != A0_OK) {
        a0__free(store);
        return status;
    }
    status = read_row_salt(store, err);
    if (status != A0_OK) {
        sqlite_destroy(store);
        return status;
    }
    *out_store = store;
    return A0_OK;
}

a0_status
a0_store_sqlite_open(const char *path, const a0_store **out_store, void **out_self,
                     a0_error **err)
{
    sqlite_store *store = NULL;

    A0_TRY(sqlite_open(path, &store, err));
    *out_store = &sqlite_table;
    *out_self = store;
    return A0_OK;
}

/* Account tokens stay: the worst that an old one does is to be refused. [STOR-07] */
static a0_status
forget_living(const sqlite_store *store, a0__sqlite_connection *connection,
              void *argument, bool *out_keep, a0_error **err)
{
    (void)store;
    (void)argument;
    *out_keep = true;
    return a0__sqlite_exec(connection->db, "DELETE FROM record WHERE kind <> 4",
                           A0_E_store_write_failed, err);
}

_Static_assert(A0_RECORD_ACCOUNT_TOKEN == 4, "the kind that forget_living spares");

a0_status
a0_store_sqlite_mark_restored(const char *path, a0_error **err)
{
    sqlite_store *store = NULL;
    a0_status status = A0_OK;
    bool kept = false;

    A0_TRY(sqlite_open(path, &store, err));
    status = transaction(store, forget_living, NULL, &kept, err);
    sqlite_destroy(store);
    return status;
}
