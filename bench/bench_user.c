/* SPDX-License-Identifier: MIT */
/*
 * What looking up a user costs: a0_user_get of somebody who is not kept, by a client
 * that has a machine token, at a tenant over TLS that is 50 ms away.
 */
#include "tenant.h"

enum {
    DELAY_MS = 25, /* each way */
    NS_PER_MS = 1000000
};

static double
look_up(a0_client *client, const char *user_id)
{
    a0_user *user = NULL;
    a0_error *err = NULL;
    int64_t from_ns = bench_now_ns();

    bench_must(a0_user_get(client, user_id, NULL, &user, &err), err, "user");
    a0_user_free(user);
    return (double)(bench_now_ns() - from_ns) / NS_PER_MS;
}

int
main(void)
{
    static const char *const others[] = { "auth0|b2b2b2b2b2b2b2b2b2b2b2b2",
                                          "google-oauth2|100000000000000000001",
                                          "google-oauth2|100000000000000000002",
                                          "github|1000003", "facebook|1000000000004" };
    enum {
        OTHERS = sizeof others / sizeof others[0]
    };
    double ms[OTHERS];
    bench_tenant tenant;
    a0_client *client = NULL;
    unsigned requests = 0;
    double median = 0;

    bench_tenant_start(&tenant, DELAY_MS);
    client = bench_tenant_client(&tenant, NULL, NULL);
    bench_note("the first look-up takes %.1f ms",
               look_up(client, "auth0|a1a1a1a1a1a1a1a1a1a1a1a1"));
    bench_tenant_forget_requests(&tenant);
    for (size_t i = 0; i < OTHERS; i++) {
        ms[i] = look_up(client, others[i]);
    }
    requests = bench_tenant_requests(&tenant, NULL, NULL);
    median = bench_median(ms, OTHERS);
    bench_note("user: median %.1f ms", median);
    bench_report("look-up of a user, not kept, tenant 50 ms away: round trips",
                 (double)(int)(median / (2 * DELAY_MS)), "round trips", "1",
                 requests == OTHERS && median < 2 * 2 * DELAY_MS);
    a0_client_free(client);
    bench_tenant_stop(&tenant);
    return 0;
}
