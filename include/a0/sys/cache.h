/* SPDX-License-Identifier: MIT */
/*
 * The cache port: what may be forgotten at any time. Never a lock, never the only
 * copy. Keys name their tenant; values that are secret arrive sealed.
 */
#ifndef A0_SYS_CACHE_H
#define A0_SYS_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include <a0/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Receives a value; borrowed for the length of the call. */
typedef a0_status (*a0_cache_sink)(void *sink_self, const void *bytes, size_t len,
                                   a0_error **err);

/* All functions block and may be called from several threads at once. */
typedef struct a0_cache {
    size_t size;

    /* A0_NOT_FOUND: absent or expired. A0_UNAVAILABLE: could not ask. */
    a0_status (*get)(void *self, const char *key, a0_cache_sink sink, void *sink_self,
                     a0_error **err);

    /* Keeps a copy for at most ttl_s seconds (1 or more). */
    a0_status (*set)(void *self, const char *key, const void *bytes, size_t len,
                     int64_t ttl_s, a0_error **err);

    /* Absent is success. */
    a0_status (*remove)(void *self, const char *key, a0_error **err);

    /* Releases self; called once, by the client that owns the port. May be NULL. */
    void (*destroy)(void *self);
} a0_cache;

struct a0_clock;

/*
 * A cache in the memory of this process, bounded to max_entries (the least
 * recently used goes first). The clock is borrowed and must outlive the cache.
 */
A0_API A0_MUST_USE a0_status a0_cache_memory_new(size_t max_entries,
                                                 const struct a0_clock *clock,
                                                 void *clock_self,
                                                 const a0_cache **out_cache,
                                                 void **out_self, a0_error **err);

#ifdef __cplusplus
}
#endif

#endif
