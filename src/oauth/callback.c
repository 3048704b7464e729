/* SPDX-License-Identifier: MIT */
#include "oauth/callback.h"

#include "oauth/error.h"

enum {
    PARAMS_MAX = 64
};

void
a0__callback_clear(a0__callback *callback)
{
    a0__params_clear(&callback->params);
    *callback = A0__CALLBACK_INIT;
}

void
a0__callback_auto(a0__callback *callback)
{
    a0__callback_clear(callback);
}

/* What stands after the '?' of a URL or a path; a text of another start is the query
 * itself, in which a '?' may stand (RFC 3986 §3.4). */
static a0__text
query_of(a0__text text)
{
    a0__text before = A0__NO_TEXT;

    if (a0__text_starts_with(text, A0__LIT("https://")) ||
        a0__text_starts_with(text, A0__LIT("http://")) ||
        a0__text_starts_with(text, A0__LIT("/")) ||
        a0__text_starts_with(text, A0__LIT("?"))) {
        (void)a0__text_next(&text, '?', &before);
    }
    return text;
}

/* Two copies of a parameter would let two readers see two requests [CB-06]. */
static a0_status
take(const a0__callback *callback, const char *name, a0__text *out, a0_error **err)
{
    size_t count = 0;
    a0__text value = a0__params_get(&callback->params, name, &count);

    if (count > 1) {
        return a0__fail_about(err, A0_E_callback_duplicate_param, name);
    }
    *out = value;
    return A0_OK;
}

/* Tokens do not come through a browser in this flow [CB-11]. */
static a0_status
refuse_tokens(const a0__callback *callback, a0_error **err)
{
    static const char *const tokens[] = { "access_token", "id_token", "refresh_token" };

    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
        size_t count = 0;

        (void)a0__params_get(&callback->params, tokens[i], &count);
        if (count > 0) {
            return a0__fail_about(err, A0_E_callback_malformed, tokens[i]);
        }
    }
    return A0_OK;
}

static bool
is_code(a0__text code)
{
    return code.len <= A0__CODE_MAX && a0__text_is_visible_ascii(code);
}

static a0_status
read_params(a0__callback *callback, a0_error **err)
{
    a0__text error_uri = A0__NO_TEXT;
    size_t count = 0;

    A0_TRY(take(callback, "state", &callback->state, err));
    A0_TRY(take(callback, "error", &callback->error, err));
    A0_TRY(take(callback, "error_description", &callback->error_description, err));
    A0_TRY(take(callback, "error_uri", &error_uri, err));
    A0_TRY(take(callback, "iss", &callback->iss, err));
    A0_TRY(take(callback, "code", &callback->code, err));
    A0_TRY(take(callback, "connect_code", &callback->connect_code, err));
    (void)a0__params_get(&callback->params, "iss", &count);
    callback->has_iss = count > 0;
    return refuse_tokens(callback, err);
}

static a0_status
check_presence(const a0__callback *callback, a0_error **err)
{
    bool has_code = callback->code.len > 0 || callback->connect_code.len > 0;

    if (callback->state.len == 0 || (callback->error.len == 0 && !has_code)) {
        return a0__fail_about(err, A0_E_callback_state_missing, "code or state");
    }
    /* An answer is an error or a code: one that is both has been put together by
     * somebody [CB-06]. */
    if (callback->error.len > 0 && has_code) {
        return a0__fail_about(err, A0_E_callback_duplicate_param, "error");
    }
    if (!is_code(callback->code) || !is_code(callback->connect_code)) {
        return a0__fail_about(err, A0_E_callback_malformed, "code");
    }
    return A0_OK;
}

a0_status
a0__callback_parse(a0__text url_or_query, a0__callback *out, a0_error **err)
{
    A0_AUTO(a0__callback) callback = A0__CALLBACK_INIT;
    a0__text query = query_of(url_or_query);
    bool is_valid = false;

    A0_ENSURE(!a0__text_contains_byte(url_or_query, '#') &&
                  query.len <= A0__CALLBACK_QUERY_MAX &&
                  a0__text_is_visible_ascii(query),
              err, callback_malformed);
    A0_TRY(a0__params_parse(query, PARAMS_MAX, &callback.params, &is_valid, err));
    A0_ENSURE(is_valid, err, callback_malformed);
    A0_TRY(read_params(&callback, err));
    A0_TRY(check_presence(&callback, err));

    *out = callback;
    callback = A0__CALLBACK_INIT;
    return A0_OK;
}

a0_status
a0__callback_check_iss(const a0__callback *callback, a0__text issuer, bool is_promised,
                       a0_error **err)
{
    A0_ENSURE(callback->has_iss || !is_promised, err, callback_iss_missing);
    A0_ENSURE(!callback->has_iss || a0__text_equal(callback->iss, issuer), err,
              callback_iss_mismatch);
    return A0_OK;
}

/* ---- the outcome ---- */

/* RFC 6749 §4.1.2.1, OIDC Core §3.1.2.6, RFC 9396 §5, and Auth0's own. */
static const char *const registered_errors[] = {
    "access_denied",
    "account_selection_required",
    "consent_required",
    "interaction_required",
    "invalid_authorization_details",
    "invalid_request",
    "invalid_request_object",
    "invalid_request_uri",
    "invalid_scope",
    "invalid_target",
    "login_required",
    "mfa_required",
    "registration_not_supported",
    "request_not_supported",
    "request_uri_not_supported",
    "server_error",
    "temporarily_unavailable",
    "unauthorized",
    "unauthorized_client",
    "unmet_authentication_requirements",
    "unsupported_response_type",
};

const char *
a0__callback_error_for_log(const a0__callback *callback)
{
    for (size_t i = 0; i < sizeof registered_errors / sizeof registered_errors[0];
         i++) {
        if (a0__text_is(callback->error, registered_errors[i])) {
            return registered_errors[i];
        }
    }
    return "other";
}

static int
http_status_of(a0__text error)
{
    if (a0__text_is(error, "access_denied")) {
        return 403;
    }
    if (a0__text_is(error, "login_required") ||
        a0__text_is(error, "interaction_required")) {
        return 401;
    }
    return 502;
}

static a0_status
fail_op_error(const a0__callback *callback, a0_error **err)
{
    a0_status status = a0__fail(err, A0_E_callback_op_error);

    if (err != NULL) {
        a0__error_set_peer(*err, 0, callback->error, callback->error_description);
        a0__error_set_http_status(*err, http_status_of(callback->error));
    }
    return status;
}

a0_status
a0__callback_take_code(const a0__callback *callback, a0__callback_code expected,
                       a0__text *out_code, a0_error **err)
{
    bool is_code = expected == A0__CALLBACK_CODE;
    a0__text code = is_code ? callback->code : callback->connect_code;
    a0__text other = is_code ? callback->connect_code : callback->code;

    if (callback->error.len > 0) {
        return fail_op_error(callback, err);
    }
    A0_ENSURE(code.len > 0 && other.len == 0, err, callback_flow_mismatch);
    *out_code = code;
    return A0_OK;
}
