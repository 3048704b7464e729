/* SPDX-License-Identifier: MIT */
/* The Management API's token bucket (wire §1.6), by the settings
 * management_rate_limit (a second) and management_rate_burst. */
#ifndef A0_TENANT_RATE_LIMIT_H
#define A0_TENANT_RATE_LIMIT_H

#include "exchange.h"

/* Takes one and puts the headers; false when the bucket is empty, or the fault mgmt.429
 * says so. Without a limit there is always more. */
bool a0__rate_limit_take(a0__exchange *x);

#endif
