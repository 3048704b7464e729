/* SPDX-License-Identifier: MIT */
/* Requests that arrive late, answers that never do, and holders of locks that sleep
 * through their lease (contract §2, rule 10). */
#include "link_world.h"

#include <string.h>

/* The request is under way to Auth0, and its answer lost. */
static void
lose_link(void *self, const char *path, bool done)
{
    link_world *l = self;

    if (!done && strstr(path, "/identities") != NULL) {
        l->w.tenant.watch = NULL;
        l->w.tenant.management.fault_network = A0_E_http_timeout;
        l->w.tenant.management.fault_times = 1;
    }
}

/* The person tries again at once, and Auth0 links only then: without the entry nobody
 * would know the metadata that it throws away. */
static void
link_15_a_request_that_arrives_late_finds_its_entry(void **state)
{
    link_world *l = link_world_begin(NULL);
    a0__link_done done = { .refused = NULL };
    a0_session *again = NULL;

    (void)state;
    l->w.tenant.watch = lose_link;
    l->w.tenant.watch_self = l;
    assert_fails(link_world_link(l, l->session, &done), &l->w.err, link_partial);
    again = link_world_sign_in(l, LINK_SECONDARY);
    assert_fails(
        a0__link_settle(l->w.client, A0__LIT(LINK_SECONDARY), again, &l->w.err),
        &l->w.err, link_partial);
    link_world_repair(l,
                      "{\"repaired\":0,\"left\":1}"); /* a job that runs every minute */
    link_tenant_link_behind_our_back(l->tenant);
    test_clock_advance_s(&l->w.clock, 60);
    assert_ok(a0__link_settle(l->w.client, A0__LIT(LINK_PRIMARY), NULL, &l->w.err),
              l->w.err);
    assert_int_equal(link_world_open(l), 0);
    assert_true(link_tenant_is_merged(l->tenant));
    a0_session_free(again);
    link_world_clear(l);
}

static void
link_15_a_request_that_never_arrives_is_taken_back_by_a_repair(void **state)
{
    link_world *l = link_world_begin(NULL);
    a0__link_done done = { .refused = NULL };

    (void)state;
    l->w.tenant.watch = lose_link;
    l->w.tenant.watch_self = l;
    assert_fails(link_world_link(l, l->session, &done), &l->w.err, link_partial);
    test_clock_advance_s(&l->w.clock, 60);
    link_world_repair(l, "{\"repaired\":1,\"left\":0}");
    assert_true(link_tenant_is_untouched(l->tenant));
    assert_int_equal(link_world_open(l), 0);
    test_clock_advance_s(&l->w.clock, 60);
    assert_true(link_world_link_both(l).is_linked);
    link_world_clear(l);
}

/* ---- a lease that runs out ---- */

/* The request takes its time, and is given up by whoever looks meanwhile. */
static void
repair_before_link(void *self, const char *path, bool done)
{
    link_world *l = self;

    if (!done && strstr(path, "/identities") != NULL) {
        l->w.tenant.watch = NULL;
        test_clock_advance_s(&l->w.clock, 120);
        link_world_repair(l, "{\"repaired\":1,\"left\":0}");
        assert_int_equal(link_world_open(l), 0);
    }
}

/* Its answer finds that the entry is gone, and with it what Auth0 throws away. */
static void
link_15_a_link_that_was_given_up_while_it_was_made_is_whole(void **state)
{
    link_world *l = link_world_begin(NULL);
    a0__link_done done = { .refused = NULL };

    (void)state;
    l->w.tenant.watch = repair_before_link;
    l->w.tenant.watch_self = l;
    done = link_world_link_both(l);
    assert_true(done.is_linked);
    assert_true(link_tenant_is_linked(l->tenant));
    assert_true(link_tenant_is_merged(l->tenant));
    assert_int_equal(link_world_open(l), 0);
    assert_int_equal(link_world_links(l), 1);
    (void)link_world_undo(l);
    assert_true(link_tenant_is_untouched(l->tenant));
    link_world_clear(l);
}

/* The process sleeps for a minute once something is half-way. */
static void
sleep_half_way(void *self, failing_store_call call, uint64_t n, bool done)
{
    link_world *l = self;

    (void)n;
    if (call == FAILING_STORE_COMMIT && done) {
        l->w.store.watch = NULL;
        if (link_world_open(l) > 0) {
            test_clock_advance_s(&l->w.clock, 60);
        } else {
            l->w.store.watch = sleep_half_way;
        }
    }
}

static void
link_14_who_sleeps_after_the_plan_was_written_sends_nothing(void **state)
{
    link_world *l = link_world_begin(NULL);
    a0__link_done done = { .refused = NULL };

    (void)state;
    l->w.store.watch = sleep_half_way;
    l->w.store.watch_self = l;
    assert_fails(link_world_link(l, l->session, &done), &l->w.err, link_in_progress);
    assert_int_equal(l->tenant->users.links, 0);
    assert_true(link_tenant_is_untouched(l->tenant));
    assert_int_equal(link_world_open(l), 0);
    test_clock_advance_s(&l->w.clock, 60);
    assert_true(link_world_link_both(l).is_linked);
    link_world_clear(l);
}

static void
link_14_who_sleeps_before_an_undo_leaves_it_to_the_next(void **state)
{
    link_world *l = link_world_begin(NULL);
    a0_link_answer *answer = NULL;

    (void)state;
    (void)link_world_link_both(l);
    l->w.store.watch = sleep_half_way;
    l->w.store.watch_self = l;
    assert_fails(a0_link_undo(l->w.client, LINK_PRIMARY, "google-oauth2",
                              "104857600123456789012", &answer, &l->w.err),
                 &l->w.err, link_in_progress);
    assert_int_equal(l->tenant->users.unlinks, 0);
    link_world_repair(l, "{\"repaired\":1,\"left\":0}");
    assert_true(link_tenant_is_untouched(l->tenant));
    link_world_clear(l);
}

/* Somebody changes the primary while Auth0 links, slowly. */
static void
change_primary(void *self, const char *path, bool done)
{
    link_world *l = self;
    a0_user *user = NULL;

    if (done && strstr(path, "/identities") != NULL) {
        l->w.tenant.watch = NULL;
        test_clock_advance_s(&l->w.clock, 3);
        assert_ok(a0_user_update(l->w.client, LINK_PRIMARY,
                                 "{\"user_metadata\":{\"tags\":[\"p\",\"new\"]}}",
                                 &user, &l->w.err),
                  l->w.err);
        a0_user_free(user);
    }
}

static void
link_16_what_somebody_writes_during_a_slow_link_is_not_lost(void **state)
{
    link_world *l = link_world_begin(NULL);

    (void)state;
    l->w.tenant.watch = change_primary;
    l->w.tenant.watch_self = l;
    assert_true(link_world_link_both(l).is_linked);
    assert_non_null(strstr(fake_users_find(&l->tenant->users, LINK_PRIMARY)->json,
                           "\"tags\":[\"s\",\"p\",\"new\"]"));
    link_world_clear(l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_15_a_request_that_arrives_late_finds_its_entry),
        cmocka_unit_test(
            link_15_a_request_that_never_arrives_is_taken_back_by_a_repair),
        cmocka_unit_test(link_15_a_link_that_was_given_up_while_it_was_made_is_whole),
        cmocka_unit_test(link_14_who_sleeps_after_the_plan_was_written_sends_nothing),
        cmocka_unit_test(link_14_who_sleeps_before_an_undo_leaves_it_to_the_next),
        cmocka_unit_test(link_16_what_somebody_writes_during_a_slow_link_is_not_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
