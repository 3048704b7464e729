/* SPDX-License-Identifier: MIT */
/*
 * The search language for users (wire §21.5), as much as people write: fields, quoted
 * and bare values, wildcards, ranges, _exists_, AND, OR, NOT, parentheses. What it does
 * not know is refused, never guessed.
 */
#ifndef A0_TENANT_USER_QUERY_H
#define A0_TENANT_USER_QUERY_H

#include "model.h"

typedef struct a0__user_query a0__user_query;

/* NULL: the text is no query of this language. "" finds everybody. */
a0__user_query *a0__user_query_parse(a0__text q);
void a0__user_query_free(a0__user_query *query);
typedef a0__user_query *a0__user_query_ptr;
void a0__user_query_ptr_auto(a0__user_query_ptr *query);

bool a0__user_query_fits(const a0__user_query *query, const a0__user *user);

#endif
