/* SPDX-License-Identifier: MIT */
#include "flows/vault_exchange.h"

#include "flows/refresh_lock.h"
#include "flows/refresh_token_row.h"

void
a0__vault_exchange_clear(a0__vault_exchange *exchange)
{
    a0__token_set_clear(&exchange->tokens);
}

void
a0__vault_exchange_auto(a0__vault_exchange *exchange)
{
    a0__vault_exchange_clear(exchange);
}

/* ---- asking Auth0 ---- */

static a0_status
transport_failed(const a0_error *failure, a0_error **err)
{
    a0_status status = a0__fail_saying(err, A0_E_vault_unavailable, "%s (%s)",
                                       a0__error_sentence(A0_E_vault_unavailable),
                                       a0_error_message(failure));

    if (err != NULL) {
        a0__error_copy_peer(*err, failure);
    }
    return status;
}

/* Again only if not a byte of the first attempt was sent. */
static a0_status
send(a0__vault_exchange *x, a0__vault_subject subject, a0__text subject_token,
     a0_error **err)
{
    A0_AUTO(a0__tenant_ptr) tenant = NULL;
    A0_AUTO(a0__http_call) call = { 0 };
    const a0__vault_wish wish = { .subject = subject,
                                  .subject_token = subject_token,
                                  .connection = x->connection,
                                  .login_hint = x->login_hint };

    A0_TRY(a0__provider_get(x->client, &tenant, err));
    for (int attempt = 0; attempt < 2; attempt++) {
        a0__client_auth auth = a0__client_auth_now(x->client);

        a0__http_call_clear(&call);
        A0_TRY(a0__vault_request(&auth, tenant->metadata.token_endpoint, &wish,
                                 &call.request, err));
        A0_TRY(a0__provider_send(x->client, &call, err));
        if (call.response != NULL || call.sent) {
            break;
        }
    }
    if (call.response == NULL) {
        return transport_failed(call.error, err);
    }
    return a0__vault_response(call.response, a0__client_wall_ms(x->client), &x->tokens,
                              err);
}

/* ---- with which token ---- */

static a0_status
look(void *self, bool *out_done, a0_error **err)
{
    a0__vault_exchange *x = self;

    *out_done = false;
    A0_TRY(a0__session_reload(x->session, err));
    A0_ENSURE(x->session->is_signed_in, err, session_invalid);
    return x->look != NULL ? x->look(x->self, out_done, err) : A0_OK;
}

/* VAULT-05: Auth0's vault and rotation exclude each other; said once, and the session
 * is left to the next refresh. */
static a0_status
say_rotation(a0_client *client, const a0_error *failure, a0_error **err)
{
    a0_status status = a0__fail_saying(
        err, A0_E_vault_unavailable,
        "the Token Vault does not take a rotated refresh token; switch refresh-token "
        "rotation off for the application, or set vault_subject to access_token");

    if (err != NULL) {
        a0__error_copy_peer(*err, failure);
    }
    if (!atomic_exchange(&client->vault_rotation_is_said, true)) {
        a0__log_event(client->log, A0_LOG_ERROR, "vault.rotation_enabled", NULL, 0);
    }
    return status;
}

static a0_status
exchange_refresh_token(void *self, a0_error **err)
{
    a0__vault_exchange *x = self;
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    A0_AUTO(a0__secret) refresh_token = A0__SECRET_INIT;
    A0_AUTO(a0__error_ptr) failure = NULL;
    bool found = false;
    a0_status status = A0_OK;

    A0_TRY(a0__refresh_token_read(x->client, x->session->record.refresh_key.ptr, &row,
                                  &refresh_token, &found, err));
    A0_ENSURE(found, err, refresh_token_missing);
    status =
        send(x, A0__VAULT_REFRESH_TOKEN, a0__secret_expose(&refresh_token), &failure);
    if (a0__error_is(failure, A0_E_vault_login_required) && row.version > 1) {
        return say_rotation(x->client, failure, err);
    }
    a0__error_move(err, &failure);
    return status;
}

static a0_status
exchange_access_token(a0__vault_exchange *x, a0_error **err)
{
    a0_access_token_options options = A0_ACCESS_TOKEN_OPTIONS_INIT;
    a0_token *subject = NULL;
    a0_status status = A0_OK;

    options.audience = x->client->settings->vault_audience;
    A0_TRY(a0_session_access_token(x->session, &options, &subject, err));
    status = send(x, A0__VAULT_ACCESS_TOKEN,
                  a0__text_of(a0_token_access_token(subject)), err);
    a0_token_free(subject);
    return status;
}

a0_status
a0__vault_exchange_run(a0__vault_exchange *exchange, a0_error **err)
{
    const a0__refresh_turn turn = { .look = look,
                                    .act = exchange_refresh_token,
                                    .self = exchange };

    if (exchange->session == NULL) {
        return send(exchange, A0__VAULT_REFRESH_TOKEN, exchange->refresh_token, err);
    }
    if (exchange->client->settings->vault_subject_access_token) {
        return exchange_access_token(exchange, err);
    }
    return a0__refresh_take_turn(exchange->session->client,
                                 exchange->session->record.refresh_key, &turn, err);
}
