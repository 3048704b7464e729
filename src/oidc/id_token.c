/* SPDX-License-Identifier: MIT */
#include "oidc/id_token.h"

#include "base/time.h"
#include "jose/audience.h"
#include "jose/jwt.h"
#include "oidc/internal.h"

enum {
    SID_MAX = 255
};

/* Auth0 answers this acr_values with `acr` or, by itself, with "mfa" in `amr`. */
static const char MULTI_FACTOR[] =
    "http://schemas.openid.net/pape/policies/2007/06/multi-factor";

static a0_status
fail_about_claim(const char *claim, a0_error **err)
{
    return a0__fail_about(err, A0_E_idt_claim_invalid, claim);
}

/* ---- §3.1.3.7 steps 2 to 5: iss, aud, azp ---- */

static a0_status
check_iss(const a0__json *claims, const a0__settings *settings, a0_error **err)
{
    a0__text iss = A0__NO_TEXT;

    (void)a0__json_text(claims, "iss", &iss);
    A0_ENSURE(a0__text_is(iss, settings->issuer), err, idt_iss_mismatch);
    return A0_OK;
}

static bool
is_trusted_audience(const a0__settings *settings, a0__text audience)
{
    for (size_t i = 0; i < settings->trusted_audiences.len; i++) {
        if (a0__text_is(audience, settings->trusted_audiences.items[i])) {
            return true;
        }
    }
    return false;
}

/* Ours must be among them, and every other one trusted by name [IDT-16]. */
a0_status
a0__id_token_check_aud(const a0__json *claims, const a0__settings *settings,
                       a0_error **err)
{
    a0__text client_id = a0__text_of(settings->client_id);
    size_t len = a0__audience_len(claims);

    A0_ENSURE(a0__audience_has(claims, client_id), err, idt_aud_mismatch);
    for (size_t i = 0; i < len; i++) {
        a0__text audience = a0__audience_at(claims, i);

        A0_ENSURE(a0__text_equal(audience, client_id) ||
                      is_trusted_audience(settings, audience),
                  err, idt_aud_mismatch);
    }
    return A0_OK;
}

static a0_status
check_azp(const a0__json *claims, const a0__settings *settings, a0_error **err)
{
    a0__text azp = A0__NO_TEXT;
    a0__found found = a0__json_text(claims, "azp", &azp);

    if (found == A0__ABSENT) {
        A0_ENSURE(a0__audience_len(claims) == 1, err, idt_azp_mismatch);
        return A0_OK;
    }
    A0_ENSURE(found == A0__FOUND && a0__text_is(azp, settings->client_id), err,
              idt_azp_mismatch);
    return A0_OK;
}

/* ---- steps 9 and 10: exp, iat; RFC 7519 §4.1.5: nbf ---- */

/* *out_found is false when the claim is absent. A number of any size has a meaning
 * here: one that is no date of ours is out of range, not malformed [IDT-17]. */
static a0_status
read_time(const a0__json *claims, const char *name, int64_t *out, bool *out_found,
          a0_error **err)
{
    const a0__json *node = a0__json_member(claims, name);

    *out_found = node != NULL;
    if (node == NULL) {
        return A0_OK;
    }
    switch (a0__json_type_of(node)) {
    case A0__JSON_INTEGER:
    case A0__JSON_REAL:
        break;
    case A0__JSON_NULL:
    case A0__JSON_BOOL:
    case A0__JSON_STRING:
    case A0__JSON_ARRAY:
    case A0__JSON_OBJECT:
        return fail_about_claim(name, err);
    }
    if (a0__json_number(claims, name, out) != A0__FOUND || *out < 0 ||
        *out > A0__TIME_MAX) {
        return a0__fail_about(err, A0_E_idt_time_range, name);
    }
    return A0_OK;
}

a0_status
a0__id_token_time(const a0__json *claims, const char *name, int64_t *out,
                  a0_error **err)
{
    bool is_found = false;

    A0_TRY(read_time(claims, name, out, &is_found, err));
    return is_found ? A0_OK : fail_about_claim(name, err);
}

static a0_status
check_times(const a0__json *claims, int64_t now, int64_t leeway_s, a0_error **err)
{
    int64_t exp = 0;
    int64_t iat = 0;
    int64_t nbf = 0;
    bool has_nbf = false;
    int64_t latest = a0__add_saturating(now, leeway_s);

    A0_TRY(a0__id_token_time(claims, "exp", &exp, err));
    A0_ENSURE(now <= a0__add_saturating(exp, leeway_s), err, idt_expired);
    A0_TRY(a0__id_token_time(claims, "iat", &iat, err));
    A0_ENSURE(iat <= latest, err, idt_not_yet_valid);
    A0_ENSURE(now <= a0__add_saturating(iat, A0__ID_TOKEN_AGE_MAX_S), err, idt_stale);
    if (iat > exp) {
        return fail_about_claim("iat", err);
    }
    A0_TRY(read_time(claims, "nbf", &nbf, &has_nbf, err));
    A0_ENSURE(!has_nbf || nbf <= latest, err, idt_not_yet_valid);
    return A0_OK;
}

/* ---- step 11: nonce ---- */

static a0_status
check_nonce(const a0__json *claims, const a0__id_token_expected *expected,
            a0_error **err)
{
    a0__text wanted = expected->original != NULL
                          ? a0__claims_text(expected->original, "nonce")
                          : expected->nonce;
    a0__text nonce = A0__NO_TEXT;
    a0__found found = a0__json_text(claims, "nonce", &nonce);

    if (expected->sub.len > 0) {
        return A0_OK;
    }
    /* §12.2: a refreshed ID token need not have one. */
    if (found == A0__ABSENT && expected->original != NULL) {
        return A0_OK;
    }
    A0_ENSURE(found == A0__FOUND && wanted.len > 0 && nonce.len == wanted.len &&
                  a0__equal_constant_time(nonce.ptr, wanted.ptr, wanted.len),
              err, idt_nonce_mismatch);
    return A0_OK;
}

/* ---- steps 12 and 13: acr, auth_time ---- */

static bool
says_multi_factor(const a0__json *claims)
{
    const a0__json *amr = NULL;
    a0__text method = A0__NO_TEXT;

    if (a0__json_array(claims, "amr", &amr) != A0__FOUND) {
        return false;
    }
    for (size_t i = 0; i < a0__json_len(amr); i++) {
        if (a0__json_text_of(a0__json_at(amr, i), &method) &&
            a0__text_is(method, "mfa")) {
            return true;
        }
    }
    return false;
}

static a0_status
check_acr(const a0__json *claims, a0__text acr_values, a0_error **err)
{
    a0__text acr = A0__NO_TEXT;

    if (acr_values.len == 0) {
        return A0_OK;
    }
    if (a0__json_text(claims, "acr", &acr) == A0__FOUND && acr.len > 0 &&
        a0__text_has_word(acr_values, acr)) {
        return A0_OK;
    }
    A0_ENSURE(a0__text_has_word(acr_values, a0__text_of(MULTI_FACTOR)) &&
                  says_multi_factor(claims),
              err, idt_acr_unmet);
    return A0_OK;
}

static a0_status
check_auth_time(const a0__json *claims, const a0__id_token_expected *expected,
                a0_error **err)
{
    int64_t leeway_s = expected->settings->clock_leeway_s;
    int64_t auth_time = 0;

    if (expected->max_age < 0) {
        return A0_OK;
    }
    A0_ENSURE(a0__json_number(claims, "auth_time", &auth_time) == A0__FOUND &&
                  auth_time >= 0 &&
                  auth_time <= a0__add_saturating(expected->now, leeway_s),
              err, idt_auth_time);
    A0_ENSURE(expected->now <=
                  a0__add_saturating(a0__add_saturating(auth_time, expected->max_age),
                                     leeway_s),
              err, idt_auth_time);
    return A0_OK;
}

/* ---- §2: sub; Auth0: sid, org_id, org_name ---- */

/* §2: at most 255 ASCII characters. Kept and compared byte by byte [IDT-23]. */
static a0_status
check_sub(const a0__json *claims, a0__text expected, a0_error **err)
{
    a0__text sub = A0__NO_TEXT;

    (void)a0__json_text(claims, "sub", &sub);
    A0_ENSURE(sub.len > 0 && sub.len <= A0__SUB_MAX, err, idt_sub_invalid);
    for (size_t i = 0; i < sub.len; i++) {
        A0_ENSURE(sub.ptr[i] >= 0x20 && sub.ptr[i] <= 0x7e, err, idt_sub_invalid);
    }
    A0_ENSURE(sub.ptr[0] != ' ' && sub.ptr[sub.len - 1] != ' ', err, idt_sub_invalid);
    if (expected.len > 0 && !a0__text_equal(sub, expected)) {
        return a0__fail_about(err, A0_E_refresh_identity_mismatch, "sub");
    }
    return A0_OK;
}

/* Sessions are found by it when a logout token comes. */
static a0_status
check_sid(const a0__json *claims, a0_error **err)
{
    a0__text sid = A0__NO_TEXT;
    a0__found found = a0__json_text(claims, "sid", &sid);

    if (found == A0__MISTYPED ||
        (found == A0__FOUND &&
         (sid.len == 0 || sid.len > SID_MAX || !a0__text_is_visible_ascii(sid)))) {
        return fail_about_claim("sid", err);
    }
    return A0_OK;
}

/*
 * A name is compared without regard to the case of ASCII letters: Auth0 admits lower
 * case letters, digits, '-' and '_' alone, so that no two spellings of a name outside
 * ASCII can mean one organization, and none needs to be normalised [IDT-25].
 */
static a0_status
check_organization(const a0__json *claims, a0__text organization, a0_error **err)
{
    a0__text value = A0__NO_TEXT;
    bool is_same = false;

    if (organization.len == 0) {
        return A0_OK;
    }
    if (a0__text_starts_with(organization, A0__LIT("org_"))) {
        is_same = a0__json_text(claims, "org_id", &value) == A0__FOUND &&
                  a0__text_equal(value, organization);
    } else {
        is_same = a0__json_text(claims, "org_name", &value) == A0__FOUND &&
                  a0__text_equal_ignoring_case(value, organization);
    }
    A0_ENSURE(is_same, err, idt_org_mismatch);
    return A0_OK;
}

/* ---- the whole ---- */

/* A logout token is signed with the same keys and may have the same typ [IDT-24]. */
static a0_status
check_kind(const a0__json *claims, a0_error **err)
{
    const a0__json *events = a0__json_member(claims, "events");

    A0_ENSURE(!a0__json_is_object(events) ||
                  a0__json_member(events, A0__LOGOUT_EVENT) == NULL,
              err, jwt_type_invalid);
    return A0_OK;
}

static a0_status
check_claims(const a0__json *claims, const a0__id_token_expected *expected,
             a0__text id_token, a0_error **err)
{
    const a0__settings *settings = expected->settings;

    A0_TRY(check_kind(claims, err));
    A0_TRY(check_iss(claims, settings, err));
    A0_TRY(a0__id_token_check_aud(claims, settings, err));
    A0_TRY(check_azp(claims, settings, err));
    A0_TRY(check_times(claims, expected->now, settings->clock_leeway_s, err));
    A0_TRY(check_nonce(claims, expected, err));
    A0_TRY(check_acr(claims, expected->acr_values, err));
    A0_TRY(check_auth_time(claims, expected, err));
    A0_TRY(check_sub(claims, expected->sub, err));
    A0_TRY(check_sid(claims, err));
    A0_TRY(check_organization(claims, expected->organization, err));
    A0_TRY(a0__id_token_check_hashes(claims, expected, id_token, err));
    return a0__id_token_check_original(claims, expected->original, err);
}

a0_status
a0__id_token_verify(const a0__secret *id_token, const a0__id_token_expected *expected,
                    a0__claims **out_claims, a0_error **err)
{
    const a0__settings *settings = expected->settings;
    const a0__jws_trust trust = {
        .algs = a0__algs_named(&settings->id_token_algorithms),
        .keys = expected->jwks,
        .hmac_secret = &settings->client_secret,
        .types = a0__jwt_types,
    };
    a0__text token = a0__secret_expose(id_token);
    A0_AUTO(a0__json_doc) claims = NULL;
    A0_AUTO(a0__claims_ptr) verified = NULL;

    A0_TRY(a0__jwt_verify(token, &trust, &claims, err));
    A0_TRY(check_claims(claims, expected, token, err));
    verified = a0__claims_new(&claims);
    A0_ENSURE(verified != NULL, err, no_memory);
    *out_claims = a0__steal(&verified);
    return A0_OK;
}
