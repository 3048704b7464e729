/* SPDX-License-Identifier: MIT */
/*
 * Signing in by a simulated identity provider. An account that the provider has and
 * the tenant has never seen becomes a user when its owner allows it, as with a real
 * provider.
 */
#include "authorize.h"
#include "identities.h"
#include "login.h"
#include "pages.h"
#include "provider_pages.h"

static a0_status
read_visit(a0__exchange *x, a0__authorization **out_open, a0__provider_visit *out)
{
    a0__authorization *open =
        a0__authorization_find(x->tenant, "open", a0__param(x, "state"));

    out->connection = a0__tenant_connection(x->tenant, a0__param(x, "connection"));
    if (open == NULL || out->connection == NULL ||
        a0__connection_is_database(out->connection)) {
        return a0__page_error(x, 400, "invalid_request",
                              "This sign-in is unknown or took too long. Go back to "
                              "the application and start again.");
    }
    out->client = a0__tenant_client(x->tenant, a0__text_of(open->client_id));
    if (out->client == NULL || !a0__client_uses(out->client, out->connection)) {
        return a0__page_error(x, 400, "invalid_request",
                              "The application does not use this provider.");
    }
    out->form = "/u/provider";
    out->state = open->id;
    out->login_hint = open->login_hint;
    *out_open = open;
    return A0_OK;
}

a0_status
a0__provider_page(a0__exchange *x)
{
    a0__provider_visit visit = { .scopes = NULL };
    a0__authorization *open = NULL;

    A0_TRY(read_visit(x, &open, &visit));
    a0__provider_choose(x, &visit, NULL);
    return A0_OK;
}

/* The provider's account is the tenant's user from now on, under the same id. */
static a0__user *
user_of_account(a0__exchange *x, a0__user *known, const a0__person *person)
{
    a0__table *users = &x->tenant->tables[A0__USERS];

    if (known == NULL) {
        return a0__user_new(x->tenant, person);
    }
    if (a0__account_find(x->tenant, a0__text_of(known->user_id)) == NULL) {
        a0__table_take(&x->tenant->tables[A0__PROVIDER_ACCOUNTS], known);
        a0__table_put(users, known);
    }
    return known;
}

a0_status
a0__provider_submit(a0__exchange *x)
{
    a0__provider_visit visit = { .scopes = NULL };
    a0__person person = { .email_verified = false };
    a0__authorization *open = NULL;
    a0__user *user = NULL;

    A0_TRY(read_visit(x, &open, &visit));
    switch (a0__provider_ask(x, &visit, &user, &person)) {
    case A0__PROVIDER_ASKED:
        return A0_OK;
    case A0__PROVIDER_DENIED:
        return a0__authorize_deny(x, open, "access_denied",
                                  "The user denied the request");
    case A0__PROVIDER_ALLOWED:
        break;
    }
    user = user_of_account(x, user, &person);
    return user != NULL ? a0__authorize_complete(x, open, user)
                        : a0__page_error(x, 500, "server_error", "Try again");
}
