/* SPDX-License-Identifier: MIT */
/* What kind of request a browser is making (Fetch Metadata, RFC 6454). */
#ifndef A0_GATEWAY_NAVIGATION_H
#define A0_GATEWAY_NAVIGATION_H

#include "redirect.h"
#include "server/request.h"

/* A person going to an address in a tab of its own; without Fetch Metadata, a request
 * for text/html that no script says it made. Only that may start a sign-in. [GW-14] */
bool gateway_is_navigation(const a0__web_request *request);

/* Somebody might go there later. [CB-05] */
bool gateway_is_prefetch(const a0__web_request *request);

/* Sent by a page of that origin: every sign a browser gives says so, and there is one.
 * [LOUT-01] */
bool gateway_is_same_origin(const a0__web_request *request,
                            const gateway_origin *origin);

#endif
