/* SPDX-License-Identifier: MIT */
/* Readiness: one request, three stages (contract §1). */
#include "world.h"

#include <string.h>

static a0_status
ping(world *w, const char *required_scopes, a0_ping_result **out)
{
    a0_ping_options options = A0_PING_OPTIONS_INIT;

    options.required_scopes = required_scopes;
    return a0_ping(w->client, &options, out, &w->err);
}

static void
a_ping_is_one_request_and_keeps_nothing(void **state)
{
    world w;
    a0_ping_result *result = NULL;

    (void)state;
    world_init(&w, NULL);
    for (unsigned i = 1; i <= 3; i++) {
        assert_ok(ping(&w, "read:users", &result), w.err);
        assert_int_equal(a0_ping_result_expires_in(result), 86400);
        assert_int_equal(a0_ping_result_latency_ms(result), 0);
        assert_string_equal(a0_ping_result_granted_scopes(result),
                            "read:users update:users");
        a0_ping_result_free(result);
        assert_int_equal(w.tenant.management.tokens, i);
        assert_int_equal(scripted_requests_len(w.tenant.script), i);
    }
    assert_false(recording_log_has_canary(&w.log, "machine-canary"));
    world_clear(&w);
}

static void
every_refusal_of_a_token_names_its_stage_and_status(void **state)
{
    static const struct {
        int status;
        const char *body;
    } refusals[] = {
        { 400, "{\"error\":\"invalid_request\"}" },
        { 401, "{\"error\":\"invalid_client\"}" },
        { 401, "<html>" },
        { 403, "{\"error\":\"access_denied\"}" },
        { 403, "{\"error\":\"unauthorized_client\"}" },
        { 404, "" },
        { 429, "{\"error\":\"too_many_requests\"}" },
        { 500, "<h1>oops</h1>" },
        { 503, NULL },
        { 200, "{\"access_token\":" },
        { 200, "[]" },
        { 200, "{\"access_token\":7,\"token_type\":\"Bearer\"}" },
        { 200, "{\"access_token\":\"x\",\"token_type\":\"DPoP\"}" },
    };
    world w;
    a0_ping_result *result = NULL;

    (void)state;
    world_init(&w, NULL);
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        w.tenant.token_status = refusals[i].status;
        w.tenant.token_body = refusals[i].body;
        assert_int_not_equal(ping(&w, NULL, &result), A0_OK);
        assert_int_equal(a0_error_kind_of(w.err), A0_ERROR_PING);
        assert_string_equal(a0_error_stage(w.err), "m2m_token");
        assert_string_equal(a0_error_code(w.err), "m2m_token");
        assert_int_equal(a0_error_peer_status(w.err), refusals[i].status);
        assert_null(a0_error_missing_scopes(w.err));
        a0_error_free(w.err);
        w.err = NULL;
    }
    world_clear(&w);
}

static void
a_tenant_that_does_not_answer_is_stage_m2m_token_without_status(void **state)
{
    world w;
    a0_ping_result *result = NULL;

    (void)state;
    world_init(&w, NULL);
    w.tenant.network_error = A0_E_http_timeout;
    assert_int_equal(ping(&w, NULL, &result), A0_UNAVAILABLE);
    assert_string_equal(a0_error_stage(w.err), "m2m_token");
    assert_int_equal(a0_error_peer_status(w.err), 0);
    assert_string_equal(a0_error_message(w.err), a0__error_sentence(A0_E_http_timeout));
    world_clear(&w);
}

static void
a_token_of_another_tenant_or_api_is_stage_token_claims(void **state)
{
    world w;
    a0_ping_result *result = NULL;
    fake_management *m = &w.tenant.management;

    (void)state;
    world_init(&w, NULL);
    m->iss = "https://tenant.example.evil/";
    assert_fails(ping(&w, NULL, &result), &w.err, ping_token_claims);
    m->iss = "https://tenant.example";
    assert_fails(ping(&w, NULL, &result), &w.err, ping_token_claims);
    m->iss = FAKE_ISSUER;
    m->aud = "https://api.example/";
    assert_fails(ping(&w, NULL, &result), &w.err, ping_token_claims);
    m->aud = NULL;
    m->opaque = true;
    assert_fails(ping(&w, NULL, &result), &w.err, ping_token_claims);
    world_clear(&w);
}

static void
options_are_checked_before_anything_is_sent(void **state)
{
    world w;
    a0_ping_result *result = NULL;
    a0_ping_options options = A0_PING_OPTIONS_INIT;

    (void)state;
    world_init(&w, NULL);
    assert_fails(ping(&w, "read:users\n", &result), &w.err, param_invalid);
    options.timeout_ms = -1;
    assert_fails(a0_ping(w.client, &options, &result, &w.err), &w.err, param_invalid);
    assert_int_equal(scripted_requests_len(w.tenant.script), 0);
    world_clear(&w);
}

static void
an_application_of_its_own_asks_with_its_own_credentials(void **state)
{
    world w;
    a0_ping_result *result = NULL;
    char value[256];

    (void)state;
    world_init(&w, "\"management_client_id\":\"m2m\","
                   "\"management_client_secret\":\"m2m-secret\"");
    assert_ok(a0_ping(w.client, NULL, &result, &w.err), w.err);
    fake_tenant_form_value(&w.tenant, "client_id", value, sizeof value);
    assert_string_equal(value, "m2m");
    fake_tenant_form_value(&w.tenant, "client_secret", value, sizeof value);
    assert_string_equal(value, "m2m-secret");
    assert_false(a0_ping_result_shares_credentials(result));
    a0_ping_result_free(result);
    world_clear(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ping_is_one_request_and_keeps_nothing),
        cmocka_unit_test(every_refusal_of_a_token_names_its_stage_and_status),
        cmocka_unit_test(
            a_tenant_that_does_not_answer_is_stage_m2m_token_without_status),
        cmocka_unit_test(a_token_of_another_tenant_or_api_is_stage_token_claims),
        cmocka_unit_test(options_are_checked_before_anything_is_sent),
        cmocka_unit_test(an_application_of_its_own_asks_with_its_own_credentials),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
