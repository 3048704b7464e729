/* SPDX-License-Identifier: MIT */
#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Of each thread its own: one counter for all would be the piece of memory that every
 * processor waits for. */
static _Thread_local uint64_t made;

/* What a test has asked for, of all threads together; 0: nothing. */
static _Atomic uint64_t fail_at;
static _Atomic uint64_t made_since;
static atomic_int fail_for_good;

/* Counts the allocation and says whether a test wants it to fail. */
static int
refuse(void)
{
    uint64_t at = atomic_load_explicit(&fail_at, memory_order_relaxed);
    uint64_t n = 0;

    made++;
    if (at == 0) {
        return 0;
    }
    n = atomic_fetch_add_explicit(&made_since, 1, memory_order_relaxed) + 1;
    return n == at ||
           (n > at && atomic_load_explicit(&fail_for_good, memory_order_relaxed));
}

void
a0__mem_fail_at(uint64_t n, int for_good)
{
    atomic_store(&fail_at, 0);
    atomic_store(&fail_for_good, for_good);
    atomic_store(&made_since, 0);
    atomic_store(&fail_at, n);
}

uint64_t
a0__mem_count(void)
{
    return made;
}

void *
a0__malloc(size_t size)
{
    return refuse() ? NULL : malloc(size > 0 ? size : 1);
}

void *
a0__calloc(size_t count, size_t size)
{
    if (refuse()) {
        return NULL;
    }
    return calloc(count > 0 ? count : 1, size > 0 ? size : 1);
}

void *
a0__realloc_array(void *ptr, size_t count, size_t size)
{
    size_t bytes = 0;

    if (refuse() || __builtin_mul_overflow(count, size, &bytes)) {
        return NULL;
    }
    return realloc(ptr, bytes > 0 ? bytes : 1);
}

char *
a0__strndup(const char *text, size_t len)
{
    char *copy = len < SIZE_MAX ? a0__malloc(len + 1) : NULL;

    if (copy != NULL) {
        if (len > 0) {
            memcpy(copy, text, len);
        }
        copy[len] = '\0';
    }
    return copy;
}

char *
a0__strdup(const char *text)
{
    return a0__strndup(text, strlen(text));
}

void
a0__free(void *ptr)
{
    free(ptr);
}

void
a0__string_auto(a0__string *string)
{
    a0__free(*string);
    *string = NULL;
}
