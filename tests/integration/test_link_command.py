# SPDX-License-Identifier: MIT
"""a0 link list, undo and repair on the database of a gateway."""

import json
import os
import subprocess

import pytest
from conftest import PROGRAM, plain_environment

ANA = "auth0|a1a1a1a1a1a1a1a1a1a1a1a1"


@pytest.fixture
def link(tenant, tmp_path):
    config = tmp_path / "a0.json"
    config.write_text(json.dumps({
        "auth0_domain": tenant.url, "client_id": "demo-m2m", "client_secret": "demo-m2m-secret",
        "connections_for_account_linking": ["google-oauth2", "Username-Password-Authentication"],
        "secret": os.urandom(32).hex(), "database": str(tmp_path / "a0.sqlite")}))

    def run(*arguments, **settings):
        return subprocess.run(
            [PROGRAM, "link", "--config", config, *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
            env=plain_environment() | {f"A0_{name.upper()}": value
                                       for name, value in settings.items()})
    return run


def test_nothing_is_linked_is_an_empty_list(link):
    done = link("list")

    assert done.returncode == 0
    assert json.loads(done.stdout)["links"] == []


def test_undo_of_what_is_not_linked_is_an_error(link):
    done = link("undo", ANA, "google-oauth2", "1", "--yes")

    assert done.returncode == 1
    assert done.stdout == ""


def test_repair_with_nothing_to_do(link):
    done = link("repair")

    assert done.returncode == 0
    assert json.loads(done.stdout) == {"repaired": 0, "left": 0}


def test_configuration_is_exit_code_2(link):
    done = link("list", client_id="")

    assert done.returncode == 2
    assert "client_id" in done.stderr


def test_undo_wants_a_yes(link, tenant):
    done = link("undo", ANA, "google-oauth2", "100000000000000000001")

    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert tenant.control("requests") == []


@pytest.mark.parametrize("arguments", [[], ["list", "a", "b"], ["undo", ANA, "--yes"],
                                       ["undo", "../x", "google-oauth2", "1", "--yes"],
                                       ["repair", "x"], ["drop", ANA], ["list", "not an id"]])
def test_fault_of_usage_exits_2(link, tenant, arguments):
    done = link(*arguments)

    assert done.returncode == 2
    assert done.stderr
    assert tenant.control("requests") == []
