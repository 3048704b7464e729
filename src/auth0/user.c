/* SPDX-License-Identifier: MIT */
#include "auth0/user.h"

#include "base/mem.h"

/* security-cases: as many as a person can sensibly have, so that no answer is a bomb */
enum {
    IDENTITIES_MAX = 256,
    NUMBER_MAX = 32
};

typedef struct identity {
    a0_identity view;
    char *provider;
    char *connection;
    char *user_id;
} identity;

struct a0_user {
    char *json;
    char *user_id;
    char *email;
    char *created_at;
    bool email_verified;
    bool blocked;
    identity *identities;
    size_t identities_len;
};

struct a0_users {
    a0_user **items;
    size_t len;
    char *next; /* of a page, as the other two */
    int64_t left;
    int64_t unreadable;
};

bool
a0__user_id_is_valid(a0__text user_id)
{
    a0__text rest = user_id;
    a0__text provider = A0__NO_TEXT;

    for (size_t i = 0; i < user_id.len; i++) {
        if (user_id.ptr[i] < 0x20 || user_id.ptr[i] > 0x7e) {
            return false;
        }
    }
    (void)a0__text_next(&rest, '|', &provider);
    return user_id.len <= A0__USER_ID_MAX && provider.len > 0 && rest.len > 0;
}

/* ---- what no profile should carry ---- */

static const char *const profile_secrets[] = { "password", "password_hash",
                                               "passwordHash", "custom_password_hash",
                                               NULL };
static const char *const identity_secrets[] = { "access_token", "refresh_token",
                                                "access_token_secret", "id_token",
                                                NULL };

static bool
is_one_of(a0__text name, const char *const *names)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        if (a0__text_is(name, names[i])) {
            return true;
        }
    }
    return false;
}

static bool put_identity_member(void *self, a0__text name, const a0__json *value);

/* Without the secrets of identities, however deep a provider's profile has them. */
static void
put_identities(const a0__json *value, a0__json_writer *w)
{
    if (a0__json_is_object(value)) {
        a0__json_open(w, '{');
        a0__json_each(value, put_identity_member, w);
        a0__json_close(w, '}');
    } else if (a0__json_is_array(value)) {
        a0__json_open(w, '[');
        for (size_t i = 0; i < a0__json_len(value); i++) {
            put_identities(a0__json_at(value, i), w);
        }
        a0__json_close(w, ']');
    } else {
        a0__json_value_node(w, value);
    }
}

static bool
put_identity_member(void *self, a0__text name, const a0__json *value)
{
    a0__json_writer *w = self;

    if (!is_one_of(name, identity_secrets)) {
        a0__json_name_text(w, name);
        put_identities(value, w);
    }
    return true;
}

static bool
put_member(void *self, a0__text name, const a0__json *value)
{
    a0__json_writer *w = self;

    if (is_one_of(name, profile_secrets)) {
        return true;
    }
    a0__json_name_text(w, name);
    if (a0__text_is(name, "identities")) {
        put_identities(value, w);
    } else {
        a0__json_value_node(w, value);
    }
    return true;
}

static a0_status
keep_json(const a0__json *profile, a0_user *user, a0_error **err)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(A0__PROFILE_MAX);
    a0__json_writer w = a0__json_writer_on(&json);

    a0__json_open(&w, '{');
    a0__json_each(profile, put_member, &w);
    a0__json_close(&w, '}');
    A0_TRY(a0__buf_check(&json, err));
    user->json = a0__buf_take(&json);
    return A0_OK;
}

/* ---- the members that decide something ---- */

static a0_status
keep(a0__text text, char **out, a0_error **err)
{
    *out = a0__strndup(text.len > 0 ? text.ptr : "", text.len);
    A0_ENSURE(*out != NULL, err, no_memory);
    return A0_OK;
}

/* Absent or null leaves NULL; wrong is another type, or control characters. */
static a0_status
read_text(const a0__json *object, const char *name, char **out, a0_error **err)
{
    const a0__json *value = a0__json_member(object, name);
    a0__text text = A0__NO_TEXT;

    if (value == NULL || a0__json_type_of(value) == A0__JSON_NULL) {
        return A0_OK;
    }
    A0_ENSURE(a0__json_text_of(value, &text) && a0__text_has_no_controls(text), err,
              mgmt_response_invalid);
    return keep(text, out, err);
}

/* Auth0's description allows a number here; ids of Google do not fit a double. */
static a0_status
read_identity_user_id(const a0__json *object, char **out, a0_error **err)
{
    const a0__json *value = a0__json_member(object, "user_id");
    A0_AUTO(a0__buf) digits = A0__BUF_INIT(NUMBER_MAX);
    int64_t number = 0;

    if (value == NULL || !a0__json_i64_of(value, &number)) {
        return read_text(object, "user_id", out, err);
    }
    a0__buf_i64(&digits, number);
    A0_TRY(a0__buf_check(&digits, err));
    return keep(a0__buf_view(&digits), out, err);
}

static a0_status
read_identity(const a0__json *object, identity *out, a0_error **err)
{
    A0_ENSURE(a0__json_is_object(object), err, mgmt_response_invalid);
    A0_TRY(read_text(object, "provider", &out->provider, err));
    A0_TRY(read_text(object, "connection", &out->connection, err));
    A0_TRY(read_identity_user_id(object, &out->user_id, err));
    A0_ENSURE(out->provider != NULL && out->connection != NULL && out->user_id != NULL,
              err, mgmt_response_invalid);
    out->view = (a0_identity){ out->provider, out->connection, out->user_id };
    return A0_OK;
}

static a0_status
read_identities(const a0__json *profile, a0_user *user, a0_error **err)
{
    const a0__json *identities = NULL;
    size_t len = 0;

    A0_ENSURE(a0__json_array(profile, "identities", &identities) == A0__FOUND, err,
              mgmt_response_invalid);
    len = a0__json_len(identities);
    A0_ENSURE(len > 0 && len <= IDENTITIES_MAX, err, mgmt_response_invalid);
    user->identities = a0__calloc(len, sizeof *user->identities);
    A0_ENSURE(user->identities != NULL, err, no_memory);
    user->identities_len = len;
    for (size_t i = 0; i < len; i++) {
        A0_TRY(read_identity(a0__json_at(identities, i), &user->identities[i], err));
    }
    return A0_OK;
}

/* Only a literal true counts as true. */
static a0_status
read_flag(const a0__json *profile, const char *name, bool *out, a0_error **err)
{
    const a0__json *value = a0__json_member(profile, name);

    if (value == NULL || a0__json_type_of(value) == A0__JSON_NULL) {
        return A0_OK;
    }
    A0_ENSURE(a0__json_bool_of(value, out), err, mgmt_response_invalid);
    return A0_OK;
}

a0_status
a0__user_read(const a0__json *profile, a0__text expected_id, a0_user **out,
              a0_error **err)
{
    A0_AUTO(a0__user_ptr) user = a0__calloc(1, sizeof *user);

    A0_ENSURE(user != NULL, err, no_memory);
    A0_ENSURE(a0__json_is_object(profile), err, mgmt_response_invalid);
    A0_TRY(read_text(profile, "user_id", &user->user_id, err));
    A0_ENSURE(a0__user_id_is_valid(a0__text_of(user->user_id)), err,
              mgmt_response_invalid);
    A0_ENSURE(expected_id.len == 0 || a0__text_is(expected_id, user->user_id), err,
              mgmt_response_invalid);
    A0_TRY(read_identities(profile, user, err));
    A0_TRY(read_text(profile, "email", &user->email, err));
    A0_TRY(read_text(profile, "created_at", &user->created_at, err));
    A0_TRY(read_flag(profile, "email_verified", &user->email_verified, err));
    A0_TRY(read_flag(profile, "blocked", &user->blocked, err));
    A0_TRY(keep_json(profile, user, err));
    *out = a0__steal(&user);
    return A0_OK;
}

a0_status
a0__user_parse(a0__text profile, a0__text expected_id, a0_user **out, a0_error **err)
{
    A0_AUTO(a0__json_doc) document = NULL;

    /* Metadata is the application's own, and may have many members. */
    A0_TRY(a0__json_parse_deep(profile, &document, err));
    return a0__user_read(document, expected_id, out, err);
}

/* ---- the object ---- */

void
a0_user_free(a0_user *user)
{
    if (user == NULL) {
        return;
    }
    for (size_t i = 0; i < user->identities_len; i++) {
        a0__free(user->identities[i].provider);
        a0__free(user->identities[i].connection);
        a0__free(user->identities[i].user_id);
    }
    a0__free(user->identities);
    a0__free(user->json);
    a0__free(user->user_id);
    a0__free(user->email);
    a0__free(user->created_at);
    a0__free(user);
}

void
a0__user_ptr_auto(a0__user_ptr *user)
{
    a0_user_free(*user);
}

const char *
a0_user_json(const a0_user *user)
{
    return user->json;
}

const char *
a0_user_id(const a0_user *user)
{
    return user->user_id;
}

const char *
a0_user_email(const a0_user *user)
{
    return user->email;
}

bool
a0_user_email_verified(const a0_user *user)
{
    return user->email_verified;
}

bool
a0_user_blocked(const a0_user *user)
{
    return user->blocked;
}

const char *
a0_user_created_at(const a0_user *user)
{
    return user->created_at;
}

size_t
a0_user_identities_len(const a0_user *user)
{
    return user->identities_len;
}

const a0_identity *
a0_user_identity(const a0_user *user, size_t i)
{
    return i < user->identities_len ? &user->identities[i].view : NULL;
}

/* ---- lists ---- */

a0_status
a0__users_new(a0_users **out, a0_error **err)
{
    *out = a0__calloc(1, sizeof **out);
    A0_ENSURE(*out != NULL, err, no_memory);
    return A0_OK;
}

a0_status
a0__users_add(a0_users *users, a0_user **user, a0_error **err)
{
    a0_user **items = NULL;

    for (size_t i = 0; i < users->len; i++) {
        if (a0__text_is(a0__text_of(users->items[i]->user_id), (*user)->user_id)) {
            a0_user_free(a0__steal(user));
            return A0_OK;
        }
    }
    items = a0__realloc_array(users->items, users->len + 1, sizeof(a0_user *));
    A0_ENSURE(items != NULL, err, no_memory);
    users->items = items;
    users->items[users->len++] = a0__steal(user);
    return A0_OK;
}

void
a0_users_free(a0_users *users)
{
    if (users == NULL) {
        return;
    }
    for (size_t i = 0; i < users->len; i++) {
        a0_user_free(users->items[i]);
    }
    a0__free(users->items);
    a0__free(users->next);
    a0__free(users);
}

void
a0__users_ptr_auto(a0__users_ptr *users)
{
    a0_users_free(*users);
}

size_t
a0_users_len(const a0_users *users)
{
    return users->len;
}

const a0_user *
a0_users_at(const a0_users *users, size_t i)
{
    return i < users->len ? users->items[i] : NULL;
}

const char *
a0_users_next(const a0_users *users)
{
    return users->next;
}

int64_t
a0_users_left(const a0_users *users)
{
    return users->left;
}

int64_t
a0_users_unreadable(const a0_users *users)
{
    return users->unreadable;
}

a0_status
a0__users_set_next(a0_users *users, a0__text cursor, a0_error **err)
{
    a0__free(users->next);
    users->next = a0__strndup(cursor.ptr, cursor.len);
    A0_ENSURE(users->next != NULL, err, no_memory);
    return A0_OK;
}

void
a0__users_set_left(a0_users *users, int64_t left)
{
    users->left = left;
}

void
a0__users_set_unreadable(a0_users *users, int64_t unreadable)
{
    users->unreadable = unreadable;
}
