/* SPDX-License-Identifier: MIT */
/*
 * The provider's token for a person (contract §1, Token Vault): the kept one, or one
 * exchange, single-flight per key. Whatever Auth0 answers, the session stays as it is.
 */
#include <a0/vault.h>

#include <string.h>

#include "auth0/identifier.h"
#include "auth0/management.h"
#include "flows/connected_account.h"
#include "flows/token.h"
#include "flows/vault_cache.h"
#include "flows/vault_exchange.h"
#include "oauth/scope.h"

enum {
    WAIT_MS = 10000,
    SCOPE_MAX = 4096,
    LOGIN_HINT_MAX = 255
};

/* One call, with what it wants and who asks. */
typedef struct asking {
    a0_client *client;
    a0__vault_exchange exchange;
    a0__buf scope; /* wanted, sorted */
    bool only_connected;
    a0__vault_place place;
    a0__vault_found kept;
    a0_token *token; /* what was obtained */
} asking;

static void
asking_auto(asking *a)
{
    a0__vault_exchange_clear(&a->exchange);
    a0__buf_clear(&a->scope);
    a0__vault_place_auto(&a->place);
    a0__vault_found_auto(&a->kept);
    a0_token_free(a->token);
}

/* ---- what came back ---- */

/* What is kept can not be trusted any more; that a store which fails keeps it is no
 * reason to hide why it should go. */
static void
drop_kept(const asking *a)
{
    A0_AUTO(a0__error_ptr) failure = NULL;

    if (a0__vault_cache_forget_holder(a->client, &a->place, &failure) != A0_OK) {
        a0__client_log_rejected(a->client, "vault.forget_failed", failure);
    }
}

/* What a refusal means beyond its error: a provider that has to be connected again has
 * no good token left in the cache [VAULT-06]. */
static void
note_refusal(const asking *a, const a0_error *failure)
{
    if (a0__error_is(failure, A0_E_vault_token_not_found) ||
        a0__error_is(failure, A0_E_vault_reconnect)) {
        drop_kept(a);
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
    drop_kept(a);
    status = a0__fail(err, A0_E_vault_scope_missing);
    if (err != NULL) {
        a0__error_set_missing_scopes(*err, a0__buf_view(&missing));
    }
    return status;
}

/* A token without a stated lifetime is handed out and not kept [VAULT-04]. */
static a0_status
take_token(asking *a, const a0__token_set *tokens, a0_error **err)
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
        a0__vault_cache_keep(a->client, &a->place, &token);
    }
    return A0_OK;
}

/* ---- whose account ---- */

/* Which of several accounts Auth0 would choose is not said anywhere [VAULT-02]. */
static a0_status
check_accounts(const asking *a, a0_error **err)
{
    A0_AUTO(a0__connected_accounts) accounts = { .len = 0 };
    const a0__vault_exchange *x = &a->exchange;
    size_t of_connection = 0;

    A0_TRY(a0__connected_accounts_of(a->client, x->session->record.sub.ptr, &accounts,
                                     err));
    for (size_t i = 0; i < accounts.len; i++) {
        of_connection += a0__text_equal(accounts.items[i].connection, x->connection);
    }
    A0_ENSURE(of_connection > 0 || !a->only_connected, err, vault_connection_forbidden);
    A0_ENSURE(of_connection <= 1 || x->login_hint.len > 0, err,
              vault_account_ambiguous);
    return A0_OK;
}

/* ---- the kept one, or one exchange of all who ask ---- */

static a0_status
look(void *self, bool *out_done, a0_error **err)
{
    asking *a = self;

    A0_TRY(a0__vault_cache_find(a->client, &a->place, &a->kept, err));
    *out_done = a->kept.is_found;
    return A0_OK;
}

static a0_status
obtain(asking *a, a0_error **err)
{
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_status status = A0_OK;

    if (a->exchange.session != NULL) {
        A0_TRY(check_accounts(a, err));
    }
    a->exchange.look = look;
    a->exchange.self = a;
    status = a0__vault_exchange_run(&a->exchange, &failure);
    if (status != A0_OK) {
        note_refusal(a, failure);
        a0__error_move(err, &failure);
        return status;
    }
    return a->kept.is_found ? A0_OK : take_token(a, &a->exchange.tokens, err);
}

static a0_status
obtain_once(asking *a, a0_error **err)
{
    A0_TRY(a0__vault_cache_find(a->client, &a->place, &a->kept, err));
    return a->kept.is_found ? A0_OK : obtain(a, err);
}

/* The key stays that of this flight, whatever `obtain_once` finds out about the
 * generation. */
static a0_status
fly(asking *a, const char *flight, a0_error **err)
{
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0_status status = obtain_once(a, &failure);

    a0__flights_leave(&a->client->flights, flight, flight, failure);
    a0__error_move(err, &failure);
    return status;
}

static a0_status
single_flight(asking *a, a0_error **err)
{
    int64_t until = a0__client_monotonic_ms(a->client) + WAIT_MS;
    a0__boarding boarding = A0__LANDED;
    char flight[A0__CACHE_KEY_MAX];

    memcpy(flight, a->place.key, sizeof flight);
    while (boarding != A0__BOARDED) {
        A0_AUTO(a0__error_ptr) failure = NULL;
        int64_t left = until - a0__client_monotonic_ms(a->client);

        A0_ENSURE(left > 0, err, vault_unavailable);
        A0_TRY(a0__flights_board(&a->client->flights, flight, flight, left, &boarding,
                                 &failure, err));
        if (failure != NULL) {
            a0_status status = a0_error_status(failure);

            a0__error_move(err, &failure);
            return status;
        }
    }
    return fly(a, flight, err);
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
    key->connection = a0__text_of(connection);
    key->login_hint = a0__text_of(given.login_hint);
    if (!a0__identifier_is_valid(key->connection)) {
        return a0__fail_about(err, A0_E_param_invalid, "connection");
    }
    if (given.login_hint != NULL && !is_hint(key->login_hint)) {
        return a0__fail_about(err, A0_E_param_invalid, "login_hint");
    }
    if (!a0__scope_is_valid(a0__text_of(given.scope))) {
        return a0__fail_about(err, A0_E_param_invalid, "scope");
    }
    A0_TRY(a0__scope_sort(a0__text_of(given.scope), &a->scope, err));
    A0_TRY(a0__buf_check(&a->scope, err));
    key->has_login_hint = given.login_hint != NULL;
    key->scope = a0__buf_view(&a->scope);
    key->only_connected = given.only_connected;
    a->only_connected = given.only_connected;
    a->exchange.client = a->client;
    a->exchange.connection = key->connection;
    a->exchange.login_hint = key->login_hint;
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
    a.exchange.session = session;
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

    key.holder = a0__text_of(refresh_token);
    if (key.holder.len == 0 || !a0__text_is_visible_ascii(key.holder)) {
        return a0__fail_about(err, A0_E_param_invalid, "refresh_token");
    }
    A0_TRY(a0__row_key(key.holder, fingerprint, err));
    key.session = a0__text_of(fingerprint);
    a.exchange.refresh_token = key.holder;
    A0_TRY(read_wish(&a, connection, options, &key, err));
    return give(&a, out_token, err);
}
