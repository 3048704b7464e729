/* SPDX-License-Identifier: MIT */
/*
 * The grammar of RFC 8259, strictly, in one pass that builds nodes as it goes. jansson
 * keeps the nodes; its own reader is left out because it takes every byte through two
 * calls, knows no limit but depth 2048, and keeps an unwiped copy of each string.
 */
#include <string.h>

#include "json/internal.h"

enum {
    PLAIN_DIGITS_MAX = 18 /* always fit 63 bits */
};

typedef struct reader {
    const char *at;
    const char *end;
    size_t depth_left;
    size_t members_left;
    a0__buf scratch; /* a string that has escapes */
    bool no_memory;
} reader;

static json_t *read_value(reader *r);

static bool
peek(const reader *r, char byte)
{
    return r->at < r->end && *r->at == byte;
}

/* Consumes the byte when it is the next one. */
static bool
take(reader *r, char byte)
{
    if (!peek(r, byte)) {
        return false;
    }
    r->at++;
    return true;
}

static void
skip_space(reader *r)
{
    while (r->at < r->end &&
           (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r')) {
        r->at++;
    }
}

/* A node that could not be made for want of memory stops everything. */
static json_t *
made(reader *r, json_t *node)
{
    r->no_memory = r->no_memory || node == NULL;
    return node;
}

/* Four hexadecimal digits; -1 otherwise. */
static int
read_hex4(reader *r)
{
    int unit = 0;

    for (int i = 0; i < 4; i++, r->at++) {
        int digit = r->at < r->end ? a0__hex_value(*r->at) : -1;

        if (digit < 0) {
            return -1;
        }
        unit = unit << 4 | digit;
    }
    return unit;
}

/* §7: \u, already consumed. NUL is refused, and so is half a surrogate pair. */
static bool
read_unicode(reader *r)
{
    int unit = read_hex4(r);
    uint32_t code = (uint32_t)unit;
    char bytes[4];
    size_t len = 0;

    if (unit <= 0 || (unit >= 0xdc00 && unit <= 0xdfff)) {
        return false;
    }
    if (unit >= 0xd800 && unit <= 0xdbff) {
        int low = take(r, '\\') && take(r, 'u') ? read_hex4(r) : -1;

        if (low < 0xdc00 || low > 0xdfff) {
            return false;
        }
        code = 0x10000 + ((code - 0xd800) << 10) + ((uint32_t)low - 0xdc00);
        bytes[len++] = (char)(0xf0 | code >> 18);
        bytes[len++] = (char)(0x80 | (code >> 12 & 0x3f));
    } else if (code >= 0x800) {
        bytes[len++] = (char)(0xe0 | code >> 12);
    }
    if (code >= 0x800) {
        bytes[len++] = (char)(0x80 | (code >> 6 & 0x3f));
    } else if (code >= 0x80) {
        bytes[len++] = (char)(0xc0 | code >> 6);
    }
    bytes[len++] = code >= 0x80 ? (char)(0x80 | (code & 0x3f)) : (char)code;
    a0__buf_bytes(&r->scratch, bytes, len);
    return true;
}

static bool
read_escape(reader *r)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    const char *found = NULL;
    char letter = '\0';

    if (r->at == r->end) {
        return false;
    }
    letter = *r->at++;
    if (letter == 'u') {
        return read_unicode(r);
    }
    found = memchr(from, letter, sizeof from - 1);
    if (found == NULL) {
        return false;
    }
    a0__buf_byte(&r->scratch, to[found - from]);
    return true;
}

/* The bytes up to the next quote, escape or control character. */
static a0__text
plain_run(reader *r)
{
    const char *start = r->at;

    while (r->at < r->end && *r->at != '"' && *r->at != '\\' &&
           (unsigned char)*r->at >= 0x20) {
        r->at++;
    }
    return a0__text_range(start, (size_t)(r->at - start));
}

/*
 * §7. The text is borrowed from the input, or from the scratch buffer until the next
 * string is read. That the whole input is UTF-8 was seen before.
 */
static bool
read_text(reader *r, a0__text *out)
{
    if (!take(r, '"')) {
        return false;
    }
    *out = plain_run(r);
    if (take(r, '"')) {
        return true;
    }
    a0__buf_reset(&r->scratch);
    a0__buf_text(&r->scratch, *out);
    while (take(r, '\\')) {
        if (!read_escape(r)) {
            return false;
        }
        a0__buf_text(&r->scratch, plain_run(r));
    }
    r->no_memory = r->no_memory || !a0__buf_ok(&r->scratch);
    *out = a0__buf_view(&r->scratch);
    return take(r, '"');
}

static size_t
skip_digits(reader *r)
{
    const char *start = r->at;

    while (r->at < r->end && a0__is_digit(*r->at)) {
        r->at++;
    }
    return (size_t)(r->at - start);
}

/* §6: the grammar; false also for a number that is longer than the limit. */
static bool
skip_number(reader *r, bool *out_is_plain)
{
    const char *start = r->at;
    bool starts_with_zero = false;

    *out_is_plain = true;
    (void)take(r, '-');
    starts_with_zero = peek(r, '0');
    if (skip_digits(r) != 1 && starts_with_zero) {
        return false;
    }
    if (!a0__is_digit(r->at[-1])) {
        return false;
    }
    if (take(r, '.')) {
        *out_is_plain = false;
        if (skip_digits(r) == 0) {
            return false;
        }
    }
    if (take(r, 'e') || take(r, 'E')) {
        *out_is_plain = false;
        (void)(take(r, '-') || take(r, '+'));
        if (skip_digits(r) == 0) {
            return false;
        }
    }
    return r->at - start <= A0__JSON_NUMBER_MAX;
}

static json_t *
read_number(reader *r)
{
    const char *start = r->at;
    bool is_plain = false;
    json_error_t error;
    json_t *node = NULL;
    json_int_t value = 0;

    if (!skip_number(r, &is_plain)) {
        return NULL;
    }
    if (!is_plain || r->at - start > PLAIN_DIGITS_MAX) {
        /* Rare, and delicate: overflow, rounding, the decimal point of the locale. */
        node = json_loadb(start, (size_t)(r->at - start), JSON_DECODE_ANY, &error);
        r->no_memory = r->no_memory || (node == NULL && json_error_code(&error) ==
                                                            json_error_out_of_memory);
        return node;
    }
    for (const char *digit = *start == '-' ? start + 1 : start; digit < r->at;
         digit++) {
        value = value * 10 + (*digit - '0');
    }
    return made(r, json_integer(*start == '-' ? -value : value));
}

static json_t *
read_string(reader *r)
{
    a0__text text = A0__NO_TEXT;

    if (!read_text(r, &text) || r->no_memory) {
        return NULL;
    }
    return made(r, json_stringn_nocheck(text.ptr, text.len));
}

static json_t *
read_word(reader *r, a0__text word, json_t *node)
{
    if ((size_t)(r->end - r->at) < word.len || memcmp(r->at, word.ptr, word.len) != 0) {
        return NULL;
    }
    r->at += word.len;
    return node;
}

/* §4: one member. A name that is there already is refused [IDT-12]. */
static bool
read_member(reader *r, json_t *object)
{
    size_t before = json_object_size(object);
    a0__text name = A0__NO_TEXT;
    A0_AUTO(a0__string) unescaped = NULL;
    json_t *value = NULL;

    skip_space(r);
    if (!read_text(r, &name) || r->no_memory) {
        return false;
    }
    if (name.ptr == r->scratch.ptr) {
        /* The value may need the scratch buffer for itself. */
        unescaped = a0__strndup(name.ptr, name.len);
        if (unescaped == NULL) {
            r->no_memory = true;
            return false;
        }
        name.ptr = unescaped;
    }
    skip_space(r);
    if (!take(r, ':')) {
        return false;
    }
    value = read_value(r);
    if (value == NULL) {
        return false;
    }
    if (json_object_setn_new_nocheck(object, name.ptr, name.len, value) != 0) {
        r->no_memory = true;
        return false;
    }
    return json_object_size(object) > before;
}

static bool
read_element(reader *r, json_t *array)
{
    json_t *value = read_value(r);

    if (value == NULL) {
        return false;
    }
    if (json_array_append_new(array, value) != 0) {
        r->no_memory = true;
        return false;
    }
    return true;
}

/* §4 and §5: what stands between the brackets, the first of which is consumed. */
static bool
read_members(reader *r, json_t *container, char closing,
             bool (*read_one)(reader *, json_t *))
{
    skip_space(r);
    if (take(r, closing)) {
        return true;
    }
    do {
        if (r->members_left == 0) {
            return false;
        }
        r->members_left--;
        if (!read_one(r, container)) {
            return false;
        }
        skip_space(r);
    } while (take(r, ','));
    return take(r, closing);
}

static json_t *
read_container(reader *r)
{
    bool is_object = *r->at == '{';
    json_t *container = NULL;
    bool complete = false;

    if (r->depth_left == 0) {
        return NULL;
    }
    container = made(r, is_object ? json_object() : json_array());
    if (container == NULL) {
        return NULL;
    }
    r->at++;
    r->depth_left--;
    complete = is_object ? read_members(r, container, '}', read_member)
                         : read_members(r, container, ']', read_element);
    r->depth_left++;
    if (!complete) {
        a0__json_free((a0__json *)(void *)container);
        return NULL;
    }
    return container;
}

/* §3. Depth is bounded in read_container. */
static json_t *
read_value(reader *r) /* NOLINT(misc-no-recursion) */
{
    skip_space(r);
    if (r->at == r->end) {
        return NULL;
    }
    switch (*r->at) {
    case '"':
        return read_string(r);
    case '{':
    case '[':
        return read_container(r);
    case 't':
        return read_word(r, A0__LIT("true"), json_true());
    case 'f':
        return read_word(r, A0__LIT("false"), json_false());
    case 'n':
        return read_word(r, A0__LIT("null"), json_null());
    default:
        return a0__is_digit(*r->at) || *r->at == '-' ? read_number(r) : NULL;
    }
}

json_t *
a0__json_read(a0__text text, a0__json_limits limits, bool *out_no_memory,
              size_t *out_read)
{
    reader r = { .at = text.ptr,
                 .end = text.ptr + text.len,
                 .depth_left = limits.depth,
                 .members_left = limits.members,
                 .scratch = A0__BUF_INIT(text.len) };
    json_t *root = a0__text_is_utf8(text) ? read_value(&r) : NULL;

    if (root != NULL) {
        skip_space(&r);
        if (r.at != r.end) {
            a0__json_free((a0__json *)(void *)root);
            root = NULL;
        }
    }
    *out_no_memory = root == NULL && r.no_memory;
    if (out_read != NULL) {
        *out_read = (size_t)(r.at - text.ptr);
    }
    a0__buf_clear(&r.scratch);
    return root;
}
