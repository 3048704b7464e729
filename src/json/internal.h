/* SPDX-License-Identifier: MIT */
#ifndef A0_JSON_INTERNAL_H
#define A0_JSON_INTERNAL_H

#include "json/json.h"

bool a0__json_within_limits(a0__text text, size_t members_max);

#endif
