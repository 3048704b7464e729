/* SPDX-License-Identifier: MIT */
/* LINK-21: a confirmation is by credentials that were typed just now, as far as clocks
 * can tell. */
#include "link_visit.h"

static void
link_21_a_confirmation_always_asks_for_credentials(void **state)
{
    static const a0_param params[] = { { "connection", "google-oauth2" },
                                       { "prompt", "none" },
                                       { "max_age", "86400" } };
    a0_login_options options = A0_LOGIN_OPTIONS_INIT;
    link_visit *v = link_visit_asked("");
    A0_AUTO(a0__string) prompt = NULL;
    A0_AUTO(a0__string) max_age = NULL;
    const char *url = NULL;

    (void)state;
    options.params = params;
    options.params_len = 3;
    assert_ok(a0_login_start(link_visit_session(v), FAKE_REDIRECT_URI, &options, &url,
                             &v->l.w.err),
              v->l.w.err);
    prompt = world_query_value(url, "prompt");
    max_age = world_query_value(url, "max_age");
    assert_string_equal(prompt, "login");
    assert_string_equal(max_age, "0");
    link_visit_free(v);
}

/* Back so many seconds after the question; the password was typed so long ago. */
static void
check_auth_time(const char *more, int64_t seconds_ago, int64_t after_s, bool expected)
{
    link_visit *v = link_visit_asked(more);
    A0_AUTO(a0__string) callback = link_visit_start(v, "google-oauth2");

    test_clock_advance_s(&v->l.w.clock, after_s);
    if (expected) {
        assert_ok(link_visit_return(v, callback, VISIT_GOOGLE_ID, seconds_ago),
                  v->l.w.err);
        link_visit_complete(v);
        assert_true(a0_link_answer_is_success(v->answer));
        assert_int_equal(v->users->links, 1);
    } else {
        assert_fails(link_visit_return(v, callback, VISIT_GOOGLE_ID, seconds_ago),
                     &v->l.w.err, idt_auth_time);
        assert_null(link_visit_complete(v));
        assert_int_equal(v->users->links, 0);
        assert_int_equal(fake_families_alive(&v->l.tenant->families, VISIT_GOOGLE_ID),
                         0);
    }
    link_visit_free(v);
}

static void
link_21_an_old_sign_in_at_the_provider_confirms_nothing(void **state)
{
    (void)state;
    check_auth_time("", 0, 300, true);
    check_auth_time("", 120, 300, true);
    check_auth_time("", 121, 300, false);
    check_auth_time("", 86400, 300, false);
}

static void
link_21_a_sign_in_from_before_the_question_confirms_nothing(void **state)
{
    (void)state;
    check_auth_time("", 60, 60, true);
    check_auth_time("", 61, 60, false);
}

static void
link_21_without_the_time_of_the_sign_in_nothing_is_confirmed(void **state)
{
    link_visit *v = link_visit_asked("");
    A0_AUTO(a0__string) callback = link_visit_start(v, "google-oauth2");
    a0_login *login = NULL;

    (void)state;
    v->l.w.tenant.sub = VISIT_GOOGLE_ID;
    assert_fails(
        a0_login_complete(link_visit_session(v), callback, NULL, &login, &v->l.w.err),
        &v->l.w.err, idt_auth_time);
    assert_null(link_visit_complete(v));
    assert_int_equal(v->users->links, 0);
    link_visit_free(v);
}

static void
link_21_an_old_sign_in_is_no_newer_where_clocks_may_differ(void **state)
{
    (void)state;
    check_auth_time(",\"clock_leeway\":300", 120, 300, true);
    check_auth_time(",\"clock_leeway\":300", 121, 300, false);
    check_auth_time("", -60, 300, true);
    check_auth_time("", -61, 300, false); /* not yet */
    check_auth_time(",\"clock_leeway\":0", 120, 300, true);
    check_auth_time(",\"clock_leeway\":0", 121, 300, false);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_21_a_confirmation_always_asks_for_credentials),
        cmocka_unit_test(link_21_an_old_sign_in_at_the_provider_confirms_nothing),
        cmocka_unit_test(link_21_a_sign_in_from_before_the_question_confirms_nothing),
        cmocka_unit_test(link_21_without_the_time_of_the_sign_in_nothing_is_confirmed),
        cmocka_unit_test(link_21_an_old_sign_in_is_no_newer_where_clocks_may_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
