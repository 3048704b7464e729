/* SPDX-License-Identifier: MIT */
/*
 * Random ports for tests: a seeded one, which repeats its bytes from run to run, and
 * which can be told to fail.
 */
#ifndef A0_TESTS_TEST_RANDOM_H
#define A0_TESTS_TEST_RANDOM_H

#include <stdatomic.h>
#include <stdint.h>

#include <a0/sys/random.h>

typedef struct test_random {
    uint64_t seed;
    _Atomic uint64_t drawn; /* words given so far */
    _Atomic uint64_t calls; /* calls of fill so far */
    _Atomic uint64_t
        fail_at; /* this call (1: the first) and all after it fail; 0: none */
} test_random;

#define TEST_RANDOM_INIT                                                               \
    {                                                                                  \
        .seed = UINT64_C(0x6130207465737421)                                           \
    }

/* The table; self is a test_random. */
extern const a0_random test_random_table;

#endif
