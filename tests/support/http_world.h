/* SPDX-License-Identifier: MIT */
/* The built-in transport in front of a raw server, for tests. */
#ifndef A0_TESTS_HTTP_WORLD_H
#define A0_TESTS_HTTP_WORLD_H

#include "http/curl.h"
#include "http/http.h"
#include "raw_server.h"

typedef struct http_world {
    a0__http http;
    raw_server *server;
} http_world;

enum {
    HTTP_WORLD_DEADLINE_MS = 10000, /* for what is to succeed */
    HTTP_WORLD_SHORT_MS = 300       /* for what is to run into its deadline */
};

/* The transport trusts the raw server's CA and resolves every name to 127.0.0.1. */
http_world http_world_start(raw_tls tls, raw_script script, void *self);
http_world http_world_start_with(a0__curl_options options, raw_tls tls,
                                 raw_script script, void *self);
void http_world_end(http_world *world);

bool http_world_resolve(void *self, const char *host, a0__net_addresses *out);

/* Frees this thread's buffer; http_world_end does it for the test's own thread. */
void http_world_forget_answer(void);

/* GET: the body when all is well, else the error's id, in a buffer of the thread. */
const char *http_world_get(const http_world *world, const char *path,
                           int64_t deadline_ms);
/* The same for POST with a body; out_sent may be NULL. */
const char *http_world_post(const http_world *world, const char *path, const char *body,
                            int64_t deadline_ms, bool *out_sent);
const char *http_world_fetch(a0__http http, const char *url, int64_t deadline_ms);

#endif
