/* SPDX-License-Identifier: MIT */
/* For a benchmark that is linked with allocations.c, whose functions stand in front of
 * those of glibc. */
#ifndef A0_BENCH_ALLOCATIONS_H
#define A0_BENCH_ALLOCATIONS_H

#include <stdint.h>

/* Of the whole process so far, the libraries' included. */
uint64_t bench_allocations(void);

#endif
