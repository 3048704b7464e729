/* SPDX-License-Identifier: MIT */
/* The My Account API's token, its lists and its delete (wire §19, §19.4). */
#include "my_account.h"

enum {
    TAKE_DEFAULT = 10,
    TAKE_MAX = 20,
    FILTERS_MAX = 20,
    CURSOR_MAX = 1024
};

#define CURSOR_PREFIX "cur-"

static const a0__access_token *
find_token(const a0__exchange *x, a0__text presented)
{
    A0_AUTO(a0__buf) audience = A0__BUF_INIT(CURSOR_MAX);
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

/* One page of a list: what stands before `first` is behind us. */
typedef struct page {
    a0__text first; /* key; "" for the beginning */
    size_t take;
    size_t taken;
    const char *next; /* key of the page after this one */
} page;

/* `from`, and `next` as one client of Auth0 sends it (wire §19.4). */
static a0__text
cursor_of(const a0__exchange *x)
{
    a0__text cursor = a0__param(x, "from");

    if (cursor.len == 0) {
        cursor = a0__param(x, "next");
    }
    return a0__text_starts_with(cursor, A0__LIT(CURSOR_PREFIX))
               ? a0__text_from(cursor, sizeof CURSOR_PREFIX - 1)
               : A0__NO_TEXT;
}

/* A cursor that leads nowhere is the beginning: that is how lists come to loop. */
static a0_status
read_page(a0__exchange *x, a0__kind kind, page *out)
{
    a0__text take = a0__param(x, "take");
    a0__text first = cursor_of(x);
    uint64_t wanted = TAKE_DEFAULT;
    int64_t most = TAKE_MAX;

    if (take.ptr != NULL && (!a0__parse_u64(take, TAKE_MAX, &wanted) || wanted == 0)) {
        return a0__refuse(x, 400, "", "take must be 1 to 20");
    }
    (void)a0__fault_take_number(&x->tenant->faults, "me.pages", &most);
    out->take = most > 0 && (uint64_t)most < wanted ? (size_t)most : (size_t)wanted;
    if (a0__table_get(&x->tenant->tables[kind], first) != NULL) {
        out->first = first;
    }
    return A0_OK;
}

/* Whether the row with that key stands on this page. */
static bool
takes(page *p, const char *key)
{
    if (p->first.len > 0 && !a0__text_is(p->first, key)) {
        return false;
    }
    p->first = A0__NO_TEXT;
    if (p->taken < p->take) {
        p->taken++;
        return true;
    }
    if (p->next == NULL) {
        p->next = key;
    }
    return false;
}

static a0_status
answer_list(a0__exchange *x, const page *p, a0__json_writer *w)
{
    A0_AUTO(a0__buf) cursor = A0__BUF_INIT(CURSOR_MAX);

    a0__json_close(w, ']');
    if (p->next != NULL) {
        a0__buf_format(&cursor, "%s%s", CURSOR_PREFIX, p->next);
        a0__json_put(w, "next", a0__buf_view(&cursor));
    }
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
    page p = { .taken = 0 };

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
            is_asked_for(x, a->connection) && takes(&p, a->id)) {
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
    page p = { .taken = 0 };

    A0_TRY(a0__my_account_token(x, "read:me:connected_accounts", &token));
    A0_TRY(read_page(x, A0__CONNECTIONS, &p));
    client = a0__tenant_client(x->tenant, a0__text_of(token->client_id));
    a0__json_open(&w, '{');
    a0__json_name(&w, "connections");
    a0__json_open(&w, '[');
    for (a0__connection *c = a0__table_first(table); client != NULL && c != NULL;
         c = a0__table_next(c)) {
        if (a0__connection_is_connectable(c, client) && takes(&p, c->name)) {
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
    A0_AUTO(a0__buf) id = A0__BUF_INIT(CURSOR_MAX);
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
