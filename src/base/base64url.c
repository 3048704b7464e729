/* SPDX-License-Identifier: MIT */
#include "base/base64url.h"

typedef unsigned char octet;

/* An alphabet and its inverse; OTHER marks what does not belong to it. */
typedef struct alphabet {
    char letters[65];
    octet values[256];
} alphabet;

enum {
    OTHER = 0x80
};

#define OTHER_8 OTHER, OTHER, OTHER, OTHER, OTHER, OTHER, OTHER, OTHER
#define OTHER_16 OTHER_8, OTHER_8
#define OTHER_128                                                                      \
    OTHER_16, OTHER_16, OTHER_16, OTHER_16, OTHER_16, OTHER_16, OTHER_16, OTHER_16
#define DIGITS 52, 53, 54, 55, 56, 57, 58, 59, 60, 61
#define UPPER                                                                          \
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,  \
        23, 24, 25
#define LOWER                                                                          \
    26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45,    \
        46, 47, 48, 49, 50, 51
/* From "(" to DEL; the four that differ are "+", "-", "/" and "_". */
#define FROM_PARENTHESIS(plus, minus, slash, underscore)                               \
    OTHER, OTHER, OTHER, plus, OTHER, minus, OTHER, slash, DIGITS, OTHER, OTHER,       \
        OTHER, OTHER, OTHER, OTHER, OTHER, UPPER, OTHER, OTHER, OTHER, OTHER,          \
        underscore, OTHER, LOWER, OTHER, OTHER, OTHER, OTHER, OTHER

static const alphabet url = {
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    { OTHER_16, OTHER_16, OTHER_8, FROM_PARENTHESIS(OTHER, 62, OTHER, 63), OTHER_128 },
};

static const alphabet classic = {
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    { OTHER_16, OTHER_16, OTHER_8, FROM_PARENTHESIS(62, OTHER, 63, OTHER), OTHER_128 },
};

/* RFC 4648 §4: three octets make four letters, a rest of n octets n + 1. */
static size_t
encoded_len(size_t len)
{
    return len / 3 * 4 + (len % 3 > 0 ? len % 3 + 1 : 0);
}

static size_t
decoded_len(size_t len)
{
    return len / 4 * 3 + len % 4 * 3 / 4;
}

static void
encode(const alphabet *to, const octet *in, size_t len, a0__buf *out)
{
    const char *letters = to->letters;
    char *at = NULL;

    if (len > SIZE_MAX / 2) {
        out->too_long = true;
        return;
    }
    at = a0__buf_extend(out, encoded_len(len));
    if (at == NULL) {
        return;
    }
    for (; len >= 3; in += 3, len -= 3) {
        *at++ = letters[in[0] >> 2];
        *at++ = letters[(in[0] & 3) << 4 | in[1] >> 4];
        *at++ = letters[(in[1] & 15) << 2 | in[2] >> 6];
        *at++ = letters[in[2] & 63];
    }
    if (len > 0) {
        octet second = len == 2 ? in[1] : 0;

        *at++ = letters[in[0] >> 2];
        *at++ = letters[(in[0] & 3) << 4 | second >> 4];
        if (len == 2) {
            *at = letters[(second & 15) << 2];
        }
    }
}

/* The last two or three letters, whose spare bits must be zero [IDT-10]. */
static bool
decode_rest(const octet *values, const octet *in, size_t len, octet *out)
{
    octet a = 0;
    octet b = 0;
    octet c = 0;

    if (len == 0) {
        return true;
    }
    a = values[in[0]];
    b = len > 1 ? values[in[1]] : OTHER;
    c = len > 2 ? values[in[2]] : 0;
    if (((a | b | c) & OTHER) != 0) {
        return false;
    }
    out[0] = (octet)(a << 2 | b >> 4);
    if (len == 2) {
        return (b & 15) == 0;
    }
    out[1] = (octet)(b << 4 | c >> 2);
    return (c & 3) == 0;
}

/* Writes decoded_len octets. */
static bool
decode(const alphabet *from, a0__text text, octet *out)
{
    const octet *values = from->values;
    const octet *in = (const octet *)text.ptr;
    size_t len = text.len;
    octet seen = 0;

    for (; len >= 4; in += 4, out += 3, len -= 4) {
        octet a = values[in[0]];
        octet b = values[in[1]];
        octet c = values[in[2]];
        octet d = values[in[3]];

        seen |= a | b | c | d;
        out[0] = (octet)(a << 2 | b >> 4);
        out[1] = (octet)(b << 4 | c >> 2);
        out[2] = (octet)(c << 6 | d);
    }
    return (seen & OTHER) == 0 && decode_rest(values, in, len, out);
}

static bool
decode_appending(const alphabet *from, a0__text text, a0__buf *out)
{
    size_t start = out->len;
    char *at = a0__buf_extend(out, decoded_len(text.len));

    if (at == NULL) {
        return false;
    }
    if (!decode(from, text, (octet *)at)) {
        a0__buf_cut(out, start);
        return false;
    }
    return true;
}

void
a0__base64url_encode(const void *bytes, size_t len, a0__buf *out)
{
    encode(&url, bytes, len, out);
}

a0_status
a0__base64url_secret(const a0__secret *bytes, a0__secret *out_text, a0_error **err)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(bytes->len * 2 + 4);

    a0__base64url_encode(bytes->bytes, bytes->len, &text);
    A0_TRY(a0__buf_check(&text, err));
    return a0__secret_set_text(out_text, a0__buf_view(&text), err);
}

bool
a0__base64url_decode(a0__text text, a0__buf *out)
{
    return decode_appending(&url, text, out);
}

bool
a0__base64url_decode_into(a0__text text, unsigned char *out, size_t out_max,
                          size_t *out_len)
{
    *out_len = decoded_len(text.len);
    return *out_len <= out_max && decode(&url, text, out);
}

void
a0__base64_encode(const void *bytes, size_t len, a0__buf *out)
{
    encode(&classic, bytes, len, out);
    for (size_t pad = (3 - len % 3) % 3; pad > 0; pad--) {
        a0__buf_byte(out, '=');
    }
}

bool
a0__base64_decode(a0__text text, a0__buf *out)
{
    if (text.len % 4 != 0) {
        return false;
    }
    for (int pad = 0; pad < 2 && text.len > 0 && text.ptr[text.len - 1] == '='; pad++) {
        text.len--;
    }
    return decode_appending(&classic, text, out);
}
