/* SPDX-License-Identifier: MIT */
#include "fake_users.h"

#include <stdio.h>
#include <string.h>

#include "metadata_patch.h"
#include "support.h"

#include "base/url.h"

#define JSON "application/json; charset=utf-8"
#define NO_USER                                                                        \
    "{\"statusCode\":404,\"error\":\"Not Found\",\"message\":\"The user does not "     \
    "exist.\",\"errorCode\":\"inexistent_user\"}"

/* ---- the table ---- */

static a0__json *
parse(const char *text)
{
    a0__json *document = NULL;

    assert_int_equal(a0__json_parse_deep(a0__text_of(text), &document, NULL), A0_OK);
    assert_non_null(document);
    return document;
}

static const char *
member(const a0__json *object, const char *name)
{
    a0__text text = A0__NO_TEXT;

    (void)a0__json_text(object, name, &text);
    return text.ptr != NULL ? text.ptr : "";
}

static void
set_json(fake_user *user, a0__buf *json)
{
    assert_true(a0__buf_ok(json) && json->len < sizeof user->json);
    memcpy(user->json, json->ptr, json->len + 1);
}

fake_user *
fake_users_find(fake_users *users, const char *user_id)
{
    for (size_t i = 0; i < users->len; i++) {
        if (strcmp(users->items[i].user_id, user_id) == 0) {
            return &users->items[i];
        }
    }
    return NULL;
}

fake_user *
fake_users_put(fake_users *users, const char *profile)
{
    A0_AUTO(a0__json_doc) document = parse(profile);
    A0_AUTO(a0__buf) json = A0__BUF_INIT(FAKE_USER_JSON_MAX);
    const char *user_id = member(document, "user_id");
    fake_user *user = fake_users_find(users, user_id);

    if (user == NULL) {
        assert_in_range(users->len, 0, FAKE_USERS_MAX - 1);
        user = &users->items[users->len++];
        (void)snprintf(user->user_id, sizeof user->user_id, "%s", user_id);
    }
    a0__buf_string(&json, profile);
    set_json(user, &json);
    return user;
}

void
fake_users_clear(fake_users *users)
{
    *users = (fake_users){ .len = 0 };
}

bool
fake_user_has(const fake_user *user, const char *identity)
{
    A0_AUTO(a0__json_doc) document = parse(user->json);
    const a0__json *identities = a0__json_member(document, "identities");

    for (size_t i = 0; i < a0__json_len(identities); i++) {
        char id[2 * FAKE_USER_ID_MAX];

        (void)snprintf(id, sizeof id, "%s|%s",
                       member(a0__json_at(identities, i), "provider"),
                       member(a0__json_at(identities, i), "user_id"));
        if (strcmp(id, identity) == 0) {
            return true;
        }
    }
    return false;
}

const char *
fake_users_sub(fake_users *users, const char *identity)
{
    for (size_t i = 0; i < users->len; i++) {
        if (users->items[i].user_id[0] != '\0' &&
            fake_user_has(&users->items[i], identity)) {
            return users->items[i].user_id;
        }
    }
    return identity;
}

/* ---- rewriting a profile ---- */

/* Members of a profile as they are, but for one. */
typedef struct rewriting {
    a0__json_writer w;
    const char *except;
} rewriting;

static bool
copy_member(void *self, a0__text name, const a0__json *value)
{
    rewriting *r = self;

    if (!a0__text_is(name, r->except)) {
        a0__json_name_text(&r->w, name);
        a0__json_value_node(&r->w, value);
    }
    return true;
}

static void
put_linked(a0__json_writer *w, const a0__json *secondary)
{
    const a0__json *identity = a0__json_at(a0__json_member(secondary, "identities"), 0);
    rewriting r = { *w, "profileData" };

    a0__json_open(&r.w, '{');
    a0__json_each(identity, copy_member, &r);
    a0__json_name(&r.w, "profileData");
    a0__json_open(&r.w, '{');
    a0__json_put_string(&r.w, "email", member(secondary, "email"));
    a0__json_name(&r.w, "email_verified");
    a0__json_value_node(&r.w, a0__json_member(secondary, "email_verified"));
    a0__json_close(&r.w, '}');
    a0__json_close(&r.w, '}');
    *w = r.w;
}

static bool
is_identity(const a0__json *identity, const char *provider, const char *user_id)
{
    return strcmp(member(identity, "provider"), provider) == 0 &&
           strcmp(member(identity, "user_id"), user_id) == 0;
}

/* The identities, without one of them or with that of another user. */
static void
rewrite_identities(fake_user *user, const char *provider, const char *user_id,
                   const a0__json *secondary)
{
    A0_AUTO(a0__json_doc) document = parse(user->json);
    A0_AUTO(a0__buf) json = A0__BUF_INIT(FAKE_USER_JSON_MAX);
    rewriting r = { a0__json_writer_on(&json), "identities" };
    const a0__json *identities = a0__json_member(document, "identities");

    a0__json_open(&r.w, '{');
    a0__json_each(document, copy_member, &r);
    a0__json_name(&r.w, "identities");
    a0__json_open(&r.w, '[');
    for (size_t i = 0; i < a0__json_len(identities); i++) {
        if (provider == NULL ||
            !is_identity(a0__json_at(identities, i), provider, user_id)) {
            a0__json_value_node(&r.w, a0__json_at(identities, i));
        }
    }
    if (secondary != NULL) {
        put_linked(&r.w, secondary);
    }
    a0__json_close(&r.w, ']');
    a0__json_close(&r.w, '}');
    set_json(user, &json);
}

/* ---- the requests ---- */

static void
answer_identities(const fake_user *user, int status, a0_http_exchange *exchange)
{
    A0_AUTO(a0__json_doc) document = parse(user->json);
    A0_AUTO(a0__buf) json = A0__BUF_INIT(FAKE_USER_JSON_MAX);

    assert_int_equal(
        a0__json_write(a0__json_member(document, "identities"), &json, NULL), A0_OK);
    scripted_respond(exchange, status, JSON, a0__buf_cstr(&json));
}

static void
do_link(fake_users *users, fake_user *primary, const char *body,
        a0_http_exchange *exchange)
{
    A0_AUTO(a0__json_doc) asked = parse(body);
    char user_id[FAKE_USER_ID_MAX];
    fake_user *secondary = NULL;

    (void)snprintf(user_id, sizeof user_id, "%s|%s", member(asked, "provider"),
                   member(asked, "user_id"));
    secondary = fake_users_find(users, user_id);
    if (secondary == NULL || secondary == primary) {
        scripted_respond(exchange, 409, JSON,
                         "{\"statusCode\":409,\"error\":\"Conflict\",\"message\":\"No "
                         "such identity to link.\"}");
        return;
    }
    {
        A0_AUTO(a0__json_doc) document = parse(secondary->json);

        rewrite_identities(primary, NULL, NULL, document);
    }
    secondary->user_id[0] = '\0';
    answer_identities(primary, 201, exchange);
}

static void
link_users(fake_users *users, fake_user *primary, const char *body,
           a0_http_exchange *exchange)
{
    users->links++;
    if (users->link_status == 0 || users->link_is_done) {
        do_link(users, primary, body, exchange);
    }
    if (users->link_status != 0) {
        a0_http_response_free(exchange->response);
        exchange->response = NULL;
        scripted_respond(exchange, users->link_status, JSON,
                         users->link_body != NULL ? users->link_body
                                                  : "{\"statusCode\":0}");
    }
}

/* The identity is a user of its own again, without metadata. */
static void
unlink_users(fake_users *users, fake_user *primary, const char *provider,
             const char *user_id, a0_http_exchange *exchange)
{
    A0_AUTO(a0__json_doc) document = parse(primary->json);
    const a0__json *identities = a0__json_member(document, "identities");

    users->unlinks++;
    for (size_t i = 1; i < a0__json_len(identities); i++) {
        const a0__json *identity = a0__json_at(identities, i);
        const a0__json *own = a0__json_member(identity, "profileData");
        char profile[2048];

        if (!is_identity(identity, provider, user_id)) {
            continue;
        }
        (void)snprintf(profile, sizeof profile,
                       "{\"user_id\":\"%s|%s\",\"email\":\"%s\",\"email_verified\":"
                       "true,\"identities\":[{\"provider\":\"%s\",\"connection\":"
                       "\"%s\",\"user_id\":\"%s\"}]}",
                       provider, user_id, member(own, "email"), provider,
                       member(identity, "connection"), user_id);
        fake_users_put(users, profile);
        rewrite_identities(primary, provider, user_id, NULL);
        answer_identities(primary, 200, exchange);
        return;
    }
    scripted_respond(exchange, 404, JSON, NO_USER);
}

static void
update_user(fake_users *users, fake_user *user, const char *body,
            a0_http_exchange *exchange)
{
    static const char *const names[] = { "user_metadata", "app_metadata" };
    A0_AUTO(a0__json_doc) document = parse(user->json);
    A0_AUTO(a0__json_doc) patch = parse(body);
    A0_AUTO(a0__buf) json = A0__BUF_INIT(FAKE_USER_JSON_MAX);
    a0__json_writer w = a0__json_writer_on(&json);

    users->updates++;
    a0__json_open(&w, '{');
    metadata_patch_keep(&w, document, patch);
    for (size_t i = 0; i < 2; i++) {
        const a0__json *changed = a0__json_member(patch, names[i]);

        if (changed != NULL) {
            a0__json_name(&w, names[i]);
            metadata_patch_write(&w, a0__json_member(document, names[i]), changed);
        }
    }
    a0__json_close(&w, '}');
    set_json(user, &json);
    scripted_respond(exchange, 200, JSON, user->json);
}

static void
find_by_email(fake_users *users, const char *email, a0_http_exchange *exchange)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(FAKE_USERS_MAX * FAKE_USER_JSON_MAX);
    a0__json_writer w = a0__json_writer_on(&json);

    a0__json_open(&w, '[');
    for (size_t i = 0; i < users->len; i++) {
        A0_AUTO(a0__json_doc) document = parse(users->items[i].json);

        if (users->items[i].user_id[0] != '\0' &&
            (users->finds_everybody || strcmp(member(document, "email"), email) == 0)) {
            a0__json_value_node(&w, document);
        }
    }
    a0__json_close(&w, ']');
    scripted_respond(exchange, 200, JSON, a0__buf_cstr(&json));
}

static void
answer_accounts(const fake_user *user, const char *url, a0_http_exchange *exchange)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(FAKE_USER_JSON_MAX);

    a0__buf_string(&json, "{\"connected_accounts\":");
    a0__buf_string(&json, user->accounts[0] != '\0' ? user->accounts : "[]");
    if (user->accounts_go_round) {
        a0__buf_format(&json, ",\"next\":\"%s\"",
                       strstr(url, "from=one") != NULL ? "two" : "one");
    }
    a0__buf_byte(&json, '}');
    scripted_respond(exchange, 200, JSON, a0__buf_cstr(&json));
}

static void
decode(a0__text encoded, char *out, size_t out_size)
{
    A0_AUTO(a0__buf) decoded = A0__BUF_INIT(FAKE_USER_JSON_MAX);

    assert_true(a0__percent_decode(encoded, false, &decoded));
    (void)snprintf(out, out_size, "%s", a0__buf_cstr(&decoded));
}

static void
answer_user(fake_users *users, const scripted_request *request, a0__text path,
            a0_http_exchange *exchange)
{
    char user_id[FAKE_USER_ID_MAX];
    char provider[FAKE_USER_ID_MAX] = "";
    char identity[FAKE_USER_ID_MAX] = "";
    a0__text piece = A0__NO_TEXT;
    fake_user *user = NULL;

    (void)a0__text_next(&path, '/', &piece);
    decode(piece, user_id, sizeof user_id);
    user = fake_users_find(users, user_id);
    (void)a0__text_next(&path, '/', &piece);
    if (a0__text_next(&path, '/', &piece)) {
        decode(piece, provider, sizeof provider);
        decode(path, identity, sizeof identity);
    }
    if (user == NULL) {
        scripted_respond(exchange, 404, JSON, NO_USER);
    } else if (strcmp(request->method, "POST") == 0) {
        link_users(users, user, request->body, exchange);
    } else if (strcmp(request->method, "DELETE") == 0) {
        unlink_users(users, user, provider, identity, exchange);
    } else if (strcmp(request->method, "PATCH") == 0) {
        update_user(users, user, request->body, exchange);
    } else if (strstr(request->url, "/connected-accounts") != NULL) {
        answer_accounts(user, request->url, exchange);
    } else {
        scripted_respond(exchange, 200, JSON, user->json);
    }
}

void
fake_users_answer(fake_users *users, const scripted_request *request,
                  a0_http_exchange *exchange)
{
    static const char below[] = "/api/v2/users";
    const char *at = strstr(request->url, below);
    const char *email = strstr(request->url, "-by-email?email=");
    const char *query = strchr(request->url, '?');

    assert_non_null(at);
    (void)snprintf(users->last_body, sizeof users->last_body, "%s", request->body);
    if (email != NULL) {
        decode(a0__text_of(email + strlen("-by-email?email=")), users->last_email,
               sizeof users->last_email);
        find_by_email(users, users->last_email, exchange);
    } else if (at[sizeof below - 1] == '/') {
        const char *path = at + sizeof below;

        answer_user(
            users, request,
            a0__text_range(path, query != NULL ? (size_t)(query - path) : strlen(path)),
            exchange);
    } else {
        users->searches++;
        scripted_respond(exchange, 200, JSON, "[]");
    }
}
