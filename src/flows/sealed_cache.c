/* SPDX-License-Identifier: MIT */
#include "flows/sealed_cache.h"

#include <string.h>

#include "base/pack.h"

enum {
    PLACE_MAX = 4096,
    SEALED_MAX = 2 * 1024 * 1024
};

a0_status
a0__management_cache_key(const a0_client *client, const char *kind, a0__text detail,
                         char out[A0__CACHE_KEY_MAX], a0_error **err)
{
    A0_AUTO(a0__buf) tuple = A0__BUF_INIT(PLACE_MAX);
    A0_AUTO(a0__buf) key = A0__BUF_INIT(A0__CACHE_KEY_MAX - 1);

    a0__pack_string(&tuple, client->settings->management_domain);
    a0__pack_string(&tuple, client->settings->management_client_id);
    a0__pack_string(&tuple, client->settings->management_audience);
    a0__pack_text(&tuple, detail);
    A0_TRY(a0__buf_check(&tuple, err));
    a0__buf_string(&key, "a0|");
    a0__buf_string(&key, kind);
    a0__buf_byte(&key, '|');
    A0_TRY(a0__sha256_hex(a0__buf_view(&tuple), &key, err));
    A0_TRY(a0__buf_check(&key, err));
    memcpy(out, key.ptr, key.len + 1);
    return A0_OK;
}

/* A value of the cache is a record of kind 0 with its cache key. */
static a0_record
record_of(const char *key)
{
    return (a0_record){ .size = sizeof(a0_record),
                        .key = key,
                        .version = 1,
                        .owner = "",
                        .user_id = "",
                        .sid = "" };
}

static a0__seal_place
place_of(const a0_client *client, const a0_record *record, a0__text holder)
{
    return (a0__seal_place){ .purpose = A0__SEAL_CACHE,
                             .tenant = client->settings->issuer,
                             .record = record,
                             .holder = holder };
}

static a0_status
copy_value(void *self, const void *bytes, size_t len, a0_error **err)
{
    a0__buf_bytes(self, bytes, len);
    return a0__buf_check(self, err);
}

bool
a0__sealed_cache_get(a0_client *client, const char *key, a0__text holder, a0__buf *out)
{
    A0_AUTO(a0__buf) sealed = A0__BUF_INIT(SEALED_MAX);
    a0_record record = record_of(key);
    a0__seal_place place = place_of(client, &record, holder);
    a0__opening opening = A0__TAMPERED;

    if (client->ports.cache->get(client->ports.cache_self, key, copy_value, &sealed,
                                 NULL) != A0_OK ||
        a0__open(client->keyring, &place, a0__buf_view(&sealed), out, &opening, NULL) !=
            A0_OK) {
        return false;
    }
    if (opening == A0__TAMPERED) {
        A0__LOG(client->log, A0_LOG_WARN, "cache.discarded",
                A0__FIELD_TEXT("error", a0__error_name(A0_E_store_tampered)));
    }
    return opening == A0__OPENED;
}

void
a0__sealed_cache_set(a0_client *client, const char *key, a0__text holder,
                     a0__text plain, int64_t ttl_s)
{
    A0_AUTO(a0__buf) sealed = A0__BUF_INIT(SEALED_MAX);
    a0_record record = record_of(key);
    a0__seal_place place = place_of(client, &record, holder);

    if (ttl_s > 0 && a0__seal(client->keyring, &place, plain, &sealed, NULL) == A0_OK) {
        a0__ignore(client->ports.cache->set(client->ports.cache_self, key, sealed.ptr,
                                            sealed.len, ttl_s, NULL));
    }
}

void
a0__sealed_cache_remove(a0_client *client, const char *key)
{
    a0__ignore(client->ports.cache->remove(client->ports.cache_self, key, NULL));
}
