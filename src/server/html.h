/* SPDX-License-Identifier: MIT */
/* Text in HTML. */
#ifndef A0_SERVER_HTML_H
#define A0_SERVER_HTML_H

#include "base/buf.h"

/* Good for element content and for attribute values in quotes of either kind. */
void a0__html_escape(a0__text text, a0__buf *out);

#endif
