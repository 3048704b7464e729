/* SPDX-License-Identifier: MIT */
#include "recording_log.h"

#include <string.h>

#include "base/base64url.h"
#include "support.h"

static void
event(void *self, a0_log_level level, const char *name, const a0_log_field *fields,
      size_t fields_len)
{
    recording_log *log = self;

    (void)pthread_mutex_lock(&log->mutex);
    a0__log_json_line(0, level, name, fields, fields_len, &log->lines);
    a0__buf_byte(&log->lines, '\n');
    (void)pthread_mutex_unlock(&log->mutex);
}

const a0_log recording_log_table = { .size = sizeof recording_log_table,
                                     .event = event };

a0__log
recording_log_port(recording_log *log)
{
    return (a0__log){ .table = &recording_log_table, .self = log };
}

void
recording_log_clear(recording_log *log)
{
    (void)pthread_mutex_lock(&log->mutex);
    a0__buf_clear(&log->lines);
    (void)pthread_mutex_unlock(&log->mutex);
}

static size_t
count(const void *bytes, size_t len, const void *part, size_t part_len)
{
    const char *at = len > 0 ? bytes : "";
    const char *end = at + len;
    size_t found = 0;

    while (at != NULL &&
           (at = memmem(at, (size_t)(end - at), part, part_len)) != NULL) {
        found++;
        at += part_len;
    }
    return found;
}

size_t
recording_log_count(recording_log *log, const char *name)
{
    A0_AUTO(a0__buf) quoted = A0__BUF_INIT(256);
    size_t found = 0;

    a0__buf_format(&quoted, "\"event\":\"%s\"", name);
    (void)pthread_mutex_lock(&log->mutex);
    found = count(log->lines.ptr, log->lines.len, quoted.ptr, quoted.len);
    (void)pthread_mutex_unlock(&log->mutex);
    return found;
}

bool
recording_log_has(recording_log *log, const char *text)
{
    bool found = false;

    (void)pthread_mutex_lock(&log->mutex);
    found = count(log->lines.ptr, log->lines.len, text, strlen(text)) > 0;
    (void)pthread_mutex_unlock(&log->mutex);
    return found;
}

/* The part of an encoding that does not depend on the neighbours of the canary. */
static bool
has_base64(const void *bytes, size_t len, a0__text canary, size_t alignment,
           void (*encode)(const void *, size_t, a0__buf *))
{
    A0_AUTO(a0__buf) shifted = A0__BUF_INIT(4096);
    A0_AUTO(a0__buf) encoded = A0__BUF_INIT(8192);
    size_t skip = alignment == 0 ? 0 : alignment + 1;
    size_t whole = 0;

    a0__buf_bytes(&shifted, "\0\0", alignment);
    a0__buf_text(&shifted, canary);
    whole = shifted.len * 8 / 6;
    encode(shifted.ptr, shifted.len, &encoded);
    return count(bytes, len, encoded.ptr + skip, whole - skip) > 0;
}

bool
support_has_canary(const void *bytes, size_t len, const char *canary)
{
    a0__text text = a0__text_of(canary);
    A0_AUTO(a0__buf) hex = A0__BUF_INIT(8192);

    a0__buf_hex(&hex, text.ptr, text.len);
    if (count(bytes, len, text.ptr, text.len) > 0 ||
        count(bytes, len, hex.ptr, hex.len) > 0) {
        return true;
    }
    for (size_t alignment = 0; alignment < 3; alignment++) {
        if (has_base64(bytes, len, text, alignment, a0__base64_encode) ||
            has_base64(bytes, len, text, alignment, a0__base64url_encode)) {
            return true;
        }
    }
    return false;
}

bool
recording_log_has_canary(recording_log *log, const char *canary)
{
    bool found = false;

    (void)pthread_mutex_lock(&log->mutex);
    found = support_has_canary(log->lines.ptr, log->lines.len, canary);
    (void)pthread_mutex_unlock(&log->mutex);
    return found;
}

bool
support_file_has_canary(const char *path, const char *canary)
{
    size_t len = 0;
    A0_AUTO(a0__string) bytes = support_read_file(path, &len);

    return bytes != NULL && support_has_canary(bytes, len, canary);
}
