/* SPDX-License-Identifier: MIT */
#include "http/wait.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

int64_t
a0__wait_now_ms(void)
{
    struct timespec now = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
a0__wait_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attributes;

    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(cond, &attributes);
    (void)pthread_condattr_destroy(&attributes);
}

bool
a0__wait_until(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t deadline_at_ms)
{
    struct timespec at = { .tv_sec = (time_t)(deadline_at_ms / 1000),
                           .tv_nsec = (long)(deadline_at_ms % 1000) * 1000000 };

    return pthread_cond_timedwait(cond, lock, &at) != ETIMEDOUT;
}

bool
a0__wait_thread_start(pthread_t *out_thread, void *(*run)(void *), void *self)
{
    sigset_t all;
    sigset_t before;
    bool started = false;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    started = pthread_create(out_thread, NULL, run, self) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}
