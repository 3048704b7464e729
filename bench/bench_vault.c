/* SPDX-License-Identifier: MIT */
/*
 * A provider's token for the person of a session: kept, asked for at a tenant that is
 * 50 ms away, and asked for by many at once. The time of the network dwarfs everything
 * else, so the time counts the round trips; the requests are counted at the tenant.
 */
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "tenant.h"

enum {
    DELAY_MS = 25, /* each way */
    SESSIONS = 11,
    ROUNDS = 21,
    CALLS = 2000, /* in a round */
    CALLERS = 200,
    START_IN_MS = 500, /* until all threads are ready */
    TOKEN_MAX = 512,
    NS_PER_MS = 1000000
};

static a0_session *
sign_in(const bench_tenant *tenant, a0_client *client)
{
    A0_AUTO(a0__buf) callback_url = A0__BUF_INIT(BENCH_PATH_MAX * 4);
    a0_session *session = NULL;
    a0_login *login = NULL;
    a0_error *err = NULL;

    bench_must(a0_session_open(client, NULL, &session, &err), err, "session");
    bench_tenant_sign_in(tenant, session, &callback_url);
    bench_must(
        a0_login_complete(session, a0__buf_cstr(&callback_url), NULL, &login, &err),
        err, "sign-in");
    a0_login_free(login);
    return session;
}

static a0_token *
ask(a0_session *session)
{
    a0_token *token = NULL;
    a0_error *err = NULL;

    bench_must(a0_vault_token_for_session(session, "google-oauth2", NULL, &token, &err),
               err, "provider token");
    return token;
}

/* ---- not kept ---- */

static void
bench_uncached(const bench_tenant *tenant, a0_client *client)
{
    double ms[SESSIONS];
    unsigned most = 0;
    double median = 0;

    for (size_t i = 0; i < SESSIONS; i++) {
        a0_session *session = sign_in(tenant, client);
        unsigned requests = 0;
        int64_t from_ns = 0;

        bench_tenant_forget_requests(tenant);
        from_ns = bench_now_ns();
        a0_token_free(ask(session));
        ms[i] = (double)(bench_now_ns() - from_ns) / NS_PER_MS;
        requests = bench_tenant_requests(tenant, NULL, NULL);
        most = requests > most ? requests : most;
        a0_session_free(session);
    }
    median = bench_median(ms, SESSIONS);
    bench_note("vault: median %.1f ms, worst %.1f ms", median, ms[SESSIONS - 1]);
    bench_report("vault token, not kept, tenant 50 ms away: round trips",
                 (double)(int)(median / (2 * DELAY_MS)), "round trips", "1",
                 most == 1 && median < 2 * 2 * DELAY_MS);
}

/* ---- kept ---- */

static void
bench_cached(const bench_tenant *tenant, a0_client *client)
{
    static double us[ROUNDS];
    a0_session *session = sign_in(tenant, client);
    unsigned requests = 0;
    double median = 0;

    a0_token_free(ask(session));
    bench_tenant_forget_requests(tenant);
    for (size_t i = 0; i < ROUNDS; i++) {
        int64_t from_ns = bench_thread_cpu_ns();

        for (size_t call = 0; call < CALLS; call++) {
            a0_token_free(ask(session));
        }
        us[i] = (double)(bench_thread_cpu_ns() - from_ns) / CALLS / 1000;
    }
    requests = bench_tenant_requests(tenant, NULL, NULL);
    median = bench_median(us, ROUNDS);
    bench_report("vault token, kept (median)", median, "us", "<= 5", median <= 5);
    bench_report("vault token, kept: requests", requests, "requests", "0",
                 requests == 0);
    a0_session_free(session);
}

/* ---- many at once ---- */

typedef struct caller {
    pthread_t thread;
    a0_client *client;
    const char *session_id;
    int64_t start_ns;
    char token[TOKEN_MAX];
} caller;

static void *
ask_at_once(void *self)
{
    caller *c = self;
    struct timespec start = { .tv_sec = (time_t)(c->start_ns / BENCH_NS_PER_S),
                              .tv_nsec = (long)(c->start_ns % BENCH_NS_PER_S) };
    a0_session *session = NULL;
    a0_token *token = NULL;
    a0_error *err = NULL;

    bench_must(a0_session_open(c->client, c->session_id, &session, &err), err,
               "session");
    (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &start, NULL);
    token = ask(session);
    (void)snprintf(c->token, sizeof c->token, "%s", a0_token_access_token(token));
    a0_token_free(token);
    a0_session_free(session);
    return NULL;
}

static void
bench_crowd(const bench_tenant *tenant, a0_client *client)
{
    static caller callers[CALLERS];
    a0_session *session = sign_in(tenant, client);
    int64_t start_ns = bench_now_ns() + (int64_t)START_IN_MS * NS_PER_MS;
    unsigned requests = 0;
    unsigned served = 0;

    bench_tenant_forget_requests(tenant);
    for (size_t i = 0; i < CALLERS; i++) {
        callers[i] = (caller){ .client = client,
                               .session_id = a0_session_id(session),
                               .start_ns = start_ns };
        bench_need(pthread_create(&callers[i].thread, NULL, ask_at_once, &callers[i]) ==
                       0,
                   "no thread");
    }
    for (size_t i = 0; i < CALLERS; i++) {
        (void)pthread_join(callers[i].thread, NULL);
        served += strcmp(callers[i].token, callers[0].token) == 0 ? 1 : 0;
    }
    requests = bench_tenant_requests(tenant, "/oauth/token", NULL);
    bench_report("200 callers, one vault token: exchanges", requests, "requests", "1",
                 requests == 1);
    bench_report("200 callers, one vault token: served", served, "callers", "200",
                 served == CALLERS);
    a0_session_free(session);
}

int
main(void)
{
    bench_tenant tenant;
    a0_client *client = NULL;
    a0_error *err = NULL;

    bench_tenant_start(&tenant, DELAY_MS);
    bench_tenant_connect(&tenant);
    client = bench_tenant_client(&tenant, NULL, NULL);
    bench_must(a0_client_warm(client, &err), err, "warm client");
    bench_uncached(&tenant, client);
    bench_cached(&tenant, client);
    bench_crowd(&tenant, client);
    a0_client_free(client);
    bench_tenant_stop(&tenant);
    return 0;
}
