/* SPDX-License-Identifier: MIT */
#include "store_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "support.h"

void
fixture_make_folder(store_fixture *fixture)
{
    (void)snprintf(fixture->folder, sizeof fixture->folder, "/tmp/a0-test-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    (void)snprintf(fixture->path, sizeof fixture->path, "%.200s/a0.db",
                   fixture->folder);
}

void
fixture_remove_folder(store_fixture *fixture)
{
    DIR *folder = opendir(fixture->folder);
    struct dirent *entry = NULL;

    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) { /* NOLINT(concurrency-mt-unsafe) */
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            int flags = entry->d_type == DT_DIR ? AT_REMOVEDIR : 0;

            (void)unlinkat(dirfd(folder), entry->d_name, flags);
        }
    }
    (void)closedir(folder);
    (void)rmdir(fixture->folder);
}

int
fixture_memory(void **state)
{
    store_fixture *fixture = a0__calloc(1, sizeof *fixture);
    a0_error *err = NULL;

    assert_non_null(fixture);
    assert_ok(a0_store_memory_new(&fixture->table, &fixture->self, &err), err);
    *state = fixture;
    return 0;
}

int
fixture_sqlite(void **state)
{
    store_fixture *fixture = a0__calloc(1, sizeof *fixture);
    a0_error *err = NULL;

    assert_non_null(fixture);
    fixture_make_folder(fixture);
    assert_ok(
        a0_store_sqlite_open(fixture->path, &fixture->table, &fixture->self, &err),
        err);
    *state = fixture;
    return 0;
}

int
fixture_teardown(void **state)
{
    store_fixture *fixture = *state;

    fixture->table->destroy(fixture->self);
    if (fixture->folder[0] != '\0') {
        fixture_remove_folder(fixture);
    }
    a0__free(fixture);
    return 0;
}

void
fixture_reopen(store_fixture *fixture)
{
    a0_error *err = NULL;

    if (fixture->folder[0] == '\0') {
        return;
    }
    fixture->table->destroy(fixture->self);
    assert_ok(
        a0_store_sqlite_open(fixture->path, &fixture->table, &fixture->self, &err),
        err);
}

a0_status
seen_rows_sink(void *self, const a0_record *record, a0_error **err)
{
    seen_rows *seen = self;

    (void)err;
    if (seen->len++ > 0) {
        a0__buf_byte(&seen->keys, ',');
    }
    a0__buf_string(&seen->keys, record->key);
    a0__buf_reset(&seen->data);
    a0__buf_bytes(&seen->data, record->data, record->data_len);
    a0__buf_reset(&seen->user_id);
    a0__buf_string(&seen->user_id, record->user_id);
    seen->version = record->version;
    seen->created_at = record->created_at;
    seen->expires_at = record->expires_at;
    return A0_OK;
}

void
seen_rows_auto(seen_rows *seen)
{
    a0__buf_clear(&seen->keys);
    a0__buf_clear(&seen->data);
    a0__buf_clear(&seen->user_id);
}

a0_record
fixture_record(a0_record_kind kind, const char *key, const char *data)
{
    return (a0_record){ .size = sizeof(a0_record),
                        .kind = kind,
                        .key = key,
                        .created_at = 1000,
                        .owner = "",
                        .user_id = "",
                        .sid = "",
                        .data = data,
                        .data_len = strlen(data) };
}

bool
fixture_commit(store_fixture *fixture, a0_store_op_type type, int64_t expected_version,
               const a0_record *record, int64_t now)
{
    a0_store_op op = { .type = type,
                       .expected_version = expected_version,
                       .record = record };
    bool applied = false;
    a0_error *err = NULL;

    assert_ok(fixture->table->commit(fixture->self, &op, 1, now, &applied, &err), err);
    return applied;
}

bool
fixture_get(store_fixture *fixture, a0_record_kind kind, const char *key, int64_t now,
            seen_rows *seen)
{
    A0_AUTO(seen_rows) unseen = SEEN_ROWS_INIT;
    a0_error *err = NULL;
    a0_status status =
        fixture->table->get(fixture->self, kind, key, now, seen_rows_sink,
                            seen != NULL ? seen : &unseen, &err);

    if (status != A0_NOT_FOUND) {
        assert_ok(status, err);
    }
    return status == A0_OK;
}
