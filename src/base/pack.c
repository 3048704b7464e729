/* SPDX-License-Identifier: MIT */
#include "base/pack.h"

enum {
    LENGTH_BYTES = 4,
    NUMBER_BYTES = 8
};

static void
pack_number(a0__buf *out, uint64_t value, unsigned bytes)
{
    char octets[NUMBER_BYTES];

    for (unsigned i = 0; i < bytes; i++) {
        octets[i] = (char)(value >> (8 * (bytes - 1 - i)) & 0xff);
    }
    a0__buf_bytes(out, octets, bytes);
}

void
a0__pack_text(a0__buf *out, a0__text text)
{
    if (text.len > UINT32_MAX) {
        out->too_long = true;
        return;
    }
    pack_number(out, text.len, LENGTH_BYTES);
    a0__buf_text(out, text);
    a0__buf_byte(out, '\0');
}

void
a0__pack_string(a0__buf *out, const char *string)
{
    a0__pack_text(out, a0__text_of(string));
}

void
a0__pack_secret(a0__buf *out, const a0__secret *secret)
{
    a0__pack_text(out, a0__secret_expose(secret));
}

void
a0__pack_i64(a0__buf *out, int64_t value)
{
    pack_number(out, (uint64_t)value, NUMBER_BYTES);
}

a0__unpack
a0__unpack_of(a0__text packed)
{
    return (a0__unpack){ .rest = packed };
}

static uint64_t
unpack_number(a0__unpack *in, unsigned bytes)
{
    uint64_t value = 0;

    if (in->failed || in->rest.len < bytes) {
        in->failed = true;
        return 0;
    }
    for (unsigned i = 0; i < bytes; i++) {
        value = value << 8 | (unsigned char)in->rest.ptr[i];
    }
    in->rest = a0__text_from(in->rest, bytes);
    return value;
}

a0__text
a0__unpack_bytes(a0__unpack *in)
{
    size_t len = (size_t)unpack_number(in, LENGTH_BYTES);
    a0__text text = A0__LIT("");

    if (in->failed || in->rest.len <= len || in->rest.ptr[len] != '\0') {
        in->failed = true;
        return text;
    }
    text = a0__text_range(in->rest.ptr, len);
    in->rest = a0__text_from(in->rest, len + 1);
    return text;
}

a0__text
a0__unpack_text(a0__unpack *in)
{
    a0__text text = a0__unpack_bytes(in);

    if (a0__text_contains_byte(text, '\0')) {
        in->failed = true;
        return A0__LIT("");
    }
    return text;
}

int64_t
a0__unpack_i64(a0__unpack *in)
{
    return (int64_t)unpack_number(in, NUMBER_BYTES);
}

bool
a0__unpack_done(const a0__unpack *in)
{
    return !in->failed && in->rest.len == 0;
}
