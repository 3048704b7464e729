/* SPDX-License-Identifier: MIT */
/* Sessions as flows make, keep and end them: rows of group SESS. */
#include "world.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "flows/transaction.h"
#include "store_fixture.h"

#define KEY_A "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\""
#define KEY_B "\"fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210\""
#define WITH_KEYS(keys)                                                                \
    "{" WORLD_SETTINGS_WITHOUT_KEYS ",\"encryption_keys\":[" keys "]}"

static a0_status
complete(world *w, a0_session *session, const char *callback, a0_session *replaces)
{
    a0_login_complete_options options = A0_LOGIN_COMPLETE_OPTIONS_INIT;
    a0_login *login = NULL;
    a0_status status = A0_OK;

    options.replaces = replaces;
    status = a0_login_complete(session, callback, &options, &login, &w->err);
    if (status == A0_OK) {
        a0_login_free(login);
    }
    return status;
}

static void
sess_01_every_sign_in_changes_the_id_and_ends_the_old_one(void **state)
{
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    for (int i = 0; i < 4; i++) { /* anonymous, then the same person again */
        A0_AUTO(a0__string) before = a0__strdup(a0_session_id(session));

        a0_login_free(world_login(&w, session));
        assert_string_not_equal(a0_session_id(session), before);
        assert_int_equal(strlen(a0_session_id(session)), A0_SESSION_ID_LEN);
        assert_false(world_lives(&w, before));
        assert_true(world_lives(&w, a0_session_id(session)));
    }
    a0_session_free(session);
    world_clear(&w);
}

static void
sess_04_what_has_not_the_shape_of_an_id_does_not_reach_the_store(void **state)
{
    static const char *const odd[] = {
        NULL,
        "",
        "x",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\xc3\xa9",
        "'; DROP TABLE sessions; --AAAAAAAAAAAAAAAAA",
    };
    world w;

    (void)state;
    world_init(&w, NULL);
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        a0_session *session = world_session(&w, odd[i]);

        assert_false(a0_session_is_signed_in(session));
        assert_int_equal(w.store.calls, 0);
        a0_session_free(session);
    }
    world_clear(&w);
}

typedef struct copy {
    char key[A0_RECORD_KEY_MAX + 1];
    char data[65536];
    char owner[256];
    char user_id[256];
    char sid[256];
    a0_record record;
} copy;

static a0_status
take_copy(void *self, const a0_record *record, a0_error **err)
{
    copy *c = self;

    (void)err;
    assert_true(record->data_len <= sizeof c->data);
    memcpy(c->data, record->data, record->data_len);
    (void)snprintf(c->key, sizeof c->key, "%s", record->key);
    (void)snprintf(c->owner, sizeof c->owner, "%s", record->owner);
    (void)snprintf(c->user_id, sizeof c->user_id, "%s", record->user_id);
    (void)snprintf(c->sid, sizeof c->sid, "%s", record->sid);
    c->record = *record;
    c->record.key = c->key;
    c->record.data = c->data;
    c->record.owner = c->owner;
    c->record.user_id = c->user_id;
    c->record.sid = c->sid;
    return A0_OK;
}

static void
read_row(world *w, const char *id, copy *out)
{
    char key[A0__ROW_KEY_LEN + 1];

    assert_int_equal(a0__row_key(a0__text_of(id), key, NULL), A0_OK);
    assert_int_equal(w->store.inner->get(w->store.inner_self, A0_RECORD_SESSION, key,
                                         test_clock_now_s(&w->clock), take_copy, out,
                                         NULL),
                     A0_OK);
}

/* Puts a row in the place of the one with that key, as who owns the database can. */
static void
put_row(world *w, const char *key, copy *c)
{
    a0_record record = c->record;
    const a0_store_op ops[] = { { .type = A0_STORE_ERASE, .record = &record },
                                { .type = A0_STORE_INSERT, .record = &record } };
    bool applied = false;

    record.key = key;
    assert_int_equal(w->store.inner->commit(w->store.inner_self, ops, 2,
                                            test_clock_now_s(&w->clock), &applied,
                                            NULL),
                     A0_OK);
    assert_true(applied);
}

static void
sess_05_a_row_that_was_changed_or_moved_is_nobody(void **state)
{
    static copy genuine;
    static copy changed;
    static copy of_other;
    world w;
    a0_session *mine = NULL;
    a0_session *other = NULL;

    (void)state;
    world_init(&w, NULL);
    mine = world_sign_in(&w, NULL);
    other = world_sign_in(&w, NULL);
    read_row(&w, a0_session_id(mine), &genuine);
    read_row(&w, a0_session_id(other), &of_other);
    put_row(&w, genuine.key, &genuine);
    assert_true(world_lives(&w, a0_session_id(mine))); /* the way of writing is sound */
    for (size_t bit = 0; bit < genuine.record.data_len * 8; bit += 37) {
        (void)take_copy(&changed, &genuine.record, NULL);
        changed.data[bit / 8] = (char)(changed.data[bit / 8] ^ (1 << (bit % 8)));
        put_row(&w, genuine.key, &changed);
        assert_false(world_lives(&w, a0_session_id(mine)));
    }
    for (size_t len = 0; len < genuine.record.data_len; len += 97) {
        (void)take_copy(&changed, &genuine.record, NULL);
        changed.record.data_len = len;
        put_row(&w, genuine.key, &changed);
        assert_false(world_lives(&w, a0_session_id(mine)));
    }
    put_row(&w, genuine.key, &of_other);
    assert_false(world_lives(&w, a0_session_id(mine)));
    (void)take_copy(&changed, &genuine.record, NULL);
    (void)snprintf(changed.user_id, sizeof changed.user_id, "auth0|admin");
    put_row(&w, genuine.key, &changed);
    assert_false(world_lives(&w, a0_session_id(mine)));
    (void)take_copy(&changed, &genuine.record, NULL);
    changed.record.expires_at += 1000000;
    put_row(&w, genuine.key, &changed);
    assert_false(world_lives(&w, a0_session_id(mine)));
    put_row(&w, genuine.key, &genuine);
    assert_true(world_lives(&w, a0_session_id(mine)));
    a0_session_free(mine);
    a0_session_free(other);
    world_clear(&w);
}

static bool
lives_for(world *w, a0_client *client, const char *id)
{
    a0_session *session = NULL;
    bool is = false;

    assert_ok(a0_session_open(client, id, &session, &w->err), w->err);
    is = a0_session_is_signed_in(session);
    a0_session_free(session);
    return is;
}

static void
sess_06_a_rotated_key_reads_what_was_and_a_removed_one_signs_out(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_client *both = NULL;
    a0_client *new_only = NULL;
    const char *id = NULL;

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, NULL);
    id = a0_session_id(session);
    both = world_another_client(&w, WITH_KEYS(KEY_B "," KEY_A), NULL, NULL);
    new_only = world_another_client(&w, WITH_KEYS(KEY_B), NULL, NULL);
    assert_false(lives_for(&w, new_only, id));
    assert_true(recording_log_has(&w.log, "store_key_unknown"));
    assert_true(lives_for(&w, both, id));
    test_clock_advance_s(&w.clock, 900);
    assert_true(lives_for(&w, both, id)); /* the idle end is moved: sealed anew */
    assert_true(lives_for(&w, new_only, id));
    a0_client_free(both);
    a0_client_free(new_only);
    a0_session_free(session);
    world_clear(&w);
}

enum {
    TABS = A0__TRANSACTIONS_PER_BROWSER
};

static void
sess_07_eight_tabs_finish_in_any_order_and_a_ninth_evicts_the_oldest(void **state)
{
    static const int order[TABS] = { 5, 1, 8, 3, 2, 7, 4, 6 };
    world w;
    a0_session *session = NULL;
    char *callbacks[TABS + 1];
    char nonces[TABS + 1][128];

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    for (int i = 0; i <= TABS; i++) {
        callbacks[i] = world_start(&w, session, NULL);
        memcpy(nonces[i], w.tenant.nonce, sizeof nonces[i]);
        test_clock_advance_s(&w.clock, 1);
    }
    assert_fails(complete(&w, session, callbacks[0], NULL), &w.err,
                 callback_state_mismatch);
    for (int i = 0; i < TABS; i++) {
        memcpy(w.tenant.nonce, nonces[order[i]], sizeof nonces[order[i]]);
        assert_ok(complete(&w, session, callbacks[order[i]], NULL), w.err);
        assert_true(world_lives(&w, a0_session_id(session)));
    }
    for (int i = 0; i <= TABS; i++) {
        a0__free(callbacks[i]);
    }
    a0_session_free(session);
    world_clear(&w);
}

static void
sess_07_finished_sign_ins_do_not_crowd_out_an_open_one(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) patient = NULL;
    char nonce[128];

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    patient = world_start(&w, session, NULL);
    memcpy(nonce, w.tenant.nonce, sizeof nonce);
    for (int i = 0; i < 2 * TABS; i++) {
        test_clock_advance_s(&w.clock, 1);
        a0_login_free(world_login(&w, session));
    }
    memcpy(w.tenant.nonce, nonce, sizeof nonce);
    assert_ok(complete(&w, session, patient, NULL), w.err);
    a0_session_free(session);
    world_clear(&w);
}

static size_t
open_rows(world *w, const char *owner)
{
    A0_AUTO(seen_rows) seen = SEEN_ROWS_INIT;

    assert_int_equal(w->store.inner->find(w->store.inner_self, A0_RECORD_TRANSACTION,
                                          A0_INDEX_OWNER, owner,
                                          test_clock_now_s(&w->clock), 1000,
                                          seen_rows_sink, &seen, NULL),
                     A0_OK);
    return seen.len;
}

/* What starts at the same instant does not see each other's rows. */
static void
sess_07_a_crowd_of_parallel_starts_shrinks_again(void **state)
{
    world w;
    a0_session *session = NULL;
    char owner[A0__ROW_KEY_LEN + 1];

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    (void)snprintf(owner, sizeof owner, "%s", a0__session_browser(session));
    for (int i = 0; i < 40; i++) {
        char key[32];
        const a0_record row = { .size = sizeof row,
                                .kind = A0_RECORD_TRANSACTION,
                                .key = key,
                                .created_at = TEST_CLOCK_START_S - 100 + i,
                                .expires_at = TEST_CLOCK_START_S + 1000,
                                .owner = owner,
                                .user_id = "",
                                .sid = "",
                                .data = "x",
                                .data_len = 1 };
        const a0_store_op op = { .type = A0_STORE_INSERT, .record = &row };
        bool applied = false;

        (void)snprintf(key, sizeof key, "row-%d", i);
        assert_int_equal(w.store.inner->commit(w.store.inner_self, &op, 1,
                                               TEST_CLOCK_START_S, &applied, NULL),
                         A0_OK);
    }
    for (int i = 0; i < 10; i++) {
        a0__free(world_start(&w, session, NULL));
    }
    assert_int_equal(open_rows(&w, owner), TABS);
    a0_login_free(world_login(&w, session));
    a0_session_free(session);
    world_clear(&w);
}

static void
sess_09_a_sign_in_ends_who_was_there_before_in_the_same_write(void **state)
{
    world w;
    a0_session *old = NULL;
    a0_session *fresh = NULL;
    A0_AUTO(a0__string) old_id = NULL;
    A0_AUTO(a0__string) callback = NULL;
    uint64_t commits = 0;

    (void)state;
    world_init(&w, NULL);
    old = world_sign_in(&w, NULL);
    old_id = a0__strdup(a0_session_id(old));
    fresh = world_session(&w, NULL);
    w.tenant.sub = "auth0|b";
    callback = world_start(&w, fresh, NULL);
    commits = w.store.commits;
    assert_ok(complete(&w, fresh, callback, old), w.err);
    assert_int_equal(w.store.commits - commits, 2); /* taken; then everything */
    assert_string_equal(a0_session_user_id(fresh), "auth0|b");
    assert_false(a0_session_is_signed_in(old));
    assert_false(world_lives(&w, old_id));
    a0_session_free(old);
    a0_session_free(fresh);
    world_clear(&w);
}

static void
sess_09_a_failed_swap_leaves_who_was_there(void **state)
{
    world w;
    a0_session *old = NULL;
    a0_session *fresh = NULL;
    A0_AUTO(a0__string) callback = NULL;

    (void)state;
    world_init(&w, NULL);
    old = world_sign_in(&w, NULL);
    fresh = world_session(&w, NULL);
    callback = world_start(&w, fresh, NULL);
    w.store.only_commits = true;
    w.store.fail_at = w.store.commits + 2;
    w.store.error = A0_E_store_write_failed;
    assert_fails(complete(&w, fresh, callback, old), &w.err, store_write_failed);
    w.store.fail_at = 0;
    assert_true(a0_session_is_signed_in(old));
    assert_true(world_lives(&w, a0_session_id(old)));
    assert_false(a0_session_is_signed_in(fresh));
    assert_string_equal(w.tenant.last_revoked, "rt-canary-0");
    a0_session_free(old);
    a0_session_free(fresh);
    world_clear(&w);
}

static void
sess_09_a_session_may_replace_itself(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_session *same = NULL;
    A0_AUTO(a0__string) first = NULL;
    A0_AUTO(a0__string) second = NULL;

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, NULL);
    first = world_start(&w, session, NULL);
    assert_ok(complete(&w, session, first, session), w.err);
    assert_true(world_lives(&w, a0_session_id(session)));
    same = world_session(&w, a0_session_id(session));
    second = world_start(&w, session, NULL);
    assert_ok(complete(&w, session, second, same), w.err);
    assert_true(a0_session_is_signed_in(session));
    assert_false(a0_session_is_signed_in(same));
    assert_true(world_lives(&w, a0_session_id(session)));
    a0_session_free(same);
    a0_session_free(session);
    world_clear(&w);
}

/* A sign-out in another request, while Auth0 answers the refresh of this one. */
typedef struct meanwhile {
    world *w;
    char id[A0_SESSION_ID_LEN + 1];
    bool done;
} meanwhile;

static void
sign_out(void *self, const char *path, bool done)
{
    meanwhile *m = self;
    a0_session *session = NULL;
    const char *url = NULL;

    if (m->done || done || strcmp(path, "/oauth/token") != 0) {
        return;
    }
    m->done = true;
    session = world_session(m->w, m->id);
    assert_true(a0_session_is_signed_in(session));
    assert_ok(a0_logout(session, NULL, &url, &m->w->err), m->w->err);
    a0_session_free(session);
}

static void
sess_12_a_refresh_that_comes_back_after_the_sign_out_revives_nothing(void **state)
{
    (void)state;
    for (int revokes = 0; revokes < 2; revokes++) {
        world w;
        a0_session *session = NULL;
        a0_token *token = NULL;
        meanwhile m = { .w = &w };

        world_init(&w, revokes == 1 ? "\"revoke_on_logout\":true" : NULL);
        w.tenant.rotation = true;
        session = world_sign_in(&w, NULL);
        (void)snprintf(m.id, sizeof m.id, "%s", a0_session_id(session));
        test_clock_advance_s(&w.clock, 3601);
        w.tenant.watch = sign_out;
        w.tenant.watch_self = &m;
        assert_fails(a0_session_access_token(session, NULL, &token, &w.err), &w.err,
                     session_invalid);
        assert_true(m.done);
        assert_false(a0_session_is_signed_in(session));
        assert_false(world_lives(&w, m.id));
        /* The token that was issued to a session that is no more is given back. */
        assert_string_equal(w.tenant.last_revoked, "rt-canary-1");
        a0_session_free(session);
        world_clear(&w);
    }
}

static void
sess_13_idle_and_absolute_end_stand_in_the_record(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) id = NULL;

    (void)state;
    world_init(&w, "\"session_idle\":1000,\"session_lifetime\":2500");
    session = world_sign_in(&w, NULL);
    id = a0__strdup(a0_session_id(session));
    a0_session_free(session);
    test_clock_advance_s(&w.clock, 999);
    assert_true(world_lives(&w, id)); /* moves the idle end */
    test_clock_advance_s(&w.clock, 999);
    assert_true(world_lives(&w, id));
    test_clock_advance_s(&w.clock, 502);
    assert_false(world_lives(&w, id));
    test_clock_advance_s(&w.clock, -1502); /* presenting it again revives nothing */
    session = world_sign_in(&w, NULL);
    a0__free(a0__steal(&id));
    id = a0__strdup(a0_session_id(session));
    a0_session_free(session);
    test_clock_advance_s(&w.clock, 1000);
    assert_false(world_lives(&w, id));
    world_clear(&w);
}

static void
sess_14_the_upstream_ceiling_caps_the_session(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_token *token = NULL;
    char claim[64];
    size_t calls = 0;

    (void)state;
    world_init(&w, NULL);
    (void)snprintf(claim, sizeof claim, ",\"session_expiry\":%lld",
                   (long long)TEST_CLOCK_START_S + 5000);
    w.tenant.more_claims = claim;
    session = world_sign_in(&w, NULL);
    assert_int_equal(a0_session_expires_at(session), TEST_CLOCK_START_S + 5000);
    w.tenant.more_claims = NULL;
    test_clock_advance_s(&w.clock, 3601);
    assert_ok(a0_session_access_token(session, NULL, &token, &w.err), w.err);
    a0_token_free(token);
    assert_int_equal(a0_session_expires_at(session), TEST_CLOCK_START_S + 5000);
    test_clock_advance_s(&w.clock, 1400);
    calls = scripted_requests_len(w.tenant.script);
    /* Its token would be good for longer, the session is not. */
    assert_fails(a0_session_access_token(session, NULL, &token, &w.err), &w.err,
                 session_expired);
    assert_int_equal(scripted_requests_len(w.tenant.script), calls);
    assert_false(world_lives(&w, a0_session_id(session)));
    a0_session_free(session);
    world_clear(&w);
}

static void
sess_14_a_ceiling_in_the_past_signs_nobody_in_and_a_malformed_one_is_ignored(
    void **state)
{
    static const char *const odd[] = { ",\"session_expiry\":\"soon\"",
                                       ",\"session_expiry\":-5",
                                       ",\"session_expiry\":1772600767000000",
                                       ",\"session_expiry\":null" };
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) callback = NULL;

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    callback = world_start(&w, session, NULL);
    w.tenant.more_claims = ",\"session_expiry\":1000";
    assert_fails(complete(&w, session, callback, NULL), &w.err, session_expired);
    assert_false(a0_session_is_signed_in(session));
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        w.tenant.more_claims = odd[i];
        a0_login_free(world_login(&w, session));
        assert_int_equal(a0_session_expires_at(session), TEST_CLOCK_START_S + 604800);
        assert_int_equal(recording_log_count(&w.log, "session.expiry_ignored"), i + 1);
    }
    a0_session_free(session);
    world_clear(&w);
}

static void
sess_08_one_sweep_takes_away_what_a_flood_left(void **state)
{
    world w;
    size_t left = 1;

    (void)state;
    world_init(&w, NULL);
    for (int i = 0; i < 2500; i++) {
        a0_session *session = world_session(&w, NULL);
        const char *url = NULL;

        assert_ok(a0_login_start(session, FAKE_REDIRECT_URI, NULL, &url, &w.err),
                  w.err);
        a0_session_free(session);
    }
    test_clock_advance_s(&w.clock, 1200);
    assert_ok(a0_client_sweep(w.client, &w.err), w.err);
    assert_ok(w.store.inner->sweep(w.store.inner_self, test_clock_now_s(&w.clock), 1000,
                                   (a0_record_kind)0, 0, &left, &w.err),
              w.err);
    assert_int_equal(left, 0);
    world_clear(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sess_01_every_sign_in_changes_the_id_and_ends_the_old_one),
        cmocka_unit_test(
            sess_04_what_has_not_the_shape_of_an_id_does_not_reach_the_store),
        cmocka_unit_test(sess_05_a_row_that_was_changed_or_moved_is_nobody),
        cmocka_unit_test(
            sess_06_a_rotated_key_reads_what_was_and_a_removed_one_signs_out),
        cmocka_unit_test(
            sess_07_eight_tabs_finish_in_any_order_and_a_ninth_evicts_the_oldest),
        cmocka_unit_test(sess_07_finished_sign_ins_do_not_crowd_out_an_open_one),
        cmocka_unit_test(sess_07_a_crowd_of_parallel_starts_shrinks_again),
        cmocka_unit_test(sess_08_one_sweep_takes_away_what_a_flood_left),
        cmocka_unit_test(sess_09_a_sign_in_ends_who_was_there_before_in_the_same_write),
        cmocka_unit_test(sess_09_a_failed_swap_leaves_who_was_there),
        cmocka_unit_test(sess_09_a_session_may_replace_itself),
        cmocka_unit_test(
            sess_12_a_refresh_that_comes_back_after_the_sign_out_revives_nothing),
        cmocka_unit_test(sess_13_idle_and_absolute_end_stand_in_the_record),
        cmocka_unit_test(sess_14_the_upstream_ceiling_caps_the_session),
        cmocka_unit_test(
            sess_14_a_ceiling_in_the_past_signs_nobody_in_and_a_malformed_one_is_ignored),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
