/* SPDX-License-Identifier: MIT */
/*
 * Provider tokens in the cache port: under a key of everything that tells two of them
 * apart, sealed with the same tuple and with a secret that only their holder has, so
 * that a look-up that goes astray opens nothing [VAULT-01, VAULT-02].
 */
#ifndef A0_FLOWS_VAULT_CACHE_H
#define A0_FLOWS_VAULT_CACHE_H

#include "flows/rows.h"
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
} a0__vault_key;

enum {
    A0__VAULT_TUPLE_MAX = 6144,
    A0__VAULT_NAME_MAX = 96
};

/* The key as it is used. What a person's tokens are kept under changes with their
 * generation: with a new one, all older ones are out of reach. */
typedef struct a0__vault_place {
    a0__buf tuple;
    a0__text holder;
    char flight[A0__VAULT_NAME_MAX];     /* for single-flight */
    char generation[A0__VAULT_NAME_MAX]; /* where the generation is kept */
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

/* A cache that can not be asked is an empty one. Statuses: no_memory, internal. */
A0_MUST_USE a0_status a0__vault_cache_find(a0_client *client,
                                           const a0__vault_place *place,
                                           a0__vault_found *out, a0_error **err);

/* The generation under which a token that is asked for now may be kept: read before the
 * exchange, so that a token of before a disconnect is not kept after it. */
A0_MUST_USE a0_status a0__vault_cache_generation(a0_client *client,
                                                 const a0__vault_place *place,
                                                 a0__secret *out, a0_error **err);
/* Until shortly before it expires; best effort. */
void a0__vault_cache_keep(a0_client *client, const a0__vault_place *place,
                          const a0__secret *generation, const a0__kept_token *token);

/* Drops every token of that person, whatever the session, connection and hint. */
void a0__vault_cache_forget(a0_client *client, a0__text sub);
/* The same for whoever the place belongs to. */
void a0__vault_cache_forget_holder(a0_client *client, const a0__vault_place *place);

#endif
