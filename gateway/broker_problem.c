/* SPDX-License-Identifier: MIT */
#include "broker.h"

#include "json/json.h"

enum {
    TYPE_MAX = 128
};

/* Whose turn it is. Everything else is "retry" when our side failed, else
 * "fix_request".
 */
static const struct {
    const char *id;
    const char *action;
} actions[] = {
    { "vault_token_not_found", "connect" },
    { "vault_reconnect", "connect" },
    { "vault_scope_missing", "connect" },
    { "vault_connection_forbidden", "connect" },
    { "vault_account_ambiguous", "choose_account" },
    { "vault_mfa_required", "mfa" },
    { "mfa_required", "mfa" },
    { "vault_login_required", "sign_in" },
    { "session_missing", "sign_in" },
    { "session_invalid", "sign_in" },
    { "session_expired", "sign_in" },
    { "refresh_token_missing", "sign_in" },
    { "refresh_rejected", "sign_in" },
    { "refresh_identity_mismatch", "sign_in" },
    { "vault_grant_disabled", "configure" },
    { "gw_broker_secret", "configure" },
    { "gw_broker_connection", "configure" },
    { "gw_rate_limited", "retry" },
};

static const char *
action_for(const char *id, int status)
{
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (a0__text_is(a0__text_of(id), actions[i].id)) {
            return actions[i].action;
        }
    }
    return status >= 500 ? "retry" : "fix_request";
}

static void
put_path(const gateway *g, const char *name, const char *path, a0__json_writer *w)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(REDIRECT_TARGET_MAX);

    a0__buf_string(&text, g->settings.prefix);
    a0__buf_string(&text, path);
    a0__json_put_string(w, name, a0__buf_cstr(&text));
}

/* The call that the person's browser has to make. */
static void
put_connect(const gateway *g, const broker_wish *wish, const char *missing_scopes,
            a0__json_writer *w)
{
    const char *scope = missing_scopes != NULL ? missing_scopes : wish->scope;

    a0__json_name(w, "connect");
    a0__json_open(w, '{');
    a0__json_put_string(w, "method", "POST");
    put_path(g, "path", "/connect", w);
    a0__json_put_string(w, "connection", wish->connection);
    if (scope != NULL) {
        a0__json_put_string(w, "scope", scope);
    }
    a0__json_close(w, '}');
}

static void
put_sign_in(const gateway *g, a0__json_writer *w)
{
    a0__json_name(w, "sign_in");
    a0__json_open(w, '{');
    a0__json_put_string(w, "method", "GET");
    put_path(g, "path", "/login", w);
    a0__json_close(w, '}');
}

static void
answer(const gateway *g, const a0__web_request *request, const broker_wish *wish,
       const char *id, const char *title, int status, const char *missing_scopes,
       a0__web_response *response)
{
    A0_AUTO(a0__buf) type = A0__BUF_INIT(TYPE_MAX);
    a0__text action = a0__text_of(action_for(id, status));
    a0__json_writer w = a0__json_writer_on(&response->body);

    a0__buf_string(&type, "urn:a0:error:");
    a0__buf_string(&type, id);
    response->status = status;
    a0__web_header_set(response, "Content-Type", A0__LIT("application/problem+json"));
    a0__json_open(&w, '{');
    a0__json_put_string(&w, "type", a0__buf_cstr(&type));
    a0__json_put_string(&w, "title", title);
    a0__json_put_i64(&w, "status", status);
    a0__json_put_string(&w, "code", id);
    a0__json_put(&w, "action", action);
    a0__json_put_string(&w, "correlation_id", request->id);
    if (a0__text_is(action, "connect")) {
        put_connect(g, wish, missing_scopes, &w);
    } else if (a0__text_is(action, "sign_in")) {
        put_sign_in(g, &w);
    }
    a0__json_close(&w, '}');
}

void
broker_fail(gateway *g, const a0__web_request *request, const broker_wish *wish,
            const a0_error *error, a0__web_response *response)
{
    event_rejected(&g->log, request, &request->peer, a0_error_id(error), error);
    if (a0_error_retry_after_s(error) > 0) {
        a0__web_retry_after(response, a0_error_retry_after_s(error));
    }
    answer(g, request, wish, a0_error_id(error), a0_error_message(error),
           a0_error_http_status(error), a0_error_missing_scopes(error), response);
}

void
broker_refuse(gateway *g, const a0__web_request *request, a0__error_id id, int status,
              a0__web_response *response)
{
    event_rejected(&g->log, request, &request->peer, a0__error_name(id), NULL);
    answer(g, request, &(broker_wish){ .connection = NULL }, a0__error_name(id),
           a0__error_sentence(id), status, NULL, response);
}
