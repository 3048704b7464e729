/* SPDX-License-Identifier: MIT */
/* What the endpoints of the Management API have in common (wire §21.1, §21.2). */
#ifndef A0_TENANT_MGMT_H
#define A0_TENANT_MGMT_H

#include "exchange.h"

/* A token of this tenant for the API with one of the scopes (words), within the rate
 * limit. */
A0_MUST_USE a0_status a0__mgmt_authorize(a0__exchange *x, const char *scopes);
/* The same about the user {id} of the path; own_scope opens it to that user alone. The
 * claims of the token are freed by the caller. */
A0_MUST_USE a0_status a0__mgmt_authorize_about(a0__exchange *x, const char *scope,
                                               const char *own_scope,
                                               a0__json **out_claims,
                                               a0__user **out_user);
/* Whether the token has one of the scopes. */
bool a0__mgmt_may(const a0__json *claims, const char *scopes);

/* The user {id} of the path, or 404. */
A0_MUST_USE a0_status a0__mgmt_find_user(a0__exchange *x, a0__user **out);

A0_MUST_USE a0_status a0__mgmt_answer_user(a0__exchange *x, int status,
                                           const a0__user *user);

/* A refusal with its errorCode, which may be "". */
#define a0__mgmt_refuse(x, status, message, error_code)                                \
    a0__refuse((x), (status), (error_code), "%s", (message))

#endif
