/* SPDX-License-Identifier: MIT */
/*
 * Secrets are a type: client secret, tokens, verifier, state, nonce, keys. They are
 * wiped when they go, compared in constant time, and cannot be passed to a format by
 * accident. a0__secret_expose is the one way out and is easy to grep for.
 */
#ifndef A0_BASE_SECRET_H
#define A0_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

typedef struct a0__secret {
    unsigned char *bytes; /* followed by a NUL that is not counted */
    size_t len;
} a0__secret;

#define A0__SECRET_INIT ((a0__secret){ NULL, 0 })

/* Replaces what is in *secret by a copy; the old one is wiped. */
A0_MUST_USE a0_status a0__secret_set(a0__secret *secret, const void *bytes, size_t len,
                                     a0_error **err);
A0_MUST_USE a0_status a0__secret_set_text(a0__secret *secret, a0__text text,
                                          a0_error **err);
void a0__secret_clear(a0__secret *secret);
void a0__secret_auto(a0__secret *secret);
/* Moves the value; *from is empty afterwards. */
void a0__secret_move(a0__secret *to, a0__secret *from);

bool a0__secret_is_set(const a0__secret *secret);
/* Constant time for equal lengths. */
bool a0__secret_equal(const a0__secret *a, const a0__secret *b);
bool a0__secret_equal_text(const a0__secret *a, a0__text b);

/* The bytes, as text; lives as long as the secret. ptr is NULL when unset. */
a0__text a0__secret_expose(const a0__secret *secret);
/* The same NUL-terminated; NULL when unset. */
const char *a0__secret_expose_cstr(const a0__secret *secret);

/* Constant-time comparison of plain bytes, and the wipe itself. */
bool a0__equal_constant_time(const void *a, const void *b, size_t len);
void a0__wipe(void *bytes, size_t len);

#endif
