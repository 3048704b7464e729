/* SPDX-License-Identifier: MIT */
/* The code exchange and the ID token inside the sign-in: rows of TOK and IDT. */
#include "world.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define API                                                                            \
    "\"audience\":\"https://api.example\","                                            \
    "\"authorization_params\":{\"scope\":\"openid offline_access read:things\"}"

/* A sign-in that fails: the error is that one, nobody is signed in, the code is spent.
 */
static void
fails_with(world *w, const char *id, int shown)
{
    a0_session *session = world_session(w, NULL);
    A0_AUTO(a0__string) callback = world_start(w, session, NULL);
    A0_AUTO(a0__string) before = a0__strdup(a0_session_id(session));
    size_t calls = fake_tenant_calls(&w->tenant, "/oauth/token");

    assert_int_not_equal(world_complete(w, session, callback), A0_OK);
    assert_string_equal(a0_error_id(w->err), id);
    if (shown != 0) {
        assert_int_equal(a0_error_http_status(w->err), shown);
    }
    a0_error_free(a0__steal(&w->err));
    assert_false(a0_session_is_signed_in(session));
    assert_string_equal(a0_session_id(session), before);
    w->tenant.network_error = 0;
    w->tenant.token_status = 0;
    assert_fails(world_complete(w, session, callback), &w->err, callback_state_unknown);
    assert_int_equal(fake_tenant_calls(&w->tenant, "/oauth/token"), calls + 1);
    a0_session_free(session);
}

static void
tok_01_whatever_the_token_endpoint_does_the_code_is_sent_once(void **state)
{
    static const struct {
        int status;
        const char *body;
        int shown;
    } rows[] = {
        { 400, "{\"error\":\"invalid_grant\"}", 502 },
        { 401, "{\"error\":\"invalid_client\"}", 502 },
        { 403, "{\"error\":\"access_denied\"}", 502 },
        { 429, "{\"error\":\"too_many_requests\"}", 503 },
        { 500, "{}", 503 },
        { 502, "<html>", 503 },
    };
    static const a0__error_id network[] = { A0_E_http_timeout, A0_E_http_unreachable,
                                            A0_E_http_truncated };
    world w;

    (void)state;
    world_init(&w, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        w.tenant.token_status = rows[i].status;
        w.tenant.token_body = rows[i].body;
        fails_with(&w, "token_http_error", rows[i].shown);
    }
    for (size_t i = 0; i < sizeof network / sizeof network[0]; i++) {
        w.tenant.network_error = network[i];
        w.tenant.network_error_sent = i > 0;
        fails_with(&w, a0__error_name(network[i]), 0);
    }
    assert_int_equal(recording_log_count(&w.log, "config.suspect"), 1);
    world_clear(&w);
}

static void
tok_05_without_a_refresh_token_the_sign_in_stands_and_says_so_later(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_session *again = NULL;
    a0_token *token = NULL;

    (void)state;
    world_init(&w, API);
    w.tenant.no_refresh_token = true;
    session = world_session(&w, NULL);
    a0_login_free(world_login(&w, session));
    assert_int_equal(recording_log_count(&w.log, "token.no_refresh"), 1);
    again = world_session(&w, a0_session_id(session));
    assert_true(a0_session_is_signed_in(again));
    assert_ok(a0_session_access_token(again, NULL, &token, &w.err), w.err);
    a0_token_free(token);
    test_clock_advance_s(&w.clock, 3601);
    assert_fails(a0_session_access_token(again, NULL, &token, &w.err), &w.err,
                 refresh_token_missing);
    assert_true(a0_session_is_signed_in(again));
    a0_session_free(again);
    a0_session_free(session);
    world_clear(&w);
}

static void
tok_06_the_granted_scope_is_what_counts(void **state)
{
    static const struct {
        const char *scope;
        bool enough;
        size_t excess;
    } rows[] = {
        { NULL, true, 0 },
        { "read:things offline_access openid", true, 0 },
        { "openid offline_access", false, 0 },
        { "openid offline_access read:things admin:all", true, 1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        world w;
        a0_session *session = NULL;
        a0_token *token = NULL;

        world_init(&w, API);
        w.tenant.scope = rows[i].scope;
        session = world_session(&w, NULL);
        a0_login_free(world_login(&w, session));
        if (rows[i].enough) {
            assert_ok(a0_session_access_token(session, NULL, &token, &w.err), w.err);
            a0_token_free(token);
        } else {
            assert_fails(a0_session_access_token(session, NULL, &token, &w.err), &w.err,
                         scope_insufficient);
        }
        assert_int_equal(recording_log_count(&w.log, "token.scope_excess"),
                         rows[i].excess);
        a0_session_free(session);
        world_clear(&w);
    }
}

static void
tok_07_after_a_redirect_code_and_secret_are_not_sent_again(void **state)
{
    static const int statuses[] = { 301, 302, 303, 307, 308 };
    world w;

    (void)state;
    world_init(&w, NULL);
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        w.tenant.token_status = statuses[i];
        fails_with(&w, "token_http_error", 0);
    }
    w.tenant.network_error = A0_E_http_redirect_refused;
    fails_with(&w, "http_redirect_refused", 502);
    world_clear(&w);
}

/* ---- IDT ---- */

static void
idt_04_an_unknown_kid_is_looked_up_once_and_then_refused(void **state)
{
    world w;

    (void)state;
    world_init(&w, NULL);
    w.tenant.kid = "kid-unknown";
    fails_with(&w, "jwt_key_not_found", 502);
    assert_int_equal(fake_tenant_calls(&w.tenant, "/.well-known/jwks.json"), 2);
    fails_with(&w, "jwt_key_not_found", 502);
    assert_int_equal(fake_tenant_calls(&w.tenant, "/.well-known/jwks.json"), 2);
    /* Real sign-ins are unaffected. */
    w.tenant.kid = "kid-1";
    {
        a0_session *session = world_session(&w, NULL);

        a0_login_free(world_login(&w, session));
        a0_session_free(session);
    }
    world_clear(&w);
}

static void
idt_19_the_leeway_is_inclusive_and_no_more(void **state)
{
    static const struct {
        int64_t offset_s;
        const char *error;
    } rows[] = {
        { 59, NULL }, { 60, NULL }, { 61, "idt_not_yet_valid" }, { -59, NULL }
    };
    world w;

    (void)state;
    world_init(&w, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        w.tenant.iat_offset_s = rows[i].offset_s;
        if (rows[i].error != NULL) {
            a0_session *session = world_session(&w, NULL);
            A0_AUTO(a0__string) callback = world_start(&w, session, NULL);

            assert_int_equal(world_complete(&w, session, callback), A0_REFUSED);
            a0_error_free(a0__steal(&w.err));
            a0_session_free(session);
        } else {
            a0_session *session = world_session(&w, NULL);

            a0_login_free(world_login(&w, session));
            a0_session_free(session);
        }
    }
    world_clear(&w);
}

static void
idt_20_tokens_of_two_flows_that_are_swapped_sign_nobody_in(void **state)
{
    world w;
    a0_session *mine = NULL;
    a0_session *other = NULL;
    A0_AUTO(a0__string) callback = NULL;
    A0_AUTO(a0__string) others_callback = NULL;
    A0_AUTO(a0__string) others_token = NULL;

    (void)state;
    world_init(&w, NULL);
    mine = world_session(&w, NULL);
    other = world_session(&w, NULL);
    callback = world_start(&w, mine, NULL);
    others_callback = world_start(&w, other, NULL);
    w.tenant.sub = "auth0|somebody-else";
    others_token = fake_tenant_id_token(&w.tenant, true);
    w.tenant.id_token = others_token;
    assert_fails(world_complete(&w, mine, callback), &w.err, idt_nonce_mismatch);
    assert_false(a0_session_is_signed_in(mine));
    /* The refresh token of a refused answer is given back. */
    assert_string_equal(w.tenant.last_revoked, "rt-canary-0");
    assert_ok(world_complete(&w, other, others_callback), w.err);
    assert_string_equal(a0_session_user_id(other), "auth0|somebody-else");
    a0_session_free(mine);
    a0_session_free(other);
    world_clear(&w);
}

static void
idt_22_a_weaker_sign_in_keeps_the_session_that_was_there(void **state)
{
    static const a0_param param = { "acr_values", "urn:mfa" };
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) id = NULL;
    a0_login_options options = A0_LOGIN_OPTIONS_INIT;

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    a0_login_free(world_login(&w, session));
    id = a0__strdup(a0_session_id(session));
    options.params = &param;
    options.params_len = 1;
    {
        A0_AUTO(a0__string) callback = world_start(&w, session, &options);
        a0_session *again = NULL;

        w.tenant.more_claims = ",\"acr\":\"urn:password\"";
        assert_fails(world_complete(&w, session, callback), &w.err, idt_acr_unmet);
        assert_true(a0_session_is_signed_in(session));
        assert_string_equal(a0_session_id(session), id);
        again = world_session(&w, id);
        assert_true(a0_session_is_signed_in(again));
        a0_session_free(again);
    }
    a0_session_free(session);
    world_clear(&w);
}

static void
idt_25_the_organization_that_was_asked_must_come_back(void **state)
{
    static const a0_param param = { "organization", "org_abc" };
    static const struct {
        const char *claims;
        bool fits;
    } rows[] = {
        { NULL, false },
        { ",\"org_id\":\"org_xyz\"", false },
        { ",\"org_id\":7", false },
        { ",\"org_id\":[\"org_abc\"]", false },
        { ",\"org_id\":\"\"", false },
        { ",\"org_id\":\"org_abc\"", true },
    };
    world w;
    a0_login_options options = A0_LOGIN_OPTIONS_INIT;

    (void)state;
    world_init(&w, NULL);
    options.params = &param;
    options.params_len = 1;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        a0_session *session = world_session(&w, NULL);
        A0_AUTO(a0__string) callback = world_start(&w, session, &options);

        w.tenant.more_claims = rows[i].claims;
        if (rows[i].fits) {
            assert_ok(world_complete(&w, session, callback), w.err);
            assert_string_equal(a0_session_claim(session, "org_id"), "org_abc");
        } else {
            assert_int_equal(world_complete(&w, session, callback), A0_REFUSED);
            a0_error_free(a0__steal(&w.err));
            assert_false(a0_session_is_signed_in(session));
        }
        a0_session_free(session);
    }
    world_clear(&w);
}

static void
idt_26_a_wrong_signature_is_the_error_whatever_the_claims_say(void **state)
{
    world w;
    a0__signing_key *forger = NULL;
    a0__signing_key *genuine = NULL;

    (void)state;
    world_init(&w, NULL);
    assert_ok(a0_client_warm(w.client, &w.err), w.err);
    assert_ok(a0__signing_key_generate(A0__RS256, &forger, &w.err), w.err);
    genuine = w.tenant.key;
    w.tenant.key = forger;
    w.tenant.iss = "https://evil.example/";
    w.tenant.aud = "another";
    fails_with(&w, "jwt_signature_invalid", 502);
    w.tenant.key = genuine;
    a0__signing_key_free(forger);
    world_clear(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tok_01_whatever_the_token_endpoint_does_the_code_is_sent_once),
        cmocka_unit_test(
            tok_05_without_a_refresh_token_the_sign_in_stands_and_says_so_later),
        cmocka_unit_test(tok_06_the_granted_scope_is_what_counts),
        cmocka_unit_test(tok_07_after_a_redirect_code_and_secret_are_not_sent_again),
        cmocka_unit_test(idt_04_an_unknown_kid_is_looked_up_once_and_then_refused),
        cmocka_unit_test(idt_19_the_leeway_is_inclusive_and_no_more),
        cmocka_unit_test(idt_20_tokens_of_two_flows_that_are_swapped_sign_nobody_in),
        cmocka_unit_test(idt_22_a_weaker_sign_in_keeps_the_session_that_was_there),
        cmocka_unit_test(idt_25_the_organization_that_was_asked_must_come_back),
        cmocka_unit_test(idt_26_a_wrong_signature_is_the_error_whatever_the_claims_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
