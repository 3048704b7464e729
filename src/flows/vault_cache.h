/* SPDX-License-Identifier: MIT */
/*
 * Provider tokens in the cache port: under a key of everything that tells two of them
 * apart and sealed for it, with a secret that only their holder has, so that a look-up
 * that goes astray opens nothing [VAULT-01, VAULT-02]. Part of the key is a person's
 * generation, which stands in the store: with a new one, all that was kept before is
 * out of reach, on every node at once [VAULT-07].
 */
#ifndef A0_FLOWS_VAULT_CACHE_H
#define A0_FLOWS_VAULT_CACHE_H

#include "flows/rows.h"
#include "flows/sealed_cache.h"
#include "session/session_record.h"

/* Whose token it is, and which. All borrowed. */
typedef struct a0__vault_key {
    a0__text sub;     /* the person; "" for a refresh token that a caller brings */
    a0__text session; /* where the session's row stands, or a hash of that token */
    a0__text org_id;
    a0__text holder; /* the secret: the session's id, or that token */
    a0__text connection;
    bool has_login_hint;
    a0__text login_hint;
    a0__text scope; /* wanted, sorted */
    bool only_connected;
} a0__vault_key;

enum {
    A0__VAULT_TUPLE_MAX = 6144
};

/* The key as it is used. */
typedef struct a0__vault_place {
    a0__buf tuple;
    a0__text holder;
    char generation_key[A0__CACHE_KEY_MAX]; /* where the generation stands */
    char key[A0__CACHE_KEY_MAX]; /* of cache and flight, as of the last look */
} a0__vault_place;

void a0__vault_place_auto(a0__vault_place *place);
A0_MUST_USE a0_status a0__vault_place_of(const a0_client *client,
                                         const a0__vault_key *key, a0__vault_place *out,
                                         a0_error **err);

/* A token that was found; `token` has views into `plain`. */
typedef struct a0__vault_found {
    a0__buf plain;
    a0__kept_token token;
    bool is_found;
} a0__vault_found;

#define A0__VAULT_FOUND_INIT                                                           \
    ((a0__vault_found){ .plain = A0__BUF_INIT(A0_RECORD_DATA_MAX) })

void a0__vault_found_auto(a0__vault_found *found);

/*
 * Looks for the token under the person's present generation. A cache that can not be
 * asked is an empty one. Statuses: no_memory, internal, store_*.
 */
A0_MUST_USE a0_status a0__vault_cache_find(a0_client *client, a0__vault_place *place,
                                           a0__vault_found *out, a0_error **err);

/* Keeps a token until shortly before it expires, under the generation of the last look:
 * what was asked for before a disconnect is not found after it. Best effort. */
void a0__vault_cache_keep(a0_client *client, const a0__vault_place *place,
                          const a0__kept_token *token);

/* ---- forgetting: after a disconnect, a link, a sign-out ---- */

/* Drops every token of that person, whatever the session, connection and hint, on every
 * node, and those of the refresh tokens that are kept here for them, which a caller may
 * have brought. Errors: store_*, rng_failure. */
A0_MUST_USE a0_status a0__vault_cache_forget(a0_client *client, a0__text sub,
                                             a0_error **err);
/* The same for whoever the place belongs to. */
A0_MUST_USE a0_status a0__vault_cache_forget_holder(a0_client *client,
                                                    const a0__vault_place *place,
                                                    a0_error **err);

/* The same as part of a batch, for the person, or for one refresh token whoever brought
 * it; two changes each. Lives until the commit. */
typedef struct a0__vault_forgetting {
    char key[A0__CACHE_KEY_MAX];
    a0__secret generation;
} a0__vault_forgetting;

void a0__vault_forgetting_auto(a0__vault_forgetting *forgetting);
A0_MUST_USE a0_status a0__vault_forgetting_add(a0__vault_forgetting *forgetting,
                                               a0__batch *batch, a0_client *client,
                                               a0__text sub, a0_error **err);
A0_MUST_USE a0_status a0__vault_forgetting_add_token(a0__vault_forgetting *forgetting,
                                                     a0__batch *batch,
                                                     a0_client *client,
                                                     const a0__secret *refresh_token,
                                                     a0_error **err);

#endif
