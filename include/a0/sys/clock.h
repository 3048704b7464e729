/* SPDX-License-Identifier: MIT */
/* The clock port: wall time for what peers say, monotonic time for waiting. */
#ifndef A0_SYS_CLOCK_H
#define A0_SYS_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#include <a0/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Called from several threads at once; none of them can fail. */
typedef struct a0_clock {
    size_t size;
    int64_t (*wall_ms)(void *self);      /* milliseconds since 1970-01-01 UTC */
    int64_t (*monotonic_ms)(void *self); /* never steps back; any origin */
    void (*sleep_ms)(void *self, int64_t duration_ms);
} a0_clock;

/* The clock of this machine; self is NULL. */
A0_API const a0_clock *a0_clock_system(void);

#ifdef __cplusplus
}
#endif

#endif
