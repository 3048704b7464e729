/* SPDX-License-Identifier: MIT */
/* Stores for tests, in memory or in an SQLite file of a folder of its own, and the
 * short ways to write, read and count rows. */
#ifndef A0_TESTS_STORE_FIXTURE_H
#define A0_TESTS_STORE_FIXTURE_H

#include <limits.h>

#include "base/buf.h"

#include <a0/sys/store.h>

typedef struct store_fixture {
    const a0_store *table;
    void *self;
    char folder[PATH_MAX]; /* "" for a memory store */
    char path[PATH_MAX];
} store_fixture;

/* A fresh folder under TMPDIR or /tmp, mode 0700, and a path in it. */
void fixture_make_folder(store_fixture *fixture);
/* Removes the folder with every file in it. */
void fixture_remove_folder(store_fixture *fixture);

/* cmocka setups and their teardown: *state is a store_fixture. */
int fixture_memory(void **state);
int fixture_sqlite(void **state);
int fixture_teardown(void **state);

/* Destroys the store and opens the same database again; nothing for memory. */
void fixture_reopen(store_fixture *fixture);

/* What a sink saw: the number of rows, their keys joined by ",", and the last row with
 * its data. */
typedef struct seen_rows {
    size_t len;
    a0__buf keys;
    a0__buf data;
    a0__buf user_id;
    int64_t version;
    int64_t created_at;
    int64_t expires_at;
} seen_rows;

#define SEEN_ROWS_INIT                                                                 \
    {                                                                                  \
        .keys = A0__BUF_INIT(1 << 20), .data = A0__BUF_INIT(1 << 20),                  \
        .user_id = A0__BUF_INIT(1 << 10)                                               \
    }

a0_status seen_rows_sink(void *self, const a0_record *record, a0_error **err);
void seen_rows_auto(seen_rows *seen);

/* A record with everything but kind, key and data at its simplest. */
a0_record fixture_record(a0_record_kind kind, const char *key, const char *data);

/* One op as a whole commit; asserts success and gives whether it was applied. */
bool fixture_commit(store_fixture *fixture, a0_store_op_type type,
                    int64_t expected_version, const a0_record *record, int64_t now);
/* Whether there is a live row; *seen (may be NULL) tells of it. */
bool fixture_get(store_fixture *fixture, a0_record_kind kind, const char *key,
                 int64_t now, seen_rows *seen);

#endif
