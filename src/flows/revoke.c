/* SPDX-License-Identifier: MIT */
#include "flows/revoke.h"

#include <string.h>

#include "base/pack.h"
#include "oauth/revoke.h"

enum {
    /* The sweep leaves a row alone for this long, then twice as long after each
     * failure. Eight attempts span more than four hours, an outage of Auth0. */
    FIRST_PAUSE_S = 120,
    LONGEST_PAUSE_S = 7200,
    ATTEMPTS_MAX = 8,
    KEPT_S = 7 * 86400,
    ROWS_SEEN_MAX = 64,
    RECORD_MAX = 16384
};

/* What finds them: the index value of all that are waiting. */
static const char WAITING[] = "revocation";

void
a0__revocation_clear(a0__revocation *revocation)
{
    a0__secret_clear(&revocation->refresh_token);
    *revocation = A0__REVOCATION_INIT;
}

void
a0__revocation_auto(a0__revocation *revocation)
{
    a0__revocation_clear(revocation);
}

/* ---- the row ---- */

static a0_record
row_of(const a0__revocation *revocation)
{
    return (a0_record){ .size = sizeof(a0_record),
                        .kind = A0_RECORD_MARK,
                        .key = revocation->key,
                        .created_at = revocation->written_at,
                        .expires_at =
                            a0__add_saturating(revocation->written_at, KEPT_S),
                        .owner = WAITING,
                        .user_id = revocation->user_id,
                        .sid = "" };
}

static int64_t
next_attempt_at(const a0__revocation *revocation, int64_t now)
{
    int64_t pause_s = FIRST_PAUSE_S;

    for (int64_t i = 0; i < revocation->attempts && pause_s < LONGEST_PAUSE_S; i++) {
        pause_s *= 2;
    }
    return a0__add_saturating(now,
                              pause_s < LONGEST_PAUSE_S ? pause_s : LONGEST_PAUSE_S);
}

static a0_status
pack(const a0__revocation *revocation, int64_t now, a0__buf *out, a0_error **err)
{
    a0__pack_i64(out, revocation->attempts);
    a0__pack_i64(out, next_attempt_at(revocation, now));
    a0__pack_secret(out, &revocation->refresh_token);
    return a0__buf_check(out, err);
}

static const char prefix[] = "revoke|";

static bool
is_revocation(const char *key)
{
    return strncmp(key, prefix, sizeof prefix - 1) == 0 &&
           strlen(key) < A0__REVOCATION_KEY_MAX;
}

static a0_status
name_row(a0__text refresh_token, char out[A0__REVOCATION_KEY_MAX], a0_error **err)
{
    _Static_assert(sizeof prefix + A0__ROW_KEY_LEN <= A0__REVOCATION_KEY_MAX,
                   "room for the hash");
    memcpy(out, prefix, sizeof prefix);
    return a0__row_key(refresh_token, out + sizeof prefix - 1, err);
}

a0_status
a0__revocation_add(a0__batch *batch, a0_client *client, const a0__secret *refresh_token,
                   const char *user_id, a0__revocation *out, a0_error **err)
{
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(RECORD_MAX);
    a0__text token = a0__secret_expose(refresh_token);
    a0_record row = { 0 };
    size_t len = strnlen(user_id, A0_RECORD_INDEX_MAX);

    a0__revocation_clear(out);
    memcpy(out->user_id, user_id, len);
    out->version = 1;
    out->written_at = a0__client_now_s(client);
    A0_TRY(name_row(token, out->key, err));
    A0_TRY(a0__secret_set_text(&out->refresh_token, token, err));
    A0_TRY(pack(out, out->written_at, &plain, err));
    row = row_of(out);
    A0_TRY(
        a0__batch_condition(batch, A0_STORE_ERASE, A0_RECORD_MARK, out->key, 0, err));
    return a0__batch_insert(batch, client, &row, NULL, a0__buf_view(&plain), err);
}

/* ---- the outcome of an attempt ---- */

static void
erase(a0_client *client, const a0__revocation *revocation)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    bool applied = false;

    if (a0__batch_condition(&batch, A0_STORE_ERASE, A0_RECORD_MARK, revocation->key, 0,
                            NULL) == A0_OK) {
        a0__ignore(a0__batch_commit(&batch, client, &applied, NULL));
    }
}

/* Best effort: a row that can not be changed is only tried sooner. */
static void
postpone(a0_client *client, const a0__revocation *revocation)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(RECORD_MAX);
    a0_record row = row_of(revocation);
    bool applied = false;

    if (pack(revocation, a0__client_now_s(client), &plain, NULL) == A0_OK &&
        a0__batch_update(&batch, client, &row, revocation->version, NULL,
                         a0__buf_view(&plain), NULL) == A0_OK) {
        a0__ignore(a0__batch_commit(&batch, client, &applied, NULL));
    }
}

static void
settle(a0_client *client, a0__revocation *revocation, const a0_error *failure)
{
    if (failure == NULL) {
        erase(client, revocation);
        return;
    }
    a0__client_log_rejected(client, "logout.remote_failed", failure);
    revocation->attempts++;
    if (revocation->attempts < ATTEMPTS_MAX) {
        postpone(client, revocation);
        return;
    }
    A0__LOG(client->log, A0_LOG_ERROR, "logout.revocation_given_up",
            A0__FIELD_NUMBER("attempts", revocation->attempts));
    erase(client, revocation);
}

/* ---- trying ---- */

static a0_status
try_all(a0_client *client, const a0__tenant *tenant, a0__revocation *revocations,
        size_t len, int64_t within_ms, a0__http_call *calls, a0_error **err)
{
    a0__client_auth auth = a0__client_auth_now(client);

    for (size_t i = 0; i < len; i++) {
        A0_TRY(a0__revoke_request(&auth, tenant->metadata.revocation_endpoint,
                                  a0__secret_expose(&revocations[i].refresh_token),
                                  &calls[i].request, err));
    }
    A0_TRY(a0__http_send(
        (a0__http){ client->ports.transport, client->ports.transport_self }, calls, len,
        within_ms, err));
    for (size_t i = 0; i < len; i++) {
        A0_AUTO(a0__error_ptr) refusal = NULL;

        if (calls[i].response != NULL) {
            a0__ignore(a0__revoke_response(calls[i].response, &refusal));
        }
        settle(client, &revocations[i],
               calls[i].response != NULL ? refusal : calls[i].error);
    }
    return A0_OK;
}

/* A batch that never left counts as an attempt of nobody: the rows stay as they are. */
static void
try_within(a0_client *client, const a0__tenant *tenant, a0__revocation *revocations,
           size_t len, int64_t within_ms)
{
    a0__http_call calls[A0__HTTP_BATCH_MAX] = { 0 };
    A0_AUTO(a0__error_ptr) failure = NULL;

    if (try_all(client, tenant, revocations, len, within_ms, calls, &failure) !=
        A0_OK) {
        a0__client_log_rejected(client, "logout.remote_failed", failure);
    }
    for (size_t i = 0; i < len; i++) {
        a0__http_call_clear(&calls[i]);
    }
}

void
a0__revocations_try(a0_client *client, const a0__tenant *tenant,
                    a0__revocation *revocations, size_t len)
{
    try_within(client, tenant, revocations, len, A0__REVOKE_WITHIN_MS);
}

void
a0__revocation_try(a0_client *client, const a0__tenant *tenant,
                   a0__revocation *revocation)
{
    if (a0__secret_is_set(&revocation->refresh_token)) {
        a0__revocations_try(client, tenant, revocation, 1);
    }
}

void
a0__revocation_try_at_logout(a0_client *client, a0__revocation *revocation,
                             a0__tenant **out_tenant)
{
    int64_t until_ms = a0__client_monotonic_ms(client) + A0__REVOKE_WITHIN_MS;
    A0_AUTO(a0__error_ptr) unreachable = NULL;
    int64_t left_ms = 0;

    if (a0__provider_get_until(client, until_ms, out_tenant, &unreachable) != A0_OK) {
        a0__client_log_rejected(client, "logout.remote_failed", unreachable);
        return;
    }
    left_ms = until_ms - a0__client_monotonic_ms(client);
    if (a0__secret_is_set(&revocation->refresh_token) && left_ms > 0) {
        try_within(client, *out_tenant, revocation, 1, left_ms);
    }
}

void
a0__revoke_token(a0_client *client, const a0__tenant *tenant,
                 const a0__secret *refresh_token, const char *user_id)
{
    A0_AUTO(a0__revocation) revocation = A0__REVOCATION_INIT;
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__error_ptr) failure = NULL;
    bool applied = false;

    if (!a0__secret_is_set(refresh_token)) {
        return;
    }
    if (a0__revocation_add(&batch, client, refresh_token, user_id, &revocation,
                           &failure) != A0_OK ||
        a0__batch_commit(&batch, client, &applied, &failure) != A0_OK) {
        a0__client_log_rejected(client, "logout.revocation_not_kept", failure);
    }
    a0__revocation_try(client, tenant, &revocation);
}

/* ---- those that wait ---- */

typedef struct waiting {
    char keys[ROWS_SEEN_MAX][A0__REVOCATION_KEY_MAX];
    size_t len;
} waiting;

static a0_status
note_key(void *self, const a0_record *record, a0_error **err)
{
    waiting *w = self;
    size_t len = strlen(record->key);

    (void)err;
    if (len < A0__REVOCATION_KEY_MAX) {
        memcpy(w->keys[w->len++], record->key, len + 1);
    }
    return A0_OK;
}

a0_status
a0__revocation_read(a0_client *client, const char *key, a0__revocation *out,
                    bool *out_found, a0_error **err)
{
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    a0__unpack in = { 0 };
    a0__text token = A0__NO_TEXT;
    bool found = false;

    *out_found = false;
    A0_TRY(a0__row_read(client, A0_RECORD_MARK, key, NULL, &row, &found, err));
    if (!found || !is_revocation(key)) {
        return A0_OK;
    }
    in = a0__unpack_of(a0__buf_view(&row.plain));
    out->attempts = a0__unpack_i64(&in);
    out->next_at = a0__unpack_i64(&in);
    token = a0__unpack_text(&in);
    if (!a0__unpack_done(&in)) {
        return A0_OK;
    }
    memcpy(out->key, key, strlen(key) + 1);
    memcpy(out->user_id, a0__buf_cstr(&row.user_id), row.user_id.len + 1);
    out->version = row.version;
    out->written_at = row.created_at;
    *out_found = true;
    return a0__secret_set_text(&out->refresh_token, token, err);
}

static a0_status
read_due(a0_client *client, a0__revocation *out, size_t max, size_t *out_len,
         a0_error **err)
{
    waiting w = { .len = 0 };

    A0_TRY(client->ports.store->find(client->ports.store_self, A0_RECORD_MARK,
                                     A0_INDEX_OWNER, WAITING, a0__client_now_s(client),
                                     ROWS_SEEN_MAX, note_key, &w, err));
    for (size_t i = 0; i < w.len && *out_len < max; i++) {
        bool found = false;

        A0_TRY(a0__revocation_read(client, w.keys[i], &out[*out_len], &found, err));
        found = found && out[*out_len].next_at <= a0__client_now_s(client);
        *out_len += found ? 1 : 0;
    }
    return A0_OK;
}

void
a0__revocations_retry(a0_client *client)
{
    a0__revocation due[A0__HTTP_BATCH_MAX] = { 0 };
    A0_AUTO(a0__tenant_ptr) tenant = NULL;
    A0_AUTO(a0__error_ptr) failure = NULL;
    size_t len = 0;

    if (read_due(client, due, A0__HTTP_BATCH_MAX, &len, &failure) != A0_OK ||
        (len > 0 && a0__provider_get(client, &tenant, &failure) != A0_OK)) {
        a0__client_log_rejected(client, "logout.remote_failed", failure);
    } else if (len > 0) {
        a0__revocations_try(client, tenant, due, len);
    }
    for (size_t i = 0; i < A0__HTTP_BATCH_MAX; i++) {
        a0__revocation_clear(&due[i]);
    }
}
