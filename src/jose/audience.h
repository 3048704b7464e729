/* SPDX-License-Identifier: MIT */
/* The `aud` of a JWT, RFC 7519 §4.1.3: one text, or an array of them. */
#ifndef A0_JOSE_AUDIENCE_H
#define A0_JOSE_AUDIENCE_H

#include "json/json.h"

enum {
    A0__AUDIENCES_MAX = 16
};

/* How many values there are; 0 when `aud` is absent or of another shape: any member of
 * the array that is no text, or more than A0__AUDIENCES_MAX of them. */
size_t a0__audience_len(const a0__json *claims);
/* The i-th value, below that length. */
a0__text a0__audience_at(const a0__json *claims, size_t i);
bool a0__audience_has(const a0__json *claims, a0__text audience);
/* Whether every value of `other` is one of `claims`. */
bool a0__audience_covers(const a0__json *claims, const a0__json *other);

#endif
