/* SPDX-License-Identifier: MIT */
#include "state.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    RECORD_MAX = 1024 * 1024
};

struct a0__state {
    sqlite3 *db;
    sqlite3_stmt *put;
    sqlite3_stmt *remove;
};

static const char schema[] =
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=NORMAL;"
    "CREATE TABLE IF NOT EXISTS records ("
    "  kind TEXT NOT NULL, key TEXT NOT NULL, json TEXT NOT NULL,"
    "  UNIQUE (kind, key));";

static a0_status
fail(const a0__state *state, const char *path, a0_error **err)
{
    return a0__fail_saying(err, A0_E_store_unavailable, "the state file %s: %s", path,
                           state->db != NULL ? sqlite3_errmsg(state->db)
                                             : "out of memory");
}

/* It holds the keys that sign: for its owner only, whatever the umask. */
static bool
make_private(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);

    if (fd < 0) {
        return false;
    }
    (void)fchmod(fd, S_IRUSR | S_IWUSR);
    (void)close(fd);
    return true;
}

static a0__table *
table_named(a0__tenant *tenant, const char *kind)
{
    for (size_t i = 0; i < A0__KINDS_LEN; i++) {
        if (strcmp(a0__shapes[i].name, kind) == 0) {
            return &tenant->tables[i];
        }
    }
    return NULL;
}

static a0_status
load_record(a0__tenant *tenant, const char *kind, a0__text json, a0_error **err)
{
    A0_AUTO(a0__json_doc) document = NULL;
    A0_AUTO(a0__buf) reason = A0__BUF_INIT(1024);
    a0__table *table = table_named(tenant, kind);
    a0__row *row = NULL;

    if (table == NULL) {
        return A0_OK;
    }
    A0_TRY(a0__json_parse_large(json, &document, err));
    row = a0__row_new(table);
    if (!a0__record_read(table->shape, document, row, &reason)) {
        a0__row_free(table, row);
        return a0__fail_saying(err, A0_E_store_unavailable,
                               "the state file is of another version of this program "
                               "(%s); remove it, or name a new one",
                               a0__buf_cstr(&reason));
    }
    a0__table_put(table, row);
    row->is_changed = false;
    return A0_OK;
}

static a0_status
load(a0__tenant *tenant, const char *path, bool *out_is_new, a0_error **err)
{
    a0__state *state = tenant->state;
    sqlite3_stmt *all = NULL;
    a0_status status = A0_OK;
    int step = SQLITE_DONE;

    *out_is_new = true;
    if (sqlite3_prepare_v2(state->db, "SELECT kind, json FROM records ORDER BY rowid",
                           -1, &all, NULL) != SQLITE_OK) {
        return fail(state, path, err);
    }
    while (status == A0_OK && (step = sqlite3_step(all)) == SQLITE_ROW) {
        const char *json = (const char *)sqlite3_column_text(all, 1);

        *out_is_new = false;
        status = load_record(tenant, (const char *)sqlite3_column_text(all, 0),
                             a0__text_range(json, (size_t)sqlite3_column_bytes(all, 1)),
                             err);
    }
    (void)sqlite3_finalize(all);
    if (status == A0_OK && step != SQLITE_DONE) {
        return fail(state, path, err);
    }
    return status;
}

a0_status
a0__state_open(a0__tenant *tenant, const char *path, bool *out_is_new, a0_error **err)
{
    a0__state *state = a0__keep_bytes(1, sizeof *state);

    tenant->state = state;
    if (!make_private(path) ||
        sqlite3_open_v2(path, &state->db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
        sqlite3_exec(state->db, schema, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(state->db,
                           "INSERT INTO records (kind, key, json) VALUES (?1, ?2, ?3) "
                           "ON CONFLICT (kind, key) DO UPDATE SET json = excluded.json",
                           -1, &state->put, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(state->db,
                           "DELETE FROM records WHERE kind = ?1 AND key = ?2", -1,
                           &state->remove, NULL) != SQLITE_OK) {
        return fail(state, path, err);
    }
    for (size_t i = 0; i < A0__KINDS_LEN; i++) {
        tenant->tables[i].keeps_removed = true;
    }
    return load(tenant, path, out_is_new, err);
}

static bool
run(sqlite3_stmt *statement, const char *kind, const char *key, const a0__buf *json)
{
    bool done =
        sqlite3_bind_text(statement, 1, kind, -1, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_bind_text(statement, 2, key, -1, SQLITE_STATIC) == SQLITE_OK &&
        (json == NULL || sqlite3_bind_text(statement, 3, json->ptr, (int)json->len,
                                           SQLITE_STATIC) == SQLITE_OK) &&
        sqlite3_step(statement) == SQLITE_DONE;

    (void)sqlite3_reset(statement);
    return done;
}

static bool
write_table(const a0__state *state, a0__table *table)
{
    for (size_t i = 0; i < table->removed.len; i++) {
        if (!run(state->remove, table->shape->name, table->removed.items[i], NULL)) {
            return false;
        }
    }
    for (a0__row *row = a0__table_first(table); row != NULL;
         row = a0__table_next(row)) {
        A0_AUTO(a0__buf) json = A0__BUF_INIT(RECORD_MAX);
        a0__json_writer w = a0__json_writer_on(&json);

        if (!row->is_changed) {
            continue;
        }
        a0__record_write(table->shape, row, true, &w);
        if (!a0__buf_ok(&json) || !run(state->put, table->shape->name,
                                       a0__record_key(table->shape, row), &json)) {
            return false;
        }
    }
    return true;
}

static void
mark_written(a0__table *table)
{
    a0__list_clear(&table->removed);
    for (a0__row *row = a0__table_first(table); row != NULL;
         row = a0__table_next(row)) {
        row->is_changed = false;
    }
}

a0_status
a0__state_write(a0__tenant *tenant, a0_error **err)
{
    a0__state *state = tenant->state;
    bool written = true;

    if (state == NULL) {
        return A0_OK;
    }
    if (sqlite3_exec(state->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK) {
        return fail(state, "", err);
    }
    for (size_t i = 0; written && i < A0__KINDS_LEN; i++) {
        written = write_table(state, &tenant->tables[i]);
    }
    if (!written || sqlite3_exec(state->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) {
        a0_status status = fail(state, "", err);

        (void)sqlite3_exec(state->db, "ROLLBACK", NULL, NULL, NULL);
        return status;
    }
    for (size_t i = 0; i < A0__KINDS_LEN; i++) {
        mark_written(&tenant->tables[i]);
    }
    return A0_OK;
}

void
a0__state_close(a0__tenant *tenant)
{
    if (tenant->state == NULL) {
        return;
    }
    (void)sqlite3_finalize(tenant->state->put);
    (void)sqlite3_finalize(tenant->state->remove);
    (void)sqlite3_close(tenant->state->db);
    a0__free(tenant->state);
    tenant->state = NULL;
}
