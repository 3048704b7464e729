/* SPDX-License-Identifier: MIT */
/* What a sign-in is answered where the facts are not what one would expect. The rules
 * themselves are in tests/conformance/test_link_rules.c. */
#include "world.h"

#include <stdio.h>
#include <string.h>

#include "fake_users.h"
#include "flows/connected_account.h"

#define LINKING                                                                        \
    "{\"auth0_domain\":\"" FAKE_DOMAIN "\",\"client_id\":\"" FAKE_CLIENT_ID            \
    "\",\"client_secret\":\"client-secret-canary-000000000000\","                      \
    "\"encryption_keys\":[\"0123456789abcdef0123456789abcdef0123456789abcdef01234567"  \
    "89abcdef\"],\"connections_for_account_linking\":[\"db\",\"google-oauth2\","       \
    "\"slack\"]"
#define TOKEN_EMAIL "jo@acme.example" /* of everybody who signs in */

typedef struct stage {
    world w;
    fake_users users;
    a0_session *session;
    a0_link_answer *answer;
    int list_status; /* of a list of connected accounts that fails */
} stage;

static void
begin(stage *s, const char *settings)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(4096);

    memset(s, 0, sizeof *s);
    a0__buf_string(&json, LINKING);
    a0__buf_string(&json, settings);
    a0__buf_byte(&json, '}');
    world_init(&s->w, a0__buf_cstr(&json));
    s->w.tenant.management.users = &s->users;
}

static void
end(stage *s)
{
    a0_link_answer_free(s->answer);
    a0_session_free(s->session);
    world_clear(&s->w);
    fake_users_clear(&s->users);
}

static fake_user *
add_user(stage *s, const char *strategy, const char *connection, const char *id,
         const char *email)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(4096);

    a0__buf_format(&json,
                   "{\"user_id\":\"%s|%s\",\"email\":\"%s\",\"email_verified\":true,"
                   "\"created_at\":\"2026-01-01T00:00:00.000Z\",\"identities\":[{"
                   "\"provider\":\"%s\",\"connection\":\"%s\",\"user_id\":\"%s\"}]}",
                   strategy, id, email, strategy, connection, id);
    return fake_users_put(&s->users, a0__buf_cstr(&json));
}

/* An account at Slack, whose own ids are not those that Auth0 gives people. */
static void
connect_slack(stage *s, const char *owner, const char *subject, const char *email)
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

static void
sign_in_and_verify(stage *s, const char *sub)
{
    a0_session_free(s->session);
    s->session = world_sign_in(&s->w, sub);
    a0_link_answer_free(s->answer);
    s->answer = NULL;
    assert_ok(a0_link_verify(s->session, &s->answer, &s->w.err), s->w.err);
}

/* ---- rule 2 ---- */

static void
an_account_without_comparable_subject_is_recognised_by_its_address(void **state)
{
    stage s;

    (void)state;
    begin(&s, "");
    add_user(&s, "slack", "slack", "T1-U1", TOKEN_EMAIL);
    add_user(&s, "auth0", "db", "p1", "owner@acme.example");
    connect_slack(&s, "auth0|p1", "U1", "Jo@acme.example");
    sign_in_and_verify(&s, "slack|T1-U1");
    assert_true(a0_link_answer_is_linked(s.answer));
    assert_int_equal(a0_link_answer_rule(s.answer), 2);
    assert_string_equal(a0_link_answer_primary_user_id(s.answer), "auth0|p1");
    end(&s);
}

static void
an_account_without_comparable_subject_counts_for_nothing_but_its_address(void **state)
{
    stage s;

    (void)state;
    begin(&s, "");
    add_user(&s, "slack", "slack", "U1", TOKEN_EMAIL);
    add_user(&s, "auth0", "db", "p1", "owner@acme.example");
    connect_slack(&s, "auth0|p1", "U1", "other@acme.example");
    sign_in_and_verify(&s, "slack|U1");
    assert_false(a0_link_answer_is_linked(s.answer));
    assert_null(a0_link_answer_refused(s.answer));
    end(&s);
}

/* Whose account it is was proved by connecting it, whatever scopes a sign-in asks for.
 */
static void
a_sign_in_without_an_address_is_recognised_by_that_of_its_profile(void **state)
{
    stage s;

    (void)state;
    begin(&s, "");
    add_user(&s, "slack", "slack", "T1-U1", TOKEN_EMAIL);
    add_user(&s, "auth0", "db", "p1", "owner@acme.example");
    add_user(&s, "auth0", "db", "p2", TOKEN_EMAIL);
    connect_slack(&s, "auth0|p1", "U1", "Jo@acme.example");
    s.w.tenant.email = NULL;
    sign_in_and_verify(&s, "slack|T1-U1");
    assert_int_equal(a0_link_answer_rule(s.answer), 2);
    assert_string_equal(a0_link_answer_primary_user_id(s.answer), "auth0|p1");
    end(&s);
}

static void
what_a_sign_in_would_do_is_told_with_the_address_it_would_have(void **state)
{
    stage s;

    (void)state;
    begin(&s, "");
    add_user(&s, "slack", "slack", "T1-U1", TOKEN_EMAIL);
    add_user(&s, "auth0", "db", "p1", "owner@acme.example");
    connect_slack(&s, "auth0|p1", "U1", TOKEN_EMAIL);
    assert_ok(a0_link_explain(s.w.client, "slack|T1-U1", &s.answer, &s.w.err), s.w.err);
    assert_non_null(
        strstr(a0_link_answer_json(s.answer), "\"outcome\":\"link\",\"rule\":2"));
    end(&s);
}

/* ---- rule 12 ---- */

static void
undo(stage *s)
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
    stage s;

    (void)state;
    begin(&s, "");
    add_user(&s, "google-oauth2", "google-oauth2", "g1", TOKEN_EMAIL);
    add_user(&s, "auth0", "db", "p1", TOKEN_EMAIL);
    sign_in_and_verify(&s, "google-oauth2|g1");
    assert_true(a0_link_answer_is_linked(s.answer));
    undo(&s);
    fake_users_find(&s.users, "auth0|p1")->user_id[0] = '\0';
    fake_users_put(
        &s.users,
        "{\"user_id\":\"slack|T1-U1\",\"email\":\"" TOKEN_EMAIL
        "\",\"email_verified\":true,\"identities\":[{\"provider\":\"slack\","
        "\"connection\":\"slack\",\"user_id\":\"T1-U1\"},{\"provider\":\"auth0\","
        "\"connection\":\"db\",\"user_id\":\"p1\",\"profileData\":{\"email\":"
        "\"" TOKEN_EMAIL "\",\"email_verified\":true}}]}");
    sign_in_and_verify(&s, "google-oauth2|g1");
    assert_string_equal(a0_link_answer_refused(s.answer), "no_auto_pair");
    assert_int_equal(s.users.links, 1);
    end(&s);
}

/* ---- what can not be known now ---- */

/* Auth0's list of what somebody has connected, and nothing else, is out of order. */
static void
fail_list(void *self, const char *path, bool done)
{
    stage *s = self;

    if (!done && strstr(path, "/connected-accounts") != NULL) {
        s->w.tenant.management.fault_status = s->list_status;
        s->w.tenant.management.fault_times = 1;
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
        stage s;

        begin(&s, "");
        add_user(&s, "slack", "slack", "T1-U1", TOKEN_EMAIL);
        add_user(&s, "auth0", "db", "p1", "owner@acme.example");
        add_user(&s, "auth0", "db", "p2", TOKEN_EMAIL);
        connect_slack(&s, "auth0|p1", "U1", TOKEN_EMAIL);
        s.list_status = statuses[i];
        s.w.tenant.watch = fail_list;
        s.w.tenant.watch_self = &s;
        sign_in_and_verify(&s, "slack|T1-U1");
        assert_int_equal(s.users.links, 0);
        assert_true(recording_log_has(&s.w.log, "link.deferred"));
        s.w.tenant.watch = NULL;
        sign_in_and_verify(&s, "slack|T1-U1");
        assert_string_equal(a0_link_answer_primary_user_id(s.answer), "auth0|p1");
        end(&s);
    }
}

/* A tenant without the list can not bear anything out. */
static void
evidence_that_nobody_can_bear_out_is_none(void **state)
{
    static const int statuses[] = { 403, 404 };

    (void)state;
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        stage s;

        begin(&s, "");
        add_user(&s, "slack", "slack", "T1-U1", TOKEN_EMAIL);
        add_user(&s, "auth0", "db", "p1", "owner@acme.example");
        add_user(&s, "auth0", "db", "p2", TOKEN_EMAIL);
        connect_slack(&s, "auth0|p1", "U1", TOKEN_EMAIL);
        s.list_status = statuses[i];
        s.w.tenant.watch = fail_list;
        s.w.tenant.watch_self = &s;
        sign_in_and_verify(&s, "slack|T1-U1");
        assert_int_equal(a0_link_answer_rule(s.answer), 3);
        assert_string_equal(a0_link_answer_primary_user_id(s.answer), "auth0|p2");
        end(&s);
    }
}

/* An id that no ID token may have (OpenID Connect Core §2) belongs to nobody who could
 * be linked; whoever can make up such an account keeps nobody else from their own. */
static void
an_account_that_nobody_can_sign_in_to_is_in_nobodys_way(void **state)
{
    stage s;

    (void)state;
    begin(&s, "");
    add_user(&s, "google-oauth2", "google-oauth2", "g1", TOKEN_EMAIL);
    /* By its id it would come first. */
    add_user(&s, "adfs", "slack", "j\xc3\xb6", TOKEN_EMAIL);
    add_user(&s, "auth0", "db", "p1", TOKEN_EMAIL);
    sign_in_and_verify(&s, "google-oauth2|g1");
    assert_true(a0_link_answer_is_linked(s.answer));
    assert_string_equal(a0_link_answer_primary_user_id(s.answer), "auth0|p1");
    end(&s);
}

static void
what_would_be_done_where_linking_is_off_is_nothing(void **state)
{
    stage s;

    (void)state;
    begin(&s, ",\"linking\":\"off\"");
    add_user(&s, "google-oauth2", "google-oauth2", "g1", TOKEN_EMAIL);
    add_user(&s, "auth0", "db", "p1", TOKEN_EMAIL);
    assert_ok(a0_link_explain(s.w.client, "google-oauth2|g1", &s.answer, &s.w.err),
              s.w.err);
    assert_non_null(
        strstr(a0_link_answer_json(s.answer), "\"outcome\":\"nothing\",\"rule\":null"));
    end(&s);
}

/* Neither a link nor a question. */
static void
what_is_only_observed_is_logged_and_not_done(void **state)
{
    static const char *const identities[] = { "google-oauth2|g1", "auth0|p1" };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        stage s;

        begin(&s, ",\"linking\":\"observe\"");
        add_user(&s, "google-oauth2", "google-oauth2", "g1", TOKEN_EMAIL);
        add_user(&s, "auth0", "db", "p1", TOKEN_EMAIL);
        sign_in_and_verify(&s, identities[i]);
        assert_false(a0_link_answer_is_linked(s.answer));
        assert_false(a0_link_answer_is_pending(s.answer));
        assert_int_equal(s.users.links, 0);
        assert_true(recording_log_has(&s.w.log, i == 0 ? "\"outcome\":\"link\""
                                                       : "\"outcome\":\"pending\""));
        assert_true(recording_log_has(&s.w.log, "\"linking\":\"observe\""));
        a0_link_answer_free(s.answer);
        s.answer = NULL;
        assert_ok(a0_link_pending(s.session, &s.answer, &s.w.err), s.w.err);
        assert_null(s.answer);
        end(&s);
    }
}

/* ---- what is said of what is not done ---- */

static void
take_long(void *self, const char *path, bool done)
{
    stage *s = self;

    if (done && strncmp(path, "/api/v2/", 8) == 0) {
        test_clock_advance_s(&s->w.clock, 3);
    }
}

static void
a_link_that_was_decided_and_not_made_is_said(void **state)
{
    stage s;

    (void)state;
    begin(&s, "");
    add_user(&s, "google-oauth2", "google-oauth2", "g1", TOKEN_EMAIL);
    add_user(&s, "auth0", "db", "p1", TOKEN_EMAIL);
    s.w.tenant.watch = take_long;
    s.w.tenant.watch_self = &s;
    sign_in_and_verify(&s, "google-oauth2|g1");
    assert_string_equal(a0_link_answer_refused(s.answer), "state_changed");
    assert_int_equal(s.users.links, 0);
    assert_true(recording_log_has(&s.w.log, "link.left_apart"));
    end(&s);
}

/* The settings have changed since the question was asked. */
static void
what_waits_ends_with_the_account_that_was_asked(void **state)
{
    stage s;
    a0_client *other = NULL;
    a0_session *session = NULL;

    (void)state;
    begin(&s, ",\"confirm_only_connections\":[\"slack\"]");
    other = world_another_client(&s.w, LINKING "}", NULL, NULL);
    add_user(&s, "slack", "slack", "T1-U1", TOKEN_EMAIL);
    add_user(&s, "auth0", "db", "p1", TOKEN_EMAIL);
    sign_in_and_verify(&s, "slack|T1-U1");
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
    end(&s);
}

/* Linking was on when the question was asked. */
static void
what_is_confirmed_while_it_is_only_observed_is_not_done(void **state)
{
    const a0_param params[] = { { "connection", "google-oauth2" } };
    a0_login_options options = A0_LOGIN_OPTIONS_INIT;
    A0_AUTO(a0__buf) claims = A0__BUF_INIT(64);
    A0_AUTO(a0__string) callback = NULL;
    a0_client *observing = NULL;
    a0_session *session = NULL;
    a0_login *login = NULL;
    stage s;

    (void)state;
    begin(&s, "");
    add_user(&s, "google-oauth2", "google-oauth2", "g1", TOKEN_EMAIL);
    add_user(&s, "auth0", "db", "p1", TOKEN_EMAIL);
    sign_in_and_verify(&s, "auth0|p1");
    assert_true(a0_link_answer_is_pending(s.answer));
    options.params = params;
    options.params_len = 1;
    callback = world_start(&s.w, s.session, &options);
    observing =
        world_another_client(&s.w, LINKING ",\"linking\":\"observe\"}", NULL, NULL);
    assert_ok(a0_session_open(observing, a0_session_id(s.session), &session, &s.w.err),
              s.w.err);
    s.w.tenant.sub = "google-oauth2|g1";
    a0__buf_format(&claims, ",\"auth_time\":%lld",
                   (long long)test_clock_now_s(&s.w.clock));
    s.w.tenant.more_claims = a0__buf_cstr(&claims);
    assert_ok(a0_login_complete(session, callback, NULL, &login, &s.w.err), s.w.err);
    a0_login_free(login);
    a0_link_answer_free(s.answer);
    assert_ok(a0_link_complete(session, &s.answer, &s.w.err), s.w.err);
    assert_string_equal(a0_link_answer_refused(s.answer), "foreign");
    assert_int_equal(s.users.links, 0);
    a0_session_free(session);
    a0_client_free(observing);
    end(&s);
}

/* ---- another sign-in of the account that is no more ---- */

/* Links in one browser while another one has its tokens, and no session yet. */
static void
link_beside(void *self, const char *path, bool done)
{
    stage *s = self;

    if (done && strcmp(path, "/oauth/token") == 0) {
        s->w.tenant.watch = NULL;
        assert_ok(a0_link_verify(s->session, &s->answer, &s->w.err), s->w.err);
        assert_true(a0_link_answer_is_linked(s->answer));
    }
}

static void
a_sign_in_that_a_link_overtook_ends_also_where_no_link_can_be_undone(void **state)
{
    stage s;
    a0_session *late = NULL;
    a0_link_answer *answer = NULL;

    (void)state;
    begin(&s, ",\"link_undo_days\":0");
    add_user(&s, "google-oauth2", "google-oauth2", "g1", TOKEN_EMAIL);
    add_user(&s, "auth0", "db", "p1", TOKEN_EMAIL);
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
    end(&s);
}

/* ---- organizations ---- */

static void
a_confirmation_is_asked_for_in_the_organization_of_the_question(void **state)
{
    const a0_param params[] = { { "connection", "google-oauth2" },
                                { "organization", "org_other" } };
    a0_login_options options = A0_LOGIN_OPTIONS_INIT;
    const char *url = NULL;
    stage s;

    (void)state;
    begin(&s, "");
    add_user(&s, "google-oauth2", "google-oauth2", "g1", TOKEN_EMAIL);
    add_user(&s, "auth0", "db", "p1", TOKEN_EMAIL);
    s.w.tenant.more_claims = ",\"org_id\":\"org_one\"";
    sign_in_and_verify(&s, "auth0|p1");
    assert_true(a0_link_answer_is_pending(s.answer));
    options.params = params;
    for (options.params_len = 1; options.params_len <= 2; options.params_len++) {
        assert_ok(
            a0_login_start(s.session, FAKE_REDIRECT_URI, &options, &url, &s.w.err),
            s.w.err);
        assert_non_null(strstr(url, "&organization=org_one"));
        assert_null(strstr(url, "org_other"));
    }
    end(&s);
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
        cmocka_unit_test(what_would_be_done_where_linking_is_off_is_nothing),
        cmocka_unit_test(
            a_confirmation_is_asked_for_in_the_organization_of_the_question),
        cmocka_unit_test(what_is_only_observed_is_logged_and_not_done),
        cmocka_unit_test(a_link_that_was_decided_and_not_made_is_said),
        cmocka_unit_test(what_is_confirmed_while_it_is_only_observed_is_not_done),
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
