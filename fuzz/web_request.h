/* SPDX-License-Identifier: MIT */
#ifndef A0_FUZZ_WEB_REQUEST_H
#define A0_FUZZ_WEB_REQUEST_H

#include "server/request.h"

/* A request as the HTTP library hands it over, out of a target's input: first line,
 * header lines, an empty line, a body. Points into the input. */
void fuzz_web_request(a0__text input, a0__web_request *out);

#endif
