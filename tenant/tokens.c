/* SPDX-License-Identifier: MIT */
#include "tokens.h"

#include "jose/jws.h"
#include "keys.h"
#include "sign.h"

enum {
    LOGOUT_TOKEN_LIFETIME_S = 120
};

static void
put_unless_empty(a0__json_writer *w, const char *name, const char *value)
{
    if (*value != '\0') {
        a0__json_put_string(w, name, value);
    }
}

/* The faults users.blocked and users.email_verified speak of one person by id. */
static bool
user_fault(a0__tenant *tenant, const char *name, const a0__user *user, bool otherwise)
{
    A0_AUTO(a0__json_doc) fault = a0__fault_take(&tenant->faults, name);
    const a0__json *value = a0__json_member(fault, "value");
    bool said = otherwise;

    if (a0__json_is_object(value)) {
        (void)a0__json_bool(value, user->user_id, &said);
    } else if (value != NULL) {
        (void)a0__json_bool_of(value, &said);
    }
    return said;
}

bool
a0__user_is_blocked(a0__tenant *tenant, const a0__user *user)
{
    return user_fault(tenant, "users.blocked", user, user->blocked);
}

void
a0__profile_write(a0__tenant *tenant, const a0__user *user, a0__text scope,
                  a0__json_writer *w)
{
    if (a0__text_has_word(scope, A0__LIT("profile"))) {
        a0__json_put_string(w, "name", user->name);
        put_unless_empty(w, "given_name", user->given_name);
        put_unless_empty(w, "family_name", user->family_name);
        a0__json_put_string(w, "nickname", user->nickname);
        a0__json_put_string(w, "picture", user->picture);
        a0__json_put_string(w, "updated_at", user->updated_at);
    }
    if (a0__text_has_word(scope, A0__LIT("email")) && *user->email != '\0') {
        a0__json_put_string(w, "email", user->email);
        a0__json_put_bool(
            w, "email_verified",
            user_fault(tenant, "users.email_verified", user, user->email_verified));
    }
}

/* Wire §13: org_id, and org_name only where the tenant works with names. */
static void
put_organization(const a0__tenant *tenant, const char *id, a0__json_writer *w)
{
    const a0__organization *organization = NULL;

    if (*id == '\0') {
        return;
    }
    a0__json_put_string(w, "org_id", id);
    organization = a0__tenant_organization(tenant, a0__text_of(id));
    if (organization != NULL &&
        a0__tenant_settings_of(tenant)->allow_organization_name_in_authentication_api) {
        a0__json_put_string(w, "org_name", organization->name);
    }
}

a0_status
a0__id_token_issue(a0__tenant *tenant, const a0__token_facts *facts, a0__buf *out,
                   a0_error **err)
{
    A0_AUTO(a0__buf) claims = A0__BUF_INIT(A0__TOKEN_MAX);
    a0__json_writer w = a0__json_writer_on(&claims);
    int64_t now = a0__tenant_now(tenant);

    a0__json_open(&w, '{');
    a0__profile_write(tenant, facts->user, a0__text_of(facts->scope), &w);
    a0__json_put_string(&w, "iss", tenant->issuer);
    a0__json_put_string(&w, "aud", facts->client->client_id);
    a0__json_put_string(&w, "sub", facts->user->user_id);
    a0__json_put_i64(&w, "iat", now);
    a0__json_put_i64(&w, "exp", now + facts->client->id_token_lifetime);
    if (facts->auth_time != 0) {
        a0__json_put_i64(&w, "auth_time", facts->auth_time);
    }
    put_unless_empty(&w, "sid", facts->sid);
    put_unless_empty(&w, "nonce", facts->nonce);
    put_organization(tenant, facts->organization, &w);
    a0__json_close(&w, '}');
    return a0__sign(
        tenant,
        &(a0__signing){ .fault_family = "idt",
                        .alg_name = facts->client->id_token_signed_response_alg,
                        .hmac_secret = facts->client->client_secret,
                        .typ = "JWT" },
        &claims, out, err);
}

/* An audience that asked for openid is an audience of /userinfo too (wire §8.2). */
static void
put_audience(const a0__tenant *tenant, const a0__token_facts *facts, a0__json_writer *w)
{
    A0_AUTO(a0__buf) userinfo = A0__BUF_INIT(1024);

    if (!a0__text_has_word(a0__text_of(facts->scope), A0__LIT("openid"))) {
        a0__json_put_string(w, "aud", facts->audience);
        return;
    }
    a0__buf_format(&userinfo, "%suserinfo", tenant->issuer);
    a0__json_name(w, "aud");
    a0__json_open(w, '[');
    a0__json_string(w, facts->audience);
    a0__json_value_text(w, a0__buf_view(&userinfo));
    a0__json_close(w, ']');
}

static a0_status
jwt_for_api(a0__tenant *tenant, const a0__token_facts *facts, const a0__api *api,
            a0__buf *out, a0_error **err)
{
    A0_AUTO(a0__buf) claims = A0__BUF_INIT(A0__TOKEN_MAX);
    A0_AUTO(a0__string) jti = a0__tenant_new_id("");
    A0_AUTO(a0__buf) subject = A0__BUF_INIT(1024);
    a0__json_writer w = a0__json_writer_on(&claims);
    int64_t now = a0__tenant_now(tenant);
    bool rfc9068 = a0__text_is(A0__LIT("rfc9068_profile"), api->token_dialect);

    a0__buf_string(&subject, facts->user != NULL ? facts->user->user_id
                                                 : facts->client->client_id);
    a0__buf_string(&subject, facts->user != NULL ? "" : "@clients");
    a0__json_open(&w, '{');
    a0__json_put_string(&w, "iss", tenant->issuer);
    a0__json_put(&w, "sub", a0__buf_view(&subject));
    put_audience(tenant, facts, &w);
    a0__json_put_i64(&w, "iat", now);
    a0__json_put_i64(&w, "exp", now + api->token_lifetime);
    put_unless_empty(&w, "scope", facts->scope);
    put_unless_empty(&w, "gty", facts->gty);
    a0__json_put_string(&w, rfc9068 ? "client_id" : "azp", facts->client->client_id);
    a0__json_put_string(&w, "jti", jti);
    put_organization(tenant, facts->organization, &w);
    a0__json_close(&w, '}');
    return a0__sign(tenant,
                    &(a0__signing){ .fault_family = "at",
                                    .alg_name = "RS256",
                                    .typ = rfc9068 ? "at+jwt" : "JWT" },
                    &claims, out, err);
}

static void
remember(a0__tenant *tenant, const a0__token_facts *facts, a0__text token,
         int64_t expires_at)
{
    a0__access_token *row = a0__row_new(&tenant->tables[A0__ACCESS_TOKENS]);

    a0__keep_in(&row->token, token);
    a0__keep_in(&row->user_id, a0__text_of(facts->user->user_id));
    a0__keep_in(&row->client_id, a0__text_of(facts->client->client_id));
    a0__keep_in(&row->audience, a0__text_of(facts->audience));
    a0__keep_in(&row->scope, a0__text_of(facts->scope));
    row->expires_at = expires_at;
    a0__table_put(&tenant->tables[A0__ACCESS_TOKENS], row);
}

a0_status
a0__access_token_issue(a0__tenant *tenant, const a0__token_facts *facts, a0__buf *out,
                       int64_t *out_expires_in, a0_error **err)
{
    const a0__api *api =
        a0__table_get(&tenant->tables[A0__APIS], a0__text_of(facts->audience));

    *out_expires_in = api != NULL ? api->token_lifetime : A0__OPAQUE_LIFETIME_S;
    if (api != NULL) {
        A0_TRY(jwt_for_api(tenant, facts, api, out, err));
    } else {
        A0_AUTO(a0__string) opaque = a0__tenant_new_id("");

        a0__buf_string(out, opaque);
    }
    if (facts->user != NULL) {
        remember(tenant, facts, a0__buf_view(out),
                 a0__tenant_now(tenant) + *out_expires_in);
    }
    return a0__buf_check(out, err);
}

a0_status
a0__logout_token_issue(a0__tenant *tenant, const a0__client *client,
                       const char *user_id, const char *sid, a0__buf *out,
                       a0_error **err)
{
    A0_AUTO(a0__buf) claims = A0__BUF_INIT(A0__TOKEN_MAX);
    A0_AUTO(a0__string) jti = a0__tenant_new_id("");
    a0__json_writer w = a0__json_writer_on(&claims);
    int64_t now = a0__tenant_now(tenant);

    a0__json_open(&w, '{');
    a0__json_put_string(&w, "iss", tenant->issuer);
    put_unless_empty(&w, "sub", user_id);
    a0__json_put_string(&w, "aud", client->client_id);
    a0__json_put_i64(&w, "iat", now);
    a0__json_put_i64(&w, "exp", now + LOGOUT_TOKEN_LIFETIME_S);
    a0__json_put_string(&w, "jti", jti);
    put_unless_empty(&w, "sid", sid);
    a0__json_name(&w, "events");
    a0__json_value_raw(
        &w, A0__LIT("{\"http://schemas.openid.net/event/backchannel-logout\":{}}"));
    a0__json_close(&w, '}');
    return a0__sign(
        tenant,
        &(a0__signing){ .fault_family = "bcl", .alg_name = "RS256", .typ = "JWT" },
        &claims, out, err);
}
