/* SPDX-License-Identifier: MIT */
/* Starting and stopping. */
#include "gateway.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#include "base/mem.h"
#include "broker.h"

enum {
    SWEEP_PAUSE_S = 60,
    /* Callbacks that belong to no open sign-in, per minute and address. */
    FAILURES_PER_MINUTE = 120,
    FAILURES_PER_SECOND = 200,
    /* Logout tokens that were none. */
    BAD_LOGOUT_TOKENS_PER_MINUTE = 600,
    BAD_LOGOUT_TOKENS_PER_SECOND = 200
};

/* ---- keys ---- */

static a0_status
derive(const gateway *g, const char *use, unsigned char out[A0__KEY_BYTES],
       a0_error **err)
{
    return a0__hkdf_sha256(a0__secret_expose(&g->settings.secret),
                           A0__LIT("a0 gateway"), a0__text_of(use), out, A0__KEY_BYTES,
                           err);
}

/* ---- sweeping ---- */

/* Expired rows go, and the tenant's keys are fetched before the first person comes. */
static void *
sweep(void *self)
{
    gateway *g = self;

    if (a0_client_warm(g->client, NULL) != A0_OK) {
        event_note(&g->log, A0_LOG_WARN, "gateway.tenant_unreachable", NULL, "warm");
    }
    pthread_mutex_lock(&g->lock);
    while (!g->ending) {
        struct timespec until = { 0 };

        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += SWEEP_PAUSE_S;
        if (pthread_cond_timedwait(&g->changed, &g->lock, &until) != ETIMEDOUT) {
            continue;
        }
        pthread_mutex_unlock(&g->lock);
        if (a0_client_sweep(g->client, NULL) != A0_OK) {
            event_note(&g->log, A0_LOG_WARN, "gateway.sweep_failed", NULL, "store");
        }
        pthread_mutex_lock(&g->lock);
    }
    pthread_mutex_unlock(&g->lock);
    return NULL;
}

/* ---- addresses ---- */

static a0_status
add_origin(gateway *g, const char *host, uint16_t port, a0_error **err)
{
    A0_AUTO(a0__buf) text = A0__BUF_INIT(REDIRECT_TARGET_MAX);
    bool valid = true;

    a0__buf_format(&text, "http://%s:%u", host, (unsigned)port);
    A0_TRY(gateway_origins_add(&g->origins, a0__buf_view(&text), &valid, err));
    return A0_OK;
}

/* base_url first; without one, what a browser on this machine calls the port. */
static a0_status
find_origins(void *self, const a0__server *server, a0_error **err)
{
    gateway *g = self;
    const char *listen = g->settings.listen.items[0];
    uint16_t port = a0__server_port(server, 0);
    bool valid = true;

    if (g->settings.derives_base_url) {
        bool is_localhost =
            a0__text_starts_with(a0__text_of(listen), A0__LIT("localhost:"));

        A0_TRY(add_origin(g, is_localhost ? "localhost" : "127.0.0.1", port, err));
        A0_TRY(add_origin(g, is_localhost ? "127.0.0.1" : "localhost", port, err));
    }
    for (size_t i = 0; i < g->settings.base_urls.len; i++) {
        A0_TRY(gateway_origins_add(&g->origins,
                                   a0__text_of(g->settings.base_urls.items[i].text),
                                   &valid, err));
    }
    return A0_OK;
}

/* All of a site's people come through it. [GW-11] */
static bool
is_proxy(void *self, const a0__address *peer)
{
    const gateway *g = self;

    return gateway_networks_contain(&g->settings.trusted_proxies, peer);
}

static a0_status
listen_now(gateway *g, const gateway *predecessor, a0_error **err)
{
    a0__web_listen *entries = a0__calloc(g->settings.listen.len + 2, sizeof *entries);
    size_t len = g->settings.listen.len;
    a0_status status = A0_OK;

    A0_ENSURE(entries != NULL, err, no_memory);
    for (size_t i = 0; i < len; i++) {
        entries[i] = (a0__web_listen){ .address = g->settings.listen.items[i],
                                       .site = &g->site };
    }
    if (g->settings.health_listen != NULL) {
        entries[len] = (a0__web_listen){ .address = g->settings.health_listen,
                                         .site = &g->health_site };
        len++;
    }
    if (g->settings.broker.listen != NULL) {
        entries[len] = (a0__web_listen){ .address = g->settings.broker.listen,
                                         .site = &g->broker_site,
                                         .unix_mode = g->settings.broker.socket_mode };
        len++;
    }
    status = a0__server_start(
        &(a0__server_options){ .listen = entries,
                               .listen_len = len,
                               .bound = find_origins,
                               .is_proxy = is_proxy,
                               .self = g,
                               .predecessor =
                                   predecessor != NULL ? predecessor->server : NULL,
                               .workers = g->settings.workers,
                               .event_loops = g->settings.event_loops },
        &g->server, err);
    a0__free(entries);
    return status;
}

/* ---- start and stop ---- */

/* Signals belong to the thread that started us. */
static a0_status
start_sweeper(gateway *g, a0_error **err)
{
    sigset_t all;
    sigset_t before;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    g->has_sweeper = pthread_create(&g->sweeper, NULL, sweep, g) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!g->has_sweeper) {
        return a0__fail_saying(err, A0_E_gw_start_failed,
                               "the thread that sweeps the store could not start");
    }
    return A0_OK;
}

/* What stands in memory would be gone with the predecessor. */
static a0_status
check_succession(a0_config *config, const gateway *g, const gateway *predecessor,
                 a0_error **err)
{
    if (predecessor == NULL ||
        !a0__text_is(a0__text_of(g->settings.database), ":memory:")) {
        return A0_OK;
    }
    return a0_config_refuse(config, "database",
                            "is in memory, and a reload would forget it; restart", err);
}

static a0_status
start(gateway *g, a0_config *config, int log_fd, const gateway *predecessor,
      a0_error **err)
{
    A0_TRY(gateway_settings_read(config, &g->settings, err));
    A0_TRY(check_succession(config, g, predecessor, err));
    if (!g->settings.derives_base_url && g->settings.base_urls.len > 0) {
        A0_TRY(a0_config_set(config, "session_site",
                             g->settings.base_urls.items[0].text, err));
    }
    A0_TRY(a0_config_check(config, err));
    g->log = (events){ .fd = log_fd,
                       .level = g->settings.log_level,
                       .tenant = g->settings.tenant_url,
                       .is_lost = &g->log_is_lost };
    A0_TRY(derive(g, "log fingerprints", g->log.key, err));
    A0_TRY(derive(g, "csrf tokens", g->csrf_key, err));
    limiter_init(&g->sign_in_limit, g->settings.login_rate, g->settings.login_rate_all);
    limiter_init(&g->failure_limit, FAILURES_PER_MINUTE, FAILURES_PER_SECOND);
    limiter_init(&g->logout_token_limit, BAD_LOGOUT_TOKENS_PER_MINUTE,
                 BAD_LOGOUT_TOKENS_PER_SECOND);
    A0_TRY(gateway_pages_init(g, err));
    A0_TRY(gateway_site_init(g, err));
    A0_TRY(broker_init(g, err));
    A0_TRY(gateway_open_client(&g->settings, config, &events_of_client, &g->log,
                               &g->client, err));
    A0_TRY(listen_now(g, predecessor, err));
    A0_TRY(start_sweeper(g, err));
    if (!g->settings.cookies->secure) {
        event_note(&g->log, A0_LOG_WARN, "gateway.insecure_cookies", NULL,
                   "insecure_development_cookies is on");
    }
    event_note(&g->log, A0_LOG_INFO, "gateway.started", NULL, gateway_url(g));
    return A0_OK;
}

a0_status
gateway_start(a0_config *config, int log_fd, gateway *predecessor,
              gateway **out_gateway, a0_error **err)
{
    gateway *g = a0__calloc(1, sizeof *g);
    pthread_condattr_t monotonic;
    a0_status status = A0_OK;

    A0_ENSURE(g != NULL, err, no_memory);
    pthread_mutex_init(&g->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&g->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    status = start(g, config, log_fd, predecessor, err);
    if (status != A0_OK) {
        gateway_stop(g);
        return status;
    }
    *out_gateway = g;
    return A0_OK;
}

void
gateway_keeps_on(const gateway *g, const a0_config *config, const a0_error *error)
{
    static const char event[] = "gateway.reload_refused";
    size_t faults = config != NULL ? a0_config_faults_len(config) : 0;

    for (size_t i = 0; i < faults; i++) {
        event_note(&g->log, A0_LOG_ERROR, event, NULL, a0_config_fault(config, i));
    }
    if (faults == 0) {
        event_note(&g->log, A0_LOG_ERROR, event, NULL, a0_error_message(error));
    }
}

const char *
gateway_url(const gateway *g)
{
    return g->origins.items[0].text;
}

void
gateway_stop(gateway *g)
{
    if (g == NULL) {
        return;
    }
    a0__server_stop(g->server);
    pthread_mutex_lock(&g->lock);
    g->ending = true;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->lock);
    if (g->has_sweeper) {
        pthread_join(g->sweeper, NULL);
        event_note(&g->log, A0_LOG_INFO, "gateway.stopped", NULL, "");
    }
    a0_client_free(g->client);
    limiter_clear(&g->sign_in_limit);
    limiter_clear(&g->failure_limit);
    limiter_clear(&g->logout_token_limit);
    gateway_pages_clear(g);
    gateway_site_clear(g);
    broker_clear(g);
    gateway_origins_clear(&g->origins);
    gateway_settings_clear(&g->settings);
    pthread_cond_destroy(&g->changed);
    pthread_mutex_destroy(&g->lock);
    a0__wipe(g, sizeof *g);
    a0__free(g);
}
