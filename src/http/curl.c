/* SPDX-License-Identifier: MIT */
#include "http/curl.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "http/engine.h"
#include "http/http.h"
#include "http/wait.h"

/* What one process works with. A forked child leaves its parent's untouched: closing it
 * would speak on the parent's connections [HTTP-11]. */
typedef struct core {
    pid_t pid;
    pthread_mutex_t lock;
    pthread_cond_t idle;
    size_t callers;
    bool stopping;
    a0__engine *engine;
    a0__resolver *resolver;
} core;

typedef struct transport {
    char *ca_file;
    int64_t connect_timeout_ms;
    bool forbid_private_addresses;
    a0__resolve_fn resolve;
    void *resolve_self;
    _Atomic(core *) core;
} transport;

/* ---- the core ---- */

static void
free_core(core *one)
{
    a0__engine_free(one->engine);
    a0__resolver_free(one->resolver);
    (void)pthread_cond_destroy(&one->idle);
    (void)pthread_mutex_destroy(&one->lock);
    a0__free(one);
}

static core *
new_core(const transport *self)
{
    core *one = a0__calloc(1, sizeof *one);

    if (one == NULL) {
        return NULL;
    }
    one->pid = getpid();
    (void)pthread_mutex_init(&one->lock, NULL);
    a0__wait_cond_init(&one->idle);
    one->engine = a0__engine_new();
    one->resolver = a0__resolver_new(self->resolve, self->resolve_self);
    if (one->engine == NULL || one->resolver == NULL) {
        free_core(one);
        return NULL;
    }
    return one;
}

/* That of this process. No lock is taken that another thread may have held at the
 * fork. NULL without memory. */
static core *
current_core(transport *self)
{
    core *seen = atomic_load(&self->core);
    core *fresh = NULL;

    if (seen != NULL && seen->pid == getpid()) {
        return seen;
    }
    fresh = new_core(self);
    if (fresh == NULL || atomic_compare_exchange_strong(&self->core, &seen, fresh)) {
        return fresh;
    }
    free_core(fresh);
    return seen;
}

static bool
enter(core *one)
{
    bool may = false;

    (void)pthread_mutex_lock(&one->lock);
    may = !one->stopping;
    one->callers += may ? 1 : 0;
    (void)pthread_mutex_unlock(&one->lock);
    return may;
}

static void
leave(core *one)
{
    (void)pthread_mutex_lock(&one->lock);
    if (--one->callers == 0) {
        (void)pthread_cond_broadcast(&one->idle);
    }
    (void)pthread_mutex_unlock(&one->lock);
}

/* ---- one exchange of a batch, up to its transfer ---- */

typedef struct job {
    a0__url url;
    bool is_literal;
    a0__net_addresses addresses;
    int64_t connect_at_ms; /* the deadlines */
    int64_t at_ms;
    bool is_ready; /* to be carried out; otherwise its exchange has its error */
} job;

/* The port may be used without the request builder: the same rules again. [HTTP-06] */
static bool
is_proper(const a0_http_request *request, a0__url *out_url)
{
    for (size_t i = 0; i < request->headers_len; i++) {
        if (!a0__http_header_is_allowed(a0__text_of(request->headers[i].name),
                                        a0__text_of(request->headers[i].value))) {
            return false;
        }
    }
    return a0__http_url_is_allowed(a0__text_of(request->url)) &&
           a0__http_header_is_allowed(a0__text_of(request->method), A0__NO_TEXT) &&
           a0__url_parse(a0__text_of(request->url), out_url) &&
           (out_url->is_ipv6 || a0__host_is_ldh(out_url->host));
}

/* A program that was built with an older header has no deadline in its request. */
static int64_t
deadline_of(const a0_http_request *request, int64_t batch_ms)
{
    bool names_one = request->size >= offsetof(a0_http_request, deadline_ms) +
                                          sizeof request->deadline_ms &&
                     request->deadline_ms > 0 && request->deadline_ms < batch_ms;

    return names_one ? request->deadline_ms : batch_ms;
}

static void
set_deadlines(const transport *self, const a0_http_request *request, int64_t now_ms,
              int64_t batch_ms, job *out)
{
    int64_t ms = deadline_of(request, batch_ms > 0 ? batch_ms : 0);

    out->at_ms = now_ms + ms;
    out->connect_at_ms =
        now_ms + (self->connect_timeout_ms < ms ? self->connect_timeout_ms : ms);
}

static void
prepare(core *one, a0_http_exchange *exchange, job *out)
{
    *out = (job){ .is_ready = true };
    exchange->response = NULL;
    exchange->error = NULL;
    exchange->sent = false;
    if (!is_proper(exchange->request, &out->url)) {
        out->is_ready = false;
        (void)a0__fail(&exchange->error, A0_E_param_invalid);
        return;
    }
    out->is_literal = a0__net_address_parse(out->url.host, &out->addresses.items[0]);
    out->addresses.len = out->is_literal ? 1 : 0;
    if (!out->is_literal) {
        a0__resolver_start(one->resolver, out->url.host);
    }
}

static a0__error_id
error_of(a0__resolve_outcome outcome)
{
    switch (outcome) {
    case A0__RESOLVED:
    case A0__RESOLVE_NO_ADDRESS:
        return A0_E_http_unreachable;
    case A0__RESOLVE_TIMEOUT:
        return A0_E_http_timeout;
    case A0__RESOLVE_CANCELLED:
        return A0_E_http_cancelled;
    case A0__RESOLVE_NO_MEMORY:
        return A0_E_no_memory;
    }
    return A0_E_internal;
}

/* One private address among several is enough to refuse: the peer that can add one can
 * also make it the only one that answers. [HTTP-08] */
static bool
has_private(const a0__net_addresses *addresses)
{
    for (size_t i = 0; i < addresses->len; i++) {
        if (a0__net_address_is_private(&addresses->items[i])) {
            return true;
        }
    }
    return false;
}

static void
resolve(const transport *self, core *one, a0_http_exchange *exchange, job *target)
{
    if (!target->is_ready) {
        return;
    }
    if (!target->is_literal) {
        a0__resolve_outcome outcome = a0__resolver_wait(
            one->resolver, target->url.host, target->connect_at_ms, &target->addresses);

        if (outcome != A0__RESOLVED) {
            target->is_ready = false;
            (void)a0__fail(&exchange->error, error_of(outcome));
            return;
        }
    }
    if (self->forbid_private_addresses && has_private(&target->addresses)) {
        target->is_ready = false;
        (void)a0__fail(&exchange->error, A0_E_http_address_refused);
    }
}

/* ---- a batch ---- */

static size_t
build_transfers(const transport *self, core *one, a0_http_exchange *exchanges,
                size_t exchanges_len, const job *jobs, a0__transfer *out)
{
    size_t len = 0;

    for (size_t i = 0; i < exchanges_len; i++) {
        a0__transfer_options options = {
            .ca_file = self->ca_file,
            .connect_deadline_at_ms = jobs[i].connect_at_ms,
            .deadline_at_ms = jobs[i].at_ms,
            .sockets = a0__engine_sockets(one->engine),
            .addresses = jobs[i].is_literal ? NULL : &jobs[i].addresses,
        };

        if (!jobs[i].is_ready) {
            continue;
        }
        if (a0__transfer_init(&out[len], &exchanges[i], &options)) {
            len++;
        } else {
            a0__transfer_clear(&out[len]);
            (void)a0__fail(&exchanges[i].error, A0_E_no_memory);
        }
    }
    return len;
}

/* The addresses are remembered for a while; not past the moment nobody answers there.
 */
static void
forget_the_unreachable(core *one, const a0__transfer *transfers, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const a0_http_exchange *exchange = transfers[i].exchange;

        if (!exchange->sent && (a0__error_is(exchange->error, A0_E_http_unreachable) ||
                                a0__error_is(exchange->error, A0_E_http_timeout))) {
            a0__resolver_forget(one->resolver, a0__text_of(transfers[i].host));
        }
    }
}

static void
carry_out(const transport *self, core *one, a0_http_exchange *exchanges,
          size_t exchanges_len, int64_t deadline_ms, job *jobs, a0__transfer *transfers)
{
    int64_t now_ms = a0__wait_now_ms();
    size_t len = 0;

    for (size_t i = 0; i < exchanges_len; i++) {
        prepare(one, &exchanges[i], &jobs[i]);
        set_deadlines(self, exchanges[i].request, now_ms, deadline_ms, &jobs[i]);
    }
    for (size_t i = 0; i < exchanges_len; i++) {
        resolve(self, one, &exchanges[i], &jobs[i]);
    }
    len = build_transfers(self, one, exchanges, exchanges_len, jobs, transfers);
    if (len > 0) {
        a0__engine_run(one->engine, transfers, len);
    }
    forget_the_unreachable(one, transfers, len);
    for (size_t i = 0; i < len; i++) {
        a0__transfer_clear(&transfers[i]);
    }
}

static void
cancel(a0_http_exchange *exchanges, size_t exchanges_len)
{
    for (size_t i = 0; i < exchanges_len; i++) {
        (void)a0__fail(&exchanges[i].error, A0_E_http_cancelled);
    }
}

static a0_status
perform(void *table_self, a0_http_exchange *exchanges, size_t exchanges_len,
        int64_t deadline_ms, a0_error **err)
{
    transport *self = table_self;
    core *one = current_core(self);
    job *jobs = NULL;
    a0__transfer *transfers = NULL;
    bool has_memory = false;

    A0_ENSURE(one != NULL, err, no_memory);
    if (exchanges_len == 0) {
        return A0_OK;
    }
    if (!enter(one)) {
        cancel(exchanges, exchanges_len);
        return A0_OK;
    }
    jobs = a0__calloc(exchanges_len, sizeof *jobs);
    transfers = a0__calloc(exchanges_len, sizeof *transfers);
    has_memory = jobs != NULL && transfers != NULL;
    if (has_memory) {
        carry_out(self, one, exchanges, exchanges_len, deadline_ms, jobs, transfers);
    }
    a0__free(jobs);
    a0__free(transfers);
    leave(one);
    A0_ENSURE(has_memory, err, no_memory);
    return A0_OK;
}

/* ---- life ---- */

static void
stop_core(core *one)
{
    (void)pthread_mutex_lock(&one->lock);
    one->stopping = true;
    (void)pthread_mutex_unlock(&one->lock);
    a0__resolver_stop(one->resolver);
    a0__engine_stop(one->engine);
    (void)pthread_mutex_lock(&one->lock);
    while (one->callers > 0) {
        (void)pthread_cond_wait(&one->idle, &one->lock);
    }
    (void)pthread_mutex_unlock(&one->lock);
    free_core(one);
}

static void
destroy(void *table_self)
{
    transport *self = table_self;
    core *one = NULL;

    if (self == NULL) {
        return;
    }
    one = atomic_load(&self->core);
    if (one != NULL && one->pid == getpid()) {
        stop_core(one);
    }
    a0__free(self->ca_file);
    a0__free(self);
}

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static bool curl_is_usable;

/* Once per process, and for good: ending libcurl while another part of the program may
 * use it is not ours to do. */
static void
start_curl(void)
{
    const curl_version_info_data *info = NULL;

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return;
    }
    info = curl_version_info(CURLVERSION_NOW);
    curl_is_usable =
        info->ssl_version != NULL && strncmp(info->ssl_version, "OpenSSL/", 8) == 0;
}

a0_status
a0__transport_curl_new(const a0__curl_options *options, const a0_transport **out_table,
                       void **out_self, a0_error **err)
{
    static const a0_transport table = { .size = sizeof table,
                                        .perform = perform,
                                        .destroy = destroy };
    transport *self = NULL;

    (void)pthread_once(&curl_once, start_curl);
    A0_ENSURE(curl_is_usable, err, internal);
    self = a0__calloc(1, sizeof *self);
    A0_ENSURE(self != NULL, err, no_memory);
    self->connect_timeout_ms = options->connect_timeout_ms > 0
                                   ? options->connect_timeout_ms
                                   : A0__HTTP_CONNECT_TIMEOUT_MS;
    self->forbid_private_addresses = options->forbid_private_addresses;
    self->resolve = options->resolve != NULL ? options->resolve : a0__resolve_system;
    self->resolve_self = options->resolve_self;
    if (options->ca_file != NULL) {
        self->ca_file = a0__strdup(options->ca_file);
        if (self->ca_file == NULL) {
            a0__free(self);
            return a0__fail(err, A0_E_no_memory);
        }
    }
    *out_table = &table;
    *out_self = self;
    return A0_OK;
}
