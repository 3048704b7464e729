/* SPDX-License-Identifier: MIT */
/*
 * The faults that every endpoint has under the names of its families (docs/tenant.md):
 * what it does before it serves a request, and what becomes of the answer.
 */
#ifndef A0_TENANT_MISBEHAVE_H
#define A0_TENANT_MISBEHAVE_H

#include "exchange.h"

/* FAMILY.delay, in milliseconds. Takes the tenant's mutex itself. */
int64_t a0__misbehave_delay(a0__tenant *tenant, const char *families);

/* FAMILY.drop_before and FAMILY.status: true when that was the answer, and nothing is
 * to be done. */
bool a0__misbehave_before(a0__exchange *x, const char *families);

/* Everything was done; the answer says something else, or is lost. */
void a0__misbehave_after(a0__exchange *x, const char *families);

#endif
