/* SPDX-License-Identifier: MIT */
/* What the endpoints of the Management API have in common (wire §21.1, §21.2). */
#ifndef A0_TENANT_MGMT_H
#define A0_TENANT_MGMT_H

#include "exchange.h"

/* The machine token of this tenant with that scope, within the rate limit. */
A0_MUST_USE a0_status a0__mgmt_authorize(a0__exchange *x, const char *scope);

/* Wire §1.4, family 3; error_code may be NULL. */
void a0__mgmt_write_refusal(a0__exchange *x, int status, const char *error,
                            const char *message, const char *error_code);
/* A macro, as a0__refuse is. */
#define a0__mgmt_refuse(x, ...)                                                        \
    (a0__mgmt_write_refusal((x), __VA_ARGS__), (a0_status)A0_REFUSED)

#endif
