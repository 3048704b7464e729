/* SPDX-License-Identifier: MIT */
/* Row STOR-06: what is stored moves to a new key. */
#include "world.h"

#include <stdio.h>
#include <string.h>

#include "flows/rows.h"
#include "session/signed_record.h"

#define OLD "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\""
#define NEW "\"fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210\""
#define WITH_KEYS(keys)                                                                \
    "{" WORLD_SETTINGS_WITHOUT_KEYS ",\"encryption_keys\":[" keys "]}"

enum {
    ROWS = 250 /* more than one sweep looks at */
};

static const a0_record_kind kinds[] = { A0_RECORD_ACCOUNT_TOKEN,
                                        A0_RECORD_CONNECTED_ACCOUNT,
                                        A0_RECORD_ACCOUNT_LINKING,
                                        A0_RECORD_LINK_JOURNAL };

enum {
    KINDS = sizeof kinds / sizeof kinds[0]
};

static bool
is_signed(a0_record_kind kind)
{
    return kind == A0_RECORD_CONNECTED_ACCOUNT || kind == A0_RECORD_ACCOUNT_LINKING;
}

static void
key_of(int i, char out[16])
{
    (void)snprintf(out, 16, "row-%d", i);
}

static void
write_row(world *w, a0_record_kind kind, int i)
{
    A0_AUTO(a0__batch) batch = A0__BATCH_INIT;
    char key[16];
    const a0_record record = { .size = sizeof record,
                               .kind = kind,
                               .key = key,
                               .created_at = test_clock_now_s(&w->clock),
                               .owner = "an-owner",
                               .user_id = "auth0|jo",
                               .sid = "" };
    bool applied = false;

    key_of(i, key);
    if (is_signed(kind)) {
        assert_ok(a0__batch_signed(&batch, w->client, A0_STORE_INSERT, &record, 0,
                                   A0__LIT("{\"b\":[1,\"x\"],\"a\":true}"), &w->err),
                  w->err);
    } else {
        assert_ok(a0__batch_insert(&batch, w->client, &record, NULL,
                                   A0__LIT("rt-canary"), &w->err),
                  w->err);
    }
    assert_ok(a0__batch_commit(&batch, w->client, &applied, &w->err), w->err);
    assert_true(applied);
}

typedef struct look {
    a0_client *client;
    bool is_ours;
    bool is_good; /* and whole */
} look;

static a0_status
look_at_signed(void *self, const a0_record *record, a0_error **err)
{
    look *l = self;
    A0_AUTO(a0__json_doc) object = NULL;

    A0_TRY(a0__signed_record_read(l->client->keyring, l->client->settings->issuer,
                                  record, &object, &l->is_ours, err));
    l->is_good = l->is_ours && a0__json_is_array(a0__json_member(object, "b")) &&
                 strcmp(record->owner, "an-owner") == 0;
    return A0_OK;
}

/* How many rows of each kind are good for that client. */
static int
good_rows(world *w, a0_client *client)
{
    int good = 0;

    for (size_t k = 0; k < KINDS; k++) {
        for (int i = 0; i < ROWS; i++) {
            A0_AUTO(a0__row) row = A0__ROW_INIT;
            look l = { .client = client };
            char key[16];

            key_of(i, key);
            if (is_signed(kinds[k])) {
                assert_int_equal(w->store.inner->get(w->store.inner_self, kinds[k], key,
                                                     test_clock_now_s(&w->clock),
                                                     look_at_signed, &l, NULL),
                                 A0_OK);
            } else {
                assert_ok(a0__row_read(client, kinds[k], key, NULL, &row, &l.is_good,
                                       &w->err),
                          w->err);
                assert_true(!l.is_good ||
                            a0__text_is(a0__buf_view(&row.plain), "rt-canary"));
            }
            good += l.is_good ? 1 : 0;
        }
    }
    return good;
}

static void
begin(world *w)
{
    world_init(w, NULL);
    for (size_t k = 0; k < KINDS; k++) {
        for (int i = 0; i < ROWS; i++) {
            write_row(w, kinds[k], i);
        }
    }
}

static void
stor_06_sweeps_move_what_lives_long_to_the_new_key(void **state)
{
    world w;
    a0_client *both = NULL;
    a0_client *after = NULL;

    (void)state;
    begin(&w);
    both = world_another_client(&w, WITH_KEYS(NEW "," OLD), NULL, NULL);
    after = world_another_client(&w, WITH_KEYS(NEW), NULL, NULL);
    assert_int_equal(good_rows(&w, after), 0);
    for (int i = 0; i < 20; i++) {
        assert_ok(a0_client_sweep(both, &w.err), w.err);
    }
    assert_int_equal(good_rows(&w, after), KINDS * ROWS);
    assert_int_equal(recording_log_count(&w.log, "store.renewed"), 1);
    a0_client_free(both);
    a0_client_free(after);
    world_clear(&w);
}

static a0_status
read_key_id(void *self, const a0_record *record, a0_error **err)
{
    (void)err;
    a0__sealed_key_id(a0__text_range(record->data, record->data_len), self);
    return A0_OK;
}

static void
stor_06_a_key_that_is_missing_is_named_by_its_id(void **state)
{
    A0_AUTO(a0__row) row = A0__ROW_INIT;
    A0_AUTO(a0__buf) field = A0__BUF_INIT(64);
    char key_id[A0__SEAL_KEY_ID_LEN + 1] = "";
    world w;
    a0_client *after = NULL;
    bool found = true;

    (void)state;
    world_init(&w, NULL);
    write_row(&w, A0_RECORD_ACCOUNT_TOKEN, 1);
    assert_ok(w.store.inner->get(w.store.inner_self, A0_RECORD_ACCOUNT_TOKEN, "row-1",
                                 test_clock_now_s(&w.clock), read_key_id, key_id,
                                 &w.err),
              w.err);
    assert_int_equal(strlen(key_id), A0__SEAL_KEY_ID_LEN);
    after = world_another_client(&w, WITH_KEYS(NEW), NULL, NULL);
    assert_ok(a0__row_read(after, A0_RECORD_ACCOUNT_TOKEN, "row-1", NULL, &row, &found,
                           &w.err),
              w.err);
    assert_false(found);
    a0__buf_format(&field, "\"key_id\":\"%s\"", key_id);
    assert_true(recording_log_has(&w.log, "store_key_unknown"));
    assert_true(recording_log_has(&w.log, a0__buf_cstr(&field)));
    a0_client_free(after);
    world_clear(&w);
}

static void
stor_06_a_job_that_was_cut_off_or_runs_twice_ends_well(void **state)
{
    world w;
    a0_client *first = NULL;
    a0_client *second = NULL;
    a0_client *after = NULL;
    int moved = 0;

    (void)state;
    begin(&w);
    after = world_another_client(&w, WITH_KEYS(NEW), NULL, NULL);
    /* Dies after some rows. */
    first = world_another_client(&w, WITH_KEYS(NEW "," OLD), NULL, NULL);
    w.store.only_commits = true;
    w.store.for_good = true;
    w.store.fail_at = w.store.commits + 31;
    assert_ok(a0_client_sweep(first, &w.err), w.err);
    w.store.fail_at = 0;
    moved = good_rows(&w, after);
    assert_int_equal(moved, 30);
    a0_client_free(first);

    first = world_another_client(&w, WITH_KEYS(NEW "," OLD), NULL, NULL);
    second = world_another_client(&w, WITH_KEYS(NEW "," OLD), NULL, NULL);
    for (int i = 0; i < 20; i++) {
        assert_ok(a0_client_sweep(i % 3 == 0 ? first : second, &w.err), w.err);
    }
    for (int i = 0; i < 20; i++) {
        assert_ok(a0_client_sweep(first, &w.err), w.err);
    }
    assert_int_equal(good_rows(&w, after), KINDS * ROWS);
    a0_client_free(first);
    a0_client_free(second);
    a0_client_free(after);
    world_clear(&w);
}

static void
stor_06_a_row_that_is_not_ours_is_not_made_ours(void **state)
{
    world w;
    a0_client *both = NULL;
    a0_record forged = { .size = sizeof forged,
                         .kind = A0_RECORD_CONNECTED_ACCOUNT,
                         .key = "forged",
                         .created_at = TEST_CLOCK_START_S,
                         .owner = "",
                         .user_id = "auth0|jo",
                         .sid = "",
                         .data = "{\"email\":\"a@b\",\"mac\":\"AAAA\"}",
                         .data_len = 28 };
    const a0_store_op op = { .type = A0_STORE_INSERT, .record = &forged };
    look l = { .is_ours = true };
    bool applied = false;

    (void)state;
    world_init(&w, NULL);
    forged.data_len = strlen(forged.data);
    assert_int_equal(w.store.inner->commit(w.store.inner_self, &op, 1,
                                           TEST_CLOCK_START_S, &applied, NULL),
                     A0_OK);
    both = world_another_client(&w, WITH_KEYS(NEW "," OLD), NULL, NULL);
    for (int i = 0; i < 10; i++) {
        assert_ok(a0_client_sweep(both, &w.err), w.err);
    }
    l.client = both;
    assert_int_equal(w.store.inner->get(w.store.inner_self, A0_RECORD_CONNECTED_ACCOUNT,
                                        "forged", TEST_CLOCK_START_S, look_at_signed,
                                        &l, NULL),
                     A0_OK);
    assert_false(l.is_ours);
    a0_client_free(both);
    world_clear(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stor_06_sweeps_move_what_lives_long_to_the_new_key),
        cmocka_unit_test(stor_06_a_key_that_is_missing_is_named_by_its_id),
        cmocka_unit_test(stor_06_a_job_that_was_cut_off_or_runs_twice_ends_well),
        cmocka_unit_test(stor_06_a_row_that_is_not_ours_is_not_made_ours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
