/* SPDX-License-Identifier: MIT */
/*
 * A clock that a test sets. Sleeping advances it at once, so a test of a timeout takes
 * no time, unless another process is waited for. Any thread may read or move it.
 */
#ifndef A0_TESTS_TEST_CLOCK_H
#define A0_TESTS_TEST_CLOCK_H

#include <stdatomic.h>
#include <stdbool.h>

#include <a0/sys/clock.h>

/* 2026-03-04T05:06:07Z, where every test clock starts unless told otherwise. */
#define TEST_CLOCK_START_S INT64_C(1772600767)

typedef struct test_clock {
    _Atomic int64_t wall_ms;
    _Atomic int64_t monotonic_ms;
    _Atomic int64_t slept_ms; /* how long callers have slept in all */
    bool waits; /* sleeping takes its time: for what another process does */
} test_clock;

#define TEST_CLOCK_INIT                                                                \
    {                                                                                  \
        .wall_ms = TEST_CLOCK_START_S * 1000, .monotonic_ms = 1000                     \
    }

/* The table; self is a test_clock. */
extern const a0_clock test_clock_table;

/* Moves wall and monotonic time on together. */
void test_clock_advance_s(test_clock *clock, int64_t seconds);
/* Sets the wall alone, as an administrator does; it may go back. */
void test_clock_set_wall_s(test_clock *clock, int64_t wall_s);
int64_t test_clock_now_s(test_clock *clock);

#endif
