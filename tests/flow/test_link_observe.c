/* SPDX-License-Identifier: MIT */
/* Linking that is only observed, or off: what is told, and that nothing is done. */
#include "link_stage.h"

#include <string.h>

#define SETTINGS(more) STAGE_SETTINGS("\"db\",\"google-oauth2\",\"slack\"", more)

static void
what_would_be_done_where_linking_is_off_is_nothing(void **state)
{
    link_stage s;

    (void)state;
    link_stage_begin(&s, SETTINGS(",\"linking\":\"off\""));
    link_stage_add_user(&s, "google-oauth2", "google-oauth2", "g1", STAGE_EMAIL);
    link_stage_add_user(&s, "auth0", "db", "p1", STAGE_EMAIL);
    assert_ok(a0_link_explain(s.w.client, "google-oauth2|g1", &s.answer, &s.w.err),
              s.w.err);
    assert_non_null(
        strstr(a0_link_answer_json(s.answer), "\"outcome\":\"nothing\",\"rule\":null"));
    link_stage_end(&s);
}

/* Neither a link nor a question. */
static void
what_is_only_observed_is_logged_and_not_done(void **state)
{
    static const char *const identities[] = { "google-oauth2|g1", "auth0|p1" };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        link_stage s;

        link_stage_begin(&s, SETTINGS(",\"linking\":\"observe\""));
        link_stage_add_user(&s, "google-oauth2", "google-oauth2", "g1", STAGE_EMAIL);
        link_stage_add_user(&s, "auth0", "db", "p1", STAGE_EMAIL);
        link_stage_sign_in(&s, identities[i]);
        assert_false(a0_link_answer_is_linked(s.answer));
        assert_false(a0_link_answer_is_pending(s.answer));
        assert_int_equal(s.users.links, 0);
        assert_true(recording_log_has(&s.w.log, i == 0 ? "\"outcome\":\"link\""
                                                       : "\"outcome\":\"pending\""));
        assert_true(recording_log_has(&s.w.log, "\"linking\":\"observe\""));
        a0_link_answer_free(s.answer);
        s.answer = NULL;
        assert_ok(a0_link_pending(s.session, &s.answer, &s.w.err), s.w.err);
        assert_null(s.answer);
        link_stage_end(&s);
    }
}

/* Linking was on when the question was asked. */
static void
what_is_confirmed_while_it_is_only_observed_is_not_done(void **state)
{
    const a0_param params[] = { { "connection", "google-oauth2" } };
    a0_login_options options = A0_LOGIN_OPTIONS_INIT;
    A0_AUTO(a0__buf) claims = A0__BUF_INIT(64);
    A0_AUTO(a0__string) callback = NULL;
    a0_client *observing = NULL;
    a0_session *session = NULL;
    a0_login *login = NULL;
    link_stage s;

    (void)state;
    link_stage_begin(&s, SETTINGS(""));
    link_stage_add_user(&s, "google-oauth2", "google-oauth2", "g1", STAGE_EMAIL);
    link_stage_add_user(&s, "auth0", "db", "p1", STAGE_EMAIL);
    link_stage_sign_in(&s, "auth0|p1");
    assert_true(a0_link_answer_is_pending(s.answer));
    options.params = params;
    options.params_len = 1;
    callback = world_start(&s.w, s.session, &options);
    observing =
        world_another_client(&s.w, SETTINGS(",\"linking\":\"observe\""), NULL, NULL);
    assert_ok(a0_session_open(observing, a0_session_id(s.session), &session, &s.w.err),
              s.w.err);
    s.w.tenant.sub = "google-oauth2|g1";
    a0__buf_format(&claims, ",\"auth_time\":%lld",
                   (long long)test_clock_now_s(&s.w.clock));
    s.w.tenant.more_claims = a0__buf_cstr(&claims);
    assert_ok(a0_login_complete(session, callback, NULL, &login, &s.w.err), s.w.err);
    a0_login_free(login);
    a0_link_answer_free(s.answer);
    assert_ok(a0_link_complete(session, &s.answer, &s.w.err), s.w.err);
    assert_string_equal(a0_link_answer_refused(s.answer), "foreign");
    assert_int_equal(s.users.links, 0);
    a0_session_free(session);
    a0_client_free(observing);
    link_stage_end(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_would_be_done_where_linking_is_off_is_nothing),
        cmocka_unit_test(what_is_only_observed_is_logged_and_not_done),
        cmocka_unit_test(what_is_confirmed_while_it_is_only_observed_is_not_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
