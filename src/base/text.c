/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <string.h>

a0__text
a0__text_of(const char *string)
{
    return (a0__text){ string, string != NULL ? strlen(string) : 0 };
}

a0__text
a0__text_range(const char *ptr, size_t len)
{
    return (a0__text){ ptr, len };
}

bool
a0__text_equal(a0__text a, a0__text b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool
a0__text_equal_ignoring_case(a0__text a, a0__text b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (a0__to_lower(a.ptr[i]) != a0__to_lower(b.ptr[i])) {
            return false;
        }
    }
    return true;
}

bool
a0__text_is(a0__text a, const char *string)
{
    return a0__text_equal(a, a0__text_of(string));
}

bool
a0__text_starts_with(a0__text text, a0__text prefix)
{
    return text.len >= prefix.len &&
           a0__text_equal(a0__text_range(text.ptr, prefix.len), prefix);
}

bool
a0__text_ends_with(a0__text text, a0__text suffix)
{
    return text.len >= suffix.len &&
           a0__text_equal(a0__text_from(text, text.len - suffix.len), suffix);
}

bool
a0__text_contains_byte(a0__text text, char byte)
{
    return text.len > 0 && memchr(text.ptr, byte, text.len) != NULL;
}

static bool
is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

a0__text
a0__text_trim(a0__text text)
{
    while (text.len > 0 && is_space(text.ptr[0])) {
        text = a0__text_from(text, 1);
    }
    while (text.len > 0 && is_space(text.ptr[text.len - 1])) {
        text.len--;
    }
    return text;
}

a0__text
a0__text_from(a0__text text, size_t start)
{
    if (start >= text.len) {
        return (a0__text){ text.ptr != NULL ? text.ptr + text.len : NULL, 0 };
    }
    return (a0__text){ text.ptr + start, text.len - start };
}

bool
a0__text_next(a0__text *rest, char separator, a0__text *out_piece)
{
    const char *at = NULL;

    if (rest->ptr == NULL) {
        return false;
    }
    at = rest->len > 0 ? memchr(rest->ptr, separator, rest->len) : NULL;
    if (at == NULL) {
        *out_piece = *rest;
        *rest = A0__NO_TEXT;
        return true;
    }
    *out_piece = a0__text_range(rest->ptr, (size_t)(at - rest->ptr));
    *rest = a0__text_range(at + 1, rest->len - out_piece->len - 1);
    return true;
}

bool
a0__text_has_word(a0__text words, a0__text word)
{
    a0__text piece = A0__NO_TEXT;

    while (a0__text_next(&words, ' ', &piece)) {
        if (piece.len > 0 && a0__text_equal(piece, word)) {
            return true;
        }
    }
    return false;
}

bool
a0__parse_u64(a0__text text, uint64_t max, uint64_t *out_value)
{
    uint64_t value = 0;

    if (text.len == 0) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (!a0__is_digit(text.ptr[i]) || __builtin_mul_overflow(value, 10U, &value) ||
            __builtin_add_overflow(value, (uint64_t)(text.ptr[i] - '0'), &value) ||
            value > max) {
            return false;
        }
    }
    *out_value = value;
    return true;
}

bool
a0__is_alpha(char byte)
{
    char lower = a0__to_lower(byte);

    return lower >= 'a' && lower <= 'z';
}

bool
a0__is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

char
a0__to_lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

int
a0__hex_value(char byte)
{
    if (a0__is_digit(byte)) {
        return byte - '0';
    }
    byte = a0__to_lower(byte);
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

bool
a0__text_is_visible_ascii(a0__text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < 0x21 || text.ptr[i] > 0x7e) {
            return false;
        }
    }
    return true;
}

bool
a0__text_has_no_controls(a0__text text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];

        if (byte < 0x20 || byte == 0x7f) {
            return false;
        }
    }
    return true;
}

/* Length of the well-formed sequence at the start (RFC 3629 §4), or 0. */
static size_t
utf8_sequence(const unsigned char *s, size_t len)
{
    size_t want = s[0] < 0x80   ? 1
                  : s[0] < 0xc2 ? 0
                  : s[0] < 0xe0 ? 2
                  : s[0] < 0xf0 ? 3
                                : 4;

    if (want == 0 || want > len || s[0] > 0xf4) {
        return 0;
    }
    for (size_t i = 1; i < want; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f)) {
        return 0;
    }
    return want;
}

/* Whether eight bytes of ASCII follow: nearly all text is that. */
static bool
is_ascii_8(const unsigned char *s, size_t left)
{
    uint64_t eight = 0;

    if (left < sizeof eight) {
        return false;
    }
    memcpy(&eight, s, sizeof eight);
    return (eight & 0x8080808080808080U) == 0;
}

bool
a0__text_is_utf8(a0__text text)
{
    const unsigned char *s = (const unsigned char *)text.ptr;
    size_t left = text.len;

    while (left > 0) {
        size_t n = is_ascii_8(s, left) ? 8 : utf8_sequence(s, left);

        if (n == 0) {
            return false;
        }
        s += n;
        left -= n;
    }
    return true;
}
