/* SPDX-License-Identifier: MIT */
/*
 * One refresh: read the token's row, ask Auth0, write the rotated token and the access
 * token in one batch, and only then hand anything out [RFR-01].
 */
#include "flows/refresh_exchange.h"

#include "base/mem.h"
#include "flows/refresh_lock.h"
#include "flows/refresh_pause.h"
#include "flows/refresh_token_row.h"
#include "flows/revoke.h"
#include "flows/verify.h"
#include "oauth/refresh.h"
#include "oauth/token.h"

enum {
    WRITE_ATTEMPTS = 4
};

typedef struct exchange {
    a0_session *session;
    const a0__wanted_token *wanted;
    int64_t started_at_ms; /* monotonic */
    a0__tenant *tenant;
    a0__row row; /* of the refresh token */
    a0__secret refresh_token;
    a0__token_set tokens;
    a0__claims *claims; /* of a new ID token; NULL: none came */
    a0__buf userinfo;
    bool rotated; /* the answer brought a refresh token other than the one sent */
} exchange;

static void
exchange_auto(exchange *x)
{
    a0__tenant_free(x->tenant);
    a0__row_clear(&x->row);
    a0__secret_clear(&x->refresh_token);
    a0__token_set_clear(&x->tokens);
    a0__claims_free(x->claims);
    a0__buf_clear(&x->userinfo);
}

static a0_status
read_refresh_token(exchange *x, a0_error **err)
{
    bool found = false;

    a0__row_clear(&x->row);
    A0_TRY(a0__refresh_token_read(x->session->client,
                                  x->session->record.refresh_key.ptr, &x->row,
                                  &x->refresh_token, &found, err));
    A0_ENSURE(found, err, refresh_token_missing);
    return A0_OK;
}

/* ---- asking ---- */

static a0_status
send_once(exchange *x, a0__http_call *call, a0_error **err)
{
    a0_client *client = x->session->client;
    a0__client_auth auth = a0__client_auth_now(client);

    a0__http_call_clear(call);
    A0_TRY(a0__refresh_request(
        &auth, x->tenant->metadata.token_endpoint, a0__secret_expose(&x->refresh_token),
        x->wanted->audience, a0__buf_view(&x->wanted->scope), &call->request, err));
    return a0__provider_send(client, call, err);
}

/* Whether one more request still fits into the lease of the turn. */
static bool
is_in_time(const exchange *x)
{
    return a0__client_monotonic_ms(x->session->client) - x->started_at_ms <
           A0__REFRESH_LEASE_MARGIN_S * INT64_C(1000);
}

/* RFR-04: an answer that was lost may have rotated the token. Only where Auth0 keeps
 * the old one for a while is it sent again, once. */
static a0_status
ask(exchange *x, a0_error **err)
{
    a0_client *client = x->session->client;
    A0_AUTO(a0__http_call) call = { 0 };
    bool may_repeat = client->settings->refresh_token_leeway_s > 0;

    A0_TRY(send_once(x, &call, err));
    if (call.response == NULL && (may_repeat || !call.sent) && is_in_time(x)) {
        A0_TRY(send_once(x, &call, err));
    }
    if (call.response == NULL) {
        a0_status status = a0_error_status(call.error);

        a0__error_move(err, &call.error);
        return a0__refresh_transport_failed(status, err);
    }
    return a0__refresh_response(call.response, a0__buf_view(&x->wanted->scope),
                                a0__client_wall_ms(client), &x->tokens, err);
}

/* ---- what an error means ---- */

static void
log_end(const exchange *x, const char *event)
{
    char sid[A0__FINGERPRINT_LEN + 1] = "";
    char sub[A0__FINGERPRINT_LEN + 1] = "";
    const a0_client *client = x->session->client;

    a0__ignore(a0__fingerprint(client->keyring, x->session->record.sid, sid, NULL));
    a0__ignore(a0__fingerprint(client->keyring, x->session->record.sub, sub, NULL));
    A0__LOG(client->log, A0_LOG_WARN, event, A0__FIELD_TEXT("sid_fp", sid),
            A0__FIELD_TEXT("sub_fp", sub));
}

/* The token is dead: it goes everywhere it is kept, and the session with it [RFR-05].
 */
static a0_status
end_session(exchange *x, a0_error **err)
{
    bool applied = false;

    /* Not applied: the user's newest token was written between reading and erasing. */
    for (int attempt = 0; attempt < WRITE_ATTEMPTS && !applied; attempt++) {
        A0_AUTO(a0__batch) batch = A0__BATCH_INIT;

        A0_TRY(a0__batch_condition(&batch, A0_STORE_ERASE, A0_RECORD_SESSION,
                                   x->session->key, 0, err));
        A0_TRY(a0__refresh_token_erase(&batch, x->session->client, &x->row,
                                       &x->refresh_token, err));
        A0_TRY(a0__batch_commit(&batch, x->session->client, &applied, err));
    }
    A0_ENSURE(applied, err, store_unavailable);
    a0__session_forget(x->session);
    return A0_OK;
}

/* Somebody whose lease ran out may have rotated the token: then a newer one is there,
 * and only the newest is ever sent [RFR-02, RFR-04]. */
static a0_status
was_rotated(exchange *x, bool *out_rotated, a0_error **err)
{
    int64_t version = x->row.version;

    A0_TRY(read_refresh_token(x, err));
    *out_rotated = x->row.version != version;
    return A0_OK;
}

/* The tenant's metadata, or an answer that came to nothing, may have taken so long that
 * somebody else's turn would begin before the next answer is there. */
static a0_status
ask_in_time(exchange *x, a0_error **err)
{
    return is_in_time(x) ? ask(x, err) : a0__fail(err, A0_E_refresh_in_progress);
}

/* [RFR-06] */
static void
rest(const exchange *x, a0_error *failure)
{
    int asked_for_s = a0_error_retry_after_s(failure);
    int rest_s = a0__refresh_pause_note(x->session->client, a0__buf_cstr(&x->row.key),
                                        asked_for_s);

    a0__error_set_retry_after(failure, asked_for_s > 0 ? asked_for_s : rest_s);
}

static a0_status
ask_or_give_up(exchange *x, a0_error **err)
{
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_status status = ask_in_time(x, &failure);
    bool rotated = false;

    if (a0__error_is(failure, A0_E_refresh_rejected)) {
        A0_TRY(was_rotated(x, &rotated, err));
        if (rotated) {
            a0_error_free(a0__steal(&failure));
            status = ask_in_time(x, &failure);
        }
    }
    if (a0__error_is(failure, A0_E_refresh_rejected)) {
        log_end(x, x->row.version > 1 ? "refresh.reuse_suspected" : "refresh.rejected");
        A0_TRY(end_session(x, err));
    } else if (status == A0_UNAVAILABLE) {
        rest(x, failure);
    }
    a0__error_move(err, &failure);
    return status;
}

/* ---- a new ID token [RFR-07] ---- */

/* The old token is spent and the new one is not to be trusted. */
static a0_status
reject_identity(exchange *x, const a0_error *failure, a0_error **err)
{
    a0_client *client = x->session->client;

    A0__LOG(client->log, A0_LOG_ERROR, "refresh.identity_rejected",
            A0__FIELD_TEXT("error", a0_error_id(failure)));
    a0__revoke_token(client, x->tenant, &x->tokens.refresh_token,
                     a0__buf_cstr(&x->row.user_id));
    A0_TRY(end_session(x, err));
    return a0__fail_about(err, A0_E_refresh_identity_mismatch, a0_error_id(failure));
}

/* The token was read and turned down: by itself, or as not that of this sign-in. */
static bool
is_verdict(a0_status status)
{
    return status == A0_REFUSED || status == A0_LOGIN_REQUIRED;
}

static a0_status
verify_id_token(exchange *x, a0_error **err)
{
    A0_AUTO(a0__claims_ptr) original = NULL;
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_client *client = x->session->client;
    a0__id_token_expected expected = { .settings = client->settings,
                                       .now = a0__client_now_s(client),
                                       .max_age = -1 };
    a0_status status = A0_OK;

    if (!a0__secret_is_set(&x->tokens.id_token)) {
        return A0_OK;
    }
    A0_TRY(a0__claims_parse(x->session->record.userinfo, &original, err));
    expected.original = original;
    expected.access_token = a0__secret_expose(&x->tokens.access_token);
    status = a0__verify_with_newest_keys(client, &x->tokens.id_token, &expected,
                                         &x->claims, &failure);
    if (is_verdict(status)) {
        return reject_identity(x, failure, err);
    }
    if (status != A0_OK) {
        /* No verdict: the session goes on without the new ID token, because the rotated
         * refresh token must not be lost for it. */
        a0__client_log_rejected(client, "refresh.id_token_unchecked", failure);
        return A0_OK;
    }
    return a0__claims_userinfo(x->claims, NULL, NULL, &x->userinfo, err);
}

/* ---- writing ---- */

static void
apply(const exchange *x, bool covers, a0__session_record *record)
{
    int64_t now = a0__client_now_s(x->session->client);
    const a0__kept_token token = {
        .audience = x->wanted->audience,
        .scope_asked = a0__buf_view(&x->wanted->scope),
        .scope_granted = a0__text_of(x->tokens.scope),
        .access_token = a0__secret_expose(&x->tokens.access_token),
        .token_type = A0__LIT(A0__TOKEN_TYPE),
        .obtained_at = now,
        .expires_at = a0__add_saturating(now, x->tokens.expires_in),
    };

    if (covers) {
        a0__session_record_keep(record, &token);
    }
    if (x->claims != NULL) {
        record->userinfo = a0__buf_view(&x->userinfo);
        record->name = a0__claims_text(x->claims, "name");
        record->email = a0__claims_text(x->claims, "email");
        record->email_verified = a0__claims_email_verified(x->claims);
        record->id_token = a0__secret_expose(&x->tokens.id_token);
    }
}

/* One attempt at the batch; every part is conditional on what was read [SESS-12]. */
static a0_status
try_to_write(exchange *x, bool covers, bool *out_applied, a0_error **err)
{
    a0_session *session = x->session;
    a0_client *client = session->client;
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(A0__SESSION_RECORD_MAX);
    a0__session_record record = session->record;
    char pause_key[A0__PAUSE_KEY_MAX];
    a0_record row = { 0 };

    if (x->rotated) {
        A0_TRY(a0__refresh_token_rotate(&batch, client, &x->row, &x->refresh_token,
                                        &x->tokens.refresh_token, err));
    } else {
        A0_TRY(a0__batch_condition(&batch, A0_STORE_REQUIRE, A0_RECORD_REFRESH_TOKEN,
                                   a0__buf_cstr(&x->row.key), x->row.version, err));
    }
    apply(x, covers, &record);
    a0__session_record_fit(&record);
    A0_TRY(a0__session_row(session, &record, &row, &plain, err));
    A0_TRY(a0__batch_update(&batch, client, &row, session->version, &session->id,
                            a0__buf_view(&plain), err));
    A0_TRY(a0__refresh_pause_end(&batch, a0__buf_cstr(&x->row.key), pause_key, err));
    A0_TRY(a0__batch_commit(&batch, client, out_applied, err));
    if (*out_applied) {
        a0__session_adopt(session, &plain, session->version + 1, row.expires_at);
    }
    return A0_OK;
}

/* What ended stays ended, and the token that was just issued to it is given back. */
static a0_status
give_back(exchange *x, a0_error **err)
{
    if (x->rotated) {
        a0__revoke_token(x->session->client, x->tenant, &x->tokens.refresh_token,
                         a0__buf_cstr(&x->row.user_id));
    }
    return a0__fail(err, A0_E_session_invalid);
}

/* After an attempt that did not apply: the session was written by somebody else, it has
 * ended, or the store had written before it lost its answer (*out_applied). A store
 * that can not be asked says nothing about the session [STOR-03]. */
static a0_status
look_why(exchange *x, bool *out_applied, a0_error **err)
{
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    A0_AUTO(a0__secret) kept = A0__SECRET_INIT;
    bool found = false;

    A0_TRY(a0__session_reload(x->session, err));
    if (!x->session->is_signed_in) {
        return give_back(x, err);
    }
    A0_TRY(a0__refresh_token_read(x->session->client, a0__buf_cstr(&x->row.key), &row,
                                  &kept, &found, err));
    if (!found) {
        return give_back(x, err);
    }
    if (row.version == x->row.version) {
        return A0_OK;
    }
    /* Somebody whose answer came first has rotated the token: theirs is the live one.
     */
    A0_ENSURE(x->rotated && a0__secret_equal(&kept, &x->tokens.refresh_token), err,
              refresh_unavailable);
    *out_applied = true;
    return A0_OK;
}

/* A store that is busy for a moment must not cost the rotated token. */
static a0_status
write_outcome(exchange *x, bool covers, a0_error **err)
{
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_status status = A0_OK;
    bool applied = false;

    for (int attempt = 0; attempt < WRITE_ATTEMPTS; attempt++) {
        a0_error_free(a0__steal(&failure));
        status = try_to_write(x, covers, &applied, &failure);
        if (status == A0_OK && !applied) {
            status = look_why(x, &applied, &failure);
        }
        if (applied || (status != A0_OK && status != A0_UNAVAILABLE)) {
            break;
        }
    }
    if (applied) {
        return A0_OK;
    }
    if (status == A0_OK) {
        return a0__fail(err, A0_E_refresh_unavailable);
    }
    a0__error_move(err, &failure);
    return status;
}

a0_status
a0__refresh_exchange(a0_session *session, const a0__wanted_token *wanted,
                     a0_error **err)
{
    exchange x __attribute__((cleanup(exchange_auto))) = {
        .session = session,
        .wanted = wanted,
        .started_at_ms = a0__client_monotonic_ms(session->client),
        .row = A0__ROW_INIT,
        .tokens = A0__TOKEN_SET_INIT,
        .userinfo = A0__BUF_INIT(A0__USERINFO_MAX),
    };
    A0_AUTO(a0__error_ptr) not_covered = NULL;
    a0_status covered = A0_OK;

    A0_TRY(
        a0__refresh_pause_check(session->client, session->record.refresh_key.ptr, err));
    A0_TRY(read_refresh_token(&x, err));
    A0_TRY(a0__provider_get(session->client, &x.tenant, err));
    A0_TRY(ask_or_give_up(&x, err));
    x.rotated = a0__secret_is_set(&x.tokens.refresh_token) &&
                !a0__secret_equal(&x.tokens.refresh_token, &x.refresh_token);
    A0_TRY(verify_id_token(&x, err));
    covered = a0__refresh_check_covers(&x.tokens, wanted->audience,
                                       a0__buf_view(&wanted->scope), &not_covered);
    /* A rotated token is kept even when the access token is of no use: the old one is
     * spent. */
    A0_TRY(write_outcome(&x, covered == A0_OK, err));
    if (covered != A0_OK) {
        a0__error_move(err, &not_covered);
    }
    return covered;
}
