/* SPDX-License-Identifier: MIT */
/* Group CONN of the case catalogue: who connects what to whom. */
#include "connect_world.h"

#include <string.h>

#include "base/mem.h"
#include "flows/session.h"

static void
conn_01_only_the_person_and_session_that_began_may_complete(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) callback = NULL;
    a0_connect_answer *answer = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    callback = connect_start(&w, session, GOOGLE);
    w.tenant.no_id_token_at_refresh = false;
    w.tenant.sub = "auth0|mel";
    a0_login_free(world_login(&w, session));
    assert_fails(a0_connect_complete(session, callback, &answer, &w.err), &w.err,
                 connect_user_mismatch);
    assert_int_equal(w.tenant.my_account.completes, 0);
    assert_int_equal(connect_records(&w, "auth0|mel"), 0);
    a0_session_free(session);
    world_clear(&w);
}

/* The same browser, the same person, and another session: they signed in again. */
static void
conn_01_another_session_of_that_person_may_not(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) callback = NULL;
    a0_connect_answer *answer = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    callback = connect_start(&w, session, GOOGLE);
    w.tenant.no_id_token_at_refresh = false;
    a0_login_free(world_login(&w, session));
    assert_string_equal(a0_session_user_id(session), "auth0|jo");
    assert_fails(a0_connect_complete(session, callback, &answer, &w.err), &w.err,
                 connect_user_mismatch);
    assert_int_equal(w.tenant.my_account.completes, 0);
    a0_session_free(session);
    world_clear(&w);
}

/* A link gives the session to another user; what was begun as the former is not theirs.
 */
static void
conn_01_nor_a_session_that_has_become_another_users(void **state)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(A0__SESSION_RECORD_MAX);
    world w;
    a0_session *session = NULL;
    a0_session *linked = NULL;
    A0_AUTO(a0__string) callback = NULL;
    a0_connect_answer *answer = NULL;
    a0__session_record record = { 0 };
    a0_record row = { 0 };
    bool applied = false;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    callback = connect_start(&w, session, GOOGLE);
    record = session->record;
    record.sub = A0__LIT("auth0|mel");
    assert_ok(a0__session_row(session, &record, &row, &plain, &w.err), w.err);
    assert_ok(a0__batch_update(&batch, w.client, &row, session->version, &session->id,
                               a0__buf_view(&plain), &w.err),
              w.err);
    assert_ok(a0__batch_commit(&batch, w.client, &applied, &w.err), w.err);
    assert_true(applied);
    linked = world_session(&w, a0_session_id(session));
    assert_string_equal(a0_session_user_id(linked), "auth0|mel");
    assert_fails(a0_connect_complete(linked, callback, &answer, &w.err), &w.err,
                 connect_user_mismatch);
    assert_int_equal(w.tenant.my_account.completes, 0);
    a0_session_free(session);
    a0_session_free(linked);
    world_clear(&w);
}

static void
conn_02_a_callback_in_another_browser_redeems_nothing(void **state)
{
    world w;
    a0_session *attacker = NULL;
    a0_session *victim = NULL;
    A0_AUTO(a0__string) callback = NULL;
    a0_connect_answer *answer = NULL;

    (void)state;
    world_init(&w, NULL);
    attacker = connect_sign_in(&w, "auth0|mallory");
    callback = connect_start(&w, attacker, GOOGLE);
    victim = connect_sign_in(&w, "auth0|jo");
    assert_fails(a0_connect_complete(victim, callback, &answer, &w.err), &w.err,
                 callback_state_unknown);
    assert_int_equal(w.tenant.my_account.completes, 0);
    a0_session_free(attacker);
    a0_session_free(victim);
    world_clear(&w);
}

static void
conn_03_parameters_that_carry_security_are_refused(void **state)
{
    static const char *const forbidden[] = { "id_token_hint", "audience", "resource",
                                             "scope",         "state",    "next_url" };
    world w;
    a0_session *session = NULL;
    a0_connect_options options = A0_CONNECT_OPTIONS_INIT;
    a0_param param = { .value = "x" };
    const char *url = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    options.params = &param;
    options.params_len = 1;
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++) {
        param.name = forbidden[i];
        assert_fails(a0_connect_start(session, GOOGLE, CONNECT_REDIRECT_URI, &options,
                                      &url, &w.err),
                     &w.err, param_forbidden);
    }
    param.name = "login_hint";
    assert_ok(
        a0_connect_start(session, GOOGLE, CONNECT_REDIRECT_URI, &options, &url, &w.err),
        w.err);
    assert_non_null(strstr(w.tenant.my_account.body,
                           "\"authorization_params\":{\"login_hint\":\"x\"}"));
    assert_int_equal(w.tenant.my_account.connects, 1);
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_03_scopes_are_those_configured_and_given_each_once(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_connect_options options = A0_CONNECT_OPTIONS_INIT;
    const char *url = NULL;

    (void)state;
    world_init(&w, "\"custom_scopes\":{\"google-oauth2\":[\"calendar\",\"openid\"]}");
    session = connect_sign_in(&w, "auth0|jo");
    options.scope = "drive calendar";
    assert_ok(
        a0_connect_start(session, GOOGLE, CONNECT_REDIRECT_URI, &options, &url, &w.err),
        w.err);
    assert_non_null(strstr(w.tenant.my_account.body,
                           "\"scopes\":[\"calendar\",\"openid\",\"drive\","
                           "\"profile\",\"email\"]"));
    assert_ok(
        a0_connect_start(session, "github", CONNECT_REDIRECT_URI, NULL, &url, &w.err),
        w.err);
    assert_null(strstr(w.tenant.my_account.body, "scopes"));
    a0_session_free(session);
    world_clear(&w);
}

#define START(auth_session, uri, ticket, expires)                                      \
    "{\"auth_session\":" auth_session ",\"connect_uri\":\"" uri                        \
    "\",\"connect_params\":{\"ticket\":\"" ticket "\"},\"expires_in\":" expires "}"
#define GOOD_URI "https://tenant.example/connect"

static void
refuses(const char *const *bodies, size_t len)
{
    world w;
    a0_session *session = NULL;
    const char *url = NULL;

    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    for (size_t i = 0; i < len; i++) {
        w.tenant.my_account.connect_body = bodies[i];
        assert_fails(
            a0_connect_start(session, GOOGLE, CONNECT_REDIRECT_URI, NULL, &url, &w.err),
            &w.err, connect_response_invalid);
    }
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_04_a_start_without_its_auth_session_is_refused(void **state)
{
    static const char *const bodies[] = {
        START("null", GOOD_URI, "t", "300"),
        START("\"\"", GOOD_URI, "t", "300"),
        START("\"a b\"", GOOD_URI, "t", "300"),
        START("7", GOOD_URI, "t", "300"),
        START("\"as\"", GOOD_URI, "t", "0"),
        START("\"as\"", GOOD_URI, "t", "-1"),
        START("\"as\"", GOOD_URI, "t", "null"),
        "[]",
        "<p>hello</p>",
    };

    (void)state;
    refuses(bodies, sizeof bodies / sizeof bodies[0]);
}

static void
conn_04_it_goes_with_its_own_code_and_ends_with_its_lifetime(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) late = NULL;
    a0_connect_answer *answer = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    connect_account(&w, session, GOOGLE);
    assert_non_null(strstr(w.tenant.my_account.completed,
                           "{\"auth_session\":\"as-canary\",\"connect_code\":"
                           "\"cc-canary\",\"redirect_uri\":\"" CONNECT_REDIRECT_URI
                           "\",\"code_verifier\":\""));
    late = connect_start(&w, session, GOOGLE);
    test_clock_advance_s(&w.clock, 300);
    assert_fails(a0_connect_complete(session, late, &answer, &w.err), &w.err,
                 callback_expired);
    assert_int_equal(w.tenant.my_account.completes, 1);
    assert_false(recording_log_has_canary(&w.log, "as-canary"));
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_05_a_callback_that_comes_again_completes_nothing(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) callback = NULL;
    a0_connect_answer *answer = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    callback = connect_start(&w, session, GOOGLE);
    assert_ok(a0_connect_complete(session, callback, &answer, &w.err), w.err);
    a0_connect_answer_free(answer);
    assert_fails(a0_connect_complete(session, callback, &answer, &w.err), &w.err,
                 callback_state_unknown);
    assert_int_equal(w.tenant.my_account.completes, 1);
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_06_a_hostile_address_or_ticket_is_refused(void **state)
{
    static const char *const bodies[] = {
        START("\"as\"", "http://tenant.example/connect", "t", "300"),
        START("\"as\"", "https://evil.example/connect", "t", "300"),
        START("\"as\"", "https://tenant.example.evil/connect", "t", "300"),
        START("\"as\"", "https://u@tenant.example/connect", "t", "300"),
        START("\"as\"", "https://tenant.example:8443/connect", "t", "300"),
        START("\"as\"", "https://tenant.example/connect#x", "t", "300"),
        START("\"as\"", "javascript:alert(1)", "t", "300"),
        START("\"as\"", GOOD_URI, "", "300"),
        START("\"as\"", GOOD_URI, "a\\r\\nb", "300"),
        "{\"auth_session\":\"as\",\"connect_uri\":\"" GOOD_URI "\",\"expires_in\":300}",
    };

    (void)state;
    refuses(bodies, sizeof bodies / sizeof bodies[0]);
}

static void
conn_06_a_query_is_kept_and_the_ticket_is_encoded(void **state)
{
    world w;
    a0_session *session = NULL;
    const char *url = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    assert_ok(
        a0_connect_start(session, GOOGLE, CONNECT_REDIRECT_URI, NULL, &url, &w.err),
        w.err);
    assert_string_equal(url, "https://tenant.example/connected-accounts/connect?"
                             "keep=1&ticket=tk%2077%26x");
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_07_an_id_never_changes_the_path(void **state)
{
    static const char *const bad[] = { "", "..", "%2e%2e", "a/b", "a?b", "a#b", "a b" };
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_fails(a0_connect_delete(session, bad[i], &w.err), &w.err, param_invalid);
    }
    assert_int_equal(w.tenant.my_account.deletes, 0);
    assert_ok(a0_connect_delete(session, "cac_1-Z", &w.err), w.err);
    assert_string_equal(w.tenant.my_account.url, FAKE_MY_ACCOUNT "accounts/cac_1-Z");
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_11_a_problem_is_kept_and_a_cancelled_consent_is_told(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) callback = NULL;
    A0_AUTO(a0__buf) cancelled = A0__BUF_INIT(1024);
    a0_connect_answer *answer = NULL;
    const char *url = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    callback = connect_start(&w, session, GOOGLE);
    a0__buf_string(&cancelled, CONNECT_REDIRECT_URI "?error=access_denied");
    a0__buf_string(&cancelled, strstr(callback, "&state="));
    assert_fails(
        a0_connect_complete(session, a0__buf_cstr(&cancelled), &answer, &w.err), &w.err,
        callback_op_error);
    assert_int_equal(w.tenant.my_account.completes, 0);
    w.tenant.my_account.connect_status = 403;
    w.tenant.my_account.connect_body =
        "{\"type\":\"t\",\"title\":\"<b>Forbidden</"
        "b>\",\"status\":403,\"detail\":\"d\","
        "\"validation_errors\":[{\"detail\":\"x\"}],\"more\":1}";
    assert_int_not_equal(
        a0_connect_start(session, GOOGLE, CONNECT_REDIRECT_URI, NULL, &url, &w.err),
        A0_OK);
    assert_string_equal(a0_error_id(w.err), "connect_api_error");
    assert_int_equal(a0_error_kind_of(w.err), A0_ERROR_MY_ACCOUNT);
    assert_int_equal(a0_error_peer_status(w.err), 403);
    assert_string_equal(a0_error_problem(w.err),
                        "{\"type\":\"t\",\"title\":\"<b>Forbidden</"
                        "b>\",\"status\":403,\"detail\":\"d\","
                        "\"validation_errors\":[{\"detail\":\"x\"}]}");
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_11_another_connection_than_asked_for_is_undone(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) callback = NULL;
    a0_connect_answer *answer = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    callback = connect_start(&w, session, GOOGLE);
    w.tenant.my_account.complete_status = 200;
    w.tenant.my_account.complete_body = "{\"id\":\"cac_9\",\"connection\":\"github\"}";
    assert_fails(a0_connect_complete(session, callback, &answer, &w.err), &w.err,
                 connect_response_invalid);
    assert_int_equal(w.tenant.my_account.deletes, 1);
    assert_string_equal(w.tenant.my_account.url, FAKE_MY_ACCOUNT "accounts/cac_9");
    assert_int_equal(connect_records(&w, "auth0|jo"), 0);
    a0_session_free(session);
    world_clear(&w);
}

static void
cb_09_the_transaction_alone_says_what_a_callback_is_for(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_callback_purpose purpose = A0_CALLBACK_LOGIN;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    for (int i = 0; i < 2; i++) {
        A0_AUTO(a0__string)
        callback = i == 0 ? connect_start(&w, session, GOOGLE)
                          : world_start(&w, session, NULL);
        A0_AUTO(a0__buf) turned = A0__BUF_INIT(1024);

        a0__buf_format(&turned, "?%s=c&%s", i == 0 ? "code" : "connect_code",
                       strstr(callback, "state="));
        for (int j = 0; j < 2; j++) {
            const char *url = j == 0 ? callback : a0__buf_cstr(&turned);

            assert_ok(a0_callback_purpose_of(session, url, &purpose, &w.err), w.err);
            assert_int_equal(purpose, i == 0 ? A0_CALLBACK_CONNECT : A0_CALLBACK_LOGIN);
        }
    }
    assert_fails(
        a0_callback_purpose_of(session, "?connect_code=c&state=s", &purpose, &w.err),
        &w.err, callback_state_mismatch);
    a0_session_free(session);
    world_clear(&w);
}

static void
cb_09_the_code_of_a_sign_in_completes_no_connect_whoever_is_asked(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_login *login = NULL;
    A0_AUTO(a0__string) callback = NULL;
    A0_AUTO(a0__buf) turned = A0__BUF_INIT(1024);
    size_t calls = 0;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    callback = connect_start(&w, session, GOOGLE);
    a0__buf_format(&turned, "?code=c&%s", strstr(callback, "state="));
    calls = fake_tenant_calls(&w.tenant, "/oauth/token");
    assert_fails(
        a0_login_complete(session, a0__buf_cstr(&turned), NULL, &login, &w.err), &w.err,
        callback_flow_mismatch);
    assert_int_equal(fake_tenant_calls(&w.tenant, "/oauth/token"), calls);
    assert_int_equal(w.tenant.my_account.completes, 0);
    assert_string_equal(a0_session_user_id(session), "auth0|jo");
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_11_an_odd_answer_is_an_error_and_leaves_no_record(void **state)
{
    static const struct {
        int status;
        const char *body;
        const char *error;
    } rows[] = {
        { 401, "{\"status\":401}", "connect_api_error" },
        { 409, "{\"status\":409,\"title\":\"Conflict\"}", "connect_api_error" },
        { 429, "{\"status\":429}", "connect_api_error" },
        { 502, "<p>bad gateway</p>", "connect_api_error" },
        { 201, "", "connect_response_invalid" },
        { 201, "[]", "connect_response_invalid" },
        { 201, "{\"id\":\"../x\",\"connection\":\"google-oauth2\"}",
          "connect_response_invalid" },
        { 201, "{\"id\":7,\"connection\":\"google-oauth2\"}",
          "connect_response_invalid" },
        { 201, "{\"connection\":\"google-oauth2\"}", "connect_response_invalid" },
    };
    world w;
    a0_session *session = NULL;
    a0_connect_answer *answer = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__string) callback = connect_start(&w, session, GOOGLE);

        w.tenant.my_account.complete_status = rows[i].status;
        w.tenant.my_account.complete_body = rows[i].body;
        assert_int_not_equal(a0_connect_complete(session, callback, &answer, &w.err),
                             A0_OK);
        assert_string_equal(a0_error_id(w.err), rows[i].error);
        a0_error_free(a0__steal(&w.err));
        assert_int_equal(connect_records(&w, "auth0|jo"), 0);
    }
    a0_session_free(session);
    world_clear(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conn_01_only_the_person_and_session_that_began_may_complete),
        cmocka_unit_test(conn_01_another_session_of_that_person_may_not),
        cmocka_unit_test(conn_01_nor_a_session_that_has_become_another_users),
        cmocka_unit_test(conn_02_a_callback_in_another_browser_redeems_nothing),
        cmocka_unit_test(conn_03_parameters_that_carry_security_are_refused),
        cmocka_unit_test(conn_03_scopes_are_those_configured_and_given_each_once),
        cmocka_unit_test(conn_04_a_start_without_its_auth_session_is_refused),
        cmocka_unit_test(conn_04_it_goes_with_its_own_code_and_ends_with_its_lifetime),
        cmocka_unit_test(conn_05_a_callback_that_comes_again_completes_nothing),
        cmocka_unit_test(conn_06_a_hostile_address_or_ticket_is_refused),
        cmocka_unit_test(conn_06_a_query_is_kept_and_the_ticket_is_encoded),
        cmocka_unit_test(conn_07_an_id_never_changes_the_path),
        cmocka_unit_test(conn_11_a_problem_is_kept_and_a_cancelled_consent_is_told),
        cmocka_unit_test(conn_11_an_odd_answer_is_an_error_and_leaves_no_record),
        cmocka_unit_test(conn_11_another_connection_than_asked_for_is_undone),
        cmocka_unit_test(cb_09_the_transaction_alone_says_what_a_callback_is_for),
        cmocka_unit_test(
            cb_09_the_code_of_a_sign_in_completes_no_connect_whoever_is_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
