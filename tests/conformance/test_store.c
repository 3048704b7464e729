/* SPDX-License-Identifier: MIT */
/* Rows STOR-01 to 12, as far as they concern the store itself. */
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "recording_log.h"
#include "session/sealing.h"
#include "store_fixture.h"
#include "support.h"
#include "test_random.h"

#define NOW INT64_C(5000)
#define CANARY "canary-refresh-token-4711"

static void
run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Opens the path a second time; A0_OK stores are closed at once. */
static a0_status
try_open(const char *path, a0_error **err)
{
    const a0_store *table = NULL;
    void *self = NULL;

    A0_TRY(a0_store_sqlite_open(path, &table, &self, err));
    table->destroy(self);
    return A0_OK;
}

static void
close_store(store_fixture *fixture)
{
    fixture->table->destroy(fixture->self);
}

static void
reopen_store(store_fixture *fixture)
{
    a0_error *err = NULL;

    assert_ok(
        a0_store_sqlite_open(fixture->path, &fixture->table, &fixture->self, &err),
        err);
}

/* Writes pairs of rows until it is killed; says so after the first. */
static _Noreturn void
write_pairs(const store_fixture *fixture, int ready)
{
    const a0_store *table = NULL;
    void *self = NULL;
    bool applied = false;

    if (a0_store_sqlite_open(fixture->path, &table, &self, NULL) != A0_OK) {
        _exit(1);
    }
    for (unsigned i = 0;; i++) {
        char key[16];
        a0_record session = fixture_record(A0_RECORD_SESSION, key, "s");
        a0_record token = fixture_record(A0_RECORD_REFRESH_TOKEN, key, "t");
        a0_store_op ops[] = { { .type = A0_STORE_INSERT, .record = &session },
                              { .type = A0_STORE_INSERT, .record = &token } };

        (void)snprintf(key, sizeof key, "%u", i);
        session.user_id = "auth0|1";
        token.user_id = "auth0|1";
        if (table->commit(self, ops, 2, NOW, &applied, NULL) != A0_OK || !applied) {
            _exit(1);
        }
        if (write(ready, &i, sizeof i) != sizeof i) {
            _exit(1);
        }
    }
}

static size_t
count_rows(store_fixture *fixture, a0_record_kind kind)
{
    A0_AUTO(seen_rows) seen = SEEN_ROWS_INIT;
    a0_error *err = NULL;

    assert_ok(fixture->table->find(fixture->self, kind, A0_INDEX_USER_ID, "auth0|1",
                                   NOW, SIZE_MAX / 2, seen_rows_sink, &seen, &err),
              err);
    return seen.len;
}

static void
stor_01_killed_writer_leaves_whole_commits_only(void **state)
{
    store_fixture *fixture = *state;

    for (unsigned round = 1; round <= 5; round++) {
        int ready[2] = { -1, -1 };
        unsigned seen = 0;
        pid_t child = 0;
        size_t before = count_rows(fixture, A0_RECORD_SESSION);

        assert_int_equal(pipe(ready), 0);
        child = fork();
        if (child == 0) {
            (void)close(ready[0]);
            write_pairs(fixture, ready[1]);
        }
        (void)close(ready[1]);
        for (unsigned i = 0; i < round; i++) {
            assert_int_equal(read(ready[0], &seen, sizeof seen), sizeof seen);
        }
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        (void)close(ready[0]);
        assert_int_equal(before, 0);
        /* What the child was told is there, and nothing is half there. */
        assert_true(count_rows(fixture, A0_RECORD_SESSION) >= round);
        assert_int_equal(count_rows(fixture, A0_RECORD_SESSION),
                         count_rows(fixture, A0_RECORD_REFRESH_TOKEN));
        close_store(fixture);
        run_sql(fixture->path, "DELETE FROM record");
        reopen_store(fixture);
    }
}

/* The file may not grow: what a full disk is to a process. */
static void
stor_02_full_disk_fails_the_commit_and_heals_by_itself(void **state)
{
    store_fixture *fixture = *state;
    A0_AUTO(seen_rows) seen = SEEN_ROWS_INIT;
    static const char large[200000];
    a0_record old = fixture_record(A0_RECORD_SESSION, "old", "kept");
    a0_record small = fixture_record(A0_RECORD_LOCK, "small", "x");
    a0_record big = fixture_record(A0_RECORD_SESSION, "big", "");
    a0_store_op ops[] = {
        { .type = A0_STORE_INSERT, .record = &small },
        { .type = A0_STORE_ERASE, .record = &old },
        { .type = A0_STORE_INSERT, .record = &big },
    };
    struct rlimit unlimited = { 0 };
    struct rlimit limit = { 0 };
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    bool applied = false;
    a0_error *err = NULL;

    big.data = large;
    big.data_len = sizeof large;
    assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &old, NOW));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
    limit = unlimited;
    limit.rlim_cur = 100000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    a0_status status =
        fixture->table->commit(fixture->self, ops, 3, NOW, &applied, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
    assert_fails(status, &err, store_write_failed);
    assert_true(fixture_get(fixture, A0_RECORD_SESSION, "old", NOW, &seen));
    assert_text(a0__buf_view(&seen.data), "kept");
    assert_false(fixture_get(fixture, A0_RECORD_LOCK, "small", NOW, NULL));
    assert_false(fixture_get(fixture, A0_RECORD_SESSION, "big", NOW, NULL));
    assert_ok(fixture->table->commit(fixture->self, ops, 3, NOW, &applied, &err), err);
    assert_true(applied);
    (void)signal(SIGXFSZ, handler);
}

static void
stor_03_locked_database_is_unavailable_and_reads_go_on(void **state)
{
    store_fixture *fixture = *state;
    a0_record record = fixture_record(A0_RECORD_SESSION, "k", "x");
    a0_store_op op = { .type = A0_STORE_UPDATE, .record = &record };
    sqlite3 *other = NULL;
    bool applied = true;
    a0_error *err = NULL;

    assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &record, NOW));
    assert_int_equal(sqlite3_open(fixture->path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_fails(fixture->table->commit(fixture->self, &op, 1, NOW, &applied, &err),
                 &err, store_unavailable);
    assert_true(fixture_get(fixture, A0_RECORD_SESSION, "k", NOW, NULL));
    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    assert_true(fixture_commit(fixture, A0_STORE_UPDATE, 1, &record, NOW));
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
}

/* A database that cannot be read is no signed-out session. */
static void
stor_03_unreadable_database_is_an_error_not_an_absence(void **state)
{
    store_fixture *fixture = *state;
    A0_AUTO(seen_rows) seen = SEEN_ROWS_INIT;
    a0_error *err = NULL;

    run_sql(fixture->path, "DROP TABLE record");
    assert_fails(fixture->table->get(fixture->self, A0_RECORD_SESSION, "k", NOW,
                                     seen_rows_sink, &seen, &err),
                 &err, store_read_failed);
}

static a0__keyring *
new_keyring(test_random *random)
{
    a0__keyring *keyring = NULL;
    a0_error *err = NULL;

    assert_ok(a0__keyring_new(&(a0__keyring_config){ .random = &test_random_table,
                                                     .random_self = random },
                              &keyring, &err),
              err);
    return keyring;
}

static bool
any_file_has_canary(const store_fixture *fixture, const char *canary)
{
    static const char *const besides[] = { "", "-wal", "-shm" };
    bool found = false;

    for (size_t i = 0; i < sizeof besides / sizeof besides[0]; i++) {
        A0_AUTO(a0__buf) path = A0__BUF_INIT(PATH_MAX);

        a0__buf_string(&path, fixture->path);
        a0__buf_string(&path, besides[i]);
        found = found || support_file_has_canary(a0__buf_cstr(&path), canary);
    }
    return found;
}

static void
stor_04_sealed_canary_stands_in_no_file_of_the_database(void **state)
{
    store_fixture *fixture = *state;
    test_random random = TEST_RANDOM_INIT;
    a0__keyring *keyring = new_keyring(&random);
    A0_AUTO(a0__buf) sealed = A0__BUF_INIT(1024);
    a0_record record = fixture_record(A0_RECORD_REFRESH_TOKEN, "k", "");
    a0_error *err = NULL;

    record.version = 1;
    assert_ok(a0__seal(keyring,
                       &(a0__seal_place){ .purpose = A0__SEAL_REFRESH_TOKEN,
                                          .tenant = "https://a.example/",
                                          .record = &record },
                       A0__LIT(CANARY), &sealed, &err),
              err);
    record.data = sealed.ptr;
    record.data_len = sealed.len;
    assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &record, NOW));
    assert_false(any_file_has_canary(fixture, CANARY));
    /* The search does find what is not sealed. */
    record = fixture_record(A0_RECORD_REFRESH_TOKEN, "plain", CANARY);
    assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &record, NOW));
    assert_true(any_file_has_canary(fixture, CANARY));
    a0__keyring_free(keyring);
}

static void
stor_07_restored_database_revives_nothing(void **state)
{
    store_fixture *fixture = *state;
    static const a0_record_kind ended[] = { A0_RECORD_SESSION, A0_RECORD_TRANSACTION,
                                            A0_RECORD_REFRESH_TOKEN, A0_RECORD_LOCK,
                                            A0_RECORD_MARK };
    a0_record token = fixture_record(A0_RECORD_ACCOUNT_TOKEN, "auth0|1", "x");
    a0_error *err = NULL;

    assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &token, NOW));
    for (size_t i = 0; i < sizeof ended / sizeof ended[0]; i++) {
        a0_record record = fixture_record(ended[i], "k", "x");

        assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &record, NOW));
    }
    close_store(fixture);
    assert_ok(a0_store_sqlite_mark_restored(fixture->path, &err), err);
    reopen_store(fixture);
    for (size_t i = 0; i < sizeof ended / sizeof ended[0]; i++) {
        assert_false(fixture_get(fixture, ended[i], "k", NOW, NULL));
    }
    assert_true(fixture_get(fixture, A0_RECORD_ACCOUNT_TOKEN, "auth0|1", NOW, NULL));
}

static void
stor_08_newer_schema_and_foreign_database_are_refused(void **state)
{
    store_fixture *fixture = *state;
    A0_AUTO(a0__buf) foreign = A0__BUF_INIT(PATH_MAX);
    a0_error *err = NULL;

    close_store(fixture);
    run_sql(fixture->path, "PRAGMA user_version = 99");
    assert_fails(try_open(fixture->path, &err), &err, store_invalid);
    run_sql(fixture->path, "PRAGMA user_version = 1");

    a0__buf_format(&foreign, "%.200s/foreign.db", fixture->folder);
    run_sql(a0__buf_cstr(&foreign), "CREATE TABLE theirs (x)");
    assert_int_equal(chmod(a0__buf_cstr(&foreign), 0600), 0);
    assert_fails(try_open(a0__buf_cstr(&foreign), &err), &err, store_invalid);
    reopen_store(fixture);
}

/* An interrupted migration has left nothing: what there is, is version 0. */
static void
stor_08_interrupted_migration_is_made_again(void **state)
{
    store_fixture *fixture = *state;
    struct rlimit unlimited = { 0 };
    struct rlimit limit = { 0 };
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    a0_error *err = NULL;

    close_store(fixture);
    assert_int_equal(unlink(fixture->path), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
    limit = unlimited;
    for (rlim_t bytes = 4096; bytes < 60000; bytes += 8192) {
        limit.rlim_cur = bytes;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        a0_status status = try_open(fixture->path, &err);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
        if (status == A0_OK) {
            break;
        }
        assert_true(a0__error_is(err, A0_E_store_write_failed) ||
                    a0__error_is(err, A0_E_store_read_failed));
        a0_error_free(err);
        err = NULL;
    }
    (void)signal(SIGXFSZ, handler);
    reopen_store(fixture);
    a0_record record = fixture_record(A0_RECORD_SESSION, "k", "x");
    assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &record, NOW));
}

static void
stor_09_keys_and_users_are_compared_byte_by_byte(void **state)
{
    static const char *const distinct[] = {
        "auth0|a",         "auth0|A",        "auth0|a ", " auth0|a", "auth0|\xc3\xa4",
        "auth0|a\xcc\x88", "auth0|\xc3\x84", "auth0|a%", "auth0|_"
    };
    store_fixture *fixture = *state;
    size_t len = sizeof distinct / sizeof distinct[0];
    a0_error *err = NULL;

    for (size_t i = 0; i < len; i++) {
        a0_record record = fixture_record(A0_RECORD_SESSION, distinct[i], "x");

        record.user_id = distinct[i];
        assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &record, NOW));
    }
    for (size_t i = 0; i < len; i++) {
        A0_AUTO(seen_rows) seen = SEEN_ROWS_INIT;

        assert_ok(fixture->table->find(fixture->self, A0_RECORD_SESSION,
                                       A0_INDEX_USER_ID, distinct[i], NOW, 100,
                                       seen_rows_sink, &seen, &err),
                  err);
        assert_text(a0__buf_view(&seen.keys), distinct[i]);
    }
}

static void
stor_09_text_that_is_too_long_is_refused_not_cut(void **state)
{
    store_fixture *fixture = *state;
    char text[A0_RECORD_KEY_MAX + 2] = "";
    a0_record good = fixture_record(A0_RECORD_SESSION, text, "x");
    bool applied = false;
    a0_error *err = NULL;

    memset(text, 'k', sizeof text);
    text[A0_RECORD_KEY_MAX] = '\0';
    assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &good, NOW));
    assert_true(fixture_get(fixture, A0_RECORD_SESSION, text, NOW, NULL));
    text[A0_RECORD_KEY_MAX] = 'k';
    text[A0_RECORD_KEY_MAX + 1] = '\0';
    for (int column = 0; column < 5; column++) {
        a0_record record = fixture_record(A0_RECORD_SESSION, "ok", "x");
        a0_store_op op = { .type = A0_STORE_INSERT, .record = &record };

        record.key = column == 0 ? text : column == 1 ? "" : "ok";
        record.owner = column == 2 ? text : "";
        record.user_id = column == 3 ? text : "";
        record.sid = column == 4 ? text : "";
        assert_fails(fixture->table->commit(fixture->self, &op, 1, NOW, &applied, &err),
                     &err, param_invalid);
    }
    assert_fails(fixture->table->get(fixture->self, A0_RECORD_SESSION, text, NOW,
                                     seen_rows_sink, NULL, &err),
                 &err, param_invalid);
}

static void
stor_10_files_are_private_whatever_the_umask(void **state)
{
    static const char *const besides[] = { "", "-wal", "-shm" };
    store_fixture *fixture = *state;
    mode_t before = umask(0);
    a0_record record = fixture_record(A0_RECORD_SESSION, "k", "x");

    close_store(fixture);
    (void)unlink(fixture->path);
    reopen_store(fixture);
    (void)umask(before);
    assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &record, NOW));
    for (size_t i = 0; i < sizeof besides / sizeof besides[0]; i++) {
        A0_AUTO(a0__buf) path = A0__BUF_INIT(PATH_MAX);
        struct stat facts = { 0 };

        a0__buf_string(&path, fixture->path);
        a0__buf_string(&path, besides[i]);
        assert_int_equal(stat(a0__buf_cstr(&path), &facts), 0);
        assert_int_equal(facts.st_mode & 07777, 0600);
    }
}

static void
stor_10_planted_files_are_refused(void **state)
{
    store_fixture *fixture = *state;
    A0_AUTO(a0__buf) planted = A0__BUF_INIT(PATH_MAX);
    const char *path = NULL;
    a0_error *err = NULL;

    close_store(fixture);
    a0__buf_format(&planted, "%.200s/planted.db", fixture->folder);
    path = a0__buf_cstr(&planted);

    assert_int_equal(symlink(fixture->path, path), 0);
    assert_fails(try_open(path, &err), &err, store_invalid);
    assert_int_equal(unlink(path), 0);

    assert_int_equal(mkfifo(path, 0600), 0);
    assert_fails(try_open(path, &err), &err, store_invalid);
    assert_int_equal(unlink(path), 0);

    assert_int_equal(link(fixture->path, path), 0);
    assert_fails(try_open(path, &err), &err, store_invalid);
    assert_int_equal(unlink(path), 0);

    assert_int_equal(mkdir(path, 0700), 0);
    assert_fails(try_open(path, &err), &err, store_invalid);
    assert_int_equal(rmdir(path), 0);

    assert_int_equal(chmod(fixture->path, 0640), 0);
    assert_fails(try_open(fixture->path, &err), &err, store_invalid);
    assert_int_equal(chmod(fixture->path, 0600), 0);

    assert_int_equal(chmod(fixture->folder, 0777), 0);
    assert_fails(try_open(fixture->path, &err), &err, store_invalid);
    assert_int_equal(chmod(fixture->folder, 0700), 0);
    reopen_store(fixture);
}

static void
stor_11_dates_far_out_and_clocks_set_back_do_no_harm(void **state)
{
    store_fixture *fixture = *state;
    static const int64_t dead[] = { INT64_MIN, -1, 1, NOW - 1, NOW };
    size_t removed = 0;
    a0_error *err = NULL;
    a0_record late = fixture_record(A0_RECORD_SESSION, "late", "x");

    late.created_at = INT64_C(4294967296);
    late.expires_at = INT64_MAX;
    assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &late, NOW));
    assert_true(
        fixture_get(fixture, A0_RECORD_SESSION, "late", INT64_C(1) << 40, NULL));
    for (size_t i = 0; i < sizeof dead / sizeof dead[0]; i++) {
        a0_record record = fixture_record(A0_RECORD_MARK, "dead", "x");

        record.expires_at = dead[i];
        assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &record, NOW));
        assert_false(fixture_get(fixture, A0_RECORD_MARK, "dead", NOW, NULL));
    }
    /* A clock a day behind removes nothing that is alive for it. */
    assert_ok(fixture->table->sweep(fixture->self, NOW - 86400, 100, (a0_record_kind)0,
                                    0, &removed, &err),
              err);
    assert_int_equal(removed, 0);
    assert_ok(fixture->table->sweep(fixture->self, NOW, 100, (a0_record_kind)0, 0,
                                    &removed, &err),
              err);
    assert_int_equal(removed, 1);
    assert_true(fixture_get(fixture, A0_RECORD_SESSION, "late", NOW, NULL));
}

static void
stor_12_erased_rows_leave_the_files_after_a_sweep(void **state)
{
    store_fixture *fixture = *state;
    a0_record record = fixture_record(A0_RECORD_SESSION, "k", CANARY);
    a0_record other = fixture_record(A0_RECORD_SESSION, "other", "x");
    size_t removed = 0;
    a0_error *err = NULL;

    record.user_id = "auth0|canary-user";
    assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &record, NOW));
    assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &other, NOW));
    assert_true(fixture_commit(fixture, A0_STORE_ERASE, 0, &record, NOW));
    assert_ok(fixture->table->sweep(fixture->self, NOW, 100, (a0_record_kind)0, 0,
                                    &removed, &err),
              err);
    assert_false(any_file_has_canary(fixture, CANARY));
    assert_false(any_file_has_canary(fixture, "auth0|canary-user"));
}

enum {
    PROCESSES = 4,
    INCREMENTS = 25
};

/* How many descriptors of this process are open on files of the database. */
static int
inherited_descriptors(const store_fixture *fixture)
{
    int found = 0;

    for (int fd = 0; fd < 256; fd++) {
        char link[64];
        char target[PATH_MAX] = "";

        (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        found += readlink(link, target, sizeof target - 1) > 0 &&
                 strncmp(target, fixture->path, strlen(fixture->path)) == 0;
    }
    return found;
}

static _Noreturn void
increment(store_fixture *fixture)
{
    if (inherited_descriptors(fixture) != 0) {
        _exit(2);
    }
    for (int done = 0; done < INCREMENTS;) {
        A0_AUTO(seen_rows) seen = SEEN_ROWS_INIT;
        A0_AUTO(a0__buf) next = A0__BUF_INIT(32);
        uint64_t value = 0;
        a0_record record = fixture_record(A0_RECORD_SESSION, "counter", "");

        if (!fixture_get(fixture, A0_RECORD_SESSION, "counter", NOW, &seen) ||
            !a0__parse_u64(a0__buf_view(&seen.data), UINT64_MAX, &value)) {
            _exit(1);
        }
        a0__buf_u64(&next, value + 1);
        record.data = next.ptr;
        record.data_len = next.len;
        done += fixture_commit(fixture, A0_STORE_UPDATE, seen.version, &record, NOW);
    }
    _exit(0);
}

/* The store was open, and used, before the fork: the children start their own
 * connections. */
static void
stor_03_processes_on_one_row_lose_no_update(void **state)
{
    store_fixture *fixture = *state;
    A0_AUTO(seen_rows) seen = SEEN_ROWS_INIT;
    a0_record record = fixture_record(A0_RECORD_SESSION, "counter", "0");
    pid_t children[PROCESSES];

    assert_true(fixture_commit(fixture, A0_STORE_INSERT, 0, &record, NOW));
    for (size_t i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            increment(fixture);
        }
    }
    for (size_t i = 0; i < PROCESSES; i++) {
        int status = 0;

        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_true(fixture_get(fixture, A0_RECORD_SESSION, "counter", NOW, &seen));
    assert_text(a0__buf_view(&seen.data), "100");
}

#define ROW(name)                                                                      \
    cmocka_unit_test_setup_teardown(name, fixture_sqlite, fixture_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(stor_01_killed_writer_leaves_whole_commits_only),
        ROW(stor_02_full_disk_fails_the_commit_and_heals_by_itself),
        ROW(stor_03_locked_database_is_unavailable_and_reads_go_on),
        ROW(stor_03_unreadable_database_is_an_error_not_an_absence),
        ROW(stor_03_processes_on_one_row_lose_no_update),
        ROW(stor_04_sealed_canary_stands_in_no_file_of_the_database),
        ROW(stor_07_restored_database_revives_nothing),
        ROW(stor_08_newer_schema_and_foreign_database_are_refused),
        ROW(stor_08_interrupted_migration_is_made_again),
        ROW(stor_09_keys_and_users_are_compared_byte_by_byte),
        ROW(stor_09_text_that_is_too_long_is_refused_not_cut),
        ROW(stor_10_files_are_private_whatever_the_umask),
        ROW(stor_10_planted_files_are_refused),
        ROW(stor_11_dates_far_out_and_clocks_set_back_do_no_harm),
        ROW(stor_12_erased_rows_leave_the_files_after_a_sweep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
