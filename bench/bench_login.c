/* SPDX-License-Identifier: MIT */
/*
 * What a sign-in costs the person who waits: a0_login_complete against a tenant over
 * TLS that is 50 ms away. A warm client knows the tenant and has a connection to it; a
 * cold one starts with nothing. The time of the network dwarfs everything else, so the
 * time counts the round trips; the requests are counted at the tenant.
 */
#include <string.h>

#include "tenant.h"

enum {
    DELAY_MS = 25, /* each way */
    SIGN_INS = 21
};

static const double NS_PER_MS = 1e6;

/* `starter` sends the browser off, `client` completes: the same one, or one that has
 * just been made over the same store. */
static double
complete(const bench_tenant *tenant, a0_client *starter, a0_client *client)
{
    A0_AUTO(a0__buf) callback_url = A0__BUF_INIT(BENCH_PATH_MAX * 4);
    a0_session *started = NULL;
    a0_session *session = NULL;
    a0_login *login = NULL;
    a0_error *err = NULL;
    int64_t from_ns = 0;
    int64_t took_ns = 0;

    bench_must(a0_session_open(starter, NULL, &started, &err), err, "session");
    bench_tenant_sign_in(tenant, started, &callback_url);
    bench_tenant_forget_requests(tenant);
    bench_must(a0_session_open(client, a0_session_id(started), &session, &err), err,
               "session");
    from_ns = bench_now_ns();
    bench_must(
        a0_login_complete(session, a0__buf_cstr(&callback_url), NULL, &login, &err),
        err, "completion of a sign-in");
    took_ns = bench_now_ns() - from_ns;
    a0_login_free(login);
    a0_session_free(session);
    a0_session_free(started);
    return (double)took_ns / NS_PER_MS;
}

static void
count_requests(const bench_tenant *tenant, unsigned *most)
{
    unsigned requests = bench_tenant_requests(tenant, NULL, NULL);

    *most = requests > *most ? requests : *most;
}

static void
bench_warm(const bench_tenant *tenant, a0_client *client)
{
    double ms[SIGN_INS];
    unsigned requests = 0;
    double median = 0;

    for (size_t i = 0; i < SIGN_INS; i++) {
        ms[i] = complete(tenant, client, client);
        count_requests(tenant, &requests);
    }
    median = bench_median(ms, SIGN_INS);
    bench_note("warm: best %.1f ms, worst %.1f ms", ms[0], ms[SIGN_INS - 1]);
    bench_report("sign-in, warm, tenant 50 ms away (median)", median, "ms", "<= 60",
                 median <= 60);
    bench_report("sign-in, warm, requests", requests, "requests", "1", requests == 1);
}

static void
bench_cold(const bench_tenant *tenant, a0_client *starter)
{
    double ms[SIGN_INS];
    unsigned requests = 0;
    double median = 0;

    for (size_t i = 0; i < SIGN_INS; i++) {
        a0_client *client = bench_tenant_client(tenant, NULL, NULL);

        ms[i] = complete(tenant, starter, client);
        count_requests(tenant, &requests);
        a0_client_free(client);
    }
    median = bench_median(ms, SIGN_INS);
    bench_note("cold: best %.1f ms, worst %.1f ms, %u requests", ms[0],
               ms[SIGN_INS - 1], requests);
    bench_report("sign-in, cold, tenant 50 ms away (median)", median, "ms", "<= 220",
                 median <= 220);
    bench_report("sign-in, cold, round trips", (double)(int)(median / (2 * DELAY_MS)),
                 "round trips", "<= 4", median < 5 * 2 * DELAY_MS);
}

int
main(void)
{
    bench_tenant tenant;
    a0_client *client = NULL;
    a0_error *err = NULL;

    bench_tenant_start(&tenant, DELAY_MS);
    client = bench_tenant_client(&tenant, NULL, NULL);
    bench_must(a0_client_warm(client, &err), err, "warm client");
    bench_warm(&tenant, client);
    bench_cold(&tenant, client);
    a0_client_free(client);
    bench_tenant_stop(&tenant);
    return 0;
}
