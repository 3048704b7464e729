/* SPDX-License-Identifier: MIT */
/*
 * A link and its undo with every request failing in every way, every call of the store
 * failing, and the process killed at each of them; then the next sign-in of either
 * user, or a repair. Afterwards the accounts are whole: linked with merged metadata and
 * rows, or as they were [LINK-15]. The points are counted in a run without a fault, so
 * that a new step can not be forgotten.
 */
#include "link_world.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "flows/client.h"
#include "store_fixture.h"

enum {
    ROUNDS_USUAL = 20,
    AFTER_ALL_LEASES_S = 120,
    RACE_MAX_S = 60
};

/* ---- what is done ---- */

typedef struct operation {
    const char *name;
    bool begins_linked;
    a0_status (*run)(link_world *l);
} operation;

static a0_status
do_link(link_world *l)
{
    a0__link_done done = { .refused = NULL };

    return link_world_link(l, l->session, &done);
}

static a0_status
do_undo(link_world *l)
{
    a0_link_answer *answer = NULL;
    a0_status status = a0_link_undo(l->w.client, LINK_PRIMARY, "google-oauth2",
                                    "104857600123456789012", &answer, &l->w.err);

    if (status == A0_OK) {
        a0_link_answer_free(answer);
    }
    return status;
}

static const operation operations[] = {
    { "link", false, do_link },
    { "undo", true, do_undo },
};

/* ---- the three ways to come back ---- */

typedef enum recovery {
    BY_THE_SECONDARY,
    BY_THE_PRIMARY,
    BY_REPAIR,
    RECOVERIES
} recovery;

static void
forget_error(link_world *l)
{
    a0_error_free(a0__steal(&l->w.err));
}

static void
sign_in_again(link_world *l, const char *identity)
{
    a0_session *session = link_world_sign_in(l, identity);
    a0_session *again = NULL;

    assert_ok(a0__link_settle(l->w.client, a0__text_of(a0_session_user_id(session)),
                              session, &l->w.err),
              l->w.err);
    /* Whoever signs in after the crash is not thrown out for what it left behind,
     * unless the account is no more. */
    assert_ok(a0_session_open(l->w.client, a0_session_id(session), &again, &l->w.err),
              l->w.err);
    assert_true(a0_session_is_signed_in(again) ||
                fake_users_find(&l->tenant->users, LINK_SECONDARY) != NULL);
    a0_session_free(again);
    a0_session_free(session);
}

static void
come_back(link_world *l, recovery way)
{
    a0_link_answer *answer = NULL;

    test_clock_advance_s(&l->w.clock, AFTER_ALL_LEASES_S);
    switch (way) {
    case BY_THE_SECONDARY:
        sign_in_again(l, LINK_SECONDARY);
        break;
    case BY_THE_PRIMARY:
        sign_in_again(l, LINK_PRIMARY);
        break;
    case BY_REPAIR:
    case RECOVERIES:
        assert_ok(a0_link_repair(l->w.client, &answer, &l->w.err), l->w.err);
        assert_non_null(strstr(a0_link_answer_json(answer), "\"left\":0"));
        a0_link_answer_free(answer);
        break;
    }
}

/* ---- what must be true then ---- */

static void
check_whole(link_world *l)
{
    bool is_linked = link_tenant_is_linked(l->tenant);

    assert_int_equal(link_world_open(l), 0);
    assert_int_equal(link_world_links(l), is_linked ? 1 : 0);
    assert_true(is_linked ? link_tenant_is_merged(l->tenant)
                          : link_tenant_is_untouched(l->tenant));
    /* Never two entries of a list for one [LINK-15]. */
    assert_null(
        strstr(fake_users_find(&l->tenant->users, LINK_PRIMARY)->json, "\"s\",\"s\""));
}

/* A session has the subject whose token it has, in the object and in the store. */
static void
check_session(link_world *l)
{
    a0_session *again = NULL;
    const char *refresh_token = NULL;
    const char *next = NULL;

    assert_ok(
        a0_session_open(l->w.client, a0_session_id(l->session), &again, &l->w.err),
        l->w.err);
    if (a0_session_is_signed_in(again)) {
        assert_string_equal(a0_session_user_id(again), a0_session_user_id(l->session));
        if (a0_session_refresh_token(again, &refresh_token, &l->w.err) == A0_OK) {
            next = fake_families_use(&l->tenant->families, refresh_token, false, &next);
            assert_true(next == NULL || strcmp(next, a0_session_user_id(again)) == 0);
        }
        forget_error(l);
    }
    a0_session_free(again);
}

/* ---- requests that fail ---- */

typedef enum ailment {
    REFUSED,
    RESET_BEFORE,
    RESET_AFTER,
    TIMED_OUT,
    TIMED_OUT_AFTER,
    STATUS_401,
    STATUS_403,
    STATUS_409,
    STATUS_429,
    STATUS_500,
    STATUS_500_AFTER,
    GARBAGE,
    AILMENTS
} ailment;

/* Counts the requests and lets one of them, or all from it on, fail. */
typedef struct network {
    a0_transport table;
    a0__http inner;
    size_t seen;
    size_t fail_at;
    bool for_good;
    ailment ailment;
} network;

static bool
reaches_auth0(ailment a)
{
    return a == RESET_AFTER || a == TIMED_OUT_AFTER || a == STATUS_500_AFTER ||
           a == GARBAGE;
}

static void
ail(a0_http_exchange *exchange, ailment a)
{
    static const char body[] = "{\"statusCode\":0,\"error\":\"As asked\",\"message\":"
                               "\"As asked.\",\"errorCode\":\"as_asked\"}";

    a0_http_response_free(exchange->response);
    exchange->response = NULL;
    a0_error_free(a0__steal(&exchange->error));
    switch (a) {
    case REFUSED:
        scripted_respond_error(exchange, A0_E_http_unreachable, false);
        break;
    case RESET_BEFORE:
    case RESET_AFTER:
        scripted_respond_error(exchange, A0_E_http_truncated, true);
        break;
    case TIMED_OUT:
    case TIMED_OUT_AFTER:
        scripted_respond_error(exchange, A0_E_http_timeout, true);
        break;
    case STATUS_401:
        scripted_respond(exchange, 401, "application/json", body);
        break;
    case STATUS_403:
        scripted_respond(exchange, 403, "application/json", body);
        break;
    case STATUS_409:
        scripted_respond(exchange, 409, "application/json", body);
        break;
    case STATUS_429:
        scripted_respond(exchange, 429, "application/json", body);
        break;
    case STATUS_500:
    case STATUS_500_AFTER:
        scripted_respond(exchange, 500, "application/json", body);
        break;
    case GARBAGE:
    case AILMENTS:
        scripted_respond(exchange, 200, "application/json", "<p>garbage");
        break;
    }
}

static a0_status
perform(void *self, a0_http_exchange *exchanges, size_t len, int64_t deadline_ms,
        a0_error **err)
{
    network *n = self;
    a0_status status = A0_OK;

    for (size_t i = 0; i < len && status == A0_OK; i++) {
        size_t at = ++n->seen;
        bool fails =
            n->fail_at != 0 && (at == n->fail_at || (n->for_good && at > n->fail_at));

        if (!fails || reaches_auth0(n->ailment)) {
            status = n->inner.table->perform(n->inner.self, &exchanges[i], 1,
                                             deadline_ms, err);
        }
        if (fails) {
            ail(&exchanges[i], n->ailment);
        }
    }
    return status;
}

/* ---- one run ---- */

static void
begin(const operation *o, link_world *l, const char *path, link_tenant *tenant)
{
    link_world_init(l, "\"revoke_on_logout\":true", path, tenant);
    link_world_sign_in_both(l);
    if (o->begins_linked) {
        assert_ok(do_link(l), l->w.err);
        assert_true(link_tenant_is_linked(l->tenant));
    }
}

static size_t
run_ailing(const operation *o, ailment a, size_t at, bool for_good, recovery way)
{
    static link_world l;
    network n = { .table = { .size = sizeof n.table, .perform = perform },
                  .ailment = a };
    size_t seen = 0;

    begin(o, &l, NULL, NULL);
    n.inner =
        (a0__http){ l.w.client->ports.transport, l.w.client->ports.transport_self };
    l.w.client->ports.transport = &n.table;
    l.w.client->ports.transport_self = &n;
    n.fail_at = at;
    n.for_good = for_good;
    if (o->run(&l) != A0_OK) {
        assert_non_null(l.w.err);
    }
    forget_error(&l);
    seen = n.seen;
    n.fail_at = 0;
    check_session(&l);
    come_back(&l, way);
    check_whole(&l);
    if (at == 0) {
        assert_int_equal(link_tenant_is_linked(l.tenant), !o->begins_linked);
    }
    l.w.client->ports.transport = n.inner.table;
    l.w.client->ports.transport_self = n.inner.self;
    link_world_clear(&l);
    return seen;
}

static void
link_15_every_request_may_fail_in_every_way(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        const operation *o = &operations[i];
        size_t requests = run_ailing(o, REFUSED, 0, false, BY_REPAIR);

        print_message("%s: %zu requests, each in %d ways\n", o->name, requests,
                      2 * AILMENTS);
        assert_true(requests >= 4);
        for (size_t at = 1; at <= requests; at++) {
            for (int a = 0; a < AILMENTS; a++) {
                recovery way = (recovery)((at + (size_t)a) % RECOVERIES);

                (void)run_ailing(o, (ailment)a, at, false, way);
                (void)run_ailing(o, (ailment)a, at, true, way);
            }
        }
    }
}

/* ---- a store that fails ---- */

static uint64_t
run_on_failing_store(const operation *o, uint64_t at, bool lost, bool for_good,
                     recovery way)
{
    static link_world l;
    uint64_t before = 0;
    uint64_t passed = 0;

    begin(o, &l, NULL, NULL);
    before = l.w.store.calls;
    l.w.store.after_applying = lost;
    l.w.store.for_good = for_good;
    l.w.store.fail_at = at > 0 ? before + at : 0;
    if (o->run(&l) != A0_OK) {
        assert_non_null(l.w.err);
    }
    forget_error(&l);
    passed = l.w.store.calls - before;
    l.w.store.fail_at = 0;
    l.w.store.for_good = false;
    come_back(&l, way);
    check_whole(&l);
    link_world_clear(&l);
    return passed;
}

static void
link_15_every_call_of_the_store_may_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        const operation *o = &operations[i];
        uint64_t calls = run_on_failing_store(o, 0, false, false, BY_REPAIR);

        print_message("%s: %llu calls of the store, each in 4 ways\n", o->name,
                      (unsigned long long)calls);
        for (uint64_t at = 1; at <= calls; at++) {
            for (int way = 0; way < 4; way++) {
                (void)run_on_failing_store(
                    o, at, (way & 1) != 0, (way & 2) != 0,
                    (recovery)((at + (uint64_t)way) % RECOVERIES));
            }
        }
    }
}

/* Auth0 refuses to part them, and the store fails wherever it may: what is said to be
 * settled is. */
static uint64_t
settle_refused_undo(uint64_t at)
{
    static link_world l;
    network n = { .table = { .size = sizeof n.table, .perform = perform },
                  .ailment = TIMED_OUT,
                  .fail_at = 1,
                  .for_good = true };
    uint64_t before = 0;
    uint64_t passed = 0;
    a0_status status = A0_OK;

    begin(&operations[1], &l, NULL, NULL);
    n.inner =
        (a0__http){ l.w.client->ports.transport, l.w.client->ports.transport_self };
    l.w.client->ports.transport = &n.table;
    l.w.client->ports.transport_self = &n;
    assert_int_not_equal(do_undo(&l), A0_OK);
    forget_error(&l);
    assert_int_equal(link_world_open(&l), 1);
    test_clock_advance_s(&l.w.clock, AFTER_ALL_LEASES_S);
    n.ailment = STATUS_403;
    before = l.w.store.commits;
    l.w.store.only_commits = true;
    l.w.store.fail_at = at > 0 ? before + at : 0;
    status = a0__link_settle(l.w.client, a0__text_of(LINK_PRIMARY), NULL, &l.w.err);
    assert_int_equal(status == A0_OK, link_world_open(&l) == 0);
    forget_error(&l);
    passed = l.w.store.commits - before;
    l.w.store.fail_at = 0;
    l.w.client->ports.transport = n.inner.table;
    l.w.client->ports.transport_self = n.inner.self;
    link_world_clear(&l);
    return passed;
}

static void
link_15_an_undo_that_can_not_be_given_up_is_not_settled(void **state)
{
    uint64_t commits = settle_refused_undo(0);

    (void)state;
    assert_true(commits >= 2);
    for (uint64_t at = 1; at <= commits; at++) {
        (void)settle_refused_undo(at);
    }
}

/* ---- death ---- */

typedef struct reaper {
    unsigned at; /* the point that is not survived; 0: only counts */
    unsigned passed;
} reaper;

static void
pass(reaper *r)
{
    if (++r->passed == r->at) {
        (void)kill(getpid(), SIGKILL);
    }
}

static void
at_store(void *self, failing_store_call call, uint64_t n, bool done)
{
    (void)call;
    (void)n;
    (void)done;
    pass(self);
}

static void
at_request(void *self, const char *path, bool done)
{
    (void)path;
    (void)done;
    pass(self);
}

static void
live_and_die(const operation *o, const char *path, link_tenant *tenant, unsigned at,
             unsigned *out_points)
{
    static link_world l;
    reaper r = { .at = at };

    begin(o, &l, path, tenant);
    l.w.store.watch = at_store;
    l.w.store.watch_self = &r;
    l.w.tenant.watch = at_request;
    l.w.tenant.watch_self = &r;
    (void)o->run(&l);
    *out_points = r.passed;
    _exit(0);
}

static void
inherit(const char *path, link_tenant *tenant, recovery way)
{
    static link_world l;

    link_world_init(&l, "\"revoke_on_logout\":true", path, tenant);
    come_back(&l, way);
    check_whole(&l);
    /* Again, and nothing is left to be done. */
    come_back(&l, BY_REPAIR);
    check_whole(&l);
    link_world_clear(&l);
}

static unsigned
kill_at(const operation *o, unsigned at, recovery way, unsigned *points)
{
    link_tenant *tenant = link_tenant_new();
    store_fixture fixture = { 0 };
    pid_t pid = 0;
    int status = 0;

    fixture_make_folder(&fixture);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        live_and_die(o, fixture.path, tenant, at, points);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WIFSIGNALED(status) != 0, at > 0);
    inherit(fixture.path, tenant, way);
    fixture_remove_folder(&fixture);
    link_tenant_free(tenant);
    return *points;
}

static void
link_15_the_process_may_be_killed_anywhere(void **state)
{
    unsigned *points = mmap(NULL, sizeof *points, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    (void)state;
    assert_true(points != MAP_FAILED);
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        const operation *o = &operations[i];
        unsigned all = kill_at(o, 0, BY_REPAIR, points);

        print_message("%s: killed at %u points\n", o->name, all);
        assert_true(all >= 20);
        for (unsigned at = 1; at <= all; at++) {
            (void)kill_at(o, at, (recovery)(at % RECOVERIES), points);
        }
    }
    (void)munmap(points, sizeof *points);
}

/* ---- two at once ---- */

typedef struct barrier {
    _Atomic int arrived;
} barrier;

/* A sign-in of the same person in a process of its own. */
static void
race(const char *path, link_tenant *tenant, barrier *b)
{
    static link_world l;
    a0__link_done done = { .refused = NULL };

    (void)alarm(RACE_MAX_S); /* a deadlock ends the process, and with it the test */
    link_world_init(&l, NULL, path, tenant);
    l.session = link_world_sign_in(&l, LINK_SECONDARY);
    b->arrived++;
    while (b->arrived < 2) {
        (void)sched_yield();
    }
    (void)link_world_link(&l, l.session, &done);
    _exit(0);
}

static void
race_once(barrier *b)
{
    static link_world l;
    link_tenant *tenant = link_tenant_new();
    store_fixture fixture = { 0 };
    pid_t pids[2] = { 0 };
    int status = 0;

    fixture_make_folder(&fixture);
    link_world_init(&l, NULL, fixture.path, tenant);
    b->arrived = 0;
    for (int i = 0; i < 2; i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i] == 0) {
            race(fixture.path, tenant, b);
        }
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    /* One link, by one call; whatever the loser left alone, nothing is half-way. */
    assert_int_equal(tenant->users.links, 1);
    assert_true(link_tenant_is_linked(tenant));
    assert_int_equal(link_world_open(&l), 0);
    check_whole(&l);
    link_world_clear(&l);
    fixture_remove_folder(&fixture);
    link_tenant_free(tenant);
}

/* LINK_ROUNDS of the environment asks for more than a usual run has time for. */
static void
link_14_two_sign_ins_at_once_make_one_link(void **state)
{
    barrier *b = mmap(NULL, sizeof *b, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    const char *asked = secure_getenv("LINK_ROUNDS");
    uint64_t rounds = ROUNDS_USUAL;

    (void)state;
    assert_true(b != MAP_FAILED);
    if (asked != NULL) {
        assert_true(a0__parse_u64(a0__text_of(asked), 100000, &rounds));
    }
    for (uint64_t i = 0; i < rounds; i++) {
        race_once(b);
    }
    print_message("%llu rounds\n", (unsigned long long)rounds);
    (void)munmap(b, sizeof *b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_15_every_request_may_fail_in_every_way),
        cmocka_unit_test(link_15_every_call_of_the_store_may_fail),
        cmocka_unit_test(link_15_an_undo_that_can_not_be_given_up_is_not_settled),
        cmocka_unit_test(link_15_the_process_may_be_killed_anywhere),
        cmocka_unit_test(link_14_two_sign_ins_at_once_make_one_link),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
