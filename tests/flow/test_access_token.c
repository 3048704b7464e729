/* SPDX-License-Identifier: MIT */
/* Access tokens for the session: kept, refreshed, rotated, refused (contract §1). */
#include "world.h"

#include <string.h>

#include "base/mem.h"

#define WITH_API                                                                       \
    "\"audience\":\"https://api.example\","                                            \
    "\"authorization_params\":{\"scope\":\"openid profile email offline_access "       \
    "read:things\"}"

/* A signed-in session whose access token has expired. */
static a0_session *
expired_session(world *w)
{
    a0_session *session = world_session(w, NULL);

    a0_login_free(world_login(w, session));
    test_clock_advance_s(&w->clock, 3601);
    return session;
}

static void
an_expired_token_is_refreshed_once_and_then_kept(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_token *token = NULL;

    (void)state;
    world_init(&w, WITH_API);
    session = expired_session(&w);
    for (int i = 0; i < 3; i++) {
        assert_ok(a0_session_access_token(session, NULL, &token, &w.err), w.err);
        assert_int_equal(a0_token_expires_at(token), test_clock_now_s(&w.clock) + 3600);
        a0_token_free(token);
    }
    assert_int_equal(w.tenant.refreshes, 1);
    a0_session_free(session);
    world_clear(&w);
}

static void
a_rotated_refresh_token_is_the_one_that_is_sent_next(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_token *token = NULL;
    const char *refresh_token = NULL;

    (void)state;
    world_init(&w, WITH_API);
    w.tenant.rotation = true;
    session = expired_session(&w);
    for (unsigned i = 1; i <= 5; i++) {
        assert_ok(a0_session_access_token(session, NULL, &token, &w.err), w.err);
        a0_token_free(token);
        assert_int_equal(w.tenant.refreshes, i);
        assert_ok(a0_session_refresh_token(session, &refresh_token, &w.err), w.err);
        assert_string_equal(refresh_token, w.tenant.refresh_token);
        test_clock_advance_s(&w.clock, 3601);
    }
    a0_session_free(session);
    world_clear(&w);
}

static void
without_a_session_or_a_refresh_token_the_error_says_which(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_token *token = NULL;

    (void)state;
    world_init(&w, WITH_API);
    session = world_session(&w, NULL);
    assert_fails(a0_session_access_token(session, NULL, &token, &w.err), &w.err,
                 session_missing);
    w.tenant.no_refresh_token = true;
    a0_login_free(world_login(&w, session));
    test_clock_advance_s(&w.clock, 3601);
    assert_fails(a0_session_access_token(session, NULL, &token, &w.err), &w.err,
                 refresh_token_missing);
    a0_session_free(session);
    world_clear(&w);
}

static void
a_token_for_another_api_asks_for_its_audience_and_scope(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_token *token = NULL;
    a0_access_token_options options = A0_ACCESS_TOKEN_OPTIONS_INIT;
    char sent[256];

    (void)state;
    world_init(&w, WITH_API);
    session = world_session(&w, NULL);
    a0_login_free(world_login(&w, session));
    options.audience = "https://other.example";
    options.scope = "write:x read:x";
    w.tenant.scope = "read:x write:x";
    assert_ok(a0_session_access_token(session, &options, &token, &w.err), w.err);
    fake_tenant_form_value(&w.tenant, "audience", sent, sizeof sent);
    assert_string_equal(sent, "https://other.example");
    assert_string_equal(a0_token_audience(token), "https://other.example");
    a0_token_free(token);
    options.scope = "read:x write:x";
    assert_ok(a0_session_access_token(session, &options, &token, &w.err), w.err);
    a0_token_free(token);
    assert_int_equal(w.tenant.refreshes, 1);
    a0_session_free(session);
    world_clear(&w);
}

/* The person signs in elsewhere between the rotation's reading and its writing. */
static void
sign_in_elsewhere(void *self, failing_store_call call, uint64_t n, bool done)
{
    world *w = self;
    a0_session *elsewhere = NULL;

    (void)n;
    if (call != FAILING_STORE_COMMIT || done || w->tenant.refreshes != 1) {
        return;
    }
    w->store.watch = NULL;
    w->tenant.refreshes = 7;
    elsewhere = world_session(w, NULL);
    a0_login_free(world_login(w, elsewhere));
    a0_session_free(elsewhere);
}

static void
a_rotation_does_not_replace_the_token_of_a_newer_sign_in(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_token *token = NULL;
    a0_refresh_token *newest = NULL;

    (void)state;
    world_init(&w, NULL);
    w.tenant.rotation = true;
    session = world_session(&w, NULL);
    a0_login_free(world_login(&w, session));
    test_clock_advance_s(&w.clock, 3600);
    w.store.watch = sign_in_elsewhere;
    w.store.watch_self = &w;
    assert_ok(a0_session_access_token(session, NULL, &token, &w.err), w.err);
    assert_int_equal(w.tenant.refreshes, 7);
    assert_ok(a0_user_refresh_token(w.client, w.tenant.sub, &newest, &w.err), w.err);
    assert_string_equal(a0_refresh_token_text(newest), "rt-canary-7");
    a0_refresh_token_free(newest);
    a0_token_free(token);
    a0_session_free(session);
    world_clear(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_expired_token_is_refreshed_once_and_then_kept),
        cmocka_unit_test(a_rotated_refresh_token_is_the_one_that_is_sent_next),
        cmocka_unit_test(without_a_session_or_a_refresh_token_the_error_says_which),
        cmocka_unit_test(a_token_for_another_api_asks_for_its_audience_and_scope),
        cmocka_unit_test(a_rotation_does_not_replace_the_token_of_a_newer_sign_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
