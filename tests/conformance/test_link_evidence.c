/* SPDX-License-Identifier: MIT */
/* LINK-24: connected accounts as evidence, identities that could be confused, and pairs
 * that were undone; with the records as they are signed and stored. */
#include "link_visit.h"

#include <stdio.h>
#include <string.h>

#include "flows/connected_account.h"

#define GMAIL "jo@gmail.example"

/* Whoever signs in with Google has an address that nobody else has: only a record can
 * tell whose account it is. */
static link_visit *
visit(void)
{
    link_visit *v = link_visit_new("");

    fake_users_put(v->users, VISIT_USER_WITH("google-oauth2", "g1", "google-oauth2",
                                             GMAIL, "true", ""));
    fake_users_put(v->users, VISIT_PASSWORD);
    v->l.w.tenant.email = GMAIL;
    return v;
}

static void
verify(link_visit *v)
{
    link_visit_sign_in(v, VISIT_GOOGLE_ID);
    link_visit_verify(v);
}

static void
assert_unlinked(link_visit *v)
{
    assert_null(a0_link_answer_refused(v->answer));
    link_visit_assert_unlinked(v);
}

static void
assert_linked(link_visit *v, int rule)
{
    assert_null(a0_link_answer_refused(v->answer));
    assert_true(a0_link_answer_is_linked(v->answer));
    assert_int_equal(a0_link_answer_rule(v->answer), rule);
    assert_string_equal(a0_session_user_id(link_visit_session(v)), VISIT_PASSWORD_ID);
}

static const visit_connected exact = { "cac_1", VISIT_PASSWORD_ID, "google-oauth2",
                                       "g1", GMAIL };

/* ---- what is evidence ---- */

static void
link_24_a_connected_identity_is_recognised_and_that_is_said(void **state)
{
    link_visit *v = visit();

    (void)state;
    link_visit_connect(v, &exact);
    verify(v);
    assert_linked(v, 2);
    assert_true(recording_log_has(&v->l.w.log, "link.linked"));
    assert_true(recording_log_has(&v->l.w.log, "\"rule\":2"));
    link_visit_free(v);
}

static void
link_24_another_identity_is_none_whatever_its_address(void **state)
{
    static const visit_connected others[] = {
        { "cac_1", VISIT_PASSWORD_ID, "google-oauth2", "g2", GMAIL },
        { "cac_1", VISIT_PASSWORD_ID, "google-oauth2", "G1", GMAIL },
        { "cac_1", VISIT_PASSWORD_ID, "google-oauth2", "google-oauth2|g1", GMAIL },
        { "cac_1", VISIT_PASSWORD_ID, "facebook", "g1", GMAIL },
        { "cac_1", VISIT_PASSWORD_ID, "other-google", "g1", GMAIL },
        /* The address of its owner is what an old library left there. */
        { "cac_1", VISIT_PASSWORD_ID, "google-oauth2", "", LINK_EMAIL },
        { "cac_1", VISIT_PASSWORD_ID, "google-oauth2", "", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        link_visit *v = visit();

        link_visit_connect(v, &others[i]);
        verify(v);
        assert_unlinked(v);
        link_visit_free(v);
    }
}

/* Rule 8: it has another address than its account, and was proved to be its owner's. */
static void
link_07_an_identity_that_we_linked_ourselves_is_nothing_planted(void **state)
{
    link_visit *v = visit();

    (void)state;
    link_visit_connect(v, &exact);
    verify(v);
    assert_linked(v, 2);
    fake_users_put(v->users, VISIT_FACEBOOK);
    v->l.w.tenant.email = LINK_EMAIL;
    link_visit_in_another_browser(v);
    link_visit_sign_in(v, "facebook|f1");
    link_visit_verify(v);
    assert_linked(v, 3);
    assert_int_equal(v->users->links, 2);
    link_visit_free(v);
}

/* The attacker has the victim's address, unverified, and connects a Google account of
 * their own; the victim's first sign-in with Google must not be theirs. */
static void
link_24_an_attacker_who_connects_their_own_account_gets_nobody_elses(void **state)
{
    static const visit_connected attackers = { "cac_1", "auth0|eve", "google-oauth2",
                                               "eve1", "eve@gmail.example" };
    link_visit *v = visit();

    (void)state;
    fake_users_put(v->users, VISIT_USER_WITH("auth0", "eve", "db", GMAIL, "false", ""));
    link_visit_connect(v, &attackers);
    verify(v);
    link_visit_assert_refused(v, "unverified_email");
    assert_int_equal(v->users->links, 0);
    link_visit_free(v);
}

/* Even of exactly that identity, a record of an account that never proved its address
 * takes nobody in. */
static void
link_24_an_owner_who_proved_nothing_takes_nobody_in(void **state)
{
    static const visit_connected tricked = { "cac_1", "auth0|eve", "google-oauth2",
                                             "g1", GMAIL };
    link_visit *v = visit();

    (void)state;
    fake_users_put(v->users, VISIT_USER_WITH("auth0", "eve", "db", "eve@acme.example",
                                             "false", ""));
    link_visit_connect(v, &tricked);
    verify(v);
    link_visit_assert_refused(v, "unverified_email");
    assert_int_equal(v->users->links, 0);
    link_visit_free(v);
}

/* As many look-ups side by side as there can be: the person, the address in two
 * spellings, and of each owner the profile and the accounts. */
static void
link_24_an_identity_that_three_people_connected_is_looked_up_whole(void **state)
{
    static const visit_connected others[] = {
        { "cac_2", "auth0|p2", "google-oauth2", "g1", GMAIL },
        { "cac_3", "auth0|p3", "google-oauth2", "g1", GMAIL },
    };
    link_visit *v = visit();
    size_t asked = 0;

    (void)state;
    fake_users_put(v->users,
                   VISIT_USER_WITH("auth0", "p2", "db", "b@acme.example", "true", ""));
    fake_users_put(v->users,
                   VISIT_USER_WITH("auth0", "p3", "db", "c@acme.example", "true", ""));
    link_visit_connect(v, &exact);
    link_visit_connect(v, &others[0]);
    link_visit_connect(v, &others[1]);
    v->l.w.tenant.email = "Jo@Gmail.example";
    verify(v);
    for (size_t i = 0; i < scripted_requests_len(v->l.w.tenant.script); i++) {
        asked += strstr(scripted_request_at(v->l.w.tenant.script, i)->url,
                        "/connected-accounts") != NULL
                     ? 1
                     : 0;
    }
    assert_int_equal(asked, 3);
    assert_false(recording_log_has(&v->l.w.log, "\"internal\""));
    link_visit_free(v);
}

static void
link_24_a_record_that_auth0_does_not_list_any_more_is_none(void **state)
{
    static const char *const lists[] = {
        "[]",
        "[{\"id\":\"cac_2\",\"connection\":\"google-oauth2\"}]",
        "[{\"id\":\"cac_1\",\"connection\":\"facebook\"}]",
        "[{\"connection\":\"google-oauth2\"}]",
        "{}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        link_visit *v = visit();
        fake_user *owner = fake_users_find(v->users, VISIT_PASSWORD_ID);

        link_visit_connect(v, &exact);
        memcpy(owner->accounts, lists[i], strlen(lists[i]) + 1);
        verify(v);
        assert_unlinked(v);
        link_visit_free(v);
    }
}

/* What stands on a page that never comes can not be told: nothing is decided. */
static void
conn_09_a_list_of_evidence_that_goes_round_in_a_circle_decides_nothing(void **state)
{
    link_visit *v = visit();
    fake_user *owner = fake_users_find(v->users, VISIT_PASSWORD_ID);

    (void)state;
    link_visit_connect(v, &exact);
    (void)snprintf(owner->accounts, sizeof owner->accounts, "[]");
    owner->accounts_go_round = true;
    verify(v);
    assert_unlinked(v);
    assert_true(recording_log_has(&v->l.w.log, "link.deferred"));
    assert_int_equal(scripted_count(v->l.w.tenant.script,
                                    FAKE_API "users/auth0%7Cp1/connected-accounts"),
                     3);
    link_visit_free(v);
}

/* Somebody who can write to the database, but has no key. */
static void
link_24_a_record_that_nobody_of_ours_signed_is_none(void **state)
{
    static const char data[] =
        "{\"id\":\"x\",\"connection\":\"google-oauth2\",\"provider\":\"google-oauth2\","
        "\"subject\":\"g1\",\"email\":\"" GMAIL "\",\"email_verified\":true,"
        "\"is_account_linked\":false,\"mac\":\"AAAA\"}";
    link_visit *v = visit();
    const a0_store *store = v->l.w.store.inner;
    a0_record forged = { .size = sizeof forged,
                         .kind = A0_RECORD_CONNECTED_ACCOUNT,
                         .key = "cac_1",
                         .user_id = VISIT_PASSWORD_ID,
                         .sid = "",
                         .data = data,
                         .data_len = sizeof data - 1 };
    const a0_store_op op = { .type = A0_STORE_UPDATE,
                             .record = &forged,
                             .expected_version = 1 };
    A0_AUTO(a0__connected_accounts) accounts = { .len = 0 };
    bool applied = false;

    (void)state;
    link_visit_connect(v, &exact);
    assert_ok(a0__connected_accounts_by_identity(v->l.w.client,
                                                 A0__LIT("google-oauth2"),
                                                 A0__LIT("g1"), &accounts, &v->l.w.err),
              v->l.w.err);
    assert_int_equal(accounts.len, 1);
    forged.owner = accounts.items[0].identity_index;
    assert_ok(store->commit(v->l.w.store.inner_self, &op, 1,
                            test_clock_now_s(&v->l.w.clock), &applied, &v->l.w.err),
              v->l.w.err);
    assert_true(applied);
    verify(v);
    assert_unlinked(v);
    assert_true(recording_log_has(&v->l.w.log, "store.unproven"));
    link_visit_free(v);
}

/* ---- identities that could be confused ---- */

#define OTHER_IDENTITIES                                                               \
    "[{\"provider\":\"auth0\",\"connection\":\"db\",\"user_id\":\"p1\"},"              \
    "{\"provider\":\"google-oauth2\",\"connection\":\"workforce-google\","             \
    "\"user_id\":\"g1\"}]"

/* What Auth0 has done is another identity of that provider and id. */
static void
link_another(void *self, const char *path, bool done)
{
    link_visit *v = self;

    if (!done && strstr(path, "/identities") != NULL) {
        fake_users_put(v->users,
                       "{\"user_id\":\"" VISIT_PASSWORD_ID "\",\"email\":\"" LINK_EMAIL
                       "\",\"email_verified\":true,\"identities\":" OTHER_IDENTITIES
                       "}");
    }
}

static void
link_24_two_connections_of_one_provider_are_told_apart(void **state)
{
    static const int statuses[] = { 201, 409 };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        link_visit *v = visit();
        a0_link_answer *answer = NULL;

        link_visit_connect(v, &exact);
        v->users->link_status = statuses[i];
        v->users->link_body = OTHER_IDENTITIES;
        v->l.w.tenant.watch = link_another;
        v->l.w.tenant.watch_self = v;
        link_visit_sign_in(v, VISIT_GOOGLE_ID);
        assert_fails(a0_link_verify(link_visit_session(v), &answer, &v->l.w.err),
                     &v->l.w.err, link_conflict);
        assert_string_equal(a0_session_user_id(link_visit_session(v)), VISIT_GOOGLE_ID);
        assert_int_equal(link_world_links(&v->l), 0);
        assert_int_equal(link_world_open(&v->l), 0);
        assert_int_equal(v->users->updates, 0);
        link_visit_free(v);
    }
}

/* ---- pairs that were undone ---- */

static void
undo(link_visit *v)
{
    a0_link_answer *answer = NULL;

    assert_ok(a0_link_undo(v->l.w.client, VISIT_PASSWORD_ID, "google-oauth2", "g1",
                           &answer, &v->l.w.err),
              v->l.w.err);
    a0_link_answer_free(answer);
    assert_non_null(fake_users_find(v->users, VISIT_GOOGLE_ID));
}

static void
link_24_a_pair_that_was_undone_stays_apart(void **state)
{
    link_visit *v = visit();
    a0_session *again = NULL;

    (void)state;
    link_visit_connect(v, &exact);
    verify(v);
    assert_linked(v, 2);
    /* A later sign-in by that identity has the subject of the primary from the start.
     */
    link_visit_in_another_browser(v);
    link_visit_sign_in(v, VISIT_GOOGLE_ID);
    assert_string_equal(a0_session_user_id(link_visit_session(v)), VISIT_PASSWORD_ID);
    undo(v);
    again = world_session(&v->l.w, a0_session_id(link_visit_session(v)));
    assert_false(a0_session_is_signed_in(again));
    a0_session_free(again);
    link_visit_in_another_browser(v);
    /* By the record, and by the same address. */
    for (int i = 0; i < 2; i++) {
        verify(v);
        link_visit_assert_refused(v, "no_auto_pair");
        assert_int_equal(v->users->links, 1);
        fake_users_put(v->users, VISIT_GOOGLE);
        v->l.w.tenant.email = LINK_EMAIL;
    }
    link_visit_free(v);
}

static void
link_24_only_a_confirmation_brings_an_undone_pair_together_again(void **state)
{
    link_visit *v = link_visit_new("");

    (void)state;
    fake_users_put(v->users, VISIT_GOOGLE);
    fake_users_put(v->users, VISIT_PASSWORD);
    verify(v);
    assert_linked(v, 3);
    undo(v);
    link_visit_in_another_browser(v);
    link_visit_sign_in(v, VISIT_PASSWORD_ID);
    link_visit_verify(v);
    assert_true(a0_link_answer_is_pending(v->answer));
    link_visit_confirm_as(v, VISIT_GOOGLE_ID);
    assert_true(a0_link_answer_is_success(v->answer));
    assert_int_equal(v->users->links, 2);
    link_visit_free(v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_24_a_connected_identity_is_recognised_and_that_is_said),
        cmocka_unit_test(link_24_another_identity_is_none_whatever_its_address),
        cmocka_unit_test(
            link_07_an_identity_that_we_linked_ourselves_is_nothing_planted),
        cmocka_unit_test(
            link_24_an_attacker_who_connects_their_own_account_gets_nobody_elses),
        cmocka_unit_test(link_24_an_owner_who_proved_nothing_takes_nobody_in),
        cmocka_unit_test(
            link_24_an_identity_that_three_people_connected_is_looked_up_whole),
        cmocka_unit_test(link_24_a_record_that_auth0_does_not_list_any_more_is_none),
        cmocka_unit_test(
            conn_09_a_list_of_evidence_that_goes_round_in_a_circle_decides_nothing),
        cmocka_unit_test(link_24_a_record_that_nobody_of_ours_signed_is_none),
        cmocka_unit_test(link_24_two_connections_of_one_provider_are_told_apart),
        cmocka_unit_test(link_24_a_pair_that_was_undone_stays_apart),
        cmocka_unit_test(
            link_24_only_a_confirmation_brings_an_undone_pair_together_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
