/* SPDX-License-Identifier: MIT */
/*
 * Token buckets, one for each address (/64) and one for all. Bounded memory: when too
 * many addresses are busy at once, newcomers share a bucket. [GW-12]
 */
#ifndef A0_GATEWAY_LIMIT_H
#define A0_GATEWAY_LIMIT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    LIMIT_SLOTS = 4096, /* a power of two */
    LIMIT_PROBES = 8
};

typedef struct limit_bucket {
    uint64_t key;
    int64_t full_at_ms; /* when it has all its tokens again */
} limit_bucket;

typedef struct limiter {
    pthread_mutex_t lock;
    int64_t cost_ms;  /* the time in which one token comes back */
    int64_t burst_ms; /* all tokens */
    int64_t all_cost_us;
    int64_t all_burst_us;
    int64_t all_full_at_us;
    limit_bucket buckets[LIMIT_SLOTS];
} limiter;

/* per_minute for one address with that many at once; all_per_second for everybody. 0
 * means no limit. */
void limiter_init(limiter *l, uint32_t per_minute, uint32_t all_per_second);
void limiter_clear(limiter *l);

/* Takes a token; 0 when there was one, else after how many seconds there is. */
int limiter_take(limiter *l, uint64_t address, int64_t now_ms);
/* The same without taking it. */
int limiter_peek(limiter *l, uint64_t address, int64_t now_ms);

#endif
