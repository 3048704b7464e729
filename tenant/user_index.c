/* SPDX-License-Identifier: MIT */
#include "user_index.h"

static a0__user *
copy_of(const a0__table *table, const a0__user *user)
{
    A0_AUTO(a0__buf) record = A0__BUF_INIT(1024 * 1024);
    A0_AUTO(a0__buf) reason = A0__BUF_INIT(1024);
    A0_AUTO(a0__json_doc) document = NULL;
    a0__json_writer w = a0__json_writer_on(&record);
    a0__user *copy = a0__row_new(table);

    a0__record_write(table->shape, user, false, &w);
    if (a0__json_parse_large(a0__buf_view(&record), &document, NULL) != A0_OK ||
        !a0__record_read(table->shape, document, copy, &reason)) {
        a0__row_free(table, copy);
        return NULL;
    }
    return copy;
}

void
a0__user_index_take(a0__tenant *tenant)
{
    const a0__table *users = &tenant->tables[A0__USERS];
    a0__table *index = &tenant->user_index;

    a0__table_clear(index);
    for (a0__user *u = a0__table_first(users); u != NULL; u = a0__table_next(u)) {
        a0__user *copy = copy_of(index, u);

        if (copy != NULL) {
            a0__table_put(index, copy);
        }
    }
    tenant->user_index_at = a0__tenant_now(tenant);
}

const a0__table *
a0__user_index(a0__tenant *tenant)
{
    int64_t lag_s = 0;

    if (!a0__fault_take_number(&tenant->faults, "search.lag", &lag_s)) {
        return &tenant->tables[A0__USERS];
    }
    if (a0__tenant_now(tenant) >= tenant->user_index_at + lag_s) {
        a0__user_index_take(tenant);
    }
    return &tenant->user_index;
}
