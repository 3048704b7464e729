/* SPDX-License-Identifier: MIT */
#include "allocations.h"

#include <stdatomic.h>
#include <stdlib.h>

/* What glibc has behind them for programs that put their own in front. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *ptr, size_t size);

static _Atomic uint64_t allocations;

void *
malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
    allocations++;
    return __libc_calloc(count, size);
}

void *
realloc(void *ptr, size_t size)
{
    allocations++;
    return __libc_realloc(ptr, size);
}

uint64_t
bench_allocations(void)
{
    return allocations;
}
