/* SPDX-License-Identifier: MIT */
/* Refresh tokens and their families (wire §7). */
#ifndef A0_TENANT_REFRESH_H
#define A0_TENANT_REFRESH_H

#include "exchange.h"

/* Begins a family with its first token; the token is borrowed from the table. */
const char *a0__refresh_begin(a0__exchange *x, const a0__client *client,
                              const a0__authorization *code, const char *scope,
                              int64_t auth_time, char **out_family);
a0__refresh_token *a0__refresh_add(a0__exchange *x, const char *family,
                                   const char *parent);
a0__refresh_family *a0__refresh_family_of(const a0__tenant *tenant, a0__text token);
/* Whether it is this client's and neither revoked nor expired; family NULL: no. */
bool a0__refresh_is_live(const a0__exchange *x, const a0__client *client,
                         const a0__refresh_family *family,
                         const a0__refresh_token *token);
/* The setting of the client, or what the fault rt.rotation says in its place. */
bool a0__client_rotates(a0__tenant *tenant, const a0__client *client);
void a0__refresh_revoke(a0__tenant *tenant, a0__text family_id);

/* Wire §7.3, on plain values: what becomes of a token that is presented. */
typedef enum a0__rotation {
    A0__KEEP,   /* rotation is off: the same token stays good */
    A0__ROTATE, /* a successor is issued */
    A0__REUSED  /* a token of the past: theft */
} a0__rotation;

typedef struct a0__rotation_facts {
    bool is_rotating;
    int64_t leeway;
    int64_t rotated_at;      /* 0: the token has no successor */
    bool successor_was_used; /* then this one is not "immediately previous" */
    int64_t now;
} a0__rotation_facts;

a0__rotation a0__rotation_decide(const a0__rotation_facts *facts);

#endif
