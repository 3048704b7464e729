/* SPDX-License-Identifier: MIT */
/* What the SQLite store writes: commit and sweep, each in one transaction. */
#include <time.h>

#include "store/record.h"
#include "store/sqlite.h"

enum {
    WRITER_WAIT_S = 2 /* STOR-03 */
};

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

    (void)sqlite3_bind_int64(statement, A0__PARAMETER_ID, id);
    (void)sqlite3_bind_int(statement, A0__PARAMETER_KIND, (int)record->kind);
    a0__sqlite_bind_text(statement, A0__PARAMETER_KEY, record->key);
    (void)sqlite3_bind_int64(statement, A0__PARAMETER_NOW, now);
    (void)sqlite3_bind_int64(statement, A0__PARAMETER_EXPECTED,
                             op->type == A0_STORE_ABSENT ? 0 : op->expected_version);
    if (writes) {
        (void)sqlite3_bind_int64(statement, A0__PARAMETER_CREATED_AT,
                                 record->created_at);
        (void)sqlite3_bind_int64(statement, A0__PARAMETER_EXPIRES_AT,
                                 record->expires_at);
        a0__sqlite_bind_text(statement, A0__PARAMETER_OWNER, record->owner);
        a0__sqlite_bind_text(statement, A0__PARAMETER_USER_ID, record->user_id);
        a0__sqlite_bind_text(statement, A0__PARAMETER_SID, record->sid);
        (void)sqlite3_bind_blob64(statement, A0__PARAMETER_DATA,
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
apply(const a0__sqlite_store *store, a0__sqlite_connection *connection,
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
    int code = statement != NULL ? a0__sqlite_first_step(statement)
                                 : sqlite3_errcode(connection->db);

    (void)sqlite3_reset(statement);
    return code == SQLITE_DONE ? A0_OK
                               : a0__sqlite_fail(code, A0_E_store_write_failed, err);
}

static a0_status
transaction_on(const a0__sqlite_store *store, a0__sqlite_connection *connection,
               a0__sqlite_transaction_body body, void *argument, bool *out_kept,
               a0_error **err)
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

a0_status
a0__sqlite_transaction(a0__sqlite_store *store, a0__sqlite_transaction_body body,
                       void *argument, bool *out_kept, a0_error **err)
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
apply_all(const a0__sqlite_store *store, a0__sqlite_connection *connection,
          void *argument, bool *out_keep, a0_error **err)
{
    const ops *all = argument;
    bool held = true;

    for (size_t i = 0; i < all->len && held; i++) {
        A0_TRY(apply(store, connection, &all->items[i], all->now, &held, err));
    }
    *out_keep = held;
    return A0_OK;
}

a0_status
a0__sqlite_commit(void *self, const a0_store_op *items, size_t len, int64_t now,
                  bool *out_applied, a0_error **err)
{
    ops all = { .items = items, .len = len, .now = now };

    A0_TRY(a0__store_ops_check(items, len, err));
    return a0__sqlite_transaction(self, apply_all, &all, out_applied, err);
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
    (void)sqlite3_bind_int(statement, A0__PARAMETER_KIND, (int)sweep->cap_kind);
    (void)sqlite3_bind_int64(statement, A0__PARAMETER_NOW, sweep->now);
    (void)sqlite3_bind_int64(statement, A0__PARAMETER_LIMIT, (int64_t)limit);
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
sweep_all(const a0__sqlite_store *store, a0__sqlite_connection *connection,
          void *argument, bool *out_keep, a0_error **err)
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
void
a0__sqlite_empty_log(a0__sqlite_store *store)
{
    a0__sqlite_connection *connection = NULL;

    if (a0__sqlite_pool_take(&store->pool, &connection, NULL) == A0_OK) {
        (void)sqlite3_wal_checkpoint_v2(connection->db, NULL,
                                        SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
        a0__sqlite_pool_give(&store->pool, connection);
    }
}

a0_status
a0__sqlite_sweep(void *self, int64_t now, size_t max_records, a0_record_kind cap_kind,
                 size_t cap_records, size_t *out_removed, a0_error **err)
{
    sweep_order sweep = { .now = now,
                          .max_records = max_records,
                          .cap_kind = cap_kind,
                          .cap_records = cap_records };
    bool kept = false;

    A0_TRY(a0__sqlite_transaction(self, sweep_all, &sweep, &kept, err));
    a0__sqlite_empty_log(self);
    *out_removed = sweep.removed;
    return A0_OK;
}
