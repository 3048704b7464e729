/* SPDX-License-Identifier: MIT */
/*
 * An application and its connections by the Management API, as much as somebody needs
 * who checks a configuration: GET /clients/{id} and /clients/{id}/connections.
 */
#include "endpoints.h"
#include "mgmt.h"

enum {
    ID_MAX = 2048
};

static a0_status
find_client(a0__exchange *x, const a0__client **out)
{
    A0_AUTO(a0__buf) id = A0__BUF_INIT(ID_MAX);

    if (a0__web_param(x->request, "id", &id)) {
        *out = a0__tenant_client(x->tenant, a0__buf_view(&id));
    }
    if (*out == NULL) {
        return a0__mgmt_refuse(x, 404, "The client does not exist",
                               "inexistent_client");
    }
    return A0_OK;
}

static void
put_list(a0__json_writer *w, const char *name, const a0__list *list)
{
    a0__json_name(w, name);
    a0__json_open(w, '[');
    for (size_t i = 0; i < list->len; i++) {
        a0__json_string(w, list->items[i]);
    }
    a0__json_close(w, ']');
}

static void
put_refresh_token(a0__json_writer *w, const a0__client *client)
{
    a0__json_name(w, "refresh_token");
    a0__json_open(w, '{');
    a0__json_put_string(w, "rotation_type", client->rotation_type);
    a0__json_put_i64(w, "leeway", client->leeway);
    a0__json_put_i64(w, "token_lifetime", client->token_lifetime);
    a0__json_name(w, "policies");
    a0__json_open(w, '[');
    for (size_t i = 0; i < client->refresh_policies.len; i++) {
        const a0__refresh_policy *policy =
            a0__records_at(&client->refresh_policies, &a0__refresh_policy_shape, i);

        a0__json_open(w, '{');
        a0__json_put_string(w, "audience", policy->audience);
        put_list(w, "scope", &policy->scope);
        a0__json_close(w, '}');
    }
    a0__json_close(w, ']');
    a0__json_close(w, '}');
}

a0_status
a0__mgmt_client_get(a0__exchange *x)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    a0__json_writer w = a0__json_writer_on(&body);
    const a0__client *client = NULL;

    A0_TRY(a0__mgmt_authorize(x, "read:clients read:client_keys"));
    A0_TRY(find_client(x, &client));
    a0__json_open(&w, '{');
    a0__json_put_string(&w, "client_id", client->client_id);
    a0__json_put_string(&w, "name", client->name);
    a0__json_put_string(&w, "token_endpoint_auth_method",
                        client->token_endpoint_auth_method);
    put_list(&w, "callbacks", &client->callbacks);
    put_list(&w, "allowed_logout_urls", &client->allowed_logout_urls);
    put_list(&w, "grant_types", &client->grant_types);
    a0__json_name(&w, "jwt_configuration");
    a0__json_open(&w, '{');
    a0__json_put_string(&w, "alg", client->id_token_signed_response_alg);
    a0__json_close(&w, '}');
    put_refresh_token(&w, client);
    a0__json_close(&w, '}');
    a0__answer_json(x, 200, &body);
    return A0_OK;
}

static void
write_connection(const a0__connection *connection, a0__json_writer *w)
{
    a0__json_open(w, '{');
    a0__json_put_string(w, "id", connection->id);
    a0__json_put_string(w, "name", connection->name);
    a0__json_put_string(w, "strategy", connection->strategy);
    a0__json_name(w, "connected_accounts");
    a0__json_open(w, '{');
    a0__json_put_bool(w, "active", connection->connected_accounts);
    a0__json_close(w, '}');
    a0__json_close(w, '}');
}

a0_status
a0__mgmt_client_connections(a0__exchange *x)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    a0__json_writer w = a0__json_writer_on(&body);
    const a0__table *table = &x->tenant->tables[A0__CONNECTIONS];
    const a0__client *client = NULL;

    A0_TRY(a0__mgmt_authorize(x, "read:connections"));
    A0_TRY(find_client(x, &client));
    a0__json_open(&w, '{');
    a0__json_name(&w, "connections");
    a0__json_open(&w, '[');
    for (const a0__connection *c = a0__table_first(table); c != NULL;
         c = a0__table_next(c)) {
        if (a0__client_uses(client, c)) {
            write_connection(c, &w);
        }
    }
    a0__json_close(&w, ']');
    a0__json_close(&w, '}');
    a0__answer_json(x, 200, &body);
    return A0_OK;
}
