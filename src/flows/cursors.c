/* SPDX-License-Identifier: MIT */
#include "flows/cursors.h"

#include <string.h>

void
a0__cursors_auto(a0__cursors *cursors)
{
    a0__buf_clear(&cursors->next);
    a0__buf_clear(&cursors->seen);
}

/* Remembers it, between newlines. */
static bool
was_seen(a0__buf *seen, a0__text cursor)
{
    size_t start = seen->len;

    if (start == 0) {
        a0__buf_byte(seen, '\n');
        start = 1;
    }
    a0__buf_text(seen, cursor);
    a0__buf_byte(seen, '\n');
    return !a0__buf_ok(seen) ||
           memmem(seen->ptr, start, seen->ptr + start - 1, cursor.len + 2) != NULL;
}

bool
a0__cursors_go_on(a0__cursors *cursors, a0__text next)
{
    cursors->pages++;
    a0__buf_reset(&cursors->next);
    a0__buf_text(&cursors->next, next);
    return next.len == 0 ||
           (cursors->pages < A0__PAGES_MAX && !was_seen(&cursors->seen, next));
}
