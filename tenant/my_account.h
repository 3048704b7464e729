/* SPDX-License-Identifier: MIT */
/*
 * The My Account API (wire §19): a person's own connected accounts. Connecting is a
 * call, a browser's way through the simulated provider, and a call that completes it.
 */
#ifndef A0_TENANT_MY_ACCOUNT_H
#define A0_TENANT_MY_ACCOUNT_H

#include "exchange.h"

/* Below /me/v1/connected-accounts/ */
A0_MUST_USE a0_status a0__connect_start(a0__exchange *x);
A0_MUST_USE a0_status a0__connect_complete(a0__exchange *x);
A0_MUST_USE a0_status a0__connected_accounts(a0__exchange *x);
A0_MUST_USE a0_status a0__connected_account_delete(a0__exchange *x);
A0_MUST_USE a0_status a0__connectable(a0__exchange *x);

/* What the browser sees: the ticket, then the provider's pages. */
A0_MUST_USE a0_status a0__connect_browser(a0__exchange *x);
A0_MUST_USE a0_status a0__connect_page(a0__exchange *x);
A0_MUST_USE a0_status a0__connect_submit(a0__exchange *x);

/* The bearer token, for the audience {issuer}me/ and with that scope. Otherwise
 * A0_REFUSED with the problem written. */
A0_MUST_USE a0_status a0__my_account_token(a0__exchange *x, const char *scope,
                                           const a0__access_token **out);

/* The one in that stage with that handle, not expired, or NULL. */
a0__connect *a0__connect_find(const a0__exchange *x, const char *stage,
                              a0__text handle);
/* Moves it on; the handle of the stage before is worth nothing from then on. */
void a0__connect_advance(a0__connect *connect, const char *stage, const char *prefix);
/* Whether a connect belongs to one person from its start to its end; the fault
 * me.bind_check turns that off. */
bool a0__connect_is_bound(a0__exchange *x);
/* One account as every answer shows it: neither its address nor its person. */
void a0__connected_account_describe(a0__json_writer *w,
                                    const a0__connected_account *account);
/* What wire §19 asks of a connection before it can be connected. */
bool a0__connection_is_connectable(const a0__connection *connection,
                                   const a0__client *client);

#endif
