/* SPDX-License-Identifier: MIT */
/*
 * What the SQLite store reads. Readers take no lock that a writer would wait for
 * (write-ahead log); a look-up is one statement, kept prepared, and copies nothing.
 */
#include <string.h>

#include "store/record.h"
#include "store/sqlite.h"

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

static a0_status
get_row(sqlite3_stmt *statement, int64_t id, a0_record_kind kind, const char *key,
        int64_t now, a0_record_sink sink, void *sink_self, a0_error **err)
{
    a0_record record = { 0 };
    int code = SQLITE_OK;

    (void)sqlite3_bind_int64(statement, A0__PARAMETER_ID, id);
    code = a0__sqlite_first_step(statement);
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

a0_status
a0__sqlite_get(void *self, a0_record_kind kind, const char *key, int64_t now,
               a0_record_sink sink, void *sink_self, a0_error **err)
{
    a0__sqlite_store *store = self;
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
    int code = a0__sqlite_first_step(statement);

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
        return A0__SQL_FIND_BY_SID;
    case A0_INDEX_AFTER_KEY:
        break;
    }
    return A0__SQL_FIND_AFTER;
}

a0_status
a0__sqlite_find(void *self, a0_record_kind kind, a0_record_index index,
                const char *value, int64_t now, size_t max_records, a0_record_sink sink,
                void *sink_self, a0_error **err)
{
    a0__sqlite_store *store = self;
    a0__sqlite_connection *connection = NULL;
    sqlite3_stmt *statement = NULL;
    a0_status status = A0_OK;
    int64_t after_id = INT64_MIN;

    if (index == A0_INDEX_AFTER_KEY && value[0] != '\0') {
        A0_TRY(a0__sqlite_row_id(store->row_salt, kind, value, &after_id, err));
    }
    A0_TRY(a0__sqlite_pool_take(&store->pool, &connection, err));
    statement = a0__sqlite_prepared(connection, find_statement(index));
    if (statement == NULL) {
        status = a0__sqlite_fail(sqlite3_errcode(connection->db),
                                 A0_E_store_read_failed, err);
    } else {
        (void)sqlite3_bind_int64(statement, A0__PARAMETER_ID, after_id);
        (void)sqlite3_bind_int(statement, A0__PARAMETER_KIND, (int)kind);
        a0__sqlite_bind_text(statement, A0__PARAMETER_VALUE, value);
        (void)sqlite3_bind_int64(statement, A0__PARAMETER_NOW, now);
        (void)sqlite3_bind_int64(statement, A0__PARAMETER_LIMIT, (int64_t)max_records);
        status = find_rows(statement, sink, sink_self, err);
        (void)sqlite3_reset(statement);
        (void)sqlite3_clear_bindings(statement);
    }
    a0__sqlite_pool_give(&store->pool, connection);
    return status;
}
