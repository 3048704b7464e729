/* SPDX-License-Identifier: MIT */
/*
 * Forgetting a user [STOR-12]. The sessions go first: whatever is under way for them
 * then finds its rows gone and writes nothing, and a later write needs a new sign-in.
 * Local first, then Auth0 is asked to revoke the tokens; what it could not be asked
 * waits for the sweep, without a name.
 */
#include <string.h>

#include "base/mem.h"
#include "flows/link_saga.h"
#include "flows/revoke.h"
#include "flows/user.h"
#include "flows/user_data.h"
#include "flows/vault_cache.h"

enum {
    ROUND_MAX = A0__BATCH_MAX / 3, /* a token takes three changes */
    /* A kind that never comes to an end is being written as fast as it is erased. */
    ROUNDS_MAX = 10000
};

/* ---- tokens, to be revoked when no row of the user holds them any more ---- */

typedef struct tokens {
    a0__revocation *items;
    size_t len;
} tokens;

static void
tokens_auto(tokens *t)
{
    for (size_t i = 0; i < t->len; i++) {
        a0__revocation_clear(&t->items[i]);
    }
    a0__free(t->items);
}

static a0_status
add_tokens(tokens *t, a0__revocation *taken, size_t len, a0_error **err)
{
    a0__revocation *items = a0__realloc_array(t->items, t->len + len, sizeof *items);

    A0_ENSURE(items != NULL, err, no_memory);
    t->items = items;
    for (size_t i = 0; i < len; i++) {
        t->items[t->len] = taken[i];
        t->len++;
        taken[i] = A0__REVOCATION_INIT;
    }
    return A0_OK;
}

/* The token in a row, if there is one that opens. */
static a0_status
read_token(a0_client *client, a0_record_kind kind, const char *key, a0__secret *out,
           a0_error **err)
{
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    A0_AUTO(a0__revocation) waiting = A0__REVOCATION_INIT;
    bool found = false;

    if (kind == A0_RECORD_MARK) {
        A0_TRY(a0__revocation_read(client, key, &waiting, &found, err));
        a0__secret_move(out, &waiting.refresh_token);
        return A0_OK;
    }
    A0_TRY(a0__row_read(client, kind, key, NULL, &row, &found, err));
    return found ? a0__secret_set_text(out, a0__buf_view(&row.plain), err) : A0_OK;
}

static bool
holds_a_token(a0_record_kind kind)
{
    return kind == A0_RECORD_REFRESH_TOKEN || kind == A0_RECORD_ACCOUNT_TOKEN ||
           kind == A0_RECORD_MARK;
}

/* Whether it was revoked; the newest token of a user is that of a session as well, and
 * is gone at the second look. */
static bool
try_one(a0_client *client, const a0__tenant *tenant, a0__revocation *token)
{
    A0_AUTO(a0__revocation) left = A0__REVOCATION_INIT;
    bool waits = true;

    if (a0__revocation_read(client, token->key, &left, &waits, NULL) == A0_OK &&
        waits) {
        a0__revocation_try(client, tenant, token);
        a0__ignore(a0__revocation_read(client, token->key, &left, &waits, NULL));
    }
    return !waits;
}

/* A tenant that can not be reached is not asked again for each token: the sweep of the
 * gateway does that. */
static bool
revoke(a0_client *client, const tokens *t)
{
    A0_AUTO(a0__tenant_ptr) tenant = NULL;
    A0_AUTO(a0__error_ptr) failure = NULL;
    bool revoked = true;

    if (t->len > 0 && a0__provider_get(client, &tenant, &failure) != A0_OK) {
        a0__client_log_rejected(client, "logout.remote_failed", failure);
        return false;
    }
    for (size_t i = 0; i < t->len && revoked; i++) {
        revoked = try_one(client, tenant, &t->items[i]);
    }
    return revoked;
}

/* ---- rows ---- */

/* One round: the keys that were found, and what was in them. Both fit one batch. */
typedef struct round {
    char keys[ROUND_MAX][A0_RECORD_KEY_MAX + 1];
    size_t len;
    a0__revocation taken[ROUND_MAX];
    size_t taken_len;
} round;

static void
round_auto(round *r)
{
    for (size_t i = 0; i < ROUND_MAX; i++) {
        a0__revocation_clear(&r->taken[i]);
    }
}

static a0_status
add_key(void *self, const a0_record *record, a0_error **err)
{
    round *r = self;

    (void)err;
    memcpy(r->keys[r->len], record->key, strlen(record->key) + 1);
    r->len++;
    return A0_OK;
}

/* That two accounts were parted must not be forgotten with one of them (contract §2,
 * rule 12); the key, a hash of both, is enough for it. */
static a0_status
add_nameless_pair(a0_client *client, const char *key, a0__batch *batch, a0_error **err)
{
    const a0_record record = { .size = sizeof record,
                               .kind = A0_RECORD_LINK_JOURNAL,
                               .key = key,
                               .created_at = a0__client_now_s(client),
                               .owner = "",
                               .user_id = "",
                               .sid = "" };

    return a0__batch_insert(batch, client, &record, NULL, A0__LIT(""), err);
}

static bool
is_pair(a0_record_kind kind, const char *key)
{
    return kind == A0_RECORD_LINK_JOURNAL &&
           a0__text_starts_with(a0__text_of(key), A0__LIT("pair|"));
}

/* A revocation is nobody's: it no longer says whose the token was. */
static a0_status
add_end(a0_client *client, a0_record_kind kind, const char *key, round *r,
        a0__batch *batch, a0_error **err)
{
    A0_AUTO(a0__secret) token = A0__SECRET_INIT;

    A0_TRY(a0__batch_condition(batch, A0_STORE_ERASE, kind, key, 0, err));
    if (is_pair(kind, key)) {
        return add_nameless_pair(client, key, batch, err);
    }
    if (holds_a_token(kind)) {
        A0_TRY(read_token(client, kind, key, &token, err));
    }
    if (!a0__secret_is_set(&token)) {
        return A0_OK;
    }
    return a0__revocation_add(batch, client, &token, "", &r->taken[r->taken_len++],
                              err);
}

static a0_status
erase_round(a0_client *client, const char *user_id, a0_record_kind kind,
            a0_record_index index, tokens *t, size_t *out_len, a0_error **err)
{
    A0_AUTO(round) r = { .len = 0 };
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    bool applied = true;

    A0_TRY(client->ports.store->find(client->ports.store_self, kind, index, user_id,
                                     a0__client_now_s(client), ROUND_MAX, add_key, &r,
                                     err));
    for (size_t i = 0; i < r.len; i++) {
        A0_TRY(add_end(client, kind, r.keys[i], &r, &batch, err));
    }
    if (r.len > 0) {
        A0_TRY(a0__batch_commit(&batch, client, &applied, err));
    }
    A0_ENSURE(applied, err, store_unavailable);
    *out_len = r.len;
    return r.taken_len > 0 ? add_tokens(t, r.taken, r.taken_len, err) : A0_OK;
}

static a0_status
erase_found(a0_client *client, const char *user_id, a0_record_kind kind,
            a0_record_index index, tokens *t, int64_t *out_rows, a0_error **err)
{
    size_t len = ROUND_MAX;

    for (int rounds = 0; len > 0; rounds++) {
        A0_ENSURE(rounds < ROUNDS_MAX, err, store_unavailable);
        A0_TRY(erase_round(client, user_id, kind, index, t, &len, err));
        *out_rows += (int64_t)len;
    }
    return A0_OK;
}

static a0_status
erase_rows(a0_client *client, const char *user_id, tokens *t, a0__json_writer *w,
           a0_error **err)
{
    for (size_t i = 0; i < a0__kept_rows_len; i++) {
        int64_t rows = 0;

        const a0__kept *kept = &a0__kept_rows[i];

        A0_TRY(
            erase_found(client, user_id, kept->kind, A0_INDEX_USER_ID, t, &rows, err));
        if (kept->names_another_first) {
            A0_TRY(erase_found(client, user_id, kept->kind, A0_INDEX_OWNER, t, &rows,
                               err));
        }
        a0__json_put_i64(w, kept->name, rows);
    }
    return A0_OK;
}

a0_status
a0_user_erase(a0_client *client, const char *user_id, a0_user_data **out_erased,
              a0_error **err)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(A0__USER_DATA_MAX);
    A0_AUTO(tokens) held = { .len = 0 };
    a0__json_writer w = a0__json_writer_on(&json);
    a0_status status = A0_OK;
    bool revoked = false;

    A0_TRY(a0__user_id_check(user_id, err));
    /* What is half-way needs the rows that are about to go. */
    A0_TRY(a0__link_settle(client, a0__text_of(user_id), NULL, err));
    a0__json_open(&w, '{');
    a0__json_put_string(&w, "user_id", user_id);
    A0_TRY(a0__vault_cache_forget(client, a0__text_of(user_id), err));
    status = erase_rows(client, user_id, &held, &w, err);
    a0__user_cache_forget(client, a0__text_of(user_id));
    revoked = revoke(client, &held);
    A0_TRY(status);
    /* What was erased is in the database's log until a sweep; a failure is put right by
     * the next one. */
    a0__ignore(a0_client_sweep(client, NULL));
    a0__json_put_bool(&w, "tokens_are_revoked", revoked);
    a0__json_close(&w, '}');
    return a0__user_data_new(&json, out_erased, err);
}
