/* SPDX-License-Identifier: MIT */
/*
 * GET /auth/login: opens a sign-in and sends the browser to Auth0. Every sign-in has a
 * session and a cookie of its own, so that tabs do not meet. [AUTHZ-02, AUTHZ-08,
 * GW-14, SESS-07]
 */
#include "internal.h"
#include "navigation.h"

enum {
    LOGIN_PARAMS_MAX = 16
};

/* From a browser come hints only; what is asked for (scope, audience) never does. */
static const char *const hints[] = {
    "login_hint", "screen_hint", "ui_locales",   "prompt",
    "max_age",    "acr_values",  "organization", "invitation",
};

struct login_request {
    a0_param params[LOGIN_PARAMS_MAX];
    size_t params_len;
    const char *return_to; /* as asked for, or NULL */
};

static bool
is_hint(const char *name)
{
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++) {
        if (a0__text_is(a0__text_of(name), hints[i])) {
            return true;
        }
    }
    return false;
}

static bool
is_allowed_connection(const gateway *g, const char *connection)
{
    for (size_t i = 0; i < g->settings.allowed_connections.len; i++) {
        if (a0__text_is(a0__text_of(connection),
                        g->settings.allowed_connections.items[i])) {
            return true;
        }
    }
    return false;
}

/* OpenID Connect Core §4: whoever starts a sign-in from elsewhere names our issuer. */
static bool
is_our_issuer(const gateway *g, a0__text iss)
{
    a0__text tenant = a0__text_of(g->settings.tenant_url);

    return iss.len == tenant.len + 1 && a0__text_starts_with(iss, tenant) &&
           iss.ptr[tenant.len] == '/';
}

static a0_status
read_param(const gateway *g, const struct a0__param_pair *pair,
           struct login_request *out, a0_error **err)
{
    a0__text name = a0__text_of(pair->name);

    if (a0__text_is(name, "return_to") || a0__text_is(name, "target_link_uri")) {
        out->return_to = pair->value;
        return A0_OK;
    }
    if (a0__text_is(name, "iss")) {
        A0_ENSURE(is_our_issuer(g, a0__text_of(pair->value)), err, param_invalid);
        return A0_OK;
    }
    if (a0__text_is(name, "organization_name")) {
        /* An invitation of Auth0's carries it for whoever shows it; `organization` is
         * what is asked for. */
        return A0_OK;
    }
    A0_ENSURE(is_hint(pair->name) || (a0__text_is(name, "connection") &&
                                      is_allowed_connection(g, pair->value)),
              err, param_forbidden);
    A0_ENSURE(pair->value_len > 0 && out->params_len < LOGIN_PARAMS_MAX, err,
              param_invalid);
    out->params[out->params_len] = (a0_param){ pair->name, pair->value };
    out->params_len++;
    return A0_OK;
}

static a0_status
read_params(const gateway *g, const a0__params *params, bool valid,
            struct login_request *out, a0_error **err)
{
    A0_ENSURE(valid, err, param_invalid);
    for (size_t i = 0; i < params->len; i++) {
        size_t count = 0;

        (void)a0__params_get(params, params->pairs[i].name, &count);
        A0_ENSURE(count == 1, err, param_invalid);
        A0_TRY(read_param(g, &params->pairs[i], out, err));
    }
    return A0_OK;
}

const char *
gateway_return_target(gateway *g, const a0__web_request *request, a0__text asked,
                      const char *why, a0__buf *space)
{
    if (asked.ptr == NULL) {
        return NULL;
    }
    if (!gateway_redirect_is_allowed(asked, &g->settings.return_to_allowed)) {
        event_note(&g->log, A0_LOG_INFO, "redirect.replaced", request, why);
        return NULL;
    }
    a0__buf_text(space, asked);
    return a0__buf_ok(space) ? a0__buf_cstr(space) : NULL;
}

a0_status
gateway_callback_uri(const gateway *g, const a0__web_request *request, a0__buf *out,
                     a0_error **err)
{
    a0__buf_string(out, gateway_origin_of(request)->text);
    a0__buf_string(out, g->settings.prefix);
    a0__buf_string(out, "/callback");
    return a0__buf_check(out, err);
}

/* The mark of the state in the URL; with a pushed request it does not stand there. */
static a0_status
mark_of(const char *url, char out[STATE_MARK_LEN + 1], a0_error **err)
{
    A0_AUTO(a0__params) params = A0__PARAMS_INIT;
    a0__url parsed = { 0 };
    a0__text state = A0__NO_TEXT;
    bool valid = true;

    if (a0__url_parse(a0__text_of(url), &parsed)) {
        A0_TRY(a0__params_parse(parsed.query, A0__WEB_QUERY_PAIRS_MAX, &params, &valid,
                                err));
        state = a0__params_get(&params, "state", NULL);
    }
    if (state.len == 0) {
        for (size_t i = 0; i <= STATE_MARK_LEN; i++) {
            out[i] = cookie_no_mark[i];
        }
        return A0_OK;
    }
    return cookie_state_mark(state, out, err);
}

static a0_status
start(gateway *g, const a0__web_request *request, const struct login_request *login,
      a0__web_response *response, a0_error **err)
{
    A0_AUTO(gateway_session) session = NULL;
    A0_AUTO(a0__buf) redirect_uri = A0__BUF_INIT(REDIRECT_TARGET_MAX);
    A0_AUTO(a0__buf) return_to = A0__BUF_INIT(REDIRECT_TARGET_MAX);
    a0_login_options options = A0_LOGIN_OPTIONS_INIT;
    const char *url = NULL;
    char mark[STATE_MARK_LEN + 1];
    char cookie[A0_SESSION_ID_LEN + 1];
    sign_in_cookies held;

    A0_TRY(gateway_callback_uri(g, request, &redirect_uri, err));
    options.params = login->params;
    options.params_len = login->params_len;
    options.return_to = gateway_return_target(
        g, request,
        login->return_to != NULL
            ? a0__text_of(login->return_to)
            : gateway_forwarded_uri(&g->settings.trusted_proxies, request),
        "login", &return_to);
    A0_TRY(a0_session_open(g->client, NULL, &session, err));
    A0_TRY(a0_login_start(session, redirect_uri.ptr, &options, &url, err));
    A0_TRY(mark_of(url, mark, err));
    A0_ENSURE(gateway_id_of_cookie(g, request, a0_session_id(session), cookie), err,
              internal);
    cookie_sign_ins(request, g->settings.cookies, &held);
    a0__web_redirect(response, 303, a0__text_of(url));
    cookie_sign_in_set(response, g->settings.cookies, &held, mark, cookie,
                       a0_clock_system()->wall_ms(NULL) / 1000,
                       g->settings.transaction_lifetime_s);
    a0__wipe(cookie, sizeof cookie);
    return A0_OK;
}

static a0_status
read_and_start(gateway *g, const a0__web_request *request, a0__web_response *response,
               a0_error **err)
{
    A0_AUTO(a0__params) params = A0__PARAMS_INIT;
    struct login_request login = { .params_len = 0 };
    bool valid = true;

    A0_TRY(a0__web_query(request, &params, &valid, err));
    A0_TRY(read_params(g, &params, valid, &login, err));
    return start(g, request, &login, response, err);
}

void
gateway_login(void *self, a0__web_request *request, a0__web_response *response)
{
    gateway *g = self;
    A0_AUTO(gateway_error) err = NULL;
    a0__address client = gateway_client_of(g, request);
    int wait_s = 0;

    if (gateway_is_prefetch(request)) {
        gateway_refuse(g, request, A0_E_gw_prefetch_refused, 403, response);
        return;
    }
    if (!gateway_is_navigation(request)) {
        gateway_refuse(g, request, A0_E_session_missing, 401, response);
        return;
    }
    wait_s = limiter_take(&g->sign_in_limit, a0__address_bucket(&client),
                          a0_clock_system()->monotonic_ms(NULL));
    if (wait_s > 0) {
        gateway_too_many(g, request, wait_s, response);
        return;
    }
    if (read_and_start(g, request, response, &err) != A0_OK) {
        a0__web_response_reset(response);
        gateway_fail(g, request, err, response);
    }
}
