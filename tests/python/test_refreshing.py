"""Several processes of a project that share a session and its refresh token."""

pytest_plugins = ("django_project",)

import json  # noqa: E402
import os  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

import pytest  # noqa: E402
from django_project import ANA, settings_for  # noqa: E402  (sets Django up)
from auth0_oauth_client import auth_client  # noqa: E402
from auth0_oauth_client.models import AccountToken  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.test import RequestFactory  # noqa: E402

HERE = str(Path(__file__).resolve().parent)


@pytest.fixture
def rotation(project):
    """The tenant rotates refresh tokens, and a second use of one ends them all."""
    project.control("clients", {"client_id": "demo-web", "rotation_type": "rotating", "leeway": 0})
    yield project
    project.control("clients", {"client_id": "demo-web", "rotation_type": "non-rotating"})


def request_with(key):
    request = RequestFactory().get("/")
    request.session = SessionStore(key)
    return request


def answers_at_once(tenant, database, key, scopes):
    """What processes get that ask at the same time, each for a scope."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([HERE, *filter(None, [os.environ.get("PYTHONPATH")])])
    }
    arguments = [sys.executable, "-m", "project.refreshing", json.dumps(settings_for(tenant)), database, key]
    processes = [
        subprocess.Popen(
            [*arguments, scope], env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for scope in scopes
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=60)[0].split() for process in processes]
    assert [what for what, _ in answers] == ["token"] * len(scopes), answers
    return [token for _, token in answers]


def exchanges(tenant):
    return len(tenant.requests("/oauth/token"))


@pytest.fixture
def key(database, rotation, visitor):
    """Of the session of someone who is signed in."""
    visitor.sign_in(ANA)
    return visitor.client.cookies[settings.SESSION_COOKIE_NAME].value


def test_rfr_02_of_several_processes_one_refreshes_and_all_have_its_token(database, rotation, key):
    before = exchanges(rotation)
    tokens = answers_at_once(rotation, database, key, ["openid"] * 4)
    assert exchanges(rotation) == before + 1
    assert len(set(tokens)) == 1


def test_rfr_04_no_rotation_is_lost_when_processes_want_different_tokens(database, rotation, key):
    before = exchanges(rotation)
    scopes = ["openid", "email", "profile", "openid email"]
    tokens = answers_at_once(rotation, database, key, scopes)
    assert exchanges(rotation) == before + 4
    request = request_with(key)
    assert auth_client.get_refresh_token(request) == AccountToken.objects.get().refresh_token
    assert auth_client.get_access_token(request, scope="openid profile")
    assert [auth_client.get_access_token(request, scope=scope) for scope in scopes] == tokens
