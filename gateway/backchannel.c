/* SPDX-License-Identifier: MIT */
/*
 * POST /auth/backchannel-logout: Auth0 says that sessions are over (OpenID Connect
 * Back-Channel Logout 1.0 §2.5, §2.8). The token is its own proof: cookies, origins and
 * CSRF tokens mean nothing here, and whoever sends what is no token learns nothing but
 * that. [LOUT-06..09]
 */
#include "internal.h"

enum {
    BODY_MAX = 16384,
    COUNT_MAX = 24
};

/* Only what was refused counts: Auth0 sends each token once, so that not one may be
 * turned away because many people are signed out at a time, or because we could not
 * carry out those before. [GW-12] */
static int
seconds_to_wait(gateway *g, const a0__web_request *request, bool refused)
{
    a0__address client = gateway_client_of(g, request);
    int64_t now_ms = a0_clock_system()->monotonic_ms(NULL);
    uint64_t bucket = a0__address_bucket(&client);

    return refused ? limiter_take(&g->logout_token_limit, bucket, now_ms)
                   : limiter_peek(&g->logout_token_limit, bucket, now_ms);
}

static bool
is_about_request(const a0_error *error)
{
    return a0_error_http_status(error) >= 400 && a0_error_http_status(error) < 500;
}

/* §2.5: one parameter; what else stands there is ignored. */
static a0_status
take_token(const a0__web_request *request, a0__params *form, const char **out_token,
           a0_error **err)
{
    bool valid = true;
    size_t count = 0;

    A0_ENSURE(request->body.len <= BODY_MAX, err, gw_too_large);
    A0_TRY(a0__web_form(request, form, &valid, err));
    *out_token = a0__params_get(form, "logout_token", &count).ptr;
    A0_ENSURE(valid && count == 1, err, logout_token_invalid);
    return A0_OK;
}

/* A JSON answer whatever the caller accepts; which check failed stands in the log. */
static void
fail(gateway *g, const a0__web_request *request, const a0_error *error,
     a0__web_response *response)
{
    a0__address client = gateway_client_of(g, request);
    bool is_theirs = is_about_request(error);

    event_rejected(&g->log, request, &client, a0_error_id(error), error);
    a0__web_response_reset(response);
    a0__web_json_error(response, a0_error_http_status(error),
                       is_theirs ? "invalid_request" : "temporarily_unavailable",
                       is_theirs ? "The logout token was not accepted."
                                 : "The sign-out could not be carried out.",
                       request->id);
}

static a0_status
end_sessions(gateway *g, const a0__web_request *request, a0_error **err)
{
    A0_AUTO(a0__params) form = A0__PARAMS_INIT;
    A0_AUTO(a0__buf) count = A0__BUF_INIT(COUNT_MAX);
    const char *token = NULL;
    size_t ended = 0;

    A0_TRY(take_token(request, &form, &token, err));
    A0_TRY(a0_logout_backchannel(g->client, token, &ended, err));
    a0__buf_i64(&count, (int64_t)ended);
    event_note(&g->log, A0_LOG_AUDIT, "session.signed_out_by_tenant", request,
               a0__buf_cstr(&count));
    return A0_OK;
}

/* The same answer whether there was a session or not. */
void
gateway_backchannel_logout(void *self, a0__web_request *request,
                           a0__web_response *response)
{
    gateway *g = self;
    A0_AUTO(gateway_error) err = NULL;
    int wait_s = seconds_to_wait(g, request, false);

    if (wait_s > 0) {
        gateway_too_many(g, request, wait_s, response);
        return;
    }
    if (end_sessions(g, request, &err) != A0_OK) {
        if (is_about_request(err)) {
            (void)seconds_to_wait(g, request, true);
        }
        fail(g, request, err, response);
    }
}
