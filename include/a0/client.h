/* SPDX-License-Identifier: MIT */
/*
 * A client: one application at one Auth0 tenant. It does not change after it is
 * made and may be used from any number of threads; sessions and results made from
 * it belong to one thread at a time. After fork it still works in the child.
 */
#ifndef A0_CLIENT_H
#define A0_CLIENT_H

#include <stddef.h>

#include <a0/config.h>
#include <a0/error.h>
#include <a0/sys/cache.h>
#include <a0/sys/clock.h>
#include <a0/sys/log.h>
#include <a0/sys/random.h>
#include <a0/sys/store.h>
#include <a0/sys/transport.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct a0_client a0_client;

/*
 * The world as the client may see it. A NULL table means the built-in one: the
 * libcurl engine, a memory store, a memory cache, the system's clock and random
 * generator, no log. Tables are borrowed and must outlive the client; a store,
 * transport or cache given here with its self is destroyed with the client.
 */
typedef struct a0_ports {
    size_t size;
    const a0_transport *transport;
    void *transport_self;
    const a0_store *store;
    void *store_self;
    const a0_cache *cache;
    void *cache_self;
    const a0_clock *clock;
    void *clock_self;
    const a0_random *random;
    void *random_self;
    const a0_log *log;
    void *log_self;
} a0_ports;

#define A0_PORTS_INIT                                                                  \
    {                                                                                  \
        .size = sizeof(a0_ports)                                                       \
    }

/*
 * Checks the configuration and makes a client from a copy of it. ports may be NULL;
 * on failure the caller keeps the ports. Errors: config_invalid (the faults are in
 * the configuration), no_memory. No request is made.
 */
A0_API A0_MUST_USE a0_status a0_client_new(a0_config *config, const a0_ports *ports,
                                           a0_client **out_client, a0_error **err);

/* Counts one more holder; every holder calls a0_client_free. Returns client. */
A0_API a0_client *a0_client_ref(a0_client *client);
A0_API void a0_client_free(a0_client *client);

/*
 * Fetches discovery and keys ahead of the first sign-in, with account linking also the
 * token of the Management API if that can be had, and opens the connection, so that the
 * first person does not wait for it. Errors: discovery_*, jwks_*,
 * http_*.
 */
A0_API A0_MUST_USE a0_status a0_client_warm(a0_client *client, a0_error **err);

/*
 * One request by the client's transport, for the API that a token is for: TLS is
 * verified, no redirect is followed, it ends within http_timeout. Whatever the status
 * of the answer, that is A0_OK; *out_response belongs to the caller. Errors: http_*,
 * param_invalid for a URL or header that may not leave.
 */
A0_API A0_MUST_USE a0_status a0_client_perform(a0_client *client,
                                               const a0_http_request *request,
                                               a0_http_response **out_response,
                                               a0_error **err);

/*
 * Removes what has expired of sessions, transactions and marks, and tries again to
 * revoke a few refresh tokens that Auth0 could not be told of, for at most 3 seconds;
 * after a change of keys, moves some rows to the new one; says (link.partial) that a
 * link has been half-way for minutes.
 * Programs that live long call it every minute or so. Errors: store_*.
 */
A0_API A0_MUST_USE a0_status a0_client_sweep(a0_client *client, a0_error **err);

#ifdef __cplusplus
}
#endif

#endif
