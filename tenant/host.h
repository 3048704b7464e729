/* SPDX-License-Identifier: MIT */
/* The listener: routes, the mutex, the journal, and the faults that any endpoint has.
 */
#ifndef A0_TENANT_HOST_H
#define A0_TENANT_HOST_H

#include "core.h"
#include "server/route.h"

/* Texts are borrowed until the call returns, but for the PEM texts: until the stop. */
typedef struct a0__host_options {
    const char *listen;
    unsigned port;
    const char *certificate_pem; /* NULL: plain HTTP */
    const char *key_pem;
} a0__host_options;

A0_MUST_USE a0_status a0__host_start(a0__tenant *tenant,
                                     const a0__host_options *options, a0__host **out,
                                     a0_error **err);
unsigned a0__host_port(const a0__host *host);
/* All that is served, for who has no socket. */
const a0__web_site *a0__host_site(const a0__host *host);
void a0__host_stop(a0__host *host);

#endif
