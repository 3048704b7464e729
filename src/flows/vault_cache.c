/* SPDX-License-Identifier: MIT */
#include "flows/vault_cache.h"

#include <string.h>

#include "oauth/refresh.h"

enum {
    TUPLE_USUAL = 400,
    GENERATION_OCTETS = 16,
    GENERATION_MAX = 22, /* base64url of those */
    GENERATION_TTL_S = 30 * 86400,
    /* Less than a generation lives: a row that is gone brings nothing back. */
    KEEP_MAX_S = 86400
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

void
a0__vault_forgetting_auto(a0__vault_forgetting *forgetting)
{
    a0__secret_clear(&forgetting->generation);
}

/* ---- names ---- */

static a0_status
name_of(const char *prefix, a0__text tuple, char out[A0__CACHE_KEY_MAX], a0_error **err)
{
    A0_AUTO(a0__buf) name = A0__BUF_INIT(A0__CACHE_KEY_MAX - 1);

    a0__buf_reserve(&name, A0__CACHE_KEY_MAX - 1);
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

/* A person has one generation; a token that a caller brings has its own. Hashed: when
 * somebody is erased, the row that forgets their tokens must not name them [STOR-12].
 */
static a0_status
name_generation(a0__text sub, a0__text session, char out[A0__CACHE_KEY_MAX],
                a0_error **err)
{
    return sub.len > 0 ? name_of("vault|", sub, out, err)
                       : name_of("vault-token|", session, out, err);
}

a0_status
a0__vault_place_of(const a0_client *client, const a0__vault_key *key,
                   a0__vault_place *out, a0_error **err)
{
    a0__buf *tuple = &out->tuple;

    *tuple = A0__BUF_INIT(A0__VAULT_TUPLE_MAX);
    a0__buf_reserve(tuple, TUPLE_USUAL);
    add_application(client, tuple);
    add(tuple, key->sub);
    add(tuple, key->session);
    add(tuple, key->org_id);
    add(tuple, key->connection);
    add(tuple, key->has_login_hint ? A0__LIT("hint") : A0__NO_TEXT);
    add(tuple, key->login_hint);
    add(tuple, key->scope);
    add(tuple, key->only_connected ? A0__LIT("connected") : A0__NO_TEXT);
    A0_TRY(a0__buf_check(tuple, err));
    out->holder = key->holder;
    return name_generation(key->sub, key->session, out->generation_key, err);
}

/* ---- the generation ---- */

static a0_status
take_generation(void *self, const a0_record *record, a0_error **err)
{
    a0__buf_string(self, record->owner);
    return a0__buf_check(self, err);
}

/* Finishes the key. Most people have never forgotten anything: no row is the first
 * generation. */
static a0_status
locate(a0_client *client, a0__vault_place *place, a0_error **err)
{
    A0_AUTO(a0__buf) generation = A0__BUF_INIT(GENERATION_MAX);
    A0_AUTO(a0__error_ptr) failure = NULL;
    size_t tuple_len = place->tuple.len;
    a0_status status = client->ports.store->get(
        client->ports.store_self, A0_RECORD_MARK, place->generation_key,
        a0__client_now_s(client), take_generation, &generation, &failure);

    if (status != A0_OK && status != A0_NOT_FOUND) {
        a0__error_move(err, &failure);
        return status;
    }
    add(&place->tuple, a0__buf_view(&generation));
    status = a0__buf_check(&place->tuple, err);
    if (status == A0_OK) {
        status = name_of("vault|", a0__buf_view(&place->tuple), place->key, err);
    }
    a0__buf_cut(&place->tuple, tuple_len);
    return status;
}

/* The generation is random, so that two nodes which forget at once agree afterwards,
 * whoever was last. */
static a0_status
add_generation(a0__batch *batch, a0_client *client, const char *key,
               a0__secret *generation, a0_error **err)
{
    int64_t now = a0__client_now_s(client);

    A0_TRY(a0__client_random(client, GENERATION_OCTETS, generation, err));
    A0_TRY(a0__batch_condition(batch, A0_STORE_ERASE, A0_RECORD_MARK, key, 0, err));
    return a0__batch_insert(
        batch, client,
        &(a0_record){ .size = sizeof(a0_record),
                      .kind = A0_RECORD_MARK,
                      .key = key,
                      .created_at = now,
                      .expires_at = a0__add_saturating(now, GENERATION_TTL_S),
                      .owner = a0__secret_expose_cstr(generation),
                      .user_id = "",
                      .sid = "" },
        NULL, A0__NO_TEXT, err);
}

a0_status
a0__vault_forgetting_add(a0__vault_forgetting *forgetting, a0__batch *batch,
                         a0_client *client, a0__text sub, a0_error **err)
{
    A0_TRY(name_generation(sub, A0__NO_TEXT, forgetting->key, err));
    return add_generation(batch, client, forgetting->key, &forgetting->generation, err);
}

a0_status
a0__vault_forgetting_add_token(a0__vault_forgetting *forgetting, a0__batch *batch,
                               a0_client *client, const a0__secret *refresh_token,
                               a0_error **err)
{
    char fingerprint[A0__ROW_KEY_LEN + 1];

    A0_TRY(a0__row_key(a0__secret_expose(refresh_token), fingerprint, err));
    A0_TRY(
        name_generation(A0__NO_TEXT, a0__text_of(fingerprint), forgetting->key, err));
    return add_generation(batch, client, forgetting->key, &forgetting->generation, err);
}

a0_status
a0__vault_cache_forget_holder(a0_client *client, const a0__vault_place *place,
                              a0_error **err)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__secret) generation = A0__SECRET_INIT;
    bool applied = false;

    A0_TRY(add_generation(&batch, client, place->generation_key, &generation, err));
    return a0__batch_commit(&batch, client, &applied, err);
}

/* ---- tokens ---- */

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

a0_status
a0__vault_cache_find(a0_client *client, a0__vault_place *place, a0__vault_found *out,
                     a0_error **err)
{
    out->is_found = false;
    a0__buf_reset(&out->plain);
    A0_TRY(locate(client, place, err));
    out->is_found =
        a0__sealed_cache_get(client, place->key, place->holder, &out->plain) &&
        unpack(a0__buf_view(&out->plain), &out->token) &&
        a0__access_token_is_fresh(out->token.obtained_at, out->token.expires_at,
                                  a0__client_now_s(client));
    return A0_OK;
}

void
a0__vault_cache_keep(a0_client *client, const a0__vault_place *place,
                     const a0__kept_token *token)
{
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(A0_RECORD_DATA_MAX);
    int64_t lifetime_s = token->expires_at - token->obtained_at;
    int64_t ttl_s = lifetime_s - a0__refresh_margin(lifetime_s);

    a0__pack_text(&plain, token->access_token);
    a0__pack_text(&plain, token->scope_granted);
    a0__pack_i64(&plain, token->obtained_at);
    a0__pack_i64(&plain, token->expires_at);
    if (a0__buf_ok(&plain)) {
        a0__sealed_cache_set(client, place->key, place->holder, a0__buf_view(&plain),
                             ttl_s < KEEP_MAX_S ? ttl_s : KEEP_MAX_S);
    }
}
