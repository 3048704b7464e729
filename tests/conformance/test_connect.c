/* SPDX-License-Identifier: MIT */
/* Group CONN of the case catalogue: who connects what to whom. */
#include "world.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "flows/connected_account.h"

#define GOOGLE "google-oauth2"
#define REDIRECT_URI "https://app.example/auth/callback"
#define ACCOUNT(id) "{\"id\":\"" id "\",\"connection\":\"google-oauth2\"}"
#define SHOWN(id)                                                                      \
    "{\"id\":\"" id "\",\"connection\":\"google-oauth2\","                             \
    "\"provider\":\"google-oauth2\",\"subject\":null,\"email\":null,"                  \
    "\"email_verified\":false,\"is_account_linked\":false}"

static a0_session *
signed_in(world *w, const char *sub)
{
    a0_session *session = world_session(w, NULL);

    w->tenant.scope = "openid profile email offline_access";
    w->tenant.sub = sub;
    a0_login_free(world_login(w, session));
    w->tenant.scope = "create:me:connected_accounts read:me:connected_accounts "
                      "delete:me:connected_accounts";
    w->tenant.no_id_token_at_refresh = true;
    return session;
}

/* Starts, and gives the callback with which the tenant would answer. */
static char *
start(world *w, a0_session *session)
{
    A0_AUTO(a0__buf) callback = A0__BUF_INIT(1024);
    const char *url = NULL;
    const char *state = NULL;

    assert_ok(a0_connect_start(session, GOOGLE, REDIRECT_URI, NULL, &url, &w->err),
              w->err);
    state = strstr(w->tenant.my_account.body, "\"state\":\"");
    assert_non_null(state);
    a0__buf_string(&callback, REDIRECT_URI "?connect_code=cc-canary&state=");
    a0__buf_bytes(&callback, state + 9, 43);
    return a0__buf_take(&callback);
}

static a0_status
count_row(void *self, const a0_record *record, a0_error **err)
{
    (void)record;
    (void)err;
    (*(size_t *)self)++;
    return A0_OK;
}

static size_t
accounts_of(world *w, const char *sub)
{
    size_t count = 0;

    assert_ok(w->store.inner->find(w->store.inner_self, A0_RECORD_CONNECTED_ACCOUNT,
                                   A0_INDEX_USER_ID, sub, test_clock_now_s(&w->clock),
                                   100, count_row, &count, &w->err),
              w->err);
    return count;
}

static void
connect_one(world *w, a0_session *session)
{
    A0_AUTO(a0__string) callback = start(w, session);
    a0_connect_answer *answer = NULL;

    assert_ok(a0_connect_complete(session, callback, &answer, &w->err), w->err);
    assert_string_equal(a0_connect_answer_json(answer),
                        w->tenant.my_account.complete_body);
    a0_connect_answer_free(answer);
}

static void
conn_01_only_the_person_and_session_that_began_may_complete(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) callback = NULL;
    a0_connect_answer *answer = NULL;

    (void)state;
    world_init(&w, NULL);
    session = signed_in(&w, "auth0|jo");
    callback = start(&w, session);
    w.tenant.no_id_token_at_refresh = false;
    w.tenant.sub = "auth0|mel";
    a0_login_free(world_login(&w, session));
    assert_fails(a0_connect_complete(session, callback, &answer, &w.err), &w.err,
                 connect_user_mismatch);
    assert_int_equal(w.tenant.my_account.completes, 0);
    assert_int_equal(accounts_of(&w, "auth0|mel"), 0);
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_02_a_callback_in_another_browser_redeems_nothing(void **state)
{
    world w;
    a0_session *attacker = NULL;
    a0_session *victim = NULL;
    A0_AUTO(a0__string) callback = NULL;
    a0_connect_answer *answer = NULL;

    (void)state;
    world_init(&w, NULL);
    attacker = signed_in(&w, "auth0|mallory");
    callback = start(&w, attacker);
    victim = signed_in(&w, "auth0|jo");
    assert_fails(a0_connect_complete(victim, callback, &answer, &w.err), &w.err,
                 callback_state_unknown);
    assert_int_equal(w.tenant.my_account.completes, 0);
    a0_session_free(attacker);
    a0_session_free(victim);
    world_clear(&w);
}

static void
conn_03_parameters_that_carry_security_are_refused(void **state)
{
    static const char *const forbidden[] = { "id_token_hint", "audience", "resource",
                                             "scope",         "state",    "next_url" };
    world w;
    a0_session *session = NULL;
    a0_connect_options options = A0_CONNECT_OPTIONS_INIT;
    a0_param param = { .value = "x" };
    const char *url = NULL;

    (void)state;
    world_init(&w, NULL);
    session = signed_in(&w, "auth0|jo");
    options.params = &param;
    options.params_len = 1;
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++) {
        param.name = forbidden[i];
        assert_fails(
            a0_connect_start(session, GOOGLE, REDIRECT_URI, &options, &url, &w.err),
            &w.err, param_forbidden);
    }
    param.name = "login_hint";
    assert_ok(a0_connect_start(session, GOOGLE, REDIRECT_URI, &options, &url, &w.err),
              w.err);
    assert_non_null(strstr(w.tenant.my_account.body,
                           "\"authorization_params\":{\"login_hint\":\"x\"}"));
    assert_int_equal(w.tenant.my_account.connects, 1);
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_03_scopes_are_those_configured_and_given_each_once(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_connect_options options = A0_CONNECT_OPTIONS_INIT;
    const char *url = NULL;

    (void)state;
    world_init(&w, "\"custom_scopes\":{\"google-oauth2\":[\"calendar\",\"openid\"]}");
    session = signed_in(&w, "auth0|jo");
    options.scope = "drive calendar";
    assert_ok(a0_connect_start(session, GOOGLE, REDIRECT_URI, &options, &url, &w.err),
              w.err);
    assert_non_null(strstr(w.tenant.my_account.body,
                           "\"scopes\":[\"calendar\",\"openid\",\"drive\","
                           "\"profile\",\"email\"]"));
    assert_ok(a0_connect_start(session, "github", REDIRECT_URI, NULL, &url, &w.err),
              w.err);
    assert_null(strstr(w.tenant.my_account.body, "scopes"));
    a0_session_free(session);
    world_clear(&w);
}

#define START(auth_session, uri, ticket, expires)                                      \
    "{\"auth_session\":" auth_session ",\"connect_uri\":\"" uri                        \
    "\",\"connect_params\":{\"ticket\":\"" ticket "\"},\"expires_in\":" expires "}"
#define GOOD_URI "https://tenant.example/connect"

static void
refuses(const char *const *bodies, size_t len)
{
    world w;
    a0_session *session = NULL;
    const char *url = NULL;

    world_init(&w, NULL);
    session = signed_in(&w, "auth0|jo");
    for (size_t i = 0; i < len; i++) {
        w.tenant.my_account.connect_body = bodies[i];
        assert_fails(
            a0_connect_start(session, GOOGLE, REDIRECT_URI, NULL, &url, &w.err), &w.err,
            connect_response_invalid);
    }
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_04_a_start_without_its_auth_session_is_refused(void **state)
{
    static const char *const bodies[] = {
        START("null", GOOD_URI, "t", "300"),
        START("\"\"", GOOD_URI, "t", "300"),
        START("\"a b\"", GOOD_URI, "t", "300"),
        START("7", GOOD_URI, "t", "300"),
        START("\"as\"", GOOD_URI, "t", "0"),
        START("\"as\"", GOOD_URI, "t", "-1"),
        START("\"as\"", GOOD_URI, "t", "null"),
        "[]",
        "<p>hello</p>",
    };

    (void)state;
    refuses(bodies, sizeof bodies / sizeof bodies[0]);
}

static void
conn_04_it_goes_with_its_own_code_and_ends_with_its_lifetime(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) late = NULL;
    a0_connect_answer *answer = NULL;

    (void)state;
    world_init(&w, NULL);
    session = signed_in(&w, "auth0|jo");
    connect_one(&w, session);
    assert_non_null(strstr(w.tenant.my_account.completed,
                           "{\"auth_session\":\"as-canary\",\"connect_code\":"
                           "\"cc-canary\",\"redirect_uri\":\"" REDIRECT_URI
                           "\",\"code_verifier\":\""));
    late = start(&w, session);
    test_clock_advance_s(&w.clock, 300);
    assert_fails(a0_connect_complete(session, late, &answer, &w.err), &w.err,
                 callback_expired);
    assert_int_equal(w.tenant.my_account.completes, 1);
    assert_false(recording_log_has_canary(&w.log, "as-canary"));
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_05_a_callback_that_comes_again_completes_nothing(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) callback = NULL;
    a0_connect_answer *answer = NULL;

    (void)state;
    world_init(&w, NULL);
    session = signed_in(&w, "auth0|jo");
    callback = start(&w, session);
    assert_ok(a0_connect_complete(session, callback, &answer, &w.err), w.err);
    a0_connect_answer_free(answer);
    assert_fails(a0_connect_complete(session, callback, &answer, &w.err), &w.err,
                 callback_state_unknown);
    assert_int_equal(w.tenant.my_account.completes, 1);
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_06_a_hostile_address_or_ticket_is_refused(void **state)
{
    static const char *const bodies[] = {
        START("\"as\"", "http://tenant.example/connect", "t", "300"),
        START("\"as\"", "https://evil.example/connect", "t", "300"),
        START("\"as\"", "https://tenant.example.evil/connect", "t", "300"),
        START("\"as\"", "https://u@tenant.example/connect", "t", "300"),
        START("\"as\"", "https://tenant.example:8443/connect", "t", "300"),
        START("\"as\"", "https://tenant.example/connect#x", "t", "300"),
        START("\"as\"", "javascript:alert(1)", "t", "300"),
        START("\"as\"", GOOD_URI, "", "300"),
        START("\"as\"", GOOD_URI, "a\\r\\nb", "300"),
        "{\"auth_session\":\"as\",\"connect_uri\":\"" GOOD_URI "\",\"expires_in\":300}",
    };

    (void)state;
    refuses(bodies, sizeof bodies / sizeof bodies[0]);
}

static void
conn_06_a_query_is_kept_and_the_ticket_is_encoded(void **state)
{
    world w;
    a0_session *session = NULL;
    const char *url = NULL;

    (void)state;
    world_init(&w, NULL);
    session = signed_in(&w, "auth0|jo");
    assert_ok(a0_connect_start(session, GOOGLE, REDIRECT_URI, NULL, &url, &w.err),
              w.err);
    assert_string_equal(url, "https://tenant.example/connected-accounts/connect?"
                             "keep=1&ticket=tk%2077%26x");
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_07_an_id_never_changes_the_path(void **state)
{
    static const char *const bad[] = { "", "..", "%2e%2e", "a/b", "a?b", "a#b", "a b" };
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, NULL);
    session = signed_in(&w, "auth0|jo");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_fails(a0_connect_delete(session, bad[i], &w.err), &w.err, param_invalid);
    }
    assert_int_equal(w.tenant.my_account.deletes, 0);
    assert_ok(a0_connect_delete(session, "cac_1-Z", &w.err), w.err);
    assert_string_equal(w.tenant.my_account.url, FAKE_MY_ACCOUNT "accounts/cac_1-Z");
    a0_session_free(session);
    world_clear(&w);
}

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
    jo = signed_in(&w, "auth0|jo");
    connect_one(&w, jo);
    w.tenant.my_account.delete_status = 500;
    assert_fails(a0_connect_delete(jo, "cac_1", &w.err), &w.err, connect_api_error);
    assert_int_equal(accounts_of(&w, "auth0|jo"), 1);
    w.tenant.no_id_token_at_refresh = false;
    mel = signed_in(&w, "auth0|mel");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        w.tenant.my_account.delete_status = rows[i].status;
        assert_int_equal(a0_connect_delete(mel, "cac_1", &w.err) == A0_OK, rows[i].ok);
        a0_error_free(a0__steal(&w.err));
        assert_int_equal(accounts_of(&w, "auth0|jo"), 1);
    }
    w.tenant.my_account.delete_status = 204;
    assert_ok(a0_connect_delete(jo, "cac_1", &w.err), w.err);
    assert_int_equal(accounts_of(&w, "auth0|jo"), 0);
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
    session = signed_in(&w, "auth0|jo");
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
    session = signed_in(&w, "auth0|jo");
    connect_one(&w, session);
    w.tenant.my_account.lists = 0;
    w.tenant.my_account.pages = pages;
    w.tenant.my_account.pages_len = 2;
    assert_ok(a0_connect_list(session, &answer, &w.err), w.err);
    assert_string_equal(a0_connect_answer_json(answer),
                        "[" SHOWN("cac_2") "," SHOWN("cac_3") "]");
    assert_string_equal(w.tenant.my_account.url,
                        FAKE_MY_ACCOUNT "accounts?take=20&from=c%261");
    assert_int_equal(accounts_of(&w, "auth0|jo"), 2);
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
    session = signed_in(&w, "auth0|jo");
    connect_one(&w, session);
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
    assert_int_equal(accounts_of(&w, "auth0|jo"), 1);
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
    jo = signed_in(&w, "auth0|jo");
    connect_one(&w, jo);
    connect_one(&w, jo);
    assert_int_equal(accounts_of(&w, "auth0|jo"), 1);
    w.tenant.no_id_token_at_refresh = false;
    mel = signed_in(&w, "auth0|mel");
    connect_one(&w, mel);
    assert_int_equal(accounts_of(&w, "auth0|jo"), 1);
    assert_int_equal(accounts_of(&w, "auth0|mel"), 0);
    assert_int_equal(recording_log_count(&w.log, "connect.owner_conflict"), 1);
    a0_session_free(jo);
    a0_session_free(mel);
    world_clear(&w);
}

static void
conn_11_a_problem_is_kept_and_a_cancelled_consent_is_told(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) callback = NULL;
    A0_AUTO(a0__buf) cancelled = A0__BUF_INIT(1024);
    a0_connect_answer *answer = NULL;
    const char *url = NULL;

    (void)state;
    world_init(&w, NULL);
    session = signed_in(&w, "auth0|jo");
    callback = start(&w, session);
    a0__buf_string(&cancelled, REDIRECT_URI "?error=access_denied");
    a0__buf_string(&cancelled, strstr(callback, "&state="));
    assert_fails(
        a0_connect_complete(session, a0__buf_cstr(&cancelled), &answer, &w.err), &w.err,
        callback_op_error);
    assert_int_equal(w.tenant.my_account.completes, 0);
    w.tenant.my_account.connect_status = 403;
    w.tenant.my_account.connect_body =
        "{\"type\":\"t\",\"title\":\"<b>Forbidden</"
        "b>\",\"status\":403,\"detail\":\"d\","
        "\"validation_errors\":[{\"detail\":\"x\"}],\"more\":1}";
    assert_int_not_equal(
        a0_connect_start(session, GOOGLE, REDIRECT_URI, NULL, &url, &w.err), A0_OK);
    assert_string_equal(a0_error_id(w.err), "connect_api_error");
    assert_int_equal(a0_error_kind_of(w.err), A0_ERROR_MY_ACCOUNT);
    assert_int_equal(a0_error_peer_status(w.err), 403);
    assert_string_equal(a0_error_problem(w.err),
                        "{\"type\":\"t\",\"title\":\"<b>Forbidden</"
                        "b>\",\"status\":403,\"detail\":\"d\","
                        "\"validation_errors\":[{\"detail\":\"x\"}]}");
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_11_another_connection_than_asked_for_is_undone(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) callback = NULL;
    a0_connect_answer *answer = NULL;

    (void)state;
    world_init(&w, NULL);
    session = signed_in(&w, "auth0|jo");
    callback = start(&w, session);
    w.tenant.my_account.complete_status = 200;
    w.tenant.my_account.complete_body = "{\"id\":\"cac_9\",\"connection\":\"github\"}";
    assert_fails(a0_connect_complete(session, callback, &answer, &w.err), &w.err,
                 connect_response_invalid);
    assert_int_equal(w.tenant.my_account.deletes, 1);
    assert_string_equal(w.tenant.my_account.url, FAKE_MY_ACCOUNT "accounts/cac_9");
    assert_int_equal(accounts_of(&w, "auth0|jo"), 0);
    a0_session_free(session);
    world_clear(&w);
}

static void
cb_09_the_transaction_alone_says_what_a_callback_is_for(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_callback_purpose purpose = A0_CALLBACK_LOGIN;

    (void)state;
    world_init(&w, NULL);
    session = signed_in(&w, "auth0|jo");
    for (int i = 0; i < 2; i++) {
        A0_AUTO(a0__string)
        callback = i == 0 ? start(&w, session) : world_start(&w, session, NULL);
        A0_AUTO(a0__buf) turned = A0__BUF_INIT(1024);

        a0__buf_format(&turned, "?%s=c&%s", i == 0 ? "code" : "connect_code",
                       strstr(callback, "state="));
        for (int j = 0; j < 2; j++) {
            const char *url = j == 0 ? callback : a0__buf_cstr(&turned);

            assert_ok(a0_callback_purpose_of(session, url, &purpose, &w.err), w.err);
            assert_int_equal(purpose, i == 0 ? A0_CALLBACK_CONNECT : A0_CALLBACK_LOGIN);
        }
    }
    assert_fails(
        a0_callback_purpose_of(session, "?connect_code=c&state=s", &purpose, &w.err),
        &w.err, callback_state_mismatch);
    a0_session_free(session);
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
    session = signed_in(&w, "auth0|jo");
    connect_one(&w, session);
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
    assert_int_equal(accounts_of(&w, "auth0|jo"), 1);
    w.tenant.my_account.lists = 0;
    w.tenant.my_account.pages = pages_in_a_row(100);
    w.tenant.my_account.pages_len = 100;
    assert_ok(a0_connect_list(session, &answer, &w.err), w.err);
    assert_string_equal(a0_connect_answer_json(answer), "[]");
    assert_int_equal(accounts_of(&w, "auth0|jo"), 0);
    a0_connect_answer_free(answer);
    a0_session_free(session);
    world_clear(&w);
}

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

/* Two tabs come back at once, with one account and with two. */
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
    session = signed_in(&w, "auth0|jo");
    for (size_t round = 0; round < 2; round++) {
        w.tenant.my_account.complete_body = answers[round][0];
        w.tenant.my_account.complete_second = answers[round][1];
        for (size_t i = 0; i < 2; i++) {
            completions[i] = (completion){ .w = &w,
                                           .session_id = a0_session_id(session),
                                           .callback = start(&w, session) };
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
        assert_int_equal(accounts_of(&w, "auth0|jo"), round == 0 ? 1 : 3);
    }
    assert_int_equal(recording_log_count(&w.log, "connect.record_failed"), 0);
    a0_session_free(session);
    world_clear(&w);
}

/* Another request writes the row between our reading and our writing: after the first
 * commit, which forgets the provider tokens, comes the record's. */
static void
write_first(void *self, failing_store_call call, uint64_t n, bool done)
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
    const a0_store_op op = { .type = A0_STORE_INSERT, .record = &record };
    bool applied = false;

    (void)n;
    if (call == FAILING_STORE_COMMIT && !done && w->tenant.my_account.completes == 1 &&
        ++commits == 2) {
        assert_ok(w->store.inner->commit(w->store.inner_self, &op, 1,
                                         test_clock_now_s(&w->clock), &applied,
                                         &w->err),
                  w->err);
    }
}

static void
conn_10_a_record_that_another_wrote_meanwhile_is_brought_up_to_date(void **state)
{
    A0_AUTO(a0__connected_account) account = { .version = 0 };
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) callback = NULL;
    a0_connect_answer *answer = NULL;
    bool found = false;

    (void)state;
    world_init(&w, NULL);
    session = signed_in(&w, "auth0|jo");
    callback = start(&w, session);
    w.store.watch = write_first;
    w.store.watch_self = &w;
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
    session = signed_in(&w, "auth0|jo");
    callback = start(&w, session);
    w.store.watch = fail_record;
    w.store.watch_self = &w;
    assert_ok(a0_connect_complete(session, callback, &answer, &w.err), w.err);
    a0_connect_answer_free(answer);
    w.store.watch = NULL;
    w.store.fail_at = 0;
    assert_int_equal(accounts_of(&w, "auth0|jo"), 0);
    assert_int_equal(recording_log_count(&w.log, "connect.record_failed"), 1);
    assert_ok(a0_connect_list(session, &answer, &w.err), w.err);
    a0_connect_answer_free(answer);
    assert_int_equal(accounts_of(&w, "auth0|jo"), 1);
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
    session = signed_in(&w, "auth0|jo");
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
    session = signed_in(&w, "auth0|jo");
    options.scope = "calendar drive";
    assert_ok(a0_connect_start(session, GOOGLE, REDIRECT_URI, &options, &url, &w.err),
              w.err);
    connect_one(&w, session);
    assert_ok(a0__connected_account_get(w.client, "cac_1", &account, &found, &w.err),
              w.err);
    assert_text(account.scopes, "openid");
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_11_an_odd_answer_is_an_error_and_leaves_no_record(void **state)
{
    static const struct {
        int status;
        const char *body;
        const char *error;
    } rows[] = {
        { 401, "{\"status\":401}", "connect_api_error" },
        { 409, "{\"status\":409,\"title\":\"Conflict\"}", "connect_api_error" },
        { 429, "{\"status\":429}", "connect_api_error" },
        { 502, "<p>bad gateway</p>", "connect_api_error" },
        { 201, "", "connect_response_invalid" },
        { 201, "[]", "connect_response_invalid" },
        { 201, "{\"id\":\"../x\",\"connection\":\"google-oauth2\"}",
          "connect_response_invalid" },
        { 201, "{\"id\":7,\"connection\":\"google-oauth2\"}",
          "connect_response_invalid" },
        { 201, "{\"connection\":\"google-oauth2\"}", "connect_response_invalid" },
    };
    world w;
    a0_session *session = NULL;
    a0_connect_answer *answer = NULL;

    (void)state;
    world_init(&w, NULL);
    session = signed_in(&w, "auth0|jo");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__string) callback = start(&w, session);

        w.tenant.my_account.complete_status = rows[i].status;
        w.tenant.my_account.complete_body = rows[i].body;
        assert_int_not_equal(a0_connect_complete(session, callback, &answer, &w.err),
                             A0_OK);
        assert_string_equal(a0_error_id(w.err), rows[i].error);
        a0_error_free(a0__steal(&w.err));
        assert_int_equal(accounts_of(&w, "auth0|jo"), 0);
    }
    a0_session_free(session);
    world_clear(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conn_01_only_the_person_and_session_that_began_may_complete),
        cmocka_unit_test(conn_02_a_callback_in_another_browser_redeems_nothing),
        cmocka_unit_test(conn_03_parameters_that_carry_security_are_refused),
        cmocka_unit_test(conn_03_scopes_are_those_configured_and_given_each_once),
        cmocka_unit_test(conn_04_a_start_without_its_auth_session_is_refused),
        cmocka_unit_test(conn_04_it_goes_with_its_own_code_and_ends_with_its_lifetime),
        cmocka_unit_test(conn_05_a_callback_that_comes_again_completes_nothing),
        cmocka_unit_test(conn_06_a_hostile_address_or_ticket_is_refused),
        cmocka_unit_test(conn_06_a_query_is_kept_and_the_ticket_is_encoded),
        cmocka_unit_test(conn_07_an_id_never_changes_the_path),
        cmocka_unit_test(conn_08_a_delete_touches_the_owners_record_alone),
        cmocka_unit_test(conn_08_a_delete_drops_the_kept_provider_tokens),
        cmocka_unit_test(
            conn_09_pages_are_followed_by_from_and_records_follow_the_list),
        cmocka_unit_test(conn_09_a_circle_or_a_failing_page_is_no_list),
        cmocka_unit_test(conn_10_connecting_again_is_one_record_and_an_owner_stays),
        cmocka_unit_test(conn_11_a_problem_is_kept_and_a_cancelled_consent_is_told),
        cmocka_unit_test(conn_09_a_hundred_pages_are_a_list_and_one_more_is_none),
        cmocka_unit_test(
            conn_10_completing_side_by_side_leaves_a_record_for_each_account),
        cmocka_unit_test(
            conn_10_a_record_that_another_wrote_meanwhile_is_brought_up_to_date),
        cmocka_unit_test(
            conn_10_a_record_that_can_not_be_written_comes_with_the_next_list),
        cmocka_unit_test(
            conn_11_a_refused_token_is_refreshed_once_and_the_call_repeated),
        cmocka_unit_test(conn_11_granted_scopes_are_kept_as_granted),
        cmocka_unit_test(conn_11_an_odd_answer_is_an_error_and_leaves_no_record),
        cmocka_unit_test(conn_11_another_connection_than_asked_for_is_undone),
        cmocka_unit_test(cb_09_the_transaction_alone_says_what_a_callback_is_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
