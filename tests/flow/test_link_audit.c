/* SPDX-License-Identifier: MIT */
/* Accounts that share an address, judged together: which drawer, and by what rule. The
 * rules themselves are in tests/conformance/test_link_rules.c. */
#include "link_stage.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "flows/connected_account.h"

#define SETTINGS(more) STAGE_SETTINGS("\"db\",\"google-oauth2\",\"github\"", more)

static void
add_user(link_stage *s, const char *provider, const char *connection, const char *id,
         const char *email, bool verified)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(4096);

    a0__buf_format(&json,
                   "{\"user_id\":\"%s|%s\",\"email\":\"%s\",\"email_verified\":%s,"
                   "\"created_at\":\"2026-01-0%sT00:00:00.000Z\",\"identities\":[{"
                   "\"provider\":\"%s\",\"connection\":\"%s\",\"user_id\":\"%s\"}]}",
                   provider, id, email, verified ? "true" : "false", id, provider,
                   connection, id);
    (void)fake_users_put(&s->users, a0__buf_cstr(&json));
}

/* The answer's text; freed with a0__free. */
static char *
judge(link_stage *s, const char *one, const char *other)
{
    const char *const ids[] = { one, other };
    a0_link_answer *answer = NULL;
    char *json = NULL;

    assert_ok(a0_link_audit(s->w.client, ids, 2, &answer, &s->w.err), s->w.err);
    json = a0__strdup(a0_link_answer_json(answer));
    a0_link_answer_free(answer);
    return json;
}

static void
assert_has(const char *json, const char *part)
{
    if (strstr(json, part) == NULL) {
        print_error("%s\nhas no %s\n", json, part);
        fail();
    }
}

static void
accounts_that_the_next_sign_in_links_are_safe(void **state)
{
    link_stage s;
    A0_AUTO(a0__string) json = NULL;

    (void)state;
    link_stage_begin(&s, SETTINGS(""));
    add_user(&s, "auth0", "db", "1", "jo@acme.example", true);
    add_user(&s, "google-oauth2", "google-oauth2", "2", "Jo@acme.example", true);
    json = judge(&s, "auth0|1", "google-oauth2|2");
    assert_string_equal(
        json, "{\"accounts\":[{\"user_id\":\"auth0|1\",\"outcome\":\"pending\","
              "\"rule\":4,\"reason\":null,\"primary_user_id\":\"google-oauth2|2\"},{"
              "\"user_id\":\"google-oauth2|2\",\"outcome\":\"link\",\"rule\":3,"
              "\"reason\":null,\"primary_user_id\":\"auth0|1\"}],\"class\":\"safe\"}");
    link_stage_end(&s);
}

static void
accounts_that_need_a_confirmation_are_told_apart(void **state)
{
    link_stage s;
    A0_AUTO(a0__string) json = NULL;

    (void)state;
    link_stage_begin(
        &s, SETTINGS(",\"confirm_only_connections\":[\"google-oauth2\",\"github\"]"));
    add_user(&s, "github", "github", "1", "jo@acme.example", true);
    add_user(&s, "google-oauth2", "google-oauth2", "2", "jo@acme.example", true);
    json = judge(&s, "github|1", "google-oauth2|2");
    assert_has(json, "\"class\":\"confirm\"");
    link_stage_end(&s);
}

static void
an_address_that_was_not_proved_is_suspicious(void **state)
{
    link_stage s;
    A0_AUTO(a0__string) json = NULL;

    (void)state;
    link_stage_begin(&s, SETTINGS(""));
    add_user(&s, "auth0", "db", "1", "jo@acme.example", false);
    add_user(&s, "google-oauth2", "google-oauth2", "2", "jo@acme.example", true);
    json = judge(&s, "auth0|1", "google-oauth2|2");
    assert_has(json, "\"class\":\"suspicious\"");
    assert_has(json, "\"reason\":\"unverified_email\"");
    link_stage_end(&s);
}

static void
connections_that_take_no_part_are_refused_or_nothing(void **state)
{
    link_stage s;
    A0_AUTO(a0__string) json = NULL;

    (void)state;
    link_stage_begin(&s, SETTINGS(""));
    add_user(&s, "waad", "staff", "1", "jo@acme.example", true);
    add_user(&s, "google-oauth2", "google-oauth2", "2", "jo@acme.example", true);
    json = judge(&s, "waad|1", "google-oauth2|2");
    assert_null(strstr(json, "\"outcome\":\"link\""));
    assert_null(strstr(json, "\"class\":\"safe\""));
    link_stage_end(&s);
}

static void
linking_that_is_off_links_nothing(void **state)
{
    link_stage s;
    A0_AUTO(a0__string) json = NULL;

    (void)state;
    link_stage_begin(&s, SETTINGS(",\"linking\":\"off\""));
    add_user(&s, "auth0", "db", "1", "jo@acme.example", true);
    add_user(&s, "google-oauth2", "google-oauth2", "2", "jo@acme.example", true);
    json = judge(&s, "auth0|1", "google-oauth2|2");
    assert_has(json, "\"class\":null");
    link_stage_end(&s);
}

/* The owner of the connected account has another address, so nobody asked for them. */
static void
a_connected_account_counts_whatever_its_owners_address(void **state)
{
    link_stage s;
    A0_AUTO(a0__string) json = NULL;
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__connected_account)
    account = { .connection = A0__LIT("google-oauth2"),
                .provider = A0__LIT("google-oauth2"),
                .subject = A0__LIT("2"),
                .email = A0__LIT("jo@acme.example"),
                .email_verified = true };
    bool applied = false;

    (void)state;
    link_stage_begin(&s, SETTINGS(""));
    add_user(&s, "auth0", "db", "1", "jo@acme.example", true);
    add_user(&s, "google-oauth2", "google-oauth2", "2", "jo@acme.example", true);
    add_user(&s, "github", "github", "3", "other@acme.example", true);
    (void)snprintf(account.key, sizeof account.key, "cac_1");
    (void)snprintf(account.user_id, sizeof account.user_id, "github|3");
    assert_ok(a0__connected_account_write(&batch, s.w.client, &account, &s.w.err),
              s.w.err);
    assert_ok(a0__batch_commit(&batch, s.w.client, &applied, &s.w.err), s.w.err);
    json = judge(&s, "auth0|1", "google-oauth2|2");
    assert_has(json, "{\"user_id\":\"google-oauth2|2\",\"outcome\":\"link\",\"rule\":2,"
                     "\"reason\":null,\"primary_user_id\":\"github|3\"}");
    assert_null(strstr(json, "{\"user_id\":\"github|3\""));
    link_stage_end(&s);
}

static void
users_that_are_gone_are_left_out_and_bad_ids_refused(void **state)
{
    static const char *const bad[] = { "no bar" };
    const char *many[65] = { NULL };
    link_stage s;
    a0_link_answer *answer = NULL;
    A0_AUTO(a0__string) json = NULL;

    (void)state;
    link_stage_begin(&s, SETTINGS(""));
    add_user(&s, "auth0", "db", "1", "jo@acme.example", true);
    json = judge(&s, "auth0|1", "google-oauth2|2");
    assert_has(json, "\"class\":null");
    assert_null(strstr(json, "google-oauth2|2"));
    assert_fails(a0_link_audit(s.w.client, bad, 1, &answer, &s.w.err), &s.w.err,
                 param_invalid);
    assert_fails(a0_link_audit(s.w.client, many, 65, &answer, &s.w.err), &s.w.err,
                 param_invalid);
    s.w.tenant.management.fault_status = 403;
    s.w.tenant.management.fault_times = FAKE_FAULTS_FOREVER;
    many[0] = "auth0|1";
    assert_fails(a0_link_audit(s.w.client, many, 1, &answer, &s.w.err), &s.w.err,
                 mgmt_scope_missing);
    link_stage_end(&s);
}

/* More identities than anybody has: a sign-in that meets it links nobody, so neither is
 * the other one safe. */
static void
a_profile_that_nothing_can_be_made_of_is_refused_with_its_group(void **state)
{
    A0_AUTO(a0__buf) profile = A0__BUF_INIT(8192);
    link_stage s;
    A0_AUTO(a0__string) json = NULL;

    (void)state;
    link_stage_begin(&s, SETTINGS(""));
    add_user(&s, "google-oauth2", "google-oauth2", "2", "jo@acme.example", true);
    a0__buf_string(&profile, "{\"user_id\":\"auth0|1\",\"email\":\"jo@acme.example\","
                             "\"email_verified\":true,\"identities\":[");
    for (int i = 0; i < 33; i++) {
        a0__buf_format(&profile,
                       "%s{\"provider\":\"auth0\",\"connection\":\"db\",\"user_id\":"
                       "\"%d\"}",
                       i > 0 ? "," : "", i);
    }
    a0__buf_string(&profile, "]}");
    (void)fake_users_put(&s.users, a0__buf_cstr(&profile));
    json = judge(&s, "auth0|1", "google-oauth2|2");
    assert_has(json, "{\"user_id\":\"auth0|1\",\"outcome\":\"refused\",\"rule\":null,"
                     "\"reason\":\"unreadable\",\"primary_user_id\":null}");
    assert_has(json, "\"user_id\":\"google-oauth2|2\"");
    assert_has(json, "\"class\":\"refused\"");
    link_stage_end(&s);
}

/* Neither does a body that is no profile stop the others. */
static void
a_profile_that_does_not_parse_is_refused_with_its_group(void **state)
{
    link_stage s;
    A0_AUTO(a0__string) json = NULL;

    (void)state;
    link_stage_begin(&s, SETTINGS(""));
    add_user(&s, "auth0", "db", "1", "jo@acme.example", true);
    s.w.tenant.management.fault_status = 200;
    s.w.tenant.management.fault_times = 1;
    s.w.tenant.management.fault_body = "[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]";
    json = judge(&s, "google-oauth2|2", "auth0|1");
    assert_has(json, "{\"user_id\":\"google-oauth2|2\",\"outcome\":\"refused\"");
    assert_has(json, "{\"user_id\":\"auth0|1\",\"outcome\":\"nothing\"");
    link_stage_end(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accounts_that_the_next_sign_in_links_are_safe),
        cmocka_unit_test(accounts_that_need_a_confirmation_are_told_apart),
        cmocka_unit_test(an_address_that_was_not_proved_is_suspicious),
        cmocka_unit_test(connections_that_take_no_part_are_refused_or_nothing),
        cmocka_unit_test(linking_that_is_off_links_nothing),
        cmocka_unit_test(a_connected_account_counts_whatever_its_owners_address),
        cmocka_unit_test(users_that_are_gone_are_left_out_and_bad_ids_refused),
        cmocka_unit_test(
            a_profile_that_nothing_can_be_made_of_is_refused_with_its_group),
        cmocka_unit_test(a_profile_that_does_not_parse_is_refused_with_its_group),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
