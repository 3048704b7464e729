/* SPDX-License-Identifier: MIT */
/* The errors of the My Account API: problem details (wire §1.4, family 4; §19). */
#ifndef A0_TENANT_PROBLEM_H
#define A0_TENANT_PROBLEM_H

#include "base/buf.h"

bool a0__path_speaks_problems(a0__text path);

/* `code` may name the type, "A0E-401-0002"; otherwise the status does. */
void a0__problem_write(int status, const char *code, const char *detail, a0__buf *out);

#endif
