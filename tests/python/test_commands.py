"""The commands of manage.py, and Auth0 as a check of django-health-check."""

import asyncio
import io
import json

import pytest

pytest_plugins = ("django_project",)

from django_project import ANA, settings_for  # noqa: E402  (sets Django up)

from auth0_oauth_client import readiness, tokens  # noqa: E402
from auth0_oauth_client.models import AccountToken  # noqa: E402
from auth0_oauth_client.testing import ScriptedTenant  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import CommandError, call_command  # noqa: E402
from django.test import override_settings  # noqa: E402


def run(*arguments):
    """A command's output and exit code."""
    out = io.StringIO()
    try:
        call_command(*arguments, stdout=out)
    except SystemExit as end:
        return out.getvalue(), end.code
    return out.getvalue(), 0


# ---- auth0_ping ----


def test_ping_says_whether_auth0_is_ready(migrated):
    with ScriptedTenant() as tenant:
        out, code = run("auth0_ping", "--required-scope", "read:users")
        assert (json.loads(out)["ok"], code) == (True, 0)
        out, code = run("auth0_ping", "--required-scope", "delete:users")
        answer = json.loads(out)
        assert (answer["stage"], answer["missing_scopes"], code) == ("scope_grant", ["delete:users"], 1)
        tenant.answer("POST", "/oauth/token", 401, {"error": "access_denied"})
        out, code = run("auth0_ping")
        assert (json.loads(out)["status_code"], code) == (401, 1)
    with override_settings(AUTH0_OAUTH_CLIENT={}):
        out, code = run("auth0_ping")
        assert (json.loads(out)["stage"], code) == ("settings", 2)


# ---- auth0_doctor ----


def test_doctor_tells_what_is_wrong_and_what_to_do(project):
    with override_settings(AUTH0_OAUTH_CLIENT=settings_for(project, client_secret="a-wrong-one")):
        out, code = run("auth0_doctor")
    assert code == 1
    assert "ok           network: " in out
    assert "failed       credentials: " in out


def test_doctor_speaks_json(project):
    with override_settings(AUTH0_OAUTH_CLIENT=settings_for(
        project, management_client_id="demo-m2m", management_client_secret="demo-m2m-secret"
    )):
        out, code = run("auth0_doctor", "--json", "--callback-url", "http://localhost:8000/auth/callback")
    report = json.loads(out)
    outcomes = {check["id"]: check["outcome"] for check in report["checks"]}
    assert outcomes["callback"] == "ok"
    assert (report["ok"], code) == (True, 0)
    assert settings.AUTH0_OAUTH_CLIENT["client_secret"] not in out


def test_doctor_names_every_fault_of_the_settings(migrated):
    with override_settings(AUTH0_OAUTH_CLIENT={"client_id": 3}):
        out, code = run("auth0_doctor")
    assert code == 2
    assert out.count("failed       settings: ") > 1


# ---- auth0_rotate_keys ----


ROTATED = {"SECRET_KEY": "another-key-" * 5, "SECRET_KEY_FALLBACKS": [settings.SECRET_KEY]}


def test_stor_06_kept_tokens_move_to_the_newest_key(project):
    people = [f"auth0|{number:024}" for number in range(150)]
    for person in people:
        tokens.keep(person, f"kept of {person}".replace(" ", "-"))
    with override_settings(**ROTATED):
        assert run("auth0_rotate_keys") == ("150 rows moved to the newest key\n", 0)
        assert run("auth0_rotate_keys") == ("0 rows moved to the newest key\n", 0)
    with override_settings(**ROTATED | {"SECRET_KEY_FALLBACKS": []}):
        assert [tokens.kept(person) for person in people] == [f"kept-of-{person}" for person in people]
    assert tokens.kept(people[0]) is None


def test_a_row_that_no_key_opens_stays(project):
    tokens.keep(ANA, "kept-before")
    before = AccountToken.objects.values().get()
    with override_settings(SECRET_KEY="third-key-" * 6, SECRET_KEY_FALLBACKS=["fourth-key-" * 6]):
        assert run("auth0_rotate_keys") == ("0 rows moved to the newest key\n", 0)
    assert AccountToken.objects.values().get() == before


def test_one_key_is_nothing_to_move_to(project):
    with pytest.raises(CommandError, match="one key"):
        run("auth0_rotate_keys")


# ---- django-health-check ----


def result_of(check):
    """The errors that a check ends with, as that version of the package runs it."""
    if hasattr(check, "get_result"):
        error = asyncio.run(check.get_result()).error
        return [str(error)] if error else []
    check.run_check()
    return [str(error) for error in check.errors]


def test_auth0_is_a_check_of_django_health_check(migrated):
    pytest.importorskip("health_check")
    from auth0_oauth_client.health import Auth0HealthCheck

    with ScriptedTenant() as tenant:
        readiness.forget()
        assert result_of(Auth0HealthCheck()) == []
        readiness.forget()
        tenant.answer("POST", "/oauth/token", 401, {"error": "access_denied"})
        failure, = result_of(Auth0HealthCheck())
        assert failure.endswith("Auth0: m2m_token")
    readiness.forget()
    assert "Auth0HealthCheck" in repr(Auth0HealthCheck())
