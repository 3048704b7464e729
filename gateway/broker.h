/* SPDX-License-Identifier: MIT */
/*
 * The Token Vault broker: POST /auth/token/{connection} on a listener of its own. A
 * back end shows a secret and the session cookie that the person's browser sent, and
 * gets an access token of the person's account at a provider. [GW-15, VAULT-07]
 */
#ifndef A0_GATEWAY_BROKER_H
#define A0_GATEWAY_BROKER_H

#include "internal.h"

/* Makes g->broker_site, for the listener of the settings. */
A0_MUST_USE a0_status broker_init(gateway *g, a0_error **err);
void broker_clear(gateway *g);

/* ---- broker_problem.c ---- */

/* What was asked for, as far as it is known. */
typedef struct broker_wish {
    const char *connection; /* NULL: not known */
    const char *scope;      /* NULL: none */
} broker_wish;

/* RFC 9457: what is wrong and, as `action`, who can do what about it; with what the
 * person is to be sent to. Logs it, once. [VAULT-06] */
void broker_fail(gateway *g, const a0__web_request *request, const broker_wish *wish,
                 const a0_error *error, a0__web_response *response);
/* The same where only the identifier is known. */
void broker_refuse(gateway *g, const a0__web_request *request, a0__error_id id,
                   int status, a0__web_response *response);

#endif
