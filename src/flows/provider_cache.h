/* SPDX-License-Identifier: MIT */
/*
 * Discovery document and keys in the cache port, so that a new process of a server that
 * shares its cache starts warm. What comes back opens only under our key, for this
 * issuer, and is checked as if it came from the network [JWKS-09].
 */
#ifndef A0_FLOWS_PROVIDER_CACHE_H
#define A0_FLOWS_PROVIDER_CACHE_H

#include "flows/provider.h"

/*
 * What the cache knows: metadata, keys and ttl_ms of *tenant are set and *out_found is
 * true. A cache that is empty, stale, damaged or away gives nothing.
 */
void a0__provider_cache_load(a0_client *client, a0__tenant *tenant, bool *out_found);

/* Keeps both documents for as long as the keys are believed; best effort. */
void a0__provider_cache_keep(a0_client *client, a0__text metadata, a0__text jwks,
                             int64_t ttl_ms);

#endif
