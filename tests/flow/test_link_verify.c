/* SPDX-License-Identifier: MIT */
/* What a sign-in is answered where the facts are not what one would expect. The rules
 * themselves are in tests/conformance/test_link_rules.c. */
#include "link_stage.h"

#include <stdio.h>
#include <string.h>

#include "flows/connected_account.h"

#define SETTINGS(more) STAGE_SETTINGS("\"db\",\"google-oauth2\",\"slack\"", more)

/* An account at Slack, whose own ids are not those that Auth0 gives people. */
static void
connect_slack(link_stage *s, const char *owner, const char *subject, const char *email)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__connected_account)
    account = { .connection = A0__LIT("slack"),
                .provider = A0__LIT("slack"),
                .subject = a0__text_of(subject),
                .email = a0__text_of(email),
                .email_verified = true };
    fake_user *of = fake_users_find(&s->users, owner);
    bool applied = false;

    (void)snprintf(account.key, sizeof account.key, "cac_1");
    (void)snprintf(account.user_id, sizeof account.user_id, "%s", owner);
    assert_ok(a0__connected_account_write(&batch, s->w.client, &account, &s->w.err),
              s->w.err);
    assert_ok(a0__batch_commit(&batch, s->w.client, &applied, &s->w.err), s->w.err);
    assert_true(applied);
    (void)snprintf(of->accounts, sizeof of->accounts,
                   "[{\"id\":\"cac_1\",\"connection\":\"slack\"}]");
}

/* ---- rule 2 ---- */

static void
an_account_without_comparable_subject_is_recognised_by_its_address(void **state)
{
    link_stage s;

    (void)state;
    link_stage_begin(&s, SETTINGS(""));
    link_stage_add_user(&s, "slack", "slack", "T1-U1", STAGE_EMAIL);
    link_stage_add_user(&s, "auth0", "db", "p1", "owner@acme.example");
    connect_slack(&s, "auth0|p1", "U1", "Jo@acme.example");
    link_stage_sign_in(&s, "slack|T1-U1");
    assert_true(a0_link_answer_is_linked(s.answer));
    assert_int_equal(a0_link_answer_rule(s.answer), 2);
    assert_string_equal(a0_link_answer_primary_user_id(s.answer), "auth0|p1");
    link_stage_end(&s);
}

static void
an_account_without_comparable_subject_counts_for_nothing_but_its_address(void **state)
{
    link_stage s;

    (void)state;
    link_stage_begin(&s, SETTINGS(""));
    link_stage_add_user(&s, "slack", "slack", "U1", STAGE_EMAIL);
    link_stage_add_user(&s, "auth0", "db", "p1", "owner@acme.example");
    connect_slack(&s, "auth0|p1", "U1", "other@acme.example");
    link_stage_sign_in(&s, "slack|U1");
    assert_false(a0_link_answer_is_linked(s.answer));
    assert_null(a0_link_answer_refused(s.answer));
    link_stage_end(&s);
}

/* Whose account it is was proved by connecting it, whatever scopes a sign-in asks for.
 */
static void
a_sign_in_without_an_address_is_recognised_by_that_of_its_profile(void **state)
{
    link_stage s;

    (void)state;
    link_stage_begin(&s, SETTINGS(""));
    link_stage_add_user(&s, "slack", "slack", "T1-U1", STAGE_EMAIL);
    link_stage_add_user(&s, "auth0", "db", "p1", "owner@acme.example");
    link_stage_add_user(&s, "auth0", "db", "p2", STAGE_EMAIL);
    connect_slack(&s, "auth0|p1", "U1", "Jo@acme.example");
    s.w.tenant.email = NULL;
    link_stage_sign_in(&s, "slack|T1-U1");
    assert_int_equal(a0_link_answer_rule(s.answer), 2);
    assert_string_equal(a0_link_answer_primary_user_id(s.answer), "auth0|p1");
    link_stage_end(&s);
}

static void
what_a_sign_in_would_do_is_told_with_the_address_it_would_have(void **state)
{
    link_stage s;

    (void)state;
    link_stage_begin(&s, SETTINGS(""));
    link_stage_add_user(&s, "slack", "slack", "T1-U1", STAGE_EMAIL);
    link_stage_add_user(&s, "auth0", "db", "p1", "owner@acme.example");
    connect_slack(&s, "auth0|p1", "U1", STAGE_EMAIL);
    assert_ok(a0_link_explain(s.w.client, "slack|T1-U1", &s.answer, &s.w.err), s.w.err);
    assert_non_null(
        strstr(a0_link_answer_json(s.answer), "\"outcome\":\"link\",\"rule\":2"));
    link_stage_end(&s);
}

/* ---- rule 12 ---- */

static void
undo(link_stage *s)
{
    a0_link_answer *answer = NULL;

    assert_ok(a0_link_undo(s->w.client, "auth0|p1", "google-oauth2", "g1", &answer,
                           &s->w.err),
              s->w.err);
    a0_link_answer_free(answer);
}

/* Where one of the two has become part of a third account since. */
static void
a_pair_that_was_parted_stays_apart_in_another_account(void **state)
{
    link_stage s;

    (void)state;
    link_stage_begin(&s, SETTINGS(""));
    link_stage_add_user(&s, "google-oauth2", "google-oauth2", "g1", STAGE_EMAIL);
    link_stage_add_user(&s, "auth0", "db", "p1", STAGE_EMAIL);
    link_stage_sign_in(&s, "google-oauth2|g1");
    assert_true(a0_link_answer_is_linked(s.answer));
    undo(&s);
    fake_users_find(&s.users, "auth0|p1")->user_id[0] = '\0';
    fake_users_put(
        &s.users,
        "{\"user_id\":\"slack|T1-U1\",\"email\":\"" STAGE_EMAIL
        "\",\"email_verified\":true,\"identities\":[{\"provider\":\"slack\","
        "\"connection\":\"slack\",\"user_id\":\"T1-U1\"},{\"provider\":\"auth0\","
        "\"connection\":\"db\",\"user_id\":\"p1\",\"profileData\":{\"email\":"
        "\"" STAGE_EMAIL "\",\"email_verified\":true}}]}");
    link_stage_sign_in(&s, "google-oauth2|g1");
    assert_string_equal(a0_link_answer_refused(s.answer), "no_auto_pair");
    assert_int_equal(s.users.links, 1);
    link_stage_end(&s);
}

/* ---- what can not be known now ---- */

/* Auth0's list of what somebody has connected, and nothing else, is out of order. */
typedef struct list_fault {
    fake_management *management;
    int status;
} list_fault;

static void
fail_list(void *self, const char *path, bool done)
{
    list_fault *fault = self;

    if (!done && strstr(path, "/connected-accounts") != NULL) {
        fault->management->fault_status = fault->status;
        fault->management->fault_times = 1;
    }
}

/* Whose account it is was proved by connecting it: as long as that can not be asked,
 * nobody else gets it by an address. */
static void
evidence_that_can_not_be_asked_for_is_waited_for(void **state)
{
    static const int statuses[] = { 429, 500, 503 };

    (void)state;
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        link_stage s;
        list_fault fault = { &s.w.tenant.management, statuses[i] };

        link_stage_begin(&s, SETTINGS(""));
        link_stage_add_user(&s, "slack", "slack", "T1-U1", STAGE_EMAIL);
        link_stage_add_user(&s, "auth0", "db", "p1", "owner@acme.example");
        link_stage_add_user(&s, "auth0", "db", "p2", STAGE_EMAIL);
        connect_slack(&s, "auth0|p1", "U1", STAGE_EMAIL);
        s.w.tenant.watch = fail_list;
        s.w.tenant.watch_self = &fault;
        link_stage_sign_in(&s, "slack|T1-U1");
        assert_int_equal(s.users.links, 0);
        assert_true(recording_log_has(&s.w.log, "link.deferred"));
        s.w.tenant.watch = NULL;
        link_stage_sign_in(&s, "slack|T1-U1");
        assert_string_equal(a0_link_answer_primary_user_id(s.answer), "auth0|p1");
        link_stage_end(&s);
    }
}

/* A tenant without the list can not bear anything out. */
static void
evidence_that_nobody_can_bear_out_is_none(void **state)
{
    static const int statuses[] = { 403, 404 };

    (void)state;
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        link_stage s;
        list_fault fault = { &s.w.tenant.management, statuses[i] };

        link_stage_begin(&s, SETTINGS(""));
        link_stage_add_user(&s, "slack", "slack", "T1-U1", STAGE_EMAIL);
        link_stage_add_user(&s, "auth0", "db", "p1", "owner@acme.example");
        link_stage_add_user(&s, "auth0", "db", "p2", STAGE_EMAIL);
        connect_slack(&s, "auth0|p1", "U1", STAGE_EMAIL);
        s.w.tenant.watch = fail_list;
        s.w.tenant.watch_self = &fault;
        link_stage_sign_in(&s, "slack|T1-U1");
        assert_int_equal(a0_link_answer_rule(s.answer), 3);
        assert_string_equal(a0_link_answer_primary_user_id(s.answer), "auth0|p2");
        link_stage_end(&s);
    }
}

/* An id that no ID token may have (OpenID Connect Core §2) belongs to nobody who could
 * be linked; whoever can make up such an account keeps nobody else from their own. */
static void
an_account_that_nobody_can_sign_in_to_is_in_nobodys_way(void **state)
{
    link_stage s;

    (void)state;
    link_stage_begin(&s, SETTINGS(""));
    link_stage_add_user(&s, "google-oauth2", "google-oauth2", "g1", STAGE_EMAIL);
    /* By its id it would come first. */
    link_stage_add_user(&s, "adfs", "slack", "j\xc3\xb6", STAGE_EMAIL);
    link_stage_add_user(&s, "auth0", "db", "p1", STAGE_EMAIL);
    link_stage_sign_in(&s, "google-oauth2|g1");
    assert_true(a0_link_answer_is_linked(s.answer));
    assert_string_equal(a0_link_answer_primary_user_id(s.answer), "auth0|p1");
    link_stage_end(&s);
}

/* ---- what is said of what is not done ---- */

static void
take_long(void *self, const char *path, bool done)
{
    link_stage *s = self;

    if (done && strncmp(path, "/api/v2/", 8) == 0) {
        test_clock_advance_s(&s->w.clock, 3);
    }
}

static void
a_link_that_was_decided_and_not_made_is_said(void **state)
{
    link_stage s;

    (void)state;
    link_stage_begin(&s, SETTINGS(""));
    link_stage_add_user(&s, "google-oauth2", "google-oauth2", "g1", STAGE_EMAIL);
    link_stage_add_user(&s, "auth0", "db", "p1", STAGE_EMAIL);
    s.w.tenant.watch = take_long;
    s.w.tenant.watch_self = &s;
    link_stage_sign_in(&s, "google-oauth2|g1");
    assert_string_equal(a0_link_answer_refused(s.answer), "state_changed");
    assert_int_equal(s.users.links, 0);
    assert_true(recording_log_has(&s.w.log, "link.left_apart"));
    link_stage_end(&s);
}

/* The settings have changed since the question was asked. */
static void
what_waits_ends_with_the_account_that_was_asked(void **state)
{
    link_stage s;
    a0_client *other = NULL;
    a0_session *session = NULL;

    (void)state;
    link_stage_begin(&s, SETTINGS(",\"confirm_only_connections\":[\"slack\"]"));
    other = world_another_client(&s.w, SETTINGS(""), NULL, NULL);
    link_stage_add_user(&s, "slack", "slack", "T1-U1", STAGE_EMAIL);
    link_stage_add_user(&s, "auth0", "db", "p1", STAGE_EMAIL);
    link_stage_sign_in(&s, "slack|T1-U1");
    assert_true(a0_link_answer_is_pending(s.answer));
    a0_link_answer_free(s.answer);
    s.answer = NULL;
    assert_ok(a0_session_open(other, a0_session_id(s.session), &session, &s.w.err),
              s.w.err);
    assert_ok(a0_link_verify(session, &s.answer, &s.w.err), s.w.err);
    assert_true(a0_link_answer_is_linked(s.answer));
    a0_link_answer_free(s.answer);
    assert_ok(a0_link_pending(session, &s.answer, &s.w.err), s.w.err);
    assert_null(s.answer);
    a0_session_free(session);
    a0_client_free(other);
    link_stage_end(&s);
}

/* ---- another sign-in of the account that is no more ---- */

/* Links in one browser while another one has its tokens, and no session yet. */
static void
link_beside(void *self, const char *path, bool done)
{
    link_stage *s = self;

    if (done && strcmp(path, "/oauth/token") == 0) {
        s->w.tenant.watch = NULL;
        assert_ok(a0_link_verify(s->session, &s->answer, &s->w.err), s->w.err);
        assert_true(a0_link_answer_is_linked(s->answer));
    }
}

static void
a_sign_in_that_a_link_overtook_ends_also_where_no_link_can_be_undone(void **state)
{
    link_stage s;
    a0_session *late = NULL;
    a0_link_answer *answer = NULL;

    (void)state;
    link_stage_begin(&s, SETTINGS(",\"link_undo_days\":0"));
    link_stage_add_user(&s, "google-oauth2", "google-oauth2", "g1", STAGE_EMAIL);
    link_stage_add_user(&s, "auth0", "db", "p1", STAGE_EMAIL);
    s.session = world_sign_in(&s.w, "google-oauth2|g1");
    s.w.tenant.watch = link_beside;
    s.w.tenant.watch_self = &s;
    late = world_sign_in(&s.w, NULL);
    assert_string_equal(a0_session_user_id(late), "google-oauth2|g1");
    assert_ok(a0_link_verify(late, &answer, &s.w.err), s.w.err);
    assert_string_equal(a0_link_answer_refused(answer), "gone");
    assert_false(a0_session_is_signed_in(late));
    assert_int_equal(
        world_rows(&s.w, A0_RECORD_SESSION, A0_INDEX_USER_ID, "google-oauth2|g1"), 0);
    assert_true(world_lives(&s.w, a0_session_id(s.session)));
    a0_link_answer_free(answer);
    a0_session_free(late);
    link_stage_end(&s);
}

/* ---- organizations ---- */

static void
a_confirmation_is_asked_for_in_the_organization_of_the_question(void **state)
{
    const a0_param params[] = { { "connection", "google-oauth2" },
                                { "organization", "org_other" } };
    a0_login_options options = A0_LOGIN_OPTIONS_INIT;
    const char *url = NULL;
    link_stage s;

    (void)state;
    link_stage_begin(&s, SETTINGS(""));
    link_stage_add_user(&s, "google-oauth2", "google-oauth2", "g1", STAGE_EMAIL);
    link_stage_add_user(&s, "auth0", "db", "p1", STAGE_EMAIL);
    s.w.tenant.more_claims = ",\"org_id\":\"org_one\"";
    link_stage_sign_in(&s, "auth0|p1");
    assert_true(a0_link_answer_is_pending(s.answer));
    options.params = params;
    for (options.params_len = 1; options.params_len <= 2; options.params_len++) {
        assert_ok(
            a0_login_start(s.session, FAKE_REDIRECT_URI, &options, &url, &s.w.err),
            s.w.err);
        assert_non_null(strstr(url, "&organization=org_one"));
        assert_null(strstr(url, "org_other"));
    }
    link_stage_end(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            an_account_without_comparable_subject_is_recognised_by_its_address),
        cmocka_unit_test(
            an_account_without_comparable_subject_counts_for_nothing_but_its_address),
        cmocka_unit_test(
            a_sign_in_without_an_address_is_recognised_by_that_of_its_profile),
        cmocka_unit_test(evidence_that_can_not_be_asked_for_is_waited_for),
        cmocka_unit_test(evidence_that_nobody_can_bear_out_is_none),
        cmocka_unit_test(
            a_confirmation_is_asked_for_in_the_organization_of_the_question),
        cmocka_unit_test(a_link_that_was_decided_and_not_made_is_said),
        cmocka_unit_test(what_waits_ends_with_the_account_that_was_asked),
        cmocka_unit_test(
            what_a_sign_in_would_do_is_told_with_the_address_it_would_have),
        cmocka_unit_test(a_pair_that_was_parted_stays_apart_in_another_account),
        cmocka_unit_test(
            a_sign_in_that_a_link_overtook_ends_also_where_no_link_can_be_undone),
        cmocka_unit_test(an_account_that_nobody_can_sign_in_to_is_in_nobodys_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
