/* SPDX-License-Identifier: MIT */
/*
 * Databases with as many live sessions as a benchmark wants, within seconds: rows are
 * packed and sealed as the flows do it and written as src/store/sqlite_write.c writes
 * them, but in the order of the file and with the indexes made at the end.
 */
#ifndef A0_BENCH_SESSIONS_H
#define A0_BENCH_SESSIONS_H

#include <a0/a0.h>

#include "support.h"

typedef struct bench_session_id {
    int64_t row_id;
    char text[A0_SESSION_ID_LEN + 1];
} bench_session_id;

/* A client that never speaks to its tenant, over that database, which is made when
 * there is none; over memory with NULL. */
a0_client *bench_sessions_client(const char *database);

/* The settings of that client as members of a JSON object, for a gateway over the same
 * database. */
extern const char bench_sessions_settings[];

/*
 * Makes the database with `count` sessions. *out_ids, which the caller frees, has their
 * ids in the order of the rows.
 */
void bench_sessions_make(const char *database, size_t count,
                         bench_session_id **out_ids);

#endif
