/* SPDX-License-Identifier: MIT */
/* Signing out: rows of the group LOUT. */
#include "world.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "flows/session.h"
#include "store_fixture.h"

static void
lout_03_the_person_is_signed_out_whatever_the_tenant_does(void **state)
{
    (void)state;
    for (int cold = 0; cold < 2; cold++) {
        world w;
        a0_session *session = NULL;
        a0_client *other = NULL;
        A0_AUTO(a0__string) id = NULL;
        const char *url = NULL;

        world_init(&w, "\"revoke_on_logout\":true");
        session = world_sign_in(&w, NULL);
        id = a0__strdup(a0_session_id(session));
        w.tenant.revocation_fails = true;
        if (cold == 1) {
            /* Another process, which never reached the tenant. */
            other = world_another_client(&w, "\"revoke_on_logout\":true", NULL, NULL);
            w.tenant.discovery_body = "<html>";
            a0_session_free(session);
            assert_ok(a0_session_open(other, id, &session, &w.err), w.err);
        }
        assert_ok(a0_logout(session, NULL, &url, &w.err), w.err);
        assert_non_null(strstr(url, "/v2/logout?client_id=client-1"));
        assert_false(a0_session_is_signed_in(session));
        assert_int_equal(recording_log_count(&w.log, "logout.remote_failed"), 1);
        assert_false(world_lives(&w, id));
        a0_session_free(session);
        a0_client_free(other);
        world_clear(&w);
    }
}

/* A network in which nothing ever answers. */
static a0_status
hang(void *self, a0_http_exchange *exchanges, size_t exchanges_len, int64_t deadline_ms,
     a0_error **err)
{
    world *w = self;

    (void)err;
    w->clock.monotonic_ms += deadline_ms;
    w->clock.wall_ms += deadline_ms;
    for (size_t i = 0; i < exchanges_len; i++) {
        exchanges[i].sent = true;
        a0__ignore(a0__fail(&exchanges[i].error, A0_E_http_timeout));
    }
    return A0_OK;
}

/* Whether the tenant is known or has to be asked first. */
static void
lout_03_a_tenant_that_hangs_is_waited_for_three_seconds(void **state)
{
    static const a0_transport hanging = { .size = sizeof hanging, .perform = hang };

    (void)state;
    for (int cold = 0; cold < 2; cold++) {
        world w;
        a0_session *session = NULL;
        a0_client *other = NULL;
        const char *url = NULL;
        int64_t began_ms = 0;

        world_init(&w, "\"revoke_on_logout\":true");
        other = world_another_client(&w, "\"revoke_on_logout\":true", NULL, NULL);
        session = world_sign_in(&w, NULL);
        if (cold == 0) {
            assert_ok(a0_client_warm(other, &w.err), w.err);
        }
        {
            a0_session *there = NULL;

            assert_ok(a0_session_open(other, a0_session_id(session), &there, &w.err),
                      w.err);
            other->ports.transport = &hanging;
            other->ports.transport_self = &w;
            began_ms = w.clock.monotonic_ms;
            assert_ok(a0_logout(there, NULL, &url, &w.err), w.err);
            assert_in_range(w.clock.monotonic_ms - began_ms, 1, 3000);
            a0_session_free(there);
        }
        assert_false(world_lives(&w, a0_session_id(session)));
        a0_session_free(session);
        a0_client_free(other);
        world_clear(&w);
    }
}

/* The row is gone before the first request goes out. */
static void
is_gone_already(void *self, const char *path, bool done)
{
    world *w = self;

    if (!done && strcmp(path, "/oauth/revoke") == 0) {
        assert_int_equal(
            world_rows(w, A0_RECORD_SESSION, A0_INDEX_USER_ID, w->tenant.sub), 0);
        assert_int_equal(
            world_rows(w, A0_RECORD_REFRESH_TOKEN, A0_INDEX_USER_ID, w->tenant.sub), 0);
    }
}

static void
lout_03_the_local_record_goes_before_anything_is_sent(void **state)
{
    world w;
    a0_session *session = NULL;
    const char *url = NULL;

    (void)state;
    world_init(&w, "\"revoke_on_logout\":true");
    session = world_sign_in(&w, NULL);
    w.tenant.watch = is_gone_already;
    w.tenant.watch_self = &w;
    assert_ok(a0_logout(session, NULL, &url, &w.err), w.err);
    assert_int_equal(fake_tenant_calls(&w.tenant, "/oauth/revoke"), 1);
    a0_session_free(session);
    world_clear(&w);
}

static void
lout_04_without_the_option_only_the_local_copy_of_the_session_goes(void **state)
{
    world w;
    a0_session *session = NULL;
    const char *url = NULL;

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, NULL);
    assert_ok(a0_logout(session, NULL, &url, &w.err), w.err);
    assert_int_equal(fake_tenant_calls(&w.tenant, "/oauth/revoke"), 0);
    assert_int_equal(
        world_rows(&w, A0_RECORD_REFRESH_TOKEN, A0_INDEX_USER_ID, w.tenant.sub), 0);
    /* The newest token of the user stays for background work. */
    assert_int_equal(
        world_rows(&w, A0_RECORD_ACCOUNT_TOKEN, A0_INDEX_USER_ID, w.tenant.sub), 1);
    a0_session_free(session);
    world_clear(&w);
}

static void
lout_04_a_token_that_another_session_uses_is_not_revoked(void **state)
{
    world w;
    a0_session *session = NULL;
    const char *url = NULL;
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
    world_init(&w, "\"revoke_on_logout\":true");
    session = world_sign_in(&w, NULL);
    other.owner = session->record.refresh_key.ptr;
    assert_int_equal(w.store.inner->commit(w.store.inner_self, &op, 1,
                                           TEST_CLOCK_START_S, &applied, NULL),
                     A0_OK);
    assert_ok(a0_logout(session, NULL, &url, &w.err), w.err);
    assert_int_equal(fake_tenant_calls(&w.tenant, "/oauth/revoke"), 0);
    assert_int_equal(
        world_rows(&w, A0_RECORD_REFRESH_TOKEN, A0_INDEX_USER_ID, w.tenant.sub), 1);
    a0_session_free(session);
    world_clear(&w);
}

/* How many tokens wait to be revoked. */
static size_t
waiting(world *w)
{
    return world_rows(w, A0_RECORD_MARK, A0_INDEX_OWNER, "revocation");
}

static void
sign_out_while_revocation_fails(world *w)
{
    a0_session *session = world_sign_in(w, NULL);
    const char *url = NULL;

    w->tenant.revocation_fails = true;
    assert_ok(a0_logout(session, NULL, &url, &w->err), w->err);
    a0_session_free(session);
}

static void
lout_04_a_revocation_that_failed_is_tried_again_by_the_sweep(void **state)
{
    world w;

    (void)state;
    world_init(&w, "\"revoke_on_logout\":true");
    sign_out_while_revocation_fails(&w);
    assert_int_equal(waiting(&w), 1);
    w.tenant.revocation_fails = false;
    w.tenant.last_revoked[0] = '\0';
    assert_ok(a0_client_sweep(w.client, &w.err), w.err);
    assert_string_equal(w.tenant.last_revoked, "");

    test_clock_advance_s(&w.clock, 7200);
    assert_ok(a0_client_sweep(w.client, &w.err), w.err);
    assert_string_equal(w.tenant.last_revoked, "rt-canary-0");
    assert_int_equal(waiting(&w), 0);
    world_clear(&w);
}

static void
lout_04_attempts_to_revoke_are_bounded(void **state)
{
    world w;
    size_t calls = 0;

    (void)state;
    world_init(&w, "\"revoke_on_logout\":true");
    sign_out_while_revocation_fails(&w);
    for (int i = 0; i < 20; i++) {
        test_clock_advance_s(&w.clock, 7200);
        assert_ok(a0_client_sweep(w.client, &w.err), w.err);
    }
    calls = fake_tenant_calls(&w.tenant, "/oauth/revoke");
    assert_in_range(calls, 2, 10);
    assert_int_equal(recording_log_count(&w.log, "logout.remote_failed"), calls);
    assert_int_equal(recording_log_count(&w.log, "logout.revocation_given_up"), 1);
    assert_int_equal(waiting(&w), 0);
    world_clear(&w);
}

/* What a process that is killed at that moment leaves behind. */
static void
is_written_down_already(void *self, const char *path, bool done)
{
    world *w = self;

    if (!done && strcmp(path, "/oauth/revoke") == 0) {
        A0_AUTO(seen_rows) seen = SEEN_ROWS_INIT;

        assert_int_equal(w->store.inner->find(w->store.inner_self, A0_RECORD_MARK,
                                              A0_INDEX_USER_ID, w->tenant.sub,
                                              test_clock_now_s(&w->clock), 10,
                                              seen_rows_sink, &seen, NULL),
                         A0_OK);
        assert_int_equal(seen.len, 1);
        assert_null(memmem(seen.data.ptr, seen.data.len, "rt-canary", 9));
    }
}

static void
lout_04_a_token_is_written_down_sealed_before_it_is_revoked(void **state)
{
    world w;
    a0_session *session = NULL;
    const char *url = NULL;

    (void)state;
    world_init(&w, "\"revoke_on_logout\":true");
    session = world_sign_in(&w, NULL);
    w.tenant.watch = is_written_down_already;
    w.tenant.watch_self = &w;
    assert_ok(a0_logout(session, NULL, &url, &w.err), w.err);
    assert_int_equal(fake_tenant_calls(&w.tenant, "/oauth/revoke"), 1);
    assert_int_equal(waiting(&w), 0);
    a0_session_free(session);
    world_clear(&w);
}

static void
lout_04_a_token_of_a_sign_in_that_failed_is_revoked_later_as_well(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) callback = NULL;
    a0_login *login = NULL;

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    callback = world_start(&w, session, NULL);
    w.tenant.aud = "another";
    w.tenant.revocation_fails = true;
    assert_fails(a0_login_complete(session, callback, NULL, &login, &w.err), &w.err,
                 idt_aud_mismatch);
    assert_int_equal(waiting(&w), 1);
    a0_session_free(session);
    world_clear(&w);
}

static void
lout_05_the_oidc_sign_out_names_the_person_and_a_fresh_state(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_logout_options options = A0_LOGOUT_OPTIONS_INIT;
    A0_AUTO(a0__string) first = NULL;

    (void)state;
    world_init(&w, "\"logout_endpoint\":\"oidc\"");
    session = world_session(&w, NULL);
    options.return_to = "https://app.example/bye";
    for (int i = 0; i < 2; i++) {
        a0_login *login = world_login(&w, session);
        const char *url = NULL;
        A0_AUTO(a0__string) hint = NULL;
        A0_AUTO(a0__string) sent = NULL;
        A0_AUTO(a0__string) target = NULL;

        assert_ok(a0_logout(session, &options, &url, &w.err), w.err);
        assert_non_null(strstr(url, FAKE_URL "/oidc/logout?"));
        hint = world_query_value(url, "id_token_hint");
        sent = world_query_value(url, "state");
        target = world_query_value(url, "post_logout_redirect_uri");
        assert_string_equal(hint, a0_login_id_token(login));
        assert_string_equal(target, "https://app.example/bye");
        assert_true(strlen(sent) >= 22);
        if (first != NULL) {
            assert_string_not_equal(sent, first);
        } else {
            first = a0__steal(&sent);
        }
        a0_login_free(login);
    }
    a0_session_free(session);
    world_clear(&w);
}

static void
lout_12_a_sign_out_deletes_what_the_browser_had_open(void **state)
{
    world w;
    a0_session *session = NULL;
    char browser[A0__ROW_KEY_LEN + 1];
    const char *url = NULL;

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, NULL);
    (void)snprintf(browser, sizeof browser, "%s", a0__session_browser(session));
    for (int i = 0; i < 3; i++) {
        a0__free(world_start(&w, session, NULL));
    }
    assert_int_equal(world_rows(&w, A0_RECORD_TRANSACTION, A0_INDEX_OWNER, browser), 3);
    assert_ok(a0_logout(session, NULL, &url, &w.err), w.err);
    assert_int_equal(world_rows(&w, A0_RECORD_TRANSACTION, A0_INDEX_OWNER, browser), 0);
    a0_session_free(session);
    world_clear(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lout_03_the_person_is_signed_out_whatever_the_tenant_does),
        cmocka_unit_test(lout_03_a_tenant_that_hangs_is_waited_for_three_seconds),
        cmocka_unit_test(lout_03_the_local_record_goes_before_anything_is_sent),
        cmocka_unit_test(
            lout_04_without_the_option_only_the_local_copy_of_the_session_goes),
        cmocka_unit_test(lout_04_a_token_that_another_session_uses_is_not_revoked),
        cmocka_unit_test(lout_04_a_revocation_that_failed_is_tried_again_by_the_sweep),
        cmocka_unit_test(lout_04_attempts_to_revoke_are_bounded),
        cmocka_unit_test(lout_04_a_token_is_written_down_sealed_before_it_is_revoked),
        cmocka_unit_test(
            lout_04_a_token_of_a_sign_in_that_failed_is_revoked_later_as_well),
        cmocka_unit_test(lout_05_the_oidc_sign_out_names_the_person_and_a_fresh_state),
        cmocka_unit_test(lout_12_a_sign_out_deletes_what_the_browser_had_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
