/* SPDX-License-Identifier: MIT */
/*
 * A growing buffer whose limit is given at birth. Failure is sticky: append freely,
 * ask once at the end. It grows by allocate, copy, wipe, so a secret that passes
 * through leaves no copy.
 */
#ifndef A0_BASE_BUF_H
#define A0_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"

typedef struct a0__buf {
    char *ptr; /* always NUL-terminated once anything was appended */
    size_t len;
    size_t cap;
    size_t max_bytes;
    bool no_memory;
    bool too_long;
} a0__buf;

#define A0__BUF_INIT(max) ((a0__buf){ .max_bytes = (max) })

void a0__buf_clear(a0__buf *buf); /* wipes, frees, keeps the limit */
void a0__buf_auto(a0__buf *buf);
void a0__buf_reset(a0__buf *buf); /* wipes, keeps the memory */

/* Makes room at once for what will be appended; changes nothing else. */
void a0__buf_reserve(a0__buf *buf, size_t bytes);

void a0__buf_text(a0__buf *buf, a0__text text);
void a0__buf_string(a0__buf *buf, const char *string); /* NULL: nothing */
void a0__buf_bytes(a0__buf *buf, const void *bytes, size_t len);
/* Appends `len` bytes that the caller fills; NULL after a failure. */
char *a0__buf_extend(a0__buf *buf, size_t len);
/* Wipes and drops what stands behind the first `len` bytes. */
void a0__buf_cut(a0__buf *buf, size_t len);
void a0__buf_byte(a0__buf *buf, char byte);
void a0__buf_u64(a0__buf *buf, uint64_t value);
void a0__buf_i64(a0__buf *buf, int64_t value);
void a0__buf_hex(a0__buf *buf, const void *bytes, size_t len);
/* 2 * len digits, without a NUL. */
void a0__hex(const void *bytes, size_t len, char *out);
void a0__buf_format(a0__buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

bool a0__buf_ok(const a0__buf *buf);
/* A0_OK, or the sticky failure: no_memory or `param_invalid` (too long). */
A0_MUST_USE a0_status a0__buf_check(const a0__buf *buf, a0_error **err);

a0__text a0__buf_view(const a0__buf *buf);
/* The text, never NULL. */
const char *a0__buf_cstr(const a0__buf *buf);
/* Gives the text away (a0__free) and empties the buffer; NULL after a failure. */
char *a0__buf_take(a0__buf *buf);

#endif
