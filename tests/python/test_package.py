"""What the package carries beside its operations: types, texts in other languages, checks."""

import ast
import inspect
from importlib import metadata, resources

import pytest

pytest_plugins = ("django_project",)

import django_project  # noqa: E402, F401  (sets Django up)
from auth0_oauth_client import checks, errors, typing  # noqa: E402
from auth0_oauth_client.client import DjangoAuthClient  # noqa: E402
from auth0_oauth_client.middleware import Auth0Middleware  # noqa: E402
from auth0_oauth_client.names import friendly_name  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402
from django.test import override_settings  # noqa: E402
from django.utils import translation  # noqa: E402
from django.utils.translation import gettext  # noqa: E402

FILES = resources.files("auth0_oauth_client")


def parameters_of(node):
    arguments = node.args
    return [arg.arg for arg in [*arguments.args, *arguments.kwonlyargs]]


def test_the_types_are_those_of_the_operations():
    tree = ast.parse((FILES / "client.pyi").read_text())
    cls = next(node for node in tree.body if isinstance(node, ast.ClassDef))
    typed = {
        node.name: parameters_of(node)
        for node in cls.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.name.startswith("_")
    }
    operations = {
        name: list(inspect.signature(method).parameters)
        for name, method in vars(DjangoAuthClient).items()
        if callable(method) and not name.startswith("_")
    }
    assert set(typed) == set(operations)
    for name in typed.keys() & {name.removeprefix("a") for name in typed}:
        assert typed[name] == operations[name]
        assert typed[f"a{name}"] == operations[name]


def test_type_checkers_are_told_of_the_types():
    assert (FILES / "py.typed").is_file()
    assert "userinfo" in typing.TokenResponse.__annotations__


@pytest.mark.parametrize(("language", "sign_in", "password"), [
    ("en", "Sign in", "E-mail and password"),
    ("de", "Anmelden", "E-Mail und Passwort"),
    ("es", "Iniciar sesión", "Correo y contraseña"),
    ("pt", "Entrar", "E-mail e palavra-passe"),
    ("pt-br", "Entrar", "E-mail e palavra-passe"),
])
def test_people_read_their_own_language(language, sign_in, password):
    with translation.override(language):
        assert gettext("Sign in") == sign_in
        assert friendly_name("Username-Password-Authentication") == password


def test_the_package_of_the_same_name_beside_this_one_is_an_error(monkeypatch):
    assert checks.check_installation(None) == []
    monkeypatch.setattr(metadata, "distribution", lambda name: name)
    error, = checks.check_installation(None)
    assert error.id == "auth0_oauth_client.E002"
    assert "pip uninstall auth0-oauth-client" in error.hint


def test_faults_of_settings_and_misspelt_names_are_told_at_once():
    written = {"client_secrt": "x", "linking": "of", "http_timeout": "10"}
    with override_settings(AUTH0_OAUTH_CLIENT=written):
        found = checks.check_settings(None)
    faults = [error.msg for error in found if error.id == "auth0_oauth_client.E001"]
    named = {fault.partition(":")[0] for fault in faults}
    assert {"auth0_domain", "auth0_management_api_domain", "client_id", "linking", "http_timeout"} <= named
    assert all("; write " in fault for fault in faults)
    assert not any("JSON line" in fault for fault in faults)
    warning, = (error for error in found if error.id == "auth0_oauth_client.W001")
    assert "client_secrt is no setting" in warning.msg
    assert "Perhaps client_secret is meant." in warning.hint


def test_a_database_that_the_store_does_not_speak_to_is_an_error(monkeypatch):
    assert checks.check_database(None) == []
    monkeypatch.setattr(connections["default"], "vendor", "mysql")
    error, = checks.check_database(None)
    assert error.id == "auth0_oauth_client.E003" and "mysql" in error.msg


def test_a_cookie_that_does_not_come_back_from_auth0_is_warned_of():
    assert checks.check_session_cookie(None) == []
    with override_settings(SESSION_COOKIE_SAMESITE="Strict"):
        warning, = checks.check_session_cookie(None)
    assert warning.id == "auth0_oauth_client.W004" and "Lax" in warning.hint


def test_a_server_does_not_start_with_faults_in_the_settings():
    """No system check runs there: the middleware says what is wrong, all of it."""
    with override_settings(AUTH0_OAUTH_CLIENT={"client_id": 3}):
        with pytest.raises(errors.Auth0OauthClientImproperlyConfigured) as caught:
            Auth0Middleware(lambda request: None)
    assert len(caught.value.faults) > 2


def test_link_15_a_database_on_which_no_view_can_link_is_warned_of():
    def found(**more):
        with override_settings(AUTH0_OAUTH_CLIENT=settings.AUTH0_OAUTH_CLIENT | more):
            return [warning.id for warning in checks.check_linking(None)]

    linking = {"connections_for_account_linking": ["google-oauth2"]}
    assert found(**linking) == []
    connections.settings["default"]["ATOMIC_REQUESTS"] = True
    try:
        assert found(**linking) == ["auth0_oauth_client.W002"]
        assert found() == found(**linking, linking="off") == []
    finally:
        connections.settings["default"]["ATOMIC_REQUESTS"] = False


def test_sess_17_pickled_sessions_are_warned_of():
    assert checks.check_sessions(None) == []
    with override_settings(SESSION_SERIALIZER="django.contrib.sessions.serializers.PickleSerializer"):
        warning, = checks.check_sessions(None)
    assert warning.id == "auth0_oauth_client.W003"
