/* SPDX-License-Identifier: MIT */
#include "table.h"

enum {
    SLOTS_FIRST = 64
};

/* Stands where a row was removed, so that a search goes on past it. */
static a0__row grave;

void
a0__table_init(a0__table *table, const a0__shape *shape)
{
    *table = (a0__table){ .shape = shape };
}

void
a0__table_clear(a0__table *table)
{
    while (table->first != NULL) {
        a0__table_remove(table, table->first);
    }
    a0__list_clear(&table->removed);
    a0__free(table->slots);
    table->slots = NULL;
    table->slots_len = 0;
    table->used = 0;
}

void *
a0__row_new(const a0__table *table)
{
    void *row = a0__keep_bytes(1, table->shape->size);

    a0__record_init(table->shape, row);
    return row;
}

void
a0__row_free(const a0__table *table, void *row)
{
    if (row != NULL) {
        a0__record_clear(table->shape, row);
        a0__free(row);
    }
}

/* FNV-1a: spreads keys; nobody attacks a tenant on a desk by collisions. */
static size_t
hash(a0__text key)
{
    uint64_t value = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < key.len; i++) {
        value = (value ^ (unsigned char)key.ptr[i]) * UINT64_C(0x100000001b3);
    }
    return (size_t)value;
}

static a0__text
key_of(const a0__table *table, const a0__row *row)
{
    return a0__text_of(a0__record_key(table->shape, row));
}

/* The slot of the key, or the empty one where it would stand. */
static a0__row **
slot_of(const a0__table *table, a0__text key)
{
    size_t i = hash(key) & (table->slots_len - 1);

    while (table->slots[i] != NULL &&
           (table->slots[i] == &grave ||
            !a0__text_equal(key_of(table, table->slots[i]), key))) {
        i = (i + 1) & (table->slots_len - 1);
    }
    return &table->slots[i];
}

/* Keeps a third of the slots empty. */
static void
make_room(a0__table *table)
{
    if (3 * (table->used + 1) <= 2 * table->slots_len) {
        return;
    }
    a0__free(table->slots);
    if (table->slots_len == 0) {
        table->slots_len = SLOTS_FIRST;
    }
    while (3 * (table->len + 1) > table->slots_len) {
        table->slots_len *= 2;
    }
    table->slots = a0__keep_bytes(table->slots_len, sizeof *table->slots);
    table->used = table->len;
    for (a0__row *row = table->first; row != NULL; row = row->next) {
        *slot_of(table, key_of(table, row)) = row;
    }
}

void
a0__table_put(a0__table *table, void *record)
{
    a0__row *row = record;
    a0__row *old = a0__table_get(table, key_of(table, row));

    if (old != NULL) {
        a0__table_remove(table, old);
    }
    make_room(table);
    *slot_of(table, key_of(table, row)) = row;
    table->used++;
    table->len++;
    row->next = NULL;
    row->previous = table->last;
    if (table->last != NULL) {
        table->last->next = row;
    }
    table->last = row;
    if (table->first == NULL) {
        table->first = row;
    }
    row->is_changed = true;
}

void *
a0__table_get(const a0__table *table, a0__text key)
{
    return table->slots_len == 0 ? NULL : *slot_of(table, key);
}

void
a0__table_take(a0__table *table, void *record)
{
    a0__row *row = record;

    *slot_of(table, key_of(table, row)) = &grave;
    table->len--;
    *(row->previous != NULL ? &row->previous->next : &table->first) = row->next;
    *(row->next != NULL ? &row->next->previous : &table->last) = row->previous;
    if (table->keeps_removed) {
        a0__list_add(&table->removed, key_of(table, row));
    }
}

void
a0__table_remove(a0__table *table, void *row)
{
    a0__table_take(table, row);
    a0__row_free(table, row);
}

void
a0__table_touch(void *row)
{
    ((a0__row *)row)->is_changed = true;
}

void *
a0__table_first(const a0__table *table)
{
    return table->first;
}

void *
a0__table_next(const void *row)
{
    return ((const a0__row *)row)->next;
}
