/* SPDX-License-Identifier: MIT */
/* Sign-in and sign-up by password. */
#include "login.h"

#include "authorize.h"
#include "page_files.h"
#include "pages.h"
#include "people.h"

enum {
    PASSWORD_MIN = 8,
    PROVIDERS_MAX = 64 * 1024
};

static a0_status
find_open(a0__exchange *x, a0__authorization **out)
{
    *out = a0__authorization_find(x->tenant, "open", a0__param(x, "state"));
    if (*out == NULL) {
        return a0__page_error(x, 400, "invalid_request",
                              "This sign-in is unknown or took too long. Go back to "
                              "the application and start again.");
    }
    return A0_OK;
}

/* The password database this request may use; NULL when there is none. */
static const a0__connection *
database_of(const a0__exchange *x, const a0__authorization *open)
{
    const a0__table *table = &x->tenant->tables[A0__CONNECTIONS];
    const a0__client *client =
        a0__tenant_client(x->tenant, a0__text_of(open->client_id));

    for (a0__connection *c = a0__table_first(table); c != NULL; c = a0__table_next(c)) {
        a0__text name = a0__text_of(c->name);

        if (a0__connection_is_database(c) &&
            (*open->connection == '\0' || a0__text_is(name, open->connection)) &&
            (client == NULL || client->connections.len == 0 ||
             a0__list_has(&client->connections, name))) {
            return c;
        }
    }
    return NULL;
}

static a0__text
organization_name(const a0__exchange *x, const a0__authorization *open)
{
    const a0__organization *organization =
        a0__tenant_organization(x->tenant, a0__text_of(open->organization));

    if (organization == NULL) {
        return A0__NO_TEXT;
    }
    return a0__text_of(*organization->display_name != '\0' ? organization->display_name
                                                           : organization->name);
}

/* What stands in the field at first: typed, invited, or hinted. */
static a0__text
username_of(const a0__exchange *x, const a0__authorization *open, a0__text typed)
{
    const a0__invitation *invitation = a0__table_get(
        &x->tenant->tables[A0__INVITATIONS], a0__text_of(open->invitation));

    if (typed.len > 0) {
        return typed;
    }
    return a0__text_of(invitation != NULL ? invitation->email : open->login_hint);
}

static void
show(a0__exchange *x, const a0__authorization *open, const char *title, a0__text page,
     const char *problem, a0__text typed)
{
    A0_AUTO(a0__buf) providers = A0__BUF_INIT(PROVIDERS_MAX);
    const a0__client *client =
        a0__tenant_client(x->tenant, a0__text_of(open->client_id));
    a0__text database = database_of(x, open) != NULL ? A0__LIT("yes") : A0__NO_TEXT;

    a0__page_providers(x, open, &providers);
    a0__page_show(x, problem != NULL ? 400 : 200, title, page,
                  (const a0__page_value[]){
                      { "state", a0__text_of(open->id) },
                      { "client", a0__text_of(client != NULL ? client->name : "") },
                      { "organization", organization_name(x, open) },
                      { "problem", a0__text_of(problem) },
                      { "username", username_of(x, open, typed) },
                      { "database", database },
                      { "both", providers.len > 0 ? database : A0__NO_TEXT },
                      { "providers", a0__buf_view(&providers) },
                      { NULL, A0__NO_TEXT } });
}

a0_status
a0__login_page(a0__exchange *x)
{
    a0__authorization *open = NULL;

    A0_TRY(find_open(x, &open));
    show(x, open, "Sign in", a0__page_login, NULL, A0__NO_TEXT);
    return A0_OK;
}

a0_status
a0__login_submit(a0__exchange *x)
{
    a0__authorization *open = NULL;
    const a0__connection *database = NULL;
    a0__user *user = NULL;

    A0_TRY(find_open(x, &open));
    database = database_of(x, open);
    if (database != NULL) {
        user = a0__account_by_email(x->tenant, a0__text_of(database->name),
                                    a0__text_trim(a0__param(x, "username")));
    }
    if (user == NULL || !a0__user_password_is(user, a0__param(x, "password"))) {
        show(x, open, "Sign in", a0__page_login, "Wrong email or password.",
             a0__param(x, "username"));
        return A0_OK;
    }
    return a0__authorize_complete(x, open, user);
}

a0_status
a0__signup_page(a0__exchange *x)
{
    a0__authorization *open = NULL;

    A0_TRY(find_open(x, &open));
    show(x, open, "Sign up", a0__page_signup, NULL, A0__NO_TEXT);
    return A0_OK;
}

static const char *
problem_of_signup(const a0__exchange *x, const a0__connection *database, a0__text email)
{
    if (database == NULL) {
        return "This application takes no sign-up by password.";
    }
    if (!a0__text_contains_byte(email, '@') || !a0__text_is_visible_ascii(email)) {
        return "That is no e-mail address.";
    }
    if (email.len > A0__ATTRIBUTE_MAX) {
        return "That address is too long.";
    }
    if (a0__param(x, "password").len < PASSWORD_MIN) {
        return "The password is too short: at least 8 characters.";
    }
    if (a0__account_by_email(x->tenant, a0__text_of(database->name), email) != NULL) {
        return "Something went wrong, please try again later";
    }
    return NULL;
}

a0_status
a0__signup_submit(a0__exchange *x)
{
    a0__authorization *open = NULL;
    const a0__connection *database = NULL;
    a0__text email = a0__text_trim(a0__param(x, "email"));
    const char *problem = NULL;
    a0__user *user = NULL;

    A0_TRY(find_open(x, &open));
    database = database_of(x, open);
    problem = problem_of_signup(x, database, email);
    if (problem != NULL) {
        show(x, open, "Sign up", a0__page_signup, problem, email);
        return A0_OK;
    }
    user = a0__user_new(
        x->tenant,
        &(a0__person){ .connection = a0__text_of(database->name),
                       .email = email,
                       .password = a0__param(x, "password"),
                       .email_verified = a0__has_param(x, "email_verified") });
    return user != NULL ? a0__authorize_complete(x, open, user)
                        : a0__page_error(x, 500, "server_error", "Try again");
}

a0_status
a0__style(a0__exchange *x)
{
    a0__web_body_static(x->response, "text/css; charset=utf-8", a0__page_style_css);
    a0__web_header_set(x->response, "Cache-Control", A0__LIT("public, max-age=60"));
    return A0_OK;
}
