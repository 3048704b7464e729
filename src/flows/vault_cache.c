/* SPDX-License-Identifier: MIT */
#include "flows/vault_cache.h"

#include <string.h>

#include "oauth/refresh.h"

enum {
    GENERATION_OCTETS = 16,
    GENERATION_TTL_S = 30 * 86400
};

void
a0__vault_place_auto(a0__vault_place *place)
{
    a0__buf_clear(&place->tuple);
}

void
a0__vault_found_auto(a0__vault_found *found)
{
    a0__buf_clear(&found->plain);
}

/* ---- names ---- */

static a0_status
name_of(const char *prefix, a0__text tuple, char out[A0__VAULT_NAME_MAX],
        a0_error **err)
{
    A0_AUTO(a0__buf) name = A0__BUF_INIT(A0__VAULT_NAME_MAX - 1);

    a0__buf_string(&name, prefix);
    A0_TRY(a0__sha256_hex(tuple, &name, err));
    A0_TRY(a0__buf_check(&name, err));
    memcpy(out, a0__buf_cstr(&name), name.len + 1);
    return A0_OK;
}

/* Members with their lengths: no two tuples read the same [VAULT-01]. */
static void
add(a0__buf *tuple, a0__text member)
{
    a0__buf_u64(tuple, member.len);
    a0__buf_byte(tuple, ':');
    a0__buf_text(tuple, member);
}

static void
add_application(const a0_client *client, a0__buf *tuple)
{
    add(tuple, a0__text_of(client->settings->issuer));
    add(tuple, a0__text_of(client->settings->client_id));
}

/* A person has one generation; a token that a caller brings has its own. */
static a0_status
name_generation(const a0_client *client, a0__text sub, a0__text session,
                char out[A0__VAULT_NAME_MAX], a0_error **err)
{
    A0_AUTO(a0__buf) tuple = A0__BUF_INIT(A0__VAULT_TUPLE_MAX);

    add_application(client, &tuple);
    add(&tuple, sub);
    if (sub.len == 0) {
        add(&tuple, session);
    }
    A0_TRY(a0__buf_check(&tuple, err));
    return name_of("vault-generation|", a0__buf_view(&tuple), out, err);
}

a0_status
a0__vault_place_of(const a0_client *client, const a0__vault_key *key,
                   a0__vault_place *out, a0_error **err)
{
    a0__buf *tuple = &out->tuple;

    *tuple = A0__BUF_INIT(A0__VAULT_TUPLE_MAX);
    add_application(client, tuple);
    add(tuple, key->sub);
    add(tuple, key->session);
    add(tuple, key->org_id);
    add(tuple, key->connection);
    add(tuple, key->has_login_hint ? A0__LIT("hint") : A0__NO_TEXT);
    add(tuple, key->login_hint);
    add(tuple, key->scope);
    A0_TRY(a0__buf_check(tuple, err));
    out->holder = key->holder;
    A0_TRY(name_of("vault|", a0__buf_view(tuple), out->flight, err));
    return name_generation(client, key->sub, key->session, out->generation, err);
}

/* ---- the generation ---- */

static a0_status
copy_secret(void *self, const void *bytes, size_t len, a0_error **err)
{
    return a0__secret_set(self, bytes, len, err);
}

static bool
read_generation(a0_client *client, const a0__vault_place *place, a0__secret *out)
{
    const a0_cache *cache = client->ports.cache;

    return cache->get(client->ports.cache_self, place->generation, copy_secret, out,
                      NULL) == A0_OK &&
           a0__secret_is_set(out);
}

a0_status
a0__vault_cache_generation(a0_client *client, const a0__vault_place *place,
                           a0__secret *out, a0_error **err)
{
    a0__text text = A0__NO_TEXT;

    if (read_generation(client, place, out)) {
        return A0_OK;
    }
    A0_TRY(a0__client_random(client, GENERATION_OCTETS, out, err));
    text = a0__secret_expose(out);
    /* A cache that can not keep it keeps no token either. */
    a0__ignore(client->ports.cache->set(client->ports.cache_self, place->generation,
                                        text.ptr, text.len, GENERATION_TTL_S, NULL));
    return A0_OK;
}

void
a0__vault_cache_forget_holder(a0_client *client, const a0__vault_place *place)
{
    a0__ignore(
        client->ports.cache->remove(client->ports.cache_self, place->generation, NULL));
}

void
a0__vault_cache_forget(a0_client *client, a0__text sub)
{
    a0__vault_place place = { .tuple = A0__BUF_INIT(0) };

    if (name_generation(client, sub, A0__NO_TEXT, place.generation, NULL) == A0_OK) {
        a0__vault_cache_forget_holder(client, &place);
    }
}

/* ---- tokens ---- */

/* The tuple stands in the key as a hash and in what is authenticated as it is. */
typedef struct seat {
    char name[A0__VAULT_NAME_MAX];
    a0_record record;
    a0__seal_place place;
} seat;

static a0_status
seat_of(const a0_client *client, const a0__vault_place *place,
        const a0__secret *generation, seat *out, a0_error **err)
{
    A0_AUTO(a0__buf) tuple = A0__BUF_INIT(A0__VAULT_TUPLE_MAX + A0__VAULT_NAME_MAX);

    add(&tuple, a0__secret_expose(generation));
    a0__buf_text(&tuple, a0__buf_view(&place->tuple));
    A0_TRY(a0__buf_check(&tuple, err));
    A0_TRY(name_of("vault|", a0__buf_view(&tuple), out->name, err));
    out->record = (a0_record){ .size = sizeof out->record,
                               .key = out->name,
                               .owner = a0__buf_cstr(&place->tuple),
                               .user_id = "",
                               .sid = "" };
    out->place = (a0__seal_place){ .purpose = A0__SEAL_CACHE,
                                   .tenant = client->settings->issuer,
                                   .site = client->settings->session_site,
                                   .record = &out->record,
                                   .holder = place->holder };
    return A0_OK;
}

static bool
unpack(a0__text packed, a0__kept_token *out)
{
    a0__unpack in = a0__unpack_of(packed);

    *out = (a0__kept_token){ .audience = A0__LIT("") };
    out->access_token = a0__unpack_text(&in);
    out->scope_granted = a0__unpack_text(&in);
    out->obtained_at = a0__unpack_i64(&in);
    out->expires_at = a0__unpack_i64(&in);
    return a0__unpack_done(&in);
}

static a0_status
copy_bytes(void *self, const void *bytes, size_t len, a0_error **err)
{
    a0__buf_bytes(self, bytes, len);
    return a0__buf_check(self, err);
}

a0_status
a0__vault_cache_find(a0_client *client, const a0__vault_place *place,
                     a0__vault_found *out, a0_error **err)
{
    A0_AUTO(a0__secret) generation = A0__SECRET_INIT;
    A0_AUTO(a0__buf) sealed = A0__BUF_INIT(A0_RECORD_DATA_MAX);
    a0__opening opening = A0__TAMPERED;
    seat at;

    out->is_found = false;
    a0__buf_reset(&out->plain);
    if (!read_generation(client, place, &generation)) {
        return A0_OK;
    }
    A0_TRY(seat_of(client, place, &generation, &at, err));
    if (client->ports.cache->get(client->ports.cache_self, at.name, copy_bytes, &sealed,
                                 NULL) != A0_OK) {
        return A0_OK;
    }
    A0_TRY(a0__open(client->keyring, &at.place, a0__buf_view(&sealed), &out->plain,
                    &opening, err));
    out->is_found =
        opening == A0__OPENED && unpack(a0__buf_view(&out->plain), &out->token) &&
        a0__access_token_is_fresh(out->token.obtained_at, out->token.expires_at,
                                  a0__client_now_s(client));
    return A0_OK;
}

void
a0__vault_cache_keep(a0_client *client, const a0__vault_place *place,
                     const a0__secret *generation, const a0__kept_token *token)
{
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(A0_RECORD_DATA_MAX);
    A0_AUTO(a0__buf) sealed = A0__BUF_INIT(A0_RECORD_DATA_MAX);
    int64_t lifetime_s = token->expires_at - token->obtained_at;
    int64_t ttl_s = lifetime_s - a0__refresh_margin(lifetime_s);
    seat at;

    a0__pack_text(&plain, token->access_token);
    a0__pack_text(&plain, token->scope_granted);
    a0__pack_i64(&plain, token->obtained_at);
    a0__pack_i64(&plain, token->expires_at);
    if (a0__buf_ok(&plain) && seat_of(client, place, generation, &at, NULL) == A0_OK &&
        a0__seal(client->keyring, &at.place, a0__buf_view(&plain), &sealed, NULL) ==
            A0_OK &&
        a0__buf_ok(&sealed)) {
        a0__ignore(client->ports.cache->set(client->ports.cache_self, at.name,
                                            sealed.ptr, sealed.len, ttl_s, NULL));
    }
}
