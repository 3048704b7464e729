/* SPDX-License-Identifier: MIT */
/*
 * The engine: one thread that turns one curl_multi. Callers of any thread hand it a
 * batch and wait. It never calls anything of others, so nothing but the network can
 * keep it, and that only for those who wait for that part of the network [HTTP-11].
 */
#ifndef A0_HTTP_ENGINE_H
#define A0_HTTP_ENGINE_H

#include "http/transfer.h"

typedef struct a0__engine a0__engine;

/* NULL without memory. The thread starts with the first batch. */
a0__engine *a0__engine_new(void);

/* For the options of transfers. */
a0__sockets *a0__engine_sockets(a0__engine *engine);

/* Runs transfers that are built and returns when each has its outcome: libcurl ends
 * them at their deadlines. */
void a0__engine_run(a0__engine *engine, a0__transfer *transfers, size_t transfers_len);

/* Ends everything with http_cancelled, waits for the thread. Later batches end at once.
 */
void a0__engine_stop(a0__engine *engine);
/* Accepts NULL; after a0__engine_stop, when nobody is in a0__engine_run any more. */
void a0__engine_free(a0__engine *engine);

#endif
