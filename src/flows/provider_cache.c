/* SPDX-License-Identifier: MIT */
#include "flows/provider_cache.h"

#include "base/pack.h"
#include "flows/client.h"

enum {
    KEY_MAX = 512,
    VALUE_MAX = A0__HTTP_DISCOVERY_MAX + A0__HTTP_JWKS_MAX + 64,
    SEALED_MAX = VALUE_MAX + A0__SEAL_OVERHEAD
};

static void
key_of(const a0_client *client, a0__buf *out)
{
    a0__buf_string(out, "a0|tenant|");
    a0__buf_string(out, client->settings->issuer);
}

static a0_status
copy_value(void *self, const void *bytes, size_t len, a0_error **err)
{
    a0__buf_bytes(self, bytes, len);
    return a0__buf_check(self, err);
}

/* Whoever writes into a shared cache could otherwise put a key of his own among ours.
 */
static a0__seal_place
place_of(const a0_client *client, const a0_record *entry)
{
    return (a0__seal_place){ .purpose = A0__SEAL_CACHE,
                             .tenant = client->settings->issuer,
                             .record = entry };
}

static bool
open_value(const a0_client *client, const char *key, a0__text value, a0__buf *out)
{
    const a0_record entry = { .size = sizeof entry, .key = key };
    const a0__seal_place place = place_of(client, &entry);
    a0__opening opening = A0__TAMPERED;

    return a0__open(client->keyring, &place, value, out, &opening, NULL) == A0_OK &&
           opening == A0__OPENED;
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

void
a0__provider_cache_load(a0_client *client, a0__tenant *tenant, bool *out_found)
{
    A0_AUTO(a0__buf) key = A0__BUF_INIT(KEY_MAX);
    A0_AUTO(a0__buf) sealed = A0__BUF_INIT(SEALED_MAX);
    A0_AUTO(a0__buf) value = A0__BUF_INIT(VALUE_MAX);

    key_of(client, &key);
    *out_found =
        a0__buf_ok(&key) &&
        client->ports.cache->get(client->ports.cache_self, a0__buf_cstr(&key),
                                 copy_value, &sealed, NULL) == A0_OK &&
        open_value(client, a0__buf_cstr(&key), a0__buf_view(&sealed), &value) &&
        read_value(client, a0__buf_view(&value), tenant);
}

void
a0__provider_cache_keep(a0_client *client, a0__text metadata, a0__text jwks,
                        int64_t ttl_ms)
{
    A0_AUTO(a0__buf) key = A0__BUF_INIT(KEY_MAX);
    A0_AUTO(a0__buf) value = A0__BUF_INIT(VALUE_MAX);
    A0_AUTO(a0__buf) sealed = A0__BUF_INIT(SEALED_MAX);
    a0_record entry = { .size = sizeof entry };
    const a0__seal_place place = place_of(client, &entry);

    key_of(client, &key);
    entry.key = a0__buf_cstr(&key);
    a0__pack_text(&value, metadata);
    a0__pack_text(&value, jwks);
    a0__pack_i64(&value, a0__add_saturating(a0__client_wall_ms(client), ttl_ms));
    if (a0__buf_ok(&key) && a0__buf_ok(&value) &&
        a0__seal(client->keyring, &place, a0__buf_view(&value), &sealed, NULL) ==
            A0_OK &&
        a0__buf_ok(&sealed)) {
        a0__ignore(client->ports.cache->set(client->ports.cache_self,
                                            a0__buf_cstr(&key), sealed.ptr, sealed.len,
                                            ttl_ms / 1000, NULL));
    }
}
