/* SPDX-License-Identifier: MIT */
#include "keys.h"

enum {
    JWK_MAX = 8 * 1024,
    KID_OF_ID = 21
};

static a0__key_record *
find(const a0__tenant *tenant, const char *state, a0__alg alg)
{
    const a0__table *table = &tenant->tables[A0__KEYS];

    for (a0__key_record *k = a0__table_first(table); k != NULL; k = a0__table_next(k)) {
        if (a0__text_is(a0__text_of(k->state), state) &&
            a0__text_is(a0__text_of(k->alg), a0__alg_name(alg))) {
            return k;
        }
    }
    return NULL;
}

static a0_status
make(a0__tenant *tenant, const char *state, a0__alg alg, a0_error **err)
{
    A0_AUTO(a0__signing_key_ptr) key = NULL;
    A0_AUTO(a0__secret) pem = A0__SECRET_INIT;
    a0__key_record *record = NULL;

    A0_TRY(a0__signing_key_generate(alg, &key, err));
    A0_TRY(a0__signing_key_write_pem(key, &pem, err));
    record = a0__row_new(&tenant->tables[A0__KEYS]);
    a0__free(record->kid);
    record->kid = a0__tenant_new_id("");
    record->kid[KID_OF_ID] = '\0';
    a0__keep_in(&record->alg, a0__text_of(a0__alg_name(alg)));
    a0__keep_in(&record->state, a0__text_of(state));
    a0__keep_in(&record->pem, a0__secret_expose(&pem));
    a0__table_put(&tenant->tables[A0__KEYS], record);
    return A0_OK;
}

static a0_status
make_if_missing(a0__tenant *tenant, const char *state, a0__alg alg, a0_error **err)
{
    return find(tenant, state, alg) != NULL ? A0_OK : make(tenant, state, alg, err);
}

a0_status
a0__keys_ensure(a0__tenant *tenant, a0_error **err)
{
    const a0__table *clients = &tenant->tables[A0__CLIENTS];
    a0__alg alg = A0__RS256;

    A0_TRY(make_if_missing(tenant, "current", A0__RS256, err));
    A0_TRY(make_if_missing(tenant, "next", A0__RS256, err));
    for (a0__client *c = a0__table_first(clients); c != NULL; c = a0__table_next(c)) {
        if (a0__alg_named(a0__text_of(c->id_token_signed_response_alg), &alg) &&
            alg != A0__HS256) {
            A0_TRY(make_if_missing(tenant, "current", alg, err));
        }
    }
    return A0_OK;
}

static void
set_state(a0__key_record *record, const char *state)
{
    a0__keep_in(&record->state, a0__text_of(state));
    a0__table_touch(record);
}

a0_status
a0__keys_rotate(a0__tenant *tenant, a0_error **err)
{
    A0_TRY(a0__keys_ensure(tenant, err));
    set_state(find(tenant, "current", A0__RS256), "previous");
    set_state(find(tenant, "next", A0__RS256), "current");
    return make(tenant, "next", A0__RS256, err);
}

bool
a0__keys_revoke(a0__tenant *tenant, a0__text kid)
{
    a0__table *table = &tenant->tables[A0__KEYS];
    a0__key_record *next = NULL;
    bool revoked = false;

    for (a0__key_record *k = a0__table_first(table); k != NULL; k = next) {
        next = a0__table_next(k);
        if (a0__text_is(A0__LIT("previous"), k->state) &&
            (kid.len == 0 || a0__text_is(kid, k->kid))) {
            a0__table_remove(table, k);
            revoked = true;
        }
    }
    a0__keys_forget(tenant);
    return revoked;
}

void
a0__keys_forget(a0__tenant *tenant)
{
    for (size_t i = 0; i < A0__PARSED_KEYS_MAX; i++) {
        a0__free(tenant->parsed_keys[i].kid);
        a0__signing_key_free(tenant->parsed_keys[i].key);
        tenant->parsed_keys[i] = (a0__parsed_key){ NULL, NULL };
    }
}

/* Reading a PEM costs as much as signing with it: keep what was read. */
static a0_status
parse(a0__tenant *tenant, const a0__key_record *record, const a0__signing_key **out_key,
      a0_error **err)
{
    size_t i = 0;

    while (i < A0__PARSED_KEYS_MAX && tenant->parsed_keys[i].key != NULL) {
        if (a0__text_is(a0__text_of(record->kid), tenant->parsed_keys[i].kid)) {
            *out_key = tenant->parsed_keys[i].key;
            return A0_OK;
        }
        i++;
    }
    if (i == A0__PARSED_KEYS_MAX) {
        a0__keys_forget(tenant);
        i = 0;
    }
    A0_TRY(a0__signing_key_read_pem(a0__text_of(record->pem),
                                    &tenant->parsed_keys[i].key, err));
    tenant->parsed_keys[i].kid = a0__keep(a0__text_of(record->kid));
    *out_key = tenant->parsed_keys[i].key;
    return A0_OK;
}

a0_status
a0__keys_find(a0__tenant *tenant, const char *state, a0__alg alg, const char **out_kid,
              const a0__signing_key **out_key, a0_error **err)
{
    const a0__key_record *record = NULL;

    A0_TRY(make_if_missing(tenant, state, alg, err));
    record = find(tenant, state, alg);
    A0_TRY(parse(tenant, record, out_key, err));
    *out_kid = record->kid;
    return A0_OK;
}

a0_status
a0__keys_write(a0__tenant *tenant, a0__text drop, a0__json_writer *w, a0_error **err)
{
    const a0__table *table = &tenant->tables[A0__KEYS];

    for (a0__key_record *k = a0__table_first(table); k != NULL; k = a0__table_next(k)) {
        A0_AUTO(a0__buf) jwk = A0__BUF_INIT(JWK_MAX);
        const a0__signing_key *key = NULL;
        a0__alg alg = A0__RS256;

        if (a0__text_is(A0__LIT("unpublished"), k->state) ||
            a0__text_is(drop, k->kid) ||
            (a0__text_is(drop, k->state) && drop.len > 0) ||
            !a0__alg_named(a0__text_of(k->alg), &alg)) {
            continue;
        }
        A0_TRY(parse(tenant, k, &key, err));
        A0_TRY(a0__signing_key_write_jwk(key, alg, k->kid, &jwk, err));
        a0__json_value_raw(w, a0__buf_view(&jwk));
    }
    return A0_OK;
}

a0_status
a0__keys_published(a0__tenant *tenant, a0__jwks **out, a0_error **err)
{
    A0_AUTO(a0__buf) set = A0__BUF_INIT(A0__JWKS_BYTES_MAX);
    a0__json_writer w = a0__json_writer_on(&set);

    a0__json_open(&w, '{');
    a0__json_name(&w, "keys");
    a0__json_open(&w, '[');
    A0_TRY(a0__keys_write(tenant, A0__NO_TEXT, &w, err));
    a0__json_close(&w, ']');
    a0__json_close(&w, '}');
    return a0__jwks_parse(a0__buf_view(&set), out, err);
}
