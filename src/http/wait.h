/* SPDX-License-Identifier: MIT */
/* Waiting on the monotonic clock; deadlines are points of it, in milliseconds. */
#ifndef A0_HTTP_WAIT_H
#define A0_HTTP_WAIT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

int64_t a0__wait_now_ms(void);
void a0__wait_cond_init(pthread_cond_t *cond);
/* False when the deadline has passed. */
bool a0__wait_until(pthread_cond_t *cond, pthread_mutex_t *lock,
                    int64_t deadline_at_ms);
/* Starts a thread that takes no signal: those belong to the program [HTTP-11]. */
bool a0__wait_thread_start(pthread_t *out_thread, void *(*run)(void *), void *self);

#endif
