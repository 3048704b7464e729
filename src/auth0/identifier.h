/* SPDX-License-Identifier: MIT */
/* Names of connections and ids of connected accounts: what stands in a path, a form and
 * a cache key has one narrow grammar [CONN-07, VAULT-03]. */
#ifndef A0_AUTH0_IDENTIFIER_H
#define A0_AUTH0_IDENTIFIER_H

#include "base/text.h"

enum {
    A0__IDENTIFIER_MAX = 128
};

/* [A-Za-z0-9_-]{1,128} */
bool a0__identifier_is_valid(a0__text text);

#endif
