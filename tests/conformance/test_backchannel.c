/* SPDX-License-Identifier: MIT */
/* Signing out by Auth0's word, whole: rows LOUT-06 to LOUT-12 and JWKS-02. What the
 * token itself must be is held by test_logout_token. */
#include "world.h"

#include <stdio.h>
#include <string.h>

#include "base/base64url.h"
#include "base/mem.h"
#include "flows/link_pending.h"
#include "flows/session_end.h"
#include "json/json.h"

#define EVENT "{\"http://schemas.openid.net/event/backchannel-logout\":{}}"
enum {
    TOO_LARGE = 16385 /* bytes */
};

#define JO "auth0|jo"
#define ALEX "auth0|alex"

typedef struct logout_token {
    const char *sub;
    const char *sid;
    const char *jti;
    int64_t iat_offset_s;
} logout_token;

static char *
sign(world *w, const logout_token *token)
{
    A0_AUTO(a0__buf) claims = A0__BUF_INIT(8192);
    A0_AUTO(a0__buf) jws = A0__BUF_INIT(16384);
    a0__json_writer writer = a0__json_writer_on(&claims);
    int64_t iat = test_clock_now_s(&w->clock) + token->iat_offset_s;

    a0__json_open(&writer, '{');
    a0__json_put_string(&writer, "iss", FAKE_ISSUER);
    a0__json_put_string(&writer, "aud", FAKE_CLIENT_ID);
    a0__json_put_i64(&writer, "iat", iat);
    a0__json_put_i64(&writer, "exp", iat + 120);
    a0__json_put_string(&writer, "jti", token->jti);
    if (token->sub != NULL) {
        a0__json_put_string(&writer, "sub", token->sub);
    }
    if (token->sid != NULL) {
        a0__json_put_string(&writer, "sid", token->sid);
    }
    a0__json_name(&writer, "events");
    a0__json_value_raw(&writer, A0__LIT(EVENT));
    a0__json_close(&writer, '}');
    assert_int_equal(a0__jws_sign(w->tenant.key, A0__RS256, w->tenant.kid, "JWT",
                                  a0__buf_view(&claims), &jws, NULL),
                     A0_OK);
    return a0__buf_take(&jws);
}

/* How many sessions ended; asserts success. */
static size_t
log_out(world *w, const char *sub, const char *sid, const char *jti)
{
    A0_AUTO(a0__string)
    token = sign(w, &(logout_token){ .sub = sub, .sid = sid, .jti = jti });
    size_t ended = 1000;

    assert_ok(a0_logout_backchannel(w->client, token, &ended, &w->err), w->err);
    return ended;
}

static a0_session *
signed_in(world *w, const char *sub, const char *sid)
{
    w->tenant.sid = sid;
    return world_sign_in(w, sub);
}

static bool
lives(world *w, const a0_session *session)
{
    return world_lives(w, a0_session_id(session));
}

/* ---- LOUT-06 ---- */

static void
lout_06_a_token_ends_exactly_what_it_names(void **state)
{
    static const struct {
        const char *sub;
        const char *sid;
        size_t ended;
        const char *left; /* of the sessions 1 to 3 */
    } rows[] = {
        { NULL, "s-1", 1, ".23" },     { JO, NULL, 2, "..3" },
        { JO, "s-2", 1, "1.3" },       { ALEX, "s-1", 0, "123" },
        { NULL, "s-9", 0, "123" },     { "auth0|nobody", NULL, 0, "123" },
        { "auth0|j", NULL, 0, "123" }, { NULL, "s", 0, "123" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        world w;
        a0_session *sessions[3] = { NULL };
        char left[4] = "123";

        world_init(&w, NULL);
        sessions[0] = signed_in(&w, JO, "s-1");
        sessions[1] = signed_in(&w, JO, "s-2");
        sessions[2] = signed_in(&w, ALEX, "s-3");
        assert_int_equal(log_out(&w, rows[i].sub, rows[i].sid, "lt-1"), rows[i].ended);
        for (size_t j = 0; j < 3; j++) {
            left[j] = lives(&w, sessions[j]) ? left[j] : '.';
            a0_session_free(sessions[j]);
        }
        assert_string_equal(left, rows[i].left);
        world_clear(&w);
    }
}

static void
lout_06_another_node_sees_it_at_once_and_nothing_is_revoked(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_client *other = NULL;
    a0_client *here = NULL;

    (void)state;
    world_init(&w, "\"revoke_on_logout\":true");
    session = signed_in(&w, JO, "s-1");
    other = world_another_client(&w, "\"revoke_on_logout\":true", NULL, NULL);
    here = w.client;
    w.client = other;
    assert_int_equal(log_out(&w, NULL, "s-1", "lt-1"), 1);
    w.client = here;
    assert_false(lives(&w, session));
    assert_int_equal(fake_tenant_calls(&w.tenant, "/oauth/revoke"), 0);
    assert_int_equal(world_rows(&w, A0_RECORD_REFRESH_TOKEN, A0_INDEX_USER_ID, JO), 0);
    a0_session_free(session);
    a0_client_free(other);
    world_clear(&w);
}

static void
lout_06_more_sessions_than_one_reading_finds_all_end(void **state)
{
    world w;
    a0_session *sessions[40] = { NULL };

    (void)state;
    world_init(&w, NULL);
    for (size_t i = 0; i < 40; i++) {
        sessions[i] = signed_in(&w, JO, "s-1");
    }
    assert_int_equal(log_out(&w, JO, NULL, "lt-1"), 40);
    for (size_t i = 0; i < 40; i++) {
        assert_false(lives(&w, sessions[i]));
        a0_session_free(sessions[i]);
    }
    world_clear(&w);
}

static void
lout_06_a_refresh_token_that_another_session_uses_stays(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_record other = { .size = sizeof other,
                        .kind = A0_RECORD_SESSION,
                        .key = "another-session",
                        .created_at = TEST_CLOCK_START_S,
                        .expires_at = TEST_CLOCK_START_S + 1000,
                        .user_id = "",
                        .sid = "",
                        .data = "x",
                        .data_len = 1 };
    const a0_store_op op = { .type = A0_STORE_INSERT, .record = &other };
    bool applied = false;

    (void)state;
    world_init(&w, NULL);
    session = signed_in(&w, JO, "s-1");
    other.owner = session->record.refresh_key.ptr;
    assert_int_equal(w.store.inner->commit(w.store.inner_self, &op, 1,
                                           TEST_CLOCK_START_S, &applied, NULL),
                     A0_OK);
    assert_int_equal(log_out(&w, NULL, "s-1", "lt-1"), 1);
    assert_int_equal(world_rows(&w, A0_RECORD_REFRESH_TOKEN, A0_INDEX_USER_ID, JO), 1);
    a0_session_free(session);
    world_clear(&w);
}

/* ---- LOUT-07 ---- */

static void
lout_07_a_token_that_is_none_ends_nothing(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) id_token = NULL;
    A0_AUTO(a0__buf) large = A0__BUF_INIT(TOO_LARGE);

    (void)state;
    world_init(&w, NULL);
    session = signed_in(&w, JO, "s-1");
    id_token = fake_tenant_id_token(&w.tenant, false);
    for (size_t i = 0; i < TOO_LARGE; i++) {
        a0__buf_byte(&large, 'a');
    }
    {
        const char *const bad[] = {
            NULL, "", "a", "a.b.c", "e30.e30.", id_token, a0__buf_cstr(&large)
        };

        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
            assert_fails(a0_logout_backchannel(w.client, bad[i], NULL, &w.err), &w.err,
                         logout_token_invalid);
        }
    }
    assert_true(lives(&w, session));
    a0_session_free(session);
    world_clear(&w);
}

/* ---- LOUT-08 ---- */

static void
lout_08_a_token_is_good_once(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) token = NULL;

    (void)state;
    world_init(&w, NULL);
    token = sign(&w, &(logout_token){ .sub = JO, .jti = "lt-1" });
    assert_ok(a0_logout_backchannel(w.client, token, NULL, &w.err), w.err);
    test_clock_advance_s(&w.clock, 5);
    session = signed_in(&w, JO, "s-1");
    assert_fails(a0_logout_backchannel(w.client, token, NULL, &w.err), &w.err,
                 logout_token_replayed);
    assert_true(lives(&w, session));
    assert_int_equal(log_out(&w, JO, NULL, "lt-2"), 1);
    a0_session_free(session);
    world_clear(&w);
}

static void
lout_08_without_the_memory_of_tokens_sessions_end_all_the_same(void **state)
{
    /* The first call of the store asks whether the token is known, the last commit
     * keeps it. */
    for (int remembering = 0; remembering < 2; remembering++) {
        world w;
        a0_session *session = NULL;

        (void)state;
        world_init(&w, NULL);
        session = signed_in(&w, JO, "s-1");
        w.store.only_commits = remembering == 1;
        w.store.fail_at = remembering == 1 ? w.store.commits + 3 : w.store.calls + 1;
        assert_int_equal(log_out(&w, NULL, "s-1", "lt-1"), 1);
        w.store.fail_at = 0;
        assert_int_equal(recording_log_count(&w.log, "bcl.replay_check_unavailable"),
                         1);
        assert_false(lives(&w, session));
        a0_session_free(session);
        world_clear(&w);
    }
}

static void
lout_08_a_token_that_could_not_be_carried_out_works_again(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) token = NULL;

    (void)state;
    world_init(&w, NULL);
    session = signed_in(&w, JO, "s-1");
    token = sign(&w, &(logout_token){ .sid = "s-1", .jti = "lt-1" });
    w.store.only_commits = true;
    w.store.fail_at = w.store.commits + 2;
    assert_fails(a0_logout_backchannel(w.client, token, NULL, &w.err), &w.err,
                 store_unavailable);
    w.store.fail_at = 0;
    assert_true(lives(&w, session));
    assert_ok(a0_logout_backchannel(w.client, token, NULL, &w.err), w.err);
    assert_false(lives(&w, session));
    a0_session_free(session);
    world_clear(&w);
}

/* ---- LOUT-09, JWKS-02 ---- */

/* Forged, so that making ten thousand costs no signatures. */
static void
forge(unsigned i, char out[512])
{
    A0_AUTO(a0__buf) header = A0__BUF_INIT(256);
    A0_AUTO(a0__buf) text = A0__BUF_INIT(512);

    a0__buf_format(&header,
                   "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"made-up-%u\"}", i);
    a0__base64url_encode(header.ptr, header.len, &text);
    a0__buf_string(&text, ".e30.AAAA");
    memcpy(out, a0__buf_cstr(&text), text.len + 1);
}

static void
jwks_02_ten_thousand_forged_logout_tokens_cost_one_fetch(void **state)
{
    world w;
    a0_session *session = NULL;
    size_t before = 0;
    char forged[512];

    (void)state;
    world_init(&w, NULL);
    session = signed_in(&w, JO, "s-1");
    before = fake_tenant_calls(&w.tenant, "/.well-known/jwks.json");
    for (unsigned i = 0; i < 10000; i++) {
        forge(i, forged);
        assert_fails(a0_logout_backchannel(w.client, forged, NULL, &w.err), &w.err,
                     logout_token_invalid);
    }
    assert_int_equal(fake_tenant_calls(&w.tenant, "/.well-known/jwks.json"),
                     before + 1);
    assert_int_equal(recording_log_count(&w.log, "jwks.refresh_throttled"), 1);
    assert_true(lives(&w, session));
    assert_int_equal(log_out(&w, NULL, "s-1", "lt-1"), 1);
    a0_session_free(session);
    world_clear(&w);
}

static void
lout_09_a_key_published_since_is_fetched(void **state)
{
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, NULL);
    session = signed_in(&w, JO, "s-1");
    w.tenant.kid = "rotated";
    w.tenant.published_kid = "rotated";
    assert_int_equal(log_out(&w, NULL, "s-1", "lt-1"), 1);
    a0_session_free(session);
    world_clear(&w);
}

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
        assert_int_equal(log_out(o->w, o->sub, o->sid, "lt-1"), 0);
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
    assert_int_equal(log_out(&w, JO, NULL, "lt-1"), 0);
    assert_int_equal(log_out(&w, NULL, "s-1", "lt-2"), 0);
    test_clock_advance_s(&w.clock, 1);
    session = signed_in(&w, JO, "s-2");
    other = signed_in(&w, ALEX, "s-3");
    assert_true(lives(&w, session) && lives(&w, other));

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
        assert_int_equal(log_out(&w, NULL, "s-1", "lt-1"), 0);
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
    first = signed_in(&w, JO, "s-1");
    second = signed_in(&w, JO, "s-1");
    assert_ok(a0_logout(first, NULL, &url, &w.err), w.err);
    assert_int_equal(log_out(&w, JO, NULL, "lt-1"), 1);
    assert_false(lives(&w, second));
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
    char key[A0__SIGNED_IN_AS_MAX];
    a0_record row = { 0 };
    bool applied = false;

    record.sub = a0__text_of(sub);
    assert_ok(a0__session_row(session, &record, &row, &plain, &w->err), w->err);
    assert_ok(a0__batch_update(&batch, w->client, &row, session->version, &session->id,
                               a0__buf_view(&plain), &w->err),
              w->err);
    assert_ok(a0__session_signed_in_as(&batch, w->client, session->key, &record, key,
                                       &w->err),
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
        session = signed_in(&w, JO, "s-1");
        give_to(&w, session, ALEX);
        assert_int_equal(log_out(&w, rows[i].sub, rows[i].sid, "lt-1"),
                         rows[i].ends ? 1 : 0);
        assert_int_equal(lives(&w, session), !rows[i].ends);
        assert_int_equal(world_rows(&w, A0_RECORD_MARK, A0_INDEX_USER_ID, JO),
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
    ended = signed_in(&w, JO, "s-1");
    w.tenant.scope = "create:me:connected_accounts";
    w.tenant.no_id_token_at_refresh = true;
    assert_ok(
        a0_connect_start(ended, "google-oauth2", FAKE_REDIRECT_URI, NULL, &url, &w.err),
        w.err);
    w.tenant.scope = "openid profile email offline_access";
    stays = signed_in(&w, JO, "s-2");
    w.tenant.scope = "create:me:connected_accounts";
    assert_ok(
        a0_connect_start(stays, "google-oauth2", FAKE_REDIRECT_URI, NULL, &url, &w.err),
        w.err);
    assert_int_equal(world_rows(&w, A0_RECORD_TRANSACTION, A0_INDEX_USER_ID, JO), 2);
    assert_int_equal(log_out(&w, NULL, "s-1", "lt-1"), 1);
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
    session = signed_in(&w, JO, "s-1");
    ask_to_confirm(&w, session);
    options.params = &connection;
    options.params_len = 1;
    callback = world_start(&w, session, &options);
    assert_int_equal(world_rows(&w, A0_RECORD_TRANSACTION, A0_INDEX_USER_ID, JO), 1);
    assert_int_equal(log_out(&w, NULL, "s-1", "lt-1"), 1);
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
    session = signed_in(&w, JO, "s-1");
    assert_ok(
        a0_vault_token_for_session(session, "google-oauth2", NULL, &token, &w.err),
        w.err);
    a0_token_free(token);
    assert_int_equal(log_out(&w, NULL, "s-1", "lt-1"), 1);
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
        cmocka_unit_test(lout_06_a_token_ends_exactly_what_it_names),
        cmocka_unit_test(lout_06_another_node_sees_it_at_once_and_nothing_is_revoked),
        cmocka_unit_test(lout_06_more_sessions_than_one_reading_finds_all_end),
        cmocka_unit_test(lout_06_a_refresh_token_that_another_session_uses_stays),
        cmocka_unit_test(lout_07_a_token_that_is_none_ends_nothing),
        cmocka_unit_test(lout_08_a_token_is_good_once),
        cmocka_unit_test(
            lout_08_without_the_memory_of_tokens_sessions_end_all_the_same),
        cmocka_unit_test(lout_08_a_token_that_could_not_be_carried_out_works_again),
        cmocka_unit_test(jwks_02_ten_thousand_forged_logout_tokens_cost_one_fetch),
        cmocka_unit_test(lout_09_a_key_published_since_is_fetched),
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
