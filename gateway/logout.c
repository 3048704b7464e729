/* SPDX-License-Identifier: MIT */
/*
 * POST /auth/logout ends the session; GET only asks. The form carries a token that is
 * bound to the session, and comes from our own origin. [LOUT-01..03]
 */
#include "internal.h"
#include "navigation.h"

/* A page of ours that says so. */
static void
send_to_signed_out(const gateway *g, a0__web_response *response)
{
    A0_AUTO(a0__buf) path = A0__BUF_INIT(REDIRECT_TARGET_MAX);

    a0__buf_string(&path, g->settings.prefix);
    a0__buf_string(&path, "/signed-out");
    a0__web_redirect(response, 303, a0__buf_view(&path));
}

void
gateway_ask_logout(void *self, a0__web_request *request, a0__web_response *response)
{
    gateway *g = self;
    A0_AUTO(gateway_error) err = NULL;
    A0_AUTO(gateway_session) session = NULL;
    char token[CSRF_TOKEN_LEN + 1];
    const char *name = NULL;

    if (gateway_visitor(g, request, response, &session, &err) != A0_OK) {
        gateway_fail(g, request, err, response);
        return;
    }
    if (session == NULL) {
        send_to_signed_out(g, response);
        return;
    }
    if (gateway_csrf_token(g, a0_session_id(session), token, &err) != A0_OK) {
        gateway_fail(g, request, err, response);
        return;
    }
    name = a0_session_claim(session, "name");
    name = name != NULL ? name : a0_session_claim(session, "email");
    gateway_show_sign_out(g, token, name != NULL ? name : a0_session_user_id(session),
                          response);
}

static bool
is_registered(const gateway *g, a0__text target)
{
    for (size_t i = 0; i < g->settings.logout_return_to.len; i++) {
        if (a0__text_is(target, g->settings.logout_return_to.items[i])) {
            return true;
        }
    }
    return false;
}

/* An address of the list, or a path of ours; else the first of the list, else none.
 * [LOUT-02] */
static const char *
return_target(gateway *g, const a0__web_request *request, a0__text asked,
              a0__buf *space)
{
    static const gateway_origins nowhere = { 0 };
    const gateway_texts *registered = &g->settings.logout_return_to;

    if (asked.len > 0 && is_registered(g, asked)) {
        a0__buf_text(space, asked);
        return a0__buf_cstr(space);
    }
    if (asked.len > 0 && gateway_redirect_is_allowed(asked, &nowhere)) {
        a0__buf_string(space, gateway_origin_of(request)->text);
        a0__buf_text(space, asked);
        return a0__buf_cstr(space);
    }
    if (asked.len > 0) {
        event_note(&g->log, A0_LOG_INFO, "redirect.replaced", request, "logout");
    }
    return registered->len > 0 ? registered->items[0] : NULL;
}

static a0_status
end_session(gateway *g, const a0__web_request *request, const a0__params *form,
            a0_session *session, a0__web_response *response, a0_error **err)
{
    A0_AUTO(a0__buf) target = A0__BUF_INIT(2 * REDIRECT_TARGET_MAX);
    A0_AUTO(a0__buf) user_id = A0__BUF_INIT(REDIRECT_TARGET_MAX);
    a0_logout_options options = A0_LOGOUT_OPTIONS_INIT;
    a0__address client = gateway_client_of(g, request);
    const char *url = NULL;

    a0__buf_string(&user_id, a0_session_user_id(session));
    options.return_to =
        return_target(g, request, a0__params_get(form, "return_to", NULL), &target);
    A0_TRY(a0_logout(session, &options, &url, err));
    a0__web_redirect(response, 303, a0__text_of(url));
    cookie_session_clear(response, g->settings.cookies);
    event_audit(&g->log, "session.signed_out", request, &client,
                a0__buf_cstr(&user_id));
    return A0_OK;
}

static a0_status
log_out(gateway *g, const a0__web_request *request, a0__web_response *response,
        a0_error **err)
{
    A0_AUTO(gateway_session) session = NULL;
    A0_AUTO(a0__params) form = A0__PARAMS_INIT;
    bool valid = true;

    A0_ENSURE(gateway_is_same_origin(request, gateway_origin_of(request)), err,
              gw_csrf);
    A0_TRY(a0__web_form(request, &form, &valid, err));
    A0_ENSURE(valid, err, gw_request_malformed);
    A0_TRY(gateway_visitor(g, request, response, &session, err));
    if (session == NULL) {
        send_to_signed_out(g, response);
        return A0_OK;
    }
    A0_TRY(gateway_check_csrf(g, request, &form, session, err));
    return end_session(g, request, &form, session, response, err);
}

void
gateway_logout(void *self, a0__web_request *request, a0__web_response *response)
{
    gateway *g = self;
    A0_AUTO(gateway_error) err = NULL;

    if (log_out(g, request, response, &err) != A0_OK) {
        a0__web_response_reset(response);
        gateway_fail(g, request, err, response);
    }
}
