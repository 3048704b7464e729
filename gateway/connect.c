/* SPDX-License-Identifier: MIT */
/*
 * POST /auth/connect: a signed-in person begins to connect an account. Our own page
 * sends it, and only what the settings allow is asked for. The callback completes it.
 * [CONN-02, CONN-03, CB-11, GW-12]
 */
#include "internal.h"

#include "navigation.h"
#include "json/json.h"

enum {
    HINTS_MAX = 3,
    SCOPE_MAX = 16384,
    ANSWER_TEXT_MAX = 4096
};

/* What a page may say about how the provider asks; never what for. */
static const char *const hints[HINTS_MAX] = { "login_hint", "prompt", "ui_locales" };

/* What is ours in the form and not a hint. */
static const char *const fields[] = { "connection", "scope", "return_to",
                                      "csrf_token" };

typedef struct connect_request {
    const connectable *allowed;
    a0__buf scope; /* what of it is allowed */
    a0_param params[HINTS_MAX];
    size_t params_len;
} connect_request;

static void
connect_request_auto(connect_request *connect)
{
    a0__buf_clear(&connect->scope);
}

static bool
is_one_of(const char *name, const char *const *names, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (a0__text_is(a0__text_of(name), names[i])) {
            return true;
        }
    }
    return false;
}

const connectable *
gateway_connectable(const gateway *g, a0__text connection)
{
    for (size_t i = 0; i < g->settings.connectables_len; i++) {
        if (a0__text_is(connection, g->settings.connectables[i].connection)) {
            return &g->settings.connectables[i];
        }
    }
    return NULL;
}

/* The words of a scope parameter that the settings allow; others are left out, as
 * Auth0 would. */
static void
add_allowed(const connectable *allowed, const char *scope, a0__buf *out)
{
    a0__text rest = a0__text_of(scope);
    a0__text word = A0__NO_TEXT;

    while (a0__text_next(&rest, ' ', &word)) {
        for (size_t i = 0; i < allowed->scopes.len; i++) {
            if (a0__text_is(word, allowed->scopes.items[i])) {
                a0__buf_string(out, out->len > 0 ? " " : "");
                a0__buf_text(out, word);
            }
        }
    }
}

/* Check boxes send `scope` several times; everything else stands once. */
static a0_status
read_param(const a0__params *form, const struct a0__param_pair *pair,
           connect_request *out, a0_error **err)
{
    size_t count = 0;

    if (a0__text_is(a0__text_of(pair->name), "scope")) {
        add_allowed(out->allowed, pair->value, &out->scope);
        return A0_OK;
    }
    (void)a0__params_get(form, pair->name, &count);
    A0_ENSURE(count == 1, err, param_invalid);
    if (is_one_of(pair->name, fields, sizeof fields / sizeof fields[0])) {
        return A0_OK;
    }
    A0_ENSURE(is_one_of(pair->name, hints, HINTS_MAX), err, param_forbidden);
    A0_ENSURE(pair->value_len > 0, err, param_invalid);
    out->params[out->params_len] = (a0_param){ pair->name, pair->value };
    out->params_len++;
    return A0_OK;
}

static a0_status
read_params(const gateway *g, const a0__params *form, connect_request *out,
            a0_error **err)
{
    out->allowed = gateway_connectable(g, a0__params_get(form, "connection", NULL));
    A0_ENSURE(out->allowed != NULL, err, param_forbidden);
    for (size_t i = 0; i < form->len; i++) {
        A0_TRY(read_param(form, &form->pairs[i], out, err));
    }
    return a0__buf_check(&out->scope, err);
}

static a0_status
start(gateway *g, const a0__web_request *request, const a0__params *form,
      a0_session *session, a0__web_response *response, a0_error **err)
{
    A0_AUTO(connect_request) connect = { .scope = A0__BUF_INIT(SCOPE_MAX) };
    A0_AUTO(a0__buf) redirect_uri = A0__BUF_INIT(REDIRECT_TARGET_MAX);
    A0_AUTO(a0__buf) return_to = A0__BUF_INIT(REDIRECT_TARGET_MAX);
    a0_connect_options options = A0_CONNECT_OPTIONS_INIT;
    const char *url = NULL;

    A0_TRY(read_params(g, form, &connect, err));
    A0_TRY(gateway_callback_uri(g, request, &redirect_uri, err));
    options.scope = connect.scope.len > 0 ? a0__buf_cstr(&connect.scope) : NULL;
    options.params = connect.params;
    options.params_len = connect.params_len;
    options.return_to = gateway_return_target(
        g, request, a0__params_get(form, "return_to", NULL), "connect", &return_to);
    A0_TRY(a0_connect_start(session, connect.allowed->connection, redirect_uri.ptr,
                            &options, &url, err));
    a0__web_redirect(response, 303, a0__text_of(url));
    return A0_OK;
}

static a0_status
connect_account(gateway *g, const a0__web_request *request, a0__web_response *response,
                a0_error **err)
{
    A0_AUTO(gateway_session) session = NULL;
    A0_AUTO(a0__params) form = A0__PARAMS_INIT;
    bool valid = true;

    A0_TRY(a0__web_form(request, &form, &valid, err));
    A0_ENSURE(valid, err, gw_request_malformed);
    A0_TRY(gateway_person_of_own_page(g, request, &form, response, &session, err));
    return start(g, request, &form, session, response, err);
}

void
gateway_connect(void *self, a0__web_request *request, a0__web_response *response)
{
    gateway *g = self;
    A0_AUTO(gateway_error) err = NULL;
    a0__address client = gateway_client_of(g, request);
    int wait_s = limiter_take(&g->sign_in_limit, a0__address_bucket(&client),
                              a0_clock_system()->monotonic_ms(NULL));

    if (wait_s > 0) {
        gateway_too_many(g, request, wait_s, response);
        return;
    }
    if (connect_account(g, request, response, &err) != A0_OK) {
        a0__web_response_reset(response);
        gateway_fail(g, request, err, response);
    }
}

/* ---- coming back ---- */

static a0_status
note_connected(gateway *g, const a0__web_request *request, const a0_session *session,
               const a0_connect_answer *answer, a0_error **err)
{
    A0_AUTO(a0__json_doc) account = NULL;
    A0_AUTO(a0__buf) connection = A0__BUF_INIT(ANSWER_TEXT_MAX);
    A0_AUTO(a0__buf) id = A0__BUF_INIT(ANSWER_TEXT_MAX);
    a0__address client = gateway_client_of(g, request);
    a0__text text = A0__NO_TEXT;

    A0_TRY(a0__json_parse(a0__text_of(a0_connect_answer_json(answer)), &account, err));
    (void)a0__json_text(account, "connection", &text);
    a0__buf_text(&connection, text);
    text = A0__NO_TEXT;
    (void)a0__json_text(account, "id", &text);
    a0__buf_text(&id, text);
    event_audit_account(&g->log, "account.connected", request, &client,
                        a0_session_user_id(session), a0__buf_cstr(&connection),
                        a0__buf_cstr(&id));
    return A0_OK;
}

a0_status
gateway_connect_complete(gateway *g, const a0__web_request *request,
                         a0_session *session, const char *query,
                         a0__web_response *response, a0_error **err)
{
    A0_AUTO(gateway_answer) answer = NULL;

    A0_TRY(a0_connect_complete(session, query, &answer, err));
    A0_TRY(note_connected(g, request, session, answer, err));
    gateway_send_home(g, request, a0_connect_answer_return_to(answer), response);
    return A0_OK;
}

/* What our page found in the fragment. For anything but a connect the callback has one
 * method [CB-11]. */
static a0_status
complete_fragment(gateway *g, const a0__web_request *request,
                  a0__web_response *response, a0_error **err)
{
    A0_AUTO(gateway_session) session = NULL;
    A0_AUTO(a0__buf) query = A0__BUF_INIT(CALLBACK_QUERY_MAX + 1);
    a0_callback_purpose purpose = A0_CALLBACK_LOGIN;

    A0_ENSURE(gateway_is_same_origin(request, gateway_origin_of(request)) &&
                  !request->has_query &&
                  a0__web_media_type_is(request, "application/x-www-form-urlencoded"),
              err, gw_method_not_allowed);
    A0_TRY(gateway_person(g, request, response, &session, err));
    a0__buf_byte(&query, '?');
    a0__buf_text(&query, request->body);
    A0_ENSURE(a0__buf_ok(&query), err, callback_malformed);
    A0_TRY(a0_callback_purpose_of(session, query.ptr, &purpose, err));
    A0_ENSURE(purpose == A0_CALLBACK_CONNECT, err, gw_method_not_allowed);
    return gateway_connect_complete(g, request, session, query.ptr, response, err);
}

void
gateway_callback_fragment(void *self, a0__web_request *request,
                          a0__web_response *response)
{
    gateway *g = self;
    A0_AUTO(gateway_error) err = NULL;

    if (complete_fragment(g, request, response, &err) == A0_OK) {
        return;
    }
    a0__web_response_reset(response);
    if (a0_error_http_status(err) == 405) {
        a0__web_header_set(response, "Allow", A0__LIT("GET"));
        gateway_fail(g, request, err, response);
        return;
    }
    gateway_fail_as(g, request, "connect", err, response);
}
