/* SPDX-License-Identifier: MIT */
#include "test_clock.h"

#include <unistd.h>

static int64_t
wall_ms(void *self)
{
    return atomic_load(&((test_clock *)self)->wall_ms);
}

static int64_t
monotonic_ms(void *self)
{
    return atomic_load(&((test_clock *)self)->monotonic_ms);
}

static void
advance_ms(test_clock *clock, int64_t duration_ms)
{
    (void)atomic_fetch_add(&clock->wall_ms, duration_ms);
    (void)atomic_fetch_add(&clock->monotonic_ms, duration_ms);
}

static void
sleep_ms(void *self, int64_t duration_ms)
{
    test_clock *clock = self;

    if (clock->waits) {
        (void)usleep((useconds_t)duration_ms * 1000);
    }
    (void)atomic_fetch_add(&clock->slept_ms, duration_ms);
    advance_ms(clock, duration_ms);
}

const a0_clock test_clock_table = { .size = sizeof test_clock_table,
                                    .wall_ms = wall_ms,
                                    .monotonic_ms = monotonic_ms,
                                    .sleep_ms = sleep_ms };

void
test_clock_advance_s(test_clock *clock, int64_t seconds)
{
    advance_ms(clock, seconds * 1000);
}

void
test_clock_set_wall_s(test_clock *clock, int64_t wall_s)
{
    atomic_store(&clock->wall_ms, wall_s * 1000);
}

int64_t
test_clock_now_s(test_clock *clock)
{
    return atomic_load(&clock->wall_ms) / 1000;
}
