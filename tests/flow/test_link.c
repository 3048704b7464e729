/* SPDX-License-Identifier: MIT */
/* How a link is carried out, taken back and repaired (contract §2, rules 9 to 12). */
#include "link_world.h"

#include <stdio.h>
#include <string.h>

#include "auth0/user.h"
#include "flows/client.h"
#include "flows/connected_account.h"

/* ---- LINK-06, LINK-23: sessions and tokens ---- */

static void
link_06_every_other_session_and_token_ends(void **state)
{
    link_world *l = link_world_begin(NULL);
    a0__link_done done = link_world_link_both(l);

    (void)state;
    assert_true(done.is_linked);
    assert_int_equal(link_world_rows(l, A0_RECORD_SESSION, LINK_PRIMARY), 1);
    assert_int_equal(link_world_rows(l, A0_RECORD_SESSION, LINK_SECONDARY), 0);
    assert_int_equal(link_world_rows(l, A0_RECORD_REFRESH_TOKEN, LINK_PRIMARY), 1);
    assert_int_equal(link_world_rows(l, A0_RECORD_REFRESH_TOKEN, LINK_SECONDARY), 0);
    assert_int_equal(link_world_rows(l, A0_RECORD_ACCOUNT_TOKEN, LINK_SECONDARY), 0);
    link_world_sweep(l);
    assert_int_equal(fake_families_alive(&l->tenant->families, LINK_PRIMARY), 1);
    assert_int_equal(fake_families_alive(&l->tenant->families, LINK_SECONDARY), 0);
    link_world_clear(l);
}

/* LINK-05: the password of the primary may be an attacker's. */
static void
link_06_a_session_of_the_primary_from_before_is_over(void **state)
{
    link_world *l = link_world_begin(NULL);
    a0_session *attacker = NULL;

    (void)state;
    (void)link_world_link_both(l);
    assert_ok(
        a0_session_open(l->w.client, a0_session_id(l->before), &attacker, &l->w.err),
        l->w.err);
    assert_false(a0_session_is_signed_in(attacker));
    a0_session_free(attacker);
    assert_true(recording_log_has(&l->w.log, "link.password_primary"));
    link_world_clear(l);
}

static void
link_23_the_session_goes_on_as_the_primary_with_a_token_that_was_proved(void **state)
{
    link_world *l = link_world_begin(NULL);
    char old_id[A0_SESSION_ID_LEN + 1];
    const char *refresh_token = NULL;
    a0__link_done done = { .refused = NULL };
    a0_session *again = NULL;

    (void)state;
    memcpy(old_id, a0_session_id(l->session), sizeof old_id);
    done = link_world_link_both(l);
    assert_false(done.reauthentication_required);
    assert_string_equal(a0_session_user_id(l->session), LINK_PRIMARY);
    assert_non_null(strstr(a0_session_userinfo(l->session), LINK_PRIMARY));
    assert_string_not_equal(a0_session_id(l->session), old_id);
    assert_ok(a0_session_refresh_token(l->session, &refresh_token, &l->w.err),
              l->w.err);
    assert_true(fake_families_is_alive(&l->tenant->families, refresh_token));
    assert_int_equal(l->w.tenant.refreshes, 1);
    assert_ok(a0_session_open(l->w.client, old_id, &again, &l->w.err), l->w.err);
    assert_false(a0_session_is_signed_in(again));
    a0_session_free(again);
    link_world_clear(l);
}

static void
assert_signed_in_without_access(link_world *l, const a0__link_done *done)
{
    const char *refresh_token = NULL;
    a0_token *token = NULL;

    assert_true(done->is_linked);
    assert_true(done->reauthentication_required);
    assert_true(link_tenant_is_linked(l->tenant));
    assert_string_equal(a0_session_user_id(l->session), LINK_PRIMARY);
    assert_non_null(strstr(a0_session_userinfo(l->session), LINK_PRIMARY));
    assert_fails(a0_session_refresh_token(l->session, &refresh_token, &l->w.err),
                 &l->w.err, refresh_token_missing);
    assert_fails(a0_session_access_token(l->session, NULL, &token, &l->w.err),
                 &l->w.err, refresh_token_missing);
    assert_int_equal(l->session->record.id_token.len, 0);
    link_world_sweep(l);
    assert_int_equal(fake_families_alive(&l->tenant->families, LINK_PRIMARY), 0);
    assert_int_equal(fake_families_alive(&l->tenant->families, LINK_SECONDARY), 0);
}

static void
link_23_without_a_stored_token_the_person_signs_in_once_more(void **state)
{
    static link_world l;
    a0__link_done done = { .refused = NULL };

    (void)state;
    link_world_init(&l, NULL, NULL, NULL);
    l.session = link_world_sign_in(&l, LINK_SECONDARY);
    done = link_world_link_both(&l);
    assert_signed_in_without_access(&l, &done);
    link_world_clear(&l);
}

static void
link_23_a_token_that_is_dead_is_not_adopted(void **state)
{
    link_world *l = link_world_begin(NULL);
    const char *refresh_token = NULL;
    a0__link_done done = { .refused = NULL };

    (void)state;
    assert_ok(a0_session_refresh_token(l->before, &refresh_token, &l->w.err), l->w.err);
    fake_families_revoke(&l->tenant->families, refresh_token);
    done = link_world_link_both(l);
    assert_signed_in_without_access(l, &done);
    link_world_clear(l);
}

/* A token that somebody else put there, or that belongs to nobody. */
static void
link_23_a_token_of_somebody_else_is_not_adopted(void **state)
{
    link_world *l = link_world_begin(NULL);
    fake_family_token *token = &l->tenant->families.items[0];
    a0__link_done done = { .refused = NULL };

    (void)state;
    (void)snprintf(token->sub, sizeof token->sub, "%s", "auth0|somebody-else");
    (void)fake_users_put(&l->tenant->users,
                         "{\"user_id\":\"auth0|somebody-else\",\"identities\":[]}");
    done = link_world_link_both(l);
    assert_signed_in_without_access(l, &done);
    assert_int_equal(fake_families_alive(&l->tenant->families, "auth0|somebody-else"),
                     0);
    link_world_clear(l);
}

/* LOUT-04: sharing a token is nothing that a sign-in of somebody else may end. */
static void
lout_04_a_sign_in_leaves_a_token_alone_that_another_session_uses(void **state)
{
    link_world *l = link_world_begin(NULL);
    a0_session *other = world_session(&l->w, NULL);
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(A0__SESSION_RECORD_MAX);
    a0__session_record record = l->session->record;
    a0_record row = { 0 };
    const char *refresh_token = NULL;
    bool applied = false;

    (void)state;
    assert_ok(a0__session_row(other, &record, &row, &plain, &l->w.err), l->w.err);
    assert_ok(a0__batch_insert(&batch, l->w.client, &row, &other->id,
                               a0__buf_view(&plain), &l->w.err),
              l->w.err);
    assert_ok(a0__batch_commit(&batch, l->w.client, &applied, &l->w.err), l->w.err);
    assert_ok(a0__session_reload(other, &l->w.err), l->w.err);
    l->w.tenant.sub = LINK_PRIMARY;
    a0_login_free(world_login(&l->w, l->session));
    assert_ok(a0_session_refresh_token(other, &refresh_token, &l->w.err), l->w.err);
    assert_true(fake_families_is_alive(&l->tenant->families, refresh_token));
    a0_session_free(other);
    link_world_clear(l);
}

/* With the exchange of the code and one look-up the sign-in has five. */
static void
budget_a_link_takes_three_round_trips(void **state)
{
    link_world *l = link_world_begin(NULL);
    size_t before = 0;

    (void)state;
    before = scripted_requests_len(l->w.tenant.script);
    (void)link_world_link_both(l);
    /* Two of them read the profiles that decide, and one the machine token. */
    assert_int_equal(scripted_requests_len(l->w.tenant.script) - before, 2 + 1 + 3);
    link_world_clear(l);
}

/* ---- LINK-16: metadata ---- */

static void
link_16_metadata_is_merged_and_what_was_gained_is_said(void **state)
{
    link_world *l = link_world_begin(NULL);

    (void)state;
    (void)link_world_link_both(l);
    assert_true(link_tenant_is_merged(l->tenant));
    assert_int_equal(l->tenant->users.updates, 1);
    assert_true(recording_log_has(&l->w.log, "link.app_metadata_gained"));
    link_world_clear(l);
}

static void
link_16_keep_primary_writes_no_app_metadata(void **state)
{
    link_world *l = link_world_begin("\"app_metadata_merge\":\"keep_primary\"");

    (void)state;
    (void)link_world_link_both(l);
    assert_null(
        strstr(fake_users_find(&l->tenant->users, LINK_PRIMARY)->json, "seats"));
    assert_non_null(
        strstr(fake_users_find(&l->tenant->users, LINK_PRIMARY)->json, "theme"));
    link_world_clear(l);
}

static void
link_16_only_the_named_keys_are_merged(void **state)
{
    link_world *l = link_world_begin("\"app_metadata_merge\":[\"other\"]");

    (void)state;
    (void)link_world_link_both(l);
    assert_null(
        strstr(fake_users_find(&l->tenant->users, LINK_PRIMARY)->json, "seats"));
    link_world_clear(l);
}

/* ---- LINK-11, LINK-15: what Auth0 answers ---- */

static void
link_11_an_account_that_is_linked_already_is_a_success(void **state)
{
    link_world *l = link_world_begin(NULL);
    A0_AUTO(a0__user_ptr) primary = NULL;
    A0_AUTO(a0__user_ptr) secondary = NULL;
    A0_AUTO(a0__link_locks) locks = { .client = NULL };
    a0__link_plan plan = { .rule = 3, .evidence = A0__LINK_BY_EMAIL };
    a0__link_done done = { .refused = NULL };
    bool still_holds = false;

    (void)state;
    assert_ok(a0_user_get(l->w.client, LINK_PRIMARY, NULL, &primary, &l->w.err),
              l->w.err);
    assert_ok(a0_user_get(l->w.client, LINK_SECONDARY, NULL, &secondary, &l->w.err),
              l->w.err);
    plan.primary = primary;
    plan.secondary = secondary;
    plan.read_at_ms = a0__client_monotonic_ms(l->w.client);
    assert_ok(a0__link_lock(l->w.client, &plan, &locks, &still_holds, &l->w.err),
              l->w.err);
    assert_true(still_holds);
    link_tenant_link_behind_our_back(l->tenant);
    assert_ok(a0__link_run(l->session, &plan, &locks, &done, &l->w.err), l->w.err);
    assert_true(done.is_linked);
    a0__link_locks_auto(&locks);
    assert_true(link_tenant_is_merged(l->tenant));
    assert_int_equal(link_world_links(l), 1);
    link_world_clear(l);
}

/* ---- rule 11: the record of the connected account ---- */

static void
put_connected(link_world *l, const char *key, const char *subject)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__connected_account)
    account = { .user_id = LINK_PRIMARY,
                .connection = A0__LIT(LINK_CONNECTION),
                .provider = A0__LIT(LINK_CONNECTION),
                .subject = a0__text_of(subject) };
    bool applied = false;

    memcpy(account.key, key, strlen(key) + 1);
    assert_ok(a0__connected_account_write(&batch, l->w.client, &account, &l->w.err),
              l->w.err);
    assert_ok(a0__batch_commit(&batch, l->w.client, &applied, &l->w.err), l->w.err);
    assert_true(applied);
}

static bool
is_marked(link_world *l, const char *key)
{
    A0_AUTO(a0__connected_account) account = { .version = 0 };
    bool found = false;

    assert_ok(a0__connected_account_get(l->w.client, key, &account, &found, &l->w.err),
              l->w.err);
    assert_true(found && account.is_proven);
    return account.is_account_linked;
}

static void
rule_11_the_connected_account_of_that_identity_is_marked_and_no_other(void **state)
{
    link_world *l = link_world_begin(NULL);

    (void)state;
    put_connected(l, "cac_same", "104857600123456789012");
    put_connected(l, "cac_other", "1");
    (void)link_world_link_both(l);
    assert_true(is_marked(l, "cac_same"));
    assert_false(is_marked(l, "cac_other"));
    assert_true(link_world_undo(l));
    assert_false(is_marked(l, "cac_same"));
    link_world_clear(l);
}

/* ---- LINK-14: two at once ---- */

static a0__link_plan
plan_of(link_world *l, const a0_user *primary, const a0_user *secondary)
{
    return (a0__link_plan){ .rule = 3,
                            .evidence = A0__LINK_BY_EMAIL,
                            .email = A0__LIT(LINK_EMAIL),
                            .primary = primary,
                            .secondary = secondary,
                            .read_at_ms = a0__client_monotonic_ms(l->w.client) };
}

/* Never one into the other and back: whoever comes second decides anew. */
static void
link_14_a_link_in_the_other_direction_waits_and_decides_anew(void **state)
{
    link_world *l = link_world_begin(NULL);
    A0_AUTO(a0__user_ptr) one = NULL;
    A0_AUTO(a0__user_ptr) other = NULL;
    a0__link_locks first = { .client = NULL };
    a0__link_locks second = { .client = NULL };
    a0__link_plan plan = { .rule = 0 };
    bool still_holds = false;

    (void)state;
    assert_ok(a0_user_get(l->w.client, LINK_PRIMARY, NULL, &one, &l->w.err), l->w.err);
    assert_ok(a0_user_get(l->w.client, LINK_SECONDARY, NULL, &other, &l->w.err),
              l->w.err);
    plan = plan_of(l, one, other);
    assert_ok(a0__link_lock(l->w.client, &plan, &first, &still_holds, &l->w.err),
              l->w.err);
    assert_true(still_holds);
    plan = plan_of(l, other, one);
    assert_fails(a0__link_lock(l->w.client, &plan, &second, &still_holds, &l->w.err),
                 &l->w.err, link_in_progress);
    a0__link_locks_auto(&first);
    plan = plan_of(l, other, one);
    assert_ok(a0__link_lock(l->w.client, &plan, &second, &still_holds, &l->w.err),
              l->w.err);
    assert_false(still_holds);
    a0__link_locks_auto(&second);
    link_world_clear(l);
}

/* A holder that slept through its lease writes nothing any more. */
static void
link_14_who_lost_the_lock_does_not_link(void **state)
{
    link_world *l = link_world_begin(NULL);
    A0_AUTO(a0__user_ptr) one = NULL;
    A0_AUTO(a0__user_ptr) other = NULL;
    a0__link_locks late = { .client = NULL };
    a0__link_locks next = { .client = NULL };
    a0__link_plan plan = { .rule = 0 };
    a0__link_done done = { .refused = NULL };
    bool still_holds = false;

    (void)state;
    assert_ok(a0_user_get(l->w.client, LINK_PRIMARY, NULL, &one, &l->w.err), l->w.err);
    assert_ok(a0_user_get(l->w.client, LINK_SECONDARY, NULL, &other, &l->w.err),
              l->w.err);
    plan = plan_of(l, one, other);
    assert_ok(a0__link_lock(l->w.client, &plan, &late, &still_holds, &l->w.err),
              l->w.err);
    test_clock_advance_s(&l->w.clock, 60);
    plan = plan_of(l, one, other);
    assert_ok(a0__link_lock(l->w.client, &plan, &next, &still_holds, &l->w.err),
              l->w.err);
    late.leased_until_ms = INT64_MAX; /* its own clock stood still */
    assert_fails(a0__link_run(l->session, &plan, &late, &done, &l->w.err), &l->w.err,
                 link_in_progress);
    assert_int_equal(l->tenant->users.links, 0);
    a0__link_locks_auto(&late);
    a0__link_locks_auto(&next);
    link_world_clear(l);
}

/* ---- rule 12: undoing ---- */

static void
rule_12_undo_gives_both_accounts_back_with_their_metadata(void **state)
{
    link_world *l = link_world_begin(NULL);
    bool was_undone = false;

    (void)state;
    (void)link_world_link_both(l);
    assert_true(link_world_undo(l));
    assert_true(link_tenant_is_untouched(l->tenant));
    assert_int_equal(link_world_links(l), 0);
    assert_int_equal(link_world_open(l), 0);
    assert_int_equal(link_world_rows(l, A0_RECORD_SESSION, LINK_PRIMARY), 0);
    assert_int_equal(fake_families_alive(&l->tenant->families, LINK_PRIMARY), 0);
    assert_ok(a0__link_was_undone(l->w.client, a0__text_of(LINK_SECONDARY),
                                  a0__text_of(LINK_PRIMARY), &was_undone, &l->w.err),
              l->w.err);
    assert_true(was_undone);
    assert_true(recording_log_has(&l->w.log, "link.undone"));
    assert_true(link_world_undo(l)); /* once more says the same */
    link_world_clear(l);
}

static void
rule_12_what_somebody_changed_since_stays(void **state)
{
    link_world *l = link_world_begin(NULL);
    a0_user *user = NULL;

    (void)state;
    (void)link_world_link_both(l);
    assert_ok(a0_user_update(l->w.client, LINK_PRIMARY,
                             "{\"user_metadata\":{\"theme\":\"light\"}}", &user,
                             &l->w.err),
              l->w.err);
    a0_user_free(user);
    assert_true(link_world_undo(l));
    assert_non_null(strstr(fake_users_find(&l->tenant->users, LINK_PRIMARY)->json,
                           "\"theme\":\"light\""));
    link_world_clear(l);
}

static void
rule_12_after_the_days_of_undo_the_metadata_is_lost_and_that_is_said(void **state)
{
    link_world *l = link_world_begin(NULL);
    a0_link_answer *answer = NULL;

    (void)state;
    (void)link_world_link_both(l);
    test_clock_advance_s(&l->w.clock, 91 * 86400);
    assert_ok(a0_link_undo(l->w.client, LINK_PRIMARY, "google-oauth2", LINK_SECONDARY,
                           &answer, &l->w.err),
              l->w.err);
    assert_non_null(strstr(a0_link_answer_json(answer), "\"metadata\""));
    a0_link_answer_free(answer);
    assert_false(link_tenant_is_linked(l->tenant));
    assert_int_equal(link_world_links(l), 0);
    link_world_clear(l);
}

static void
rule_12_a_link_that_nobody_made_can_not_be_undone(void **state)
{
    link_world *l = link_world_begin(NULL);
    a0_link_answer *answer = NULL;

    (void)state;
    assert_fails(a0_link_undo(l->w.client, LINK_PRIMARY, "google-oauth2", "1", &answer,
                              &l->w.err),
                 &l->w.err, link_not_found);
    assert_fails(
        a0_link_undo(l->w.client, "nobody", "google-oauth2", "1", &answer, &l->w.err),
        &l->w.err, param_invalid);
    link_world_clear(l);
}

static void
rule_12_links_are_listed_with_rule_and_by_whom(void **state)
{
    link_world *l = link_world_begin(NULL);
    a0_link_answer *answer = NULL;

    (void)state;
    (void)link_world_link_both(l);
    assert_ok(a0_link_list(l->w.client, LINK_SECONDARY, &answer, &l->w.err), l->w.err);
    assert_non_null(strstr(a0_link_answer_json(answer),
                           "\"primary_user_id\":\"" LINK_PRIMARY "\""));
    assert_non_null(strstr(a0_link_answer_json(answer), "\"rule\":3"));
    assert_non_null(
        strstr(a0_link_answer_json(answer), "\"by\":\"" LINK_SECONDARY "\""));
    a0_link_answer_free(answer);
    assert_ok(a0_link_list(l->w.client, "auth0|nobody", &answer, &l->w.err), l->w.err);
    assert_string_equal(a0_link_answer_json(answer),
                        "{\"links\":[],\"is_whole\":true}");
    a0_link_answer_free(answer);
    link_world_clear(l);
}

/* LINK-15: "repair runs twice". */
static void
link_15_repairing_once_more_finds_nothing(void **state)
{
    link_world *l = link_world_begin(NULL);

    (void)state;
    (void)link_world_link_both(l);
    link_world_repair(l, "{\"repaired\":0,\"left\":0}");
    link_world_clear(l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_06_every_other_session_and_token_ends),
        cmocka_unit_test(link_06_a_session_of_the_primary_from_before_is_over),
        cmocka_unit_test(
            link_23_the_session_goes_on_as_the_primary_with_a_token_that_was_proved),
        cmocka_unit_test(link_23_without_a_stored_token_the_person_signs_in_once_more),
        cmocka_unit_test(link_23_a_token_that_is_dead_is_not_adopted),
        cmocka_unit_test(link_23_a_token_of_somebody_else_is_not_adopted),
        cmocka_unit_test(
            lout_04_a_sign_in_leaves_a_token_alone_that_another_session_uses),
        cmocka_unit_test(budget_a_link_takes_three_round_trips),
        cmocka_unit_test(link_16_metadata_is_merged_and_what_was_gained_is_said),
        cmocka_unit_test(link_16_keep_primary_writes_no_app_metadata),
        cmocka_unit_test(link_16_only_the_named_keys_are_merged),
        cmocka_unit_test(link_11_an_account_that_is_linked_already_is_a_success),
        cmocka_unit_test(
            rule_11_the_connected_account_of_that_identity_is_marked_and_no_other),
        cmocka_unit_test(link_14_a_link_in_the_other_direction_waits_and_decides_anew),
        cmocka_unit_test(link_14_who_lost_the_lock_does_not_link),
        cmocka_unit_test(rule_12_undo_gives_both_accounts_back_with_their_metadata),
        cmocka_unit_test(rule_12_what_somebody_changed_since_stays),
        cmocka_unit_test(
            rule_12_after_the_days_of_undo_the_metadata_is_lost_and_that_is_said),
        cmocka_unit_test(rule_12_a_link_that_nobody_made_can_not_be_undone),
        cmocka_unit_test(rule_12_links_are_listed_with_rule_and_by_whom),
        cmocka_unit_test(link_15_repairing_once_more_finds_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
