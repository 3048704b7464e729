/* SPDX-License-Identifier: MIT */
/*
 * The store in an SQLite database: opened, destroyed, marked as restored; and the id of
 * a row. What it reads and writes is in sqlite_read.c and sqlite_write.c.
 */
#include "store/sqlite.h"

#include <string.h>

#include "base/crypto.h"
#include "base/mem.h"

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

static void
sqlite_destroy(void *self)
{
    a0__sqlite_store *store = self;

    if (store != NULL) {
        a0__sqlite_pool_clear(&store->pool);
        a0__free(store);
    }
}

static const a0_store sqlite_table = { .size = sizeof sqlite_table,
                                       .get = a0__sqlite_get,
                                       .find = a0__sqlite_find,
                                       .commit = a0__sqlite_commit,
                                       .sweep = a0__sqlite_sweep,
                                       .destroy = sqlite_destroy };

static a0_status
read_row_salt(a0__sqlite_store *store, a0_error **err)
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
sqlite_open(const char *path, a0__sqlite_store **out_store, a0_error **err)
{
    a0__sqlite_store *store = a0__calloc(1, sizeof *store);
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
    a0__sqlite_store *store = NULL;

    A0_TRY(sqlite_open(path, &store, err));
    *out_store = &sqlite_table;
    *out_self = store;
    return A0_OK;
}

/* Sessions, open sign-ins, their refresh tokens, locks and marks. Account tokens stay:
 * the worst that an old one does is to be refused. What was connected and linked stays
 * as well: Auth0 has the say about it, and is asked. [STOR-07] */
static a0_status
forget_living(const a0__sqlite_store *store, a0__sqlite_connection *connection,
              void *argument, bool *out_keep, a0_error **err)
{
    (void)store;
    (void)argument;
    *out_keep = true;
    return a0__sqlite_exec(connection->db,
                           "DELETE FROM record WHERE kind IN (1, 2, 3, 5, 6)",
                           A0_E_store_write_failed, err);
}

_Static_assert(A0_RECORD_SESSION == 1 && A0_RECORD_TRANSACTION == 2 &&
                   A0_RECORD_REFRESH_TOKEN == 3 && A0_RECORD_LOCK == 5 &&
                   A0_RECORD_MARK == 6,
               "the kinds in forget_living");

a0_status
a0_store_sqlite_mark_restored(const char *path, a0_error **err)
{
    a0__sqlite_store *store = NULL;
    a0_status status = A0_OK;
    bool kept = false;

    A0_TRY(sqlite_open(path, &store, err));
    status = a0__sqlite_transaction(store, forget_living, NULL, &kept, err);
    sqlite_destroy(store);
    return status;
}

/* Whoever balances a tree moves rows about, and what stood there stays in the unused
 * part of a page, whatever secure_delete says [STOR-12]. */
static a0_status
rewrite(a0__sqlite_store *store, a0_error **err)
{
    a0__sqlite_connection *connection = NULL;
    a0_status status = A0_OK;

    A0_TRY(a0__sqlite_pool_take(&store->pool, &connection, err));
    status = a0__sqlite_exec(connection->db, "VACUUM", A0_E_store_write_failed, err);
    a0__sqlite_pool_give(&store->pool, connection);
    a0__sqlite_empty_log(store);
    return status;
}

a0_status
a0_store_sqlite_compact(const char *path, a0_error **err)
{
    a0__sqlite_store *store = NULL;
    a0_status status = A0_OK;

    A0_TRY(sqlite_open(path, &store, err));
    status = rewrite(store, err);
    sqlite_destroy(store);
    return status;
}
