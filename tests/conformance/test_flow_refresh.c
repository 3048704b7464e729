/* SPDX-License-Identifier: MIT */
/* Refreshing as a whole, with everything that happens beside it: rows of group RFR. */
#include "world.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "flows/session.h"
#include "store_fixture.h"

#define API                                                                            \
    "\"audience\":\"https://api.example\","                                            \
    "\"authorization_params\":{\"scope\":\"openid offline_access read:things\"}"

static a0_status
ask(world *w, a0_session *session)
{
    a0_token *token = NULL;
    a0_status status = a0_session_access_token(session, NULL, &token, &w->err);

    if (status == A0_OK) {
        assert_non_null(a0_token_access_token(token));
        a0_token_free(token);
    }
    return status;
}

/* Live rows of a kind by the user's id; for ACCOUNT_TOKEN that is the key. */
static size_t
rows_of(world *w, a0_record_kind kind)
{
    return world_rows(w, kind, A0_INDEX_USER_ID, w->tenant.sub);
}

static void
is_gone(world *w, const char *id)
{
    a0_session *session = world_session(w, id);

    assert_false(a0_session_is_signed_in(session));
    assert_int_equal(rows_of(w, A0_RECORD_SESSION), 0);
    assert_int_equal(rows_of(w, A0_RECORD_REFRESH_TOKEN), 0);
    assert_int_equal(rows_of(w, A0_RECORD_ACCOUNT_TOKEN), 0);
    a0_session_free(session);
}

/* Another process holds the lock of the token and never comes to an end. */
static void
rfr_02_who_waits_in_vain_is_told_when_to_come_back(void **state)
{
    char key[128] = "refresh|";
    world w;
    a0_session *session = NULL;
    a0_record lock = { .size = sizeof lock,
                       .kind = A0_RECORD_LOCK,
                       .key = key,
                       .created_at = TEST_CLOCK_START_S,
                       .expires_at = TEST_CLOCK_START_S + 7200,
                       .owner = "",
                       .user_id = "",
                       .sid = "",
                       .data = "x",
                       .data_len = 1 };
    const a0_store_op op = { .type = A0_STORE_INSERT, .record = &lock };
    bool applied = false;

    (void)state;
    world_init(&w, API);
    session = world_sign_in(&w, NULL);
    (void)strncat(key, session->record.refresh_key.ptr, sizeof key - 10);
    assert_ok(w.store.inner->commit(w.store.inner_self, &op, 1, TEST_CLOCK_START_S,
                                    &applied, &w.err),
              w.err);
    assert_true(applied);
    test_clock_advance_s(&w.clock, 3601);
    assert_int_equal(ask(&w, session), A0_UNAVAILABLE);
    assert_string_equal(a0_error_id(w.err), "refresh_in_progress");
    assert_int_equal(a0_error_http_status(w.err), 503);
    assert_true(a0_error_retry_after_s(w.err) > 0);
    assert_in_range(w.clock.slept_ms, 9000, 11000);
    assert_int_equal(w.tenant.refreshes, 0);
    assert_true(a0_session_is_signed_in(session));
    a0_session_free(session);
    world_clear(&w);
}

static void
take_six_seconds_to_describe_itself(void *self, const char *path, bool done)
{
    world *w = self;

    if (!done && strcmp(path, "/.well-known/openid-configuration") == 0) {
        test_clock_advance_s(&w->clock, 6);
    }
}

/* The lease covers one request; a process that had to learn the tenant's endpoints in
 * its turn might send the token while the next one does. */
static void
rfr_02_a_turn_that_has_lasted_too_long_sends_nothing(void **state)
{
    world w;
    a0_client *cold = NULL;
    a0_session *session = NULL;
    a0_session *there = NULL;

    (void)state;
    world_init(&w, API);
    w.tenant.rotation = true;
    session = world_sign_in(&w, NULL);
    cold = world_another_client(&w, API, NULL, NULL);
    assert_ok(a0_session_open(cold, a0_session_id(session), &there, &w.err), w.err);
    test_clock_advance_s(&w.clock, 3601);
    w.tenant.watch = take_six_seconds_to_describe_itself;
    w.tenant.watch_self = &w;
    assert_int_equal(ask(&w, there), A0_UNAVAILABLE);
    a0_error_free(a0__steal(&w.err));
    assert_int_equal(w.tenant.refreshes, 0);
    test_clock_advance_s(&w.clock, 61);
    assert_ok(ask(&w, there), w.err);
    assert_int_equal(w.tenant.refreshes, 1);
    a0_session_free(session);
    a0_session_free(there);
    a0_client_free(cold);
    world_clear(&w);
}

static void
rfr_03_a_replayed_token_ends_the_session_and_is_said(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) id = NULL;

    (void)state;
    world_init(&w, API);
    w.tenant.rotation = true;
    session = world_sign_in(&w, NULL);
    id = a0__strdup(a0_session_id(session));
    test_clock_advance_s(&w.clock, 3601);
    assert_ok(ask(&w, session), w.err);
    test_clock_advance_s(&w.clock, 3601);
    (void)snprintf(w.tenant.refresh_token, sizeof w.tenant.refresh_token, "killed");
    assert_fails(ask(&w, session), &w.err, refresh_rejected);
    assert_false(a0_session_is_signed_in(session));
    assert_int_equal(recording_log_count(&w.log, "refresh.reuse_suspected"), 1);
    is_gone(&w, id);
    /* No loop: the next use asks nobody. */
    assert_fails(ask(&w, session), &w.err, session_missing);
    assert_int_equal(fake_tenant_calls(&w.tenant, "/oauth/token"), 3);
    a0_session_free(session);
    world_clear(&w);
}

static void
rfr_04_a_lost_answer_is_asked_for_again_only_where_the_tenant_has_leeway(void **state)
{
    (void)state;
    for (int leeway = 0; leeway < 2; leeway++) {
        world w;
        a0_session *session = NULL;
        size_t before = 0;

        world_init(&w, leeway == 1 ? API ",\"refresh_token_leeway\":30" : API);
        session = world_sign_in(&w, NULL);
        test_clock_advance_s(&w.clock, 3601);
        before = fake_tenant_calls(&w.tenant, "/oauth/token");
        w.tenant.network_error = A0_E_http_timeout;
        w.tenant.network_error_sent = true;
        if (leeway == 1) {
            assert_ok(ask(&w, session), w.err);
        } else {
            assert_fails(ask(&w, session), &w.err, refresh_unavailable);
        }
        assert_int_equal(fake_tenant_calls(&w.tenant, "/oauth/token") - before,
                         leeway == 1 ? 2 : 1);
        assert_true(a0_session_is_signed_in(session));
        a0_session_free(session);
        world_clear(&w);
    }
}

static void
take_six_seconds(void *self, const char *path, bool done)
{
    world *w = self;

    if (!done && strcmp(path, "/oauth/token") == 0) {
        test_clock_advance_s(&w->clock, 6);
    }
}

static void
rfr_04_a_repetition_that_would_outlive_the_lease_is_not_made(void **state)
{
    world w;
    a0_session *session = NULL;
    size_t before = 0;

    (void)state;
    world_init(&w, API ",\"refresh_token_leeway\":30");
    session = world_sign_in(&w, NULL);
    test_clock_advance_s(&w.clock, 3601);
    before = fake_tenant_calls(&w.tenant, "/oauth/token");
    w.tenant.network_error = A0_E_http_timeout;
    w.tenant.network_error_sent = true;
    w.tenant.watch = take_six_seconds;
    w.tenant.watch_self = &w;
    assert_fails(ask(&w, session), &w.err, refresh_unavailable);
    assert_int_equal(fake_tenant_calls(&w.tenant, "/oauth/token") - before, 1);
    a0_session_free(session);
    world_clear(&w);
}

static void
rfr_05_a_dead_token_goes_everywhere_with_its_session(void **state)
{
    static const struct {
        int status;
        const char *body;
    } rows[] = {
        { 400, "{\"error\":\"invalid_grant\"}" },
        { 401, "{\"error\":\"invalid_grant\"}" },
        { 403, "{\"error\":\"invalid_grant\"}" },
        { 403, "{\"error\":\"access_denied\"}" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        world w;
        a0_session *session = NULL;
        A0_AUTO(a0__string) id = NULL;

        world_init(&w, API);
        session = world_sign_in(&w, NULL);
        id = a0__strdup(a0_session_id(session));
        test_clock_advance_s(&w.clock, 3601);
        w.tenant.token_status = rows[i].status;
        w.tenant.token_body = rows[i].body;
        assert_int_equal(ask(&w, session), A0_LOGIN_REQUIRED);
        assert_string_equal(a0_error_id(w.err), "refresh_rejected");
        assert_string_equal(a0_error_code(w.err), "refresh_token_error");
        assert_non_null(a0_error_peer_code(w.err));
        assert_int_equal(a0_error_http_status(w.err), 401);
        a0_error_free(a0__steal(&w.err));
        is_gone(&w, id);
        a0_session_free(session);
        world_clear(&w);
    }
}

/* A second client that writes the user's newest token while the first is about to end
 * the session. */
typedef struct intruder {
    world *w;
    unsigned commits; /* of the first client, from the moment it is armed */
    unsigned at;
    bool armed;
} intruder;

static void
write_newest(void *self, failing_store_call call, uint64_t n, bool done)
{
    intruder *i = self;
    const a0_record newest = { .size = sizeof newest,
                               .kind = A0_RECORD_ACCOUNT_TOKEN,
                               .key = i->w->tenant.sub,
                               .created_at = 1,
                               .owner = "",
                               .user_id = i->w->tenant.sub,
                               .sid = "",
                               .data = "sealed by somebody else",
                               .data_len = 23 };
    const a0_store_op op = { .type = A0_STORE_UPDATE, .record = &newest };
    bool applied = false;

    (void)n;
    if (!i->armed || done || call != FAILING_STORE_COMMIT || ++i->commits != i->at) {
        return;
    }
    assert_int_equal(i->w->store.inner->commit(i->w->store.inner_self, &op, 1,
                                               test_clock_now_s(&i->w->clock), &applied,
                                               NULL),
                     A0_OK);
    assert_true(applied);
}

static void
rfr_05_an_end_that_meets_another_writer_is_an_end_all_the_same(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) id = NULL;
    intruder i = { .w = &w,
                   .at = 2 }; /* the lock is the first commit, the end the next */

    (void)state;
    world_init(&w, API);
    session = world_sign_in(&w, NULL);
    id = a0__strdup(a0_session_id(session));
    test_clock_advance_s(&w.clock, 3601);
    w.tenant.token_status = 403;
    w.tenant.token_body = "{\"error\":\"invalid_grant\"}";
    w.store.watch = write_newest;
    w.store.watch_self = &i;
    i.armed = true;
    assert_fails(ask(&w, session), &w.err, refresh_rejected);
    i.armed = false;
    assert_int_equal(rows_of(&w, A0_RECORD_SESSION), 0);
    assert_int_equal(rows_of(&w, A0_RECORD_REFRESH_TOKEN), 0);
    a0_session_free(session);
    world_clear(&w);
}

static void
rfr_06_while_auth0_is_away_what_is_valid_is_served_and_asking_pauses(void **state)
{
    world w;
    a0_session *session = NULL;
    size_t calls = 0;

    (void)state;
    world_init(&w, API);
    session = world_sign_in(&w, NULL);
    w.tenant.token_status = 503;
    w.tenant.token_body = "{}";
    w.tenant.token_fault_stays = true;
    test_clock_advance_s(&w.clock, 3570); /* due, but good for half a minute */
    assert_ok(ask(&w, session), w.err);
    test_clock_advance_s(&w.clock, 31);
    calls = fake_tenant_calls(&w.tenant, "/oauth/token");
    for (int i = 0; i < 100; i++) {
        assert_int_equal(ask(&w, session), A0_UNAVAILABLE);
        assert_string_equal(a0_error_id(w.err), "refresh_unavailable");
        assert_int_equal(a0_error_http_status(w.err), 503);
        assert_true(a0_error_retry_after_s(w.err) > 0);
        a0_error_free(a0__steal(&w.err));
        assert_true(a0_session_is_signed_in(session));
    }
    assert_true(fake_tenant_calls(&w.tenant, "/oauth/token") - calls <= 2);
    for (int i = 0; i < 600; i++) {
        test_clock_advance_s(&w.clock, 1);
        assert_int_equal(ask(&w, session), A0_UNAVAILABLE);
        a0_error_free(a0__steal(&w.err));
    }
    assert_true(fake_tenant_calls(&w.tenant, "/oauth/token") - calls < 20);
    w.tenant.token_status = 0;
    test_clock_advance_s(&w.clock, 61);
    assert_ok(ask(&w, session), w.err);
    a0_session_free(session);
    world_clear(&w);
}

static void
rfr_06_a_clock_that_is_put_back_does_not_stretch_the_pause(void **state)
{
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, API);
    session = world_sign_in(&w, NULL);
    test_clock_advance_s(&w.clock, 7200);
    w.tenant.token_status = 503;
    w.tenant.token_body = "{}";
    assert_int_equal(ask(&w, session), A0_UNAVAILABLE);
    a0_error_free(a0__steal(&w.err));
    test_clock_set_wall_s(&w.clock, test_clock_now_s(&w.clock) - 3590);
    assert_ok(ask(&w, session), w.err);
    a0_session_free(session);
    world_clear(&w);
}

/* By a claim that is wrong in any ID token, and by ones that are another sign-in's. */
static void
rfr_07_an_id_token_of_another_sign_in_ends_the_session(void **state)
{
    static const struct {
        const char *iss;
        const char *sub;
        const char *more_claims;
    } others[] = {
        { .iss = "https://evil.example/" },
        { .sub = "auth0|other" },
        { .more_claims = ",\"azp\":\"" FAKE_CLIENT_ID "\"" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        world w;
        a0_session *session = NULL;
        A0_AUTO(a0__string) id = NULL;
        const char *sub = NULL;

        world_init(&w, API);
        session = world_sign_in(&w, NULL);
        id = a0__strdup(a0_session_id(session));
        sub = w.tenant.sub;
        w.tenant.iss = others[i].iss != NULL ? others[i].iss : w.tenant.iss;
        w.tenant.sub = others[i].sub != NULL ? others[i].sub : w.tenant.sub;
        w.tenant.more_claims = others[i].more_claims != NULL ? others[i].more_claims
                                                             : w.tenant.more_claims;
        test_clock_advance_s(&w.clock, 3601);
        assert_fails(ask(&w, session), &w.err, refresh_identity_mismatch);
        assert_int_equal(recording_log_count(&w.log, "refresh.identity_rejected"), 1);
        assert_false(a0_session_is_signed_in(session));
        w.tenant.sub = sub;
        is_gone(&w, id);
        a0_session_free(session);
        world_clear(&w);
    }
}

static void
rfr_08_a_malformed_refresh_token_keeps_the_old_one(void **state)
{
    static const char *const odd[] = { ",\"refresh_token\":\"\"",
                                       ",\"refresh_token\":null",
                                       ",\"refresh_token\":7" };
    world w;
    a0_session *session = NULL;
    const char *kept = NULL;

    (void)state;
    world_init(&w, API);
    session = world_sign_in(&w, NULL);
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        test_clock_advance_s(&w.clock, 3601);
        w.tenant.more_answer = odd[i];
        assert_fails(ask(&w, session), &w.err, token_response_invalid);
        assert_ok(a0_session_refresh_token(session, &kept, &w.err), w.err);
        assert_string_equal(kept, "rt-canary-0");
    }
    w.tenant.more_answer = ",\"refresh_token\":\"rt-canary-0\"";
    assert_ok(ask(&w, session), w.err);
    w.tenant.more_answer = NULL;
    test_clock_advance_s(&w.clock, 3601);
    assert_ok(ask(&w, session), w.err);
    assert_ok(a0_session_refresh_token(session, &kept, &w.err), w.err);
    assert_string_equal(kept, "rt-canary-0");
    a0_session_free(session);
    world_clear(&w);
}

/* Time passes between the answer and the moment it is handed out. */
static void
let_time_pass(void *self, failing_store_call call, uint64_t n, bool done)
{
    (void)n;
    if (done && call == FAILING_STORE_COMMIT) {
        test_clock_advance_s(self, 1);
    }
}

static void
rfr_09_a_token_that_has_just_come_is_served_whatever_its_lifetime(void **state)
{
    static const int64_t lifetimes[] = { 1, 2, 5, 30, 300, 3600 };

    (void)state;
    for (size_t i = 0; i < sizeof lifetimes / sizeof lifetimes[0]; i++) {
        world w;
        a0_session *session = NULL;

        world_init(&w, API);
        w.tenant.expires_in = lifetimes[i];
        session = world_sign_in(&w, NULL);
        test_clock_advance_s(&w.clock, 3601);
        w.store.watch = let_time_pass;
        w.store.watch_self = &w.clock;
        assert_ok(ask(&w, session), w.err);
        w.store.watch = NULL;
        for (int s = 0; s < 3; s++) {
            assert_ok(ask(&w, session), w.err);
        }
        assert_int_equal(w.tenant.refreshes, 1);
        a0_session_free(session);
        world_clear(&w);
    }
}

static void
rfr_10_a_token_for_another_audience_is_neither_kept_nor_given(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_token *token = NULL;
    a0_access_token_options options = A0_ACCESS_TOKEN_OPTIONS_INIT;
    const char *kept = NULL;

    (void)state;
    world_init(&w, API);
    w.tenant.rotation = true;
    session = world_sign_in(&w, NULL);
    options.audience = "https://other.example";
    options.scope = "read:things";
    (void)snprintf(w.tenant.access_audience, sizeof w.tenant.access_audience,
                   "https://api.example");
    for (unsigned i = 1; i <= 2; i++) {
        assert_fails(a0_session_access_token(session, &options, &token, &w.err), &w.err,
                     refresh_audience_mismatch);
        assert_null(token);
        assert_int_equal(w.tenant.refreshes, i);
        /* The rotated token is kept: the old one is spent. */
        assert_ok(a0_session_refresh_token(session, &kept, &w.err), w.err);
        assert_string_equal(kept, w.tenant.refresh_token);
    }
    assert_true(a0_session_is_signed_in(session));
    a0_session_free(session);
    world_clear(&w);
}

static char *
token_for(world *w, a0_session *session, const char *audience, const char *scope)
{
    a0_access_token_options options = A0_ACCESS_TOKEN_OPTIONS_INIT;
    a0_token *token = NULL;
    char *text = NULL;

    options.audience = audience;
    options.scope = scope;
    assert_ok(a0_session_access_token(session, &options, &token, &w->err), w->err);
    text = a0__strdup(a0_token_access_token(token));
    a0_token_free(token);
    return text;
}

/* Some of them read the same when audience and scope are written in a row. */
static void
rfr_10_no_two_keys_of_a_token_are_taken_for_each_other(void **state)
{
    static const struct {
        const char *audience;
        const char *scope;
    } keys[] = { { "https://a", "b c" },  { "https://ab", "c" },
                 { "https://a", "c" },    { "https://a", "bc" },
                 { "https://a", "B c" },  { "https://a/", "b c" },
                 { "https://a1:", "b" },  { "https://a", "1:b" },
                 { "https://a:", "1:b" }, { "https://a", "b c d" } };
    enum {
        LEN = sizeof keys / sizeof keys[0]
    };
    char *tokens[LEN] = { NULL };
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, API);
    session = world_sign_in(&w, NULL);
    w.tenant.scope = NULL;
    for (unsigned i = 0; i < LEN; i++) {
        tokens[i] = token_for(&w, session, keys[i].audience, keys[i].scope);
        assert_int_equal(w.tenant.refreshes, i + 1);
    }
    for (unsigned i = 0; i < LEN; i++) {
        A0_AUTO(a0__string)
        kept = token_for(&w, session, keys[i].audience, keys[i].scope);

        assert_string_equal(kept, tokens[i]);
        a0__free(tokens[i]);
    }
    assert_int_equal(w.tenant.refreshes, LEN);
    a0_session_free(session);
    world_clear(&w);
}

static void
rfr_11_a_demand_for_a_second_factor_keeps_the_session(void **state)
{
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, API);
    session = world_sign_in(&w, NULL);
    test_clock_advance_s(&w.clock, 3601);
    w.tenant.token_status = 403;
    w.tenant.token_body =
        "{\"error\":\"mfa_required\",\"mfa_token\":\"mfa-canary-00\"}";
    assert_fails(ask(&w, session), &w.err, mfa_required);
    assert_true(a0_session_is_signed_in(session));
    assert_false(recording_log_has_canary(&w.log, "mfa-canary-00"));
    assert_ok(ask(&w, session), w.err);
    a0_session_free(session);
    world_clear(&w);
}

static void
rfr_11_two_devices_alternate_and_never_send_an_old_token(void **state)
{
    world w;
    a0_session *first = NULL;
    a0_session *second = NULL;

    (void)state;
    world_init(&w, API ",\"session_idle\":604800");
    w.tenant.rotation = true;
    first = world_sign_in(&w, NULL);
    second = world_session(&w, a0_session_id(first));
    for (unsigned i = 1; i <= 50; i++) {
        test_clock_advance_s(&w.clock, 3601);
        assert_ok(ask(&w, i % 2 == 0 ? first : second), w.err);
        assert_int_equal(w.tenant.refreshes, i);
    }
    a0_session_free(first);
    a0_session_free(second);
    world_clear(&w);
}

/* ---- store trouble around the one write that must not be lost ---- */

static void
rfr_01_a_store_that_loses_its_answer_does_not_cost_the_session(void **state)
{
    (void)state;
    for (int after = 0; after < 2; after++) {
        world w;
        a0_session *session = NULL;
        const char *kept = NULL;

        world_init(&w, API ",\"revoke_on_logout\":true");
        w.tenant.rotation = true;
        session = world_sign_in(&w, NULL);
        test_clock_advance_s(&w.clock, 3601);
        w.store.only_commits = true;
        w.store.after_applying = after == 1;
        w.store.fail_at = w.store.commits + 2; /* the lock is the first */
        assert_ok(ask(&w, session), w.err);
        w.store.fail_at = 0;
        assert_string_equal(w.tenant.last_revoked, "");
        assert_ok(a0_session_refresh_token(session, &kept, &w.err), w.err);
        assert_string_equal(kept, w.tenant.refresh_token);
        test_clock_advance_s(&w.clock, 3601);
        assert_ok(ask(&w, session), w.err);
        a0_session_free(session);
        world_clear(&w);
    }
}

static void
stor_03_a_store_that_is_away_is_no_sign_out(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_session *again = NULL;
    const char *url = NULL;

    (void)state;
    world_init(&w, API);
    session = world_sign_in(&w, NULL);
    test_clock_advance_s(&w.clock, 3601);
    w.store.fail_at = 1;
    w.store.for_good = true;
    assert_int_equal(a0_session_open(w.client, a0_session_id(session), &again, &w.err),
                     A0_UNAVAILABLE);
    assert_int_equal(a0_error_http_status(w.err), 503);
    a0_error_free(a0__steal(&w.err));
    assert_int_equal(ask(&w, session), A0_UNAVAILABLE);
    a0_error_free(a0__steal(&w.err));
    assert_true(a0_session_is_signed_in(session));
    assert_int_equal(a0_logout(session, NULL, &url, &w.err), A0_UNAVAILABLE);
    a0_error_free(a0__steal(&w.err));
    assert_true(a0_session_is_signed_in(session));
    w.store.fail_at = 0;
    assert_ok(ask(&w, session), w.err);
    a0_session_free(session);
    world_clear(&w);
}

/* ---- several processes on one database ---- */

enum {
    PROCESSES = 3
};

static void
rfr_02_of_several_processes_one_refreshes_and_all_get_a_token(void **state)
{
    store_fixture fixture = { 0 };
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) id = NULL;
    pid_t children[PROCESSES];
    int seen[2];
    char count[PROCESSES * 4] = { 0 };
    size_t calls = 0;

    (void)state;
    fixture_make_folder(&fixture);
    world_init_on(&w, API, fixture.path);
    session = world_sign_in(&w, NULL);
    id = a0__strdup(a0_session_id(session));
    test_clock_advance_s(&w.clock, 3601);
    w.clock.waits = true;
    calls = w.tenant.refreshes;
    assert_int_equal(pipe(seen), 0);
    for (size_t i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            a0_session *mine = world_session(&w, id);
            bool ok = ask(&w, mine) == A0_OK;
            char refreshed = w.tenant.refreshes > calls ? 'r' : '-';

            _exit(ok && write(seen[1], &refreshed, 1) == 1 ? 0 : 1);
        }
    }
    for (size_t i = 0; i < PROCESSES; i++) {
        int status = 0;

        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(read(seen[0], count, sizeof count), PROCESSES);
    calls = 0;
    for (size_t i = 0; i < PROCESSES; i++) {
        calls += count[i] == 'r' ? 1 : 0;
    }
    assert_int_equal(calls, 1);
    (void)close(seen[0]);
    (void)close(seen[1]);
    a0_session_free(session);
    world_clear(&w);
    fixture_remove_folder(&fixture);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            rfr_01_a_store_that_loses_its_answer_does_not_cost_the_session),
        cmocka_unit_test(rfr_02_of_several_processes_one_refreshes_and_all_get_a_token),
        cmocka_unit_test(rfr_02_who_waits_in_vain_is_told_when_to_come_back),
        cmocka_unit_test(rfr_02_a_turn_that_has_lasted_too_long_sends_nothing),
        cmocka_unit_test(rfr_03_a_replayed_token_ends_the_session_and_is_said),
        cmocka_unit_test(
            rfr_04_a_lost_answer_is_asked_for_again_only_where_the_tenant_has_leeway),
        cmocka_unit_test(rfr_04_a_repetition_that_would_outlive_the_lease_is_not_made),
        cmocka_unit_test(rfr_05_a_dead_token_goes_everywhere_with_its_session),
        cmocka_unit_test(
            rfr_05_an_end_that_meets_another_writer_is_an_end_all_the_same),
        cmocka_unit_test(
            rfr_06_while_auth0_is_away_what_is_valid_is_served_and_asking_pauses),
        cmocka_unit_test(rfr_06_a_clock_that_is_put_back_does_not_stretch_the_pause),
        cmocka_unit_test(rfr_07_an_id_token_of_another_sign_in_ends_the_session),
        cmocka_unit_test(rfr_08_a_malformed_refresh_token_keeps_the_old_one),
        cmocka_unit_test(
            rfr_09_a_token_that_has_just_come_is_served_whatever_its_lifetime),
        cmocka_unit_test(rfr_10_a_token_for_another_audience_is_neither_kept_nor_given),
        cmocka_unit_test(rfr_10_no_two_keys_of_a_token_are_taken_for_each_other),
        cmocka_unit_test(rfr_11_a_demand_for_a_second_factor_keeps_the_session),
        cmocka_unit_test(rfr_11_two_devices_alternate_and_never_send_an_old_token),
        cmocka_unit_test(stor_03_a_store_that_is_away_is_no_sign_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
