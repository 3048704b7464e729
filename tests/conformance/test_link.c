/* SPDX-License-Identifier: MIT */
/* Rows of the group LINK as a sign-in meets them. */
#include "world.h"

#include <string.h>

#define LINK_SETTINGS                                                                  \
    "{\"auth0_domain\":\"" FAKE_DOMAIN "\",\"client_id\":\"" FAKE_CLIENT_ID            \
    "\",\"client_secret\":\"client-secret-canary-000000000000\","                      \
    "\"connections_for_account_linking\":[\"google-oauth2\",\"facebook\",\"db\"],"     \
    "\"encryption_keys\":[\"0123456789abcdef0123456789abcdef0123456789abcdef"          \
    "0123456789abcdef\"]}"
#define PROFILE(strategy, id, connection, verified)                                    \
    "{\"user_id\":\"" strategy "|" id "\",\"email\":\"jo@acme.example\","              \
    "\"email_verified\":" verified ",\"created_at\":\"2024-01-01T00:00:00.000Z\","     \
    "\"identities\":[{\"provider\":\"" strategy "\",\"connection\":\"" connection      \
    "\",\"user_id\":\"" id "\"}]}"
#define GOOGLE PROFILE("google-oauth2", "g1", "google-oauth2", "true")
#define PASSWORD PROFILE("auth0", "p1", "db", "true")

typedef struct link_world {
    world w;
    fake_users users;
    a0_session *session;
    a0_link_answer *answer;
} link_world;

static void
begin(link_world *l)
{
    memset(l, 0, sizeof *l);
    world_init(&l->w, LINK_SETTINGS);
    l->w.tenant.management.users = &l->users;
    l->session = world_session(&l->w, NULL);
}

static void
end(link_world *l)
{
    a0_link_answer_free(l->answer);
    a0_session_free(l->session);
    world_clear(&l->w);
    fake_users_clear(&l->users);
}

static void
sign_in(link_world *l, const char *sub)
{
    l->w.tenant.sub = sub;
    a0_login_free(world_login(&l->w, l->session));
}

static void
verify(link_world *l)
{
    a0_link_answer_free(l->answer);
    l->answer = NULL;
    assert_ok(a0_link_verify(l->session, &l->answer, &l->w.err), l->w.err);
}

/* Asks, and signs in as that account to confirm. */
static void
confirm_as(link_world *l, const char *sub)
{
    const a0_param connection = { "connection", "google-oauth2" };
    a0_login_options options = A0_LOGIN_OPTIONS_INIT;
    A0_AUTO(a0__string) callback = NULL;
    A0_AUTO(a0__buf) claims = A0__BUF_INIT(128);
    a0_login *login = NULL;

    options.params = &connection;
    options.params_len = 1;
    callback = world_start(&l->w, l->session, &options);
    l->w.tenant.sub = sub;
    a0__buf_string(&claims, ",\"auth_time\":");
    a0__buf_i64(&claims, test_clock_table.wall_ms(&l->w.clock) / 1000);
    l->w.tenant.more_claims = a0__buf_cstr(&claims);
    assert_ok(a0_login_complete(l->session, callback, NULL, &login, &l->w.err),
              l->w.err);
    a0_login_free(login);
    l->w.tenant.more_claims = "";
    a0_link_answer_free(l->answer);
    l->answer = NULL;
    assert_ok(a0_link_complete(l->session, &l->answer, &l->w.err), l->w.err);
}

static void
link_01_an_unverified_account_is_not_linked_and_the_sign_in_stands(void **state)
{
    link_world l;

    (void)state;
    begin(&l);
    fake_users_put(&l.users, GOOGLE);
    fake_users_put(&l.users, PROFILE("auth0", "p1", "db", "false"));
    sign_in(&l, "google-oauth2|g1");
    verify(&l);
    assert_string_equal(a0_link_answer_refused(l.answer), "unverified_email");
    assert_false(a0_link_answer_is_linked(l.answer));
    assert_int_equal(l.users.links, 0);
    assert_string_equal(a0_session_user_id(l.session), "google-oauth2|g1");
    end(&l);
}

static void
password_then_social_links_and_the_session_is_the_primarys(void **state)
{
    link_world l;

    (void)state;
    begin(&l);
    fake_users_put(&l.users, GOOGLE);
    fake_users_put(&l.users, PASSWORD);
    sign_in(&l, "google-oauth2|g1");
    verify(&l);
    assert_true(a0_link_answer_is_linked(l.answer));
    assert_int_equal(a0_link_answer_rule(l.answer), 3);
    assert_int_equal(l.users.links, 1);
    assert_int_equal(l.users.searches, 0);
    assert_string_equal(a0_session_user_id(l.session), "auth0|p1");
    end(&l);
}

/* LINK-14: its code was exchanged before the link, its session was written when the
 * others had ended already. */
static void
link_06_a_sign_in_that_a_link_overtook_is_over(void **state)
{
    link_world l;

    (void)state;
    begin(&l);
    fake_users_put(&l.users, GOOGLE);
    fake_users_put(&l.users, PASSWORD);
    sign_in(&l, "google-oauth2|g1");
    verify(&l);
    assert_true(a0_link_answer_is_linked(l.answer));
    a0_session_free(l.session);
    l.session = world_session(&l.w, NULL);
    sign_in(&l, "google-oauth2|g1");
    verify(&l);
    assert_string_equal(a0_link_answer_refused(l.answer), "gone");
    assert_false(a0_session_is_signed_in(l.session));
    assert_int_equal(world_rows(&l.w, A0_RECORD_SESSION, A0_INDEX_USER_ID, "auth0|p1"),
                     1);
    assert_int_equal(
        world_rows(&l.w, A0_RECORD_SESSION, A0_INDEX_USER_ID, "google-oauth2|g1"), 0);
    end(&l);
}

/* An account that is gone for another reason: a refusal refuses no sign-in. */
static void
link_22_a_sign_in_whose_account_was_deleted_stands(void **state)
{
    link_world l;

    (void)state;
    begin(&l);
    fake_users_put(&l.users, PASSWORD);
    sign_in(&l, "google-oauth2|g1");
    verify(&l);
    assert_string_equal(a0_link_answer_refused(l.answer), "gone");
    assert_string_equal(a0_session_user_id(l.session), "google-oauth2|g1");
    end(&l);
}

/* Two round trips: the code, then the profiles; the machine token is there already. */
static void
budget_a_warm_sign_in_with_nothing_to_link_takes_three_requests(void **state)
{
    link_world l;
    unsigned before = 0;

    (void)state;
    begin(&l);
    fake_users_put(&l.users, GOOGLE);
    assert_ok(a0_client_warm(l.w.client, &l.w.err), l.w.err);
    assert_int_equal(l.w.tenant.management.tokens, 1);
    before = l.w.tenant.management.calls;
    sign_in(&l, "google-oauth2|g1");
    verify(&l);
    assert_null(a0_link_answer_refused(l.answer));
    assert_int_equal(l.w.tenant.management.tokens, 1);
    assert_int_equal(l.w.tenant.management.calls, before + 2);
    end(&l);
}

static void
link_18_the_right_account_confirms_and_another_leaves_nobody_signed_in(void **state)
{
    for (int right = 0; right < 2; right++) {
        link_world l;

        (void)state;
        begin(&l);
        fake_users_put(&l.users, GOOGLE);
        fake_users_put(&l.users, PASSWORD);
        sign_in(&l, "auth0|p1");
        verify(&l);
        assert_true(a0_link_answer_is_pending(l.answer));
        assert_int_equal(l.users.links, 0);
        confirm_as(&l, right == 1 ? "google-oauth2|g1" : "google-oauth2|other");
        assert_non_null(l.answer);
        assert_true(a0_link_answer_is_success(l.answer) == (right == 1));
        assert_true(a0_link_answer_is_different_account(l.answer) == (right == 0));
        assert_true(a0_session_is_signed_in(l.session) == (right == 1));
        assert_int_equal(l.users.links, right);
        end(&l);
    }
}

static void
link_19_an_ordinary_sign_in_confirms_nothing_and_drops_what_waits(void **state)
{
    link_world l;

    (void)state;
    begin(&l);
    fake_users_put(&l.users, GOOGLE);
    fake_users_put(&l.users, PASSWORD);
    sign_in(&l, "auth0|p1");
    verify(&l);
    assert_true(a0_link_answer_is_pending(l.answer));
    a0_link_answer_free(l.answer);
    sign_in(&l, "google-oauth2|g1");
    assert_ok(a0_link_complete(l.session, &l.answer, &l.w.err), l.w.err);
    assert_null(l.answer);
    assert_ok(a0_link_pending(l.session, &l.answer, &l.w.err), l.w.err);
    assert_null(l.answer);
    assert_int_equal(l.users.links, 0);
    end(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            link_01_an_unverified_account_is_not_linked_and_the_sign_in_stands),
        cmocka_unit_test(password_then_social_links_and_the_session_is_the_primarys),
        cmocka_unit_test(
            budget_a_warm_sign_in_with_nothing_to_link_takes_three_requests),
        cmocka_unit_test(link_06_a_sign_in_that_a_link_overtook_is_over),
        cmocka_unit_test(link_22_a_sign_in_whose_account_was_deleted_stands),
        cmocka_unit_test(
            link_18_the_right_account_confirms_and_another_leaves_nobody_signed_in),
        cmocka_unit_test(
            link_19_an_ordinary_sign_in_confirms_nothing_and_drops_what_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
