/* SPDX-License-Identifier: MIT */
/*
 * Sign-ins of before: a project that moves here has sessions that another library made.
 * Each becomes one of ours, once, by a refresh that proves whose it is (contract §4).
 */
#include <a0/login.h>

#include <string.h>

#include "auth0/user.h"
#include "flows/ended.h"
#include "flows/login_session.h"
#include "flows/refresh_lock.h"
#include "flows/refresh_pause.h"
#include "flows/refresh_proof.h"
#include "flows/refresh_token_row.h"
#include "flows/revoke.h"

enum {
    ATTEMPTS = 4,
    TURN_MAX = 80,
    MARK_MAX = 80
};

static const char MARK[] = "adopted|";

/* Everything the batch borrows while it is put together. */
typedef struct adoption {
    a0_session *session;
    a0_former_login former;
    a0__secret refresh_token;
    a0__tenant *tenant;
    a0__refresh_proof proof;
    a0__session_record record;
    a0__refresh_token_row refresh_row;
    a0__ended_keys ended_keys;
    char mark[MARK_MAX]; /* that the id has served */
} adoption;

static void
adoption_auto(adoption *a)
{
    a0__secret_clear(&a->refresh_token);
    a0__tenant_free(a->tenant);
    a0__refresh_proof_clear(&a->proof);
}

/* ---- what is given ---- */

static a0_status
read_former(adoption *a, const a0_former_login *former, a0_error **err)
{
    const a0_client *client = a->session->client;
    int64_t now = a0__client_now_s(client);

    memcpy(&a->former, former,
           former->size < sizeof a->former ? former->size : sizeof a->former);
    if (!a0__user_id_is_valid(a0__text_of(a->former.user_id))) {
        return a0__fail_about(err, A0_E_param_invalid, "user_id");
    }
    if (!a0__refresh_token_is_valid(a0__text_of(a->former.refresh_token))) {
        return a0__fail_about(err, A0_E_param_invalid, "refresh_token");
    }
    if (a->former.signed_in_at <= 0 ||
        a->former.signed_in_at > now + client->settings->clock_leeway_s) {
        return a0__fail_about(err, A0_E_param_invalid, "signed_in_at");
    }
    a->record.ends_at = a0__add_saturating(a->former.signed_in_at,
                                           client->settings->session_lifetime_s);
    A0_ENSURE(a->record.ends_at > now, err, session_expired);
    return a0__secret_set_text(&a->refresh_token, a0__text_of(a->former.refresh_token),
                               err);
}

/* ---- writing ---- */

static a0_status
fill_record(adoption *a, a0_error **err)
{
    a0_client *client = a->session->client;
    const a0__claims *claims = a->proof.claims;
    int64_t now = a0__client_now_s(client);
    int64_t ends_at = a->record.ends_at;

    A0_TRY(a0__login_ceiling(client, claims, now, &ends_at, err));
    a->record = (a0__session_record){
        .iss = a0__text_of(client->settings->issuer),
        .sub = a0__claims_sub(claims),
        .login_sub = a0__claims_sub(claims),
        .sid = a0__claims_sid(claims),
        .auth_time = a0__claims_auth_time(claims),
        .signed_in_at = a->former.signed_in_at,
        .touched_at = now,
        .ends_at = ends_at,
        .browser = a0__text_of(a->session->key),
        .org_id = a0__claims_text(claims, "org_id"),
    };
    a0__refresh_proof_apply(client, &a->proof, &a->record);
    A0_TRY(a0__uuid7(a0__client_wall_ms(client), client->ports.random,
                     client->ports.random_self, a->refresh_row.key, err));
    a->record.refresh_key = a0__text_of(a->refresh_row.key);
    a->refresh_row.user_id = a->record.sub.ptr;
    a->refresh_row.sid = a->record.sid.ptr != NULL ? a->record.sid.ptr : "";
    a->refresh_row.session_key = a->session->key;
    a->refresh_row.created_at = now;
    a->refresh_row.expires_at = a->record.ends_at;
    return A0_OK;
}

static a0_status
add_mark(adoption *a, a0__batch *batch, a0_error **err)
{
    const a0_record mark = { .size = sizeof mark,
                             .kind = A0_RECORD_MARK,
                             .key = a->mark,
                             .created_at = a0__client_now_s(a->session->client),
                             .expires_at = a->record.ends_at,
                             .owner = "",
                             .user_id = "",
                             .sid = "" };

    return a0__batch_insert(batch, a->session->client, &mark, NULL, A0__LIT(""), err);
}

/* A logout of Auth0's that came after the sign-in wins over it [LOUT-10]. */
static a0_status
try_to_write(adoption *a, bool *out_applied, a0_error **err)
{
    a0_session *session = a->session;
    a0_client *client = session->client;
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(A0__SESSION_RECORD_MAX);
    a0_record row = { 0 };

    A0_TRY(a0__ended_bar(&batch, client, &a->record, a->former.signed_in_at,
                         &a->ended_keys, err));
    A0_TRY(add_mark(a, &batch, err));
    A0_TRY(a0__refresh_token_insert(&batch, client, &a->refresh_row,
                                    &a->proof.tokens.refresh_token, err));
    A0_TRY(a0__session_row(session, &a->record, &row, &plain, err));
    A0_TRY(a0__batch_insert(&batch, client, &row, &session->id, a0__buf_view(&plain),
                            err));
    A0_TRY(a0__batch_commit(&batch, client, out_applied, err));
    if (*out_applied) {
        a0__session_adopt(session, &plain, 1, row.expires_at);
    }
    return A0_OK;
}

static a0_status
look(void *self, bool *out_done, a0_error **err)
{
    const adoption *a = self;

    A0_TRY(a0__session_reload(a->session, err));
    *out_done = a->session->is_signed_in;
    return A0_OK;
}

/* Not applied: the user's newest token was written between reading and writing, or
 * somebody whose lease ran out has come first after all. */
static a0_status
write_all(adoption *a, a0_error **err)
{
    bool applied = false;

    A0_TRY(fill_record(a, err));
    for (int attempt = 0; attempt < ATTEMPTS && !applied; attempt++) {
        A0_TRY(try_to_write(a, &applied, err));
        if (!applied) {
            A0_TRY(look(a, &applied, err));
        }
    }
    A0_ENSURE(applied, err, store_unavailable);
    return A0_OK;
}

/* ---- by one at a time ---- */

static a0_status
check_mark(adoption *a, a0_error **err)
{
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    bool has_served = false;

    A0_TRY(a0__row_read(a->session->client, A0_RECORD_MARK, a->mark, NULL, &row,
                        &has_served, err));
    A0_ENSURE(!has_served, err, session_invalid);
    return A0_OK;
}

static a0_status
prove(adoption *a, a0_error **err)
{
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_client *client = a->session->client;
    a0_status status = a0__refresh_prove(client, a->tenant, a->former.user_id,
                                         &a->refresh_token, &a->proof, &failure);

    if (status == A0_UNAVAILABLE) {
        a0__refresh_pause_note(client, a->session->key,
                               a0_error_retry_after_s(failure));
    }
    a0__error_move(err, &failure);
    return status;
}

static a0_status
adopt(void *self, a0_error **err)
{
    adoption *a = self;
    a0_client *client = a->session->client;
    a0_status status = A0_OK;

    A0_TRY(check_mark(a, err));
    A0_TRY(a0__refresh_pause_check(client, a->session->key, err));
    A0_TRY(prove(a, err));
    status = write_all(a, err);
    if (status != A0_OK &&
        !a0__secret_equal(&a->proof.tokens.refresh_token, &a->refresh_token)) {
        /* One that nobody keeps should not live on; the one that was given is good for
         * another attempt. */
        a0__revoke_token(client, a->tenant, &a->proof.tokens.refresh_token,
                         a->former.user_id);
    }
    return status;
}

a0_status
a0_login_adopt(a0_session *session, const a0_former_login *former, a0_error **err)
{
    adoption a __attribute__((cleanup(adoption_auto))) = {
        .session = session,
        .proof = A0__REFRESH_PROOF_INIT,
    };
    const a0__refresh_turn turn = { .look = look, .act = adopt, .self = &a };
    A0_AUTO(a0__buf) key = A0__BUF_INIT(TURN_MAX);
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_status status = A0_OK;

    if (session->is_signed_in) {
        return A0_OK;
    }
    _Static_assert(sizeof MARK + A0__ROW_KEY_LEN <= MARK_MAX, "room for the key");
    memcpy(a.mark, MARK, sizeof MARK - 1);
    memcpy(a.mark + sizeof MARK - 1, session->key, A0__ROW_KEY_LEN + 1);
    A0_TRY(read_former(&a, former, err));
    A0_TRY(a0__provider_get(session->client, &a.tenant, err));
    /* The turn of whoever would prove the token that is stored for the person. */
    A0_TRY(a0__sha256_hex(a0__text_of(a.former.user_id), &key, err));
    A0_TRY(a0__buf_check(&key, err));
    status =
        a0__refresh_take_turn(session->client, a0__buf_view(&key), &turn, &failure);
    if (status != A0_OK) {
        a0__client_log_rejected(session->client, "login.not_adopted", failure);
        a0__error_move(err, &failure);
    }
    return status;
}
