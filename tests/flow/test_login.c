/* SPDX-License-Identifier: MIT */
/* Signing in and out, end to end without a network (contract §1). */
#include "world.h"

#include <string.h>

#include "base/mem.h"

static void
a_sign_in_gives_tokens_claims_and_a_session_under_a_new_id(void **state)
{
    world w;
    A0_AUTO(a0__string) before = NULL;
    a0_session *session = NULL;
    a0_session *again = NULL;
    a0_login *login = NULL;

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    before = a0__strdup(a0_session_id(session));
    login = world_login(&w, session);
    assert_true(a0_session_is_signed_in(session));
    assert_string_equal(a0_session_user_id(session), w.tenant.sub);
    assert_string_equal(a0_session_claim(session, "email"), "jo@acme.example");
    assert_string_equal(a0_session_claim(session, "email_verified"), "true");
    assert_string_not_equal(a0_session_id(session), before);
    assert_non_null(a0_login_access_token(login));
    assert_string_equal(a0_login_refresh_token(login), "rt-canary-0");
    assert_string_equal(a0_login_token_type(login), "Bearer");
    assert_int_equal(a0_login_expires_in(login), 3600);
    assert_int_equal(a0_login_expires_at(login), TEST_CLOCK_START_S + 3600);
    assert_non_null(strstr(a0_login_userinfo(login), "\"name\":\"Jo Emu\""));
    again = world_session(&w, a0_session_id(session));
    assert_string_equal(a0_session_user_id(again), w.tenant.sub);
    a0_session_free(again);
    again = world_session(&w, before);
    assert_false(a0_session_is_signed_in(again));
    a0_session_free(again);
    a0_login_free(login);
    a0_session_free(session);
    world_clear(&w);
}

static void
a_cold_sign_in_asks_three_things_and_a_warm_one_only_for_the_tokens(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_session *other = NULL;

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    a0_login_free(world_login(&w, session));
    assert_int_equal(scripted_requests_len(w.tenant.script), 3);
    other = world_session(&w, NULL);
    a0_login_free(world_login(&w, other));
    assert_int_equal(scripted_requests_len(w.tenant.script), 4);
    a0_session_free(session);
    a0_session_free(other);
    world_clear(&w);
}

static void
a_sign_in_with_par_puts_only_the_request_uri_into_the_url(void **state)
{
    world w;
    a0_session *session = NULL;
    const char *url = NULL;

    (void)state;
    world_init(&w, "\"pushed_authorization_requests\":true");
    session = world_session(&w, NULL);
    assert_ok(a0_login_start(session, FAKE_REDIRECT_URI, NULL, &url, &w.err), w.err);
    assert_string_equal(url, FAKE_URL
                        "/authorize?client_id=client-1&request_uri=urn%3Ax%3A1");
    a0_session_free(session);
    world_clear(&w);
}

static void
the_token_of_the_sign_in_is_found_without_a_request(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_login *login = NULL;
    a0_token *token = NULL;
    size_t before = 0;

    (void)state;
    world_init(&w, "\"audience\":\"https://api.example\","
                   "\"authorization_params\":{\"scope\":\"openid profile email "
                   "offline_access read:things\"}");
    session = world_session(&w, NULL);
    login = world_login(&w, session);
    before = scripted_requests_len(w.tenant.script);
    assert_ok(a0_session_access_token(session, NULL, &token, &w.err), w.err);
    assert_string_equal(a0_token_access_token(token), a0_login_access_token(login));
    assert_int_equal(scripted_requests_len(w.tenant.script), before);
    a0_token_free(token);
    a0_login_free(login);
    a0_session_free(session);
    world_clear(&w);
}

static void
logout_ends_the_session_and_gives_the_url(void **state)
{
    world w;
    A0_AUTO(a0__string) id = NULL;
    a0_session *session = NULL;
    a0_session *again = NULL;
    const char *url = NULL;
    a0_logout_options options = A0_LOGOUT_OPTIONS_INIT;

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    a0_login_free(world_login(&w, session));
    id = a0__strdup(a0_session_id(session));
    options.return_to = "https://app.example/bye";
    assert_ok(a0_logout(session, &options, &url, &w.err), w.err);
    assert_string_equal(
        url, FAKE_URL
        "/v2/logout?client_id=client-1&returnTo=https%3A%2F%2Fapp.example%2Fbye");
    assert_false(a0_session_is_signed_in(session));
    assert_string_not_equal(a0_session_id(session), id);
    again = world_session(&w, id);
    assert_false(a0_session_is_signed_in(again));
    assert_int_equal(fake_tenant_calls(&w.tenant, "/oauth/revoke"), 0);
    a0_session_free(again);
    a0_session_free(session);
    world_clear(&w);
}

static void
logout_at_the_fixed_address_asks_nobody(void **state)
{
    world w;
    a0_session *session = NULL;
    const char *url = NULL;

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    assert_ok(a0_logout(session, NULL, &url, &w.err), w.err);
    assert_string_equal(url, FAKE_URL "/v2/logout?client_id=client-1");
    assert_int_equal(scripted_requests_len(w.tenant.script), 0);
    a0_session_free(session);
    world_clear(&w);
}

static void
logout_revokes_the_refresh_token_when_the_settings_say_so(void **state)
{
    world w;
    a0_session *session = NULL;
    const char *url = NULL;

    (void)state;
    world_init(&w, "\"revoke_on_logout\":true");
    session = world_session(&w, NULL);
    a0_login_free(world_login(&w, session));
    assert_ok(a0_logout(session, NULL, &url, &w.err), w.err);
    assert_string_equal(w.tenant.last_revoked, "rt-canary-0");
    assert_null(strstr(url, "returnTo"));
    a0_session_free(session);
    world_clear(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sign_in_gives_tokens_claims_and_a_session_under_a_new_id),
        cmocka_unit_test(
            a_cold_sign_in_asks_three_things_and_a_warm_one_only_for_the_tokens),
        cmocka_unit_test(a_sign_in_with_par_puts_only_the_request_uri_into_the_url),
        cmocka_unit_test(the_token_of_the_sign_in_is_found_without_a_request),
        cmocka_unit_test(logout_ends_the_session_and_gives_the_url),
        cmocka_unit_test(logout_at_the_fixed_address_asks_nobody),
        cmocka_unit_test(logout_revokes_the_refresh_token_when_the_settings_say_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
