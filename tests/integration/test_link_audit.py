# SPDX-License-Identifier: MIT
"""a0 link audit: accounts that share an address, looked at, printed, and linked."""

import contextlib
import csv
import io
import json
import os
import pty
import re
import subprocess
import time

import pytest
from conftest import PROGRAM, plain_environment

ANA = "auth0|a1a1a1a1a1a1a1a1a1a1a1a1"
ANA_GOOGLE = "google-oauth2|100000000000000000001"
CONNECTIONS = ["google-oauth2", "Username-Password-Authentication"]


@pytest.fixture
def audit(tenant, tmp_path):
    config = tmp_path / "a0.json"
    config.write_text(json.dumps({
        "auth0_domain": tenant.url, "client_id": "demo-m2m", "client_secret": "demo-m2m-secret",
        "connections_for_account_linking": CONNECTIONS, "secret": os.urandom(32).hex(),
        "database": str(tmp_path / "a0.sqlite")}))

    def run(*arguments, stderr=subprocess.PIPE):
        return subprocess.run(
            [PROGRAM, "link", "audit", "--config", config, *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, text=True,
            timeout=60, env=plain_environment())
    return run


@pytest.fixture
def many(tenant):
    """More people than fit one page; two of them have two accounts."""
    people = [{"user_id": f"auth0|{i:024x}", "email": f"person-{i}@example.test",
               "email_verified": True, "password": "local-password",
               "created_at": f"2026-01-01T00:{i // 60:02d}:{i % 60:02d}.000Z"}
              for i in range(230)]
    people += [{"user_id": f"google-oauth2|7{i:09d}", "connection": "google-oauth2",
                "email": f"Person-{i}@example.test", "email_verified": i == 7,
                "created_at": "2026-02-01T00:00:00.000Z"} for i in (7, 8)]
    for begin in range(0, len(people), 50):
        tenant.control("users", people[begin:begin + 50])


def groups_of(done):
    return {group["email"]: group for group in json.loads(done.stdout)["groups"]}


def listings(tenant):
    return len(tenant.requests("/api/v2/users"))


def test_accounts_that_share_an_address_are_put_into_drawers(audit, many):
    done = audit()
    answer = json.loads(done.stdout)
    groups = groups_of(done)

    assert done.returncode == 0
    assert done.stderr == ""  # no bar where nobody looks
    assert answer["users"] >= 232
    assert groups["ana@example.test"]["class"] == "safe"
    assert {account["user_id"] for account in groups["ana@example.test"]["accounts"]} == \
        {ANA, ANA_GOOGLE}
    assert groups["person-7@example.test"]["class"] == "safe"
    assert groups["person-8@example.test"]["class"] == "suspicious"
    assert "person-9@example.test" not in groups
    assert answer["safe"] == sum(group["class"] == "safe" for group in groups.values())
    assert answer["suspicious"] == 1


def test_table_for_a_spreadsheet(audit, tenant):
    tenant.control("users", [
        {"user_id": "auth0|" + "e" * 24, "email": "=1+1@example.test", "email_verified": True,
         "password": "local-password"},
        {"user_id": "google-oauth2|55", "connection": "google-oauth2",
         "email": "=1+1@example.test", "email_verified": True}])
    done = audit("--csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout, newline="")))

    assert done.returncode == 0
    assert {row["user_id"]: row["outcome"] for row in rows if row["email"] == "ana@example.test"} \
        == {ANA: "pending", ANA_GOOGLE: "link"}
    assert "'=1+1@example.test" in {row["email"] for row in rows}


def test_audit_that_was_cut_off_goes_on(audit, many, tenant, tmp_path):
    work = tmp_path / "work"
    assert audit("--work", work).returncode == 0
    whole = json.loads(audit("--work", work).stdout)
    tenant.control("faults", {"name": "search.status", "value": 400})
    cut = audit("--work", tmp_path / "other")
    assert cut.returncode == 1
    assert "goes on from here" in cut.stderr
    assert cut.stdout == ""
    again = json.loads(audit("--work", tmp_path / "other").stdout)

    assert {group["email"] for group in again["groups"]} == \
        {group["email"] for group in whole["groups"]}
    before = listings(tenant)
    assert json.loads(audit("--work", tmp_path / "other").stdout)["groups"]
    assert listings(tenant) == before  # it was finished
    assert oct(work.stat().st_mode & 0o777) == "0o700"


def test_cut_in_the_middle_lists_nobody_twice(audit, many, tenant, tmp_path):
    tenant.control("faults", {"name": "user_get.status", "value": 400})
    assert audit("--work", tmp_path / "work").returncode == 1
    listed = listings(tenant)
    done = audit("--work", tmp_path / "work")

    assert done.returncode == 0
    assert listings(tenant) == listed
    emails = [group["email"] for group in json.loads(done.stdout)["groups"]]
    assert len(emails) == len(set(emails)) == 3


def test_linking_wants_a_finished_audit_and_a_yes(audit, tmp_path):
    assert audit("--apply", "--yes").returncode == 2
    assert audit("--apply", "--work", tmp_path / "work").returncode == 2
    done = audit("--apply", "--yes", "--work", tmp_path / "work")
    assert done.returncode == 2
    assert "look first" in done.stderr


def test_safe_ones_are_linked_and_no_others(audit, many, tenant, tmp_path):
    assert audit("--work", tmp_path / "work").returncode == 0
    done = audit("--work", tmp_path / "work", "--apply", "--yes", "--rate", "600")

    assert done.returncode == 0
    assert json.loads(done.stdout) == {"linked": 2, "left_apart": 0, "failed": 0}
    users = {user["user_id"]: user for user in tenant.control("users")}
    assert ANA_GOOGLE not in users
    assert len(users[ANA]["identities"]) == 2
    assert "google-oauth2|7000000008" in users
    again = audit("--work", tmp_path / "work", "--apply", "--yes", "--rate", "600")
    assert (again.returncode, again.stderr) == (0, "")  # as after one that was cut off
    assert json.loads(again.stdout) == {"linked": 0, "left_apart": 2, "failed": 0}


def test_a_tenant_in_trouble_is_not_asked_faster(audit, many, tenant, tmp_path):
    assert audit("--work", tmp_path / "work").returncode == 0
    tenant.control("faults", {"name": "user_get.status", "value": 403, "times": 0})
    began = time.monotonic()
    done = audit("--work", tmp_path / "work", "--apply", "--yes", "--rate", "60")

    assert done.returncode == 1
    assert json.loads(done.stdout) == {"linked": 0, "left_apart": 0, "failed": 2}
    assert time.monotonic() - began >= 2


def test_a_user_that_nothing_can_be_made_of_stops_nobody(audit, many, tenant, tmp_path):
    """An id that no sign-in may have, as of a company's directory."""
    tenant.control("users", {"user_id": "google-oauth2|\u00fcn\u00ef", "connection": "google-oauth2",
                             "email": "ana@example.test", "email_verified": True})
    done = audit("--work", tmp_path / "work")

    assert done.returncode == 0
    assert "1 users were left out" in done.stderr
    assert json.loads(done.stdout)["unreadable"] == 1
    assert groups_of(done)["ana@example.test"]["class"] == "safe"


def test_folder_of_another_tenant_is_refused(audit, tmp_path):
    assert audit("--work", tmp_path / "work").returncode == 0
    state = tmp_path / "work" / "state"
    state.write_text(state.read_text().replace("localhost", "elsewhere"))
    done = audit("--work", tmp_path / "work")

    assert done.returncode == 2
    assert "another tenant" in done.stderr


def test_folder_that_is_none_is_refused(audit, tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "state").write_text("not ours")
    assert audit("--work", tmp_path / "work").returncode == 2
    assert audit("--work", tmp_path / "a" / "b").returncode == 2


@pytest.fixture
def seen(audit):
    """What a person sees on the terminal."""
    def run(*arguments):
        terminal, end = pty.openpty()
        done = audit(*arguments, stderr=end)
        os.close(end)
        shown = ""
        with contextlib.suppress(OSError):  # the end of a terminal
            while True:
                shown += os.read(terminal, 65536).decode()
        os.close(terminal)
        assert done.returncode == 0
        return shown
    return run


def test_bar_on_a_terminal(seen, many, tmp_path):
    shown = seen("--work", tmp_path / "work")
    assert re.search(r"\r\[#+ +\] 100 of \d+ users ", shown)
    assert "256 of 256 parts looked at" in shown
    shown = seen("--work", tmp_path / "work", "--apply", "--yes", "--rate", "600")
    assert re.search(r"\r\[#+ +\] 1 of 2 addresses ", shown)
    assert "2 of 2 addresses" in shown


@pytest.mark.parametrize("arguments", [["more"], ["--nothing"], ["--csv=x"], ["--rate", "0"],
                                       ["--rate", "x"]])
def test_fault_of_usage_exits_2(audit, tenant, arguments):
    assert audit(*arguments).returncode == 2
    assert tenant.control("requests") == []
