/* SPDX-License-Identifier: MIT */
/* --state FILE: every record as a row of SQLite, so that a tenant can be left and
 * found again. */
#ifndef A0_TENANT_STATE_H
#define A0_TENANT_STATE_H

#include "core.h"

/* Opens or makes the file and reads what is in it. *out_is_new: it was empty. */
A0_MUST_USE a0_status a0__state_open(a0__tenant *tenant, const char *path,
                                     bool *out_is_new, a0_error **err);
/* Writes what changed since the last time, in one transaction. Nothing to do without
 * a state file. */
A0_MUST_USE a0_status a0__state_write(a0__tenant *tenant, a0_error **err);
void a0__state_close(a0__tenant *tenant);

#endif
