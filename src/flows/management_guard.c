/* SPDX-License-Identifier: MIT */
#include "flows/management_guard.h"

#include "auth0/users.h"
#include "flows/client.h"
#include "http/http.h"

enum {
    BURST_MS = 2000, /* so much of the rate may be spent at once */
    FAILURES_MAX = 5,
    OPEN_MS = 30000,
    PROBE_MS = A0__HTTP_MANAGEMENT_TIMEOUT_MS, /* no request is out for longer */
    REFUSED_MS = 10000
};

void
a0__management_guard_init(a0__management_guard *guard)
{
    *guard = (a0__management_guard){ 0 };
    (void)pthread_mutex_init(&guard->mutex, NULL);
}

void
a0__management_guard_clear(a0__management_guard *guard)
{
    (void)pthread_mutex_destroy(&guard->mutex);
}

void
a0__management_guard_before_fork(a0__management_guard *guard)
{
    (void)pthread_mutex_lock(&guard->mutex);
}

void
a0__management_guard_after_fork(a0__management_guard *guard)
{
    (void)pthread_mutex_unlock(&guard->mutex);
}

static a0_status
fail_for(a0__error_id id, int64_t left_ms, a0_error **err)
{
    a0_status status = a0__fail(err, id);

    if (err != NULL) {
        a0__error_set_retry_after(*err, (int)((left_ms + 999) / 1000));
    }
    return status;
}

a0_status
a0__management_guard_check(a0_client *client, a0_error **err)
{
    a0__management_guard *guard = &client->management_guard;
    int64_t now = a0__client_monotonic_ms(client);
    int64_t open_ms = 0;
    int64_t refused_ms = 0;

    (void)pthread_mutex_lock(&guard->mutex);
    open_ms = guard->open_until_ms - now;
    refused_ms = guard->refused_until_ms - now;
    (void)pthread_mutex_unlock(&guard->mutex);
    if (refused_ms > 0) {
        return fail_for(A0_E_mgmt_auth_failed, refused_ms, err);
    }
    return open_ms > 0 ? fail_for(A0_E_mgmt_unavailable, open_ms, err) : A0_OK;
}

/* A token bucket, kept as the time at which it is full again. Gives how long to wait;
 * takes nothing when that is longer than `most_ms`. */
static int64_t
take(a0__management_guard *guard, int64_t cost_ms, int64_t now, int64_t most_ms)
{
    int64_t full_at = guard->spent_until_ms > now ? guard->spent_until_ms : now;
    int64_t wait_ms = full_at + cost_ms - now - BURST_MS;

    if (wait_ms <= most_ms) {
        guard->spent_until_ms = full_at + cost_ms;
    }
    return wait_ms;
}

/* After the rest one tries, and the others are turned away until it is known what came
 * of it: all at once would be what an API that has just come back can bear least. Gives
 * for how long; 0 for the one who tries, and when all is well. */
static int64_t
turned_away_ms(a0__management_guard *guard, int64_t now)
{
    int64_t until_ms =
        guard->open_until_ms > now ? guard->open_until_ms : guard->probe_until_ms;

    if (guard->open_until_ms == 0) {
        return 0;
    }
    if (until_ms > now) {
        return until_ms - now;
    }
    guard->probe_until_ms = now + PROBE_MS;
    return 0;
}

a0_status
a0__management_guard_enter(a0_client *client, int requests, int64_t deadline_ms,
                           a0_error **err)
{
    a0__management_guard *guard = &client->management_guard;
    int64_t now = a0__client_monotonic_ms(client);
    int64_t cost_ms = (int64_t)requests * 1000 / client->settings->management_rate;
    int64_t wait_ms = 0;
    int64_t away_ms = 0;

    A0_TRY(a0__management_guard_check(client, err));
    (void)pthread_mutex_lock(&guard->mutex);
    away_ms = turned_away_ms(guard, now);
    if (away_ms == 0) {
        wait_ms = take(guard, cost_ms, now, deadline_ms - now);
    }
    (void)pthread_mutex_unlock(&guard->mutex);
    if (away_ms > 0) {
        return fail_for(A0_E_mgmt_unavailable, away_ms, err);
    }
    if (wait_ms > deadline_ms - now) {
        return fail_for(A0_E_mgmt_rate_limited, wait_ms, err);
    }
    if (wait_ms > 0) {
        a0__client_sleep_ms(client, wait_ms);
    }
    return A0_OK;
}

bool
a0__management_pause(a0_client *client, int tries, int retry_after_s,
                     int64_t deadline_ms)
{
    unsigned char chance = 0;
    int64_t wait_ms = 0;

    a0__ignore(a0__random_bytes(client->ports.random, client->ports.random_self,
                                &chance, sizeof chance, NULL));
    wait_ms = a0__management_wait_ms(tries, retry_after_s, chance);
    if (a0__client_monotonic_ms(client) + wait_ms >= deadline_ms) {
        return false;
    }
    a0__client_sleep_ms(client, wait_ms);
    return true;
}

void
a0__management_guard_succeeded(a0_client *client)
{
    a0__management_guard *guard = &client->management_guard;

    (void)pthread_mutex_lock(&guard->mutex);
    /* A straggler's luck does not cut the rest short. */
    if (guard->open_until_ms <= a0__client_monotonic_ms(client)) {
        guard->failures = 0;
        guard->open_until_ms = 0;
        guard->probe_until_ms = 0;
    }
    (void)pthread_mutex_unlock(&guard->mutex);
}

/* If the one who tries after the rest fails as well, the rest begins again. */
void
a0__management_guard_failed(a0_client *client)
{
    a0__management_guard *guard = &client->management_guard;
    bool opens = false;

    (void)pthread_mutex_lock(&guard->mutex);
    guard->failures++;
    opens = guard->failures >= FAILURES_MAX;
    if (opens) {
        guard->failures = FAILURES_MAX - 1;
        guard->open_until_ms = a0__client_monotonic_ms(client) + OPEN_MS;
        guard->probe_until_ms = 0;
    }
    (void)pthread_mutex_unlock(&guard->mutex);
    if (opens) {
        A0__LOG(client->log, A0_LOG_ERROR, "mgmt.circuit_open",
                A0__FIELD_NUMBER("seconds", OPEN_MS / 1000));
    }
}

void
a0__management_guard_refused(a0_client *client)
{
    a0__management_guard *guard = &client->management_guard;

    (void)pthread_mutex_lock(&guard->mutex);
    guard->refused_until_ms = a0__client_monotonic_ms(client) + REFUSED_MS;
    (void)pthread_mutex_unlock(&guard->mutex);
}
