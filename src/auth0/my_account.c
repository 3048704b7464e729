/* SPDX-License-Identifier: MIT */
#include "auth0/my_account.h"

#include <string.h>

#include "auth0/identifier.h"
#include "auth0/provider_identity.h"
#include "oauth/pkce.h"

enum {
    URL_MAX = 4096,
    BODY_MAX = 32768,
    PROBLEM_MAX = 8192,
    AUTH_SESSION_MAX = 512, /* Auth0 says 64 */
    TICKET_MAX = 2048,
    CURSOR_MAX = 1024
};

/* ---- addresses, problems ---- */

static void
add_address(const a0__settings *settings, const char *path, a0__buf *out)
{
    a0__buf_string(out, settings->my_account_audience);
    a0__buf_string(out, "v1/connected-accounts/");
    a0__buf_string(out, path);
}

/* RFC 9457, as far as it goes; the members are kept as they came. */
static void
keep_problem(const a0__json *document, a0_error *error)
{
    static const char *const members[] = { "type", "title", "status", "detail",
                                           "validation_errors" };
    A0_AUTO(a0__buf) problem = A0__BUF_INIT(PROBLEM_MAX);
    a0__json_writer w = a0__json_writer_on(&problem);
    a0__text detail = A0__NO_TEXT;

    if (!a0__json_is_object(document)) {
        return;
    }
    a0__json_open(&w, '{');
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        const a0__json *member = a0__json_member(document, members[i]);

        if (member != NULL) {
            a0__json_name(&w, members[i]);
            a0__json_value_node(&w, member);
        }
    }
    a0__json_close(&w, '}');
    if (a0__buf_ok(&problem)) {
        a0__error_set_problem(error, a0__buf_view(&problem));
    }
    (void)a0__json_text(document, "detail", &detail);
    a0__error_set_peer(error, a0_error_peer_status(error), A0__NO_TEXT, detail);
}

static a0_status
fail_refused(const a0_http_response *response, int64_t wall_ms, a0_error **err)
{
    A0_AUTO(a0__json_doc) document = NULL;
    int peer = a0_http_response_status(response);
    a0_status status = A0_OK;

    A0_TRY(a0__json_parse(a0__http_body(response), &document, err));
    status = a0__fail(err, A0_E_connect_api_error);
    if (err == NULL) {
        return status;
    }
    a0__error_set_peer(*err, peer, A0__NO_TEXT, A0__NO_TEXT);
    a0__error_set_retry_after(*err, a0__http_retry_after_s(response, wall_ms));
    if (peer == 429 || peer >= 500) {
        a0__error_set_http_status(*err, 503);
    }
    keep_problem(document, *err);
    return status;
}

/* The object of a success, or the error. */
static a0_status
read_object(const a0_http_response *response, int64_t wall_ms, a0__json **out,
            a0_error **err)
{
    if (!a0__http_is_success(response)) {
        return fail_refused(response, wall_ms, err);
    }
    A0_ENSURE(a0__http_content_type_is(response, A0__LIT("application/json")), err,
              connect_response_invalid);
    A0_TRY(a0__json_parse(a0__http_body(response), out, err));
    A0_ENSURE(a0__json_is_object(*out), err, connect_response_invalid);
    return A0_OK;
}

/* ---- connect ---- */

static void
add_words(a0__text words, a0__buf *out)
{
    a0__text word = A0__NO_TEXT;

    while (a0__text_next(&words, ' ', &word)) {
        if (word.len == 0 || a0__text_has_word(a0__buf_view(out), word)) {
            continue;
        }
        if (out->len > 0) {
            a0__buf_byte(out, ' ');
        }
        a0__buf_text(out, word);
    }
}

void
a0__connect_scope(const a0__settings *settings, const char *connection, a0__text given,
                  a0__buf *out)
{
    a0__identity_source source;

    for (size_t i = 0; i < settings->custom_scopes.len; i++) {
        const a0__named_strings *entry = &settings->custom_scopes.items[i];

        for (size_t j = 0;
             strcmp(entry->name, connection) == 0 && j < entry->strings.len; j++) {
            add_words(a0__text_of(entry->strings.items[j]), out);
        }
    }
    add_words(given, out);
    if (out->len > 0 && a0__identity_source_of(settings, a0__text_of(connection),
                                               A0__NO_TEXT, &source)) {
        add_words(a0__text_of(source.scope), out);
    }
}

static void
write_scopes(a0__text scope, a0__json_writer *w)
{
    a0__text word = A0__NO_TEXT;

    if (scope.len == 0) {
        return;
    }
    a0__json_name(w, "scopes");
    a0__json_open(w, '[');
    while (a0__text_next(&scope, ' ', &word)) {
        a0__json_value_text(w, word);
    }
    a0__json_close(w, ']');
}

static a0_status
check_param(const a0_param *param, a0_error **err)
{
    static const char *const allowed[] = { "login_hint", "prompt", "ui_locales" };

    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
        if (strcmp(param->name, allowed[i]) == 0) {
            if (!a0__text_is_utf8(a0__text_of(param->value))) {
                return a0__fail_about(err, A0_E_param_invalid, allowed[i]);
            }
            return A0_OK;
        }
    }
    return a0__fail_about(err, A0_E_param_forbidden, param->name);
}

static a0_status
write_params(const a0__connect_wish *wish, a0__json_writer *w, a0_error **err)
{
    if (wish->params_len == 0) {
        return A0_OK;
    }
    a0__json_name(w, "authorization_params");
    a0__json_open(w, '{');
    for (size_t i = 0; i < wish->params_len; i++) {
        A0_TRY(check_param(&wish->params[i], err));
        a0__json_put_string(w, wish->params[i].name, wish->params[i].value);
    }
    a0__json_close(w, '}');
    return A0_OK;
}

a0_status
a0__connect_request(const a0__settings *settings, const a0__connect_wish *wish,
                    a0__http_request *out, a0_error **err)
{
    A0_AUTO(a0__buf) url = A0__BUF_INIT(URL_MAX);
    A0_AUTO(a0__buf) body = A0__BUF_INIT(BODY_MAX);
    A0_AUTO(a0__buf) challenge = A0__BUF_INIT(128);
    a0__json_writer w = a0__json_writer_on(&body);

    A0_TRY(a0__pkce_challenge(wish->code_verifier, &challenge, err));
    a0__json_open(&w, '{');
    a0__json_put_string(&w, "connection", wish->connection);
    a0__json_put_string(&w, "redirect_uri", wish->redirect_uri);
    a0__json_put(&w, "state", a0__secret_expose(wish->state));
    a0__json_put(&w, "code_challenge", a0__buf_view(&challenge));
    a0__json_put_string(&w, "code_challenge_method", A0__CODE_CHALLENGE_METHOD);
    write_scopes(wish->scope, &w);
    A0_TRY(write_params(wish, &w, err));
    a0__json_close(&w, '}');
    A0_TRY(a0__buf_check(&body, err));
    add_address(settings, "connect", &url);
    A0_TRY(a0__buf_check(&url, err));
    a0__http_send_json(out, "POST", a0__buf_view(&url), a0__buf_view(&body),
                       A0__HTTP_TOKEN_MAX);
    return A0_OK;
}

void
a0__connect_ticket_auto(a0__connect_ticket *ticket)
{
    a0__secret_clear(&ticket->auth_session);
    a0__buf_clear(&ticket->url);
}

/* At the tenant itself, under its own or its custom domain [CONN-06]. */
static bool
is_of_tenant(const a0__settings *settings, const a0__url *url)
{
    const char *const bases[] = { settings->base_url, settings->management_base_url };

    for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++) {
        a0__url base;

        if (a0__url_parse(a0__text_of(bases[i]), &base) &&
            a0__url_same_origin(&base, url)) {
            return true;
        }
    }
    return false;
}

static a0_status
make_url(const a0__settings *settings, a0__text connect_uri, a0__text ticket,
         a0__buf *out, a0_error **err)
{
    a0__url url;

    if (!a0__url_parse(connect_uri, &url) || url.has_userinfo || url.has_fragment ||
        !is_of_tenant(settings, &url)) {
        return a0__fail_about(err, A0_E_connect_response_invalid, "connect_uri");
    }
    if (ticket.len == 0 || ticket.len > TICKET_MAX ||
        !a0__text_has_no_controls(ticket)) {
        return a0__fail_about(err, A0_E_connect_response_invalid, "ticket");
    }
    a0__buf_text(out, connect_uri);
    a0__buf_string(out, url.has_query ? "&ticket=" : "?ticket=");
    a0__percent_encode(ticket, out);
    return a0__buf_check(out, err);
}

a0_status
a0__connect_response(const a0__settings *settings, const a0_http_response *response,
                     int64_t wall_ms, a0__connect_ticket *out, a0_error **err)
{
    A0_AUTO(a0__json_doc) document = NULL;
    const a0__json *params = NULL;
    a0__text auth_session = A0__NO_TEXT;
    a0__text connect_uri = A0__NO_TEXT;
    a0__text ticket = A0__NO_TEXT;

    A0_TRY(read_object(response, wall_ms, &document, err));
    (void)a0__json_text(document, "auth_session", &auth_session);
    if (auth_session.len == 0 || auth_session.len > AUTH_SESSION_MAX ||
        !a0__text_is_visible_ascii(auth_session)) {
        return a0__fail_about(err, A0_E_connect_response_invalid, "auth_session");
    }
    if (a0__json_number(document, "expires_in", &out->expires_in) != A0__FOUND ||
        out->expires_in <= 0) {
        return a0__fail_about(err, A0_E_connect_response_invalid, "expires_in");
    }
    (void)a0__json_text(document, "connect_uri", &connect_uri);
    if (a0__json_object(document, "connect_params", &params) == A0__FOUND) {
        (void)a0__json_text(params, "ticket", &ticket);
    }
    A0_TRY(make_url(settings, connect_uri, ticket, &out->url, err));
    return a0__secret_set_text(&out->auth_session, auth_session, err);
}

/* ---- complete ---- */

a0_status
a0__connect_complete_request(const a0__settings *settings,
                             const a0__connect_proof *proof, a0__http_request *out,
                             a0_error **err)
{
    A0_AUTO(a0__buf) url = A0__BUF_INIT(URL_MAX);
    A0_AUTO(a0__buf) body = A0__BUF_INIT(BODY_MAX);
    a0__json_writer w = a0__json_writer_on(&body);

    a0__json_open(&w, '{');
    a0__json_put(&w, "auth_session", proof->auth_session);
    a0__json_put(&w, "connect_code", proof->connect_code);
    a0__json_put(&w, "redirect_uri", proof->redirect_uri);
    a0__json_put(&w, "code_verifier", proof->code_verifier);
    a0__json_close(&w, '}');
    A0_TRY(a0__buf_check(&body, err));
    add_address(settings, "complete", &url);
    A0_TRY(a0__buf_check(&url, err));
    a0__http_send_json(out, "POST", a0__buf_view(&url), a0__buf_view(&body),
                       A0__HTTP_TOKEN_MAX);
    return A0_OK;
}

static bool
is_account(const a0__json *account)
{
    a0__text id = A0__NO_TEXT;
    a0__text connection = A0__NO_TEXT;

    return a0__json_is_object(account) &&
           a0__json_text(account, "id", &id) == A0__FOUND &&
           a0__identifier_is_valid(id) &&
           a0__json_text(account, "connection", &connection) == A0__FOUND;
}

a0_status
a0__connect_complete_response(const a0_http_response *response, int64_t wall_ms,
                              a0__json **out_account, a0_error **err)
{
    A0_AUTO(a0__json_doc) account = NULL;

    A0_TRY(read_object(response, wall_ms, &account, err));
    A0_ENSURE(is_account(account), err, connect_response_invalid);
    *out_account = a0__steal(&account);
    return A0_OK;
}

/* ---- lists, delete ---- */

a0_status
a0__connect_page_request(const a0__settings *settings, const char *list, a0__text from,
                         a0__http_request *out, a0_error **err)
{
    A0_AUTO(a0__buf) url = A0__BUF_INIT(URL_MAX);

    add_address(settings, list, &url);
    a0__buf_string(&url, "?take=20");
    if (from.len > 0) {
        a0__buf_string(&url, "&from=");
        a0__percent_encode(from, &url);
    }
    A0_TRY(a0__buf_check(&url, err));
    a0__http_get(out, a0__buf_view(&url), A0__HTTP_API_MAX);
    return A0_OK;
}

a0_status
a0__connect_page_response(const a0_http_response *response, const char *list,
                          int64_t wall_ms, a0__json **out_document,
                          const a0__json **out_items, a0__text *out_next,
                          a0_error **err)
{
    A0_AUTO(a0__json_doc) document = NULL;
    bool are_accounts = strcmp(list, "accounts") == 0;

    *out_next = A0__NO_TEXT;
    A0_TRY(read_object(response, wall_ms, &document, err));
    if (a0__json_array(document, list, out_items) != A0__FOUND) {
        return a0__fail_about(err, A0_E_connect_response_invalid, list);
    }
    for (size_t i = 0; are_accounts && i < a0__json_len(*out_items); i++) {
        A0_ENSURE(is_account(a0__json_at(*out_items, i)), err,
                  connect_response_invalid);
    }
    (void)a0__json_text(document, "next", out_next);
    if (out_next->len > CURSOR_MAX) {
        return a0__fail_about(err, A0_E_connect_response_invalid, "next");
    }
    *out_document = a0__steal(&document);
    return A0_OK;
}

a0_status
a0__connect_delete_request(const a0__settings *settings, a0__text id,
                           a0__http_request *out, a0_error **err)
{
    A0_AUTO(a0__buf) url = A0__BUF_INIT(URL_MAX);

    add_address(settings, "accounts/", &url);
    a0__percent_encode(id, &url);
    A0_TRY(a0__buf_check(&url, err));
    a0__http_get(out, a0__buf_view(&url), A0__HTTP_TOKEN_MAX);
    out->method = "DELETE";
    return A0_OK;
}

a0_status
a0__connect_delete_response(const a0_http_response *response, int64_t wall_ms,
                            a0_error **err)
{
    if (a0__http_is_success(response) || a0_http_response_status(response) == 404) {
        return A0_OK;
    }
    return fail_refused(response, wall_ms, err);
}
