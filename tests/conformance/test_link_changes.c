/* SPDX-License-Identifier: MIT */
/* Rows of the group LINK about facts that change, on the way or before it. */
#include "link_visit.h"

#include <string.h>

#include "base/mem.h"

/* ---- LINK-17: facts that change on the way ---- */

typedef struct change {
    link_visit *v;
    const char *user_id;
    const char *profile; /* what becomes of that user; NULL: deleted */
    bool at_the_locks;   /* not at the look-up, but when the locks are taken */
    bool armed;
} change;

/* Three seconds pass, and the profile is another one. */
static void
pass_and_change(change *c)
{
    fake_user *user = fake_users_find(c->v->users, c->user_id);

    c->armed = false;
    test_clock_advance_s(&c->v->l.w.clock, 3);
    if (c->profile != NULL) {
        fake_users_put(c->v->users, c->profile);
    } else {
        assert_non_null(user);
        user->user_id[0] = '\0';
    }
}

static void
at_look_up(void *self, const char *path, bool done)
{
    change *c = self;

    if (done && strstr(path, "by-email") != NULL && c->armed && !c->at_the_locks) {
        pass_and_change(c);
    }
}

static void
at_commit(void *self, failing_store_call call, uint64_t n, bool done)
{
    change *c = self;

    (void)n;
    if (!done && call == FAILING_STORE_COMMIT && c->armed && c->at_the_locks) {
        pass_and_change(c);
    }
}

static link_visit *
verify_while_it_changes(change *c)
{
    link_visit *v = link_visit_of(VISIT_GOOGLE, VISIT_PASSWORD);

    c->v = v;
    v->l.w.tenant.watch = at_look_up;
    v->l.w.tenant.watch_self = c;
    v->l.w.store.watch = at_commit;
    v->l.w.store.watch_self = c;
    link_visit_sign_in(v, VISIT_GOOGLE_ID);
    c->armed = true;
    link_visit_verify(v);
    assert_false(c->armed);
    v->l.w.tenant.watch = NULL;
    v->l.w.store.watch = NULL;
    return v;
}

#define CHANGED(strategy, id, connection, email, verified, more)                       \
    {                                                                                  \
        NULL, strategy "|" id,                                                         \
            VISIT_USER_WITH(strategy, id, connection, email, verified, more), false,   \
            false                                                                      \
    }

static void
link_17_what_changed_since_the_look_up_is_not_linked(void **state)
{
    static const change changes[] = {
        CHANGED("auth0", "p1", "db", LINK_EMAIL, "false", ""),
        CHANGED("auth0", "p1", "db", "new@acme.example", "true", ""),
        CHANGED("auth0", "p1", "db", LINK_EMAIL, "true", ",\"blocked\":true"),
        { NULL, VISIT_PASSWORD_ID, NULL, false, false },
        CHANGED("google-oauth2", "g1", "google-oauth2", LINK_EMAIL, "false", ""),
        CHANGED("google-oauth2", "g1", "google-oauth2", "new@acme.example", "true", ""),
        CHANGED("google-oauth2", "g1", "google-oauth2", LINK_EMAIL, "true",
                ",\"blocked\":true"),
        { NULL, VISIT_GOOGLE_ID, NULL, false, false },
        { NULL, "facebook|f1",
          "{\"user_id\":\"facebook|f1\",\"email\":\"" LINK_EMAIL
          "\",\"email_verified\":true,\"created_at\":\"2001-01-01T00:00:00.000Z\","
          "\"identities\":[{\"provider\":\"facebook\",\"connection\":\"facebook\","
          "\"user_id\":\"f1\"}]}",
          false, false },
    };

    (void)state;
    for (size_t i = 0; i < 2 * (sizeof changes / sizeof changes[0]); i++) {
        change c = changes[i / 2];
        link_visit *v = NULL;

        c.at_the_locks = i % 2 == 1;
        v = verify_while_it_changes(&c);
        link_visit_assert_refused(v, "state_changed");
        link_visit_assert_unlinked(v);
        assert_int_equal(v->users->updates, 0);
        assert_int_equal(link_world_open(&v->l), 0);
        link_visit_free(v);
    }
}

static void
link_17_what_is_the_same_after_a_slow_look_up_is_linked(void **state)
{
    change c = { NULL, VISIT_PASSWORD_ID, VISIT_PASSWORD, false, false };

    (void)state;
    for (int at = 0; at < 2; at++) {
        link_visit *v = NULL;

        c.at_the_locks = at == 1;
        v = verify_while_it_changes(&c);
        link_visit_assert_linked_to(v, VISIT_PASSWORD_ID);
        assert_int_equal(link_visit_count_requests(v, "GET", "by-email"), 2);
        link_visit_free(v);
    }
}

static void
keep_in_cache(link_visit *v, const char *user_id)
{
    a0_user *user = NULL;

    assert_ok(a0_user_get(v->l.w.client, user_id, NULL, &user, &v->l.w.err),
              v->l.w.err);
    a0_user_free(user);
}

static void
link_17_what_is_cached_decides_nothing(void **state)
{
    link_visit *v = link_visit_of(VISIT_GOOGLE, VISIT_PASSWORD);

    (void)state;
    keep_in_cache(v, VISIT_GOOGLE_ID);
    keep_in_cache(v, VISIT_PASSWORD_ID);
    fake_users_put(v->users,
                   VISIT_USER_WITH("auth0", "p1", "db", LINK_EMAIL, "false", ""));
    link_visit_sign_in(v, VISIT_GOOGLE_ID);
    link_visit_verify(v);
    link_visit_assert_refused(v, "unverified_email");
    link_visit_assert_unlinked(v);
    link_visit_free(v);
}

/* Whatever came of the call: the next one to look sees what is. */
static void
link_17_after_a_link_call_nothing_of_either_user_is_cached(void **state)
{
    static const int statuses[] = { 0, 409, 403, 502 };

    (void)state;
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        link_visit *v = link_visit_of(VISIT_GOOGLE, VISIT_PASSWORD);
        unsigned before = 0;

        keep_in_cache(v, VISIT_GOOGLE_ID);
        keep_in_cache(v, VISIT_PASSWORD_ID);
        v->users->link_status = statuses[i];
        link_visit_sign_in(v, VISIT_GOOGLE_ID);
        a0__ignore(a0_link_verify(link_visit_session(v), &v->answer, &v->l.w.err));
        a0_error_free(a0__steal(&v->l.w.err));
        assert_int_equal(v->users->links, 1);
        if (statuses[i] == 0) {
            fake_users_put(v->users, VISIT_GOOGLE);
        }
        before = v->l.w.tenant.management.calls;
        keep_in_cache(v, VISIT_PASSWORD_ID);
        keep_in_cache(v, VISIT_GOOGLE_ID);
        assert_int_equal(v->l.w.tenant.management.calls - before, 2);
        link_visit_free(v);
    }
}

/* ---- LINK-22: blocked and deleted users ---- */

static void
link_22_a_blocked_account_on_either_side_is_not_linked(void **state)
{
    static const char *const blocked =
        VISIT_USER_WITH("auth0", "p1", "db", LINK_EMAIL, "true", ",\"blocked\":true");
    static const char *const blocked_own =
        VISIT_USER_WITH("google-oauth2", "g1", "google-oauth2", LINK_EMAIL, "true",
                        ",\"blocked\":true");

    (void)state;
    for (int side = 0; side < 2; side++) {
        link_visit *v = link_visit_of(side == 0 ? VISIT_GOOGLE : blocked_own,
                                      side == 0 ? blocked : VISIT_PASSWORD);

        link_visit_sign_in(v, VISIT_GOOGLE_ID);
        link_visit_verify(v);
        link_visit_assert_refused(v, "blocked");
        link_visit_assert_unlinked(v);
        link_visit_free(v);
    }
}

static void
link_22_who_was_deleted_since_the_sign_in_is_gone(void **state)
{
    link_visit *v = link_visit_of(VISIT_GOOGLE, VISIT_PASSWORD);

    (void)state;
    link_visit_sign_in(v, VISIT_GOOGLE_ID);
    fake_users_find(v->users, VISIT_GOOGLE_ID)->user_id[0] = '\0';
    link_visit_verify(v);
    link_visit_assert_refused(v, "gone");
    link_visit_assert_unlinked(v);
    link_visit_free(v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_17_what_changed_since_the_look_up_is_not_linked),
        cmocka_unit_test(link_17_what_is_the_same_after_a_slow_look_up_is_linked),
        cmocka_unit_test(link_17_what_is_cached_decides_nothing),
        cmocka_unit_test(link_17_after_a_link_call_nothing_of_either_user_is_cached),
        cmocka_unit_test(link_22_a_blocked_account_on_either_side_is_not_linked),
        cmocka_unit_test(link_22_who_was_deleted_since_the_sign_in_is_gone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
