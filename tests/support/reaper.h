/* SPDX-License-Identifier: MIT */
/* The death of a process at a point of choice: before or after a call of the store or a
 * request, as the hooks of failing_store and fake_tenant tell of them. */
#ifndef A0_TESTS_REAPER_H
#define A0_TESTS_REAPER_H

#include "failing_store.h"

typedef struct reaper {
    unsigned at; /* the point that is not survived; 0: only counts */
    unsigned passed;
} reaper;

/* For `watch`, with the reaper as `watch_self`. */
void reaper_at_store(void *self, failing_store_call call, uint64_t n, bool done);
void reaper_at_request(void *self, const char *path, bool done);

#endif
