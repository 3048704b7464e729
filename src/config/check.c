/* SPDX-License-Identifier: MIT */
/* Checking everything at once, and building the settings on the way. */
#include "config/internal.h"

static const char default_scope[] = "openid profile email offline_access";

a0_status
a0__blame(a0__build *b, const char *name, const char *problem)
{
    const a0__slot *slot = a0__config_slot(b->config, a0__text_of(name));

    return a0__fault_add(&b->config->faults, &slot->row, problem, slot->place, b->err);
}

static bool
is_given(const a0__build *b, const char *name)
{
    const a0__slot *slot = a0__config_slot(b->config, a0__text_of(name));

    return slot->is_set || slot->fault != NULL;
}

static a0_status
build_slot(a0__build *b, const a0__slot *slot)
{
    a0__text value = a0__slot_value(slot);

    if (slot->fault != NULL) {
        return a0__strings_add(&b->config->faults, a0__text_of(slot->fault), b->err);
    }
    if (value.ptr == NULL) {
        return slot->row.required ? a0__blame(b, slot->row.shown.name, "is missing")
                                  : A0_OK;
    }
    if (slot->row.set == NULL) {
        return A0_OK;
    }
    return slot->row.set(b, &slot->row, value, (char *)b->settings + slot->row.field);
}

/* Contract §3: no secret with another client authentication. With both, only the
 * assertion is sent [AUTHZ-07]. */
static a0_status
check_authentication(a0__build *b)
{
    if (b->settings->client_authentication == A0__PRIVATE_KEY_JWT) {
        return is_given(b, "client_assertion_key")
                   ? A0_OK
                   : a0__blame(b, "client_assertion_key",
                               "is missing, and private_key_jwt needs it");
    }
    return is_given(b, "client_secret") ? A0_OK
                                        : a0__blame(b, "client_secret", "is missing");
}

/* HS256 is keyed with the client secret (OIDC Core §10.1), and a key shorter than the
 * hash is refused by the verifier (RFC 7518 §3.2). */
enum {
    HS256_KEY_BYTES = 32
};

static a0_status
check_algorithms(a0__build *b)
{
    for (size_t i = 0; i < b->settings->id_token_algorithms.len; i++) {
        if (a0__text_is(a0__text_of(b->settings->id_token_algorithms.items[i]),
                        "HS256") &&
            b->settings->client_secret.len < HS256_KEY_BYTES) {
            return a0__blame(b, "id_token_algorithms",
                             "names HS256, which needs a client_secret of 32 "
                             "characters or more");
        }
    }
    return A0_OK;
}

static a0_status
check_times(a0__build *b)
{
    const a0__settings *s = b->settings;

    /* One that has a fault itself is still 0. */
    if (s->session_lifetime_s > 0 && s->session_idle_s > s->session_lifetime_s) {
        A0_TRY(a0__blame(b, "session_idle", "is longer than session_lifetime"));
    }
    if (s->http_timeout_ms > 0 && s->connect_timeout_ms > s->http_timeout_ms) {
        A0_TRY(a0__blame(b, "connect_timeout", "is longer than http_timeout"));
    }
    return A0_OK;
}

static a0_status
check_together(a0__build *b)
{
    A0_TRY(check_authentication(b));
    A0_TRY(check_algorithms(b));
    A0_TRY(check_times(b));
    if (b->settings->vault_subject_access_token && !is_given(b, "vault_audience")) {
        A0_TRY(a0__blame(b, "vault_audience",
                         "is missing, and vault_subject access_token needs it"));
    }
    return A0_OK;
}

static a0_status
join(const char *base, const char *rest, char **out, a0_error **err)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(A0__CONFIG_TEXT_MAX);

    a0__buf_string(&text, base);
    a0__buf_string(&text, rest);
    A0_TRY(a0__buf_check(&text, err));
    *out = a0__buf_take(&text);
    return A0_OK;
}

/* The issuer and the audiences take the scheme of their domain. */
static a0_status
derive_addresses(a0__settings *s, a0_error **err)
{
    if (s->management_domain == NULL) {
        A0_TRY(join(s->auth0_domain, "", &s->management_domain, err));
        A0_TRY(join(s->base_url, "", &s->management_base_url, err));
    }
    A0_TRY(join(s->base_url, "/", &s->issuer, err));
    A0_TRY(join(s->base_url, "/me/", &s->my_account_audience, err));
    return join(s->management_base_url, "/api/v2/", &s->management_audience, err);
}

static a0_status
derive_management_client(a0__settings *s, a0_error **err)
{
    if (s->management_client_id == NULL) {
        A0_TRY(join(s->client_id, "", &s->management_client_id, err));
    }
    if (!a0__secret_is_set(&s->management_client_secret) &&
        a0__secret_is_set(&s->client_secret)) {
        A0_TRY(a0__secret_set_text(&s->management_client_secret,
                                   a0__secret_expose(&s->client_secret), err));
    }
    return A0_OK;
}

static const char *
scope_of_audience(const a0__settings *s, const char *audience)
{
    for (size_t i = 0; audience != NULL && i < s->scopes_by_audience.len; i++) {
        if (a0__text_is(a0__text_of(audience), s->scopes_by_audience.items[i].name)) {
            return s->scopes_by_audience.items[i].value;
        }
    }
    return NULL;
}

static a0_status
derive(a0__settings *s, a0_error **err)
{
    A0_TRY(derive_addresses(s, err));
    A0_TRY(derive_management_client(s, err));
    if (s->scope == NULL) {
        const char *scope = scope_of_audience(s, s->audience);

        A0_TRY(join(scope != NULL ? scope : default_scope, "", &s->scope, err));
    }
    return A0_OK;
}

const char *
a0__settings_scope_for(const a0__settings *settings, const char *audience)
{
    const char *wanted = audience != NULL && audience[0] != '\0' ? audience : NULL;
    const char *scope = scope_of_audience(settings, wanted);

    if (scope != NULL) {
        return scope;
    }
    /* What is mapped to one audience says nothing about another. */
    return wanted == NULL || settings->scopes_by_audience.len == 0 ? settings->scope
                                                                   : default_scope;
}

static a0_status
build(a0_config *config, a0__settings *settings, a0_error **err)
{
    a0__build b = { settings, config, err };

    a0__strings_clear(&config->faults);
    for (size_t i = 0; i < config->strangers.len; i++) {
        A0_TRY(a0__strings_add(&config->faults, a0__text_of(config->strangers.items[i]),
                               err));
    }
    for (size_t i = 0; i < config->len; i++) {
        A0_TRY(build_slot(&b, &config->slots[i]));
    }
    A0_TRY(check_together(&b));
    if (config->faults.len > 0) {
        return a0__fail_saying(err, A0_E_config_invalid, "%s (faults in all: %zu)",
                               config->faults.items[0], config->faults.len);
    }
    return derive(settings, err);
}

a0_status
a0__config_settings(a0_config *config, a0__settings **out_settings, a0_error **err)
{
    a0__settings *settings = a0__calloc(1, sizeof *settings);
    a0_status status = A0_OK;

    A0_ENSURE(settings != NULL, err, no_memory);
    status = build(config, settings, err);
    if (status != A0_OK) {
        a0__settings_free(settings);
        return status;
    }
    *out_settings = settings;
    return A0_OK;
}

a0_status
a0_config_check(a0_config *config, a0_error **err)
{
    a0__settings *settings = NULL;

    A0_TRY(a0__config_settings(config, &settings, err));
    a0__settings_free(settings);
    return A0_OK;
}
