/* SPDX-License-Identifier: MIT */
/* Signing out by Auth0's word: rows LOUT-06 to LOUT-09 and JWKS-02. What the token
 * itself must be is held by test_logout_token. */
#include "logout_world.h"

#include <string.h>

#include "base/base64url.h"
#include "base/mem.h"
#include "flows/session.h"

enum {
    TOO_LARGE = 16385 /* bytes */
};

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
        sessions[0] = logout_sign_in(&w, JO, "s-1");
        sessions[1] = logout_sign_in(&w, JO, "s-2");
        sessions[2] = logout_sign_in(&w, ALEX, "s-3");
        assert_int_equal(logout_by_token(&w, rows[i].sub, rows[i].sid, "lt-1"),
                         rows[i].ended);
        for (size_t j = 0; j < 3; j++) {
            left[j] = world_lives(&w, a0_session_id(sessions[j])) ? left[j] : '.';
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
    session = logout_sign_in(&w, JO, "s-1");
    other = world_another_client(&w, "\"revoke_on_logout\":true", NULL, NULL);
    here = w.client;
    w.client = other;
    assert_int_equal(logout_by_token(&w, NULL, "s-1", "lt-1"), 1);
    w.client = here;
    assert_false(world_lives(&w, a0_session_id(session)));
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
        sessions[i] = logout_sign_in(&w, JO, "s-1");
    }
    assert_int_equal(logout_by_token(&w, JO, NULL, "lt-1"), 40);
    for (size_t i = 0; i < 40; i++) {
        assert_false(world_lives(&w, a0_session_id(sessions[i])));
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
    session = logout_sign_in(&w, JO, "s-1");
    other.owner = session->record.refresh_key.ptr;
    assert_int_equal(w.store.inner->commit(w.store.inner_self, &op, 1,
                                           TEST_CLOCK_START_S, &applied, NULL),
                     A0_OK);
    assert_int_equal(logout_by_token(&w, NULL, "s-1", "lt-1"), 1);
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
    session = logout_sign_in(&w, JO, "s-1");
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
    assert_true(world_lives(&w, a0_session_id(session)));
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
    token = logout_token_sign(&w, &(logout_token){ .sub = JO, .jti = "lt-1" });
    assert_ok(a0_logout_backchannel(w.client, token, NULL, &w.err), w.err);
    test_clock_advance_s(&w.clock, 5);
    session = logout_sign_in(&w, JO, "s-1");
    assert_fails(a0_logout_backchannel(w.client, token, NULL, &w.err), &w.err,
                 logout_token_replayed);
    assert_true(world_lives(&w, a0_session_id(session)));
    assert_int_equal(logout_by_token(&w, JO, NULL, "lt-2"), 1);
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
        session = logout_sign_in(&w, JO, "s-1");
        w.store.only_commits = remembering == 1;
        w.store.fail_at = remembering == 1 ? w.store.commits + 3 : w.store.calls + 1;
        assert_int_equal(logout_by_token(&w, NULL, "s-1", "lt-1"), 1);
        w.store.fail_at = 0;
        assert_int_equal(recording_log_count(&w.log, "bcl.replay_check_unavailable"),
                         1);
        assert_false(world_lives(&w, a0_session_id(session)));
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
    session = logout_sign_in(&w, JO, "s-1");
    token = logout_token_sign(&w, &(logout_token){ .sid = "s-1", .jti = "lt-1" });
    w.store.only_commits = true;
    w.store.fail_at = w.store.commits + 2;
    assert_fails(a0_logout_backchannel(w.client, token, NULL, &w.err), &w.err,
                 store_unavailable);
    w.store.fail_at = 0;
    assert_true(world_lives(&w, a0_session_id(session)));
    assert_ok(a0_logout_backchannel(w.client, token, NULL, &w.err), w.err);
    assert_false(world_lives(&w, a0_session_id(session)));
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
    session = logout_sign_in(&w, JO, "s-1");
    before = fake_tenant_calls(&w.tenant, "/.well-known/jwks.json");
    for (unsigned i = 0; i < 10000; i++) {
        forge(i, forged);
        assert_fails(a0_logout_backchannel(w.client, forged, NULL, &w.err), &w.err,
                     logout_token_invalid);
    }
    assert_int_equal(fake_tenant_calls(&w.tenant, "/.well-known/jwks.json"),
                     before + 1);
    assert_int_equal(recording_log_count(&w.log, "jwks.refresh_throttled"), 1);
    assert_true(world_lives(&w, a0_session_id(session)));
    assert_int_equal(logout_by_token(&w, NULL, "s-1", "lt-1"), 1);
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
    session = logout_sign_in(&w, JO, "s-1");
    w.tenant.kid = "rotated";
    w.tenant.published_kid = "rotated";
    assert_int_equal(logout_by_token(&w, NULL, "s-1", "lt-1"), 1);
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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
