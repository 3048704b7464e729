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
    bool applied = false;

    (void)snprintf(account.key, sizeof account.key, "cac_1");
    (void)snprintf(account.user_id, sizeof account.user_id, "%s", owner);
    assert_ok(a0__connected_account_write(&batch, s->w.client, &account, &s->w.err),
              s->w.err);
    assert_ok(a0__batch_commit(&batch, s->w.client, &applied, &s->w.err), s->w.err);
    assert_true(applied);
    fake_users_find(&s->users, owner)->accounts =
        "[{\"id\":\"cac_1\",\"connection\":\"slack\"}]";
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            an_account_without_comparable_subject_is_recognised_by_its_address),
        cmocka_unit_test(
            an_account_without_comparable_subject_counts_for_nothing_but_its_address),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
