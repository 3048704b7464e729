/* SPDX-License-Identifier: MIT */
/*
 * The provider's token for a person (contract §1, Token Vault): the kept one, or one
 * exchange, single-flight per key. Whatever Auth0 answers, the session stays as it is.
 */
#include <a0/vault.h>

#include <string.h>

#include "auth0/identifier.h"
#include "auth0/management.h"
#include "auth0/vault.h"
#include "flows/refresh_lock.h"
#include "flows/refresh_token_row.h"
#include "flows/token.h"
#include "flows/vault_cache.h"
#include "oauth/scope.h"

enum {
    WAIT_MS = 10000,
    SCOPE_MAX = 4096,
    LOGIN_HINT_MAX = 255
};

/* One call, with what it wants and who asks. */
typedef struct asking {
    a0_client *client;
    a0_session *session;    /* NULL: the caller brought the token */
    a0__text refresh_token; /* that token */
    a0__text connection;
    a0__text login_hint;
    a0__buf scope; /* wanted, sorted */
    a0__vault_place place;
    a0__vault_found kept;
    a0_token *token; /* what was obtained */
} asking;

static void
asking_auto(asking *a)
{
    a0__buf_clear(&a->scope);
    a0__vault_place_auto(&a->place);
    a0__vault_found_auto(&a->kept);
    a0_token_free(a->token);
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
send(const asking *a, const a0__vault_wish *wish, a0__token_set *out, a0_error **err)
{
    A0_AUTO(a0__tenant_ptr) tenant = NULL;
    A0_AUTO(a0__http_call) call = { 0 };

    A0_TRY(a0__provider_get(a->client, &tenant, err));
    for (int attempt = 0; attempt < 2; attempt++) {
        a0__client_auth auth = a0__client_auth_now(a->client);

        a0__http_call_clear(&call);
        A0_TRY(a0__vault_request(&auth, tenant->metadata.token_endpoint, wish,
                                 &call.request, err));
        A0_TRY(a0__provider_send(a->client, &call, err));
        if (call.response != NULL || call.sent) {
            break;
        }
    }
    if (call.response == NULL) {
        return transport_failed(call.error, err);
    }
    return a0__vault_response(call.response, a0__client_wall_ms(a->client), out, err);
}

/* What a refusal means beyond its error: a provider that has to be connected again has
 * no good token left in the cache [VAULT-06]. */
static void
note_refusal(const asking *a, const a0_error *failure)
{
    if (a0__error_is(failure, A0_E_vault_token_not_found) ||
        a0__error_is(failure, A0_E_vault_reconnect)) {
        a0__vault_cache_forget_holder(a->client, &a->place);
    } else if (a0__error_is(failure, A0_E_vault_grant_disabled)) {
        A0__LOG(a->client->log, A0_LOG_ERROR, "vault.grant_disabled",
                A0__FIELD_FOREIGN("code", a0_error_peer_code(failure)));
    }
}

static a0_status
check_scope(const asking *a, const a0__token_set *tokens, a0_error **err)
{
    A0_AUTO(a0__buf) missing = A0__BUF_INIT(SCOPE_MAX);
    a0_status status = A0_OK;

    a0__scopes_missing(a0__text_of(tokens->scope), a0__buf_view(&a->scope), &missing);
    A0_TRY(a0__buf_check(&missing, err));
    if (missing.len == 0) {
        return A0_OK;
    }
    a0__vault_cache_forget_holder(a->client, &a->place);
    status = a0__fail(err, A0_E_vault_scope_missing);
    if (err != NULL) {
        a0__error_set_missing_scopes(*err, a0__buf_view(&missing));
    }
    return status;
}

/* A token without a stated lifetime is handed out and not kept [VAULT-04]. */
static a0_status
take_token(asking *a, const a0__token_set *tokens, const a0__secret *generation,
           a0_error **err)
{
    int64_t now = a0__client_now_s(a->client);
    const a0__kept_token token = {
        .audience = A0__LIT(""),
        .scope_granted = a0__text_of(tokens->scope),
        .access_token = a0__secret_expose(&tokens->access_token),
        .obtained_at = now,
        .expires_at = tokens->lifetime_is_stated
                          ? a0__add_saturating(now, tokens->expires_in)
                          : 0,
    };

    if (a0__secret_is_set(&tokens->refresh_token)) {
        a0__log_event(a->client->log, A0_LOG_WARN, "vault.refresh_token_ignored", NULL,
                      0);
    }
    A0_TRY(check_scope(a, tokens, err));
    A0_TRY(a0__token_new(&token, &a->token, err));
    if (tokens->lifetime_is_stated) {
        a0__vault_cache_keep(a->client, &a->place, generation, &token);
    }
    return A0_OK;
}

static a0_status
exchange(asking *a, a0__vault_subject subject, a0__text subject_token, a0_error **err)
{
    A0_AUTO(a0__token_set) tokens = A0__TOKEN_SET_INIT;
    A0_AUTO(a0__error_ptr) failure = NULL;
    A0_AUTO(a0__secret) generation = A0__SECRET_INIT;
    const a0__vault_wish wish = { .subject = subject,
                                  .subject_token = subject_token,
                                  .connection = a->connection,
                                  .login_hint = a->login_hint };
    a0_status status = A0_OK;

    A0_TRY(a0__vault_cache_generation(a->client, &a->place, &generation, err));
    status = send(a, &wish, &tokens, &failure);
    if (status != A0_OK) {
        note_refusal(a, failure);
        a0__error_move(err, &failure);
        return status;
    }
    return take_token(a, &tokens, &generation, err);
}

/* ---- with which token ---- */

static a0_status
look(void *self, bool *out_done, a0_error **err)
{
    asking *a = self;

    A0_TRY(a0__session_reload(a->session, err));
    A0_ENSURE(a->session->is_signed_in, err, session_invalid);
    A0_TRY(a0__vault_cache_find(a->client, &a->place, &a->kept, err));
    *out_done = a->kept.is_found;
    return A0_OK;
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
    asking *a = self;
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    A0_AUTO(a0__secret) refresh_token = A0__SECRET_INIT;
    A0_AUTO(a0__error_ptr) failure = NULL;
    bool found = false;
    a0_status status = A0_OK;

    A0_TRY(a0__refresh_token_read(a->client, a->session->record.refresh_key.ptr, &row,
                                  &refresh_token, &found, err));
    A0_ENSURE(found, err, refresh_token_missing);
    status = exchange(a, A0__VAULT_REFRESH_TOKEN, a0__secret_expose(&refresh_token),
                      &failure);
    if (a0__error_is(failure, A0_E_vault_login_required) && row.version > 1) {
        return say_rotation(a->client, failure, err);
    }
    a0__error_move(err, &failure);
    return status;
}

static a0_status
exchange_access_token(asking *a, a0_error **err)
{
    a0_access_token_options options = A0_ACCESS_TOKEN_OPTIONS_INIT;
    a0_token *subject = NULL;
    a0_status status = A0_OK;

    options.audience = a->client->settings->vault_audience;
    A0_TRY(a0_session_access_token(a->session, &options, &subject, err));
    status = exchange(a, A0__VAULT_ACCESS_TOKEN,
                      a0__text_of(a0_token_access_token(subject)), err);
    a0_token_free(subject);
    return status;
}

static a0_status
obtain(asking *a, a0_error **err)
{
    const a0__refresh_turn turn = { .look = look,
                                    .act = exchange_refresh_token,
                                    .self = a };

    if (a->session == NULL) {
        return exchange(a, A0__VAULT_REFRESH_TOKEN, a->refresh_token, err);
    }
    if (a->client->settings->vault_subject_access_token) {
        return exchange_access_token(a, err);
    }
    return a0__refresh_take_turn(a->session, &turn, err);
}

/* ---- the kept one, or one exchange of all who ask ---- */

static a0_status
fly(asking *a, a0_error **err)
{
    A0_TRY(a0__vault_cache_find(a->client, &a->place, &a->kept, err));
    return a->kept.is_found ? A0_OK : obtain(a, err);
}

static a0_status
single_flight(asking *a, a0_error **err)
{
    a0__flights *flights = &a->client->flights;
    int64_t until = a0__client_monotonic_ms(a->client) + WAIT_MS;
    a0__boarding boarding = A0__LANDED;
    a0_status status = A0_OK;

    while (boarding != A0__BOARDED) {
        int64_t left = until - a0__client_monotonic_ms(a->client);

        A0_ENSURE(left > 0, err, vault_unavailable);
        A0_TRY(a0__flights_board(flights, a->place.flight, left, &boarding, err));
    }
    status = fly(a, err);
    a0__flights_leave(flights, a->place.flight);
    return status;
}

static a0_status
give(asking *a, a0_token **out_token, a0_error **err)
{
    A0_TRY(a0__vault_cache_find(a->client, &a->place, &a->kept, err));
    if (!a->kept.is_found) {
        A0_TRY(single_flight(a, err));
    }
    if (a->kept.is_found) {
        return a0__token_new(&a->kept.token, out_token, err);
    }
    *out_token = a0__steal(&a->token);
    return A0_OK;
}

/* ---- what is asked for ---- */

static bool
is_hint(a0__text hint)
{
    return hint.len > 0 && hint.len <= LOGIN_HINT_MAX && a0__text_is_utf8(hint) &&
           a0__text_has_no_controls(hint);
}

static a0_status
read_wish(asking *a, const char *connection, const a0_vault_options *options,
          a0__vault_key *key, a0_error **err)
{
    a0_vault_options given = A0_VAULT_OPTIONS_INIT;

    if (options != NULL) {
        memcpy(&given, options,
               options->size < sizeof given ? options->size : sizeof given);
    }
    a->connection = a0__text_of(connection);
    a->login_hint = a0__text_of(given.login_hint);
    if (!a0__identifier_is_valid(a->connection)) {
        return a0__fail_about(err, A0_E_param_invalid, "connection");
    }
    if (given.login_hint != NULL && !is_hint(a->login_hint)) {
        return a0__fail_about(err, A0_E_param_invalid, "login_hint");
    }
    if (!a0__scope_is_valid(a0__text_of(given.scope))) {
        return a0__fail_about(err, A0_E_param_invalid, "scope");
    }
    A0_TRY(a0__scope_sort(a0__text_of(given.scope), &a->scope, err));
    A0_TRY(a0__buf_check(&a->scope, err));
    key->connection = a->connection;
    key->has_login_hint = given.login_hint != NULL;
    key->login_hint = a->login_hint;
    key->scope = a0__buf_view(&a->scope);
    return a0__vault_place_of(a->client, key, &a->place, err);
}

#define ASKING_INIT(its_client)                                                        \
    {                                                                                  \
        .client = (its_client), .scope = A0__BUF_INIT(SCOPE_MAX),                      \
        .kept = A0__VAULT_FOUND_INIT                                                   \
    }

a0_status
a0_vault_token_for_session(a0_session *session, const char *connection,
                           const a0_vault_options *options, a0_token **out_token,
                           a0_error **err)
{
    asking a __attribute__((cleanup(asking_auto))) = ASKING_INIT(session->client);
    a0__vault_key key = { .sub = session->record.sub,
                          .session = a0__text_of(session->key),
                          .org_id = session->record.org_id,
                          .holder = a0__secret_expose(&session->id) };

    A0_TRY(a0__session_require(session, err));
    a.session = session;
    A0_TRY(read_wish(&a, connection, options, &key, err));
    return give(&a, out_token, err);
}

a0_status
a0_vault_token(a0_client *client, const char *refresh_token, const char *connection,
               const a0_vault_options *options, a0_token **out_token, a0_error **err)
{
    asking a __attribute__((cleanup(asking_auto))) = ASKING_INIT(client);
    char fingerprint[A0__ROW_KEY_LEN + 1];
    a0__vault_key key = { .sub = A0__LIT("") };

    a.refresh_token = a0__text_of(refresh_token);
    if (a.refresh_token.len == 0 || !a0__text_is_visible_ascii(a.refresh_token)) {
        return a0__fail_about(err, A0_E_param_invalid, "refresh_token");
    }
    A0_TRY(a0__row_key(a.refresh_token, fingerprint, err));
    key.session = a0__text_of(fingerprint);
    key.holder = a.refresh_token;
    A0_TRY(read_wish(&a, connection, options, &key, err));
    return give(&a, out_token, err);
}
