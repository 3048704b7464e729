/* SPDX-License-Identifier: MIT */
/* The gateway's own settings, typed; those of liba0 stay with its client. */
#ifndef A0_GATEWAY_SETTINGS_H
#define A0_GATEWAY_SETTINGS_H

#include <a0/config.h>
#include <a0/sys/log.h>

#include "base/crypto.h"
#include "base/secret.h"
#include "cookies.h"
#include "forwarded.h"
#include "redirect.h"

typedef struct identity_header {
    char *name;  /* "X-Auth-User-Id" */
    char *claim; /* "sub" */
} identity_header;

typedef struct gateway_texts {
    char **items;
    size_t len;
} gateway_texts;

/* A connection of which people may connect accounts. */
typedef struct connectable {
    char *connection;
    gateway_texts scopes; /* that a page may ask for beside the configured ones */
    char *try_out_url;    /* of the provider's calendar; NULL: no try-out */
    char *try_out_scope;  /* what its API demands, or NULL */
} connectable;

/* Where back ends ask for tokens of the Token Vault. */
typedef struct broker_settings {
    char *listen; /* NULL: nowhere */
    unsigned socket_mode;
    a0__digest secret; /* SHA-256 of what a back end shows */
    gateway_texts connections;
    uint32_t rate; /* tokens per minute, person and connection */
} broker_settings;

typedef struct gateway_settings {
    gateway_texts listen;
    char *health_listen; /* NULL: none */
    broker_settings broker;
    gateway_origins base_urls; /* the first is base_url; none: found when listening */
    bool derives_base_url;     /* base_url is not set: the loopback address we got */
    char *database;
    char *prefix; /* "/auth" */
    char *default_return_to;
    gateway_origins return_to_allowed;
    gateway_texts logout_return_to;
    gateway_texts allowed_connections;
    connectable *connectables;
    size_t connectables_len;
    gateway_networks trusted_proxies;
    identity_header *identity_headers;
    size_t identity_headers_len;
    const cookie_style *cookies;
    a0_log_level log_level;
    uint32_t workers;
    uint32_t event_loops;
    uint32_t login_rate;     /* per minute and address */
    uint32_t login_rate_all; /* per second */
    int64_t transaction_lifetime_s;
    a0__secret secret;
    char *tenant_url; /* "https://acme.eu.auth0.com" */
} gateway_settings;

/*
 * Reads them out of a configuration and refuses, with a fault in the configuration
 * each, what can not be. A0_OK although there are faults: a0_config_check tells.
 */
A0_MUST_USE a0_status gateway_settings_read(a0_config *config, gateway_settings *out,
                                            a0_error **err);
void gateway_settings_clear(gateway_settings *settings);

#endif
