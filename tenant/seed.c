/* SPDX-License-Identifier: MIT */
#include "seed.h"

#include "generate.h"
#include "identities.h"
#include "keys.h"
#include "people.h"
#include "seed_check.h"
#include "vault.h"
#include "vault_worker.h"

enum {
    SEED_MAX = 16 * 1024 * 1024,
    REASON_MAX = 1024,
    NAME_SHOWN_MAX = 64
};

#define GENERATED "generated_users"
/* What a seed is made of; the lists of a running tenant stand in a state file. */
#define MEMBERS                                                                        \
    "settings, connections, apis, clients, client_grants, users, " GENERATED           \
    ", linked_accounts, connected_accounts, provider_accounts, organizations, "        \
    "invitations"

bool
a0__kind_named(a0__text name, a0__kind *out)
{
    for (int i = 0; i < A0__KINDS_LEN; i++) {
        if (a0__text_is(name, a0__shapes[i].name)) {
            *out = (a0__kind)i;
            return true;
        }
    }
    return false;
}

static a0_status
invalid(a0_error **err, const char *reason)
{
    return a0__fail_saying(err, A0_E_config_invalid, "%s", reason);
}

static a0_status
lacks(a0_error **err, const a0__shape *shape, const char *name)
{
    return a0__fail_saying(err, A0_E_config_invalid, "%s: each one needs its %s",
                           shape->name, name);
}

static void
id_if_empty(char **field, const char *prefix)
{
    if (**field == '\0') {
        a0__free(*field);
        *field = a0__tenant_new_short_id(prefix);
    }
}

/* What a record of that kind must have, made where it can be made. */
static a0_status
complete(a0__tenant *tenant, a0__kind kind, void *row, a0_error **err)
{
    const char *fault = NULL;

    switch (kind) {
    case A0__USERS:
        A0_TRY(a0__user_complete(tenant, row, err));
        return a0__identities_complete(tenant, row, err);
    case A0__LINKED_ACCOUNTS:
        A0_TRY(a0__user_complete(tenant, row, err));
        return a0__linked_account_complete(tenant, row)
                   ? A0_OK
                   : invalid(err, "linked_accounts: linked_to must name a user");
    case A0__PROVIDER_ACCOUNTS:
        return a0__user_complete(tenant, row, err);
    case A0__CLIENT_GRANTS:
        id_if_empty(&((a0__client_grant *)row)->id, "cgr_");
        break;
    case A0__CONNECTIONS:
        id_if_empty(&((a0__connection *)row)->id, "con_");
        if (*((a0__connection *)row)->strategy == '\0') {
            return lacks(err, &a0__shapes[kind], "strategy");
        }
        break;
    case A0__ORGANIZATIONS:
        id_if_empty(&((a0__organization *)row)->id, "org_");
        break;
    case A0__CONNECTED_ACCOUNTS:
        a0__connected_account_complete(tenant, row);
        break;
    case A0__INVITATIONS:
        id_if_empty(&((a0__invitation *)row)->ticket, "");
        if (((a0__invitation *)row)->expires_at == 0) {
            ((a0__invitation *)row)->expires_at = a0__tenant_now(tenant) + 604800;
        }
        break;
    case A0__CLIENTS:
        fault = a0__vault_worker_fault(row);
        if (fault != NULL) {
            return invalid(err, fault);
        }
        break;
    case A0__SETTINGS:
    case A0__APIS:
    case A0__SESSIONS:
    case A0__REFRESH_FAMILIES:
    case A0__REFRESH_TOKENS:
    case A0__ACCESS_TOKENS:
    case A0__AUTHORIZATIONS:
    case A0__ASSERTIONS:
    case A0__KEYS:
    case A0__CONNECTS:
    case A0__PROVIDER_TOKENS:
    case A0__LOGS:
    case A0__KINDS_LEN:
        break;
    }
    return *a0__record_key(&a0__shapes[kind], row) != '\0'
               ? A0_OK
               : lacks(err, &a0__shapes[kind], a0__shapes[kind].fields[0].name);
}

static a0_status
read_new(a0__tenant *tenant, a0__kind kind, const a0__json *object, void **out_row,
         a0_error **err)
{
    A0_AUTO(a0__buf) reason = A0__BUF_INIT(REASON_MAX);
    a0__table *table = &tenant->tables[kind];
    void *row = a0__row_new(table);
    a0_status status = A0_OK;

    if (!a0__record_read(table->shape, object, row, &reason)) {
        status = invalid(err, a0__buf_cstr(&reason));
    }
    if (status == A0_OK) {
        status = complete(tenant, kind, row, err);
    }
    if (status != A0_OK) {
        a0__row_free(table, row);
        return status;
    }
    a0__table_put(table, row);
    *out_row = row;
    return A0_OK;
}

/* What is there stays as it is unless all of it is acceptable. */
static a0_status
change(a0__tenant *tenant, a0__kind kind, const a0__json *object, void *row,
       a0_error **err)
{
    A0_AUTO(a0__buf) reason = A0__BUF_INIT(REASON_MAX);
    a0__table *table = &tenant->tables[kind];
    void *trial = a0__row_new(table);
    bool is_sound = a0__record_read(table->shape, object, trial, &reason);

    a0__row_free(table, trial);
    if (!is_sound || !a0__record_read(table->shape, object, row, &reason)) {
        return invalid(err, a0__buf_cstr(&reason));
    }
    a0__table_touch(row);
    return complete(tenant, kind, row, err);
}

a0_status
a0__seed_record(a0__tenant *tenant, a0__kind kind, const a0__json *object,
                void **out_row, a0_error **err)
{
    a0__table *table = &tenant->tables[kind];
    a0__text key = a0__json_text_of_member(object, table->shape->fields[0].name);
    void *row = a0__table_get(table, kind == A0__SETTINGS ? A0__LIT("settings") : key);

    if (row == NULL) {
        return read_new(tenant, kind, object, out_row, err);
    }
    *out_row = row;
    return change(tenant, kind, object, row, err);
}

typedef struct seeding {
    a0__tenant *tenant;
    a0_status status;
    a0_error **err;
} seeding;

/* The same fault, with the place where it stands in front: users[2]. */
static a0_status
blame(a0_error **err, a0__text name, size_t i)
{
    A0_AUTO(a0__buf) reason = A0__BUF_INIT(REASON_MAX);

    if (err == NULL || *err == NULL) {
        return A0_INVALID;
    }
    a0__buf_string(&reason, a0_error_message(*err));
    a0_error_free(*err);
    *err = NULL;
    return a0__fail_saying(err, A0_E_config_invalid, "the seed, %.*s[%zu]: %s",
                           (int)name.len, name.ptr, i, a0__buf_cstr(&reason));
}

static a0_status
read_item(const seeding *s, a0__text name, a0__kind kind, const a0__json *item)
{
    void *row = NULL;

    if (a0__text_is(name, GENERATED)) {
        return a0__generate_users(s->tenant, item, s->err);
    }
    return a0__seed_record(s->tenant, kind, item, &row, s->err);
}

static a0_status
read_member(const seeding *s, a0__text name, const a0__json *value)
{
    a0__kind kind = A0__USERS;

    if (!a0__text_is(name, GENERATED) && !a0__kind_named(name, &kind)) {
        return a0__fail_saying(s->err, A0_E_config_invalid,
                               "the seed: there is no member \"%.*s\"; it has " MEMBERS,
                               name.len < NAME_SHOWN_MAX ? (int)name.len : 0, name.ptr);
    }
    if (kind == A0__SETTINGS) {
        return read_item(s, name, kind, value);
    }
    if (!a0__json_is_array(value)) {
        return a0__fail_saying(s->err, A0_E_config_invalid,
                               "the seed: \"%.*s\" must be a list", (int)name.len,
                               name.ptr);
    }
    for (size_t i = 0; i < a0__json_len(value); i++) {
        if (read_item(s, name, kind, a0__json_at(value, i)) != A0_OK) {
            return blame(s->err, name, i);
        }
    }
    return A0_OK;
}

static bool
each_member(void *self, a0__text name, const a0__json *value)
{
    seeding *s = self;

    s->status = read_member(s, name, value);
    return s->status == A0_OK;
}

/* Replaces every `mark` of the text. */
static void
replace(a0__buf *text, const char *mark, const char *value)
{
    A0_AUTO(a0__buf) out = A0__BUF_INIT(SEED_MAX);
    a0__text rest = a0__buf_view(text);
    a0__text wanted = a0__text_of(mark);

    while (rest.len > 0) {
        if (a0__text_starts_with(rest, wanted)) {
            a0__buf_string(&out, value);
            rest = a0__text_from(rest, wanted.len);
            continue;
        }
        a0__buf_byte(&out, *rest.ptr);
        rest = a0__text_from(rest, 1);
    }
    a0__buf_reset(text);
    a0__buf_text(text, a0__buf_view(&out));
}

static void
put_settings(a0__tenant *tenant)
{
    a0__table *table = &tenant->tables[A0__SETTINGS];

    a0__table_put(table, a0__row_new(table));
}

a0_status
a0__seed_apply(a0__tenant *tenant, a0__text seed, a0_error **err)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(SEED_MAX);
    A0_AUTO(a0__json_doc) document = NULL;
    seeding s = { .tenant = tenant, .status = A0_OK, .err = err };

    a0__buf_text(&text, seed);
    replace(&text, "{issuer}", tenant->issuer);
    replace(&text, "{base_url}", tenant->base_url);
    A0_TRY(a0__buf_check(&text, err));
    A0_TRY(a0__json_parse_large(a0__buf_view(&text), &document, err));
    if (document == NULL) {
        return a0__fail_saying(err, A0_E_config_invalid,
                               "the seed: line %zu is no JSON: a comma, quote or "
                               "bracket is missing or too many, or a name stands "
                               "there twice",
                               a0__json_line_of_fault(a0__buf_view(&text)));
    }
    if (!a0__json_is_object(document)) {
        return invalid(err, "the seed: it must be a JSON object");
    }
    for (int kind = 0; kind < A0__KINDS_LEN; kind++) {
        while (kind != A0__KEYS && tenant->tables[kind].first != NULL) {
            a0__table_remove(&tenant->tables[kind], tenant->tables[kind].first);
        }
    }
    put_settings(tenant);
    a0__json_each(document, each_member, &s);
    A0_TRY(s.status);
    A0_TRY(a0__seed_check(tenant, err));
    return a0__keys_ensure(tenant, err);
}

void
a0__seed_allow(a0__tenant *tenant, const a0__tenant_options *options)
{
    a0__client *first = a0__table_first(&tenant->tables[A0__CLIENTS]);

    if (first == NULL) {
        return;
    }
    for (size_t i = 0; i < options->callbacks_len; i++) {
        a0__list_add(&first->callbacks, a0__text_of(options->callbacks[i]));
    }
    for (size_t i = 0; i < options->logout_urls_len; i++) {
        a0__list_add(&first->allowed_logout_urls, a0__text_of(options->logout_urls[i]));
    }
    a0__table_touch(first);
}
