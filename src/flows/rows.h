/* SPDX-License-Identifier: MIT */
/*
 * Rows of the store as the flows see them: opened when read, sealed when written. What
 * belongs together is written in one batch, all or nothing.
 */
#ifndef A0_FLOWS_ROWS_H
#define A0_FLOWS_ROWS_H

#include <a0/sys/store.h>

#include "base/crypto.h"
#include "flows/client.h"

enum {
    A0__ROW_KEY_LEN = 64, /* hex of a SHA-256 */
    A0__BATCH_MAX = 24
};

/* A row that was read. `plain` holds the opened data; of a session the texts of the
 * columns are left out. */
typedef struct a0__row {
    a0_record_kind kind;
    int64_t version;
    int64_t created_at;
    int64_t expires_at;
    a0__buf key;
    a0__buf owner;
    a0__buf user_id;
    a0__buf sid;
    a0__buf plain;
} a0__row;

#define A0__ROW_INIT                                                                   \
    ((a0__row){ .key = A0__BUF_INIT(A0_RECORD_KEY_MAX),                                \
                .owner = A0__BUF_INIT(A0_RECORD_INDEX_MAX),                            \
                .user_id = A0__BUF_INIT(A0_RECORD_INDEX_MAX),                          \
                .sid = A0__BUF_INIT(A0_RECORD_INDEX_MAX),                              \
                .plain = A0__BUF_INIT(A0_RECORD_DATA_MAX) })

void a0__row_clear(a0__row *row);
void a0__row_auto(a0__row *row);

/* The key of a row that is found by something secret (an id, a state): its SHA-256. */
A0_MUST_USE a0_status a0__row_key(a0__text secret, char out[A0__ROW_KEY_LEN + 1],
                                  a0_error **err);

/*
 * Reads and opens a row. session_id is the id a session row is sealed under, and unset
 * for all other kinds. A row that does not open counts as absent and is logged
 * [STOR-05, STOR-06]. Statuses: not found is A0_OK with *out_found false; store_*.
 */
A0_MUST_USE a0_status a0__row_read(a0_client *client, a0_record_kind kind,
                                   const char *key, const a0__secret *session_id,
                                   a0__row *out_row, bool *out_found, a0_error **err);

/* Rows to be written together. */
typedef struct a0__batch {
    a0_store_op ops[A0__BATCH_MAX];
    a0_record records[A0__BATCH_MAX];
    a0__buf data[A0__BATCH_MAX];
    size_t len;
} a0__batch;

#define A0__BATCH_INIT ((a0__batch){ .len = 0 })

void a0__batch_clear(a0__batch *batch);
void a0__batch_auto(a0__batch *batch);

/*
 * Adds a change. The texts of `record` are borrowed until the commit; record->data is
 * ignored: `plain` is sealed for the version that the row will have. session_id as
 * above.
 */
A0_MUST_USE a0_status a0__batch_insert(a0__batch *batch, a0_client *client,
                                       const a0_record *record,
                                       const a0__secret *session_id, a0__text plain,
                                       a0_error **err);
A0_MUST_USE a0_status a0__batch_update(a0__batch *batch, a0_client *client,
                                       const a0_record *record,
                                       int64_t expected_version,
                                       const a0__secret *session_id, a0__text plain,
                                       a0_error **err);
/* INSERT or UPDATE of a row that is not sealed but signed: `object` is JSON without a
 * mac (session/signed_record.h). */
A0_MUST_USE a0_status a0__batch_signed(a0__batch *batch, a0_client *client,
                                       a0_store_op_type type, const a0_record *record,
                                       int64_t expected_version, a0__text object,
                                       a0_error **err);
/* DELETE, REQUIRE, ABSENT or ERASE of a key. */
A0_MUST_USE a0_status a0__batch_condition(a0__batch *batch, a0_store_op_type type,
                                          a0_record_kind kind, const char *key,
                                          int64_t expected_version, a0_error **err);

A0_MUST_USE a0_status a0__batch_commit(a0__batch *batch, a0_client *client,
                                       bool *out_applied, a0_error **err);

#endif
