/* SPDX-License-Identifier: MIT */
#include "link/merge.h"

#include "link/items.h"

/* ---- equality ---- */

/* Also of numbers that no integer holds; never of an absent value and another. Without
 * the memory to tell, what is being written fails [MEM-09]. */
static bool
same(const a0__json_writer *w, const a0__json *a, const a0__json *b)
{
    A0_AUTO(a0__buf) first = A0__BUF_INIT(A0__MERGE_MAX * 16);
    A0_AUTO(a0__buf) second = A0__BUF_INIT(A0__MERGE_MAX * 16);

    if (a == NULL || b == NULL) {
        return a == b;
    }
    if (a0__json_write_sorted(a, &first, NULL) == A0_OK &&
        a0__json_write_sorted(b, &second, NULL) == A0_OK) {
        return a0__text_equal(a0__buf_view(&first), a0__buf_view(&second));
    }
    w->out->no_memory = w->out->no_memory || !(first.too_long || second.too_long);
    return false;
}

/* ---- limits ---- */

static bool is_deeper(const a0__json *node, int levels);

/* *self is how many levels the value may have; -1 once it has more. */
static bool
member_is_deeper(void *self, a0__text name, const a0__json *value)
{
    int *levels = self;

    (void)name;
    *levels = is_deeper(value, *levels) ? -1 : *levels;
    return *levels >= 0;
}

static bool
is_deeper(const a0__json *node, int levels)
{
    int left = levels - 1;

    if (!a0__json_is_object(node) && !a0__json_is_array(node)) {
        return false;
    }
    if (a0__json_is_object(node) && left >= 0) {
        a0__json_each(node, member_is_deeper, &left);
    }
    for (size_t i = 0; a0__json_is_array(node) && i < a0__json_len(node); i++) {
        left = left >= 0 && is_deeper(a0__json_at(node, i), left) ? -1 : left;
    }
    return left < 0;
}

/* NULL is no metadata at all. */
static bool
is_mergeable(const a0__json *metadata)
{
    return metadata == NULL ||
           (a0__json_is_object(metadata) && !is_deeper(metadata, A0__MERGE_DEPTH_MAX));
}

/* ---- merging ---- */

static void put_merged(a0__json_writer *w, const a0__json *primary,
                       const a0__json *secondary);

/* Two objects on their way into one. */
typedef struct merging {
    a0__json_writer *w;
    const a0__json *other;
} merging;

static bool
put_own_member(void *self, a0__text name, const a0__json *value)
{
    const merging *m = self;

    a0__json_name_text(m->w, name);
    put_merged(m->w, value, a0__json_member(m->other, name.ptr));
    return true;
}

static bool
put_new_member(void *self, a0__text name, const a0__json *value)
{
    const merging *m = self;

    if (a0__json_member(m->other, name.ptr) == NULL) {
        a0__json_name_text(m->w, name);
        a0__json_value_node(m->w, value);
    }
    return true;
}

/* Items that `except` does not hold, each once. */
static void
put_items(a0__json_writer *w, const a0__json *array, const a0__items *items,
          const a0__items *except)
{
    for (size_t i = 0; i < items->len; i++) {
        a0__text text = items->in_order[i].text;

        if (a0__items_find(items, text)->index == i &&
            a0__items_find(except, text) == NULL) {
            a0__json_value_node(w, a0__json_at(array, i));
        }
    }
}

static void
put_merged_arrays(a0__json_writer *w, const a0__json *primary,
                  const a0__json *secondary)
{
    const a0__items none = A0__ITEMS_INIT;
    A0_AUTO(a0__items) first = A0__ITEMS_INIT;
    A0_AUTO(a0__items) second = A0__ITEMS_INIT;

    if (a0__items_read(secondary, &first, NULL) != A0_OK ||
        a0__items_read(primary, &second, NULL) != A0_OK) {
        w->out->no_memory = true;
        return;
    }
    a0__json_open(w, '[');
    put_items(w, secondary, &first, &none);
    put_items(w, primary, &second, &first);
    a0__json_close(w, ']');
}

static void
put_merged(a0__json_writer *w, const a0__json *primary, const a0__json *secondary)
{
    merging own = { w, secondary };
    merging new = { w, primary };

    if (secondary != NULL && a0__json_is_object(primary) &&
        a0__json_is_object(secondary)) {
        a0__json_open(w, '{');
        a0__json_each(primary, put_own_member, &own);
        a0__json_each(secondary, put_new_member, &new);
        a0__json_close(w, '}');
    } else if (secondary != NULL && a0__json_is_array(primary) &&
               a0__json_is_array(secondary) && !same(w, primary, secondary)) {
        put_merged_arrays(w, primary, secondary);
    } else {
        a0__json_value_node(w, primary);
    }
}

static bool
is_key_merged(a0__merge_keys keys, a0__text name)
{
    for (size_t i = 0; i < keys.len; i++) {
        if (a0__text_is(name, keys.items[i])) {
            return true;
        }
    }
    return keys.items == NULL;
}

/* The top level, where the keys count. */
typedef struct top_level {
    a0__json_writer w;
    const a0__json *other;
    a0__merge_keys keys;
} top_level;

static bool
put_own_top(void *self, a0__text name, const a0__json *value)
{
    top_level *t = self;

    a0__json_name_text(&t->w, name);
    put_merged(&t->w, value,
               is_key_merged(t->keys, name) ? a0__json_member(t->other, name.ptr)
                                            : NULL);
    return true;
}

static bool
put_new_top(void *self, a0__text name, const a0__json *value)
{
    top_level *t = self;

    if (is_key_merged(t->keys, name) && a0__json_member(t->other, name.ptr) == NULL) {
        a0__json_name_text(&t->w, name);
        a0__json_value_node(&t->w, value);
    }
    return true;
}

/* ---- what differs from what is there ---- */

typedef struct difference {
    a0__json_writer w;
    const a0__json *now;
} difference;

static bool
put_if_changed(void *self, a0__text name, const a0__json *value)
{
    difference *d = self;

    if (!same(&d->w, a0__json_member(d->now, name.ptr), value)) {
        a0__json_name_text(&d->w, name);
        a0__json_value_node(&d->w, value);
    }
    return true;
}

static a0_status
put_changed(const a0__json *now, a0__text wanted, a0__buf *out, a0_error **err)
{
    A0_AUTO(a0__json_doc) document = NULL;
    difference d = { a0__json_writer_on(out), now };

    A0_TRY(a0__json_parse_deep(wanted, &document, err));
    A0_ENSURE(document != NULL, err, internal);
    a0__json_open(&d.w, '{');
    a0__json_each(document, put_if_changed, &d);
    a0__json_close(&d.w, '}');
    return a0__buf_check(out, err);
}

a0_status
a0__merge_patch(const a0__json *primary, const a0__json *secondary, a0__merge_keys keys,
                a0__buf *out, bool *out_valid, a0_error **err)
{
    A0_AUTO(a0__buf) merged = A0__BUF_INIT(A0__MERGE_MAX);
    top_level own = { a0__json_writer_on(&merged), secondary, keys };
    top_level added = { .other = primary, .keys = keys };

    *out_valid = is_mergeable(primary) && is_mergeable(secondary);
    if (!*out_valid) {
        return A0_OK;
    }
    a0__json_open(&own.w, '{');
    a0__json_each(primary, put_own_top, &own);
    added.w = own.w;
    a0__json_each(secondary, put_new_top, &added);
    a0__json_close(&added.w, '}');
    *out_valid = !merged.too_long;
    if (!*out_valid) {
        return A0_OK;
    }
    A0_TRY(a0__buf_check(&merged, err));
    return put_changed(primary, a0__buf_view(&merged), out, err);
}

/* ---- taking back ---- */

/* One value at three times: before the merge (NULL: there was none), as the merge wrote
 * it, and now. */
typedef struct history {
    const a0__json *before;
    const a0__json *merged;
    const a0__json *now;
} history;

static bool
was_added_and_stayed(const a0__json_writer *w, const history *h)
{
    return h->before == NULL && h->merged != NULL && same(w, h->merged, h->now);
}

static void put_restored(a0__json_writer *w, const history *h);

typedef struct restoring {
    a0__json_writer *w;
    const history *parent;
} restoring;

static bool
put_restored_member(void *self, a0__text name, const a0__json *value)
{
    const restoring *r = self;
    const history h = { a0__json_member(r->parent->before, name.ptr),
                        a0__json_member(r->parent->merged, name.ptr), value };

    if (!was_added_and_stayed(r->w, &h)) {
        a0__json_name_text(r->w, name);
        put_restored(r->w, &h);
    }
    return true;
}

static void
put_restored_items(a0__json_writer *w, const history *h)
{
    A0_AUTO(a0__items) now = A0__ITEMS_INIT;
    A0_AUTO(a0__items) merged = A0__ITEMS_INIT;
    A0_AUTO(a0__items) before = A0__ITEMS_INIT;
    const a0__json *old = a0__json_is_array(h->before) ? h->before : NULL;

    if (a0__items_read(h->now, &now, NULL) != A0_OK ||
        a0__items_read(h->merged, &merged, NULL) != A0_OK ||
        a0__items_read(old, &before, NULL) != A0_OK) {
        w->out->no_memory = true;
        return;
    }
    a0__json_open(w, '[');
    for (size_t i = 0; i < now.len; i++) {
        a0__text text = now.in_order[i].text;

        if (a0__items_find(&merged, text) == NULL ||
            a0__items_find(&before, text) != NULL) {
            a0__json_value_node(w, a0__json_at(h->now, i));
        }
    }
    a0__json_close(w, ']');
}

static void
put_restored(a0__json_writer *w, const history *h)
{
    restoring members = { w, h };

    if (h->before != NULL && same(w, h->merged, h->now)) {
        a0__json_value_node(w, h->before);
    } else if (a0__json_is_object(h->now) && a0__json_is_object(h->merged)) {
        a0__json_open(w, '{');
        a0__json_each(h->now, put_restored_member, &members);
        a0__json_close(w, '}');
    } else if (a0__json_is_array(h->now) && a0__json_is_array(h->merged)) {
        put_restored_items(w, h);
    } else {
        a0__json_value_node(w, h->now);
    }
}

/* What is gone already stays gone. */
static bool
put_restored_top(void *self, a0__text name, const a0__json *value)
{
    const restoring *r = self;
    const history h = { a0__json_member(r->parent->before, name.ptr), value,
                        a0__json_member(r->parent->now, name.ptr) };

    if (h.now == NULL) {
        return true;
    }
    a0__json_name_text(r->w, name);
    if (was_added_and_stayed(r->w, &h)) {
        a0__json_value_null(r->w);
    } else {
        put_restored(r->w, &h);
    }
    return true;
}

a0_status
a0__merge_undo_patch(const a0__json *before, const a0__json *patch, const a0__json *now,
                     a0__buf *out, a0_error **err)
{
    A0_AUTO(a0__buf) restored = A0__BUF_INIT(A0__MERGE_MAX * 16);
    a0__json_writer w = a0__json_writer_on(&restored);
    const history whole = { before, patch, now };
    restoring members = { &w, &whole };

    a0__json_open(&w, '{');
    a0__json_each(patch, put_restored_top, &members);
    a0__json_close(&w, '}');
    A0_TRY(a0__buf_check(&restored, err));
    return put_changed(now, a0__buf_view(&restored), out, err);
}
