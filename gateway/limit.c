/* SPDX-License-Identifier: MIT */
#include "limit.h"

void
limiter_init(limiter *l, uint32_t per_minute, uint32_t all_per_second)
{
    *l = (limiter){ .cost_ms = per_minute > 0 ? 60000 / (int64_t)per_minute : 0,
                    .all_cost_us =
                        all_per_second > 0 ? 1000000 / (int64_t)all_per_second : 0 };
    l->burst_ms = l->cost_ms * (int64_t)per_minute;
    l->all_burst_us = l->all_cost_us * (int64_t)all_per_second * 2;
    pthread_mutex_init(&l->lock, NULL);
}

void
limiter_clear(limiter *l)
{
    pthread_mutex_destroy(&l->lock);
}

/* The bucket of that address, a free one, or the one it has to share. */
static limit_bucket *
find_bucket(limiter *l, uint64_t address, int64_t now_ms)
{
    /* Fibonacci hashing; neighbours in a network do not collide. */
    uint64_t start = address * UINT64_C(0x9e3779b97f4a7c15) >> 52;
    limit_bucket *unused = NULL;

    for (uint64_t i = 0; i < LIMIT_PROBES; i++) {
        limit_bucket *bucket = &l->buckets[(start + i) % LIMIT_SLOTS];

        if (bucket->key == address && bucket->full_at_ms > now_ms) {
            return bucket;
        }
        if (unused == NULL && bucket->full_at_ms <= now_ms) {
            unused = bucket;
        }
    }
    if (unused == NULL) {
        return &l->buckets[start];
    }
    *unused = (limit_bucket){ .key = address, .full_at_ms = now_ms };
    return unused;
}

static int64_t
later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* How long to wait until one token is there, 0 if it is. A bucket is the time at which
 * it is full: one number, no background work. */
static int64_t
wait_for(int64_t full_at, int64_t now, int64_t cost, int64_t burst)
{
    return cost > 0 ? later(0, later(full_at, now) + cost - burst - now) : 0;
}

static int64_t
wait_ms_of(const limiter *l, const limit_bucket *bucket, int64_t now_ms)
{
    return later(
        wait_for(bucket->full_at_ms, now_ms, l->cost_ms, l->burst_ms),
        wait_for(l->all_full_at_us, now_ms * 1000, l->all_cost_us, l->all_burst_us) /
            1000);
}

static int
in_seconds(int64_t wait_ms)
{
    return (int)((wait_ms + 999) / 1000);
}

int
limiter_peek(limiter *l, uint64_t address, int64_t now_ms)
{
    int64_t wait_ms = 0;

    pthread_mutex_lock(&l->lock);
    wait_ms = wait_ms_of(l, find_bucket(l, address, now_ms), now_ms);
    pthread_mutex_unlock(&l->lock);
    return in_seconds(wait_ms);
}

int
limiter_take(limiter *l, uint64_t address, int64_t now_ms)
{
    int64_t wait_ms = 0;
    limit_bucket *bucket = NULL;

    pthread_mutex_lock(&l->lock);
    bucket = find_bucket(l, address, now_ms);
    wait_ms = wait_ms_of(l, bucket, now_ms);
    if (wait_ms == 0) {
        bucket->full_at_ms = later(bucket->full_at_ms, now_ms) + l->cost_ms;
        l->all_full_at_us = later(l->all_full_at_us, now_ms * 1000) + l->all_cost_us;
    }
    pthread_mutex_unlock(&l->lock);
    return in_seconds(wait_ms);
}
