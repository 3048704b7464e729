# SPDX-License-Identifier: MIT
"""a0 link list, undo and repair on the database of a gateway."""

import json
import os
import subprocess

import pytest
from conftest import PROGRAM, plain_environment

ANA = "auth0|a1a1a1a1a1a1a1a1a1a1a1a1"
ANA_GOOGLE = "google-oauth2|100000000000000000001"
BEN = "auth0|b2b2b2b2b2b2b2b2b2b2b2b2"


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


@pytest.fixture
def linked(link, tmp_path):
    """Ana's two accounts are one."""
    work = tmp_path / "work"
    assert link("audit", "--work", work).returncode == 0
    done = link("audit", "--work", work, "--apply", "--yes", "--rate", "600")
    assert json.loads(done.stdout)["linked"] == 1, done.stderr


def users_of(tenant):
    return {user["user_id"]: user for user in tenant.control("users")}


def test_nothing_is_linked_is_an_empty_list(link):
    done = link("list")

    assert done.returncode == 0
    assert json.loads(done.stdout)["links"] == []


def test_list_names_both_accounts_and_the_rule(link, linked):
    for arguments in ((), (ANA,)):
        links = json.loads(link("list", *arguments).stdout)["links"]
        assert len(links) == 1
        assert links[0]["primary_user_id"] == ANA
        assert links[0]["secondary_provider"] == "google-oauth2"
        assert links[0]["secondary_user_id"] in ANA_GOOGLE
        assert links[0]["rule"] == 3
    assert json.loads(link("list", BEN).stdout)["links"] == []


def test_undo_gives_two_accounts_which_are_not_linked_again(link, linked, tenant):
    done = link("undo", ANA, "google-oauth2", "100000000000000000001", "--yes")
    answer = json.loads(done.stdout)

    assert done.returncode == 0
    assert answer["undone"] is True
    assert answer["primary_user_id"] == ANA
    assert answer["secondary_user_id"] == ANA_GOOGLE
    assert len(users_of(tenant)[ANA]["identities"]) == 1
    assert ANA_GOOGLE in users_of(tenant)
    assert json.loads(link("list").stdout)["links"] == []


def test_undo_wants_a_yes(link, linked, tenant):
    done = link("undo", ANA, "google-oauth2", "100000000000000000001")

    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert ANA_GOOGLE not in users_of(tenant)


def test_undo_of_what_is_not_linked_is_an_error(link):
    done = link("undo", ANA, "google-oauth2", "1", "--yes")

    assert done.returncode == 1
    assert done.stdout == ""


def test_repair_with_nothing_to_do(link):
    done = link("repair")

    assert done.returncode == 0
    assert json.loads(done.stdout) == {"repaired": 0, "left": 0}


@pytest.mark.parametrize("arguments", [[], ["list", "a", "b"], ["undo", ANA, "--yes"],
                                       ["undo", "../x", "google-oauth2", "1", "--yes"],
                                       ["repair", "x"], ["drop", ANA], ["list", "not an id"]])
def test_fault_of_usage_exits_2(link, tenant, arguments):
    done = link(*arguments)

    assert done.returncode == 2
    assert done.stderr
    assert tenant.control("requests") == []


def test_configuration_is_exit_code_2(link):
    done = link("list", client_id="")

    assert done.returncode == 2
    assert "client_id" in done.stderr


def test_explain_says_what_the_next_sign_in_would_do_and_changes_nothing(link, tenant):
    before = tenant.control("users")
    google, password = (json.loads(link("explain", user).stdout) for user in (ANA_GOOGLE, ANA))

    assert (google["outcome"], google["rule"], google["primary_user_id"]) == ("link", 3, ANA)
    assert (password["outcome"], password["rule"], password["primary_user_id"]) == ("pending", 4, ANA_GOOGLE)
    assert tenant.control("users") == before
    assert (google["linking"], google["is_half_way"]) == ("on", False)
    observed = json.loads(link("explain", ANA_GOOGLE, linking="observe").stdout)
    assert (observed["linking"], observed["outcome"]) == ("observe", "link")
    off = json.loads(link("explain", ANA_GOOGLE, linking="off").stdout)
    assert (off["linking"], off["outcome"]) == ("off", "nothing")


def test_explain_says_why_accounts_are_left_apart(link, tenant):
    tenant.control("users", {"user_id": "google-oauth2|77", "connection": "google-oauth2",
                             "email": "ben@example.test", "email_verified": True})
    answer = json.loads(link("explain", "google-oauth2|77").stdout)

    assert (answer["outcome"], answer["reason"]) == ("refused", "unverified_email")


@pytest.mark.parametrize("user", ["", "auth0|nobody", "../x?y", "x" * 400])
def test_explain_of_nobody_is_an_error_with_an_id(link, user):
    done = link("explain", user)

    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr
