/* SPDX-License-Identifier: MIT */
/* Many threads on one client; also built under ThreadSanitizer. */
#include "world.h"

#include <pthread.h>
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
        cmocka_unit_test(jwks_03_a_cold_crowd_fetches_discovery_and_keys_once),
        cmocka_unit_test(jwks_03_of_a_crowd_with_aged_keys_one_renews_them),
        cmocka_unit_test(cb_05_of_many_identical_callbacks_one_exchanges_the_code),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
