/* SPDX-License-Identifier: MIT */
#include "link/items.h"

#include <stdlib.h>
#include <string.h>

void
a0__items_auto(a0__items *items)
{
    a0__buf_clear(&items->texts);
    a0__free(items->in_order);
    a0__free(items->sorted);
}

static int
compare_texts(a0__text a, a0__text b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter > 0 ? memcmp(a.ptr, b.ptr, shorter) : 0;

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int
compare_items(const void *a, const void *b)
{
    const a0__item *left = a;
    const a0__item *right = b;
    int order = compare_texts(left->text, right->text);

    return order != 0 ? order
                      : (left->index > right->index) - (left->index < right->index);
}

/* The texts move while they are written, so only their lengths are kept at first. */
static a0_status
write_items(const a0__json *array, a0__items *out, a0_error **err)
{
    const char *at = NULL;

    for (size_t i = 0; i < out->len; i++) {
        size_t begin = out->texts.len;

        A0_TRY(a0__json_write_sorted(a0__json_at(array, i), &out->texts, err));
        out->in_order[i] =
            (a0__item){ .text = { NULL, out->texts.len - begin }, .index = i };
    }
    at = a0__buf_cstr(&out->texts);
    for (size_t i = 0; i < out->len; i++) {
        out->in_order[i].text.ptr = at;
        at += out->in_order[i].text.len;
    }
    return A0_OK;
}

a0_status
a0__items_read(const a0__json *array, a0__items *out, a0_error **err)
{
    out->len = array != NULL ? a0__json_len(array) : 0;
    if (out->len == 0) {
        return A0_OK;
    }
    out->texts = A0__BUF_INIT(SIZE_MAX / 2);
    out->in_order = a0__calloc(out->len, sizeof *out->in_order);
    out->sorted = a0__calloc(out->len, sizeof *out->sorted);
    A0_ENSURE(out->in_order != NULL && out->sorted != NULL, err, no_memory);
    A0_TRY(write_items(array, out, err));
    memcpy(out->sorted, out->in_order, out->len * sizeof *out->sorted);
    qsort(out->sorted, out->len, sizeof *out->sorted, compare_items);
    return A0_OK;
}

const a0__item *
a0__items_find(const a0__items *items, a0__text text)
{
    size_t low = 0;
    size_t high = items->len;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare_texts(items->sorted[middle].text, text) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < items->len && a0__text_equal(items->sorted[low].text, text)
               ? &items->sorted[low]
               : NULL;
}
