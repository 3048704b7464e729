/* SPDX-License-Identifier: MIT */
/*
 * A stampede: 50 threads in each of 4 processes ask for one access token that has
 * expired, all at the same moment, over one SQLite store, against a tenant that rotates
 * refresh tokens. One of them may ask the tenant; all must get its answer. [RFR-02]
 *
 * The processes are this program again, as `bench_refresh caller ...`. The token has
 * expired because their clocks, and the tenant's, are ahead.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tenant.h"

enum {
    PROCESSES = 4,
    THREADS = 50,
    CALLERS = PROCESSES * THREADS,
    LATER_S = 86400 + 60, /* than the token lives */
    START_IN_S = 3,       /* until all processes are ready */
    TOKEN_MAX = 4096,
    NS_PER_MS = 1000000
};

/* ---- a clock that is ahead ---- */

static int64_t
wall_ms(void *self)
{
    (void)self;
    return a0_clock_system()->wall_ms(NULL) + INT64_C(1000) * LATER_S;
}

static int64_t
monotonic_ms(void *self)
{
    return a0_clock_system()->monotonic_ms(self);
}

static void
sleep_ms(void *self, int64_t duration_ms)
{
    a0_clock_system()->sleep_ms(self, duration_ms);
}

static const a0_clock later = { .size = sizeof later,
                                .wall_ms = wall_ms,
                                .monotonic_ms = monotonic_ms,
                                .sleep_ms = sleep_ms };

/* ---- a process of callers ---- */

typedef struct caller {
    pthread_t thread;
    a0_client *client;
    const char *session_id;
    int64_t start_ns;
    int64_t took_ns;
    char token[TOKEN_MAX];
} caller;

static void *
ask_for_the_token(void *self)
{
    caller *c = self;
    struct timespec start = { .tv_sec = (time_t)(c->start_ns / BENCH_NS_PER_S),
                              .tv_nsec = (long)(c->start_ns % BENCH_NS_PER_S) };
    a0_session *session = NULL;
    a0_token *token = NULL;
    a0_error *err = NULL;

    bench_must(a0_session_open(c->client, c->session_id, &session, &err), err,
               "session");
    bench_need(a0_session_is_signed_in(session), "the session has ended");
    (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &start, NULL);
    if (a0_session_access_token(session, NULL, &token, &err) == A0_OK) {
        (void)snprintf(c->token, sizeof c->token, "%s", a0_token_access_token(token));
    } else {
        bench_note("%s: %s", a0_error_id(err), a0_error_message(err));
    }
    c->took_ns = bench_now_ns() - c->start_ns;
    a0_token_free(token);
    a0_session_free(session);
    a0_error_free(err);
    return NULL;
}

/* Prints a line per caller: how long it waited, and what it got. */
static int
be_callers(const bench_tenant *tenant, const char *session_id, int64_t start_ns)
{
    static caller callers[THREADS];
    a0_client *client = bench_tenant_client(tenant, &later, NULL);
    a0_error *err = NULL;

    bench_must(a0_client_warm(client, &err), err, "warm client");
    for (size_t i = 0; i < THREADS; i++) {
        callers[i] = (caller){ .client = client,
                               .session_id = session_id,
                               .start_ns = start_ns };
        bench_need(pthread_create(&callers[i].thread, NULL, ask_for_the_token,
                                  &callers[i]) == 0,
                   "no thread");
    }
    for (size_t i = 0; i < THREADS; i++) {
        (void)pthread_join(callers[i].thread, NULL);
        (void)printf("%" PRId64 " %s\n", callers[i].took_ns, callers[i].token);
    }
    a0_client_free(client);
    return 0;
}

/* ---- the stampede ---- */

typedef struct outcome {
    unsigned served; /* with the same token */
    int64_t slowest_ns;
    char token[TOKEN_MAX];
} outcome;

static void
take_line(outcome *o, const char *line)
{
    char token[TOKEN_MAX] = "";
    int64_t took_ns = 0;

    if (sscanf(line, "%" SCNd64 " %4095s", &took_ns, token) != 2) {
        return;
    }
    o->slowest_ns = took_ns > o->slowest_ns ? took_ns : o->slowest_ns;
    if (o->token[0] == '\0') {
        memcpy(o->token, token, sizeof token);
    }
    o->served += strcmp(token, o->token) == 0 ? 1 : 0;
}

static void
stampede(const bench_tenant *tenant, const char *program, const char *session_id,
         outcome *o)
{
    char port[16];
    char start[32];
    char line[TOKEN_MAX + 32];
    FILE *outputs[PROCESSES];
    pid_t pids[PROCESSES];
    const char *argv[] = { program, "caller", tenant->folder, port, session_id,
                           start,   NULL };

    (void)snprintf(port, sizeof port, "%u", tenant->port);
    (void)snprintf(start, sizeof start, "%" PRId64,
                   bench_now_ns() + INT64_C(1) * START_IN_S * BENCH_NS_PER_S);
    for (size_t i = 0; i < PROCESSES; i++) {
        pids[i] = bench_spawn(argv, &outputs[i]);
    }
    for (size_t i = 0; i < PROCESSES; i++) {
        while (fgets(line, sizeof line, outputs[i]) != NULL) {
            take_line(o, line);
        }
        (void)fclose(outputs[i]);
        bench_wait(pids[i]);
    }
}

int
main(int argc, char **argv)
{
    A0_AUTO(a0__buf) callback_url = A0__BUF_INIT(BENCH_PATH_MAX * 4);
    bench_tenant tenant;
    a0_client *client = NULL;
    a0_session *session = NULL;
    a0_login *login = NULL;
    a0_error *err = NULL;
    outcome o = { 0 };
    unsigned refused = 0;
    unsigned requests = 0;

    if (argc == 6 && strcmp(argv[1], "caller") == 0) {
        bench_tenant_at(&tenant, argv[2], (unsigned)strtoul(argv[3], NULL, 10));
        return be_callers(&tenant, argv[4], strtoll(argv[5], NULL, 10));
    }
    bench_tenant_start(&tenant, 0);
    client = bench_tenant_client(&tenant, NULL, NULL);
    bench_must(a0_session_open(client, NULL, &session, &err), err, "session");
    bench_tenant_sign_in(&tenant, session, &callback_url);
    bench_must(
        a0_login_complete(session, a0__buf_cstr(&callback_url), NULL, &login, &err),
        err, "sign-in");
    bench_tenant_move_clock(&tenant, LATER_S);
    bench_tenant_forget_requests(&tenant);
    stampede(&tenant, argv[0], a0_session_id(session), &o);
    requests = bench_tenant_requests(&tenant, "/oauth/token", &refused);
    bench_note("the last of them waited %.0f ms", (double)o.slowest_ns / NS_PER_MS);
    bench_report("200 callers in 4 processes, one expired token: requests", requests,
                 "requests", "1", requests == 1 && refused == 0);
    bench_report("200 callers in 4 processes, one expired token: served", o.served,
                 "callers", "200", o.served == CALLERS);
    a0_login_free(login);
    a0_session_free(session);
    a0_client_free(client);
    bench_tenant_stop(&tenant);
    return 0;
}
