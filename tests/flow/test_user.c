/* SPDX-License-Identifier: MIT */
/* Users by the Management API: how many requests, what is kept, what comes out. */
#include "world.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define JO "google-oauth2|104857600123456789012"
#define JO_PROFILE                                                                     \
    "{\"user_id\":\"" JO "\",\"email\":\"jo@acme.example\",\"email_verified\":true,"   \
    "\"created_at\":\"2026-01-02T03:04:05.678Z\",\"blocked\":false,\"identities\":["   \
    "{\"provider\":\"google-oauth2\",\"connection\":\"google-oauth2\",\"user_id\":"    \
    "\"104857600123456789012\",\"isSocial\":true},{\"provider\":\"auth0\","            \
    "\"connection\":\"db\",\"user_id\":66}],\"app_metadata\":{\"tier\":\"gold\"}}"
#define OLD_JO_PROFILE                                                                 \
    "{\"user_id\":\"auth0|1\",\"email\":\"Jo@Acme.example\",\"identities\":[{"         \
    "\"provider\":\"auth0\",\"connection\":\"db\",\"user_id\":\"1\"}]}"

static void
get(world *w, bool afresh)
{
    a0_user_get_options options = A0_USER_GET_OPTIONS_INIT;
    a0_user *user = NULL;

    options.afresh = afresh;
    assert_ok(a0_user_get(w->client, JO, &options, &user, &w->err), w->err);
    assert_string_equal(a0_user_id(user), JO);
    a0_user_free(user);
}

static void
a_user_costs_one_request_with_a_token_and_none_from_the_cache(void **state)
{
    world w;

    (void)state;
    world_init(&w, NULL);
    w.tenant.management.body = JO_PROFILE;
    get(&w, false);
    assert_int_equal(scripted_requests_len(w.tenant.script), 2);
    get(&w, false);
    assert_int_equal(scripted_requests_len(w.tenant.script), 2);
    get(&w, true);
    assert_int_equal(scripted_requests_len(w.tenant.script), 3);
    assert_int_equal(w.tenant.management.tokens, 1);
    assert_int_equal(scripted_count(w.tenant.script, FAKE_API
                                    "users/google-oauth2%7C104857600123456789012"),
                     2);
    test_clock_advance_s(&w.clock, 86401);
    get(&w, false);
    assert_int_equal(w.tenant.management.calls, 3);
    world_clear(&w);
}

static void
a_profile_is_given_whole_and_by_its_members(void **state)
{
    world w;
    a0_user *user = NULL;

    (void)state;
    world_init(&w, NULL);
    w.tenant.management.body = JO_PROFILE;
    assert_ok(a0_user_get(w.client, JO, NULL, &user, &w.err), w.err);
    assert_string_equal(a0_user_json(user), JO_PROFILE);
    assert_string_equal(a0_user_email(user), "jo@acme.example");
    assert_string_equal(a0_user_created_at(user), "2026-01-02T03:04:05.678Z");
    assert_true(a0_user_email_verified(user));
    assert_false(a0_user_blocked(user));
    assert_int_equal(a0_user_identities_len(user), 2);
    assert_string_equal(a0_user_identity(user, 0)->connection, "google-oauth2");
    assert_string_equal(a0_user_identity(user, 1)->user_id, "66");
    assert_null(a0_user_identity(user, 2));
    a0_user_free(user);
    world_clear(&w);
}

static void
a_ttl_of_zero_keeps_no_profile(void **state)
{
    world w;

    (void)state;
    world_init(&w, "\"user_cache_ttl\":0");
    w.tenant.management.body = JO_PROFILE;
    get(&w, false);
    get(&w, false);
    assert_int_equal(w.tenant.management.calls, 2);
    world_clear(&w);
}

static void
a_user_that_is_not_there_is_not_found_and_not_asked_again(void **state)
{
    world w;
    a0_user *user = NULL;

    (void)state;
    world_init(&w, NULL);
    w.tenant.management.fault_status = 404;
    w.tenant.management.fault_times = 1;
    assert_fails(a0_user_get(w.client, JO, NULL, &user, &w.err), &w.err,
                 mgmt_user_not_found);
    assert_int_equal(w.tenant.management.calls, 1);
    world_clear(&w);
}

static void
a_refresh_token_from_elsewhere_is_kept_sealed_as_the_newest(void **state)
{
    world w;
    a0_refresh_token *token = NULL;

    (void)state;
    world_init(&w, NULL);
    assert_fails(a0_user_refresh_token(w.client, JO, &token, &w.err), &w.err,
                 refresh_token_missing);
    assert_ok(a0_user_refresh_token_put(w.client, JO, "rt-one", &w.err), w.err);
    assert_ok(a0_user_refresh_token_put(w.client, JO, "rt-two", &w.err), w.err);
    assert_ok(a0_user_refresh_token(w.client, JO, &token, &w.err), w.err);
    assert_string_equal(a0_refresh_token_text(token), "rt-two");
    a0_refresh_token_free(token);
    assert_fails(a0_user_refresh_token_put(w.client, JO, "", &w.err), &w.err,
                 param_invalid);
    assert_fails(a0_user_refresh_token_put(w.client, "", "rt", &w.err), &w.err,
                 param_invalid);
    assert_int_equal(scripted_requests_len(w.tenant.script), 0);
    world_clear(&w);
}

static void
an_address_is_asked_in_both_spellings_at_once_and_merged(void **state)
{
    world w;
    a0_users *users = NULL;

    (void)state;
    world_init(&w, NULL);
    w.tenant.management.body = "[" OLD_JO_PROFILE "," JO_PROFILE "]";
    w.tenant.management.body_second = "[" JO_PROFILE "]";
    assert_ok(a0_user_by_email(w.client, "Jo@Acme.example", &users, &w.err), w.err);
    assert_int_equal(w.tenant.management.calls, 2);
    assert_int_equal(a0_users_len(users), 2);
    assert_string_equal(a0_user_id(a0_users_at(users, 0)), "auth0|1");
    assert_string_equal(a0_user_id(a0_users_at(users, 1)), JO);
    assert_null(a0_users_at(users, 2));
    assert_string_equal(scripted_request_at(w.tenant.script, 1)->url,
                        FAKE_API "users-by-email?email=Jo%40Acme.example");
    assert_string_equal(scripted_request_at(w.tenant.script, 2)->url,
                        FAKE_API "users-by-email?email=jo%40acme.example");
    a0_users_free(users);
    w.tenant.management.body_second = NULL;
    w.tenant.management.body = "[]";
    assert_ok(a0_user_by_email(w.client, "no@acme.example", &users, &w.err), w.err);
    assert_int_equal(w.tenant.management.calls, 3);
    assert_int_equal(a0_users_len(users), 0);
    a0_users_free(users);
    world_clear(&w);
}

/* Nobody signs in with an id that no ID token may have, so a sign-in does not count
 * such a profile among those of the address either; anything else that is wrong is. */
static void
link_10_by_address_a_user_that_nobody_can_be_is_left_out(void **state)
{
    static const char *const wrong[] = {
        "{\"email\":\"jo@acme.example\",\"identities\":[]}",
        "{\"user_id\":\"\",\"email\":\"jo@acme.example\",\"identities\":[]}",
        "{\"user_id\":7,\"email\":\"jo@acme.example\",\"identities\":[]}",
        "{\"user_id\":\"auth0|2\",\"email\":\"jo@acme.example\"}",
    };
    world w;
    a0_users *users = NULL;

    (void)state;
    world_init(&w, NULL);
    w.tenant.management.body =
        "[{\"user_id\":\"auth0|j\\u00f6\",\"email\":\"jo@acme.example\"}," JO_PROFILE
        "]";
    assert_ok(a0_user_by_email(w.client, "jo@acme.example", &users, &w.err), w.err);
    assert_int_equal(a0_users_len(users), 1);
    assert_string_equal(a0_user_id(a0_users_at(users, 0)), JO);
    a0_users_free(users);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char body[1024];

        (void)snprintf(body, sizeof body, "[%s]", wrong[i]);
        w.tenant.management.body = body;
        assert_fails(a0_user_by_email(w.client, "jo@acme.example", &users, &w.err),
                     &w.err, mgmt_response_invalid);
    }
    world_clear(&w);
}

static void
an_update_is_sent_once_and_drops_the_cached_profile(void **state)
{
    world w;
    a0_user *user = NULL;
    const scripted_request *request = NULL;

    (void)state;
    world_init(&w, NULL);
    w.tenant.management.body = JO_PROFILE;
    get(&w, false);
    assert_ok(
        a0_user_update(w.client, JO, "{\"user_metadata\":{\"a\":1}}", &user, &w.err),
        w.err);
    a0_user_free(user);
    request = scripted_request_at(w.tenant.script, 2);
    assert_string_equal(request->method, "PATCH");
    assert_string_equal(request->body, "{\"user_metadata\":{\"a\":1}}");
    get(&w, false);
    assert_int_equal(w.tenant.management.calls, 3);
    assert_fails(a0_user_update(w.client, JO, "[1]", &user, &w.err), &w.err,
                 param_invalid);
    world_clear(&w);
}

/* Somebody asks for a profile; before the answer is here, another changes it. */
static void
change_meanwhile(void *self, const char *path, bool done)
{
    world *w = self;
    a0_user *user = NULL;

    if (done && strstr(path, "/users/") != NULL) {
        w->tenant.watch = NULL;
        assert_ok(a0_user_update(w->client, JO, "{\"user_metadata\":{\"a\":1}}", &user,
                                 &w->err),
                  w->err);
        a0_user_free(user);
    }
}

static void
a_profile_that_changed_while_it_was_asked_for_is_not_kept(void **state)
{
    world w;

    (void)state;
    world_init(&w, NULL);
    w.tenant.management.body = JO_PROFILE;
    w.tenant.watch = change_meanwhile;
    w.tenant.watch_self = &w;
    get(&w, false);
    assert_int_equal(w.tenant.management.calls, 2);
    get(&w, false);
    assert_int_equal(w.tenant.management.calls, 3);
    /* Once nothing from before the change can be on its way, profiles are kept again.
     */
    test_clock_advance_s(&w.clock, 10);
    get(&w, false);
    get(&w, false);
    assert_int_equal(w.tenant.management.calls, 4);
    world_clear(&w);
}

static void
token_sets_come_from_the_connected_accounts_where_they_are_gone(void **state)
{
    world w;
    a0_tokensets *tokensets = NULL;

    (void)state;
    world_init(&w, NULL);
    w.tenant.management.body =
        "[{\"id\":\"ts_1\",\"connection\":\"google-oauth2\",\"scope\":\"openid\","
        "\"issued_at\":\"2026-01-01\",\"expires_at\":null,\"last_used_at\":\"x\"}]";
    assert_ok(a0_user_tokensets(w.client, JO, &tokensets, &w.err), w.err);
    assert_int_equal(a0_tokensets_len(tokensets), 1);
    assert_string_equal(a0_tokensets_json(tokensets), w.tenant.management.body);
    a0_tokensets_free(tokensets);

    w.tenant.management.fault_status = 404;
    w.tenant.management.fault_times = 1;
    w.tenant.management.body =
        "{\"connected_accounts\":[{\"id\":\"cac_1\",\"connection\":\"google-oauth2\","
        "\"scopes\":[\"openid\",\"profile\"],\"created_at\":\"2026-01-01\"}]}";
    assert_ok(a0_user_tokensets(w.client, JO, &tokensets, &w.err), w.err);
    assert_string_equal(a0_tokensets_json(tokensets),
                        "[{\"id\":\"cac_1\",\"connection\":\"google-oauth2\","
                        "\"scope\":\"openid profile\",\"issued_at\":\"2026-01-01\","
                        "\"expires_at\":null,\"last_used_at\":null}]");
    a0_tokensets_free(tokensets);
    world_clear(&w);
}

static void
a_cursor_that_comes_again_ends_in_an_error(void **state)
{
    world w;
    a0_tokensets *tokensets = NULL;

    (void)state;
    world_init(&w, NULL);
    w.tenant.management.fault_status = 404;
    w.tenant.management.fault_times = 1;
    w.tenant.management.body = "{\"connected_accounts\":[],\"next\":\"again\"}";
    assert_fails(a0_user_tokensets(w.client, JO, &tokensets, &w.err), &w.err,
                 mgmt_response_invalid);
    assert_int_equal(w.tenant.management.calls, 3);
    /* Two that name each other. */
    w.tenant.management.calls = 0;
    w.tenant.management.fault_times = 1;
    w.tenant.management.body_second = "{\"connected_accounts\":[],\"next\":\"there\"}";
    assert_fails(a0_user_tokensets(w.client, JO, &tokensets, &w.err), &w.err,
                 mgmt_response_invalid);
    assert_int_equal(w.tenant.management.calls, 4);
    world_clear(&w);
}

/* ---- all users ---- */

/* A page of that many users from number `first` on, created a second apart or, with
 * `moment`, all at once. */
static char *
page_of(int first, int len, const char *moment)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(1 << 20);

    a0__buf_string(&json, "{\"start\":0,\"limit\":100,\"total\":250,\"users\":[");
    for (int i = first; i < first + len; i++) {
        a0__buf_format(&json, "%s{\"user_id\":\"auth0|%d\",\"created_at\":\"",
                       i > first ? "," : "", i);
        if (moment != NULL) {
            a0__buf_string(&json, moment);
        } else {
            a0__buf_format(&json, "2026-01-01T00:%02d:%02d.000Z", i / 60, i % 60);
        }
        a0__buf_string(&json, "\",\"identities\":[{\"provider\":\"auth0\","
                              "\"connection\":\"db\",\"user_id\":\"x\"}]}");
    }
    a0__buf_string(&json, "]}");
    return a0__buf_take(&json);
}

static a0_users *
list(world *w, const char *after, const char *body)
{
    a0_user_list_options options = A0_USER_LIST_OPTIONS_INIT;
    a0_users *page = NULL;

    options.after = after;
    w->tenant.management.body = body;
    assert_ok(a0_user_list(w->client, &options, &page, &w->err), w->err);
    return page;
}

static const char *
last_url(world *w)
{
    return scripted_request_at(w->tenant.script,
                               scripted_requests_len(w->tenant.script) - 1)
        ->url;
}

static void
all_users_are_walked_through_by_when_they_were_created(void **state)
{
    A0_AUTO(a0__string) first = page_of(0, 100, NULL);
    A0_AUTO(a0__string) second = page_of(99, 30, NULL);
    world w;
    a0_users *page = NULL;
    a0_users *rest = NULL;

    (void)state;
    world_init(&w, NULL);
    page = list(&w, NULL, first);
    assert_int_equal(a0_users_len(page), 100);
    assert_int_equal(a0_users_left(page), 250);
    assert_non_null(strstr(last_url(&w), "q=created_at%3A%5B%2A%20TO%20%2A%5D&"));
    assert_non_null(strstr(last_url(&w), "&sort=created_at%3A1&"));
    rest = list(&w, a0_users_next(page), second);
    assert_non_null(strstr(
        last_url(&w), "q=created_at%3A%5B2026-01-01T00%3A01%3A39.000Z%20TO%20%2A%5D&"));
    assert_non_null(strstr(last_url(&w), "&per_page=100&page=0&"));
    assert_int_equal(a0_users_len(rest), 29);
    assert_string_equal(a0_user_id(a0_users_at(rest, 0)), "auth0|100");
    assert_null(a0_users_next(rest));
    a0_users_free(page);
    a0_users_free(rest);
    world_clear(&w);
}

static void
users_of_one_moment_are_paged_through_and_told_apart(void **state)
{
    static const char MOMENT[] = "2026-01-01T00:00:00.000Z";
    A0_AUTO(a0__string) first = page_of(0, 100, MOMENT);
    A0_AUTO(a0__string) second = page_of(50, 100, MOMENT);
    world w;
    a0_users *page = NULL;
    a0_users *more = NULL;
    a0_users *none = NULL;

    (void)state;
    world_init(&w, NULL);
    page = list(&w, NULL, first);
    more = list(&w, a0_users_next(page), second);
    assert_int_equal(a0_users_len(more), 50);
    none = list(&w, a0_users_next(more), second);
    assert_non_null(strstr(last_url(&w), "&per_page=100&page=1&"));
    assert_int_equal(a0_users_len(none), 0);
    assert_non_null(a0_users_next(none));
    a0_users_free(page);
    a0_users_free(more);
    a0_users_free(none);
    world_clear(&w);
}

static void
a_walk_that_leads_nowhere_ends_in_an_error(void **state)
{
    A0_AUTO(a0__string) body = page_of(0, 100, "2026-01-01T00:00:00.000Z");
    A0_AUTO(a0__string) after = NULL;
    world w;
    a0_user_list_options options = A0_USER_LIST_OPTIONS_INIT;
    a0_users *page = NULL;
    a0_status status = A0_OK;
    int pages = 0;

    (void)state;
    world_init(&w, NULL);
    w.tenant.management.body = body;
    while (status == A0_OK && pages < 100) {
        options.after = after;
        status = a0_user_list(w.client, &options, &page, &w.err);
        if (status == A0_OK) {
            a0__free(after);
            after = a0__strdup(a0_users_next(page));
            a0_users_free(page);
            pages++;
        }
    }
    assert_true(a0__error_is(w.err, A0_E_mgmt_response_invalid));
    assert_true(pages <= 11);
    world_clear(&w);
}

static void
a_text_that_is_no_cursor_and_a_page_that_is_none_are_refused(void **state)
{
    static const char *const cursors[] = { "x", "2026-01-01T00:00:00.000Z",
                                           "2026-01-01T00:00:00.000Z 10",
                                           "2026-01-01\" OR a:b 0",
                                           "2026-01-01T00:00:00.000Z 0 \n" };
    static const char *const bodies[] = {
        "[]",
        "{}",
        "{\"users\":{}}",
        "{\"users\":[1]}",
        "{\"users\":[{\"user_id\":\"auth0|1\",\"identities\":[{\"provider\":"
        "\"auth0\",\"connection\":\"db\",\"user_id\":\"x\"}]}]}",
        "{\"users\":[{\"user_id\":\"auth0|1\",\"created_at\":\"2026-01-01] OR "
        "[x\",\"identities\":[{\"provider\":\"auth0\",\"connection\":\"db\","
        "\"user_id\":\"x\"}]}]}"
    };
    world w;
    a0_user_list_options options = A0_USER_LIST_OPTIONS_INIT;
    a0_users *page = NULL;

    (void)state;
    world_init(&w, NULL);
    for (size_t i = 0; i < sizeof cursors / sizeof cursors[0]; i++) {
        options.after = cursors[i];
        assert_fails(a0_user_list(w.client, &options, &page, &w.err), &w.err,
                     param_invalid);
    }
    assert_int_equal(scripted_requests_len(w.tenant.script), 0);
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        w.tenant.management.body = bodies[i];
        assert_fails(a0_user_list(w.client, NULL, &page, &w.err), &w.err,
                     mgmt_response_invalid);
    }
    world_clear(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_user_costs_one_request_with_a_token_and_none_from_the_cache),
        cmocka_unit_test(a_profile_is_given_whole_and_by_its_members),
        cmocka_unit_test(a_ttl_of_zero_keeps_no_profile),
        cmocka_unit_test(a_user_that_is_not_there_is_not_found_and_not_asked_again),
        cmocka_unit_test(a_refresh_token_from_elsewhere_is_kept_sealed_as_the_newest),
        cmocka_unit_test(an_address_is_asked_in_both_spellings_at_once_and_merged),
        cmocka_unit_test(link_10_by_address_a_user_that_nobody_can_be_is_left_out),
        cmocka_unit_test(an_update_is_sent_once_and_drops_the_cached_profile),
        cmocka_unit_test(a_profile_that_changed_while_it_was_asked_for_is_not_kept),
        cmocka_unit_test(
            token_sets_come_from_the_connected_accounts_where_they_are_gone),
        cmocka_unit_test(a_cursor_that_comes_again_ends_in_an_error),
        cmocka_unit_test(all_users_are_walked_through_by_when_they_were_created),
        cmocka_unit_test(users_of_one_moment_are_paged_through_and_told_apart),
        cmocka_unit_test(a_walk_that_leads_nowhere_ends_in_an_error),
        cmocka_unit_test(a_text_that_is_no_cursor_and_a_page_that_is_none_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
