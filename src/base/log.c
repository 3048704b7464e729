/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <string.h>
#include <unistd.h>

#include "base/time.h"

enum {
    FIELD_MAX = 256,
    LINE_MAX_BYTES = 16384
};

void
a0__log_event(a0__log log, a0_log_level level, const char *name,
              const a0_log_field *fields, size_t fields_len)
{
    if (log.table != NULL) {
        log.table->event(log.self, level, name, fields, fields_len);
    }
}

/* U+2028, U+2029 and the bidi controls change what a person sees of a line; C1 controls
 * (U+0080..U+009F) drive some terminals. */
static bool
is_deceptive(const unsigned char *s)
{
    if (s[0] == 0xc2) {
        return s[1] <= 0x9f;
    }
    if (s[0] == 0xd8 && s[1] == 0x9c) { /* U+061C, the Arabic letter mark */
        return true;
    }
    if (s[0] == 0xe2 && s[1] == 0x80) {
        return s[2] == 0x8e || s[2] == 0x8f || (s[2] >= 0xa8 && s[2] <= 0xae);
    }
    return s[0] == 0xe2 && s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9;
}

static size_t
sequence_len(unsigned char first)
{
    return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

static void
append_escaped(a0__buf *out, const unsigned char *s, size_t n)
{
    uint32_t code = n == 1   ? s[0]
                    : n == 2 ? (uint32_t)(s[0] & 0x1f) << 6 | (s[1] & 0x3f)
                             : (uint32_t)(s[0] & 0x0f) << 12 |
                                   (uint32_t)(s[1] & 0x3f) << 6 | (s[2] & 0x3f);

    a0__buf_format(out, "\\u%04x", (unsigned)code);
}

static void
append_text(a0__buf *out, a0__text text)
{
    size_t i = 0;

    a0__buf_byte(out, '"');
    if (text.len > 0 && !a0__text_is_utf8(text)) {
        a0__buf_format(out, "(%zu bytes, not UTF-8)", text.len);
        text.len = 0;
    }
    while (i < text.len && i < FIELD_MAX) {
        const unsigned char *s = (const unsigned char *)text.ptr + i;
        size_t n = sequence_len(s[0]);

        if (s[0] < 0x20 || s[0] == 0x7f || is_deceptive(s)) {
            append_escaped(out, s, n);
        } else {
            if (s[0] == '"' || s[0] == '\\') {
                a0__buf_byte(out, '\\');
            }
            a0__buf_bytes(out, s, n);
        }
        i += n;
    }
    a0__buf_string(out, i < text.len ? "…\"" : "\"");
}

void
a0__log_json_line(int64_t wall_ms, a0_log_level level, const char *name,
                  const a0_log_field *fields, size_t fields_len, a0__buf *out)
{
    static const char *const levels[] = { "debug", "info", "warn", "error", "audit" };

    a0__buf_string(out, "{\"time\":\"");
    a0__time_iso8601(wall_ms, out);
    a0__buf_format(out, "\",\"level\":\"%s\",\"event\":", levels[level]);
    append_text(out, a0__text_of(name));
    for (size_t i = 0; i < fields_len; i++) {
        a0__buf_byte(out, ',');
        append_text(out, a0__text_of(fields[i].name));
        a0__buf_byte(out, ':');
        if (fields[i].kind == A0_LOG_NUMBER) {
            a0__buf_i64(out, fields[i].number);
        } else if (fields[i].kind == A0_LOG_PERSON && level != A0_LOG_AUDIT) {
            a0__buf_string(out, "\"(person)\"");
        } else {
            append_text(out, a0__text_of(fields[i].text));
        }
    }
    a0__buf_byte(out, '}');
}

/* One write per line, so that lines of several processes do not mix. */
bool
a0__log_write(int fd, a0_log_level level, const char *name, const a0_log_field *fields,
              size_t fields_len)
{
    A0_AUTO(a0__buf) line = A0__BUF_INIT(LINE_MAX_BYTES);

    a0__log_json_line(a0_clock_system()->wall_ms(NULL), level, name, fields, fields_len,
                      &line);
    a0__buf_byte(&line, '\n');
    return a0__buf_ok(&line) && write(fd, line.ptr, line.len) == (ssize_t)line.len;
}

/* The port has no way to say that it failed. */
static void
json_lines_event(void *self, a0_log_level level, const char *name,
                 const a0_log_field *fields, size_t fields_len)
{
    bool is_written =
        a0__log_write((int)(intptr_t)self, level, name, fields, fields_len);

    (void)is_written;
}

const a0_log *
a0_log_json_lines(void)
{
    static const a0_log table = { .size = sizeof table, .event = json_lines_event };

    return &table;
}
