/* SPDX-License-Identifier: MIT */
/* Rows of the group LINK about the confirmation: a person has signed in by password
 * where a Google account was first, and is asked to sign in with that one too. */
#include "link_visit.h"

#include <string.h>

#include "base/mem.h"

/* Nothing was confirmed, and nothing waits any more. */
static void
assert_came_to_nothing(link_visit *v)
{
    assert_int_equal(v->users->links, 0);
    assert_false(link_visit_is_pending(v));
}

/* ---- LINK-18: who confirms ---- */

static void
link_18_the_right_account_confirms(void **state)
{
    link_visit *v = link_visit_asked("");

    (void)state;
    assert_int_equal(v->users->links, 0);
    link_visit_confirm_as(v, VISIT_GOOGLE_ID);
    assert_true(a0_link_answer_is_success(v->answer));
    assert_true(a0_link_answer_is_linked(v->answer));
    assert_string_equal(a0_session_user_id(link_visit_session(v)), VISIT_GOOGLE_ID);
    assert_int_equal(v->users->links, 1);
    link_visit_free(v);
}

static void
assert_signed_out(link_visit *v, const char *session_id)
{
    a0_session *session = world_session(&v->l.w, session_id);

    assert_false(a0_session_is_signed_in(session));
    a0_session_free(session);
}

/* A third account, or the one that asks, which proves nothing new. */
static void
link_18_a_wrong_account_leaves_nobody_signed_in_and_no_token(void **state)
{
    static const char *const wrong[] = { VISIT_STRANGER_ID, VISIT_PASSWORD_ID };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        link_visit *v = link_visit_asked("");
        A0_AUTO(a0__string) before = a0__strdup(a0_session_id(v->l.session));
        A0_AUTO(a0__string) callback = link_visit_start(v, "google-oauth2");
        A0_AUTO(a0__string) during = NULL;
        A0_AUTO(a0__string) token = NULL;
        const char *refresh_token = NULL;

        assert_ok(link_visit_return(v, callback, wrong[i], 0), v->l.w.err);
        during = a0__strdup(a0_session_id(v->l.session));
        assert_ok(a0_session_refresh_token(v->l.session, &refresh_token, &v->l.w.err),
                  v->l.w.err);
        token = a0__strdup(refresh_token);
        assert_true(fake_families_is_alive(&v->l.tenant->families, token));
        assert_non_null(link_visit_complete(v));
        assert_false(a0_link_answer_is_success(v->answer));
        assert_true(a0_link_answer_is_different_account(v->answer));
        assert_false(a0_session_is_signed_in(link_visit_session(v)));
        assert_signed_out(v, before);
        assert_signed_out(v, during);
        assert_came_to_nothing(v);
        assert_false(fake_families_is_alive(&v->l.tenant->families, token));
        link_visit_free(v);
    }
}

/* ---- LINK-19: what waits too long, or for somebody else ---- */

static void
link_19_an_ordinary_sign_in_confirms_nothing_and_drops_what_waits(void **state)
{
    link_visit *v = link_visit_asked("");

    (void)state;
    link_visit_sign_in(v, VISIT_GOOGLE_ID);
    assert_null(link_visit_complete(v));
    assert_came_to_nothing(v);
    link_visit_free(v);
}

/* Whoever finds it waiting in a shared browser, and asks for the end of it. */
static void
link_19_completing_without_a_confirmation_links_nothing_and_drops_it(void **state)
{
    link_visit *v = link_visit_asked("");

    (void)state;
    assert_null(link_visit_complete(v));
    assert_true(a0_session_is_signed_in(link_visit_session(v)));
    assert_string_equal(a0_session_user_id(link_visit_session(v)), VISIT_PASSWORD_ID);
    assert_came_to_nothing(v);
    link_visit_free(v);
}

static void
link_19_a_sign_in_by_another_connection_confirms_nothing(void **state)
{
    static const char *const connections[] = { "facebook", "google-oauth2 ", "" };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        link_visit *v = link_visit_asked("");
        A0_AUTO(a0__string) callback = link_visit_start(v, connections[i]);

        assert_ok(link_visit_return(v, callback, VISIT_GOOGLE_ID, 0), v->l.w.err);
        assert_null(link_visit_complete(v));
        assert_came_to_nothing(v);
        link_visit_free(v);
    }
}

static void
link_19_after_ten_minutes_nothing_waits_and_nothing_is_confirmed(void **state)
{
    link_visit *v = link_visit_asked("");

    (void)state;
    test_clock_advance_s(&v->l.w.clock, 600);
    assert_false(link_visit_is_pending(v));
    assert_null(link_visit_confirm_as(v, VISIT_GOOGLE_ID));
    assert_came_to_nothing(v);
    link_visit_free(v);
}

static void
link_19_who_takes_longer_than_ten_minutes_stays_signed_in_unlinked(void **state)
{
    link_visit *v = link_visit_asked("");
    A0_AUTO(a0__string) callback = NULL;

    (void)state;
    test_clock_advance_s(&v->l.w.clock, 300);
    callback = link_visit_start(v, "google-oauth2");
    test_clock_advance_s(&v->l.w.clock, 300);
    assert_ok(link_visit_return(v, callback, VISIT_GOOGLE_ID, 0), v->l.w.err);
    link_visit_complete(v);
    link_visit_assert_refused(v, "expired");
    assert_false(a0_link_answer_is_success(v->answer));
    assert_string_equal(a0_session_user_id(link_visit_session(v)), VISIT_GOOGLE_ID);
    assert_came_to_nothing(v);
    link_visit_free(v);
}

/* The confirming tab comes back when the other one has signed somebody in. */
static void
link_19_two_tabs_never_mix(void **state)
{
    link_visit *v = link_visit_asked("");
    A0_AUTO(a0__string) confirming = link_visit_start(v, "google-oauth2");
    A0_AUTO(a0__string) nonce = a0__strdup(v->l.w.tenant.nonce);

    (void)state;
    link_visit_sign_in(v, VISIT_STRANGER_ID);
    memcpy(v->l.w.tenant.nonce, nonce, strlen(nonce) + 1);
    if (link_visit_return(v, confirming, VISIT_GOOGLE_ID, 0) == A0_OK) {
        assert_null(link_visit_complete(v));
    }
    assert_came_to_nothing(v);
    link_visit_free(v);
}

static void
link_19_cancelling_takes_back_a_confirmation_that_is_under_way(void **state)
{
    link_visit *v = link_visit_asked("");
    A0_AUTO(a0__string) callback = link_visit_start(v, "google-oauth2");

    (void)state;
    assert_ok(a0_link_cancel(link_visit_session(v), &v->l.w.err), v->l.w.err);
    assert_false(link_visit_is_pending(v));
    if (link_visit_return(v, callback, VISIT_GOOGLE_ID, 0) == A0_OK) {
        assert_null(link_visit_complete(v));
    }
    assert_came_to_nothing(v);
    link_visit_free(v);
}

static void
link_19_a_sign_out_takes_back_a_confirmation_that_is_under_way(void **state)
{
    link_visit *v = link_visit_asked("");
    A0_AUTO(a0__string) callback = link_visit_start(v, "google-oauth2");
    const char *url = NULL;

    (void)state;
    assert_ok(a0_logout(link_visit_session(v), NULL, &url, &v->l.w.err), v->l.w.err);
    if (link_visit_return(v, callback, VISIT_GOOGLE_ID, 0) == A0_OK) {
        assert_null(link_visit_complete(v));
    }
    assert_came_to_nothing(v);
    link_visit_free(v);
}

/* ---- LINK-20: forged and repeated ---- */

/* The same question was asked anew meanwhile: what answers the old one is no answer. */
static void
link_20_a_confirmation_answers_one_question_alone(void **state)
{
    link_visit *v = link_visit_asked("");
    A0_AUTO(a0__string) callback = link_visit_start(v, "google-oauth2");

    (void)state;
    link_visit_verify(v);
    assert_true(a0_link_answer_is_pending(v->answer));
    assert_ok(link_visit_return(v, callback, VISIT_GOOGLE_ID, 0), v->l.w.err);
    assert_null(link_visit_complete(v));
    assert_came_to_nothing(v);
    link_visit_free(v);
}

static void
link_20_a_confirmation_is_worth_nothing_in_another_browser(void **state)
{
    link_visit *v = link_visit_asked("");
    A0_AUTO(a0__string) callback = link_visit_start(v, "google-oauth2");

    (void)state;
    link_visit_in_another_browser(v);
    assert_fails(link_visit_return(v, callback, VISIT_GOOGLE_ID, 0), &v->l.w.err,
                 callback_state_unknown);
    assert_null(link_visit_complete(v));
    assert_came_to_nothing(v);
    link_visit_free(v);
}

static void
link_20_a_confirmation_is_good_once(void **state)
{
    link_visit *v = link_visit_asked("");

    (void)state;
    link_visit_confirm_as(v, VISIT_GOOGLE_ID);
    assert_true(a0_link_answer_is_success(v->answer));
    assert_null(link_visit_complete(v));
    assert_string_equal(a0_session_user_id(link_visit_session(v)), VISIT_GOOGLE_ID);
    assert_int_equal(v->users->links, 1);
    link_visit_free(v);
}

/* ---- LINK-22: what has become of the accounts meanwhile ---- */

typedef struct meanwhile {
    const char *user_id;
    const char *profile; /* NULL: deleted */
    const char *refused;
} meanwhile;

static void
link_22_both_accounts_must_still_be_what_they_were(void **state)
{
    static const meanwhile changes[] = {
        { VISIT_GOOGLE_ID,
          VISIT_USER_WITH("google-oauth2", "g1", "google-oauth2", LINK_EMAIL, "true",
                          ",\"blocked\":true"),
          "blocked" },
        { VISIT_GOOGLE_ID,
          VISIT_USER_WITH("google-oauth2", "g1", "google-oauth2", LINK_EMAIL, "false",
                          ""),
          "unverified_email" },
        { VISIT_GOOGLE_ID,
          VISIT_USER_WITH("google-oauth2", "g1", "google-oauth2", "new@acme.example",
                          "true", ""),
          "state_changed" },
        { VISIT_GOOGLE_ID, VISIT_USER("google-oauth2", "g1", "entra"), "foreign" },
        { VISIT_GOOGLE_ID, NULL, "gone" },
        { VISIT_PASSWORD_ID,
          VISIT_USER_WITH("auth0", "p1", "db", LINK_EMAIL, "true", ",\"blocked\":true"),
          "blocked" },
        { VISIT_PASSWORD_ID,
          VISIT_USER_WITH("auth0", "p1", "db", LINK_EMAIL, "false", ""),
          "unverified_email" },
        { VISIT_PASSWORD_ID,
          VISIT_USER_WITH("auth0", "p1", "db", "new@acme.example", "true", ""),
          "state_changed" },
        { VISIT_PASSWORD_ID, NULL, "gone" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        link_visit *v = link_visit_asked("");

        if (changes[i].profile != NULL) {
            fake_users_put(v->users, changes[i].profile);
        } else {
            fake_users_find(v->users, changes[i].user_id)->user_id[0] = '\0';
        }
        link_visit_confirm_as(v, VISIT_GOOGLE_ID);
        link_visit_assert_refused(v, changes[i].refused);
        assert_false(a0_link_answer_is_success(v->answer));
        assert_came_to_nothing(v);
        link_visit_free(v);
    }
}

static void
link_22_another_organization_confirms_nothing(void **state)
{
    link_visit *v = link_visit_asked("");
    A0_AUTO(a0__string) callback = link_visit_start(v, "google-oauth2");
    a0_login *login = NULL;
    A0_AUTO(a0__buf) claims = A0__BUF_INIT(128);

    (void)state;
    a0__buf_format(&claims, ",\"org_id\":\"org_other\",\"auth_time\":%lld",
                   (long long)test_clock_now_s(&v->l.w.clock));
    v->l.w.tenant.sub = VISIT_GOOGLE_ID;
    v->l.w.tenant.more_claims = a0__buf_cstr(&claims);
    if (a0_login_complete(link_visit_session(v), callback, NULL, &login, &v->l.w.err) ==
        A0_OK) {
        a0_login_free(login);
        link_visit_complete(v);
        link_visit_assert_refused(v, "foreign");
    }
    assert_came_to_nothing(v);
    link_visit_free(v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_18_the_right_account_confirms),
        cmocka_unit_test(link_18_a_wrong_account_leaves_nobody_signed_in_and_no_token),
        cmocka_unit_test(
            link_19_an_ordinary_sign_in_confirms_nothing_and_drops_what_waits),
        cmocka_unit_test(
            link_19_completing_without_a_confirmation_links_nothing_and_drops_it),
        cmocka_unit_test(link_19_a_sign_in_by_another_connection_confirms_nothing),
        cmocka_unit_test(
            link_19_after_ten_minutes_nothing_waits_and_nothing_is_confirmed),
        cmocka_unit_test(
            link_19_who_takes_longer_than_ten_minutes_stays_signed_in_unlinked),
        cmocka_unit_test(link_19_two_tabs_never_mix),
        cmocka_unit_test(
            link_19_cancelling_takes_back_a_confirmation_that_is_under_way),
        cmocka_unit_test(
            link_19_a_sign_out_takes_back_a_confirmation_that_is_under_way),
        cmocka_unit_test(link_20_a_confirmation_answers_one_question_alone),
        cmocka_unit_test(link_20_a_confirmation_is_worth_nothing_in_another_browser),
        cmocka_unit_test(link_20_a_confirmation_is_good_once),
        cmocka_unit_test(link_22_both_accounts_must_still_be_what_they_were),
        cmocka_unit_test(link_22_another_organization_confirms_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
