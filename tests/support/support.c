/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

void
support_assert_ok(a0_status status, a0_error *err, const char *expr, const char *file,
                  int line)
{
    if (status != A0_OK) {
        print_error(
            "%s: %s (%s, about %s)\n", expr, a0_error_message(err), a0_error_id(err),
            a0_error_argument(err) != NULL ? a0_error_argument(err) : "nothing");
        _fail(file, line);
    }
}

void
support_assert_fails(a0_status status, a0_error **err, const char *id, const char *expr,
                     const char *file, int line)
{
    if (status == A0_OK || strcmp(a0_error_id(*err), id) != 0 ||
        a0_error_status(*err) != status) {
        print_error("%s: expected %s, got %s (%s)\n", expr, id, a0_status_name(status),
                    *err != NULL ? a0_error_id(*err) : "no error");
        _fail(file, line);
    }
    a0_error_free(*err);
    *err = NULL;
}

void
support_assert_text(a0__text actual, const char *expected, const char *file, int line)
{
    if (!a0__text_is(actual, expected)) {
        print_error("expected \"%s\", got \"%.*s\"\n", expected, (int)actual.len,
                    actual.ptr != NULL ? actual.ptr : "");
        _fail(file, line);
    }
}

char *
support_read_file(const char *path, size_t *out_len)
{
    FILE *file = fopen(path, "rb");
    char *bytes = NULL;
    long size = 0;

    if (file == NULL) {
        return NULL;
    }
    if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 &&
        fseek(file, 0, SEEK_SET) == 0) {
        bytes = a0__malloc((size_t)size + 1);
    }
    if (bytes != NULL) {
        *out_len = fread(bytes, 1, (size_t)size, file);
        bytes[*out_len] = '\0';
    }
    (void)fclose(file);
    return bytes;
}
