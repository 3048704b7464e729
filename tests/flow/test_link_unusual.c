/* SPDX-License-Identifier: MIT */
/* Links and undos among what hardly ever happens: many sessions, entries that do not
 * open, answers that stay wrong, somebody else in between. */
#include "link_world.h"

#include <stdio.h>
#include <string.h>

#include "base/pack.h"
#include "flows/link_record.h"
#include "flows/session_end.h"

/* ---- many rows ---- */

/* Of the sessions that share it, the one whose row has the newest token comes last. */
static void
link_23_the_token_that_was_proved_lives_whoever_had_it_before(void **state)
{
    link_world *l = link_world_begin(NULL);
    a0__link_done done = { .refused = NULL };

    (void)state;
    for (int i = 0; i < 70; i++) {
        test_clock_advance_s(&l->w.clock, 1);
        a0_session_free(link_world_sign_in(l, LINK_PRIMARY));
    }
    done = link_world_link_both(l);
    assert_true(done.is_linked);
    assert_false(done.reauthentication_required);
    for (int i = 0; i < 12; i++) {
        link_world_sweep(l);
    }
    assert_int_equal(fake_families_alive(&l->tenant->families, LINK_PRIMARY), 1);
    link_world_clear(l);
}

/* However the session ended: signed out, replaced, or erased with its person. */
static void
stor_12_nothing_names_the_former_account_when_the_primary_is_erased(void **state)
{
    link_world *l = link_world_begin(NULL);
    a0_user_data *erased = NULL;

    (void)state;
    (void)link_world_link_both(l);
    link_world_sweep(l);
    assert_ok(a0_user_erase(l->w.client, LINK_PRIMARY, &erased, &l->w.err), l->w.err);
    a0_user_data_free(erased);
    assert_int_equal(link_world_rows(l, A0_RECORD_MARK, LINK_SECONDARY), 0);
    assert_int_equal(
        world_rows(&l->w, A0_RECORD_LINK_JOURNAL, A0_INDEX_OWNER, LINK_SECONDARY), 0);
    link_world_clear(l);
}

/* What waits to be revoked stands under the same user as what a session was before. */
static void
lout_06_a_sign_out_of_the_former_account_finds_the_session_among_many_rows(void **state)
{
    const a0__session_choice choice = { .user_id = LINK_SECONDARY };
    link_world *l = link_world_begin(NULL);
    size_t ended = 0;

    (void)state;
    for (int i = 0; i < 20; i++) {
        a0_session_free(link_world_sign_in(l, LINK_SECONDARY));
    }
    (void)link_world_link_both(l);
    assert_true(world_lives(&l->w, a0_session_id(l->session)));
    assert_ok(a0__sessions_end(l->w.client, &choice, &ended, &l->w.err), l->w.err);
    assert_int_equal(ended, 1);
    assert_false(world_lives(&l->w, a0_session_id(l->session)));
    link_world_clear(l);
}

/* After an audit of a large tenant; what does not fit is not kept quiet about. */
static void
rule_12_a_list_of_more_links_than_fit_says_so(void **state)
{
    enum {
        LISTED = 10000
    };
    link_world *l = link_world_begin(NULL);
    a0_link_answer *answer = NULL;

    (void)state;
    for (int i = 0; i <= LISTED; i++) {
        A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
        char secondary[64];
        a0__link_record_key key;
        a0__link_journal journal = { .rule = 3,
                                     .primary_user_id = A0__LIT(LINK_PRIMARY),
                                     .provider = A0__LIT("google-oauth2"),
                                     .connection = A0__LIT(LINK_CONNECTION),
                                     .by = A0__LIT("operator") };
        bool applied = false;

        (void)snprintf(secondary, sizeof secondary, "google-oauth2|%d", i);
        journal.secondary_user_id = a0__text_of(secondary);
        assert_ok(a0__link_record_add(&batch, l->w.client, &journal, &key, &l->w.err),
                  l->w.err);
        assert_ok(a0__batch_commit(&batch, l->w.client, &applied, &l->w.err), l->w.err);
    }
    assert_ok(a0_link_list(l->w.client, NULL, &answer, &l->w.err), l->w.err);
    assert_non_null(strstr(a0_link_answer_json(answer), "],\"is_whole\":false}"));
    a0_link_answer_free(answer);
    assert_ok(a0_link_list(l->w.client, "google-oauth2|7", &answer, &l->w.err),
              l->w.err);
    assert_non_null(strstr(a0_link_answer_json(answer), "],\"is_whole\":true}"));
    a0_link_answer_free(answer);
    link_world_clear(l);
}

/* ---- somebody else in between, and after an outage ---- */

/* Whoever switches linking off after an outage does not leave accounts half-way. */
static void
link_15_a_sign_in_settles_what_is_half_way_where_linking_is_off(void **state)
{
    int half_way = 0;

    (void)state;
    for (uint64_t n = 1; n <= 8; n++) {
        link_world *l = link_world_begin("\"linking\":\"off\"");
        a0__link_done done = { .refused = NULL };
        a0_session *session = NULL;
        a0_link_answer *answer = NULL;

        l->w.store.only_commits = true;
        l->w.store.fail_at = l->w.store.commits + n;
        a0__ignore(link_world_link(l, l->session, &done));
        a0_error_free(a0__steal(&l->w.err));
        l->w.store.fail_at = 0;
        half_way += link_world_open(l) > 0 ? 1 : 0;
        test_clock_advance_s(&l->w.clock, 120);
        session = link_world_sign_in(l, LINK_PRIMARY);
        assert_ok(a0_link_verify(session, &answer, &l->w.err), l->w.err);
        assert_false(a0_link_answer_is_linked(answer));
        assert_int_equal(link_world_open(l), 0);
        a0_link_answer_free(answer);
        a0_session_free(session);
        link_world_clear(l);
    }
    assert_true(half_way >= 2);
}

/* Signed out, or erased, while the locks were taken. */
static void
end_session(void *self, failing_store_call call, uint64_t n, bool done)
{
    link_world *l = self;
    const a0__session_choice choice = { .user_id = LINK_SECONDARY };
    size_t ended = 0;

    (void)n;
    if (call == FAILING_STORE_COMMIT && !done) {
        l->w.store.watch = NULL;
        assert_ok(a0__sessions_end(l->w.client, &choice, &ended, &l->w.err), l->w.err);
        assert_int_equal(ended, 1);
    }
}

static void
stor_12_nothing_is_linked_for_a_session_that_has_ended(void **state)
{
    link_world *l = link_world_begin(NULL);
    a0__link_done done = { .refused = NULL };

    (void)state;
    l->w.store.watch = end_session;
    l->w.store.watch_self = l;
    assert_fails(link_world_link(l, l->session, &done), &l->w.err, link_in_progress);
    assert_true(link_tenant_is_untouched(l->tenant));
    assert_int_equal(link_world_open(l), 0);
    assert_int_equal(link_world_rows(l, A0_RECORD_LINK_JOURNAL, LINK_PRIMARY), 0);
    link_world_clear(l);
}

/* Signed out while the token of the account that stays was being proved. */
static void
end_while_proving(void *self, const char *path, bool done)
{
    link_world *l = self;
    const a0__session_choice choice = { .user_id = LINK_SECONDARY };
    size_t ended = 0;

    if (done && l->tenant->users.links > 0 && strcmp(path, "/oauth/token") == 0) {
        l->w.tenant.watch = NULL;
        assert_ok(a0__sessions_end(l->w.client, &choice, &ended, &l->w.err), l->w.err);
        assert_int_equal(ended, 1);
    }
}

static void
sess_12_a_link_revives_nobody_who_was_signed_out_meanwhile(void **state)
{
    link_world *l = link_world_begin(NULL);
    a0__link_done done = { .refused = NULL };

    (void)state;
    l->w.tenant.watch = end_while_proving;
    l->w.tenant.watch_self = l;
    assert_ok(link_world_link(l, l->session, &done), l->w.err);
    assert_true(done.is_linked);
    assert_null(l->w.tenant.watch);
    assert_false(a0_session_is_signed_in(l->session));
    assert_int_equal(link_world_rows(l, A0_RECORD_SESSION, LINK_PRIMARY), 0);
    assert_int_equal(link_world_rows(l, A0_RECORD_SESSION, LINK_SECONDARY), 0);
    link_world_clear(l);
}

/* Another undo is faster, between the look at the record and the locks. */
static void
undo_beside(void *self, failing_store_call call, uint64_t n, bool done)
{
    link_world *l = self;

    (void)n;
    if (call == FAILING_STORE_COMMIT && !done) {
        l->w.store.watch = NULL;
        (void)link_world_undo(l);
    }
}

static void
two_undos_at_once_are_one(void **state)
{
    link_world *l = link_world_begin(NULL);
    a0_link_answer *answer = NULL;

    (void)state;
    (void)link_world_link_both(l);
    l->w.store.watch = undo_beside;
    l->w.store.watch_self = l;
    assert_ok(a0_link_undo(l->w.client, LINK_PRIMARY, "google-oauth2",
                           "104857600123456789012", &answer, &l->w.err),
              l->w.err);
    assert_int_equal(l->tenant->users.unlinks, 1);
    assert_int_equal(recording_log_count(&l->w.log, "link.undone"), 1);
    assert_null(strstr(a0_link_answer_json(answer), "\"metadata\""));
    assert_true(link_tenant_is_untouched(l->tenant));
    a0_link_answer_free(answer);
    link_world_clear(l);
}

/* ---- entries that do not open ---- */

/* Written by a version of ours that is to come, about both accounts. */
static void
leave_newer_entry(link_world *l)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(64);
    const a0_record record = { .size = sizeof record,
                               .kind = A0_RECORD_LINK_JOURNAL,
                               .key = "link|" LINK_SECONDARY,
                               .created_at = test_clock_now_s(&l->w.clock),
                               .owner = LINK_SECONDARY,
                               .user_id = LINK_PRIMARY,
                               .sid = "open" };
    bool applied = false;

    a0__pack_i64(&plain, 2);
    assert_ok(a0__batch_insert(&batch, l->w.client, &record, NULL, a0__buf_view(&plain),
                               &l->w.err),
              l->w.err);
    assert_ok(a0__batch_commit(&batch, l->w.client, &applied, &l->w.err), l->w.err);
    assert_true(applied);
}

static void
link_15_an_entry_of_a_newer_version_is_left_and_said(void **state)
{
    link_world *l = link_world_begin(NULL);
    a0__link_done done = { .refused = NULL };
    a0_user_data *erased = NULL;

    (void)state;
    leave_newer_entry(l);
    link_world_repair(l, "{\"repaired\":0,\"left\":1}");
    assert_true(recording_log_has(&l->w.log, "store.rejected"));
    assert_fails(link_world_link(l, l->session, &done), &l->w.err, link_in_progress);
    assert_true(link_tenant_is_untouched(l->tenant));
    assert_int_equal(link_world_open(l), 1);
    /* Whoever wants to be forgotten is. */
    assert_ok(a0_user_erase(l->w.client, LINK_PRIMARY, &erased, &l->w.err), l->w.err);
    a0_user_data_free(erased);
    assert_int_equal(link_world_open(l), 0);
    link_world_clear(l);
}

/* A process that was killed says nothing. */
static void
link_15_what_is_half_way_is_said_until_it_is_settled(void **state)
{
    link_world *l = link_world_begin(NULL);
    a0_user_data *erased = NULL;

    (void)state;
    leave_newer_entry(l);
    assert_ok(a0_client_sweep(l->w.client, &l->w.err), l->w.err);
    assert_int_equal(recording_log_count(&l->w.log, "link.partial"), 0);
    for (size_t i = 1; i <= 2; i++) {
        link_world_sweep(l);
        assert_int_equal(recording_log_count(&l->w.log, "link.partial"), i);
    }
    assert_ok(a0_user_erase(l->w.client, LINK_PRIMARY, &erased, &l->w.err), l->w.err);
    a0_user_data_free(erased);
    link_world_sweep(l);
    assert_int_equal(recording_log_count(&l->w.log, "link.partial"), 2);
    link_world_clear(l);
}

static void
an_undo_does_not_write_over_an_entry_of_a_newer_version(void **state)
{
    link_world *l = link_world_begin(NULL);
    a0_link_answer *answer = NULL;
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    bool applied = false;

    (void)state;
    (void)link_world_link_both(l);
    assert_ok(a0__batch_condition(&batch, A0_STORE_ERASE, A0_RECORD_LINK_JOURNAL,
                                  "link|" LINK_SECONDARY, 0, &l->w.err),
              l->w.err);
    assert_ok(a0__batch_commit(&batch, l->w.client, &applied, &l->w.err), l->w.err);
    leave_newer_entry(l);
    assert_fails(a0_link_undo(l->w.client, LINK_PRIMARY, "google-oauth2",
                              "104857600123456789012", &answer, &l->w.err),
                 &l->w.err, link_in_progress);
    assert_true(link_tenant_is_linked(l->tenant));
    link_world_clear(l);
}

/* Whoever has lost a key still knows that there was a pair. */
static void
link_24_an_undone_pair_stays_apart_when_its_key_is_gone(void **state)
{
    link_world *l = link_world_begin(NULL);
    a0_client *other = NULL;
    bool was_undone = false;

    (void)state;
    (void)link_world_link_both(l);
    (void)link_world_undo(l);
    other = world_another_client(&l->w,
                                 "{" WORLD_SETTINGS_WITHOUT_KEYS
                                 ",\"encryption_keys\":[\"fedcba9876543210"
                                 "fedcba9876543210fedcba9876543210fedcba9876543210\"]}",
                                 NULL, NULL);
    assert_ok(a0__link_was_undone(other, A0__LIT(LINK_PRIMARY), A0__LIT(LINK_SECONDARY),
                                  &was_undone, &l->w.err),
              l->w.err);
    assert_true(was_undone);
    a0_client_free(other);
    link_world_clear(l);
}

/* ---- LINK-22: organizations ---- */

static void
link_22_the_session_is_of_the_organization_that_its_tokens_are_of(void **state)
{
    static const struct {
        const char *before;
        const char *after;
        bool holds;
    } rows[] = {
        { ",\"org_id\":\"org_1\"", ",\"org_id\":\"org_1\"", true },
        { ",\"org_id\":\"org_1\"", ",\"org_id\":\"org_2\"", false },
        { ",\"org_id\":\"org_1\"", "", false },
        { "", ",\"org_id\":\"org_2\"", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        link_world l;
        a0__link_done done = { .refused = NULL };
        const char *org_id = NULL;

        link_world_init(&l, NULL, NULL, NULL);
        l.w.tenant.more_claims = rows[i].before;
        link_world_sign_in_both(&l);
        l.w.tenant.more_claims = rows[i].after;
        done = link_world_link_both(&l);
        assert_true(done.is_linked);
        assert_true(done.reauthentication_required == !rows[i].holds);
        org_id = a0_session_claim(l.session, "org_id");
        if (rows[i].holds) {
            assert_string_equal(org_id, "org_1");
        } else {
            assert_null(org_id);
        }
        link_world_sweep(&l);
        assert_int_equal(fake_families_alive(&l.tenant->families, LINK_PRIMARY),
                         rows[i].holds ? 1 : 0);
        link_world_clear(&l);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_23_the_token_that_was_proved_lives_whoever_had_it_before),
        cmocka_unit_test(
            stor_12_nothing_names_the_former_account_when_the_primary_is_erased),
        cmocka_unit_test(
            lout_06_a_sign_out_of_the_former_account_finds_the_session_among_many_rows),
        cmocka_unit_test(rule_12_a_list_of_more_links_than_fit_says_so),
        cmocka_unit_test(
            link_15_a_sign_in_settles_what_is_half_way_where_linking_is_off),
        cmocka_unit_test(stor_12_nothing_is_linked_for_a_session_that_has_ended),
        cmocka_unit_test(sess_12_a_link_revives_nobody_who_was_signed_out_meanwhile),
        cmocka_unit_test(two_undos_at_once_are_one),
        cmocka_unit_test(link_15_an_entry_of_a_newer_version_is_left_and_said),
        cmocka_unit_test(link_15_what_is_half_way_is_said_until_it_is_settled),
        cmocka_unit_test(an_undo_does_not_write_over_an_entry_of_a_newer_version),
        cmocka_unit_test(link_24_an_undone_pair_stays_apart_when_its_key_is_gone),
        cmocka_unit_test(
            link_22_the_session_is_of_the_organization_that_its_tokens_are_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
