/* SPDX-License-Identifier: MIT */
/* The table of the gateway's settings, and all of them read. */
#include "settings.h"

#include "base/mem.h"
#include "gateway.h"
#include "settings_read.h"

static const a0_setting rows[] = {
    { "listen", "list", "[\"127.0.0.1:8080\"]",
      "Where to listen: `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080` (both), "
      "`unix:/run/a0.sock`." },
    { "health_listen", "string", "",
      "Where `/healthz` answers, and nothing else; off when not set." },
    { "base_url", "string", "",
      "The address people see, `https://app.example.com`; may be left out while "
      "listening on a loopback address." },
    { "additional_base_urls", "list", "[]",
      "Other addresses that this gateway is reached by; any other host is refused." },
    { "secret", "secret", "",
      "The server's secret, 32 bytes or more, for example from `openssl rand -base64 "
      "32`." },
    { "secret_file", "string", "",
      "A file that holds the secret and that only its owner can read." },
    { "database", "string", "a0.sqlite",
      "The SQLite database; `:memory:` forgets everything at the end." },
    { "prefix", "string", "/auth", "The path under which the routes stand." },
    { "trusted_proxies", "list", "[]",
      "Addresses or networks of our own proxies: their forwarded headers are read, and "
      "they may hold as many connections as they like." },
    { "default_return_to", "string", "/",
      "Where a person goes after signing in when nothing else was asked for." },
    { "return_to_allowed", "list", "[]",
      "Other origins a person may be sent to after signing in, `https://host`." },
    { "logout_return_to", "list", "[]",
      "Where a person may go after signing out; the first is the default. They have to "
      "be registered at Auth0." },
    { "allowed_connections", "list", "[]",
      "Connections that a link to the sign-in may name, beside those for account "
      "linking." },
    { "connect_allowed", "object", "{}",
      "Connections of which a person may connect accounts, each with the scopes that a "
      "page may ask for beside `custom_scopes`: `{\"google-oauth2\": "
      "[\"https://www.googleapis.com/auth/calendar.readonly\"]}`." },
    { "vault_try_out", "object", "{}",
      "Connections whose calendar the dashboard shows with a token of the vault, each "
      "with the `url` of its events and the `scope` that takes; off when empty." },
    { "broker_listen", "string", "",
      "Where back ends ask for provider tokens of the signed-in person: a loopback "
      "address or `unix:/run/a0-broker.sock`; off when not set." },
    { "broker_socket_mode", "string", "0600",
      "The mode of that socket's file: `0660` lets a group in." },
    { "broker_secret", "secret", "",
      "What a back end shows to the broker, 32 characters or more; or `sha256:` and "
      "the "
      "hex of its SHA-256, so that it stands nowhere here." },
    { "broker_secret_file", "string", "",
      "A file that holds the broker's secret and that only its owner can read." },
    { "broker_connections", "list", "[]",
      "Connections whose tokens back ends may have." },
    { "broker_rate", "number", "60",
      "Tokens that back ends may have in a minute for one person and connection; 0: no "
      "limit." },
    { "identity_headers", "object", "{}",
      "More headers of `/auth/verify`, from header to claim: `{\"X-Auth-Picture\": "
      "\"picture\"}`." },
    { "log_level", "string", "info", "`debug`, `info`, `warn` or `error`." },
    { "workers", "number", "16", "Threads for requests that wait for Auth0." },
    { "event_loops", "number", "0",
      "Threads that read and answer; 0: one a processor." },
    { "login_rate", "number", "120",
      "Sign-ins that one address may start in a minute; 0: no limit." },
    { "login_rate_all", "number", "500",
      "Sign-ins that may start in a second in all; 0: no limit." },
    { "insecure_development_cookies", "bool", "false",
      "Cookies without `__Host-` and `Secure`, for browsers that refuse those on "
      "http://localhost." },
};

const a0_setting *
gateway_settings_rows(size_t *out_len)
{
    *out_len = sizeof rows / sizeof rows[0];
    return rows;
}

a0_status
gateway_config_new(a0_config **out_config, a0_error **err)
{
    a0_config *config = NULL;
    a0_status status = a0_config_new(&config, err);

    if (status == A0_OK) {
        status = a0_config_declare(config, rows, sizeof rows / sizeof rows[0], err);
    }
    if (status == A0_OK) {
        status = a0_config_set(config, "revoke_on_logout", "true", err);
    }
    if (status != A0_OK) {
        a0_config_free(config);
        return status;
    }
    *out_config = config;
    return A0_OK;
}

a0_status
gateway_settings_read(a0_config *config, gateway_settings *out, a0_error **err)
{
    A0_TRY(settings_read_listen(config, out, err));
    A0_TRY(settings_read_base_urls(config, out, err));
    A0_TRY(settings_read_secret(config, out, err));
    A0_TRY(settings_copy_text(a0_config_own(config, "database"), &out->database, err));
    A0_TRY(settings_read_prefix(config, out, err));
    A0_TRY(settings_read_targets(config, out, err));
    A0_TRY(settings_read_connections(config, &out->allowed_connections, err));
    A0_TRY(settings_read_connectables(config, out, err));
    A0_TRY(settings_read_broker(config, &out->broker, err));
    A0_TRY(settings_read_networks(config, &out->trusted_proxies, err));
    A0_TRY(settings_read_identity_headers(config, out, err));
    A0_TRY(settings_read_cookies(config, out, err));
    A0_TRY(settings_read_log_level(config, out, err));
    A0_TRY(settings_read_number(config, "workers", 256, &out->workers, err));
    A0_TRY(settings_read_number(config, "event_loops", 256, &out->event_loops, err));
    A0_TRY(settings_read_number(config, "login_rate", 60000, &out->login_rate, err));
    A0_TRY(settings_read_number(config, "login_rate_all", 100000, &out->login_rate_all,
                                err));
    out->transaction_lifetime_s =
        settings_number_of(config, "transaction_lifetime", 3600);
    return settings_read_tenant_url(config, out, err);
}

static void
texts_clear(gateway_texts *texts)
{
    for (size_t i = 0; i < texts->len; i++) {
        a0__free(texts->items[i]);
    }
    a0__free(texts->items);
}

static void
connectable_clear(connectable *c)
{
    texts_clear(&c->scopes);
    a0__free(c->connection);
    a0__free(c->try_out_url);
    a0__free(c->try_out_scope);
}

void
gateway_settings_clear(gateway_settings *settings)
{
    for (size_t i = 0; i < settings->connectables_len; i++) {
        connectable_clear(&settings->connectables[i]);
    }
    a0__free(settings->connectables);
    texts_clear(&settings->broker.connections);
    a0__free(settings->broker.listen);
    for (size_t i = 0; i < settings->identity_headers_len; i++) {
        a0__free(settings->identity_headers[i].name);
        a0__free(settings->identity_headers[i].claim);
    }
    a0__free(settings->identity_headers);
    a0__free(settings->trusted_proxies.items);
    texts_clear(&settings->listen);
    texts_clear(&settings->logout_return_to);
    texts_clear(&settings->allowed_connections);
    gateway_origins_clear(&settings->base_urls);
    gateway_origins_clear(&settings->return_to_allowed);
    a0__free(settings->health_listen);
    a0__free(settings->database);
    a0__free(settings->prefix);
    a0__free(settings->default_return_to);
    a0__free(settings->tenant_url);
    a0__secret_clear(&settings->secret);
    *settings = (gateway_settings){ 0 };
}

a0_status
gateway_config_check(a0_config *config, a0_error **err)
{
    gateway_settings settings = { 0 };
    a0_status status = gateway_settings_read(config, &settings, err);

    gateway_settings_clear(&settings);
    return status != A0_OK ? status : a0_config_check(config, err);
}
