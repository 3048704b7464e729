/* SPDX-License-Identifier: MIT */
/* The examination of an installation on ports of the test; each fault of a tenant is in
 * tests/integration/test_doctor.py. */
#include "world.h"

#include <string.h>

static const a0_check *
check_of(const a0_doctor_report *report, const char *id)
{
    const a0_check *check = NULL;

    for (size_t i = 0; (check = a0_doctor_report_check(report, i)) != NULL; i++) {
        if (strcmp(check->id, id) == 0) {
            return check;
        }
    }
    fail_msg("there is no check %s", id);
    return NULL;
}

static void
what_can_not_be_asked_is_not_checked_and_no_error(void **state)
{
    world w;
    a0_doctor_report *report = NULL;

    (void)state;
    world_init(&w, NULL);
    assert_ok(a0_doctor(w.client, NULL, &report, &w.err), w.err);
    assert_int_equal(check_of(report, "network")->outcome, A0_CHECK_OK);
    assert_int_equal(check_of(report, "keys")->outcome, A0_CHECK_OK);
    assert_int_equal(check_of(report, "clock")->outcome, A0_CHECK_NOT_CHECKED);
    assert_int_equal(check_of(report, "management")->outcome, A0_CHECK_OK);
    assert_string_equal(check_of(report, "callback")->text, "needs scope read:clients");
    assert_null(check_of(report, "callback")->remedy);
    assert_true(a0_doctor_report_is_healthy(report));
    assert_null(a0_doctor_report_check(report, a0_doctor_report_len(report)));
    a0_doctor_report_free(report);
    world_clear(&w);
}

static void
answers_of_the_wrong_shape_are_findings_and_no_crash(void **state)
{
    static const char *const bodies[] = { "[]",
                                          "{\"callbacks\":1,\"refresh_token\":[]}",
                                          "{\"connections\":[1,{\"name\":2}]}",
                                          "{\"connections\":{},\"next\":\"x\"}" };
    world w;

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        a0_doctor_report *report = NULL;
        a0_doctor_options options = A0_DOCTOR_OPTIONS_INIT;

        world_init(&w, NULL);
        options.callback_url = "https://app.example/auth/callback";
        w.tenant.management.scope = "read:users read:clients read:connections";
        w.tenant.management.body = bodies[i];
        assert_ok(a0_doctor(w.client, &options, &report, &w.err), w.err);
        assert_int_not_equal(check_of(report, "callback")->outcome, A0_CHECK_OK);
        a0_doctor_report_free(report);
        world_clear(&w);
    }
}

static void
conn_09_connections_in_a_circle_are_not_checked_and_end_soon(void **state)
{
    world w;
    a0_doctor_report *report = NULL;

    (void)state;
    world_init(&w, NULL);
    w.tenant.management.scope = "read:users read:connections";
    w.tenant.management.body = "{\"connections\":[],\"next\":\"one\"}";
    w.tenant.management.body_second = "{\"connections\":[],\"next\":\"two\"}";
    assert_ok(a0_doctor(w.client, NULL, &report, &w.err), w.err);
    assert_int_equal(check_of(report, "connections")->outcome, A0_CHECK_NOT_CHECKED);
    assert_int_equal(scripted_count(w.tenant.script,
                                    FAKE_API "clients/" FAKE_CLIENT_ID "/connections"),
                     3);
    a0_doctor_report_free(report);
    world_clear(&w);
}

/* Auth0 has used one code for a wrong secret, a dead token and a grant that is off. */
static void
access_denied_is_read_by_what_was_asked(void **state)
{
    static const struct {
        int status; /* of the exchange in the vault */
        a0_check_outcome vault;
    } rows[] = {
        { 401, A0_CHECK_NOT_CHECKED },
        { 403, A0_CHECK_WARNING },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        world w;
        a0_doctor_report *report = NULL;

        world_init(&w, NULL);
        w.tenant.vault.status = rows[i].status;
        w.tenant.vault.body = "{\"error\":\"access_denied\"}";
        assert_ok(a0_doctor(w.client, NULL, &report, &w.err), w.err);
        assert_int_equal(check_of(report, "credentials")->outcome, A0_CHECK_OK);
        assert_int_equal(check_of(report, "vault_grant")->outcome, rows[i].vault);
        a0_doctor_report_free(report);
        world_clear(&w);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_can_not_be_asked_is_not_checked_and_no_error),
        cmocka_unit_test(answers_of_the_wrong_shape_are_findings_and_no_crash),
        cmocka_unit_test(conn_09_connections_in_a_circle_are_not_checked_and_end_soon),
        cmocka_unit_test(access_denied_is_read_by_what_was_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
