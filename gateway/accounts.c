/* SPDX-License-Identifier: MIT */
/*
 * The connected accounts of the signed-in person, what can be connected, and the end of
 * an account: the JSON API that the dashboard and the application's pages use.
 * [CONN-07, CONN-08]
 */
#include "internal.h"

#include "json/json.h"

enum {
    ACCOUNT_ID_MAX = 1024
};

/* ---- writing ---- */

static void
put_text(a0__json_writer *w, const a0__json *from, const char *name)
{
    a0__text value = A0__NO_TEXT;

    a0__json_name(w, name);
    if (a0__json_text(from, name, &value) == A0__FOUND && value.len > 0) {
        a0__json_value_text(w, value);
    } else {
        a0__json_value_null(w);
    }
}

static void
put_scopes(a0__json_writer *w, const a0__json *from)
{
    const a0__json *scopes = NULL;

    (void)a0__json_array(from, "scopes", &scopes);
    a0__json_name(w, "scopes");
    a0__json_open(w, '[');
    for (size_t i = 0; scopes != NULL && i < a0__json_len(scopes); i++) {
        a0__text scope = A0__NO_TEXT;

        if (a0__json_text_of(a0__json_at(scopes, i), &scope)) {
            a0__json_value_text(w, scope);
        }
    }
    a0__json_close(w, ']');
}

/* What Auth0 and the provider said, member by member: what else they may come to say is
 * no part of our API. */
static void
write_account(const gateway *g, const a0__json *account, a0__json_writer *w)
{
    static const char *const texts[] = { "id", "connection", "provider", "subject",
                                         "email" };
    static const char *const flags[] = { "email_verified", "is_account_linked" };
    a0__text connection = A0__NO_TEXT;
    const connectable *allowed = NULL;

    (void)a0__json_text(account, "connection", &connection);
    allowed = gateway_connectable(g, connection);
    a0__json_open(w, '{');
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        put_text(w, account, texts[i]);
    }
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        bool flag = false;

        (void)a0__json_bool(account, flags[i], &flag);
        a0__json_put_bool(w, flags[i], flag);
    }
    put_scopes(w, account);
    put_text(w, account, "created_at");
    put_text(w, account, "expires_at");
    a0__json_put_bool(w, "can_connect", allowed != NULL);
    a0__json_put_bool(w, "can_try_out",
                      allowed != NULL && allowed->try_out_url != NULL);
    a0__json_close(w, '}');
}

static void
write_connection(const gateway *g, const a0__json *connection, a0__json_writer *w)
{
    a0__text name = A0__NO_TEXT;
    const connectable *allowed = NULL;

    (void)a0__json_text(connection, "name", &name);
    allowed = gateway_connectable(g, name);
    if (allowed == NULL) {
        return;
    }
    a0__json_open(w, '{');
    put_text(w, connection, "name");
    put_text(w, connection, "strategy");
    put_scopes(w, connection);
    a0__json_name(w, "extra_scopes");
    a0__json_open(w, '[');
    for (size_t i = 0; i < allowed->scopes.len; i++) {
        a0__json_string(w, allowed->scopes.items[i]);
    }
    a0__json_close(w, ']');
    a0__json_close(w, '}');
}

/* ---- lists ---- */

typedef a0_status (*list_call)(a0_session *session, a0_connect_answer **out_answer,
                               a0_error **err);

struct list {
    const char *name;
    list_call call;
    void (*write)(const gateway *g, const a0__json *item, a0__json_writer *w);
};

static a0_status
write_list(gateway *g, const struct list *list, a0_session *session,
           a0__web_response *response, a0_error **err)
{
    A0_AUTO(gateway_answer) answer = NULL;
    A0_AUTO(a0__json_doc) items = NULL;
    a0__json_writer w = a0__json_writer_on(&response->body);

    A0_TRY(list->call(session, &answer, err));
    A0_TRY(
        a0__json_parse_large(a0__text_of(a0_connect_answer_json(answer)), &items, err));
    a0__json_open(&w, '{');
    a0__json_name(&w, list->name);
    a0__json_open(&w, '[');
    for (size_t i = 0; i < a0__json_len(items); i++) {
        list->write(g, a0__json_at(items, i), &w);
    }
    a0__json_close(&w, ']');
    a0__json_close(&w, '}');
    a0__web_header_set(response, "Content-Type", A0__LIT("application/json"));
    return a0__buf_check(&response->body, err);
}

static void
answer_list(gateway *g, const struct list *list, const a0__web_request *request,
            a0__web_response *response)
{
    A0_AUTO(gateway_error) err = NULL;
    A0_AUTO(gateway_session) session = NULL;
    a0_status status = gateway_person(g, request, response, &session, &err);

    if (status == A0_OK) {
        status = write_list(g, list, session, response, &err);
    }
    if (status != A0_OK) {
        a0__web_response_reset(response);
        gateway_fail(g, request, err, response);
    }
}

void
gateway_accounts(void *self, a0__web_request *request, a0__web_response *response)
{
    static const struct list accounts = { "accounts", a0_connect_list, write_account };

    answer_list(self, &accounts, request, response);
}

void
gateway_connections(void *self, a0__web_request *request, a0__web_response *response)
{
    static const struct list connections = { "connections", a0_connect_connections,
                                             write_connection };

    answer_list(self, &connections, request, response);
}

/* ---- the end of one ---- */

static a0_status
disconnect(gateway *g, const a0__web_request *request, a0__web_response *response,
           a0_error **err)
{
    A0_AUTO(gateway_session) session = NULL;
    A0_AUTO(a0__buf) id = A0__BUF_INIT(ACCOUNT_ID_MAX);
    a0__address client = gateway_client_of(g, request);

    A0_TRY(gateway_person_of_own_page(g, request, NULL, response, &session, err));
    A0_ENSURE(a0__web_param(request, "id", &id), err, param_invalid);
    A0_TRY(a0_connect_delete(session, a0__buf_cstr(&id), err));
    event_audit_account(&g->log, "account.disconnected", request, &client,
                        a0_session_user_id(session), "", a0__buf_cstr(&id));
    response->status = 204;
    return A0_OK;
}

void
gateway_disconnect(void *self, a0__web_request *request, a0__web_response *response)
{
    gateway *g = self;
    A0_AUTO(gateway_error) err = NULL;

    if (disconnect(g, request, response, &err) != A0_OK) {
        a0__web_response_reset(response);
        gateway_fail(g, request, err, response);
    }
}
