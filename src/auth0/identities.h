/* SPDX-License-Identifier: MIT */
/*
 * Linking and unlinking the identities of a user by the Management API (wire §22).
 * Pure.
 */
#ifndef A0_AUTH0_IDENTITIES_H
#define A0_AUTH0_IDENTITIES_H

#include <a0/user.h>

#include "config/settings.h"
#include "http/http.h"

/* Append the address and the body of POST /users/{primary}/identities: provider and
 * bare id name the secondary [LINK-24]. */
void a0__identity_link_url(const a0__settings *settings, a0__text primary_user_id,
                           a0__buf *out);
void a0__identity_link_body(const a0_identity *secondary, a0__buf *out);

/* Appends the address of DELETE /users/{primary}/identities/{provider}/{user_id}. */
void a0__identity_unlink_url(const a0__settings *settings, a0__text primary_user_id,
                             const a0_identity *secondary, a0__buf *out);

/* What became of a link or an unlink. */
typedef enum a0__identities_outcome {
    A0__IDENTITIES_CHANGED,   /* Auth0 says so, and the list bears it out */
    A0__IDENTITIES_REFUSED,   /* it did nothing */
    A0__IDENTITIES_OTHERWISE, /* it is through, and has something else: read the user */
    A0__IDENTITIES_UNCLEAR    /* it may still be at it: read the user */
} a0__identities_outcome;

/* `is_there`: whether the list must have exactly that identity, or must not. */
a0__identities_outcome a0__identities_response(const a0_http_response *response,
                                               const a0_identity *identity,
                                               bool is_there);

/* Whether a user has exactly that identity: provider, connection and id. */
bool a0__user_has_identity(const a0_user *user, const a0_identity *identity);

#endif
