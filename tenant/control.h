/* SPDX-License-Identifier: MIT */
/* What the control API shows under a name, for callers in this process. */
#ifndef A0_TENANT_CONTROL_H
#define A0_TENANT_CONTROL_H

#include "core.h"

/* A list; null when nothing has that name. Under the mutex. */
void a0__control_write(a0__tenant *tenant, a0__text name, a0__json_writer *w);

#endif
