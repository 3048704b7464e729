/* SPDX-License-Identifier: MIT */
/* Rows MGMT: the Management API and its machine token. */
#include "world.h"

#include <string.h>

#include "auth0/users.h"
#include "flows/client.h"

#define ANA "auth0|66f0c0ffee1234567890abcd"
#define IDENTITY "{\"provider\":\"auth0\",\"connection\":\"db\",\"user_id\":\"66f0\"}"
#define PROFILE "{\"user_id\":\"" ANA "\",\"identities\":[" IDENTITY "]}"

static a0_status
get(world *w)
{
    a0_user_get_options options = A0_USER_GET_OPTIONS_INIT;
    a0_user *user = NULL;
    a0_status status = A0_OK;

    options.afresh = true;
    status = a0_user_get(w->client, ANA, &options, &user, &w->err);
    a0_user_free(user);
    return status;
}

/* A world in which that fault awaits the next calls. */
static void
world_with_fault(world *w, int status, unsigned times)
{
    world_init(w, NULL);
    w->tenant.management.body = PROFILE;
    w->tenant.management.fault_status = status;
    w->tenant.management.fault_times = times;
}

static void
mgmt_04_missing_scopes_are_read_from_the_token_itself(void **state)
{
    world w;
    a0_ping_result *result = NULL;
    a0_ping_options options = A0_PING_OPTIONS_INIT;

    (void)state;
    world_init(&w, NULL);
    options.required_scopes = "read:users read:logs update:users read:logs read:user";
    assert_int_equal(a0_ping(w.client, &options, &result, &w.err), A0_REFUSED);
    assert_string_equal(a0_error_stage(w.err), "scope_grant");
    assert_string_equal(a0_error_missing_scopes(w.err), "read:logs read:user");
    world_clear(&w);
}

static void
mgmt_04_scopes_in_excess_are_logged_and_shown(void **state)
{
    world w;
    a0_ping_result *result = NULL;
    a0_ping_options options = A0_PING_OPTIONS_INIT;

    (void)state;
    world_init(&w, NULL);
    options.required_scopes = "read:users delete:users";
    w.tenant.management.scope = "read:users delete:users";
    assert_ok(a0_ping(w.client, &options, &result, &w.err), w.err);
    assert_string_equal(a0_ping_result_excess_scopes(result), "");
    assert_int_equal(recording_log_count(&w.log, "mgmt.scope_excess"), 0);
    a0_ping_result_free(result);
    w.tenant.management.scope = "read:users delete:users delete:grants create:clients "
                                "read:user_idp_tokens update:client_grants read:logs";
    assert_ok(a0_ping(w.client, &options, &result, &w.err), w.err);
    assert_string_equal(
        a0_ping_result_excess_scopes(result),
        "delete:grants create:clients read:user_idp_tokens update:client_grants");
    assert_int_equal(recording_log_count(&w.log, "mgmt.scope_excess"), 1);
    assert_true(a0_ping_result_shares_credentials(result));
    a0_ping_result_free(result);
    world_clear(&w);
}

static void
mgmt_07_address_and_audience_come_from_the_management_domain(void **state)
{
    world w;
    a0_ping_result *result = NULL;
    const scripted_request *request = NULL;

    (void)state;
    world_init(&w, "\"auth0_management_api_domain\":\"acme.eu.auth0.com\"");
    scripted_answer(w.tenant.script, "POST", "https://acme.eu.auth0.com/oauth/token",
                    401, "application/json", "{\"error\":\"invalid_client\"}");
    assert_fails(a0_ping(w.client, NULL, &result, &w.err), &w.err, ping_m2m_token);
    request = scripted_request_at(w.tenant.script, 0);
    assert_non_null(strstr(request->body,
                           "audience=https%3A%2F%2Facme.eu.auth0.com%2Fapi%2Fv2%2F"));
    assert_int_equal(scripted_requests_len(w.tenant.script), 1);
    world_clear(&w);
}

static void
mgmt_01_a_read_is_tried_three_times_within_five_seconds(void **state)
{
    world w;

    (void)state;
    world_with_fault(&w, 429, 2);
    assert_ok(get(&w), w.err);
    assert_int_equal(w.tenant.management.calls, 3);
    w.tenant.management.fault_times = FAKE_FAULTS_FOREVER;
    assert_fails(get(&w), &w.err, mgmt_rate_limited);
    assert_int_equal(w.tenant.management.calls, 6);
    assert_true(w.clock.slept_ms > 0);
    assert_true(w.clock.slept_ms < 5000);
    world_clear(&w);
}

static void
mgmt_01_the_peer_says_when_and_nonsense_is_the_usual_pause(void **state)
{
    static const struct {
        const char *name;
        const char *value;
        unsigned calls; /* until it gives up, or succeeds with the second */
        int64_t slept_ms;
    } cases[] = {
        { "Retry-After", "2", 2, 2000 },
        { "Retry-After", "-1", 2, 250 },
        { "Retry-After", "soon", 2, 250 },
        { "Retry-After", "Wed, 04 Mar 2026 05:06:09 GMT", 2, 2000 },
        { "Retry-After", "3600", 1, 0 },
        { "x-ratelimit-reset", "1772600770", 2, 3000 },
        { "x-ratelimit-reset", "1", 2, 250 },
        { "x-ratelimit-reset", "99999999999999999999", 1, 0 },
        { "x-ratelimit-reset", "later", 2, 250 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        world w;
        a0_status status = A0_OK;

        world_with_fault(&w, 429, 1);
        w.tenant.management.fault_header = cases[i].name;
        w.tenant.management.fault_header_value = cases[i].value;
        status = get(&w);
        assert_int_equal(status, cases[i].calls == 2 ? A0_OK : A0_UNAVAILABLE);
        assert_int_equal(w.tenant.management.calls, cases[i].calls);
        /* A fifth more by chance. */
        assert_in_range(w.clock.slept_ms, cases[i].slept_ms,
                        cases[i].slept_ms + cases[i].slept_ms / 5);
        world_clear(&w);
    }
}

/* The token that every call needs is asked for as patiently as the call itself, also
 * for a change, of which nothing was sent yet. */
static void
mgmt_01_a_token_is_asked_for_three_times_as_well(void **state)
{
    static const struct {
        int status;
        a0__error_id network_error;
        const char *id; /* when it goes on; NULL: the next answer is a token */
        size_t tries;
    } rows[] = {
        { 503, 0, NULL, 2 },
        { 429, 0, NULL, 2 },
        { 0, A0_E_http_unreachable, NULL, 2 },
        { 503, 0, "mgmt_unavailable", 3 },
        { 429, 0, "mgmt_rate_limited", 3 },
        { 0, A0_E_http_unreachable, "http_unreachable", 3 },
        { 401, 0, "mgmt_auth_failed", 1 },
        { 400, 0, "mgmt_refused", 1 },
    };

    (void)state;
    for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
        world w;
        a0_user *user = NULL;
        a0_status status = A0_OK;

        world_with_fault(&w, 0, 0);
        w.tenant.token_status = rows[i / 2].status;
        w.tenant.token_body = "{}";
        w.tenant.network_error = rows[i / 2].network_error;
        w.tenant.token_fault_stays = rows[i / 2].id != NULL;
        status =
            i % 2 == 0 ? get(&w) : a0_user_update(w.client, ANA, "{}", &user, &w.err);
        assert_string_equal(a0_error_id(w.err),
                            rows[i / 2].id != NULL ? rows[i / 2].id : "");
        assert_int_equal(status == A0_OK, rows[i / 2].id == NULL);
        assert_int_equal(fake_tenant_calls(&w.tenant, "/oauth/token"),
                         rows[i / 2].tries);
        assert_int_equal(w.tenant.management.calls, rows[i / 2].id == NULL ? 1 : 0);
        assert_true(w.clock.slept_ms < 5000);
        a0_user_free(user);
        world_clear(&w);
    }
}

static void
mgmt_01_a_burst_is_spread_by_a_budget_of_our_own(void **state)
{
    world w;

    (void)state;
    world_with_fault(&w, 0, 0);
    for (int i = 0; i < 20; i++) {
        assert_ok(get(&w), w.err);
    }
    assert_int_equal(w.clock.slept_ms, 0);
    for (int i = 0; i < 10; i++) {
        assert_ok(get(&w), w.err);
    }
    assert_int_equal(w.clock.slept_ms, 1000);
    world_clear(&w);
}

static void
mgmt_01_the_budget_is_as_large_as_it_is_set(void **state)
{
    world w;

    (void)state;
    world_init(&w, "\"management_rate\":50");
    w.tenant.management.body = PROFILE;
    for (int i = 0; i < 150; i++) {
        assert_ok(get(&w), w.err);
    }
    assert_int_equal(w.tenant.management.calls, 150);
    assert_int_equal(w.clock.slept_ms, 1000);
    world_clear(&w);
}

static void
mgmt_02_reads_are_repeated_and_writes_never(void **state)
{
    world w;
    a0_user *user = NULL;

    (void)state;
    world_with_fault(&w, 503, 1);
    assert_ok(get(&w), w.err);
    assert_int_equal(w.tenant.management.calls, 2);
    w.tenant.management.fault_times = 1;
    assert_fails(a0_user_update(w.client, ANA, "{}", &user, &w.err), &w.err,
                 mgmt_unavailable);
    assert_int_equal(w.tenant.management.calls, 3);
    w.tenant.management.fault_times = 1;
    w.tenant.management.fault_network = A0_E_http_timeout;
    assert_fails(a0_user_update(w.client, ANA, "{}", &user, &w.err), &w.err,
                 http_timeout);
    assert_int_equal(w.tenant.management.calls, 4);
    world_clear(&w);
}

/* ---- MGMT-03: a cache that others write to ---- */

typedef struct poisoned_cache {
    const a0_cache *inner;
    void *inner_self;
    const char *poison; /* what every look-up gives; NULL: what is there */
    size_t poison_len;
    a0__buf seen; /* everything that was kept */
    a0__buf last; /* the value that was kept last */
} poisoned_cache;

static a0_status
poisoned_get(void *self, const char *key, a0_cache_sink sink, void *sink_self,
             a0_error **err)
{
    poisoned_cache *c = self;

    if (c->poison != NULL) {
        return sink(sink_self, c->poison, c->poison_len, err);
    }
    return c->inner->get(c->inner_self, key, sink, sink_self, err);
}

static a0_status
poisoned_set(void *self, const char *key, const void *bytes, size_t len, int64_t ttl_s,
             a0_error **err)
{
    poisoned_cache *c = self;

    a0__buf_bytes(&c->seen, bytes, len);
    a0__buf_string(&c->seen, key);
    a0__buf_reset(&c->last);
    a0__buf_bytes(&c->last, bytes, len);
    return c->inner->set(c->inner_self, key, bytes, len, ttl_s, err);
}

static a0_status
poisoned_remove(void *self, const char *key, a0_error **err)
{
    poisoned_cache *c = self;

    return c->inner->remove(c->inner_self, key, err);
}

static void
poisoned_destroy(void *self)
{
    poisoned_cache *c = self;

    a0__buf_clear(&c->seen);
    a0__buf_clear(&c->last);
    c->inner->destroy(c->inner_self);
}

static const a0_cache poisoned_table = { .size = sizeof poisoned_table,
                                         .get = poisoned_get,
                                         .set = poisoned_set,
                                         .remove = poisoned_remove,
                                         .destroy = poisoned_destroy };

static void
poison(world *w, poisoned_cache *cache)
{
    *cache = (poisoned_cache){ .inner = w->client->ports.cache,
                               .inner_self = w->client->ports.cache_self,
                               .seen = A0__BUF_INIT(1 << 20),
                               .last = A0__BUF_INIT(1 << 20) };
    w->client->ports.cache = &poisoned_table;
    w->client->ports.cache_self = cache;
}

static void
mgmt_03_a_poisoned_cache_is_discarded_and_the_token_fetched_once(void **state)
{
    static const char *const values[] = {
        "",
        "x",
        "null",
        "{}",
        "{\"access_token\":\"evil\",\"expires_at\":9e9}",
        "gAAAAAB",
        "\x01",
        "\x01kkkknnnnnnnnnnnnccccccccccccccccccccccccc",
    };
    world w;
    poisoned_cache cache;

    (void)state;
    world_with_fault(&w, 0, 0);
    poison(&w, &cache);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        cache.poison = values[i];
        cache.poison_len = strlen(values[i]);
        assert_ok(get(&w), w.err);
        assert_int_equal(w.tenant.management.tokens, i + 1);
        assert_true(w.tenant.management.sent_newest_token);
    }
    world_clear(&w);
}

static void
mgmt_03_a_value_sealed_for_another_place_is_worth_nothing(void **state)
{
    world w;
    poisoned_cache cache;
    A0_AUTO(a0__buf) stolen = A0__BUF_INIT(1 << 20);

    (void)state;
    world_with_fault(&w, 0, 0);
    poison(&w, &cache);
    /* The profile, sealed by us for its own key, in the place of the token. */
    assert_ok(get(&w), w.err);
    a0__buf_text(&stolen, a0__buf_view(&cache.last));
    cache.poison = stolen.ptr;
    cache.poison_len = stolen.len;
    assert_ok(get(&w), w.err);
    assert_int_equal(w.tenant.management.tokens, 2);
    assert_true(recording_log_count(&w.log, "cache.discarded") > 0);
    world_clear(&w);
}

static void
mgmt_03_token_and_profile_are_sealed_in_the_cache(void **state)
{
    world w;
    poisoned_cache cache;

    (void)state;
    world_with_fault(&w, 0, 0);
    poison(&w, &cache);
    assert_ok(get(&w), w.err);
    assert_true(cache.seen.len > 100);
    assert_false(support_has_canary(cache.seen.ptr, cache.seen.len, "machine-canary"));
    assert_false(support_has_canary(cache.seen.ptr, cache.seen.len, ANA));
    assert_false(recording_log_has_canary(&w.log, "machine-canary"));
    world_clear(&w);
}

static void
mgmt_03_a_withdrawn_token_is_replaced_once(void **state)
{
    world w;

    (void)state;
    world_with_fault(&w, 0, 0);
    assert_ok(get(&w), w.err);
    w.tenant.management.fault_status = 401;
    w.tenant.management.fault_times = 1;
    assert_ok(get(&w), w.err);
    assert_int_equal(w.tenant.management.tokens, 2);
    assert_true(w.tenant.management.sent_newest_token);
    w.tenant.management.fault_times = FAKE_FAULTS_FOREVER;
    assert_fails(get(&w), &w.err, mgmt_auth_failed);
    assert_int_equal(w.tenant.management.tokens, 3);
    assert_int_equal(w.tenant.management.calls, 5);
    world_clear(&w);
}

static void
mgmt_03_a_token_is_renewed_before_it_expires(void **state)
{
    world w;

    (void)state;
    world_with_fault(&w, 0, 0);
    w.tenant.management.expires_in = 600;
    assert_ok(get(&w), w.err);
    test_clock_advance_s(&w.clock, 539);
    assert_ok(get(&w), w.err);
    assert_int_equal(w.tenant.management.tokens, 1);
    test_clock_advance_s(&w.clock, 1);
    assert_ok(get(&w), w.err);
    assert_int_equal(w.tenant.management.tokens, 2);
    world_clear(&w);
}

static void
mgmt_03_a_sweep_renews_a_token_before_anybody_waits_for_it(void **state)
{
    world w;

    (void)state;
    world_with_fault(&w, 0, 0);
    w.tenant.management.expires_in = 600;
    assert_ok(a0_client_sweep(w.client, &w.err), w.err);
    assert_int_equal(w.tenant.management.tokens, 0); /* nobody has needed one */
    assert_ok(get(&w), w.err);
    test_clock_advance_s(&w.clock, 419);
    assert_ok(a0_client_sweep(w.client, &w.err), w.err);
    assert_int_equal(w.tenant.management.tokens, 1);
    test_clock_advance_s(&w.clock, 1);
    assert_ok(a0_client_sweep(w.client, &w.err), w.err);
    assert_int_equal(w.tenant.management.tokens, 2);
    test_clock_advance_s(&w.clock, 200);
    assert_ok(get(&w), w.err);
    assert_int_equal(w.tenant.management.tokens, 2);
    world_clear(&w);
}

static void
mgmt_04_a_missing_scope_at_run_time_is_an_error_of_its_own(void **state)
{
    world w;

    (void)state;
    world_with_fault(&w, 403, FAKE_FAULTS_FOREVER);
    assert_fails(get(&w), &w.err, mgmt_scope_missing);
    assert_int_equal(w.tenant.management.calls, 1);
    world_clear(&w);
}

static void
mgmt_05_an_id_never_changes_the_path(void **state)
{
    static const char *const refused[] = {
        "", "auth0", "|x", "auth0|", "auth0|x\n", "auth0|\x7f", "auth0|\xc3\xa9",
    };
    char longest[200];
    A0_AUTO(a0__buf) url = A0__BUF_INIT(2048);
    world w;
    a0_user *user = NULL;

    (void)state;
    world_with_fault(&w, 0, 0);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_fails(a0_user_get(w.client, refused[i], NULL, &user, &w.err), &w.err,
                     param_invalid);
        assert_fails(a0_user_update(w.client, refused[i], "{}", &user, &w.err), &w.err,
                     param_invalid);
    }
    memset(longest, 'x', sizeof longest);
    longest[5] = '|';
    longest[129] = '\0';
    assert_fails(a0_user_get(w.client, longest, NULL, &user, &w.err), &w.err,
                 param_invalid);
    assert_int_equal(scripted_requests_len(w.tenant.script), 0);
    a0__user_url(w.client->settings, A0__LIT("auth0|x/../../clients?a=b#c%2f"), "",
                 &url);
    assert_text(a0__buf_view(&url),
                FAKE_API "users/auth0%7Cx%2F..%2F..%2Fclients%3Fa%3Db%23c%252f");
    world_clear(&w);
}

static void
mgmt_06_a_profile_of_the_wrong_shape_is_refused(void **state)
{
    static const char *const bodies[] = {
        "",
        "null",
        "[]",
        "<html>",
        "{\"user_id\":",
        "{}",
        "{\"user_id\":7,\"identities\":[" IDENTITY "]}",
        "{\"user_id\":\"auth0|another\",\"identities\":[" IDENTITY "]}",
        "{\"user_id\":\"" ANA "\"}",
        "{\"user_id\":\"" ANA "\",\"identities\":[]}",
        "{\"user_id\":\"" ANA "\",\"identities\":{}}",
        "{\"user_id\":\"" ANA "\",\"identities\":[7]}",
        "{\"user_id\":\"" ANA "\",\"identities\":[{\"provider\":\"auth0\"}]}",
        "{\"user_id\":\"" ANA "\",\"email\":[],\"identities\":[" IDENTITY "]}",
        "{\"user_id\":\"" ANA "\",\"email_verified\":\"true\",\"identities\":[" IDENTITY
        "]}",
    };
    world w;
    a0_users *users = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        world_with_fault(&w, 0, 0);
        w.tenant.management.body = bodies[i];
        assert_fails(get(&w), &w.err, mgmt_response_invalid);
        world_clear(&w);
    }
    world_with_fault(&w, 0, 0);
    w.tenant.management.body = "[" PROFILE "]";
    assert_fails(a0_user_by_email(w.client, "jo@acme.example", &users, &w.err), &w.err,
                 mgmt_response_invalid);
    w.tenant.management.body = "{}";
    assert_fails(a0_user_by_email(w.client, "jo@acme.example", &users, &w.err), &w.err,
                 mgmt_response_invalid);
    world_clear(&w);
}

static void
mgmt_06_no_address_and_an_unknown_provider_are_fine(void **state)
{
    world w;
    a0_user *user = NULL;

    (void)state;
    world_with_fault(&w, 0, 0);
    assert_ok(a0_user_get(w.client, ANA, NULL, &user, &w.err), w.err);
    assert_null(a0_user_email(user));
    assert_false(a0_user_email_verified(user));
    a0_user_free(user);
    world_clear(&w);
}

static void
mgmt_08_five_failures_open_the_circuit_for_thirty_seconds(void **state)
{
    world w;

    (void)state;
    world_with_fault(&w, 503, FAKE_FAULTS_FOREVER);
    assert_fails(get(&w), &w.err, mgmt_unavailable);
    assert_int_equal(w.tenant.management.calls, 3);
    assert_int_equal(get(&w), A0_UNAVAILABLE);
    assert_int_equal(w.tenant.management.calls, 5);
    assert_int_equal(recording_log_count(&w.log, "mgmt.circuit_open"), 1);
    assert_int_equal(get(&w), A0_UNAVAILABLE);
    assert_int_equal(w.tenant.management.calls, 5);
    assert_true(a0_error_retry_after_s(w.err) > 0);
    w.tenant.management.fault_times = 0;
    test_clock_advance_s(&w.clock, 31);
    assert_ok(get(&w), w.err);
    world_clear(&w);
}

/* Somebody else who asks while a request is under way. */
typedef struct bystander {
    world *w;
    int64_t after_s; /* so long after the request has gone out */
    unsigned asked;
    a0_status status;
} bystander;

static void
ask_as_well(void *self, const char *path, bool done)
{
    bystander *b = self;

    (void)path;
    if (!done && b->asked++ == 0) {
        test_clock_advance_s(&b->w->clock, b->after_s);
        b->status = get(b->w);
        a0_error_free(a0__steal(&b->w->err));
    }
}

static void
open_the_circuit(world *w, bystander *b)
{
    *b = (bystander){ .w = w };
    world_with_fault(w, 503, FAKE_FAULTS_FOREVER);
    assert_int_equal(get(w), A0_UNAVAILABLE);
    a0_error_free(a0__steal(&w->err));
    assert_int_equal(get(w), A0_UNAVAILABLE);
    a0_error_free(a0__steal(&w->err));
    assert_int_equal(w->tenant.management.calls, 5);
    test_clock_advance_s(&w->clock, 31);
    w->tenant.watch = ask_as_well;
    w->tenant.watch_self = b;
}

static void
mgmt_08_after_the_rest_one_tries_before_all_the_others(void **state)
{
    world w;
    bystander b;

    (void)state;
    open_the_circuit(&w, &b);
    w.tenant.management.fault_times = 0;
    assert_ok(get(&w), w.err);
    assert_int_equal(b.status, A0_UNAVAILABLE);
    assert_int_equal(w.tenant.management.calls, 6);
    /* It is well again: everybody. */
    b.asked = 0;
    assert_ok(get(&w), w.err);
    assert_int_equal(b.status, A0_OK);
    assert_int_equal(w.tenant.management.calls, 8);
    world_clear(&w);
}

static void
mgmt_08_when_the_one_who_tries_fails_the_rest_begins_again(void **state)
{
    world w;
    bystander b;

    (void)state;
    open_the_circuit(&w, &b);
    assert_int_equal(get(&w), A0_UNAVAILABLE);
    assert_int_equal(b.status, A0_UNAVAILABLE);
    assert_int_equal(get(&w), A0_UNAVAILABLE);
    assert_int_equal(w.tenant.management.calls, 6);
    assert_int_equal(recording_log_count(&w.log, "mgmt.circuit_open"), 2);
    world_clear(&w);
}

static void
mgmt_08_one_who_tries_and_never_comes_back_keeps_nobody_waiting(void **state)
{
    world w;
    bystander b;

    (void)state;
    open_the_circuit(&w, &b);
    w.tenant.management.fault_times = 0;
    b.after_s = 6;
    assert_ok(get(&w), w.err);
    assert_int_equal(b.status, A0_OK);
    world_clear(&w);
}

static void
mgmt_09_refused_credentials_are_not_hammered(void **state)
{
    world w;

    (void)state;
    world_with_fault(&w, 0, 0);
    w.tenant.token_status = 401;
    w.tenant.token_body = "{\"error\":\"invalid_client\"}";
    w.tenant.token_fault_stays = true;
    for (int i = 0; i < 5; i++) {
        assert_fails(get(&w), &w.err, mgmt_auth_failed);
    }
    assert_int_equal(scripted_requests_len(w.tenant.script), 1);
    assert_int_equal(recording_log_count(&w.log, "mgmt.auth_failed"), 1);
    w.tenant.token_status = 0;
    test_clock_advance_s(&w.clock, 11);
    assert_ok(get(&w), w.err);
    world_clear(&w);
}

static void
mgmt_09_tokens_and_hashes_are_stripped_and_the_rest_is_whole(void **state)
{
    world w;
    a0_user *user = NULL;

    (void)state;
    world_with_fault(&w, 0, 0);
    w.tenant.management.body =
        "{\"user_id\":\"" ANA "\",\"password_hash\":\"canary-1\",\"identities\":[{"
        "\"provider\":\"auth0\",\"connection\":\"db\",\"user_id\":\"66f0\","
        "\"access_token\":\"canary-2\",\"refresh_token\":\"canary-3\","
        "\"access_token_secret\":\"canary-4\",\"profileData\":{\"name\":\"A\","
        "\"access_token\":\"canary-5\",\"accounts\":[[{\"id\":7,\"id_token\":"
        "\"canary-6\"}],null]}}],\"user_metadata\":{\"access_token\":1}}";
    assert_ok(a0_user_get(w.client, ANA, NULL, &user, &w.err), w.err);
    assert_string_equal(
        a0_user_json(user),
        "{\"user_id\":\"" ANA "\",\"identities\":[{\"provider\":\"auth0\","
        "\"connection\":\"db\",\"user_id\":\"66f0\",\"profileData\":{\"name\":"
        "\"A\",\"accounts\":[[{\"id\":7}],null]}}],\"user_metadata\":{"
        "\"access_token\":1}}");
    a0_user_free(user);
    assert_false(recording_log_has(&w.log, "canary-"));
    world_clear(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mgmt_01_a_read_is_tried_three_times_within_five_seconds),
        cmocka_unit_test(mgmt_01_the_peer_says_when_and_nonsense_is_the_usual_pause),
        cmocka_unit_test(mgmt_01_a_token_is_asked_for_three_times_as_well),
        cmocka_unit_test(mgmt_01_a_burst_is_spread_by_a_budget_of_our_own),
        cmocka_unit_test(mgmt_01_the_budget_is_as_large_as_it_is_set),
        cmocka_unit_test(mgmt_02_reads_are_repeated_and_writes_never),
        cmocka_unit_test(
            mgmt_03_a_poisoned_cache_is_discarded_and_the_token_fetched_once),
        cmocka_unit_test(mgmt_03_a_value_sealed_for_another_place_is_worth_nothing),
        cmocka_unit_test(mgmt_03_token_and_profile_are_sealed_in_the_cache),
        cmocka_unit_test(mgmt_03_a_withdrawn_token_is_replaced_once),
        cmocka_unit_test(mgmt_03_a_token_is_renewed_before_it_expires),
        cmocka_unit_test(mgmt_03_a_sweep_renews_a_token_before_anybody_waits_for_it),
        cmocka_unit_test(mgmt_04_missing_scopes_are_read_from_the_token_itself),
        cmocka_unit_test(mgmt_04_scopes_in_excess_are_logged_and_shown),
        cmocka_unit_test(mgmt_04_a_missing_scope_at_run_time_is_an_error_of_its_own),
        cmocka_unit_test(mgmt_05_an_id_never_changes_the_path),
        cmocka_unit_test(mgmt_06_a_profile_of_the_wrong_shape_is_refused),
        cmocka_unit_test(mgmt_06_no_address_and_an_unknown_provider_are_fine),
        cmocka_unit_test(mgmt_07_address_and_audience_come_from_the_management_domain),
        cmocka_unit_test(mgmt_08_five_failures_open_the_circuit_for_thirty_seconds),
        cmocka_unit_test(mgmt_08_after_the_rest_one_tries_before_all_the_others),
        cmocka_unit_test(mgmt_08_when_the_one_who_tries_fails_the_rest_begins_again),
        cmocka_unit_test(
            mgmt_08_one_who_tries_and_never_comes_back_keeps_nobody_waiting),
        cmocka_unit_test(mgmt_09_refused_credentials_are_not_hammered),
        cmocka_unit_test(mgmt_09_tokens_and_hashes_are_stripped_and_the_rest_is_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
