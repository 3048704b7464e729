/* SPDX-License-Identifier: MIT */
/*
 * The Management API's calls about users (wire §21): where they go, what their failures
 * mean, how long to wait before asking again. Pure.
 */
#ifndef A0_AUTH0_USERS_H
#define A0_AUTH0_USERS_H

#include "auth0/user.h"
#include "config/settings.h"
#include "http/http.h"

/* Append the address: one path segment for an id, whatever is in it [MGMT-05]. `rest`
 * stands behind the id and begins with a slash, or is "". */
void a0__user_url(const a0__settings *settings, a0__text user_id, const char *rest,
                  a0__buf *out);
void a0__users_by_email_url(const a0__settings *settings, a0__text email, a0__buf *out);

/*
 * A0_OK for a success whose body is JSON; *out_document is freed by the caller. Errors:
 * mgmt_auth_failed (401), mgmt_scope_missing (403), mgmt_user_not_found (404),
 * mgmt_rate_limited, mgmt_unavailable, mgmt_refused, mgmt_response_invalid.
 */
A0_MUST_USE a0_status a0__management_response(const a0_http_response *response,
                                              int64_t wall_ms, a0__json **out_document,
                                              a0_error **err);

/* 429 and 5xx [MGMT-01, MGMT-02]. */
bool a0__management_is_temporary(int status);

/*
 * How long to wait before try number `tries` + 1: what the peer asks for, else a
 * quarter of a second, doubled with every try; and up to a fifth more by chance (0 to
 * 255), so that callers do not come back together.
 */
int64_t a0__management_wait_ms(int tries, int retry_after_s, unsigned char chance);

/* Whether an answer says that the tenant keeps no token sets (any more). */
bool a0__tokensets_are_gone(const a0_http_response *response);

/* A list of token sets that grows page by page. */
A0_MUST_USE a0_status a0__tokensets_new(a0_tokensets **out, a0_error **err);
/* Appends the members of an array of token sets, or of connected accounts. */
A0_MUST_USE a0_status a0__tokensets_add(a0_tokensets *tokensets, const a0__json *items,
                                        a0_error **err);
A0_MUST_USE a0_status a0__tokensets_end(a0_tokensets *tokensets, a0_error **err);

typedef a0_tokensets *a0__tokensets_ptr;
void a0__tokensets_ptr_auto(a0__tokensets_ptr *tokensets);

#endif
