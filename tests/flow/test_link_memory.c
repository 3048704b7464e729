/* SPDX-License-Identifier: MIT */
/*
 * Every allocation of account linking fails once, and then all after it as well: what
 * is reported is the truth, nothing leaks, and no account stays half-way [MEM-09,
 * LINK-15].
 */
#include "link_ordeal.h"

#include <string.h>

/* ---- a confirmation ---- */

static void
sign_in_to_confirm(link_world *l)
{
    link_start_to_confirm(l);
    assert_ok(link_come_from_auth0(l), l->w.err);
}

static a0_status
complete(link_world *l)
{
    a0_link_answer *answer = NULL;

    A0_TRY(a0_link_complete(l->session, &answer, &l->w.err));
    assert_true(a0_link_answer_is_success(answer));
    a0_link_answer_free(answer);
    return A0_OK;
}

/* ---- an undo, and the repair of a link ---- */

static void
sign_in_both_and_link(link_world *l)
{
    link_world_sign_in_both(l);
    assert_ok(link_verify(l), l->w.err);
    assert_true(link_tenant_is_linked(l->tenant));
}

/* The link was made, and everything after it failed. */
static void
sign_in_both_and_link_in_half(link_world *l)
{
    ailing_transport t = { .ailment = STATUS_500, .for_good = true };

    link_world_sign_in_both(l);
    ailing_begin(&t, l->w.client);
    t.fail_at = 5; /* after the machine token, both profiles and the link */
    assert_fails(link_verify(l), &l->w.err, link_partial);
    ailing_end(&t, l->w.client);
    assert_true(link_tenant_is_linked(l->tenant));
    assert_int_equal(link_world_open(l), 1);
    test_clock_advance_s(&l->w.clock, 120);
}

/* ---- an operator ---- */

static a0_status
explain(link_world *l)
{
    a0_link_answer *answer = NULL;

    A0_TRY(a0_link_explain(l->w.client, LINK_SECONDARY, &answer, &l->w.err));
    assert_non_null(strstr(a0_link_answer_json(answer), "\"outcome\":\"link\""));
    a0_link_answer_free(answer);
    return A0_OK;
}

static const link_ordeal ordeals[] = {
    { .name = "verify",
      .settings = LINK_SETTINGS(""),
      .verifies = true,
      .ends_linked = true,
      .before = link_world_sign_in_both,
      .run = link_verify },
    { .name = "complete",
      .settings = LINK_SETTINGS(",\"confirm_password_primary\":true"),
      .verifies = true,
      .ends_linked = true,
      .before = sign_in_to_confirm,
      .run = complete },
    { .name = "undo",
      .settings = LINK_SETTINGS(""),
      .verifies = true,
      .before = sign_in_both_and_link,
      .run = link_undo },
    { .name = "repair",
      .settings = LINK_SETTINGS(""),
      .verifies = true,
      .ends_linked = true,
      .before = sign_in_both_and_link_in_half,
      .run = link_repair },
    { .name = "apply",
      .settings = LINK_SETTINGS(""),
      .verifies = true,
      .ends_linked = true,
      .before = link_world_sign_in_both,
      .run = link_apply },
    { .name = "explain",
      .settings = LINK_SETTINGS(""),
      .verifies = true,
      .before = link_world_sign_in_both,
      .run = explain },
};

static void
mem_09_every_allocation_of_a_sign_in_that_links_may_fail(void **state)
{
    (void)state;
    link_ordeal_every_allocation(&ordeals[0]);
}

static void
mem_09_every_allocation_of_a_confirmation_may_fail(void **state)
{
    (void)state;
    link_ordeal_every_allocation(&ordeals[1]);
}

static void
mem_09_every_allocation_of_an_undo_may_fail(void **state)
{
    (void)state;
    link_ordeal_every_allocation(&ordeals[2]);
}

static void
mem_09_every_allocation_of_a_repair_may_fail(void **state)
{
    (void)state;
    link_ordeal_every_allocation(&ordeals[3]);
}

static void
mem_09_every_allocation_of_an_operators_link_may_fail(void **state)
{
    (void)state;
    link_ordeal_every_allocation(&ordeals[4]);
    link_ordeal_every_allocation(&ordeals[5]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mem_09_every_allocation_of_a_sign_in_that_links_may_fail),
        cmocka_unit_test(mem_09_every_allocation_of_a_confirmation_may_fail),
        cmocka_unit_test(mem_09_every_allocation_of_an_undo_may_fail),
        cmocka_unit_test(mem_09_every_allocation_of_a_repair_may_fail),
        cmocka_unit_test(mem_09_every_allocation_of_an_operators_link_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
