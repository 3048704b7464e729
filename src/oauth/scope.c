/* SPDX-License-Identifier: MIT */
#include "oauth/scope.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"

/* OIDC Core §5.4 and §11: what shapes a sign-in and permits nothing at an API. */
static const char SIGN_IN_SCOPES[] =
    "openid profile email address phone offline_access";

bool
a0__scope_is_valid(a0__text scope)
{
    for (size_t i = 0; i < scope.len; i++) {
        char c = scope.ptr[i];

        if (c < 0x20 || c > 0x7e || c == '"' || c == '\\') {
            return false;
        }
    }
    return true;
}

static int
compare_words(const void *a, const void *b)
{
    const a0__text *left = a;
    const a0__text *right = b;
    size_t shorter = left->len < right->len ? left->len : right->len;
    int order = memcmp(left->ptr, right->ptr, shorter);

    if (order != 0) {
        return order;
    }
    return (left->len > right->len) - (left->len < right->len);
}

a0_status
a0__scope_sort(a0__text scope, a0__buf *out, a0_error **err)
{
    /* Words and spaces alternate, so half of the bytes, and one, are words at most. */
    a0__text *words = a0__calloc(scope.len / 2 + 1, sizeof *words);
    a0__text word = A0__NO_TEXT;
    size_t len = 0;

    A0_ENSURE(words != NULL, err, no_memory);
    while (a0__text_next(&scope, ' ', &word)) {
        if (word.len > 0) {
            words[len] = word;
            len++;
        }
    }
    qsort(words, len, sizeof *words, compare_words);
    for (size_t i = 0; i < len; i++) {
        if (i > 0 && a0__text_equal(words[i], words[i - 1])) {
            continue;
        }
        if (i > 0) {
            a0__buf_byte(out, ' ');
        }
        a0__buf_text(out, words[i]);
    }
    a0__free(words);
    return a0__buf_check(out, err);
}

static bool
names_api(a0__text word)
{
    return word.len > 0 && !a0__text_has_word(a0__text_of(SIGN_IN_SCOPES), word);
}

bool
a0__scope_covers_api(a0__text granted, a0__text wanted)
{
    a0__text word = A0__NO_TEXT;

    while (a0__text_next(&wanted, ' ', &word)) {
        if (names_api(word) && !a0__text_has_word(granted, word)) {
            return false;
        }
    }
    return true;
}

bool
a0__scope_names_api(a0__text scope)
{
    a0__text word = A0__NO_TEXT;

    while (a0__text_next(&scope, ' ', &word)) {
        if (names_api(word)) {
            return true;
        }
    }
    return false;
}
