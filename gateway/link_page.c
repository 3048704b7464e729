/* SPDX-License-Identifier: MIT */
/*
 * GET /auth/link and its two forms: the question whether another account is theirs too,
 * as a page or as JSON, and what the person answers. [LINK-18, LINK-20]
 */
#include "internal.h"

#include "page_files.h"
#include "json/json.h"

enum {
    TEXT_MAX = 4096,
    IDENTITIES_TEXT_MAX = 65536
};

/* ---- GET /auth/link ---- */

static void
list_identities(const a0__json *pending, a0__buf *out)
{
    const a0__json *identities = a0__json_member(pending, "primary_identities");

    for (size_t i = 0; i < a0__json_len(identities); i++) {
        a0__text name = A0__NO_TEXT;

        (void)a0__json_text(a0__json_at(identities, i), "provider_friendly_name",
                            &name);
        a0__buf_string(out, i > 0 ? ", " : "");
        a0__buf_text(out, name);
    }
}

/* Texts of the document end in a NUL. */
static const char *
member(const a0__json *pending, const char *name)
{
    a0__text text = A0__NO_TEXT;

    (void)a0__json_text(pending, name, &text);
    return text.ptr != NULL ? text.ptr : "";
}

static a0_status
show_question(gateway *g, const a0_session *session, const a0__json *pending,
              const char *return_to, a0__web_response *response, a0_error **err)
{
    A0_AUTO(a0__buf) identities = A0__BUF_INIT(IDENTITIES_TEXT_MAX);
    A0_AUTO(a0__buf) accounts = A0__BUF_INIT(TEXT_MAX);
    char token[CSRF_TOKEN_LEN + 1];
    int64_t count = 0;

    A0_TRY(gateway_csrf_token(g, a0_session_id(session), token, err));
    list_identities(pending, &identities);
    (void)a0__json_i64(pending, "primary_connected_accounts", &count);
    if (count > 0) {
        a0__buf_i64(&accounts, count);
    } else {
        a0__buf_string(&accounts, "none");
    }
    gateway_show_filled(
        g, page_link,
        (const page_value[]){
            { "prefix", g->settings.prefix },
            { "csrf_token", token },
            { "id", member(pending, "id") },
            { "return_to", return_to != NULL ? return_to : "" },
            { "primary_name", member(pending, "primary_provider_friendly_name") },
            { "primary_email", member(pending, "primary_email") },
            { "secondary_name", member(pending, "secondary_provider_friendly_name") },
            { "secondary_email", member(pending, "secondary_email") },
            { "identities", a0__buf_cstr(&identities) },
            { "accounts", a0__buf_cstr(&accounts) } },
        10, response);
    return A0_OK;
}

/* *out_document is NULL when nothing waits; freed by the caller. */
static a0_status
read_pending(a0_session *session, a0__json **out_document, a0_error **err)
{
    A0_AUTO(gateway_link_answer) answer = NULL;

    *out_document = NULL;
    if (session == NULL) {
        return A0_OK;
    }
    A0_TRY(a0_link_pending(session, &answer, err));
    if (answer == NULL) {
        return A0_OK;
    }
    return a0__json_parse(a0__text_of(a0_link_answer_json(answer)), out_document, err);
}

static a0_status
answer_json(const a0__json *pending, a0__web_response *response, a0_error **err)
{
    a0__web_header_set(response, "Content-Type", A0__LIT("application/json"));
    if (pending == NULL) {
        a0__buf_string(&response->body, "null");
        return A0_OK;
    }
    return a0__json_write(pending, &response->body, err);
}

static a0_status
ask(gateway *g, const a0__web_request *request, a0__web_response *response,
    a0_error **err)
{
    A0_AUTO(gateway_session) session = NULL;
    A0_AUTO(a0__params) query = A0__PARAMS_INIT;
    A0_AUTO(a0__json_doc) pending = NULL;
    A0_AUTO(a0__buf) space = A0__BUF_INIT(REDIRECT_TARGET_MAX);
    const char *return_to = NULL;
    bool valid = true;

    A0_TRY(a0__web_query(request, &query, &valid, err));
    A0_ENSURE(valid, err, gw_request_malformed);
    return_to = gateway_return_target(
        g, request, a0__params_get(&query, "return_to", NULL), "link", &space);
    A0_TRY(gateway_visitor(g, request, response, &session, err));
    A0_TRY(read_pending(session, &pending, err));
    a0__web_header_set(response, "Cache-Control", A0__LIT("private, no-store"));
    if (!a0__web_wants_html(request)) {
        return answer_json(pending, response, err);
    }
    if (pending != NULL) {
        return show_question(g, session, pending, return_to, response, err);
    }
    if (!gateway_link_told(g, a0__params_get(&query, "notice", NULL), return_to,
                           response)) {
        gateway_send_home(g, request, return_to, response);
    }
    return A0_OK;
}

void
gateway_link_ask(void *self, a0__web_request *request, a0__web_response *response)
{
    gateway *g = self;
    A0_AUTO(gateway_error) err = NULL;

    if (ask(g, request, response, &err) != A0_OK) {
        a0__web_response_reset(response);
        gateway_fail(g, request, err, response);
    }
}

/* ---- the two answers ---- */

/* A form of our own page, by the person who was asked, about what they were asked. */
typedef struct reply {
    a0_session *session;
    a0__params form;
    a0__json *pending;
    a0__buf space;
    const char *return_to; /* in space, or NULL */
} reply;

static void
reply_auto(reply *r)
{
    a0_session_free(r->session);
    a0__params_auto(&r->form);
    a0__json_free(r->pending);
    a0__buf_clear(&r->space);
}

static a0_status
read_reply(gateway *g, const a0__web_request *request, reply *out,
           a0__web_response *response, a0_error **err)
{
    a0__text id = A0__NO_TEXT;
    bool valid = true;

    A0_TRY(a0__web_form(request, &out->form, &valid, err));
    A0_ENSURE(valid, err, gw_request_malformed);
    A0_TRY(gateway_person_of_own_page(g, request, &out->form, response, &out->session,
                                      err));
    A0_TRY(read_pending(out->session, &out->pending, err));
    id = a0__params_get(&out->form, "id", NULL);
    A0_ENSURE(out->pending != NULL && a0__text_is(id, member(out->pending, "id")), err,
              link_pending_invalid);
    out->return_to = gateway_return_target(
        g, request, a0__params_get(&out->form, "return_to", NULL), "link", &out->space);
    return A0_OK;
}

/* The session of the question starts the sign-in: that makes it the confirmation. */
static a0_status
confirm(gateway *g, const a0__web_request *request, a0__web_response *response,
        a0_error **err)
{
    reply r __attribute__((cleanup(reply_auto))) = {
        .form = A0__PARAMS_INIT, .space = A0__BUF_INIT(REDIRECT_TARGET_MAX)
    };
    A0_AUTO(a0__buf) redirect_uri = A0__BUF_INIT(REDIRECT_TARGET_MAX);
    a0_login_options options = A0_LOGIN_OPTIONS_INIT;
    a0_param connection = { .name = "connection" };
    const char *url = NULL;

    A0_TRY(read_reply(g, request, &r, response, err));
    A0_TRY(gateway_callback_uri(g, request, &redirect_uri, err));
    connection.value = member(r.pending, "primary_connection_name");
    options.params = &connection;
    options.params_len = 1;
    options.return_to = r.return_to;
    options.link_id = member(r.pending, "id");
    A0_TRY(a0_login_start(r.session, redirect_uri.ptr, &options, &url, err));
    a0__web_redirect(response, 303, a0__text_of(url));
    return A0_OK;
}

static a0_status
cancel(gateway *g, const a0__web_request *request, a0__web_response *response,
       a0_error **err)
{
    reply r __attribute__((cleanup(reply_auto))) = {
        .form = A0__PARAMS_INIT, .space = A0__BUF_INIT(REDIRECT_TARGET_MAX)
    };

    A0_TRY(read_reply(g, request, &r, response, err));
    A0_TRY(a0_link_cancel(r.session, err));
    gateway_link_tell(g, LINK_CANCELLED, r.return_to, response);
    return A0_OK;
}

void
gateway_link_confirm(void *self, a0__web_request *request, a0__web_response *response)
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
    if (confirm(g, request, response, &err) != A0_OK) {
        a0__web_response_reset(response);
        gateway_fail(g, request, err, response);
    }
}

void
gateway_link_cancel(void *self, a0__web_request *request, a0__web_response *response)
{
    gateway *g = self;
    A0_AUTO(gateway_error) err = NULL;

    if (cancel(g, request, response, &err) != A0_OK) {
        a0__web_response_reset(response);
        gateway_fail(g, request, err, response);
    }
}
