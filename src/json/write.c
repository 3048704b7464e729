/* SPDX-License-Identifier: MIT */
#include "json/json.h"

a0__json_writer
a0__json_writer_on(a0__buf *out)
{
    return (a0__json_writer){ .out = out };
}

static void
comma(a0__json_writer *w)
{
    if (w->needs_comma) {
        a0__buf_byte(w->out, ',');
    }
    w->needs_comma = true;
}

void
a0__json_open(a0__json_writer *w, char bracket)
{
    comma(w);
    a0__buf_byte(w->out, bracket);
    w->needs_comma = false;
}

void
a0__json_close(a0__json_writer *w, char bracket)
{
    a0__buf_byte(w->out, bracket);
    w->needs_comma = true;
}

/* Escapes what RFC 8259 §7 demands, and "<" so that the text may stand in a page. */
static void
quoted(a0__buf *out, a0__text text)
{
    size_t start = 0;

    a0__buf_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c >= 0x20 && c != '"' && c != '\\' && c != '<' && c != 0x7f) {
            continue;
        }
        a0__buf_bytes(out, text.ptr + start, i - start);
        start = i + 1;
        if (c == '"' || c == '\\') {
            a0__buf_byte(out, '\\');
            a0__buf_byte(out, (char)c);
        } else {
            a0__buf_format(out, "\\u%04x", c);
        }
    }
    a0__buf_text(out, a0__text_from(text, start));
    a0__buf_byte(out, '"');
}

void
a0__json_name_text(a0__json_writer *w, a0__text name)
{
    comma(w);
    quoted(w->out, name);
    a0__buf_byte(w->out, ':');
    w->needs_comma = false;
}

void
a0__json_name(a0__json_writer *w, const char *name)
{
    a0__json_name_text(w, a0__text_of(name));
}

void
a0__json_value_text(a0__json_writer *w, a0__text value)
{
    comma(w);
    quoted(w->out, value);
}

void
a0__json_string(a0__json_writer *w, const char *value)
{
    if (value == NULL) {
        a0__json_value_null(w);
        return;
    }
    a0__json_value_text(w, a0__text_of(value));
}

void
a0__json_value_i64(a0__json_writer *w, int64_t value)
{
    comma(w);
    a0__buf_i64(w->out, value);
}

void
a0__json_value_raw(a0__json_writer *w, a0__text json)
{
    comma(w);
    a0__buf_text(w->out, json);
}

void
a0__json_value_bool(a0__json_writer *w, bool value)
{
    a0__json_value_raw(w, value ? A0__LIT("true") : A0__LIT("false"));
}

void
a0__json_value_null(a0__json_writer *w)
{
    a0__json_value_raw(w, A0__LIT("null"));
}

void
a0__json_value_node(a0__json_writer *w, const a0__json *node)
{
    comma(w);
    /* A failure is sticky in the buffer. */
    if (a0__json_write(node, w->out, NULL) != A0_OK) {
        w->out->no_memory = w->out->no_memory || !w->out->too_long;
    }
}

void
a0__json_put(a0__json_writer *w, const char *name, a0__text value)
{
    a0__json_name(w, name);
    a0__json_value_text(w, value);
}

void
a0__json_put_string(a0__json_writer *w, const char *name, const char *value)
{
    a0__json_name(w, name);
    a0__json_string(w, value);
}

void
a0__json_put_i64(a0__json_writer *w, const char *name, int64_t value)
{
    a0__json_name(w, name);
    a0__json_value_i64(w, value);
}

void
a0__json_put_bool(a0__json_writer *w, const char *name, bool value)
{
    a0__json_name(w, name);
    a0__json_value_bool(w, value);
}
