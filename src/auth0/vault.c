/* SPDX-License-Identifier: MIT */
#include "auth0/vault.h"

#include "oauth/error.h"
#include "json/json.h"

enum {
    FORM_MAX = 32768
};

/* ---- the request ---- */

a0_status
a0__vault_request(const a0__client_auth *auth, const char *token_endpoint,
                  const a0__vault_wish *wish, a0__http_request *out, a0_error **err)
{
    A0_AUTO(a0__form) form = A0__FORM_INIT(FORM_MAX);

    a0__form_add_string(&form, "grant_type", A0__VAULT_GRANT);
    a0__form_add(&form, "subject_token", wish->subject_token);
    a0__form_add_string(&form, "subject_token_type",
                        wish->subject == A0__VAULT_REFRESH_TOKEN
                            ? "urn:ietf:params:oauth:token-type:refresh_token"
                            : "urn:ietf:params:oauth:token-type:access_token");
    a0__form_add_string(&form, "requested_token_type", A0__VAULT_TOKEN_TYPE);
    a0__form_add(&form, "connection", wish->connection);
    if (wish->login_hint.len > 0) {
        a0__form_add(&form, "login_hint", wish->login_hint);
    }
    return a0__client_auth_post(auth, token_endpoint, &form, out, err);
}

/* ---- a refusal ---- */

static a0__error_id
meaning_of(const a0__oauth_error *error)
{
    static const struct {
        const char *code;
        a0__error_id id;
    } codes[] = {
        { "federated_connection_refresh_token_not_found", A0_E_vault_token_not_found },
        { "federated_connection_refresh_token_flow_failed", A0_E_vault_reconnect },
        { "mfa_required", A0_E_vault_mfa_required },
        { "unmet_authentication_requirements", A0_E_vault_mfa_required },
        { "unauthorized_client", A0_E_vault_grant_disabled },
        { "access_denied", A0_E_vault_grant_disabled },
        { "invalid_grant", A0_E_vault_login_required },
    };

    if (a0__oauth_error_is_temporary(error)) {
        return A0_E_vault_unavailable;
    }
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (a0__text_is(error->error, codes[i].code)) {
            return codes[i].id;
        }
    }
    return A0_E_vault_unavailable;
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

/* ---- the token ---- */

static a0_status
read_token(const a0__json *document, a0__token_set *out, a0_error **err)
{
    A0_AUTO(a0__error_ptr) failure = NULL;
    a0__text type = A0__NO_TEXT;

    (void)a0__json_text(document, "issued_token_type", &type);
    if (!a0__text_is(type, A0__VAULT_TOKEN_TYPE)) {
        return a0__fail_about(err, A0_E_vault_response_invalid, "issued_token_type");
    }
    if (a0__token_set_of(document, A0__LIT(""), out, &failure) != A0_OK) {
        A0_ENSURE(!a0__error_is(failure, A0_E_no_memory), err, no_memory);
        return a0__fail_about(err, A0_E_vault_response_invalid,
                              a0_error_argument(failure));
    }
    return A0_OK;
}

a0_status
a0__vault_response(const a0_http_response *response, int64_t wall_ms,
                   a0__token_set *out, a0_error **err)
{
    A0_AUTO(a0__json_doc) document = NULL;

    if (a0_http_response_status(response) != 200) {
        return fail_refused(response, wall_ms, err);
    }
    A0_ENSURE(a0__http_content_type_is(response, A0__LIT("application/json")), err,
              vault_response_invalid);
    A0_TRY(a0__json_parse(a0__http_body(response), &document, err));
    A0_ENSURE(a0__json_is_object(document), err, vault_response_invalid);
    return read_token(document, out, err);
}
