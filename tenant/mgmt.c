/* SPDX-License-Identifier: MIT */
/*
 * What every endpoint of the Management API asks first: a token of this tenant for it
 * that has not expired, and a scope that opens the call.
 */
#include "mgmt.h"

#include "jose/audience.h"
#include "jose/jwt.h"
#include "keys.h"
#include "rate_limit.h"

enum {
    TEXT_MAX = 2048
};

#define refuse a0__mgmt_refuse

static a0_status
check_rate_limit(a0__exchange *x)
{
    return a0__rate_limit_take(x)
               ? A0_OK
               : refuse(x, 429,
                        "Too many requests. Check the X-RateLimit-Limit, "
                        "X-RateLimit-Remaining and X-RateLimit-Reset headers.",
                        "too_many_requests");
}

/* ---- the token ---- */

static a0_status
verify(a0__exchange *x, a0__text token, a0__json **out_claims)
{
    A0_AUTO(a0__jwks_ptr) keys = NULL;
    a0__jws_trust trust = { .algs = A0__ALG_BIT(A0__RS256) };

    A0_TRY(a0__keys_published(x->tenant, &keys, &x->error));
    trust.keys = keys;
    if (a0__jwt_verify(token, &trust, out_claims, NULL) != A0_OK) {
        return refuse(x, 401, "Invalid token", "");
    }
    return A0_OK;
}

static a0_status
check_claims(a0__exchange *x, const a0__json *claims)
{
    A0_AUTO(a0__buf) audience = A0__BUF_INIT(TEXT_MAX);
    a0__text iss = a0__json_text_of_member(claims, "iss");
    int64_t exp = 0;

    a0__buf_string(&audience, x->tenant->issuer);
    a0__buf_string(&audience, "api/v2/");
    if (!a0__text_is(iss, x->tenant->issuer) ||
        !a0__audience_has(claims, a0__buf_view(&audience))) {
        return refuse(x, 401, "Invalid token", "");
    }
    if (a0__json_i64(claims, "exp", &exp) != A0__FOUND || exp <= x->now) {
        return refuse(x, 401, "Expired token received for JSON Web Token validation",
                      "");
    }
    return A0_OK;
}

bool
a0__mgmt_may(const a0__json *claims, const char *scopes)
{
    a0__text granted = a0__json_text_of_member(claims, "scope");
    a0__text rest = a0__text_of(scopes);
    a0__text scope = A0__NO_TEXT;

    while (a0__text_next(&rest, ' ', &scope)) {
        if (a0__text_has_word(granted, scope)) {
            return true;
        }
    }
    return false;
}

static a0_status
check_scope(a0__exchange *x, const a0__json *claims, const char *scopes)
{
    A0_AUTO(a0__buf) message = A0__BUF_INIT(TEXT_MAX);
    a0__text rest = a0__text_of(scopes);
    a0__text scope = A0__NO_TEXT;
    const char *before = "Insufficient scope, expected any of: ";

    if (a0__mgmt_may(claims, scopes)) {
        return A0_OK;
    }
    while (a0__text_next(&rest, ' ', &scope)) {
        a0__buf_string(&message, before);
        a0__buf_text(&message, scope);
        before = ",";
    }
    return refuse(x, 403, a0__buf_cstr(&message), "insufficient_scope");
}

static a0_status
authorize_caller(a0__exchange *x, const char *scopes, a0__json **out_claims)
{
    A0_AUTO(a0__json_doc) claims = NULL;
    a0__text authorization = a0__header(x, "Authorization");

    A0_TRY(check_rate_limit(x));
    if (!a0__text_starts_with(authorization, A0__LIT("Bearer "))) {
        return refuse(x, 401, "Missing authentication", "");
    }
    A0_TRY(verify(x, a0__text_from(authorization, 7), &claims));
    A0_TRY(check_claims(x, claims));
    A0_TRY(check_scope(x, claims, scopes));
    *out_claims = claims;
    claims = NULL;
    return A0_OK;
}

a0_status
a0__mgmt_authorize(a0__exchange *x, const char *scopes)
{
    A0_AUTO(a0__json_doc) claims = NULL;

    return authorize_caller(x, scopes, &claims);
}

/* ---- users ---- */

a0_status
a0__mgmt_find_user(a0__exchange *x, a0__user **out)
{
    A0_AUTO(a0__buf) id = A0__BUF_INIT(TEXT_MAX);

    *out = NULL;
    if (a0__web_param(x->request, "id", &id)) {
        *out = a0__table_get(&x->tenant->tables[A0__USERS], a0__buf_view(&id));
    }
    return *out != NULL ? A0_OK
                        : refuse(x, 404, "The user does not exist.", "inexistent_user");
}

a0_status
a0__mgmt_authorize_about(a0__exchange *x, const char *scope, const char *own_scope,
                         a0__json **out_claims, a0__user **out_user)
{
    A0_AUTO(a0__buf) scopes = A0__BUF_INIT(TEXT_MAX);

    a0__buf_format(&scopes, "%s %s", scope, own_scope);
    A0_TRY(authorize_caller(x, a0__buf_cstr(&scopes), out_claims));
    A0_TRY(a0__mgmt_find_user(x, out_user));
    if (a0__mgmt_may(*out_claims, scope) ||
        a0__text_is(a0__json_text_of_member(*out_claims, "sub"),
                    (*out_user)->user_id)) {
        return A0_OK;
    }
    return refuse(x, 403, "User to be acted on does not match subject in bearer token.",
                  "");
}
