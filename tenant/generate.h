/* SPDX-License-Identifier: MIT */
/*
 * Many users at once, from a pattern: {"count", "first", "user": {…}}. In any text of
 * the user {n} stands for its number. What the pattern leaves out is made of the number
 * too: the id, the address, and a time of creation a minute after the one before.
 */
#ifndef A0_TENANT_GENERATE_H
#define A0_TENANT_GENERATE_H

#include "core.h"

A0_MUST_USE a0_status a0__generate_users(a0__tenant *tenant, const a0__json *pattern,
                                         a0_error **err);

#endif
