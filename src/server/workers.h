/* SPDX-License-Identifier: MIT */
/* Threads for what may wait, behind a queue with an end. */
#ifndef A0_SERVER_WORKERS_H
#define A0_SERVER_WORKERS_H

#include "base/error.h"

typedef struct a0__workers a0__workers;

/* Errors: no_memory, gw_start_failed. */
A0_MUST_USE a0_status a0__workers_start(unsigned threads, unsigned queue_max,
                                        void (*run)(void *job),
                                        a0__workers **out_workers, a0_error **err);

/* False when the queue is full or the end has begun: answer 503. */
A0_MUST_USE bool a0__workers_add(a0__workers *workers, void *job);

/* Runs what is queued, takes nothing more, joins the threads. */
void a0__workers_stop(a0__workers *workers);
/* Stops, too. Nobody may add any more. */
void a0__workers_free(a0__workers *workers);

#endif
