/* SPDX-License-Identifier: MIT */
/*
 * A table of records: found by key in constant time, listed in the order in which
 * they came. Every struct that stands in one begins with an a0__row.
 */
#ifndef A0_TENANT_TABLE_H
#define A0_TENANT_TABLE_H

#include "record.h"

typedef struct a0__row {
    struct a0__row *previous;
    struct a0__row *next;
    bool is_changed; /* not in the state file yet */
} a0__row;

typedef struct a0__table {
    const a0__shape *shape;
    a0__row *first;
    a0__row *last;
    a0__row **slots;
    size_t slots_len; /* a power of two, or 0 */
    size_t used;      /* rows and graves */
    size_t len;
    a0__list removed; /* keys that the state file still has */
    bool keeps_removed;
} a0__table;

void a0__table_init(a0__table *table, const a0__shape *shape);
void a0__table_clear(a0__table *table); /* empty, and still usable */

/* A new row with its defaults; not in the table yet. */
void *a0__row_new(const a0__table *table);
void a0__row_free(const a0__table *table, void *row);

/* Puts a row under its key, in the place of one that has the same. Takes it over. */
void a0__table_put(a0__table *table, void *record);
void *a0__table_get(const a0__table *table, a0__text key); /* or NULL */
void a0__table_remove(a0__table *table, void *row);
/* Takes a row out without freeing it, to put it back under another key. */
void a0__table_take(a0__table *table, void *record);
/* Says that a row was changed. */
void a0__table_touch(void *row);

/* for (user *u = a0__table_first(t); u != NULL; u = a0__table_next(u)) */
void *a0__table_first(const a0__table *table);
void *a0__table_next(const void *row);

#endif
