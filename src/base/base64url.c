/* SPDX-License-Identifier: MIT */
#include "base/base64url.h"

static const char url_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char classic_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void
encode(const char *alphabet, const unsigned char *b, size_t len, a0__buf *out)
{
    for (; len >= 3; b += 3, len -= 3) {
        char four[4] = { alphabet[b[0] >> 2], alphabet[(b[0] & 3) << 4 | b[1] >> 4],
                         alphabet[(b[1] & 15) << 2 | b[2] >> 6], alphabet[b[2] & 63] };

        a0__buf_bytes(out, four, sizeof four);
    }
    if (len == 2) {
        a0__buf_byte(out, alphabet[b[0] >> 2]);
        a0__buf_byte(out, alphabet[(b[0] & 3) << 4 | b[1] >> 4]);
        a0__buf_byte(out, alphabet[(b[1] & 15) << 2]);
    } else if (len == 1) {
        a0__buf_byte(out, alphabet[b[0] >> 2]);
        a0__buf_byte(out, alphabet[(b[0] & 3) << 4]);
    }
}

static int
value_of(char byte, char c62, char c63)
{
    if (byte >= 'A' && byte <= 'Z') {
        return byte - 'A';
    }
    if (byte >= 'a' && byte <= 'z') {
        return byte - 'a' + 26;
    }
    if (a0__is_digit(byte)) {
        return byte - '0' + 52;
    }
    return byte == c62 ? 62 : byte == c63 ? 63 : -1;
}

static bool
decode(a0__text text, char c62, char c63, a0__buf *out)
{
    uint32_t bits = 0;
    unsigned have = 0;

    if (text.len % 4 == 1) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        int value = value_of(text.ptr[i], c62, c63);

        if (value < 0) {
            return false;
        }
        bits = bits << 6 | (uint32_t)value;
        have += 6;
        if (have >= 8) {
            have -= 8;
            a0__buf_byte(out, (char)(bits >> have & 0xff));
        }
    }
    return (bits & ((1U << have) - 1)) == 0;
}

void
a0__base64url_encode(const void *bytes, size_t len, a0__buf *out)
{
    encode(url_alphabet, bytes, len, out);
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
    return decode(text, '-', '_', out);
}

void
a0__base64_encode(const void *bytes, size_t len, a0__buf *out)
{
    encode(classic_alphabet, bytes, len, out);
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
    return decode(text, '+', '/', out);
}
