/* SPDX-License-Identifier: MIT */
/*
 * Connecting an account: start, the browser's way to the provider and back, complete.
 * The same care as a sign-in takes: PKCE, state, a transaction that belongs to one
 * browser, one session and one person, and one completion.
 */
#include "flows/connect.h"

#include <string.h>

#include "auth0/identifier.h"
#include "flows/connect_identity.h"
#include "flows/transaction.h"
#include "flows/vault_cache.h"
#include "oauth/authorize.h"
#include "oauth/callback.h"
#include "oauth/pkce.h"
#include "oauth/scope.h"

enum {
    STATE_OCTETS = 32,
    RETURN_TO_MAX = 2048,
    SCOPE_MAX = 16384,
    ACCOUNT_MAX = 65536
};

/* ---- start ---- */

typedef struct beginning {
    a0_session *session;
    a0_connect_options options;
    a0__buf scope;
    a0__secret state;
    a0__secret code_verifier;
    a0__connect_ticket ticket;
} beginning;

static void
beginning_auto(beginning *b)
{
    a0__buf_clear(&b->scope);
    a0__secret_clear(&b->state);
    a0__secret_clear(&b->code_verifier);
    a0__connect_ticket_auto(&b->ticket);
}

static a0_status
check_wish(const beginning *b, const char *connection, const char *redirect_uri,
           a0_error **err)
{
    if (!a0__identifier_is_valid(a0__text_of(connection))) {
        return a0__fail_about(err, A0_E_param_invalid, "connection");
    }
    if (!a0__scope_is_valid(a0__text_of(b->options.scope))) {
        return a0__fail_about(err, A0_E_param_invalid, "scope");
    }
    if (b->options.return_to != NULL && strlen(b->options.return_to) > RETURN_TO_MAX) {
        return a0__fail_about(err, A0_E_param_invalid, "return_to");
    }
    return a0__redirect_uri_check(redirect_uri, err);
}

static a0_status
ask_for_ticket(beginning *b, const char *connection, const char *redirect_uri,
               a0_error **err)
{
    a0_client *client = b->session->client;
    A0_AUTO(a0__http_call) call = { 0 };
    const a0__connect_wish wish = { .connection = connection,
                                    .redirect_uri = redirect_uri,
                                    .state = &b->state,
                                    .code_verifier = &b->code_verifier,
                                    .scope = a0__buf_view(&b->scope),
                                    .params = b->options.params,
                                    .params_len = b->options.params_len };

    A0_TRY(a0__connect_request(client->settings, &wish, &call.request, err));
    A0_TRY(a0__connect_call(b->session, A0__MY_ACCOUNT_CREATE, &call, err));
    return a0__connect_response(client->settings, call.response,
                                a0__client_wall_ms(client), &b->ticket, err);
}

static a0_status
open_transaction(const beginning *b, const char *connection, const char *redirect_uri,
                 a0_error **err)
{
    a0_session *session = b->session;
    int64_t now = a0__client_now_s(session->client);
    const a0__transaction_record record = {
        .purpose = A0__PURPOSE_CONNECT,
        .state = A0__TRANSACTION_OPEN,
        .created_at = now,
        .browser = a0__text_of(a0__session_browser(session)),
        .iss = session->record.iss,
        .redirect_uri = a0__text_of(redirect_uri),
        .return_to = a0__text_of(b->options.return_to),
        .code_verifier = a0__secret_expose(&b->code_verifier),
        .scope = a0__buf_view(&b->scope),
        .max_age = A0__NO_MAX_AGE,
        .user_id = session->record.sub,
        .session = a0__text_of(session->key),
        .connection = a0__text_of(connection),
        .auth_session = a0__secret_expose(&b->ticket.auth_session),
        .ends_at = a0__add_saturating(now, b->ticket.expires_in),
    };

    return a0__transaction_open(session, &b->state, &record, err);
}

a0_status
a0_connect_start(a0_session *session, const char *connection, const char *redirect_uri,
                 const a0_connect_options *options, const char **out_url,
                 a0_error **err)
{
    a0_client *client = session->client;
    beginning b __attribute__((cleanup(beginning_auto))) = {
        .session = session,
        .options = A0_CONNECT_OPTIONS_INIT,
        .scope = A0__BUF_INIT(SCOPE_MAX),
        .ticket.url = A0__BUF_INIT(A0__URL_MAX),
    };

    A0_TRY(a0__session_require(session, err));
    if (options != NULL) {
        memcpy(&b.options, options,
               options->size < sizeof b.options ? options->size : sizeof b.options);
    }
    A0_TRY(check_wish(&b, connection, redirect_uri, err));
    a0__connect_scope(client->settings, connection, a0__text_of(b.options.scope),
                      &b.scope);
    A0_TRY(a0__buf_check(&b.scope, err));
    A0_TRY(a0__client_random(client, STATE_OCTETS, &b.state, err));
    A0_TRY(a0__pkce_verifier_new(client->ports.random, client->ports.random_self,
                                 &b.code_verifier, err));
    A0_TRY(ask_for_ticket(&b, connection, redirect_uri, err));
    A0_TRY(open_transaction(&b, connection, redirect_uri, err));
    a0__buf_reset(&session->url);
    a0__buf_text(&session->url, a0__buf_view(&b.ticket.url));
    A0_TRY(a0__buf_check(&session->url, err));
    *out_url = a0__buf_cstr(&session->url);
    return A0_OK;
}

/* ---- complete ---- */

typedef struct return_trip {
    a0_session *session;
    a0__callback callback;
    a0__transaction transaction;
    a0__json *account;
} return_trip;

static void
return_trip_auto(return_trip *r)
{
    a0__callback_clear(&r->callback);
    a0__transaction_auto(&r->transaction);
    a0__json_free(r->account);
}

/* CONN-01: who came back is who left, in the same session. */
static a0_status
check_person(const return_trip *r, a0_error **err)
{
    const a0__transaction_record *record = &r->transaction.record;
    const a0_session *session = r->session;

    A0_ENSURE(session->is_signed_in &&
                  a0__text_equal(record->user_id, session->record.sub) &&
                  a0__text_equal(record->iss, session->record.iss) &&
                  a0__text_is(record->session, session->key),
              err, connect_user_mismatch);
    return A0_OK;
}

static a0_status
read_answer(return_trip *r, a0__text *out_code, a0_error **err)
{
    const a0_client *client = r->session->client;
    const a0__transaction_record *record = &r->transaction.record;

    A0_ENSURE(record->purpose == A0__PURPOSE_CONNECT, err, callback_flow_mismatch);
    A0_TRY(check_person(r, err));
    A0_TRY(a0__transaction_check_age(client, &r->transaction, err));
    A0_ENSURE(a0__client_now_s(client) < record->ends_at, err, callback_expired);
    A0_TRY(a0__callback_check_iss(&r->callback, record->iss, false, err));
    return a0__callback_take_code(&r->callback, A0__CALLBACK_CONNECT_CODE, out_code,
                                  err);
}

/* CONN-11: what was connected instead is disconnected again. */
static a0_status
check_connection(return_trip *r, a0_error **err)
{
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0__text connection = A0__NO_TEXT;
    a0__text id = A0__NO_TEXT;

    (void)a0__json_text(r->account, "connection", &connection);
    if (a0__text_equal(connection, r->transaction.record.connection)) {
        return A0_OK;
    }
    a0__log_event(r->session->client->log, A0_LOG_ERROR, "connect.other_connection",
                  NULL, 0);
    (void)a0__json_text(r->account, "id", &id);
    if (a0__connect_delete_remote(r->session, id, &failure) != A0_OK) {
        a0__client_log_rejected(r->session->client, "connect.undo_failed", failure);
    }
    return a0__fail_about(err, A0_E_connect_response_invalid, "connection");
}

static a0_status
redeem(return_trip *r, a0__text code, a0_error **err)
{
    a0_client *client = r->session->client;
    const a0__transaction_record *record = &r->transaction.record;
    A0_AUTO(a0__http_call) call = { 0 };
    const a0__connect_proof proof = { .auth_session = record->auth_session,
                                      .connect_code = code,
                                      .redirect_uri = record->redirect_uri,
                                      .code_verifier = record->code_verifier };

    A0_TRY(a0__connect_complete_request(client->settings, &proof, &call.request, err));
    A0_TRY(a0__connect_call(r->session, A0__MY_ACCOUNT_CREATE, &call, err));
    A0_TRY(a0__connect_complete_response(call.response, a0__client_wall_ms(client),
                                         &r->account, err));
    return check_connection(r, err);
}

static a0_status
complete_taken(return_trip *r, a0_connect_answer **out_answer, a0_error **err)
{
    a0_session *session = r->session;
    A0_AUTO(a0__buf) json = A0__BUF_INIT(ACCOUNT_MAX);
    A0_AUTO(a0__error_ptr) unwritten = NULL;
    a0__text code = A0__NO_TEXT;

    A0_TRY(read_answer(r, &code, err));
    A0_TRY(redeem(r, code, err));
    /* At Auth0 it is connected; a record that is missing here comes with the next list
     * [CONN-10]. */
    if (a0__vault_cache_forget(session->client, session->record.sub, &unwritten) !=
            A0_OK ||
        a0__connect_record_put(session, r->account, A0__WAS_CONNECTED, &unwritten) !=
            A0_OK) {
        a0__client_log_rejected(session->client, "connect.record_failed", unwritten);
    } else {
        a0__connect_identity_find(session, r->account);
    }
    A0_TRY(a0__json_write(r->account, &json, err));
    return a0__connect_answer_new(&json, r->transaction.record.return_to, out_answer,
                                  err);
}

static void
end_transaction(return_trip *r, a0__transaction_state state)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    bool applied = false;

    if (a0__transaction_end(&r->transaction, r->session->client, state, "", &batch,
                            NULL) == A0_OK) {
        a0__ignore(a0__batch_commit(&batch, r->session->client, &applied, NULL));
    }
}

a0_status
a0_connect_complete(a0_session *session, const char *callback_url,
                    a0_connect_answer **out_answer, a0_error **err)
{
    return_trip r __attribute__((cleanup(return_trip_auto))) = {
        .session = session,
        .callback = A0__CALLBACK_INIT,
        .transaction = A0__TRANSACTION_INIT,
    };
    A0_AUTO(a0__error_ptr) failure = NULL;
    bool taken = false;
    a0_status status = A0_OK;

    A0_TRY(a0__callback_parse(a0__text_of(callback_url), &r.callback, err));
    A0_TRY(a0__transaction_find(session, r.callback.state, &r.transaction, err));
    A0_TRY(a0__transaction_take(session->client, &r.transaction, &taken, err));
    A0_ENSURE(taken, err, callback_state_unknown);
    status = complete_taken(&r, out_answer, &failure);
    end_transaction(&r,
                    status == A0_OK ? A0__TRANSACTION_DONE : A0__TRANSACTION_FAILED);
    if (status != A0_OK) {
        a0__client_log_rejected(session->client, "connect.rejected", failure);
        a0__error_move(err, &failure);
    }
    return status;
}
