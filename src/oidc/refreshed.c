/* SPDX-License-Identifier: MIT */
/* OIDC Core §12.2: an ID token that comes with a refresh speaks of the same sign-in. */
#include "jose/audience.h"
#include "oidc/internal.h"

static bool
is_same_text(const a0__json *claims, const a0__json *original, const char *name)
{
    a0__text now = A0__NO_TEXT;
    a0__text then = A0__NO_TEXT;

    return a0__json_text(claims, name, &now) == a0__json_text(original, name, &then) &&
           a0__text_equal(now, then);
}

/* An auth_time that is there still tells of the first sign-in. */
static bool
is_same_auth_time(const a0__json *claims, const a0__json *original)
{
    int64_t now = 0;
    int64_t then = 0;
    a0__found found = a0__json_number(claims, "auth_time", &now);

    return found == A0__ABSENT ||
           (found == A0__FOUND &&
            a0__json_number(original, "auth_time", &then) == A0__FOUND && now == then);
}

static a0_status
fail_unlike_original(const char *claim, a0_error **err)
{
    return a0__fail_about(err, A0_E_refresh_identity_mismatch, claim);
}

a0_status
a0__id_token_check_original(const a0__json *claims, const a0__claims *original_claims,
                            a0_error **err)
{
    const a0__json *original = NULL;

    if (original_claims == NULL) {
        return A0_OK;
    }
    original = a0__claims_document(original_claims);
    if (!is_same_text(claims, original, "iss")) {
        return fail_unlike_original("iss", err);
    }
    if (!is_same_text(claims, original, "sub")) {
        return fail_unlike_original("sub", err);
    }
    if (!a0__audience_covers(claims, original) ||
        !a0__audience_covers(original, claims)) {
        return fail_unlike_original("aud", err);
    }
    if (!is_same_text(claims, original, "azp")) {
        return fail_unlike_original("azp", err);
    }
    if (!is_same_auth_time(claims, original)) {
        return fail_unlike_original("auth_time", err);
    }
    return A0_OK;
}
