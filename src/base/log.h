/* SPDX-License-Identifier: MIT */
/* Emitting events. A log of NULL swallows them. */
#ifndef A0_BASE_LOG_H
#define A0_BASE_LOG_H

#include <a0/sys/log.h>

#include "base/buf.h"

/* The log port with its self, as it is passed around. */
typedef struct a0__log {
    const a0_log *table;
    void *self;
} a0__log;

#define A0__FIELD_TEXT(field_name, value)                                              \
    {                                                                                  \
        .name = (field_name), .kind = A0_LOG_TEXT, .text = (value)                     \
    }
#define A0__FIELD_FOREIGN(field_name, value)                                           \
    {                                                                                  \
        .name = (field_name), .kind = A0_LOG_FOREIGN, .text = (value)                  \
    }
#define A0__FIELD_PERSON(field_name, value)                                            \
    {                                                                                  \
        .name = (field_name), .kind = A0_LOG_PERSON, .text = (value)                   \
    }
#define A0__FIELD_NUMBER(field_name, value)                                            \
    {                                                                                  \
        .name = (field_name), .kind = A0_LOG_NUMBER, .number = (value)                 \
    }

void a0__log_event(a0__log log, a0_log_level level, const char *name,
                   const a0_log_field *fields, size_t fields_len);

/* A field list on the spot; at least one field. */
#define A0__LOG(log, level, name, ...)                                                 \
    do {                                                                               \
        const a0_log_field a0__fields[] = { __VA_ARGS__ };                             \
        a0__log_event((log), (level), (name), a0__fields,                              \
                      sizeof a0__fields / sizeof a0__fields[0]);                       \
    } while (0)

/* One event as a line of JSON without the final newline: what the JSON writer writes.
 * Persons are shown in audit events only; control and bidi characters are escaped;
 * 256 bytes a field. [SEC-05, SEC-06] */
void a0__log_json_line(int64_t wall_ms, a0_log_level level, const char *name,
                       const a0_log_field *fields, size_t fields_len, a0__buf *out);

/* Writes it to a descriptor, with the time of now; false when not all of it got there.
 */
A0_MUST_USE bool a0__log_write(int fd, a0_log_level level, const char *name,
                               const a0_log_field *fields, size_t fields_len);

#endif
