/* SPDX-License-Identifier: MIT */
/* The body of an error in the way of the API that was called (wire §1.4). */
#ifndef A0_TENANT_REFUSAL_H
#define A0_TENANT_REFUSAL_H

#include "base/buf.h"

void a0__refusal_write(a0__text path, int status, const char *error,
                       const char *description, a0__buf *out);

#endif
