/* SPDX-License-Identifier: MIT */
/*
 * The settings of contract §3, typed and frozen: what every flow reads. Built by
 * a0_config_check out of the table in table.def; a client owns one and never changes
 * it, so any thread may read it.
 */
#ifndef A0_CONFIG_SETTINGS_H
#define A0_CONFIG_SETTINGS_H

#include <a0/config.h>

#include "base/secret.h"

typedef struct a0__strings {
    char **items;
    size_t len;
} a0__strings;

/* A name with a value: a default authorization parameter, the scope of an audience. */
typedef struct a0__pair {
    char *name;
    char *value;
} a0__pair;

typedef struct a0__pairs {
    a0__pair *items;
    size_t len;
} a0__pairs;

typedef struct a0__secrets {
    a0__secret *items;
    size_t len;
} a0__secrets;

typedef enum a0__client_authentication {
    A0__CLIENT_SECRET_POST,
    A0__CLIENT_SECRET_BASIC,
    A0__PRIVATE_KEY_JWT
} a0__client_authentication;

typedef enum a0__linking {
    A0__LINKING_OFF,
    A0__LINKING_OBSERVE,
    A0__LINKING_ON
} a0__linking;

typedef enum a0__metadata_merge {
    A0__MERGE_ALL,
    A0__MERGE_NOTHING, /* "keep_primary" */
    A0__MERGE_KEYS
} a0__metadata_merge;

/* A name with several words: the scopes of a connection. */
typedef struct a0__named_strings {
    char *name;
    a0__strings strings;
} a0__named_strings;

typedef struct a0__scope_lists {
    a0__named_strings *items;
    size_t len;
} a0__scope_lists;

/* Where a provider tells whose account a token is of. A member that is NULL is as in
 * the built-in source of that name, if there is one. */
typedef struct a0__userinfo_source {
    char *name;             /* a connection or a strategy */
    char *url;              /* never NULL */
    char *emails_url;       /* a list of addresses, as GitHub has it */
    char *scope;            /* the identity scopes */
    char *subject;          /* the member that holds the id */
    int subject_is_user_id; /* whether Auth0 names people by it; -1: not said */
} a0__userinfo_source;

typedef struct a0__userinfo_sources {
    a0__userinfo_source *items;
    size_t len;
} a0__userinfo_sources;

typedef struct a0__settings {
    char *auth0_domain; /* as configured, without scheme: "acme.eu.auth0.com" */
    char *base_url;     /* "https://acme.eu.auth0.com", no slash at the end */
    char *issuer;       /* base_url and a slash: what `iss` must be, byte for byte */
    char *management_domain; /* auth0_management_api_domain, or auth0_domain */
    char *management_base_url;
    char *management_audience; /* "https://{domain}/api/v2/" */
    char *my_account_audience; /* "https://{auth0_domain}/me/" */
    char *client_id;
    a0__secret client_secret;
    a0__client_authentication client_authentication;
    a0__secret client_assertion_key; /* PEM */
    char *client_assertion_alg;      /* "RS256", "RS384", "PS256", "ES256" */
    a0__strings connections_for_account_linking;
    char *audience;                 /* NULL: none */
    char *scope;                    /* for the default audience; always has "openid" */
    a0__pairs scopes_by_audience;   /* from an object `scope`; may be empty */
    a0__pairs authorization_params; /* the defaults but `scope` and `audience` */
    bool pushed_authorization_requests;
    a0__strings id_token_algorithms;
    a0__strings trusted_audiences;
    int64_t clock_leeway_s;
    bool revoke_on_logout;
    bool logout_endpoint_oidc;   /* false: /v2/logout */
    a0__secrets encryption_keys; /* the first seals, all open; may be empty in C */
    int64_t http_timeout_ms;
    int64_t connect_timeout_ms;
    int64_t user_cache_ttl_s;
    int64_t session_lifetime_s;
    int64_t session_idle_s;
    char *session_site; /* NULL: none */
    int64_t transaction_lifetime_s;
    int64_t refresh_token_leeway_s; /* what is configured at Auth0; 0: no overlap */
    char *ca_file;                  /* NULL: the system's trust */
    bool forbid_private_addresses;

    /* Connected accounts, vault, users, linking */
    char *management_client_id; /* the application's own unless set */
    a0__secret management_client_secret;
    int64_t management_rate;       /* requests a second */
    a0__scope_lists custom_scopes; /* connection -> scopes */
    bool vault_subject_access_token;
    char *vault_audience; /* NULL: none */
    a0__linking linking;
    a0__strings confirm_only_connections;
    bool confirm_password_primary;
    a0__metadata_merge app_metadata_merge;
    a0__strings app_metadata_keys; /* for A0__MERGE_KEYS */
    int64_t link_undo_days;
    a0__pairs provider_friendly_names; /* provider -> name, beside the built-in ones */
    a0__userinfo_sources userinfo_sources; /* beside the built-in ones */
} a0__settings;

/* The scope to ask for with this audience ("" or NULL: none); never NULL. */
const char *a0__settings_scope_for(const a0__settings *settings, const char *audience);

/* Whether an authorization parameter is set by the library alone [AUTHZ-01]. */
bool a0__param_is_reserved(a0__text name);

/* Checks the configuration and gives a deep copy of its values. Owned by the caller. */
A0_MUST_USE a0_status a0__config_settings(a0_config *config,
                                          a0__settings **out_settings, a0_error **err);
void a0__settings_free(a0__settings *settings); /* NULL is harmless */

#endif
