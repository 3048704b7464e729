/* SPDX-License-Identifier: MIT */
/*
 * Names to addresses, in threads of our own. libcurl 7.88 has to join its resolver
 * thread when a transfer ends, and with it everything else in the engine waits for a
 * name server that does not answer. Here a stuck look-up keeps one of a few detached
 * threads and nobody but those who asked for that name [HTTP-04, HTTP-11].
 */
#ifndef A0_HTTP_RESOLVE_H
#define A0_HTTP_RESOLVE_H

#include "base/net_address.h"

/* Blocks; false when the name has no address. Called from several threads. */
typedef bool (*a0__resolve_fn)(void *self, const char *host, a0__net_addresses *out);

bool a0__resolve_system(void *self, const char *host, a0__net_addresses *out);

typedef struct a0__resolver a0__resolver;

typedef enum a0__resolve_outcome {
    A0__RESOLVED,
    A0__RESOLVE_NO_ADDRESS,
    A0__RESOLVE_TIMEOUT,
    A0__RESOLVE_CANCELLED,
    A0__RESOLVE_NO_MEMORY
} a0__resolve_outcome;

/* NULL without memory. `self` must live as long as the process: a stuck look-up may
 * come back late. */
a0__resolver *a0__resolver_new(a0__resolve_fn resolve, void *self);

/* Starts looking up, unless the answer is known or on its way. */
void a0__resolver_start(a0__resolver *resolver, a0__text host);
/* Waits for the answer; starts looking up if that is still to be done. */
a0__resolve_outcome a0__resolver_wait(a0__resolver *resolver, a0__text host,
                                      int64_t deadline_at_ms, a0__net_addresses *out);
/* Nobody answered at those addresses: ask again next time. */
void a0__resolver_forget(a0__resolver *resolver, a0__text host);

/* Ends all waiting. Look-ups under way keep what they need alive. */
void a0__resolver_stop(a0__resolver *resolver);
void a0__resolver_free(a0__resolver *resolver);

#endif
