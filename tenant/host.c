/* SPDX-License-Identifier: MIT */
#include "host.h"

#include <a0/sys/clock.h>

#include "authorize.h"
#include "backchannel.h"
#include "cors.h"
#include "endpoints.h"
#include "journal.h"
#include "login.h"
#include "misbehave.h"
#include "my_account.h"
#include "pages.h"
#include "provider_api.h"
#include "refusal.h"
#include "server/server.h"
#include "state.h"
#include "token.h"

enum {
    /* Two hundred callers at once, some of them delayed by a fault. */
    WORKERS = 32,
    QUEUE_MAX = 2048,
    CONTROL_BODY_MAX = 4 * 1024 * 1024,
    SLICE_MS = 100
};

struct a0__host {
    a0__server *server;
    a0__web_site site;
};

typedef struct endpoint {
    a0_status (*run)(a0__exchange *x);
    const char *families; /* of its faults: "token.status"; NULL: it has none */
} endpoint;

/* method, path, body, what answers, families of its faults */
#define ENDPOINTS(X)                                                                   \
    X("GET", "/.well-known/openid-configuration", NO_BODY, a0__discovery, "disc")      \
    X("GET", "/.well-known/oauth-authorization-server", NO_BODY, a0__discovery,        \
      "disc")                                                                          \
    X("GET", "/.well-known/jwks.json", NO_BODY, a0__jwks_endpoint, "jwks")             \
    X("GET", "/authorize", NO_BODY, a0__authorize, "authz")                            \
    X("POST", "/authorize", FORM, a0__authorize, "authz")                              \
    X("POST", "/oauth/par", FORM_OR_JSON, a0__par, "par")                              \
    X("POST", "/oauth/token", FORM_OR_JSON, a0__token, "token")                        \
    X("OPTIONS", "/oauth/token", NO_BODY, a0__preflight, NULL)                         \
    X("POST", "/oauth/revoke", FORM_OR_JSON, a0__revoke_endpoint, "revoke")            \
    X("OPTIONS", "/oauth/revoke", NO_BODY, a0__preflight, NULL)                        \
    X("GET", "/userinfo", NO_BODY, a0__userinfo, "userinfo")                           \
    X("POST", "/userinfo", FORM_OR_JSON, a0__userinfo, "userinfo")                     \
    X("OPTIONS", "/userinfo", NO_BODY, a0__preflight, NULL)                            \
    X("GET", "/v2/logout", NO_BODY, a0__logout_v2, "logout")                           \
    X("GET", "/oidc/logout", NO_BODY, a0__logout_oidc, "logout")                       \
    X("POST", "/oidc/logout", FORM, a0__logout_oidc, "logout")                         \
    X("GET", "/u/login", NO_BODY, a0__login_page, NULL)                                \
    X("POST", "/u/login", FORM, a0__login_submit, NULL)                                \
    X("GET", "/u/signup", NO_BODY, a0__signup_page, NULL)                              \
    X("POST", "/u/signup", FORM, a0__signup_submit, NULL)                              \
    X("GET", "/u/provider", NO_BODY, a0__provider_page, NULL)                          \
    X("POST", "/u/provider", FORM, a0__provider_submit, NULL)                          \
    X("POST", "/u/logout", FORM, a0__logout_confirmed, NULL)                           \
    X("POST", "/me/v1/connected-accounts/connect", JSON, a0__connect_start, "me")      \
    X("POST", "/me/v1/connected-accounts/complete", JSON, a0__connect_complete, "me")  \
    X("GET", "/me/v1/connected-accounts/accounts", NO_BODY, a0__connected_accounts,    \
      "me")                                                                            \
    X("DELETE", "/me/v1/connected-accounts/accounts/{id}", NO_BODY,                    \
      a0__connected_account_delete, "me")                                              \
    X("GET", "/me/v1/connected-accounts/connections", NO_BODY, a0__connectable, "me")  \
    X("OPTIONS", "/me/v1/connected-accounts/{name}", NO_BODY, a0__preflight, NULL)     \
    X("OPTIONS", "/me/v1/connected-accounts/accounts/{id}", NO_BODY, a0__preflight,    \
      NULL)                                                                            \
    X("GET", "/connected-accounts/connect", NO_BODY, a0__connect_browser, "connect")   \
    X("GET", "/u/connect", NO_BODY, a0__connect_page, NULL)                            \
    X("POST", "/u/connect", FORM, a0__connect_submit, NULL)                            \
    X("GET", "/_provider/{connection}/userinfo", NO_BODY, a0__provider_userinfo,       \
      "provider")                                                                      \
    X("GET", "/_provider/{connection}/user", NO_BODY, a0__provider_github_user,        \
      "provider")                                                                      \
    X("GET", "/_provider/{connection}/user/emails", NO_BODY,                           \
      a0__provider_github_emails, "provider")                                          \
    X("GET", "/_provider/{connection}/calendar/events", NO_BODY,                       \
      a0__provider_calendar, "provider")                                               \
    X("GET", "/api/v2/users", NO_BODY, a0__mgmt_users_search, "search mgmt")           \
    X("POST", "/api/v2/users", JSON, a0__mgmt_user_create, "user_create mgmt")         \
    X("GET", "/api/v2/users/{id}", NO_BODY, a0__mgmt_user_get, "user_get mgmt")        \
    X("PATCH", "/api/v2/users/{id}", JSON, a0__mgmt_user_patch, "user_patch mgmt")     \
    X("DELETE", "/api/v2/users/{id}", NO_BODY, a0__mgmt_user_delete,                   \
      "user_delete mgmt")                                                              \
    X("POST", "/api/v2/users/{id}/identities", JSON, a0__mgmt_link, "link mgmt")       \
    X("DELETE", "/api/v2/users/{id}/identities/{provider}/{user_id}", NO_BODY,         \
      a0__mgmt_unlink, "unlink mgmt")                                                  \
    X("GET", "/api/v2/users/{id}/federated-connections-tokensets", NO_BODY,            \
      a0__mgmt_tokensets, "tokensets mgmt")                                            \
    X("DELETE", "/api/v2/users/{id}/federated-connections-tokensets/{tokenset}",       \
      NO_BODY, a0__mgmt_tokenset_delete, "tokensets mgmt")                             \
    X("GET", "/api/v2/users/{id}/connected-accounts", NO_BODY,                         \
      a0__mgmt_connected_accounts, "connected_accounts mgmt")                          \
    X("GET", "/api/v2/users/{id}/logs", NO_BODY, a0__mgmt_user_logs, "logs mgmt")      \
    X("GET", "/api/v2/logs", NO_BODY, a0__mgmt_logs, "logs mgmt")                      \
    X("GET", "/api/v2/users-by-email", NO_BODY, a0__mgmt_users_by_email,               \
      "by_email mgmt")                                                                 \
    X("GET", "/api/v2/clients/{id}", NO_BODY, a0__mgmt_client_get, "client_get mgmt")  \
    X("GET", "/api/v2/clients/{id}/connections", NO_BODY, a0__mgmt_client_connections, \
      "client_connections mgmt")                                                       \
    X("GET", "/u/style.css", NO_BODY, a0__style, NULL)                                 \
    X("GET", "/people", NO_BODY, a0__people_page, NULL)                                \
    X("GET", "/people/{id}", NO_BODY, a0__person_page, NULL)                           \
    X("POST", "/people/{id}", FORM, a0__person_submit, NULL)                           \
    X("GET", "/", NO_BODY, a0__home_page, NULL)                                        \
    X("GET", "/_tenant/{name}", ANY_BODY, a0__control, NULL)                           \
    X("POST", "/_tenant/{name}", ANY_BODY, a0__control, NULL)                          \
    X("DELETE", "/_tenant/{name}", ANY_BODY, a0__control, NULL)                        \
    X("POST", "/_tenant/{name}/{key}", ANY_BODY, a0__control, NULL)                    \
    X("DELETE", "/_tenant/{name}/{key}", ANY_BODY, a0__control, NULL)

static void serve(void *self, a0__web_request *request, a0__web_response *response);

static const a0__web_route routes[] = {
#define X(route_method, route_path, body_kind, run, families)                          \
    { .method = (route_method),                                                        \
      .path = (route_path),                                                            \
      .handle = serve,                                                                 \
      .blocks = true,                                                                  \
      .body = A0__WEB_##body_kind,                                                     \
      .body_max = A0__WEB_##body_kind == A0__WEB_ANY_BODY ? CONTROL_BODY_MAX : 0 },
    ENDPOINTS(X)
#undef X
};

/* The same rows, so a route leads to its endpoint by its place. */
static const endpoint endpoints[] = {
#define X(route_method, route_path, body_kind, run, families) { (run), (families) },
    ENDPOINTS(X)
#undef X
};

static void
answer_failure(a0__exchange *x)
{
    a0__write_refusal(x, 500, "server_error", "%s",
                      x->error != NULL ? a0_error_message(x->error) : "it failed");
}

/* Under the mutex. */
static void
answer(a0__exchange *x, const endpoint *e)
{
    a0_status status = A0_OK;

    x->now = a0__tenant_now(x->tenant);
    a0__tenant_sweep(x->tenant);
    if (a0__misbehave_before(x, e->families)) {
        return;
    }
    status = a0__exchange_read(x);
    if (status == A0_OK) {
        status = e->run(x);
    }
    if (status == A0_OK || status == A0_REFUSED) {
        status = a0__state_write(x->tenant, &x->error);
    }
    if (status != A0_OK) {
        answer_failure(x);
    }
    a0__allow_origin(x);
    a0__misbehave_after(x, e->families);
}

/* A fault may ask for an hour; who stops the tenant does not want to wait for it. */
static void
wait_for(const a0__tenant *tenant, int64_t delay_ms)
{
    while (delay_ms > 0 && !atomic_load(&tenant->is_stopping)) {
        int64_t slice_ms = delay_ms < SLICE_MS ? delay_ms : SLICE_MS;

        a0_clock_system()->sleep_ms(NULL, slice_ms);
        delay_ms -= slice_ms;
    }
}

static void
serve(void *self, a0__web_request *request, a0__web_response *response)
{
    a0__tenant *tenant = self;
    const endpoint *e = &endpoints[request->route - routes];
    a0__exchange x = { .tenant = tenant, .request = request, .response = response };

    wait_for(tenant, a0__misbehave_delay(tenant, e->families));
    (void)pthread_mutex_lock(&tenant->mutex);
    answer(&x, e);
    (void)pthread_mutex_unlock(&tenant->mutex);
    a0__exchange_clear(&x);
    a0__backchannel_flush(tenant);
}

static bool
is_control(const a0__web_request *request)
{
    return a0__text_starts_with(request->path, A0__LIT("/_tenant/"));
}

/* On arrival, so that the order is that of the requests and not of the answers. */
static bool
arrive(void *self, a0__web_request *request, a0__web_response *response)
{
    const a0__tenant *tenant = self;

    (void)response;
    if (!is_control(request)) {
        uint64_t *place = a0__keep_bytes(1, sizeof *place);

        *place = a0__journal_arrive(tenant->journal);
        request->site_data = place;
    }
    return true;
}

static void
finish(void *self, a0__web_request *request, const a0__web_response *response)
{
    const a0__tenant *tenant = self;
    uint64_t *arrived = request->site_data;

    if (arrived == NULL && is_control(request)) {
        return;
    }
    a0__journal_finish(tenant->journal,
                       arrived != NULL ? *arrived : a0__journal_arrive(tenant->journal),
                       request, response->status);
    a0__free(arrived);
    request->site_data = NULL;
}

static void
refuse(void *self, const a0__web_request *request, a0__error_id id,
       a0__web_response *response)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(4096);
    a0__tenant *tenant = self;
    const char *error = response->status == 404   ? "not_found"
                        : response->status == 405 ? "method_not_allowed"
                                                  : "invalid_request";

    if (response->status == 404 && a0__web_wants_html(request)) {
        a0__exchange x = { .tenant = tenant, .request = request, .response = response };

        (void)pthread_mutex_lock(&tenant->mutex);
        a0__write_error_page(&x, 404, error, "There is nothing at this address.");
        (void)pthread_mutex_unlock(&tenant->mutex);
        return;
    }
    a0__refusal_write(request->path, response->status, error, a0__error_sentence(id),
                      &body);
    a0__web_body_text(response, "application/json; charset=utf-8", a0__buf_view(&body));
}

a0_status
a0__host_start(a0__tenant *tenant, const a0__host_options *options, a0__host **out,
               a0_error **err)
{
    A0_AUTO(a0__buf) address = A0__BUF_INIT(512);
    a0__host *host = a0__keep_bytes(1, sizeof *host);
    a0__web_listen listen = { .site = &host->site,
                              .tls_certificate = options->certificate_pem,
                              .tls_key = options->key_pem };
    a0__server_options server = {
        .listen = &listen, .listen_len = 1, .workers = WORKERS, .queue_max = QUEUE_MAX
    };
    a0_status status = A0_OK;

    a0__buf_format(&address, "%s:%u", options->listen, options->port);
    listen.address = a0__buf_cstr(&address);
    host->site = (a0__web_site){ .self = tenant,
                                 .routes = routes,
                                 .routes_len = sizeof routes / sizeof routes[0],
                                 .before = arrive,
                                 .refuse = refuse,
                                 .after = finish };
    status = a0__server_start(&server, &host->server, err);
    if (status != A0_OK) {
        a0__free(host);
        return status;
    }
    *out = host;
    return A0_OK;
}

const a0__web_site *
a0__host_site(const a0__host *host)
{
    return &host->site;
}

unsigned
a0__host_port(const a0__host *host)
{
    return a0__server_port(host->server, 0);
}

void
a0__host_stop(a0__host *host)
{
    if (host != NULL) {
        a0__server_stop(host->server);
        a0__free(host);
    }
}
