/* SPDX-License-Identifier: MIT */
/* Group VAULT of the case catalogue: whose provider token is given to whom, and what a
 * refusal means. */
#include "world.h"

#include <string.h>

#include "base/mem.h"
#include "flows/connected_account.h"
#include "flows/session.h"

#define GOOGLE "google-oauth2"
#define CALENDAR "https://www.googleapis.com/auth/calendar.readonly"

/* Asks for a token and gives its text, which is "" when it was refused. */
static a0_status
ask(world *w, a0_session *session, const char *connection, const char *login_hint,
    const char *scope, char out[64])
{
    a0_vault_options options = A0_VAULT_OPTIONS_INIT;
    a0_token *token = NULL;
    a0_status status = A0_OK;

    options.login_hint = login_hint;
    options.scope = scope;
    out[0] = '\0';
    status = a0_vault_token_for_session(session, connection, &options, &token, &w->err);
    if (status == A0_OK) {
        assert_true(strlen(a0_token_access_token(token)) < 64);
        memcpy(out, a0_token_access_token(token),
               strlen(a0_token_access_token(token)) + 1);
    }
    a0_token_free(token);
    return status;
}

/* What completing a connect leaves here. */
static void
connected(world *w, const char *key, const char *sub, const char *connection)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__connected_account)
    account = { .connection = a0__text_of(connection) };
    bool applied = false;

    memcpy(account.key, key, strlen(key) + 1);
    memcpy(account.user_id, sub, strlen(sub) + 1);
    assert_ok(a0__connected_account_write(&batch, w->client, &account, &w->err),
              w->err);
    assert_ok(a0__batch_commit(&batch, w->client, &applied, &w->err), w->err);
    assert_true(applied);
}

/* The cache under a test's eyes: whatever key is asked for, another's value answers. */
typedef struct swapping_cache {
    const a0_cache *inner;
    void *inner_self;
    char planted[128]; /* "": nothing */
} swapping_cache;

static a0_status
swap_get(void *self, const char *key, a0_cache_sink sink, void *sink_self,
         a0_error **err)
{
    swapping_cache *c = self;
    bool is_token = strncmp(key, "vault|", 6) == 0;

    return c->inner->get(c->inner_self,
                         is_token && c->planted[0] != '\0' ? c->planted : key, sink,
                         sink_self, err);
}

static a0_status
swap_set(void *self, const char *key, const void *bytes, size_t len, int64_t ttl_s,
         a0_error **err)
{
    swapping_cache *c = self;

    if (strncmp(key, "vault|", 6) == 0 && c->planted[0] == '\0') {
        memcpy(c->planted, key, strlen(key) + 1);
    }
    return c->inner->set(c->inner_self, key, bytes, len, ttl_s, err);
}

static a0_status
swap_remove(void *self, const char *key, a0_error **err)
{
    swapping_cache *c = self;

    return c->inner->remove(c->inner_self, key, err);
}

static void
swap_destroy(void *self)
{
    swapping_cache *c = self;

    c->inner->destroy(c->inner_self);
}

static const a0_cache swapping_table = { .size = sizeof(a0_cache),
                                         .get = swap_get,
                                         .set = swap_set,
                                         .remove = swap_remove,
                                         .destroy = swap_destroy };

static void
vault_01_two_people_never_share_a_kept_token(void **state)
{
    world w;
    a0_session *jo = NULL;
    a0_session *mel = NULL;
    char token[64];

    (void)state;
    world_init(&w, NULL);
    jo = world_sign_in(&w, "auth0|jo");
    mel = world_sign_in(&w, "auth0|mel");
    assert_ok(ask(&w, jo, GOOGLE, NULL, NULL, token), w.err);
    assert_string_equal(token, "pt-canary-1");
    assert_ok(ask(&w, mel, GOOGLE, NULL, NULL, token), w.err);
    assert_string_equal(token, "pt-canary-2");
    assert_ok(ask(&w, jo, GOOGLE, NULL, NULL, token), w.err);
    assert_string_equal(token, "pt-canary-1");
    a0_session_free(jo);
    a0_session_free(mel);
    world_clear(&w);
}

static void
vault_01_a_value_that_was_put_under_another_key_does_not_open(void **state)
{
    world w;
    swapping_cache cache = { 0 };
    a0_client *client = NULL;
    a0_session *jo = NULL;
    a0_session *mel = NULL;
    char token[64];

    (void)state;
    world_init(&w, NULL);
    assert_ok(a0_cache_memory_new(100, &test_clock_table, &w.clock, &cache.inner,
                                  &cache.inner_self, &w.err),
              w.err);
    client = world_another_client(&w, NULL, &swapping_table, &cache);
    jo = world_sign_in(&w, "auth0|jo");
    mel = world_sign_in(&w, "auth0|mel");
    {
        a0_session *of_jo = NULL;
        a0_session *of_mel = NULL;

        assert_ok(a0_session_open(client, a0_session_id(jo), &of_jo, &w.err), w.err);
        assert_ok(a0_session_open(client, a0_session_id(mel), &of_mel, &w.err), w.err);
        assert_ok(ask(&w, of_jo, GOOGLE, NULL, NULL, token), w.err);
        assert_true(cache.planted[0] != '\0');
        assert_ok(ask(&w, of_mel, GOOGLE, NULL, NULL, token), w.err);
        assert_string_equal(token, "pt-canary-2");
        a0_session_free(of_jo);
        a0_session_free(of_mel);
    }
    a0_session_free(jo);
    a0_session_free(mel);
    a0_client_free(client);
    world_clear(&w);
}

static void
vault_02_each_login_hint_and_none_is_a_token_of_its_own(void **state)
{
    static const struct {
        const char *hint;
        const char *token;
    } rows[] = { { NULL, "pt-canary-1" },   { "1001", "pt-canary-2" },
                 { "1002", "pt-canary-3" }, { NULL, "pt-canary-1" },
                 { "1001", "pt-canary-2" }, { "1002", "pt-canary-3" } };
    world w;
    a0_session *session = NULL;
    char token[64];

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, "auth0|jo");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_ok(ask(&w, session, GOOGLE, rows[i].hint, NULL, token), w.err);
        assert_string_equal(token, rows[i].token);
    }
    assert_int_equal(w.tenant.vault.exchanges, 3);
    assert_string_equal(w.tenant.vault.login_hint, "1002");
    assert_fails(ask(&w, session, GOOGLE, "", NULL, token), &w.err, param_invalid);
    assert_int_equal(w.tenant.vault.exchanges, 3);
    a0_session_free(session);
    world_clear(&w);
}

static void
vault_02_of_several_accounts_one_has_to_be_named(void **state)
{
    world w;
    a0_session *session = NULL;
    char token[64];

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, "auth0|jo");
    connected(&w, "cac_1", "auth0|jo", GOOGLE);
    connected(&w, "cac_2", "auth0|jo", "github");
    connected(&w, "cac_3", "auth0|mel", GOOGLE);
    assert_ok(ask(&w, session, GOOGLE, NULL, NULL, token), w.err);
    connected(&w, "cac_4", "auth0|jo", GOOGLE);
    assert_fails(ask(&w, session, GOOGLE, NULL, CALENDAR, token), &w.err,
                 vault_account_ambiguous);
    assert_int_equal(w.tenant.vault.exchanges, 1);
    assert_ok(ask(&w, session, GOOGLE, "1001", CALENDAR, token), w.err);
    assert_ok(ask(&w, session, "github", NULL, NULL, token), w.err);
    assert_int_equal(w.tenant.vault.exchanges, 3);
    a0_session_free(session);
    world_clear(&w);
}

static void
vault_03_only_a_connected_account_where_the_caller_says_so(void **state)
{
    a0_vault_options options = A0_VAULT_OPTIONS_INIT;
    world w;
    a0_session *session = NULL;
    a0_token *token = NULL;
    char ignored[64];

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, "auth0|jo");
    options.only_connected = true;
    assert_ok(ask(&w, session, GOOGLE, NULL, NULL, ignored), w.err);
    connected(&w, "cac_1", "auth0|mel", GOOGLE);
    connected(&w, "cac_2", "auth0|jo", "github");
    assert_fails(a0_vault_token_for_session(session, GOOGLE, &options, &token, &w.err),
                 &w.err, vault_connection_forbidden);
    assert_int_equal(w.tenant.vault.exchanges, 1);
    connected(&w, "cac_3", "auth0|jo", GOOGLE);
    assert_ok(a0_vault_token_for_session(session, GOOGLE, &options, &token, &w.err),
              w.err);
    a0_token_free(token);
    a0_session_free(session);
    world_clear(&w);
}

static void
vault_03_a_connection_has_a_narrow_grammar(void **state)
{
    static const char *const bad[] = { "",       "a b", "a|b", "a/b",
                                       "../x?y", "a&b", "é",   "a\nb" };
    world w;
    a0_session *session = NULL;
    char token[64];
    char longest[130];

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, "auth0|jo");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_fails(ask(&w, session, bad[i], NULL, NULL, token), &w.err,
                     param_invalid);
    }
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_fails(ask(&w, session, longest, NULL, NULL, token), &w.err, param_invalid);
    longest[128] = '\0';
    assert_ok(ask(&w, session, longest, NULL, NULL, token), w.err);
    assert_int_equal(w.tenant.vault.exchanges, 1);
    a0_session_free(session);
    world_clear(&w);
}

static void
vault_03_a_brought_token_never_shares_with_a_session(void **state)
{
    world w;
    a0_session *session = NULL;
    const char *refresh_token = NULL;
    a0_token *token = NULL;
    char of_session[64];

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, "auth0|jo");
    assert_ok(ask(&w, session, GOOGLE, NULL, NULL, of_session), w.err);
    assert_string_equal(w.tenant.vault.subject_token, w.tenant.refresh_token);
    assert_ok(a0_session_refresh_token(session, &refresh_token, &w.err), w.err);
    for (int i = 0; i < 2; i++) {
        assert_ok(a0_vault_token(w.client, refresh_token, GOOGLE, NULL, &token, &w.err),
                  w.err);
        assert_string_equal(a0_token_access_token(token), "pt-canary-2");
        a0_token_free(token);
    }
    assert_ok(a0_vault_token(w.client, "another-token", GOOGLE, NULL, &token, &w.err),
              w.err);
    assert_string_equal(a0_token_access_token(token), "pt-canary-3");
    a0_token_free(token);
    assert_fails(a0_vault_token(w.client, "", GOOGLE, NULL, &token, &w.err), &w.err,
                 param_invalid);
    a0_session_free(session);
    world_clear(&w);
}

static void
vault_04_a_token_of_another_type_or_lifetime_is_refused(void **state)
{
    world w;
    a0_session *session = NULL;
    char token[64];
    static const char *const lifetimes[] = { "0", "-1", "\"3600\"", "null" };

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, "auth0|jo");
    w.tenant.vault.type = "urn:ietf:params:oauth:token-type:refresh_token";
    assert_fails(ask(&w, session, GOOGLE, NULL, NULL, token), &w.err,
                 vault_response_invalid);
    w.tenant.vault.type =
        "http://auth0.com/oauth/token-type/federated-connection-access-token";
    for (size_t i = 0; i < sizeof lifetimes / sizeof lifetimes[0]; i++) {
        w.tenant.vault.expires_in = lifetimes[i];
        assert_fails(ask(&w, session, GOOGLE, NULL, NULL, token), &w.err,
                     vault_response_invalid);
    }
    a0_session_free(session);
    world_clear(&w);
}

static void
vault_04_without_a_lifetime_nothing_is_kept(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_token *token = NULL;
    char text[64];

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, "auth0|jo");
    w.tenant.vault.expires_in = NULL;
    assert_ok(ask(&w, session, GOOGLE, NULL, NULL, text), w.err);
    assert_ok(ask(&w, session, GOOGLE, NULL, NULL, text), w.err);
    assert_string_equal(text, "pt-canary-2");
    assert_ok(a0_vault_token_for_session(session, GOOGLE, NULL, &token, &w.err), w.err);
    assert_int_equal(a0_token_expires_at(token), 0);
    a0_token_free(token);
    a0_session_free(session);
    world_clear(&w);
}

static void
vault_04_a_refresh_token_in_the_answer_goes_nowhere(void **state)
{
    world w;
    a0_session *session = NULL;
    const char *refresh_token = NULL;
    char token[64];

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, "auth0|jo");
    w.tenant.vault.more = ",\"refresh_token\":\"extra-canary\"";
    assert_ok(ask(&w, session, GOOGLE, NULL, NULL, token), w.err);
    assert_int_equal(recording_log_count(&w.log, "vault.refresh_token_ignored"), 1);
    assert_false(recording_log_has_canary(&w.log, "extra-canary"));
    assert_ok(a0_session_refresh_token(session, &refresh_token, &w.err), w.err);
    assert_string_equal(refresh_token, w.tenant.refresh_token);
    a0_session_free(session);
    world_clear(&w);
}

static void
vault_04_a_narrower_scope_is_not_kept_as_the_wider_one(void **state)
{
    world w;
    a0_session *session = NULL;
    char token[64];

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, "auth0|jo");
    w.tenant.vault.scope = "openid email";
    assert_fails(ask(&w, session, GOOGLE, NULL, CALENDAR " openid", token), &w.err,
                 vault_scope_missing);
    assert_ok(ask(&w, session, GOOGLE, NULL, NULL, token), w.err);
    w.tenant.vault.scope = "openid " CALENDAR;
    assert_ok(ask(&w, session, GOOGLE, NULL, CALENDAR " openid", token), w.err);
    assert_string_equal(token, "pt-canary-3");
    a0_session_free(session);
    world_clear(&w);
}

static void
vault_05_a_rotated_token_says_so_once_and_leaves_the_session(void **state)
{
    world w;
    a0_session *session = NULL;
    const char *refresh_token = NULL;
    a0_token *access = NULL;
    char token[64];

    (void)state;
    world_init(&w, NULL);
    w.tenant.rotation = true;
    session = world_sign_in(&w, "auth0|jo");
    test_clock_advance_s(&w.clock, 3601);
    assert_ok(a0_session_access_token(session, NULL, &access, &w.err), w.err);
    a0_token_free(access);
    w.tenant.vault.status = 403;
    w.tenant.vault.body = "{\"error\":\"invalid_grant\"}";
    for (int i = 0; i < 2; i++) {
        assert_int_equal(ask(&w, session, GOOGLE, NULL, NULL, token), A0_UNAVAILABLE);
        assert_string_equal(a0_error_id(w.err), "vault_unavailable");
        assert_string_equal(a0_error_peer_code(w.err), "invalid_grant");
        assert_non_null(strstr(a0_error_message(w.err), "rotation"));
        a0_error_free(a0__steal(&w.err));
    }
    assert_int_equal(recording_log_count(&w.log, "vault.rotation_enabled"), 1);
    assert_ok(a0_session_refresh_token(session, &refresh_token, &w.err), w.err);
    assert_string_equal(refresh_token, w.tenant.refresh_token);
    a0_session_free(session);
    world_clear(&w);
}

/* Whether the refresh token was locked while Auth0 was asked. */
typedef struct lock_watch {
    world *w;
    char key[128];
    size_t asked;
    size_t locked;
} lock_watch;

static a0_status
count_lock(void *self, const a0_record *record, a0_error **err)
{
    lock_watch *l = self;

    (void)record;
    (void)err;
    l->locked++;
    return A0_OK;
}

static void
look_at_lock(void *self, const char *path, bool done)
{
    lock_watch *l = self;
    const a0_store *store = l->w->store.inner;

    if (!done && strcmp(path, "/oauth/token") == 0) {
        l->asked++;
        a0__ignore(store->get(l->w->store.inner_self, A0_RECORD_LOCK, l->key,
                              test_clock_now_s(&l->w->clock), count_lock, l, NULL));
    }
}

static void
vault_05_exchange_and_refresh_share_the_lock_of_the_token(void **state)
{
    world w;
    lock_watch l = { .w = &w };
    a0_session *session = NULL;
    a0_token *access = NULL;
    char token[64];

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, "auth0|jo");
    test_clock_advance_s(&w.clock, 3601);
    memcpy(l.key, "refresh|", sizeof "refresh|");
    memcpy(l.key + 8, session->record.refresh_key.ptr,
           session->record.refresh_key.len + 1);
    w.tenant.watch = look_at_lock;
    w.tenant.watch_self = &l;
    assert_ok(ask(&w, session, GOOGLE, NULL, NULL, token), w.err);
    assert_int_equal(l.asked, 1);
    assert_int_equal(l.locked, 1);
    assert_ok(a0_session_access_token(session, NULL, &access, &w.err), w.err);
    assert_int_equal(l.locked, 2);
    a0_token_free(access);
    w.tenant.watch = NULL;
    a0_session_free(session);
    world_clear(&w);
}

static void
vault_06_a_refusal_is_told_by_its_code_and_the_session_stays(void **state)
{
    static const struct {
        int status;
        const char *code;
        const char *id;
    } rows[] = {
        { 401, "federated_connection_refresh_token_not_found",
          "vault_token_not_found" },
        { 403, "federated_connection_refresh_token_not_found",
          "vault_token_not_found" },
        { 401, "federated_connection_refresh_token_flow_failed", "vault_reconnect" },
        { 403, "mfa_required", "vault_mfa_required" },
        { 403, "unauthorized_client", "vault_grant_disabled" },
        { 403, "access_denied", "vault_grant_disabled" },
        { 403, "invalid_grant", "vault_login_required" },
        { 401, "something_new", "vault_unavailable" },
        { 429, "too_many_requests", "vault_unavailable" },
        { 500, "invalid_grant", "vault_unavailable" },
    };
    static const char *const texts[] = {
        "Federated connection Refresh Token not found.", "invalid_grant",
        "Jeton introuvable"
    };
    world w;
    a0_session *session = NULL;
    const char *refresh_token = NULL;
    char token[64];

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, "auth0|jo");
    for (size_t i = 0; i < 3 * sizeof rows / sizeof rows[0]; i++) {
        A0_AUTO(a0__buf) body = A0__BUF_INIT(1024);
        a0_session *again = NULL;

        a0__buf_format(&body, "{\"error\":\"%s\",\"error_description\":\"%s\"}",
                       rows[i / 3].code, texts[i % 3]);
        w.tenant.vault.status = rows[i / 3].status;
        w.tenant.vault.body = a0__buf_cstr(&body);
        assert_int_not_equal(ask(&w, session, GOOGLE, NULL, NULL, token), A0_OK);
        assert_string_equal(a0_error_id(w.err), rows[i / 3].id);
        assert_string_equal(a0_error_peer_code(w.err), rows[i / 3].code);
        assert_null(strstr(a0_error_message(w.err), texts[2]));
        a0_error_free(a0__steal(&w.err));
        again = world_session(&w, a0_session_id(session));
        assert_int_equal(again->version, session->version);
        assert_ok(a0_session_refresh_token(again, &refresh_token, &w.err), w.err);
        assert_string_equal(refresh_token, w.tenant.refresh_token);
        a0_session_free(again);
    }
    assert_int_equal(recording_log_count(&w.log, "vault.grant_disabled"), 6);
    a0_session_free(session);
    world_clear(&w);
}

static void
vault_06_not_found_has_its_own_kind_and_auth0s_code(void **state)
{
    world w;
    a0_session *session = NULL;
    char token[64];

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, "auth0|jo");
    w.tenant.vault.status = 401;
    w.tenant.vault.body =
        "{\"error\":\"federated_connection_refresh_token_not_found\"}";
    assert_int_equal(ask(&w, session, GOOGLE, NULL, NULL, token), A0_NOT_FOUND);
    assert_int_equal(a0_error_kind_of(w.err), A0_ERROR_CONNECTION_TOKEN_NOT_FOUND);
    assert_string_equal(a0_error_code(w.err),
                        "federated_connection_refresh_token_not_found");
    assert_int_equal(a0_error_peer_status(w.err), 401);
    a0_session_free(session);
    world_clear(&w);
}

static void
vault_06_missing_scopes_are_named(void **state)
{
    world w;
    a0_session *session = NULL;
    char token[64];

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, "auth0|jo");
    assert_int_equal(
        ask(&w, session, GOOGLE, NULL, "openid drive " CALENDAR " tasks", token),
        A0_REFUSED);
    assert_string_equal(a0_error_id(w.err), "vault_scope_missing");
    assert_string_equal(a0_error_missing_scopes(w.err), "drive tasks");
    a0_session_free(session);
    world_clear(&w);
}

static void
vault_06_a_refusal_drops_what_was_kept_for_the_connection(void **state)
{
    world w;
    a0_session *session = NULL;
    char token[64];

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, "auth0|jo");
    assert_ok(ask(&w, session, GOOGLE, NULL, NULL, token), w.err);
    w.tenant.vault.status = 401;
    w.tenant.vault.body =
        "{\"error\":\"federated_connection_refresh_token_flow_failed\"}";
    assert_fails(ask(&w, session, GOOGLE, "1001", NULL, token), &w.err,
                 vault_reconnect);
    assert_fails(ask(&w, session, GOOGLE, NULL, NULL, token), &w.err, vault_reconnect);
    a0_session_free(session);
    world_clear(&w);
}

static void
vault_07_a_sign_out_ends_what_was_kept_and_nothing_is_logged(void **state)
{
    world w;
    a0_session *here = NULL;
    a0_session *there = NULL;
    const char *url = NULL;
    char token[64];

    (void)state;
    world_init(&w, NULL);
    here = world_sign_in(&w, "auth0|jo");
    there = world_session(&w, a0_session_id(here));
    assert_ok(ask(&w, here, GOOGLE, NULL, NULL, token), w.err);
    assert_ok(a0_logout(here, NULL, &url, &w.err), w.err);
    assert_fails(ask(&w, here, GOOGLE, NULL, NULL, token), &w.err, session_missing);
    /* A request that had opened the session before the sign-out. */
    assert_fails(ask(&w, there, GOOGLE, NULL, NULL, token), &w.err, session_invalid);
    assert_int_equal(w.tenant.vault.exchanges, 1);
    assert_false(recording_log_has_canary(&w.log, "pt-canary"));
    a0_session_free(here);
    a0_session_free(there);
    world_clear(&w);
}

/* Two clients on one store, each with a cache of its own. */
static void
vault_07_a_disconnect_and_a_sign_out_are_known_on_every_node(void **state)
{
    world w;
    a0_client *elsewhere = NULL;
    a0_session *here = NULL;
    a0_session *there = NULL;
    const char *url = NULL;
    char token[64];

    (void)state;
    world_init(&w, NULL);
    elsewhere = world_another_client(&w, NULL, NULL, NULL);
    here = world_sign_in(&w, "auth0|jo");
    assert_ok(a0_session_open(elsewhere, a0_session_id(here), &there, &w.err), w.err);
    w.tenant.scope = "delete:me:connected_accounts";
    w.tenant.no_id_token_at_refresh = true;
    assert_ok(ask(&w, there, GOOGLE, NULL, NULL, token), w.err);
    assert_ok(ask(&w, there, GOOGLE, NULL, NULL, token), w.err);
    assert_int_equal(w.tenant.vault.exchanges, 1);
    assert_ok(a0_connect_delete(here, "cac_1", &w.err), w.err);
    assert_ok(ask(&w, there, GOOGLE, NULL, NULL, token), w.err);
    assert_string_equal(token, "pt-canary-2");
    assert_ok(a0_logout(here, NULL, &url, &w.err), w.err);
    assert_fails(ask(&w, there, GOOGLE, NULL, NULL, token), &w.err, session_invalid);
    assert_int_equal(w.tenant.vault.exchanges, 2);
    a0_session_free(here);
    a0_session_free(there);
    a0_client_free(elsewhere);
    world_clear(&w);
}

/* Without knowing what was forgotten nothing may be given. */
static void
vault_07_a_store_that_can_not_be_asked_gives_no_kept_token(void **state)
{
    world w;
    a0_session *session = NULL;
    char token[64];

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, "auth0|jo");
    assert_ok(ask(&w, session, GOOGLE, NULL, NULL, token), w.err);
    w.store.fail_at = w.store.calls + 1;
    assert_fails(ask(&w, session, GOOGLE, NULL, NULL, token), &w.err,
                 store_unavailable);
    assert_string_equal(token, "");
    a0_session_free(session);
    world_clear(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vault_01_two_people_never_share_a_kept_token),
        cmocka_unit_test(vault_01_a_value_that_was_put_under_another_key_does_not_open),
        cmocka_unit_test(vault_02_each_login_hint_and_none_is_a_token_of_its_own),
        cmocka_unit_test(vault_02_of_several_accounts_one_has_to_be_named),
        cmocka_unit_test(vault_03_only_a_connected_account_where_the_caller_says_so),
        cmocka_unit_test(vault_03_a_connection_has_a_narrow_grammar),
        cmocka_unit_test(vault_03_a_brought_token_never_shares_with_a_session),
        cmocka_unit_test(vault_04_a_token_of_another_type_or_lifetime_is_refused),
        cmocka_unit_test(vault_04_without_a_lifetime_nothing_is_kept),
        cmocka_unit_test(vault_04_a_refresh_token_in_the_answer_goes_nowhere),
        cmocka_unit_test(vault_04_a_narrower_scope_is_not_kept_as_the_wider_one),
        cmocka_unit_test(vault_05_a_rotated_token_says_so_once_and_leaves_the_session),
        cmocka_unit_test(vault_05_exchange_and_refresh_share_the_lock_of_the_token),
        cmocka_unit_test(vault_06_a_refusal_is_told_by_its_code_and_the_session_stays),
        cmocka_unit_test(vault_06_not_found_has_its_own_kind_and_auth0s_code),
        cmocka_unit_test(vault_06_missing_scopes_are_named),
        cmocka_unit_test(vault_06_a_refusal_drops_what_was_kept_for_the_connection),
        cmocka_unit_test(vault_07_a_sign_out_ends_what_was_kept_and_nothing_is_logged),
        cmocka_unit_test(vault_07_a_disconnect_and_a_sign_out_are_known_on_every_node),
        cmocka_unit_test(vault_07_a_store_that_can_not_be_asked_gives_no_kept_token),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
