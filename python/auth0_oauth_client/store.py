"""Django's database as the store of the core (include/a0/sys/store.h).

Every condition of a change stands in the statement that makes the change. What the core
commits stays, whatever becomes of the caller's transaction: inside one it is written on
a connection of its own. SQLite has one writer, and whoever has read before another wrote
can not become it, so there the core's writes join the caller's transaction, and are made
again when that is rolled back; the journal of linking, which must be there before Auth0
is asked, does not join but refuses. Exceptions from all this are the tests of Django's
TestCase and a database in memory.
"""

import contextlib
import logging
import os
import threading

from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connections, router, transaction

from .tables import sealed_rows, table_of

INSERT, UPDATE, DELETE, REQUIRE, ABSENT, ERASE, PUT = range(1, 8)
AFTER_KEY = 4  # of the indexes: all rows of a kind
LINK_JOURNAL = 9

# How long a write waits for another one's lock, in milliseconds.
LOCK_WAIT_MS = 3000

logger = logging.getLogger("auth0_oauth_client")


# ---- connections ----


class _Own(threading.local):
    """This thread's own connections, by alias, and what could not be written on them."""

    def __init__(self):
        self.connections = {}
        self.joins = False
        self.joined = []


_own = _Own()
_left_behind = []


def _after_fork():
    """A child must not speak on its parent's connections, nor close them."""
    _left_behind.append(dict(_own.connections))
    _own.connections.clear()
    _own.joined.clear()


os.register_at_fork(after_in_child=_after_fork)


def close_own_connections():
    """Closes this thread's own connections that are broken or past CONN_MAX_AGE."""
    _write_again()
    for connection in _own.connections.values():
        connection.close_if_unusable_or_obsolete()


def _is_for_tests(connection):
    """Whether a TestCase of Django has wrapped everything into a transaction."""
    return any(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)


def _is_shared(connection):
    """Whether the core may write on the caller's connection."""
    if _own.joins or (not connection.in_atomic_block and connection.get_autocommit()):
        return True
    in_memory = connection.vendor == "sqlite" and connection.is_in_memory_db()
    return in_memory or _is_for_tests(connection)


def _own_connection(alias):
    own = _own.connections.get(alias)
    if own is None:
        own = _own.connections[alias] = connections.create_connection(alias)
        # Of a pool, whoever waits for a second connection keeps the first from those who wait too.
        options = {name: value for name, value in own.settings_dict["OPTIONS"].items() if name != "pool"}
        # Its commits are the store's, whatever the project does with its own.
        own.settings_dict = own.settings_dict | {"AUTOCOMMIT": True, "OPTIONS": options}
        _close_together(connections[alias])
    elif own.errors_occurred:
        own.close_if_unusable_or_obsolete()
    if own.connection is None:
        own.connect()
        if own.vendor == "sqlite":
            with own.cursor() as cursor:
                cursor.execute(f"PRAGMA busy_timeout = {LOCK_WAIT_MS}")
    return own


def _close_together(callers):
    """Whoever closes the thread's connection of Django means the database: a test runner that is
    about to drop it, a thread at its end, a process that will fork."""
    close = callers.close

    def close_both():
        own = _own.connections.get(callers.alias)  # of a forked child, none of its parent's
        if own is not None:
            own.close()
        close()

    callers.close = close_both


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


def _run(work, is_commit=False, stands_alone=False):
    """The result of ``work(alias)``, on a connection whose commits the caller can not undo."""
    _write_again()
    alias = router.db_for_write(sealed_rows().model)
    callers = connections[alias]
    if _is_shared(callers):
        return work(alias)
    if callers.vendor == "sqlite" and callers.in_atomic_block and not callers.needs_rollback:
        return _join(work, alias, is_commit, stands_alone)
    with _on_own_connection(alias):
        return work(alias)


# ---- SQLite: in a transaction of the caller ----


class InTheWay(Exception):
    """The journal can not be committed before the caller's transaction ends."""

    error_id = "link_in_transaction"  # what the core is told


class _Joined:
    """A commit that the caller's transaction has taken in."""

    def __init__(self, work, alias):
        self.work, self.alias = work, alias
        self.block = connections[alias].atomic_blocks[0]
        self.stands = False

    @property
    def is_over(self):
        return self.block not in connections[self.alias].atomic_blocks

    def confirm(self):
        self.stands = True


def _join(work, alias, is_commit, stands_alone):
    if stands_alone:
        raise InTheWay
    result = work(alias)
    if is_commit:
        joined = _Joined(work, alias)
        _own.joined.append(joined)
        _first_on_commit(joined.confirm, connections[alias])
    return result


def _first_on_commit(work, connection):
    """A hook of the project that raises keeps those behind it from being called."""
    connection.on_commit(work)
    connection.run_on_commit.insert(0, connection.run_on_commit.pop())


def _write_again():
    """Makes the commits again that were rolled back with the caller's transaction; one whose
    condition does not hold any more was overtaken. What is busy waits for the next call."""
    while _own.joined and _own.joined[0].is_over:
        joined = _own.joined[0]
        if not joined.stands:
            try:
                with _on_own_connection(joined.alias):
                    joined.work(joined.alias)
            except (_NotApplied, IntegrityError):
                pass
            except DjangoStore.unavailable:
                return
            except Exception:  # which the next call would meet again, and every one after it
                logger.exception("what a transaction took back could not be written again")
        _own.joined.pop(0)


class _NotApplied(Exception):
    """A condition did not hold; the transaction rolls back."""


@contextlib.contextmanager
def _all_or_none(connection, cursor, changes):
    """A transaction, or a part of the one that is open; one change is a transaction itself.
    Nothing but the store runs meanwhile, which needs no account kept as atomic() keeps it.

    Of a lock that the caller's transaction holds nobody lets go. The wait for it is set for
    the transaction alone: behind a pooler the session is the next client's too."""
    if connection.in_atomic_block:
        with transaction.atomic(using=connection.alias):
            yield
        return
    waits_for_caller = connection is _own.connections.get(connection.alias)
    limits_wait = waits_for_caller and connection.vendor == "postgresql"
    if len(changes) == 1 and changes[0][0] != ABSENT and not limits_wait:
        yield
        return
    cursor.execute("BEGIN")
    try:
        if limits_wait:
            cursor.execute(f"SET LOCAL lock_timeout = {LOCK_WAIT_MS}")
        yield
        cursor.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(DatabaseError):
            cursor.execute("ROLLBACK")
        raise


class DjangoStore:
    """The port. Any thread; each has connections of its own."""

    unavailable = (OperationalError, InterfaceError)

    def get(self, kind, key, now):
        """The live row of that key, or None."""
        table = table_of(kind)
        rows = _rows(table, table.get, {"kind": kind, "key": key, "now": now})
        return rows[0] if rows else None

    def find(self, kind, index, value, now, limit):
        """Live rows with that value in an index, oldest first; or those after a key."""
        table = table_of(kind)
        if index == AFTER_KEY:
            statement = table.find(f'"{table.key}" > %(value)s', table.key)
        elif value and index in table.indexes:
            statement = table.find(table.with_index(index), table.created, table.key)
        else:
            return []
        return _rows(table, statement, {"kind": kind, "value": value, "now": now, "limit": limit})

    def commit(self, ops, now):
        """All ops or none; False when a condition did not hold."""

        def write(alias):
            connection = connections[alias]
            changes = _with_puts(ops)
            with connection.cursor() as cursor, _all_or_none(connection, cursor, changes):
                for op, expected_version, kind, row in changes:
                    change = _Change(connection, cursor, kind, row, expected_version, now)
                    if not _APPLY[op](change):
                        raise _NotApplied

        stands_alone = any(kind == LINK_JOURNAL for _, _, kind, _ in ops)
        try:
            _run(write, is_commit=True, stands_alone=stands_alone)
        except (_NotApplied, IntegrityError):
            return False
        return True

    def sweep(self, now, limit, cap_kind, cap):
        """Removes expired rows, and of one kind the oldest beyond a number of them."""
        table = sealed_rows()
        known = {"kind": cap_kind, "now": now}

        def write(alias):
            connection = connections[alias]
            removed = _remove(connection, table, table.dead, "expires_at", known, limit)
            if not cap_kind:
                return removed
            capped = f"{table.of_kind} AND {table.live}"
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT COUNT(*) FROM {table.table} WHERE {capped}", known)
                excess = min(cursor.fetchone()[0] - cap, limit - removed)
            return removed + _remove(connection, table, capped, "created_at", known, max(excess, 0))

        return _run(write)


def _rows(table, statement, known):
    """The rows that a statement reads."""

    def read(alias):
        connection = connections[alias]
        with connection.cursor() as cursor:
            cursor.execute(statement, known)
            return [table.row(values, connection) for values in cursor.fetchall()]

    return _run(read)


def _remove(connection, table, condition, order, known, limit):
    """Deletes the first rows of which a condition holds; how many."""
    chosen = f'SELECT "id" FROM {table.table} WHERE {condition} ORDER BY "{order}", "key" LIMIT %(limit)s'
    with connection.cursor() as cursor:
        cursor.execute(table.delete(f'"id" IN ({chosen})'), known | {"limit": limit})
        return cursor.rowcount


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


# ---- ops: whether the condition held ----


class _Change:
    """An op on its way into the database."""

    def __init__(self, connection, cursor, kind, row, expected_version, now):
        self.connection, self.cursor, self.table = connection, cursor, table_of(kind)
        self.kind, self.row = kind, row
        self.known = {"kind": kind, "key": row[0], "expected": expected_version, "now": now}

    @property
    def values(self):
        return self.table.values(self.kind, self.row, self.connection)

    def run(self, statement, values=()):
        """How many rows it changed."""
        self.cursor.execute(statement, self.known | dict(values))
        return self.cursor.rowcount


def _insert(change):
    """An expired row is in the way of nothing."""
    table = change.table
    values = table.made(change.values, change.connection)
    insert = table.insert(values)
    if change.run(insert, values) == 1:
        return True
    dead = change.run(table.delete(f"{table.of_key} AND {table.dead}"))
    return dead == 1 and change.run(insert, values) == 1


def _update(change):
    table, values = change.table, change.values
    condition = f"{table.of_live_key} AND {table.at_version}"
    return change.run(table.update(values, '"version" + 1', condition), values) == 1


def _delete(change):
    table = change.table
    return change.run(table.delete(f"{table.of_live_key} AND {table.at_version}")) == 1


def _require(change):
    """A write that changes nothing keeps the row as it is until the commit."""
    table = change.table
    condition = f"{table.of_live_key} AND {table.at_version}"
    return change.run(table.update((), '"version"', condition)) == 1


def _absent(change):
    """A row that was put there and taken away keeps others out until the commit."""
    table = change.table
    if table is not sealed_rows():
        return change.run(table.update((), '"version"', table.of_live_key)) == 0
    return _insert(change) and _erase(change)


def _erase(change):
    change.run(change.table.delete(change.table.of_key))
    return True


def _put(change):
    table, values = change.table, change.values
    return change.run(table.update(values, 1, table.of_key), values) == 1 or _insert(change)


_APPLY = {
    INSERT: _insert,
    UPDATE: _update,
    DELETE: _delete,
    REQUIRE: _require,
    ABSENT: _absent,
    ERASE: _erase,
    PUT: _put,
}
