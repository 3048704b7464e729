/* SPDX-License-Identifier: MIT */
#include "provider_pages.h"

#include "page_files.h"
#include "pages.h"
#include "server/html.h"

enum {
    ACCOUNTS_MAX = 256 * 1024,
    ACCOUNTS_SHOWN = 100, /* the rest signs in by typing the address */
    SCOPES_MAX = 64 * 1024,
    NOTICE_MAX = 256
};

static void
write_notice(const a0__provider_visit *v, a0__buf *out)
{
    a0__buf_string(out, "Simulated provider — this is not ");
    a0__buf_text(out, a0__provider_name(v->connection));
}

static void
write_account(const a0__provider_visit *v, const a0__user *user, a0__buf *out)
{
    a0__text yes = A0__LIT("yes");
    bool has_email = *user->email != '\0';

    a0__template_fill(
        a0__page_provider_account,
        (const a0__page_value[]){
            { "form", a0__text_of(v->form) },
            { "state", a0__text_of(v->state) },
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
write_accounts(const a0__exchange *x, const a0__provider_visit *v, a0__buf *out)
{
    static const a0__kind kinds[] = { A0__USERS, A0__LINKED_ACCOUNTS,
                                      A0__PROVIDER_ACCOUNTS };
    int shown = 0;

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const a0__table *table = &x->tenant->tables[kinds[i]];

        for (a0__user *u = a0__table_first(table); u != NULL && shown < ACCOUNTS_SHOWN;
             u = a0__table_next(u)) {
            if (a0__text_is(a0__text_of(v->connection->name), u->connection)) {
                write_account(v, u, out);
                shown++;
            }
        }
    }
}

void
a0__provider_choose(a0__exchange *x, const a0__provider_visit *v, const char *problem)
{
    A0_AUTO(a0__buf) accounts = A0__BUF_INIT(ACCOUNTS_MAX);
    A0_AUTO(a0__buf) notice = A0__BUF_INIT(NOTICE_MAX);
    a0__text hint = a0__text_of(v->login_hint);

    write_accounts(x, v, &accounts);
    write_notice(v, &notice);
    a0__page_show(x, problem != NULL ? 400 : 200, "Choose an account",
                  a0__page_provider,
                  (const a0__page_value[]){
                      { "notice", a0__buf_view(&notice) },
                      { "form", a0__text_of(v->form) },
                      { "state", a0__text_of(v->state) },
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
write_scopes(const a0__provider_visit *v, a0__buf *out)
{
    for (size_t i = 0; v->scopes != NULL && i < v->scopes->len; i++) {
        a0__buf_string(out, "<li>");
        a0__html_escape(a0__text_of(v->scopes->items[i]), out);
        a0__buf_string(out, "</li>\n");
    }
}

static void
show_consent(a0__exchange *x, const a0__provider_visit *v, const a0__user *known,
             const a0__person *person)
{
    A0_AUTO(a0__buf) notice = A0__BUF_INIT(NOTICE_MAX);
    A0_AUTO(a0__buf) scopes = A0__BUF_INIT(SCOPES_MAX);
    const char *heading =
        v->scopes != NULL ? "Connect this account?" : "Share your details?";

    write_notice(v, &notice);
    write_scopes(v, &scopes);
    a0__page_show(
        x, 200, heading, a0__page_consent,
        (const a0__page_value[]){
            { "notice", a0__buf_view(&notice) },
            { "heading", a0__text_of(heading) },
            { "scopes", a0__buf_view(&scopes) },
            { "details", v->scopes == NULL ? A0__LIT("yes") : A0__NO_TEXT },
            { "form", a0__text_of(v->form) },
            { "state", a0__text_of(v->state) },
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

a0__provider_answer
a0__provider_ask(a0__exchange *x, const a0__provider_visit *v, a0__user **out_known,
                 a0__person *out_person)
{
    a0__text connection = a0__text_of(v->connection->name);

    if (a0__text_is(a0__param(x, "action"), "deny")) {
        return A0__PROVIDER_DENIED;
    }
    *out_known = a0__provider_account(x->tenant, connection, a0__param(x, "user_id"));
    read_person(x, *out_known, out_person);
    out_person->connection = connection;
    if (*out_known == NULL && out_person->name.len == 0) {
        a0__provider_choose(x, v, "Give the new account an e-mail address or a name.");
        return A0__PROVIDER_ASKED;
    }
    if (out_person->name.len > A0__ATTRIBUTE_MAX ||
        out_person->email.len > A0__ATTRIBUTE_MAX) {
        a0__provider_choose(x, v, "That address or name is too long.");
        return A0__PROVIDER_ASKED;
    }
    if (!a0__text_is(a0__param(x, "action"), "allow")) {
        show_consent(x, v, *out_known, out_person);
        return A0__PROVIDER_ASKED;
    }
    if (*out_known == NULL) {
        *out_known =
            a0__provider_account_by_email(x->tenant, connection, out_person->email);
    }
    return A0__PROVIDER_ALLOWED;
}
