/* SPDX-License-Identifier: MIT */
/* Whether what a seed names is there: a misspelt connection would only show at a
 * sign-in that never works. */
#ifndef A0_TENANT_SEED_CHECK_H
#define A0_TENANT_SEED_CHECK_H

#include "core.h"

/* config_invalid, naming the record, its member and the list that lacks it. */
A0_MUST_USE a0_status a0__seed_check(const a0__tenant *tenant, a0_error **err);

#endif
