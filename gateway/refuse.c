/* SPDX-License-Identifier: MIT */
/*
 * Refusals. The browser learns the family of the fault and a correlation id; which
 * check it was stands in the log. No byte of the request is shown. [row notation U]
 */
#include "internal.h"

#include "server/path.h"
#include "json/json.h"

static const struct refusal_text {
    const char *of; /* an error, or a family of them */
    const char *title;
    const char *text;
    bool may_start_again;
} texts[] = {
    { "callback", "The sign-in did not work",
      "The sign-in could not be completed. It may have been cancelled, have taken too "
      "long, or been answered before.",
      true },
    { "connect", "The account could not be connected",
      "It was cancelled, took too long, or did not work out. You can try again.",
      false },
    { "link", "The accounts were not brought together",
      "This question is no longer open. Nothing was changed.", false },
    { "vault", "The connected account can not be used",
      "Please connect the account again.", false },
    { "refresh", "Please sign in again",
      "Your sign-in could not be renewed. Please try again in a minute, or sign in "
      "again.",
      true },
    { "session", "You are not signed in", "Please sign in to go on.", true },
    { "authz", "This link does not work",
      "The link asks for something that is not possible.", true },
    { "http", "Sign-in is not available at the moment",
      "The sign-in service could not be reached. Please try again in a minute.", true },
    { "store", "Sign-in is not available at the moment",
      "Your session could not be looked up. Please try again in a minute.", true },
    { "gw_not_found", "There is nothing here",
      "The address may be mistyped, or what was here is gone.", false },
    { "gw_rate_limited", "That was a bit too much at once",
      "Please wait a minute, then try again.", false },
    { "gw_csrf", "This page was open for too long",
      "Please go back, reload it, and try again.", false },
    { "gateway", "This request was not accepted",
      "Please go back and try again from the beginning.", false },
    { "internal", "Something went wrong",
      "The fault is ours. Please try again in a minute.", false },
};

static const struct refusal_text *
find_text(const char *of)
{
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (a0__text_is(a0__text_of(of), texts[i].of)) {
            return &texts[i];
        }
    }
    return NULL;
}

/* Outside a sign-in, what the token endpoint says is about the renewal of one. */
static const char *
family_of(const a0__web_request *request, const char *error_id)
{
    const char *family = event_family(error_id);
    a0__web_handler handle = request->route != NULL ? request->route->handle : NULL;

    if (a0__text_is(a0__text_of(family), "callback") && handle != gateway_callback &&
        handle != gateway_login) {
        return "refresh";
    }
    return family;
}

/* What a caller of the JSON API may switch on: requests are described exactly, and so
 * is what the vault said, because what to do next depends on it [VAULT-06]; what
 * happened with a sign-in or a connect only by its family. */
static const char *
public_code(const char *error_id, const char *family)
{
    static const char *const exact[] = { "gateway", "authz", "vault" };

    for (size_t i = 0; i < sizeof exact / sizeof exact[0]; i++) {
        if (a0__text_is(a0__text_of(family), exact[i])) {
            return error_id;
        }
    }
    return family;
}

/* One refusal, however it is shown. */
struct refusal {
    const char *error_id;
    const char *family;
    int status;
    const gateway_offer *offer; /* NULL: none */
};

static const struct refusal_text *
text_for(const struct refusal *r)
{
    const struct refusal_text *text = find_text(r->error_id);

    text = text != NULL ? text : find_text(r->family);
    return text != NULL ? text : find_text("internal");
}

static void
answer_json(const a0__web_request *request, const struct refusal *r,
            a0__web_response *response)
{
    a0__json_writer w = a0__json_writer_on(&response->body);

    response->status = r->status;
    a0__web_header_set(response, "Content-Type", A0__LIT("application/json"));
    a0__json_open(&w, '{');
    a0__json_put_string(&w, "error", public_code(r->error_id, r->family));
    a0__json_put_string(&w, "message", text_for(r)->text);
    a0__json_put_string(&w, "correlation_id", request->id);
    if (r->offer != NULL && r->offer->connection != NULL) {
        a0__json_name(&w, "connect");
        a0__json_open(&w, '{');
        a0__json_put_string(&w, "connection", r->offer->connection);
        a0__json_put_string(&w, "scope", r->offer->scope);
        a0__json_close(&w, '}');
    }
    a0__json_close(&w, '}');
}

static void
answer_page(gateway *g, const a0__web_request *request, const struct refusal *r,
            a0__web_response *response)
{
    A0_AUTO(a0__buf) login = A0__BUF_INIT(A0__PATH_MAX);
    const struct refusal_text *text = text_for(r);

    a0__buf_string(&login, g->settings.prefix);
    a0__buf_string(&login, "/login");
    response->status = r->status;
    gateway_show_error(
        g,
        (const page_value[]){
            { "title", text->title },
            { "text", text->text },
            { "link", text->may_start_again ? a0__buf_cstr(&login)
                                            : g->settings.default_return_to },
            { "link_text", text->may_start_again ? "Sign in" : "To the start page" },
            { "correlation_id", request->id } },
        5, response);
}

static void
answer(gateway *g, const a0__web_request *request, const struct refusal *r,
       a0__web_response *response)
{
    if (a0__web_wants_html(request)) {
        answer_page(g, request, r, response);
    } else {
        answer_json(request, r, response);
    }
}

void
gateway_refuse(gateway *g, const a0__web_request *request, a0__error_id id, int status,
               a0__web_response *response)
{
    a0__address client = gateway_client_of(g, request);

    event_rejected(&g->log, request, &client, a0__error_name(id), NULL);
    answer(g, request,
           &(struct refusal){ .error_id = a0__error_name(id),
                              .family = event_family(a0__error_name(id)),
                              .status = status },
           response);
}

/* [CB-07] */
static int
status_of(const a0_error *error)
{
    a0__text code = a0__text_of(a0_error_peer_code(error));

    if (!a0__text_is(a0__text_of(a0_error_id(error)), "callback_op_error")) {
        return a0_error_http_status(error);
    }
    if (a0__text_is(code, "access_denied")) {
        return 403;
    }
    return a0__text_is(code, "login_required") ||
                   a0__text_is(code, "interaction_required")
               ? 401
               : 502;
}

/* Logs it, and tells when to come again if Auth0 said so. */
static struct refusal
refusal_of(gateway *g, const a0__web_request *request, const a0_error *error,
           a0__web_response *response)
{
    a0__address client = gateway_client_of(g, request);

    event_rejected(&g->log, request, &client, a0_error_id(error), error);
    if (a0_error_retry_after_s(error) > 0) {
        a0__web_retry_after(response, a0_error_retry_after_s(error));
    }
    return (struct refusal){ .error_id = a0_error_id(error),
                             .family = family_of(request, a0_error_id(error)),
                             .status = status_of(error) };
}

void
gateway_fail(gateway *g, const a0__web_request *request, const a0_error *error,
             a0__web_response *response)
{
    struct refusal refusal = refusal_of(g, request, error, response);

    answer(g, request, &refusal, response);
}

void
gateway_fail_as(gateway *g, const a0__web_request *request, const char *family,
                const a0_error *error, a0__web_response *response)
{
    struct refusal refusal = refusal_of(g, request, error, response);

    refusal.family = family;
    answer(g, request, &refusal, response);
}

void
gateway_fail_offering(gateway *g, const a0__web_request *request, const a0_error *error,
                      const gateway_offer *offer, a0__web_response *response)
{
    struct refusal refusal = refusal_of(g, request, error, response);

    refusal.offer = offer;
    answer_json(request, &refusal, response);
}

void
gateway_too_many(gateway *g, const a0__web_request *request, int retry_after_s,
                 a0__web_response *response)
{
    a0__web_retry_after(response, retry_after_s);
    gateway_refuse(g, request, A0_E_gw_rate_limited, 429, response);
}
