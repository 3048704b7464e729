/* SPDX-License-Identifier: MIT */
#include "pages.h"

#include "page_files.h"
#include "server/html.h"

enum {
    PAGE_MAX = 512 * 1024
};

static a0__text
value_of(const a0__page_value *values, a0__text name)
{
    for (size_t i = 0; values[i].name != NULL; i++) {
        if (a0__text_is(name, values[i].name)) {
            return values[i].value;
        }
    }
    return A0__NO_TEXT;
}

/* Where `mark` begins in the text; its length when it does not. */
static size_t
find(a0__text text, a0__text mark)
{
    for (size_t i = 0; i + mark.len <= text.len; i++) {
        if (a0__text_starts_with(a0__text_from(text, i), mark)) {
            return i;
        }
    }
    return text.len;
}

/* What stands after {{?name}}, when the name is empty: behind its {{/name}}. */
static a0__text
skip_section(a0__text page, a0__text name)
{
    A0_AUTO(a0__buf) end = A0__BUF_INIT(256);

    a0__buf_string(&end, "{{/");
    a0__buf_text(&end, name);
    a0__buf_string(&end, "}}");
    return a0__text_from(page, find(page, a0__buf_view(&end)));
}

/* One {{…}} at the start of the page; gives what follows it. */
static a0__text
fill_tag(a0__text page, const a0__page_value *values, a0__buf *out)
{
    bool raw = a0__text_starts_with(page, A0__LIT("{{{"));
    a0__text close = raw ? A0__LIT("}}}") : A0__LIT("}}");
    size_t end = find(page, close);
    a0__text word =
        a0__text_range(page.ptr + close.len, end > close.len ? end - close.len : 0);
    a0__text rest = a0__text_from(page, end + close.len);

    if (a0__text_starts_with(word, A0__LIT("/"))) {
        return rest;
    }
    if (a0__text_starts_with(word, A0__LIT("?"))) {
        word = a0__text_from(word, 1);
        return value_of(values, word).len > 0 ? rest : skip_section(rest, word);
    }
    if (raw) {
        a0__buf_text(out, value_of(values, word));
    } else {
        a0__html_escape(value_of(values, word), out);
    }
    return rest;
}

void
a0__template_fill(a0__text page, const a0__page_value *values, a0__buf *out)
{
    while (page.len > 0) {
        size_t plain = find(page, A0__LIT("{{"));

        a0__buf_text(out, a0__text_range(page.ptr, plain));
        page = a0__text_from(page, plain);
        if (page.len > 0) {
            page = fill_tag(page, values, out);
        }
    }
}

void
a0__page_show(a0__exchange *x, int status, const char *title, a0__text page,
              const a0__page_value *values)
{
    A0_AUTO(a0__buf) content = A0__BUF_INIT(PAGE_MAX);
    A0_AUTO(a0__buf) html = A0__BUF_INIT(PAGE_MAX);
    a0__text notice = value_of(values, A0__LIT("notice"));

    a0__template_fill(page, values, &content);
    a0__template_fill(
        a0__page_layout,
        (const a0__page_value[]){
            { "title", a0__text_of(title) },
            { "theme", value_of(values, A0__LIT("theme")) },
            { "notice",
              notice.len > 0 ? notice : A0__LIT("Local tenant — this is not Auth0") },
            { "issuer", a0__text_of(x->tenant->issuer) },
            { "content", a0__buf_view(&content) },
            { NULL, A0__NO_TEXT } },
        &html);
    if (!a0__buf_ok(&content) || !a0__buf_ok(&html)) {
        a0__write_error_page(x, 500, "server_error",
                             "There is more to show than fits on a page; the control "
                             "API has it.");
        return;
    }
    a0__answer_page(x, status, &html);
}

void
a0__write_error_page(a0__exchange *x, int status, const char *error,
                     const char *description)
{
    /* Of a page of ours, or of a sign-in that an application began. */
    bool is_own =
        status == 404 || a0__text_starts_with(x->request->path, A0__LIT("/people"));
    a0__text yes = A0__LIT("yes");

    a0__page_show(x, status, "Error", a0__page_error_page,
                  (const a0__page_value[]){ { "error", a0__text_of(error) },
                                            { "description", a0__text_of(description) },
                                            { "own", is_own ? yes : A0__NO_TEXT },
                                            { "untold", is_own ? A0__NO_TEXT : yes },
                                            { NULL, A0__NO_TEXT } });
}

typedef struct provider {
    const char *strategy;
    const char *name;
    const char *letter;
} provider;

static const provider providers[] = {
    { "google-oauth2", "Google", "G" },
    { "github", "GitHub", "Gh" },
    { "facebook", "Facebook", "F" },
    { "apple", "Apple", "A" },
};

static const provider *
provider_of(const a0__connection *connection)
{
    for (size_t i = 0; i < sizeof providers / sizeof providers[0]; i++) {
        if (a0__text_is(a0__text_of(connection->strategy), providers[i].strategy)) {
            return &providers[i];
        }
    }
    return NULL;
}

a0__text
a0__provider_name(const a0__connection *connection)
{
    const provider *known = provider_of(connection);

    if (*connection->display_name != '\0') {
        return a0__text_of(connection->display_name);
    }
    return a0__text_of(known != NULL ? known->name : connection->name);
}

a0__text
a0__provider_letter(const a0__connection *connection)
{
    const provider *known = provider_of(connection);

    return known != NULL ? a0__text_of(known->letter)
                         : a0__text_range(connection->name, 1);
}

static bool
is_offered(const a0__client *client, const a0__authorization *open,
           const a0__connection *connection)
{
    a0__text name = a0__text_of(connection->name);

    return !a0__connection_is_database(connection) &&
           (client == NULL || client->connections.len == 0 ||
            a0__list_has(&client->connections, name)) &&
           (*open->connection == '\0' || a0__text_is(name, open->connection));
}

void
a0__page_providers(const a0__exchange *x, const a0__authorization *open, a0__buf *out)
{
    const a0__table *table = &x->tenant->tables[A0__CONNECTIONS];
    const a0__client *client =
        a0__tenant_client(x->tenant, a0__text_of(open->client_id));

    for (a0__connection *c = a0__table_first(table); c != NULL; c = a0__table_next(c)) {
        if (is_offered(client, open, c)) {
            a0__template_fill(
                a0__page_provider_button,
                (const a0__page_value[]){ { "state", a0__text_of(open->id) },
                                          { "connection", a0__text_of(c->name) },
                                          { "strategy", a0__text_of(c->strategy) },
                                          { "letter", a0__provider_letter(c) },
                                          { "display_name", a0__provider_name(c) },
                                          { NULL, A0__NO_TEXT } },
                out);
        }
    }
}
