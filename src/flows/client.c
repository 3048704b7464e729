/* SPDX-License-Identifier: MIT */
#include "flows/client.h"

#include <pthread.h>
#include <string.h>

#include "base/mem.h"
#include "flows/link_decide.h"
#include "flows/link_journal.h"
#include "flows/machine_token.h"
#include "flows/revoke.h"
#include "http/curl.h"
#include "http/http.h"

enum {
    CACHE_ENTRIES = 10000,
    SWEEP_ROWS = 1000,
    SWEEP_BATCHES = 100,
    /* STOR-11: open sign-ins of browsers that nobody has to be signed in for. */
    OPEN_TRANSACTIONS_MAX = 100000
};

/* ---- fork: no lock is held by a thread that did not cross ---- */

static pthread_mutex_t clients_mutex = PTHREAD_MUTEX_INITIALIZER;
static a0_client *clients;
static pthread_once_t fork_watched = PTHREAD_ONCE_INIT;

static void
before_fork(void)
{
    (void)pthread_mutex_lock(&clients_mutex);
    for (a0_client *c = clients; c != NULL; c = c->next) {
        a0__flights_before_fork(&c->flights);
        (void)pthread_mutex_lock(&c->provider.mutex);
        a0__management_guard_before_fork(&c->management_guard);
    }
}

static void
after_fork_in_parent(void)
{
    for (a0_client *c = clients; c != NULL; c = c->next) {
        a0__management_guard_after_fork(&c->management_guard);
        (void)pthread_mutex_unlock(&c->provider.mutex);
        a0__flights_after_fork_in_parent(&c->flights);
    }
    (void)pthread_mutex_unlock(&clients_mutex);
}

static void
after_fork_in_child(void)
{
    for (a0_client *c = clients; c != NULL; c = c->next) {
        a0__management_guard_after_fork(&c->management_guard);
        (void)pthread_mutex_unlock(&c->provider.mutex);
        a0__flights_after_fork_in_child(&c->flights);
    }
    (void)pthread_mutex_unlock(&clients_mutex);
}

static void
watch_fork(void)
{
    (void)pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

static void
enlist(a0_client *client)
{
    (void)pthread_once(&fork_watched, watch_fork);
    (void)pthread_mutex_lock(&clients_mutex);
    client->next = clients;
    clients = client;
    (void)pthread_mutex_unlock(&clients_mutex);
}

static void
strike_off(const a0_client *client)
{
    a0_client **at = &clients;

    (void)pthread_mutex_lock(&clients_mutex);
    while (*at != NULL && *at != client) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        *at = client->next;
    }
    (void)pthread_mutex_unlock(&clients_mutex);
}

/* ---- making and freeing ---- */

static a0_status
open_transport(a0_client *client, a0_error **err)
{
    const a0__curl_options options = {
        .ca_file = client->settings->ca_file,
        .connect_timeout_ms = client->settings->connect_timeout_ms,
        .forbid_private_addresses = client->settings->forbid_private_addresses,
    };

    return a0__transport_curl_new(&options, &client->ports.transport,
                                  &client->ports.transport_self, err);
}

/* Fills in the built-in ports. Those that were given become the client's own only when
 * everything has succeeded. */
static a0_status
complete_ports(a0_client *client, a0_error **err)
{
    a0_ports *ports = &client->ports;

    if (ports->clock == NULL) {
        ports->clock = a0_clock_system();
    }
    if (ports->random == NULL) {
        ports->random = a0_random_system();
    }
    if (ports->transport == NULL) {
        A0_TRY(open_transport(client, err));
        client->owns_transport = true;
    }
    if (ports->store == NULL) {
        A0_TRY(a0_store_memory_new(&ports->store, &ports->store_self, err));
        client->owns_store = true;
    }
    if (ports->cache == NULL) {
        A0_TRY(a0_cache_memory_new(CACHE_ENTRIES, ports->clock, ports->clock_self,
                                   &ports->cache, &ports->cache_self, err));
        client->owns_cache = true;
    }
    client->log = (a0__log){ ports->log, ports->log_self };
    return A0_OK;
}

static a0_status
open_keyring(a0_client *client, a0_error **err)
{
    const a0__keyring_config config = {
        .keys = client->settings->encryption_keys.items,
        .keys_len = client->settings->encryption_keys.len,
        .random = client->ports.random,
        .random_self = client->ports.random_self,
        .log = client->log,
    };

    return a0__keyring_new(&config, &client->keyring, err);
}

static void
close_ports(a0_client *client)
{
    a0_ports *ports = &client->ports;

    if (client->owns_transport && ports->transport->destroy != NULL) {
        ports->transport->destroy(ports->transport_self);
    }
    if (client->owns_store && ports->store->destroy != NULL) {
        ports->store->destroy(ports->store_self);
    }
    if (client->owns_cache && ports->cache->destroy != NULL) {
        ports->cache->destroy(ports->cache_self);
    }
}

typedef a0_client *client_ptr;

static void
client_ptr_auto(client_ptr *client)
{
    a0_client_free(*client);
}

a0_status
a0_client_new(a0_config *config, const a0_ports *ports, a0_client **out_client,
              a0_error **err)
{
    A0_AUTO(client_ptr) client = a0__calloc(1, sizeof *client);

    A0_ENSURE(client != NULL, err, no_memory);
    atomic_init(&client->holders, 1);
    atomic_init(&client->vault_rotation_is_said, false);
    a0__flights_init(&client->flights);
    a0__provider_init(&client->provider);
    a0__management_guard_init(&client->management_guard);
    a0__renewal_init(&client->renewal);
    if (ports != NULL) {
        memcpy(&client->ports, ports,
               ports->size < sizeof *ports ? ports->size : sizeof *ports);
    }
    A0_TRY(a0__config_settings(config, &client->settings, err));
    A0_TRY(complete_ports(client, err));
    A0_TRY(open_keyring(client, err));
    client->owns_transport = true;
    client->owns_store = true;
    client->owns_cache = true;
    enlist(client);
    *out_client = a0__steal(&client);
    return A0_OK;
}

a0_client *
a0_client_ref(a0_client *client)
{
    atomic_fetch_add(&client->holders, 1);
    return client;
}

void
a0_client_free(a0_client *client)
{
    if (client == NULL || atomic_fetch_sub(&client->holders, 1) != 1) {
        return;
    }
    strike_off(client);
    close_ports(client);
    a0__provider_clear(&client->provider);
    a0__management_guard_clear(&client->management_guard);
    a0__flights_clear(&client->flights);
    a0__keyring_free(client->keyring);
    a0__settings_free(client->settings);
    a0__free(client);
}

a0_status
a0_client_warm(a0_client *client, a0_error **err)
{
    A0_AUTO(a0__tenant_ptr) tenant = NULL;

    A0_TRY(a0__provider_get(client, &tenant, err));
    if (a0__link_is_on(client)) {
        a0__machine_token_warm(client);
    }
    return A0_OK;
}

a0_status
a0_client_perform(a0_client *client, const a0_http_request *request,
                  a0_http_response **out_response, a0_error **err)
{
    const a0__http http = { client->ports.transport, client->ports.transport_self };

    return a0__http_perform(http, request, client->settings->http_timeout_ms,
                            out_response, NULL, err);
}

/* A batch at a time, so that others get in between, and as many as a minute of a flood
 * of sign-ins leaves behind [SESS-08, STOR-11]. */
a0_status
a0_client_sweep(a0_client *client, a0_error **err)
{
    size_t removed = SWEEP_ROWS;

    a0__revocations_retry(client);
    a0__machine_token_renew(client);
    a0__renew_some(client);
    a0__link_journal_remind(client);
    for (int batch = 0; batch < SWEEP_BATCHES && removed >= SWEEP_ROWS; batch++) {
        A0_TRY(client->ports.store->sweep(
            client->ports.store_self, a0__client_now_s(client), SWEEP_ROWS,
            A0_RECORD_TRANSACTION, OPEN_TRANSACTIONS_MAX, &removed, err));
    }
    return A0_OK;
}

/* ---- the ports, shortly ---- */

int64_t
a0__client_wall_ms(const a0_client *client)
{
    return client->ports.clock->wall_ms(client->ports.clock_self);
}

int64_t
a0__client_now_s(const a0_client *client)
{
    return a0__client_wall_ms(client) / 1000;
}

int64_t
a0__client_monotonic_ms(const a0_client *client)
{
    return client->ports.clock->monotonic_ms(client->ports.clock_self);
}

void
a0__client_sleep_ms(const a0_client *client, int64_t duration_ms)
{
    client->ports.clock->sleep_ms(client->ports.clock_self, duration_ms);
}

a0_status
a0__client_random(const a0_client *client, size_t octets, a0__secret *out,
                  a0_error **err)
{
    return a0__random_text(client->ports.random, client->ports.random_self, octets, out,
                           err);
}

a0__client_auth
a0__client_auth_now(const a0_client *client)
{
    return (a0__client_auth){ .settings = client->settings,
                              .random = client->ports.random,
                              .random_self = client->ports.random_self,
                              .now = a0__client_now_s(client) };
}

a0__client_auth
a0__client_auth_for_management(const a0_client *client)
{
    a0__client_auth auth = a0__client_auth_now(client);

    auth.is_for_management = true;
    return auth;
}

void
a0__client_log_rejected(const a0_client *client, const char *event,
                        const a0_error *error)
{
    A0__LOG(client->log, A0_LOG_WARN, event,
            A0__FIELD_TEXT("error", a0_error_id(error)),
            A0__FIELD_NUMBER("peer_status", a0_error_peer_status(error)));
}
