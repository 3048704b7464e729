/* SPDX-License-Identifier: MIT */
/* The browser's way of a connect: ticket, provider, back (wire §19.2). */
#include "my_account.h"
#include "pages.h"
#include "provider_pages.h"
#include "sso.h"

enum {
    URL_MAX = 16 * 1024
};

/* In the query, or where the fault connect.fragment puts it. */
static a0_status
redirect_back(a0__exchange *x, const a0__connect *connect, a0__form *params)
{
    A0_AUTO(a0__buf) url = A0__BUF_INIT(URL_MAX);
    bool in_fragment = false;

    if (*connect->state != '\0') {
        a0__form_add_string(params, "state", connect->state);
    }
    (void)a0__fault_take_bool(&x->tenant->faults, "connect.fragment", &in_fragment);
    if (in_fragment) {
        a0__buf_format(&url, "%s#%s", connect->redirect_uri,
                       a0__buf_cstr(&params->text));
    } else {
        a0__url_with(a0__text_of(connect->redirect_uri), params, &url);
    }
    a0__answer_redirect(x, a0__buf_view(&url));
    return A0_OK;
}

static a0_status
deny(a0__exchange *x, a0__connect *connect, const char *error, const char *description)
{
    A0_AUTO(a0__form) params = A0__FORM_INIT(URL_MAX);

    a0__connect_advance(connect, "denied", "");
    a0__form_add_string(&params, "error", error);
    a0__form_add_string(&params, "error_description", description);
    return redirect_back(x, connect, &params);
}

static a0_status
allow(a0__exchange *x, a0__connect *connect, const a0__user *account)
{
    A0_AUTO(a0__form) params = A0__FORM_INIT(URL_MAX);

    a0__keep_in(&connect->idp_user_id, a0__idp_user_id(account));
    a0__connect_advance(connect, "answered", "");
    a0__form_add_string(&params, "connect_code", connect->handle);
    return redirect_back(x, connect, &params);
}

/* A browser that is signed in as somebody else did not start this. One that is not
 * signed in may go on, so that a machine can drive it. */
static bool
is_somebody_else(a0__exchange *x, const a0__connect *connect)
{
    const a0__sso *session = a0__sso_of_browser(x);

    return session != NULL &&
           !a0__text_is(a0__text_of(session->user_id), connect->user_id) &&
           a0__connect_is_bound(x);
}

/* POST /_tenant/next-connect: who allows the next connect without being asked. */
static const a0__user *
take_next_connect(a0__exchange *x, const a0__connect *connect)
{
    a0__list *waiting = &x->tenant->next_connects;
    const a0__user *account = NULL;

    if (waiting->len == 0) {
        return NULL;
    }
    account = a0__provider_account(x->tenant, a0__text_of(connect->connection),
                                   a0__text_of(waiting->items[0]));
    if (account != NULL) {
        a0__list_remove_first(waiting);
    }
    return account;
}

/* The fault connect.error: {"error", "error_description"}. */
static bool
denies_by_fault(a0__exchange *x, a0__connect *connect)
{
    A0_AUTO(a0__json_doc) fault = a0__fault_take(&x->tenant->faults, "connect.error");
    A0_AUTO(a0__string) error = NULL;
    A0_AUTO(a0__string) description = NULL;
    const a0__json *value = a0__json_member(fault, "value");

    if (value == NULL) {
        return false;
    }
    error = a0__keep(a0__json_text_of_member(value, "error"));
    description = a0__keep(a0__json_text_of_member(value, "error_description"));
    return deny(x, connect, error, description) == A0_OK;
}

/* A ticket opens the provider once. */
a0_status
a0__connect_browser(a0__exchange *x)
{
    A0_AUTO(a0__buf) url = A0__BUF_INIT(URL_MAX);
    a0__connect *connect = a0__connect_find(x, "started", a0__param(x, "ticket"));
    const a0__user *account = NULL;

    if (connect == NULL) {
        return a0__page_error(x, 400, "invalid_request",
                              "This connect is unknown, was opened before or took too "
                              "long. Go back to the application and start again.");
    }
    a0__connect_advance(connect, "open", "");
    if (is_somebody_else(x, connect)) {
        return deny(x, connect, "access_denied",
                    "The browser is signed in as another user");
    }
    if (denies_by_fault(x, connect)) {
        return A0_OK;
    }
    account = take_next_connect(x, connect);
    if (account != NULL) {
        return allow(x, connect, account);
    }
    a0__buf_format(&url, "/u/connect?state=%s", connect->handle);
    a0__answer_redirect(x, a0__buf_view(&url));
    return A0_OK;
}

static a0_status
read_visit(a0__exchange *x, a0__connect **out_connect, a0__provider_visit *out)
{
    a0__connect *connect = a0__connect_find(x, "open", a0__param(x, "state"));

    if (connect != NULL) {
        out->connection =
            a0__tenant_connection(x->tenant, a0__text_of(connect->connection));
        out->client = a0__tenant_client(x->tenant, a0__text_of(connect->client_id));
    }
    if (connect == NULL || out->connection == NULL || out->client == NULL) {
        return a0__page_error(x, 400, "invalid_request",
                              "This connect is unknown or took too long. Go back to "
                              "the application and start again.");
    }
    out->form = "/u/connect";
    out->state = connect->handle;
    out->login_hint = connect->login_hint;
    out->scopes = &connect->scopes;
    *out_connect = connect;
    return A0_OK;
}

a0_status
a0__connect_page(a0__exchange *x)
{
    a0__provider_visit visit = { .connection = NULL };
    a0__connect *connect = NULL;

    A0_TRY(read_visit(x, &connect, &visit));
    a0__provider_choose(x, &visit, NULL);
    return A0_OK;
}

a0_status
a0__connect_submit(a0__exchange *x)
{
    a0__provider_visit visit = { .connection = NULL };
    a0__person person = { .email_verified = false };
    a0__connect *connect = NULL;
    a0__user *account = NULL;

    A0_TRY(read_visit(x, &connect, &visit));
    switch (a0__provider_ask(x, &visit, &account, &person)) {
    case A0__PROVIDER_ASKED:
        return A0_OK;
    case A0__PROVIDER_DENIED:
        return deny(x, connect, "access_denied", "The user denied the request");
    case A0__PROVIDER_ALLOWED:
        break;
    }
    if (account == NULL) {
        account = a0__provider_account_new(x->tenant, &person);
    }
    return account != NULL ? allow(x, connect, account)
                           : a0__page_error(x, 500, "server_error", "Try again");
}
