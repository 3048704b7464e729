/* SPDX-License-Identifier: MIT */
/* The pages between /authorize and the answer: password, sign-up, provider. */
#ifndef A0_TENANT_LOGIN_H
#define A0_TENANT_LOGIN_H

#include "exchange.h"

A0_MUST_USE a0_status a0__login_page(a0__exchange *x);
A0_MUST_USE a0_status a0__login_submit(a0__exchange *x);
A0_MUST_USE a0_status a0__signup_page(a0__exchange *x);
A0_MUST_USE a0_status a0__signup_submit(a0__exchange *x);
A0_MUST_USE a0_status a0__provider_page(a0__exchange *x);
A0_MUST_USE a0_status a0__provider_submit(a0__exchange *x);
A0_MUST_USE a0_status a0__home_page(a0__exchange *x);
A0_MUST_USE a0_status a0__style(a0__exchange *x);

#endif
