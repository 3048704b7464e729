/* SPDX-License-Identifier: MIT */
/* Group CONN of the case catalogue: the list of connected accounts, and what is kept of
 * it here. */
#include "connect_world.h"

#include <stdio.h>

#include "base/mem.h"

#define ACCOUNT(id) "{\"id\":\"" id "\",\"connection\":\"google-oauth2\"}"
#define SHOWN(id)                                                                      \
    "{\"id\":\"" id "\",\"connection\":\"google-oauth2\","                             \
    "\"provider\":\"google-oauth2\",\"subject\":null,\"email\":null,"                  \
    "\"email_verified\":false,\"is_account_linked\":false}"

static void
conn_08_a_delete_touches_the_owners_record_alone(void **state)
{
    static const struct {
        int status;
        bool ok;
    } rows[] = { { 204, true }, { 404, true }, { 403, false }, { 500, false } };
    world w;
    a0_session *jo = NULL;
    a0_session *mel = NULL;

    (void)state;
    world_init(&w, NULL);
    jo = connect_sign_in(&w, "auth0|jo");
    connect_account(&w, jo, GOOGLE);
    w.tenant.my_account.delete_status = 500;
    assert_fails(a0_connect_delete(jo, "cac_1", &w.err), &w.err, connect_api_error);
    assert_int_equal(connect_records(&w, "auth0|jo"), 1);
    w.tenant.no_id_token_at_refresh = false;
    mel = connect_sign_in(&w, "auth0|mel");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        w.tenant.my_account.delete_status = rows[i].status;
        assert_int_equal(a0_connect_delete(mel, "cac_1", &w.err) == A0_OK, rows[i].ok);
        a0_error_free(a0__steal(&w.err));
        assert_int_equal(connect_records(&w, "auth0|jo"), 1);
    }
    w.tenant.my_account.delete_status = 204;
    assert_ok(a0_connect_delete(jo, "cac_1", &w.err), w.err);
    assert_int_equal(connect_records(&w, "auth0|jo"), 0);
    a0_session_free(jo);
    a0_session_free(mel);
    world_clear(&w);
}

static void
conn_08_a_delete_drops_the_kept_provider_tokens(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_token *token = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    for (unsigned i = 1; i <= 2; i++) {
        assert_ok(a0_vault_token_for_session(session, GOOGLE, NULL, &token, &w.err),
                  w.err);
        a0_token_free(token);
        assert_int_equal(w.tenant.vault.exchanges, i);
        assert_ok(a0_connect_delete(session, "cac_1", &w.err), w.err);
    }
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_09_pages_are_followed_by_from_and_records_follow_the_list(void **state)
{
    static const char *const pages[] = { "{\"accounts\":[" ACCOUNT(
                                             "cac_2") "],\"next\":\"c&1\"}",
                                         "{\"accounts\":[" ACCOUNT("cac_3") "]}" };
    world w;
    a0_session *session = NULL;
    a0_connect_answer *answer = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    connect_account(&w, session, GOOGLE);
    w.tenant.my_account.lists = 0;
    w.tenant.my_account.pages = pages;
    w.tenant.my_account.pages_len = 2;
    assert_ok(a0_connect_list(session, &answer, &w.err), w.err);
    assert_string_equal(a0_connect_answer_json(answer),
                        "[" SHOWN("cac_2") "," SHOWN("cac_3") "]");
    assert_string_equal(w.tenant.my_account.url,
                        FAKE_MY_ACCOUNT "accounts?take=20&from=c%261");
    assert_int_equal(connect_records(&w, "auth0|jo"), 2);
    a0_connect_answer_free(answer);
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_09_a_circle_or_a_failing_page_is_no_list(void **state)
{
    static const char *const circle[] = { "{\"accounts\":[],\"next\":\"c1\"}" };
    static const char *const three[] = { "{\"accounts\":[],\"next\":\"c1\"}",
                                         "{\"accounts\":[],\"next\":\"c2\"}",
                                         "{\"accounts\":[]}" };
    world w;
    a0_session *session = NULL;
    a0_connect_answer *answer = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    connect_account(&w, session, GOOGLE);
    w.tenant.my_account.lists = 0;
    w.tenant.my_account.pages = circle;
    assert_fails(a0_connect_list(session, &answer, &w.err), &w.err,
                 connect_list_incomplete);
    assert_int_equal(w.tenant.my_account.lists, 2);
    w.tenant.my_account.pages = three;
    w.tenant.my_account.pages_len = 3;
    w.tenant.my_account.lists = 0;
    w.tenant.my_account.list_fault_at = 3;
    assert_fails(a0_connect_list(session, &answer, &w.err), &w.err, connect_api_error);
    assert_int_equal(connect_records(&w, "auth0|jo"), 1);
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_10_connecting_again_is_one_record_and_an_owner_stays(void **state)
{
    world w;
    a0_session *jo = NULL;
    a0_session *mel = NULL;

    (void)state;
    world_init(&w, NULL);
    jo = connect_sign_in(&w, "auth0|jo");
    connect_account(&w, jo, GOOGLE);
    connect_account(&w, jo, GOOGLE);
    assert_int_equal(connect_records(&w, "auth0|jo"), 1);
    w.tenant.no_id_token_at_refresh = false;
    mel = connect_sign_in(&w, "auth0|mel");
    connect_account(&w, mel, GOOGLE);
    assert_int_equal(connect_records(&w, "auth0|jo"), 1);
    assert_int_equal(connect_records(&w, "auth0|mel"), 0);
    assert_int_equal(recording_log_count(&w.log, "connect.owner_conflict"), 1);
    a0_session_free(jo);
    a0_session_free(mel);
    world_clear(&w);
}

/* One page after another, each naming the next, the last naming none. */
static const char *const *
pages_in_a_row(size_t len)
{
    static char texts[128][64];
    static const char *pages[128];

    for (size_t i = 0; i < len; i++) {
        (void)snprintf(texts[i], sizeof texts[i],
                       i + 1 < len ? "{\"accounts\":[],\"next\":\"c%zu\"}"
                                   : "{\"accounts\":[]}",
                       i);
        pages[i] = texts[i];
    }
    return pages;
}

static void
conn_09_a_hundred_pages_are_a_list_and_one_more_is_none(void **state)
{
    static const char *const circle[] = { "{\"accounts\":[],\"next\":\"c1\"}",
                                          "{\"accounts\":[],\"next\":\"c2\"}",
                                          "{\"accounts\":[],\"next\":\"c1\"}" };
    world w;
    a0_session *session = NULL;
    a0_connect_answer *answer = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    connect_account(&w, session, GOOGLE);
    w.tenant.my_account.lists = 0;
    w.tenant.my_account.pages = pages_in_a_row(101);
    w.tenant.my_account.pages_len = 101;
    assert_fails(a0_connect_list(session, &answer, &w.err), &w.err,
                 connect_list_incomplete);
    assert_int_equal(w.tenant.my_account.lists, 100);
    w.tenant.my_account.lists = 0;
    w.tenant.my_account.pages = circle;
    w.tenant.my_account.pages_len = 3;
    assert_fails(a0_connect_list(session, &answer, &w.err), &w.err,
                 connect_list_incomplete);
    assert_int_equal(w.tenant.my_account.lists, 3);
    assert_int_equal(connect_records(&w, "auth0|jo"), 1);
    w.tenant.my_account.lists = 0;
    w.tenant.my_account.pages = pages_in_a_row(100);
    w.tenant.my_account.pages_len = 100;
    assert_ok(a0_connect_list(session, &answer, &w.err), w.err);
    assert_string_equal(a0_connect_answer_json(answer), "[]");
    assert_int_equal(connect_records(&w, "auth0|jo"), 0);
    a0_connect_answer_free(answer);
    a0_session_free(session);
    world_clear(&w);
}

/* Fails the commits of connected accounts alone, wherever they come. */
static void
fail_record(void *self, failing_store_call call, uint64_t n, bool done)
{
    world *w = self;

    if (call == FAILING_STORE_COMMIT && !done && w->tenant.my_account.completes == 1) {
        w->store.fail_at = n;
    }
}

static void
conn_10_a_record_that_can_not_be_written_comes_with_the_next_list(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) callback = NULL;
    a0_connect_answer *answer = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    callback = connect_start(&w, session, GOOGLE);
    w.store.watch = fail_record;
    w.store.watch_self = &w;
    assert_ok(a0_connect_complete(session, callback, &answer, &w.err), w.err);
    a0_connect_answer_free(answer);
    w.store.watch = NULL;
    w.store.fail_at = 0;
    assert_int_equal(connect_records(&w, "auth0|jo"), 0);
    assert_int_equal(recording_log_count(&w.log, "connect.record_failed"), 1);
    assert_ok(a0_connect_list(session, &answer, &w.err), w.err);
    a0_connect_answer_free(answer);
    assert_int_equal(connect_records(&w, "auth0|jo"), 1);
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_11_a_refused_token_is_refreshed_once_and_the_call_repeated(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_connect_answer *answer = NULL;
    unsigned refreshes = 0;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    assert_ok(a0_connect_list(session, &answer, &w.err), w.err);
    a0_connect_answer_free(answer);
    test_clock_advance_s(&w.clock, 10);
    refreshes = w.tenant.refreshes;
    w.tenant.my_account.refusals = 1;
    assert_ok(a0_connect_list(session, &answer, &w.err), w.err);
    a0_connect_answer_free(answer);
    assert_int_equal(w.tenant.refreshes, refreshes + 1);
    test_clock_advance_s(&w.clock, 10);
    w.tenant.my_account.refusals = 2;
    assert_fails(a0_connect_list(session, &answer, &w.err), &w.err, connect_api_error);
    assert_int_equal(w.tenant.refreshes, refreshes + 2);
    /* A token that has just come would be refused again: no request for another. */
    w.tenant.my_account.refusals = 1;
    assert_fails(a0_connect_list(session, &answer, &w.err), &w.err, connect_api_error);
    assert_int_equal(w.tenant.refreshes, refreshes + 2);
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_11_granted_scopes_are_kept_as_granted(void **state)
{
    A0_AUTO(a0__connected_account) account = { .version = 0 };
    a0_connect_options options = A0_CONNECT_OPTIONS_INIT;
    world w;
    a0_session *session = NULL;
    const char *url = NULL;
    bool found = false;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    options.scope = "calendar drive";
    assert_ok(
        a0_connect_start(session, GOOGLE, CONNECT_REDIRECT_URI, &options, &url, &w.err),
        w.err);
    connect_account(&w, session, GOOGLE);
    assert_ok(a0__connected_account_get(w.client, "cac_1", &account, &found, &w.err),
              w.err);
    assert_text(account.scopes, "openid");
    a0_session_free(session);
    world_clear(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conn_08_a_delete_touches_the_owners_record_alone),
        cmocka_unit_test(conn_08_a_delete_drops_the_kept_provider_tokens),
        cmocka_unit_test(
            conn_09_pages_are_followed_by_from_and_records_follow_the_list),
        cmocka_unit_test(conn_09_a_circle_or_a_failing_page_is_no_list),
        cmocka_unit_test(conn_10_connecting_again_is_one_record_and_an_owner_stays),
        cmocka_unit_test(conn_09_a_hundred_pages_are_a_list_and_one_more_is_none),
        cmocka_unit_test(
            conn_10_a_record_that_can_not_be_written_comes_with_the_next_list),
        cmocka_unit_test(
            conn_11_a_refused_token_is_refreshed_once_and_the_call_repeated),
        cmocka_unit_test(conn_11_granted_scopes_are_kept_as_granted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
