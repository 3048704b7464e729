/* SPDX-License-Identifier: MIT */
/*
 * Allocation. Everything in a0 allocates here, so that a test can make the n-th
 * allocation fail (MEM-09); there is no hook in the public interface.
 */
#ifndef A0_BASE_MEM_H
#define A0_BASE_MEM_H

#include <stddef.h>
#include <stdint.h>

/* All return NULL when there is no memory, or when count * size overflows. */
void *a0__malloc(size_t size);
void *a0__calloc(size_t count, size_t size);
/* Never for secrets: a moved block would leave a copy behind. */
void *a0__realloc_array(void *ptr, size_t count, size_t size);
char *a0__strdup(const char *text);
char *a0__strndup(const char *text, size_t len);
void a0__free(void *ptr);

/* For tests: the n-th allocation from now on fails (1: the next), and with
 * `for_good` all after it; 0 switches the failing off. */
void a0__mem_fail_at(uint64_t n, int for_good);
/* How many allocations this thread has made. */
uint64_t a0__mem_count(void);

/* Moves a pointer out of a variable that would otherwise be freed with its scope. */
#define a0__steal(pointer)                                                             \
    __extension__({                                                                    \
        __typeof__(*(pointer)) a0__stolen = *(pointer);                                \
        *(pointer) = NULL;                                                             \
        a0__stolen;                                                                    \
    })

/*
 * A0_AUTO(type) name = ...; clears `name` with type##_auto when its scope ends. Each
 * type that may stand here defines that function.
 */
#define A0_AUTO(type) __attribute__((cleanup(type##_auto))) type

/* A char * from a0__malloc and friends that frees itself. */
typedef char *a0__string;
void a0__string_auto(a0__string *string);

#endif
