/* SPDX-License-Identifier: MIT */
/* /authorize and how it ends: with a code, or with an error (wire §4). */
#ifndef A0_TENANT_AUTHORIZE_H
#define A0_TENANT_AUTHORIZE_H

#include "authorization.h"

A0_MUST_USE a0_status a0__authorize(a0__exchange *x);

/* Somebody signed in by the account: begins the session and answers with a code. Takes
 * the authorization, which stands in its table, over. */
A0_MUST_USE a0_status a0__authorize_complete(a0__exchange *x, a0__authorization *open,
                                             a0__user *account);
/* Answers with an error and forgets the request. */
A0_MUST_USE a0_status a0__authorize_deny(a0__exchange *x, a0__authorization *open,
                                         const char *error, const char *description);

#endif
