/* SPDX-License-Identifier: MIT */
/* Signing out by Auth0's word while something is under way: rows LOUT-10 to LOUT-12. */
#include "logout_world.h"

#include <string.h>

#include "base/mem.h"
#include "flows/link_pending.h"
#include "flows/session_end.h"

/* ---- LOUT-10 ---- */

typedef struct overtaking {
    world *w;
    const char *sub;
    const char *sid;
    uint64_t at_commit; /* 0: when the code is being exchanged */
    bool done;
} overtaking;

static void
overtake(overtaking *o)
{
    if (!o->done) {
        o->done = true;
        assert_int_equal(logout_by_token(o->w, o->sub, o->sid, "lt-1"), 0);
    }
}

static void
overtake_at_exchange(void *self, const char *path, bool done)
{
    if (done && strcmp(path, "/oauth/token") == 0) {
        overtake(self);
    }
}

static void
overtake_at_commit(void *self, failing_store_call call, uint64_t n, bool done)
{
    overtaking *o = self;

    (void)n;
    if (!done && call == FAILING_STORE_COMMIT && o->w->store.commits == o->at_commit) {
        overtake(o);
    }
}

/* Before the code is exchanged and just before the session is written, by the sid and
 * by the person. */
static void
lout_10_a_logout_token_that_overtakes_the_sign_in_wins(void **state)
{
    for (int row = 0; row < 4; row++) {
        world w;
        overtaking o = { .w = &w,
                         .sub = row % 2 == 0 ? NULL : JO,
                         .sid = row % 2 == 0 ? "s-1" : NULL };
        a0_session *session = NULL;
        A0_AUTO(a0__string) callback = NULL;
        a0_login *login = NULL;

        (void)state;
        world_init(&w, NULL);
        w.tenant.sub = JO;
        w.tenant.sid = "s-1";
        session = world_session(&w, NULL);
        callback = world_start(&w, session, NULL);
        if (row < 2) {
            w.tenant.watch = overtake_at_exchange;
            w.tenant.watch_self = &o;
        } else {
            o.at_commit = w.store.commits + 2; /* after the transaction was taken */
            w.store.watch = overtake_at_commit;
            w.store.watch_self = &o;
        }
        assert_fails(a0_login_complete(session, callback, NULL, &login, &w.err), &w.err,
                     session_revoked);
        w.store.watch = NULL;
        w.tenant.watch = NULL;
        assert_true(o.done);
        assert_false(a0_session_is_signed_in(session));
        assert_int_equal(world_rows(&w, A0_RECORD_SESSION, A0_INDEX_USER_ID, JO), 0);
        assert_int_equal(world_rows(&w, A0_RECORD_REFRESH_TOKEN, A0_INDEX_USER_ID, JO),
                         0);
        assert_string_equal(w.tenant.last_revoked, "rt-canary-0");
        a0_session_free(session);
        world_clear(&w);
    }
}

static void
lout_10_who_signs_in_afresh_is_not_kept_out(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_session *other = NULL;
    A0_AUTO(a0__string) callback = NULL;
    a0_login *login = NULL;

    (void)state;
    world_init(&w, NULL);
    assert_int_equal(logout_by_token(&w, JO, NULL, "lt-1"), 0);
    assert_int_equal(logout_by_token(&w, NULL, "s-1", "lt-2"), 0);
    test_clock_advance_s(&w.clock, 1);
    session = logout_sign_in(&w, JO, "s-2");
    other = logout_sign_in(&w, ALEX, "s-3");
    assert_true(world_lives(&w, a0_session_id(session)) &&
                world_lives(&w, a0_session_id(other)));

    /* What was authenticated before the logout is over, however late it comes. */
    w.tenant.sub = JO;
    w.tenant.more_claims = ",\"auth_time\":1772600000";
    callback = world_start(&w, other, NULL);
    assert_fails(a0_login_complete(other, callback, NULL, &login, &w.err), &w.err,
                 session_revoked);
    a0_session_free(session);
    a0_session_free(other);
    world_clear(&w);
}

static void
lout_10_what_was_ended_is_remembered_for_ten_minutes(void **state)
{
    for (int late = 0; late < 2; late++) {
        world w;
        a0_session *session = NULL;
        A0_AUTO(a0__string) callback = NULL;
        a0_login *login = NULL;

        (void)state;
        world_init(&w, NULL);
        assert_int_equal(logout_by_token(&w, NULL, "s-1", "lt-1"), 0);
        test_clock_advance_s(&w.clock, late == 0 ? 600 : 661);
        w.tenant.sid = "s-1";
        session = world_session(&w, NULL);
        callback = world_start(&w, session, NULL);
        if (late == 0) {
            assert_fails(a0_login_complete(session, callback, NULL, &login, &w.err),
                         &w.err, session_revoked);
        } else {
            assert_ok(a0_login_complete(session, callback, NULL, &login, &w.err),
                      w.err);
            a0_login_free(login);
        }
        a0_session_free(session);
        world_clear(&w);
    }
}

/* ---- LOUT-11 ---- */

static void
lout_11_the_end_of_one_session_hides_no_other(void **state)
{
    world w;
    a0_session *first = NULL;
    a0_session *second = NULL;
    const char *url = NULL;

    (void)state;
    world_init(&w, NULL);
    first = logout_sign_in(&w, JO, "s-1");
    second = logout_sign_in(&w, JO, "s-1");
    assert_ok(a0_logout(first, NULL, &url, &w.err), w.err);
    assert_int_equal(logout_by_token(&w, JO, NULL, "lt-1"), 1);
    assert_false(world_lives(&w, a0_session_id(second)));
    a0_session_free(first);
    a0_session_free(second);
    world_clear(&w);
}

/* What linking does with a session. */
static void
give_to(world *w, a0_session *session, const char *sub)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__buf) plain = A0__BUF_INIT(A0__SESSION_RECORD_MAX);
    a0__session_record record = session->record;
    a0__signed_in_as signed_in_as;
    a0_record row = { 0 };
    bool applied = false;

    record.sub = a0__text_of(sub);
    assert_ok(a0__session_row(session, &record, &row, &plain, &w->err), w->err);
    assert_ok(a0__batch_update(&batch, w->client, &row, session->version, &session->id,
                               a0__buf_view(&plain), &w->err),
              w->err);
    assert_ok(a0__session_signed_in_as(&batch, w->client, session->key, &record,
                                       &signed_in_as, &w->err),
              w->err);
    assert_ok(a0__batch_commit(&batch, w->client, &applied, &w->err), w->err);
    assert_true(applied);
}

static void
lout_11_a_session_with_another_subject_is_found_by_both(void **state)
{
    static const struct {
        const char *sub;
        const char *sid;
        bool ends;
    } rows[] = {
        { ALEX, NULL, true }, { JO, NULL, true },    { NULL, "s-1", true },
        { JO, "s-1", true },  { ALEX, "s-1", true }, { "auth0|other", "s-1", false },
        { JO, "s-2", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        world w;
        a0_session *session = NULL;

        world_init(&w, NULL);
        session = logout_sign_in(&w, JO, "s-1");
        give_to(&w, session, ALEX);
        assert_int_equal(logout_by_token(&w, rows[i].sub, rows[i].sid, "lt-1"),
                         rows[i].ends ? 1 : 0);
        assert_int_equal(world_lives(&w, a0_session_id(session)), !rows[i].ends);
        assert_int_equal(world_rows(&w, A0_RECORD_MARK, A0_INDEX_OWNER, session->key),
                         rows[i].ends ? 0 : 1);
        a0_session_free(session);
        world_clear(&w);
    }
}

/* ---- LOUT-12 ---- */

static void
lout_12_what_the_session_had_begun_ends_with_it(void **state)
{
    world w;
    a0_session *ended = NULL;
    a0_session *stays = NULL;
    const char *url = NULL;

    (void)state;
    world_init(&w, NULL);
    w.tenant.scope = "openid profile email offline_access";
    ended = logout_sign_in(&w, JO, "s-1");
    w.tenant.scope = "create:me:connected_accounts";
    w.tenant.no_id_token_at_refresh = true;
    assert_ok(
        a0_connect_start(ended, "google-oauth2", FAKE_REDIRECT_URI, NULL, &url, &w.err),
        w.err);
    w.tenant.scope = "openid profile email offline_access";
    stays = logout_sign_in(&w, JO, "s-2");
    w.tenant.scope = "create:me:connected_accounts";
    assert_ok(
        a0_connect_start(stays, "google-oauth2", FAKE_REDIRECT_URI, NULL, &url, &w.err),
        w.err);
    assert_int_equal(world_rows(&w, A0_RECORD_TRANSACTION, A0_INDEX_USER_ID, JO), 2);
    assert_int_equal(logout_by_token(&w, NULL, "s-1", "lt-1"), 1);
    assert_int_equal(world_rows(&w, A0_RECORD_TRANSACTION, A0_INDEX_USER_ID, JO), 1);
    assert_int_equal(world_rows(&w, A0_RECORD_TRANSACTION, A0_INDEX_OWNER,
                                a0__session_browser(stays)),
                     1);
    a0_session_free(ended);
    a0_session_free(stays);
    world_clear(&w);
}

/* Alex had the address first and is asked to confirm that he is Jo as well. */
static void
ask_to_confirm(world *w, a0_session *session)
{
    const a0__link_identity jo = { .connection = A0__LIT("db"),
                                   .provider = A0__LIT("auth0"),
                                   .user_id = A0__LIT("jo") };
    const a0__link_profile primary = {
        .user_id = A0__LIT(ALEX),
        .identities = { { .connection = A0__LIT("google-oauth2"),
                          .provider = A0__LIT("google-oauth2"),
                          .user_id = A0__LIT("alex") } },
        .identities_len = 1,
    };
    const a0__link_verdict verdict = { .outcome = A0__LINK_PENDING,
                                       .rule = 4,
                                       .identity = &jo,
                                       .primary = &primary,
                                       .primary_identity = &primary.identities[0] };

    assert_ok(a0__pending_store(session, &(a0__pending_about){ .verdict = &verdict },
                                &w->err),
              w->err);
}

static void
lout_12_a_confirmation_under_way_ends_with_the_session(void **state)
{
    world w;
    a0_session *session = NULL;
    const a0_param connection = { "connection", "google-oauth2" };
    a0_login_options options = A0_LOGIN_OPTIONS_INIT;
    A0_AUTO(a0__string) callback = NULL;
    a0_login *login = NULL;

    (void)state;
    world_init(&w, NULL);
    session = logout_sign_in(&w, JO, "s-1");
    ask_to_confirm(&w, session);
    options.params = &connection;
    options.params_len = 1;
    callback = world_start(&w, session, &options);
    assert_int_equal(world_rows(&w, A0_RECORD_TRANSACTION, A0_INDEX_USER_ID, JO), 1);
    assert_int_equal(logout_by_token(&w, NULL, "s-1", "lt-1"), 1);
    assert_int_equal(world_rows(&w, A0_RECORD_TRANSACTION, A0_INDEX_USER_ID, JO), 0);
    w.tenant.sub = ALEX;
    w.tenant.sid = "s-2";
    assert_fails(a0_login_complete(session, callback, NULL, &login, &w.err), &w.err,
                 callback_state_unknown);
    a0_session_free(session);
    world_clear(&w);
}

static void
lout_12_no_kept_provider_token_outlives_the_session(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_token *token = NULL;

    (void)state;
    world_init(&w, NULL);
    session = logout_sign_in(&w, JO, "s-1");
    assert_ok(
        a0_vault_token_for_session(session, "google-oauth2", NULL, &token, &w.err),
        w.err);
    a0_token_free(token);
    assert_int_equal(logout_by_token(&w, NULL, "s-1", "lt-1"), 1);
    /* A request that had opened the session before. */
    assert_fails(
        a0_vault_token_for_session(session, "google-oauth2", NULL, &token, &w.err),
        &w.err, session_invalid);
    a0_session_free(session);
    world_clear(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lout_10_a_logout_token_that_overtakes_the_sign_in_wins),
        cmocka_unit_test(lout_10_who_signs_in_afresh_is_not_kept_out),
        cmocka_unit_test(lout_10_what_was_ended_is_remembered_for_ten_minutes),
        cmocka_unit_test(lout_11_the_end_of_one_session_hides_no_other),
        cmocka_unit_test(lout_11_a_session_with_another_subject_is_found_by_both),
        cmocka_unit_test(lout_12_what_the_session_had_begun_ends_with_it),
        cmocka_unit_test(lout_12_a_confirmation_under_way_ends_with_the_session),
        cmocka_unit_test(lout_12_no_kept_provider_token_outlives_the_session),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
