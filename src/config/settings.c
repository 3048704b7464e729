/* SPDX-License-Identifier: MIT */
/* The life of the settings. */
#include "config/internal.h"

static void
pairs_clear(a0__pairs *pairs)
{
    for (size_t i = 0; i < pairs->len; i++) {
        a0__free(pairs->items[i].name);
        a0__free(pairs->items[i].value);
    }
    a0__free(pairs->items);
}

static void
scope_lists_clear(a0__scope_lists *lists)
{
    for (size_t i = 0; i < lists->len; i++) {
        a0__free(lists->items[i].name);
        a0__strings_clear(&lists->items[i].strings);
    }
    a0__free(lists->items);
}

static void
secrets_clear(a0__secrets *secrets)
{
    for (size_t i = 0; i < secrets->len; i++) {
        a0__secret_clear(&secrets->items[i]);
    }
    a0__free(secrets->items);
}

static void
userinfo_sources_clear(a0__userinfo_sources *sources)
{
    for (size_t i = 0; i < sources->len; i++) {
        a0__free(sources->items[i].name);
        a0__free(sources->items[i].url);
        a0__free(sources->items[i].emails_url);
        a0__free(sources->items[i].scope);
        a0__free(sources->items[i].subject);
    }
    a0__free(sources->items);
}

static void
free_texts(a0__settings *s)
{
    char *texts[] = {
        s->auth0_domain,
        s->base_url,
        s->issuer,
        s->management_domain,
        s->management_base_url,
        s->management_audience,
        s->my_account_audience,
        s->client_id,
        s->client_assertion_alg,
        s->audience,
        s->scope,
        s->ca_file,
        s->session_site,
        s->management_client_id,
        s->vault_audience,
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        a0__free(texts[i]);
    }
}

void
a0__settings_free(a0__settings *s)
{
    if (s == NULL) {
        return;
    }
    free_texts(s);
    a0__secret_clear(&s->client_secret);
    a0__secret_clear(&s->client_assertion_key);
    a0__secret_clear(&s->management_client_secret);
    secrets_clear(&s->encryption_keys);
    a0__strings_clear(&s->connections_for_account_linking);
    a0__strings_clear(&s->id_token_algorithms);
    a0__strings_clear(&s->trusted_audiences);
    a0__strings_clear(&s->confirm_only_connections);
    a0__strings_clear(&s->app_metadata_keys);
    pairs_clear(&s->scopes_by_audience);
    pairs_clear(&s->authorization_params);
    pairs_clear(&s->provider_friendly_names);
    scope_lists_clear(&s->custom_scopes);
    userinfo_sources_clear(&s->userinfo_sources);
    a0__free(s);
}
