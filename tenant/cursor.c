/* SPDX-License-Identifier: MIT */
#include "cursor.h"

enum {
    TAKE_DEFAULT = 10,
    TAKE_MAX = 20,
    CURSOR_MAX = 1024
};

#define CURSOR_PREFIX "cur-"

/* `from`, and `next` as one client of Auth0 sends it (wire §19.4). */
static a0__text
cursor_of(const a0__exchange *x)
{
    a0__text cursor = a0__param(x, "from");

    if (cursor.len == 0) {
        cursor = a0__param(x, "next");
    }
    return a0__text_starts_with(cursor, A0__LIT(CURSOR_PREFIX))
               ? a0__text_from(cursor, sizeof CURSOR_PREFIX - 1)
               : A0__NO_TEXT;
}

/* A cursor that leads nowhere is the beginning: that is how lists come to loop. */
a0_status
a0__page_read(a0__exchange *x, const a0__table *table, const char *fault, a0__page *out)
{
    a0__text take = a0__param(x, "take");
    a0__text first = cursor_of(x);
    uint64_t wanted = TAKE_DEFAULT;
    int64_t most = TAKE_MAX;

    if (take.ptr != NULL && (!a0__parse_u64(take, TAKE_MAX, &wanted) || wanted == 0)) {
        return a0__refuse(x, 400, "", "take must be 1 to 20");
    }
    (void)a0__fault_take_number(&x->tenant->faults, fault, &most);
    out->take = most > 0 && (uint64_t)most < wanted ? (size_t)most : (size_t)wanted;
    if (a0__table_get(table, first) != NULL) {
        out->first = first;
    }
    return A0_OK;
}

bool
a0__page_takes(a0__page *page, const char *key)
{
    if (page->first.len > 0 && !a0__text_is(page->first, key)) {
        return false;
    }
    page->first = A0__NO_TEXT;
    if (page->taken < page->take) {
        page->taken++;
        return true;
    }
    if (page->next == NULL) {
        page->next = key;
    }
    return false;
}

void
a0__page_put_next(const a0__page *page, a0__json_writer *w)
{
    A0_AUTO(a0__buf) cursor = A0__BUF_INIT(CURSOR_MAX);

    if (page->next != NULL) {
        a0__buf_format(&cursor, "%s%s", CURSOR_PREFIX, page->next);
        a0__json_put(w, "next", a0__buf_view(&cursor));
    }
}
