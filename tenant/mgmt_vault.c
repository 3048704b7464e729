/* SPDX-License-Identifier: MIT */
/* The Token Vault, seen by the Management API (wire §20.5). */
#include "base/time.h"
#include "cursor.h"
#include "endpoints.h"
#include "mgmt.h"
#include "vault.h"

#include <string.h>

enum {
    ID_MAX = 1024,
    SCOPES_MAX = 256
};

#define refuse a0__mgmt_refuse

static void
put_tokenset(const a0__tenant *tenant, const a0__connected_account *account,
             a0__json_writer *w)
{
    A0_AUTO(a0__buf) scope = A0__BUF_INIT(A0__FORM_MAX);
    A0_AUTO(a0__buf) expires = A0__BUF_INIT(64);
    const a0__provider_token *token = a0__table_get(
        &tenant->tables[A0__PROVIDER_TOKENS], a0__text_of(account->access_token));

    a0__scopes_write(&account->scopes, &scope);
    a0__json_open(w, '{');
    a0__json_put_string(w, "id", account->id);
    a0__json_put_string(w, "connection", account->connection);
    a0__json_put(w, "scope", a0__buf_view(&scope));
    if (token != NULL) {
        a0__time_iso8601(token->expires_at * 1000, &expires);
        a0__json_put(w, "expires_at", a0__buf_view(&expires));
    }
    a0__json_put_string(w, "issued_at", account->created_at);
    a0__json_close(w, '}');
}

static a0_status
list_tokensets(a0__exchange *x, const a0__user *user)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    const a0__table *accounts = &x->tenant->tables[A0__CONNECTED_ACCOUNTS];
    a0__json_writer w = a0__json_writer_on(&body);

    a0__json_open(&w, '[');
    for (a0__connected_account *a = a0__table_first(accounts); a != NULL;
         a = a0__table_next(a)) {
        if (strcmp(a->user_id, user->user_id) == 0) {
            put_tokenset(x->tenant, a, &w);
        }
    }
    a0__json_close(&w, ']');
    a0__answer_json(x, 200, &body);
    return A0_OK;
}

/* Token sets have left Auth0's API. The fault mgmt.tokensets says how they are missed:
 * true (the usual) by 403 feature_not_enabled, false by a 404 of the route; or "list",
 * that they are still there. */
static a0_status
check_still_there(a0__exchange *x, const char *scope)
{
    A0_AUTO(a0__buf) scopes = A0__BUF_INIT(SCOPES_MAX);
    A0_AUTO(a0__json_doc) fault = a0__fault_take(&x->tenant->faults, "mgmt.tokensets");
    bool by_code = true;

    if (a0__text_is(a0__json_text_of_member(fault, "value"), "list")) {
        return a0__mgmt_authorize(x, scope);
    }
    a0__buf_format(&scopes, "read:users %s", scope);
    A0_TRY(a0__mgmt_authorize(x, a0__buf_cstr(&scopes)));
    (void)a0__json_bool(fault, "value", &by_code);
    return by_code
               ? refuse(x, 403, "This feature is not enabled.", "feature_not_enabled")
               : refuse(x, 404, "Not Found", "");
}

a0_status
a0__mgmt_tokensets(a0__exchange *x)
{
    a0__user *user = NULL;

    A0_TRY(check_still_there(x, "read:federated_connections_tokens"));
    A0_TRY(a0__mgmt_find_user(x, &user));
    return list_tokensets(x, user);
}

/* One that is not there is gone as well. */
a0_status
a0__mgmt_tokenset_delete(a0__exchange *x)
{
    A0_AUTO(a0__buf) id = A0__BUF_INIT(ID_MAX);
    a0__table *accounts = &x->tenant->tables[A0__CONNECTED_ACCOUNTS];
    a0__connected_account *account = NULL;
    a0__user *user = NULL;

    A0_TRY(check_still_there(x, "delete:federated_connections_tokens"));
    A0_TRY(a0__mgmt_find_user(x, &user));
    if (a0__web_param(x->request, "tokenset", &id)) {
        account = a0__table_get(accounts, a0__buf_view(&id));
    }
    if (account != NULL && strcmp(account->user_id, user->user_id) == 0) {
        a0__table_remove(accounts, account);
    }
    x->response->status = 204;
    return A0_OK;
}

static void
put_account(const a0__tenant *tenant, const a0__connected_account *account,
            a0__json_writer *w)
{
    const a0__connection *connection =
        a0__tenant_connection(tenant, a0__text_of(account->connection));

    a0__json_open(w, '{');
    a0__json_put_string(w, "id", account->id);
    a0__json_put_string(w, "connection", account->connection);
    if (connection != NULL) {
        a0__json_put_string(w, "connection_id", connection->id);
        a0__json_put_string(w, "strategy", connection->strategy);
    }
    a0__json_put_string(w, "access_type", account->access_type);
    a0__json_name(w, "scopes");
    a0__json_open(w, '[');
    for (size_t i = 0; i < account->scopes.len; i++) {
        a0__json_string(w, account->scopes.items[i]);
    }
    a0__json_close(w, ']');
    a0__json_put_string(w, "created_at", account->created_at);
    a0__json_close(w, '}');
}

a0_status
a0__mgmt_connected_accounts(a0__exchange *x)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    const a0__table *accounts = &x->tenant->tables[A0__CONNECTED_ACCOUNTS];
    a0__json_writer w = a0__json_writer_on(&body);
    a0__page page = { .taken = 0 };
    a0__user *user = NULL;

    A0_TRY(a0__mgmt_authorize(x, "read:users"));
    A0_TRY(a0__mgmt_find_user(x, &user));
    A0_TRY(a0__page_read(x, accounts, "mgmt.pages", &page));
    a0__json_open(&w, '{');
    a0__json_name(&w, "connected_accounts");
    a0__json_open(&w, '[');
    for (a0__connected_account *a = a0__table_first(accounts); a != NULL;
         a = a0__table_next(a)) {
        if (strcmp(a->user_id, user->user_id) == 0 && a0__page_takes(&page, a->id)) {
            put_account(x->tenant, a, &w);
        }
    }
    a0__json_close(&w, ']');
    a0__page_put_next(&page, &w);
    a0__json_close(&w, '}');
    a0__faults_edit(&x->tenant->faults, "connected_accounts.member.", &body);
    a0__answer_json(x, 200, &body);
    return A0_OK;
}
