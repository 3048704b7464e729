/* SPDX-License-Identifier: MIT */
/*
 * The schema and its versions. PRAGMA user_version counts the migrations that have been
 * made; each runs in a transaction together with the count, so one that is interrupted
 * has not happened [STOR-08].
 */
#include "base/buf.h"
#include "store/sqlite.h"

/* "a0st": marks the file as ours, also for file(1). */
#define APPLICATION_ID 0x61307374

a0_status
a0__sqlite_fail(int code, a0__error_id otherwise, a0_error **err)
{
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_CANTOPEN:
        return a0__fail(err, A0_E_store_unavailable);
    case SQLITE_NOMEM:
        return a0__fail(err, A0_E_no_memory);
    default:
        return a0__fail(err, otherwise);
    }
}

a0_status
a0__sqlite_exec(sqlite3 *db, const char *sql, a0__error_id otherwise, a0_error **err)
{
    int code = SQLITE_BUSY;

    for (int i = 0; i < A0__BUSY_TRIES && (code & 0xff) == SQLITE_BUSY; i++) {
        /* The change to a write-ahead log does not wait by itself. */
        (void)sqlite3_sleep(i * A0__BUSY_TIMEOUT_MS / A0__BUSY_TRIES);
        code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    }
    return code == SQLITE_OK ? A0_OK : a0__sqlite_fail(code, otherwise, err);
}

/* The one number that a query gives. */
static a0_status
number(sqlite3 *db, const char *sql, int *out, a0_error **err)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

    if (code == SQLITE_OK) {
        code = sqlite3_step(statement);
    }
    if (code == SQLITE_ROW) {
        *out = sqlite3_column_int(statement, 0);
    }
    (void)sqlite3_finalize(statement);
    if ((code & 0xff) == SQLITE_NOTADB) {
        return a0__fail_saying(err, A0_E_store_invalid,
                               "the file is no SQLite database; check its path");
    }
    return code == SQLITE_ROW ? A0_OK
                              : a0__sqlite_fail(code, A0_E_store_read_failed, err);
}

static a0_status
check_identity(sqlite3 *db, int *out_version, a0_error **err)
{
    int tables = 0;
    int application_id = 0;

    A0_TRY(number(db, "PRAGMA user_version", out_version, err));
    A0_TRY(number(db, "PRAGMA application_id", &application_id, err));
    A0_TRY(number(db, "SELECT count(*) FROM sqlite_schema", &tables, err));
    if (application_id != APPLICATION_ID && (tables > 0 || *out_version != 0)) {
        return a0__fail_saying(
            err, A0_E_store_invalid,
            "the database belongs to another program; choose another path");
    }
    if (*out_version > a0__sqlite_migrations_len) {
        return a0__fail_saying(err, A0_E_store_invalid,
                               "the database has schema %d and this release knows up "
                               "to %d; use a newer release",
                               *out_version, a0__sqlite_migrations_len);
    }
    return A0_OK;
}

/* Within a transaction: the version is read again, another process may have been
 * faster. */
static a0_status
migrate_locked(sqlite3 *db, a0_error **err)
{
    A0_AUTO(a0__buf) count = A0__BUF_INIT(128);
    int version = 0;

    A0_TRY(check_identity(db, &version, err));
    for (; version < a0__sqlite_migrations_len; version++) {
        A0_TRY(a0__sqlite_exec(db, a0__sqlite_migrations[version],
                               A0_E_store_write_failed, err));
    }
    a0__buf_format(&count, "PRAGMA application_id = %d; PRAGMA user_version = %d",
                   APPLICATION_ID, version);
    A0_TRY(a0__buf_check(&count, err));
    return a0__sqlite_exec(db, a0__buf_cstr(&count), A0_E_store_write_failed, err);
}

a0_status
a0__sqlite_migrate(sqlite3 *db, a0_error **err)
{
    a0_status status = A0_OK;
    int version = 0;

    A0_TRY(check_identity(db, &version, err));
    if (version == a0__sqlite_migrations_len) {
        return A0_OK;
    }
    A0_TRY(a0__sqlite_exec(db, "BEGIN IMMEDIATE", A0_E_store_write_failed, err));
    status = migrate_locked(db, err);
    if (status == A0_OK) {
        status = a0__sqlite_exec(db, "COMMIT", A0_E_store_write_failed, err);
    }
    if (status != A0_OK) {
        (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    }
    return status;
}
