/* SPDX-License-Identifier: MIT */
#include "auth0/management.h"

#include "jose/audience.h"
#include "jose/jwt.h"
#include "oauth/error.h"
#include "oauth/scope.h"

enum {
    FORM_MAX = 16384,
    URL_MAX = 2048
};

/* ---- RFC 6749 §4.4.2 ---- */

a0_status
a0__machine_token_request(const a0__client_auth *auth, a0__http_request *out,
                          a0_error **err)
{
    A0_AUTO(a0__form) form = A0__FORM_INIT(FORM_MAX);
    A0_AUTO(a0__buf) endpoint = A0__BUF_INIT(URL_MAX);

    a0__buf_string(&endpoint, auth->settings->management_base_url);
    a0__buf_string(&endpoint, "/oauth/token");
    A0_TRY(a0__buf_check(&endpoint, err));
    a0__form_add_string(&form, "grant_type", "client_credentials");
    a0__form_add_string(&form, "audience", auth->settings->management_audience);
    return a0__client_auth_post(auth, a0__buf_cstr(&endpoint), &form, out, err);
}

/* ---- §5.2 ---- */

/* What to do, by Auth0's code: its status for one code has varied (wire §1.5). */
static const char *
remedy_of(const a0__oauth_error *error)
{
    if (a0__text_is(error->error, "unauthorized_client")) {
        return "the application may not ask for tokens of its own; switch on its grant "
               "type Client Credentials";
    }
    if (error->status == 403) {
        return "the application has no grant for the Management API; authorize it at "
               "the API \"Auth0 Management API\"";
    }
    return "Auth0 does not accept the application's credentials; check "
           "management_client_id and management_client_secret, or client_id and "
           "client_secret";
}

static a0_status
fail_by_status(const a0__oauth_error *error, a0_error **err)
{
    if (error->status == 429) {
        return a0__fail(err, A0_E_mgmt_rate_limited);
    }
    if (error->status >= 500) {
        return a0__fail(err, A0_E_mgmt_unavailable);
    }
    if (error->status == 401 || error->status == 403) {
        return a0__fail_saying(err, A0_E_mgmt_auth_failed, "%s", remedy_of(error));
    }
    return a0__fail(err, A0_E_mgmt_refused);
}

static a0_status
fail_refused(const a0_http_response *response, int64_t wall_ms, a0_error **err)
{
    A0_AUTO(a0__oauth_error) error = { 0 };
    a0_status status = A0_OK;

    A0_TRY(a0__oauth_error_read(response, &error, err));
    status = fail_by_status(&error, err);
    if (err != NULL) {
        a0__error_set_peer(*err, error.status, error.error, error.description);
        a0__error_set_retry_after(*err, a0__http_retry_after_s(response, wall_ms));
    }
    return status;
}

/* ---- §5.1 ---- */

a0_status
a0__machine_token_response(const a0_http_response *response, int64_t wall_ms,
                           a0__token_set *out, a0_error **err)
{
    a0_status status = A0_OK;

    if (a0_http_response_status(response) != 200) {
        return fail_refused(response, wall_ms, err);
    }
    status = a0__token_response_read(response, A0__NO_TEXT, out, err);
    if (status != A0_PROTOCOL) {
        return status;
    }
    status = a0__fail(err, A0_E_mgmt_response_invalid);
    if (err != NULL) {
        a0__error_set_peer(*err, 200, A0__NO_TEXT, A0__NO_TEXT);
    }
    return status;
}

/* ---- what it is for ---- */

/* A token carries the issuer of the domain that issued it (wire §1.1). */
static bool
is_of_tenant(const a0__settings *settings, const a0__json *claims)
{
    a0__text base_url = a0__text_of(settings->management_base_url);
    a0__text iss = A0__NO_TEXT;

    return a0__json_text(claims, "iss", &iss) == A0__FOUND &&
           iss.len == base_url.len + 1 && a0__text_starts_with(iss, base_url) &&
           iss.ptr[base_url.len] == '/';
}

a0_status
a0__machine_token_inspect(const a0__settings *settings, const a0__secret *token,
                          bool *out_is_ours, a0__buf *out_scope, a0_error **err)
{
    A0_AUTO(a0__json_doc) claims = NULL;
    a0__text scope = A0__NO_TEXT;

    A0_TRY(a0__jwt_read_unverified(a0__secret_expose(token), &claims, err));
    *out_is_ours = claims != NULL && is_of_tenant(settings, claims) &&
                   a0__audience_has(claims, a0__text_of(settings->management_audience));
    if (claims != NULL && a0__json_text(claims, "scope", &scope) == A0__FOUND &&
        a0__scope_is_valid(scope)) {
        a0__buf_text(out_scope, scope);
    }
    return a0__buf_check(out_scope, err);
}

/* ---- scopes ---- */

static void
add_word(a0__text word, a0__buf *out)
{
    if (out->len > 0) {
        a0__buf_byte(out, ' ');
    }
    a0__buf_text(out, word);
}

void
a0__scopes_missing(a0__text granted, a0__text wanted, a0__buf *out)
{
    a0__text word = A0__NO_TEXT;

    while (a0__text_next(&wanted, ' ', &word)) {
        if (word.len > 0 && !a0__text_has_word(granted, word) &&
            !a0__text_has_word(a0__buf_view(out), word)) {
            add_word(word, out);
        }
    }
}

/* Deleting anything; whatever makes or shows credentials. */
static bool
goes_far(a0__text scope)
{
    static const char RESOURCES[] =
        "clients client_keys client_credentials client_grants grants user_idp_tokens";
    a0__text action = A0__NO_TEXT;

    (void)a0__text_next(&scope, ':', &action);
    return a0__text_is(action, "delete") ||
           (scope.len > 0 && a0__text_has_word(a0__text_of(RESOURCES), scope));
}

void
a0__scopes_excess(a0__text granted, a0__text required, a0__buf *out)
{
    a0__text word = A0__NO_TEXT;

    while (a0__text_next(&granted, ' ', &word)) {
        if (word.len > 0 && goes_far(word) && !a0__text_has_word(required, word)) {
            add_word(word, out);
        }
    }
}
