/* SPDX-License-Identifier: MIT */
/*
 * Account linking after a sign-in, and what a person is told of it. What links, and
 * whether, is the library's to say; a refusal shows nothing here. [LINK-02, LINK-18]
 */
#include "internal.h"

#include <string.h>

#include "page_files.h"

/* ---- what can be told ---- */

static const struct notice_text {
    const char *name; /* in the address */
    const char *title;
    const char *text;
    const char *link_text;
    bool is_signed_out;
} notices[] = {
    [LINK_NO_NOTICE] = { .name = "" },
    [LINK_QUESTION] = { .name = "" },
    [LINK_CONFIRMED] = { "linked", "Your accounts are one now",
                         "From now on, either way of signing in leads to the same "
                         "account.",
                         "Go on", false },
    [LINK_CANCELLED] = { "cancelled", "Both accounts stay as they were",
                         "Nothing was changed. You can bring them together another "
                         "time.",
                         "Go on", false },
    [LINK_NOT_CONFIRMED] = { "not_linked", "The accounts were not brought together",
                             "It took too long, or something has changed meanwhile. "
                             "Nothing is lost; you can try again at your next "
                             "sign-in.",
                             "Go on", false },
    [LINK_WRONG_ACCOUNT] = { "wrong_account", "That was another account",
                             "You signed in with an account that is not the one in "
                             "question. Nothing was changed, and you are signed out.",
                             "Sign in", true },
};

static void
add_return_to(a0__buf *url, const char *return_to)
{
    if (return_to != NULL && return_to[0] != '\0') {
        a0__buf_string(url, strchr(a0__buf_cstr(url), '?') != NULL ? "&" : "?");
        a0__buf_string(url, "return_to=");
        a0__percent_encode(a0__text_of(return_to), url);
    }
}

void
gateway_link_tell(gateway *g, link_notice notice, const char *return_to,
                  a0__web_response *response)
{
    A0_AUTO(a0__buf) url = A0__BUF_INIT(4 * REDIRECT_TARGET_MAX);

    a0__buf_string(&url, g->settings.prefix);
    a0__buf_string(&url, "/link");
    if (notices[notice].name[0] != '\0') {
        a0__buf_string(&url, "?notice=");
        a0__buf_string(&url, notices[notice].name);
    }
    add_return_to(&url, return_to);
    a0__web_redirect(response, 303, a0__buf_view(&url));
}

static void
show(gateway *g, const struct notice_text *text, const char *return_to,
     a0__web_response *response)
{
    A0_AUTO(a0__buf) link = A0__BUF_INIT(4 * REDIRECT_TARGET_MAX);

    if (text->is_signed_out) {
        a0__buf_string(&link, g->settings.prefix);
        a0__buf_string(&link, "/login");
        add_return_to(&link, return_to);
    } else {
        a0__buf_string(&link,
                       return_to != NULL ? return_to : g->settings.default_return_to);
    }
    gateway_show_filled(g, page_notice,
                        (const page_value[]){ { "prefix", g->settings.prefix },
                                              { "title", text->title },
                                              { "text", text->text },
                                              { "link", a0__buf_cstr(&link) },
                                              { "link_text", text->link_text } },
                        5, response);
}

bool
gateway_link_told(gateway *g, a0__text name, const char *return_to,
                  a0__web_response *response)
{
    for (size_t i = LINK_CONFIRMED; i < sizeof notices / sizeof notices[0]; i++) {
        if (a0__text_is(name, notices[i].name)) {
            show(g, &notices[i], return_to, response);
            return true;
        }
    }
    return false;
}

/* ---- after a sign-in ---- */

static void
note_fault(gateway *g, const a0__web_request *request, const a0_error *err)
{
    a0__address client = gateway_client_of(g, request);

    event_rejected(&g->log, request, &client, a0_error_id(err), err);
}

static void
note_linked(gateway *g, const a0__web_request *request, const a0_session *session)
{
    a0__address client = gateway_client_of(g, request);

    event_audit(&g->log, "account.linked", request, &client,
                a0_session_user_id(session));
}

static link_notice
verify(gateway *g, const a0__web_request *request, a0_session *session)
{
    A0_AUTO(gateway_error) err = NULL;
    A0_AUTO(gateway_link_answer) answer = NULL;

    if (a0_link_verify(session, &answer, &err) != A0_OK) {
        note_fault(g, request, err);
        return LINK_NO_NOTICE;
    }
    if (a0_link_answer_is_linked(answer)) {
        note_linked(g, request, session);
    }
    return a0_link_answer_is_pending(answer) ? LINK_QUESTION : LINK_NO_NOTICE;
}

link_notice
gateway_link(gateway *g, const a0__web_request *request, a0_session *session)
{
    A0_AUTO(gateway_error) err = NULL;
    A0_AUTO(gateway_link_answer) answer = NULL;

    if (a0_link_complete(session, &answer, &err) != A0_OK) {
        note_fault(g, request, err);
        return LINK_NOT_CONFIRMED;
    }
    if (answer == NULL) {
        return verify(g, request, session);
    }
    if (a0_link_answer_is_success(answer)) {
        note_linked(g, request, session);
        return LINK_CONFIRMED;
    }
    return a0_link_answer_is_different_account(answer) ? LINK_WRONG_ACCOUNT
                                                       : LINK_NOT_CONFIRMED;
}
