/* SPDX-License-Identifier: MIT */
/* Users by the Management API: wire §21.3, §21.4. */
#include "endpoints.h"
#include "identities.h"
#include "mgmt.h"

#include <string.h>

enum {
    TEXT_MAX = 2048,
    METADATA_MAX = 256 * 1024
};

#define refuse a0__mgmt_refuse

/* ---- users ---- */

static bool
put_profile_member(void *self, a0__text name, const a0__json *value)
{
    a0__json_writer *w = self;
    a0__text text = A0__NO_TEXT;
    bool is_empty = a0__json_text_of(value, &text) && text.len == 0;

    /* How the tenant found the person is no attribute of the profile. */
    if (!a0__text_is(name, "connection") && !is_empty) {
        a0__json_name_text(w, name);
        a0__json_value_node(w, value);
    }
    return true;
}

static a0_status
write_user(a0__exchange *x, const a0__user *user, a0__json_writer *w)
{
    A0_AUTO(a0__buf) record = A0__BUF_INIT(A0__ANSWER_MAX);
    A0_AUTO(a0__json_doc) document = NULL;
    a0__json_writer r = a0__json_writer_on(&record);

    a0__record_write(&a0__shapes[A0__USERS], user, false, &r);
    A0_TRY(a0__json_parse_large(a0__buf_view(&record), &document, &x->error));
    a0__json_open(w, '{');
    a0__json_each(document, put_profile_member, w);
    a0__json_close(w, '}');
    return A0_OK;
}

static a0_status
answer_user(a0__exchange *x, const a0__user *user)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    a0__json_writer w = a0__json_writer_on(&body);

    A0_TRY(write_user(x, user, &w));
    a0__answer_json(x, 200, &body);
    return A0_OK;
}

a0_status
a0__mgmt_user_get(a0__exchange *x)
{
    a0__user *user = NULL;

    A0_TRY(a0__mgmt_authorize(x, "read:users"));
    A0_TRY(a0__mgmt_find_user(x, &user));
    return answer_user(x, user);
}

a0_status
a0__mgmt_user_delete(a0__exchange *x)
{
    A0_AUTO(a0__buf) id = A0__BUF_INIT(TEXT_MAX);
    const a0__table *users = &x->tenant->tables[A0__USERS];
    a0__user *user = NULL;

    A0_TRY(a0__mgmt_authorize(x, "delete:users"));
    if (a0__web_param(x->request, "id", &id)) {
        user = a0__table_get(users, a0__buf_view(&id));
    }
    if (user != NULL) {
        a0__user_remove(x->tenant, user);
    }
    x->response->status = 204;
    return A0_OK;
}

/* Wire §21.4: byte by byte, unlike a sign-in. */
a0_status
a0__mgmt_users_by_email(a0__exchange *x)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    const a0__table *users = &x->tenant->tables[A0__USERS];
    a0__json_writer w = a0__json_writer_on(&body);
    a0__text email = a0__param(x, "email");

    A0_TRY(a0__mgmt_authorize(x, "read:users"));
    if (email.len == 0) {
        return refuse(x, 400,
                      "Query validation error: Missing required property: email",
                      "invalid_query_string");
    }
    a0__json_open(&w, '[');
    for (a0__user *u = a0__table_first(users); u != NULL; u = a0__table_next(u)) {
        if (a0__text_is(email, u->email)) {
            A0_TRY(write_user(x, u, &w));
        }
    }
    a0__json_close(&w, ']');
    a0__answer_json(x, 200, &body);
    return A0_OK;
}

/* ---- changing ---- */

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

/* One level deep; null takes a member away. */
static a0_status
merge(a0__exchange *x, const a0__json *changes, char **metadata)
{
    A0_AUTO(a0__buf) merged = A0__BUF_INIT(METADATA_MAX);
    A0_AUTO(a0__json_doc) old = NULL;
    merging m = { .changes = changes, .writer = a0__json_writer_on(&merged) };

    A0_TRY(a0__json_parse_large(a0__text_of(*metadata), &old, &x->error));
    a0__json_open(&m.writer, '{');
    if (a0__json_is_object(old)) {
        a0__json_each(old, put_unless_changed, &m);
    }
    a0__json_each(changes, put_unless_null, &m);
    a0__json_close(&m.writer, '}');
    a0__keep_in(metadata, a0__buf_view(&merged));
    return A0_OK;
}

/* What a PATCH may name here; the rest is synchronised or the tenant's own. */
static bool
check_name(void *self, a0__text name, const a0__json *value)
{
    static const char names[] =
        "email email_verified name nickname given_name "
        "family_name picture blocked user_metadata app_metadata";
    bool *is_known = self;

    (void)value;
    *is_known = *is_known && a0__text_has_word(a0__text_of(names), name);
    return true;
}

static bool
put_attribute(void *self, a0__text name, const a0__json *value)
{
    if (!a0__text_ends_with(name, A0__LIT("_metadata"))) {
        a0__json_name_text(self, name);
        a0__json_value_node(self, value);
    }
    return true;
}

static a0_status
change_attributes(a0__exchange *x, a0__user *user)
{
    A0_AUTO(a0__buf) attributes = A0__BUF_INIT(A0__ANSWER_MAX);
    A0_AUTO(a0__buf) reason = A0__BUF_INIT(TEXT_MAX);
    A0_AUTO(a0__json_doc) document = NULL;
    a0__json_writer w = a0__json_writer_on(&attributes);

    a0__json_open(&w, '{');
    a0__json_each(x->json, put_attribute, &w);
    a0__json_close(&w, '}');
    A0_TRY(a0__json_parse_large(a0__buf_view(&attributes), &document, &x->error));
    return a0__record_read(&a0__shapes[A0__USERS], document, user, &reason)
               ? A0_OK
               : refuse(x, 400, a0__buf_cstr(&reason), "invalid_body");
}

a0_status
a0__mgmt_user_patch(a0__exchange *x)
{
    A0_AUTO(a0__string) now = a0__tenant_now_iso(x->tenant);
    a0__user *user = NULL;
    const a0__json *metadata = NULL;
    bool is_known = true;

    A0_TRY(a0__mgmt_authorize(x, "update:users update:users_app_metadata"));
    A0_TRY(a0__mgmt_find_user(x, &user));
    if (a0__json_is_object(x->json)) {
        a0__json_each(x->json, check_name, &is_known);
    }
    if (!a0__json_is_object(x->json) || !is_known) {
        return refuse(x, 400,
                      "Payload validation error: additional properties not allowed",
                      "invalid_body");
    }
    A0_TRY(change_attributes(x, user));
    if (a0__json_object(x->json, "user_metadata", &metadata) == A0__FOUND) {
        A0_TRY(merge(x, metadata, &user->user_metadata));
    }
    if (a0__json_object(x->json, "app_metadata", &metadata) == A0__FOUND) {
        A0_TRY(merge(x, metadata, &user->app_metadata));
    }
    a0__keep_in(&user->updated_at, a0__text_of(now));
    a0__table_touch(user);
    return answer_user(x, user);
}

/* ---- the vault, seen from here (wire §20.5) ---- */

/* The list has left Auth0's API; the fault mgmt.tokensets says how it is missed: true
 * (the usual) by 403 feature_not_enabled, false by a 404 of the route. */
a0_status
a0__mgmt_tokensets(a0__exchange *x)
{
    bool by_code = true;

    A0_TRY(a0__mgmt_authorize(x, "read:users"));
    (void)a0__fault_take_bool(&x->tenant->faults, "mgmt.tokensets", &by_code);
    return by_code
               ? refuse(x, 403, "This feature is not enabled.", "feature_not_enabled")
               : refuse(x, 404, "Not Found", "");
}

static void
put_account(const a0__connected_account *account, a0__json_writer *w)
{
    a0__json_open(w, '{');
    a0__json_put_string(w, "id", account->id);
    a0__json_put_string(w, "connection", account->connection);
    a0__json_put_string(w, "access_type", "offline");
    a0__json_name(w, "scopes");
    a0__json_open(w, '[');
    for (size_t i = 0; i < account->scopes.len; i++) {
        a0__json_string(w, account->scopes.items[i]);
    }
    a0__json_close(w, ']');
    a0__json_put_string(w, "created_at", account->created_at);
    a0__json_close(w, '}');
}

a0_status
a0__mgmt_connected_accounts(a0__exchange *x)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    const a0__table *accounts = &x->tenant->tables[A0__CONNECTED_ACCOUNTS];
    a0__json_writer w = a0__json_writer_on(&body);
    a0__user *user = NULL;

    A0_TRY(a0__mgmt_authorize(x, "read:users"));
    A0_TRY(a0__mgmt_find_user(x, &user));
    a0__json_open(&w, '{');
    a0__json_name(&w, "connected_accounts");
    a0__json_open(&w, '[');
    for (a0__connected_account *a = a0__table_first(accounts); a != NULL;
         a = a0__table_next(a)) {
        if (strcmp(a->user_id, user->user_id) == 0) {
            put_account(a, &w);
        }
    }
    a0__json_close(&w, ']');
    a0__json_close(&w, '}');
    a0__answer_json(x, 200, &body);
    return A0_OK;
}
