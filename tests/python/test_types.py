"""What the operations give is what type checkers are told, and what the existing package
has is there, under its name."""

pytest_plugins = ("django_project",)

import inspect  # noqa: E402
import types  # noqa: E402
import typing  # noqa: E402

import pytest  # noqa: E402
from django_project import ANA, ANA_AT_GOOGLE  # noqa: E402  (sets Django up)
from auth0_oauth_client import _core, auth_client, client, errors, settings  # noqa: E402
from auth0_oauth_client import typing as ours  # noqa: E402
from django.conf import settings as django_settings  # noqa: E402
from django.test import override_settings  # noqa: E402
from test_raising import CHEN, World, settings_of  # noqa: E402


@pytest.fixture
def world(project, monkeypatch):
    with override_settings(AUTH0_OAUTH_CLIENT=settings_of(
        project,
        provider_userinfo={"google-oauth2": {"url": f"{project.url}/_provider/google-oauth2/userinfo"}},
    )):
        yield World(project, monkeypatch)
    project.control("reset", {})


def fits(value, kind):
    """Whether a value is of a type as typing.py writes one."""
    if kind is typing.Any:
        return True
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return any(fits(value, part) for part in parts)
    if origin is list:
        return isinstance(value, list) and all(fits(member, parts[0]) for member in value)
    if origin is dict:
        return isinstance(value, dict)
    if typing.is_typeddict(kind):
        return isinstance(value, dict) and not faults_of(value, kind)
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def faults_of(value, kind):
    """What of a dict is not as its type says."""
    hints = typing.get_type_hints(kind)
    return (
        [f"lacks {name}" for name in kind.__required_keys__ - value.keys()]
        + [f"has {name}" for name in value.keys() - hints.keys()]
        + [f"{name}: {value[name]!r}" for name in value.keys() & hints.keys()
           if not fits(value[name], hints[name])]
    )


def test_a_sign_in_and_its_account_are_as_typed(world):
    assert not faults_of(world.sign_in(ANA), ours.TokenResponse)
    claims = auth_client.get_user_info(world.request)
    known = {name: value for name, value in claims.items() if name in ours.UserinfoPayload.__annotations__}
    assert {"sub", "email", "iss"} <= known.keys() and not faults_of(known, ours.UserinfoPayload)
    profile = auth_client.get_user_by_id(ANA)
    known = {name: value for name, value in profile.items() if name in ours.UserDetailsPayload.__annotations__}
    assert {"user_id", "identities"} <= known.keys() and not faults_of(known, ours.UserDetailsPayload)
    assert not faults_of(auth_client.ping(), ours.PingResult)


def test_connected_accounts_and_their_tokens_are_as_typed(world):
    world.sign_in(ANA)
    assert not faults_of(world.connect(CHEN), ours.ConnectedAccountResponse)
    account, = auth_client.list_connected_accounts(world.request)
    assert account["email"] and not faults_of(account, ours.ConnectedAccountResponse)
    for connection in auth_client.list_connected_account_connections(world.request):
        assert not faults_of(connection, ours.AvailableConnection)
    assert not faults_of(world.token_for(), ours.ConnectionToken)


def test_what_linking_says_is_as_typed(world):
    world.sign_in(ANA)
    assert not faults_of(auth_client.verify_account_linking(world.request), ours.VerifyAccountLinkingResult)
    pending = auth_client.pending_account_linking(world.request)
    assert not faults_of(pending, ours.AccountLinkingPayload)
    world.sign_in(ANA_AT_GOOGLE, connection="google-oauth2")
    done = auth_client.complete_account_linking(world.request)
    assert done["success"] and not faults_of(done, ours.CompleteAccountLinkingResult)
    link, = auth_client.list_account_linkings()
    assert not faults_of(link, ours.AccountLink)


def test_the_wrong_account_is_as_typed(world):
    world.sign_in(ANA)
    auth_client.verify_account_linking(world.request)
    world.sign_in(CHEN, connection="google-oauth2")
    done = auth_client.complete_account_linking(world.request)
    assert not done["success"] and not faults_of(done, ours.CompleteAccountLinkingResult)


def test_a_stub_has_the_defaults_of_the_operations():
    text = (settings.__file__.rpartition("/")[0]) + "/client.pyi"
    stub = {}
    for line in open(text):
        name, _, rest = line.strip().removeprefix("async ").removeprefix("def ").partition("(")
        stub[name] = rest
    assert "astart_login" in stub
    for name, method in vars(client.DjangoAuthClient).items():
        if name.startswith("_") or not callable(method) or name not in stub:
            continue
        for parameter in inspect.signature(method).parameters.values():
            if parameter.default is not inspect.Parameter.empty:
                assert f" = {parameter.default!r}" in stub[name], name


# ---- of the existing package ----

# Its modules, and what they have that is public; docs/django-migration.md says what is gone.
NAMES = {
    "": "auth_client Auth0PingError",
    "client": "DjangoAuthClient auth_client",
    "errors": """Auth0OauthClientError Auth0OauthClientImproperlyConfigured MissingTransactionOauthClientError
        ApiOauthClientError AccessTokenOauthClientError AccessTokenForConnectionOauthClientError
        MissingRequiredArgumentOauthClientError InvalidArgumentOauthClientError
        CustomTokenExchangeOauthClientError MyAccountApiOauthClientError AccessTokenErrorCode
        AccessTokenForConnectionErrorCode CustomTokenExchangeErrorCode AccountLinkingError PingStage
        Auth0PingError FEDERATED_CONNECTION_REFRESH_TOKEN_NOT_FOUND_CODE FederatedConnectionRefreshTokenNotFound""",
    "models": "AccountLinking ConnectedAccount AccountToken",
    "typing": """AddressPayload UserinfoPayload TokenResponse ConnectedAccountResponse AvailableConnection
        IdentityProfileData IdentityResponseBody UserDetailsPayload AccountLinkingPayload
        VerifyAccountLinkingResult CompleteAccountLinkingResult GoogleTokenResult""",
    "settings": "setting required_setting read_required_key import_setting",
    "admin": "AccountLinkingAdmin AccountTokenAdmin ConnectedAccountAdmin",
    "apps": "Auth0OauthClientConfig",
}


@pytest.mark.parametrize("module", NAMES)
def test_every_name_of_the_existing_package_is_there(module):
    found = __import__(f"auth0_oauth_client.{module}".rstrip("."), fromlist=["x"])
    assert [name for name in NAMES[module].split() if not hasattr(found, name)] == []


def test_helpers_for_settings_do_as_they_did():
    assert settings.setting("NO_SUCH", 3) == 3 and settings.setting("NO_SUCH") is None
    assert settings.required_setting("SECRET_KEY") == django_settings.SECRET_KEY
    assert settings.read_required_key({"a": 0}, "a") == 0
    for work in (lambda: settings.required_setting("NO_SUCH"), lambda: settings.read_required_key({"a": ""}, "a")):
        with pytest.raises(errors.Auth0OauthClientImproperlyConfigured):
            work()
    assert settings.import_setting("NO_SUCH") is None
    with override_settings(SUCH="auth0_oauth_client.errors.Auth0Answer"):
        assert settings.import_setting("SUCH") is errors.Auth0Answer


def test_a_setting_is_read_as_an_attribute_and_not_assigned(project):
    assert auth_client.client_id == "demo-web"
    for name in ("client_id", "linking", "my_account_audience"):
        with pytest.raises(AttributeError, match="override_settings"):
            setattr(auth_client, name, "x")
    with override_settings(AUTH0_OAUTH_CLIENT=django_settings.AUTH0_OAUTH_CLIENT | {"client_id": "another"}):
        assert auth_client.client_id == "another"


def test_an_audience_from_an_empty_variable_is_none(project):
    with override_settings(AUTH0_OAUTH_CLIENT=django_settings.AUTH0_OAUTH_CLIENT | {"audience": ""}):
        client.make_core()
        assert not auth_client.audience


def test_every_code_of_a_vault_error_has_a_name():
    codes = {code or id for id, code, kind, *_ in _core.errors() if kind == 8}
    names = vars(errors.AccessTokenForConnectionErrorCode)
    assert codes <= {value for name, value in names.items() if not name.startswith("_")}
