/* SPDX-License-Identifier: MIT */
#include "flows/machine_token.h"

#include "auth0/management.h"
#include "base/pack.h"
#include "flows/sealed_cache.h"
#include "oauth/refresh.h"

enum {
    VALUE_MAX = 128 * 1024,
    AHEAD_S = 120, /* two sweeps of the gateway */
    TRIES_MAX = 3
};

static const char KIND[] = "machine-token";

/* ---- the kept one ---- */

/* Fresh now and in so many seconds. Whatever is there and is not of our shape counts as
 * absent. */
static bool
read_kept(a0_client *client, const char *key, int64_t ahead_s, a0__secret *out)
{
    A0_AUTO(a0__buf) value = A0__BUF_INIT(VALUE_MAX);
    a0__unpack in = { 0 };
    a0__text token = A0__NO_TEXT;
    int64_t obtained_at = 0;
    int64_t expires_at = 0;

    if (!a0__sealed_cache_get(client, key, A0__NO_TEXT, &value)) {
        return false;
    }
    in = a0__unpack_of(a0__buf_view(&value));
    token = a0__unpack_text(&in);
    obtained_at = a0__unpack_i64(&in);
    expires_at = a0__unpack_i64(&in);
    return a0__unpack_done(&in) && token.len > 0 &&
           a0__access_token_is_fresh(obtained_at, expires_at,
                                     a0__client_now_s(client) + ahead_s) &&
           a0__secret_set_text(out, token, NULL) == A0_OK;
}

static void
keep(a0_client *client, const char *key, const a0__token_set *tokens)
{
    A0_AUTO(a0__buf) value = A0__BUF_INIT(VALUE_MAX);
    int64_t now = a0__client_now_s(client);

    a0__pack_secret(&value, &tokens->access_token);
    a0__pack_i64(&value, now);
    a0__pack_i64(&value, a0__add_saturating(now, tokens->expires_in));
    if (a0__buf_ok(&value)) {
        a0__sealed_cache_set(client, key, A0__NO_TEXT, a0__buf_view(&value),
                             tokens->expires_in);
    }
}

void
a0__machine_token_evict(a0_client *client, const a0__secret *rejected)
{
    A0_AUTO(a0__secret) kept = A0__SECRET_INIT;
    char key[A0__CACHE_KEY_MAX];

    if (a0__management_cache_key(client, KIND, A0__NO_TEXT, key, NULL) == A0_OK &&
        read_kept(client, key, 0, &kept) && a0__secret_equal(&kept, rejected)) {
        a0__sealed_cache_remove(client, key);
    }
}

/* ---- a new one ---- */

/* MGMT-08, MGMT-09: a failure is remembered, so that nobody hammers. */
static void
note_outcome(a0_client *client, const a0_error *failure)
{
    if (a0__error_is(failure, A0_E_mgmt_auth_failed)) {
        A0__LOG(client->log, A0_LOG_ERROR, "mgmt.auth_failed",
                A0__FIELD_NUMBER("peer_status", a0_error_peer_status(failure)));
        a0__management_guard_refused(client);
    } else if (!a0__error_is(failure, A0_E_mgmt_rate_limited)) {
        a0__management_guard_failed(client);
    }
}

static a0_status
ask(a0_client *client, int64_t deadline_ms, a0__token_set *out, a0_error **err)
{
    A0_AUTO(a0__http_request) request = { 0 };
    A0_AUTO(a0__http_response_ptr) response = NULL;
    a0__client_auth auth = a0__client_auth_for_management(client);

    A0_TRY(a0__machine_token_request(&auth, &request, err));
    A0_TRY(a0__http_send_one(
        (a0__http){ client->ports.transport, client->ports.transport_self }, &request,
        deadline_ms - a0__client_monotonic_ms(client), &response, NULL, err));
    return a0__machine_token_response(response, a0__client_wall_ms(client), out, err);
}

/* One that is asked for twice is two tokens and harms nobody [MGMT-01]. */
static a0_status
ask_again(a0_client *client, int64_t deadline_ms, a0__token_set *out, a0_error **err)
{
    for (int tries = 1;; tries++) {
        A0_AUTO(a0__error_ptr) failure = NULL;
        a0_status status = A0_OK;

        A0_TRY(a0__management_guard_check(client, err));
        status = ask(client, deadline_ms, out, &failure);
        if (status == A0_OK) {
            return A0_OK;
        }
        note_outcome(client, failure);
        if (status != A0_UNAVAILABLE || tries == TRIES_MAX ||
            !a0__management_pause(client, tries, a0_error_retry_after_s(failure),
                                  deadline_ms)) {
            a0__error_move(err, &failure);
            return status;
        }
    }
}

static a0_status
fetch(a0_client *client, const char *key, int64_t deadline_ms, a0__secret *out,
      a0_error **err)
{
    A0_AUTO(a0__token_set) tokens = A0__TOKEN_SET_INIT;

    A0_TRY(ask_again(client, deadline_ms, &tokens, err));
    keep(client, key, &tokens);
    a0__secret_move(out, &tokens.access_token);
    return A0_OK;
}

/* By the one who flies; a failure is that of all who wait. */
static a0_status
fly(a0_client *client, const char *key, int64_t deadline_ms, a0__secret *out,
    a0_error **err)
{
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_status status = A0_OK;

    if (!read_kept(client, key, 0, out)) {
        status = fetch(client, key, deadline_ms, out, &failure);
    }
    a0__flights_leave(&client->flights, key, key, failure);
    a0__error_move(err, &failure);
    return status;
}

a0_status
a0__machine_token_get(a0_client *client, int64_t deadline_ms, a0__secret *out,
                      a0_error **err)
{
    a0__boarding boarding = A0__LANDED;
    char key[A0__CACHE_KEY_MAX];

    A0_TRY(a0__management_cache_key(client, KIND, A0__NO_TEXT, key, err));
    while (boarding == A0__LANDED) {
        A0_AUTO(a0__error_ptr) failure = NULL;
        int64_t left_ms = deadline_ms - a0__client_monotonic_ms(client);

        if (read_kept(client, key, 0, out)) {
            return A0_OK;
        }
        A0_ENSURE(left_ms > 0, err, mgmt_unavailable);
        A0_TRY(a0__flights_board(&client->flights, key, key, left_ms, &boarding,
                                 &failure, err));
        if (failure != NULL) {
            a0_status status = a0_error_status(failure);

            a0__error_move(err, &failure);
            return status;
        }
    }
    A0_ENSURE(boarding == A0__BOARDED, err, mgmt_unavailable);
    return fly(client, key, deadline_ms, out, err);
}

/* ---- before somebody waits for it ---- */

static int64_t
deadline_of_nobody(const a0_client *client)
{
    return a0__client_monotonic_ms(client) + A0__HTTP_MANAGEMENT_TIMEOUT_MS;
}

void
a0__machine_token_warm(a0_client *client)
{
    A0_AUTO(a0__secret) token = A0__SECRET_INIT;

    a0__ignore(a0__machine_token_get(client, deadline_of_nobody(client), &token, NULL));
}

void
a0__machine_token_renew(a0_client *client)
{
    A0_AUTO(a0__secret) token = A0__SECRET_INIT;
    a0__boarding boarding = A0__LANDED;
    char key[A0__CACHE_KEY_MAX];

    if (a0__management_cache_key(client, KIND, A0__NO_TEXT, key, NULL) != A0_OK ||
        !read_kept(client, key, 0, &token) || read_kept(client, key, AHEAD_S, &token) ||
        a0__flights_board(&client->flights, key, NULL, 0, &boarding, NULL, NULL) !=
            A0_OK ||
        boarding != A0__BOARDED) {
        return;
    }
    a0__ignore(fetch(client, key, deadline_of_nobody(client), &token, NULL));
    a0__flights_leave(&client->flights, key, NULL, NULL);
}
