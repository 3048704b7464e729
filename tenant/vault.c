/* SPDX-License-Identifier: MIT */
#include "vault.h"

static void
make_if_empty(char **field, const char *prefix)
{
    if (**field == '\0') {
        a0__free(*field);
        *field = a0__tenant_new_id(prefix);
    }
}

void
a0__connected_account_complete(a0__tenant *tenant, a0__connected_account *account)
{
    if (*account->id == '\0') {
        a0__free(account->id);
        account->id = a0__tenant_new_hex_id("cac_");
    }
    if (*account->created_at == '\0') {
        a0__free(account->created_at);
        account->created_at = a0__tenant_now_iso(tenant);
    }
}

a0__connected_account *
a0__vault_find(const a0__tenant *tenant, const char *user_id, a0__text connection,
               a0__text login_hint)
{
    const a0__table *table = &tenant->tables[A0__CONNECTED_ACCOUNTS];

    for (a0__connected_account *a = a0__table_first(table); a != NULL;
         a = a0__table_next(a)) {
        if (a0__text_is(a0__text_of(user_id), a->user_id) &&
            a0__text_is(connection, a->connection) &&
            (login_hint.len == 0 || a0__text_is(login_hint, a->idp_user_id))) {
            return a;
        }
    }
    return NULL;
}

/* A provider gives a refresh token where the connection asks for one, unless the fault
 * provider.no_refresh_token says otherwise. */
static bool
gives_refresh_token(a0__exchange *x, const a0__connected_account *account)
{
    const a0__connection *connection =
        a0__tenant_connection(x->tenant, a0__text_of(account->connection));
    bool withheld = connection == NULL || !connection->offline_access;

    (void)a0__fault_take_bool(&x->tenant->faults, "provider.no_refresh_token",
                              &withheld);
    return !withheld;
}

/* What was asked for, without what provider.missing_scope names. */
static void
grant_scopes(a0__exchange *x, const a0__list *asked, a0__list *out)
{
    A0_AUTO(a0__buf) missing = A0__BUF_INIT(A0__FORM_MAX);

    (void)a0__fault_take_text(&x->tenant->faults, "provider.missing_scope", &missing);
    a0__list_clear(out);
    for (size_t i = 0; i < asked->len; i++) {
        a0__text scope = a0__text_of(asked->items[i]);

        if (!a0__text_has_word(a0__buf_view(&missing), scope)) {
            a0__list_append(out, scope);
        }
    }
}

a0__connected_account *
a0__vault_put(a0__exchange *x, const a0__connect *connect)
{
    a0__table *table = &x->tenant->tables[A0__CONNECTED_ACCOUNTS];
    a0__connected_account *account =
        a0__vault_find(x->tenant, connect->user_id, a0__text_of(connect->connection),
                       a0__text_of(connect->idp_user_id));

    if (account == NULL) {
        account = a0__row_new(table);
        a0__connected_account_complete(x->tenant, account);
        a0__keep_in(&account->user_id, a0__text_of(connect->user_id));
        a0__keep_in(&account->connection, a0__text_of(connect->connection));
        a0__keep_in(&account->idp_user_id, a0__text_of(connect->idp_user_id));
        a0__table_put(table, account);
    }
    grant_scopes(x, &connect->scopes, &account->scopes);
    a0__keep_in(&account->refresh_token, A0__NO_TEXT);
    a0__keep_in(&account->access_token, A0__NO_TEXT);
    if (gives_refresh_token(x, account)) {
        make_if_empty(&account->refresh_token, "1//local-");
    }
    account->revoked = false;
    a0__table_touch(account);
    return account;
}

void
a0__scopes_write(const a0__list *scopes, a0__buf *out)
{
    for (size_t i = 0; i < scopes->len; i++) {
        a0__buf_string(out, i > 0 ? " " : "");
        a0__buf_string(out, scopes->items[i]);
    }
}

const a0__provider_token *
a0__vault_token(a0__exchange *x, a0__connected_account *account)
{
    A0_AUTO(a0__buf) scope = A0__BUF_INIT(A0__FORM_MAX);
    a0__table *table = &x->tenant->tables[A0__PROVIDER_TOKENS];
    const a0__connection *connection =
        a0__tenant_connection(x->tenant, a0__text_of(account->connection));
    a0__provider_token *token =
        a0__table_get(table, a0__text_of(account->access_token));

    if (token != NULL && token->expires_at > x->now) {
        return token;
    }
    if (token != NULL) {
        a0__table_remove(table, token);
    }
    token = a0__row_new(table);
    make_if_empty(&token->token, "ya29.local-");
    a0__scopes_write(&account->scopes, &scope);
    a0__keep_in(&token->scope, a0__buf_view(&scope));
    a0__keep_in(&token->connected_account, a0__text_of(account->id));
    a0__keep_in(&token->connection, a0__text_of(account->connection));
    a0__keep_in(&token->idp_user_id, a0__text_of(account->idp_user_id));
    token->expires_at = x->now + (connection != NULL ? connection->token_lifetime : 0);
    a0__table_put(table, token);
    a0__keep_in(&account->access_token, a0__text_of(token->token));
    a0__table_touch(account);
    return token;
}
