/* SPDX-License-Identifier: MIT */
/*
 * A log that keeps its events as the JSON lines that the JSON writer would write, and
 * the search for canaries: secrets that must stand nowhere.
 */
#ifndef A0_TESTS_RECORDING_LOG_H
#define A0_TESTS_RECORDING_LOG_H

#include <pthread.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/log.h"

typedef struct recording_log {
    pthread_mutex_t mutex;
    a0__buf lines; /* each ends in a newline */
} recording_log;

#define RECORDING_LOG_INIT                                                             \
    {                                                                                  \
        .mutex = PTHREAD_MUTEX_INITIALIZER, .lines = {.max_bytes = 16 << 20 }          \
    }

/* The table; self is a recording_log. */
extern const a0_log recording_log_table;

a0__log recording_log_port(recording_log *log);
void recording_log_clear(recording_log *log);

/* How many events of that name ("session.invalid") were recorded. */
size_t recording_log_count(recording_log *log, const char *event);
/* Whether any line has that text. */
bool recording_log_has(recording_log *log, const char *text);

/* Whether the bytes hold the canary: as it is, in hex, or in base64 or base64url at any
 * of the three alignments. */
bool support_has_canary(const void *bytes, size_t len, const char *canary);
bool recording_log_has_canary(recording_log *log, const char *canary);
/* The same for a whole file; false when there is none. */
bool support_file_has_canary(const char *path, const char *canary);

#endif
