/* SPDX-License-Identifier: MIT */
/* Sign-ins that another library has kept (contract §4): taken over once, and believed
 * no further than Auth0 confirms. */
#include "world.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum {
    LIFETIME_S = 604800
};

#define FORMER_TOKEN "former-refresh-token"
#define FORMER_ID "formerformerformerformerformerformerformer0"

static void
former_world(world *w, const char *settings)
{
    world_init(w, settings);
    (void)snprintf(w->tenant.refresh_token, sizeof w->tenant.refresh_token, "%s",
                   FORMER_TOKEN);
}

static a0_former_login
former_login(const world *w)
{
    a0_former_login former = A0_FORMER_LOGIN_INIT;

    former.refresh_token = FORMER_TOKEN;
    former.user_id = w->tenant.sub;
    former.signed_in_at = TEST_CLOCK_START_S - 3600;
    return former;
}

static void
it_becomes_a_session_under_the_id_it_was_opened_with(void **state)
{
    world w;
    a0_former_login former;
    a0_session *session = NULL;
    a0_session *again = NULL;
    a0_token *token = NULL;
    a0_refresh_token *newest = NULL;

    (void)state;
    former_world(&w, NULL);
    former = former_login(&w);
    session = world_session(&w, FORMER_ID);
    assert_ok(a0_login_adopt(session, &former, &w.err), w.err);
    assert_string_equal(a0_session_id(session), FORMER_ID);
    assert_string_equal(a0_session_user_id(session), w.tenant.sub);
    /* The claims are those of the ID token that has just come. */
    assert_string_equal(a0_session_claim(session, "email"), "jo@acme.example");
    /* It is no younger than its sign-in. */
    assert_int_equal(a0_session_expires_at(session), former.signed_in_at + LIFETIME_S);
    again = world_session(&w, FORMER_ID);
    assert_string_equal(a0_session_user_id(again), w.tenant.sub);
    assert_ok(a0_session_access_token(again, NULL, &token, &w.err), w.err);
    assert_int_equal(w.tenant.refreshes, 1);
    assert_ok(a0_user_refresh_token(w.client, w.tenant.sub, &newest, &w.err), w.err);
    assert_string_equal(a0_refresh_token_text(newest), FORMER_TOKEN);
    a0_refresh_token_free(newest);
    a0_token_free(token);
    a0_session_free(again);
    a0_session_free(session);
    world_clear(&w);
}

static void
a_rotated_token_is_the_one_that_is_kept(void **state)
{
    world w;
    a0_former_login former;
    a0_session *session = NULL;
    const char *token = NULL;

    (void)state;
    former_world(&w, NULL);
    w.tenant.rotation = true;
    former = former_login(&w);
    session = world_session(&w, FORMER_ID);
    assert_ok(a0_login_adopt(session, &former, &w.err), w.err);
    assert_ok(a0_session_refresh_token(session, &token, &w.err), w.err);
    assert_string_equal(token, w.tenant.refresh_token);
    assert_string_not_equal(token, FORMER_TOKEN);
    a0_session_free(session);
    world_clear(&w);
}

static void
a_token_that_is_not_that_persons_gives_no_session(void **state)
{
    world w;
    a0_former_login former;
    a0_session *session = NULL;

    (void)state;
    former_world(&w, NULL);
    w.tenant.rotation = true;
    former = former_login(&w);
    former.user_id = "auth0|somebody-else";
    session = world_session(&w, FORMER_ID);
    assert_fails(a0_login_adopt(session, &former, &w.err), &w.err,
                 refresh_identity_mismatch);
    assert_false(a0_session_is_signed_in(session));
    /* What was issued for it does not live on. */
    assert_string_equal(w.tenant.last_revoked, w.tenant.refresh_token);
    a0_session_free(session);
    world_clear(&w);
}

static void
without_an_id_token_nothing_is_proved(void **state)
{
    world w;
    a0_former_login former;
    a0_session *session = NULL;

    (void)state;
    former_world(&w, NULL);
    w.tenant.no_id_token_at_refresh = true;
    former = former_login(&w);
    session = world_session(&w, FORMER_ID);
    assert_fails(a0_login_adopt(session, &former, &w.err), &w.err,
                 refresh_identity_mismatch);
    assert_false(a0_session_is_signed_in(session));
    a0_session_free(session);
    world_clear(&w);
}

static void
what_has_ended_is_not_taken_over_again(void **state)
{
    world w;
    a0_former_login former;
    a0_session *session = NULL;
    const char *url = NULL;

    (void)state;
    former_world(&w, NULL);
    former = former_login(&w);
    session = world_session(&w, FORMER_ID);
    assert_ok(a0_login_adopt(session, &former, &w.err), w.err);
    assert_ok(a0_logout(session, NULL, &url, &w.err), w.err);
    a0_session_free(session);
    session = world_session(&w, FORMER_ID);
    assert_fails(a0_login_adopt(session, &former, &w.err), &w.err, session_invalid);
    assert_int_equal(w.tenant.refreshes, 1);
    a0_session_free(session);
    world_clear(&w);
}

static void
too_old_a_sign_in_is_not_asked_for(void **state)
{
    world w;
    a0_former_login former;
    a0_session *session = NULL;

    (void)state;
    former_world(&w, NULL);
    former = former_login(&w);
    former.signed_in_at = TEST_CLOCK_START_S - LIFETIME_S;
    session = world_session(&w, FORMER_ID);
    assert_fails(a0_login_adopt(session, &former, &w.err), &w.err, session_expired);
    former.signed_in_at = TEST_CLOCK_START_S + 3600;
    assert_fails(a0_login_adopt(session, &former, &w.err), &w.err, param_invalid);
    former.signed_in_at = TEST_CLOCK_START_S;
    former.refresh_token = "";
    assert_fails(a0_login_adopt(session, &former, &w.err), &w.err, param_invalid);
    former.refresh_token = FORMER_TOKEN;
    former.user_id = NULL;
    assert_fails(a0_login_adopt(session, &former, &w.err), &w.err, param_invalid);
    assert_int_equal(w.tenant.refreshes, 0);
    a0_session_free(session);
    world_clear(&w);
}

/* Nothing is spent while the tenant is away, nor hammered. */
static void
it_waits_for_a_tenant_that_is_away(void **state)
{
    world w;
    a0_former_login former;
    a0_session *session = NULL;

    (void)state;
    former_world(&w, NULL);
    former = former_login(&w);
    session = world_session(&w, FORMER_ID);
    w.tenant.token_status = 503;
    w.tenant.token_body = "{}";
    assert_fails(a0_login_adopt(session, &former, &w.err), &w.err, refresh_unavailable);
    assert_fails(a0_login_adopt(session, &former, &w.err), &w.err, refresh_unavailable);
    assert_int_equal(fake_tenant_calls(&w.tenant, "/oauth/token"), 1);
    test_clock_advance_s(&w.clock, 60);
    assert_ok(a0_login_adopt(session, &former, &w.err), w.err);
    a0_session_free(session);
    world_clear(&w);
}

static void
a_store_that_fails_costs_nothing_but_the_attempt(void **state)
{
    world w;
    a0_former_login former;
    a0_session *session = NULL;

    (void)state;
    former_world(&w, NULL);
    former = former_login(&w);
    session = world_session(&w, FORMER_ID);
    w.store.only_commits = true;
    /* After the one that takes the turn. */
    w.store.fail_at = atomic_load(&w.store.commits) + 2;
    assert_fails(a0_login_adopt(session, &former, &w.err), &w.err, store_unavailable);
    assert_false(a0_session_is_signed_in(session));
    assert_string_equal(w.tenant.last_revoked, "");
    test_clock_advance_s(&w.clock, 60);
    assert_ok(a0_login_adopt(session, &former, &w.err), w.err);
    a0_session_free(session);
    world_clear(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_becomes_a_session_under_the_id_it_was_opened_with),
        cmocka_unit_test(a_rotated_token_is_the_one_that_is_kept),
        cmocka_unit_test(a_token_that_is_not_that_persons_gives_no_session),
        cmocka_unit_test(without_an_id_token_nothing_is_proved),
        cmocka_unit_test(what_has_ended_is_not_taken_over_again),
        cmocka_unit_test(too_old_a_sign_in_is_not_asked_for),
        cmocka_unit_test(it_waits_for_a_tenant_that_is_away),
        cmocka_unit_test(a_store_that_fails_costs_nothing_but_the_attempt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
