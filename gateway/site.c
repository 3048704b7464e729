/* SPDX-License-Identifier: MIT */
/* The routes, and what holds for all of them. */
#include "internal.h"

#include "base/mem.h"

struct route_row {
    const char *method;
    const char *path; /* behind the prefix, unless absolute */
    bool is_absolute;
    a0__web_handler handle;
    bool blocks;
    bool bare;
    a0__web_body body;
};

/* The first is the hot path. What may wait for Auth0 or a write runs on the workers. */
static const struct route_row table[] = {
    { "GET", "/verify", false, gateway_verify, false, true, A0__WEB_NO_BODY },
    { "GET", "/me", false, gateway_me, false, false, A0__WEB_NO_BODY },
    { "GET", "/login", false, gateway_login, true, false, A0__WEB_NO_BODY },
    { "GET", "/callback", false, gateway_callback, true, false, A0__WEB_NO_BODY },
    { "POST", "/callback", false, gateway_callback_fragment, true, false,
      A0__WEB_ANY_BODY },
    { "POST", "/connect", false, gateway_connect, true, false, A0__WEB_FORM },
    { "GET", "/connected-accounts", false, gateway_accounts, true, false,
      A0__WEB_NO_BODY },
    { "GET", "/connected-accounts/connections", false, gateway_connections, true, false,
      A0__WEB_NO_BODY },
    { "DELETE", "/connected-accounts/{id}", false, gateway_disconnect, true, false,
      A0__WEB_NO_BODY },
    { "POST", "/connected-accounts/{id}/try-out", false, gateway_try_out, true, false,
      A0__WEB_NO_BODY },
    { "GET", "/link", false, gateway_link_ask, false, false, A0__WEB_NO_BODY },
    { "POST", "/link/confirm", false, gateway_link_confirm, true, false, A0__WEB_FORM },
    { "POST", "/link/cancel", false, gateway_link_cancel, true, false, A0__WEB_FORM },
    { "GET", "/logout", false, gateway_ask_logout, false, false, A0__WEB_NO_BODY },
    { "POST", "/logout", false, gateway_logout, true, false, A0__WEB_FORM },
    { "POST", "/backchannel-logout", false, gateway_backchannel_logout, true, false,
      A0__WEB_FORM },
    { "GET", "/signed-out", false, gateway_signed_out, false, false, A0__WEB_NO_BODY },
    { "GET", "/assets/a0.css", false, gateway_style, false, false, A0__WEB_NO_BODY },
    { "GET", "/assets/accounts.js", false, gateway_accounts_script, false, false,
      A0__WEB_NO_BODY },
    { "GET", "/assets/a0.js", false, gateway_script, false, false, A0__WEB_NO_BODY },
    { "GET", "/", true, gateway_welcome, false, false, A0__WEB_NO_BODY },
    { "GET", "/internal/", true, gateway_dashboard, false, false, A0__WEB_NO_BODY },
};

static const a0__web_route health_routes[] = {
    { .method = "GET", .path = "/healthz", .handle = gateway_health },
};

/* ---- hosts ---- */

/* RFC 9110 §7.2; the scheme's own port may be written or not. [GW-10] */
static bool
answers_for(const gateway_origin *origin, a0__text host)
{
    a0__text authority =
        a0__text_from(a0__text_of(origin->text), origin->url.scheme.len + 3);
    bool is_https = a0__text_is(origin->url.scheme, "https");
    a0__text port = is_https ? A0__LIT(":443") : A0__LIT(":80");

    if (a0__text_equal_ignoring_case(host, authority)) {
        return true;
    }
    return !origin->url.has_port && host.len == authority.len + port.len &&
           a0__text_ends_with(host, port) &&
           a0__text_equal_ignoring_case(a0__text_range(host.ptr, authority.len),
                                        authority);
}

gateway_origin *
gateway_origin_for_host(gateway *g, a0__text host)
{
    for (size_t i = 0; i < g->origins.len; i++) {
        if (answers_for(&g->origins.items[i], host)) {
            return &g->origins.items[i];
        }
    }
    return NULL;
}

const gateway_origin *
gateway_origin_of(const a0__web_request *request)
{
    return request->site_data;
}

a0__address
gateway_client_of(const gateway *g, const a0__web_request *request)
{
    return gateway_client_address(&g->settings.trusted_proxies, request);
}

static bool
check_host(void *self, a0__web_request *request, a0__web_response *response)
{
    gateway *g = self;
    a0__text host = a0__web_header_get(request, "host", NULL);

    request->site_data = gateway_origin_for_host(g, host);
    if (request->site_data != NULL) {
        return true;
    }
    gateway_refuse(g, request, A0_E_gw_host_unknown, 421, response);
    return false;
}

static void
refuse(void *self, const a0__web_request *request, a0__error_id id,
       a0__web_response *response)
{
    gateway_refuse(self, request, id, response->status, response);
}

static void
after(void *self, a0__web_request *request, const a0__web_response *response)
{
    const gateway *g = self;

    event_answered(&g->log, request, response);
}

/* ---- health ---- */

/* A log that got a line lost is tried once more: without it, who signed in is written
 * nowhere. [SEC-07] */
static bool
is_log_well(gateway *g)
{
    if (atomic_load(&g->log_is_lost)) {
        event_note(&g->log, A0_LOG_ERROR, "gateway.log_failed", NULL, "log");
    }
    return !atomic_load(&g->log_is_lost);
}

/* Asks the store for nobody: it answers, or it does not. */
void
gateway_health(void *self, a0__web_request *request, a0__web_response *response)
{
    static const char nobody[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    gateway *g = self;
    A0_AUTO(gateway_error) err = NULL;
    A0_AUTO(gateway_session) session = NULL;

    _Static_assert(sizeof nobody == A0_SESSION_ID_LEN + 1, "a session id");
    if (a0_session_open(g->client, nobody, &session, &err) != A0_OK) {
        gateway_fail(g, request, err, response);
        return;
    }
    if (!is_log_well(g)) {
        gateway_refuse(g, request, A0_E_gw_log_failed, 503, response);
        return;
    }
    a0__web_body_static(response, "application/json", A0__LIT("{\"status\":\"ok\"}"));
}

/* ---- the two sites ---- */

static a0_status
add_route(gateway *g, size_t i, a0_error **err)
{
    const struct route_row *row = &table[i];
    A0_AUTO(a0__buf) path = A0__BUF_INIT(REDIRECT_TARGET_MAX);

    a0__buf_string(&path, row->is_absolute ? "" : g->settings.prefix);
    a0__buf_string(&path, row->path);
    A0_TRY(a0__buf_check(&path, err));
    g->paths[i] = a0__buf_take(&path);
    g->routes[i] = (a0__web_route){ .method = row->method,
                                    .path = g->paths[i],
                                    .handle = row->handle,
                                    .blocks = row->blocks,
                                    .bare = row->bare,
                                    .body = row->body };
    return A0_OK;
}

a0_status
gateway_site_init(gateway *g, a0_error **err)
{
    size_t len = sizeof table / sizeof table[0];

    _Static_assert(sizeof table / sizeof table[0] <= ROUTES_MAX, "room for all routes");
    for (size_t i = 0; i < len; i++) {
        A0_TRY(add_route(g, i, err));
    }
    g->site = (a0__web_site){ .self = g,
                              .routes = g->routes,
                              .routes_len = len,
                              .before = check_host,
                              .refuse = refuse,
                              .after = after };
    g->health_site = (a0__web_site){
        .self = g,
        .routes = health_routes,
        .routes_len = sizeof health_routes / sizeof health_routes[0],
        .refuse = refuse,
    };
    return A0_OK;
}

void
gateway_site_clear(gateway *g)
{
    for (size_t i = 0; i < ROUTES_MAX; i++) {
        a0__free(g->paths[i]);
    }
}
