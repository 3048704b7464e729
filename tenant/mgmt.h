/* SPDX-License-Identifier: MIT */
/* What the endpoints of the Management API have in common (wire §21.1, §21.2). */
#ifndef A0_TENANT_MGMT_H
#define A0_TENANT_MGMT_H

#include "exchange.h"

/* A token of this tenant for the API with one of the scopes (words), within the rate
 * limit. */
A0_MUST_USE a0_status a0__mgmt_authorize(a0__exchange *x, const char *scopes);
/* The same, with the claims of the token; freed by the caller. */
A0_MUST_USE a0_status a0__mgmt_authorize_caller(a0__exchange *x, const char *scopes,
                                                a0__json **out_claims);
/* Whether the token has one of the scopes. */
bool a0__mgmt_may(const a0__json *claims, const char *scopes);

/* The user {id} of the path, or 404. */
A0_MUST_USE a0_status a0__mgmt_find_user(a0__exchange *x, a0__user **out);

/* Wire §1.4, family 3; error_code may be "". */
void a0__mgmt_write_refusal(a0__exchange *x, int status, const char *message,
                            const char *error_code);
/* A macro, as a0__refuse is. */
#define a0__mgmt_refuse(x, ...)                                                        \
    (a0__mgmt_write_refusal((x), __VA_ARGS__), (a0_status)A0_REFUSED)

#endif
