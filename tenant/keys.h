/* SPDX-License-Identifier: MIT */
/*
 * The keys that sign (wire §2.2, §2.3): RSA keys that rotate through next, current and
 * previous, a key for each other algorithm that an application asks for, and one that
 * is never published, for forgeries.
 */
#ifndef A0_TENANT_KEYS_H
#define A0_TENANT_KEYS_H

#include "core.h"
#include "jose/jwk.h"
#include "jose/signing_key.h"

/* Makes the keys that are missing. */
A0_MUST_USE a0_status a0__keys_ensure(a0__tenant *tenant, a0_error **err);
/* next signs from now on, current stays published as previous, a new next is made. */
A0_MUST_USE a0_status a0__keys_rotate(a0__tenant *tenant, a0_error **err);
/* Takes the previous key of that kid out of the set, or all of them when it is "".
 * False when there is none. */
bool a0__keys_revoke(a0__tenant *tenant, a0__text kid);

/* The key of that state and algorithm; both outputs are borrowed. */
A0_MUST_USE a0_status a0__keys_find(a0__tenant *tenant, const char *state, a0__alg alg,
                                    const char **out_kid,
                                    const a0__signing_key **out_key, a0_error **err);

/* The published keys as members of a JWK set, each with a comma before it unless it
 * is the first. `drop` leaves one kid out. */
A0_MUST_USE a0_status a0__keys_write(a0__tenant *tenant, a0__text drop,
                                     a0__json_writer *w, a0_error **err);

/* The published set, as somebody who verifies has it; freed by the caller. */
A0_MUST_USE a0_status a0__keys_published(a0__tenant *tenant, a0__jwks **out,
                                         a0_error **err);

void a0__keys_forget(a0__tenant *tenant);

#endif
