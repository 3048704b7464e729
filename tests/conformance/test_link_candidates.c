/* SPDX-License-Identifier: MIT */
/* Rows of the group LINK about who is linked with whom, and in which direction. */
#include "link_visit.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/* ---- LINK-11: oneself, and answers of 400 and 409 ---- */

static void
link_11_nobody_is_linked_with_themselves(void **state)
{
    static const char *const contains =
        "{\"user_id\":\"auth0|p1\",\"email\":\"" LINK_EMAIL
        "\",\"email_verified\":true,"
        "\"identities\":["
        "{\"provider\":\"auth0\",\"connection\":\"db\",\"user_id\":\"p1\"},"
        "{\"provider\":\"google-oauth2\",\"connection\":\"google-oauth2\","
        "\"user_id\":\"g1\",\"profileData\":{\"email\":\"" LINK_EMAIL
        "\",\"email_verified\":true}}]}";
    const visit_connected stale = { "cac_1", VISIT_GOOGLE_ID, "google-oauth2", "g1",
                                    LINK_EMAIL };
    link_visit *alone = link_visit_of(VISIT_GOOGLE, NULL);
    link_visit *contained = NULL;

    (void)state;
    link_visit_connect(alone, &stale);
    link_visit_sign_in(alone, VISIT_GOOGLE_ID);
    link_visit_verify(alone);
    assert_null(a0_link_answer_refused(alone->answer));
    link_visit_assert_unlinked(alone);
    link_visit_free(alone);
    /* The look-up already shows the identity in the other account. */
    contained = link_visit_of(VISIT_GOOGLE, NULL);
    link_visit_sign_in(contained, VISIT_GOOGLE_ID);
    fake_users_put(contained->users, contains);
    link_visit_verify(contained);
    assert_null(a0_link_answer_refused(contained->answer));
    link_visit_assert_unlinked(contained);
    link_visit_free(contained);
}

static void
link_11_a_conflict_is_a_success_when_the_identity_is_there(void **state)
{
    static const int statuses[] = { 400, 409 };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        link_visit *v = link_visit_of(VISIT_GOOGLE, VISIT_PASSWORD);

        v->users->link_status = statuses[i];
        v->users->link_is_done = true;
        link_visit_sign_in(v, VISIT_GOOGLE_ID);
        link_visit_verify(v);
        link_visit_assert_linked_to(v, VISIT_PASSWORD_ID);
        assert_int_equal(v->users->links, 1);
        assert_int_equal(link_world_links(&v->l), 1);
        assert_int_equal(link_world_open(&v->l), 0);
        link_visit_free(v);
    }
}

static void
link_11_a_conflict_without_the_identity_is_one_and_leaves_nothing(void **state)
{
    static const int statuses[] = { 400, 409 };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        link_visit *v = link_visit_of(VISIT_GOOGLE, VISIT_PASSWORD);
        a0_link_answer *answer = NULL;

        v->users->link_status = statuses[i];
        link_visit_sign_in(v, VISIT_GOOGLE_ID);
        assert_fails(a0_link_verify(link_visit_session(v), &answer, &v->l.w.err),
                     &v->l.w.err, link_conflict);
        assert_string_equal(a0_session_user_id(link_visit_session(v)), VISIT_GOOGLE_ID);
        assert_int_equal(link_world_links(&v->l), 0);
        assert_int_equal(link_world_open(&v->l), 0);
        assert_int_equal(v->users->updates, 0);
        link_visit_free(v);
    }
}

/* ---- LINK-12, LINK-13: three accounts, and who stays ---- */

static const char *const three[] = {
    VISIT_USER_WITH("auth0", "p1", "db", LINK_EMAIL, "true", ""),
    VISIT_USER_WITH("google-oauth2", "g1", "google-oauth2", LINK_EMAIL, "true", ""),
    VISIT_USER_WITH("facebook", "f1", "facebook", LINK_EMAIL, "true", ""),
};
static const char *const three_ids[] = { VISIT_PASSWORD_ID, VISIT_GOOGLE_ID,
                                         VISIT_FACEBOOK_ID };
static const size_t orders[][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
                                    { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

/* Signs in, and confirms what is asked. */
static void
sign_in_and_confirm(link_visit *v, const char *identity)
{
    const char *refused = NULL;

    link_visit_in_another_browser(v);
    link_visit_sign_in(v, identity);
    link_visit_verify(v);
    refused = a0_link_answer_refused(v->answer);
    assert_true(refused == NULL || strcmp(refused, "has_identities") == 0);
    if (a0_link_answer_is_pending(v->answer)) {
        A0_AUTO(a0__string)
        primary = a0__strdup(a0_link_answer_primary_user_id(v->answer));
        A0_AUTO(a0__string)
        callback = link_visit_start(
            v, strcmp(primary, VISIT_FACEBOOK_ID) == 0 ? "facebook" : "google-oauth2");

        assert_ok(link_visit_return(v, callback, primary, 0), v->l.w.err);
        link_visit_complete(v);
        assert_true(a0_link_answer_is_success(v->answer));
    }
}

/* Everybody signs in, twice, in that order; who is left. */
static void
sign_in_all(const size_t listed[3], const size_t signing_in[3], char out_left[128])
{
    link_visit *v = link_visit_new("");
    size_t left = 0;

    for (size_t i = 0; i < 3; i++) {
        fake_users_put(v->users, three[listed[i]]);
    }
    for (size_t i = 0; i < 6; i++) {
        sign_in_and_confirm(v, three_ids[signing_in[i % 3]]);
    }
    for (size_t i = 0; i < v->users->len; i++) {
        if (v->users->items[i].user_id[0] != '\0') {
            (void)snprintf(out_left, 128, "%s", v->users->items[i].user_id);
            left++;
        }
    }
    assert_int_equal(left, 1);
    assert_int_equal(v->users->links, 2);
    link_visit_free(v);
}

static void
link_12_three_accounts_become_one_however_auth0_lists_them(void **state)
{
    (void)state;
    for (size_t s = 0; s < 6; s++) {
        char first[128];

        sign_in_all(orders[0], orders[s], first);
        for (size_t l = 1; l < 6; l++) {
            char left[128];

            sign_in_all(orders[l], orders[s], left);
            assert_string_equal(left, first);
        }
    }
}

static void
link_12_one_sign_in_makes_one_link(void **state)
{
    link_visit *v = link_visit_of(VISIT_GOOGLE, VISIT_PASSWORD);

    (void)state;
    fake_users_put(v->users, VISIT_FACEBOOK);
    link_visit_sign_in(v, VISIT_GOOGLE_ID);
    link_visit_verify(v);
    link_visit_assert_linked_to(v, VISIT_PASSWORD_ID);
    assert_int_equal(v->users->links, 1);
    assert_non_null(fake_users_find(v->users, VISIT_FACEBOOK_ID));
    link_visit_free(v);
}

static void
link_12_an_account_that_has_taken_others_in_becomes_nobodys_secondary(void **state)
{
    link_visit *v = link_visit_of(VISIT_GOOGLE, VISIT_PASSWORD);

    (void)state;
    link_visit_sign_in(v, VISIT_GOOGLE_ID);
    link_visit_verify(v);
    link_visit_assert_linked_to(v, VISIT_PASSWORD_ID);
    fake_users_put(v->users, VISIT_FACEBOOK);
    link_visit_in_another_browser(v);
    link_visit_sign_in(v, VISIT_GOOGLE_ID);
    link_visit_verify(v);
    link_visit_assert_refused(v, "has_identities");
    assert_int_equal(v->users->links, 1);
    link_visit_free(v);
}

static void
link_13_an_older_account_that_is_unverified_or_blocked_stays_out(void **state)
{
    static const char *const old[] = {
        "{\"user_id\":\"auth0|p1\",\"email\":\"" LINK_EMAIL "\",\"email_verified\":"
        "false,\"created_at\":\"2001-01-01T00:00:00.000Z\",\"identities\":["
        "{\"provider\":\"auth0\",\"connection\":\"db\",\"user_id\":\"p1\"}]}",
        "{\"user_id\":\"auth0|p1\",\"email\":\"" LINK_EMAIL "\",\"email_verified\":"
        "true,\"blocked\":true,\"created_at\":\"2001-01-01T00:00:00.000Z\","
        "\"identities\":[{\"provider\":\"auth0\",\"connection\":\"db\",\"user_id\":"
        "\"p1\"}]}",
    };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        link_visit *v = link_visit_of(VISIT_GOOGLE, old[i]);

        fake_users_put(v->users, VISIT_FACEBOOK);
        link_visit_sign_in(v, VISIT_GOOGLE_ID);
        link_visit_verify(v);
        link_visit_assert_linked_to(v, VISIT_FACEBOOK_ID);
        link_visit_free(v);
    }
}

/* The link is made, but neither its answer nor a look at the account gets through. */
static void
go_blind(void *self, const char *path, bool done)
{
    link_visit *v = self;

    if (done && strstr(path, "/identities") != NULL) {
        v->l.w.tenant.management.fault_status = 503;
        v->l.w.tenant.management.fault_times = FAKE_FAULTS_FOREVER;
    }
}

/* The account that stays signs in next; by a sign-in of its own it would become the
 * other's secondary. */
static void
link_13_what_was_begun_in_one_direction_is_finished_in_it(void **state)
{
    link_visit *v = link_visit_of(VISIT_GOOGLE, VISIT_FACEBOOK);
    a0_link_answer *answer = NULL;

    (void)state;
    v->users->link_status = 502;
    v->users->link_is_done = true;
    v->l.w.tenant.watch = go_blind;
    v->l.w.tenant.watch_self = v;
    link_visit_sign_in(v, VISIT_GOOGLE_ID);
    assert_fails(a0_link_verify(link_visit_session(v), &answer, &v->l.w.err),
                 &v->l.w.err, link_partial);
    assert_string_equal(a0_session_user_id(link_visit_session(v)), VISIT_GOOGLE_ID);
    assert_int_equal(link_world_open(&v->l), 1);
    v->l.w.tenant.watch = NULL;
    v->l.w.tenant.management.fault_times = 0;
    test_clock_advance_s(&v->l.w.clock, 120);
    link_visit_in_another_browser(v);
    link_visit_sign_in(v, VISIT_FACEBOOK_ID);
    link_visit_verify(v);
    assert_int_equal(v->users->links, 1);
    assert_string_equal(a0_session_user_id(link_visit_session(v)), VISIT_FACEBOOK_ID);
    assert_int_equal(link_world_open(&v->l), 0);
    assert_int_equal(link_world_links(&v->l), 1);
    link_visit_free(v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_11_nobody_is_linked_with_themselves),
        cmocka_unit_test(link_11_a_conflict_is_a_success_when_the_identity_is_there),
        cmocka_unit_test(
            link_11_a_conflict_without_the_identity_is_one_and_leaves_nothing),
        cmocka_unit_test(link_12_three_accounts_become_one_however_auth0_lists_them),
        cmocka_unit_test(link_12_one_sign_in_makes_one_link),
        cmocka_unit_test(
            link_12_an_account_that_has_taken_others_in_becomes_nobodys_secondary),
        cmocka_unit_test(
            link_13_an_older_account_that_is_unverified_or_blocked_stays_out),
        cmocka_unit_test(link_13_what_was_begun_in_one_direction_is_finished_in_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
