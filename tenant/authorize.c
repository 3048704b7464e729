/* SPDX-License-Identifier: MIT */
#include "authorize.h"

#include "identities.h"
#include "pages.h"
#include "sso.h"
#include "tokens.h"

enum {
    OPEN_LIFETIME_S = 3600,
    URL_MAX = 16 * 1024
};

/* Back to the application, with what authz.iss and authz.extra ask for. */
static void
redirect_back(a0__exchange *x, const a0__authorization *request, a0__form *params)
{
    A0_AUTO(a0__buf) url = A0__BUF_INIT(URL_MAX);
    A0_AUTO(a0__buf) iss = A0__BUF_INIT(URL_MAX);
    A0_AUTO(a0__buf) extra = A0__BUF_INIT(URL_MAX);

    if (*request->state != '\0') {
        a0__form_add_string(params, "state", request->state);
    }
    if (a0__fault_take_text(&x->tenant->faults, "authz.iss", &iss)) {
        a0__form_add(params, "iss",
                     a0__text_is(a0__buf_view(&iss), "match")
                         ? a0__text_of(x->tenant->issuer)
                         : a0__buf_view(&iss));
    }
    if (a0__fault_take_text(&x->tenant->faults, "authz.extra", &extra)) {
        a0__buf_byte(&params->text, '&');
        a0__buf_text(&params->text, a0__buf_view(&extra));
    }
    if (a0__text_is(A0__LIT("fragment"), request->response_mode)) {
        a0__buf_format(&url, "%s#%s", request->redirect_uri,
                       a0__buf_cstr(&params->text));
    } else {
        a0__url_with(a0__text_of(request->redirect_uri), params, &url);
    }
    a0__answer_redirect(x, a0__buf_view(&url));
}

static void
redirect_error(a0__exchange *x, const a0__authorization *request, const char *error,
               const char *description)
{
    A0_AUTO(a0__form) params = A0__FORM_INIT(URL_MAX);

    a0__form_add_string(&params, "error", error);
    a0__form_add_string(&params, "error_description", description);
    redirect_back(x, request, &params);
}

a0_status
a0__authorize_deny(a0__exchange *x, a0__authorization *open, const char *error,
                   const char *description)
{
    redirect_error(x, open, error, description);
    a0__table_remove(&x->tenant->tables[A0__AUTHORIZATIONS], open);
    return A0_OK;
}

/* Wire §13: an invitation makes a member; everybody else has to be one already. */
static bool
enters_organization(a0__exchange *x, const a0__authorization *open,
                    const a0__user *user)
{
    a0__organization *organization = NULL;
    a0__invitation *invitation = NULL;

    if (*open->organization == '\0') {
        return true;
    }
    organization = a0__tenant_organization(x->tenant, a0__text_of(open->organization));
    if (organization == NULL) {
        return false;
    }
    invitation = a0__table_get(&x->tenant->tables[A0__INVITATIONS],
                               a0__text_of(open->invitation));
    if (invitation != NULL &&
        a0__text_equal_ignoring_case(a0__text_of(invitation->email),
                                     a0__text_of(user->email))) {
        a0__list_add(&organization->members, a0__text_of(user->user_id));
        a0__table_touch(organization);
        a0__table_remove(&x->tenant->tables[A0__INVITATIONS], invitation);
    }
    return a0__list_has(&organization->members, a0__text_of(user->user_id));
}

/* Turns the open request into a code of this session. */
static void
answer_code(a0__exchange *x, a0__authorization *open, a0__sso *session)
{
    A0_AUTO(a0__form) params = A0__FORM_INIT(URL_MAX);

    a0__list_add(&session->clients, a0__text_of(open->client_id));
    a0__table_touch(session);
    a0__keep_in(&open->user_id, a0__text_of(session->user_id));
    a0__keep_in(&open->sid, a0__text_of(session->sid));
    open->auth_time = session->auth_time;
    a0__table_take(&x->tenant->tables[A0__AUTHORIZATIONS], open);
    a0__authorization_store(x->tenant, open, "code", "",
                            a0__tenant_settings_of(x->tenant)->code_lifetime);
    a0__form_add_string(&params, "code", open->id);
    redirect_back(x, open, &params);
}

a0_status
a0__authorize_complete(a0__exchange *x, a0__authorization *open, a0__user *account)
{
    A0_AUTO(a0__string) now = a0__tenant_now_iso(x->tenant);
    a0__user *user = a0__user_of_account(x->tenant, account);

    if (user == NULL) {
        return a0__authorize_deny(x, open, "access_denied", "the user does not exist");
    }
    if (a0__user_is_blocked(x->tenant, user)) {
        return a0__authorize_deny(x, open, "access_denied", "user is blocked");
    }
    if (!enters_organization(x, open, user)) {
        return a0__authorize_deny(x, open, "access_denied",
                                  "user is not a member of the organization");
    }
    a0__keep_in(&user->last_login, a0__text_of(now));
    user->logins_count++;
    a0__table_touch(user);
    answer_code(x, open, a0__sso_begin(x, user, account->connection));
    return A0_OK;
}

/* Whether the browser's session answers this request without a page. */
static bool
is_fresh_enough(const a0__exchange *x, const a0__authorization *request,
                const a0__sso *session)
{
    a0__text prompt = a0__text_of(request->prompt);

    return !a0__text_has_word(prompt, A0__LIT("login")) &&
           !a0__text_has_word(prompt, A0__LIT("select_account")) &&
           *request->invitation == '\0' &&
           !a0__text_is(A0__LIT("signup"), request->screen_hint) &&
           (request->max_age < 0 || x->now <= session->auth_time + request->max_age) &&
           (*request->connection == '\0' ||
            a0__text_is(a0__text_of(request->connection), session->connection));
}

/* Silently, by the session; NULL when somebody has to sign in. */
static a0__user *
user_of_session(a0__exchange *x, const a0__authorization *request,
                const a0__sso *session)
{
    if (session == NULL || !is_fresh_enough(x, request, session)) {
        return NULL;
    }
    return a0__table_get(&x->tenant->tables[A0__USERS], a0__text_of(session->user_id));
}

static a0_status
complete_silently(a0__exchange *x, a0__authorization *open, const a0__user *user,
                  a0__sso *session)
{
    if (a0__user_is_blocked(x->tenant, user)) {
        return a0__authorize_deny(x, open, "access_denied", "user is blocked");
    }
    if (!enters_organization(x, open, user)) {
        return a0__authorize_deny(x, open, "access_denied",
                                  "user is not a member of the organization");
    }
    answer_code(x, open, session);
    return A0_OK;
}

/* POST /_tenant/next-login: who the next /authorize takes for granted. */
static a0__user *
take_next_login(a0__tenant *tenant)
{
    a0__user *user = NULL;

    if (tenant->next_logins.len == 0) {
        return NULL;
    }
    user = a0__account_find(tenant, a0__text_of(tenant->next_logins.items[0]));
    a0__list_remove_first(&tenant->next_logins);
    return user;
}

static void
redirect_to_page(a0__exchange *x, const a0__authorization *open)
{
    A0_AUTO(a0__buf) url = A0__BUF_INIT(URL_MAX);
    A0_AUTO(a0__form) params = A0__FORM_INIT(URL_MAX);
    const a0__connection *connection =
        a0__tenant_connection(x->tenant, a0__text_of(open->connection));
    const char *page = "/u/login";

    a0__form_add_string(&params, "state", open->id);
    if (connection != NULL && !a0__connection_is_database(connection)) {
        page = "/u/provider";
        a0__form_add_string(&params, "connection", open->connection);
    } else if (a0__text_is(A0__LIT("signup"), open->screen_hint) ||
               *open->invitation != '\0') {
        page = "/u/signup";
    }
    a0__url_with(a0__text_of(page), &params, &url);
    a0__answer_redirect(x, a0__buf_view(&url));
}

static a0_status
decide(a0__exchange *x, a0__authorization *open)
{
    A0_AUTO(a0__json_doc) fault = a0__fault_take(&x->tenant->faults, "authz.error");
    const a0__json *value = a0__json_member(fault, "value");
    a0__sso *session = a0__sso_of_browser(x);
    a0__user *user = NULL;

    if (value != NULL) {
        A0_AUTO(a0__string) error = a0__keep(a0__json_text_of_member(value, "error"));
        A0_AUTO(a0__string)
        description = a0__keep(a0__json_text_of_member(value, "error_description"));

        return a0__authorize_deny(x, open, error, description);
    }
    user = take_next_login(x->tenant);
    if (user != NULL) {
        return a0__authorize_complete(x, open, user);
    }
    user = user_of_session(x, open, session);
    if (user != NULL) {
        return complete_silently(x, open, user, session);
    }
    if (a0__text_is(A0__LIT("none"), open->prompt)) {
        return a0__authorize_deny(x, open, "login_required", "Login required");
    }
    redirect_to_page(x, open);
    return A0_OK;
}

/* Wire §5: by reference; what else stands in the query is ignored. */
static a0_status
take_pushed(a0__exchange *x, const a0__client *client, a0__authorization **out)
{
    a0__authorization *pushed =
        a0__authorization_find(x->tenant, "pushed", a0__param(x, "request_uri"));

    if (pushed == NULL ||
        !a0__text_is(a0__text_of(pushed->client_id), client->client_id)) {
        return a0__page_error(x, 400, "invalid_request",
                              "The request_uri is unknown, used or expired");
    }
    a0__table_take(&x->tenant->tables[A0__AUTHORIZATIONS], pushed);
    *out = pushed;
    return A0_OK;
}

static a0_status
read_plain(a0__exchange *x, const a0__client *client, a0__authorization **out)
{
    a0__table *table = &x->tenant->tables[A0__AUTHORIZATIONS];
    a0__authorization *request = NULL;
    a0__refusal refusal = { .error = NULL };

    if (client->require_pushed_authorization_requests) {
        return a0__page_error(
            x, 400, "invalid_request",
            "This application has to push its authorization requests");
    }
    request = a0__row_new(table);
    refusal = a0__authorization_read(x, client, request);
    if (refusal.error == NULL) {
        *out = request;
        return A0_OK;
    }
    if (refusal.is_page) {
        a0__write_error_page(x, 403, refusal.error, refusal.description);
    } else {
        redirect_error(x, request, refusal.error, refusal.description);
    }
    a0__row_free(table, request);
    return A0_REFUSED;
}

a0_status
a0__authorize(a0__exchange *x)
{
    a0__client *client = a0__tenant_client(x->tenant, a0__param(x, "client_id"));
    a0__authorization *open = NULL;

    if (client == NULL) {
        return a0__page_error(x, 403, "unauthorized_client",
                              "There is no application with this client_id");
    }
    if (a0__has_param(x, "request_uri")) {
        A0_TRY(take_pushed(x, client, &open));
    } else {
        A0_TRY(read_plain(x, client, &open));
    }
    a0__authorization_store(x->tenant, open, "open", "", OPEN_LIFETIME_S);
    return decide(x, open);
}
