/* SPDX-License-Identifier: MIT */
/*
 * The Token Vault exchange (wire §20): an Auth0 token for the token of a provider that
 * the person has connected.
 */
#include "refresh.h"
#include "token.h"
#include "vault.h"
#include "vault_worker.h"

#define TOKEN_TYPE "urn:ietf:params:oauth:token-type:"
#define ISSUED_TYPE                                                                    \
    "http://auth0.com/oauth/token-type/federated-connection-access-token"
/* What a privileged worker asks for. */
#define WORKER_TYPE "http://auth0.com/oauth/token-type/token-vault-access-token"

typedef struct refusal {
    const char *name; /* the value of the fault vault.error */
    int status;
    const char *error;
    const char *description;
} refusal;

/* Wire §20.3 */
typedef enum reason {
    NOT_FOUND,
    FLOW_FAILED,
    IDENTITY_NOT_FOUND,
    INVALID_GRANT,
    UNAUTHORIZED_CLIENT,
    ACCESS_DENIED,
    MFA_REQUIRED,
    ROTATION,
    NOT_ENABLED,
    REASONS
} reason;

static const refusal refusals[REASONS] = {
    [NOT_FOUND] = { "not_found", 401, "federated_connection_refresh_token_not_found",
                    "Federated connection Refresh Token not found." },
    [FLOW_FAILED] = { "flow_failed", 401,
                      "federated_connection_refresh_token_flow_failed",
                      "The provider refused to renew its token" },
    [IDENTITY_NOT_FOUND] = { "identity_not_found", 401, "unauthorized",
                             "No identity fits connection and login_hint" },
    [INVALID_GRANT] = { "invalid_grant", 403, "invalid_grant",
                        "Unknown or invalid subject token." },
    [UNAUTHORIZED_CLIENT] = { "unauthorized_client", 403, "unauthorized_client",
                              "The client may not exchange this token" },
    [ACCESS_DENIED] = { "access_denied", 403, "access_denied",
                        "The connection is not enabled for the client" },
    [MFA_REQUIRED] = { "mfa_required", 403, "mfa_required",
                       "Multifactor authentication required" },
    [ROTATION] = { "rotation", 403, "unauthorized_client",
                   "Refresh token rotation must be disabled for Token Vault" },
    [NOT_ENABLED] = { "not_enabled", 400, "invalid_request",
                      "Token Vault is not enabled for the connection" },
};

static a0_status
refuse(a0__exchange *x, reason why)
{
    return a0__refuse(x, refusals[why].status, refusals[why].error, "%s",
                      refusals[why].description);
}

/* The fault vault.error: a name of the table, or {"status", "error",
 * "error_description"}. */
static a0_status
refuse_by_fault(a0__exchange *x)
{
    A0_AUTO(a0__json_doc) fault = a0__fault_take(&x->tenant->faults, "vault.error");
    A0_AUTO(a0__string) error = NULL;
    A0_AUTO(a0__string) description = NULL;
    const a0__json *value = a0__json_member(fault, "value");
    a0__text name = A0__NO_TEXT;
    int64_t status = 401;

    if (value == NULL) {
        return A0_OK;
    }
    (void)a0__json_text_of(value, &name);
    for (int i = 0; i < REASONS; i++) {
        if (a0__text_is(name, refusals[i].name)) {
            return refuse(x, (reason)i);
        }
    }
    (void)a0__json_i64(value, "status", &status);
    error = a0__keep(a0__json_text_of_member(value, "error"));
    description = a0__keep(a0__json_text_of_member(value, "error_description"));
    return a0__refuse(x, (int)status, error, "%s", description);
}

static bool
is_by_worker(const a0__exchange *x)
{
    return a0__text_is(a0__param(x, "subject_token_type"), TOKEN_TYPE "jwt");
}

static const char *
issued_type(const a0__exchange *x)
{
    return is_by_worker(x) ? WORKER_TYPE : ISSUED_TYPE;
}

static a0_status
check_params(a0__exchange *x)
{
    static const char *const required[] = { "subject_token", "subject_token_type",
                                            "requested_token_type", "connection" };

    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++) {
        if (a0__param(x, required[i]).len == 0) {
            return a0__refuse(x, 400, "invalid_request",
                              "Missing required parameter: %s", required[i]);
        }
    }
    if (!a0__text_is(a0__param(x, "requested_token_type"), issued_type(x))) {
        return a0__refuse(x, 400, "invalid_request",
                          "The requested_token_type is not supported");
    }
    return A0_OK;
}

/* Wire §20.2: rotation and Token Vault exclude each other. */
static a0_status
check_rotation(a0__exchange *x, const a0__client *client)
{
    bool allowed = false;

    (void)a0__fault_take_bool(&x->tenant->faults, "vault.allow_rotation", &allowed);
    return allowed || !a0__client_rotates(x->tenant, client) ? A0_OK
                                                             : refuse(x, ROTATION);
}

static a0_status
user_of_refresh_token(a0__exchange *x, const a0__client *client, const char **out_user)
{
    a0__text presented = a0__param(x, "subject_token");
    a0__refresh_token *token =
        a0__table_get(&x->tenant->tables[A0__REFRESH_TOKENS], presented);
    const a0__refresh_family *family = a0__refresh_family_of(x->tenant, presented);

    if (!a0__list_has(&client->grant_types, A0__LIT("authorization_code")) ||
        !a0__list_has(&client->grant_types, A0__LIT("refresh_token"))) {
        return refuse(x, UNAUTHORIZED_CLIENT);
    }
    A0_TRY(check_rotation(x, client));
    if (!a0__refresh_is_live(x, client, family, token)) {
        return refuse(x, INVALID_GRANT);
    }
    token->active_at = x->now;
    a0__table_touch(token);
    *out_user = family->user_id;
    return A0_OK;
}

/* Wire §20.2: an API that is a client of its own exchanges what it was called with. */
static a0_status
user_of_access_token(a0__exchange *x, const a0__client *client, const char **out_user)
{
    const a0__access_token *token = a0__table_get(&x->tenant->tables[A0__ACCESS_TOKENS],
                                                  a0__param(x, "subject_token"));

    if (!a0__text_is(A0__LIT("resource_server"), client->app_type)) {
        return refuse(x, UNAUTHORIZED_CLIENT);
    }
    if (token == NULL || token->expires_at <= x->now ||
        !a0__text_is(a0__text_of(token->audience),
                     client->resource_server_identifier)) {
        return refuse(x, INVALID_GRANT);
    }
    *out_user = token->user_id;
    return A0_OK;
}

static a0_status
find_user(a0__exchange *x, const a0__client *client, const char **out_user)
{
    a0__text type = a0__param(x, "subject_token_type");
    const a0__user *user = NULL;

    if (a0__text_is(type, TOKEN_TYPE "refresh_token")) {
        A0_TRY(user_of_refresh_token(x, client, out_user));
    } else if (a0__text_is(type, TOKEN_TYPE "access_token")) {
        A0_TRY(user_of_access_token(x, client, out_user));
    } else if (is_by_worker(x)) {
        A0_TRY(a0__vault_worker_user(x, client, &user));
        *out_user = user->user_id;
    } else {
        return a0__refuse(x, 400, "invalid_request",
                          "The subject_token_type is not supported");
    }
    user = a0__table_get(&x->tenant->tables[A0__USERS], a0__text_of(*out_user));
    return user != NULL && !a0__user_is_blocked(x->tenant, user)
               ? A0_OK
               : refuse(x, INVALID_GRANT);
}

static a0_status
check_connection(a0__exchange *x, const a0__client *client)
{
    const a0__connection *connection =
        a0__tenant_connection(x->tenant, a0__param(x, "connection"));

    if (connection == NULL || a0__connection_is_database(connection) ||
        !connection->connected_accounts) {
        return refuse(x, NOT_ENABLED);
    }
    return a0__client_uses(client, connection) ? A0_OK : refuse(x, ACCESS_DENIED);
}

/* What stands in the vault, as long as the provider agrees. */
static a0_status
find_account(a0__exchange *x, const char *user_id, a0__connected_account **out)
{
    a0__text connection = a0__param(x, "connection");
    bool revoked = false;

    *out = a0__vault_find(x->tenant, user_id, connection, a0__param(x, "login_hint"));
    if (*out == NULL) {
        return refuse(x, a0__vault_find(x->tenant, user_id, connection, A0__NO_TEXT) !=
                                 NULL
                             ? IDENTITY_NOT_FOUND
                             : NOT_FOUND);
    }
    if (*(*out)->refresh_token == '\0') {
        return refuse(x, NOT_FOUND);
    }
    revoked = (*out)->revoked;
    (void)a0__fault_take_bool(&x->tenant->faults, "provider.revoked", &revoked);
    return revoked ? refuse(x, FLOW_FAILED) : A0_OK;
}

static a0_status
answer_exchange(a0__exchange *x, const a0__provider_token *token)
{
    A0_AUTO(a0__buf) body = A0__BUF_INIT(A0__ANSWER_MAX);
    a0__json_writer w = a0__json_writer_on(&body);

    a0__json_open(&w, '{');
    a0__json_put_string(&w, "access_token", token->token);
    a0__json_put_string(&w, "scope", token->scope);
    a0__json_put_i64(&w, "expires_in", token->expires_at - x->now);
    a0__json_put_string(&w, "issued_token_type", issued_type(x));
    a0__json_put_string(&w, "token_type", "Bearer");
    a0__json_close(&w, '}');
    a0__faults_edit(&x->tenant->faults, "vault.member.", &body);
    a0__answer_json(x, 200, &body);
    return A0_OK;
}

a0_status
a0__grant_vault(a0__exchange *x, a0__client *client)
{
    const char *user_id = NULL;
    a0__connected_account *account = NULL;

    A0_TRY(refuse_by_fault(x));
    if (a0__text_is(A0__LIT("none"), client->token_endpoint_auth_method)) {
        return refuse(x, UNAUTHORIZED_CLIENT);
    }
    A0_TRY(check_params(x));
    A0_TRY(find_user(x, client, &user_id));
    A0_TRY(check_connection(x, client));
    A0_TRY(find_account(x, user_id, &account));
    if (is_by_worker(x) && !a0__vault_worker_may(client, account)) {
        return refuse(x, ACCESS_DENIED);
    }
    return answer_exchange(x, a0__vault_token(x, account));
}
