/* SPDX-License-Identifier: MIT */
/*
 * The gateway's log: one event for each refusal, one audit event for each sign-in and
 * sign-out and for what is done with connected accounts, with the request's correlation
 * id. Addresses are fingerprints outside the audit stream, values of queries are left
 * out. [SEC-03, SEC-05, SEC-06, SEC-07]
 */
#ifndef A0_GATEWAY_EVENTS_H
#define A0_GATEWAY_EVENTS_H

#include <stdatomic.h>

#include <a0/sys/log.h>

#include "base/crypto.h"
#include "base/error.h"
#include "server/request.h"
#include "server/response.h"

typedef struct events {
    int fd;
    a0_log_level level; /* lower ones are left out; audit never is */
    const char *tenant;
    unsigned char key[A0__KEY_BYTES]; /* of fingerprints */
    _Atomic bool *is_lost;            /* whether the last line got nowhere */
} events;

/* The log port of the client; self is an events. What the client says about a callback
 * that failed is left out: the gateway says it, with the correlation id. [SEC-07] */
extern const a0_log events_of_client;

/* "callback", "session", "gateway", … : the family of an error. */
const char *event_family(const char *error_id);

/* <family>.rejected; err may be NULL when only the id is known. */
void event_rejected(const events *e, const a0__web_request *request,
                    const a0__address *client, const char *error_id,
                    const a0_error *err);
/* A sign-in or sign-out: who, from where. */
void event_audit(const events *e, const char *name, const a0__web_request *request,
                 const a0__address *client, const char *user_id);
/* The same of what a person does with an account of that connection. */
void event_audit_account(const events *e, const char *name,
                         const a0__web_request *request, const a0__address *client,
                         const char *user_id, const char *connection,
                         const char *account_id);
/* Something unusual that is no refusal. */
void event_note(const events *e, a0_log_level level, const char *name,
                const a0__web_request *request, const char *detail);
/* Every answer, at level debug. */
void event_answered(const events *e, const a0__web_request *request,
                    const a0__web_response *response);

#endif
