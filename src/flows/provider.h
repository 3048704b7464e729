/* SPDX-License-Identifier: MIT */
/*
 * What the client knows of its tenant: discovery document and keys. Kept in process
 * memory, parsed; fetched single-flight when there is nothing yet, renewed beside a
 * request that goes out anyway when they have aged, so that no sign-in waits for them.
 */
#ifndef A0_FLOWS_PROVIDER_H
#define A0_FLOWS_PROVIDER_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/error.h"
#include "http/http.h"
#include "jose/jwk.h"
#include "oidc/discovery.h"

#include <a0/client.h>

/* One state of knowledge: freed with its last holder. Nothing of it ever changes but
 * the time at which somebody is to renew it. All times are monotonic. */
typedef struct a0__tenant {
    atomic_size_t holders;
    a0__metadata metadata;
    a0__jwks *jwks;
    int64_t fetched_at_ms;
    int64_t ttl_ms;
    _Atomic int64_t renew_at_ms;
} a0__tenant;

void a0__tenant_free(a0__tenant *tenant);
typedef a0__tenant *a0__tenant_ptr;
void a0__tenant_ptr_auto(a0__tenant_ptr *tenant);

enum {
    A0__KEYS_TTL_MAX_MS = 24 * 3600 * 1000
};

/* Unknown key ids that were asked for lately: no second fetch for them [JWKS-02]. */
enum {
    A0__UNKNOWN_KIDS_MAX = 128
};

typedef struct a0__provider {
    pthread_mutex_t mutex;
    a0__tenant *tenant; /* NULL until the first fetch */
    uint64_t unknown_kids[A0__UNKNOWN_KIDS_MAX];
    int64_t unknown_kids_at_ms[A0__UNKNOWN_KIDS_MAX];
    size_t unknown_kids_next;
    int64_t throttle_logged_at_ms; /* 0: never */
} a0__provider;

void a0__provider_init(a0__provider *provider);
void a0__provider_clear(a0__provider *provider);

/*
 * The tenant as known: at once when something is known, even if it has aged; else after
 * one batch of discovery and keys. *out_tenant goes back with a0__tenant_free.
 * Statuses: discovery_*, jwks_*.
 */
A0_MUST_USE a0_status a0__provider_get(a0_client *client, a0__tenant **out_tenant,
                                       a0_error **err);

/* The same for somebody who can not wait for http_timeout: until that (monotonic) time.
 */
A0_MUST_USE a0_status a0__provider_get_until(a0_client *client, int64_t until_ms,
                                             a0__tenant **out_tenant, a0_error **err);

/*
 * Sends one request of a flow, and beside it, in the same batch, the renewal of what
 * has aged.
 */
A0_MUST_USE a0_status a0__provider_send(a0_client *client, a0__http_call *call,
                                        a0_error **err);

/*
 * Fetches the keys again because none fits a token: at most once a minute for all
 * processes that share the store, and not twice for one key id. A0_NOT_FOUND when it is
 * too early. [IDT-04, JWKS-02]
 */
A0_MUST_USE a0_status a0__provider_refetch_keys(a0_client *client, a0__text kid,
                                                a0__tenant **out_tenant,
                                                a0_error **err);

/* Fetches everything anew, until that (monotonic) time. */
A0_MUST_USE a0_status a0__provider_fetch(a0_client *client, int64_t until_ms,
                                         a0__tenant **out_tenant, a0_error **err);
/* The usual one: http_timeout from now. */
int64_t a0__provider_deadline(const a0_client *client);

#endif
