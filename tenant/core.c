/* SPDX-License-Identifier: MIT */
#include "core.h"

#include <stdlib.h>

#include "base/crypto.h"
#include "base/time.h"

enum {
    ID_OCTETS = 24,
    HEX_ID_OCTETS = 12,
    SHORT_ID_OCTETS = 8
};

int64_t
a0__tenant_now_ms(const a0__tenant *tenant)
{
    return a0_clock_system()->wall_ms(NULL) + tenant->clock_offset_s * 1000;
}

int64_t
a0__tenant_now(const a0__tenant *tenant)
{
    return a0__tenant_now_ms(tenant) / 1000;
}

char *
a0__tenant_now_iso(const a0__tenant *tenant)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(64);

    a0__time_iso8601(a0__tenant_now_ms(tenant), &text);
    return a0__keep_buf(&text);
}

char *
a0__tenant_new_id(const char *prefix)
{
    A0_AUTO(a0__secret) random = A0__SECRET_INIT;
    A0_AUTO(a0__buf) id = A0__BUF_INIT(256);

    if (a0__random_text(a0_random_system(), NULL, ID_OCTETS, &random, NULL) != A0_OK) {
        abort();
    }
    a0__buf_string(&id, prefix);
    a0__buf_text(&id, a0__secret_expose(&random));
    return a0__keep_buf(&id);
}

static char *
new_hex(const char *prefix, size_t octets)
{
    A0_AUTO(a0__buf) id = A0__BUF_INIT(256);
    unsigned char random[HEX_ID_OCTETS];

    if (a0_random_system()->fill(NULL, random, octets) != A0_OK) {
        abort();
    }
    a0__buf_string(&id, prefix);
    a0__buf_hex(&id, random, octets);
    return a0__keep_buf(&id);
}

char *
a0__tenant_new_hex_id(const char *prefix)
{
    return new_hex(prefix, HEX_ID_OCTETS);
}

char *
a0__tenant_new_short_id(const char *prefix)
{
    return new_hex(prefix, SHORT_ID_OCTETS);
}

a0__tenant_settings *
a0__tenant_settings_of(const a0__tenant *tenant)
{
    return a0__table_get(&tenant->tables[A0__SETTINGS], A0__LIT("settings"));
}

a0__client *
a0__tenant_client(const a0__tenant *tenant, a0__text client_id)
{
    return a0__table_get(&tenant->tables[A0__CLIENTS], client_id);
}

a0__connection *
a0__tenant_connection(const a0__tenant *tenant, a0__text name)
{
    return a0__table_get(&tenant->tables[A0__CONNECTIONS], name);
}

bool
a0__connection_is_database(const a0__connection *connection)
{
    return a0__text_is(A0__LIT("auth0"), connection->strategy);
}

bool
a0__client_uses(const a0__client *client, const a0__connection *connection)
{
    return client->connections.len == 0 ||
           a0__list_has(&client->connections, a0__text_of(connection->name));
}

a0__organization *
a0__tenant_organization(const a0__tenant *tenant, a0__text id)
{
    const a0__table *table = &tenant->tables[A0__ORGANIZATIONS];
    a0__organization *found = a0__table_get(table, id);

    if (found != NULL || a0__text_starts_with(id, A0__LIT("org_")) ||
        !a0__tenant_settings_of(tenant)
             ->allow_organization_name_in_authentication_api) {
        return found;
    }
    for (a0__organization *o = a0__table_first(table); o != NULL;
         o = a0__table_next(o)) {
        if (a0__text_equal_ignoring_case(id, a0__text_of(o->name))) {
            return o;
        }
    }
    return NULL;
}

a0_status
a0__tenant_authority(a0__tenant *tenant, const a0__tls_identity **out, a0_error **err)
{
    if (tenant->authority.certificate.len == 0) {
        A0_TRY(a0__tls_new_authority(&tenant->authority, err));
    }
    *out = &tenant->authority;
    return A0_OK;
}

/* Rows come in the order of time, so expired ones of equal lifetime stand in front. */
static void
sweep_table(a0__table *table, int64_t (*expires_at)(const void *row), int64_t now)
{
    void *next = NULL;

    for (void *row = a0__table_first(table); row != NULL; row = next) {
        next = a0__table_next(row);
        if (expires_at(row) > now) {
            break;
        }
        a0__table_remove(table, row);
    }
}

static int64_t
authorization_expires_at(const void *row)
{
    return ((const a0__authorization *)row)->expires_at;
}

static int64_t
access_token_expires_at(const void *row)
{
    return ((const a0__access_token *)row)->expires_at;
}

static int64_t
assertion_expires_at(const void *row)
{
    return ((const a0__assertion *)row)->expires_at;
}

static int64_t
session_expires_at(const void *row)
{
    return ((const a0__sso *)row)->expires_at;
}

static int64_t
connect_expires_at(const void *row)
{
    return ((const a0__connect *)row)->expires_at;
}

static int64_t
provider_token_expires_at(const void *row)
{
    return ((const a0__provider_token *)row)->expires_at;
}

void
a0__tenant_sweep(a0__tenant *tenant)
{
    int64_t now = a0__tenant_now(tenant);

    sweep_table(&tenant->tables[A0__AUTHORIZATIONS], authorization_expires_at, now);
    sweep_table(&tenant->tables[A0__ACCESS_TOKENS], access_token_expires_at, now);
    sweep_table(&tenant->tables[A0__ASSERTIONS], assertion_expires_at, now);
    sweep_table(&tenant->tables[A0__SESSIONS], session_expires_at, now);
    sweep_table(&tenant->tables[A0__CONNECTS], connect_expires_at, now);
    sweep_table(&tenant->tables[A0__PROVIDER_TOKENS], provider_token_expires_at, now);
}
