/* SPDX-License-Identifier: MIT */
/*
 * A link and its undo with every request failing in every way, every call of the store
 * failing, every allocation failing, and the process killed at each of them. The points
 * are counted in a run without a fault, so that a new step can not be forgotten.
 */
#include "link_ordeal.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "flows/client.h"
#include "store_fixture.h"

#define SETTINGS "\"revoke_on_logout\":true"

enum {
    ROUNDS_USUAL = 20,
    AFTER_ALL_LEASES_S = 120,
    /* Of the locks; before whoever comes back after the repair as well. */
    AFTER_THE_LEASE_S = 60,
    RACE_MAX_S = 60
};

/* ---- what is done ---- */

static a0_status
do_link(link_world *l)
{
    a0__link_done done = { .refused = NULL };

    return link_world_link(l, l->session, &done);
}

static void
sign_in_both_and_link(link_world *l)
{
    link_world_sign_in_both(l);
    assert_ok(do_link(l), l->w.err);
    assert_true(link_tenant_is_linked(l->tenant));
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

/* Breaks off at the commit after which Auth0 has done its part, and our entry does not
 * say so. */
static void
break_off(link_world *l, a0_status (*what)(link_world *l))
{
    enum {
        BROKEN = 3 /* after the locks and the intent */
    };

    l->w.store.only_commits = true;
    l->w.store.for_good = true;
    l->w.store.fail_at = l->w.store.commits + BROKEN;
    assert_int_not_equal(what(l), A0_OK);
    a0_error_free(a0__steal(&l->w.err));
    l->w.store.fail_at = 0;
    l->w.store.for_good = false;
    l->w.store.only_commits = false;
    assert_int_equal(link_world_open(l), 1);
    test_clock_advance_s(&l->w.clock, AFTER_THE_LEASE_S);
}

static void
break_off_link(link_world *l)
{
    link_world_sign_in_both(l);
    break_off(l, do_link);
    assert_true(link_tenant_is_linked(l->tenant));
}

static void
break_off_undo(link_world *l)
{
    sign_in_both_and_link(l);
    break_off(l, do_undo);
    assert_false(link_tenant_is_linked(l->tenant));
}

static a0_status
do_repair(link_world *l)
{
    a0_link_answer *answer = NULL;

    A0_TRY(a0_link_repair(l->w.client, &answer, &l->w.err));
    a0_link_answer_free(answer);
    return A0_OK;
}

static const link_ordeal ordeals[] = {
    { .name = "link",
      .settings = SETTINGS,
      .ends_linked = true,
      .before = link_world_sign_in_both,
      .run = do_link },
    { .name = "undo",
      .settings = SETTINGS,
      .before = sign_in_both_and_link,
      .run = do_undo },
    { .name = "repair of a link",
      .settings = SETTINGS,
      .ends_linked = true,
      .before = break_off_link,
      .run = do_repair },
    { .name = "repair of an undo",
      .settings = SETTINGS,
      .before = break_off_undo,
      .run = do_repair },
};

static void
each(void (*every)(const link_ordeal *o))
{
    for (size_t i = 0; i < sizeof ordeals / sizeof ordeals[0]; i++) {
        every(&ordeals[i]);
    }
}

static void
link_15_every_request_may_fail_in_every_way(void **state)
{
    (void)state;
    each(link_ordeal_every_request);
}

static void
link_15_every_call_of_the_store_may_fail(void **state)
{
    (void)state;
    each(link_ordeal_every_store_call);
}

static void
link_15_the_process_may_be_killed_anywhere(void **state)
{
    (void)state;
    each(link_ordeal_every_death);
}

/* Auth0 refuses to part them, and the store fails wherever it may: what is said to be
 * settled is. */
static uint64_t
settle_refused_undo(uint64_t at)
{
    static link_world l;
    ailing_transport t = { .ailment = TIMED_OUT, .fail_at = 1, .for_good = true };
    uint64_t before = 0;
    uint64_t passed = 0;
    a0_status status = A0_OK;

    link_world_init(&l, SETTINGS, NULL, NULL);
    sign_in_both_and_link(&l);
    ailing_begin(&t, l.w.client);
    assert_int_not_equal(do_undo(&l), A0_OK);
    a0_error_free(a0__steal(&l.w.err));
    assert_int_equal(link_world_open(&l), 1);
    test_clock_advance_s(&l.w.clock, AFTER_ALL_LEASES_S);
    t.ailment = STATUS_403;
    before = l.w.store.commits;
    l.w.store.only_commits = true;
    l.w.store.fail_at = at > 0 ? before + at : 0;
    status = a0__link_settle(l.w.client, a0__text_of(LINK_PRIMARY), NULL, &l.w.err);
    assert_int_equal(status == A0_OK, link_world_open(&l) == 0);
    a0_error_free(a0__steal(&l.w.err));
    passed = l.w.store.commits - before;
    l.w.store.fail_at = 0;
    ailing_end(&t, l.w.client);
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

/* ---- two at once ---- */

typedef struct barrier {
    _Atomic int arrived;
} barrier;

/* A sign-in of the same person in a process of its own. */
static void
race(const char *path, link_tenant *tenant, barrier *b)
{
    static link_world l;

    (void)alarm(RACE_MAX_S); /* a deadlock ends the process, and with it the test */
    link_world_init(&l, LINK_SETTINGS(""), path, tenant);
    l.session = link_world_sign_in(&l, LINK_SECONDARY);
    b->arrived++;
    while (b->arrived < 2) {
        (void)sched_yield();
    }
    a0__ignore(link_verify(&l));
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
    link_check_whole(&l);
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
