/* SPDX-License-Identifier: MIT */
/* What every C test starts from. */
#ifndef A0_TESTS_SUPPORT_H
#define A0_TESTS_SUPPORT_H

/* cmocka wants these before its own header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"

/* Asserts success and shows the error's message otherwise. */
#define assert_ok(expr, err) support_assert_ok((expr), (err), #expr, __FILE__, __LINE__)
void support_assert_ok(a0_status status, a0_error *err, const char *expr,
                       const char *file, int line);

/* Asserts failure with that error id, and frees the error. */
#define assert_fails(expr, err, id)                                                    \
    support_assert_fails((expr), (err), #id, #expr, __FILE__, __LINE__)
void support_assert_fails(a0_status status, a0_error **err, const char *id,
                          const char *expr, const char *file, int line);

#define assert_text(actual, expected)                                                  \
    support_assert_text((actual), (expected), __FILE__, __LINE__)
void support_assert_text(a0__text actual, const char *expected, const char *file,
                         int line);

/* The whole file, NUL-terminated, from a0__malloc; NULL when there is none. */
char *support_read_file(const char *path, size_t *out_len);

#endif
