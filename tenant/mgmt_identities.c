/* SPDX-License-Identifier: MIT */
/* Linking two users and taking them apart by the Management API (wire §22). */
#include "endpoints.h"
#include "identities.h"
#include "jose/audience.h"
#include "jose/jwt.h"
#include "keys.h"
#include "mgmt.h"

enum {
    ID_MAX = 2048
};

#define refuse a0__mgmt_refuse

static a0_status
authorize(a0__exchange *x, a0__json **out_caller, a0__user **out_user)
{
    return a0__mgmt_authorize_about(x, "update:users", "update:current_user_identities",
                                    out_caller, out_user);
}

static a0_status
refuse_body(a0__exchange *x, const char *message)
{
    return refuse(x, 400, message, "invalid_body");
}

static a0_status
refuse_link(a0__exchange *x, const char *message)
{
    return refuse(x, 400, message, "");
}

static a0_status
answer_identities(a0__exchange *x, int status, const a0__user *user)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    a0__json_writer w = a0__json_writer_on(&body);

    a0__json_open(&w, '[');
    for (size_t i = 0; i < user->identities.len; i++) {
        a0__record_write(&a0__identity_shape,
                         a0__records_at(&user->identities, &a0__identity_shape, i),
                         false, &w);
    }
    a0__json_close(&w, ']');
    a0__answer_json(x, status, &body);
    return A0_OK;
}

/* ---- which account the body names ---- */

static bool
check_name(void *self, a0__text name, const a0__json *value)
{
    bool *is_known = self;

    (void)value;
    *is_known =
        *is_known &&
        a0__text_has_word(A0__LIT("provider user_id connection_id link_with"), name);
    return true;
}

/* The id at the provider is a text or a number, and may come with its provider. */
static bool
read_user_id(const a0__json *body, a0__text provider, a0__buf *out)
{
    A0_AUTO(a0__buf) prefix = A0__BUF_INIT(ID_MAX);
    a0__text text = A0__NO_TEXT;
    int64_t number = 0;

    a0__buf_text(&prefix, provider);
    a0__buf_byte(&prefix, '|');
    if (a0__json_i64(body, "user_id", &number) == A0__FOUND) {
        a0__buf_text(out, a0__buf_view(&prefix));
        a0__buf_i64(out, number);
        return true;
    }
    text = a0__json_text_of_member(body, "user_id");
    if (!a0__text_starts_with(text, a0__buf_view(&prefix))) {
        a0__buf_text(out, a0__buf_view(&prefix));
    }
    a0__buf_text(out, text);
    return text.len > 0;
}

static const a0__connection *
connection_of_strategy(const a0__tenant *tenant, a0__text strategy)
{
    const a0__table *table = &tenant->tables[A0__CONNECTIONS];

    for (a0__connection *c = a0__table_first(table); c != NULL; c = a0__table_next(c)) {
        if (a0__text_is(strategy, c->strategy)) {
            return c;
        }
    }
    return NULL;
}

/* Two databases have one provider; their connections tell them apart. */
static bool
is_of_connection(const a0__tenant *tenant, const a0__user *account, a0__text id)
{
    const a0__connection *connection =
        a0__tenant_connection(tenant, a0__text_of(account->connection));

    return id.len == 0 || (connection != NULL && a0__text_is(id, connection->id));
}

static a0_status
find_by_id(a0__exchange *x, a0__user **out)
{
    A0_AUTO(a0__buf) id = A0__BUF_INIT(ID_MAX);
    a0__text provider = a0__json_text_of_member(x->json, "provider");

    if (provider.len == 0 || !read_user_id(x->json, provider, &id)) {
        return refuse_body(x, "Payload validation error: provider and user_id, or "
                              "link_with, are required");
    }
    if (connection_of_strategy(x->tenant, provider) == NULL) {
        return refuse_link(x, "The provider is not configured.");
    }
    *out = a0__account_find(x->tenant, a0__buf_view(&id));
    if (*out == NULL ||
        !is_of_connection(x->tenant, *out,
                          a0__json_text_of_member(x->json, "connection_id"))) {
        return refuse_link(x, "Linking to an inexistent identity is not allowed.");
    }
    return A0_OK;
}

/* The ID token of the account itself is the proof that its owner agrees. */
static a0_status
find_by_id_token(a0__exchange *x, const a0__json *caller, a0__text token,
                 a0__user **out)
{
    A0_AUTO(a0__jwks_ptr) keys = NULL;
    A0_AUTO(a0__json_doc) claims = NULL;
    a0__jws_trust trust = { .algs = A0__ALG_BIT(A0__RS256) };
    a0__text azp = a0__json_text_of_member(caller, "azp");
    int64_t exp = 0;

    A0_TRY(a0__keys_published(x->tenant, &keys, &x->error));
    trust.keys = keys;
    if (a0__jwt_verify(token, &trust, &claims, NULL) != A0_OK ||
        a0__json_i64(claims, "exp", &exp) != A0__FOUND || exp <= x->now) {
        return refuse_link(x, "Invalid token (link_with).");
    }
    if (!a0__text_is(a0__json_text_of_member(claims, "iss"), x->tenant->issuer)) {
        return refuse_link(x, "The issuer of link_with is another one.");
    }
    if (azp.len == 0 || !a0__audience_has(claims, azp)) {
        return refuse_link(x, "The audience of link_with must be the azp of the "
                              "caller's token.");
    }
    *out = a0__account_find(x->tenant, a0__json_text_of_member(claims, "sub"));
    return *out != NULL ? A0_OK
                        : refuse_link(x, "Provided secondary account not found.");
}

static a0_status
find_secondary(a0__exchange *x, const a0__json *caller, a0__user **out)
{
    a0__text token = A0__NO_TEXT;
    bool is_known = true;

    if (!a0__json_is_object(x->json)) {
        return refuse_body(x, "Payload validation error: an object is expected");
    }
    a0__json_each(x->json, check_name, &is_known);
    if (!is_known) {
        return refuse_body(
            x, "Payload validation error: additional properties not allowed");
    }
    if (a0__json_text(x->json, "link_with", &token) != A0__FOUND) {
        return a0__mgmt_may(caller, "update:users")
                   ? find_by_id(x, out)
                   : refuse_body(x, "Payload validation error: link_with is required");
    }
    if (a0__json_len(x->json) > 1) {
        return refuse_body(x, "Payload validation error: link_with stands alone");
    }
    return find_by_id_token(x, caller, token, out);
}

a0_status
a0__mgmt_link(a0__exchange *x)
{
    A0_AUTO(a0__json_doc) caller = NULL;
    a0__user *primary = NULL;
    a0__user *secondary = NULL;
    bool keeps = false;

    A0_TRY(authorize(x, &caller, &primary));
    A0_TRY(find_secondary(x, caller, &secondary));
    if (secondary == primary) {
        return refuse_link(x, "Main identity and the new one are the same.");
    }
    if (*secondary->linked_to != '\0') {
        return refuse(x, 409, "Specified identity already exists.", "");
    }
    (void)a0__fault_take_bool(&x->tenant->faults, "link.keeps_connected_accounts",
                              &keeps);
    a0__identity_link(x->tenant, primary, secondary, keeps);
    return answer_identities(x, 201, primary);
}

a0_status
a0__mgmt_unlink(a0__exchange *x)
{
    A0_AUTO(a0__json_doc) caller = NULL;
    A0_AUTO(a0__buf) provider = A0__BUF_INIT(ID_MAX);
    A0_AUTO(a0__buf) user_id = A0__BUF_INIT(ID_MAX);
    A0_AUTO(a0__buf) id = A0__BUF_INIT(ID_MAX);
    a0__user *user = NULL;
    size_t place = 0;

    A0_TRY(authorize(x, &caller, &user));
    if (!a0__web_param(x->request, "provider", &provider) ||
        !a0__web_param(x->request, "user_id", &user_id)) {
        return refuse(x, 400, "Path validation error", "invalid_uri");
    }
    a0__buf_format(&id, "%s|", a0__buf_cstr(&provider));
    if (a0__text_starts_with(a0__buf_view(&user_id), a0__buf_view(&id))) {
        a0__buf_reset(&id);
    }
    a0__buf_text(&id, a0__buf_view(&user_id));
    if (!a0__identity_place(user, a0__buf_view(&id), &place)) {
        return refuse(x, 404, "The identity does not exist.", "");
    }
    if (place == 0) {
        return refuse_link(x, "Main identity cannot be removed.");
    }
    A0_TRY(a0__identity_unlink(x->tenant, user, place, &x->error));
    return answer_identities(x, 200, user);
}
