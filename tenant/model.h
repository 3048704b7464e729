/* SPDX-License-Identifier: MIT */
/*
 * What a tenant knows. The member names are those of Auth0's Management API where it
 * has them, so that a seed reads like an export of a real tenant. Times are Unix
 * seconds of the tenant's clock.
 */
#ifndef A0_TENANT_MODEL_H
#define A0_TENANT_MODEL_H

#include "table.h"

typedef enum a0__kind {
    A0__SETTINGS,
    A0__CLIENTS,
    A0__APIS,
    A0__CLIENT_GRANTS,
    A0__CONNECTIONS,
    A0__USERS,
    A0__LINKED_ACCOUNTS,
    A0__ORGANIZATIONS,
    A0__INVITATIONS,
    A0__SESSIONS,
    A0__REFRESH_FAMILIES,
    A0__REFRESH_TOKENS,
    A0__ACCESS_TOKENS,
    A0__AUTHORIZATIONS,
    A0__ASSERTIONS,
    A0__KEYS,
    A0__CONNECTS,
    A0__CONNECTED_ACCOUNTS,
    A0__PROVIDER_ACCOUNTS,
    A0__PROVIDER_TOKENS,
    A0__LOGS,
    A0__KINDS_LEN
} a0__kind;

/* The one row of A0__SETTINGS. */
typedef struct a0__tenant_settings {
    a0__row row;
    char *id;
    char *default_audience;
    a0__list allowed_logout_urls;
    bool allow_organization_name_in_authentication_api;
    int64_t session_lifetime;
    int64_t code_lifetime;
    int64_t management_rate_limit; /* requests a second; 0: none */
    int64_t management_rate_burst; /* 0: as many as in a second */
} a0__tenant_settings;

/* Wire §7.4: what one refresh token may be turned into besides its own audience. */
typedef struct a0__refresh_policy {
    char *audience;
    a0__list scope;
} a0__refresh_policy;

typedef struct a0__vault_grant {
    char *connection;
    a0__list scopes;
} a0__vault_grant;

typedef struct a0__client {
    a0__row row;
    char *client_id;
    char *name;
    char *client_secret;
    char *token_endpoint_auth_method;
    char *client_assertion_alg;
    char *client_assertion_jwk; /* the public key, as JSON */
    a0__list callbacks;
    a0__list allowed_logout_urls;
    a0__list allowed_origins;
    a0__list grant_types;
    a0__list connections; /* names; empty: all */
    char *id_token_signed_response_alg;
    int64_t id_token_lifetime;
    bool require_pkce;
    bool require_pushed_authorization_requests;
    char *organization_usage; /* "deny", "allow", "require" */
    char *rotation_type;      /* "rotating", "non-rotating" */
    int64_t leeway;
    int64_t token_lifetime;
    int64_t idle_token_lifetime;
    a0__records refresh_policies;
    a0__list backchannel_logout_urls;
    char *app_type; /* "resource_server": an API that exchanges its own tokens */
    char *resource_server_identifier;
    /* Wire §20.2: what it gets of the vault on its own word, and from where. */
    a0__records token_vault_grants;
    a0__list token_vault_ip_allowlist;
} a0__client;

typedef struct a0__api {
    a0__row row;
    char *identifier;
    char *name;
    a0__list scopes;
    bool allow_offline_access;
    int64_t token_lifetime;
    char *token_dialect; /* "access_token", "rfc9068_profile" */
    char *user_policy;   /* "allow_all", "require_client_grant", "deny_all" */
    char *client_policy; /* "require_client_grant", "deny_all" */
} a0__api;

typedef struct a0__client_grant {
    a0__row row;
    char *id;
    char *client_id;
    char *audience;
    a0__list scope;
    char *subject_type; /* "client": as itself; "user": in the name of a person */
} a0__client_grant;

typedef struct a0__connection {
    a0__row row;
    char *name;
    char *id;
    char *strategy; /* "auth0" is a database of passwords */
    char *display_name;
    bool connected_accounts; /* it can be connected (wire §19) */
    a0__list scopes;         /* asked for when a connect names none */
    bool offline_access;     /* its provider gives a refresh token */
    int64_t token_lifetime;
} a0__connection;

typedef struct a0__identity {
    char *provider;
    char *connection;
    char *user_id;
    bool isSocial;
    char *profileData; /* JSON; of a secondary identity */
} a0__identity;

/* A user, or an account by which somebody signs in and that is no user of its own:
 * linked to one (A0__LINKED_ACCOUNTS), or only at its provider. */
typedef struct a0__user {
    a0__row row;
    char *user_id;
    char *connection;
    char *email; /* "" for none */
    bool email_verified;
    char *password;      /* only as it comes in */
    char *password_hash; /* what is kept */
    char *name;
    char *nickname;
    char *given_name;
    char *family_name;
    char *picture;
    bool blocked;
    char *created_at; /* ISO 8601 */
    char *updated_at;
    a0__records identities;
    char *user_metadata;
    char *app_metadata;
    char *last_login; /* ISO 8601 */
    int64_t logins_count;
    char *linked_to; /* of a linked account: the user whose identity it is */
} a0__user;

typedef struct a0__organization {
    a0__row row;
    char *id;
    char *name;
    char *display_name;
    a0__list members; /* user ids */
} a0__organization;

typedef struct a0__invitation {
    a0__row row;
    char *ticket;
    char *organization;
    char *email;
    int64_t expires_at;
} a0__invitation;

/* A browser that signed in here: single sign-on. */
typedef struct a0__sso {
    a0__row row;
    char *cookie;
    char *sid;
    char *user_id;
    char *connection;
    int64_t auth_time;
    int64_t expires_at;
    a0__list clients; /* who got tokens out of it: whom a logout concerns */
} a0__sso;

/* Wire §7.3: all descendants of one sign-in. */
typedef struct a0__refresh_family {
    a0__row row;
    char *id;
    char *client_id;
    char *user_id;
    char *audience;
    char *scope;
    char *sid;
    char *organization;
    int64_t auth_time; /* 0: the ID token does not carry it */
    int64_t expires_at;
    bool is_revoked;
} a0__refresh_family;

typedef struct a0__refresh_token {
    a0__row row;
    char *token;
    char *family;
    char *parent;
    int64_t active_at;  /* issued or, without rotation, last used */
    int64_t rotated_at; /* 0: it has no successor */
    bool successor_was_used;
} a0__refresh_token;

/* A person's token, as whoever is shown it looks it up, be it opaque or not. */
typedef struct a0__access_token {
    a0__row row;
    char *token;
    char *user_id;
    char *client_id;
    char *audience;
    char *scope;
    int64_t expires_at;
} a0__access_token;

/*
 * One authorization request through its life: pushed (the id is its request_uri), open
 * in a browser (the id is the page's state), answered (the id is the code).
 */
typedef struct a0__authorization {
    a0__row row;
    char *id;
    char *stage; /* "pushed", "open", "code" */
    char *client_id;
    char *redirect_uri;
    bool has_redirect_uri; /* it was in the request, so the exchange repeats it */
    char *response_mode;
    char *scope;
    char *audience;
    char *state;
    char *nonce;
    char *code_challenge;
    char *prompt;
    int64_t max_age; /* -1: none */
    char *login_hint;
    char *connection;
    char *screen_hint;
    char *organization; /* id */
    char *invitation;
    int64_t expires_at;
    /* Once somebody signed in: */
    char *user_id;
    char *sid;
    int64_t auth_time;
    bool is_used;
    char *family; /* revoked when the code comes again */
} a0__authorization;

/* RFC 7523 §3 item 7: the jti of an assertion is good for once. */
typedef struct a0__assertion {
    a0__row row;
    char *jti;
    int64_t expires_at;
} a0__assertion;

typedef struct a0__key_record {
    a0__row row;
    char *kid;
    char *alg;
    char *state; /* "current", "next", "previous"; "unpublished" for faults */
    char *pem;
} a0__key_record;

/* Wire §19: somebody connecting an account, from the start to the completion. */
typedef struct a0__connect {
    a0__row row;
    char *auth_session;
    char *stage;  /* "started", "open", "answered", "completed" */
    char *handle; /* of that stage: ticket, the page's state, connect_code */
    char *client_id;
    char *user_id;
    char *connection;
    char *redirect_uri;
    char *state;
    char *code_challenge;
    a0__list scopes;
    char *login_hint;
    char *idp_user_id; /* once somebody allowed it */
    int64_t expires_at;
} a0__connect;

/* What the Token Vault holds (wire §20). */
typedef struct a0__connected_account {
    a0__row row;
    char *id;
    char *user_id;
    char *connection;
    char *idp_user_id; /* the person's id at the provider */
    char *access_type;
    a0__list scopes;
    char *created_at;    /* ISO 8601 */
    char *refresh_token; /* the provider's; "": it gave none */
    char *access_token;  /* the provider's, while it lasts */
    bool revoked;        /* the person took it back at the provider */
} a0__connected_account;

/* An access token of a simulated provider. */
typedef struct a0__provider_token {
    a0__row row;
    char *token;
    char *connected_account;
    char *connection;
    char *idp_user_id;
    char *scope;
    int64_t expires_at;
} a0__provider_token;

/* An event of the tenant's log: somebody connected an account (wire §23). */
typedef struct a0__log {
    a0__row row;
    char *log_id;
    char *date; /* ISO 8601 */
    char *type;
    char *client_id;
    char *user_id;
    char *connection;
    char *idp_user_id;
    char *connected_account;
} a0__log;

extern const a0__shape a0__shapes[A0__KINDS_LEN];
extern const a0__shape a0__refresh_policy_shape;
extern const a0__shape a0__vault_grant_shape;
extern const a0__shape a0__identity_shape;

#endif
