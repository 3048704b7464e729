/* SPDX-License-Identifier: MIT */
/*
 * A client from inside: frozen settings, the ports, and the little that is shared
 * between callers (the tenant's metadata and keys, single-flight).
 */
#ifndef A0_FLOWS_CLIENT_H
#define A0_FLOWS_CLIENT_H

#include <stdatomic.h>

#include <a0/client.h>

#include "base/log.h"
#include "base/time.h"
#include "config/settings.h"
#include "flows/flights.h"
#include "flows/management_guard.h"
#include "flows/provider.h"
#include "flows/renew.h"
#include "oauth/client_auth.h"
#include "session/sealing.h"

enum {
    /* Longest URL that is given out: a pushed or plain /authorize, a logout. */
    A0__URL_MAX = 16384
};

struct a0_client {
    atomic_size_t holders;
    a0__settings *settings;
    a0_ports ports;
    bool owns_transport;
    bool owns_store;
    bool owns_cache;
    a0__log log;
    a0__keyring *keyring;
    a0__provider provider;
    a0__flights flights;
    atomic_bool vault_rotation_is_said; /* VAULT-05, once */
    a0__management_guard management_guard;
    a0__renewal renewal;
    a0_client *next; /* all clients of the process, for fork */
};

int64_t a0__client_now_s(const a0_client *client);
int64_t a0__client_wall_ms(const a0_client *client);
int64_t a0__client_monotonic_ms(const a0_client *client);
void a0__client_sleep_ms(const a0_client *client, int64_t duration_ms);

/* Random octets as base64url text. */
A0_MUST_USE a0_status a0__client_random(const a0_client *client, size_t octets,
                                        a0__secret *out, a0_error **err);

/* With what the next request authenticates the application. */
a0__client_auth a0__client_auth_now(const a0_client *client);
/* The same for the Management API, whose application may be another one. */
a0__client_auth a0__client_auth_for_management(const a0_client *client);

/* One warning that a flow refused something, with the error's id and nothing else. */
void a0__client_log_rejected(const a0_client *client, const char *event,
                             const a0_error *error);

#endif
