/* SPDX-License-Identifier: MIT */
/*
 * What the application may do at the token endpoint. A token that nobody has is
 * exchanged; how it is refused tells a wrong secret, a grant that is off and a grant
 * that is on apart (RFC 6749 §5.2), without any scope.
 */
#include "auth0/application.h"
#include "auth0/vault.h"
#include "flows/doctor.h"
#include "oauth/error.h"
#include "oauth/refresh.h"

static const char NOBODYS_TOKEN[] = "a0-doctor-asks-whether-this-grant-is-on";

typedef enum answer {
    GRANT_IS_ON,
    GRANT_IS_OFF,
    CREDENTIALS_ARE_WRONG,
    NO_ANSWER
} answer;

/* access_denied has meant several things (wire §1.5, §7.1, §20.3): with 401 a wrong
 * secret; else of a refresh that the token is dead, of an exchange that it is off. */
static answer
read_answer(const a0__oauth_error *error, answer denied)
{
    if (a0__text_is(error->error, "invalid_client") ||
        (a0__text_is(error->error, "access_denied") && error->status == 401)) {
        return CREDENTIALS_ARE_WRONG;
    }
    if (a0__text_is(error->error, "unauthorized_client") ||
        a0__text_is(error->error, "unsupported_grant_type")) {
        return GRANT_IS_OFF;
    }
    if (a0__text_is(error->error, "access_denied")) {
        return denied;
    }
    return error->error.len == 0 || a0__oauth_error_is_temporary(error) ? NO_ANSWER
                                                                        : GRANT_IS_ON;
}

/* Whatever keeps it from being asked is NO_ANSWER. Statuses: no_memory. */
static a0_status
ask(a0__examination *x, a0__http_request *request, answer denied, answer *out,
    a0_error **err)
{
    A0_AUTO(a0__http_response_ptr) response = NULL;
    A0_AUTO(a0__error_ptr) failure = NULL;
    A0_AUTO(a0__oauth_error) error = { 0 };
    a0__http http = { x->client->ports.transport, x->client->ports.transport_self };
    a0_status status = a0__http_send_one(http, request, x->given.timeout_ms, &response,
                                         NULL, &failure);

    if (status == A0_OK) {
        status = a0__oauth_error_read(response, &error, &failure);
    }
    *out = status == A0_OK ? read_answer(&error, denied) : NO_ANSWER;
    return status == A0_NO_MEMORY ? a0__fail(err, A0_E_no_memory) : A0_OK;
}

/* ---- credentials and refresh ---- */

static void
check_credentials(a0__examination *x, answer found)
{
    static const char remedy[] = "copy client_id and client_secret from the "
                                 "application, and set client_authentication as there";
    static const char *const ids[] = { "credentials", NULL };

    switch (found) {
    case GRANT_IS_ON:
    case GRANT_IS_OFF:
        a0__check_ok(x, "credentials", "Auth0 accepts the application's credentials");
        break;
    case CREDENTIALS_ARE_WRONG:
        a0__buf_string(a0__check_add(x, "credentials", A0_CHECK_FAILED, remedy),
                       "Auth0 does not accept the application's credentials");
        break;
    case NO_ANSWER:
        a0__checks_skipped(x, ids, "the token endpoint gave no usable answer");
        break;
    }
}

static bool
asks_for_refresh_tokens(const a0__examination *x)
{
    const a0__settings *settings = x->client->settings;

    return a0__text_has_word(
        a0__text_of(a0__settings_scope_for(settings, settings->audience)),
        A0__LIT("offline_access"));
}

static void
check_refresh_grant(a0__examination *x, answer found)
{
    static const char remedy[] =
        "switch on the application's grant type Refresh Token, "
        "and Allow Offline Access of the API";
    static const char *const ids[] = { "refresh_grant", NULL };

    if (!asks_for_refresh_tokens(x)) {
        a0__checks_skipped(x, ids, "the settings do not ask for offline_access");
    } else if (found == GRANT_IS_ON) {
        a0__check_ok(x, "refresh_grant", "the application may refresh its tokens");
    } else if (found == GRANT_IS_OFF) {
        a0__buf_string(a0__check_add(x, "refresh_grant", A0_CHECK_FAILED, remedy),
                       "the application may not use refresh tokens");
    } else {
        a0__checks_skipped(x, ids, "it needs credentials that are accepted");
    }
}

static a0_status
check_refresh(a0__examination *x, answer *out, a0_error **err)
{
    A0_AUTO(a0__http_request) request = { 0 };
    a0__client_auth auth = a0__client_auth_now(x->client);

    A0_TRY(a0__refresh_request(&auth, x->tenant->metadata.token_endpoint,
                               a0__text_of(NOBODYS_TOKEN), A0__NO_TEXT, A0__NO_TEXT,
                               &request, err));
    A0_TRY(ask(x, &request, GRANT_IS_ON, out, err));
    check_credentials(x, *out);
    check_refresh_grant(x, *out);
    return A0_OK;
}

/* ---- the Token Vault ---- */

/* What stands in the way although the grant is on, or NULL: then it is off. Refresh
 * tokens are exchanged only where they may be used, and do not rotate [VAULT-05]. */
static const char *
obstacle(const a0__examination *x, answer refresh)
{
    bool is_on =
        x->application != NULL &&
        a0__application_lists(x->application, "grant_types", A0__LIT(A0__VAULT_GRANT));

    if (refresh == GRANT_IS_OFF) {
        return "it needs the grant for refresh tokens";
    }
    return is_on && a0__application_rotates(x->application)
               ? "rotation of refresh tokens is in the way"
               : NULL;
}

static a0_status
check_vault(a0__examination *x, answer refresh, a0_error **err)
{
    static const char remedy[] = "switch on the application's grant type Token Vault";
    static const char *const ids[] = { "vault_grant", NULL };
    A0_AUTO(a0__http_request) request = { 0 };
    a0__client_auth auth = a0__client_auth_now(x->client);
    a0__vault_wish wish = { .subject = x->client->settings->vault_subject_access_token
                                           ? A0__VAULT_ACCESS_TOKEN
                                           : A0__VAULT_REFRESH_TOKEN,
                            .subject_token = a0__text_of(NOBODYS_TOKEN),
                            .connection = A0__LIT("google-oauth2") };
    const char *why = obstacle(x, refresh);
    answer found = NO_ANSWER;

    A0_TRY(a0__vault_request(&auth, x->tenant->metadata.token_endpoint, &wish, &request,
                             err));
    A0_TRY(ask(x, &request, GRANT_IS_OFF, &found, err));
    if (found == GRANT_IS_ON) {
        a0__check_ok(x, "vault_grant", "the application may use the Token Vault");
    } else if (found == GRANT_IS_OFF && why != NULL) {
        a0__checks_skipped(x, ids, why);
    } else if (found == GRANT_IS_OFF) {
        a0__buf_string(
            a0__check_add(x, "vault_grant",
                          a0__doctor_uses_vault(x) ? A0_CHECK_FAILED : A0_CHECK_WARNING,
                          remedy),
            "the application may not use the Token Vault");
    } else {
        a0__checks_skipped(x, ids, "it needs credentials that are accepted");
    }
    return A0_OK;
}

a0_status
a0__doctor_grants(a0__examination *x, a0_error **err)
{
    static const char *const all[] = { "credentials", "refresh_grant", "vault_grant",
                                       NULL };
    answer refresh = NO_ANSWER;

    if (x->tenant == NULL) {
        a0__checks_skipped(x, all, "the tenant's endpoints are not known");
        return A0_OK;
    }
    A0_TRY(check_refresh(x, &refresh, err));
    return check_vault(x, refresh, err);
}
