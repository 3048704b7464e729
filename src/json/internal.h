/* SPDX-License-Identifier: MIT */
#ifndef A0_JSON_INTERNAL_H
#define A0_JSON_INTERNAL_H

#include <jansson.h>

#include "json/json.h"

typedef struct a0__json_limits {
    size_t depth;
    size_t members;
} a0__json_limits;

/* NULL when the text is not acceptable, or without memory, which is told apart.
 * *out_read is how many bytes were read before that was seen; it may be NULL. */
json_t *a0__json_read(a0__text text, a0__json_limits limits, bool *out_no_memory,
                      size_t *out_read);

#endif
