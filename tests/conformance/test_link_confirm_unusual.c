/* SPDX-License-Identifier: MIT */
/* Confirmations of a link among what hardly ever happens: callbacks that come twice, a
 * store that fails, an application that asks in another order, clocks that differ. */
#include "link_visit.h"

#include <string.h>

#include "base/mem.h"

/* ---- LINK-18: who confirms ---- */

/* The store fails between the sign-in and the end of its session. */
static void
link_18_a_wrong_account_has_no_session_even_where_the_store_fails(void **state)
{
    link_visit *v = link_visit_asked("");
    A0_AUTO(a0__string) callback = link_visit_start(v, "google-oauth2");
    A0_AUTO(a0__string) during = NULL;
    a0_link_answer *answer = NULL;

    (void)state;
    assert_ok(link_visit_return(v, callback, VISIT_STRANGER_ID, 0), v->l.w.err);
    during = a0__strdup(a0_session_id(v->l.session));
    v->l.w.store.only_commits = true;
    v->l.w.store.for_good = true;
    v->l.w.store.fail_at = v->l.w.store.commits + 2; /* the first takes the payload */
    assert_fails(a0_link_complete(v->l.session, &answer, &v->l.w.err), &v->l.w.err,
                 store_unavailable);
    v->l.w.store.fail_at = 0;
    assert_false(a0_session_is_signed_in(v->l.session));
    assert_string_not_equal(a0_session_id(v->l.session), during);
    assert_int_equal(v->users->links, 0);
    link_visit_free(v);
}

/* ---- rule 4: the account that was there first stays ---- */

/* As any other sign-in it would be linked into the account with the password. */
static void
rule_4_verifying_a_sign_in_that_confirms_turns_nothing_round(void **state)
{
    link_visit *v = link_visit_asked("");
    A0_AUTO(a0__string) callback = link_visit_start(v, "google-oauth2");

    (void)state;
    assert_ok(link_visit_return(v, callback, VISIT_GOOGLE_ID, 0), v->l.w.err);
    link_visit_verify(v);
    assert_false(a0_link_answer_is_linked(v->answer));
    assert_int_equal(v->users->links, 0);
    link_visit_complete(v);
    assert_true(a0_link_answer_is_success(v->answer));
    assert_non_null(fake_users_find(v->users, VISIT_GOOGLE_ID));
    assert_null(fake_users_find(v->users, VISIT_PASSWORD_ID));
    link_visit_verify(v);
    assert_string_equal(a0_session_user_id(link_visit_session(v)), VISIT_GOOGLE_ID);
    assert_int_equal(v->users->links, 1);
    link_visit_free(v);
}

/* Nor where the confirmation came too late. */
static void
rule_4_what_was_not_confirmed_in_time_is_not_turned_round_either(void **state)
{
    link_visit *v = link_visit_asked("");
    A0_AUTO(a0__string) callback = NULL;

    (void)state;
    test_clock_advance_s(&v->l.w.clock, 300);
    callback = link_visit_start(v, "google-oauth2");
    test_clock_advance_s(&v->l.w.clock, 300);
    assert_ok(link_visit_return(v, callback, VISIT_GOOGLE_ID, 0), v->l.w.err);
    link_visit_complete(v);
    link_visit_assert_refused(v, "expired");
    link_visit_verify(v);
    assert_string_equal(a0_session_user_id(link_visit_session(v)), VISIT_GOOGLE_ID);
    assert_int_equal(v->users->links, 0);
    link_visit_free(v);
}

/* ---- LINK-20: forged and repeated ---- */

typedef struct rival {
    link_visit *v;
    a0_link_answer *answer;
} rival;

/* The same callback, sent twice: both requests are at the payload. */
static void
complete_beside(void *self, failing_store_call call, uint64_t n, bool done)
{
    rival *r = self;
    link_world *l = &r->v->l;
    a0_session *session = NULL;

    (void)n;
    if (done || call != FAILING_STORE_COMMIT) {
        return;
    }
    l->w.store.watch = NULL;
    session = world_session(&l->w, a0_session_id(l->session));
    assert_ok(a0_link_complete(session, &r->answer, &l->w.err), l->w.err);
    a0_session_free(session);
}

static void
link_20_of_two_at_once_one_confirms(void **state)
{
    link_visit *v = link_visit_asked("");
    A0_AUTO(a0__string) callback = link_visit_start(v, "google-oauth2");
    rival r = { .v = v };

    (void)state;
    assert_ok(link_visit_return(v, callback, VISIT_GOOGLE_ID, 0), v->l.w.err);
    v->l.w.store.watch = complete_beside;
    v->l.w.store.watch_self = &r;
    assert_null(link_visit_complete(v));
    assert_true(a0_link_answer_is_success(r.answer));
    assert_string_equal(a0_session_user_id(link_visit_session(v)), VISIT_GOOGLE_ID);
    assert_int_equal(v->users->links, 1);
    a0_link_answer_free(r.answer);
    link_visit_free(v);
}

/* Whether the sign-in that a link, a form or the application starts is a confirmation.
 */
static bool
confirms(link_visit *v, const char *connection, const char *link_id)
{
    const a0_param param = { "connection", connection };
    a0_login_options options = A0_LOGIN_OPTIONS_INIT;
    const char *url = NULL;

    options.params = &param;
    options.params_len = 1;
    options.link_id = link_id;
    if (a0_login_start(link_visit_session(v), FAKE_REDIRECT_URI, &options, &url,
                       &v->l.w.err) != A0_OK) {
        assert_true(a0__error_is(v->l.w.err, A0_E_link_pending_invalid));
        a0_error_free(a0__steal(&v->l.w.err));
        return false;
    }
    return strstr(url, "prompt=login") != NULL;
}

static void
link_20_who_names_what_is_confirmed_confirms_nothing_else(void **state)
{
    link_visit *v = link_visit_asked("");
    a0_link_answer *question = NULL;
    A0_AUTO(a0__json_doc) pending = NULL;
    a0__text id = A0__NO_TEXT;

    (void)state;
    assert_ok(a0_link_pending(link_visit_session(v), &question, &v->l.w.err),
              v->l.w.err);
    assert_int_equal(
        a0__json_parse(a0__text_of(a0_link_answer_json(question)), &pending, NULL),
        A0_OK);
    assert_int_equal(a0__json_text(pending, "id", &id), A0__FOUND);
    assert_true(confirms(v, "google-oauth2", id.ptr));
    assert_true(confirms(v, "google-oauth2", NULL));
    assert_false(confirms(v, "google-oauth2", ""));
    assert_false(confirms(v, "google-oauth2", "of-another-question"));
    assert_false(confirms(v, "facebook", id.ptr));
    assert_true(link_visit_is_pending(v));
    a0_link_answer_free(question);
    link_visit_free(v);
}

/* Whoever has come back once is judged before anybody comes back again. */
static void
link_18_a_sign_in_that_confirms_begins_no_other_confirmation(void **state)
{
    link_visit *v = link_visit_asked("");
    A0_AUTO(a0__string) callback = link_visit_start(v, "google-oauth2");

    (void)state;
    assert_true(confirms(v, "google-oauth2", NULL));
    assert_ok(link_visit_return(v, callback, VISIT_STRANGER_ID, 0), v->l.w.err);
    assert_false(confirms(v, "google-oauth2", NULL));
    link_visit_complete(v);
    assert_true(a0_link_answer_is_different_account(v->answer));
    link_visit_free(v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            link_18_a_wrong_account_has_no_session_even_where_the_store_fails),
        cmocka_unit_test(rule_4_verifying_a_sign_in_that_confirms_turns_nothing_round),
        cmocka_unit_test(
            rule_4_what_was_not_confirmed_in_time_is_not_turned_round_either),
        cmocka_unit_test(link_20_of_two_at_once_one_confirms),
        cmocka_unit_test(link_20_who_names_what_is_confirmed_confirms_nothing_else),
        cmocka_unit_test(link_18_a_sign_in_that_confirms_begins_no_other_confirmation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
