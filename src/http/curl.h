/* SPDX-License-Identifier: MIT */
/* The built-in transport: one libcurl engine, shared by all threads of a client. */
#ifndef A0_HTTP_CURL_H
#define A0_HTTP_CURL_H

#include <a0/sys/transport.h>

#include "http/resolve.h"

typedef struct a0__curl_options {
    const char *ca_file;        /* replaces the system's trust; NULL: the system's */
    int64_t connect_timeout_ms; /* name, TCP and TLS together; 0: the default */
    bool forbid_private_addresses;
    a0__resolve_fn resolve; /* NULL: the system's */
    void *resolve_self;     /* lives as long as the process */
} a0__curl_options;

/*
 * Starts nothing yet: the engine's thread begins with the first request, in a forked
 * child anew. *out_self goes to the destroy function of the table, which ends requests
 * under way with http_cancelled. Errors: no_memory, internal (a libcurl without
 * OpenSSL).
 */
A0_MUST_USE a0_status a0__transport_curl_new(const a0__curl_options *options,
                                             const a0_transport **out_table,
                                             void **out_self, a0_error **err);

#endif
