/* SPDX-License-Identifier: MIT */
/* Rows MGMT: the Management API and its machine token. */
#include "world.h"

#include <string.h>

static void
mgmt_04_missing_scopes_are_read_from_the_token_itself(void **state)
{
    world w;
    a0_ping_result *result = NULL;
    a0_ping_options options = A0_PING_OPTIONS_INIT;

    (void)state;
    world_init(&w, NULL);
    options.required_scopes = "read:users read:logs update:users read:logs read:user";
    assert_int_equal(a0_ping(w.client, &options, &result, &w.err), A0_REFUSED);
    assert_string_equal(a0_error_stage(w.err), "scope_grant");
    assert_string_equal(a0_error_missing_scopes(w.err), "read:logs read:user");
    world_clear(&w);
}

static void
mgmt_04_scopes_in_excess_are_logged_and_shown(void **state)
{
    world w;
    a0_ping_result *result = NULL;
    a0_ping_options options = A0_PING_OPTIONS_INIT;

    (void)state;
    world_init(&w, NULL);
    options.required_scopes = "read:users delete:users";
    w.tenant.management.scope = "read:users delete:users";
    assert_ok(a0_ping(w.client, &options, &result, &w.err), w.err);
    assert_string_equal(a0_ping_result_excess_scopes(result), "");
    assert_int_equal(recording_log_count(&w.log, "mgmt.scope_excess"), 0);
    a0_ping_result_free(result);
    w.tenant.management.scope = "read:users delete:users delete:grants create:clients "
                                "read:user_idp_tokens update:client_grants read:logs";
    assert_ok(a0_ping(w.client, &options, &result, &w.err), w.err);
    assert_string_equal(
        a0_ping_result_excess_scopes(result),
        "delete:grants create:clients read:user_idp_tokens update:client_grants");
    assert_int_equal(recording_log_count(&w.log, "mgmt.scope_excess"), 1);
    assert_true(a0_ping_result_shares_credentials(result));
    a0_ping_result_free(result);
    world_clear(&w);
}

static void
mgmt_07_address_and_audience_come_from_the_management_domain(void **state)
{
    world w;
    a0_ping_result *result = NULL;
    const scripted_request *request = NULL;

    (void)state;
    world_init(&w, "\"auth0_management_api_domain\":\"acme.eu.auth0.com\"");
    scripted_answer(w.tenant.script, "POST", "https://acme.eu.auth0.com/oauth/token",
                    401, "application/json", "{\"error\":\"invalid_client\"}");
    assert_fails(a0_ping(w.client, NULL, &result, &w.err), &w.err, ping_m2m_token);
    request = scripted_request_at(w.tenant.script, 0);
    assert_non_null(strstr(request->body,
                           "audience=https%3A%2F%2Facme.eu.auth0.com%2Fapi%2Fv2%2F"));
    assert_int_equal(scripted_requests_len(w.tenant.script), 1);
    world_clear(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mgmt_04_missing_scopes_are_read_from_the_token_itself),
        cmocka_unit_test(mgmt_04_scopes_in_excess_are_logged_and_shown),
        cmocka_unit_test(mgmt_07_address_and_audience_come_from_the_management_domain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
