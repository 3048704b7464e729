/* SPDX-License-Identifier: MIT */
/* CONN-12 of the case catalogue: whose account at the provider was connected. */
#include "connect_world.h"

#include <string.h>

#include "base/base64url.h"
#include "base/mem.h"

#define GOOGLE_USERINFO "https://openidconnect.googleapis.com/v1/userinfo"
#define CONNECTED(id, connection)                                                      \
    "{\"id\":\"" id "\",\"connection\":\"" connection                                  \
    "\",\"access_type\":\"offline\",\"created_at\":\"2026-03-04T05:06:07.089Z\"}"
#define LOGGED(id, idp_user_id)                                                        \
    "{\"type\":\"connected_accounts_connection_succeeded\",\"details\":{"              \
    "\"connected_account\":{\"id\":\"" id "\",\"idp_user_id\":\"" idp_user_id "\"}}}"

static const char *const two_accounts[] = { "{\"accounts\":[" CONNECTED(
    "cac_1", GOOGLE) "," CONNECTED("cac_2", GOOGLE) "]}" };

static void
expect_identity(world *w, const char *key, const char *subject, const char *email,
                bool email_verified)
{
    A0_AUTO(a0__connected_account) account = { .version = 0 };
    bool found = false;

    assert_ok(a0__connected_account_get(w->client, key, &account, &found, &w->err),
              w->err);
    assert_true(found && account.is_proven);
    assert_text(account.subject, subject);
    assert_text(account.email, email);
    assert_int_equal(account.email_verified, email_verified);
}

static void
conn_12_the_provider_says_whose_account_it_is(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_connect_answer *answer = NULL;
    a0_token *token = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, NULL);
    connect_account(&w, session, GOOGLE);
    expect_identity(&w, "cac_1", "104", "jo.private@gmail.example", true);
    assert_string_equal(w.tenant.provider.url, GOOGLE_USERINFO);
    assert_string_equal(w.tenant.provider.authorization, "Bearer pt-canary-1");
    assert_string_equal(w.tenant.vault.connection, GOOGLE);
    assert_string_equal(w.tenant.vault.login_hint, "");
    /* The token that was fetched for it is not kept. */
    assert_ok(a0_vault_token_for_session(session, GOOGLE, NULL, &token, &w.err), w.err);
    assert_string_equal(a0_token_access_token(token), "pt-canary-2");
    a0_token_free(token);
    assert_false(recording_log_has_canary(&w.log, "pt-canary"));
    assert_ok(a0_connect_list(session, &answer, &w.err), w.err);
    assert_non_null(strstr(a0_connect_answer_json(answer),
                           "\"subject\":\"104\","
                           "\"email\":\"jo.private@gmail.example\","
                           "\"email_verified\":true,\"is_account_linked\":false}"));
    a0_connect_answer_free(answer);
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_12_an_address_counts_as_verified_only_by_true(void **state)
{
    static const struct {
        const char *body;
        const char *email;
        bool verified;
    } rows[] = {
        { "{\"sub\":\"104\",\"email\":\"a@b.example\",\"email_verified\":true}",
          "a@b.example", true },
        { "{\"sub\":\"104\",\"email\":\"a@b.example\",\"email_verified\":false}",
          "a@b.example", false },
        { "{\"sub\":\"104\",\"email\":\"a@b.example\"}", "a@b.example", false },
        { "{\"sub\":\"104\",\"email\":\"a@b.example\",\"email_verified\":\"true\"}",
          "a@b.example", false },
        { "{\"sub\":\"104\",\"email\":\"a@b.example\",\"email_verified\":1}",
          "a@b.example", false },
        { "{\"sub\":\"104\",\"email_verified\":true}", "", false },
        { "{\"sub\":\"104\",\"email\":null,\"email_verified\":true}", "", false },
        { "{\"sub\":\"104\",\"email\":\"no address\",\"email_verified\":true}", "",
          false },
        { "{\"sub\":\"104\",\"email\":\"a b@c.example\",\"email_verified\":true}", "",
          false },
        { "{\"sub\":\"104\",\"email\":\"a@b\\n.example\",\"email_verified\":true}", "",
          false },
    };
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        w.tenant.provider.body = rows[i].body;
        connect_account(&w, session, GOOGLE);
        expect_identity(&w, "cac_1", "104", rows[i].email, rows[i].verified);
    }
    a0_session_free(session);
    world_clear(&w);
}

/* What the session's owner or an earlier answer said is never put in its place. */
static void
conn_12_what_is_no_answer_leaves_the_identity_unknown(void **state)
{
    static const struct {
        int status;
        const char *content_type;
        const char *body;
    } rows[] = {
        { 302, "application/json", "{\"sub\":\"104\"}" },
        { 401, "application/json", "{\"error\":\"invalid_token\"}" },
        { 500, "text/html", "<p>down</p>" },
        { 200, "text/html", "{\"sub\":\"104\"}" },
        { 200, "application/json", "" },
        { 200, "application/json", "[]" },
        { 200, "application/json", "{\"sub\":\"104\"" },
        { 200, "application/json", "{\"ok\":false,\"error\":\"invalid_auth\"}" },
        { 200, "application/json", "{\"sub\":\"\"}" },
        { 200, "application/json", "{\"sub\":null}" },
        { 200, "application/json", "{\"sub\":[\"104\"]}" },
        { 200, "application/json", "{\"sub\":-4}" },
        { 200, "application/json", "{\"sub\":1.5}" },
        { 200, "application/json", "{\"sub\":\"1\\u000004\"}" },
        { 200, "application/json", "{\"sub\":\"104\",\"sub\":\"105\"}" },
    };
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, NULL);
    connect_account(&w, session, GOOGLE);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        w.tenant.provider.status = rows[i].status;
        w.tenant.provider.content_type = rows[i].content_type;
        w.tenant.provider.body = rows[i].body;
        connect_account(&w, session, GOOGLE);
        expect_identity(&w, "cac_1", "", "", false);
    }
    w.tenant.provider.network_error = A0_E_http_oversize;
    connect_account(&w, session, GOOGLE);
    expect_identity(&w, "cac_1", "", "", false);
    assert_int_equal(recording_log_count(&w.log, "connect.identity_unknown"),
                     sizeof rows / sizeof rows[0] + 1);
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_12_a_vault_that_refuses_leaves_the_identity_unknown(void **state)
{
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, NULL);
    w.tenant.vault.status = 401;
    w.tenant.vault.body =
        "{\"error\":\"federated_connection_refresh_token_not_found\"}";
    connect_account(&w, session, GOOGLE);
    expect_identity(&w, "cac_1", "", "", false);
    assert_int_equal(w.tenant.provider.calls, 0);
    assert_int_equal(recording_log_count(&w.log, "connect.identity_unknown"), 1);
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_12_of_several_accounts_the_tenants_log_names_the_one(void **state)
{
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, NULL);
    connect_account(&w, session, GOOGLE);
    w.tenant.my_account.pages = two_accounts;
    w.tenant.my_account.complete_body = CONNECTED("cac_2", GOOGLE);
    w.tenant.management.body =
        "[{\"type\":\"s\"},7," LOGGED("cac_1", "104") "," LOGGED("cac_2", "105") "]";
    w.tenant.provider.body = "{\"sub\":\"105\",\"email\":\"jo.second@gmail.example\","
                             "\"email_verified\":true}";
    connect_account(&w, session, GOOGLE);
    expect_identity(&w, "cac_1", "104", "jo.private@gmail.example", true);
    expect_identity(&w, "cac_2", "105", "jo.second@gmail.example", true);
    assert_string_equal(w.tenant.vault.login_hint, "105");
    /* None without a hint: which account it would have been nobody says. */
    assert_int_equal(w.tenant.vault.exchanges, 2);
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_12_an_answer_about_another_account_is_refused(void **state)
{
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, NULL);
    connect_account(&w, session, GOOGLE);
    w.tenant.my_account.pages = two_accounts;
    w.tenant.my_account.complete_body = CONNECTED("cac_2", GOOGLE);
    w.tenant.management.body = "[" LOGGED("cac_2", "105") "]";
    connect_account(&w, session, GOOGLE);
    expect_identity(&w, "cac_2", "", "", false);
    expect_identity(&w, "cac_1", "104", "jo.private@gmail.example", true);
    a0_session_free(session);
    world_clear(&w);
}

/* The one userinfo that is asked is a provider's: it has to be about the account that
 * was meant, byte by byte. */
static void
tok_08_userinfo_speaks_of_the_account_that_was_connected(void **state)
{
    static const struct {
        const char *body;
        const char *subject; /* "": the answer is not used */
    } rows[] = {
        { "{\"sub\":\"105\",\"email\":\"jo@b.example\"}", "105" },
        { "{\"sub\":\"106\",\"email\":\"jo@b.example\"}", "" },
        { "{\"sub\":\"1050\",\"email\":\"jo@b.example\"}", "" },
        { "{\"sub\":\"105 \",\"email\":\"jo@b.example\"}", "" },
        { "{\"sub\":[\"105\"],\"email\":\"jo@b.example\"}", "" },
        { "{\"email\":\"jo@b.example\"}", "" },
        { "[{\"sub\":\"105\"}]", "" },
        { "", "" },
    };
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, NULL);
    w.tenant.my_account.pages = two_accounts;
    w.tenant.my_account.complete_body = CONNECTED("cac_2", GOOGLE);
    w.tenant.management.body = "[" LOGGED("cac_2", "105") "]";
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        w.tenant.provider.body = rows[i].body;
        connect_account(&w, session, GOOGLE);
        expect_identity(&w, "cac_2", rows[i].subject,
                        rows[i].subject[0] != '\0' ? "jo@b.example" : "", false);
    }
    a0_session_free(session);
    world_clear(&w);
}

/* The token in the header of a request, which stands nowhere else in it. */
static a0__text
bearer_of(const scripted_request *request)
{
    a0__text rest = a0__text_of(strstr(request->headers, "Authorization: Bearer "));
    a0__text token = A0__NO_TEXT;

    rest = a0__text_from(rest, strlen("Authorization: Bearer "));
    assert_true(a0__text_next(&rest, '\n', &token));
    assert_true(token.len > 0);
    assert_null(memmem(request->url, strlen(request->url), token.ptr, token.len));
    assert_null(memmem(request->body, strlen(request->body), token.ptr, token.len));
    return token;
}

/* Each API is asked with the access token that was issued for it, never the ID token.
 */
static void
tok_09_an_api_is_called_with_its_own_access_token_in_the_header(void **state)
{
    world w;
    a0_session *session = NULL;
    size_t calls = 0;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, NULL);
    connect_account(&w, session, GOOGLE);
    for (size_t i = 0; i < scripted_requests_len(w.tenant.script); i++) {
        const scripted_request *request = scripted_request_at(w.tenant.script, i);
        A0_AUTO(a0__buf) header = A0__BUF_INIT(1024);
        a0__text token = A0__NO_TEXT;
        a0__text encoded = A0__NO_TEXT;

        if (strncmp(request->url, FAKE_MY_ACCOUNT, strlen(FAKE_MY_ACCOUNT)) == 0) {
            token = bearer_of(request);
            assert_true(a0__text_next(&token, '.', &encoded));
            assert_true(a0__base64url_decode(encoded, &header));
            assert_non_null(strstr(a0__buf_cstr(&header), "\"at+jwt\""));
            calls++;
        }
    }
    assert_true(calls >= 2);
    assert_string_equal(w.tenant.provider.authorization, "Bearer pt-canary-1");
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_12_without_the_log_several_accounts_stay_unknown(void **state)
{
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, NULL);
    connect_account(&w, session, GOOGLE);
    w.tenant.my_account.pages = two_accounts;
    w.tenant.my_account.complete_body = CONNECTED("cac_2", GOOGLE);
    w.tenant.management.body = "[" LOGGED("cac_1", "104") "]";
    connect_account(&w, session, GOOGLE);
    expect_identity(&w, "cac_2", "", "", false);
    assert_int_equal(w.tenant.management.calls, 4);
    w.tenant.management.fault_status = 403;
    w.tenant.management.fault_times = FAKE_FAULTS_FOREVER;
    connect_account(&w, session, GOOGLE);
    expect_identity(&w, "cac_2", "", "", false);
    assert_int_equal(w.tenant.vault.exchanges, 1);
    assert_int_equal(w.tenant.provider.calls, 1);
    a0_session_free(session);
    world_clear(&w);
}

/* Connected at the same moment from elsewhere: there is no record of it here yet. */
static void
conn_12_an_account_that_only_auth0_knows_counts_too(void **state)
{
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, NULL);
    w.tenant.my_account.pages = two_accounts;
    w.tenant.management.body = "[" LOGGED("cac_1", "105") "]";
    connect_account(&w, session, GOOGLE);
    assert_int_equal(w.tenant.vault.exchanges, 2);
    assert_string_equal(w.tenant.vault.login_hint, "105");
    expect_identity(&w, "cac_1", "", "", false);
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_12_github_keeps_addresses_apart(void **state)
{
    static const char *const github[] = { "{\"accounts\":[" CONNECTED("cac_1",
                                                                      "github") "]}" };
    static const struct {
        const char *emails;
        const char *email;
        bool verified;
    } rows[] = {
        { "[{\"email\":\"old@a.example\",\"primary\":false,\"verified\":true},"
          "{\"email\":\"jo@a.example\",\"primary\":true,\"verified\":true}]",
          "jo@a.example", true },
        { "[{\"email\":\"jo@a.example\",\"primary\":true,\"verified\":false}]",
          "jo@a.example", false },
        { "[{\"email\":\"jo@a.example\",\"primary\":false,\"verified\":true}]", "",
          false },
        { "{\"message\":\"Not Found\"}", "", false },
        { "[7,null]", "", false },
    };
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, NULL);
    session = connect_sign_in(&w, NULL);
    w.tenant.my_account.pages = github;
    w.tenant.my_account.complete_body = CONNECTED("cac_1", "github");
    /* The public address in the profile was never checked by anybody. */
    w.tenant.provider.body = "{\"id\":583231,\"login\":\"jo\",\"email\":\"x@evil."
                             "example\",\"email_verified\":true}";
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        w.tenant.provider.emails = rows[i].emails;
        connect_account(&w, session, "github");
        expect_identity(&w, "cac_1", "583231", rows[i].email, rows[i].verified);
    }
    a0_session_free(session);
    world_clear(&w);
}

static void
conn_12_the_setting_names_further_providers_and_other_addresses(void **state)
{
    static const char *const acme[] = { "{\"accounts\":[" CONNECTED("cac_1",
                                                                    "acme") "]}" };
    world w;
    a0_session *session = NULL;

    (void)state;
    world_init(&w, "\"provider_userinfo\":{\"google-oauth2\":{\"url\":"
                   "\"http://127.0.0.1:4000/userinfo\"},\"acme\":{\"url\":"
                   "\"https://acme.example/me?v=2\",\"subject\":\"uid\"}}");
    session = connect_sign_in(&w, NULL);
    connect_account(&w, session, GOOGLE);
    assert_string_equal(w.tenant.provider.url, "http://127.0.0.1:4000/userinfo");
    w.tenant.my_account.pages = acme;
    w.tenant.my_account.complete_body = CONNECTED("cac_1", "acme");
    w.tenant.provider.body = "{\"uid\":\"u-7\",\"sub\":\"x\"}";
    connect_account(&w, session, "acme");
    assert_string_equal(w.tenant.provider.url, "https://acme.example/me?v=2");
    expect_identity(&w, "cac_1", "u-7", "", false);
    w.tenant.my_account.complete_body = CONNECTED("cac_1", "unheard-of");
    w.tenant.provider.calls = 0;
    connect_account(&w, session, "unheard-of");
    expect_identity(&w, "cac_1", "", "", false);
    assert_int_equal(w.tenant.provider.calls, 0);
    a0_session_free(session);
    world_clear(&w);
}

#define CONFIG(sources)                                                                \
    "{\"auth0_domain\":\"tenant.example\",\"client_id\":\"c\",\"client_secret\":\"s\"" \
    ",\"connections_for_account_linking\":[],\"provider_userinfo\":" sources "}"

static void
conn_12_an_address_that_is_not_https_or_is_private_does_not_start(void **state)
{
    static const char *const bad[] = {
        CONFIG("{\"acme\":{\"url\":\"http://acme.example/me\"}}"),
        CONFIG("{\"acme\":{\"url\":\"https://10.0.0.5/me\"}}"),
        CONFIG("{\"acme\":{\"url\":\"https://192.168.1.1/me\"}}"),
        CONFIG("{\"acme\":{\"url\":\"https://169.254.169.254/me\"}}"),
        CONFIG("{\"acme\":{\"url\":\"https://[fd00::1]/me\"}}"),
        CONFIG("{\"acme\":{\"url\":\"https://jo@acme.example/me\"}}"),
        CONFIG("{\"acme\":{\"url\":\"https://acme.example/me#x\"}}"),
        CONFIG("{\"acme\":{\"url\":\"javascript:alert(1)\"}}"),
        CONFIG("{\"acme\":{\"url\":\"https://acme.example/me\","
               "\"emails_url\":\"http://acme.example/emails\"}}"),
        CONFIG("{\"acme\":{}}"),
        CONFIG("{\"acme\":{\"url\":7}}"),
        CONFIG("{\"acme\":{\"url\":\"https://acme.example/me\",\"who\":\"x\"}}"),
        CONFIG("{\"acme\":\"https://acme.example/me\"}"),
        CONFIG("{\"acme\":{\"url\":\"https://acme.example/me\","
               "\"subject_is_user_id\":\"yes\"}}"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        a0_config *config = NULL;
        a0_error *err = NULL;

        assert_ok(a0_config_new(&config, &err), err);
        assert_ok(a0_config_read_json(config, bad[i], strlen(bad[i]), &err), err);
        assert_fails(a0_config_check(config, &err), &err, config_invalid);
        assert_non_null(strstr(a0_config_fault(config, 0), "provider_userinfo"));
        a0_config_free(config);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conn_12_the_provider_says_whose_account_it_is),
        cmocka_unit_test(conn_12_an_address_counts_as_verified_only_by_true),
        cmocka_unit_test(conn_12_what_is_no_answer_leaves_the_identity_unknown),
        cmocka_unit_test(conn_12_a_vault_that_refuses_leaves_the_identity_unknown),
        cmocka_unit_test(conn_12_of_several_accounts_the_tenants_log_names_the_one),
        cmocka_unit_test(conn_12_an_answer_about_another_account_is_refused),
        cmocka_unit_test(tok_08_userinfo_speaks_of_the_account_that_was_connected),
        cmocka_unit_test(
            tok_09_an_api_is_called_with_its_own_access_token_in_the_header),
        cmocka_unit_test(conn_12_without_the_log_several_accounts_stay_unknown),
        cmocka_unit_test(conn_12_an_account_that_only_auth0_knows_counts_too),
        cmocka_unit_test(conn_12_github_keeps_addresses_apart),
        cmocka_unit_test(
            conn_12_the_setting_names_further_providers_and_other_addresses),
        cmocka_unit_test(
            conn_12_an_address_that_is_not_https_or_is_private_does_not_start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
