/* SPDX-License-Identifier: MIT */
/*
 * The tenant's inside, as its handlers see it. One mutex guards everything here: a
 * handler runs under it from its first line to its last, so it reads like a script and
 * the state file is written before an answer leaves. Nothing that waits for another
 * program runs under it.
 */
#ifndef A0_TENANT_CORE_H
#define A0_TENANT_CORE_H

#include <pthread.h>
#include <stdatomic.h>

#include "faults.h"
#include "jose/signing_key.h"
#include "model.h"
#include "tenant.h"
#include "tls.h"

typedef struct a0__state a0__state;
typedef struct a0__journal a0__journal;
typedef struct a0__host a0__host;
typedef struct a0__raw a0__raw;

enum {
    A0__PARSED_KEYS_MAX = 16
};

typedef struct a0__parsed_key {
    char *kid;
    a0__signing_key *key;
} a0__parsed_key;

/* How many requests are left, in thousandths, and when that was so. */
typedef struct a0__rate_bucket {
    int64_t left;
    int64_t at_ms;
} a0__rate_bucket;

struct a0__tenant {
    pthread_mutex_t mutex;
    char *issuer;   /* with the last slash */
    char *base_url; /* without */
    a0__table tables[A0__KINDS_LEN];
    a0__table user_index; /* the users as the search index has them (user_index.h) */
    int64_t user_index_at;
    a0__rate_bucket management_bucket;
    a0__faults faults;
    a0__parsed_key parsed_keys[A0__PARSED_KEYS_MAX];
    a0__list next_logins;   /* user ids for the next /authorize, first come first */
    a0__list next_connects; /* accounts for the next connects, likewise */
    a0__list logout_queue;  /* url, token, url, token … */
    int64_t clock_offset_s;
    atomic_bool is_stopping;    /* who waits on purpose waits no longer */
    a0__tls_identity authority; /* empty until it is asked for */
    char *seed;                 /* for POST /_tenant/reset */
    a0__state *state;
    a0__journal *journal;
    a0__host *host; /* the listener */
    a0__raw *raw;   /* the listener of byte-exact answers; made when asked for */
};

/* Unix seconds of the tenant's clock; milliseconds. */
int64_t a0__tenant_now(const a0__tenant *tenant);
int64_t a0__tenant_now_ms(const a0__tenant *tenant);
/* The same as "2026-03-04T05:06:07.089Z". */
char *a0__tenant_now_iso(const a0__tenant *tenant);

/* prefix and 22 random characters or more; ends the tenant without randomness. */
char *a0__tenant_new_id(const char *prefix);
/* 24 hex digits: what user ids of a database look like. */
char *a0__tenant_new_hex_id(const char *prefix);
/* 16: connections and organizations (wire §1.1). */
char *a0__tenant_new_short_id(const char *prefix);

a0__tenant_settings *a0__tenant_settings_of(const a0__tenant *tenant);
a0__client *a0__tenant_client(const a0__tenant *tenant, a0__text client_id);
a0__connection *a0__tenant_connection(const a0__tenant *tenant, a0__text name);
bool a0__connection_is_database(const a0__connection *connection);
/* Whether the connection is enabled for the client. */
bool a0__client_uses(const a0__client *client, const a0__connection *connection);
/* An organization by id or, where the tenant allows it, by name. */
a0__organization *a0__tenant_organization(const a0__tenant *tenant, a0__text id);

/* The authority behind the certificates of this tenant; borrowed. */
A0_MUST_USE a0_status a0__tenant_authority(a0__tenant *tenant,
                                           const a0__tls_identity **out,
                                           a0_error **err);

/* Removes what has expired. */
void a0__tenant_sweep(a0__tenant *tenant);

#endif
