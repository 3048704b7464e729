/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/secret.h"

enum {
    SMALLEST = 128,
    FORMAT_MAX = 512
};

void
a0__buf_clear(a0__buf *buf)
{
    if (buf->ptr != NULL) {
        a0__wipe(buf->ptr, buf->cap);
        a0__free(buf->ptr);
    }
    *buf = A0__BUF_INIT(buf->max_bytes);
}

void
a0__buf_auto(a0__buf *buf)
{
    a0__buf_clear(buf);
}

void
a0__buf_reset(a0__buf *buf)
{
    if (buf->ptr != NULL) {
        a0__wipe(buf->ptr, buf->len);
        buf->ptr[0] = '\0';
    }
    buf->len = 0;
    buf->no_memory = false;
    buf->too_long = false;
}

/* Makes room for `extra` bytes and the final NUL. */
static bool
reserve(a0__buf *buf, size_t extra)
{
    size_t need = 0;
    size_t cap = buf->cap > 0 ? buf->cap : SMALLEST;
    char *grown = NULL;

    if (!a0__buf_ok(buf)) {
        return false;
    }
    if (__builtin_add_overflow(buf->len, extra, &need) || need > buf->max_bytes) {
        buf->too_long = true;
        return false;
    }
    need++;
    if (need <= buf->cap) {
        return true;
    }
    while (cap < need) {
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    }
    grown = a0__malloc(cap);
    if (grown == NULL) {
        buf->no_memory = true;
        return false;
    }
    if (buf->ptr != NULL) {
        memcpy(grown, buf->ptr, buf->len);
        a0__wipe(buf->ptr, buf->cap);
        a0__free(buf->ptr);
    }
    buf->ptr = grown;
    buf->cap = cap;
    return true;
}

void
a0__buf_reserve(a0__buf *buf, size_t bytes)
{
    (void)reserve(buf, bytes);
}

char *
a0__buf_extend(a0__buf *buf, size_t len)
{
    char *at = NULL;

    if (!reserve(buf, len)) {
        return NULL;
    }
    at = buf->ptr + buf->len;
    buf->len += len;
    buf->ptr[buf->len] = '\0';
    return at;
}

void
a0__buf_cut(a0__buf *buf, size_t len)
{
    if (len < buf->len) {
        a0__wipe(buf->ptr + len, buf->len - len);
        buf->len = len;
    }
}

void
a0__buf_bytes(a0__buf *buf, const void *bytes, size_t len)
{
    char *at = a0__buf_extend(buf, len);

    if (at != NULL && len > 0) {
        memcpy(at, bytes, len);
    }
}

void
a0__buf_text(a0__buf *buf, a0__text text)
{
    a0__buf_bytes(buf, text.ptr, text.len);
}

void
a0__buf_string(a0__buf *buf, const char *string)
{
    a0__buf_text(buf, a0__text_of(string));
}

void
a0__buf_byte(a0__buf *buf, char byte)
{
    a0__buf_bytes(buf, &byte, 1);
}

void
a0__buf_u64(a0__buf *buf, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    a0__buf_bytes(buf, digits + at, sizeof digits - at);
}

void
a0__buf_i64(a0__buf *buf, int64_t value)
{
    if (value < 0) {
        a0__buf_byte(buf, '-');
        a0__buf_u64(buf, ~(uint64_t)value + 1);
        return;
    }
    a0__buf_u64(buf, (uint64_t)value);
}

void
a0__hex(const void *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *b = bytes;

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[b[i] >> 4];
        out[2 * i + 1] = digits[b[i] & 15];
    }
}

void
a0__buf_hex(a0__buf *buf, const void *bytes, size_t len)
{
    char *at = a0__buf_extend(buf, 2 * len);

    if (at != NULL) {
        a0__hex(bytes, len, at);
    }
}

void
a0__buf_format(a0__buf *buf, const char *format, ...)
{
    char text[FORMAT_MAX];
    va_list args;
    int len = 0;

    va_start(args, format);
    len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= sizeof text) {
        buf->too_long = true;
        return;
    }
    a0__buf_bytes(buf, text, (size_t)len);
}

bool
a0__buf_ok(const a0__buf *buf)
{
    return !buf->no_memory && !buf->too_long;
}

a0_status
a0__buf_check(const a0__buf *buf, a0_error **err)
{
    if (buf->no_memory) {
        return a0__fail(err, A0_E_no_memory);
    }
    if (buf->too_long) {
        return a0__fail_about(err, A0_E_param_invalid, "length");
    }
    return A0_OK;
}

a0__text
a0__buf_view(const a0__buf *buf)
{
    return (a0__text){ a0__buf_cstr(buf), buf->len };
}

const char *
a0__buf_cstr(const a0__buf *buf)
{
    return buf->ptr != NULL ? buf->ptr : "";
}

char *
a0__buf_take(a0__buf *buf)
{
    char *text = NULL;

    a0__buf_bytes(buf, "", 0);
    if (!a0__buf_ok(buf)) {
        a0__buf_clear(buf);
        return NULL;
    }
    text = buf->ptr;
    *buf = A0__BUF_INIT(buf->max_bytes);
    return text;
}
