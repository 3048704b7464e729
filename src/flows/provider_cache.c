/* SPDX-License-Identifier: MIT */
#include "flows/provider_cache.h"

#include "base/pack.h"
#include "flows/client.h"
#include "flows/sealed_cache.h"

enum {
    KEY_MAX = 512,
    VALUE_MAX = A0__HTTP_DISCOVERY_MAX + A0__HTTP_JWKS_MAX + 64
};

static void
key_of(const a0_client *client, a0__buf *out)
{
    a0__buf_string(out, "a0|tenant|");
    a0__buf_string(out, client->settings->issuer);
}

static bool
read_value(const a0_client *client, a0__text value, a0__tenant *tenant)
{
    a0__unpack in = a0__unpack_of(value);
    a0__text metadata = a0__unpack_bytes(&in);
    a0__text jwks = a0__unpack_bytes(&in);
    int64_t ends_at_ms = a0__unpack_i64(&in);
    int64_t left_ms = ends_at_ms - a0__client_wall_ms(client);

    if (!a0__unpack_done(&in) || left_ms <= 0 || left_ms > A0__KEYS_TTL_MAX_MS ||
        a0__metadata_read(client->settings, metadata, &tenant->metadata, NULL) !=
            A0_OK ||
        a0__jwks_parse(jwks, &tenant->jwks, NULL) != A0_OK) {
        return false;
    }
    tenant->ttl_ms = left_ms;
    return true;
}

/* Sealed, because whoever writes into a shared cache could otherwise put a key of his
 * own among ours. */
void
a0__provider_cache_load(a0_client *client, a0__tenant *tenant, bool *out_found)
{
    A0_AUTO(a0__buf) key = A0__BUF_INIT(KEY_MAX);
    A0_AUTO(a0__buf) value = A0__BUF_INIT(VALUE_MAX);

    key_of(client, &key);
    *out_found =
        a0__buf_ok(&key) &&
        a0__sealed_cache_get(client, a0__buf_cstr(&key), A0__NO_TEXT, &value) &&
        read_value(client, a0__buf_view(&value), tenant);
}

void
a0__provider_cache_keep(a0_client *client, a0__text metadata, a0__text jwks,
                        int64_t ttl_ms)
{
    A0_AUTO(a0__buf) key = A0__BUF_INIT(KEY_MAX);
    A0_AUTO(a0__buf) value = A0__BUF_INIT(VALUE_MAX);

    key_of(client, &key);
    a0__pack_text(&value, metadata);
    a0__pack_text(&value, jwks);
    a0__pack_i64(&value, a0__add_saturating(a0__client_wall_ms(client), ttl_ms));
    if (a0__buf_ok(&key) && a0__buf_ok(&value)) {
        a0__sealed_cache_set(client, a0__buf_cstr(&key), A0__NO_TEXT,
                             a0__buf_view(&value), ttl_ms / 1000);
    }
}
