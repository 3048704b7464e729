/* SPDX-License-Identifier: MIT */
/* Scopes as sets, RFC 6749 §3.3: order and repeats never count [TOK-06]. */
#ifndef A0_OAUTH_SCOPE_H
#define A0_OAUTH_SCOPE_H

#include "base/buf.h"

/* %x21 / %x23-5B / %x5D-7E words with single spaces between them, or nothing. */
bool a0__scope_is_valid(a0__text scope);

/* Appends the words sorted by byte, each once: the form in which scopes are a key. */
A0_MUST_USE a0_status a0__scope_sort(a0__text scope, a0__buf *out, a0_error **err);

/*
 * Whether every permission of an API in `wanted` stands in `granted`. openid, profile,
 * email, address, phone and offline_access (OIDC Core §5.4, §11) are none: they shape
 * the sign-in, and Auth0 leaves them out of the answer to a multi-resource refresh.
 */
bool a0__scope_covers_api(a0__text granted, a0__text wanted);

/* Whether `scope` names a permission of an API. */
bool a0__scope_names_api(a0__text scope);

#endif
