/* SPDX-License-Identifier: MIT */
/* Metadata that is refused, large, or brings privileges along, in links and undos
 * (contract §2, rules 9 and 12). */
#include "link_world.h"

#include <string.h>

#include "auth0/user.h"
#include "flows/link_metadata.h"
#include "link/merge.h"

/* Auth0 takes every change of the primary for wrong, and lets it be read. */
static void
refuse_patches(void *self, const char *path, bool done)
{
    static unsigned requests;
    link_world *l = self;

    if (l->tenant->users.links == 0) {
        requests = 0;
    } else if (!done && strncmp(path, "/api/v2/users/auth0", 19) == 0 &&
               strstr(path, "/identities") == NULL) {
        requests++;
        l->w.tenant.management.fault_status = 400;
        l->w.tenant.management.fault_times = requests % 2;
    }
}

/* Not half-way for good, with the sessions of before alive. */
static void
link_16_metadata_that_auth0_refuses_is_left_out_and_said(void **state)
{
    link_world *l = link_world_begin(NULL);
    a0__link_done done = { .refused = NULL };

    (void)state;
    l->w.tenant.watch = refuse_patches;
    l->w.tenant.watch_self = l;
    done = link_world_link_both(l);
    l->w.tenant.watch = NULL;
    assert_true(done.is_linked);
    assert_true(link_tenant_is_linked(l->tenant));
    assert_false(link_tenant_is_merged(l->tenant));
    assert_true(recording_log_has(&l->w.log, "link.metadata_not_merged"));
    assert_int_equal(link_world_open(l), 0);
    assert_false(world_lives(&l->w, a0_session_id(l->before)));
    /* It is kept for an undo. */
    (void)link_world_undo(l);
    assert_true(link_tenant_is_untouched(l->tenant));
    link_world_clear(l);
}

/* An account of the primary's or the secondary's with that app_metadata. */
static void
put_app_metadata(link_world *l, const char *provider, const char *connection,
                 const char *id, const char *app_metadata)
{
    A0_AUTO(a0__buf) profile = A0__BUF_INIT(A0__PROFILE_MAX);

    a0__buf_format(&profile,
                   "{\"user_id\":\"%s|%s\",\"email\":\"" LINK_EMAIL
                   "\",\"email_verified\":true,\"identities\":[{\"provider\":\"%s\","
                   "\"connection\":\"%s\",\"user_id\":\"%s\"}],\"app_metadata\":",
                   provider, id, provider, connection, id);
    a0__buf_string(&profile, app_metadata);
    a0__buf_byte(&profile, '}');
    fake_users_put(&l->tenant->users, a0__buf_cstr(&profile));
}

/* A list of roles that both have grows all the same, and a long name hides no other. */
static void
link_16_roles_that_are_gained_are_said_whatever_they_are_part_of(void **state)
{
    link_world *l = link_world_begin(NULL);
    A0_AUTO(a0__buf) metadata = A0__BUF_INIT(1024);

    (void)state;
    a0__buf_string(&metadata, "{\"");
    for (int i = 0; i < 300; i++) {
        a0__buf_byte(&metadata, 'x');
    }
    a0__buf_string(&metadata, "\":1,\"owner\":true,\"roles\":[\"admin\"]}");
    put_app_metadata(l, "auth0", "db", "66f0c0ffee1234567890abcd",
                     "{\"roles\":[\"user\"]}");
    put_app_metadata(l, "google-oauth2", LINK_CONNECTION, "104857600123456789012",
                     a0__buf_cstr(&metadata));
    assert_true(link_world_link_both(l).is_linked);
    assert_int_equal(recording_log_count(&l->w.log, "link.app_metadata_gained"), 1);
    assert_true(recording_log_has(&l->w.log, "\"keys\":\"roles owner\""));
    assert_true(recording_log_has(&l->w.log, "\"gained\":3"));
    link_world_clear(l);
}

/* A user with metadata of that size, but for `start` of it. */
static a0_user *
grown_user(const char *start, size_t bytes)
{
    A0_AUTO(a0__buf) profile = A0__BUF_INIT(A0__PROFILE_MAX);
    a0_user *user = NULL;
    a0_error *err = NULL;

    a0__buf_format(&profile,
                   "{\"user_id\":\"auth0|1\",\"identities\":[{\"provider\":\"auth0\","
                   "\"connection\":\"db\",\"user_id\":\"1\"}],\"user_metadata\":%s\"",
                   start);
    for (size_t i = 0; i < bytes; i++) {
        a0__buf_byte(&profile, 'x');
    }
    a0__buf_string(&profile, "\"]}}");
    assert_ok(a0__user_parse(a0__buf_view(&profile), A0__NO_TEXT, &user, &err), err);
    return user;
}

/* A list that a merge added to has grown since, beyond what an entry could keep. */
static void
rule_12_what_grew_since_is_taken_back_however_large_it_is(void **state)
{
    const a0__link_journal journal = {
        .before_user_metadata = A0__LIT("{\"l\":[1]}"),
        .patch_user_metadata = A0__LIT("{\"l\":[2,1]}"),
    };
    A0_AUTO(a0__buf) body = A0__BUF_INIT(2 * A0__PROFILE_MAX);
    A0_AUTO(a0__user_ptr) primary = grown_user("{\"l\":[2,1,", A0_RECORD_DATA_MAX);
    a0_error *err = NULL;
    bool changes = false;

    (void)state;
    assert_ok(a0__link_metadata_undo(&journal, primary, &body, &changes, &err), err);
    assert_true(changes);
    assert_true(a0__text_starts_with(a0__buf_view(&body),
                                     A0__LIT("{\"user_metadata\":{\"l\":[1,\"xxx")));
    assert_true(body.len > A0_RECORD_DATA_MAX);
}

/* A merge that may have been sent is planned anew, and has become too large. */
static void
rule_12_what_was_planned_before_it_grew_too_large_can_still_be_undone(void **state)
{
    const a0__link_journal journal = {
        .user_metadata = A0__LIT("{\"a\":1}"),
        .patch_user_metadata = A0__LIT("{\"a\":1}"),
        .app_metadata = A0__LIT("{\"seats\":5}"),
    };
    A0_AUTO(a0__link_metadata) metadata = A0__LINK_METADATA_INIT;
    A0_AUTO(a0__user_ptr) primary = grown_user("{\"l\":[", A0__MERGE_MAX);
    link_world *l = link_world_begin(NULL);
    bool changes = false;

    (void)state;
    assert_ok(a0__link_metadata_plan(l->w.client, &journal, primary, &metadata,
                                     &changes, &l->w.err),
              l->w.err);
    assert_true(changes);
    assert_true(recording_log_has(&l->w.log, "link.metadata_not_merged"));
    assert_true(
        a0__text_is(a0__buf_view(&metadata.patch_app_metadata), "{\"seats\":5}"));
    assert_true(a0__text_is(a0__buf_view(&metadata.patch_user_metadata), "{\"a\":1}"));
    link_world_clear(l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_16_metadata_that_auth0_refuses_is_left_out_and_said),
        cmocka_unit_test(
            link_16_roles_that_are_gained_are_said_whatever_they_are_part_of),
        cmocka_unit_test(rule_12_what_grew_since_is_taken_back_however_large_it_is),
        cmocka_unit_test(
            rule_12_what_was_planned_before_it_grew_too_large_can_still_be_undone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
