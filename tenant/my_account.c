/* SPDX-License-Identifier: MIT */
/* The My Account API's token, its lists and its delete (wire §19, §19.4). */
#include "my_account.h"

#include "cursor.h"

enum {
    FILTERS_MAX = 20,
    TEXT_MAX = 1024
};

static const a0__access_token *
find_token(const a0__exchange *x, a0__text presented)
{
    A0_AUTO(a0__buf) audience = A0__BUF_INIT(TEXT_MAX);
    const a0__access_token *token =
        a0__table_get(&x->tenant->tables[A0__ACCESS_TOKENS], presented);

    a0__buf_format(&audience, "%sme/", x->tenant->issuer);
    if (token == NULL || token->expires_at <= x->now ||
        !a0__text_is(a0__buf_view(&audience), token->audience)) {
        return NULL;
    }
    return a0__table_get(&x->tenant->tables[A0__USERS], a0__text_of(token->user_id)) !=
                   NULL
               ? token
               : NULL;
}

a0_status
a0__my_account_token(a0__exchange *x, const char *scope, const a0__access_token **out)
{
    a0__text authorization = a0__header(x, "Authorization");
    const a0__access_token *token = NULL;

    a0__put_rate_limit(x);
    if (!a0__text_starts_with(authorization, A0__LIT("Bearer "))) {
        return a0__refuse(x, 401, "A0E-401-0002", "Missing bearer token");
    }
    token = find_token(x, a0__text_from(authorization, 7));
    if (token == NULL) {
        return a0__refuse(x, 401, "A0E-401-0003", "Invalid token");
    }
    if (!a0__text_has_word(a0__text_of(token->scope), a0__text_of(scope))) {
        return a0__refuse(x, 403, "A0E-403-0002", "Insufficient scope: %s", scope);
    }
    *out = token;
    return A0_OK;
}

static a0_status
read_page(a0__exchange *x, a0__kind kind, a0__page *out)
{
    return a0__page_read(x, &x->tenant->tables[kind], "me.pages", out);
}

static a0_status
answer_list(a0__exchange *x, const a0__page *p, a0__json_writer *w)
{
    a0__json_close(w, ']');
    a0__page_put_next(p, w);
    a0__json_close(w, '}');
    a0__faults_edit(&x->tenant->faults, "me.list.", w->out);
    a0__answer_json(x, 200, w->out);
    return A0_OK;
}

static void
write_strings(a0__json_writer *w, const char *name, const a0__list *list)
{
    a0__json_name(w, name);
    a0__json_open(w, '[');
    for (size_t i = 0; i < list->len; i++) {
        a0__json_string(w, list->items[i]);
    }
    a0__json_close(w, ']');
}

void
a0__connected_account_describe(a0__json_writer *w, const a0__connected_account *account)
{
    a0__json_open(w, '{');
    a0__json_put_string(w, "id", account->id);
    a0__json_put_string(w, "connection", account->connection);
    a0__json_put_string(w, "access_type", account->access_type);
    write_strings(w, "scopes", &account->scopes);
    a0__json_put_string(w, "created_at", account->created_at);
    a0__json_close(w, '}');
}

/* `connection` may stand there up to twenty times; none: all connections. */
static bool
is_asked_for(const a0__exchange *x, const char *connection)
{
    size_t filters = 0;

    for (size_t i = 0; i < x->params.len; i++) {
        if (!a0__text_is(A0__LIT("connection"), x->params.pairs[i].name)) {
            continue;
        }
        filters++;
        if (a0__text_is(a0__text_of(x->params.pairs[i].value), connection)) {
            return true;
        }
    }
    return filters == 0;
}

a0_status
a0__connected_accounts(a0__exchange *x)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    a0__json_writer w = a0__json_writer_on(&body);
    const a0__table *table = &x->tenant->tables[A0__CONNECTED_ACCOUNTS];
    const a0__access_token *token = NULL;
    size_t filters = 0;
    a0__page p = { .taken = 0 };

    A0_TRY(a0__my_account_token(x, "read:me:connected_accounts", &token));
    (void)a0__params_get(&x->params, "connection", &filters);
    if (filters > FILTERS_MAX) {
        return a0__refuse(x, 400, "", "connection may stand there 20 times");
    }
    A0_TRY(read_page(x, A0__CONNECTED_ACCOUNTS, &p));
    a0__json_open(&w, '{');
    a0__json_name(&w, "accounts");
    a0__json_open(&w, '[');
    for (a0__connected_account *a = a0__table_first(table); a != NULL;
         a = a0__table_next(a)) {
        if (a0__text_is(a0__text_of(token->user_id), a->user_id) &&
            is_asked_for(x, a->connection) && a0__page_takes(&p, a->id)) {
            a0__connected_account_describe(&w, a);
        }
    }
    return answer_list(x, &p, &w);
}

a0_status
a0__connectable(a0__exchange *x)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    a0__json_writer w = a0__json_writer_on(&body);
    const a0__table *table = &x->tenant->tables[A0__CONNECTIONS];
    const a0__access_token *token = NULL;
    const a0__client *client = NULL;
    a0__page p = { .taken = 0 };

    A0_TRY(a0__my_account_token(x, "read:me:connected_accounts", &token));
    A0_TRY(read_page(x, A0__CONNECTIONS, &p));
    client = a0__tenant_client(x->tenant, a0__text_of(token->client_id));
    a0__json_open(&w, '{');
    a0__json_name(&w, "connections");
    a0__json_open(&w, '[');
    for (a0__connection *c = a0__table_first(table); client != NULL && c != NULL;
         c = a0__table_next(c)) {
        if (a0__connection_is_connectable(c, client) && a0__page_takes(&p, c->name)) {
            a0__json_open(&w, '{');
            a0__json_put_string(&w, "name", c->name);
            a0__json_put_string(&w, "strategy", c->strategy);
            write_strings(&w, "scopes", &c->scopes);
            a0__json_close(&w, '}');
        }
    }
    return answer_list(x, &p, &w);
}

/* Somebody else's account is as unknown as one that never was. */
a0_status
a0__connected_account_delete(a0__exchange *x)
{
    A0_AUTO(a0__buf) id = A0__BUF_INIT(TEXT_MAX);
    a0__table *table = &x->tenant->tables[A0__CONNECTED_ACCOUNTS];
    const a0__access_token *token = NULL;
    a0__connected_account *account = NULL;

    A0_TRY(a0__my_account_token(x, "delete:me:connected_accounts", &token));
    if (a0__web_param(x->request, "id", &id)) {
        account = a0__table_get(table, a0__buf_view(&id));
    }
    if (account == NULL ||
        !a0__text_is(a0__text_of(token->user_id), account->user_id)) {
        return a0__refuse(x, 404, "", "The connected account does not exist");
    }
    a0__table_remove(table, account);
    x->response->status = 204;
    return A0_OK;
}
