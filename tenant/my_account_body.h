/* SPDX-License-Identifier: MIT */
/* The bodies of the My Account API are closed: what is not described is refused. */
#ifndef A0_TENANT_MY_ACCOUNT_BODY_H
#define A0_TENANT_MY_ACCOUNT_BODY_H

#include "exchange.h"

A0_MUST_USE a0_status a0__connect_body_check(a0__exchange *x);
A0_MUST_USE a0_status a0__complete_body_check(a0__exchange *x);

#endif
