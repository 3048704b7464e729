/* SPDX-License-Identifier: MIT */
/*
 * The local Auth0 tenant, in this process: what `a0 tenant`, `a0 demo` and C tests
 * start. It shares no protocol code with liba0, so that the two can witness against
 * each other.
 *
 *     a0__tenant_options options = { .port = 0 };
 *     A0_TRY(a0__tenant_start(&options, &tenant, err));
 *     printf("%s\n", a0__tenant_url(tenant));
 */
#ifndef A0_TENANT_TENANT_H
#define A0_TENANT_TENANT_H

#include <stdbool.h>
#include <stddef.h>

#include <a0/error.h>

typedef struct a0__tenant a0__tenant;

/* Texts are borrowed for the time of the call. NULL and 0 mean the default. */
typedef struct a0__tenant_options {
    const char *listen;    /* "localhost": both loopback addresses */
    unsigned port;         /* 0: the kernel chooses */
    const char *issuer;    /* "http://localhost:PORT/" */
    const char *seed_json; /* the people of docs/tenant.md */
    const char *seed_file; /* the same, in a file */
    const char *state_file;
    const char *tls_dir;
    /* Added to the allow-lists of the demo application of the default seed. */
    const char *const *callbacks;
    size_t callbacks_len;
    const char *const *logout_urls;
    size_t logout_urls_len;
} a0__tenant_options;

/*
 * Errors: config_invalid (naming what is wrong in options or seed), gw_start_failed,
 * store_unavailable, rng_failure.
 */
A0_MUST_USE a0_status a0__tenant_start(const a0__tenant_options *options,
                                       a0__tenant **out_tenant, a0_error **err);
void a0__tenant_stop(a0__tenant *tenant);

unsigned a0__tenant_port(const a0__tenant *tenant);
/* The issuer without its last slash: what a client writes as auth0_domain. */
const char *a0__tenant_url(const a0__tenant *tenant);
/* The file with the authority to trust; NULL without TLS. */
const char *a0__tenant_ca_file(const a0__tenant *tenant);
bool a0__tenant_is_loopback(const a0__tenant *tenant);

/* Somebody who can sign in, for a greeting. */
typedef struct a0__tenant_person {
    const char *name;
    const char *email; /* NULL: none */
    bool email_verified;
    const char *connection;
    const char *password; /* NULL: not by password, or one of their own choice */
} a0__tenant_person;

void a0__tenant_each_person(a0__tenant *tenant,
                            void (*each)(void *self, const a0__tenant_person *person),
                            void *self);

#endif
