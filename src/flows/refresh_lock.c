/* SPDX-License-Identifier: MIT */
#include "flows/refresh_lock.h"

#include <string.h>

#include "flows/rows.h"

enum {
    LEASE_S = 15, /* longer where the HTTP deadline is */
    WAIT_MS = 10000,
    LOOK_EVERY_MS = 50,
    AGAIN_S = 1,
    LOCK_KEY_MAX = 96
};

/* ---- the lock row ---- */

static void
lock_key_of(a0__text key, char out[LOCK_KEY_MAX])
{
    static const char prefix[] = "refresh|";
    size_t len =
        key.len < LOCK_KEY_MAX - sizeof prefix ? key.len : LOCK_KEY_MAX - sizeof prefix;

    memcpy(out, prefix, sizeof prefix - 1);
    memcpy(out + sizeof prefix - 1, key.ptr, len);
    out[sizeof prefix - 1 + len] = '\0';
}

/* A lease outlives the request it covers, so that no second holder appears while the
 * first still waits for its answer. */
static int64_t
lease_s(const a0_client *client)
{
    int64_t needed =
        client->settings->http_timeout_ms / 1000 + A0__REFRESH_LEASE_MARGIN_S;

    return needed > LEASE_S ? needed : LEASE_S;
}

static a0_status
try_lock(a0_client *client, const char *key, bool *out_locked, a0_error **err)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    int64_t now = a0__client_now_s(client);
    const a0_record lock = { .size = sizeof lock,
                             .kind = A0_RECORD_LOCK,
                             .key = key,
                             .created_at = now,
                             .expires_at = now + lease_s(client),
                             .owner = "",
                             .user_id = "",
                             .sid = "" };

    A0_TRY(a0__batch_insert(&batch, client, &lock, NULL, A0__LIT(""), err));
    return a0__batch_commit(&batch, client, out_locked, err);
}

/* A lock that can not be removed ends with its lease; one whose lease is over may be
 * somebody else's by now. */
static void
unlock(a0_client *client, const char *key, int64_t leased_until_ms)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    bool applied = false;

    if (a0__client_monotonic_ms(client) < leased_until_ms &&
        a0__batch_condition(&batch, A0_STORE_ERASE, A0_RECORD_LOCK, key, 0, NULL) ==
            A0_OK) {
        a0__ignore(a0__batch_commit(&batch, client, &applied, NULL));
    }
}

/* ---- across processes ---- */

/* RFR-02: whoever has waited in vain is told to come back soon. */
static a0_status
in_progress(a0_error **err)
{
    a0_status status = a0__fail(err, A0_E_refresh_in_progress);

    if (err != NULL) {
        a0__error_set_retry_after(*err, AGAIN_S);
    }
    return status;
}

static a0_status
await_lock(a0_client *client, const a0__refresh_turn *turn, const char *key,
           bool *out_done, a0_error **err)
{
    int64_t until = a0__client_monotonic_ms(client) + WAIT_MS;
    bool locked = false;

    for (;;) {
        A0_TRY(try_lock(client, key, &locked, err));
        if (locked) {
            return A0_OK;
        }
        if (a0__client_monotonic_ms(client) >= until) {
            return in_progress(err);
        }
        a0__client_sleep_ms(client, LOOK_EVERY_MS);
        A0_TRY(turn->look(turn->self, out_done, err));
        if (*out_done) {
            return A0_OK;
        }
    }
}

static a0_status
take_turn_across_processes(a0_client *client, const a0__refresh_turn *turn,
                           const char *key, a0_error **err)
{
    int64_t leased_until_ms = 0;
    bool done = false;
    a0_status status = A0_OK;

    A0_TRY(await_lock(client, turn, key, &done, err));
    if (done) {
        return A0_OK;
    }
    leased_until_ms = a0__client_monotonic_ms(client) + lease_s(client) * 1000;
    status = turn->look(turn->self, &done, err);
    if (status == A0_OK && !done) {
        status = turn->act(turn->self, err);
    }
    unlock(client, key, leased_until_ms);
    return status;
}

/* ---- within the process ---- */

static a0_status
fly(a0_client *client, const a0__refresh_turn *turn, const char *key, a0_error **err)
{
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_status status = take_turn_across_processes(client, turn, key, &failure);

    a0__flights_leave(&client->flights, key, turn->about, failure);
    a0__error_move(err, &failure);
    return status;
}

/* After somebody else's turn: what they have done, or how they failed in it. */
static a0_status
land(const a0__refresh_turn *turn, a0_error **failure, bool *out_done, a0_error **err)
{
    a0_status status = A0_OK;

    A0_TRY(turn->look(turn->self, out_done, err));
    if (!*out_done && *failure != NULL) {
        status = a0_error_status(*failure);
        a0__error_move(err, failure);
    }
    return status;
}

a0_status
a0__refresh_take_turn(a0_client *client, a0__text refresh_key,
                      const a0__refresh_turn *turn, a0_error **err)
{
    int64_t until = a0__client_monotonic_ms(client) + WAIT_MS;
    bool done = false;
    char key[LOCK_KEY_MAX];

    A0_ENSURE(refresh_key.len > 0, err, refresh_token_missing);
    lock_key_of(refresh_key, key);
    while (!done) {
        A0_AUTO(a0__error_ptr) failure = NULL;
        int64_t left = until - a0__client_monotonic_ms(client);
        a0__boarding boarding = A0__BOARDED;

        if (left <= 0) {
            return in_progress(err);
        }
        A0_TRY(a0__flights_board(&client->flights, key, turn->about, left, &boarding,
                                 &failure, err));
        if (boarding == A0__BOARDED) {
            return fly(client, turn, key, err);
        }
        A0_TRY(land(turn, &failure, &done, err));
    }
    return A0_OK;
}
