/* SPDX-License-Identifier: MIT */
/* Lists that are read page by page with a cursor: `from` and `take` (wire §1.7). */
#ifndef A0_TENANT_CURSOR_H
#define A0_TENANT_CURSOR_H

#include "exchange.h"

/* One page: what stands before `first` is behind us. */
typedef struct a0__page {
    a0__text first; /* key; "" for the beginning */
    size_t take;
    size_t taken;
    const char *next; /* key of the page after this one */
} a0__page;

/* The fault says how many may stand on a page. */
A0_MUST_USE a0_status a0__page_read(a0__exchange *x, const a0__table *table,
                                    const char *fault, a0__page *out);
/* Whether the row with that key stands on this page. */
bool a0__page_takes(a0__page *page, const char *key);
/* The member `next`, unless this page is the last. */
void a0__page_put_next(const a0__page *page, a0__json_writer *w);

#endif
