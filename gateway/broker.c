/* SPDX-License-Identifier: MIT */
#include "broker.h"

#include <string.h>

#include "base/mem.h"
#include "base/pack.h"
#include "server/path.h"
#include "json/json.h"

enum {
    CONNECTION_MAX = 128,
    HINT_MAX = 255,
    SCOPE_MAX = 4096,
    BUCKET_NAME_MAX = 1024
};

/* ---- who may ask ---- */

/* What a browser sends along and a back end does not: a page that found a way to this
 * port gets nowhere, whatever it knows. */
static bool
is_from_browser(const a0__web_request *request)
{
    static const char *const names[] = { "origin", "sec-fetch-site", "sec-fetch-mode",
                                         "sec-fetch-dest" };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (a0__web_header_get(request, names[i], NULL).ptr != NULL) {
            return true;
        }
    }
    return false;
}

static bool
knows_secret(const gateway *g, const a0__web_request *request)
{
    size_t count = 0;
    a0__text value = a0__web_header_get(request, "authorization", &count);
    a0__text scheme = A0__LIT("Bearer ");
    a0__digest shown = { { 0 } };

    return count == 1 && value.len > scheme.len &&
           a0__text_equal_ignoring_case(a0__text_range(value.ptr, scheme.len),
                                        scheme) &&
           a0__sha256(a0__text_from(value, scheme.len), &shown, NULL) == A0_OK &&
           a0__equal_constant_time(shown.bytes, g->settings.broker.secret.bytes,
                                   sizeof shown.bytes);
}

/* The cookie of each base URL is another one; X-Forwarded-Host says which, else it is
 * the first. */
static gateway_origin *
origin_for(gateway *g, const a0__web_request *request)
{
    a0__text host = a0__web_header_get(request, "x-forwarded-host", NULL);

    return host.ptr == NULL ? &g->origins.items[0] : gateway_origin_for_host(g, host);
}

static bool
check_caller(void *self, a0__web_request *request, a0__web_response *response)
{
    gateway *g = self;

    if (is_from_browser(request)) {
        broker_refuse(g, request, A0_E_gw_broker_browser, 403, response);
        return false;
    }
    if (!knows_secret(g, request)) {
        a0__web_header_set(response, "WWW-Authenticate", A0__LIT("Bearer"));
        broker_refuse(g, request, A0_E_gw_broker_secret, 401, response);
        return false;
    }
    request->site_data = origin_for(g, request);
    if (request->site_data == NULL) {
        broker_refuse(g, request, A0_E_gw_host_unknown, 421, response);
        return false;
    }
    return true;
}

/* ---- what is asked for ---- */

struct asking {
    a0__buf connection;
    a0__params form;
    broker_wish wish;
    const char *login_hint;
    int wait_s; /* until the next token, when this was one too many */
};

typedef struct asking asking;

static void
asking_auto(asking *a)
{
    a0__buf_clear(&a->connection);
    a0__params_clear(&a->form);
}

static bool
is_allowed(const gateway *g, a0__text connection)
{
    for (size_t i = 0; i < g->settings.broker.connections.len; i++) {
        if (a0__text_is(connection, g->settings.broker.connections.items[i])) {
            return true;
        }
    }
    return false;
}

/* Each at most once, and nothing else: a misspelt login_hint must not be another
 * person's account. */
static a0_status
read_form(const a0__web_request *request, asking *a, a0_error **err)
{
    bool valid = true;
    size_t hints = 0;
    size_t scopes = 0;

    A0_TRY(a0__web_form(request, &a->form, &valid, err));
    A0_ENSURE(valid, err, gw_request_malformed);
    a->login_hint = a0__params_get(&a->form, "login_hint", &hints).ptr;
    a->wish.scope = a0__params_get(&a->form, "scope", &scopes).ptr;
    A0_ENSURE(hints <= 1 && scopes <= 1 && hints + scopes == a->form.len, err,
              param_forbidden);
    return A0_OK;
}

static a0_status
read_asking(const gateway *g, const a0__web_request *request, asking *a, a0_error **err)
{
    A0_ENSURE(a0__web_param(request, "connection", &a->connection), err, param_invalid);
    A0_ENSURE(is_allowed(g, a0__buf_view(&a->connection)), err, gw_broker_connection);
    a->wish.connection = a0__buf_cstr(&a->connection);
    return read_form(request, a, err);
}

/* ---- the answer ---- */

/* One bucket for each person and connection. [GW-15] */
static int
seconds_to_wait(gateway *g, const a0_session *session, const asking *a)
{
    A0_AUTO(a0__buf) name = A0__BUF_INIT(BUCKET_NAME_MAX);
    a0__digest digest = { { 0 } };
    uint64_t bucket = 0;

    a0__pack_string(&name, a0_session_user_id(session));
    a0__pack_string(&name, a->wish.connection);
    if (a0__sha256(a0__buf_view(&name), &digest, NULL) != A0_OK) {
        return 1;
    }
    memcpy(&bucket, digest.bytes, sizeof bucket);
    return limiter_take(&g->broker_limit, bucket,
                        a0_clock_system()->monotonic_ms(NULL));
}

static a0_status
write_token(const a0_session *session, const asking *a, const a0_token *token,
            a0__web_response *response, a0_error **err)
{
    a0__json_writer w = a0__json_writer_on(&response->body);
    int64_t expires_at = a0_token_expires_at(token);

    a0__web_header_set(response, "Content-Type", A0__LIT("application/json"));
    a0__json_open(&w, '{');
    a0__json_put_string(&w, "access_token", a0_token_access_token(token));
    a0__json_put_string(&w, "token_type", "Bearer");
    a0__json_put_string(&w, "scope", a0_token_scope(token));
    if (expires_at > 0) {
        a0__json_put_i64(&w, "expires_at", expires_at);
    }
    a0__json_put_string(&w, "connection", a->wish.connection);
    a0__json_put_string(&w, "user_id", a0_session_user_id(session));
    a0__json_close(&w, '}');
    return a0__buf_check(&response->body, err);
}

static a0_status
give_token(gateway *g, const a0__web_request *request, asking *a,
           a0__web_response *response, a0_error **err)
{
    A0_AUTO(gateway_session) session = NULL;
    a0_vault_options options = A0_VAULT_OPTIONS_INIT;
    a0_token *token = NULL;
    a0_status status = A0_OK;

    A0_TRY(read_asking(g, request, a, err));
    A0_TRY(gateway_person(g, request, response, &session, err));
    a->wait_s = seconds_to_wait(g, session, a);
    A0_ENSURE(a->wait_s == 0, err, gw_rate_limited);
    options.login_hint = a->login_hint;
    options.scope = a->wish.scope;
    options.only_connected = true;
    A0_TRY(
        a0_vault_token_for_session(session, a->wish.connection, &options, &token, err));
    status = write_token(session, a, token, response, err);
    a0_token_free(token);
    A0_TRY(status);
    event_audit_account(&g->log, "vault.token_given", request, &request->peer,
                        a0_session_user_id(session), a->wish.connection,
                        a->login_hint != NULL ? a->login_hint : "");
    return A0_OK;
}

static void
broker_token(void *self, a0__web_request *request, a0__web_response *response)
{
    gateway *g = self;
    A0_AUTO(gateway_error) err = NULL;
    A0_AUTO(asking)
    a = { .connection = A0__BUF_INIT(CONNECTION_MAX), .form = A0__PARAMS_INIT };

    if (give_token(g, request, &a, response, &err) != A0_OK) {
        a0__web_response_reset(response);
        broker_fail(g, request, &a.wish, err, response);
        if (a.wait_s > 0) {
            a0__web_retry_after(response, a.wait_s);
        }
    }
}

/* ---- the site ---- */

static void
refuse(void *self, const a0__web_request *request, a0__error_id id,
       a0__web_response *response)
{
    broker_refuse(self, request, id, response->status, response);
}

static void
after(void *self, a0__web_request *request, const a0__web_response *response)
{
    const gateway *g = self;

    event_answered(&g->log, request, response);
}

a0_status
broker_init(gateway *g, a0_error **err)
{
    A0_AUTO(a0__buf) path = A0__BUF_INIT(A0__PATH_MAX);

    a0__buf_string(&path, g->settings.prefix);
    a0__buf_string(&path, "/token/{connection}");
    A0_TRY(a0__buf_check(&path, err));
    g->broker_path = a0__buf_take(&path);
    g->broker_route = (a0__web_route){ .method = "POST",
                                       .path = g->broker_path,
                                       .handle = broker_token,
                                       .blocks = true,
                                       .body = A0__WEB_FORM };
    g->broker_site = (a0__web_site){ .self = g,
                                     .routes = &g->broker_route,
                                     .routes_len = 1,
                                     .before = check_caller,
                                     .refuse = refuse,
                                     .after = after };
    limiter_init(&g->broker_limit, g->settings.broker.rate, 0);
    return A0_OK;
}

void
broker_clear(gateway *g)
{
    limiter_clear(&g->broker_limit);
    a0__free(g->broker_path);
}
