/* SPDX-License-Identifier: MIT */
/* Time is int64_t; sums saturate, so no date of a peer can overflow. */
#ifndef A0_BASE_TIME_H
#define A0_BASE_TIME_H

#include "base/buf.h"
#include "base/crypto.h"

#include <a0/sys/clock.h>

/* 9999-12-31T23:59:59Z, the last second that RFC 3339 can write. */
#define A0__TIME_MAX INT64_C(253402300799)

int64_t a0__add_saturating(int64_t a, int64_t b);

/* Appends 2026-03-04T05:06:07.089Z. */
void a0__time_iso8601(int64_t wall_ms, a0__buf *out);

enum {
    A0__UUID_LEN = 36
};

/* RFC 9562 §5.7: a UUID whose first 48 bits are the time, so that new rows of a table
 * stand next to each other. */
A0_MUST_USE a0_status a0__uuid7(int64_t wall_ms, const a0_random *random,
                                void *random_self, char out[A0__UUID_LEN + 1],
                                a0_error **err);

#endif
