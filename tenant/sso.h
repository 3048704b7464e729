/* SPDX-License-Identifier: MIT */
/* Single sign-on: the browser's session at the tenant, and who may come in. */
#ifndef A0_TENANT_SSO_H
#define A0_TENANT_SSO_H

#include "exchange.h"

/* The session of the browser's cookie, or NULL. */
a0__sso *a0__sso_of_browser(const a0__exchange *x);
/* Begins (or renews, for the same person) the session and sets the cookie; connection
 * is the one they signed in by. */
a0__sso *a0__sso_begin(a0__exchange *x, const a0__user *user, const char *connection);
/* Ends it, tells the applications that asked for it (wire §12), drops the cookie. */
void a0__sso_end(a0__exchange *x, a0__sso *session);

#endif
