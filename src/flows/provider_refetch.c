/* SPDX-License-Identifier: MIT */
/*
 * Fetching the keys again for a key id that is not among them [IDT-04]. Anybody can
 * make up key ids, so it is done once a minute and once per id [JWKS-02].
 */
#include <string.h>

#include "flows/client.h"
#include "flows/provider.h"

enum {
    FORCED_EVERY_S = 60
};

static uint64_t
hash_of(a0__text kid)
{
    a0__digest digest = { { 0 } };
    uint64_t hash = 0;

    /* Without a digest every kid is the same unknown one: the safe direction. */
    a0__ignore(a0__sha256(kid, &digest, NULL));
    memcpy(&hash, digest.bytes, sizeof hash);
    return hash;
}

/* Whether that kid was looked for within the last minute; remembers it if not. */
static bool
was_unknown(a0_client *client, a0__text kid)
{
    a0__provider *provider = &client->provider;
    uint64_t hash = hash_of(kid);
    int64_t now = a0__client_monotonic_ms(client);
    bool found = false;

    (void)pthread_mutex_lock(&provider->mutex);
    for (size_t i = 0; i < A0__UNKNOWN_KIDS_MAX && !found; i++) {
        found = provider->unknown_kids[i] == hash &&
                provider->unknown_kids_at_ms[i] != 0 &&
                now - provider->unknown_kids_at_ms[i] < FORCED_EVERY_S * 1000;
    }
    if (!found) {
        size_t at = provider->unknown_kids_next++ % A0__UNKNOWN_KIDS_MAX;

        provider->unknown_kids[at] = hash;
        provider->unknown_kids_at_ms[at] = now > 0 ? now : 1;
    }
    (void)pthread_mutex_unlock(&provider->mutex);
    return found;
}

/* One mark for all processes; a store that can not be asked counts as throttled. */
static bool
may_refetch(a0_client *client)
{
    A0_AUTO(a0__buf) key = A0__BUF_INIT(A0_RECORD_KEY_MAX);
    int64_t now = a0__client_now_s(client);
    a0_record mark = { .size = sizeof mark,
                       .kind = A0_RECORD_MARK,
                       .created_at = now,
                       .expires_at = now + FORCED_EVERY_S,
                       .owner = "",
                       .user_id = "",
                       .sid = "",
                       .data = "",
                       .data_len = 0 };
    a0_store_op op = { .type = A0_STORE_INSERT, .record = &mark };
    bool applied = false;

    a0__buf_string(&key, "jwks-refetch|");
    if (a0__sha256_hex(a0__text_of(client->settings->issuer), &key, NULL) != A0_OK ||
        !a0__buf_ok(&key)) {
        return false;
    }
    mark.key = a0__buf_cstr(&key);
    return client->ports.store->commit(client->ports.store_self, &op, 1, now, &applied,
                                       NULL) == A0_OK &&
           applied;
}

/* Once a minute: whoever can send a token could fill the log. */
static void
log_throttled(a0_client *client)
{
    a0__provider *provider = &client->provider;
    int64_t now = a0__client_monotonic_ms(client);
    bool due = false;

    (void)pthread_mutex_lock(&provider->mutex);
    due = provider->throttle_logged_at_ms == 0 ||
          now - provider->throttle_logged_at_ms >= FORCED_EVERY_S * 1000;
    provider->throttle_logged_at_ms = due ? now : provider->throttle_logged_at_ms;
    (void)pthread_mutex_unlock(&provider->mutex);
    if (due) {
        a0__log_event(client->log, A0_LOG_WARN, "jwks.refresh_throttled", NULL, 0);
    }
}

a0_status
a0__provider_refetch_keys(a0_client *client, a0__text kid, a0__tenant **out_tenant,
                          a0_error **err)
{
    if (was_unknown(client, kid) || !may_refetch(client)) {
        log_throttled(client);
        return A0_NOT_FOUND;
    }
    return a0__provider_fetch(client, a0__provider_deadline(client), out_tenant, err);
}
