/* SPDX-License-Identifier: MIT */
#include "assertion.h"

#include "jose/jwt.h"

enum {
    /* Wire §3. */
    ASSERTION_MAX = 2048,
    NAME_MAX_BYTES = 64,
    LIFETIME_MAX_S = 300,
    SKEW_S = 10
};

static bool
is_short_text(const a0__json *claims, const char *name, a0__text *out)
{
    return a0__json_text(claims, name, out) == A0__FOUND && out->len > 0 &&
           out->len <= NAME_MAX_BYTES;
}

/* Issuer with its slash; RFC 7523 §3 also knows the token endpoint. */
static bool
is_our_audience(const a0__tenant *tenant, a0__text aud)
{
    A0_AUTO(a0__buf) endpoint = A0__BUF_INIT(1024);

    a0__buf_format(&endpoint, "%soauth/token", tenant->issuer);
    return a0__text_is(aud, tenant->issuer) ||
           a0__text_equal(aud, a0__buf_view(&endpoint));
}

static bool
names_our_audience(const a0__tenant *tenant, const a0__json *claims)
{
    const a0__json *list = NULL;
    a0__text aud = A0__NO_TEXT;

    if (a0__json_text(claims, "aud", &aud) == A0__FOUND) {
        return is_our_audience(tenant, aud);
    }
    return a0__json_array(claims, "aud", &list) == A0__FOUND &&
           a0__json_len(list) == 1 && a0__json_text_of(a0__json_at(list, 0), &aud) &&
           is_our_audience(tenant, aud);
}

static bool
names_itself(const a0__client *client, const a0__json *claims, const char *name)
{
    a0__text text = A0__NO_TEXT;

    return is_short_text(claims, name, &text) && a0__text_is(text, client->client_id);
}

/* RFC 7523 §3, with the limits of wire §3. */
static const char *
fault_of_times(const a0__exchange *x, const a0__json *claims, int64_t *out_exp)
{
    int64_t nbf = x->now;

    if (a0__json_i64(claims, "exp", out_exp) != A0__FOUND ||
        *out_exp <= x->now - SKEW_S) {
        return "the assertion has expired";
    }
    if (*out_exp > x->now + LIFETIME_MAX_S + SKEW_S) {
        return "exp of the assertion is too far ahead";
    }
    if (a0__json_i64(claims, "nbf", &nbf) == A0__MISTYPED || nbf > x->now + SKEW_S) {
        return "the assertion is not valid yet";
    }
    return NULL;
}

static const char *
fault_of_claims(const a0__exchange *x, const a0__client *client,
                const a0__assertion_rules *rules, const a0__json *claims)
{
    if (!names_itself(client, claims, "iss")) {
        return "iss of the assertion must be the client_id";
    }
    if (rules->speaks_of_itself && !names_itself(client, claims, "sub")) {
        return "sub of the assertion must be the client_id";
    }
    if (!names_our_audience(x->tenant, claims)) {
        return "aud of the assertion must be the issuer";
    }
    return NULL;
}

static const char *
verify(const a0__client *client, a0__text assertion, const a0__assertion_rules *rules,
       a0__json **out_claims)
{
    A0_AUTO(a0__buf) set = A0__BUF_INIT(A0__JWKS_BYTES_MAX);
    A0_AUTO(a0__jwks_ptr) keys = NULL;
    a0__jws_trust trust = { .algs = 0, .types = rules->types };
    a0__alg alg = A0__RS256;

    if (!a0__alg_named(a0__text_of(client->client_assertion_alg), &alg)) {
        return "the application has no key to verify with";
    }
    a0__buf_format(&set, "{\"keys\":[%s]}", client->client_assertion_jwk);
    if (a0__jwks_parse(a0__buf_view(&set), &keys, NULL) != A0_OK) {
        return "the application has no key to verify with";
    }
    trust.algs = A0__ALG_BIT(alg);
    trust.keys = keys;
    if (assertion.len > ASSERTION_MAX ||
        a0__jwt_verify(assertion, &trust, out_claims, NULL) != A0_OK) {
        return "the assertion is not signed by the application, or of another type";
    }
    return NULL;
}

static const char *
use_up(const a0__exchange *x, const a0__json *claims, int64_t exp)
{
    a0__table *used = &x->tenant->tables[A0__ASSERTIONS];
    a0__text jti = A0__NO_TEXT;
    a0__assertion *row = NULL;

    if (!is_short_text(claims, "jti", &jti)) {
        return "jti of the assertion is missing";
    }
    if (a0__table_get(used, jti) != NULL) {
        return "jti of the assertion was used before";
    }
    row = a0__row_new(used);
    a0__keep_in(&row->jti, jti);
    row->expires_at = exp + SKEW_S;
    a0__table_put(used, row);
    return NULL;
}

const char *
a0__assertion_take(a0__exchange *x, const a0__client *client, a0__text assertion,
                   const a0__assertion_rules *rules, a0__json **out_claims)
{
    A0_AUTO(a0__json_doc) claims = NULL;
    const char *fault = verify(client, assertion, rules, &claims);
    int64_t exp = 0;

    if (fault == NULL) {
        fault = fault_of_claims(x, client, rules, claims);
    }
    if (fault == NULL) {
        fault = fault_of_times(x, claims, &exp);
    }
    if (fault == NULL) {
        fault = use_up(x, claims, exp);
    }
    if (fault == NULL) {
        *out_claims = a0__steal(&claims);
    }
    return fault;
}
