/* SPDX-License-Identifier: MIT */
/*
 * A link and its undo with every request failing in every way, every call of the store
 * failing, every allocation failing, and the process killed at each of them. The points
 * are counted in a run without a fault, so that a new step can not be forgotten.
 */
#include "link_ordeal.h"

#include "base/mem.h"

#define SETTINGS "\"revoke_on_logout\":true"

enum {
    AFTER_ALL_LEASES_S = 120,
    /* Of the locks; before whoever comes back after the repair as well. */
    AFTER_THE_LEASE_S = 60
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
    break_off(l, link_undo);
    assert_false(link_tenant_is_linked(l->tenant));
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
      .run = link_undo },
    { .name = "link by an operator",
      .settings = LINK_SETTINGS(""),
      .verifies = true,
      .ends_linked = true,
      .before = link_world_sign_in_both,
      .run = link_apply },
    { .name = "repair of a link",
      .settings = SETTINGS,
      .ends_linked = true,
      .before = break_off_link,
      .run = link_repair },
    { .name = "repair of an undo",
      .settings = SETTINGS,
      .before = break_off_undo,
      .run = link_repair },
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
    assert_int_not_equal(link_undo(&l), A0_OK);
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_15_every_request_may_fail_in_every_way),
        cmocka_unit_test(link_15_every_call_of_the_store_may_fail),
        cmocka_unit_test(link_15_an_undo_that_can_not_be_given_up_is_not_settled),
        cmocka_unit_test(link_15_the_process_may_be_killed_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
