/* SPDX-License-Identifier: MIT */
/* Connected accounts that come and go while something else is under way: rows CONN-08,
 * CONN-10 and VAULT-07. */
#include "connect_world.h"

#include <pthread.h>
#include <string.h>

#include "base/mem.h"

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

/* ---- a record that another request writes between our reading and our writing ---- */

/* At the second commit after one call of Auth0: the first forgets the provider tokens,
 * and the second is of the record. */
typedef struct rival {
    world *w;
    a0_store_op_type how;
    const int *calls;
    unsigned commits;
} rival;

static void
write_first(void *self, failing_store_call call, uint64_t n, bool done)
{
    rival *r = self;
    world *w = r->w;
    const a0_record record = { .size = sizeof record,
                               .kind = A0_RECORD_CONNECTED_ACCOUNT,
                               .key = "cac_1",
                               .owner = "",
                               .user_id = "auth0|jo",
                               .sid = "",
                               .data = "{}",
                               .data_len = 2 };
    const a0_store_op op = { .type = r->how, .record = &record };
    bool applied = false;

    (void)n;
    if (call == FAILING_STORE_COMMIT && !done && *r->calls == 1 && ++r->commits == 2) {
        assert_ok(w->store.inner->commit(w->store.inner_self, &op, 1,
                                         test_clock_now_s(&w->clock), &applied,
                                         &w->err),
                  w->err);
        assert_true(applied);
    }
}

static void
conn_10_a_record_that_another_wrote_meanwhile_is_brought_up_to_date(void **state)
{
    A0_AUTO(a0__connected_account) account = { .version = 0 };
    world w;
    rival r = { .w = &w,
                .how = A0_STORE_INSERT,
                .calls = &w.tenant.my_account.completes };
    a0_session *session = NULL;
    A0_AUTO(a0__string) callback = NULL;
    a0_connect_answer *answer = NULL;
    bool found = false;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    callback = connect_start(&w, session, GOOGLE);
    w.store.watch = write_first;
    w.store.watch_self = &r;
    assert_ok(a0_connect_complete(session, callback, &answer, &w.err), w.err);
    a0_connect_answer_free(answer);
    w.store.watch = NULL;
    assert_ok(a0__connected_account_get(w.client, "cac_1", &account, &found, &w.err),
              w.err);
    assert_true(found && account.is_proven);
    assert_text(account.subject, "104");
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_08_a_record_that_another_writes_meanwhile_goes_all_the_same(void **state)
{
    world w;
    rival r = { .w = &w,
                .how = A0_STORE_UPDATE,
                .calls = &w.tenant.my_account.deletes };
    a0_session *session = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    connect_account(&w, session, GOOGLE);
    w.store.watch = write_first;
    w.store.watch_self = &r;
    assert_ok(a0_connect_delete(session, "cac_1", &w.err), w.err);
    w.store.watch = NULL;
    assert_int_equal(connect_records(&w, "auth0|jo"), 0);
    a0_session_free(session);
    world_clear(&w);
}

/* ---- two tabs come back at once ---- */

typedef struct completion {
    pthread_t thread;
    world *w;
    const char *session_id;
    char *callback;
    a0_status status;
} completion;

static void *
complete_it(void *self)
{
    completion *c = self;
    a0_session *session = NULL;
    a0_connect_answer *answer = NULL;

    c->status = a0_session_open(c->w->client, c->session_id, &session, NULL);
    if (c->status == A0_OK) {
        c->status = a0_connect_complete(session, c->callback, &answer, NULL);
    }
    a0_connect_answer_free(answer);
    a0_session_free(session);
    return NULL;
}

/* With one account, and with two. */
static void
conn_10_completing_side_by_side_leaves_a_record_for_each_account(void **state)
{
    static const char *const answers[][2] = { { ACCOUNT("cac_1"), NULL },
                                              { ACCOUNT("cac_2"), ACCOUNT("cac_3") } };
    world w;
    a0_session *session = NULL;
    completion completions[2];

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, "auth0|jo");
    for (size_t round = 0; round < 2; round++) {
        w.tenant.my_account.complete_body = answers[round][0];
        w.tenant.my_account.complete_second = answers[round][1];
        for (size_t i = 0; i < 2; i++) {
            completions[i] =
                (completion){ .w = &w,
                              .session_id = a0_session_id(session),
                              .callback = connect_start(&w, session, GOOGLE) };
        }
        for (size_t i = 0; i < 2; i++) {
            assert_int_equal(pthread_create(&completions[i].thread, NULL, complete_it,
                                            &completions[i]),
                             0);
        }
        for (size_t i = 0; i < 2; i++) {
            assert_int_equal(pthread_join(completions[i].thread, NULL), 0);
            assert_int_equal(completions[i].status, A0_OK);
            a0__free(completions[i].callback);
        }
        assert_int_equal(connect_records(&w, "auth0|jo"), round == 0 ? 1 : 3);
    }
    assert_int_equal(recording_log_count(&w.log, "connect.record_failed"), 0);
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
            conn_10_a_record_that_another_wrote_meanwhile_is_brought_up_to_date),
        cmocka_unit_test(
            conn_08_a_record_that_another_writes_meanwhile_goes_all_the_same),
        cmocka_unit_test(
            conn_10_completing_side_by_side_leaves_a_record_for_each_account),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
