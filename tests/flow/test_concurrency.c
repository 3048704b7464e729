/* SPDX-License-Identifier: MIT */
/* Many threads on one client; also built under ThreadSanitizer. */
#include "world.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "base/mem.h"

enum {
    CALLERS = 50
};

typedef struct caller {
    pthread_t thread;
    world *w;
    const char *session_id;
    char access_token[1024];
    a0_status status;
} caller;

static void *
ask_for_the_token(void *self)
{
    caller *c = self;
    a0_session *session = NULL;
    a0_token *token = NULL;

    c->status = a0_session_open(c->w->client, c->session_id, &session, NULL);
    if (c->status == A0_OK) {
        c->status = a0_session_access_token(session, NULL, &token, NULL);
    }
    if (c->status == A0_OK) {
        (void)strncat(c->access_token, a0_token_access_token(token),
                      sizeof c->access_token - 1);
    }
    a0_token_free(token);
    a0_session_free(session);
    return NULL;
}

static void
rfr_02_of_many_threads_one_refreshes_and_all_get_its_token(void **state)
{
    static caller callers[CALLERS];
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, NULL);
    w.tenant.rotation = true;
    session = world_session(&w, NULL);
    a0_login_free(world_login(&w, session));
    test_clock_advance_s(&w.clock, 3601);
    for (size_t i = 0; i < CALLERS; i++) {
        callers[i] = (caller){ .w = &w, .session_id = a0_session_id(session) };
        assert_int_equal(
            pthread_create(&callers[i].thread, NULL, ask_for_the_token, &callers[i]),
            0);
    }
    for (size_t i = 0; i < CALLERS; i++) {
        (void)pthread_join(callers[i].thread, NULL);
        assert_int_equal(callers[i].status, A0_OK);
        assert_string_equal(callers[i].access_token, callers[0].access_token);
    }
    assert_int_equal(w.tenant.refreshes, 1);
    a0_session_free(session);
    world_clear(&w);
}

/* ---- a failure is an answer too ---- */

/* Keeps whoever asks Auth0 waiting until all callers are on their way; the first caller
 * is the first to ask. */
typedef struct crowd {
    _Atomic size_t started;
    _Atomic bool is_asked;
    size_t expected;
} crowd;

static void
wait_for_all(void *self, const char *path, bool done)
{
    crowd *c = self;

    if (done || strcmp(path, "/oauth/token") != 0) {
        return;
    }
    c->is_asked = true;
    while (c->started < c->expected) {
        (void)sched_yield();
    }
    /* What is left of their way is a look into the store. */
    for (int i = 0; i < 1000; i++) {
        (void)sched_yield();
    }
}

typedef struct asker {
    pthread_t thread;
    world *w;
    crowd *crowd;
    const char *session_id;
    const char *audience;
    bool of_vault;
    const char *login_hint;
    char id[64]; /* of the error; "": none */
    char token[64];
} asker;

static void
keep_token(asker *a, const a0_token *token)
{
    if (token != NULL && a->of_vault) {
        (void)strncat(a->token, a0_token_access_token(token), sizeof a->token - 1);
    }
}

static void *
ask_as_told(void *self)
{
    asker *a = self;
    a0_access_token_options options = A0_ACCESS_TOKEN_OPTIONS_INIT;
    a0_vault_options vault_options = A0_VAULT_OPTIONS_INIT;
    a0_session *session = NULL;
    a0_token *token = NULL;
    a0_error *err = NULL;

    options.audience = a->audience;
    options.scope = a->audience != NULL ? "read:x" : NULL;
    vault_options.login_hint = a->login_hint;
    if (a0_session_open(a->w->client, a->session_id, &session, &err) == A0_OK) {
        a->crowd->started++;
        a0__ignore(a->of_vault
                       ? a0_vault_token_for_session(session, "google-oauth2",
                                                    &vault_options, &token, &err)
                       : a0_session_access_token(session, &options, &token, &err));
    }
    (void)strncat(a->id, a0_error_id(err), sizeof a->id - 1);
    keep_token(a, token);
    a0_error_free(err);
    a0_token_free(token);
    a0_session_free(session);
    return NULL;
}

static void
ask_all_at_once(world *w, asker *askers, size_t len)
{
    crowd c = { .expected = len };

    w->tenant.watch = wait_for_all;
    w->tenant.watch_self = &c;
    for (size_t i = 0; i < len; i++) {
        askers[i].w = w;
        askers[i].crowd = &c;
        assert_int_equal(
            pthread_create(&askers[i].thread, NULL, ask_as_told, &askers[i]), 0);
        while (!c.is_asked) {
            (void)sched_yield();
        }
    }
    for (size_t i = 0; i < len; i++) {
        (void)pthread_join(askers[i].thread, NULL);
    }
    w->tenant.watch = NULL;
}

/* Otherwise each of them would ask, one after the other. A few that come late make a
 * crowd of their own. */
static void
rfr_02_of_many_threads_one_is_refused_and_all_get_its_answer(void **state)
{
    static asker askers[CALLERS];
    world w;
    a0_session *session = NULL;
    size_t before = 0;

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, NULL);
    test_clock_advance_s(&w.clock, 3601);
    w.tenant.token_status = 403;
    w.tenant.token_body = "{\"error\":\"mfa_required\"}";
    w.tenant.token_fault_stays = true;
    before = fake_tenant_calls(&w.tenant, "/oauth/token");
    for (size_t i = 0; i < CALLERS; i++) {
        askers[i] = (asker){ .session_id = a0_session_id(session) };
    }
    ask_all_at_once(&w, askers, CALLERS);
    for (size_t i = 0; i < CALLERS; i++) {
        assert_string_equal(askers[i].id, "mfa_required");
    }
    assert_in_range(fake_tenant_calls(&w.tenant, "/oauth/token") - before, 1,
                    CALLERS / 2);
    a0_session_free(session);
    world_clear(&w);
}

/* What one is refused is no answer to somebody who wants something else. */
static void
rfr_10_a_refusal_is_shared_only_by_those_who_want_the_same(void **state)
{
    static const char *const audiences[] = { "https://other.example",
                                             "https://api.example" };
    static asker askers[CALLERS];
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, NULL);
    w.tenant.scope = "read:x";
    w.tenant.no_id_token_at_refresh = true;
    memcpy(w.tenant.access_audience, audiences[1], strlen(audiences[1]) + 1);
    for (size_t i = 0; i < CALLERS; i++) {
        askers[i] = (asker){ .session_id = a0_session_id(session),
                             .audience = audiences[i % 2] };
    }
    ask_all_at_once(&w, askers, CALLERS);
    for (size_t i = 0; i < CALLERS; i++) {
        assert_string_equal(askers[i].id,
                            i % 2 == 0 ? "refresh_audience_mismatch" : "");
    }
    a0_session_free(session);
    world_clear(&w);
}

static void
vault_06_of_many_threads_one_is_refused_and_all_get_its_answer(void **state)
{
    static asker askers[CALLERS];
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, NULL);
    w.tenant.vault.status = 401;
    w.tenant.vault.body =
        "{\"error\":\"federated_connection_refresh_token_flow_failed\"}";
    for (size_t i = 0; i < CALLERS; i++) {
        askers[i] = (asker){ .session_id = a0_session_id(session), .of_vault = true };
    }
    ask_all_at_once(&w, askers, CALLERS);
    for (size_t i = 0; i < CALLERS; i++) {
        assert_string_equal(askers[i].id, "vault_reconnect");
    }
    assert_in_range(w.tenant.vault.exchanges, 1, CALLERS / 2);
    a0_session_free(session);
    world_clear(&w);
}

/* Two people, and each with no hint, one and another. */
static void
vault_02_people_and_hints_side_by_side_never_mix(void **state)
{
    enum {
        KINDS = 6
    };
    static const char *const hints[] = { NULL, "1001", "1002" };
    static asker askers[CALLERS];
    world w;
    a0_session *people[2] = { NULL };

    (void)state;
    world_init(&w, NULL);
    people[0] = world_sign_in(&w, "auth0|jo");
    people[1] = world_sign_in(&w, "auth0|mel");
    for (size_t i = 0; i < CALLERS; i++) {
        askers[i] = (asker){ .session_id = a0_session_id(people[i % 2]),
                             .of_vault = true,
                             .login_hint = hints[i % 3] };
    }
    ask_all_at_once(&w, askers, CALLERS);
    assert_int_equal(w.tenant.vault.exchanges, KINDS);
    for (size_t i = 0; i < CALLERS; i++) {
        assert_string_equal(askers[i].token, askers[i % KINDS].token);
        assert_true(i >= KINDS || strcmp(askers[i].token, "") != 0);
    }
    for (size_t i = 0; i < KINDS; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(askers[i].token, askers[j].token);
        }
    }
    a0_session_free(people[0]);
    a0_session_free(people[1]);
    world_clear(&w);
}

static void *
warm_up(void *self)
{
    caller *c = self;

    c->status = a0_client_warm(c->w->client, NULL);
    return NULL;
}

static void
jwks_03_a_cold_crowd_fetches_discovery_and_keys_once(void **state)
{
    static caller callers[CALLERS];
    world w;

    (void)state;
    world_init(&w, NULL);
    for (size_t i = 0; i < CALLERS; i++) {
        callers[i] = (caller){ .w = &w };
        assert_int_equal(pthread_create(&callers[i].thread, NULL, warm_up, &callers[i]),
                         0);
    }
    for (size_t i = 0; i < CALLERS; i++) {
        (void)pthread_join(callers[i].thread, NULL);
        assert_int_equal(callers[i].status, A0_OK);
    }
    assert_int_equal(fake_tenant_calls(&w.tenant, "/.well-known/openid-configuration"),
                     1);
    assert_int_equal(fake_tenant_calls(&w.tenant, "/.well-known/jwks.json"), 1);
    world_clear(&w);
}

static void *
start_pushed(void *self)
{
    caller *c = self;
    a0_session *session = NULL;
    const char *url = NULL;

    c->status = a0_session_open(c->w->client, NULL, &session, NULL);
    if (c->status == A0_OK) {
        c->status = a0_login_start(session, FAKE_REDIRECT_URI, NULL, &url, NULL);
    }
    a0_session_free(session);
    return NULL;
}

static void
jwks_03_of_a_crowd_with_aged_keys_one_renews_them(void **state)
{
    static caller callers[CALLERS];
    world w;

    (void)state;
    world_init(&w, "\"pushed_authorization_requests\":true");
    assert_ok(a0_client_warm(w.client, &w.err), w.err);
    test_clock_advance_s(&w.clock, 601);
    w.tenant.jwks_body = "{"; /* a renewal that fails writes as well */
    for (size_t i = 0; i < CALLERS; i++) {
        callers[i] = (caller){ .w = &w };
        assert_int_equal(
            pthread_create(&callers[i].thread, NULL, start_pushed, &callers[i]), 0);
    }
    for (size_t i = 0; i < CALLERS; i++) {
        (void)pthread_join(callers[i].thread, NULL);
        assert_int_equal(callers[i].status, A0_OK);
    }
    assert_int_equal(fake_tenant_calls(&w.tenant, "/.well-known/jwks.json"), 2);
    world_clear(&w);
}

typedef struct double_click {
    pthread_t thread;
    world *w;
    const char *session_id;
    const char *callback;
    a0_status status;
} double_click;

static void *
click(void *self)
{
    double_click *c = self;
    a0_session *session = NULL;
    a0_login *login = NULL;

    c->status = a0_session_open(c->w->client, c->session_id, &session, NULL);
    if (c->status == A0_OK) {
        c->status = a0_login_complete(session, c->callback, NULL, &login, NULL);
    }
    a0_login_free(login);
    a0_session_free(session);
    return NULL;
}

static void
cb_05_of_many_identical_callbacks_one_exchanges_the_code(void **state)
{
    static double_click clicks[CALLERS];
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) callback = NULL;
    size_t completed = 0;

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    callback = world_start(&w, session, NULL);
    for (size_t i = 0; i < CALLERS; i++) {
        clicks[i] = (double_click){ .w = &w,
                                    .session_id = a0_session_id(session),
                                    .callback = callback };
        assert_int_equal(pthread_create(&clicks[i].thread, NULL, click, &clicks[i]), 0);
    }
    for (size_t i = 0; i < CALLERS; i++) {
        (void)pthread_join(clicks[i].thread, NULL);
        completed += clicks[i].status == A0_OK ? 1 : 0;
    }
    assert_int_equal(completed, 1);
    assert_int_equal(fake_tenant_calls(&w.tenant, "/oauth/token"), 1);
    a0_session_free(session);
    world_clear(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfr_02_of_many_threads_one_refreshes_and_all_get_its_token),
        cmocka_unit_test(rfr_02_of_many_threads_one_is_refused_and_all_get_its_answer),
        cmocka_unit_test(rfr_10_a_refusal_is_shared_only_by_those_who_want_the_same),
        cmocka_unit_test(
            vault_06_of_many_threads_one_is_refused_and_all_get_its_answer),
        cmocka_unit_test(vault_02_people_and_hints_side_by_side_never_mix),
        cmocka_unit_test(jwks_03_a_cold_crowd_fetches_discovery_and_keys_once),
        cmocka_unit_test(jwks_03_of_a_crowd_with_aged_keys_one_renews_them),
        cmocka_unit_test(cb_05_of_many_identical_callbacks_one_exchanges_the_code),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
