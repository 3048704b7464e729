# SPDX-License-Identifier: MIT
"""a0 store: a database that was put back from a backup, or from which things were erased."""

import json
import os
import sqlite3
import subprocess
from contextlib import closing

import pytest

from conftest import PROGRAM, plain_environment


def store(database, *arguments):
    return subprocess.run(
        [PROGRAM, "store", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        env=plain_environment() | {"A0_DATABASE": str(database)},
    )


def kinds(database):
    with closing(sqlite3.connect(database)) as connection:
        return [row[0] for row in connection.execute("SELECT kind FROM record ORDER BY kind")]


@pytest.fixture
def database(tmp_path):
    """A database with a row of each kind, made by the program itself."""
    path = tmp_path / "a0.sqlite"
    path.touch(mode=0o600)
    assert store(path, "mark-restored").returncode == 0
    with closing(sqlite3.connect(path)) as connection, connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(record)")]
        for kind in range(1, 10):
            values = {name: "" for name in columns} | {
                "id": kind, "kind": kind, "key": f"k{kind}", "version": 1,
                "created_at": 1, "expires_at": 0, "data": b"x"}
            connection.execute(
                f"INSERT INTO record ({', '.join(columns)}) "
                f"VALUES ({', '.join('?' * len(columns))})", [values[name] for name in columns])
    return path


def test_stor_07_restored_database_keeps_what_was_connected_and_linked(database):
    done = store(database, "mark-restored")

    assert done.returncode == 0
    assert json.loads(done.stdout) == {"database": "restored"}
    assert kinds(database) == [4, 7, 8, 9]


def test_stor_12_compacting_leaves_nothing_of_what_was_erased(database):
    canary = b"canary-of-an-erased-row" * 1000
    for change in ("UPDATE record SET data = ? WHERE kind = 4",
                   "DELETE FROM record WHERE kind = 4 AND data = ?"):
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("PRAGMA secure_delete = OFF")
            connection.execute(change, [canary])
    assert canary[:23] in database.read_bytes()
    done = store(database, "compact")

    assert done.returncode == 0
    assert json.loads(done.stdout) == {"database": "compacted"}
    assert kinds(database) == [1, 2, 3, 5, 6, 7, 8, 9]
    for file in database.parent.glob("a0.sqlite*"):
        assert canary[:23] not in file.read_bytes()


def test_a_name_with_a_slip_makes_no_database(tmp_path):
    done = store(tmp_path / "slip.sqlite", "mark-restored")

    assert done.returncode == 2
    assert "slip.sqlite" in done.stderr
    assert os.listdir(tmp_path) == []


def test_what_is_no_database_is_refused(tmp_path):
    path = tmp_path / "a0.sqlite"
    path.write_text("not a database, " * 100)
    path.chmod(0o600)

    assert store(path, "mark-restored").returncode in (1, 2)
    assert path.read_text().startswith("not a database")


@pytest.mark.parametrize("arguments", [[], ["erase"], ["mark-restored", "x"]])
def test_fault_of_usage_exits_2(tmp_path, arguments):
    assert store(tmp_path / "a0.sqlite", *arguments).returncode == 2
