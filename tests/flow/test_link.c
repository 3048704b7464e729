/* SPDX-License-Identifier: MIT */
/* How a link is carried out, taken back and repaired (contract §2, rules 9 to 12). */
#include "link_world.h"

#include <string.h>

static link_world *
begin(const char *settings)
{
    static link_world l;

    link_world_init(&l, settings, NULL, NULL);
    link_world_sign_in_both(&l);
    return &l;
}

static void
link_06_every_other_session_and_token_ends(void **state)
{
    link_world *l = begin(NULL);
    a0__link_done done = { .refused = NULL };
    char old_id[A0_SESSION_ID_LEN + 1];

    (void)state;
    memcpy(old_id, a0_session_id(l->session), sizeof old_id);
    assert_ok(link_world_link(l, l->session, &done), l->w.err);
    assert_true(done.is_linked);
    assert_false(done.reauthentication_required);
    assert_true(link_tenant_is_linked(l->tenant));
    assert_true(link_tenant_is_merged(l->tenant));
    assert_string_equal(a0_session_user_id(l->session), LINK_PRIMARY);
    assert_string_not_equal(a0_session_id(l->session), old_id);
    assert_int_equal(link_world_rows(l, A0_RECORD_SESSION, LINK_PRIMARY), 1);
    assert_int_equal(link_world_rows(l, A0_RECORD_SESSION, LINK_SECONDARY), 0);
    assert_int_equal(link_world_rows(l, A0_RECORD_REFRESH_TOKEN, LINK_PRIMARY), 1);
    assert_int_equal(link_world_rows(l, A0_RECORD_REFRESH_TOKEN, LINK_SECONDARY), 0);
    assert_int_equal(link_world_rows(l, A0_RECORD_ACCOUNT_TOKEN, LINK_SECONDARY), 0);
    assert_int_equal(fake_families_alive(&l->tenant->families, LINK_PRIMARY), 1);
    assert_int_equal(fake_families_alive(&l->tenant->families, LINK_SECONDARY), 0);
    assert_int_equal(link_world_links(l), 1);
    assert_int_equal(link_world_open(l), 0);
    link_world_clear(l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_06_every_other_session_and_token_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
