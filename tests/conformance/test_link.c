/* SPDX-License-Identifier: MIT */
/* Rows of the group LINK as a sign-in meets them: whose account may be linked at all.
 */
#include "link_visit.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

static void
assert_linked(const link_visit *v, int rule, const char *primary)
{
    assert_null(a0_link_answer_refused(v->answer));
    assert_true(a0_link_answer_is_linked(v->answer));
    assert_int_equal(a0_link_answer_rule(v->answer), rule);
    assert_string_equal(a0_link_answer_primary_user_id(v->answer), primary);
    assert_string_equal(a0_session_user_id(link_visit_session(v)), primary);
    assert_int_equal(v->users->links, 1);
}

/* Refused for that reason, and everything as it was. */
static void
assert_left_apart(link_visit *v, const char *identity, const char *reason)
{
    link_visit_assert_refused(v, reason);
    assert_false(link_visit_is_pending(v));
    assert_string_equal(a0_session_user_id(link_visit_session(v)), identity);
    assert_int_equal(v->users->links, 0);
    assert_int_equal(v->users->updates, 0);
}

static void
password_then_social_links_and_the_session_is_the_primarys(void **state)
{
    link_visit *v = link_visit_new("");

    (void)state;
    fake_users_put(v->users, VISIT_GOOGLE);
    fake_users_put(v->users, VISIT_PASSWORD);
    link_visit_sign_in(v, VISIT_GOOGLE_ID);
    link_visit_verify(v);
    assert_linked(v, 3, VISIT_PASSWORD_ID);
    assert_int_equal(v->users->searches, 0);
    link_visit_free(v);
}

/* Two round trips: the code, then the profiles; the machine token is there already. */
static void
budget_a_warm_sign_in_with_nothing_to_link_takes_three_requests(void **state)
{
    link_visit *v = link_visit_new("");
    unsigned before = 0;

    (void)state;
    fake_users_put(v->users, VISIT_GOOGLE);
    assert_ok(a0_client_warm(v->l.w.client, &v->l.w.err), v->l.w.err);
    assert_int_equal(v->l.w.tenant.management.tokens, 1);
    before = v->l.w.tenant.management.calls;
    link_visit_sign_in(v, VISIT_GOOGLE_ID);
    link_visit_verify(v);
    assert_null(a0_link_answer_refused(v->answer));
    assert_int_equal(v->l.w.tenant.management.tokens, 1);
    assert_int_equal(v->l.w.tenant.management.calls, before + 2);
    link_visit_free(v);
}

/* ---- LINK-01, LINK-02: addresses that nobody verified ---- */

static void
link_01_an_unverified_account_is_not_linked_and_the_sign_in_stands(void **state)
{
    link_visit *v = link_visit_new("");

    (void)state;
    fake_users_put(v->users, VISIT_GOOGLE);
    fake_users_put(v->users,
                   VISIT_USER_WITH("auth0", "p1", "db", LINK_EMAIL, "false", ""));
    link_visit_sign_in(v, VISIT_GOOGLE_ID);
    link_visit_verify(v);
    assert_left_apart(v, VISIT_GOOGLE_ID, "unverified_email");
    /* What the attacker gets when they come by themselves. */
    link_visit_in_another_browser(v);
    v->l.w.tenant.email_verified = "false";
    link_visit_sign_in(v, VISIT_PASSWORD_ID);
    link_visit_verify(v);
    assert_left_apart(v, VISIT_PASSWORD_ID, "unverified_email");
    link_visit_free(v);
}

/* A sign-in with the victim's address by each kind of connection; how many requests it
 * made. */
static size_t
sign_in_unverified(const char *profile, const char *identity, bool has_candidate)
{
    link_visit *v = link_visit_new("");
    size_t before = 0;
    size_t requests = 0;

    fake_users_put(v->users, profile);
    if (has_candidate) {
        fake_users_put(v->users, VISIT_FACEBOOK);
    }
    v->l.w.tenant.email_verified = "false";
    link_visit_sign_in(v, identity);
    before = scripted_requests_len(v->l.w.tenant.script);
    link_visit_verify(v);
    requests = scripted_requests_len(v->l.w.tenant.script) - before;
    if (has_candidate) {
        assert_left_apart(v, identity, "unverified_email");
    }
    assert_int_equal(a0_link_answer_rule(v->answer), 0);
    assert_null(a0_link_answer_primary_user_id(v->answer));
    assert_false(link_visit_is_pending(v));
    link_visit_free(v);
    return requests;
}

static void
link_02_an_unverified_sign_in_learns_nothing_of_other_accounts(void **state)
{
    static const char *const cases[][2] = {
        { VISIT_USER_WITH("google-oauth2", "g1", "google-oauth2", LINK_EMAIL, "false",
                          ""),
          VISIT_GOOGLE_ID },
        { VISIT_USER_WITH("auth0", "p1", "db", LINK_EMAIL, "false", ""),
          VISIT_PASSWORD_ID },
    };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(sign_in_unverified(cases[i][0], cases[i][1], true),
                         sign_in_unverified(cases[i][0], cases[i][1], false));
    }
}

/* ---- LINK-03: connections that are not named ---- */

static void
link_03_a_connection_that_is_not_named_takes_no_part_on_either_side(void **state)
{
    static const char *const entra = VISIT_USER("waad", "w1", "entra");

    (void)state;
    for (int side = 0; side < 2; side++) {
        link_visit *v = link_visit_new("");
        const char *identity = side == 0 ? "waad|w1" : VISIT_GOOGLE_ID;

        fake_users_put(v->users, entra);
        fake_users_put(v->users, VISIT_GOOGLE);
        link_visit_sign_in(v, identity);
        link_visit_verify(v);
        assert_left_apart(v, identity, "foreign");
        link_visit_free(v);
    }
}

static void
link_03_naming_a_connection_is_trusting_it(void **state)
{
    link_visit *v = link_visit_new("");

    (void)state;
    fake_users_put(v->users, VISIT_USER("waad", "w1", "db"));
    fake_users_put(v->users, VISIT_GOOGLE);
    link_visit_sign_in(v, "waad|w1");
    link_visit_verify(v);
    assert_linked(v, 3, VISIT_GOOGLE_ID);
    link_visit_free(v);
}

/* ---- LINK-04: what counts as verified ---- */

typedef struct flags {
    const char *token;
    const char *profile;
    const char *candidate;
} flags;

static void
check_flags(const flags *f, bool expected)
{
    link_visit *v = link_visit_new("");
    char own[1024];
    char other[1024];

    (void)snprintf(
        own, sizeof own,
        VISIT_USER_WITH("google-oauth2", "g1", "google-oauth2", LINK_EMAIL, "%s", ""),
        f->profile);
    (void)snprintf(other, sizeof other,
                   VISIT_USER_WITH("auth0", "p1", "db", LINK_EMAIL, "%s", ""),
                   f->candidate);
    fake_users_put(v->users, own);
    fake_users_put(v->users, other);
    v->l.w.tenant.email_verified = f->token;
    link_visit_sign_in(v, VISIT_GOOGLE_ID);
    link_visit_verify(v);
    if (expected) {
        assert_linked(v, 3, VISIT_PASSWORD_ID);
    } else {
        assert_left_apart(v, VISIT_GOOGLE_ID, "unverified_email");
    }
    link_visit_free(v);
}

static void
link_04_token_and_both_profiles_must_all_say_true(void **state)
{
    static const flags refused[] = {
        { "false", "true", "true" },      { "\"true\"", "true", "true" },
        { "1", "true", "true" },          { "null", "true", "true" },
        { "true", "false", "true" },      { "true", "\"true\"", "true" },
        { "true", "1", "true" },          { "true", "null", "true" },
        { "true", "true", "false" },      { "true", "true", "\"true\"" },
        { "true", "true", "1" },          { "true", "true", "null" },
        { "true", "true", "[true]" },     { "true", "{}", "true" },
        { "false", "false", "\"false\"" }
    };
    static const flags verified = { "true", "true", "true" };

    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        check_flags(&refused[i], false);
    }
    check_flags(&verified, true);
}

#define CANDIDATE(root_email, root_verified, own_email, own_verified)                  \
    "{\"user_id\":\"auth0|p1\",\"email\":\"" root_email                                \
    "\",\"email_verified\":" root_verified ",\"identities\":["                         \
    "{\"provider\":\"auth0\",\"connection\":\"db\",\"user_id\":\"p1\"},"               \
    "{\"provider\":\"facebook\",\"connection\":\"facebook\",\"user_id\":\"f1\","       \
    "\"profileData\":{\"email\":\"" own_email "\",\"email_verified\":" own_verified    \
    "}}]}"

static void
link_04_the_root_of_a_profile_speaks_for_its_first_identity_alone(void **state)
{
    link_visit *v = link_visit_new("");

    (void)state;
    fake_users_put(v->users, VISIT_GOOGLE);
    fake_users_put(v->users,
                   CANDIDATE("other@acme.example", "true", LINK_EMAIL, "false"));
    v->users->finds_everybody = true;
    link_visit_sign_in(v, VISIT_GOOGLE_ID);
    link_visit_verify(v);
    assert_left_apart(v, VISIT_GOOGLE_ID, "unverified_email");
    link_visit_free(v);
}

/* ---- LINK-05, LINK-06: who held the primary before ---- */

static void
link_05_whoever_set_the_password_of_the_primary_is_out(void **state)
{
    link_visit *v = link_visit_new("");
    a0_session *attacker = NULL;
    a0_session *again = NULL;
    a0_token *token = NULL;
    const char *stolen = NULL;

    (void)state;
    fake_users_put(v->users, VISIT_GOOGLE);
    fake_users_put(v->users, VISIT_PASSWORD);
    link_visit_sign_in(v, VISIT_PASSWORD_ID);
    attacker = a0__steal(&v->l.session);
    assert_ok(a0_session_refresh_token(attacker, &stolen, &v->l.w.err), v->l.w.err);
    assert_true(fake_families_is_alive(&v->l.tenant->families, stolen));
    link_visit_in_another_browser(v);
    link_visit_sign_in(v, VISIT_GOOGLE_ID);
    link_visit_verify(v);
    assert_linked(v, 3, VISIT_PASSWORD_ID);
    assert_true(recording_log_has(&v->l.w.log, "link.password_primary"));
    assert_ok(
        a0_session_open(v->l.w.client, a0_session_id(attacker), &again, &v->l.w.err),
        v->l.w.err);
    assert_false(a0_session_is_signed_in(again));
    assert_false(fake_families_is_alive(&v->l.tenant->families, stolen));
    /* The one that is left is the adopted one, of the session that linked. */
    test_clock_advance_s(&v->l.w.clock, 300);
    assert_ok(a0_client_sweep(v->l.w.client, &v->l.w.err), v->l.w.err);
    assert_int_equal(fake_families_alive(&v->l.tenant->families, VISIT_PASSWORD_ID), 1);
    assert_ok(a0_session_access_token(v->l.session, NULL, &token, &v->l.w.err),
              v->l.w.err);
    a0_token_free(token);
    a0_session_free(again);
    a0_session_free(attacker);
    link_visit_free(v);
}

static void
link_05_by_setting_a_password_account_takes_nobody_in_unasked(void **state)
{
    link_visit *v = link_visit_new(",\"confirm_password_primary\":true");

    (void)state;
    fake_users_put(v->users, VISIT_GOOGLE);
    fake_users_put(v->users, VISIT_PASSWORD);
    link_visit_sign_in(v, VISIT_GOOGLE_ID);
    link_visit_verify(v);
    assert_true(a0_link_answer_is_pending(v->answer));
    assert_int_equal(v->users->links, 0);
    assert_string_equal(a0_session_user_id(link_visit_session(v)), VISIT_GOOGLE_ID);
    link_visit_free(v);
}

static void
link_06_sessions_of_either_account_from_before_are_over(void **state)
{
    link_visit *v = link_visit_new("");
    a0_session *others[2] = { NULL };

    (void)state;
    fake_users_put(v->users, VISIT_GOOGLE);
    fake_users_put(v->users, VISIT_PASSWORD);
    link_visit_sign_in(v, VISIT_PASSWORD_ID);
    others[0] = a0__steal(&v->l.session);
    link_visit_in_another_browser(v);
    link_visit_sign_in(v, VISIT_GOOGLE_ID);
    others[1] = a0__steal(&v->l.session);
    link_visit_in_another_browser(v);
    link_visit_sign_in(v, VISIT_GOOGLE_ID);
    link_visit_verify(v);
    assert_linked(v, 3, VISIT_PASSWORD_ID);
    for (size_t i = 0; i < 2; i++) {
        a0_session *again = world_session(&v->l.w, a0_session_id(others[i]));

        assert_false(a0_session_is_signed_in(again));
        a0_session_free(again);
        a0_session_free(others[i]);
    }
    test_clock_advance_s(&v->l.w.clock, 300);
    assert_ok(a0_client_sweep(v->l.w.client, &v->l.w.err), v->l.w.err);
    assert_int_equal(fake_families_alive(&v->l.tenant->families, VISIT_PASSWORD_ID), 1);
    assert_int_equal(fake_families_alive(&v->l.tenant->families, VISIT_GOOGLE_ID), 0);
    link_visit_free(v);
}

/* LINK-14: its code was exchanged before the link, its session was written when the
 * others had ended already. */
static void
link_06_a_sign_in_that_a_link_overtook_is_over(void **state)
{
    link_visit *v = link_visit_new("");

    (void)state;
    fake_users_put(v->users, VISIT_GOOGLE);
    fake_users_put(v->users, VISIT_PASSWORD);
    link_visit_sign_in(v, VISIT_GOOGLE_ID);
    link_visit_verify(v);
    assert_linked(v, 3, VISIT_PASSWORD_ID);
    v->l.w.tenant.families = NULL; /* its token still names the secondary */
    link_visit_in_another_browser(v);
    link_visit_sign_in(v, VISIT_GOOGLE_ID);
    link_visit_verify(v);
    link_visit_assert_refused(v, "gone");
    assert_false(a0_session_is_signed_in(link_visit_session(v)));
    assert_int_equal(link_world_rows(&v->l, A0_RECORD_SESSION, VISIT_PASSWORD_ID), 1);
    assert_int_equal(link_world_rows(&v->l, A0_RECORD_SESSION, VISIT_GOOGLE_ID), 0);
    link_visit_free(v);
}

/* ---- LINK-07: identities that were planted ---- */

static void
link_07_an_account_with_a_planted_identity_takes_nobody_in(void **state)
{
    static const char *const planted[] = {
        CANDIDATE(LINK_EMAIL, "true", "eve@acme.example", "true"),
        CANDIDATE(LINK_EMAIL, "true", LINK_EMAIL, "false"),
        CANDIDATE(LINK_EMAIL, "true", "", "true"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof planted / sizeof planted[0]; i++) {
        link_visit *v = link_visit_new("");

        fake_users_put(v->users, VISIT_GOOGLE);
        fake_users_put(v->users, planted[i]);
        link_visit_sign_in(v, VISIT_GOOGLE_ID);
        link_visit_verify(v);
        assert_left_apart(v, VISIT_GOOGLE_ID, "mixed_identities");
        link_visit_free(v);
    }
}

static void
link_07_the_question_names_all_that_the_account_holds(void **state)
{
    link_visit *v = link_visit_new(",\"confirm_password_primary\":true");
    const visit_connected slack = { "cac_1", VISIT_PASSWORD_ID, "slack", "U7",
                                    "jo@slack" };
    a0_link_answer *question = NULL;

    (void)state;
    fake_users_put(v->users, VISIT_GOOGLE);
    fake_users_put(v->users, CANDIDATE(LINK_EMAIL, "true", LINK_EMAIL, "true"));
    link_visit_connect(v, &slack);
    link_visit_sign_in(v, VISIT_GOOGLE_ID);
    link_visit_verify(v);
    assert_true(a0_link_answer_is_pending(v->answer));
    assert_ok(a0_link_pending(link_visit_session(v), &question, &v->l.w.err),
              v->l.w.err);
    assert_non_null(strstr(a0_link_answer_json(question),
                           "\"primary_identities\":[{\"provider\":\"auth0\""));
    assert_non_null(
        strstr(a0_link_answer_json(question), "{\"provider\":\"facebook\""));
    assert_non_null(
        strstr(a0_link_answer_json(question), "\"primary_connected_accounts\":1"));
    assert_null(strstr(a0_link_answer_json(question), LINK_EMAIL));
    a0_link_answer_free(question);
    link_visit_free(v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(password_then_social_links_and_the_session_is_the_primarys),
        cmocka_unit_test(
            budget_a_warm_sign_in_with_nothing_to_link_takes_three_requests),
        cmocka_unit_test(
            link_01_an_unverified_account_is_not_linked_and_the_sign_in_stands),
        cmocka_unit_test(
            link_02_an_unverified_sign_in_learns_nothing_of_other_accounts),
        cmocka_unit_test(
            link_03_a_connection_that_is_not_named_takes_no_part_on_either_side),
        cmocka_unit_test(link_03_naming_a_connection_is_trusting_it),
        cmocka_unit_test(link_04_token_and_both_profiles_must_all_say_true),
        cmocka_unit_test(
            link_04_the_root_of_a_profile_speaks_for_its_first_identity_alone),
        cmocka_unit_test(link_05_whoever_set_the_password_of_the_primary_is_out),
        cmocka_unit_test(link_05_by_setting_a_password_account_takes_nobody_in_unasked),
        cmocka_unit_test(link_06_sessions_of_either_account_from_before_are_over),
        cmocka_unit_test(link_06_a_sign_in_that_a_link_overtook_is_over),
        cmocka_unit_test(link_07_an_account_with_a_planted_identity_takes_nobody_in),
        cmocka_unit_test(link_07_the_question_names_all_that_the_account_holds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
