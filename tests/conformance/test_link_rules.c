/* SPDX-License-Identifier: MIT */
/* Rows of the group LINK that the rules alone decide (contract §2). */
#include "support.h"

#include <stdio.h>

#include "link_case.h"

#define GOOGLE LINK_USER("google-oauth2|g1", "google-oauth2", "jo@acme.example", "true")
#define PASSWORD LINK_USER("auth0|p1", "db", "jo@acme.example", "true")
#define FACEBOOK LINK_USER("facebook|f1", "facebook", "jo@acme.example", "true")

typedef link_case *link_case_ptr;

static void
link_case_ptr_auto(link_case_ptr *c)
{
    link_case_free(*c);
}

static void
assert_reason(const link_case *c, a0__link_reason reason)
{
    a0__link_verdict v = link_case_decide(c);

    assert_int_equal(v.outcome, A0__LINK_REFUSED);
    assert_string_equal(a0__link_reason_name(v.reason), a0__link_reason_name(reason));
    assert_null(v.primary);
}

static void
assert_outcome(const link_case *c, a0__link_outcome outcome, int rule,
               const char *primary)
{
    a0__link_verdict v = link_case_decide(c);

    assert_string_equal(a0__link_outcome_name(v.outcome),
                        a0__link_outcome_name(outcome));
    assert_int_equal(v.rule, rule);
    if (primary != NULL) {
        assert_non_null(v.primary);
        assert_text(v.primary->user_id, primary);
    }
}

/* ---- the rules as they stand ---- */

static void
password_then_social_links_automatically_with_the_password_as_primary(void **state)
{
    A0_AUTO(link_case_ptr) c = link_case_new();

    (void)state;
    link_case_sign_in(c, GOOGLE);
    link_case_candidate(c, PASSWORD);
    assert_outcome(c, A0__LINK_NOW, 3, "auth0|p1");
    c->facts.policy.connections.len = 0;
    assert_outcome(c, A0__LINK_NOTHING, 0, NULL);
}

static void
social_then_password_waits_for_a_confirmation(void **state)
{
    A0_AUTO(link_case_ptr) c = link_case_new();

    (void)state;
    link_case_sign_in(c, PASSWORD);
    link_case_candidate(c, GOOGLE);
    assert_outcome(c, A0__LINK_PENDING, 4, "google-oauth2|g1");
}

/* Of two in the same one the provider itself says that they are two. */
static void
an_account_of_the_same_connection_is_another_persons(void **state)
{
    A0_AUTO(link_case_ptr) c = link_case_new();

    (void)state;
    link_case_sign_in(c, GOOGLE);
    link_case_candidate(
        c, LINK_USER("google-oauth2|g2", "google-oauth2", "jo@acme.example", "true"));
    assert_outcome(c, A0__LINK_NOTHING, 0, NULL);
}

static void
a_connected_identity_is_recognised_though_its_address_differs(void **state)
{
    A0_AUTO(link_case_ptr) c = link_case_new();
    a0__link_connected *record = NULL;

    (void)state;
    link_case_sign_in(
        c, LINK_USER("google-oauth2|g1", "google-oauth2", "jo@gmail.example", "true"));
    link_case_candidate(c, PASSWORD);
    assert_outcome(c, A0__LINK_NOTHING, 0, NULL);
    record = link_case_record(c, "auth0|p1", "google-oauth2", "g1");
    assert_outcome(c, A0__LINK_NOW, 2, "auth0|p1");
    record->stands = false;
    assert_outcome(c, A0__LINK_NOTHING, 0, NULL);
}

static void
nothing_is_considered_once_every_connection_is_there(void **state)
{
    static char google[] = "google-oauth2";
    static char *const one[] = { google };
    A0_AUTO(link_case_ptr) c = link_case_new();

    (void)state;
    link_case_sign_in(c, GOOGLE);
    link_case_candidate(c, PASSWORD);
    c->facts.policy.connections = (a0__link_names){ one, 1 };
    assert_outcome(c, A0__LINK_NOTHING, 0, NULL);
}

static void
confirm_only_and_the_password_switch_lead_to_rule_4(void **state)
{
    static char google[] = "google-oauth2";
    static char *const one[] = { google };
    A0_AUTO(link_case_ptr) c = link_case_new();

    (void)state;
    link_case_sign_in(c, GOOGLE);
    link_case_candidate(c, PASSWORD);
    c->facts.policy.confirm_only = (a0__link_names){ one, 1 };
    assert_outcome(c, A0__LINK_PENDING, 4, "auth0|p1");
    link_case_record(c, "auth0|p1", "google-oauth2", "g1");
    assert_outcome(c, A0__LINK_PENDING, 4, "auth0|p1");
    c->facts.policy.confirm_only.len = 0;
    c->facts.records_len = 0;
    assert_outcome(c, A0__LINK_NOW, 3, "auth0|p1");
    c->facts.policy.confirm_password_primary = true;
    assert_outcome(c, A0__LINK_PENDING, 4, "auth0|p1");
}

/* ---- rows ---- */

static void
link_01_an_unverified_password_account_is_not_linked(void **state)
{
    A0_AUTO(link_case_ptr) c = link_case_new();

    (void)state;
    link_case_sign_in(c, GOOGLE);
    link_case_candidate(c, LINK_USER("auth0|p1", "db", "jo@acme.example", "false"));
    assert_reason(c, A0__LINK_UNVERIFIED_EMAIL);
}

static void
link_02_an_unverified_sign_in_finds_nothing(void **state)
{
    static const char *const signed_in[] = { "google-oauth2|g1", "auth0|p2" };
    static const char *const connections[] = { "google-oauth2", "db" };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        A0_AUTO(link_case_ptr) c = link_case_new();

        link_case_sign_in(
            c, LINK_USER(signed_in[i], connections[i], "jo@acme.example", "false"));
        link_case_candidate(c, FACEBOOK);
        assert_reason(c, A0__LINK_UNVERIFIED_EMAIL);
    }
}

static void
link_03_both_connections_must_be_named(void **state)
{
    A0_AUTO(link_case_ptr) in = link_case_new();
    A0_AUTO(link_case_ptr) there = link_case_new();

    (void)state;
    link_case_sign_in(in, LINK_USER("waad|w1", "entra", "jo@acme.example", "true"));
    link_case_candidate(in, GOOGLE);
    assert_reason(in, A0__LINK_FOREIGN);
    link_case_sign_in(there, GOOGLE);
    link_case_candidate(there,
                        LINK_USER("waad|w1", "entra", "jo@acme.example", "true"));
    assert_reason(there, A0__LINK_FOREIGN);
    /* Being connected is no way round. */
    link_case_record(there, "waad|w1", "google-oauth2", "g1");
    assert_reason(there, A0__LINK_FOREIGN);
}

static void
link_04_only_json_true_counts_and_only_of_the_identity_compared(void **state)
{
    static const char *const flags[] = { "\"true\"", "1", "null", "false", "[true]" };
    A0_AUTO(link_case_ptr) token = link_case_new();

    (void)state;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        A0_AUTO(link_case_ptr) c = link_case_new();
        A0_AUTO(link_case_ptr) d = link_case_new();

        link_case_sign_in(c, GOOGLE);
        link_case_candidate(c,
                            LINK_USER("auth0|p1", "db", "jo@acme.example", flags[i]));
        assert_reason(c, A0__LINK_UNVERIFIED_EMAIL);
        link_case_sign_in(d, LINK_USER("google-oauth2|g1", "google-oauth2",
                                       "jo@acme.example", flags[i]));
        link_case_candidate(d, PASSWORD);
        assert_reason(d, A0__LINK_UNVERIFIED_EMAIL);
    }
    link_case_sign_in(token, GOOGLE);
    link_case_candidate(token, PASSWORD);
    token->facts.token_email = A0__LIT("Jo@acme.example");
    assert_reason(token, A0__LINK_UNVERIFIED_EMAIL);
    token->facts.token_email_verified = true;
    assert_outcome(token, A0__LINK_NOW, 3, "auth0|p1");
}

static void
link_04_the_flag_of_another_identity_does_not_count(void **state)
{
    A0_AUTO(link_case_ptr) c = link_case_new();

    (void)state;
    link_case_sign_in(c, GOOGLE);
    link_case_candidate(
        c,
        "{\"user_id\":\"auth0|p1\",\"email\":\"other@acme.example\","
        "\"email_verified\":true,\"identities\":["
        "{\"provider\":\"auth0\",\"connection\":\"db\",\"user_id\":\"p1\"},"
        "{\"provider\":\"facebook\",\"connection\":\"facebook\",\"user_id\":\"f1\","
        "\"profileData\":{\"email\":\"jo@acme.example\",\"email_verified\":false}}]}");
    assert_reason(c, A0__LINK_UNVERIFIED_EMAIL);
}

/* Whoever answers with the identities in another order names the same account. */
static void
link_04_the_root_speaks_for_the_identity_that_the_id_names(void **state)
{
    A0_AUTO(link_case_ptr) planted = link_case_new();
    A0_AUTO(link_case_ptr) own = link_case_new();

    (void)state;
    link_case_sign_in(planted, GOOGLE);
    link_case_candidate(
        planted,
        "{\"user_id\":\"auth0|p1\",\"email\":\"jo@acme.example\","
        "\"email_verified\":true,\"identities\":["
        "{\"provider\":\"facebook\",\"connection\":\"facebook\",\"user_id\":\"f1\"},"
        "{\"provider\":\"auth0\",\"connection\":\"db\",\"user_id\":\"p1\","
        "\"profileData\":{\"email\":\"jo@acme.example\",\"email_verified\":true}}]}");
    assert_reason(planted, A0__LINK_MIXED_IDENTITIES);
    link_case_sign_in(own, GOOGLE);
    link_case_candidate(
        own,
        "{\"user_id\":\"auth0|p1\",\"email\":\"jo@acme.example\","
        "\"email_verified\":true,\"identities\":["
        "{\"provider\":\"facebook\",\"connection\":\"facebook\",\"user_id\":\"f1\","
        "\"profileData\":{\"email\":\"jo@acme.example\",\"email_verified\":true}},"
        "{\"provider\":\"auth0\",\"connection\":\"db\",\"user_id\":\"p1\"}]}");
    assert_outcome(own, A0__LINK_NOW, 3, "auth0|p1");
}

/* Of the identity that the id names the root alone speaks, also where it is silent. */
static void
link_04_a_root_without_an_address_is_not_filled_from_elsewhere(void **state)
{
    A0_AUTO(link_case_ptr) c = link_case_new();

    (void)state;
    link_case_sign_in(c, GOOGLE);
    link_case_candidate(
        c, "{\"user_id\":\"facebook|f1\",\"email_verified\":true,\"identities\":["
           "{\"provider\":\"facebook\",\"connection\":\"facebook\",\"user_id\":\"f1\","
           "\"profileData\":{\"email\":\"jo@acme.example\","
           "\"email_verified\":false}}]}");
    assert_outcome(c, A0__LINK_NOTHING, 0, NULL);
}

static void
link_05_a_password_primary_can_be_made_to_wait_for_a_confirmation(void **state)
{
    A0_AUTO(link_case_ptr) c = link_case_new();

    (void)state;
    link_case_sign_in(c, GOOGLE);
    link_case_candidate(c, PASSWORD);
    assert_outcome(c, A0__LINK_NOW, 3, "auth0|p1");
    c->facts.policy.confirm_password_primary = true;
    assert_outcome(c, A0__LINK_PENDING, 4, "auth0|p1");
}

#define MIXED                                                                          \
    "{\"user_id\":\"auth0|p1\",\"email\":\"jo@acme.example\",\"email_verified\":true," \
    "\"identities\":["                                                                 \
    "{\"provider\":\"auth0\",\"connection\":\"db\",\"user_id\":\"p1\"},"               \
    "{\"provider\":\"facebook\",\"connection\":\"facebook\",\"user_id\":7,"            \
    "\"profileData\":{\"email\":\"eve@acme.example\",\"email_verified\":true}}]}"

static void
link_07_a_candidate_with_a_planted_identity_is_left_alone(void **state)
{
    A0_AUTO(link_case_ptr) c = link_case_new();
    a0__link_profile *candidate = NULL;

    (void)state;
    link_case_sign_in(c, GOOGLE);
    candidate = link_case_candidate(c, MIXED);
    assert_reason(c, A0__LINK_MIXED_IDENTITIES);
    link_case_record(c, "auth0|p1", "google-oauth2", "g1");
    assert_reason(c, A0__LINK_MIXED_IDENTITIES);
    /* One that we linked ourselves is none. */
    assert_text(candidate->identities[1].user_id, "7");
    candidate->identities[1].is_ours = true;
    assert_outcome(c, A0__LINK_NOW, 2, "auth0|p1");
}

/* The planted one asserts the victim's address, in a connection that nobody named. */
static void
link_07_what_a_connection_asserts_that_is_not_named_may_be_planted(void **state)
{
    A0_AUTO(link_case_ptr) c = link_case_new();
    a0__link_profile *candidate = NULL;

    (void)state;
    link_case_sign_in(c, GOOGLE);
    candidate = link_case_candidate(
        c,
        "{\"user_id\":\"auth0|p1\",\"email\":\"jo@acme.example\","
        "\"email_verified\":true,\"identities\":["
        "{\"provider\":\"auth0\",\"connection\":\"db\",\"user_id\":\"p1\"},"
        "{\"provider\":\"waad\",\"connection\":\"entra\",\"user_id\":\"w1\","
        "\"profileData\":{\"email\":\"jo@acme.example\",\"email_verified\":true}}]}");
    assert_reason(c, A0__LINK_MIXED_IDENTITIES);
    link_case_record(c, "auth0|p1", "google-oauth2", "g1");
    assert_reason(c, A0__LINK_MIXED_IDENTITIES);
    candidate->identities[1].is_ours = true;
    assert_outcome(c, A0__LINK_NOW, 2, "auth0|p1");
}

static void
link_08_another_form_is_refused_and_no_address_is_nothing(void **state)
{
    A0_AUTO(link_case_ptr) odd = link_case_new();
    A0_AUTO(link_case_ptr) none = link_case_new();

    (void)state;
    link_case_sign_in(odd, LINK_USER("google-oauth2|g1", "google-oauth2",
                                     "jo@acme.example.", "true"));
    link_case_candidate(odd, LINK_USER("auth0|p1", "db", "jo@acme.example.", "true"));
    assert_reason(odd, A0__LINK_ADDRESS_FORM);
    link_case_sign_in(none, LINK_USER("facebook|f1", "facebook", "", "null"));
    link_case_candidate(none, LINK_USER("auth0|p1", "db", "", "null"));
    assert_outcome(none, A0__LINK_NOTHING, 0, NULL);
}

static void
link_11_who_is_oneself_is_nobody_to_link_with(void **state)
{
    A0_AUTO(link_case_ptr) c = link_case_new();

    (void)state;
    link_case_sign_in(c, GOOGLE);
    link_case_candidate(c, GOOGLE);
    link_case_candidate(
        c, "{\"user_id\":\"auth0|p1\",\"email\":\"jo@acme.example\","
           "\"email_verified\":true,\"identities\":["
           "{\"provider\":\"auth0\",\"connection\":\"db\",\"user_id\":\"p1\"},"
           "{\"provider\":\"google-oauth2\",\"connection\":\"google-oauth2\","
           "\"user_id\":\"g1\",\"profileData\":{\"email\":\"jo@acme.example\","
           "\"email_verified\":true}}]}");
    link_case_record(c, "google-oauth2|g1", "google-oauth2", "g1");
    link_case_record(c, "auth0|p1", "google-oauth2", "g1");
    assert_outcome(c, A0__LINK_NOTHING, 0, NULL);
}

#define PRIMARY_OF_TWO                                                                 \
    "{\"user_id\":\"waad|w1\",\"email\":\"jo@acme.example\",\"email_verified\":true,"  \
    "\"created_at\":\"2025-01-01T00:00:00.000Z\",\"identities\":["                     \
    "{\"provider\":\"waad\",\"connection\":\"db\",\"user_id\":\"w1\"},"                \
    "{\"provider\":\"oidc\",\"connection\":\"facebook\",\"user_id\":\"acme|7\","       \
    "\"profileData\":{\"email\":\"JO@acme.example\",\"email_verified\":true}}]}"

/* Every order in which four candidates can be listed. */
static void
assert_in_any_order(const char *const profiles[4], const char *primary)
{
    for (size_t code = 0; code < 256; code++) {
        A0_AUTO(link_case_ptr) c = link_case_new();
        size_t order[4] = { code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6 & 3 };
        unsigned seen = 0;

        link_case_sign_in(c, GOOGLE);
        for (size_t i = 0; i < 4; i++) {
            seen |= 1U << order[i];
            link_case_candidate(c, profiles[order[i]]);
        }
        if (seen == 15) {
            assert_outcome(c, A0__LINK_NOW, 3, primary);
        }
    }
}

static void
link_12_candidates_are_filtered_then_ordered_whatever_their_order(void **state)
{
    const char *const others_first[] = {
        LINK_USER_SINCE("auth0|a", "db", "jo@acme.example", "true",
                        "2020-01-01T00:00:00.000Z"),
        PRIMARY_OF_TWO,
        LINK_USER_SINCE("auth0|b", "db", "jo@acme.example", "false",
                        "2010-01-01T00:00:00.000Z"),
        "{\"user_id\":\"auth0|c\",\"email\":\"jo@acme.example\",\"email_verified\":"
        "true,"
        "\"blocked\":true,\"created_at\":\"2009-01-01T00:00:00.000Z\",\"identities\":["
        "{\"provider\":\"auth0\",\"connection\":\"db\",\"user_id\":\"c\"}]}",
    };
    const char *const oldest_then_lowest[] = {
        LINK_USER_SINCE("auth0|z", "db", "jo@acme.example", "true",
                        "2021-01-01T00:00:00.000Z"),
        LINK_USER_SINCE("auth0|y", "db", "jo@acme.example", "true",
                        "2020-01-01T00:00:00.000Z"),
        LINK_USER_SINCE("auth0|x", "db", "jo@acme.example", "true",
                        "2020-01-01T00:00:00.000Z"),
        LINK_USER_SINCE("auth0|w", "db", "jo@acme.example", "true", ""),
    };

    (void)state;
    assert_in_any_order(others_first, "waad|w1");
    assert_in_any_order(oldest_then_lowest, "auth0|x");
}

/* One that we linked may have lost its verification since; the account has its address
 * by another one too, wherever that stands. */
static void
link_12_of_several_identities_the_one_that_counts_most_decides(void **state)
{
    A0_AUTO(link_case_ptr) c = link_case_new();

    (void)state;
    link_case_sign_in(c, GOOGLE);
    link_case_candidate(
        c, "{\"user_id\":\"auth0|p1\",\"email\":\"jo@acme.example\","
           "\"email_verified\":true,\"identities\":["
           "{\"provider\":\"facebook\",\"connection\":\"facebook\",\"user_id\":\"f1\","
           "\"profileData\":{\"email\":\"jo@acme.example\",\"email_verified\":false}},"
           "{\"provider\":\"auth0\",\"connection\":\"db\",\"user_id\":\"p1\"}]}")
        ->identities[0]
        .is_ours = true;
    assert_outcome(c, A0__LINK_NOW, 3, "auth0|p1");
}

static void
link_12_a_user_with_several_identities_is_never_consumed(void **state)
{
    A0_AUTO(link_case_ptr) c = link_case_new();

    (void)state;
    link_case_sign_in(
        c,
        "{\"user_id\":\"auth0|p1\",\"email\":\"jo@acme.example\","
        "\"email_verified\":true,\"identities\":["
        "{\"provider\":\"auth0\",\"connection\":\"db\",\"user_id\":\"p1\"},"
        "{\"provider\":\"facebook\",\"connection\":\"facebook\",\"user_id\":\"f1\","
        "\"profileData\":{\"email\":\"jo@acme.example\",\"email_verified\":true}}]}");
    assert_outcome(c, A0__LINK_NOTHING, 0, NULL);
    link_case_candidate(c, GOOGLE);
    assert_reason(c, A0__LINK_HAS_IDENTITIES);
    link_case_record(c, "google-oauth2|g1", "db", "p1");
    assert_reason(c, A0__LINK_HAS_IDENTITIES);
}

static void
link_13_unverified_and_blocked_accounts_never_count_as_older(void **state)
{
    A0_AUTO(link_case_ptr) c = link_case_new();
    a0__link_profile *old = NULL;

    (void)state;
    link_case_sign_in(c, GOOGLE);
    old = link_case_candidate(c, LINK_USER_SINCE("auth0|old", "db", "jo@acme.example",
                                                 "true", "2001-01-01T00:00:00.000Z"));
    link_case_candidate(c, FACEBOOK);
    assert_outcome(c, A0__LINK_NOW, 3, "auth0|old");
    old->blocked = true;
    assert_outcome(c, A0__LINK_NOW, 3, "facebook|f1");
    old->blocked = false;
    old->identities[0].email_verified = false;
    assert_outcome(c, A0__LINK_NOW, 3, "facebook|f1");
}

static void
link_17_another_address_than_the_sign_in_had_is_a_change(void **state)
{
    A0_AUTO(link_case_ptr) c = link_case_new();

    (void)state;
    link_case_sign_in(c, GOOGLE);
    link_case_candidate(c, PASSWORD);
    c->facts.token_email = A0__LIT("was@acme.example");
    c->facts.token_email_verified = true;
    assert_reason(c, A0__LINK_STATE_CHANGED);
    c->facts.token_email = A0__LIT("jo@acme.example");
    c->facts.user_id = A0__LIT("google-oauth2|other");
    assert_reason(c, A0__LINK_STATE_CHANGED);
}

static void
link_22_blocked_and_deleted_users_are_not_linked(void **state)
{
    static const char *const odd[] = { "true", "1", "\"false\"", "[]" };
    A0_AUTO(link_case_ptr) c = link_case_new();

    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        A0_AUTO(link_case_ptr) b = link_case_new();
        char profile[512];

        (void)snprintf(
            profile, sizeof profile,
            "{\"user_id\":\"auth0|p1\",\"email\":\"jo@acme.example\","
            "\"email_verified\":true,\"blocked\":%s,\"identities\":[{\"provider\":"
            "\"auth0\",\"connection\":\"db\",\"user_id\":\"p1\"}]}",
            odd[i]);
        link_case_sign_in(b, GOOGLE);
        link_case_candidate(b, profile);
        assert_reason(b, A0__LINK_BLOCKED);
    }
    link_case_sign_in(c, GOOGLE);
    link_case_candidate(c, PASSWORD);
    c->own.blocked = true;
    assert_reason(c, A0__LINK_BLOCKED);
    c->facts.signed_in = NULL;
    assert_reason(c, A0__LINK_GONE);
}

static void
link_24_a_record_counts_for_exactly_that_identity(void **state)
{
    A0_AUTO(link_case_ptr) c = link_case_new();
    a0__link_connected *record = NULL;

    (void)state;
    link_case_sign_in(
        c, LINK_USER("google-oauth2|g1", "google-oauth2", "jo@gmail.example", "true"));
    link_case_candidate(c, PASSWORD);
    record = link_case_record(c, "auth0|p1", "google-oauth2", "g2");
    /* The owner's address in the record is no proof of anything. */
    record->email = A0__LIT("jo@gmail.example");
    record->email_verified = true;
    assert_outcome(c, A0__LINK_NOTHING, 0, NULL);
    record->subject = A0__LIT("g1");
    record->connection = A0__LIT("other-google");
    assert_outcome(c, A0__LINK_NOTHING, 0, NULL);
    record->connection = A0__LIT("google-oauth2");
    assert_outcome(c, A0__LINK_NOW, 2, "auth0|p1");
    /* Without comparable subjects: the provider's verified address alone. */
    record->subject = A0__NO_TEXT;
    assert_outcome(c, A0__LINK_NOW, 2, "auth0|p1");
    record->email_verified = false;
    assert_outcome(c, A0__LINK_NOTHING, 0, NULL);
    record->email = A0__NO_TEXT;
    record->email_verified = true;
    assert_outcome(c, A0__LINK_NOTHING, 0, NULL);
}

static void
link_24_a_pair_that_was_undone_needs_a_confirmation(void **state)
{
    A0_AUTO(link_case_ptr) automatic = link_case_new();
    A0_AUTO(link_case_ptr) confirmed = link_case_new();

    (void)state;
    link_case_sign_in(automatic, GOOGLE);
    link_case_candidate(automatic, PASSWORD)->was_undone = true;
    assert_reason(automatic, A0__LINK_NO_AUTO_PAIR);
    link_case_record(automatic, "auth0|p1", "google-oauth2", "g1");
    assert_reason(automatic, A0__LINK_NO_AUTO_PAIR);
    link_case_sign_in(confirmed, PASSWORD);
    link_case_candidate(confirmed, GOOGLE)->was_undone = true;
    assert_outcome(confirmed, A0__LINK_PENDING, 4, "google-oauth2|g1");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            password_then_social_links_automatically_with_the_password_as_primary),
        cmocka_unit_test(social_then_password_waits_for_a_confirmation),
        cmocka_unit_test(an_account_of_the_same_connection_is_another_persons),
        cmocka_unit_test(a_connected_identity_is_recognised_though_its_address_differs),
        cmocka_unit_test(nothing_is_considered_once_every_connection_is_there),
        cmocka_unit_test(confirm_only_and_the_password_switch_lead_to_rule_4),
        cmocka_unit_test(link_01_an_unverified_password_account_is_not_linked),
        cmocka_unit_test(link_02_an_unverified_sign_in_finds_nothing),
        cmocka_unit_test(link_03_both_connections_must_be_named),
        cmocka_unit_test(
            link_04_only_json_true_counts_and_only_of_the_identity_compared),
        cmocka_unit_test(link_04_the_flag_of_another_identity_does_not_count),
        cmocka_unit_test(link_04_the_root_speaks_for_the_identity_that_the_id_names),
        cmocka_unit_test(
            link_04_a_root_without_an_address_is_not_filled_from_elsewhere),
        cmocka_unit_test(
            link_05_a_password_primary_can_be_made_to_wait_for_a_confirmation),
        cmocka_unit_test(link_07_a_candidate_with_a_planted_identity_is_left_alone),
        cmocka_unit_test(
            link_07_what_a_connection_asserts_that_is_not_named_may_be_planted),
        cmocka_unit_test(link_08_another_form_is_refused_and_no_address_is_nothing),
        cmocka_unit_test(link_11_who_is_oneself_is_nobody_to_link_with),
        cmocka_unit_test(
            link_12_candidates_are_filtered_then_ordered_whatever_their_order),
        cmocka_unit_test(
            link_12_of_several_identities_the_one_that_counts_most_decides),
        cmocka_unit_test(link_12_a_user_with_several_identities_is_never_consumed),
        cmocka_unit_test(link_13_unverified_and_blocked_accounts_never_count_as_older),
        cmocka_unit_test(link_17_another_address_than_the_sign_in_had_is_a_change),
        cmocka_unit_test(link_22_blocked_and_deleted_users_are_not_linked),
        cmocka_unit_test(link_24_a_record_counts_for_exactly_that_identity),
        cmocka_unit_test(link_24_a_pair_that_was_undone_needs_a_confirmation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
