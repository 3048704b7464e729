/* SPDX-License-Identifier: MIT */
/* What is kept about a user, exported and erased: row STOR-12. */
#include "world.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "flows/connected_account.h"
#include "store_fixture.h"

#define JO "auth0|jo-canary-7f3a"
#define MAX "auth0|max-5b21"

/* ---- a world in which somebody is known ---- */

static void
connect_account(world *w, const char *id, const char *owner)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__connected_account)
    account = { .connection = A0__LIT("google-oauth2"),
                .provider = A0__LIT("google-oauth2"),
                .subject = A0__LIT("1045"),
                .email = A0__LIT("jo@gmail.example"),
                .email_verified = true };
    bool applied = false;

    memcpy(account.key, id, strlen(id) + 1);
    memcpy(account.user_id, owner, strlen(owner) + 1);
    assert_ok(a0__connected_account_write(&batch, w->client, &account, &w->err),
              w->err);
    assert_ok(a0__batch_commit(&batch, w->client, &applied, &w->err), w->err);
    assert_true(applied);
}

static void
write_link(world *w, a0_record_kind kind, const char *key, const char *primary,
           const char *secondary)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    const a0_record record = { .size = sizeof record,
                               .kind = kind,
                               .key = key,
                               .created_at = 1000,
                               .owner = secondary,
                               .user_id = primary,
                               .sid = "" };
    bool applied = false;

    assert_ok(a0__batch_insert(&batch, w->client, &record, NULL,
                               A0__LIT("snapshot-canary"), &w->err),
              w->err);
    assert_ok(a0__batch_commit(&batch, w->client, &applied, &w->err), w->err);
    assert_true(applied);
}

static char *
export_of(world *w, const char *user_id)
{
    a0_user_data *data = NULL;
    char *json = NULL;

    assert_ok(a0_user_export(w->client, user_id, &data, &w->err), w->err);
    json = a0__strdup(a0_user_data_json(data));
    a0_user_data_free(data);
    return json;
}

static char *
erase(world *w, const char *user_id)
{
    a0_user_data *data = NULL;
    char *json = NULL;

    assert_ok(a0_user_erase(w->client, user_id, &data, &w->err), w->err);
    json = a0__strdup(a0_user_data_json(data));
    a0_user_data_free(data);
    return json;
}

#define NOTHING_OF(user)                                                               \
    "{\"user_id\":\"" user "\",\"sessions\":[],\"open_transactions\":[],"              \
    "\"refresh_tokens\":[],\"account_tokens\":[],\"marks\":[],"                        \
    "\"connected_accounts\":[],\"links\":[],\"link_journal\":[]}"

static void
assert_nothing_of_jo(world *w)
{
    A0_AUTO(a0__string) json = export_of(w, JO);

    assert_string_equal(json, NOTHING_OF(JO));
}

static bool
file_has(int folder, const char *name, const char *text)
{
    static char bytes[4 * 1024 * 1024];
    int file = openat(folder, name, O_RDONLY | O_CLOEXEC);
    ssize_t len = file >= 0 ? read(file, bytes, sizeof bytes) : 0;

    assert_true(len < (ssize_t)sizeof bytes);
    (void)close(file);
    return len > 0 && memmem(bytes, (size_t)len, text, strlen(text)) != NULL;
}

static bool
any_file_has(const store_fixture *fixture, const char *text)
{
    DIR *folder = opendir(fixture->folder);
    struct dirent *entry = NULL;
    bool found = false;

    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) { /* NOLINT(concurrency-mt-unsafe) */
        found = found || (entry->d_type == DT_REG &&
                          file_has(dirfd(folder), entry->d_name, text));
    }
    (void)closedir(folder);
    return found;
}

/* ---- exporting ---- */

static void
stor_12_an_export_has_no_token_and_of_others_only_the_id(void **state)
{
    world w;
    a0_session *session = NULL;
    A0_AUTO(a0__string) json = NULL;

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, JO);
    connect_account(&w, "cac_jo", JO);
    connect_account(&w, "cac_max", MAX);
    write_link(&w, A0_RECORD_LINK_JOURNAL, "link|" MAX, JO, MAX);
    json = export_of(&w, JO);
    assert_non_null(
        strstr(json, "{\"user_id\":\"" JO "\",\"sessions\":[{\"created_at"));
    assert_non_null(strstr(json, "\"refresh_tokens\":[{\"created_at\":"));
    assert_non_null(strstr(json, "\"account_tokens\":[{\"created_at\":"));
    assert_non_null(strstr(json, "\"connected_account_id\":\"cac_jo\""));
    assert_non_null(strstr(json, "\"email\":\"jo@gmail.example\""));
    assert_non_null(strstr(json, "\"primary_user_id\":\"" JO
                                 "\",\"secondary_user_id\":\"" MAX "\""));
    assert_null(strstr(json, w.tenant.refresh_token));
    assert_null(strstr(json, a0_session_id(session)));
    assert_null(strstr(json, "cac_max"));
    assert_null(strstr(json, "snapshot-canary"));
    assert_null(strstr(json, "\"mac\""));
    a0_session_free(session);
    world_clear(&w);
}

static void
stor_12_a_user_who_is_not_known_has_nothing(void **state)
{
    world w;
    a0_user_data *data = NULL;

    (void)state;
    world_init(&w, NULL);
    assert_nothing_of_jo(&w);
    assert_int_equal(scripted_requests_len(w.tenant.script), 0);
    assert_fails(a0_user_export(w.client, "no bar", &data, &w.err), &w.err,
                 param_invalid);
    assert_fails(a0_user_erase(w.client, "", &data, &w.err), &w.err, param_invalid);
    world_clear(&w);
}

/* ---- erasing ---- */

static void
stor_12_erasing_leaves_nothing_of_a_user_in_the_database(void **state)
{
    store_fixture fixture = { .path = "" };
    world w;
    a0_session *jo = NULL;
    a0_session *max = NULL;
    A0_AUTO(a0__string) json = NULL;
    A0_AUTO(a0__string) again = NULL;

    (void)state;
    fixture_make_folder(&fixture);
    world_init_on(&w, NULL, fixture.path);
    for (int i = 0; i < 20; i++) { /* more than fit one batch */
        a0_session_free(world_sign_in(&w, JO));
    }
    jo = world_sign_in(&w, JO);
    max = world_sign_in(&w, MAX);
    connect_account(&w, "cac_jo", JO);
    connect_account(&w, "cac_max", MAX);
    write_link(&w, A0_RECORD_ACCOUNT_LINKING, "hash", MAX, JO);
    write_link(&w, A0_RECORD_LINK_JOURNAL, "link|" JO, MAX, JO);
    write_link(&w, A0_RECORD_LINK_JOURNAL, "pair|hash", JO, MAX);
    assert_true(any_file_has(&fixture, JO));
    json = erase(&w, JO);
    assert_string_equal(json, "{\"user_id\":\"" JO
                              "\",\"sessions\":21,\"open_transactions\":0,"
                              "\"refresh_tokens\":21,\"account_tokens\":1,\"marks\":0,"
                              "\"connected_accounts\":1,\"links\":1,\"link_journal\":2,"
                              "\"tokens_are_revoked\":true}");
    assert_ok(a0_store_sqlite_compact(fixture.path, &w.err), w.err);
    assert_false(any_file_has(&fixture, JO));
    assert_nothing_of_jo(&w);
    a0_session_free(jo);
    jo = world_session(&w, NULL);
    assert_false(a0_session_is_signed_in(jo));
    again = export_of(&w, MAX);
    assert_non_null(strstr(again, "cac_max"));
    assert_non_null(strstr(again, "\"sessions\":[{"));
    a0_session_free(jo);
    a0_session_free(max);
    world_clear(&w);
    fixture_remove_folder(&fixture);
}

static void
stor_12_that_a_pair_was_parted_is_remembered_without_names(void **state)
{
    world w;
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    A0_AUTO(a0__string) json = NULL;
    bool found = false;

    (void)state;
    world_init(&w, NULL);
    write_link(&w, A0_RECORD_LINK_JOURNAL, "pair|hash", JO, MAX);
    json = erase(&w, JO);
    assert_ok(a0__row_read(w.client, A0_RECORD_LINK_JOURNAL, "pair|hash", NULL, &row,
                           &found, &w.err),
              w.err);
    assert_true(found);
    assert_int_equal(row.user_id.len, 0);
    assert_int_equal(row.owner.len, 0);
    world_clear(&w);
}

static void
stor_12_tokens_that_can_not_be_revoked_wait_without_a_name(void **state)
{
    world w;
    A0_AUTO(a0__string) json = NULL;

    (void)state;
    world_init(&w, NULL);
    a0_session_free(world_sign_in(&w, JO));
    w.tenant.revocation_fails = true;
    json = erase(&w, JO);
    assert_non_null(strstr(json, "\"tokens_are_revoked\":false"));
    assert_nothing_of_jo(&w);
    w.tenant.revocation_fails = false;
    w.tenant.last_revoked[0] = '\0';
    test_clock_advance_s(&w.clock, 3600);
    assert_ok(a0_client_sweep(w.client, &w.err), w.err);
    assert_string_equal(w.tenant.last_revoked, w.tenant.refresh_token);
    world_clear(&w);
}

static void
stor_12_the_cached_profile_goes_too(void **state)
{
    world w;
    a0_user *user = NULL;
    A0_AUTO(a0__string) json = NULL;

    (void)state;
    world_init(&w, NULL);
    w.tenant.management.body =
        "{\"user_id\":\"" JO "\",\"identities\":[{\"provider\":\"auth0\","
        "\"connection\":\"db\",\"user_id\":\"jo-canary-7f3a\"}]}";
    assert_ok(a0_user_get(w.client, JO, NULL, &user, &w.err), w.err);
    a0_user_free(user);
    json = erase(&w, JO);
    assert_ok(a0_user_get(w.client, JO, NULL, &user, &w.err), w.err);
    a0_user_free(user);
    assert_int_equal(w.tenant.management.calls, 2);
    world_clear(&w);
}

/* ---- interrupted ---- */

/* Erases with the n-th store call failing; false when there was no n-th one. */
static bool
erase_failing_at(uint64_t n, bool after_applying)
{
    world w;
    a0_user_data *data = NULL;
    bool failed = false;

    world_init(&w, NULL);
    for (int i = 0; i < 3; i++) {
        a0_session_free(world_sign_in(&w, JO));
    }
    connect_account(&w, "cac_jo", JO);
    w.store.fail_at = w.store.calls + n;
    w.store.after_applying = after_applying;
    if (a0_user_erase(w.client, JO, &data, &w.err) == A0_OK) {
        a0_user_data_free(data);
    } else {
        assert_non_null(w.err);
    }
    failed = w.store.calls >= w.store.fail_at;
    w.store.fail_at = 0;
    a0_error_free(a0__steal(&w.err));
    a0__free(erase(&w, JO));
    assert_nothing_of_jo(&w);
    world_clear(&w);
    return failed;
}

static void
stor_12_erasing_that_was_cut_off_is_finished_by_doing_it_again(void **state)
{
    uint64_t points = 0;

    (void)state;
    while (erase_failing_at(points + 1, false) && erase_failing_at(points + 1, true)) {
        points++;
    }
    assert_true(points > 20);
}

/* ---- what is under way while somebody is erased ---- */

static void
erase_during_refresh(void *self, const char *path, bool done)
{
    world *w = self;

    if (strcmp(path, "/oauth/token") == 0 && !done) {
        w->tenant.watch = NULL;
        a0__free(erase(w, JO));
    }
}

static void
stor_12_a_refresh_in_flight_brings_nobody_back(void **state)
{
    world w;
    a0_session *session = NULL;
    a0_token *token = NULL;
    a0_access_token_options options = A0_ACCESS_TOKEN_OPTIONS_INIT;
    a0_error *err = NULL;

    (void)state;
    world_init(&w, NULL);
    w.tenant.rotation = true;
    session = world_sign_in(&w, JO);
    options.audience = "https://api.example/";
    w.tenant.watch = erase_during_refresh;
    w.tenant.watch_self = &w;
    assert_int_not_equal(a0_session_access_token(session, &options, &token, &err),
                         A0_OK);
    a0_error_free(err);
    assert_null(w.tenant.watch);
    assert_nothing_of_jo(&w);
    a0_session_free(session);
    world_clear(&w);
}

static void
erase_during_list(void *self, const char *path, bool done)
{
    world *w = self;

    if (strncmp(path, "/me/", 4) == 0 && !done) {
        w->tenant.watch = NULL;
        a0__free(erase(w, JO));
    }
}

static void
stor_12_a_list_of_accounts_in_flight_brings_nobody_back(void **state)
{
    static const char *const pages[] = {
        "{\"accounts\":[{\"id\":\"cac_new\",\"connection\":\"google-oauth2\","
        "\"access_type\":\"offline\",\"scopes\":[],\"created_at\":"
        "\"2026-01-02T03:04:05.678Z\"}]}"
    };
    world w;
    a0_session *session = NULL;
    a0_connect_answer *answer = NULL;
    a0_error *err = NULL;

    (void)state;
    world_init(&w, NULL);
    session = world_sign_in(&w, JO);
    w.tenant.scope = "read:me:connected_accounts";
    w.tenant.no_id_token_at_refresh = true;
    w.tenant.my_account.pages = pages;
    w.tenant.my_account.pages_len = 1;
    w.tenant.watch = erase_during_list;
    w.tenant.watch_self = &w;
    assert_int_not_equal(a0_connect_list(session, &answer, &err), A0_OK);
    a0_error_free(err);
    assert_null(w.tenant.watch);
    assert_nothing_of_jo(&w);
    a0_session_free(session);
    world_clear(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stor_12_an_export_has_no_token_and_of_others_only_the_id),
        cmocka_unit_test(stor_12_a_user_who_is_not_known_has_nothing),
        cmocka_unit_test(stor_12_erasing_leaves_nothing_of_a_user_in_the_database),
        cmocka_unit_test(stor_12_that_a_pair_was_parted_is_remembered_without_names),
        cmocka_unit_test(stor_12_tokens_that_can_not_be_revoked_wait_without_a_name),
        cmocka_unit_test(stor_12_the_cached_profile_goes_too),
        cmocka_unit_test(
            stor_12_erasing_that_was_cut_off_is_finished_by_doing_it_again),
        cmocka_unit_test(stor_12_a_refresh_in_flight_brings_nobody_back),
        cmocka_unit_test(stor_12_a_list_of_accounts_in_flight_brings_nobody_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
