/* SPDX-License-Identifier: MIT */
/*
 * A whole sign-in that links, and one that confirms a link, from the code to the
 * session of the primary: with every request failing in every way, every call of the
 * store failing, and the process killed at each of them [LINK-15].
 */
#include "link_ordeal.h"

/* ---- a sign-in that links ---- */

static void
start_as_the_secondary(link_world *l)
{
    l->before = link_world_sign_in(l, LINK_PRIMARY);
    l->session = world_session(&l->w, NULL);
    l->callback = world_start(&l->w, l->session, NULL);
    l->w.tenant.sub = LINK_SECONDARY;
}

static a0_status
sign_in(link_world *l)
{
    A0_TRY(link_come_from_auth0(l));
    return link_verify(l);
}

/* ---- a sign-in that confirms ---- */

static a0_status
confirm(link_world *l)
{
    a0_link_answer *answer = NULL;

    A0_TRY(link_come_from_auth0(l));
    A0_TRY(a0_link_complete(l->session, &answer, &l->w.err));
    a0_link_answer_free(answer);
    return A0_OK;
}

static const link_ordeal signing_in = {
    .name = "sign-in that links",
    .settings = LINK_SETTINGS(""),
    .verifies = true,
    .ends_linked = true,
    .before = start_as_the_secondary,
    .run = sign_in,
};

static const link_ordeal confirming = {
    .name = "sign-in that confirms",
    .settings = LINK_SETTINGS(",\"confirm_password_primary\":true"),
    .verifies = true,
    .ends_linked = true,
    .before = link_start_to_confirm,
    .run = confirm,
};

static void
link_15_every_request_of_a_sign_in_may_fail_in_every_way(void **state)
{
    (void)state;
    link_ordeal_every_request(&signing_in);
    link_ordeal_every_request(&confirming);
}

static void
link_15_every_call_of_the_store_in_a_sign_in_may_fail(void **state)
{
    (void)state;
    link_ordeal_every_store_call(&signing_in);
    link_ordeal_every_store_call(&confirming);
}

static void
link_15_a_process_may_be_killed_anywhere_in_a_sign_in(void **state)
{
    (void)state;
    link_ordeal_every_death(&signing_in);
    link_ordeal_every_death(&confirming);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_15_every_request_of_a_sign_in_may_fail_in_every_way),
        cmocka_unit_test(link_15_every_call_of_the_store_in_a_sign_in_may_fail),
        cmocka_unit_test(link_15_a_process_may_be_killed_anywhere_in_a_sign_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
