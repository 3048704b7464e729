/* SPDX-License-Identifier: MIT */
/* Rows of the group LINK about finding the other account: what is asked of Auth0, and
 * what becomes of odd, late and missing answers. */
#include "link_visit.h"

#include <stdio.h>
#include <string.h>

#define FOUND_OF(email) VISIT_USER_WITH("auth0", "p1", "db", email, "true", "")
#define SIGNED_IN_OF(email)                                                            \
    VISIT_USER_WITH("google-oauth2", "g1", "google-oauth2", email, "true", "")

/* ---- LINK-08, LINK-09: odd addresses ---- */

static void
link_08_an_address_of_another_form_is_not_even_looked_up(void **state)
{
    static const char *const forms[] = {
        "jo@acme.example.",      "\\\"jo\\\"@acme.example", "jo@@acme.example",
        "j\\u00f6@acme.example", "jo@acm\\u00e9.example",   "jo",
        "jo@[127.0.0.1]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char own[1024];
        char other[1024];
        link_visit *v = NULL;

        (void)snprintf(own, sizeof own, SIGNED_IN_OF("%s"), forms[i]);
        (void)snprintf(other, sizeof other, FOUND_OF("%s"), forms[i]);
        v = link_visit_of(own, other);
        v->users->finds_everybody = true;
        v->l.w.tenant.email = NULL;
        link_visit_sign_in(v, VISIT_GOOGLE_ID);
        link_visit_verify(v);
        link_visit_assert_refused(v, "address_form");
        assert_int_equal(link_visit_count_requests(v, "GET", "by-email"), 0);
        link_visit_assert_unlinked(v);
        link_visit_free(v);
    }
}

static void
link_08_who_has_no_address_is_nobody_elses(void **state)
{
    link_visit *v = link_visit_of(SIGNED_IN_OF(""), FOUND_OF(""));

    (void)state;
    v->users->finds_everybody = true;
    v->l.w.tenant.email = NULL;
    link_visit_sign_in(v, VISIT_GOOGLE_ID);
    link_visit_verify(v);
    assert_null(a0_link_answer_refused(v->answer));
    link_visit_assert_unlinked(v);
    link_visit_free(v);
}

/* What may stand in an address, and what it must not do in a query. */
static void
link_09_an_address_steers_nothing_in_the_look_up(void **state)
{
    static const char *const addresses[] = {
        "jo&email=eve@acme.example", "jo#x@acme.example",
        "jo%27@acme.example",        "*@acme.example",
        "{jo}@acme.example",         "jo'or'1'='1@acme.example",
        "jo/x/.x@acme.example",      "jo?q=*@acme.example",
        "a+b@acme.example",          "email_verified=true|x@acme.example",
    };

    (void)state;
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        char own[1024];
        char other[1024];
        link_visit *v = NULL;

        (void)snprintf(own, sizeof own, SIGNED_IN_OF("%s"), addresses[i]);
        (void)snprintf(other, sizeof other, FOUND_OF("%s"), addresses[i]);
        v = link_visit_of(own, other);
        v->l.w.tenant.email = addresses[i];
        link_visit_sign_in(v, VISIT_GOOGLE_ID);
        link_visit_verify(v);
        assert_string_equal(v->users->last_email, addresses[i]);
        assert_int_equal(v->users->searches, 0);
        assert_int_equal(link_visit_count_requests(v, "GET", "q="), 0);
        link_visit_free(v);
    }
}

static void
link_09_what_could_close_a_query_never_leaves(void **state)
{
    static const char *const addresses[] = {
        "jo\\\" OR email_verified:true OR \\\"@acme.example",
        "jo\\\\@acme.example",
        "(jo)@acme.example",
        "jo*@acme.example OR eve@acme.example",
        "[a TO z]@acme.example",
        "jo@acme.example\\r\\nX: y",
    };

    (void)state;
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        char own[1024];
        link_visit *v = NULL;

        (void)snprintf(own, sizeof own, SIGNED_IN_OF("%s"), addresses[i]);
        v = link_visit_of(own, VISIT_PASSWORD);
        v->users->finds_everybody = true;
        v->l.w.tenant.email = NULL;
        link_visit_sign_in(v, VISIT_GOOGLE_ID);
        link_visit_verify(v);
        link_visit_assert_refused(v, "address_form");
        assert_int_equal(link_visit_count_requests(v, "GET", "by-email"), 0);
        assert_int_equal(v->users->searches, 0);
        link_visit_assert_unlinked(v);
        link_visit_free(v);
    }
}

/* Whatever Auth0 gives for an address, each profile must have it. */
static void
link_09_a_profile_with_another_address_is_no_answer(void **state)
{
    link_visit *v = link_visit_of(VISIT_GOOGLE, FOUND_OF("eve@acme.example"));

    (void)state;
    v->users->finds_everybody = true;
    link_visit_sign_in(v, VISIT_GOOGLE_ID);
    link_visit_verify(v);
    assert_null(a0_link_answer_refused(v->answer));
    link_visit_assert_unlinked(v);
    link_visit_free(v);
}

/* ---- LINK-10: blind spots of the look-up ---- */

static void
link_10_an_address_is_looked_up_as_it_is_and_in_lower_case(void **state)
{
    static const char *const stored[] = { "jo@acme.example", "Jo@ACME.example" };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char other[1024];
        link_visit *v = NULL;

        (void)snprintf(other, sizeof other, FOUND_OF("%s"), stored[i]);
        v = link_visit_of(SIGNED_IN_OF("Jo@ACME.example"), other);
        v->l.w.tenant.email = "Jo@ACME.example";
        link_visit_sign_in(v, VISIT_GOOGLE_ID);
        link_visit_verify(v);
        link_visit_assert_linked_to(v, VISIT_PASSWORD_ID);
        assert_int_equal(v->users->searches, 0);
        link_visit_free(v);
    }
}

static void
link_10_who_is_found_twice_is_one_candidate(void **state)
{
    link_visit *v = link_visit_of(SIGNED_IN_OF("Jo@acme.example"), VISIT_PASSWORD);
    a0_link_answer *answer = NULL;
    const char *first = NULL;

    (void)state;
    v->users->finds_everybody = true;
    v->l.w.tenant.email = "Jo@acme.example";
    assert_ok(a0_link_explain(v->l.w.client, VISIT_GOOGLE_ID, &answer, &v->l.w.err),
              v->l.w.err);
    first = strstr(a0_link_answer_json(answer), "{\"user_id\":\"" VISIT_PASSWORD_ID);
    assert_non_null(first);
    assert_null(strstr(first + 1, "{\"user_id\":"));
    a0_link_answer_free(answer);
    link_visit_sign_in(v, VISIT_GOOGLE_ID);
    link_visit_verify(v);
    link_visit_assert_linked_to(v, VISIT_PASSWORD_ID);
    assert_int_equal(v->users->links, 1);
    link_visit_free(v);
}

static void
link_10_a_look_up_that_fails_leaves_the_sign_in_and_is_tried_at_the_next(void **state)
{
    static const int statuses[] = { 503, 500, 429, 403, 401 };

    (void)state;
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        link_visit *v = link_visit_of(VISIT_GOOGLE, VISIT_PASSWORD);

        link_visit_sign_in(v, VISIT_GOOGLE_ID);
        v->l.w.tenant.management.fault_status = statuses[i];
        v->l.w.tenant.management.fault_times = FAKE_FAULTS_FOREVER;
        link_visit_verify(v);
        assert_null(a0_link_answer_refused(v->answer));
        link_visit_assert_unlinked(v);
        assert_true(recording_log_has(&v->l.w.log, "link.deferred"));
        v->l.w.tenant.management.fault_times = 0;
        test_clock_advance_s(&v->l.w.clock, 120);
        link_visit_sign_in(v, VISIT_GOOGLE_ID);
        link_visit_verify(v);
        link_visit_assert_linked_to(v, VISIT_PASSWORD_ID);
        link_visit_free(v);
    }
}

/* What is answered about one user is another one. */
static void
answer_with(link_visit *v, const char *user_id, const char *profile)
{
    fake_user *user = fake_users_find(v->users, user_id);

    (void)snprintf(user->json, sizeof user->json, "%s", profile);
}

static void
mgmt_06_a_profile_of_another_id_than_was_asked_for_is_no_answer(void **state)
{
    static const visit_connected exact = { "cac_1", VISIT_PASSWORD_ID, "google-oauth2",
                                           "g1", "jo@gmail.example" };

    (void)state;
    for (int side = 0; side < 2; side++) {
        link_visit *v = link_visit_of(VISIT_GOOGLE, FOUND_OF("owner@acme.example"));

        link_visit_connect(v, &exact);
        link_visit_sign_in(v, VISIT_GOOGLE_ID);
        if (side == 0) {
            answer_with(v, VISIT_GOOGLE_ID,
                        VISIT_USER("google-oauth2", "g2", "google-oauth2"));
        } else {
            answer_with(v, VISIT_PASSWORD_ID, VISIT_USER("auth0", "p2", "db"));
        }
        link_visit_verify(v);
        assert_null(a0_link_answer_refused(v->answer));
        link_visit_assert_unlinked(v);
        assert_true(recording_log_has(&v->l.w.log, "link.deferred"));
        link_visit_free(v);
    }
}

/* A person with Google whose metadata are objects within each other. */
static void
put_deep(link_visit *v, int levels)
{
    A0_AUTO(a0__buf) json = A0__BUF_INIT(FAKE_USER_JSON_MAX);

    a0__buf_string(&json, VISIT_GOOGLE);
    json.len--; /* the bracket at its end */
    a0__buf_string(&json, ",\"user_metadata\":");
    for (int level = 1; level < levels; level++) {
        a0__buf_string(&json, "{\"in\":");
    }
    a0__buf_string(&json, "{\"leaf\":1}");
    for (int level = 0; level < levels; level++) {
        a0__buf_byte(&json, '}');
    }
    fake_users_put(v->users, a0__buf_cstr(&json));
}

static void
link_16_metadata_of_sixteen_levels_is_merged_and_deeper_one_left_out(void **state)
{
    static const struct {
        int levels;
        bool is_merged;
    } rows[] = {
        { 14, true }, { 15, true }, { 16, true }, { 17, false }, { 30, false }
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        link_visit *v = link_visit_of(VISIT_GOOGLE, VISIT_PASSWORD);
        const fake_user *primary = NULL;

        put_deep(v, rows[i].levels);
        link_visit_sign_in(v, VISIT_GOOGLE_ID);
        link_visit_verify(v);
        link_visit_assert_linked_to(v, VISIT_PASSWORD_ID);
        primary = fake_users_find(v->users, VISIT_PASSWORD_ID);
        assert_int_equal(strstr(primary->json, "{\"leaf\":1}") != NULL,
                         rows[i].is_merged);
        assert_int_equal(recording_log_count(&v->l.w.log, "link.metadata_not_merged"),
                         rows[i].is_merged ? 0 : 1);
        link_visit_free(v);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_08_an_address_of_another_form_is_not_even_looked_up),
        cmocka_unit_test(link_08_who_has_no_address_is_nobody_elses),
        cmocka_unit_test(link_09_an_address_steers_nothing_in_the_look_up),
        cmocka_unit_test(link_09_what_could_close_a_query_never_leaves),
        cmocka_unit_test(link_09_a_profile_with_another_address_is_no_answer),
        cmocka_unit_test(link_10_an_address_is_looked_up_as_it_is_and_in_lower_case),
        cmocka_unit_test(link_10_who_is_found_twice_is_one_candidate),
        cmocka_unit_test(
            link_10_a_look_up_that_fails_leaves_the_sign_in_and_is_tried_at_the_next),
        cmocka_unit_test(
            mgmt_06_a_profile_of_another_id_than_was_asked_for_is_no_answer),
        cmocka_unit_test(
            link_16_metadata_of_sixteen_levels_is_merged_and_deeper_one_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
