/* SPDX-License-Identifier: MIT */
/* What the routes of the gateway share. */
#ifndef A0_GATEWAY_INTERNAL_H
#define A0_GATEWAY_INTERNAL_H

#include <pthread.h>

#include "events.h"
#include "gateway.h"
#include "limit.h"
#include "server/server.h"
#include "settings.h"

enum {
    CALLBACK_QUERY_MAX = 8192,
    ROUTES_MAX = 40,
    CSRF_TOKEN_LEN = 43
};

/* A page or asset, its {{prefix}} filled in. */
typedef struct gateway_page {
    const char *media_type;
    a0__buf text;
} gateway_page;

typedef struct gateway_pages {
    gateway_page welcome;
    gateway_page dashboard;
    gateway_page signed_out;
    gateway_page fragment;
    gateway_page style;
    gateway_page script;
    gateway_page accounts_script;
    a0__buf policy; /* Content-Security-Policy of the pages */
    a0__buf fragment_policy;
    a0__buf error_policy;
} gateway_pages;

struct gateway {
    gateway_settings settings;
    gateway_origins origins; /* base URLs, those found when listening included */
    a0_client *client;
    events log;
    _Atomic bool log_is_lost;
    limiter sign_in_limit;
    limiter failure_limit;
    limiter logout_token_limit;
    limiter broker_limit;
    unsigned char csrf_key[A0__KEY_BYTES];
    gateway_pages pages;
    char *paths[ROUTES_MAX]; /* prefix and path of each route */
    a0__web_route routes[ROUTES_MAX];
    a0__web_site site;
    a0__web_site health_site;
    char *broker_path;
    a0__web_route broker_route;
    a0__web_site broker_site;
    a0__server *server;
    pthread_t sweeper;
    bool has_sweeper;
    bool ending;
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

/* ---- client.c ---- */

/* Opens the database and makes a client on it; log may be NULL. */
A0_MUST_USE a0_status gateway_open_client(const gateway_settings *settings,
                                          a0_config *config, const a0_log *log,
                                          void *log_self, a0_client **out_client,
                                          a0_error **err);

/* ---- site.c ---- */

A0_MUST_USE a0_status gateway_site_init(gateway *g, a0_error **err);
void gateway_site_clear(gateway *g);

/* The base URL of that host; NULL when it is none of ours. */
gateway_origin *gateway_origin_for_host(gateway *g, a0__text host);
/* The base URL the request was made to; known after the host was checked. */
const gateway_origin *gateway_origin_of(const a0__web_request *request);
a0__address gateway_client_of(const gateway *g, const a0__web_request *request);

/* ---- refuse.c ---- */

/* Answers with a page or JSON that names the family of the fault and the correlation
 * id, and logs the identifier: once. */
void gateway_refuse(gateway *g, const a0__web_request *request, a0__error_id id,
                    int status, a0__web_response *response);
/* The same for an error of the library. */
void gateway_fail(gateway *g, const a0__web_request *request, const a0_error *error,
                  a0__web_response *response);
/* The same where the error alone does not say what the person was about to do. */
void gateway_fail_as(gateway *g, const a0__web_request *request, const char *family,
                     const a0_error *error, a0__web_response *response);
/* The same as JSON that says which connect would help; connection NULL: none would. */
typedef struct gateway_offer {
    const char *connection;
    const char *scope; /* space-separated, or NULL */
} gateway_offer;
void gateway_fail_offering(gateway *g, const a0__web_request *request,
                           const a0_error *error, const gateway_offer *offer,
                           a0__web_response *response);
/* The refusal of a rate limit, which says when to come again. */
void gateway_too_many(gateway *g, const a0__web_request *request, int retry_after_s,
                      a0__web_response *response);

/* ---- visitor.c ---- */

/*
 * The session of the session cookie; NULL when it is nobody's. Errors: those of
 * a0_session_open: the store could not be asked.
 */
A0_MUST_USE a0_status gateway_visitor(gateway *g, const a0__web_request *request,
                                      a0__web_response *response,
                                      a0_session **out_session, a0_error **err);

/*
 * The session id that a cookie's value stands for, and back: one and the same at the
 * first base URL; at each other one they differ by a secret of that origin, so that a
 * cookie of one host is nobody's at another. [GW-10] False for a text that is no id.
 */
A0_MUST_USE bool gateway_id_of_cookie(const gateway *g, const a0__web_request *request,
                                      const char *id, char out[A0_SESSION_ID_LEN + 1]);

/* Sets the session cookie. */
void gateway_session_keep(gateway *g, const a0__web_request *request, const char *id,
                          int64_t max_age_s, a0__web_response *response);

/* What our own page sends along to prove that it is ours. */
A0_MUST_USE a0_status gateway_csrf_token(const gateway *g, const char *session_id,
                                         char out[CSRF_TOKEN_LEN + 1], a0_error **err);

/* ---- own_page.c: what our own pages and scripts send ---- */

/* The token of /auth/me, in the form (may be NULL) or in X-CSRF-Token, belongs to the
 * session. Errors: gw_csrf. */
A0_MUST_USE a0_status gateway_check_csrf(const gateway *g,
                                         const a0__web_request *request,
                                         const a0__params *form,
                                         const a0_session *session, a0_error **err);

/* The session of a person who is signed in. Errors: session_missing, store_*. */
A0_MUST_USE a0_status gateway_person(gateway *g, const a0__web_request *request,
                                     a0__web_response *response,
                                     a0_session **out_session, a0_error **err);

/* The same of a request that changes something: from our origin, with the token. */
A0_MUST_USE a0_status gateway_person_of_own_page(
    gateway *g, const a0__web_request *request, const a0__params *form,
    a0__web_response *response, a0_session **out_session, a0_error **err);

/* ---- login.c: what every way to Auth0 and back needs ---- */

/* NUL-terminated copy of an acceptable target in *space, or NULL for the default; `why`
 * goes to the log when it is not acceptable. */
const char *gateway_return_target(gateway *g, const a0__web_request *request,
                                  a0__text asked, const char *why, a0__buf *space);

/* Where Auth0 sends the browser back to. The host was checked: it is a configured one.
 * [AUTHZ-04] */
A0_MUST_USE a0_status gateway_callback_uri(const gateway *g,
                                           const a0__web_request *request, a0__buf *out,
                                           a0_error **err);

/* ---- callback.c ---- */

/* Where the person wanted to go, or the default. */
void gateway_send_home(gateway *g, const a0__web_request *request,
                       const char *return_to, a0__web_response *response);

/* ---- connect.c ---- */

/* Completes a connect of that session and sends the person home. Errors: those of
 * a0_connect_complete. */
A0_MUST_USE a0_status gateway_connect_complete(gateway *g,
                                               const a0__web_request *request,
                                               a0_session *session, const char *query,
                                               a0__web_response *response,
                                               a0_error **err);

/* The setting for that connection, NULL when no account of it may be connected. */
const connectable *gateway_connectable(const gateway *g, a0__text connection);

/* ---- link.c ---- */

/* What the person is to be told after a sign-in, beside where they wanted to go. */
typedef enum link_notice {
    LINK_NO_NOTICE,
    LINK_QUESTION,      /* is that other account yours too? */
    LINK_CONFIRMED,     /* two accounts are one now */
    LINK_CANCELLED,     /* both stay as they were */
    LINK_NOT_CONFIRMED, /* it took too long, or something has changed */
    LINK_WRONG_ACCOUNT  /* signed out */
} link_notice;

/* Links, or finds out what to ask, after a sign-in of that session; its id may be
 * another one afterwards, and after LINK_WRONG_ACCOUNT nobody is signed in. */
link_notice gateway_link(gateway *g, const a0__web_request *request,
                         a0_session *session);

/* Sends the browser to the page that says so. */
void gateway_link_tell(gateway *g, link_notice notice, const char *return_to,
                       a0__web_response *response);

/* That page: the notice of that name in the address; false: there is none. */
bool gateway_link_told(gateway *g, a0__text name, const char *return_to,
                       a0__web_response *response);

/* ---- pages.c ---- */

A0_MUST_USE a0_status gateway_pages_init(gateway *g, a0_error **err);
void gateway_pages_clear(gateway *g);
void gateway_show(gateway *g, const gateway_page *page, a0__web_response *response);

typedef struct page_value {
    const char *name;
    const char *value; /* plain text; escaped when it is filled in */
} page_value;

/* Fills {{name}} places of a template. */
void gateway_page_fill(a0__text page, const page_value *values, size_t len,
                       a0__buf *out);
/* Repeats a callback whose parameters stand in the fragment. [CB-11] */
void gateway_show_fragment(gateway *g, a0__web_response *response);
void gateway_show_sign_out(gateway *g, const char *csrf_token, const char *name,
                           a0__web_response *response);
/* A page with values of the request filled in. */
void gateway_show_filled(gateway *g, a0__text source, const page_value *values,
                         size_t len, a0__web_response *response);
void gateway_show_error(const gateway *g, const page_value *values, size_t len,
                        a0__web_response *response);

/* ---- routes ---- */

void gateway_welcome(void *self, a0__web_request *request, a0__web_response *response);
void gateway_dashboard(void *self, a0__web_request *request,
                       a0__web_response *response);
void gateway_signed_out(void *self, a0__web_request *request,
                        a0__web_response *response);
void gateway_style(void *self, a0__web_request *request, a0__web_response *response);
void gateway_script(void *self, a0__web_request *request, a0__web_response *response);
void gateway_accounts_script(void *self, a0__web_request *request,
                             a0__web_response *response);
void gateway_login(void *self, a0__web_request *request, a0__web_response *response);
void gateway_callback(void *self, a0__web_request *request, a0__web_response *response);
void gateway_callback_fragment(void *self, a0__web_request *request,
                               a0__web_response *response);
void gateway_connect(void *self, a0__web_request *request, a0__web_response *response);
void gateway_accounts(void *self, a0__web_request *request, a0__web_response *response);
void gateway_connections(void *self, a0__web_request *request,
                         a0__web_response *response);
void gateway_disconnect(void *self, a0__web_request *request,
                        a0__web_response *response);
void gateway_try_out(void *self, a0__web_request *request, a0__web_response *response);
void gateway_link_ask(void *self, a0__web_request *request, a0__web_response *response);
void gateway_link_confirm(void *self, a0__web_request *request,
                          a0__web_response *response);
void gateway_link_cancel(void *self, a0__web_request *request,
                         a0__web_response *response);
void gateway_logout(void *self, a0__web_request *request, a0__web_response *response);
void gateway_backchannel_logout(void *self, a0__web_request *request,
                                a0__web_response *response);
void gateway_ask_logout(void *self, a0__web_request *request,
                        a0__web_response *response);
void gateway_me(void *self, a0__web_request *request, a0__web_response *response);
void gateway_verify(void *self, a0__web_request *request, a0__web_response *response);
void gateway_health(void *self, a0__web_request *request, a0__web_response *response);

typedef a0_error *gateway_error;
void gateway_error_auto(gateway_error *error);
typedef a0_session *gateway_session;
void gateway_session_auto(gateway_session *session);
typedef a0_link_answer *gateway_link_answer;
void gateway_link_answer_auto(gateway_link_answer *answer);
typedef a0_connect_answer *gateway_answer;
void gateway_answer_auto(gateway_answer *answer);

#endif
