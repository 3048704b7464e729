/* SPDX-License-Identifier: MIT */
/* Connections: opened on demand, kept with their statements, none across a fork. */
#include <string.h>

#include "base/mem.h"
#include "store/record.h"
#include "store/sqlite.h"

enum {
    /* Connections kept open while nobody uses them. */
    IDLE_MAX = 16
};

/* ?1 to ?11 are the A0__PARAMETER_s, in their order. */
#define COLUMNS "version, created_at, expires_at, owner, user_id, sid, data, kind, key"
#define THIS_ROW "id = ?1 AND kind = ?2 AND key = ?3"
#define LIVE_ROW                                                                       \
    THIS_ROW " AND (expires_at = 0 OR expires_at > ?4)"                                \
             " AND (?5 = 0 OR version = ?5)"
#define FIND_BY(column)                                                                \
    "SELECT " COLUMNS " FROM record WHERE kind = ?2 AND " column " = ?3 AND " column   \
    " <> '' AND (expires_at = 0 OR expires_at > ?4)"                                   \
    " ORDER BY created_at, key LIMIT ?5"

static const char *const statement_sql[A0__SQL_STATEMENTS_LEN] = {
    [A0__SQL_BEGIN] = "BEGIN IMMEDIATE",
    [A0__SQL_COMMIT] = "COMMIT",
    [A0__SQL_ROLLBACK] = "ROLLBACK",
    [A0__SQL_GET] = "SELECT " COLUMNS " FROM record WHERE id = ?1",
    [A0__SQL_FIND_BY_OWNER] = FIND_BY("owner"),
    [A0__SQL_FIND_BY_USER_ID] = FIND_BY("user_id"),
    [A0__SQL_FIND_BY_SID] = FIND_BY("sid"),
    [A0__SQL_FIND_AFTER] = "SELECT " COLUMNS " FROM record WHERE id > ?1 AND kind = ?2"
                           " AND (expires_at = 0 OR expires_at > ?4)"
                           " ORDER BY id LIMIT ?5",
    [A0__SQL_INSERT] =
        "INSERT INTO record (id, kind, key, version, created_at, expires_at, owner,"
        " user_id, sid, data) VALUES (?1, ?2, ?3, 1, ?6, ?7, ?8, ?9, ?10, ?11)"
        " ON CONFLICT (id) DO UPDATE SET kind = ?2, key = ?3, version = 1,"
        " created_at = ?6, expires_at = ?7, owner = ?8, user_id = ?9, sid = ?10,"
        " data = ?11 WHERE record.expires_at <> 0 AND record.expires_at <= ?4",
    [A0__SQL_UPDATE] = "UPDATE record SET version = version + 1, created_at = ?6,"
                       " expires_at = ?7, owner = ?8, user_id = ?9, sid = ?10,"
                       " data = ?11 WHERE " LIVE_ROW,
    [A0__SQL_DELETE] = "DELETE FROM record WHERE " LIVE_ROW,
    [A0__SQL_REQUIRE] = "SELECT 1 FROM record WHERE " LIVE_ROW,
    [A0__SQL_ERASE] = "DELETE FROM record WHERE " THIS_ROW,
    [A0__SQL_SWEEP_EXPIRED] =
        "DELETE FROM record WHERE id IN (SELECT id FROM record"
        " WHERE expires_at <> 0 AND expires_at <= ?4 ORDER BY expires_at LIMIT ?5)",
    [A0__SQL_SWEEP_OLDEST] = "DELETE FROM record WHERE id IN (SELECT id FROM record"
                             " WHERE kind = ?2 ORDER BY created_at, key LIMIT ?5)",
    [A0__SQL_COUNT] = "SELECT count(*) FROM record WHERE kind = ?2",
};

/*
 * FULL: a rotated refresh token that is lost with the power is lost for good [RFR-01].
 * The page cache of a connection holds the inner nodes of a million rows, and nothing
 * is mapped: resident memory does not follow the number of rows. secure_delete: what
 * was erased is not found in the file [STOR-12].
 */
static const char pragmas[] = "PRAGMA journal_mode = WAL;"
                              "PRAGMA synchronous = FULL;"
                              "PRAGMA secure_delete = ON;"
                              "PRAGMA cache_size = -8192;"
                              "PRAGMA journal_size_limit = 16777216;"
                              "PRAGMA trusted_schema = OFF;";

/* All pools of this process, for the handlers of fork. Lock order: pools, then the
 * mutex of a pool. */
static pthread_mutex_t pools_mutex = PTHREAD_MUTEX_INITIALIZER;
static a0__sqlite_pool *pools;
static pthread_once_t handlers = PTHREAD_ONCE_INIT;

static void
connection_close(a0__sqlite_connection *connection)
{
    for (size_t i = 0; i < A0__SQL_STATEMENTS_LEN; i++) {
        (void)sqlite3_finalize(connection->statements[i]);
    }
    (void)sqlite3_close(connection->db);
    a0__free(connection);
}

static void
close_idle_locked(a0__sqlite_pool *pool)
{
    while (pool->idle != NULL) {
        a0__sqlite_connection *connection = pool->idle;

        pool->idle = connection->next_idle;
        connection_close(connection);
    }
    pool->idle_len = 0;
}

static void
before_fork(void)
{
    (void)pthread_mutex_lock(&pools_mutex);
    for (a0__sqlite_pool *pool = pools; pool != NULL; pool = pool->next) {
        (void)pthread_mutex_lock(&pool->mutex);
        pool->forking = true;
        while (pool->busy_len > 0) {
            (void)pthread_cond_wait(&pool->changed, &pool->mutex);
        }
        close_idle_locked(pool);
    }
}

static void
after_fork_in_parent(void)
{
    for (a0__sqlite_pool *pool = pools; pool != NULL; pool = pool->next) {
        pool->forking = false;
        (void)pthread_cond_broadcast(&pool->changed);
        (void)pthread_mutex_unlock(&pool->mutex);
    }
    (void)pthread_mutex_unlock(&pools_mutex);
}

/* The threads that may wait at these exist in the parent only. */
static void
after_fork_in_child(void)
{
    for (a0__sqlite_pool *pool = pools; pool != NULL; pool = pool->next) {
        pool->forking = false;
        (void)pthread_mutex_init(&pool->mutex, NULL);
        (void)pthread_mutex_init(&pool->writer, NULL);
        (void)pthread_cond_init(&pool->changed, NULL);
    }
    (void)pthread_mutex_init(&pools_mutex, NULL);
}

static void
register_handlers(void)
{
    (void)pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

static a0_status
connection_open(const char *path, a0__sqlite_connection **out_connection,
                a0_error **err)
{
    a0__sqlite_connection *connection = a0__calloc(1, sizeof *connection);
    a0_status status = A0_OK;
    int code = SQLITE_OK;

    A0_ENSURE(connection != NULL, err, no_memory);
    code = sqlite3_open_v2(path, &connection->db,
                           SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
                               SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_PRIVATECACHE |
                               SQLITE_OPEN_EXRESCODE,
                           NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_busy_timeout(connection->db, A0__BUSY_TIMEOUT_MS);
    }
    status =
        code == SQLITE_OK ? A0_OK : a0__sqlite_fail(code, A0_E_store_read_failed, err);
    if (status == A0_OK) {
        status = a0__sqlite_exec(connection->db, pragmas, A0_E_store_read_failed, err);
    }
    if (status != A0_OK) {
        connection_close(connection);
        return status;
    }
    *out_connection = connection;
    return A0_OK;
}

a0_status
a0__sqlite_pool_init(a0__sqlite_pool *pool, char *path, a0_error **err)
{
    a0__sqlite_connection *connection = NULL;
    a0_status status = A0_OK;

    (void)pthread_once(&handlers, register_handlers);
    *pool = (a0__sqlite_pool){ .path = path };
    (void)pthread_mutex_init(&pool->mutex, NULL);
    (void)pthread_mutex_init(&pool->writer, NULL);
    (void)pthread_cond_init(&pool->changed, NULL);
    (void)pthread_mutex_lock(&pools_mutex);
    pool->next = pools;
    pools = pool;
    (void)pthread_mutex_unlock(&pools_mutex);
    status = a0__sqlite_pool_take(pool, &connection, err);
    if (status == A0_OK) {
        status = a0__sqlite_migrate(connection->db, err);
    }
    a0__sqlite_pool_give(pool, connection);
    if (status != A0_OK) {
        a0__sqlite_pool_clear(pool);
    }
    return status;
}

void
a0__sqlite_pool_clear(a0__sqlite_pool *pool)
{
    a0__sqlite_pool **at = &pools;

    (void)pthread_mutex_lock(&pools_mutex);
    while (*at != pool) {
        at = &(*at)->next;
    }
    *at = pool->next;
    (void)pthread_mutex_unlock(&pools_mutex);
    close_idle_locked(pool);
    (void)pthread_mutex_destroy(&pool->mutex);
    (void)pthread_mutex_destroy(&pool->writer);
    (void)pthread_cond_destroy(&pool->changed);
    a0__free(pool->path);
}

a0_status
a0__sqlite_pool_take(a0__sqlite_pool *pool, a0__sqlite_connection **out_connection,
                     a0_error **err)
{
    a0__sqlite_connection *connection = NULL;
    a0_status status = A0_OK;

    (void)pthread_mutex_lock(&pool->mutex);
    while (pool->forking) {
        (void)pthread_cond_wait(&pool->changed, &pool->mutex);
    }
    connection = pool->idle;
    if (connection != NULL) {
        pool->idle = connection->next_idle;
        pool->idle_len--;
    }
    pool->busy_len++;
    (void)pthread_mutex_unlock(&pool->mutex);
    if (connection == NULL) {
        status = connection_open(pool->path, &connection, err);
    }
    if (status != A0_OK) {
        (void)pthread_mutex_lock(&pool->mutex);
        pool->busy_len--;
        (void)pthread_cond_broadcast(&pool->changed);
        (void)pthread_mutex_unlock(&pool->mutex);
        return status;
    }
    *out_connection = connection;
    return A0_OK;
}

void
a0__sqlite_pool_give(a0__sqlite_pool *pool, a0__sqlite_connection *connection)
{
    bool keep = false;

    if (connection == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&pool->mutex);
    keep = pool->idle_len < IDLE_MAX && sqlite3_get_autocommit(connection->db) != 0;
    if (keep) {
        connection->next_idle = pool->idle;
        pool->idle = connection;
        pool->idle_len++;
    } else {
        connection_close(connection);
    }
    pool->busy_len--;
    if (pool->forking) {
        (void)pthread_cond_broadcast(&pool->changed);
    }
    (void)pthread_mutex_unlock(&pool->mutex);
}

sqlite3_stmt *
a0__sqlite_prepared(a0__sqlite_connection *connection, a0__sqlite_statement statement)
{
    sqlite3_stmt **slot = &connection->statements[statement];

    if (*slot == NULL) {
        (void)sqlite3_prepare_v3(connection->db, statement_sql[statement], -1,
                                 SQLITE_PREPARE_PERSISTENT, slot, NULL);
    }
    return *slot;
}

int
a0__sqlite_first_step(sqlite3_stmt *statement)
{
    int code = SQLITE_BUSY;

    for (int i = 0; i < A0__BUSY_TRIES && (code & 0xff) == SQLITE_BUSY; i++) {
        (void)sqlite3_reset(statement);
        code = sqlite3_step(statement);
    }
    return code;
}

void
a0__sqlite_bind_text(sqlite3_stmt *statement, int parameter, const char *text)
{
    (void)sqlite3_bind_text(statement, parameter, a0__record_text(text), -1,
                            SQLITE_STATIC);
}
