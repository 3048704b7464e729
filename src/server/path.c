/* SPDX-License-Identifier: MIT */
#include "server/path.h"

#include "base/url.h"

static bool
is_plain(char c)
{
    return c >= 0x21 && c <= 0x7e && c != '\\' && c != '?' && c != '#';
}

/* RFC 3986 §2.3 */
static bool
is_unreserved(char c)
{
    return a0__is_alpha(c) || a0__is_digit(c) || c == '-' || c == '.' || c == '_' ||
           c == '~';
}

/* Whether the octet behind an escape may be part of a segment. */
static bool
is_escapable(unsigned char c)
{
    return c >= 0x20 && c != 0x7f && c != '/' && c != '\\';
}

/* RFC 3986 §6.2.2.1 and §6.2.2.2 */
static bool
normalize_escapes(a0__text path, a0__buf *out)
{
    for (size_t i = 0; i < path.len; i++) {
        unsigned char octet = 0;
        int high = 0;
        int low = 0;

        if (!is_plain(path.ptr[i])) {
            return false;
        }
        if (path.ptr[i] != '%') {
            a0__buf_byte(out, path.ptr[i]);
            continue;
        }
        high = path.len - i > 2 ? a0__hex_value(path.ptr[i + 1]) : -1;
        low = high >= 0 ? a0__hex_value(path.ptr[i + 2]) : -1;
        if (low < 0) {
            return false;
        }
        octet = (unsigned char)(high << 4 | low);
        if (!is_escapable(octet)) {
            return false;
        }
        if (is_unreserved((char)octet)) {
            a0__buf_byte(out, (char)octet);
        } else {
            a0__percent_encode(a0__text_range((const char *)&octet, 1), out);
        }
        i += 2;
    }
    return a0__buf_ok(out);
}

static bool
is_utf8_behind_escapes(a0__text path)
{
    A0_AUTO(a0__buf) decoded = A0__BUF_INIT(A0__PATH_MAX);

    return !a0__text_contains_byte(path, '%') ||
           (a0__percent_decode(path, false, &decoded) && a0__buf_ok(&decoded) &&
            a0__text_is_utf8(a0__buf_view(&decoded)));
}

/* RFC 3986 §5.2.4, but a ".." without a segment to take is refused, not ignored. */
static bool
remove_dot_segments(a0__text path, a0__buf *out)
{
    size_t start = out->len;
    a0__text rest = a0__text_from(path, 1);
    a0__text segment = A0__NO_TEXT;

    while (a0__text_next(&rest, '/', &segment)) {
        bool is_last = rest.ptr == NULL;

        if (a0__text_is(segment, ".")) {
            if (is_last) {
                a0__buf_byte(out, '/');
            }
        } else if (a0__text_is(segment, "..")) {
            if (out->len == start) {
                return false;
            }
            do {
                out->len--;
            } while (out->ptr[out->len] != '/');
            if (is_last) {
                a0__buf_byte(out, '/');
            }
        } else {
            a0__buf_byte(out, '/');
            a0__buf_text(out, segment);
        }
    }
    return a0__buf_ok(out);
}

static bool
has_dot_segment(a0__text path)
{
    for (size_t i = 0; i + 1 < path.len; i++) {
        if (path.ptr[i] == '/' && path.ptr[i + 1] == '.') {
            return true;
        }
    }
    return false;
}

static bool
is_plain_throughout(a0__text path)
{
    for (size_t i = 0; i < path.len; i++) {
        if (!is_plain(path.ptr[i])) {
            return false;
        }
    }
    return true;
}

bool
a0__path_canonical(a0__text path, a0__buf *out)
{
    A0_AUTO(a0__buf) normal = A0__BUF_INIT(A0__PATH_MAX);

    if (path.len == 0 || path.len > A0__PATH_MAX || path.ptr[0] != '/') {
        return false;
    }
    if (!a0__text_contains_byte(path, '%')) {
        if (!is_plain_throughout(path)) {
            return false;
        }
    } else {
        if (!normalize_escapes(path, &normal) ||
            !is_utf8_behind_escapes(a0__buf_view(&normal))) {
            return false;
        }
        path = a0__buf_view(&normal);
    }
    if (!has_dot_segment(path)) {
        a0__buf_text(out, path);
        return a0__buf_ok(out);
    }
    return remove_dot_segments(path, out);
}
