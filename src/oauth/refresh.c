/* SPDX-License-Identifier: MIT */
#include "oauth/refresh.h"

#include "base/time.h"
#include "jose/audience.h"
#include "jose/jwt.h"
#include "oauth/error.h"
#include "oauth/scope.h"

enum {
    FORM_MAX = 16384,
    SCOPE_MAX = 65536,
    MARGIN_MAX_S = 60,
    CLOCK_SKEW_S = 60 /* between the processes that share a session */
};

/* ---- §6: the request ---- */

a0_status
a0__refresh_request(const a0__client_auth *auth, const char *token_endpoint,
                    a0__text refresh_token, a0__text audience, a0__text scope,
                    a0__http_request *out, a0_error **err)
{
    A0_AUTO(a0__form) form = A0__FORM_INIT(FORM_MAX);

    a0__form_add_string(&form, "grant_type", "refresh_token");
    a0__form_add(&form, "refresh_token", refresh_token);
    if (audience.len > 0) {
        a0__form_add(&form, "audience", audience);
    }
    if (scope.len > 0) {
        a0__form_add(&form, "scope", scope);
    }
    return a0__client_auth_post(auth, token_endpoint, &form, out, err);
}

/* ---- §5.2: a refusal ---- */

/* By Auth0's code alone, since its status for one code has varied [RFR-05]. */
static a0__error_id
meaning_of(const a0__oauth_error *error)
{
    if (a0__oauth_error_is_temporary(error)) {
        return A0_E_refresh_unavailable;
    }
    if (a0__text_is(error->error, "invalid_grant")) {
        return A0_E_refresh_rejected;
    }
    if (error->status == 403 && a0__text_is(error->error, "access_denied")) {
        return A0_E_refresh_rejected;
    }
    if (a0__text_is(error->error, "mfa_required") ||
        a0__text_is(error->error, "unmet_authentication_requirements")) {
        return A0_E_mfa_required;
    }
    return A0_E_refresh_failed;
}

static a0_status
fail_refused(const a0_http_response *response, int64_t wall_ms, a0_error **err)
{
    A0_AUTO(a0__oauth_error) error = { 0 };
    a0_status status = A0_OK;

    A0_TRY(a0__oauth_error_read(response, &error, err));
    status = a0__oauth_error_fail(&error, meaning_of(&error), err);
    if (err != NULL) {
        a0__error_set_retry_after(*err, a0__http_retry_after_s(response, wall_ms));
    }
    return status;
}

a0_status
a0__refresh_response(const a0_http_response *response, a0__text scope, int64_t wall_ms,
                     a0__token_set *out, a0_error **err)
{
    if (a0_http_response_status(response) != 200) {
        return fail_refused(response, wall_ms, err);
    }
    return a0__token_response_read(response, scope, out, err);
}

a0_status
a0__refresh_transport_failed(a0_status status, a0_error **err)
{
    int retry_after_s = 0;

    if (err == NULL || *err == NULL ||
        !a0__text_starts_with(a0__text_of(a0_error_id(*err)), A0__LIT("http_"))) {
        return status;
    }
    retry_after_s = a0_error_retry_after_s(*err);
    status = a0__fail(err, A0_E_refresh_unavailable);
    a0__error_set_retry_after(*err, retry_after_s);
    return status;
}

/* ---- what the answer is for [RFR-10] ---- */

/* An opaque token shows what it is for by its scope alone: Auth0 has to state it, and a
 * permission of the API has to be among what was asked. */
static bool
scope_proves_audience(const a0__token_set *tokens, a0__text scope)
{
    return tokens->scope_is_stated && a0__scope_names_api(scope) &&
           a0__scope_covers_api(a0__text_of(tokens->scope), scope);
}

static a0_status
check_audience(const a0__token_set *tokens, a0__text audience, a0__text scope,
               a0_error **err)
{
    A0_AUTO(a0__json_doc) claims = NULL;

    A0_TRY(a0__jwt_read_unverified(a0__secret_expose(&tokens->access_token), &claims,
                                   err));
    A0_ENSURE(claims != NULL ? a0__audience_has(claims, audience)
                             : scope_proves_audience(tokens, scope),
              err, refresh_audience_mismatch);
    return A0_OK;
}

a0_status
a0__refresh_check_covers(const a0__token_set *tokens, a0__text audience, a0__text scope,
                         a0_error **err)
{
    if (audience.len > 0) {
        A0_TRY(check_audience(tokens, audience, scope, err));
    }
    A0_ENSURE(a0__scope_covers_api(a0__text_of(tokens->scope), scope), err,
              scope_insufficient);
    return A0_OK;
}

/* ---- a kept token ---- */

int64_t
a0__refresh_margin(int64_t lifetime_s)
{
    int64_t tenth = lifetime_s > 0 ? lifetime_s / 10 : 0;

    return tenth < MARGIN_MAX_S ? tenth : MARGIN_MAX_S;
}

bool
a0__access_token_is_fresh(int64_t obtained_at, int64_t expires_at, int64_t now)
{
    int64_t lifetime_s = 0;

    if (__builtin_sub_overflow(expires_at, obtained_at, &lifetime_s) ||
        lifetime_s <= 0 || obtained_at > a0__add_saturating(now, CLOCK_SKEW_S)) {
        return false;
    }
    return a0__add_saturating(now, a0__refresh_margin(lifetime_s)) < expires_at;
}
