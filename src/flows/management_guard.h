/* SPDX-License-Identifier: MIT */
/*
 * What keeps a client from hurting the Management API, and itself: a budget of requests
 * [MGMT-01], a rest after many failures [MGMT-08] and after refused credentials
 * [MGMT-09]. One per client, for all its threads.
 */
#ifndef A0_FLOWS_MANAGEMENT_GUARD_H
#define A0_FLOWS_MANAGEMENT_GUARD_H

#include <pthread.h>

#include <a0/client.h>

typedef struct a0__management_guard {
    pthread_mutex_t mutex;
    int64_t spent_until_ms; /* monotonic: when the whole budget is there again */
    int64_t open_until_ms;  /* 0: not since the last success */
    int64_t probe_until_ms; /* after that: somebody tries, until then at most */
    int64_t refused_until_ms;
    int failures; /* in a row */
} a0__management_guard;

void a0__management_guard_init(a0__management_guard *guard);
void a0__management_guard_clear(a0__management_guard *guard);

/* Around fork, as a0__flights. */
void a0__management_guard_before_fork(a0__management_guard *guard);
void a0__management_guard_after_fork(a0__management_guard *guard);

/* Errors: mgmt_unavailable or mgmt_auth_failed while it rests, with how long. */
A0_MUST_USE a0_status a0__management_guard_check(a0_client *client, a0_error **err);

/* The same, and takes `requests` out of the budget, waiting for them until the
 * (monotonic) deadline. Also: mgmt_rate_limited. */
A0_MUST_USE a0_status a0__management_guard_enter(a0_client *client, int requests,
                                                 int64_t deadline_ms, a0_error **err);

/* Waits before try number `tries` + 1, at least retry_after_s; false, at once, when
 * there is no time left for another try. */
bool a0__management_pause(a0_client *client, int tries, int retry_after_s,
                          int64_t deadline_ms);

/* What became of a request. */
void a0__management_guard_succeeded(a0_client *client);
void a0__management_guard_failed(a0_client *client);
void a0__management_guard_refused(a0_client *client);

#endif
