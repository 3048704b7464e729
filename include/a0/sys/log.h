/* SPDX-License-Identifier: MIT */
/*
 * The log port: structured events. The library returns errors and does not print
 * them; it emits one event for each refused or unusual thing. The kind of a field
 * decides what a writer may show: no event ever carries a secret.
 */
#ifndef A0_SYS_LOG_H
#define A0_SYS_LOG_H

#include <stddef.h>
#include <stdint.h>

#include <a0/version.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum a0_log_level {
    A0_LOG_DEBUG = 0,
    A0_LOG_INFO = 1,
    A0_LOG_WARN = 2,
    A0_LOG_ERROR = 3,
    A0_LOG_AUDIT = 4 /* who did what; goes to the audit stream */
} a0_log_level;

typedef enum a0_log_field_kind {
    A0_LOG_TEXT = 1,    /* a word of our own: an identifier, a name of a setting */
    A0_LOG_FOREIGN = 2, /* text of a peer: escaped, cut at 256 bytes */
    A0_LOG_PERSON = 3,  /* a user id or an address: shown in the audit stream only */
    A0_LOG_NUMBER = 4
} a0_log_field_kind;

typedef struct a0_log_field {
    const char *name;
    a0_log_field_kind kind;
    const char *text; /* the first three kinds; borrowed */
    int64_t number;
} a0_log_field;

typedef struct a0_log {
    size_t size;

    /* Never blocks for long, never fails, called from several threads at once. */
    void (*event)(void *self, a0_log_level level, const char *name,
                  const a0_log_field *fields, size_t fields_len);
} a0_log;

/*
 * Writes each event as one JSON line to a file descriptor. self is the descriptor
 * cast through intptr_t.
 */
A0_API const a0_log *a0_log_json_lines(void);

#ifdef __cplusplus
}
#endif

#endif
