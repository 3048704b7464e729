/* SPDX-License-Identifier: MIT */
/*
 * Completing a sign-in: OIDC Core §3.1.2.5 (the authentication response), §3.1.3 (the
 * token request), §3.1.3.7 (the ID token), then one write that makes the session.
 */
#include <a0/login.h>

#include <string.h>

#include "base/mem.h"
#include "flows/link_pending.h"
#include "flows/login.h"
#include "flows/login_session.h"
#include "flows/revoke.h"
#include "flows/transaction.h"
#include "flows/verify.h"
#include "oauth/callback.h"

/* One callback on its way through the steps. */
typedef struct arrival {
    a0_session *session;
    a0_session *replaces; /* NULL: none */
    a0__callback callback;
    a0__transaction transaction;
    a0__tenant *tenant;
    a0__claims *claims;
} arrival;

static void
arrival_auto(arrival *a)
{
    a0__callback_clear(&a->callback);
    a0__transaction_auto(&a->transaction);
    a0__tenant_free(a->tenant);
    a0__claims_free(a->claims);
}

/* ---- steps ---- */

static bool
is_key(a0__text key, a0__text produced)
{
    return key.len == A0__ROW_KEY_LEN && produced.len == A0__ROW_KEY_LEN &&
           a0__equal_constant_time(key.ptr, produced.ptr, A0__ROW_KEY_LEN);
}

/* A link has moved the session to another row since. */
static bool
holds_produced(const a0_session *session, a0__text produced)
{
    return session != NULL && session->is_signed_in &&
           (is_key(a0__text_of(session->key), produced) ||
            is_key(session->record.first_key, produced));
}

/* CB-04, CB-05: a callback that comes again is harmless to the browser that already has
 * what the first one gave, and worth nothing to anybody else. */
static a0_status
came_again(arrival *a, a0_login **out_login, a0_error **err)
{
    const a0__transaction_record *record = &a->transaction.record;

    A0_TRY(a0__transaction_await(a->session, a->callback.state, &a->transaction, err));
    A0_ENSURE(record->state == A0__TRANSACTION_DONE &&
                  (holds_produced(a->session, record->produced) ||
                   holds_produced(a->replaces, record->produced)),
              err, callback_state_unknown);
    A0_TRY(a0__login_new(record->return_to, out_login, err));
    (*out_login)->was_completed = true;
    return A0_OK;
}

/* RFC 9207, then the error or the code. The transaction is spent by whatever is wrong
 * here, because only its rightful browser got this far. */
static a0_status
read_answer(arrival *a, a0__text *out_code, a0_error **err)
{
    const a0__metadata *metadata = &a->tenant->metadata;

    A0_TRY(a0__transaction_check_age(a->session->client, &a->transaction, err));
    A0_ENSURE(a->transaction.record.purpose == A0__PURPOSE_LOGIN ||
                  a->transaction.record.purpose == A0__PURPOSE_LINK_CONFIRM,
              err, callback_flow_mismatch);
    A0_TRY(a0__callback_check_iss(
        &a->callback, a->transaction.record.iss,
        metadata->authorization_response_iss_parameter_supported, err));
    return a0__callback_take_code(&a->callback, A0__CALLBACK_CODE, out_code, err);
}

/* The code is never sent twice, whatever the failure [TOK-01]. */
static a0_status
exchange_code(arrival *a, a0__text code, a0__token_set *out_tokens, a0_error **err)
{
    a0_client *client = a->session->client;
    const a0__transaction_record *record = &a->transaction.record;
    A0_AUTO(a0__http_call) call = { 0 };
    a0__client_auth auth = a0__client_auth_now(client);
    a0_status status = A0_OK;

    A0_TRY(a0__token_request_code(&auth, a->tenant->metadata.token_endpoint, code,
                                  record->redirect_uri, record->code_verifier,
                                  &call.request, err));
    A0_TRY(a0__provider_send(client, &call, err));
    if (call.response == NULL) {
        status = a0_error_status(call.error);
        a0__error_move(err, &call.error);
        return status;
    }
    return a0__token_response_code(call.response, record->scope, out_tokens, err);
}

/* The person may have taken a while to type. */
static int64_t
max_age_of(const arrival *a)
{
    return a->transaction.record.purpose == A0__PURPOSE_LINK_CONFIRM
               ? A0__CONFIRMATION_AGE_MAX_S
               : a->transaction.record.max_age;
}

/* LINK-21: whoever confirms has authenticated after the question was asked, and at most
 * two minutes ago, however much the clocks may differ. */
static a0_status
check_confirmation(const arrival *a, a0_error **err)
{
    A0_AUTO(a0__pending) pending = { .document = NULL };
    int64_t auth_time = a0__claims_auth_time(a->claims);
    bool found = false;

    if (a->transaction.record.purpose != A0__PURPOSE_LINK_CONFIRM) {
        return A0_OK;
    }
    A0_ENSURE(a0__client_now_s(a->session->client) - auth_time <=
                  A0__CONFIRMATION_AGE_MAX_S,
              err, idt_auth_time);
    A0_TRY(a0__pending_parse(
        a0__pending_of_confirmation(&a->transaction, a->session, a->replaces), &pending,
        &found, err));
    A0_ENSURE(!found || auth_time >= pending.not_before, err, idt_auth_time);
    return A0_OK;
}

/* The exchange may have brought newer keys along, so the newest are asked. */
static a0_status
verify_id_token(arrival *a, a0__text code, const a0__token_set *tokens, a0_error **err)
{
    a0_client *client = a->session->client;
    const a0__transaction_record *record = &a->transaction.record;
    a0__id_token_expected expected = {
        .settings = client->settings,
        .now = a0__client_now_s(client),
        .nonce = record->nonce,
        .max_age = max_age_of(a),
        .acr_values = record->acr_values,
        .organization = record->organization,
        .access_token = a0__secret_expose(&tokens->access_token),
        .code = code,
    };

    return a0__verify_with_newest_keys(client, &tokens->id_token, &expected, &a->claims,
                                       err);
}

/* ---- the whole ---- */

static a0_status
complete_taken(arrival *a, a0_login **out_login, a0_error **err)
{
    A0_AUTO(a0__login_ptr) login = NULL;
    a0_client *client = a->session->client;
    a0__text code = A0__NO_TEXT;
    a0_status status = A0_OK;

    A0_TRY(read_answer(a, &code, err));
    A0_TRY(a0__login_new(a->transaction.record.return_to, &login, err));
    A0_TRY(exchange_code(a, code, &login->tokens, err));
    status = verify_id_token(a, code, &login->tokens, err);
    if (status == A0_OK) {
        status = check_confirmation(a, err);
    }
    if (status == A0_OK) {
        status = a0__login_session_begin(a->session, a->replaces, &a->transaction,
                                         a->claims, login, err);
    }
    if (status != A0_OK) {
        /* Tokens that nobody may use should not live on (security-cases, group 4). */
        a0__revoke_token(client, a->tenant, &login->tokens.refresh_token, "");
        return status;
    }
    *out_login = a0__steal(&login);
    return A0_OK;
}

/* Marks a transaction that came to nothing; the row has lost its secrets already. */
static void
give_up(arrival *a)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    bool applied = false;

    if (a0__transaction_end(&a->transaction, a->session->client, A0__TRANSACTION_FAILED,
                            "", &batch, NULL) == A0_OK) {
        a0__ignore(a0__batch_commit(&batch, a->session->client, &applied, NULL));
    }
}

/* What an operator needs to know; of foreign text only what is registered, or its
 * length [CB-07, TOK-01]. */
static void
log_failure(const arrival *a, const a0_error *failure)
{
    const a0_client *client = a->session->client;

    a0__client_log_rejected(client, "callback.rejected", failure);
    if (a0__error_is(failure, A0_E_callback_op_error)) {
        A0__LOG(client->log, A0_LOG_WARN, "callback.op_error",
                A0__FIELD_TEXT("code", a0__callback_error_for_log(&a->callback)),
                A0__FIELD_NUMBER("description_len",
                                 (int64_t)a->callback.error_description.len));
    }
    if (a0__text_is(a0__text_of(a0_error_peer_code(failure)), "invalid_client")) {
        A0__LOG(client->log, A0_LOG_ERROR, "config.suspect",
                A0__FIELD_TEXT("setting", "client_secret"));
    }
}

static a0_session *
replaced_session(const a0_login_complete_options *options)
{
    a0_login_complete_options given = A0_LOGIN_COMPLETE_OPTIONS_INIT;

    if (options != NULL) {
        memcpy(&given, options,
               options->size < sizeof given ? options->size : sizeof given);
    }
    return given.replaces;
}

a0_status
a0_login_complete(a0_session *session, const char *callback_url,
                  const a0_login_complete_options *options, a0_login **out_login,
                  a0_error **err)
{
    arrival a __attribute__((cleanup(arrival_auto))) = {
        .session = session,
        .replaces = replaced_session(options),
        .callback = A0__CALLBACK_INIT,
        .transaction = A0__TRANSACTION_INIT,
    };
    A0_AUTO(a0__error_ptr) failure = NULL;
    bool taken = false;
    a0_status status = A0_OK;

    A0_TRY(a0__callback_parse(a0__text_of(callback_url), &a.callback, err));
    A0_TRY(a0__transaction_find(session, a.callback.state, &a.transaction, err));
    if (a.transaction.record.state == A0__TRANSACTION_OPEN) {
        /* A tenant that can not be reached before the code is sent costs nobody the
         * sign-in: the same callback works once it is back. */
        A0_TRY(a0__provider_get(session->client, &a.tenant, err));
    }
    A0_TRY(a0__transaction_take(session->client, &a.transaction, &taken, err));
    if (!taken) {
        return came_again(&a, out_login, err);
    }
    status = complete_taken(&a, out_login, &failure);
    if (status != A0_OK) {
        give_up(&a);
        log_failure(&a, failure);
        a0__error_move(err, &failure);
    }
    return status;
}
