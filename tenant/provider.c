/* SPDX-License-Identifier: MIT */
/*
 * The simulated identity providers: an account chooser and a consent page. An account
 * that the provider has and the tenant has never seen becomes a user when its owner
 * allows it, as with a real provider.
 */
#include "authorize.h"
#include "login.h"
#include "page_files.h"
#include "pages.h"
#include "people.h"

enum {
    ACCOUNTS_MAX = 256 * 1024,
    NOTICE_MAX = 256
};

typedef struct visit {
    a0__authorization *open;
    const a0__connection *connection;
    const a0__client *client;
} visit;

static a0_status
read_visit(a0__exchange *x, visit *out)
{
    out->open = a0__authorization_find(x->tenant, "open", a0__param(x, "state"));
    out->connection = a0__tenant_connection(x->tenant, a0__param(x, "connection"));
    if (out->open == NULL || out->connection == NULL ||
        a0__connection_is_database(out->connection)) {
        return a0__page_error(x, 400, "invalid_request",
                              "This sign-in is unknown or took too long. Go back to "
                              "the application and start again.");
    }
    out->client = a0__tenant_client(x->tenant, a0__text_of(out->open->client_id));
    if (out->client == NULL || (out->client->connections.len > 0 &&
                                !a0__list_has(&out->client->connections,
                                              a0__text_of(out->connection->name)))) {
        return a0__page_error(x, 400, "invalid_request",
                              "The application does not use this provider.");
    }
    return A0_OK;
}

static void
write_notice(const visit *v, a0__buf *out)
{
    a0__buf_string(out, "Simulated provider — this is not ");
    a0__buf_text(out, a0__provider_name(v->connection));
}

static void
write_account(const visit *v, const a0__user *user, a0__buf *out)
{
    a0__text yes = A0__LIT("yes");
    bool has_email = *user->email != '\0';

    a0__template_fill(
        a0__page_provider_account,
        (const a0__page_value[]){
            { "state", a0__text_of(v->open->id) },
            { "connection", a0__text_of(v->connection->name) },
            { "user_id", a0__text_of(user->user_id) },
            { "initial", a0__text_range(user->nickname, 1) },
            { "name", a0__text_of(user->name) },
            { "email", has_email ? a0__text_of(user->email) : A0__LIT("no e-mail") },
            { "verified", has_email && user->email_verified ? yes : A0__NO_TEXT },
            { "unverified", has_email && !user->email_verified ? yes : A0__NO_TEXT },
            { NULL, A0__NO_TEXT } },
        out);
}

static void
show_chooser(a0__exchange *x, const visit *v, const char *problem)
{
    A0_AUTO(a0__buf) accounts = A0__BUF_INIT(ACCOUNTS_MAX);
    A0_AUTO(a0__buf) notice = A0__BUF_INIT(NOTICE_MAX);
    const a0__table *users = &x->tenant->tables[A0__USERS];
    a0__text hint = a0__text_of(v->open->login_hint);

    for (a0__user *u = a0__table_first(users); u != NULL; u = a0__table_next(u)) {
        if (a0__text_is(a0__text_of(v->connection->name), u->connection)) {
            write_account(v, u, &accounts);
        }
    }
    write_notice(v, &notice);
    a0__page_show(x, problem != NULL ? 400 : 200, "Choose an account",
                  a0__page_provider,
                  (const a0__page_value[]){
                      { "notice", a0__buf_view(&notice) },
                      { "state", a0__text_of(v->open->id) },
                      { "connection", a0__text_of(v->connection->name) },
                      { "strategy", a0__text_of(v->connection->strategy) },
                      { "letter", a0__provider_letter(v->connection) },
                      { "display_name", a0__provider_name(v->connection) },
                      { "client", a0__text_of(v->client->name) },
                      { "problem", a0__text_of(problem) },
                      { "accounts", a0__buf_view(&accounts) },
                      { "username", hint },
                      { "open", hint.len > 0 || accounts.len == 0 || problem != NULL
                                    ? A0__LIT("yes")
                                    : A0__NO_TEXT },
                      { NULL, A0__NO_TEXT } });
}

a0_status
a0__provider_page(a0__exchange *x)
{
    visit v = { .open = NULL };

    A0_TRY(read_visit(x, &v));
    show_chooser(x, &v, NULL);
    return A0_OK;
}

/* Who was chosen: a known account by id, or what was typed. */
static void
read_person(const a0__exchange *x, const a0__user *known, a0__person *out)
{
    if (known != NULL) {
        out->email = a0__text_of(known->email);
        out->name = a0__text_of(known->name);
        out->email_verified = known->email_verified;
        return;
    }
    out->email = a0__text_trim(a0__param(x, "email"));
    out->name = a0__text_trim(a0__param(x, "name"));
    out->email_verified = a0__text_is(a0__param(x, "email_verified"), "true");
    if (out->name.len == 0) {
        out->name = out->email;
    }
}

static void
show_consent(a0__exchange *x, const visit *v, const a0__user *known,
             const a0__person *person)
{
    A0_AUTO(a0__buf) notice = A0__BUF_INIT(NOTICE_MAX);

    write_notice(v, &notice);
    a0__page_show(
        x, 200, "Share your details?", a0__page_consent,
        (const a0__page_value[]){
            { "notice", a0__buf_view(&notice) },
            { "state", a0__text_of(v->open->id) },
            { "connection", a0__text_of(v->connection->name) },
            { "strategy", a0__text_of(v->connection->strategy) },
            { "letter", a0__provider_letter(v->connection) },
            { "display_name", a0__provider_name(v->connection) },
            { "client", a0__text_of(v->client->name) },
            { "user_id", a0__text_of(known != NULL ? known->user_id : "") },
            { "email", person->email },
            { "shown_email", person->email.len > 0 ? person->email : A0__LIT("none") },
            { "name", person->name },
            { "email_verified",
              person->email_verified ? A0__LIT("true") : A0__LIT("false") },
            { "verified_word",
              person->email_verified ? A0__LIT("yes") : A0__LIT("no") },
            { NULL, A0__NO_TEXT } });
}

/* The provider's account is the tenant's user; a known address is its account. */
static a0__user *
user_of_provider(a0__exchange *x, const visit *v, a0__user *known,
                 const a0__person *person)
{
    a0__user *user = known;

    if (user == NULL && person->email.len > 0) {
        user = a0__user_by_email(x->tenant, a0__text_of(v->connection->name),
                                 person->email);
    }
    return user != NULL ? user : a0__user_new(x->tenant, person);
}

a0_status
a0__provider_submit(a0__exchange *x)
{
    visit v = { .open = NULL };
    a0__person person = { .email_verified = false };
    a0__user *known = NULL;
    a0__user *user = NULL;

    A0_TRY(read_visit(x, &v));
    if (a0__text_is(a0__param(x, "action"), "deny")) {
        return a0__authorize_deny(x, v.open, "access_denied",
                                  "The user denied the request");
    }
    known = a0__table_get(&x->tenant->tables[A0__USERS], a0__param(x, "user_id"));
    if (known != NULL &&
        !a0__text_is(a0__text_of(v.connection->name), known->connection)) {
        known = NULL;
    }
    read_person(x, known, &person);
    person.connection = a0__text_of(v.connection->name);
    if (known == NULL && person.name.len == 0) {
        show_chooser(x, &v, "Give the new account an e-mail address or a name.");
        return A0_OK;
    }
    if (!a0__text_is(a0__param(x, "action"), "allow")) {
        show_consent(x, &v, known, &person);
        return A0_OK;
    }
    user = user_of_provider(x, &v, known, &person);
    return user != NULL ? a0__authorize_complete(x, v.open, user)
                        : a0__page_error(x, 500, "server_error", "Try again");
}
