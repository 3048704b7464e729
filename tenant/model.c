/* SPDX-License-Identifier: MIT */
#include "model.h"

#define FIELD(struct_type, field_type, member, default_text)                           \
    {                                                                                  \
        .name = #member, .type = A0__FIELD_##field_type,                               \
        .offset = offsetof(struct_type, member), .fallback = (default_text)            \
    }
#define CHOICE(struct_type, member, default_text, all_words)                           \
    {                                                                                  \
        .name = #member, .type = A0__FIELD_STRING,                                     \
        .offset = offsetof(struct_type, member), .fallback = (default_text),           \
        .words = (all_words)                                                           \
    }
#define RECORDS(struct_type, member, of_shape)                                         \
    {                                                                                  \
        .name = #member, .type = A0__FIELD_RECORDS,                                    \
        .offset = offsetof(struct_type, member), .shape = (of_shape)                   \
    }
#define SHAPE(shape_name, struct_type, field_rows)                                     \
    {                                                                                  \
        .name = (shape_name), .size = sizeof(struct_type), .fields = (field_rows),     \
        .len = sizeof(field_rows) / sizeof(field_rows)[0]                              \
    }

static const a0__field settings_fields[] = {
    FIELD(a0__tenant_settings, STRING, id, "settings"),
    FIELD(a0__tenant_settings, STRING, default_audience, NULL),
    FIELD(a0__tenant_settings, LIST, allowed_logout_urls, NULL),
    FIELD(a0__tenant_settings, BOOLEAN, allow_organization_name_in_authentication_api,
          NULL),
    FIELD(a0__tenant_settings, INTEGER, session_lifetime, "604800"),
    FIELD(a0__tenant_settings, INTEGER, code_lifetime, "600"),
    FIELD(a0__tenant_settings, INTEGER, management_rate_limit, NULL),
    FIELD(a0__tenant_settings, INTEGER, management_rate_burst, NULL),
};

static const a0__field refresh_policy_fields[] = {
    FIELD(a0__refresh_policy, STRING, audience, NULL),
    FIELD(a0__refresh_policy, LIST, scope, NULL),
};

const a0__shape a0__refresh_policy_shape =
    SHAPE("refresh_policies", a0__refresh_policy, refresh_policy_fields);

static const a0__field vault_grant_fields[] = {
    FIELD(a0__vault_grant, STRING, connection, NULL),
    FIELD(a0__vault_grant, LIST, scopes, NULL),
};

const a0__shape a0__vault_grant_shape =
    SHAPE("token_vault_grants", a0__vault_grant, vault_grant_fields);

static const a0__field client_fields[] = {
    FIELD(a0__client, STRING, client_id, NULL),
    FIELD(a0__client, STRING, name, NULL),
    FIELD(a0__client, SECRET, client_secret, NULL),
    CHOICE(a0__client, token_endpoint_auth_method, "client_secret_post",
           "client_secret_post client_secret_basic private_key_jwt none"),
    CHOICE(a0__client, client_assertion_alg, "RS256",
           "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA"),
    FIELD(a0__client, ANY, client_assertion_jwk, NULL),
    FIELD(a0__client, LIST, callbacks, NULL),
    FIELD(a0__client, LIST, allowed_logout_urls, NULL),
    FIELD(a0__client, LIST, allowed_origins, NULL),
    FIELD(a0__client, LIST, grant_types, "authorization_code refresh_token"),
    FIELD(a0__client, LIST, connections, NULL),
    CHOICE(a0__client, id_token_signed_response_alg, "RS256",
           "RS256 PS256 ES256 EdDSA HS256"),
    FIELD(a0__client, INTEGER, id_token_lifetime, "36000"),
    FIELD(a0__client, BOOLEAN, require_pkce, "true"),
    FIELD(a0__client, BOOLEAN, require_pushed_authorization_requests, NULL),
    CHOICE(a0__client, organization_usage, "allow", "deny allow require"),
    CHOICE(a0__client, rotation_type, "non-rotating", "rotating non-rotating"),
    FIELD(a0__client, INTEGER, leeway, "0"),
    FIELD(a0__client, INTEGER, token_lifetime, "2592000"),
    FIELD(a0__client, INTEGER, idle_token_lifetime, "2592000"),
    RECORDS(a0__client, refresh_policies, &a0__refresh_policy_shape),
    FIELD(a0__client, LIST, backchannel_logout_urls, NULL),
    CHOICE(a0__client, app_type, "regular_web",
           "regular_web spa native non_interactive resource_server"),
    FIELD(a0__client, STRING, resource_server_identifier, NULL),
    RECORDS(a0__client, token_vault_grants, &a0__vault_grant_shape),
    FIELD(a0__client, LIST, token_vault_ip_allowlist, NULL),
};

static const a0__field api_fields[] = {
    FIELD(a0__api, STRING, identifier, NULL),
    FIELD(a0__api, STRING, name, NULL),
    FIELD(a0__api, LIST, scopes, NULL),
    FIELD(a0__api, BOOLEAN, allow_offline_access, "true"),
    FIELD(a0__api, INTEGER, token_lifetime, "86400"),
    CHOICE(a0__api, token_dialect, "access_token", "access_token rfc9068_profile"),
    CHOICE(a0__api, user_policy, "allow_all",
           "allow_all require_client_grant deny_all"),
    CHOICE(a0__api, client_policy, "require_client_grant",
           "require_client_grant deny_all"),
};

static const a0__field client_grant_fields[] = {
    FIELD(a0__client_grant, STRING, id, NULL),
    FIELD(a0__client_grant, STRING, client_id, NULL),
    FIELD(a0__client_grant, STRING, audience, NULL),
    FIELD(a0__client_grant, LIST, scope, NULL),
    CHOICE(a0__client_grant, subject_type, "client", "client user"),
};

static const a0__field connection_fields[] = {
    FIELD(a0__connection, STRING, name, NULL),
    FIELD(a0__connection, STRING, id, NULL),
    FIELD(a0__connection, STRING, strategy, NULL),
    FIELD(a0__connection, STRING, display_name, NULL),
    FIELD(a0__connection, BOOLEAN, connected_accounts, "true"),
    FIELD(a0__connection, LIST, scopes, "openid profile email"),
    FIELD(a0__connection, BOOLEAN, offline_access, "true"),
    FIELD(a0__connection, INTEGER, token_lifetime, "3600"),
};

static const a0__field identity_fields[] = {
    FIELD(a0__identity, STRING, provider, NULL),
    FIELD(a0__identity, STRING, connection, NULL),
    FIELD(a0__identity, STRING, user_id, NULL),
    FIELD(a0__identity, BOOLEAN, isSocial, NULL),
    FIELD(a0__identity, ANY, profileData, NULL),
};

const a0__shape a0__identity_shape = SHAPE("identities", a0__identity, identity_fields);

static const a0__field user_fields[] = {
    FIELD(a0__user, STRING, user_id, NULL),
    FIELD(a0__user, STRING, connection, "Username-Password-Authentication"),
    FIELD(a0__user, STRING, email, NULL),
    FIELD(a0__user, BOOLEAN, email_verified, NULL),
    FIELD(a0__user, SECRET, password, NULL),
    FIELD(a0__user, SECRET, password_hash, NULL),
    FIELD(a0__user, STRING, name, NULL),
    FIELD(a0__user, STRING, nickname, NULL),
    FIELD(a0__user, STRING, given_name, NULL),
    FIELD(a0__user, STRING, family_name, NULL),
    FIELD(a0__user, STRING, picture, NULL),
    FIELD(a0__user, BOOLEAN, blocked, NULL),
    FIELD(a0__user, STRING, created_at, NULL),
    FIELD(a0__user, STRING, updated_at, NULL),
    RECORDS(a0__user, identities, &a0__identity_shape),
    FIELD(a0__user, ANY, user_metadata, NULL),
    FIELD(a0__user, ANY, app_metadata, NULL),
    FIELD(a0__user, STRING, last_login, NULL),
    FIELD(a0__user, INTEGER, logins_count, NULL),
    FIELD(a0__user, STRING, linked_to, NULL),
};

static const a0__field organization_fields[] = {
    FIELD(a0__organization, STRING, id, NULL),
    FIELD(a0__organization, STRING, name, NULL),
    FIELD(a0__organization, STRING, display_name, NULL),
    FIELD(a0__organization, LIST, members, NULL),
};

static const a0__field invitation_fields[] = {
    FIELD(a0__invitation, STRING, ticket, NULL),
    FIELD(a0__invitation, STRING, organization, NULL),
    FIELD(a0__invitation, STRING, email, NULL),
    FIELD(a0__invitation, INTEGER, expires_at, NULL),
};

static const a0__field sso_fields[] = {
    FIELD(a0__sso, SECRET, cookie, NULL),     FIELD(a0__sso, STRING, sid, NULL),
    FIELD(a0__sso, STRING, user_id, NULL),    FIELD(a0__sso, STRING, connection, NULL),
    FIELD(a0__sso, INTEGER, auth_time, NULL), FIELD(a0__sso, INTEGER, expires_at, NULL),
    FIELD(a0__sso, LIST, clients, NULL),
};

static const a0__field refresh_family_fields[] = {
    FIELD(a0__refresh_family, STRING, id, NULL),
    FIELD(a0__refresh_family, STRING, client_id, NULL),
    FIELD(a0__refresh_family, STRING, user_id, NULL),
    FIELD(a0__refresh_family, STRING, audience, NULL),
    FIELD(a0__refresh_family, STRING, scope, NULL),
    FIELD(a0__refresh_family, STRING, sid, NULL),
    FIELD(a0__refresh_family, STRING, organization, NULL),
    FIELD(a0__refresh_family, INTEGER, auth_time, NULL),
    FIELD(a0__refresh_family, INTEGER, expires_at, NULL),
    FIELD(a0__refresh_family, BOOLEAN, is_revoked, NULL),
};

static const a0__field refresh_token_fields[] = {
    FIELD(a0__refresh_token, SECRET, token, NULL),
    FIELD(a0__refresh_token, STRING, family, NULL),
    FIELD(a0__refresh_token, SECRET, parent, NULL),
    FIELD(a0__refresh_token, INTEGER, active_at, NULL),
    FIELD(a0__refresh_token, INTEGER, rotated_at, NULL),
    FIELD(a0__refresh_token, BOOLEAN, successor_was_used, NULL),
};

static const a0__field access_token_fields[] = {
    FIELD(a0__access_token, SECRET, token, NULL),
    FIELD(a0__access_token, STRING, user_id, NULL),
    FIELD(a0__access_token, STRING, client_id, NULL),
    FIELD(a0__access_token, STRING, audience, NULL),
    FIELD(a0__access_token, STRING, scope, NULL),
    FIELD(a0__access_token, INTEGER, expires_at, NULL),
};

static const a0__field authorization_fields[] = {
    FIELD(a0__authorization, SECRET, id, NULL),
    FIELD(a0__authorization, STRING, stage, NULL),
    FIELD(a0__authorization, STRING, client_id, NULL),
    FIELD(a0__authorization, STRING, redirect_uri, NULL),
    FIELD(a0__authorization, BOOLEAN, has_redirect_uri, NULL),
    FIELD(a0__authorization, STRING, response_mode, NULL),
    FIELD(a0__authorization, STRING, scope, NULL),
    FIELD(a0__authorization, STRING, audience, NULL),
    FIELD(a0__authorization, STRING, state, NULL),
    FIELD(a0__authorization, STRING, nonce, NULL),
    FIELD(a0__authorization, STRING, code_challenge, NULL),
    FIELD(a0__authorization, STRING, prompt, NULL),
    FIELD(a0__authorization, INTEGER, max_age, NULL),
    FIELD(a0__authorization, STRING, login_hint, NULL),
    FIELD(a0__authorization, STRING, connection, NULL),
    FIELD(a0__authorization, STRING, screen_hint, NULL),
    FIELD(a0__authorization, STRING, organization, NULL),
    FIELD(a0__authorization, STRING, invitation, NULL),
    FIELD(a0__authorization, INTEGER, expires_at, NULL),
    FIELD(a0__authorization, STRING, user_id, NULL),
    FIELD(a0__authorization, STRING, sid, NULL),
    FIELD(a0__authorization, INTEGER, auth_time, NULL),
    FIELD(a0__authorization, BOOLEAN, is_used, NULL),
    FIELD(a0__authorization, STRING, family, NULL),
};

static const a0__field assertion_fields[] = {
    FIELD(a0__assertion, STRING, jti, NULL),
    FIELD(a0__assertion, INTEGER, expires_at, NULL),
};

static const a0__field key_fields[] = {
    FIELD(a0__key_record, STRING, kid, NULL),
    FIELD(a0__key_record, STRING, alg, NULL),
    FIELD(a0__key_record, STRING, state, NULL),
    FIELD(a0__key_record, SECRET, pem, NULL),
};

static const a0__field connect_fields[] = {
    FIELD(a0__connect, SECRET, auth_session, NULL),
    FIELD(a0__connect, STRING, stage, NULL),
    FIELD(a0__connect, SECRET, handle, NULL),
    FIELD(a0__connect, STRING, client_id, NULL),
    FIELD(a0__connect, STRING, user_id, NULL),
    FIELD(a0__connect, STRING, connection, NULL),
    FIELD(a0__connect, STRING, redirect_uri, NULL),
    FIELD(a0__connect, STRING, state, NULL),
    FIELD(a0__connect, STRING, code_challenge, NULL),
    FIELD(a0__connect, LIST, scopes, NULL),
    FIELD(a0__connect, STRING, login_hint, NULL),
    FIELD(a0__connect, STRING, idp_user_id, NULL),
    FIELD(a0__connect, INTEGER, expires_at, NULL),
};

static const a0__field connected_account_fields[] = {
    FIELD(a0__connected_account, STRING, id, NULL),
    FIELD(a0__connected_account, STRING, user_id, NULL),
    FIELD(a0__connected_account, STRING, connection, NULL),
    FIELD(a0__connected_account, STRING, idp_user_id, NULL),
    FIELD(a0__connected_account, STRING, access_type, "offline"),
    FIELD(a0__connected_account, LIST, scopes, NULL),
    FIELD(a0__connected_account, STRING, created_at, NULL),
    FIELD(a0__connected_account, SECRET, refresh_token, NULL),
    FIELD(a0__connected_account, SECRET, access_token, NULL),
    FIELD(a0__connected_account, BOOLEAN, revoked, NULL),
};

static const a0__field provider_token_fields[] = {
    FIELD(a0__provider_token, SECRET, token, NULL),
    FIELD(a0__provider_token, STRING, connected_account, NULL),
    FIELD(a0__provider_token, STRING, connection, NULL),
    FIELD(a0__provider_token, STRING, idp_user_id, NULL),
    FIELD(a0__provider_token, STRING, scope, NULL),
    FIELD(a0__provider_token, INTEGER, expires_at, NULL),
};

static const a0__field log_fields[] = {
    FIELD(a0__log, STRING, log_id, NULL),
    FIELD(a0__log, STRING, date, NULL),
    FIELD(a0__log, STRING, type, NULL),
    FIELD(a0__log, STRING, client_id, NULL),
    FIELD(a0__log, STRING, user_id, NULL),
    FIELD(a0__log, STRING, connection, NULL),
    FIELD(a0__log, STRING, idp_user_id, NULL),
    FIELD(a0__log, STRING, connected_account, NULL),
};

const a0__shape a0__shapes[A0__KINDS_LEN] = {
    [A0__SETTINGS] = SHAPE("settings", a0__tenant_settings, settings_fields),
    [A0__CLIENTS] = SHAPE("clients", a0__client, client_fields),
    [A0__APIS] = SHAPE("apis", a0__api, api_fields),
    [A0__CLIENT_GRANTS] = SHAPE("client_grants", a0__client_grant, client_grant_fields),
    [A0__CONNECTIONS] = SHAPE("connections", a0__connection, connection_fields),
    [A0__USERS] = SHAPE("users", a0__user, user_fields),
    [A0__LINKED_ACCOUNTS] = SHAPE("linked_accounts", a0__user, user_fields),
    [A0__ORGANIZATIONS] = SHAPE("organizations", a0__organization, organization_fields),
    [A0__INVITATIONS] = SHAPE("invitations", a0__invitation, invitation_fields),
    [A0__SESSIONS] = SHAPE("sessions", a0__sso, sso_fields),
    [A0__REFRESH_FAMILIES] =
        SHAPE("refresh_families", a0__refresh_family, refresh_family_fields),
    [A0__REFRESH_TOKENS] =
        SHAPE("refresh_tokens", a0__refresh_token, refresh_token_fields),
    [A0__ACCESS_TOKENS] = SHAPE("access_tokens", a0__access_token, access_token_fields),
    [A0__AUTHORIZATIONS] =
        SHAPE("authorizations", a0__authorization, authorization_fields),
    [A0__ASSERTIONS] = SHAPE("assertions", a0__assertion, assertion_fields),
    [A0__KEYS] = SHAPE("keys", a0__key_record, key_fields),
    [A0__CONNECTS] = SHAPE("connects", a0__connect, connect_fields),
    [A0__CONNECTED_ACCOUNTS] =
        SHAPE("connected_accounts", a0__connected_account, connected_account_fields),
    [A0__PROVIDER_ACCOUNTS] = SHAPE("provider_accounts", a0__user, user_fields),
    [A0__PROVIDER_TOKENS] =
        SHAPE("provider_tokens", a0__provider_token, provider_token_fields),
    [A0__LOGS] = SHAPE("logs", a0__log, log_fields),
};
