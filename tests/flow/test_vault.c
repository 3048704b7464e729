/* SPDX-License-Identifier: MIT */
/* Tokens of the vault: kept, exchanged once, with either subject (contract §1). */
#include "world.h"

#include <pthread.h>
#include <string.h>

#include "base/mem.h"

#define GOOGLE "google-oauth2"

enum {
    CALLERS = 50
};

static void
an_uncached_token_is_one_request_and_a_kept_one_none(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_token *token = NULL;
    size_t before = 0;

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, NULL);
    for (size_t i = 0; i < 3; i++) {
        before = scripted_requests_len(w.tenant.script);
        assert_ok(a0_vault_token_for_session(session, GOOGLE, NULL, &token, &w.err),
                  w.err);
        assert_int_equal(scripted_requests_len(w.tenant.script) - before,
                         i == 0 ? 1 : 0);
        assert_string_equal(a0_token_access_token(token), "pt-canary-1");
        assert_string_equal(a0_token_scope(token), w.tenant.vault.scope);
        assert_int_equal(a0_token_expires_at(token), TEST_CLOCK_START_S + 3377);
        a0_token_free(token);
    }
    assert_string_equal(w.tenant.vault.connection, GOOGLE);
    assert_string_equal(w.tenant.vault.subject_token_type,
                        "urn:ietf:params:oauth:token-type:refresh_token");
    test_clock_advance_s(&w.clock, 3377 - 59);
    assert_ok(a0_vault_token_for_session(session, GOOGLE, NULL, &token, &w.err), w.err);
    assert_string_equal(a0_token_access_token(token), "pt-canary-2");
    a0_token_free(token);
    a0_session_free(session);
    world_clear(&w);
}

static void
any_answer_of_an_api_is_handed_on(void **state)
{
    const a0_http_header bearer = { "Authorization", "Bearer pt-canary-1" };
    const a0_http_request request = { .size = sizeof request,
                                      .method = "GET",
                                      .url = FAKE_URL "/elsewhere",
                                      .headers = &bearer,
                                      .headers_len = 1,
                                      .max_response_bytes = 1024 };
    world w;
    a0_http_response *response = NULL;

    (void)state;
    world_init(&w, NULL);
    assert_ok(a0_client_perform(w.client, &request, &response, &w.err), w.err);
    assert_int_equal(a0_http_response_status(response), 404);
    a0_http_response_free(response);
    scripted_failure(w.tenant.script, "GET", FAKE_URL "/elsewhere",
                     A0_E_http_unreachable, false);
    assert_fails(a0_client_perform(w.client, &request, &response, &w.err), &w.err,
                 http_unreachable);
    world_clear(&w);
}

static void
an_access_token_of_the_session_can_be_the_subject(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_token *token = NULL;

    (void)state;
    world_init(&w, "\"vault_subject\":\"access_token\","
                   "\"vault_audience\":\"https://api.example\"");
    session = world_sign_in(&w, NULL);
    w.tenant.scope = NULL;
    assert_ok(a0_vault_token_for_session(session, GOOGLE, NULL, &token, &w.err), w.err);
    a0_token_free(token);
    assert_int_equal(w.tenant.refreshes, 1);
    assert_string_equal(w.tenant.vault.subject_token_type,
                        "urn:ietf:params:oauth:token-type:access_token");
    assert_string_not_equal(w.tenant.vault.subject_token, w.tenant.refresh_token);
    a0_session_free(session);
    world_clear(&w);
}

static void
without_a_session_or_a_refresh_token_nothing_is_asked(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_token *token = NULL;

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    assert_fails(a0_vault_token_for_session(session, GOOGLE, NULL, &token, &w.err),
                 &w.err, session_missing);
    w.tenant.no_refresh_token = true;
    a0_login_free(world_login(&w, session));
    assert_fails(a0_vault_token_for_session(session, GOOGLE, NULL, &token, &w.err),
                 &w.err, refresh_token_missing);
    assert_int_equal(w.tenant.vault.exchanges, 0);
    a0_session_free(session);
    world_clear(&w);
}

static void
a_network_that_is_down_is_no_refusal(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_token *token = NULL;
    size_t before = 0;

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, NULL);
    w.tenant.network_error = A0_E_http_timeout;
    w.tenant.network_error_sent = true;
    before = fake_tenant_calls(&w.tenant, "/oauth/token");
    assert_fails(a0_vault_token_for_session(session, GOOGLE, NULL, &token, &w.err),
                 &w.err, vault_unavailable);
    assert_int_equal(fake_tenant_calls(&w.tenant, "/oauth/token") - before, 1);
    w.tenant.network_error = A0_E_http_unreachable;
    w.tenant.network_error_sent = false;
    assert_ok(a0_vault_token_for_session(session, GOOGLE, NULL, &token, &w.err), w.err);
    a0_token_free(token);
    a0_session_free(session);
    world_clear(&w);
}

typedef struct caller {
    pthread_t thread;
    world *w;
    const char *session_id;
    char token[64];
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
        c->status = a0_vault_token_for_session(session, GOOGLE, NULL, &token, NULL);
    }
    if (c->status == A0_OK) {
        memcpy(c->token, a0_token_access_token(token),
               strlen(a0_token_access_token(token)) + 1);
    }
    a0_token_free(token);
    a0_session_free(session);
    return NULL;
}

static void
of_many_threads_one_exchanges_and_all_get_its_token(void **state)
{
    static caller callers[CALLERS];
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, NULL);
    for (size_t i = 0; i < CALLERS; i++) {
        callers[i] = (caller){ .w = &w, .session_id = a0_session_id(session) };
        assert_int_equal(
            pthread_create(&callers[i].thread, NULL, ask_for_the_token, &callers[i]),
            0);
    }
    for (size_t i = 0; i < CALLERS; i++) {
        (void)pthread_join(callers[i].thread, NULL);
        assert_int_equal(callers[i].status, A0_OK);
        assert_string_equal(callers[i].token, "pt-canary-1");
    }
    assert_int_equal(w.tenant.vault.exchanges, 1);
    a0_session_free(session);
    world_clear(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_uncached_token_is_one_request_and_a_kept_one_none),
        cmocka_unit_test(any_answer_of_an_api_is_handed_on),
        cmocka_unit_test(an_access_token_of_the_session_can_be_the_subject),
        cmocka_unit_test(without_a_session_or_a_refresh_token_nothing_is_asked),
        cmocka_unit_test(a_network_that_is_down_is_no_refusal),
        cmocka_unit_test(of_many_threads_one_exchanges_and_all_get_its_token),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
