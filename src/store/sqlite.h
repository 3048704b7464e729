/* SPDX-License-Identifier: MIT */
/*
 * The parts of the SQLite store: the file, the schema, the connections, what is read,
 * what is written, and in sqlite.c the port itself. Inside this folder only.
 */
#ifndef A0_STORE_SQLITE_H
#define A0_STORE_SQLITE_H

#include <pthread.h>
#include <sqlite3.h>

#include <a0/sys/store.h>

#include "base/error.h"

enum {
    A0__ROW_SALT_BYTES = 16,

    /* STOR-03: three tries, two seconds in all, then store_unavailable. */
    A0__BUSY_TRIES = 3,
    A0__BUSY_TIMEOUT_MS = 650
};

/* In one file per migration under migrations/sqlite, in their order. */
extern const char *const a0__sqlite_migrations[];
extern const int a0__sqlite_migrations_len;

/*
 * Makes the database file when there is none, and refuses one that is a link, no
 * regular file, not ours, or open to group or others, likewise the files beside it
 * [STOR-10]. *out_path is free of symbolic links. Errors: store_invalid, no_memory.
 */
A0_MUST_USE a0_status a0__sqlite_file_prepare(const char *path, char **out_path,
                                              a0_error **err);

/* Brings the schema to the newest version, each step whole or not at all. Errors:
 * store_invalid for a newer schema or the database of another program. */
A0_MUST_USE a0_status a0__sqlite_migrate(sqlite3 *db, a0_error **err);

/* The primary key of a row; key has at most A0_RECORD_KEY_MAX bytes. */
A0_MUST_USE a0_status a0__sqlite_row_id(const unsigned char salt[A0__ROW_SALT_BYTES],
                                        a0_record_kind kind, const char *key,
                                        int64_t *out_id, a0_error **err);

/* The error of a result code; `otherwise` is store_read_failed or store_write_failed.
 */
a0_status a0__sqlite_fail(int code, a0__error_id otherwise, a0_error **err);
A0_MUST_USE a0_status a0__sqlite_exec(sqlite3 *db, const char *sql,
                                      a0__error_id otherwise, a0_error **err);

typedef enum a0__sqlite_statement {
    A0__SQL_BEGIN,
    A0__SQL_COMMIT,
    A0__SQL_ROLLBACK,
    A0__SQL_GET,
    A0__SQL_FIND_BY_OWNER,
    A0__SQL_FIND_BY_USER_ID,
    A0__SQL_FIND_BY_SID,
    A0__SQL_FIND_AFTER,
    A0__SQL_INSERT,
    A0__SQL_UPDATE,
    A0__SQL_DELETE,
    A0__SQL_REQUIRE,
    A0__SQL_ERASE,
    A0__SQL_SWEEP_EXPIRED,
    A0__SQL_SWEEP_OLDEST,
    A0__SQL_COUNT,
    A0__SQL_STATEMENTS_LEN
} a0__sqlite_statement;

/* One numbering for the parameters of all statements. */
enum {
    A0__PARAMETER_ID = 1,
    A0__PARAMETER_KIND,
    A0__PARAMETER_KEY,
    A0__PARAMETER_NOW,
    A0__PARAMETER_EXPECTED,
    A0__PARAMETER_CREATED_AT,
    A0__PARAMETER_EXPIRES_AT,
    A0__PARAMETER_OWNER,
    A0__PARAMETER_USER_ID,
    A0__PARAMETER_SID,
    A0__PARAMETER_DATA,

    A0__PARAMETER_VALUE = A0__PARAMETER_KEY,
    A0__PARAMETER_LIMIT = A0__PARAMETER_EXPECTED
};

/* One connection, used by one thread at a time, with its statements kept prepared. */
typedef struct a0__sqlite_connection {
    struct a0__sqlite_connection *next_idle;
    sqlite3 *db;
    sqlite3_stmt *statements[A0__SQL_STATEMENTS_LEN];
} a0__sqlite_connection;

/*
 * The connections to one database. A fork first waits until all are idle and closes
 * them, so the child inherits none: SQLite's locks belong to a process, and a
 * connection carried across a fork would share them without holding them.
 */
typedef struct a0__sqlite_pool {
    struct a0__sqlite_pool *next; /* in the list of all pools of this process */
    char *path;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    a0__sqlite_connection *idle;
    unsigned idle_len;
    unsigned busy_len;
    bool forking; /* nobody takes a connection until the fork is over */

    /* Threads of one process queue here for their turn to write; SQLite would let them
     * poll for it, and starve some. */
    pthread_mutex_t writer;
} a0__sqlite_pool;

/* The pool takes path over, also on failure. */
A0_MUST_USE a0_status a0__sqlite_pool_init(a0__sqlite_pool *pool, char *path,
                                           a0_error **err);
/* Closes all connections; none may be in use. */
void a0__sqlite_pool_clear(a0__sqlite_pool *pool);

A0_MUST_USE a0_status a0__sqlite_pool_take(a0__sqlite_pool *pool,
                                           a0__sqlite_connection **out_connection,
                                           a0_error **err);
/* One whose transaction could not be ended is closed. NULL is ignored. */
void a0__sqlite_pool_give(a0__sqlite_pool *pool, a0__sqlite_connection *connection);

/* Ready to be bound; NULL when it cannot be prepared (sqlite3_errcode says why). */
sqlite3_stmt *a0__sqlite_prepared(a0__sqlite_connection *connection,
                                  a0__sqlite_statement statement);

/* The first step of a statement; waits for other processes as STOR-03 says. */
int a0__sqlite_first_step(sqlite3_stmt *statement);

/* NULL is bound as an empty text; text must stand until the bindings are cleared. */
void a0__sqlite_bind_text(sqlite3_stmt *statement, int parameter, const char *text);

typedef struct a0__sqlite_store {
    a0__sqlite_pool pool;
    unsigned char row_salt[A0__ROW_SALT_BYTES];
} a0__sqlite_store;

/* Done within a transaction; *out_keep false undoes it. */
typedef a0_status (*a0__sqlite_transaction_body)(const a0__sqlite_store *store,
                                                 a0__sqlite_connection *connection,
                                                 void *argument, bool *out_keep,
                                                 a0_error **err);

/* Waits for its turn to write as STOR-03 says. */
A0_MUST_USE a0_status a0__sqlite_transaction(a0__sqlite_store *store,
                                             a0__sqlite_transaction_body body,
                                             void *argument, bool *out_kept,
                                             a0_error **err);

/* Best effort. */
void a0__sqlite_empty_log(a0__sqlite_store *store);

/* The functions of the port. */
A0_MUST_USE a0_status a0__sqlite_get(void *self, a0_record_kind kind, const char *key,
                                     int64_t now, a0_record_sink sink, void *sink_self,
                                     a0_error **err);
A0_MUST_USE a0_status a0__sqlite_find(void *self, a0_record_kind kind,
                                      a0_record_index index, const char *value,
                                      int64_t now, size_t max_records,
                                      a0_record_sink sink, void *sink_self,
                                      a0_error **err);
A0_MUST_USE a0_status a0__sqlite_commit(void *self, const a0_store_op *items,
                                        size_t len, int64_t now, bool *out_applied,
                                        a0_error **err);
A0_MUST_USE a0_status a0__sqlite_sweep(void *self, int64_t now, size_t max_records,
                                       a0_record_kind cap_kind, size_t cap_records,
                                       size_t *out_removed, a0_error **err);

#endif
