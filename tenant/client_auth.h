/* SPDX-License-Identifier: MIT */
/* Client authentication (wire §3): the one method that the application is set to. */
#ifndef A0_TENANT_CLIENT_AUTH_H
#define A0_TENANT_CLIENT_AUTH_H

#include "exchange.h"

/* The authenticated client, or A0_REFUSED with 401 invalid_client written. */
A0_MUST_USE a0_status a0__client_authenticate(a0__exchange *x, a0__client **out_client);

#endif
