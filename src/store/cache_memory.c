/* SPDX-License-Identifier: MIT */
/*
 * The cache in the memory of this process: a hash table whose entries also stand in the
 * order of their last use, so that the bound costs nothing but the oldest entry.
 */
#include <a0/sys/cache.h>
#include <a0/sys/clock.h>

#include <pthread.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/secret.h"

typedef struct entry {
    struct entry *next_in_bucket;
    struct entry *newer;
    struct entry *older;
    char *key;
    unsigned char *bytes;
    size_t len;
    int64_t ends_at_ms; /* monotonic */
} entry;

typedef struct memory_cache {
    pthread_mutex_t mutex;
    const a0_clock *clock;
    void *clock_self;
    entry **buckets;
    size_t buckets_len; /* a power of two */
    size_t max_entries;
    size_t len;
    entry *newest;
    entry *oldest;
} memory_cache;

/* FNV-1a: keys are made by the library, not by a peer who could aim at one bucket. */
static entry **
bucket_of(memory_cache *cache, const char *key)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (const char *c = key; *c != '\0'; c++) {
        hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
    }
    return &cache->buckets[hash & (cache->buckets_len - 1)];
}

static entry **
find_locked(memory_cache *cache, const char *key)
{
    entry **at = bucket_of(cache, key);

    while (*at != NULL && strcmp((*at)->key, key) != 0) {
        at = &(*at)->next_in_bucket;
    }
    return at;
}

static void
unlist_locked(memory_cache *cache, entry *e)
{
    *(e->newer != NULL ? &e->newer->older : &cache->newest) = e->older;
    *(e->older != NULL ? &e->older->newer : &cache->oldest) = e->newer;
}

static void
list_newest_locked(memory_cache *cache, entry *e)
{
    e->newer = NULL;
    e->older = cache->newest;
    *(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = e;
    cache->newest = e;
}

static void
free_entry(entry *e)
{
    a0__wipe(e->bytes, e->len);
    a0__free(e->bytes);
    a0__free(e->key);
    a0__free(e);
}

static void
remove_locked(memory_cache *cache, entry **at)
{
    entry *gone = *at;

    /* Every listed entry is in its bucket. NOLINTNEXTLINE(clang-analyzer-core.*) */
    *at = gone->next_in_bucket;
    unlist_locked(cache, gone);
    cache->len--;
    free_entry(gone);
}

static int64_t
now_ms(const memory_cache *cache)
{
    return cache->clock->monotonic_ms(cache->clock_self);
}

static a0_status
memory_get(void *self, const char *key, a0_cache_sink sink, void *sink_self,
           a0_error **err)
{
    memory_cache *cache = self;
    entry **at = NULL;
    a0_status status = A0_NOT_FOUND;

    (void)pthread_mutex_lock(&cache->mutex);
    at = find_locked(cache, key);
    if (*at != NULL && (*at)->ends_at_ms <= now_ms(cache)) {
        remove_locked(cache, at);
    } else if (*at != NULL) {
        unlist_locked(cache, *at);
        list_newest_locked(cache, *at);
        status = sink(sink_self, (*at)->bytes, (*at)->len, err);
    }
    (void)pthread_mutex_unlock(&cache->mutex);
    return status;
}

static entry *
new_entry(const char *key, const void *bytes, size_t len)
{
    entry *e = a0__calloc(1, sizeof *e);

    if (e == NULL) {
        return NULL;
    }
    e->key = a0__strdup(key);
    e->bytes = a0__malloc(len);
    if (e->key == NULL || e->bytes == NULL) {
        free_entry(e);
        return NULL;
    }
    if (len > 0) {
        memcpy(e->bytes, bytes, len);
    }
    e->len = len;
    return e;
}

static a0_status
memory_set(void *self, const char *key, const void *bytes, size_t len, int64_t ttl_s,
           a0_error **err)
{
    memory_cache *cache = self;
    entry *e = new_entry(key, bytes, len);
    entry **at = NULL;

    A0_ENSURE(e != NULL, err, no_memory);
    (void)pthread_mutex_lock(&cache->mutex);
    e->ends_at_ms = now_ms(cache) + ttl_s * 1000;
    at = find_locked(cache, key);
    if (*at != NULL) {
        remove_locked(cache, at);
    } else if (cache->len == cache->max_entries) {
        remove_locked(cache, find_locked(cache, cache->oldest->key));
    }
    at = bucket_of(cache, key);
    e->next_in_bucket = *at;
    *at = e;
    list_newest_locked(cache, e);
    cache->len++;
    (void)pthread_mutex_unlock(&cache->mutex);
    return A0_OK;
}

static a0_status
memory_remove(void *self, const char *key, a0_error **err)
{
    memory_cache *cache = self;
    entry **at = NULL;

    (void)err;
    (void)pthread_mutex_lock(&cache->mutex);
    at = find_locked(cache, key);
    if (*at != NULL) {
        remove_locked(cache, at);
    }
    (void)pthread_mutex_unlock(&cache->mutex);
    return A0_OK;
}

static void
memory_destroy(void *self)
{
    memory_cache *cache = self;

    while (cache->newest != NULL) {
        remove_locked(cache, find_locked(cache, cache->newest->key));
    }
    (void)pthread_mutex_destroy(&cache->mutex);
    a0__free(cache->buckets);
    a0__free(cache);
}

a0_status
a0_cache_memory_new(size_t max_entries, const a0_clock *clock, void *clock_self,
                    const a0_cache **out_cache, void **out_self, a0_error **err)
{
    static const a0_cache table = { .size = sizeof table,
                                    .get = memory_get,
                                    .set = memory_set,
                                    .remove = memory_remove,
                                    .destroy = memory_destroy };
    memory_cache *cache = NULL;

    if (max_entries == 0 || max_entries > SIZE_MAX / 4) {
        return a0__fail_about(err, A0_E_param_invalid, "max_entries");
    }
    cache = a0__calloc(1, sizeof *cache);
    A0_ENSURE(cache != NULL, err, no_memory);
    cache->buckets_len = 1;
    while (cache->buckets_len < max_entries) {
        cache->buckets_len *= 2;
    }
    cache->buckets = a0__calloc(cache->buckets_len, sizeof(entry *));
    if (cache->buckets == NULL) {
        a0__free(cache);
        return a0__fail(err, A0_E_no_memory);
    }
    (void)pthread_mutex_init(&cache->mutex, NULL);
    cache->clock = clock;
    cache->clock_self = clock_self;
    cache->max_entries = max_entries;
    *out_cache = &table;
    *out_self = cache;
    return A0_OK;
}
