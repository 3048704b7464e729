"""Django's database as the store of the core (include/a0/sys/store.h).

Every condition of a change stands in the statement that makes the change. What the core
commits stays, whatever becomes of the caller's transaction: inside one it is written on
a connection of its own. Exceptions are the tests of Django's TestCase, a database in
memory, and a transaction on SQLite that has begun to write and so keeps every other
connection out: there the core's writes join the caller's.
"""

import contextlib
import os
import threading

from django.db import IntegrityError, InterfaceError, OperationalError, connections, router, transaction
from django.db.models import F, Q

from .tables import sealed_rows, table_of

INSERT, UPDATE, DELETE, REQUIRE, ABSENT, ERASE, PUT = range(1, 8)
AFTER_KEY = 4  # of the indexes: all rows of a kind

# How long a write waits for another one's lock, in milliseconds.
LOCK_WAIT_MS = 3000
# The same on SQLite, where the one in the way may well be the caller's own transaction.
SQLITE_WAIT_MS = 200


# ---- connections ----


class _Own(threading.local):
    """This thread's own connections, by alias."""

    def __init__(self):
        self.connections = {}
        self.joins = False


_own = _Own()
_left_behind = []


def _after_fork():
    """A child must not speak on its parent's connections, nor close them."""
    _left_behind.append(dict(_own.connections))
    _own.connections.clear()


os.register_at_fork(after_in_child=_after_fork)


def close_own_connections():
    """Closes this thread's own connections that are broken or past CONN_MAX_AGE."""
    for connection in _own.connections.values():
        connection.close_if_unusable_or_obsolete()


def _is_for_tests(connection):
    """Whether a TestCase of Django has wrapped everything into a transaction."""
    return any(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)


def _has_joined(connection):
    """Whether an earlier write of this transaction had to join it."""
    blocks = connection.atomic_blocks
    return bool(blocks) and getattr(connection, "_auth0_joined", None) is blocks[0]


def _is_shared(connection):
    """Whether the core may write on the caller's connection."""
    if _own.joins:
        return True
    if not connection.in_atomic_block:
        return connection.get_autocommit()
    in_memory = connection.vendor == "sqlite" and connection.is_in_memory_db()
    return in_memory or _is_for_tests(connection) or _has_joined(connection)


def _own_connection(alias):
    own = _own.connections.get(alias)
    if own is None:
        own = _own.connections[alias] = connections.create_connection(alias)
    if own.connection is None:
        own.connect()
        with own.cursor() as cursor:
            if own.vendor == "sqlite":
                cursor.execute(f"PRAGMA busy_timeout = {SQLITE_WAIT_MS}")
            elif own.vendor == "postgresql":
                cursor.execute(f"SET lock_timeout = {LOCK_WAIT_MS}")
    return own


@contextlib.contextmanager
def _on_own_connection(alias):
    """Puts this thread's own connection in the place of the caller's. The registry of
    connections is the thread's too, and nothing else of the thread runs meanwhile."""
    callers = connections[alias]
    connections[alias] = _own_connection(alias)
    try:
        yield
    finally:
        connections[alias] = callers


@contextlib.contextmanager
def in_callers_transaction():
    """What the core writes meanwhile belongs to the caller's transaction, if there is one."""
    before, _own.joins = _own.joins, True
    try:
        yield
    finally:
        _own.joins = before


def _run(work):
    """The result of ``work(alias)``, on a connection whose commits the caller can not undo."""
    alias = router.db_for_write(sealed_rows().model)
    callers = connections[alias]
    if _is_shared(callers):
        return work(alias)
    try:
        with _on_own_connection(alias):
            return work(alias)
    except OperationalError:
        if callers.vendor != "sqlite" or not callers.in_atomic_block:
            raise
    callers._auth0_joined = callers.atomic_blocks[0]
    return work(alias)


class _NotApplied(Exception):
    """A condition did not hold; the transaction rolls back."""


class DjangoStore:
    """The port. Any thread; each has connections of its own."""

    unavailable = (OperationalError, InterfaceError)

    def get(self, kind, key, now):
        """The live row of that key, or None."""
        table = table_of(kind)

        def read(alias):
            found = table.model.objects.using(alias).filter(table.of_key(kind, key), table.live(now))
            return list(found.values_list(*table.columns)[:1])

        found = _run(read)
        return table.row(found[0]) if found else None

    def find(self, kind, index, value, now, limit):
        """Live rows with that value in an index, oldest first; or those after a key."""
        table = table_of(kind)
        if index == AFTER_KEY:
            wanted, order = Q(**{f"{table.key}__gt": value}), [table.key]
        elif value and index in table.indexes:
            wanted, order = table.with_index(index, value), [table.created, table.key]
        else:
            return []

        def read(alias):
            found = table.model.objects.using(alias).filter(table.of_kind(kind), table.live(now), wanted)
            return list(found.order_by(*order).values_list(*table.columns)[:limit])

        return [table.row(values) for values in _run(read)]

    def commit(self, ops, now):
        """All ops or none; False when a condition did not hold."""

        def write(alias):
            with transaction.atomic(using=alias):
                for op, expected_version, kind, row in _with_puts(ops):
                    if not _APPLY[op](table_of(kind), alias, kind, row, expected_version, now):
                        raise _NotApplied

        try:
            _run(write)
        except (_NotApplied, IntegrityError):
            return False
        return True

    def sweep(self, now, limit, cap_kind, cap):
        """Removes expired rows, and of one kind the oldest beyond a number of them."""
        table = sealed_rows()

        def write(alias):
            rows = table.model.objects.using(alias)
            removed = _remove(rows.filter(table.dead(now)).order_by("expires_at"), limit)
            if cap_kind:
                living = rows.filter(table.of_kind(cap_kind), table.live(now))
                excess = min(living.count() - cap, limit - removed)
                removed += _remove(living.order_by("created_at", "key"), max(excess, 0))
            return removed

        return _run(write)


def _with_puts(ops):
    """An erasure that an insertion of the same key follows is one change of the row, so that
    a row of a table that projects see keeps its id."""
    merged = []
    for op, version, kind, row in ops:
        before = merged[-1] if merged else None
        if op == INSERT and before and before[0] == ERASE and before[2] == kind and before[3][0] == row[0]:
            merged[-1] = (PUT, 0, kind, row)
        else:
            merged.append((op, version, kind, row))
    return merged


def _remove(found, limit):
    """Deletes the first rows of a query; how many."""
    ids = list(found.values_list("pk", flat=True)[:limit])
    return found.model.objects.using(found.db).filter(pk__in=ids).delete()[0] if ids else 0


# ---- ops: whether the condition held ----


def _of_key(table, alias, kind, row):
    return table.model.objects.using(alias).filter(table.of_key(kind, row[0]))


def _live(table, alias, kind, row, version, now):
    """The live row of that key and version (0: any)."""
    found = _of_key(table, alias, kind, row).filter(table.live(now))
    return found.filter(version=version) if version else found


def _insert(table, alias, kind, row, version, now):
    """A key that is taken is an IntegrityError, which ends the commit."""
    dead = table.dead(now)
    if dead is not None:
        _of_key(table, alias, kind, row).filter(dead)._raw_delete(alias)
    values = table.made(table.values(kind, row))
    table.model.objects.using(alias).create(**values, version=1)
    return True


def _update(table, alias, kind, row, version, now):
    found = _live(table, alias, kind, row, version, now)
    return found.update(**table.values(kind, row), version=F("version") + 1) == 1


def _delete(table, alias, kind, row, version, now):
    return _live(table, alias, kind, row, version, now)._raw_delete(alias) == 1


def _require(table, alias, kind, row, version, now):
    """A write that changes nothing keeps the row as it is until the commit."""
    return _live(table, alias, kind, row, version, now).update(version=F("version")) == 1


def _absent(table, alias, kind, row, version, now):
    """A row that was put there and taken away keeps others out until the commit."""
    if table is not sealed_rows():
        return not _live(table, alias, kind, row, version, now).exists()
    _insert(table, alias, kind, row, version, now)
    return _erase(table, alias, kind, row, version, now)


def _erase(table, alias, kind, row, version, now):
    _of_key(table, alias, kind, row)._raw_delete(alias)
    return True


def _put(table, alias, kind, row, version, now):
    if _of_key(table, alias, kind, row).update(**table.values(kind, row), version=1) == 1:
        return True
    return _insert(table, alias, kind, row, version, now)


_APPLY = {
    INSERT: _insert,
    UPDATE: _update,
    DELETE: _delete,
    REQUIRE: _require,
    ABSENT: _absent,
    ERASE: _erase,
    PUT: _put,
}
