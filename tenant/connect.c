/* SPDX-License-Identifier: MIT */
/* The calls around a connect: its start and its completion (wire §19.1, §19.3). */
#include "authorization.h"
#include "log.h"
#include "my_account.h"
#include "my_account_body.h"
#include "pkce.h"
#include "vault.h"

enum {
    CONNECT_LIFETIME_S = 300
};

#define SCOPE "create:me:connected_accounts"

bool
a0__connection_is_connectable(const a0__connection *connection,
                              const a0__client *client)
{
    return !a0__connection_is_database(connection) && connection->connected_accounts &&
           a0__client_uses(client, connection);
}

bool
a0__connect_is_bound(a0__exchange *x)
{
    bool bound = true;

    (void)a0__fault_take_bool(&x->tenant->faults, "me.bind_check", &bound);
    return bound;
}

/* The youngest come last and are asked for most. */
a0__connect *
a0__connect_find(const a0__exchange *x, const char *stage, a0__text handle)
{
    a0__row *row = x->tenant->tables[A0__CONNECTS].last;

    for (; row != NULL; row = row->previous) {
        a0__connect *connect = (a0__connect *)row;

        if (handle.len > 0 && a0__text_is(handle, connect->handle) &&
            a0__text_is(a0__text_of(stage), connect->stage)) {
            return connect->expires_at > x->now ? connect : NULL;
        }
    }
    return NULL;
}

void
a0__connect_advance(a0__connect *connect, const char *stage, const char *prefix)
{
    a0__keep_in(&connect->stage, a0__text_of(stage));
    a0__free(connect->handle);
    connect->handle = a0__tenant_new_id(prefix);
    a0__table_touch(connect);
}

/* What was asked for replaces what the connection is set to (wire §19.1). */
static void
read_scopes(const a0__exchange *x, const a0__connection *connection, a0__list *out)
{
    const a0__json *scopes = a0__json_member(x->json, "scopes");

    for (size_t i = 0; i < a0__json_len(scopes); i++) {
        a0__text scope = A0__NO_TEXT;

        (void)a0__json_text_of(a0__json_at(scopes, i), &scope);
        a0__list_append(out, scope);
    }
    for (size_t i = 0; scopes == NULL && i < connection->scopes.len; i++) {
        a0__list_append(out, a0__text_of(connection->scopes.items[i]));
    }
}

static a0_status
check_start(a0__exchange *x, const a0__access_token *token,
            const a0__connection **out_connection)
{
    const a0__client *client =
        a0__tenant_client(x->tenant, a0__text_of(token->client_id));
    const a0__connection *connection =
        a0__tenant_connection(x->tenant, a0__param(x, "connection"));

    if (client == NULL || connection == NULL ||
        !a0__connection_is_connectable(connection, client)) {
        return a0__refuse(x, 400, "", "The connection cannot be connected");
    }
    if (!a0__url_is_allowed(&client->callbacks, a0__param(x, "redirect_uri"))) {
        return a0__refuse(x, 400, "",
                          "The redirect_uri is not in the list of Allowed Callback "
                          "URLs of the application");
    }
    *out_connection = connection;
    return A0_OK;
}

static a0_status
answer_start(a0__exchange *x, const a0__connect *connect)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    A0_AUTO(a0__buf) uri = A0__BUF_INIT(A0__FORM_MAX);
    a0__json_writer w = a0__json_writer_on(&body);

    a0__buf_format(&uri, "%s/connected-accounts/connect", x->tenant->base_url);
    a0__json_open(&w, '{');
    a0__json_put_string(&w, "auth_session", connect->auth_session);
    a0__json_put(&w, "connect_uri", a0__buf_view(&uri));
    a0__json_name(&w, "connect_params");
    a0__json_open(&w, '{');
    a0__json_put_string(&w, "ticket", connect->handle);
    a0__json_close(&w, '}');
    a0__json_put_i64(&w, "expires_in", CONNECT_LIFETIME_S);
    a0__json_close(&w, '}');
    a0__faults_edit(&x->tenant->faults, "me.connect.", &body);
    a0__answer_json(x, 201, &body);
    return A0_OK;
}

a0_status
a0__connect_start(a0__exchange *x)
{
    a0__table *table = &x->tenant->tables[A0__CONNECTS];
    const a0__access_token *token = NULL;
    const a0__connection *connection = NULL;
    const a0__json *params = a0__json_member(x->json, "authorization_params");
    a0__connect *connect = NULL;

    A0_TRY(a0__my_account_token(x, SCOPE, &token));
    A0_TRY(a0__connect_body_check(x));
    A0_TRY(check_start(x, token, &connection));
    connect = a0__row_new(table);
    a0__free(connect->auth_session);
    connect->auth_session = a0__tenant_new_id("as_");
    a0__keep_in(&connect->client_id, a0__text_of(token->client_id));
    a0__keep_in(&connect->user_id, a0__text_of(token->user_id));
    a0__keep_in(&connect->connection, a0__text_of(connection->name));
    a0__keep_in(&connect->redirect_uri, a0__param(x, "redirect_uri"));
    a0__keep_in(&connect->state, a0__param(x, "state"));
    a0__keep_in(&connect->code_challenge, a0__param(x, "code_challenge"));
    a0__keep_in(&connect->login_hint, a0__json_text_of_member(params, "login_hint"));
    read_scopes(x, connection, &connect->scopes);
    connect->expires_at = x->now + CONNECT_LIFETIME_S;
    a0__table_put(table, connect);
    a0__connect_advance(connect, "started", "tk_");
    return answer_start(x, connect);
}

/* The same person, application and browser's way as at the start. */
static a0_status
check_complete(a0__exchange *x, const a0__access_token *token,
               const a0__connect *connect)
{
    if (connect == NULL || connect->expires_at <= x->now ||
        !a0__text_is(a0__text_of(token->client_id), connect->client_id)) {
        return a0__refuse(x, 400, "", "The auth_session is unknown or has expired");
    }
    if (!a0__text_is(a0__text_of(token->user_id), connect->user_id) &&
        a0__connect_is_bound(x)) {
        return a0__refuse(x, 403, "A0E-403-0001",
                          "The auth_session belongs to another user");
    }
    if (a0__text_is(A0__LIT("completed"), connect->stage)) {
        return a0__refuse(x, 409, "", "The connect is completed already");
    }
    if (!a0__text_is(A0__LIT("answered"), connect->stage) ||
        !a0__text_is(a0__param(x, "connect_code"), connect->handle)) {
        return a0__refuse(x, 400, "", "The connect_code is not valid");
    }
    if (!a0__text_is(a0__param(x, "redirect_uri"), connect->redirect_uri)) {
        return a0__refuse(x, 400, "", "The redirect_uri is not that of the start");
    }
    return A0_OK;
}

/* A verifier without a challenge is a downgrade here too. (RFC 9700 §2.1.1) */
static a0_status
check_verifier(a0__exchange *x, const a0__connect *connect)
{
    a0__text verifier = a0__param(x, "code_verifier");

    if (*connect->code_challenge == '\0'
            ? verifier.len == 0
            : a0__pkce_verifier_fits(verifier, connect->code_challenge)) {
        return A0_OK;
    }
    return a0__refuse(x, 400, "", "The code_verifier does not fit");
}

static a0_status
answer_complete(a0__exchange *x, const a0__connected_account *account)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    a0__json_writer w = a0__json_writer_on(&body);

    a0__connected_account_describe(&w, account);
    a0__faults_edit(&x->tenant->faults, "me.complete.", &body);
    a0__answer_json(x, 201, &body);
    return A0_OK;
}

a0_status
a0__connect_complete(a0__exchange *x)
{
    const a0__access_token *token = NULL;
    const a0__connected_account *account = NULL;
    a0__connect *connect = NULL;

    A0_TRY(a0__my_account_token(x, SCOPE, &token));
    A0_TRY(a0__complete_body_check(x));
    connect =
        a0__table_get(&x->tenant->tables[A0__CONNECTS], a0__param(x, "auth_session"));
    A0_TRY(check_complete(x, token, connect));
    A0_TRY(check_verifier(x, connect));
    a0__connect_advance(connect, "completed", "");
    account = a0__vault_put(x, connect);
    a0__log_connected(x->tenant, connect->client_id, account);
    return answer_complete(x, account);
}
