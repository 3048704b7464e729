/* SPDX-License-Identifier: MIT */
/*
 * Locks that outlive no process: a row says until when it is held and when it was last
 * let go. Its version grows with every holder, so that one whose lease ran out can not
 * write what needs the lock. All locks of a link are taken in one commit: two who want
 * the same ones never hold half of them each [LINK-14].
 */
#include "flows/link_lock.h"

#include <string.h>

#include "base/pack.h"

enum {
    /* Longer than the requests of a link can take: four of 5 s and a refresh of 10 s.
     */
    LEASE_S = 40,
    WAIT_MS = 5000,
    LOOK_EVERY_MS = 25,
    CLOCKS_DIFFER_MS = 2000, /* between nodes that share a store */
    REMEMBERED_S = 3600,     /* how long a row that nobody holds is kept */
    ID_MAX = 1024
};

/* A lock row as it was read. */
typedef struct holding {
    int64_t version; /* 0: no row */
    int64_t created_at;
    int64_t until_s; /* wall clock; 0: free */
    int64_t freed_at_ms;
} holding;

static a0_status
name_lock(const a0_client *client, const char *kind, a0__text name,
          a0__link_locks *locks, a0_error **err)
{
    A0_AUTO(a0__buf) id = A0__BUF_INIT(ID_MAX);
    A0_AUTO(a0__buf) key = A0__BUF_INIT(sizeof locks->key[0] - 1);

    a0__pack_string(&id, client->settings->issuer);
    a0__pack_text(&id, name);
    A0_TRY(a0__buf_check(&id, err));
    a0__buf_string(&key, kind);
    A0_TRY(a0__sha256_hex(a0__buf_view(&id), &key, err));
    A0_TRY(a0__buf_check(&key, err));
    memcpy(locks->key[locks->len++], key.ptr, key.len + 1);
    return A0_OK;
}

/* The address first, then the users in sorted order: a database that locks row by row
 * meets the same order in every commit. */
static a0_status
name_all(const a0_client *client, a0__text email, a0__text one, a0__text other,
         a0__link_locks *locks, a0_error **err)
{
    char swapped[sizeof locks->key[0]];
    char(*users)[sizeof locks->key[0]] = NULL;

    if (email.len > 0) {
        A0_TRY(name_lock(client, "link|e|", email, locks, err));
    }
    users = &locks->key[locks->len];
    A0_TRY(name_lock(client, "link|u|", one, locks, err));
    A0_TRY(name_lock(client, "link|u|", other, locks, err));
    if (strcmp(users[0], users[1]) > 0) {
        memcpy(swapped, users[0], sizeof swapped);
        memcpy(users[0], users[1], sizeof swapped);
        memcpy(users[1], swapped, sizeof swapped);
    }
    return A0_OK;
}

/* ---- rows ---- */

static a0_status
read_lock(a0_client *client, const char *key, holding *out, a0_error **err)
{
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    a0__unpack in = { 0 };
    bool found = false;

    *out = (holding){ .version = 0 };
    A0_TRY(a0__row_read(client, A0_RECORD_LOCK, key, NULL, &row, &found, err));
    if (!found) {
        return A0_OK;
    }
    in = a0__unpack_of(a0__buf_view(&row.plain));
    out->until_s = a0__unpack_i64(&in);
    out->freed_at_ms = a0__unpack_i64(&in);
    out->version = row.version;
    out->created_at = row.created_at;
    return A0_OK;
}

static a0_status
add_lock(a0__batch *batch, a0_client *client, const char *key, const holding *now_is,
         a0_error **err)
{
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(A0__ROW_KEY_LEN);
    int64_t now = a0__client_now_s(client);
    const a0_record record = { .size = sizeof record,
                               .kind = A0_RECORD_LOCK,
                               .key = key,
                               .created_at =
                                   now_is->version > 0 ? now_is->created_at : now,
                               .expires_at = now + REMEMBERED_S,
                               .owner = "",
                               .user_id = "",
                               .sid = "" };

    a0__pack_i64(&plain, now_is->until_s);
    a0__pack_i64(&plain, now_is->freed_at_ms);
    A0_TRY(a0__buf_check(&plain, err));
    if (now_is->version == 0) {
        return a0__batch_insert(batch, client, &record, NULL, a0__buf_view(&plain),
                                err);
    }
    return a0__batch_update(batch, client, &record, now_is->version, NULL,
                            a0__buf_view(&plain), err);
}

/* ---- taking ---- */

/* One attempt at all of them; false when somebody holds or has just changed one. */
static a0_status
try_to_take(a0_client *client, int64_t since_wall_ms, a0__link_locks *locks,
            bool *out_taken, bool *out_was_free, a0_error **err)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    int64_t now = a0__client_now_s(client);

    *out_taken = false;
    for (size_t i = 0; i < locks->len; i++) {
        holding h;

        A0_TRY(read_lock(client, locks->key[i], &h, err));
        if (h.until_s > now) {
            return A0_OK;
        }
        *out_was_free = *out_was_free && h.until_s == 0 &&
                        h.freed_at_ms + CLOCKS_DIFFER_MS < since_wall_ms;
        h.until_s = now + LEASE_S;
        A0_TRY(add_lock(&batch, client, locks->key[i], &h, err));
        locks->version[i] = h.version + 1;
    }
    return a0__batch_commit(&batch, client, out_taken, err);
}

a0_status
a0__link_locks_take(a0_client *client, a0__text email, a0__text one, a0__text other,
                    int64_t since_ms, a0__link_locks *out, bool *out_was_free,
                    a0_error **err)
{
    int64_t started_ms = a0__client_monotonic_ms(client);
    int64_t since_wall_ms = a0__client_wall_ms(client) - (started_ms - since_ms);
    bool taken = false;

    *out = (a0__link_locks){ .client = NULL };
    *out_was_free = true;
    A0_TRY(name_all(client, email, one, other, out, err));
    for (;;) {
        out->leased_until_ms =
            a0__client_monotonic_ms(client) + LEASE_S * INT64_C(1000);
        A0_TRY(try_to_take(client, since_wall_ms, out, &taken, out_was_free, err));
        if (taken) {
            out->client = client;
            return A0_OK;
        }
        *out_was_free = false;
        A0_ENSURE(a0__client_monotonic_ms(client) - started_ms < WAIT_MS, err,
                  link_in_progress);
        a0__client_sleep_ms(client, LOOK_EVERY_MS);
    }
}

bool
a0__link_locks_last(const a0__link_locks *locks, int64_t ms)
{
    return a0__client_monotonic_ms(locks->client) < locks->leased_until_ms - ms;
}

a0_status
a0__link_locks_require(a0__batch *batch, const a0__link_locks *locks, a0_error **err)
{
    A0_ENSURE(a0__link_locks_last(locks, 0), err, link_in_progress);
    for (size_t i = 0; i < locks->len; i++) {
        A0_TRY(a0__batch_condition(batch, A0_STORE_REQUIRE, A0_RECORD_LOCK,
                                   locks->key[i], locks->version[i], err));
    }
    return A0_OK;
}

/* ---- letting go ---- */

static a0_status
let_go(const a0__link_locks *locks, bool *out_applied, a0_error **err)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    a0_client *client = locks->client;

    for (size_t i = 0; i < locks->len; i++) {
        const holding h = { .version = locks->version[i],
                            .created_at = a0__client_now_s(client),
                            .freed_at_ms = a0__client_wall_ms(client) };

        A0_TRY(add_lock(&batch, client, locks->key[i], &h, err));
    }
    return a0__batch_commit(&batch, client, out_applied, err);
}

/* What can not be let go ends with its lease; and then it may be somebody else's, whose
 * version is another one. */
void
a0__link_locks_auto(a0__link_locks *locks)
{
    bool applied = false;

    if (locks->client != NULL) {
        a0__ignore(let_go(locks, &applied, NULL));
    }
    locks->client = NULL;
}
