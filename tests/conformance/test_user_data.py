# SPDX-License-Identifier: MIT
"""Row STOR-12 from a shell: a0 user export and erase beside a running gateway."""

import json
import subprocess

import pytest
from conftest import PROGRAM, plain_environment
from visitors import PERSON as ANA
from visitors import Visitor


@pytest.fixture
def kept(gateway, tenant):
    """Somebody signed in at a gateway; `a0 user` on its configuration."""
    visitor = Visitor(gateway, tenant)
    visitor.sign_in()

    def run(*arguments):
        return subprocess.run(
            [PROGRAM, "user", "--config", gateway.config, *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30,
            env=plain_environment())

    run.visitor = visitor
    return run


def test_stor_12_export_shows_that_there_are_sessions_and_no_token(kept):
    done = kept("export", ANA)
    answer = json.loads(done.stdout)

    assert done.returncode == 0
    assert answer["user_id"] == ANA
    assert len(answer["sessions"]) == 1
    assert len(answer["refresh_tokens"]) == 1
    assert set(answer["refresh_tokens"][0]) == {"created_at", "expires_at"}
    for value in kept.visitor.cookies.values():
        assert value not in done.stdout


def test_stor_12_erase_signs_out_and_revokes(kept, tenant, gateway):
    done = kept("erase", ANA, "--yes")
    answer = json.loads(done.stdout)

    assert done.returncode == 0
    assert (answer["sessions"], answer["refresh_tokens"]) == (1, 1)
    assert answer["tokens_are_revoked"] is True
    assert len(tenant.requests("/oauth/revoke")) == 1
    assert kept.visitor.go("/auth/verify").status == 401
    assert subprocess.run([PROGRAM, "store", "--config", gateway.config, "compact"],
                          env=plain_environment(), capture_output=True, timeout=30).returncode == 0
    for file in gateway.config.parent.glob("a0.sqlite*"):
        assert ANA.encode() not in file.read_bytes()


def test_erase_wants_a_yes(kept):
    done = kept("erase", ANA)

    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert kept.visitor.go("/auth/verify").status == 200


def test_export_of_a_stranger_is_empty(kept):
    answer = json.loads(kept("export", "auth0|nobody").stdout)

    assert all(rows == [] for name, rows in answer.items() if name != "user_id")


def test_export_without_the_secret_of_the_gateway_exits_2():
    done = subprocess.run([PROGRAM, "user", "export", ANA], capture_output=True, text=True,
                          env=plain_environment() | {"A0_CLIENT_ID": "x"}, timeout=30)

    assert done.returncode == 2
    assert "secret" in done.stderr


@pytest.mark.parametrize("arguments", [["export"], ["export", "../x y"], ["erase", "--yes"],
                                       ["erase", "a", "b", "--yes"], ["export", ANA, "--no"]])
def test_fault_of_usage_of_what_is_kept_exits_2(kept, arguments):
    assert kept(*arguments).returncode == 2
