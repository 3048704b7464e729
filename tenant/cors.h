/* SPDX-License-Identifier: MIT */
/* Applications that run in a browser call from another origin: those that some
 * application lists in allowed_origins may read the answers. (Fetch standard, CORS) */
#ifndef A0_TENANT_CORS_H
#define A0_TENANT_CORS_H

#include "exchange.h"

void a0__allow_origin(a0__exchange *x);
A0_MUST_USE a0_status a0__preflight(a0__exchange *x);

#endif
