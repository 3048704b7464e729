/* SPDX-License-Identifier: MIT */
/*
 * Secret values in the cache port: sealed for their key, so that a cache which others
 * can read and write gives them nothing and takes nothing from them [MGMT-03]. A value
 * that belongs to somebody is sealed with a secret which only they bring besides, so
 * that a look-up which goes astray opens nothing [VAULT-01]. Best effort: what can not
 * be kept is asked for again.
 */
#ifndef A0_FLOWS_SEALED_CACHE_H
#define A0_FLOWS_SEALED_CACHE_H

#include "flows/client.h"

enum {
    A0__CACHE_KEY_MAX = 96
};

/* "a0|kind|" and a hash of the Management API's domain, application and audience and of
 * `detail`: as unreadable for others as what stands there. */
A0_MUST_USE a0_status a0__management_cache_key(const a0_client *client,
                                               const char *kind, a0__text detail,
                                               char out[A0__CACHE_KEY_MAX],
                                               a0_error **err);

/* `holder` is the secret of whom it belongs to; "": nobody's. Appends the value; false
 * when there is none, or one that does not open here. */
bool a0__sealed_cache_get(a0_client *client, const char *key, a0__text holder,
                          a0__buf *out);
void a0__sealed_cache_set(a0_client *client, const char *key, a0__text holder,
                          a0__text plain, int64_t ttl_s);
void a0__sealed_cache_remove(a0_client *client, const char *key);

#endif
