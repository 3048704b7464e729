"""What the package carries beside its operations: types, texts in other languages, checks."""

import ast
import inspect
from importlib import metadata, resources

import pytest

pytest_plugins = ("django_project",)

import django_project  # noqa: E402, F401  (sets Django up)
from auth0_oauth_client import checks, typing  # noqa: E402
from auth0_oauth_client.client import DjangoAuthClient  # noqa: E402
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
