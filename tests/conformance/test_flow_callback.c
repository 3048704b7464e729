/* SPDX-License-Identifier: MIT */
/* Completing a sign-in as a whole: rows of group CB, and what AUTHZ says of the
 * callback.
 */
#include "world.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "flows/transaction.h"
#include "store_fixture.h"

#define TOKEN_PATH "/oauth/token"
#define PAR "\"pushed_authorization_requests\":true"

/* ---- AUTHZ ---- */

static void
authz_10_max_age_is_enforced_at_the_callback(void **state)
{
    static const a0_param param = { "max_age", "60" };
    world w;
    a0_session *session = NULL;
    a0_login_options options = A0_LOGIN_OPTIONS_INIT;
    char claim[64];

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    options.params = &param;
    options.params_len = 1;
    for (int i = 0; i < 3; i++) {
        A0_AUTO(a0__string) callback = world_start(&w, session, &options);
        int64_t age = i == 0 ? 121 : 120; /* the leeway is 60 s */

        (void)snprintf(claim, sizeof claim, ",\"auth_time\":%lld",
                       (long long)(test_clock_now_s(&w.clock) - age));
        w.tenant.more_claims = i == 1 ? NULL : claim;
        if (i < 2) {
            assert_fails(world_complete(&w, session, callback), &w.err, idt_auth_time);
            assert_false(a0_session_is_signed_in(session));
        } else {
            assert_ok(world_complete(&w, session, callback), w.err);
        }
    }
    a0_session_free(session);
    world_clear(&w);
}

/* ---- CB ---- */

static void
cb_01_a_state_that_is_missing_or_unknown_changes_nothing(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) callback = NULL;
    uint64_t commits = 0;

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    assert_fails(world_complete(&w, session, "?code=c"), &w.err,
                 callback_state_missing);
    assert_fails(world_complete(&w, session, "?state=&code=c"), &w.err,
                 callback_state_missing);
    assert_fails(world_complete(&w, session, "?state=s"), &w.err,
                 callback_state_missing);
    assert_fails(world_complete(&w, session, "?code=c&state=never"), &w.err,
                 callback_state_unknown);
    assert_int_equal(scripted_requests_len(w.tenant.script), 0);
    callback = world_start(&w, session, NULL);
    commits = w.store.commits;
    assert_fails(world_complete(&w, session, "?code=c&state=never"), &w.err,
                 callback_state_mismatch);
    assert_int_equal(w.store.commits, commits);
    assert_int_equal(fake_tenant_calls(&w.tenant, TOKEN_PATH), 0);
    assert_ok(world_complete(&w, session, callback), w.err);
    /* Nothing is open any more: what is finished does not count. */
    assert_fails(world_complete(&w, session, "?code=c&state=never"), &w.err,
                 callback_state_unknown);
    a0_session_free(session);
    world_clear(&w);
}

static void
in_another_browser(const char *sqlite_path)
{
    world w;
    a0_session *owner = NULL;
    a0_session *victim = NULL;
    A0_AUTO(a0__string) callback = NULL;
    A0_AUTO(a0__string) of_victim = NULL;
    uint64_t commits = 0;

    world_init_on(&w, NULL, sqlite_path);
    owner = world_session(&w, NULL);
    victim = world_session(&w, NULL);
    callback = world_start(&w, owner, NULL);
    commits = w.store.commits;
    assert_fails(world_complete(&w, victim, callback), &w.err, callback_state_unknown);
    assert_int_equal(w.store.commits, commits);
    of_victim = world_start(&w, victim, NULL);
    commits = w.store.commits;
    assert_fails(world_complete(&w, victim, callback), &w.err, callback_state_mismatch);
    assert_int_equal(w.store.commits, commits);
    assert_int_equal(fake_tenant_calls(&w.tenant, TOKEN_PATH), 0);
    assert_ok(world_complete(&w, victim, of_victim), w.err);
    /* Signed in, it is still not the owner's browser. */
    assert_fails(world_complete(&w, victim, callback), &w.err, callback_state_unknown);
    assert_true(a0_session_is_signed_in(victim));
    /* The nonce is the owner's again: its sign-in is as good as ever. */
    a0_session_free(victim);
    a0_session_free(owner);
    world_clear(&w);
}

static void
cb_02_a_callback_in_another_browser_is_unknown_and_spends_nothing(void **state)
{
    store_fixture fixture = { 0 };

    (void)state;
    in_another_browser(NULL);
    fixture_make_folder(&fixture);
    in_another_browser(fixture.path);
    fixture_remove_folder(&fixture);
}

static void
cb_02_the_owner_completes_after_a_thief_has_tried(void **state)
{
    world w;
    a0_session *owner = NULL;
    a0_session *thief = NULL;
    A0_AUTO(a0__string) callback = NULL;

    (void)state;
    world_init(&w, NULL);
    owner = world_session(&w, NULL);
    thief = world_session(&w, NULL);
    callback = world_start(&w, owner, NULL);
    for (int i = 0; i < 10; i++) {
        assert_fails(world_complete(&w, thief, callback), &w.err,
                     callback_state_unknown);
    }
    assert_ok(world_complete(&w, owner, callback), w.err);
    a0_session_free(owner);
    a0_session_free(thief);
    world_clear(&w);
}

static void
cb_03_a_thousand_forged_callbacks_leave_the_open_sign_in_alone(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) callback = NULL;
    char forged[64];
    uint64_t commits = 0;

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    callback = world_start(&w, session, NULL);
    commits = w.store.commits;
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(forged, sizeof forged, "?code=x&state=y%d", i);
        assert_fails(world_complete(&w, session, forged), &w.err,
                     callback_state_mismatch);
    }
    assert_int_equal(w.store.commits, commits);
    assert_ok(world_complete(&w, session, callback), w.err);
    a0_session_free(session);
    world_clear(&w);
}

static void
cb_04_a_replay_is_harmless_to_its_browser_and_worthless_to_others(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_session *thief = NULL;
    A0_AUTO(a0__string) callback = NULL;
    A0_AUTO(a0__string) id = NULL;
    A0_AUTO(a0__string) before = NULL;
    a0_login *login = NULL;
    a0_login_options options = A0_LOGIN_OPTIONS_INIT;
    const char *url = NULL;

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    thief = world_session(&w, NULL);
    before = a0__strdup(a0_session_id(session));
    options.return_to = "/page";
    callback = world_start(&w, session, &options);
    assert_ok(world_complete(&w, session, callback), w.err);
    id = a0__strdup(a0_session_id(session));
    assert_ok(a0_login_complete(session, callback, NULL, &login, &w.err), w.err);
    assert_true(a0_login_was_completed(login));
    assert_string_equal(a0_login_return_to(login), "/page");
    assert_null(a0_login_access_token(login));
    a0_login_free(login);
    assert_string_equal(a0_session_id(session), id);
    assert_fails(world_complete(&w, thief, callback), &w.err, callback_state_unknown);
    /* Nor to who has the cookie from before the sign-in. */
    a0_session_free(thief);
    thief = world_session(&w, before);
    assert_fails(world_complete(&w, thief, callback), &w.err, callback_state_unknown);
    assert_ok(a0_logout(session, NULL, &url, &w.err), w.err);
    assert_fails(world_complete(&w, session, callback), &w.err, callback_state_unknown);
    assert_int_equal(fake_tenant_calls(&w.tenant, TOKEN_PATH), 1);
    a0_session_free(session);
    a0_session_free(thief);
    world_clear(&w);
}

/* The browser holds another session by now: what comes again is not that one's. */
static void
cb_04_a_replay_is_worthless_once_somebody_else_is_signed_in(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) first = NULL;
    A0_AUTO(a0__string) second = NULL;

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    first = world_start(&w, session, NULL);
    assert_ok(world_complete(&w, session, first), w.err);
    second = world_start(&w, session, NULL);
    w.tenant.sub = "auth0|another";
    assert_ok(world_complete(&w, session, second), w.err);
    assert_fails(world_complete(&w, session, first), &w.err, callback_state_unknown);
    assert_string_equal(a0_session_user_id(session), "auth0|another");
    assert_int_equal(fake_tenant_calls(&w.tenant, TOKEN_PATH), 2);
    a0_session_free(session);
    world_clear(&w);
}

static void
cb_04_what_is_left_of_a_sign_in_holds_no_secret(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) callback = NULL;
    A0_AUTO(a0__transaction) left = A0__TRANSACTION_INIT;

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    callback = world_start(&w, session, NULL);
    assert_ok(world_complete(&w, session, callback), w.err);
    assert_ok(a0__transaction_find(session, a0__text_of(strstr(callback, "state=") + 6),
                                   &left, &w.err),
              w.err);
    assert_int_equal(left.record.state, A0__TRANSACTION_DONE);
    assert_int_equal(left.record.code_verifier.len, 0);
    assert_int_equal(left.record.nonce.len, 0);
    a0_session_free(session);
    world_clear(&w);
}

static void
cb_05_a_loser_waits_two_seconds_and_asks_nothing(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) callback = NULL;

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    callback = world_start(&w, session, NULL);
    /* Whoever took it dies before the end is written: all commits after the first fail.
     */
    w.store.only_commits = true;
    w.store.fail_at = w.store.commits + 2;
    w.store.for_good = true;
    assert_int_not_equal(world_complete(&w, session, callback), A0_OK);
    a0_error_free(a0__steal(&w.err));
    w.store.fail_at = 0;
    w.clock.slept_ms = 0;
    assert_fails(world_complete(&w, session, callback), &w.err, callback_state_unknown);
    assert_in_range(w.clock.slept_ms, 1900, 2100);
    assert_int_equal(fake_tenant_calls(&w.tenant, TOKEN_PATH), 1);
    a0_session_free(session);
    world_clear(&w);
}

static void
cb_07_an_error_of_auth0_ends_the_sign_in_and_is_not_repeated_in_the_log(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) callback = NULL;
    A0_AUTO(a0__string) of_state = NULL;
    A0_AUTO(a0__buf) query = A0__BUF_INIT(4096);

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    assert_fails(world_complete(&w, session, "?error=access_denied&state=never"),
                 &w.err, callback_state_unknown);
    for (int i = 0; i < 2; i++) {
        callback = world_start(&w, session, NULL);
        of_state = a0__strdup(strstr(callback, "state="));
        a0__free(a0__steal(&callback));
        a0__buf_reset(&query);
        a0__buf_format(&query, "?error=%s&error_description=text-canary-000&%s",
                       i == 0 ? "access_denied" : "code-canary-unknown", of_state);
        assert_int_equal(world_complete(&w, session, a0__buf_cstr(&query)), A0_REFUSED);
        assert_string_equal(a0_error_code(w.err),
                            i == 0 ? "access_denied" : "code-canary-unknown");
        assert_int_equal(a0_error_http_status(w.err), i == 0 ? 403 : 502);
        a0_error_free(a0__steal(&w.err));
        /* Spent: the genuine callback comes too late. */
        a0__buf_reset(&query);
        a0__buf_format(&query, "?code=c&%s", of_state);
        assert_fails(world_complete(&w, session, a0__buf_cstr(&query)), &w.err,
                     callback_state_unknown);
        a0__free(a0__steal(&of_state));
    }
    assert_int_equal(fake_tenant_calls(&w.tenant, TOKEN_PATH), 0);
    assert_int_equal(recording_log_count(&w.log, "callback.op_error"), 2);
    assert_true(recording_log_has(&w.log, "\"code\":\"access_denied\""));
    assert_true(recording_log_has(&w.log, "\"code\":\"other\""));
    assert_false(recording_log_has_canary(&w.log, "text-canary-000"));
    assert_false(recording_log_has_canary(&w.log, "code-canary-unknown"));
    a0_session_free(session);
    world_clear(&w);
}

static void
cb_08_another_issuer_is_noticed_before_the_code_is_sent(void **state)
{
    static const char *const others[] = { "https%3A%2F%2Fevil.example%2F",
                                          "https%3A%2F%2Ftenant.example",
                                          "https%3A%2F%2FTENANT.example%2F", "" };
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        A0_AUTO(a0__string) callback = world_start(&w, session, NULL);
        A0_AUTO(a0__buf) with_iss = A0__BUF_INIT(1024);

        a0__buf_format(&with_iss, "%s&iss=%s", callback, others[i]);
        assert_fails(world_complete(&w, session, a0__buf_cstr(&with_iss)), &w.err,
                     callback_iss_mismatch);
        assert_fails(world_complete(&w, session, callback), &w.err,
                     callback_state_unknown);
    }
    assert_int_equal(fake_tenant_calls(&w.tenant, TOKEN_PATH), 0);
    {
        A0_AUTO(a0__string) callback = world_start(&w, session, NULL);
        A0_AUTO(a0__buf) with_iss = A0__BUF_INIT(1024);

        a0__buf_format(&with_iss, "%s&iss=https%%3A%%2F%%2Ftenant.example%%2F",
                       callback);
        assert_ok(world_complete(&w, session, a0__buf_cstr(&with_iss)), w.err);
    }
    a0_session_free(session);
    world_clear(&w);
}

static void
cb_09_a_connect_code_does_not_complete_a_sign_in(void **state)
{
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    for (int i = 0; i < 2; i++) {
        A0_AUTO(a0__string) callback = world_start(&w, session, NULL);
        A0_AUTO(a0__buf) query = A0__BUF_INIT(1024);

        a0__buf_format(&query, "?connect_code=c%s&%s", i == 0 ? "" : "&code=d",
                       strstr(callback, "state="));
        assert_fails(world_complete(&w, session, a0__buf_cstr(&query)), &w.err,
                     callback_flow_mismatch);
        assert_fails(world_complete(&w, session, callback), &w.err,
                     callback_state_unknown);
    }
    assert_int_equal(fake_tenant_calls(&w.tenant, TOKEN_PATH), 0);
    a0_session_free(session);
    world_clear(&w);
}

static void
cb_10_a_sign_in_has_its_time(void **state)
{
    static const struct {
        int64_t step_s;
        bool expired;
    } rows[] = {
        { 599, false }, { 600, true }, { 1199, true }, { -60, false }, { -61, true }
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        world w;
        a0_session *session = NULL;
        A0_AUTO(a0__string) callback = NULL;

        world_init(&w, NULL);
        session = world_session(&w, NULL);
        callback = world_start(&w, session, NULL);
        test_clock_set_wall_s(&w.clock, TEST_CLOCK_START_S + rows[i].step_s);
        if (rows[i].expired) {
            assert_fails(world_complete(&w, session, callback), &w.err,
                         callback_expired);
            test_clock_set_wall_s(&w.clock, TEST_CLOCK_START_S);
            assert_fails(world_complete(&w, session, callback), &w.err,
                         callback_state_unknown);
            assert_int_equal(fake_tenant_calls(&w.tenant, TOKEN_PATH), 0);
        } else {
            assert_ok(world_complete(&w, session, callback), w.err);
        }
        a0_session_free(session);
        world_clear(&w);
    }
}

static void
cb_13_two_tabs_come_back_to_their_own_targets(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) first = NULL;
    A0_AUTO(a0__string) second = NULL;
    char nonce[128];
    a0_login *login = NULL;
    a0_login_options options = A0_LOGIN_OPTIONS_INIT;

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    options.return_to = "/first?a=b";
    first = world_start(&w, session, &options);
    memcpy(nonce, w.tenant.nonce, sizeof nonce);
    options.return_to = "/second";
    second = world_start(&w, session, &options);
    assert_ok(a0_login_complete(session, second, NULL, &login, &w.err), w.err);
    assert_string_equal(a0_login_return_to(login), "/second");
    a0_login_free(login);
    memcpy(w.tenant.nonce, nonce, sizeof nonce);
    assert_ok(a0_login_complete(session, first, NULL, &login, &w.err), w.err);
    assert_string_equal(a0_login_return_to(login), "/first?a=b");
    a0_login_free(login);
    a0_session_free(session);
    world_clear(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(authz_10_max_age_is_enforced_at_the_callback),
        cmocka_unit_test(cb_01_a_state_that_is_missing_or_unknown_changes_nothing),
        cmocka_unit_test(
            cb_02_a_callback_in_another_browser_is_unknown_and_spends_nothing),
        cmocka_unit_test(cb_02_the_owner_completes_after_a_thief_has_tried),
        cmocka_unit_test(
            cb_03_a_thousand_forged_callbacks_leave_the_open_sign_in_alone),
        cmocka_unit_test(
            cb_04_a_replay_is_harmless_to_its_browser_and_worthless_to_others),
        cmocka_unit_test(cb_04_a_replay_is_worthless_once_somebody_else_is_signed_in),
        cmocka_unit_test(cb_04_what_is_left_of_a_sign_in_holds_no_secret),
        cmocka_unit_test(cb_05_a_loser_waits_two_seconds_and_asks_nothing),
        cmocka_unit_test(
            cb_07_an_error_of_auth0_ends_the_sign_in_and_is_not_repeated_in_the_log),
        cmocka_unit_test(cb_08_another_issuer_is_noticed_before_the_code_is_sent),
        cmocka_unit_test(cb_09_a_connect_code_does_not_complete_a_sign_in),
        cmocka_unit_test(cb_10_a_sign_in_has_its_time),
        cmocka_unit_test(cb_13_two_tabs_come_back_to_their_own_targets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
