/* SPDX-License-Identifier: MIT */
#include "oidc/backchannel.h"

#include "base/time.h"
#include "jose/jwt.h"
#include "oidc/internal.h"

enum {
    ID_MAX = 255 /* what a store's index holds */
};

/* §2.4 recommends logout+jwt; Auth0 sends JWT. */
static const char *const types[] = { "", "JWT", "logout+jwt", NULL };

void
a0__logout_token_clear(a0__logout_token *token)
{
    a0__json_free(token->document);
    *token = A0__LOGOUT_TOKEN_INIT;
}

void
a0__logout_token_auto(a0__logout_token *token)
{
    a0__logout_token_clear(token);
}

static a0_status
fail_about_claim(const char *claim, a0_error **err)
{
    return a0__fail_about(err, A0_E_logout_token_invalid, claim);
}

/* The endpoint is open to everybody, so it tells nobody which check failed; only a key
 * that may have been published since is told apart. */
static a0_status
verify_signature(const a0__settings *settings, const a0__jwks *jwks, a0__text token,
                 a0__json **out, a0_error **err)
{
    const a0__jws_trust trust = {
        .algs = a0__algs_named(&settings->id_token_algorithms),
        .keys = jwks,
        .hmac_secret = &settings->client_secret,
        .types = types,
    };
    A0_AUTO(a0__error_ptr) cause = NULL;
    a0_status status = a0__jwt_verify(token, &trust, out, &cause);

    if (status == A0_REFUSED && !a0__error_is(cause, A0_E_jwt_key_not_found)) {
        return a0__fail(err, A0_E_logout_token_invalid);
    }
    if (status != A0_OK) {
        a0__error_move(err, &cause);
    }
    return status;
}

/* ---- §2.6 steps 3 to 7 ---- */

/* *out stays empty when the claim is absent; false when it is there and malformed. */
static bool
read_id(const a0__json *claims, const char *name, a0__text *out)
{
    switch (a0__json_text(claims, name, out)) {
    case A0__ABSENT:
        return true;
    case A0__MISTYPED:
        return false;
    case A0__FOUND:
        break;
    }
    return out->len > 0 && out->len <= ID_MAX && a0__text_has_no_controls(*out);
}

static a0_status
check_times(const a0__json *claims, const a0__settings *settings, int64_t now,
            a0__logout_token *token, a0_error **err)
{
    int64_t leeway_s = settings->clock_leeway_s;

    if (a0__id_token_time(claims, "iat", &token->iat, NULL) != A0_OK ||
        token->iat > a0__add_saturating(now, leeway_s) ||
        now > a0__add_saturating(token->iat, A0__LOGOUT_TOKEN_AGE_MAX_S)) {
        return fail_about_claim("iat", err);
    }
    if (a0__id_token_time(claims, "exp", &token->exp, NULL) != A0_OK ||
        now > a0__add_saturating(token->exp, leeway_s)) {
        return fail_about_claim("exp", err);
    }
    return A0_OK;
}

/* `typ` does not separate it from an ID token here; these two members do [LOUT-07]. */
static a0_status
check_kind(const a0__json *claims, a0_error **err)
{
    const a0__json *events = a0__json_member(claims, "events");

    if (!a0__json_is_object(events) ||
        !a0__json_is_object(a0__json_member(events, A0__LOGOUT_EVENT))) {
        return fail_about_claim("events", err);
    }
    if (a0__json_member(claims, "nonce") != NULL) {
        return fail_about_claim("nonce", err);
    }
    return A0_OK;
}

static a0_status
read_claims(const a0__json *claims, const a0__settings *settings, int64_t now,
            a0__logout_token *token, a0_error **err)
{
    a0__text iss = A0__NO_TEXT;

    (void)a0__json_text(claims, "iss", &iss);
    if (!a0__text_is(iss, settings->issuer)) {
        return fail_about_claim("iss", err);
    }
    if (a0__id_token_check_aud(claims, settings, NULL) != A0_OK) {
        return fail_about_claim("aud", err);
    }
    A0_TRY(check_times(claims, settings, now, token, err));
    A0_TRY(check_kind(claims, err));
    if (!read_id(claims, "sub", &token->sub) || !read_id(claims, "sid", &token->sid) ||
        (token->sub.len == 0 && token->sid.len == 0)) {
        return fail_about_claim("sub or sid", err);
    }
    if (!read_id(claims, "jti", &token->jti) || token->jti.len == 0) {
        return fail_about_claim("jti", err);
    }
    return A0_OK;
}

a0_status
a0__logout_token_verify(const a0__settings *settings, const a0__jwks *jwks, int64_t now,
                        a0__text token, a0__logout_token *out, a0_error **err)
{
    A0_AUTO(a0__json_doc) claims = NULL;
    a0__logout_token read = A0__LOGOUT_TOKEN_INIT;

    A0_TRY(verify_signature(settings, jwks, token, &claims, err));
    A0_TRY(read_claims(claims, settings, now, &read, err));
    read.document = a0__steal(&claims);
    *out = read;
    return A0_OK;
}
