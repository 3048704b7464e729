/* SPDX-License-Identifier: MIT */
/*
 * Refusals. The browser learns the family of the fault and a correlation id; which
 * check it was stands in the log. No byte of the request is shown. [row notation U]
 */
#include "internal.h"

#include "server/path.h"

static const struct refusal_text {
    const char *family;
    const char *title;
    const char *text;
    bool may_start_again;
} texts[] = {
    { "callback", "The sign-in did not work",
      "The sign-in could not be completed. It may have taken too long, or have been "
      "answered before.",
      true },
    { "session", "You are not signed in", "Please sign in to go on.", true },
    { "authz", "This sign-in link does not work",
      "The link asks for something that is not possible.", true },
    { "http", "Sign-in is not available at the moment",
      "The sign-in service could not be reached. Please try again in a minute.", true },
    { "store", "Sign-in is not available at the moment",
      "Your session could not be looked up. Please try again in a minute.", true },
    { "gateway", "This request was not accepted",
      "Please go back and try again from the beginning.", false },
    { "internal", "Something went wrong",
      "The fault is ours. Please try again in a minute.", false },
};

static const struct refusal_text *
text_for(const char *family)
{
    size_t last = sizeof texts / sizeof texts[0] - 1;

    for (size_t i = 0; i < last; i++) {
        if (a0__text_is(a0__text_of(family), texts[i].family)) {
            return &texts[i];
        }
    }
    return &texts[last];
}

/* What a caller of the JSON API may switch on: requests are described exactly, what
 * happened with a sign-in only by its family. */
static const char *
public_code(const char *error_id, const char *family)
{
    bool is_about_request = a0__text_is(a0__text_of(family), "gateway") ||
                            a0__text_is(a0__text_of(family), "authz");

    return is_about_request ? error_id : family;
}

static void
answer(gateway *g, const a0__web_request *request, const char *error_id, int status,
       a0__web_response *response)
{
    A0_AUTO(a0__buf) login = A0__BUF_INIT(A0__PATH_MAX);
    const char *family = event_family(error_id);
    const struct refusal_text *text = text_for(family);

    if (!a0__web_wants_html(request)) {
        a0__web_json_error(response, status, public_code(error_id, family), text->text,
                           request->id);
        return;
    }
    a0__buf_string(&login, g->settings.prefix);
    a0__buf_string(&login, "/login");
    response->status = status;
    gateway_show_error(
        text->title, text->text, text->may_start_again ? a0__buf_cstr(&login) : "/",
        text->may_start_again ? "Sign in" : "To the start page", request->id, response);
}

void
gateway_refuse(gateway *g, const a0__web_request *request, a0__error_id id, int status,
               a0__web_response *response)
{
    a0__address client = gateway_client_of(g, request);

    event_rejected(&g->log, request, &client, a0__error_name(id), NULL);
    answer(g, request, a0__error_name(id), status, response);
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

void
gateway_fail(gateway *g, const a0__web_request *request, const a0_error *error,
             a0__web_response *response)
{
    a0__address client = gateway_client_of(g, request);

    event_rejected(&g->log, request, &client, a0_error_id(error), error);
    answer(g, request, a0_error_id(error), status_of(error), response);
}

void
gateway_too_many(gateway *g, const a0__web_request *request, int retry_after_s,
                 a0__web_response *response)
{
    A0_AUTO(a0__buf) seconds = A0__BUF_INIT(16);

    a0__buf_i64(&seconds, retry_after_s);
    a0__web_header_set(response, "Retry-After", a0__buf_view(&seconds));
    gateway_refuse(g, request, A0_E_gw_rate_limited, 429, response);
}
