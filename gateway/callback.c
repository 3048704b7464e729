/* SPDX-License-Identifier: MIT */
/*
 * GET /auth/callback: the browser comes back from Auth0. `state` finds the cookie of
 * the sign-in, so only the browser that started it can complete it; a connect belongs
 * to the session itself. What the transaction was opened for decides how it is
 * completed; the library does the rest. It ends in a redirect or an error page, never
 * in content. [CB-01..13, CONN-01, CONN-05]
 */
#include "internal.h"
#include "navigation.h"

/* One callback, and what came of it. */
typedef struct arrival {
    a0_callback_purpose purpose; /* 0: not known */
    bool is_person;              /* somebody is signed in */
    sign_in_cookies held;
    const sign_in_cookie *used; /* of those; NULL: none of the open sign-ins */
    a0_session *session;        /* of the sign-in */
    a0_login *login;
} arrival;

static void
arrival_auto(arrival *a)
{
    a0_session_free(a->session);
    a0_login_free(a->login);
}

/* The sessions that may hold the sign-in, the likeliest first. */
struct candidates {
    const sign_in_cookie *items[SIGN_IN_COOKIES_SEEN_MAX];
    size_t len;
};

static void
add_marked(const sign_in_cookies *held, const char *mark, struct candidates *out)
{
    for (size_t i = held->len; i > 0; i--) {
        if (a0__text_is(a0__text_of(held->items[i - 1].mark), mark)) {
            out->items[out->len] = &held->items[i - 1];
            out->len++;
        }
    }
}

/* Whether the query makes sense is the library's to say; here `state` only chooses a
 * cookie. */
static a0_status
find_candidates(const a0__web_request *request, const sign_in_cookies *held,
                struct candidates *out, a0_error **err)
{
    A0_AUTO(a0__params) params = A0__PARAMS_INIT;
    char mark[STATE_MARK_LEN + 1];
    bool valid = true;
    size_t count = 0;
    a0__text state = A0__NO_TEXT;

    A0_TRY(a0__web_query(request, &params, &valid, err));
    state = a0__params_get(&params, "state", &count);
    if (!valid || count == 0) {
        return A0_OK;
    }
    A0_TRY(cookie_state_mark(state, mark, err));
    add_marked(held, mark, out);
    add_marked(held, cookie_no_mark, out);
    return A0_OK;
}

static bool
belongs_elsewhere(const a0_error *err)
{
    a0__text id = a0__text_of(a0_error_id(err));

    return a0__text_is(id, "callback_state_mismatch") ||
           a0__text_is(id, "callback_state_unknown");
}

/* The session id that a sign-in cookie stands for; NULL when it is none. */
static const char *
own_id(const gateway *g, const a0__web_request *request, const sign_in_cookie *cookie,
       char space[A0_SESSION_ID_LEN + 1])
{
    return gateway_id_of_cookie(g, request, cookie->id, space) ? space : NULL;
}

/* What is open in the session of that id. Nothing but its purpose chooses who may
 * complete it [CB-09]. */
static a0_status
complete_one(gateway *g, const char *id, const a0__web_request *request,
             a0_session *visitor, arrival *a, a0__web_response *response,
             a0_error **err)
{
    A0_AUTO(gateway_session) session = NULL;
    A0_AUTO(a0__buf) query = A0__BUF_INIT(CALLBACK_QUERY_MAX + 1);
    a0_login_complete_options options = A0_LOGIN_COMPLETE_OPTIONS_INIT;

    a0__buf_byte(&query, '?');
    a0__buf_text(&query, request->query);
    A0_TRY(a0__buf_check(&query, err));
    options.replaces = visitor;
    A0_TRY(a0_session_open(g->client, id, &session, err));
    A0_TRY(a0_callback_purpose_of(session, query.ptr, &a->purpose, err));
    switch (a->purpose) {
    case A0_CALLBACK_LOGIN:
        A0_TRY(a0_login_complete(session, query.ptr, &options, &a->login, err));
        a->session = session;
        session = NULL;
        return A0_OK;
    case A0_CALLBACK_CONNECT:
        return gateway_connect_complete(g, request, session, query.ptr, response, err);
    }
    return a0__fail(err, A0_E_internal);
}

/* None of this browser's open sign-ins: a connect, or perhaps a sign-in that it has
 * completed, which its session still knows. [CB-04] */
static a0_status
complete_of_session(gateway *g, const a0__web_request *request, a0_session *visitor,
                    arrival *a, a0__web_response *response, a0_error **err)
{
    char id[A0_SESSION_ID_LEN + 1];
    const sign_in_cookies *held = &a->held;
    const char *newest =
        held->len > 0 ? own_id(g, request, &held->items[held->len - 1], id) : NULL;

    return complete_one(g, visitor != NULL ? a0_session_id(visitor) : newest, request,
                        NULL, a, response, err);
}

static a0_status
complete(gateway *g, const a0__web_request *request, a0_session *visitor,
         const struct candidates *candidates, arrival *a, a0__web_response *response,
         a0_error **err)
{
    char id[A0_SESSION_ID_LEN + 1];
    a0_status status = A0_OK;

    for (size_t i = 0; i < candidates->len; i++) {
        a0_error_free(*err);
        *err = NULL;
        a->used = candidates->items[i];
        status = complete_one(g, own_id(g, request, candidates->items[i], id), request,
                              visitor, a, response, err);
        if (status == A0_OK || !belongs_elsewhere(*err)) {
            return status;
        }
    }
    a->used = NULL;
    if (candidates->len > 0 && visitor == NULL) {
        return status;
    }
    a0_error_free(*err);
    *err = NULL;
    return complete_of_session(g, request, visitor, a, response, err);
}

/* Checked when it was kept; checked again because the configuration may have changed
 * since. [CB-13] */
void
gateway_send_home(gateway *g, const a0__web_request *request, const char *return_to,
                  a0__web_response *response)
{
    a0__text target = a0__text_of(return_to);

    if (target.len == 0) {
        target = a0__text_of(g->settings.default_return_to);
    } else if (!gateway_redirect_is_allowed(target, &g->settings.return_to_allowed)) {
        event_note(&g->log, A0_LOG_INFO, "redirect.replaced", request, "callback");
        target = a0__text_of(g->settings.default_return_to);
    }
    a0__web_redirect(response, 303, target);
}

static void
welcome(gateway *g, const a0__web_request *request, const arrival *a,
        a0__web_response *response)
{
    a0__address client = gateway_client_of(g, request);
    int64_t now = a0_clock_system()->wall_ms(NULL) / 1000;
    int64_t left = 0;
    link_notice notice = LINK_NO_NOTICE;

    if (a->used != NULL) {
        cookie_sign_in_clear(response, g->settings.cookies, a->used);
    }
    if (a0_login_was_completed(a->login)) {
        /* the browser has its session */
        gateway_send_home(g, request, a0_login_return_to(a->login), response);
        return;
    }
    notice = gateway_link(g, request, a->session);
    if (notice == LINK_NO_NOTICE) {
        gateway_send_home(g, request, a0_login_return_to(a->login), response);
    } else {
        gateway_link_tell(g, notice, a0_login_return_to(a->login), response);
    }
    if (!a0_session_is_signed_in(a->session)) {
        cookie_session_clear(response, g->settings.cookies);
        return;
    }
    left = a0_session_expires_at(a->session) - now;
    gateway_session_keep(g, request, a0_session_id(a->session), left > 0 ? left : 1,
                         response);
    event_audit(&g->log, "session.signed_in", request, &client,
                a0_session_user_id(a->session));
}

/* One more callback that belongs to no sign-in of this browser. */
static int
count_failure(gateway *g, const a0__web_request *request)
{
    a0__address client = gateway_client_of(g, request);

    return limiter_take(&g->failure_limit, a0__address_bucket(&client),
                        a0_clock_system()->monotonic_ms(NULL));
}

static a0_status
come_back(gateway *g, const a0__web_request *request, arrival *a,
          a0__web_response *response, a0_error **err)
{
    A0_AUTO(gateway_session) visitor = NULL;
    struct candidates candidates = { .len = 0 };
    a0_status status = A0_OK;
    int wait_s = 0;

    cookie_sign_ins(request, g->settings.cookies, &a->held);
    A0_TRY(find_candidates(request, &a->held, &candidates, err));
    A0_TRY(gateway_visitor(g, request, response, &visitor, err));
    a->is_person = visitor != NULL;
    /* Forged callbacks can not use up what the real one needs. A cookie that was made
     * up as well shows only when its sign-in is not found. [GW-12] */
    if (candidates.len == 0 && visitor == NULL) {
        wait_s = count_failure(g, request);
    }
    if (wait_s == 0) {
        status = complete(g, request, visitor, &candidates, a, response, err);
    }
    if (candidates.len > 0 && status != A0_OK && belongs_elsewhere(*err)) {
        wait_s = count_failure(g, request);
    }
    if (wait_s > 0) {
        a0_error_free(*err);
        *err = NULL;
        gateway_too_many(g, request, wait_s, response);
        return A0_OK;
    }
    A0_TRY(status);
    if (a->login != NULL) {
        welcome(g, request, a, response);
    }
    return A0_OK;
}

/* Without a word in the query, the answer to a connect may stand in the fragment, which
 * only the browser sees [CB-11]. */
static void
refuse(gateway *g, const a0__web_request *request, const arrival *a,
       const a0_error *err, a0__web_response *response)
{
    a0__web_response_reset(response);
    if (a->purpose == A0_CALLBACK_CONNECT) {
        gateway_fail_as(g, request, "connect", err, response);
    } else {
        gateway_fail(g, request, err, response);
    }
    if (a->is_person && request->query.len == 0 && a0__web_wants_html(request)) {
        gateway_show_fragment(g, response);
    }
}

void
gateway_callback(void *self, a0__web_request *request, a0__web_response *response)
{
    gateway *g = self;
    A0_AUTO(gateway_error) err = NULL;
    A0_AUTO(arrival) a = { .used = NULL };

    if (gateway_is_prefetch(request)) {
        gateway_refuse(g, request, A0_E_gw_prefetch_refused, 403, response);
        return;
    }
    if (request->query.len > CALLBACK_QUERY_MAX) {
        gateway_refuse(g, request, A0_E_callback_malformed, 414, response);
        return;
    }
    if (come_back(g, request, &a, response, &err) != A0_OK) {
        refuse(g, request, &a, err, response);
    }
}
