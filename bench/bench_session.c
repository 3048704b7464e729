/* SPDX-License-Identifier: MIT */
/*
 * What it costs to know who somebody is: a0_session_open with an id, and the claims
 * that /auth/verify tells, in processor time and allocations, with ten thousand
 * sessions in SQLite.
 */
#include <stdlib.h>

#include "allocations.h"
#include "sessions.h"

enum {
    SESSIONS = 10000,
    ROUNDS = 31,
    CALLS = 1000,
    STRIDE = 7919 /* a prime: each call another row, in no order */
};

static void
look_up(a0_client *client, const char *id)
{
    static const char *const claims[] = { "email", "email_verified", "name", "org_id" };
    a0_session *session = NULL;
    a0_error *err = NULL;

    bench_must(a0_session_open(client, id, &session, &err), err, "session");
    bench_need(a0_session_user_id(session) != NULL, "nobody is signed in");
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        (void)a0_session_claim(session, claims[i]);
    }
    a0_session_free(session);
}

int
main(void)
{
    static double us[ROUNDS];
    char folder[BENCH_PATH_MAX];
    char database[BENCH_PATH_MAX + 16];
    bench_session_id *ids = NULL;
    a0_client *client = NULL;
    uint64_t allocated = 0;
    size_t next = 0;

    bench_folder_new(folder);
    (void)snprintf(database, sizeof database, "%s/a0.sqlite", folder);
    bench_sessions_make(database, SESSIONS, &ids);
    client = bench_sessions_client(database);
    look_up(client, ids[0].text);
    allocated = bench_allocations();
    look_up(client, ids[0].text);
    allocated = bench_allocations() - allocated;
    for (size_t i = 0; i < ROUNDS; i++) {
        int64_t from_ns = bench_thread_cpu_ns();

        for (size_t call = 0; call < CALLS; call++) {
            look_up(client, ids[next].text);
            next = (next + STRIDE) % SESSIONS;
        }
        us[i] = (double)(bench_thread_cpu_ns() - from_ns) / CALLS / 1000;
    }
    bench_note("a look-up takes %.2f us of processor time", bench_median(us, ROUNDS));
    bench_report("look-up of a session, allocations (libraries included)",
                 (double)allocated, "allocations", "<= 20", allocated <= 20);
    a0_client_free(client);
    free(ids);
    return 0;
}
