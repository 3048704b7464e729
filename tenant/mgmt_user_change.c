/* SPDX-License-Identifier: MIT */
/* Users made and changed by the Management API (wire §21.4). */
#include "endpoints.h"
#include "identities.h"
#include "mgmt.h"
#include "people.h"

enum {
    TEXT_MAX = 2048,
    ID_MAX = 255, /* as Auth0 takes it */
    PASSWORD_MIN = 8
};

/* A social provider is asked again at each sign-in, so they are its own. */
#define SYNCHRONISED "email email_verified name nickname given_name family_name picture"
#define ATTRIBUTES SYNCHRONISED " blocked"
#define OTHERS "connection password user_metadata app_metadata verify_email"

#define refuse a0__mgmt_refuse

static a0_status
refuse_body(a0__exchange *x, const char *message)
{
    return refuse(x, 400, message, "invalid_body");
}

/* ---- which members there are ---- */

typedef struct names {
    const char *known;
    a0__text found; /* of those that are sought */
    bool all_known;
} names;

static bool
check_name(void *self, a0__text name, const a0__json *value)
{
    names *n = self;

    (void)value;
    n->all_known = n->all_known && a0__text_has_word(a0__text_of(n->known), name);
    return true;
}

static a0_status
check_members(a0__exchange *x, const char *known)
{
    names n = { .known = known, .all_known = true };

    if (!a0__json_is_object(x->json)) {
        return refuse_body(x, "Payload validation error: an object is expected");
    }
    a0__json_each(x->json, check_name, &n);
    return n.all_known ? A0_OK
                       : refuse_body(x, "Payload validation error: additional "
                                        "properties not allowed");
}

static bool
find_name(void *self, a0__text name, const a0__json *value)
{
    names *n = self;

    (void)value;
    if (a0__text_has_word(a0__text_of(n->known), name)) {
        n->found = name;
    }
    return n->found.len == 0;
}

/* The first member that is one of the words; "" for none. */
static a0__text
member_among(const a0__json *body, const char *words)
{
    names n = { .known = words };

    a0__json_each(body, find_name, &n);
    return n.found;
}

/* ---- attributes ---- */

/* null unsets a text. */
static bool
put_attribute(void *self, a0__text name, const a0__json *value)
{
    if (a0__text_has_word(A0__LIT(ATTRIBUTES), name)) {
        a0__json_name_text(self, name);
        if (a0__json_type_of(value) == A0__JSON_NULL) {
            a0__json_string(self, "");
        } else {
            a0__json_value_node(self, value);
        }
    }
    return true;
}

/* The attributes of the body as a record has them. */
static a0_status
read_attributes(a0__exchange *x, a0__json **out)
{
    A0_AUTO(a0__buf) attributes = A0__BUF_INIT(A0__ANSWER_MAX);
    a0__json_writer w = a0__json_writer_on(&attributes);

    a0__json_open(&w, '{');
    a0__json_each(x->json, put_attribute, &w);
    a0__json_close(&w, '}');
    return a0__json_parse_large(a0__buf_view(&attributes), out, &x->error);
}

/* On a trial, so that nothing is changed by halves. */
static a0_status
check_attributes(a0__exchange *x, const a0__json *attributes)
{
    A0_AUTO(a0__buf) reason = A0__BUF_INIT(TEXT_MAX);
    const a0__table *users = &x->tenant->tables[A0__USERS];
    a0__user *trial = a0__row_new(users);
    const char *overlong = NULL;

    if (a0__record_read(users->shape, attributes, trial, &reason)) {
        overlong = a0__user_overlong(trial);
    }
    if (overlong != NULL) {
        a0__buf_format(&reason, "Payload validation error: %s is too long", overlong);
    }
    a0__row_free(users, trial);
    return reason.len == 0 ? A0_OK : refuse_body(x, a0__buf_cstr(&reason));
}

/* Once check_attributes agreed. */
static void
put_attributes(const a0__json *attributes, a0__user *account)
{
    A0_AUTO(a0__buf) reason = A0__BUF_INIT(TEXT_MAX);

    (void)a0__record_read(&a0__shapes[A0__USERS], attributes, account, &reason);
}

/* Databases keep addresses in lower case. */
static void
lower(char *text)
{
    for (; *text != '\0'; text++) {
        *text = a0__to_lower(*text);
    }
}

static bool
is_of_database(const a0__tenant *tenant, const a0__user *account)
{
    const a0__connection *connection =
        a0__tenant_connection(tenant, a0__text_of(account->connection));

    return connection != NULL && a0__connection_is_database(connection);
}

static a0_status
check_password(a0__exchange *x)
{
    return a0__json_text_of_member(x->json, "password").len >= PASSWORD_MIN
               ? A0_OK
               : refuse_body(x, "PasswordStrengthError: Password is too weak");
}

/* ---- metadata: one level deep; null takes a member away ---- */

typedef struct merging {
    const a0__json *changes;
    a0__json_writer writer;
} merging;

static bool
put_unless_changed(void *self, a0__text name, const a0__json *value)
{
    merging *m = self;
    A0_AUTO(a0__string) key = a0__keep(name);

    if (a0__json_member(m->changes, key) == NULL) {
        a0__json_name_text(&m->writer, name);
        a0__json_value_node(&m->writer, value);
    }
    return true;
}

static bool
put_unless_null(void *self, a0__text name, const a0__json *value)
{
    merging *m = self;

    if (a0__json_type_of(value) != A0__JSON_NULL) {
        a0__json_name_text(&m->writer, name);
        a0__json_value_node(&m->writer, value);
    }
    return true;
}

/* *out stays NULL when the body says nothing of it. */
static a0_status
merge(a0__exchange *x, const char *name, const char *old_text, char **out)
{
    A0_AUTO(a0__buf) merged = A0__BUF_INIT(A0__ANY_MAX);
    A0_AUTO(a0__json_doc) old = NULL;
    merging m = { .writer = a0__json_writer_on(&merged) };

    if (a0__json_member(x->json, name) == NULL) {
        return A0_OK;
    }
    if (a0__json_object(x->json, name, &m.changes) != A0__FOUND) {
        return refuse_body(x, "Payload validation error: metadata is an object");
    }
    A0_TRY(a0__json_parse_large(a0__text_of(old_text), &old, &x->error));
    a0__json_open(&m.writer, '{');
    if (a0__json_is_object(old)) {
        a0__json_each(old, put_unless_changed, &m);
    }
    a0__json_each(m.changes, put_unless_null, &m);
    a0__json_close(&m.writer, '}');
    if (!a0__buf_ok(&merged)) {
        return refuse_body(x, "Payload validation error: metadata is too large");
    }
    *out = a0__keep_buf(&merged);
    return A0_OK;
}

typedef struct metadata {
    a0__string of_user;
    a0__string of_app;
} metadata;

static void
metadata_auto(metadata *m)
{
    a0__free(m->of_user);
    a0__free(m->of_app);
}

static a0_status
merge_both(a0__exchange *x, const a0__user *user, metadata *out)
{
    A0_TRY(merge(x, "user_metadata", user->user_metadata, &out->of_user));
    return merge(x, "app_metadata", user->app_metadata, &out->of_app);
}

static void
put_metadata(const metadata *m, a0__user *user)
{
    if (m->of_user != NULL) {
        a0__keep_in(&user->user_metadata, a0__text_of(m->of_user));
    }
    if (m->of_app != NULL) {
        a0__keep_in(&user->app_metadata, a0__text_of(m->of_app));
    }
}

/* ---- changing ---- */

/* `connection` names one of the user's accounts; without it, the main one. */
static a0_status
find_account(a0__exchange *x, a0__user *user, a0__user **out)
{
    a0__text connection = A0__NO_TEXT;

    *out = user;
    if (a0__json_text(x->json, "connection", &connection) != A0__FOUND ||
        a0__text_is(connection, user->connection)) {
        return A0_OK;
    }
    for (size_t i = 1; i < user->identities.len; i++) {
        A0_AUTO(a0__buf) id = A0__BUF_INIT(TEXT_MAX);
        const a0__identity *identity =
            a0__records_at(&user->identities, &a0__identity_shape, i);

        if (a0__text_is(connection, identity->connection)) {
            a0__identity_account_id(identity, &id);
            *out = a0__account_find(x->tenant, a0__buf_view(&id));
            return A0_OK;
        }
    }
    return refuse(x, 400, "The user has no identity of that connection.", "");
}

static a0_status
check_change(a0__exchange *x, const a0__user *account)
{
    A0_AUTO(a0__buf) message = A0__BUF_INIT(TEXT_MAX);
    a0__text synchronised = member_among(x->json, SYNCHRONISED);
    a0__text password = member_among(x->json, "password");

    if (password.len > 0 && member_among(x->json, "email email_verified").len > 0) {
        return refuse(x, 400, "Cannot update password and email simultaneously", "");
    }
    if (!is_of_database(x->tenant, account) &&
        (synchronised.len > 0 || password.len > 0)) {
        a0__buf_string(&message, "The following user attributes cannot be updated: ");
        a0__buf_text(&message, synchronised.len > 0 ? synchronised : password);
        a0__buf_format(&message,
                       ". The connection (%s) must either be a database connection or "
                       "have disabled 'Sync user profile attributes at each login'.",
                       account->connection);
        return refuse(x, 400, a0__buf_cstr(&message), "");
    }
    return password.len > 0 ? check_password(x) : A0_OK;
}

/* A new address is nobody else's in its database. */
static a0_status
check_email(a0__exchange *x, const a0__user *account)
{
    a0__text email = a0__json_text_of_member(x->json, "email");

    if (email.len == 0 ||
        a0__text_equal_ignoring_case(email, a0__text_of(account->email))) {
        return A0_OK;
    }
    for (a0__user *u = a0__table_first(&x->tenant->tables[A0__USERS]); u != NULL;
         u = a0__table_next(u)) {
        if (u != account &&
            a0__text_is(a0__text_of(u->connection), account->connection) &&
            a0__text_equal_ignoring_case(a0__text_of(u->email), email)) {
            return refuse(x, 400, "The specified new email already exists", "");
        }
    }
    return A0_OK;
}

/* Nor is it verified by itself. */
static void
settle_email(const a0__exchange *x, a0__user *account, a0__text before)
{
    lower(account->email);
    if (!a0__text_is(before, account->email) &&
        a0__json_member(x->json, "email_verified") == NULL) {
        account->email_verified = false;
    }
}

a0_status
a0__mgmt_user_patch(a0__exchange *x)
{
    A0_AUTO(a0__string) now = a0__tenant_now_iso(x->tenant);
    A0_AUTO(a0__string) email = NULL;
    A0_AUTO(a0__json_doc) attributes = NULL;
    A0_AUTO(metadata) merged = { NULL, NULL };
    a0__user *user = NULL;
    a0__user *account = NULL;

    A0_TRY(a0__mgmt_authorize(x, "update:users update:users_app_metadata"));
    A0_TRY(a0__mgmt_find_user(x, &user));
    A0_TRY(check_members(x, ATTRIBUTES " " OTHERS " client_id"));
    A0_TRY(find_account(x, user, &account));
    A0_TRY(check_change(x, account));
    A0_TRY(check_email(x, account));
    A0_TRY(read_attributes(x, &attributes));
    A0_TRY(check_attributes(x, attributes));
    A0_TRY(merge_both(x, user, &merged));
    email = a0__keep(a0__text_of(account->email));
    put_attributes(attributes, account);
    if (is_of_database(x->tenant, account)) {
        settle_email(x, account, a0__text_of(email));
    }
    a0__keep_in(&account->password, a0__json_text_of_member(x->json, "password"));
    A0_TRY(a0__user_complete(x->tenant, account, &x->error));
    put_metadata(&merged, user);
    if (account != user) {
        (void)a0__linked_account_complete(x->tenant, account);
        a0__table_touch(account);
    }
    a0__keep_in(&user->updated_at, a0__text_of(now));
    a0__table_touch(user);
    return a0__mgmt_answer_user(x, 200, user);
}

/* ---- making ---- */

static a0_status
check_new(a0__exchange *x, const a0__connection **out)
{
    a0__text name = a0__json_text_of_member(x->json, "connection");
    a0__text email = a0__json_text_of_member(x->json, "email");

    *out = a0__tenant_connection(x->tenant, name);
    if (name.len == 0) {
        return refuse_body(x, "Payload validation error: Missing required property: "
                              "connection");
    }
    if (*out == NULL || !a0__connection_is_database(*out)) {
        return refuse(x, 400, "The connection does not exist.",
                      "inexistent_connection");
    }
    if (!a0__text_contains_byte(email, '@') || !a0__text_is_visible_ascii(email)) {
        return refuse_body(x, "Payload validation error: Object didn't pass validation "
                              "for format email");
    }
    A0_TRY(check_password(x));
    return a0__account_by_email(x->tenant, name, email) == NULL
               ? A0_OK
               : refuse(x, 409, "The user already exists.", "auth0_idp_error");
}

static a0_status
fill(a0__exchange *x, const a0__connection *connection, a0__user *user)
{
    A0_AUTO(a0__buf) id = A0__BUF_INIT(TEXT_MAX);
    A0_AUTO(a0__json_doc) attributes = NULL;
    A0_AUTO(metadata) merged = { NULL, NULL };
    a0__text wanted = a0__json_text_of_member(x->json, "user_id");

    if (wanted.len > ID_MAX) {
        return refuse_body(x, "Payload validation error: user_id is too long");
    }
    a0__buf_format(&id, "%s|", connection->strategy);
    a0__buf_text(&id, wanted);
    if (wanted.len > 0) {
        a0__keep_in(&user->user_id, a0__buf_view(&id));
    }
    if (a0__account_find(x->tenant, a0__text_of(user->user_id)) != NULL) {
        return refuse(x, 409, "The user already exists.", "auth0_idp_error");
    }
    a0__keep_in(&user->connection, a0__text_of(connection->name));
    A0_TRY(read_attributes(x, &attributes));
    A0_TRY(check_attributes(x, attributes));
    A0_TRY(merge_both(x, user, &merged));
    put_attributes(attributes, user);
    put_metadata(&merged, user);
    lower(user->email);
    a0__keep_in(&user->password, a0__json_text_of_member(x->json, "password"));
    return a0__user_complete(x->tenant, user, &x->error);
}

a0_status
a0__mgmt_user_create(a0__exchange *x)
{
    a0__table *users = &x->tenant->tables[A0__USERS];
    const a0__connection *connection = NULL;
    a0__user *user = NULL;
    a0_status status = A0_OK;

    A0_TRY(a0__mgmt_authorize(x, "create:users"));
    A0_TRY(check_members(x, ATTRIBUTES " " OTHERS " user_id"));
    A0_TRY(check_new(x, &connection));
    user = a0__row_new(users);
    status = fill(x, connection, user);
    if (status != A0_OK) {
        a0__row_free(users, user);
        return status;
    }
    a0__table_put(users, user);
    return a0__mgmt_answer_user(x, 201, user);
}
