/* SPDX-License-Identifier: MIT */
#include "http/engine.h"

#include "base/mem.h"
#include "http/wait.h"

enum {
    POOL_MAX = 64,       /* idle connections that are kept */
    POLL_MAX_MS = 60000, /* a wake-up or a timer of libcurl comes sooner */
};

/* Transfers that one caller waits for; lives on the caller's stack. */
typedef struct a0__batch {
    pthread_cond_t done;
    size_t pending;
} a0__batch;

struct a0__engine {
    pthread_mutex_t lock;
    CURLM *multi;
    pthread_t thread;
    bool is_running;
    bool stopping;
    a0__transfer *queue; /* handed in, under the lock */
    a0__sockets sockets;
    a0__transfer *active; /* in the multi handle; the engine's thread only */
};

a0__engine *
a0__engine_new(void)
{
    a0__engine *engine = a0__calloc(1, sizeof *engine);

    if (engine == NULL) {
        return NULL;
    }
    (void)pthread_mutex_init(&engine->lock, NULL);
    engine->multi = curl_multi_init();
    if (engine->multi == NULL ||
        curl_multi_setopt(engine->multi, CURLMOPT_PIPELINING,
                          (long)CURLPIPE_MULTIPLEX) != CURLM_OK ||
        curl_multi_setopt(engine->multi, CURLMOPT_MAXCONNECTS, (long)POOL_MAX) !=
            CURLM_OK) {
        a0__engine_free(engine);
        return NULL;
    }
    return engine;
}

void
a0__engine_free(a0__engine *engine)
{
    if (engine == NULL) {
        return;
    }
    (void)curl_multi_cleanup(engine->multi);
    a0__sockets_clear(&engine->sockets);
    (void)pthread_mutex_destroy(&engine->lock);
    a0__free(engine);
}

a0__sockets *
a0__engine_sockets(a0__engine *engine)
{
    return &engine->sockets;
}

/* ---- the engine's thread ---- */

static void
report(a0__engine *engine, a0__transfer *transfer)
{
    a0__batch *batch = transfer->batch;

    (void)pthread_mutex_lock(&engine->lock);
    if (--batch->pending == 0) {
        (void)pthread_cond_signal(&batch->done);
    }
    (void)pthread_mutex_unlock(&engine->lock);
}

static void
activate(a0__engine *engine, a0__transfer *transfer)
{
    a0__transfer_arm(transfer);
    if (curl_multi_add_handle(engine->multi, transfer->easy) != CURLM_OK) {
        a0__transfer_fail(transfer, A0_E_no_memory);
        report(engine, transfer);
        return;
    }
    transfer->next = engine->active;
    engine->active = transfer;
}

static void
deactivate(a0__engine *engine, a0__transfer *transfer)
{
    a0__transfer **at = &engine->active;

    while (*at != transfer) {
        at = &(*at)->next;
    }
    *at = transfer->next;
    (void)curl_multi_remove_handle(engine->multi, transfer->easy);
}

static void
take_results(a0__engine *engine)
{
    CURLMsg *message = NULL;
    int left = 0;

    while ((message = curl_multi_info_read(engine->multi, &left)) != NULL) {
        CURLcode result = message->data.result;
        char *private = NULL;
        a0__transfer *transfer = NULL;

        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        transfer = (a0__transfer *)(void *)private;
        deactivate(engine, transfer);
        if (a0__transfer_retries(transfer)) {
            activate(engine, transfer);
        } else {
            a0__transfer_finish(transfer, result);
            report(engine, transfer);
        }
    }
}

/* Takes what was handed in; false when the engine is to stop. */
static bool
take_queue(a0__engine *engine)
{
    a0__transfer *queue = NULL;
    bool goes_on = false;

    (void)pthread_mutex_lock(&engine->lock);
    queue = a0__steal(&engine->queue);
    goes_on = !engine->stopping;
    (void)pthread_mutex_unlock(&engine->lock);
    while (queue != NULL) {
        a0__transfer *transfer = queue;

        queue = transfer->next;
        activate(engine, transfer);
    }
    return goes_on;
}

static void
cancel_all(a0__engine *engine)
{
    while (engine->active != NULL) {
        a0__transfer *transfer = engine->active;

        deactivate(engine, transfer);
        a0__transfer_fail(transfer, A0_E_http_cancelled);
        report(engine, transfer);
    }
}

static void *
run(void *self)
{
    a0__engine *engine = self;
    int running = 0;

    while (take_queue(engine)) {
        (void)curl_multi_perform(engine->multi, &running);
        take_results(engine);
        (void)curl_multi_poll(engine->multi, NULL, 0, POLL_MAX_MS, NULL);
    }
    cancel_all(engine);
    return NULL;
}

/* ---- callers ---- */

/* Whether there is a thread, or one could be started. */
static bool
is_ready_locked(a0__engine *engine)
{
    if (!engine->is_running && !engine->stopping) {
        engine->is_running = a0__wait_thread_start(&engine->thread, run, engine);
    }
    return engine->is_running && !engine->stopping;
}

void
a0__engine_run(a0__engine *engine, a0__transfer *transfers, size_t transfers_len)
{
    a0__batch batch = { .pending = transfers_len };

    a0__wait_cond_init(&batch.done);
    (void)pthread_mutex_lock(&engine->lock);
    if (is_ready_locked(engine)) {
        for (size_t i = 0; i < transfers_len; i++) {
            transfers[i].batch = &batch;
            transfers[i].next = engine->queue;
            engine->queue = &transfers[i];
        }
        (void)curl_multi_wakeup(engine->multi);
        while (batch.pending > 0) {
            (void)pthread_cond_wait(&batch.done, &engine->lock);
        }
    } else {
        for (size_t i = 0; i < transfers_len; i++) {
            a0__transfer_fail(&transfers[i],
                              engine->stopping ? A0_E_http_cancelled : A0_E_no_memory);
        }
    }
    (void)pthread_mutex_unlock(&engine->lock);
    (void)pthread_cond_destroy(&batch.done);
}

void
a0__engine_stop(a0__engine *engine)
{
    bool was_running = false;

    (void)pthread_mutex_lock(&engine->lock);
    was_running = engine->is_running;
    engine->stopping = true;
    (void)pthread_mutex_unlock(&engine->lock);
    if (was_running) {
        (void)curl_multi_wakeup(engine->multi);
        (void)pthread_join(engine->thread, NULL);
    }
}
