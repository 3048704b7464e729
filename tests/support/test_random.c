/* SPDX-License-Identifier: MIT */
#include "test_random.h"

#include <string.h>

/* splitmix64: word n of a seed, so that threads need no lock. */
static uint64_t
word(uint64_t seed, uint64_t n)
{
    uint64_t z = seed + n * UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static a0_status
fill(void *self, void *out_bytes, size_t len)
{
    test_random *random = self;
    uint64_t fail_at = atomic_load(&random->fail_at);
    unsigned char *out = out_bytes;

    if (atomic_fetch_add(&random->calls, 1) + 1 >= fail_at && fail_at > 0) {
        return A0_UNAVAILABLE;
    }
    while (len > 0) {
        uint64_t next = word(random->seed, atomic_fetch_add(&random->drawn, 1) + 1);
        size_t take = len < sizeof next ? len : sizeof next;

        memcpy(out, &next, take);
        out += take;
        len -= take;
    }
    return A0_OK;
}

const a0_random test_random_table = { .size = sizeof test_random_table, .fill = fill };
