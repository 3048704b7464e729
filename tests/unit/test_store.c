/* SPDX-License-Identifier: MIT */
/* How a store behaves; every store passes the same suite. */
#include <pthread.h>
#include <string.h>

#include "base/mem.h"
#include "store_fixture.h"
#include "support.h"

#include <stdio.h>

#define NOW INT64_C(5000)

static void
inserted_row_reads_back_whole(void **state)
{
    A0_AUTO(seen_rows) seen = SEEN_ROWS_INIT;
    a0_record record = fixture_record(A0_RECORD_SESSION, "k", "");

    record.data = "a\0b";
    record.data_len = 3;
    record.user_id = "auth0|1";
    record.created_at = 4000;
    record.expires_at = 6000;
    assert_true(fixture_commit(*state, A0_STORE_INSERT, 0, &record, NOW));
    fixture_reopen(*state);
    assert_true(fixture_get(*state, A0_RECORD_SESSION, "k", NOW, &seen));
    assert_text(a0__buf_view(&seen.keys), "k");
    assert_text(a0__buf_view(&seen.user_id), "auth0|1");
    assert_int_equal(seen.data.len, 3);
    assert_memory_equal(seen.data.ptr, "a\0b", 3);
    assert_int_equal(seen.version, 1);
    assert_int_equal(seen.created_at, 4000);
    assert_int_equal(seen.expires_at, 6000);
}

static void
row_without_data_has_a_length_of_zero(void **state)
{
    A0_AUTO(seen_rows) seen = SEEN_ROWS_INIT;
    a0_record record = { .size = sizeof record, .kind = A0_RECORD_LOCK, .key = "k" };

    assert_true(fixture_commit(*state, A0_STORE_INSERT, 0, &record, NOW));
    assert_true(fixture_get(*state, A0_RECORD_LOCK, "k", NOW, &seen));
    assert_int_equal(seen.data.len, 0);
    assert_text(a0__buf_view(&seen.user_id), "");
}

static void
kinds_are_apart(void **state)
{
    a0_record record = fixture_record(A0_RECORD_SESSION, "k", "x");

    assert_true(fixture_commit(*state, A0_STORE_INSERT, 0, &record, NOW));
    assert_false(fixture_get(*state, A0_RECORD_TRANSACTION, "k", NOW, NULL));
    record.kind = A0_RECORD_TRANSACTION;
    assert_true(fixture_commit(*state, A0_STORE_INSERT, 0, &record, NOW));
}

static void
insert_of_a_live_key_changes_nothing(void **state)
{
    A0_AUTO(seen_rows) seen = SEEN_ROWS_INIT;
    a0_record first = fixture_record(A0_RECORD_LOCK, "k", "first");
    a0_record second = fixture_record(A0_RECORD_LOCK, "k", "second");

    assert_true(fixture_commit(*state, A0_STORE_INSERT, 0, &first, NOW));
    assert_false(fixture_commit(*state, A0_STORE_INSERT, 0, &second, NOW));
    assert_true(fixture_get(*state, A0_RECORD_LOCK, "k", NOW, &seen));
    assert_text(a0__buf_view(&seen.data), "first");
}

static void
expired_row_is_absent_and_its_key_free(void **state)
{
    A0_AUTO(seen_rows) seen = SEEN_ROWS_INIT;
    a0_record first = fixture_record(A0_RECORD_LOCK, "k", "first");
    a0_record second = fixture_record(A0_RECORD_LOCK, "k", "second");

    first.expires_at = NOW;
    assert_true(fixture_commit(*state, A0_STORE_INSERT, 0, &first, NOW - 1));
    assert_true(fixture_commit(*state, A0_STORE_UPDATE, 1, &first, NOW - 1));
    assert_true(fixture_get(*state, A0_RECORD_LOCK, "k", NOW - 1, NULL));
    assert_false(fixture_get(*state, A0_RECORD_LOCK, "k", NOW, NULL));
    assert_false(fixture_commit(*state, A0_STORE_UPDATE, 0, &second, NOW));
    assert_false(fixture_commit(*state, A0_STORE_DELETE, 0, &second, NOW));
    assert_false(fixture_commit(*state, A0_STORE_REQUIRE, 0, &second, NOW));
    assert_true(fixture_commit(*state, A0_STORE_ABSENT, 0, &second, NOW));
    assert_true(fixture_commit(*state, A0_STORE_INSERT, 0, &second, NOW));
    assert_true(fixture_get(*state, A0_RECORD_LOCK, "k", NOW, &seen));
    assert_text(a0__buf_view(&seen.data), "second");
    assert_int_equal(seen.version, 1);
}

static void
update_needs_the_version_and_raises_it(void **state)
{
    A0_AUTO(seen_rows) seen = SEEN_ROWS_INIT;
    a0_record record = fixture_record(A0_RECORD_SESSION, "k", "1");

    assert_false(fixture_commit(*state, A0_STORE_UPDATE, 0, &record, NOW));
    assert_true(fixture_commit(*state, A0_STORE_INSERT, 0, &record, NOW));
    record = fixture_record(A0_RECORD_SESSION, "k", "2");
    record.user_id = "auth0|2";
    record.created_at = 1;
    record.expires_at = 9000;
    assert_false(fixture_commit(*state, A0_STORE_UPDATE, 2, &record, NOW));
    assert_true(fixture_commit(*state, A0_STORE_UPDATE, 1, &record, NOW));
    assert_false(fixture_commit(*state, A0_STORE_UPDATE, 1, &record, NOW));
    assert_true(fixture_commit(*state, A0_STORE_UPDATE, 0, &record, NOW));
    assert_true(fixture_get(*state, A0_RECORD_SESSION, "k", NOW, &seen));
    assert_text(a0__buf_view(&seen.data), "2");
    assert_text(a0__buf_view(&seen.user_id), "auth0|2");
    assert_int_equal(seen.version, 3);
    assert_int_equal(seen.created_at, 1);
    assert_int_equal(seen.expires_at, 9000);
}

static void
delete_needs_the_version_and_erase_needs_nothing(void **state)
{
    a0_record record = fixture_record(A0_RECORD_SESSION, "k", "1");

    assert_true(fixture_commit(*state, A0_STORE_ERASE, 0, &record, NOW));
    assert_false(fixture_commit(*state, A0_STORE_DELETE, 0, &record, NOW));
    assert_true(fixture_commit(*state, A0_STORE_INSERT, 0, &record, NOW));
    assert_false(fixture_commit(*state, A0_STORE_DELETE, 2, &record, NOW));
    assert_true(fixture_commit(*state, A0_STORE_DELETE, 1, &record, NOW));
    assert_false(fixture_get(*state, A0_RECORD_SESSION, "k", NOW, NULL));
    assert_true(fixture_commit(*state, A0_STORE_INSERT, 0, &record, NOW));
    assert_true(fixture_commit(*state, A0_STORE_ERASE, 0, &record, NOW));
    assert_false(fixture_get(*state, A0_RECORD_SESSION, "k", NOW, NULL));
}

static void
commit_applies_all_ops_or_none(void **state)
{
    store_fixture *fixture = *state;
    A0_AUTO(seen_rows) seen = SEEN_ROWS_INIT;
    a0_record old = fixture_record(A0_RECORD_SESSION, "old", "1");
    a0_record kept = fixture_record(A0_RECORD_SESSION, "kept", "1");
    a0_record changed = fixture_record(A0_RECORD_SESSION, "kept", "2");
    a0_record added = fixture_record(A0_RECORD_SESSION, "new", "1");
    a0_record lock = fixture_record(A0_RECORD_LOCK, "lock", "");
    a0_store_op ops[] = {
        { .type = A0_STORE_ERASE, .record = &old },
        { .type = A0_STORE_UPDATE, .expected_version = 1, .record = &changed },
        { .type = A0_STORE_INSERT, .record = &added },
        { .type = A0_STORE_UPDATE, .expected_version = 1, .record = &added },
        { .type = A0_STORE_REQUIRE, .expected_version = 1, .record = &lock },
    };
    bool applied = true;
    a0_error *err = NULL;

    assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &old, NOW));
    assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &kept, NOW));
    assert_ok(fixture->table->commit(fixture->self, ops, 5, NOW, &applied, &err), err);
    assert_false(applied);
    assert_true(fixture_get(fixture, A0_RECORD_SESSION, "old", NOW, NULL));
    assert_false(fixture_get(fixture, A0_RECORD_SESSION, "new", NOW, NULL));
    assert_true(fixture_get(fixture, A0_RECORD_SESSION, "kept", NOW, &seen));
    assert_text(a0__buf_view(&seen.data), "1");
    assert_int_equal(seen.version, 1);

    assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &lock, NOW));
    assert_ok(fixture->table->commit(fixture->self, ops, 5, NOW, &applied, &err), err);
    assert_true(applied);
    assert_false(fixture_get(fixture, A0_RECORD_SESSION, "old", NOW, NULL));
    assert_true(fixture_get(fixture, A0_RECORD_SESSION, "new", NOW, &seen));
    assert_int_equal(seen.version, 2);
}

static void
find_gives_the_oldest_first_and_no_more_than_asked(void **state)
{
    store_fixture *fixture = *state;
    static const struct {
        const char *key;
        int64_t created_at;
    } rows[] = { { "c", 10 }, { "b", 30 }, { "d", 20 }, { "a", 20 } };
    A0_AUTO(seen_rows) all = SEEN_ROWS_INIT;
    A0_AUTO(seen_rows) some = SEEN_ROWS_INIT;
    A0_AUTO(seen_rows) none = SEEN_ROWS_INIT;
    a0_error *err = NULL;

    for (size_t i = 0; i < 4; i++) {
        a0_record record = fixture_record(A0_RECORD_TRANSACTION, rows[i].key, "");

        record.created_at = rows[i].created_at;
        record.owner = "browser";
        assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &record, NOW));
    }
    assert_ok(fixture->table->find(fixture->self, A0_RECORD_TRANSACTION, A0_INDEX_OWNER,
                                   "browser", NOW, 10, seen_rows_sink, &all, &err),
              err);
    assert_text(a0__buf_view(&all.keys), "c,a,d,b");
    assert_ok(fixture->table->find(fixture->self, A0_RECORD_TRANSACTION, A0_INDEX_OWNER,
                                   "browser", NOW, 2, seen_rows_sink, &some, &err),
              err);
    assert_text(a0__buf_view(&some.keys), "c,a");
    assert_ok(fixture->table->find(fixture->self, A0_RECORD_SESSION, A0_INDEX_OWNER,
                                   "browser", NOW, 10, seen_rows_sink, &none, &err),
              err);
    assert_ok(fixture->table->find(fixture->self, A0_RECORD_TRANSACTION,
                                   A0_INDEX_USER_ID, "browser", NOW, 10, seen_rows_sink,
                                   &none, &err),
              err);
    assert_ok(fixture->table->find(fixture->self, A0_RECORD_TRANSACTION, A0_INDEX_SID,
                                   "", NOW, 10, seen_rows_sink, &none, &err),
              err);
    assert_int_equal(none.len, 0);
}

static void
find_goes_through_all_rows_of_a_kind(void **state)
{
    store_fixture *fixture = *state;
    char after[A0_RECORD_KEY_MAX + 1] = "";
    a0_error *err = NULL;
    size_t seen = 0;

    for (int i = 0; i < 25; i++) {
        char key[8];
        a0_record record = fixture_record(A0_RECORD_ACCOUNT_TOKEN, key, "");

        (void)snprintf(key, sizeof key, "k%d", i);
        record.expires_at = i == 7 ? NOW : 0; /* one is dead */
        assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &record, NOW - 1));
        record.kind = A0_RECORD_MARK;
        assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &record, NOW - 1));
    }
    for (int round = 0; round < 5; round++) {
        A0_AUTO(seen_rows) rows = SEEN_ROWS_INIT;
        a0__text rest = A0__NO_TEXT;
        a0__text key = A0__NO_TEXT;

        assert_ok(fixture->table->find(fixture->self, A0_RECORD_ACCOUNT_TOKEN,
                                       A0_INDEX_AFTER_KEY, after, NOW, 5,
                                       seen_rows_sink, &rows, &err),
                  err);
        assert_int_equal(rows.len, round < 4 ? 5 : 4);
        seen += rows.len;
        for (rest = a0__buf_view(&rows.keys); a0__text_next(&rest, ',', &key);) {
        }
        memcpy(after, key.ptr, key.len);
        after[key.len] = '\0';
        if (round == 1) {
            /* The place is kept although the row is gone. */
            a0_record gone = fixture_record(A0_RECORD_ACCOUNT_TOKEN, after, "");

            assert_true(fixture_commit(fixture, A0_STORE_ERASE, 0, &gone, NOW));
        }
    }
    assert_int_equal(seen, 24);
}

static void
find_follows_what_an_update_changes(void **state)
{
    store_fixture *fixture = *state;
    A0_AUTO(seen_rows) before = SEEN_ROWS_INIT;
    A0_AUTO(seen_rows) after = SEEN_ROWS_INIT;
    a0_record record = fixture_record(A0_RECORD_SESSION, "k", "");
    a0_error *err = NULL;

    record.sid = "one";
    assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &record, NOW));
    record.sid = "two";
    record.expires_at = NOW + 1;
    assert_true(fixture_commit(fixture, A0_STORE_UPDATE, 1, &record, NOW));
    assert_ok(fixture->table->find(fixture->self, A0_RECORD_SESSION, A0_INDEX_SID,
                                   "one", NOW, 10, seen_rows_sink, &before, &err),
              err);
    assert_int_equal(before.len, 0);
    assert_ok(fixture->table->find(fixture->self, A0_RECORD_SESSION, A0_INDEX_SID,
                                   "two", NOW, 10, seen_rows_sink, &after, &err),
              err);
    assert_int_equal(after.len, 1);
    assert_ok(fixture->table->find(fixture->self, A0_RECORD_SESSION, A0_INDEX_SID,
                                   "two", NOW + 1, 10, seen_rows_sink, &after, &err),
              err);
    assert_int_equal(after.len, 1);
}

static a0_status
refusing_sink(void *self, const a0_record *record, a0_error **err)
{
    (void)record;
    ++*(int *)self;
    return a0__fail(err, A0_E_session_too_large);
}

static void
error_of_a_sink_comes_back_and_ends_the_reading(void **state)
{
    store_fixture *fixture = *state;
    a0_error *err = NULL;
    int calls = 0;

    for (int i = 0; i < 2; i++) {
        a0_record record = fixture_record(A0_RECORD_SESSION, i == 0 ? "a" : "b", "");

        record.user_id = "auth0|1";
        assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &record, NOW));
    }
    assert_fails(fixture->table->find(fixture->self, A0_RECORD_SESSION,
                                      A0_INDEX_USER_ID, "auth0|1", NOW, 10,
                                      refusing_sink, &calls, &err),
                 &err, session_too_large);
    assert_int_equal(calls, 1);
    assert_fails(fixture->table->get(fixture->self, A0_RECORD_SESSION, "a", NOW,
                                     refusing_sink, &calls, &err),
                 &err, session_too_large);
    /* The store is free again. */
    assert_true(fixture_get(fixture, A0_RECORD_SESSION, "a", NOW, NULL));
}

static void
sweep_takes_the_expired_in_batches(void **state)
{
    store_fixture *fixture = *state;
    size_t removed = 0;
    a0_error *err = NULL;

    for (char letter = 'a'; letter <= 'e'; letter++) {
        a0_record record =
            fixture_record(A0_RECORD_MARK, (const char[]){ letter, '\0' }, "");

        record.expires_at = letter == 'e' ? 0 : NOW + letter - 'a';
        assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &record, NOW - 9));
    }
    assert_ok(fixture->table->sweep(fixture->self, NOW + 2, 2, (a0_record_kind)0, 0,
                                    &removed, &err),
              err);
    assert_int_equal(removed, 2);
    assert_ok(fixture->table->sweep(fixture->self, NOW + 2, 2, (a0_record_kind)0, 0,
                                    &removed, &err),
              err);
    assert_int_equal(removed, 1);
    assert_true(fixture_get(fixture, A0_RECORD_MARK, "d", NOW, NULL));
    assert_true(fixture_get(fixture, A0_RECORD_MARK, "e", NOW, NULL));
    /* Gone, not merely expired. */
    assert_false(fixture_get(fixture, A0_RECORD_MARK, "a", 0, NULL));
}

static void
sweep_takes_the_oldest_beyond_the_cap_of_one_kind(void **state)
{
    store_fixture *fixture = *state;
    size_t removed = 0;
    a0_error *err = NULL;

    for (char letter = 'a'; letter <= 'e'; letter++) {
        const char key[] = { letter, '\0' };
        a0_record record = fixture_record(A0_RECORD_TRANSACTION, key, "");

        record.created_at = 2000 - letter;
        assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &record, NOW));
        record.kind = A0_RECORD_SESSION;
        assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &record, NOW));
    }
    assert_ok(fixture->table->sweep(fixture->self, NOW, 100, A0_RECORD_TRANSACTION, 3,
                                    &removed, &err),
              err);
    assert_int_equal(removed, 2);
    assert_false(fixture_get(fixture, A0_RECORD_TRANSACTION, "e", NOW, NULL));
    assert_false(fixture_get(fixture, A0_RECORD_TRANSACTION, "d", NOW, NULL));
    assert_true(fixture_get(fixture, A0_RECORD_TRANSACTION, "c", NOW, NULL));
    assert_true(fixture_get(fixture, A0_RECORD_SESSION, "e", NOW, NULL));
    assert_ok(fixture->table->sweep(fixture->self, NOW, 1, A0_RECORD_TRANSACTION, 0,
                                    &removed, &err),
              err);
    assert_int_equal(removed, 1);
}

enum {
    THREADS = 4,
    INCREMENTS = 50
};

/* Adds one to a number in a row by compare-and-set, until it succeeds. */
static void *
increment(void *argument)
{
    store_fixture *fixture = argument;

    for (int done = 0; done < INCREMENTS;) {
        A0_AUTO(seen_rows) seen = SEEN_ROWS_INIT;
        A0_AUTO(a0__buf) next = A0__BUF_INIT(32);
        uint64_t value = 0;
        a0_record record = fixture_record(A0_RECORD_SESSION, "counter", "");

        assert_true(fixture_get(fixture, A0_RECORD_SESSION, "counter", NOW, &seen));
        assert_true(a0__parse_u64(a0__buf_view(&seen.data), UINT64_MAX, &value));
        a0__buf_u64(&next, value + 1);
        record.data = next.ptr;
        record.data_len = next.len;
        done += fixture_commit(fixture, A0_STORE_UPDATE, seen.version, &record, NOW);
    }
    return NULL;
}

static void
threads_on_one_store_lose_no_update(void **state)
{
    A0_AUTO(seen_rows) seen = SEEN_ROWS_INIT;
    a0_record record = fixture_record(A0_RECORD_SESSION, "counter", "0");
    pthread_t threads[THREADS];

    assert_true(fixture_commit(*state, A0_STORE_INSERT, 0, &record, NOW));
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, increment, *state), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_true(fixture_get(*state, A0_RECORD_SESSION, "counter", NOW, &seen));
    assert_text(a0__buf_view(&seen.data), "200");
    assert_int_equal(seen.version, 201);
}

/* The n-th allocation fails: the call fails or not, but nothing is half done. */
static void
commit_without_memory_changes_nothing(void **state)
{
    store_fixture *fixture = *state;
    a0_record first = fixture_record(A0_RECORD_SESSION, "first", "1");
    a0_record second = fixture_record(A0_RECORD_SESSION, "second", "1");
    a0_store_op ops[] = { { .type = A0_STORE_INSERT, .record = &first },
                          { .type = A0_STORE_INSERT, .record = &second } };
    a0_status status = A0_NO_MEMORY;

    for (uint64_t n = 1; status != A0_OK; n++) {
        bool applied = false;

        assert_true(n < 20);
        a0__mem_fail_at(n, 0);
        status = fixture->table->commit(fixture->self, ops, 2, NOW, &applied, NULL);
        a0__mem_fail_at(0, 0);
        assert_int_equal(fixture_get(fixture, A0_RECORD_SESSION, "first", NOW, NULL),
                         status == A0_OK);
        assert_int_equal(fixture_get(fixture, A0_RECORD_SESSION, "second", NOW, NULL),
                         status == A0_OK);
    }
}

#define ON_EVERY_STORE(name)                                                           \
    { #name " (memory)", name, fixture_memory, fixture_teardown, NULL },               \
    {                                                                                  \
#name " (sqlite)", name, fixture_sqlite, fixture_teardown, NULL                \
    }

int
main(void)
{
    const struct CMUnitTest tests[] = {
        ON_EVERY_STORE(inserted_row_reads_back_whole),
        ON_EVERY_STORE(row_without_data_has_a_length_of_zero),
        ON_EVERY_STORE(kinds_are_apart),
        ON_EVERY_STORE(insert_of_a_live_key_changes_nothing),
        ON_EVERY_STORE(expired_row_is_absent_and_its_key_free),
        ON_EVERY_STORE(update_needs_the_version_and_raises_it),
        ON_EVERY_STORE(delete_needs_the_version_and_erase_needs_nothing),
        ON_EVERY_STORE(commit_applies_all_ops_or_none),
        ON_EVERY_STORE(find_gives_the_oldest_first_and_no_more_than_asked),
        ON_EVERY_STORE(find_goes_through_all_rows_of_a_kind),
        ON_EVERY_STORE(find_follows_what_an_update_changes),
        ON_EVERY_STORE(error_of_a_sink_comes_back_and_ends_the_reading),
        ON_EVERY_STORE(sweep_takes_the_expired_in_batches),
        ON_EVERY_STORE(sweep_takes_the_oldest_beyond_the_cap_of_one_kind),
        ON_EVERY_STORE(threads_on_one_store_lose_no_update),
        ON_EVERY_STORE(commit_without_memory_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
