/* SPDX-License-Identifier: MIT */
#include "server/workers.h"

#include <pthread.h>

#include "base/mem.h"

struct a0__workers {
    void (*run)(void *job);
    pthread_mutex_t lock;
    pthread_cond_t changed;
    void **queue; /* a ring */
    size_t queue_max;
    size_t first;
    size_t len;
    bool ending;
    pthread_t *threads;
    size_t threads_len;
};

static void *
work(void *self)
{
    a0__workers *workers = self;

    pthread_mutex_lock(&workers->lock);
    for (;;) {
        void *job = NULL;

        while (workers->len == 0 && !workers->ending) {
            pthread_cond_wait(&workers->changed, &workers->lock);
        }
        if (workers->len == 0) {
            break;
        }
        job = workers->queue[workers->first];
        workers->first = (workers->first + 1) % workers->queue_max;
        workers->len--;
        pthread_mutex_unlock(&workers->lock);
        workers->run(job);
        pthread_mutex_lock(&workers->lock);
    }
    pthread_mutex_unlock(&workers->lock);
    return NULL;
}

bool
a0__workers_add(a0__workers *workers, void *job)
{
    bool added = false;

    pthread_mutex_lock(&workers->lock);
    if (!workers->ending && workers->len < workers->queue_max) {
        workers->queue[(workers->first + workers->len) % workers->queue_max] = job;
        workers->len++;
        added = true;
        pthread_cond_signal(&workers->changed);
    }
    pthread_mutex_unlock(&workers->lock);
    return added;
}

void
a0__workers_stop(a0__workers *workers)
{
    pthread_mutex_lock(&workers->lock);
    workers->ending = true;
    pthread_cond_broadcast(&workers->changed);
    pthread_mutex_unlock(&workers->lock);
    for (size_t i = 0; i < workers->threads_len; i++) {
        pthread_join(workers->threads[i], NULL);
    }
    workers->threads_len = 0;
}

void
a0__workers_free(a0__workers *workers)
{
    if (workers == NULL) {
        return;
    }
    a0__workers_stop(workers);
    pthread_cond_destroy(&workers->changed);
    pthread_mutex_destroy(&workers->lock);
    a0__free(workers->threads);
    a0__free(workers->queue);
    a0__free(workers);
}

a0_status
a0__workers_start(unsigned threads, unsigned queue_max, void (*run)(void *job),
                  a0__workers **out_workers, a0_error **err)
{
    a0__workers *workers = a0__calloc(1, sizeof *workers);

    A0_ENSURE(workers != NULL, err, no_memory);
    workers->run = run;
    workers->queue_max = queue_max;
    pthread_mutex_init(&workers->lock, NULL);
    pthread_cond_init(&workers->changed, NULL);
    workers->queue = a0__calloc(queue_max, sizeof *workers->queue);
    workers->threads = a0__calloc(threads, sizeof *workers->threads);
    if (workers->queue == NULL || workers->threads == NULL) {
        a0__workers_free(workers);
        return a0__fail(err, A0_E_no_memory);
    }
    for (unsigned i = 0; i < threads; i++) {
        if (pthread_create(&workers->threads[i], NULL, work, workers) != 0) {
            a0__workers_free(workers);
            return a0__fail_saying(err, A0_E_gw_start_failed,
                                   "the threads for requests could not be started");
        }
        workers->threads_len++;
    }
    *out_workers = workers;
    return A0_OK;
}
