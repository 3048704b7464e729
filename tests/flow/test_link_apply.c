/* SPDX-License-Identifier: MIT */
/* Links that an operator makes: decided as at a sign-in, carried out as there, and
 * nothing beyond rule 3. */
#include "link_world.h"

#include <string.h>

#include "base/mem.h"

#define SETTINGS(linking, more)                                                        \
    "{" WORLD_SETTINGS_OF_LINKING(                                                     \
        "\"db\",\"google-oauth2\"") ",\"linking\":\"" linking "\"" more "}"

typedef struct office {
    link_world l;
    a0_client *client; /* the operator's */
} office;

static void
office_init(office *o, const char *settings)
{
    link_world_init(&o->l, NULL, NULL, NULL);
    link_world_sign_in_both(&o->l);
    o->client = world_another_client(&o->l.w, settings, NULL, NULL);
}

static void
office_clear(office *o)
{
    a0_client_free(o->client);
    link_world_clear(&o->l);
}

static bool
apply(office *o, const char *user_id, const char *expected_refusal)
{
    a0_link_answer *answer = NULL;
    bool linked = false;

    assert_ok(a0_link_apply(o->client, user_id, &answer, &o->l.w.err), o->l.w.err);
    linked = a0_link_answer_is_linked(answer);
    if (expected_refusal != NULL) {
        assert_string_equal(a0_link_answer_refused(answer), expected_refusal);
    } else {
        assert_null(a0_link_answer_refused(answer));
    }
    if (linked) {
        assert_int_equal(a0_link_answer_rule(answer), 3);
        assert_string_equal(a0_link_answer_primary_user_id(answer), LINK_PRIMARY);
    }
    a0_link_answer_free(answer);
    return linked;
}

static void
a_link_without_a_sign_in_ends_every_session_of_both(void **state)
{
    office o;

    (void)state;
    office_init(&o, SETTINGS("on", ""));
    assert_true(apply(&o, LINK_SECONDARY, NULL));
    assert_true(link_tenant_is_linked(o.l.tenant));
    assert_true(link_tenant_is_merged(o.l.tenant));
    assert_int_equal(link_world_rows(&o.l, A0_RECORD_SESSION, LINK_PRIMARY), 0);
    assert_int_equal(link_world_rows(&o.l, A0_RECORD_SESSION, LINK_SECONDARY), 0);
    assert_int_equal(link_world_links(&o.l), 1);
    assert_int_equal(link_world_open(&o.l), 0);
    office_clear(&o);
}

static void
what_needs_a_confirmation_is_left_apart(void **state)
{
    office o;

    (void)state;
    office_init(&o, SETTINGS("on", ""));
    assert_false(apply(&o, LINK_PRIMARY, NULL)); /* a password account: rule 4 */
    assert_true(link_tenant_is_untouched(o.l.tenant));
    office_clear(&o);
    office_init(&o,
                SETTINGS("on", ",\"confirm_only_connections\":[\"google-oauth2\"]"));
    assert_false(apply(&o, LINK_SECONDARY, NULL));
    assert_true(link_tenant_is_untouched(o.l.tenant));
    assert_int_equal(o.l.tenant->users.links, 0);
    office_clear(&o);
}

static void
linking_that_is_off_or_only_observes_links_nothing(void **state)
{
    office o;

    (void)state;
    office_init(&o, SETTINGS("observe", ""));
    assert_false(apply(&o, LINK_SECONDARY, NULL));
    office_clear(&o);
    office_init(&o, SETTINGS("off", ""));
    assert_false(apply(&o, LINK_SECONDARY, NULL));
    assert_int_equal(o.l.tenant->users.links, 0);
    office_clear(&o);
}

static void
an_address_that_was_not_proved_links_nothing(void **state)
{
    office o;
    fake_user *primary = NULL;
    char *flag = NULL;

    (void)state;
    office_init(&o, SETTINGS("on", ""));
    primary = fake_users_find(&o.l.tenant->users, LINK_PRIMARY);
    flag = strstr(primary->json, "\"email_verified\":true");
    assert_non_null(flag);
    memcpy(flag, "\"email_verified\":null", strlen("\"email_verified\":null"));
    assert_false(apply(&o, LINK_SECONDARY, "unverified_email"));
    assert_int_equal(o.l.tenant->users.links, 0);
    office_clear(&o);
}

static void
a_pair_that_was_parted_stays_apart(void **state)
{
    office o;
    a0_link_answer *answer = NULL;

    (void)state;
    office_init(&o, SETTINGS("on", ""));
    assert_true(apply(&o, LINK_SECONDARY, NULL));
    assert_ok(a0_link_undo(o.client, LINK_PRIMARY, "google-oauth2",
                           "104857600123456789012", &answer, &o.l.w.err),
              o.l.w.err);
    a0_link_answer_free(answer);
    assert_false(apply(&o, LINK_SECONDARY, "no_auto_pair"));
    assert_false(link_tenant_is_linked(o.l.tenant));
    office_clear(&o);
}

static void
users_that_are_gone_and_bad_ids_are_errors(void **state)
{
    office o;
    a0_link_answer *answer = NULL;

    (void)state;
    office_init(&o, SETTINGS("on", ""));
    assert_fails(a0_link_apply(o.client, "auth0|nobody", &answer, &o.l.w.err),
                 &o.l.w.err, mgmt_user_not_found);
    assert_fails(a0_link_apply(o.client, "no bar", &answer, &o.l.w.err), &o.l.w.err,
                 param_invalid);
    office_clear(&o);
}

/* Links with the n-th commit failing, then erases the secondary; whether the link was
 * half-way in between. */
static bool
erase_after_commit_failed(uint64_t n)
{
    office o;
    a0_link_answer *answer = NULL;
    a0_user_data *erased = NULL;
    bool was_open = false;

    office_init(&o, SETTINGS("on", ""));
    o.l.w.store.only_commits = true;
    o.l.w.store.fail_at = o.l.w.store.commits + n;
    if (a0_link_apply(o.client, LINK_SECONDARY, &answer, &o.l.w.err) == A0_OK) {
        a0_link_answer_free(answer);
    }
    a0_error_free(a0__steal(&o.l.w.err));
    o.l.w.store.fail_at = 0;
    was_open = link_world_open(&o.l) > 0;
    test_clock_advance_s(&o.l.w.clock, 3600); /* leases of locks are over */
    assert_ok(a0_user_erase(o.client, LINK_SECONDARY, &erased, &o.l.w.err), o.l.w.err);
    a0_user_data_free(erased);
    assert_int_equal(link_world_open(&o.l), 0);
    assert_int_equal(link_world_links(&o.l), 0);
    assert_true(
        link_tenant_is_untouched(o.l.tenant) ||
        (link_tenant_is_linked(o.l.tenant) && link_tenant_is_merged(o.l.tenant)));
    office_clear(&o);
    return was_open;
}

static void
stor_12_a_link_that_is_half_way_is_settled_before_somebody_is_erased(void **state)
{
    int half_way = 0;

    (void)state;
    for (uint64_t n = 1; n <= 16; n++) {
        half_way += erase_after_commit_failed(n) ? 1 : 0;
    }
    assert_true(half_way >= 2);
}

/* Of the accounts with that address, the one that was asked for has more identities
 * than anybody can have. */
static void
nobody_else_is_linked_for_a_user_that_can_not_be_read(void **state)
{
    A0_AUTO(a0__buf) profile = A0__BUF_INIT(FAKE_USER_JSON_MAX);
    a0_link_answer *answer = NULL;
    office o;

    (void)state;
    office_init(&o, SETTINGS("on", ""));
    a0__buf_string(&profile, "{\"user_id\":\"" LINK_PRIMARY "\",\"email\":\"" LINK_EMAIL
                             "\",\"email_verified\":true,\"identities\":[");
    for (int i = 0; i < 33; i++) {
        a0__buf_format(&profile,
                       "%s{\"provider\":\"auth0\",\"connection\":\"db\",\"user_id\":"
                       "\"%d\"}",
                       i > 0 ? "," : "", i);
    }
    a0__buf_string(&profile, "]}");
    fake_users_put(&o.l.tenant->users, a0__buf_cstr(&profile));
    fake_users_put(&o.l.tenant->users,
                   "{\"user_id\":\"auth0|other\",\"email\":\"" LINK_EMAIL
                   "\",\"email_verified\":true,\"identities\":[{\"provider\":"
                   "\"auth0\",\"connection\":\"db\",\"user_id\":\"other\"}]}");
    assert_fails(a0_link_apply(o.client, LINK_PRIMARY, &answer, &o.l.w.err), &o.l.w.err,
                 mgmt_response_invalid);
    assert_int_equal(o.l.tenant->users.links, 0);
    office_clear(&o);
}

/* At a sign-in neither: both look at the same accounts. */
static void
link_10_an_id_that_nobody_can_have_keeps_nobody_from_being_linked(void **state)
{
    office o;

    (void)state;
    office_init(&o, SETTINGS("on", ""));
    fake_users_put(&o.l.tenant->users,
                   "{\"user_id\":\"auth0|j\\u00f6\",\"email\":\"" LINK_EMAIL
                   "\",\"email_verified\":true,\"identities\":[{\"provider\":"
                   "\"auth0\",\"connection\":\"db\",\"user_id\":\"j\\u00f6\"}]}");
    assert_true(apply(&o, LINK_SECONDARY, NULL));
    assert_true(link_tenant_is_linked(o.l.tenant));
    office_clear(&o);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_without_a_sign_in_ends_every_session_of_both),
        cmocka_unit_test(what_needs_a_confirmation_is_left_apart),
        cmocka_unit_test(linking_that_is_off_or_only_observes_links_nothing),
        cmocka_unit_test(an_address_that_was_not_proved_links_nothing),
        cmocka_unit_test(a_pair_that_was_parted_stays_apart),
        cmocka_unit_test(users_that_are_gone_and_bad_ids_are_errors),
        cmocka_unit_test(
            stor_12_a_link_that_is_half_way_is_settled_before_somebody_is_erased),
        cmocka_unit_test(nobody_else_is_linked_for_a_user_that_can_not_be_read),
        cmocka_unit_test(
            link_10_an_id_that_nobody_can_have_keeps_nobody_from_being_linked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
