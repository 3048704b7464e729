/* SPDX-License-Identifier: MIT */
/* Connected accounts that come and go while something else is under way: rows CONN-08,
 * CONN-10 and VAULT-07. */
#include "connect_world.h"

#include <string.h>

#define ACCOUNT(id) "{\"id\":\"" id "\",\"connection\":\"google-oauth2\"}"

/* What another tab does between Auth0's answer with the list and our reading of it. */
typedef struct other_tab {
    world *w;
    a0_session *session;
    void (*act)(world *w, a0_session *session);
} other_tab;

static void
act_after_the_list(void *self, const char *path, bool done)
{
    other_tab *o = self;
    void (*act)(world * w, a0_session * session) = o->act;

    if (done && act != NULL && strstr(path, "/accounts?take=") != NULL) {
        o->act = NULL;
        act(o->w, o->session);
    }
}

static void
connect_in_the_other_tab(world *w, a0_session *session)
{
    static const char *const one[] = { "{\"accounts\":[" ACCOUNT("cac_1") "]}" };

    w->tenant.my_account.pages = one;
    connect_account(w, session, GOOGLE);
}

static void
disconnect_in_the_other_tab(world *w, a0_session *session)
{
    assert_ok(a0_connect_delete(session, "cac_1", &w->err), w->err);
}

static void
list_beside(world *w, a0_session *session, void (*act)(world *w, a0_session *session))
{
    other_tab o = { .w = w,
                    .session = world_session(w, a0_session_id(session)),
                    .act = act };
    a0_connect_answer *answer = NULL;

    w->tenant.watch = act_after_the_list;
    w->tenant.watch_self = &o;
    assert_ok(a0_connect_list(session, &answer, &w->err), w->err);
    w->tenant.watch = NULL;
    assert_null(o.act);
    a0_connect_answer_free(answer);
    a0_session_free(o.session);
}

static void
conn_10_what_is_connected_while_the_list_comes_keeps_its_identity(void **state)
{
    static const char *const none[] = { "{\"accounts\":[]}" };
    A0_AUTO(a0__connected_account) account = { .version = 0 };
    world w;
    a0_session *session = NULL;
    bool found = false;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    w.tenant.my_account.pages = none;
    list_beside(&w, session, connect_in_the_other_tab);
    assert_ok(a0__connected_account_get(w.client, "cac_1", &account, &found, &w.err),
              w.err);
    assert_true(found && account.is_proven);
    assert_text(account.subject, "104");
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_10_what_is_connected_again_while_the_list_comes_stays(void **state)
{
    static const char *const none[] = { "{\"accounts\":[]}" };
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    connect_account(&w, session, GOOGLE);
    w.tenant.my_account.pages = none;
    list_beside(&w, session, connect_in_the_other_tab);
    assert_int_equal(connect_records(&w, "auth0|jo"), 1);
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_10_what_is_disconnected_while_the_list_comes_does_not_come_back(void **state)
{
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    connect_account(&w, session, GOOGLE);
    list_beside(&w, session, disconnect_in_the_other_tab);
    assert_int_equal(connect_records(&w, "auth0|jo"), 0);
    a0_session_free(session);
    world_clear(&w);
}

/* Disconnected by another application, or by an operator. */
static void
vault_07_what_the_list_lacks_takes_its_kept_tokens_along(void **state)
{
    static const char *const none[] = { "{\"accounts\":[]}" };
    world w;
    a0_session *session = NULL;
    a0_connect_answer *answer = NULL;
    a0_token *token = NULL;
    unsigned exchanges = 0;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    connect_account(&w, session, GOOGLE);
    for (int is_gone = 0; is_gone < 2; is_gone++) {
        assert_ok(a0_vault_token_for_session(session, GOOGLE, NULL, &token, &w.err),
                  w.err);
        a0_token_free(token);
        exchanges = w.tenant.vault.exchanges;
        w.tenant.my_account.pages = is_gone == 1 ? none : w.tenant.my_account.pages;
        assert_ok(a0_connect_list(session, &answer, &w.err), w.err);
        a0_connect_answer_free(answer);
        assert_ok(a0_vault_token_for_session(session, GOOGLE, NULL, &token, &w.err),
                  w.err);
        a0_token_free(token);
        assert_int_equal(w.tenant.vault.exchanges, exchanges + (unsigned)is_gone);
    }
    a0_session_free(session);
    world_clear(&w);
}

/* After the provider tokens are forgotten the record goes: between its reading and its
 * removal another request writes it. */
static void
write_before_removal(void *self, failing_store_call call, uint64_t n, bool done)
{
    static unsigned commits;
    world *w = self;
    const a0_record record = { .size = sizeof record,
                               .kind = A0_RECORD_CONNECTED_ACCOUNT,
                               .key = "cac_1",
                               .owner = "",
                               .user_id = "auth0|jo",
                               .sid = "",
                               .data = "{}",
                               .data_len = 2 };
    const a0_store_op op = { .type = A0_STORE_UPDATE, .record = &record };
    bool applied = false;

    (void)n;
    if (call == FAILING_STORE_COMMIT && !done && w->tenant.my_account.deletes == 1 &&
        ++commits == 2) {
        assert_ok(w->store.inner->commit(w->store.inner_self, &op, 1,
                                         test_clock_now_s(&w->clock), &applied,
                                         &w->err),
                  w->err);
        assert_true(applied);
    }
}

static void
conn_08_a_record_that_another_writes_meanwhile_goes_all_the_same(void **state)
{
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    connect_account(&w, session, GOOGLE);
    w.store.watch = write_before_removal;
    w.store.watch_self = &w;
    assert_ok(a0_connect_delete(session, "cac_1", &w.err), w.err);
    w.store.watch = NULL;
    assert_int_equal(connect_records(&w, "auth0|jo"), 0);
    a0_session_free(session);
    world_clear(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            conn_10_what_is_connected_while_the_list_comes_keeps_its_identity),
        cmocka_unit_test(conn_10_what_is_connected_again_while_the_list_comes_stays),
        cmocka_unit_test(
            conn_10_what_is_disconnected_while_the_list_comes_does_not_come_back),
        cmocka_unit_test(vault_07_what_the_list_lacks_takes_its_kept_tokens_along),
        cmocka_unit_test(
            conn_08_a_record_that_another_writes_meanwhile_goes_all_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
