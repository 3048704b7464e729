/* SPDX-License-Identifier: MIT */
/* The control API, for callers in this process and for the pages beside it. */
#ifndef A0_TENANT_CONTROL_H
#define A0_TENANT_CONTROL_H

#include "exchange.h"

/* A list; null when nothing has that name. Under the mutex. */
void a0__control_write(a0__tenant *tenant, a0__text name, a0__json_writer *w);

/* A page of another site could otherwise drive a tenant through somebody's browser. */
bool a0__comes_from_another_site(const a0__exchange *x);

#endif
