/* SPDX-License-Identifier: MIT */
/*
 * What the simulated providers serve for a token of the vault, below
 * /_provider/{connection}/: userinfo as Google has it, user and user/emails as GitHub,
 * and a calendar that needs its scope.
 */
#ifndef A0_TENANT_PROVIDER_API_H
#define A0_TENANT_PROVIDER_API_H

#include "exchange.h"

A0_MUST_USE a0_status a0__provider_userinfo(a0__exchange *x);
A0_MUST_USE a0_status a0__provider_github_user(a0__exchange *x);
A0_MUST_USE a0_status a0__provider_github_emails(a0__exchange *x);
A0_MUST_USE a0_status a0__provider_calendar(a0__exchange *x);

#endif
