/* SPDX-License-Identifier: MIT */
/*
 * Connected accounts in Auth0's My Account API: what is sent and what may come back.
 * The requests lack their bearer token, which the caller adds.
 */
#ifndef A0_AUTH0_MY_ACCOUNT_H
#define A0_AUTH0_MY_ACCOUNT_H

#include <a0/login.h>

#include "config/settings.h"
#include "http/http.h"
#include "json/json.h"

#define A0__MY_ACCOUNT_CREATE "create:me:connected_accounts"
#define A0__MY_ACCOUNT_READ "read:me:connected_accounts"
#define A0__MY_ACCOUNT_DELETE "delete:me:connected_accounts"

/* ---- connect ---- */

typedef struct a0__connect_wish {
    const char *connection;
    const char *redirect_uri;
    const a0__secret *state;
    const a0__secret *code_verifier;
    a0__text scope; /* "" for none: those of the tenant count */
    const a0_param *params;
    size_t params_len;
} a0__connect_wish;

/* The words of custom_scopes and of the caller, each once, then the scopes with which
 * the provider tells who the person is; nothing when there are none of the former. */
void a0__connect_scope(const a0__settings *settings, const char *connection,
                       a0__text given, a0__buf *out);

A0_MUST_USE a0_status a0__connect_request(const a0__settings *settings,
                                          const a0__connect_wish *wish,
                                          a0__http_request *out, a0_error **err);

typedef struct a0__connect_ticket {
    a0__secret auth_session;
    a0__buf url; /* connect_uri with the ticket */
    int64_t expires_in;
} a0__connect_ticket;

void a0__connect_ticket_auto(a0__connect_ticket *ticket);

/* Errors: connect_api_error, connect_response_invalid [CONN-04, CONN-06]. */
A0_MUST_USE a0_status a0__connect_response(const a0__settings *settings,
                                           const a0_http_response *response,
                                           int64_t wall_ms, a0__connect_ticket *out,
                                           a0_error **err);

/* ---- complete ---- */

typedef struct a0__connect_proof {
    a0__text auth_session;
    a0__text connect_code;
    a0__text redirect_uri;
    a0__text code_verifier;
} a0__connect_proof;

A0_MUST_USE a0_status a0__connect_complete_request(const a0__settings *settings,
                                                   const a0__connect_proof *proof,
                                                   a0__http_request *out,
                                                   a0_error **err);
/* Any 2xx of the right shape. The id is checked, the connection is the caller's to
 * check [CONN-11]. */
A0_MUST_USE a0_status a0__connect_complete_response(const a0_http_response *response,
                                                    int64_t wall_ms,
                                                    a0__json **out_account,
                                                    a0_error **err);

/* ---- lists, delete ---- */

/* `list` is "accounts" or "connections"; `from` the cursor of the next page or "". */
A0_MUST_USE a0_status a0__connect_page_request(const a0__settings *settings,
                                               const char *list, a0__text from,
                                               a0__http_request *out, a0_error **err);
/* *out_items is a view into *out_document; *out_next is "" on the last page. */
A0_MUST_USE a0_status a0__connect_page_response(const a0_http_response *response,
                                                const char *list, int64_t wall_ms,
                                                a0__json **out_document,
                                                const a0__json **out_items,
                                                a0__text *out_next, a0_error **err);

A0_MUST_USE a0_status a0__connect_delete_request(const a0__settings *settings,
                                                 a0__text id, a0__http_request *out,
                                                 a0_error **err);
/* 404 is success: it is gone. */
A0_MUST_USE a0_status a0__connect_delete_response(const a0_http_response *response,
                                                  int64_t wall_ms, a0_error **err);

#endif
