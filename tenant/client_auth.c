/* SPDX-License-Identifier: MIT */
#include "client_auth.h"

#include "base/base64url.h"
#include "jose/jwt.h"

enum {
    /* Wire §3. */
    ASSERTION_MAX = 2048,
    ASSERTION_NAME_MAX = 64,
    ASSERTION_LIFETIME_MAX_S = 300,
    ASSERTION_SKEW_S = 10,
    BASIC_MAX = 4096
};

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

/* What came with the request, whatever the client is set to. */
typedef struct credentials {
    const char *method;
    a0__buf client_id;
    a0__buf secret;
} credentials;

#define CREDENTIALS_INIT                                                               \
    {                                                                                  \
        .method = "none", .client_id = A0__BUF_INIT(BASIC_MAX),                        \
        .secret = A0__BUF_INIT(BASIC_MAX)                                              \
    }

static void
credentials_auto(credentials *c)
{
    a0__buf_clear(&c->client_id);
    a0__buf_clear(&c->secret);
}

static a0_status
refuse_client(a0__exchange *x, const char *description)
{
    a0__web_header_set(x->response, "WWW-Authenticate", A0__LIT("Basic realm=\"a0\""));
    return a0__refuse(x, 401, "invalid_client", "%s", description);
}

/* RFC 6749 §2.3.1: both halves were form-encoded before they were joined. */
static bool
read_basic(a0__text header, credentials *out)
{
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(BASIC_MAX);
    a0__text rest = A0__NO_TEXT;
    a0__text id = A0__NO_TEXT;

    if (!a0__base64_decode(a0__text_trim(a0__text_from(header, 6)), &plain)) {
        return false;
    }
    rest = a0__buf_view(&plain);
    return a0__text_next(&rest, ':', &id) && rest.ptr != NULL &&
           a0__percent_decode(id, true, &out->client_id) &&
           a0__percent_decode(rest, true, &out->secret);
}

/* Who an assertion says it is from, to know whose key to verify it with. */
static void
read_issuer_unverified(a0__text assertion, a0__buf *out)
{
    A0_AUTO(a0__buf) payload = A0__BUF_INIT(ASSERTION_MAX);
    A0_AUTO(a0__json_doc) claims = NULL;
    a0__text header = A0__NO_TEXT;
    a0__text segment = A0__NO_TEXT;

    if (a0__text_next(&assertion, '.', &header) &&
        a0__text_next(&assertion, '.', &segment) &&
        a0__base64url_decode(segment, &payload) &&
        a0__json_parse(a0__buf_view(&payload), &claims, NULL) == A0_OK) {
        a0__buf_text(out, a0__json_text_of_member(claims, "iss"));
    }
}

static a0_status
read_credentials(a0__exchange *x, credentials *out)
{
    a0__text authorization = a0__header(x, "Authorization");
    a0__text posted_id = a0__param(x, "client_id");

    if (authorization.len >= 6 &&
        a0__text_equal_ignoring_case(a0__text_range(authorization.ptr, 6),
                                     A0__LIT("Basic "))) {
        out->method = "client_secret_basic";
        if (!read_basic(authorization, out)) {
            return refuse_client(x, "Malformed Basic credentials");
        }
        if (posted_id.len > 0 &&
            !a0__text_equal(posted_id, a0__buf_view(&out->client_id))) {
            return refuse_client(x, "Two client_id that differ");
        }
        return A0_OK;
    }
    a0__buf_text(&out->client_id, posted_id);
    if (a0__has_param(x, "client_assertion")) {
        out->method = "private_key_jwt";
        if (posted_id.len == 0) {
            read_issuer_unverified(a0__param(x, "client_assertion"), &out->client_id);
        }
    } else if (a0__has_param(x, "client_secret")) {
        out->method = "client_secret_post";
        a0__buf_text(&out->secret, a0__param(x, "client_secret"));
    }
    return A0_OK;
}

static bool
is_short_text(const a0__json *claims, const char *name, a0__text *out)
{
    return a0__json_text(claims, name, out) == A0__FOUND &&
           out->len <= ASSERTION_NAME_MAX;
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

/* RFC 7523 §3, with the limits of wire §3; NULL when the claims are in order. */
static const char *
fault_of_claims(const a0__exchange *x, const a0__client *client, const a0__json *claims,
                a0__text *out_jti, int64_t *out_exp)
{
    a0__text iss = A0__NO_TEXT;
    a0__text sub = A0__NO_TEXT;
    int64_t nbf = x->now;

    if (!is_short_text(claims, "iss", &iss) || !is_short_text(claims, "sub", &sub) ||
        !a0__text_is(iss, client->client_id) || !a0__text_is(sub, client->client_id)) {
        return "client_assertion: iss and sub must be the client_id";
    }
    if (!names_our_audience(x->tenant, claims)) {
        return "client_assertion: aud must be the issuer";
    }
    if (a0__json_i64(claims, "exp", out_exp) != A0__FOUND ||
        *out_exp <= x->now - ASSERTION_SKEW_S) {
        return "client_assertion: expired";
    }
    if (*out_exp > x->now + ASSERTION_LIFETIME_MAX_S + ASSERTION_SKEW_S) {
        return "client_assertion: exp is too far ahead";
    }
    if (a0__json_i64(claims, "nbf", &nbf) == A0__MISTYPED ||
        nbf > x->now + ASSERTION_SKEW_S) {
        return "client_assertion: not valid yet";
    }
    if (!is_short_text(claims, "jti", out_jti) || out_jti->len == 0) {
        return "client_assertion: jti is missing";
    }
    return NULL;
}

static a0_status
verify_assertion(a0__exchange *x, const a0__client *client, a0__json **out_claims)
{
    A0_AUTO(a0__buf) set = A0__BUF_INIT(A0__JWKS_BYTES_MAX);
    A0_AUTO(a0__jwks_ptr) keys = NULL;
    a0__jws_trust trust = { .algs = 0 };
    a0__alg alg = A0__RS256;

    if (!a0__alg_named(a0__text_of(client->client_assertion_alg), &alg)) {
        return refuse_client(x, "The application has no key to verify with");
    }
    a0__buf_format(&set, "{\"keys\":[%s]}", client->client_assertion_jwk);
    if (a0__jwks_parse(a0__buf_view(&set), &keys, NULL) != A0_OK) {
        return refuse_client(x, "The application has no key to verify with");
    }
    trust.algs = A0__ALG_BIT(alg);
    trust.keys = keys;
    if (a0__param(x, "client_assertion").len > ASSERTION_MAX ||
        a0__jwt_verify(a0__param(x, "client_assertion"), &trust, out_claims, NULL) !=
            A0_OK) {
        return refuse_client(x, "client_assertion: the signature is not that of the "
                                "application");
    }
    return A0_OK;
}

static a0_status
check_assertion(a0__exchange *x, const a0__client *client)
{
    A0_AUTO(a0__json_doc) claims = NULL;
    a0__table *used = &x->tenant->tables[A0__ASSERTIONS];
    a0__text jti = A0__NO_TEXT;
    a0__assertion *row = NULL;
    const char *fault = NULL;
    int64_t exp = 0;

    if (!a0__text_is(a0__param(x, "client_assertion_type"), ASSERTION_TYPE)) {
        return refuse_client(x, "client_assertion_type must be " ASSERTION_TYPE);
    }
    A0_TRY(verify_assertion(x, client, &claims));
    fault = fault_of_claims(x, client, claims, &jti, &exp);
    if (fault != NULL) {
        return refuse_client(x, fault);
    }
    if (a0__table_get(used, jti) != NULL) {
        return refuse_client(x, "client_assertion: jti was used before");
    }
    row = a0__row_new(used);
    a0__keep_in(&row->jti, jti);
    row->expires_at = exp + ASSERTION_SKEW_S;
    a0__table_put(used, row);
    return A0_OK;
}

a0_status
a0__client_authenticate(a0__exchange *x, a0__client **out_client)
{
    A0_AUTO(credentials) given = CREDENTIALS_INIT;
    a0__client *client = NULL;
    a0__text secret = A0__NO_TEXT;

    A0_TRY(read_credentials(x, &given));
    client = a0__tenant_client(x->tenant, a0__buf_view(&given.client_id));
    if (client == NULL) {
        return refuse_client(x, "Unknown client");
    }
    if (!a0__text_is(a0__text_of(given.method), client->token_endpoint_auth_method)) {
        return refuse_client(x, "Client authentication failed: another method is "
                                "configured for the application");
    }
    if (a0__text_is(a0__text_of(given.method), "private_key_jwt")) {
        A0_TRY(check_assertion(x, client));
    }
    secret = a0__text_of(client->client_secret);
    if (a0__text_starts_with(a0__text_of(given.method), A0__LIT("client_secret_")) &&
        (secret.len != given.secret.len || secret.len == 0 ||
         !a0__equal_constant_time(secret.ptr, given.secret.ptr, secret.len))) {
        return refuse_client(x, "Unauthorized");
    }
    *out_client = client;
    return A0_OK;
}
