/* SPDX-License-Identifier: MIT */
/*
 * Authorization requests (wire §4, §5, §13): what /authorize and /oauth/par have in
 * common. Reading one checks it against the application it names.
 */
#ifndef A0_TENANT_AUTHORIZATION_H
#define A0_TENANT_AUTHORIZATION_H

#include "exchange.h"

/* Why a request is not acceptable; error is NULL when it is. */
typedef struct a0__refusal {
    const char *error;
    const char *description;
    bool is_page; /* the redirect_uri is not to be trusted: the browser stays here */
} a0__refusal;

/* Fills a new row (not in its table yet) from the request's parameters. */
a0__refusal a0__authorization_read(const a0__exchange *x, const a0__client *client,
                                   a0__authorization *out);

/* Puts it into the table under a new id of that stage. The row stays valid. */
void a0__authorization_store(a0__tenant *tenant, a0__authorization *authorization,
                             const char *stage, const char *id_prefix,
                             int64_t lifetime_s);
/* One that is in that stage and not expired, or NULL. */
a0__authorization *a0__authorization_find(const a0__tenant *tenant, const char *stage,
                                          a0__text id);

/* Exact, but for one "*" that stands for the left-most label of the host (wire §4). */
bool a0__url_is_allowed(const a0__list *allowed, a0__text url);
/* The same without query and fragment (wire §11.1). */
bool a0__logout_url_is_allowed(const a0__list *allowed, a0__text url);

/* The scopes of the request that this client gets for this audience. */
void a0__scope_grant(const a0__tenant *tenant, const a0__client *client,
                     const char *audience, a0__text wanted, a0__buf *out);

#endif
