/* SPDX-License-Identifier: MIT */
/* The pages of a list that Auth0 cuts into pages, each naming the next: a circle, or a
 * list without an end, is found out [CONN-09]. */
#ifndef A0_FLOWS_CURSORS_H
#define A0_FLOWS_CURSORS_H

#include "base/buf.h"

enum {
    A0__PAGES_MAX = 100,
    A0__CURSOR_MAX = 1024
};

typedef struct a0__cursors {
    a0__buf next; /* the page to ask for; empty: the first, or none any more */
    a0__buf seen;
    size_t pages;
} a0__cursors;

#define A0__CURSORS_INIT                                                               \
    ((a0__cursors){ .next = A0__BUF_INIT(A0__CURSOR_MAX),                              \
                    .seen = A0__BUF_INIT(A0__PAGES_MAX * (A0__CURSOR_MAX + 2)) })

void a0__cursors_auto(a0__cursors *cursors);

/* After a page: goes on to the one it names, or with "" to the end. False when that one
 * was there before, or when it is one page too many. */
bool a0__cursors_go_on(a0__cursors *cursors, a0__text next);

#endif
