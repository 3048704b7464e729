/* SPDX-License-Identifier: MIT */
#include "seed_check.h"

#include <string.h>

/* A member that names, by their keys, records of another list. */
typedef struct reference {
    a0__kind from;
    const char *member;
    a0__kind to;
} reference;

static const reference references[] = {
    { A0__SETTINGS, "default_audience", A0__APIS },
    { A0__CLIENTS, "connections", A0__CONNECTIONS },
    { A0__CLIENTS, "resource_server_identifier", A0__APIS },
    { A0__CLIENT_GRANTS, "client_id", A0__CLIENTS },
    { A0__CLIENT_GRANTS, "audience", A0__APIS },
    { A0__USERS, "connection", A0__CONNECTIONS },
    { A0__LINKED_ACCOUNTS, "connection", A0__CONNECTIONS },
    { A0__PROVIDER_ACCOUNTS, "connection", A0__CONNECTIONS },
    { A0__CONNECTED_ACCOUNTS, "user_id", A0__USERS },
    { A0__CONNECTED_ACCOUNTS, "connection", A0__CONNECTIONS },
    { A0__ORGANIZATIONS, "members", A0__USERS },
    { A0__INVITATIONS, "organization", A0__ORGANIZATIONS },
};

static const a0__field *
field_named(const a0__shape *shape, const char *name)
{
    size_t i = 0;

    while (strcmp(shape->fields[i].name, name) != 0) {
        i++;
    }
    return &shape->fields[i];
}

static a0_status
check_key(const a0__tenant *tenant, const reference *r, const void *row,
          const char *key, a0_error **err)
{
    const a0__shape *shape = &a0__shapes[r->from];

    if (*key == '\0' ||
        a0__table_get(&tenant->tables[r->to], a0__text_of(key)) != NULL) {
        return A0_OK;
    }
    return a0__fail_saying(err, A0_E_config_invalid,
                           "the seed, %s %.80s: %s names %.80s, which is not among the "
                           "%s",
                           shape->name, a0__record_key(shape, row), r->member, key,
                           a0__shapes[r->to].name);
}

static a0_status
check_row(const a0__tenant *tenant, const reference *r, const void *row, a0_error **err)
{
    const a0__field *field = field_named(&a0__shapes[r->from], r->member);
    const void *place = (const char *)row + field->offset;
    const a0__list *list = place;

    if (field->type == A0__FIELD_STRING) {
        return check_key(tenant, r, row, *(char *const *)place, err);
    }
    for (size_t i = 0; i < list->len; i++) {
        A0_TRY(check_key(tenant, r, row, list->items[i], err));
    }
    return A0_OK;
}

a0_status
a0__seed_check(const a0__tenant *tenant, a0_error **err)
{
    for (size_t i = 0; i < sizeof references / sizeof references[0]; i++) {
        const reference *r = &references[i];
        const a0__table *table = &tenant->tables[r->from];

        for (void *row = a0__table_first(table); row != NULL;
             row = a0__table_next(row)) {
            A0_TRY(check_row(tenant, r, row, err));
        }
    }
    return A0_OK;
}
