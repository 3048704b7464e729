"""Django's database as a store: the cases of tests/unit/test_store.c, and what is Django's
alone: transactions of the caller."""

pytest_plugins = ("django_project",)

import threading  # noqa: E402
import unittest  # noqa: E402

import django_project  # noqa: E402, F401  (sets Django up)
import pytest  # noqa: E402
from auth0_oauth_client import store as store_module  # noqa: E402
from auth0_oauth_client.store import (  # noqa: E402
    ABSENT, AFTER_KEY, DELETE, ERASE, INSERT, REQUIRE, UPDATE, DjangoStore, InTheWay, _own_connection,
    close_own_connections,
)
from auth0_oauth_client.models import SealedRow  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.db import OperationalError, connections, transaction  # noqa: E402
from django.test import TestCase  # noqa: E402

NOW = 5000
SESSION, TRANSACTION, LOCK, MARK, JOURNAL = 1, 2, 5, 6, 9
OWNER, USER_ID, SID = 1, 2, 3


def row(key, data=b"x", created_at=1000, expires_at=0, owner="", user_id="", sid=""):
    return (key, 0, created_at, expires_at, owner, user_id, sid, data)


@pytest.fixture
def store(database):
    return DjangoStore()


def commit(store, op, version, kind, record, now=NOW):
    return store.commit([(op, version, kind, record)], now)


def keys(rows):
    return [found[0] for found in rows]


def test_an_inserted_row_reads_back_whole(store):
    record = row("k", b"a\0b\xff", 4000, 6000, "browser", "auth0|1", "sid")
    assert commit(store, INSERT, 0, SESSION, record)
    assert store.get(SESSION, "k", NOW) == ("k", 1, *record[2:])


def test_a_row_without_data_has_a_length_of_zero(store):
    assert commit(store, INSERT, 0, LOCK, row("k", b""))
    assert store.get(LOCK, "k", NOW)[-1] == b""


def test_kinds_are_apart(store):
    assert commit(store, INSERT, 0, SESSION, row("k"))
    assert store.get(TRANSACTION, "k", NOW) is None
    assert commit(store, INSERT, 0, TRANSACTION, row("k"))


def test_an_insert_of_a_live_key_changes_nothing(store):
    assert commit(store, INSERT, 0, LOCK, row("k", b"first"))
    assert not commit(store, INSERT, 0, LOCK, row("k", b"second"))
    assert store.get(LOCK, "k", NOW)[-1] == b"first"


def test_an_expired_row_is_absent_and_its_key_free(store):
    assert commit(store, INSERT, 0, LOCK, row("k", b"first", expires_at=NOW), NOW - 1)
    assert commit(store, UPDATE, 1, LOCK, row("k", b"first", expires_at=NOW), NOW - 1)
    assert store.get(LOCK, "k", NOW - 1)
    assert store.get(LOCK, "k", NOW) is None
    for op in (UPDATE, DELETE, REQUIRE):
        assert not commit(store, op, 0, LOCK, row("k"))
    assert commit(store, ABSENT, 0, LOCK, row("k"))
    assert commit(store, INSERT, 0, LOCK, row("k", b"second"))
    assert store.get(LOCK, "k", NOW)[1] == 1
    assert store.get(LOCK, "k", NOW)[-1] == b"second"


def test_an_update_needs_the_version_and_raises_it(store):
    assert not commit(store, UPDATE, 0, SESSION, row("k"))
    assert commit(store, INSERT, 0, SESSION, row("k", b"1"))
    assert not commit(store, UPDATE, 2, SESSION, row("k", b"2"))
    assert commit(store, UPDATE, 1, SESSION, row("k", b"2", user_id="auth0|2", created_at=1))
    assert not commit(store, UPDATE, 1, SESSION, row("k", b"3"))
    assert commit(store, UPDATE, 0, SESSION, row("k", b"2", user_id="auth0|2", created_at=1))
    found = store.get(SESSION, "k", NOW)
    assert (found[1], found[2], found[5], found[7]) == (3, 1, "auth0|2", b"2")


def test_a_delete_needs_the_version_and_an_erase_needs_nothing(store):
    assert commit(store, ERASE, 0, SESSION, row("k"))
    assert not commit(store, DELETE, 0, SESSION, row("k"))
    assert commit(store, INSERT, 0, SESSION, row("k"))
    assert not commit(store, DELETE, 2, SESSION, row("k"))
    assert commit(store, DELETE, 1, SESSION, row("k"))
    assert commit(store, INSERT, 0, SESSION, row("k"))
    assert commit(store, ERASE, 0, SESSION, row("k"))
    assert store.get(SESSION, "k", NOW) is None


def test_a_commit_applies_all_ops_or_none(store):
    ops = [
        (ERASE, 0, SESSION, row("old")),
        (UPDATE, 1, SESSION, row("kept", b"2")),
        (INSERT, 0, SESSION, row("new")),
        (UPDATE, 1, SESSION, row("new")),
        (REQUIRE, 1, LOCK, row("lock")),
    ]
    assert commit(store, INSERT, 0, SESSION, row("old"))
    assert commit(store, INSERT, 0, SESSION, row("kept", b"1"))
    assert not store.commit(ops, NOW)
    assert store.get(SESSION, "old", NOW)
    assert store.get(SESSION, "new", NOW) is None
    assert store.get(SESSION, "kept", NOW)[1] == 1
    assert commit(store, INSERT, 0, LOCK, row("lock"))
    assert store.commit(ops, NOW)
    assert store.get(SESSION, "old", NOW) is None
    assert store.get(SESSION, "new", NOW)[1] == 2


def test_an_erasure_and_an_insertion_are_one_change(store):
    assert commit(store, INSERT, 0, MARK, row("k", b"1"))
    assert commit(store, UPDATE, 1, MARK, row("k", b"2"))
    for data in (b"3", b"4"):
        assert store.commit([(ERASE, 0, MARK, row("k")), (INSERT, 0, MARK, row("k", data))], NOW)
        assert store.get(MARK, "k", NOW)[1] == 1
        assert store.get(MARK, "k", NOW)[-1] == data


def test_find_gives_the_oldest_first_and_no_more_than_asked(store):
    for key, created_at in (("c", 10), ("b", 30), ("d", 20), ("a", 20)):
        assert commit(store, INSERT, 0, TRANSACTION, row(key, created_at=created_at, owner="browser"))
    assert keys(store.find(TRANSACTION, OWNER, "browser", NOW, 10)) == ["c", "a", "d", "b"]
    assert keys(store.find(TRANSACTION, OWNER, "browser", NOW, 2)) == ["c", "a"]
    assert store.find(SESSION, OWNER, "browser", NOW, 10) == []
    assert store.find(TRANSACTION, USER_ID, "browser", NOW, 10) == []
    assert store.find(TRANSACTION, SID, "", NOW, 10) == []


def test_find_goes_through_all_rows_of_a_kind(store):
    for number in range(12):
        assert commit(store, INSERT, 0, LOCK, row(f"k{number}", expires_at=NOW if number == 7 else 0))
        assert commit(store, INSERT, 0, MARK, row(f"k{number}"))
    seen, after = [], ""
    while found := keys(store.find(LOCK, AFTER_KEY, after, NOW, 5)):
        seen, after = seen + found, found[-1]
        commit(store, ERASE, 0, LOCK, row(after))  # the place is kept
    assert sorted(seen) == sorted(f"k{number}" for number in range(12) if number != 7)


def test_find_follows_what_an_update_changes(store):
    assert commit(store, INSERT, 0, SESSION, row("k", sid="one"))
    assert commit(store, UPDATE, 1, SESSION, row("k", sid="two", expires_at=NOW + 1))
    assert store.find(SESSION, SID, "one", NOW, 10) == []
    assert keys(store.find(SESSION, SID, "two", NOW, 10)) == ["k"]
    assert store.find(SESSION, SID, "two", NOW + 1, 10) == []


def test_a_sweep_takes_the_expired_in_batches(store):
    for i, key in enumerate("abcd"):
        assert commit(store, INSERT, 0, MARK, row(key, expires_at=NOW + i), NOW - 9)
    assert commit(store, INSERT, 0, MARK, row("e"), NOW - 9)
    assert store.sweep(NOW + 2, 2, 0, 0) == 2
    assert store.sweep(NOW + 2, 2, 0, 0) == 1
    assert store.get(MARK, "d", NOW) and store.get(MARK, "e", NOW)
    assert store.get(MARK, "a", 0) is None


def test_a_sweep_takes_the_oldest_beyond_the_cap_of_one_kind(store):
    for i, key in enumerate("abcde"):
        assert commit(store, INSERT, 0, TRANSACTION, row(key, created_at=2000 - i))
        assert commit(store, INSERT, 0, SESSION, row(key, created_at=2000 - i))
    assert store.sweep(NOW, 100, TRANSACTION, 3) == 2
    assert store.get(TRANSACTION, "e", NOW) is None and store.get(TRANSACTION, "d", NOW) is None
    assert store.get(TRANSACTION, "c", NOW) and store.get(SESSION, "e", NOW)
    assert store.sweep(NOW, 1, TRANSACTION, 0) == 1


def test_stor_09_keys_and_users_are_compared_byte_by_byte(store):
    distinct = ["auth0|a", "auth0|A", "auth0|a ", " auth0|a", "auth0|ä", "auth0|a\u0308", "auth0|Ä",
                "auth0|a%", "auth0|_"]
    for user_id in distinct:
        assert commit(store, INSERT, 0, SESSION, row(user_id, user_id=user_id))
    for user_id in distinct:
        assert keys(store.find(SESSION, USER_ID, user_id, NOW, 100)) == [user_id]
        assert store.get(SESSION, user_id, NOW)


def test_stor_11_dates_far_out_do_no_harm(store):
    assert commit(store, INSERT, 0, SESSION, row("late", created_at=2**32, expires_at=2**63 - 1))
    assert store.get(SESSION, "late", 2**40)
    for dead in (-(2**63), -1, 1, NOW - 1, NOW):
        assert commit(store, INSERT, 0, MARK, row("dead", expires_at=dead))
        assert store.get(MARK, "dead", NOW) is None


def in_thread(work):
    """The result of work in a thread with connections of its own."""
    results = []

    def run():
        try:
            results.append(work())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return results[0]


def increment(store, times):
    done = 0
    while done < times:
        found = store.get(SESSION, "counter", NOW)
        number = str(int(found[7]) + 1).encode()
        done += commit(store, UPDATE, found[1], SESSION, row("counter", number))
    connections.close_all()


def test_stor_03_threads_on_one_row_lose_no_update(store):
    assert commit(store, INSERT, 0, SESSION, row("counter", b"0"))
    threads = [threading.Thread(target=increment, args=(store, 10)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.get(SESSION, "counter", NOW)[7] == b"40"


# ---- transactions of the caller ----


class Rolled(Exception):
    pass


def test_a_commit_stays_when_the_callers_transaction_is_rolled_back(store, database):
    with pytest.raises(Rolled), transaction.atomic(using=database):
        assert commit(store, INSERT, 0, LOCK, row("k"))
        if database == "postgresql":
            assert in_thread(lambda: store.get(LOCK, "k", NOW))
        raise Rolled
    assert store.get(LOCK, "k", NOW)


on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@on_postgresql
def test_a_connection_of_our_own_is_none_of_a_pool(store, database, monkeypatch):
    """Callers who all wait for their second would wait for each other."""
    monkeypatch.setitem(connections.settings[database], "OPTIONS", {"pool": True})

    def use():
        own = _own_connection(database)
        with own.cursor() as cursor:
            cursor.execute("SELECT 1")
            found = cursor.fetchone()
        own.close()
        return found

    assert in_thread(use) == (1,)


@on_postgresql
def test_whoever_closes_the_connection_of_django_closes_our_own(store, database):
    """As a test runner does before it drops the database, and whoever is about to fork."""
    with transaction.atomic(using=database):
        assert commit(store, INSERT, 0, LOCK, row("k"))
    own = _own_connection(database)
    assert own.connection is not None
    connections[database].close()
    assert own.connection is None
    assert store.get(LOCK, "k", NOW)


def test_a_commit_stays_after_the_callers_transaction_is_broken(store, database):
    with pytest.raises(Exception), transaction.atomic(using=database):
        with connections[database].cursor() as cursor:
            try:
                cursor.execute("SELECT nonsense FROM nowhere")
            except Exception:
                assert commit(store, INSERT, 0, LOCK, row("k"))
                raise
    assert store.get(LOCK, "k", NOW)


def test_a_caller_who_has_written_is_in_the_way_of_nothing(store, database):
    """On SQLite, where there is one writer, the core's write joins the caller's."""
    with transaction.atomic(using=database):
        assert in_thread(lambda: commit(store, INSERT, 0, MARK, row("before")))
        User.objects.create(username="somebody")
        assert commit(store, INSERT, 0, LOCK, row("k"))
        assert store.get(LOCK, "k", NOW)
        assert commit(store, UPDATE, 1, LOCK, row("k", b"2"))
    assert store.get(LOCK, "k", NOW)[1] == 2


def roll_back(database, work):
    """Runs work in a transaction that has written, and takes it back."""
    with pytest.raises(Rolled), transaction.atomic(using=database):
        User.objects.create(username="somebody")
        work()
        raise Rolled
    assert not User.objects.exists()


def test_what_joined_a_transaction_is_written_again_when_that_is_rolled_back(store, database):
    def work():
        assert commit(store, INSERT, 0, LOCK, row("k"))
        assert commit(store, UPDATE, 1, LOCK, row("k", b"2"))

    roll_back(database, work)
    assert store.get(LOCK, "k", NOW)[1:] == (2, *row("k", b"2")[2:])


def test_what_joined_is_written_again_at_the_end_of_a_request(store, database):
    roll_back(database, lambda: commit(store, INSERT, 0, LOCK, row("k")))
    close_own_connections()
    assert in_thread(lambda: store.get(LOCK, "k", NOW))


def test_what_joined_a_savepoint_is_written_again_when_that_is_rolled_back(store, database):
    with transaction.atomic(using=database):
        User.objects.create(username="somebody")
        assert commit(store, INSERT, 0, LOCK, row("kept"))
        with pytest.raises(Rolled), transaction.atomic(using=database):
            assert commit(store, INSERT, 0, LOCK, row("inner"))
            raise Rolled
    assert store.get(LOCK, "kept", NOW)[1] == 1
    assert store.get(LOCK, "inner", NOW)[1] == 1


def test_what_can_not_be_written_again_is_in_the_way_of_nothing(store, database, monkeypatch):
    roll_back(database, lambda: commit(store, INSERT, 0, LOCK, row("k")))
    for joined in store_module._own.joined:
        monkeypatch.setattr(joined, "work", lambda alias: 1 / 0)
    assert commit(store, INSERT, 0, LOCK, row("j"))
    assert not store_module._own.joined


def test_what_stands_is_not_written_again_after_a_hook_of_the_project_that_raises(store, database):
    """Nothing that ended meanwhile comes back."""

    def hook():
        raise Rolled

    with pytest.raises(Rolled), transaction.atomic(using=database):
        User.objects.create(username="somebody")
        transaction.on_commit(hook, using=database)
        assert commit(store, INSERT, 0, SESSION, row("k"))
    assert User.objects.exists()
    assert in_thread(lambda: commit(store, DELETE, 1, SESSION, row("k")))
    assert store.get(SESSION, "k", NOW) is None


def test_what_joined_does_not_overwrite_what_came_meanwhile(store, database):
    assert commit(store, INSERT, 0, SESSION, row("k", b"1"))
    roll_back(database, lambda: commit(store, UPDATE, 1, SESSION, row("k", b"mine")))
    if database == "default":
        assert in_thread(lambda: commit(store, UPDATE, 1, SESSION, row("k", b"theirs")))
        assert store.get(SESSION, "k", NOW)[7] == b"theirs"
    else:
        assert store.get(SESSION, "k", NOW)[7] == b"mine"


def test_link_15_the_journal_stands_alone_or_is_refused(store, database):
    """On SQLite a transaction is in its way."""
    with pytest.raises(InTheWay if database == "default" else Rolled), transaction.atomic(using=database):
        assert commit(store, INSERT, 0, JOURNAL, row("k"))
        raise Rolled
    assert bool(store.get(JOURNAL, "k", NOW)) == (database == "postgresql")
    assert commit(store, INSERT, 0, JOURNAL, row("other"))


@pytest.fixture
def write_ahead(database):
    """Of SQLite the write-ahead log, where who writes must have read the newest."""

    def journal(mode):
        if database == "default":
            with connections[database].cursor() as cursor:
                cursor.execute(f"PRAGMA journal_mode = {mode}")
                assert cursor.fetchone()[0].upper() == mode

    journal("WAL")
    yield
    journal("DELETE")


def test_a_caller_who_has_read_can_still_write(store, database, write_ahead):
    with transaction.atomic(using=database):
        assert not User.objects.exists()
        assert commit(store, INSERT, 0, LOCK, row("k"))
        User.objects.create(username="somebody")
    assert store.get(LOCK, "k", NOW)


# ---- connections of its own ----


@on_postgresql
def test_a_connection_that_the_server_ended_is_made_anew(store, database):
    with transaction.atomic(using=database):
        assert commit(store, INSERT, 0, LOCK, row("before"))
        with _own_connection(database).cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            ended = cursor.fetchone()
        with connections[database].cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", ended)
        with pytest.raises(DjangoStore.unavailable):
            commit(store, INSERT, 0, LOCK, row("at the end"))
        assert commit(store, INSERT, 0, LOCK, row("after"))


@on_postgresql
def test_nobody_waits_long_for_a_lock_that_the_caller_holds(store, database, monkeypatch):
    monkeypatch.setattr(store_module, "LOCK_WAIT_MS", 100)
    assert commit(store, INSERT, 0, LOCK, row("k"))
    for ops in ([(UPDATE, 1, LOCK, row("k"))], [(ERASE, 0, LOCK, row("x")), (UPDATE, 1, LOCK, row("k"))]):
        with transaction.atomic(using=database):
            SealedRow.objects.filter(key="k").update(sid="of the caller")
            with pytest.raises(OperationalError):
                store.commit(ops, NOW)


@on_postgresql
def test_nothing_is_left_in_a_session_that_a_pooler_gives_to_others(store, database):
    def settings_of_session():
        with _own_connection(database).cursor() as cursor:
            cursor.execute("SELECT name, setting FROM pg_settings WHERE source = 'session' ORDER BY name")
            return dict(cursor.fetchall())

    with transaction.atomic(using=database):
        assert commit(store, INSERT, 0, LOCK, row("k"))
        before = settings_of_session()
        assert commit(store, UPDATE, 1, LOCK, row("k"))
        assert store.commit([(DELETE, 2, LOCK, row("k")), (INSERT, 0, LOCK, row("j"))], NOW)
        assert settings_of_session() == before
        assert "lock_timeout" not in before


def test_a_project_that_commits_by_hand_loses_nothing(store, database, monkeypatch):
    monkeypatch.setitem(connections.settings[database], "AUTOCOMMIT", False)

    def work():
        connections[database].ensure_connection()
        assert commit(store, INSERT, 0, LOCK, row("one"))
        assert store.commit([(INSERT, 0, LOCK, row("two")), (INSERT, 0, LOCK, row("three"))], NOW)
        connections[database].rollback()

    in_thread(lambda: work() or True)
    for key in ("one", "two", "three"):
        assert store.get(LOCK, key, NOW), key


def test_a_testcase_takes_everything_back(store, database):
    class Case(TestCase):
        databases = {database}

        def runTest(self):
            assert commit(store, INSERT, 0, LOCK, row("k"))
            assert store.get(LOCK, "k", NOW)

    result = unittest.TestResult()
    unittest.TestSuite([Case()]).run(result)
    assert result.wasSuccessful(), result.errors + result.failures
    assert store.get(LOCK, "k", NOW) is None
