/* SPDX-License-Identifier: MIT */
/*
 * How a browser reads a URL reference (WHATWG URL Standard, the states that decide the
 * host), written from the standard and not from our own parser: the oracle of the tests
 * about redirects.
 */
#ifndef A0_TESTS_BROWSER_URL_H
#define A0_TESTS_BROWSER_URL_H

#include <stdbool.h>

#include "base/buf.h"

/*
 * Where a browser at https://{base_host}/ goes: appends "https://host:port" in lower
 * case, "other:" for a scheme without a host, or "failure".
 */
void browser_url_origin(a0__text reference, const char *base_host, a0__buf *out);

#endif
