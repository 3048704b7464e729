/* SPDX-License-Identifier: MIT */
/* Starting a sign-in as a whole: rows of group AUTHZ. */
#include "world.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/url.h"

#define PAR "\"pushed_authorization_requests\":true"

static a0_status
start(world *w, a0_session *session, const char *name, const char *value)
{
    const a0_param param = { name, value };
    a0_login_options options = A0_LOGIN_OPTIONS_INIT;
    const char *url = NULL;

    options.params = &param;
    options.params_len = name != NULL ? 1 : 0;
    return a0_login_start(session, FAKE_REDIRECT_URI, &options, &url, &w->err);
}

static void
authz_01_a_forbidden_parameter_reaches_neither_network_nor_store(void **state)
{
    static const char *const names[] = { "state", "nonce",       "code_challenge",
                                         "STATE", "request_uri", "dpop_jkt" };
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, PAR);
    session = world_session(&w, NULL);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_fails(start(&w, session, names[i], "x"), &w.err, param_forbidden);
    }
    assert_int_equal(scripted_requests_len(w.tenant.script), 0);
    assert_int_equal(w.store.commits, 0);
    a0_session_free(session);
    world_clear(&w);
}

static void
authz_03_a_generator_that_fails_at_any_draw_starts_nothing(void **state)
{
    world w;
    a0_session *session = NULL;
    uint64_t draws = 0;

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    assert_ok(a0_client_warm(w.client, &w.err), w.err);
    draws = w.random.calls;
    assert_ok(start(&w, session, NULL, NULL), w.err);
    draws = w.random.calls - draws;
    assert_true(draws >= 4); /* state, nonce, verifier, the seal of the row */
    for (uint64_t i = 1; i <= draws; i++) {
        uint64_t commits = w.store.commits;

        w.random.fail_at = w.random.calls + i;
        assert_fails(start(&w, session, NULL, NULL), &w.err, rng_failure);
        assert_int_equal(w.store.commits, commits);
        w.random.fail_at = 0;
    }
    a0_session_free(session);
    world_clear(&w);
}

enum {
    DRAWS = 50,
    ID_LEN = A0_SESSION_ID_LEN
};

static void
draw_ids(a0_client *client, char (*out)[ID_LEN + 1])
{
    for (size_t i = 0; i < DRAWS; i++) {
        a0_session *session = NULL;

        if (a0_session_open(client, NULL, &session, NULL) == A0_OK) {
            memcpy(out[i], a0_session_id(session), ID_LEN + 1);
        }
        a0_session_free(session);
    }
}

static void
authz_03_a_child_never_draws_what_its_parent_draws(void **state)
{
    static char parent[DRAWS][ID_LEN + 1];
    static char child[DRAWS][ID_LEN + 1];
    static const char json[] = "{" WORLD_SETTINGS_WITHOUT_KEYS "}";
    a0_config *config = NULL;
    a0_client *client = NULL;
    a0_error *err = NULL;
    int ends[2];
    pid_t pid = 0;
    int status = 0;

    (void)state;
    assert_ok(a0_config_new(&config, &err), err);
    assert_ok(a0_config_read_json(config, json, sizeof json - 1, &err), err);
    assert_ok(a0_client_new(config, NULL, &client, &err), err);
    a0_config_free(config);
    draw_ids(client, parent); /* seeded before the split */
    assert_int_equal(pipe(ends), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        draw_ids(client, child);
        _exit(write(ends[1], child, sizeof child) == (ssize_t)sizeof child ? 0 : 1);
    }
    draw_ids(client, parent);
    assert_int_equal(read(ends[0], child, sizeof child), sizeof child);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    for (size_t i = 0; i < DRAWS; i++) {
        assert_int_equal(strlen(child[i]), ID_LEN);
        for (size_t j = 0; j < DRAWS; j++) {
            assert_string_not_equal(child[i], parent[j]);
        }
    }
    (void)close(ends[0]);
    (void)close(ends[1]);
    a0_client_free(client);
}

static void
authz_05_a_refused_push_is_tried_once_and_opens_nothing(void **state)
{
    static const struct {
        int status;
        int shown;
    } rows[] = { { 400, 502 }, { 401, 502 }, { 403, 502 }, { 429, 503 }, { 500, 502 } };
    world w;
    a0_session *session = NULL;
    uint64_t commits = 0;

    (void)state;
    world_init(&w, PAR);
    session = world_session(&w, NULL);
    commits = w.store.commits;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        w.tenant.par_status = rows[i].status;
        w.tenant.par_body = "{\"error\":\"invalid_request\"}";
        assert_int_not_equal(start(&w, session, NULL, NULL), A0_OK);
        assert_string_equal(a0_error_id(w.err), "par_failed");
        assert_int_equal(a0_error_http_status(w.err), rows[i].shown);
        a0_error_free(a0__steal(&w.err));
        assert_int_equal(fake_tenant_calls(&w.tenant, "/oauth/par"), i + 1);
    }
    assert_int_equal(w.store.commits, commits);
    a0_session_free(session);
    world_clear(&w);
}

static void
authz_05_only_a_push_of_which_nothing_was_sent_is_repeated_once(void **state)
{
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, PAR);
    session = world_session(&w, NULL);
    w.tenant.par_network_error = A0_E_http_timeout;
    w.tenant.par_network_error_sent = true;
    w.tenant.par_network_errors = 9;
    assert_fails(start(&w, session, NULL, NULL), &w.err, par_failed);
    assert_int_equal(fake_tenant_calls(&w.tenant, "/oauth/par"), 1);
    w.tenant.par_network_error_sent = false;
    assert_fails(start(&w, session, NULL, NULL), &w.err, par_failed);
    assert_int_equal(fake_tenant_calls(&w.tenant, "/oauth/par"), 3);
    assert_int_equal(w.store.commits, 0);
    w.tenant.par_network_errors = 1;
    assert_ok(start(&w, session, NULL, NULL), w.err);
    assert_int_equal(fake_tenant_calls(&w.tenant, "/oauth/par"), 5);
    a0_session_free(session);
    world_clear(&w);
}

static void
authz_06_a_malformed_answer_to_a_push_opens_nothing(void **state)
{
    static const char *const bodies[] = {
        "{}",
        "{\"request_uri\":\"\",\"expires_in\":30}",
        "{\"request_uri\":7,\"expires_in\":30}",
        "{\"request_uri\":\"urn:x&y=1\",\"expires_in\":30}",
        "{\"request_uri\":\"urn:x\\r\\n1\",\"expires_in\":30}",
        "{\"request_uri\":\"urn:x\"}",
        "{\"request_uri\":\"urn:x\",\"expires_in\":0}",
        "{\"request_uri\":\"urn:x\",\"expires_in\":\"30\"}",
        "[]",
    };
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, PAR);
    session = world_session(&w, NULL);
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        w.tenant.par_body = bodies[i];
        assert_fails(start(&w, session, NULL, NULL), &w.err, par_response_invalid);
    }
    w.tenant.par_body = NULL;
    w.tenant.par_status = 200;
    assert_fails(start(&w, session, NULL, NULL), &w.err, par_response_invalid);
    assert_int_equal(w.store.commits, 0);
    a0_session_free(session);
    world_clear(&w);
}

/* The claims of the assertion in the n-th request; they differ by jti alone. */
static char *
assertion_claims(world *w, size_t n)
{
    A0_AUTO(a0__params) params = A0__PARAMS_INIT;
    const scripted_request *request = scripted_request_at(w->tenant.script, n);
    a0__text rest = A0__NO_TEXT;
    a0__text part = A0__NO_TEXT;
    bool valid = false;

    assert_non_null(request);
    assert_int_equal(
        a0__params_parse(a0__text_of(request->body), 64, &params, &valid, NULL), A0_OK);
    rest = a0__params_get(&params, "client_assertion", NULL);
    assert_true(a0__text_next(&rest, '.', &part) && a0__text_next(&rest, '.', &part));
    return a0__strndup(part.ptr, part.len);
}

static void
authz_07_every_attempt_brings_an_assertion_of_its_own(void **state)
{
    A0_AUTO(a0__buf) settings = A0__BUF_INIT(4096);
    A0_AUTO(a0__secret) pem = A0__SECRET_INIT;
    a0__signing_key *key = NULL;
    char *claims[3];
    size_t first = 0;
    world w;
    a0_session *session = NULL;
    a0_error *err = NULL;

    (void)state;
    assert_ok(a0__signing_key_generate(A0__ES256, &key, &err), err);
    assert_ok(a0__signing_key_write_pem(key, &pem, &err), err);
    a0__buf_string(&settings, PAR ",\"client_authentication\":\"private_key_jwt\","
                                  "\"client_assertion_alg\":\"ES256\","
                                  "\"client_assertion_key\":\"");
    for (const char *c = a0__secret_expose_cstr(&pem); *c != '\0'; c++) {
        if (*c == '\n') {
            a0__buf_string(&settings, "\\n");
        } else {
            a0__buf_byte(&settings, *c);
        }
    }
    a0__buf_byte(&settings, '"');
    world_init(&w, a0__buf_cstr(&settings));
    session = world_session(&w, NULL);
    assert_ok(a0_client_warm(w.client, &w.err), w.err);
    first = scripted_requests_len(w.tenant.script);
    w.tenant.par_network_error = A0_E_http_unreachable;
    w.tenant.par_network_errors = 1;
    assert_ok(start(&w, session, NULL, NULL), w.err);
    assert_ok(start(&w, session, NULL, NULL), w.err);
    for (size_t i = 0; i < 3; i++) {
        claims[i] = assertion_claims(&w, first + i);
    }
    assert_string_not_equal(claims[0], claims[1]);
    assert_string_not_equal(claims[0], claims[2]);
    assert_string_not_equal(claims[1], claims[2]);
    for (size_t i = 0; i < 3; i++) {
        a0__free(claims[i]);
    }
    a0_session_free(session);
    world_clear(&w);
    a0__signing_key_free(key);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            authz_01_a_forbidden_parameter_reaches_neither_network_nor_store),
        cmocka_unit_test(authz_03_a_generator_that_fails_at_any_draw_starts_nothing),
        cmocka_unit_test(authz_03_a_child_never_draws_what_its_parent_draws),
        cmocka_unit_test(authz_05_a_refused_push_is_tried_once_and_opens_nothing),
        cmocka_unit_test(
            authz_05_only_a_push_of_which_nothing_was_sent_is_repeated_once),
        cmocka_unit_test(authz_06_a_malformed_answer_to_a_push_opens_nothing),
        cmocka_unit_test(authz_07_every_attempt_brings_an_assertion_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
