/* SPDX-License-Identifier: MIT */
#include "http/resolve.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "http/wait.h"

enum {
    THREADS_MAX = 8,
    ENTRIES_MAX = 64, /* of a few tenants; beyond, the oldest is asked for again */
    KEPT_MS = 60000
};

typedef enum entry_state {
    QUEUED,
    RUNNING,
    KNOWN,
    FAILED
} entry_state;

typedef struct entry {
    struct entry *next;
    char *host;
    entry_state state;
    bool is_forgotten;
    size_t waiters;
    int64_t known_at_ms;
    a0__net_addresses addresses;
} entry;

struct a0__resolver {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    a0__resolve_fn resolve;
    void *self;
    entry *entries;
    size_t entries_len;
    size_t threads;
    bool stopped;
    bool freed; /* by its owner; the last thread out does it */
};

bool
a0__resolve_system(void *self, const char *host, a0__net_addresses *out)
{
    struct addrinfo hints = { .ai_family = AF_UNSPEC,
                              .ai_socktype = SOCK_STREAM,
                              .ai_flags = AI_ADDRCONFIG };
    struct addrinfo *found = NULL;

    (void)self;
    *out = (a0__net_addresses){ 0 };
    if (getaddrinfo(host, NULL, &hints, &found) != 0) {
        return false;
    }
    for (const struct addrinfo *at = found;
         at != NULL && out->len < A0__NET_ADDRESSES_MAX; at = at->ai_next) {
        a0__net_address *address = &out->items[out->len];

        if (at->ai_family == AF_INET) {
            struct sockaddr_in v4;

            memcpy(&v4, at->ai_addr, sizeof v4);
            *address = (a0__net_address){ .is_ipv6 = false };
            memcpy(address->bytes, &v4.sin_addr, sizeof v4.sin_addr);
            out->len++;
        } else if (at->ai_family == AF_INET6) {
            struct sockaddr_in6 v6;

            memcpy(&v6, at->ai_addr, sizeof v6);
            *address = (a0__net_address){ .is_ipv6 = true };
            memcpy(address->bytes, &v6.sin6_addr, sizeof v6.sin6_addr);
            out->len++;
        }
    }
    freeaddrinfo(found);
    return out->len > 0;
}

a0__resolver *
a0__resolver_new(a0__resolve_fn resolve, void *self)
{
    a0__resolver *resolver = a0__calloc(1, sizeof *resolver);

    if (resolver == NULL) {
        return NULL;
    }
    (void)pthread_mutex_init(&resolver->lock, NULL);
    a0__wait_cond_init(&resolver->changed);
    resolver->resolve = resolve;
    resolver->self = self;
    return resolver;
}

static void
free_entry(entry *one)
{
    a0__free(one->host);
    a0__free(one);
}

static void
destroy(a0__resolver *resolver)
{
    while (resolver->entries != NULL) {
        entry *one = resolver->entries;

        resolver->entries = one->next;
        free_entry(one);
    }
    (void)pthread_cond_destroy(&resolver->changed);
    (void)pthread_mutex_destroy(&resolver->lock);
    a0__free(resolver);
}

/* ---- entries ---- */

static bool
is_stale(const entry *one, int64_t now_ms)
{
    return one->is_forgotten || one->state == FAILED ||
           (one->state == KNOWN && now_ms - one->known_at_ms > KEPT_MS);
}

static bool
is_idle(const entry *one)
{
    return one->waiters == 0 && one->state != RUNNING;
}

/* Drops what is stale, and with a full table whatever nobody waits for. */
static void
sweep_locked(a0__resolver *resolver, int64_t now_ms)
{
    entry **at = &resolver->entries;

    while (*at != NULL) {
        entry *one = *at;

        if (is_idle(one) &&
            (is_stale(one, now_ms) || resolver->entries_len >= ENTRIES_MAX)) {
            *at = one->next;
            resolver->entries_len--;
            free_entry(one);
        } else {
            at = &one->next;
        }
    }
}

static entry *
find_locked(const a0__resolver *resolver, a0__text host, int64_t now_ms)
{
    for (entry *one = resolver->entries; one != NULL; one = one->next) {
        if (!is_stale(one, now_ms) &&
            a0__text_equal_ignoring_case(a0__text_of(one->host), host)) {
            return one;
        }
    }
    return NULL;
}

static entry *
add_locked(a0__resolver *resolver, a0__text host)
{
    entry *one = a0__calloc(1, sizeof *one);

    if (one == NULL) {
        return NULL;
    }
    one->host = a0__strndup(host.ptr, host.len);
    if (one->host == NULL) {
        a0__free(one);
        return NULL;
    }
    one->next = resolver->entries;
    resolver->entries = one;
    resolver->entries_len++;
    return one;
}

/* ---- threads ---- */

static entry *
next_queued_locked(const a0__resolver *resolver)
{
    entry *last = NULL; /* new ones stand in front: the last has waited longest */

    for (entry *one = resolver->entries; one != NULL; one = one->next) {
        if (one->state == QUEUED) {
            last = one;
        }
    }
    return last;
}

static void
look_up_locked(a0__resolver *resolver, entry *one)
{
    a0__net_addresses addresses = { 0 };
    bool found = false;

    one->state = RUNNING;
    (void)pthread_mutex_unlock(&resolver->lock);
    found = resolver->resolve(resolver->self, one->host, &addresses);
    (void)pthread_mutex_lock(&resolver->lock);
    one->addresses = addresses;
    one->known_at_ms = a0__wait_now_ms();
    one->state = found ? KNOWN : FAILED;
    (void)pthread_cond_broadcast(&resolver->changed);
}

static void *
run(void *self)
{
    a0__resolver *resolver = self;
    entry *one = NULL;
    bool is_last = false;

    (void)pthread_mutex_lock(&resolver->lock);
    while (!resolver->stopped && (one = next_queued_locked(resolver)) != NULL) {
        look_up_locked(resolver, one);
    }
    resolver->threads--;
    is_last = resolver->freed && resolver->threads == 0;
    (void)pthread_mutex_unlock(&resolver->lock);
    if (is_last) {
        destroy(resolver);
    }
    return NULL;
}

static void
start_thread_locked(a0__resolver *resolver)
{
    pthread_t thread;

    if (resolver->threads < THREADS_MAX &&
        a0__wait_thread_start(&thread, run, resolver)) {
        resolver->threads++;
        (void)pthread_detach(thread);
    }
}

/* ---- asking ---- */

static entry *
ask_locked(a0__resolver *resolver, a0__text host)
{
    int64_t now_ms = a0__wait_now_ms();
    entry *one = find_locked(resolver, host, now_ms);

    if (one == NULL) {
        sweep_locked(resolver, now_ms);
        one = add_locked(resolver, host);
        if (one != NULL) {
            start_thread_locked(resolver);
        }
    }
    return one;
}

void
a0__resolver_start(a0__resolver *resolver, a0__text host)
{
    (void)pthread_mutex_lock(&resolver->lock);
    (void)ask_locked(resolver, host);
    (void)pthread_mutex_unlock(&resolver->lock);
}

static a0__resolve_outcome
wait_locked(a0__resolver *resolver, const entry *one, int64_t deadline_at_ms,
            a0__net_addresses *out)
{
    bool in_time = true;

    while (one->state == QUEUED || one->state == RUNNING) {
        if (resolver->stopped) {
            return A0__RESOLVE_CANCELLED;
        }
        if (!in_time) {
            return A0__RESOLVE_TIMEOUT;
        }
        in_time = a0__wait_until(&resolver->changed, &resolver->lock, deadline_at_ms);
    }
    if (one->state == FAILED) {
        return A0__RESOLVE_NO_ADDRESS;
    }
    *out = one->addresses;
    return A0__RESOLVED;
}

a0__resolve_outcome
a0__resolver_wait(a0__resolver *resolver, a0__text host, int64_t deadline_at_ms,
                  a0__net_addresses *out)
{
    a0__resolve_outcome outcome = A0__RESOLVE_NO_MEMORY;
    entry *one = NULL;

    (void)pthread_mutex_lock(&resolver->lock);
    one = ask_locked(resolver, host);
    if (one != NULL) {
        one->waiters++;
        outcome = wait_locked(resolver, one, deadline_at_ms, out);
        one->waiters--;
    }
    (void)pthread_mutex_unlock(&resolver->lock);
    return outcome;
}

void
a0__resolver_forget(a0__resolver *resolver, a0__text host)
{
    entry *one = NULL;

    (void)pthread_mutex_lock(&resolver->lock);
    one = find_locked(resolver, host, a0__wait_now_ms());
    if (one != NULL && one->state == KNOWN) {
        one->is_forgotten = true;
    }
    (void)pthread_mutex_unlock(&resolver->lock);
}

void
a0__resolver_stop(a0__resolver *resolver)
{
    (void)pthread_mutex_lock(&resolver->lock);
    resolver->stopped = true;
    (void)pthread_cond_broadcast(&resolver->changed);
    (void)pthread_mutex_unlock(&resolver->lock);
}

void
a0__resolver_free(a0__resolver *resolver)
{
    bool is_last = false;

    if (resolver == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&resolver->lock);
    resolver->stopped = true;
    resolver->freed = true;
    is_last = resolver->threads == 0;
    (void)pthread_mutex_unlock(&resolver->lock);
    if (is_last) {
        destroy(resolver);
    }
}
