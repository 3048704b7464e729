/* SPDX-License-Identifier: MIT */
/*
 * The items of a JSON array as they are compared: written out, names in order. Sorted
 * once, so that two long arrays take no longer than their length deserves [LINK-16].
 */
#ifndef A0_LINK_ITEMS_H
#define A0_LINK_ITEMS_H

#include "json/json.h"

typedef struct a0__item {
    a0__text text;
    size_t index; /* in the array */
} a0__item;

typedef struct a0__items {
    a0__buf texts;
    a0__item *in_order;
    a0__item *sorted; /* by text, then by index */
    size_t len;
} a0__items;

#define A0__ITEMS_INIT ((a0__items){ .len = 0 })
void a0__items_auto(a0__items *items);

/* Of NULL: none. Statuses: no_memory. */
A0_MUST_USE a0_status a0__items_read(const a0__json *array, a0__items *out,
                                     a0_error **err);

/* The first item with that text, or NULL. */
const a0__item *a0__items_find(const a0__items *items, a0__text text);

#endif
