/* SPDX-License-Identifier: MIT */
/* Discovery and keys as the flows keep them: rows of group JWKS. */
#include "world.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define JWKS_PATH "/.well-known/jwks.json"

/* One whole sign-in; gives the id of its error, "" when it succeeded. */
static const char *
sign_in(world *w, a0_client *client)
{
    static char id[64];
    a0_session *session = NULL;
    a0_login *login = NULL;
    A0_AUTO(a0__string) callback = NULL;

    id[0] = '\0';
    assert_ok(a0_session_open(client, NULL, &session, &w->err), w->err);
    callback = world_start(w, session, NULL);
    if (a0_login_complete(session, callback, NULL, &login, &w->err) == A0_OK) {
        a0_login_free(login);
    } else {
        (void)snprintf(id, sizeof id, "%s", a0_error_id(w->err));
        a0_error_free(a0__steal(&w->err));
    }
    a0_session_free(session);
    return id;
}

static void
jwks_01_a_rotation_between_two_sign_ins_costs_one_fetch(void **state)
{
    world w;
    a0__signing_key *old = NULL;
    a0__signing_key *fresh = NULL;

    (void)state;
    world_init(&w, NULL);
    assert_string_equal(sign_in(&w, w.client), "");
    old = w.tenant.key;
    assert_ok(a0__signing_key_generate(A0__RS256, &fresh, &w.err), w.err);
    w.tenant.key = fresh;
    w.tenant.kid = "kid-2";
    w.tenant.published_kid = "kid-2";
    assert_string_equal(sign_in(&w, w.client), "");
    assert_int_equal(fake_tenant_calls(&w.tenant, JWKS_PATH), 2);
    assert_string_equal(sign_in(&w, w.client), "");
    assert_int_equal(fake_tenant_calls(&w.tenant, JWKS_PATH), 2);
    /* The old key is no longer published. */
    w.tenant.key = old;
    w.tenant.kid = "kid-1";
    assert_string_equal(sign_in(&w, w.client), "jwt_key_not_found");
    w.tenant.key = old;
    a0__signing_key_free(fresh);
    world_clear(&w);
}

static void
jwks_01_aged_keys_are_renewed_beside_the_token_request(void **state)
{
    world w;
    a0__signing_key *forgotten = NULL;
    a0__signing_key *fresh = NULL;

    (void)state;
    world_init(&w, NULL);
    assert_string_equal(sign_in(&w, w.client), "");
    forgotten = w.tenant.key;
    assert_ok(a0__signing_key_generate(A0__RS256, &fresh, &w.err), w.err);
    /* The tenant signs with what it no longer publishes: within the life of the keys
     * that is believed, afterwards no more. */
    {
        static char published[4096];
        A0_AUTO(a0__buf) body = A0__BUF_INIT(4096);

        a0__buf_string(&body, "{\"keys\":[");
        assert_ok(a0__signing_key_write_jwk(fresh, A0__RS256, "kid-2", &body, &w.err),
                  w.err);
        a0__buf_string(&body, "]}");
        (void)snprintf(published, sizeof published, "%s", a0__buf_cstr(&body));
        w.tenant.jwks_body = published;
    }
    test_clock_advance_s(&w.clock, 599);
    assert_string_equal(sign_in(&w, w.client), "");
    assert_int_equal(fake_tenant_calls(&w.tenant, JWKS_PATH), 1);
    test_clock_advance_s(&w.clock, 1);
    assert_string_equal(sign_in(&w, w.client), "jwt_key_not_found");
    w.tenant.key = fresh;
    w.tenant.kid = "kid-2";
    assert_string_equal(sign_in(&w, w.client), "");
    w.tenant.key = forgotten;
    a0__signing_key_free(fresh);
    world_clear(&w);
}

static void
jwks_02_unknown_kids_cost_one_fetch_a_minute_for_all_clients_of_a_store(void **state)
{
    static char kid[32];
    world w;
    a0_client *other = NULL;

    (void)state;
    world_init(&w, NULL);
    other = world_another_client(&w, NULL, NULL, NULL);
    assert_string_equal(sign_in(&w, w.client), "");
    assert_string_equal(sign_in(&w, other), "");
    assert_int_equal(fake_tenant_calls(&w.tenant, JWKS_PATH), 2);
    w.tenant.kid = kid;
    for (int i = 0; i < 200; i++) {
        (void)snprintf(kid, sizeof kid, "random-%d", i);
        assert_string_equal(sign_in(&w, i % 2 == 0 ? w.client : other),
                            "jwt_key_not_found");
    }
    assert_int_equal(fake_tenant_calls(&w.tenant, JWKS_PATH), 3);
    assert_int_equal(recording_log_count(&w.log, "jwks.refresh_throttled"), 2);
    test_clock_advance_s(&w.clock, 61);
    assert_string_equal(sign_in(&w, w.client), "jwt_key_not_found");
    assert_int_equal(fake_tenant_calls(&w.tenant, JWKS_PATH), 4);
    w.tenant.kid = "kid-1";
    assert_string_equal(sign_in(&w, w.client), "");
    a0_client_free(other);
    world_clear(&w);
}

static void
jwks_02_a_throttle_that_can_not_be_read_throttles(void **state)
{
    world w;

    (void)state;
    world_init(&w, NULL);
    assert_string_equal(sign_in(&w, w.client), ""); /* three commits: open, take, all */
    w.tenant.kid = "kid-unknown";
    w.store.only_commits = true;
    w.store.fail_at = w.store.commits + 3; /* open, take, mark */
    assert_string_equal(sign_in(&w, w.client), "jwt_key_not_found");
    assert_int_equal(fake_tenant_calls(&w.tenant, JWKS_PATH), 1);
    world_clear(&w);
}

static void
jwks_03_of_many_at_once_one_renews(void **state)
{
    world w;

    (void)state;
    world_init(&w, NULL);
    assert_string_equal(sign_in(&w, w.client), "");
    test_clock_advance_s(&w.clock, 600);
    /* The renewal fails: for a minute nobody asks again. */
    w.tenant.jwks_body = "{";
    for (int i = 0; i < 20; i++) {
        assert_string_equal(sign_in(&w, w.client), "");
    }
    assert_int_equal(fake_tenant_calls(&w.tenant, JWKS_PATH), 2);
    world_clear(&w);
}

/* Good keys are there: nobody waits for new ones as long as for an answer of Auth0. */
static void
jwks_04_a_renewal_that_hangs_delays_a_sign_in_by_a_second_at_most(void **state)
{
    world w;
    size_t before = 0;
    size_t renewals = 0;

    (void)state;
    world_init(&w, NULL);
    assert_string_equal(sign_in(&w, w.client), "");
    before = scripted_requests_len(w.tenant.script);
    test_clock_advance_s(&w.clock, 600);
    assert_string_equal(sign_in(&w, w.client), "");
    for (size_t i = 0; i < scripted_requests_len(w.tenant.script); i++) {
        const scripted_request *seen = scripted_request_at(w.tenant.script, i);
        bool renews = i >= before && strcmp(seen->method, "GET") == 0;

        assert_int_equal(seen->deadline_ms, renews ? 1000 : 0);
        renewals += renews ? 1 : 0;
    }
    assert_int_equal(renewals, 2);
    world_clear(&w);
}

static void
jwks_04_a_bad_answer_never_replaces_good_keys_which_live_for_a_day(void **state)
{
    static const char *const bad[] = { "{\"keys\":[]}", "{\"keys\":", "<html>", "[]" };
    world w;

    (void)state;
    world_init(&w, NULL);
    assert_string_equal(sign_in(&w, w.client), "");
    for (int hour = 1; hour <= 23; hour++) {
        test_clock_advance_s(&w.clock, 3600);
        w.tenant.jwks_body = bad[hour % 4];
        assert_string_equal(sign_in(&w, w.client), "");
    }
    assert_true(recording_log_count(&w.log, "jwks.stale") >= 23);
    test_clock_advance_s(&w.clock, 2 * 3600);
    {
        a0_session *session = world_session(&w, NULL);
        const char *url = NULL;

        /* However often the renewal failed meanwhile, a day is a day. */
        assert_int_not_equal(
            a0_login_start(session, FAKE_REDIRECT_URI, NULL, &url, &w.err), A0_OK);
        assert_string_equal(a0_error_id(w.err), "jwks_invalid");
        a0_error_free(a0__steal(&w.err));
        a0_session_free(session);
    }
    w.tenant.jwks_body = NULL;
    assert_string_equal(sign_in(&w, w.client), "");
    world_clear(&w);
}

static void
jwks_07_another_issuer_refuses_all_sign_ins_until_it_is_put_right(void **state)
{
    world w;
    a0_session *session = NULL;
    const char *url = NULL;

    (void)state;
    world_init(&w, NULL);
    session = world_session(&w, NULL);
    w.tenant.discovery_body =
        "{\"issuer\":\"https://tenant.example\",\"authorization_endpoint\":\"" FAKE_URL
        "/authorize\",\"token_endpoint\":\"" FAKE_URL
        "/oauth/token\",\"jwks_uri\":\"" FAKE_URL JWKS_PATH "\"}";
    for (int i = 0; i < 2; i++) {
        assert_fails(a0_login_start(session, FAKE_REDIRECT_URI, NULL, &url, &w.err),
                     &w.err, discovery_issuer_mismatch);
    }
    assert_int_equal(w.store.commits, 0);
    w.tenant.discovery_body = NULL;
    assert_string_equal(sign_in(&w, w.client), "");
    a0_session_free(session);
    world_clear(&w);
}

/* A cache that several clients share, and whose content a test can change. */
typedef struct shared_cache {
    char key[512];
    char value[65536];
    size_t len;
    unsigned sets;
} shared_cache;

static a0_status
cache_get(void *self, const char *key, a0_cache_sink sink, void *sink_self,
          a0_error **err)
{
    shared_cache *c = self;

    if (c->len == 0 || strcmp(c->key, key) != 0) {
        return A0_NOT_FOUND;
    }
    return sink(sink_self, c->value, c->len, err);
}

static a0_status
cache_set(void *self, const char *key, const void *bytes, size_t len, int64_t ttl_s,
          a0_error **err)
{
    shared_cache *c = self;

    (void)ttl_s;
    (void)err;
    assert_true(len <= sizeof c->value);
    (void)snprintf(c->key, sizeof c->key, "%s", key);
    memcpy(c->value, bytes, len);
    c->len = len;
    c->sets++;
    return A0_OK;
}

static a0_status
cache_remove(void *self, const char *key, a0_error **err)
{
    shared_cache *c = self;

    (void)key;
    (void)err;
    c->len = 0;
    return A0_OK;
}

static const a0_cache cache_table = { .size = sizeof cache_table,
                                      .get = cache_get,
                                      .set = cache_set,
                                      .remove = cache_remove };

static void
jwks_09_a_shared_cache_starts_the_next_process_warm(void **state)
{
    static shared_cache cache;
    world w;
    a0_client *first = NULL;
    a0_client *second = NULL;

    (void)state;
    cache = (shared_cache){ .len = 0 };
    world_init(&w, NULL);
    first = world_another_client(&w, NULL, &cache_table, &cache);
    second = world_another_client(&w, NULL, &cache_table, &cache);
    assert_string_equal(sign_in(&w, first), "");
    assert_string_equal(sign_in(&w, second), "");
    assert_int_equal(fake_tenant_calls(&w.tenant, JWKS_PATH), 1);
    assert_non_null(strstr(cache.key, FAKE_ISSUER));
    a0_client_free(first);
    a0_client_free(second);
    world_clear(&w);
}

static void
jwks_09_what_somebody_else_put_into_the_cache_is_ignored(void **state)
{
    static shared_cache cache;
    static shared_cache genuine;
    world w;
    a0_client *client = NULL;

    (void)state;
    cache = (shared_cache){ .len = 0 };
    world_init(&w, NULL);
    client = world_another_client(&w, NULL, &cache_table, &cache);
    assert_string_equal(sign_in(&w, client), "");
    a0_client_free(client);
    genuine = cache;
    for (size_t bit = 0; bit < genuine.len * 8; bit += 211) {
        size_t before = fake_tenant_calls(&w.tenant, JWKS_PATH);

        cache = genuine;
        cache.value[bit / 8] = (char)(cache.value[bit / 8] ^ (1 << (bit % 8)));
        client = world_another_client(&w, NULL, &cache_table, &cache);
        assert_ok(a0_client_warm(client, &w.err), w.err);
        assert_int_equal(fake_tenant_calls(&w.tenant, JWKS_PATH), before + 1);
        a0_client_free(client);
    }
    /* Of another installation: well-formed, not ours. */
    cache = (shared_cache){ .len = 0 };
    client = world_another_client(&w,
                                  "{" WORLD_SETTINGS_WITHOUT_KEYS
                                  ",\"encryption_keys\":[\"fedcba9876543210fedcba98765"
                                  "43210fedcba9876543210fedcba9876543210\"]}",
                                  &cache_table, &cache);
    assert_ok(a0_client_warm(client, &w.err), w.err);
    a0_client_free(client);
    {
        size_t before = fake_tenant_calls(&w.tenant, JWKS_PATH);

        client = world_another_client(&w, NULL, &cache_table, &cache);
        assert_ok(a0_client_warm(client, &w.err), w.err);
        assert_int_equal(fake_tenant_calls(&w.tenant, JWKS_PATH), before + 1);
        a0_client_free(client);
    }
    world_clear(&w);
}

static void
jwks_10_metadata_that_grew_weaker_is_not_taken_over(void **state)
{
    world w;
    a0_session *session = NULL;
    const char *url = NULL;

    (void)state;
    world_init(&w, "\"pushed_authorization_requests\":true");
    session = world_session(&w, NULL);
    assert_ok(a0_login_start(session, FAKE_REDIRECT_URI, NULL, &url, &w.err), w.err);
    w.tenant.discovery_body =
        "{\"issuer\":\"" FAKE_ISSUER "\",\"authorization_endpoint\":\"" FAKE_URL
        "/authorize\",\"token_endpoint\":\"" FAKE_URL
        "/oauth/token\",\"jwks_uri\":\"" FAKE_URL JWKS_PATH
        "\",\"code_challenge_methods_supported\":[\"S256\"]}";
    test_clock_advance_s(&w.clock, 601);
    assert_ok(a0_login_start(session, FAKE_REDIRECT_URI, NULL, &url, &w.err), w.err);
    assert_non_null(strstr(url, "request_uri="));
    assert_null(strstr(url, "code_challenge="));
    assert_int_equal(recording_log_count(&w.log, "discovery.weakened"), 1);
    assert_int_equal(fake_tenant_calls(&w.tenant, "/oauth/par"), 2);
    a0_session_free(session);
    world_clear(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jwks_01_a_rotation_between_two_sign_ins_costs_one_fetch),
        cmocka_unit_test(jwks_01_aged_keys_are_renewed_beside_the_token_request),
        cmocka_unit_test(
            jwks_02_unknown_kids_cost_one_fetch_a_minute_for_all_clients_of_a_store),
        cmocka_unit_test(jwks_02_a_throttle_that_can_not_be_read_throttles),
        cmocka_unit_test(jwks_03_of_many_at_once_one_renews),
        cmocka_unit_test(
            jwks_04_a_renewal_that_hangs_delays_a_sign_in_by_a_second_at_most),
        cmocka_unit_test(
            jwks_04_a_bad_answer_never_replaces_good_keys_which_live_for_a_day),
        cmocka_unit_test(
            jwks_07_another_issuer_refuses_all_sign_ins_until_it_is_put_right),
        cmocka_unit_test(jwks_09_a_shared_cache_starts_the_next_process_warm),
        cmocka_unit_test(jwks_09_what_somebody_else_put_into_the_cache_is_ignored),
        cmocka_unit_test(jwks_10_metadata_that_grew_weaker_is_not_taken_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
