/* SPDX-License-Identifier: MIT */
/*
 * A local tenant (a0 tenant) in a process of its own, reached over TLS by way of a
 * proxy that holds every byte back, and clients of it. What the benchmark itself asks
 * (codes, the list of requests) takes the short way.
 */
#ifndef A0_BENCH_TENANT_H
#define A0_BENCH_TENANT_H

#include <a0/a0.h>

#include "base/buf.h"
#include "support.h"

#define BENCH_REDIRECT_URI "http://localhost:3000/auth/callback"

typedef struct bench_tenant {
    bench_process tenant;
    bench_process proxy; /* pid 0: none */
    char folder[BENCH_PATH_MAX];
    char ca_file[BENCH_PATH_MAX];
    unsigned port;        /* of the tenant itself */
    unsigned client_port; /* where clients find it */
    /* JSON: of which connections its clients link accounts; NULL: of none */
    const char *linked_connections;
} bench_tenant;

/* delay_ms each way; 0 for none. */
void bench_tenant_start(bench_tenant *tenant, unsigned delay_ms);
void bench_tenant_stop(bench_tenant *tenant);

/* One that another process has started without a delay. */
void bench_tenant_at(bench_tenant *tenant, const char *folder, unsigned port);

/* A client with the store in a file of the tenant's folder, which others may share.
 * clock may be NULL. */
a0_client *bench_tenant_client(const bench_tenant *tenant, const a0_clock *clock,
                               void *clock_self);

/* Starts a sign-in in that session and has it answered at the tenant: the address the
 * browser comes back to. */
void bench_tenant_sign_in(const bench_tenant *tenant, a0_session *session,
                          a0__buf *out_callback_url);
void bench_tenant_sign_in_as(const bench_tenant *tenant, const char *user_id,
                             a0_session *session, a0__buf *out_callback_url);

/* One more user, as in the tenant's seed. */
void bench_tenant_add_user(const bench_tenant *tenant, const char *json);

/* A Google account of the person who signs in is in the tenant's vault. */
void bench_tenant_connect(const bench_tenant *tenant);

void bench_tenant_move_clock(const bench_tenant *tenant, int64_t offset_s);

/* The tenant's list of requests, emptied or counted. */
void bench_tenant_forget_requests(const bench_tenant *tenant);
/* How many there were to that path, or in all with NULL; *out_not_200 of them were not
 * answered with 200 (may be NULL). */
unsigned bench_tenant_requests(const bench_tenant *tenant, const char *path,
                               unsigned *out_not_200);

/* How often clients have waited for the tenant since the last time this was asked; only
 * with a delay. */
unsigned bench_tenant_round_trips(const bench_tenant *tenant);

#endif
