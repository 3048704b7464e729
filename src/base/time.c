/* SPDX-License-Identifier: MIT */
#include "base/time.h"

#include <string.h>
#include <time.h>

int64_t
a0__add_saturating(int64_t a, int64_t b)
{
    int64_t sum = 0;

    if (__builtin_add_overflow(a, b, &sum)) {
        return b > 0 ? INT64_MAX : INT64_MIN;
    }
    return sum;
}

/* Days to date by the 400-year cycle of the Gregorian calendar; gmtime would need a
 * time_t and a static buffer. */
void
a0__time_iso8601(int64_t wall_ms, a0__buf *out)
{
    int64_t ms = wall_ms < 0 ? 0 : wall_ms;
    int64_t seconds = ms / 1000 > A0__TIME_MAX ? A0__TIME_MAX : ms / 1000;
    int64_t days = seconds / 86400 + 719468; /* since 0000-03-01 */
    int64_t rest = seconds % 86400;
    int64_t cycle = days / 146097;
    int64_t day = days % 146097;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t day_of_year = day - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    int64_t day_of_month = day_of_year - (153 * month + 2) / 5 + 1;

    month = month < 10 ? month + 3 : month - 9;
    year = year + cycle * 400 + (month <= 2 ? 1 : 0);
    a0__buf_format(out, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int)year, (int)month,
                   (int)day_of_month, (int)(rest / 3600), (int)(rest / 60 % 60),
                   (int)(rest % 60), (int)(ms % 1000));
}

a0_status
a0__uuid7(int64_t wall_ms, const a0_random *random, void *random_self,
          char out[A0__UUID_LEN + 1], a0_error **err)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(A0__UUID_LEN);
    unsigned char b[16];

    A0_TRY(a0__random_bytes(random, random_self, b, sizeof b, err));
    for (int i = 0; i < 6; i++) {
        b[i] = (unsigned char)((uint64_t)wall_ms >> (40 - 8 * i) & 0xff);
    }
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x70);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < sizeof b; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            a0__buf_byte(&text, '-');
        }
        a0__buf_hex(&text, b + i, 1);
    }
    A0_TRY(a0__buf_check(&text, err));
    memcpy(out, a0__buf_cstr(&text), A0__UUID_LEN + 1);
    return A0_OK;
}

static int64_t
read_clock_ms(clockid_t id)
{
    struct timespec now = { 0 };

    (void)clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t
system_wall_ms(void *self)
{
    (void)self;
    return read_clock_ms(CLOCK_REALTIME);
}

static int64_t
system_monotonic_ms(void *self)
{
    (void)self;
    return read_clock_ms(CLOCK_MONOTONIC);
}

static void
system_sleep_ms(void *self, int64_t duration_ms)
{
    struct timespec span = { duration_ms / 1000, duration_ms % 1000 * 1000000 };

    (void)self;
    if (duration_ms > 0) {
        (void)nanosleep(&span, NULL);
    }
}

const a0_clock *
a0_clock_system(void)
{
    static const a0_clock table = { .size = sizeof table,
                                    .wall_ms = system_wall_ms,
                                    .monotonic_ms = system_monotonic_ms,
                                    .sleep_ms = system_sleep_ms };

    return &table;
}
