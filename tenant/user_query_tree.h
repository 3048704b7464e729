/* SPDX-License-Identifier: MIT */
/* A query as it was read: what user_query.c makes and user_query_fits.c follows. */
#ifndef A0_TENANT_USER_QUERY_TREE_H
#define A0_TENANT_USER_QUERY_TREE_H

#include "user_field.h"
#include "user_query.h"

/* Stand for the wildcards in a pattern; a query holds no control bytes. */
#define A0__QUERY_ANY_TEXT '\1'
#define A0__QUERY_ANY_BYTE '\2'

typedef enum a0__query_kind {
    A0__QUERY_EVERYBODY,
    A0__QUERY_AND,
    A0__QUERY_OR,
    A0__QUERY_NOT,
    A0__QUERY_EXISTS,
    A0__QUERY_PHRASE, /* quoted: the whole value */
    A0__QUERY_WORD,   /* bare: the whole value or one word of it; wildcards */
    A0__QUERY_RANGE
} a0__query_kind;

struct a0__user_query {
    a0__query_kind kind;
    a0__user_query *left;
    a0__user_query *right;
    char *name;
    a0__user_field field;
    char *value; /* or the lower bound, "" for none */
    char *upper;
    bool excludes_value;
    bool excludes_upper;
};

#endif
