/* SPDX-License-Identifier: MIT */
/* Records of connected accounts as linking finds them. */
#include "flows/connected_account.h"

#include <string.h>

#include "world.h"

/* Their subjects are not those of the people at Auth0. */
#define SLACK A0__LIT("slack")

static void
commit(world *w, a0__batch *batch)
{
    bool applied = false;

    assert_ok(a0__batch_commit(batch, w->client, &applied, &w->err), w->err);
    assert_true(applied);
}

static void
put(world *w, const char *key, const char *user_id, const char *subject,
    const char *email)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    A0_AUTO(a0__connected_account)
    account = { .connection = SLACK,
                .provider = SLACK,
                .subject = a0__text_of(subject),
                .email = a0__text_of(email),
                .email_verified = true };

    memcpy(account.key, key, strlen(key) + 1);
    memcpy(account.user_id, user_id, strlen(user_id) + 1);
    assert_ok(a0__connected_account_write(&batch, w->client, &account, &w->err),
              w->err);
    commit(w, &batch);
}

/* Writes a row as somebody could who has the database but not the keys. */
static void
put_raw(world *w, const a0_record *record)
{
    const a0_store_op op = { .type = A0_STORE_INSERT, .record = record };
    bool applied = false;

    assert_ok(w->store.inner->commit(w->store.inner_self, &op, 1,
                                     test_clock_now_s(&w->clock), &applied, &w->err),
              w->err);
    assert_true(applied);
}

static void
account_is_found_by_identity_address_owner_and_id(void **state)
{
    A0_AUTO(a0__connected_accounts) by_identity = { .len = 0 };
    A0_AUTO(a0__connected_accounts) by_email = { .len = 0 };
    A0_AUTO(a0__connected_accounts) of_owner = { .len = 0 };
    A0_AUTO(a0__connected_account) by_id = { .version = 0 };
    bool found = false;
    world w;

    (void)state;
    world_init(&w, NULL);
    put(&w, "cac_1", "auth0|jo", "104", "Jo@Gmail.example");
    put(&w, "cac_2", "auth0|jo", "105", "jo.second@gmail.example");
    put(&w, "cac_3", "auth0|mel", "", "");
    assert_ok(a0__connected_accounts_by_identity(w.client, SLACK, A0__LIT("104"),
                                                 &by_identity, &w.err),
              w.err);
    assert_int_equal(by_identity.len, 1);
    assert_string_equal(by_identity.items[0].key, "cac_1");
    assert_string_equal(by_identity.items[0].user_id, "auth0|jo");
    assert_text(by_identity.items[0].email, "Jo@Gmail.example");
    assert_int_equal(by_identity.items[0].id.len, 36);
    assert_ok(a0__connected_accounts_by_email(
                  w.client, SLACK, A0__LIT(" jO@gmail.EXAMPLE "), &by_email, &w.err),
              w.err);
    assert_int_equal(by_email.len, 1);
    assert_ok(a0__connected_accounts_of(w.client, "auth0|jo", &of_owner, &w.err),
              w.err);
    assert_int_equal(of_owner.len, 2);
    assert_ok(a0__connected_account_get(w.client, "cac_2", &by_id, &found, &w.err),
              w.err);
    assert_true(found);
    assert_text(by_id.subject, "105");
    world_clear(&w);
}

static void
account_that_is_known_by_its_subject_is_not_found_by_address(void **state)
{
    A0_AUTO(a0__connected_accounts) found = { .len = 0 };
    A0_AUTO(a0__connected_account)
    account = { .connection = A0__LIT("google-oauth2"),
                .provider = A0__LIT("google-oauth2"),
                .subject = A0__LIT("104"),
                .email = A0__LIT("jo@gmail.example"),
                .email_verified = true };
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    world w;

    (void)state;
    world_init(&w, NULL);
    memcpy(account.key, "cac_1", 6);
    memcpy(account.user_id, "auth0|jo", 9);
    assert_ok(a0__connected_account_write(&batch, w.client, &account, &w.err), w.err);
    commit(&w, &batch);
    assert_ok(a0__connected_accounts_by_email(w.client, A0__LIT("google-oauth2"),
                                              A0__LIT("jo@gmail.example"), &found,
                                              &w.err),
              w.err);
    assert_int_equal(found.len, 0);
    world_clear(&w);
}

static void
account_of_unknown_identity_is_found_by_no_identity(void **state)
{
    A0_AUTO(a0__connected_accounts) found = { .len = 0 };
    world w;

    (void)state;
    world_init(&w, NULL);
    put(&w, "cac_3", "auth0|mel", "", "");
    assert_ok(a0__connected_accounts_by_identity(w.client, SLACK, A0__LIT(""), &found,
                                                 &w.err),
              w.err);
    assert_ok(
        a0__connected_accounts_by_email(w.client, SLACK, A0__LIT(" "), &found, &w.err),
        w.err);
    assert_int_equal(found.len, 0);
    world_clear(&w);
}

static void
account_that_somebody_else_wrote_is_no_evidence(void **state)
{
    static const char data[] =
        "{\"id\":\"x\",\"connection\":\"slack\",\"subject\":\"104\","
        "\"email\":\"jo@gmail.example\",\"email_verified\":true,"
        "\"is_account_linked\":true,\"mac\":\"AAAA\"}";
    A0_AUTO(a0__connected_accounts) real = { .len = 0 };
    A0_AUTO(a0__connected_accounts) found = { .len = 0 };
    A0_AUTO(a0__connected_accounts) of_owner = { .len = 0 };
    a0_record forged = { .size = sizeof forged,
                         .kind = A0_RECORD_CONNECTED_ACCOUNT,
                         .key = "cac_forged",
                         .user_id = "auth0|mallory",
                         .data = data,
                         .data_len = sizeof data - 1 };
    world w;

    (void)state;
    world_init(&w, NULL);
    put(&w, "cac_1", "auth0|jo", "104", "jo@gmail.example");
    assert_ok(a0__connected_accounts_by_identity(w.client, SLACK, A0__LIT("104"), &real,
                                                 &w.err),
              w.err);
    assert_ok(a0__connected_accounts_by_email(
                  w.client, SLACK, A0__LIT("jo@gmail.example"), &found, &w.err),
              w.err);
    forged.owner = real.items[0].identity_index;
    forged.sid = found.items[0].email_index;
    put_raw(&w, &forged);
    a0__connected_accounts_auto(&found);
    assert_ok(a0__connected_accounts_by_identity(w.client, SLACK, A0__LIT("104"),
                                                 &found, &w.err),
              w.err);
    assert_ok(a0__connected_accounts_by_email(
                  w.client, SLACK, A0__LIT("jo@gmail.example"), &found, &w.err),
              w.err);
    assert_int_equal(found.len, 2);
    assert_string_equal(found.items[0].key, "cac_1");
    assert_string_equal(found.items[1].key, "cac_1");
    assert_ok(a0__connected_accounts_of(w.client, "auth0|mallory", &of_owner, &w.err),
              w.err);
    assert_int_equal(of_owner.len, 1);
    assert_false(of_owner.items[0].is_proven);
    assert_text(of_owner.items[0].connection, "slack");
    assert_int_equal(of_owner.items[0].subject.len, 0);
    assert_int_equal(of_owner.items[0].email.len, 0);
    assert_false(of_owner.items[0].email_verified);
    assert_false(of_owner.items[0].is_account_linked);
    assert_true(recording_log_count(&w.log, "store.unproven") > 0);
    world_clear(&w);
}

/* Our own row under an index that is not its own. */
static void
account_under_a_forged_index_is_not_found(void **state)
{
    A0_AUTO(a0__connected_accounts) found = { .len = 0 };
    A0_AUTO(a0__connected_account)
    account = { .connection = SLACK, .subject = A0__LIT("104") };
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    world w;

    (void)state;
    world_init(&w, NULL);
    put(&w, "cac_2", "auth0|mel", "105", "");
    assert_ok(a0__connected_accounts_by_identity(w.client, SLACK, A0__LIT("105"),
                                                 &found, &w.err),
              w.err);
    memcpy(account.key, "cac_1", 6);
    memcpy(account.user_id, "auth0|jo", 9);
    assert_ok(a0__connected_account_write(&batch, w.client, &account, &w.err), w.err);
    batch.records[0].owner = found.items[0].identity_index;
    put_raw(&w, &batch.records[0]);
    a0__connected_accounts_auto(&found);
    assert_ok(a0__connected_accounts_by_identity(w.client, SLACK, A0__LIT("105"),
                                                 &found, &w.err),
              w.err);
    assert_int_equal(found.len, 1);
    assert_string_equal(found.items[0].key, "cac_2");
    world_clear(&w);
}

static void
account_marked_linked_stays_what_it_was(void **state)
{
    A0_AUTO(a0__connected_account) before = { .version = 0 };
    A0_AUTO(a0__connected_account) after = { .version = 0 };
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    bool found = false;
    world w;

    (void)state;
    world_init(&w, NULL);
    put(&w, "cac_1", "auth0|jo", "104", "jo@gmail.example");
    assert_ok(a0__connected_account_get(w.client, "cac_1", &before, &found, &w.err),
              w.err);
    test_clock_advance_s(&w.clock, 60);
    before.is_account_linked = true;
    assert_ok(a0__connected_account_write(&batch, w.client, &before, &w.err), w.err);
    commit(&w, &batch);
    assert_ok(a0__connected_account_get(w.client, "cac_1", &after, &found, &w.err),
              w.err);
    assert_true(after.is_proven && after.is_account_linked);
    assert_int_equal(after.version, 2);
    assert_true(a0__text_equal(after.id, before.id));
    assert_text(after.subject, "104");
    assert_text(after.email, "jo@gmail.example");
    assert_int_equal(after.created_at + 60, after.updated_at);
    world_clear(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(account_is_found_by_identity_address_owner_and_id),
        cmocka_unit_test(account_that_is_known_by_its_subject_is_not_found_by_address),
        cmocka_unit_test(account_of_unknown_identity_is_found_by_no_identity),
        cmocka_unit_test(account_that_somebody_else_wrote_is_no_evidence),
        cmocka_unit_test(account_under_a_forged_index_is_not_found),
        cmocka_unit_test(account_marked_linked_stays_what_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
