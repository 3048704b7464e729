/* SPDX-License-Identifier: MIT */
#include "people.h"

#include <string.h>

#include "base/crypto.h"
#include "base/url.h"
#include "identities.h"

enum {
    /* Enough that a forgotten state file is no list of passwords, little enough that
     * two hundred people can sign in at once. */
    HASH_ROUNDS = 2000,
    SALT_OCTETS = 16,
    HASH_MAX = 256,
    PICTURE_NAME_MAX = 64
};

/* RFC 8018 §5.2 with one block: HMAC-SHA-256, iterated. */
static a0_status
derive(a0__text password, a0__text salt, a0__buf *out_hex, a0_error **err)
{
    A0_AUTO(a0__buf) first = A0__BUF_INIT(HASH_MAX);
    a0__digest round;
    a0__digest sum;

    a0__buf_text(&first, salt);
    a0__buf_bytes(&first, "\0\0\0\1", 4);
    A0_TRY(a0__hmac_sha256(password, a0__buf_view(&first), &round, err));
    sum = round;
    for (int i = 1; i < HASH_ROUNDS; i++) {
        a0__text previous =
            a0__text_range((const char *)round.bytes, sizeof round.bytes);

        A0_TRY(a0__hmac_sha256(password, previous, &round, err));
        for (size_t j = 0; j < sizeof sum.bytes; j++) {
            sum.bytes[j] ^= round.bytes[j];
        }
    }
    a0__buf_hex(out_hex, sum.bytes, sizeof sum.bytes);
    return A0_OK;
}

/* "salt.hash" */
static a0_status
hash_password(a0__user *user, a0_error **err)
{
    A0_AUTO(a0__secret) salt = A0__SECRET_INIT;
    A0_AUTO(a0__buf) hash = A0__BUF_INIT(HASH_MAX);

    A0_TRY(a0__random_text(a0_random_system(), NULL, SALT_OCTETS, &salt, err));
    a0__buf_text(&hash, a0__secret_expose(&salt));
    a0__buf_byte(&hash, '.');
    A0_TRY(derive(a0__text_of(user->password), a0__secret_expose(&salt), &hash, err));
    a0__keep_in(&user->password_hash, a0__buf_view(&hash));
    a0__wipe(user->password, strlen(user->password));
    a0__keep_in(&user->password, A0__NO_TEXT);
    return A0_OK;
}

bool
a0__user_password_is(const a0__user *user, a0__text password)
{
    A0_AUTO(a0__buf) hash = A0__BUF_INIT(HASH_MAX);
    a0__text stored = a0__text_of(user->password_hash);
    a0__text salt = A0__NO_TEXT;

    if (password.len == 0 || !a0__text_next(&stored, '.', &salt) ||
        derive(password, salt, &hash, NULL) != A0_OK) {
        return false;
    }
    return hash.len == stored.len &&
           a0__equal_constant_time(hash.ptr, stored.ptr, hash.len);
}

static a0__user *
find_by_email(const a0__table *table, a0__text connection, a0__text email)
{
    for (a0__user *u = a0__table_first(table); u != NULL; u = a0__table_next(u)) {
        if (a0__text_is(connection, u->connection) &&
            a0__text_equal_ignoring_case(email, a0__text_of(u->email))) {
            return u;
        }
    }
    return NULL;
}

a0__user *
a0__account_by_email(const a0__tenant *tenant, a0__text connection, a0__text email)
{
    a0__user *user = find_by_email(&tenant->tables[A0__USERS], connection, email);

    return user != NULL
               ? user
               : find_by_email(&tenant->tables[A0__LINKED_ACCOUNTS], connection, email);
}

a0__user *
a0__provider_account_by_email(const a0__tenant *tenant, a0__text connection,
                              a0__text email)
{
    a0__user *user = a0__account_by_email(tenant, connection, email);

    return user != NULL || email.len == 0
               ? user
               : find_by_email(&tenant->tables[A0__PROVIDER_ACCOUNTS], connection,
                               email);
}

a0__user *
a0__provider_account(const a0__tenant *tenant, a0__text connection, a0__text user_id)
{
    a0__user *user = a0__account_find(tenant, user_id);

    if (user == NULL) {
        user = a0__table_get(&tenant->tables[A0__PROVIDER_ACCOUNTS], user_id);
    }
    return user != NULL && a0__text_is(connection, user->connection) ? user : NULL;
}

a0__text
a0__idp_user_id(const a0__user *account)
{
    a0__text rest = a0__text_of(account->user_id);
    a0__text provider = A0__NO_TEXT;

    (void)a0__text_next(&rest, '|', &provider);
    return rest;
}

static const char *
overlong_text(const a0__shape *shape, const void *record)
{
    for (size_t i = 0; i < shape->len; i++) {
        const a0__field *field = &shape->fields[i];
        const void *place = (const char *)record + field->offset;

        if (field->type == A0__FIELD_STRING &&
            strlen(*(char *const *)place) > A0__ATTRIBUTE_MAX) {
            return field->name;
        }
    }
    return NULL;
}

const char *
a0__user_overlong(const a0__user *user)
{
    const char *name = overlong_text(&a0__shapes[A0__USERS], user);

    for (size_t i = 0; name == NULL && i < user->identities.len; i++) {
        name = overlong_text(&a0__identity_shape,
                             a0__records_at(&user->identities, &a0__identity_shape, i));
    }
    return name;
}

static void
keep_if_empty(char **field, a0__text text)
{
    if (**field == '\0') {
        a0__keep_in(field, text);
    }
}

/* Wire §8.1: name, nickname and picture are always there. */
static void
normalize(a0__user *user)
{
    A0_AUTO(a0__buf) picture = A0__BUF_INIT(A0__ATTRIBUTE_MAX);
    a0__text email = a0__text_of(user->email);
    a0__text rest = email;
    a0__text local = A0__NO_TEXT;

    (void)a0__text_next(&rest, '@', &local);
    keep_if_empty(&user->name, email.len > 0 ? email : a0__text_of(user->user_id));
    keep_if_empty(&user->nickname, local.len > 0 ? local : a0__text_of(user->name));
    a0__buf_string(&picture, "https://avatars.local.invalid/");
    a0__percent_encode(
        a0__text_range(user->nickname, strnlen(user->nickname, PICTURE_NAME_MAX)),
        &picture);
    a0__buf_string(&picture, ".png");
    keep_if_empty(&user->picture, a0__buf_view(&picture));
}

/* auth0|66f0… is user 66f0… of provider auth0. */
static void
add_identity(const a0__tenant *tenant, a0__user *user)
{
    const a0__connection *connection =
        a0__tenant_connection(tenant, a0__text_of(user->connection));
    a0__identity *identity = NULL;
    a0__text rest = a0__text_of(user->user_id);
    a0__text provider = A0__NO_TEXT;

    if (user->identities.len > 0) {
        return;
    }
    identity = a0__records_add(&user->identities, &a0__identity_shape);
    (void)a0__text_next(&rest, '|', &provider);
    a0__keep_in(&identity->provider, provider);
    a0__keep_in(&identity->user_id, rest);
    a0__keep_in(&identity->connection, a0__text_of(user->connection));
    identity->isSocial = connection != NULL && !a0__connection_is_database(connection);
}

static void
make_id(a0__tenant *tenant, a0__user *user)
{
    A0_AUTO(a0__buf) prefix = A0__BUF_INIT(256);
    const a0__connection *connection =
        a0__tenant_connection(tenant, a0__text_of(user->connection));

    a0__buf_string(&prefix,
                   connection != NULL ? connection->strategy : user->connection);
    a0__buf_byte(&prefix, '|');
    a0__free(user->user_id);
    user->user_id = a0__tenant_new_hex_id(a0__buf_cstr(&prefix));
}

a0_status
a0__user_complete(a0__tenant *tenant, a0__user *user, a0_error **err)
{
    A0_AUTO(a0__string) now = a0__tenant_now_iso(tenant);
    const char *overlong = a0__user_overlong(user);

    if (overlong != NULL) {
        return a0__fail_saying(err, A0_E_config_invalid,
                               "%s must not be longer than %d bytes", overlong,
                               A0__ATTRIBUTE_MAX);
    }
    if (*user->user_id == '\0') {
        make_id(tenant, user);
    }
    if (*user->password != '\0') {
        A0_TRY(hash_password(user, err));
    }
    normalize(user);
    add_identity(tenant, user);
    keep_if_empty(&user->created_at, a0__text_of(now));
    keep_if_empty(&user->updated_at, a0__text_of(now));
    return A0_OK;
}

static a0__user *
new_in(a0__tenant *tenant, a0__kind kind, const a0__person *person)
{
    a0__table *table = &tenant->tables[kind];
    a0__user *user = a0__row_new(table);

    a0__keep_in(&user->connection, person->connection);
    a0__keep_in(&user->email, person->email);
    a0__keep_in(&user->name, person->name);
    a0__keep_in(&user->password, person->password);
    user->email_verified = person->email_verified;
    if (a0__user_complete(tenant, user, NULL) != A0_OK) {
        a0__row_free(table, user);
        return NULL;
    }
    a0__table_put(table, user);
    return user;
}

a0__user *
a0__user_new(a0__tenant *tenant, const a0__person *person)
{
    return new_in(tenant, A0__USERS, person);
}

a0__user *
a0__provider_account_new(a0__tenant *tenant, const a0__person *person)
{
    return new_in(tenant, A0__PROVIDER_ACCOUNTS, person);
}
