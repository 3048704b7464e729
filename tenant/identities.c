/* SPDX-License-Identifier: MIT */
#include "identities.h"

#include <string.h>

#include "people.h"

enum {
    ID_MAX = 2048,
    PROFILE_MAX = 64 * 1024
};

/* ---- finding ---- */

a0__user *
a0__account_find(const a0__tenant *tenant, a0__text user_id)
{
    a0__user *account = a0__table_get(&tenant->tables[A0__USERS], user_id);

    return account != NULL
               ? account
               : a0__table_get(&tenant->tables[A0__LINKED_ACCOUNTS], user_id);
}

a0__user *
a0__user_of_account(const a0__tenant *tenant, a0__user *account)
{
    return *account->linked_to == '\0' ? account
                                       : a0__table_get(&tenant->tables[A0__USERS],
                                                       a0__text_of(account->linked_to));
}

void
a0__identity_account_id(const a0__identity *identity, a0__buf *out)
{
    a0__buf_string(out, identity->provider);
    a0__buf_byte(out, '|');
    a0__buf_string(out, identity->user_id);
}

static a0__identity *
identity_at(const a0__user *user, size_t i)
{
    return a0__records_at(&user->identities, &a0__identity_shape, i);
}

bool
a0__identity_place(const a0__user *user, a0__text account_id, size_t *out)
{
    for (size_t i = 0; i < user->identities.len; i++) {
        A0_AUTO(a0__buf) id = A0__BUF_INIT(ID_MAX);

        a0__identity_account_id(identity_at(user, i), &id);
        if (a0__text_equal(a0__buf_view(&id), account_id)) {
            *out = i;
            return true;
        }
    }
    return false;
}

/* ---- what an identity says of its account, and the other way round ---- */

static void
put_unless_empty(a0__json_writer *w, const char *name, const char *value)
{
    if (*value != '\0') {
        a0__json_put_string(w, name, value);
    }
}

static void
tell_profile(const a0__user *account, a0__identity *identity)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(PROFILE_MAX);
    a0__json_writer w = a0__json_writer_on(&json);

    a0__json_open(&w, '{');
    put_unless_empty(&w, "email", account->email);
    if (*account->email != '\0') {
        a0__json_put_bool(&w, "email_verified", account->email_verified);
    }
    put_unless_empty(&w, "name", account->name);
    put_unless_empty(&w, "nickname", account->nickname);
    put_unless_empty(&w, "given_name", account->given_name);
    put_unless_empty(&w, "family_name", account->family_name);
    put_unless_empty(&w, "picture", account->picture);
    a0__json_close(&w, '}');
    a0__free(identity->profileData);
    identity->profileData = a0__keep_buf(&json);
}

static void
take_text(const a0__json *profile, const char *name, char **field)
{
    a0__text text = A0__NO_TEXT;

    if (a0__json_text(profile, name, &text) == A0__FOUND) {
        a0__keep_in(field, text);
    }
}

static a0_status
take_profile(const a0__identity *identity, a0__user *account, a0_error **err)
{
    A0_AUTO(a0__json_doc) profile = NULL;

    A0_TRY(a0__json_parse_large(a0__text_of(identity->profileData), &profile, err));
    take_text(profile, "email", &account->email);
    take_text(profile, "name", &account->name);
    take_text(profile, "nickname", &account->nickname);
    take_text(profile, "given_name", &account->given_name);
    take_text(profile, "family_name", &account->family_name);
    take_text(profile, "picture", &account->picture);
    (void)a0__json_bool(profile, "email_verified", &account->email_verified);
    return A0_OK;
}

static a0__user *
linked_account(a0__tenant *tenant, const a0__identity *identity)
{
    A0_AUTO(a0__buf) id = A0__BUF_INIT(ID_MAX);
    a0__table *table = &tenant->tables[A0__LINKED_ACCOUNTS];
    a0__user *account = NULL;

    a0__identity_account_id(identity, &id);
    account = a0__table_get(table, a0__buf_view(&id));
    if (account == NULL) {
        account = a0__row_new(table);
        a0__keep_in(&account->user_id, a0__buf_view(&id));
        a0__table_put(table, account);
    }
    a0__keep_in(&account->connection, a0__text_of(identity->connection));
    a0__table_touch(account);
    return account;
}

a0_status
a0__identities_complete(a0__tenant *tenant, const a0__user *user, a0_error **err)
{
    for (size_t i = 1; i < user->identities.len; i++) {
        const a0__identity *identity = identity_at(user, i);
        a0__user *account = linked_account(tenant, identity);

        a0__keep_in(&account->linked_to, a0__text_of(user->user_id));
        A0_TRY(take_profile(identity, account, err));
        A0_TRY(a0__user_complete(tenant, account, err));
    }
    return A0_OK;
}

/* The account's own identity, copied; a profile makes it a secondary one. */
static a0__identity *
add_identity(a0__user *user, const a0__identity *from)
{
    a0__identity *added = a0__records_add(&user->identities, &a0__identity_shape);

    a0__keep_in(&added->provider, a0__text_of(from->provider));
    a0__keep_in(&added->connection, a0__text_of(from->connection));
    a0__keep_in(&added->user_id, a0__text_of(from->user_id));
    a0__keep_in(&added->profileData, a0__text_of(from->profileData));
    added->isSocial = from->isSocial;
    return added;
}

bool
a0__linked_account_complete(a0__tenant *tenant, const a0__user *account)
{
    a0__user *user =
        a0__table_get(&tenant->tables[A0__USERS], a0__text_of(account->linked_to));
    size_t place = 0;

    if (user == NULL || user->identities.len == 0) {
        return false;
    }
    if (a0__identity_place(user, a0__text_of(account->user_id), &place)) {
        tell_profile(account, identity_at(user, place));
    } else {
        tell_profile(account, add_identity(user, identity_at(account, 0)));
    }
    a0__table_touch(user);
    return true;
}

/* ---- what goes with a user ---- */

/* Calls `remove` for the rows whose user it is. */
static void
remove_rows(a0__table *table, size_t user_id_offset, const char *user_id)
{
    a0__row *next = NULL;

    for (a0__row *row = table->first; row != NULL; row = next) {
        const char *of = *(char *const *)(const void *)((char *)row + user_id_offset);

        next = row->next;
        if (strcmp(of, user_id) == 0) {
            a0__table_remove(table, row);
        }
    }
}

#define REMOVE(tenant, kind, type, user)                                               \
    remove_rows(&(tenant)->tables[kind], offsetof(type, user_id), (user)->user_id)

static void
forget_sign_ins(a0__tenant *tenant, const a0__user *user)
{
    REMOVE(tenant, A0__SESSIONS, a0__sso, user);
    REMOVE(tenant, A0__REFRESH_FAMILIES, a0__refresh_family, user);
    REMOVE(tenant, A0__ACCESS_TOKENS, a0__access_token, user);
    REMOVE(tenant, A0__AUTHORIZATIONS, a0__authorization, user);
    REMOVE(tenant, A0__CONNECTS, a0__connect, user);
}

static void
leave_organizations(a0__tenant *tenant, const a0__user *user)
{
    const a0__table *table = &tenant->tables[A0__ORGANIZATIONS];

    for (a0__organization *o = a0__table_first(table); o != NULL;
         o = a0__table_next(o)) {
        if (a0__list_has(&o->members, a0__text_of(user->user_id))) {
            a0__list_remove(&o->members, a0__text_of(user->user_id));
            a0__table_touch(o);
        }
    }
}

static void
move_connected_accounts(a0__tenant *tenant, const a0__user *from, const a0__user *to)
{
    const a0__table *table = &tenant->tables[A0__CONNECTED_ACCOUNTS];

    for (a0__connected_account *a = a0__table_first(table); a != NULL;
         a = a0__table_next(a)) {
        if (strcmp(a->user_id, from->user_id) == 0) {
            a0__keep_in(&a->user_id, a0__text_of(to->user_id));
            a0__table_touch(a);
        }
    }
}

static void
forget(a0__tenant *tenant, const a0__user *user)
{
    forget_sign_ins(tenant, user);
    leave_organizations(tenant, user);
    REMOVE(tenant, A0__CONNECTED_ACCOUNTS, a0__connected_account, user);
}

void
a0__user_remove(a0__tenant *tenant, a0__user *user)
{
    for (size_t i = 1; i < user->identities.len; i++) {
        a0__table_remove(&tenant->tables[A0__LINKED_ACCOUNTS],
                         linked_account(tenant, identity_at(user, i)));
    }
    forget(tenant, user);
    a0__table_remove(&tenant->tables[A0__USERS], user);
}

/* ---- linking and taking apart ---- */

/* Only what its owner signs in by is left. */
static void
make_bare(a0__user *account)
{
    a0__keep_in(&account->user_metadata, A0__NO_TEXT);
    a0__keep_in(&account->app_metadata, A0__NO_TEXT);
    a0__keep_in(&account->created_at, A0__NO_TEXT);
    a0__keep_in(&account->updated_at, A0__NO_TEXT);
    a0__keep_in(&account->last_login, A0__NO_TEXT);
    a0__records_clear(&account->identities, &a0__identity_shape);
    account->blocked = false;
    account->logins_count = 0;
}

void
a0__identity_link(a0__tenant *tenant, a0__user *primary, a0__user *secondary,
                  bool keeps_connected_accounts)
{
    A0_AUTO(a0__string) now = a0__tenant_now_iso(tenant);

    if (keeps_connected_accounts) {
        move_connected_accounts(tenant, secondary, primary);
    }
    forget(tenant, secondary);
    tell_profile(secondary, identity_at(secondary, 0));
    for (size_t i = 0; i < secondary->identities.len; i++) {
        const a0__identity *identity = add_identity(primary, identity_at(secondary, i));

        if (i > 0) {
            a0__keep_in(&linked_account(tenant, identity)->linked_to,
                        a0__text_of(primary->user_id));
        }
    }
    a0__table_take(&tenant->tables[A0__USERS], secondary);
    make_bare(secondary);
    a0__keep_in(&secondary->linked_to, a0__text_of(primary->user_id));
    a0__table_put(&tenant->tables[A0__LINKED_ACCOUNTS], secondary);
    a0__keep_in(&primary->updated_at, a0__text_of(now));
    a0__table_touch(primary);
}

a0_status
a0__identity_unlink(a0__tenant *tenant, a0__user *user, size_t i, a0_error **err)
{
    A0_AUTO(a0__string) now = a0__tenant_now_iso(tenant);
    a0__user *account = linked_account(tenant, identity_at(user, i));

    a0__table_take(&tenant->tables[A0__LINKED_ACCOUNTS], account);
    make_bare(account);
    a0__keep_in(&account->linked_to, A0__NO_TEXT);
    a0__table_put(&tenant->tables[A0__USERS], account);
    a0__records_remove(&user->identities, &a0__identity_shape, i);
    a0__keep_in(&user->updated_at, a0__text_of(now));
    a0__table_touch(user);
    return a0__user_complete(tenant, account, err);
}
