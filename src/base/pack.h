/* SPDX-License-Identifier: MIT */
/*
 * Our own records: fields in a fixed order, each text a length of four bytes (big
 * endian), the bytes and a NUL, each number eight bytes. Reading gives views into the
 * packed bytes, so a session is read without a single allocation (docs/formats.md).
 */
#ifndef A0_BASE_PACK_H
#define A0_BASE_PACK_H

#include "base/buf.h"
#include "base/secret.h"

void a0__pack_text(a0__buf *out, a0__text text);
void a0__pack_string(a0__buf *out, const char *string); /* NULL packs as "" */
void a0__pack_secret(a0__buf *out, const a0__secret *secret);
void a0__pack_i64(a0__buf *out, int64_t value);

/* Where a reader stands. A read past the end or a malformed field makes it fail for
 * good; ask once at the end. */
typedef struct a0__unpack {
    a0__text rest;
    bool failed;
} a0__unpack;

a0__unpack a0__unpack_of(a0__text packed);
/* A view that is NUL-terminated; empty after a failure. Never with a NUL inside. */
a0__text a0__unpack_text(a0__unpack *in);
/* Bytes of any kind. */
a0__text a0__unpack_bytes(a0__unpack *in);
int64_t a0__unpack_i64(a0__unpack *in);
/* Everything was read and nothing failed. */
bool a0__unpack_done(const a0__unpack *in);

#endif
