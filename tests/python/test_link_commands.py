"""manage.py auth0_link: what it prints, and its exit codes."""

import csv
import io
import json

import pytest

pytest_plugins = ("django_project",)

from django_project import ANA, ANA_AT_GOOGLE, BEN  # noqa: E402  (sets Django up)

from auth0_oauth_client.management.commands.auth0_link import Command  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import CommandError, call_command  # noqa: E402
from django.test import override_settings  # noqa: E402

NUMBER = ANA_AT_GOOGLE.split("|")[1]


def run(*arguments):
    """A command's output and exit code; its complaint in place of the output when it has one."""
    out = io.StringIO()
    try:
        call_command("auth0_link", *arguments, stdout=out)
    except SystemExit as end:
        return out.getvalue(), end.code
    except CommandError as error:
        return str(error), error.returncode
    return out.getvalue(), 0


def answer(*arguments):
    out, code = run(*arguments)
    assert code == 0, out
    return json.loads(out)


@pytest.fixture
def linked(linking, visitor):
    visitor.sign_in(ANA_AT_GOOGLE)
    assert visitor.get("/link/verify").json()["is_account_linked"]


def test_explain_says_what_the_next_sign_in_would_do(linking):
    explained = answer("explain", ANA_AT_GOOGLE)
    assert (explained["outcome"], explained["rule"], explained["primary_user_id"]) == ("link", 3, ANA)


def test_list_names_both_accounts(linked):
    link, = answer("list")["links"]
    assert (link["primary_user_id"], link["secondary_user_id"], link["rule"]) == (ANA, ANA_AT_GOOGLE, 3)
    assert answer("list", ANA)["links"] == [link]
    assert answer("list", BEN) == {"links": []}


def test_undo_wants_a_yes(linked):
    out, code = run("undo", ANA, "google-oauth2", NUMBER)
    assert ("--yes" in out, code) == (True, 2)
    assert answer("list")["links"]
    undone = answer("undo", ANA, "google-oauth2", NUMBER, "--yes")
    assert undone["undone"] and "roles" in undone["lost"]
    assert answer("list")["links"] == []
    out, code = run("undo", ANA, "google-oauth2", "1", "--yes")
    assert ("link_not_found" in out, code) == (True, 1)


def test_repair_with_nothing_to_do(linking):
    assert answer("repair") == {"repaired": 0, "left": 0}


def test_repair_that_leaves_something_is_exit_code_1(linking, monkeypatch):
    from auth0_oauth_client import auth_client

    monkeypatch.setattr(type(auth_client), "repair_account_linking", lambda self: {"repaired": 2, "left": 1})
    assert run("repair") == ('{"repaired": 2, "left": 1}\n', 1)


@pytest.fixture
def many(linking):
    """More people than fit one page; two of them have two accounts."""
    people = [{"user_id": f"auth0|{i:024x}", "email": f"person-{i}@example.test",
               "email_verified": True, "password": "local-password",
               "created_at": f"2026-01-01T00:{i // 60:02d}:{i % 60:02d}.000Z"}
              for i in range(130)]
    people += [{"user_id": f"google-oauth2|7{i:09d}", "connection": "google-oauth2",
                "email": f" Person-{i}@example.test", "email_verified": i == 7,
                "created_at": "2026-02-01T00:00:00.000Z"} for i in (7, 8)]
    people += [{"user_id": "auth0|" + "e" * 24, "email": "=1+1@example.test", "email_verified": True,
                "password": "local-password"},
               {"user_id": "google-oauth2|55", "connection": "google-oauth2",
                "email": "=1+1@example.test", "email_verified": True}]
    for begin in range(0, len(people), 50):
        linking.control("users", people[begin:begin + 50])


def test_audit_puts_accounts_that_share_an_address_into_drawers(linking, many):
    before = linking.control("users")
    audited = answer("audit")
    groups = {group["email"]: group for group in audited["groups"]}
    assert audited["users"] == len(before)
    assert groups["ana@example.test"]["class"] == groups["person-7@example.test"]["class"] == "safe"
    assert groups["person-8@example.test"]["class"] == "suspicious"
    assert "person-9@example.test" not in groups
    assert {account["user_id"] for account in groups["ana@example.test"]["accounts"]} == {ANA, ANA_AT_GOOGLE}
    assert (audited["safe"], audited["suspicious"]) == (3, 1)
    assert linking.control("users") == before


def test_audit_as_a_table_holds_no_formula(linking, many):
    out, code = run("audit", "--csv")
    rows = list(csv.DictReader(io.StringIO(out, newline="")))
    assert code == 0
    assert {row["user_id"]: row["outcome"] for row in rows if row["email"] == "ana@example.test"} == {
        ANA: "pending", ANA_AT_GOOGLE: "link",
    }
    assert "'=1+1@example.test" in {row["email"] for row in rows}


@pytest.mark.parametrize("arguments", [
    (), ("explain",), ("list", "a", "b"), ("undo", ANA, "--yes"), ("repair", "x"), ("drop", ANA),
    ("explain", ""), ("explain", "not an id"), ("list", "not an id"),
    ("undo", "../x", "google-oauth2", "1", "--yes"),
])
def test_a_fault_of_usage_asks_nobody(linking, arguments):
    asked = len(linking.control("requests"))
    out, code = run(*arguments)
    assert code in (1, 2) and out
    assert len(linking.control("requests")) == asked


def test_exit_codes_tell_a_fault_of_ours_from_one_of_the_settings(linking):
    assert run("explain", "not an id")[1] == 2
    out, code = run("explain", "auth0|nobody")
    assert ("mgmt_user_not_found" in out, code) == (True, 1)
    with override_settings(AUTH0_OAUTH_CLIENT=settings.AUTH0_OAUTH_CLIENT | {"client_id": 3}):
        out, code = run("list")
    assert ("client_id" in out, code) == (True, 2)


def test_the_help_teaches():
    text = Command().create_parser("manage.py", "auth0_link").format_help()
    for line in (
        "  undo PRIMARY_ID PROVIDER ID  takes an account out of a user again, with its metadata;",
        "                                 safe        linked",
        '  manage.py auth0_link explain "google-oauth2|1084"',
    ):
        assert line in text.splitlines()
    assert "Exit codes: 0 done, 1 not done" in text
