"""Every argument of every call takes what it can not take, and says so."""

pytest_plugins = ("django_project",)

import asyncio  # noqa: E402
import copy  # noqa: E402
import inspect  # noqa: E402
import itertools  # noqa: E402
import pickle  # noqa: E402
import re  # noqa: E402

from urllib.parse import quote, urlencode  # noqa: E402

import pytest  # noqa: E402
from django_project import ANA  # noqa: E402  (sets Django up)
from auth0_oauth_client import _core, auth_client, client, errors, sessions, settings, tokens, urls  # noqa: E402
from auth0_oauth_client.cache import DjangoCache  # noqa: E402
from auth0_oauth_client.client import DjangoAuthClient  # noqa: E402
from auth0_oauth_client.names import friendly_name  # noqa: E402
from auth0_oauth_client.store import DjangoStore  # noqa: E402
from auth0_oauth_client.testing import ScriptedTenant  # noqa: E402
from django.conf import settings as django_settings  # noqa: E402
from django.db import OperationalError  # noqa: E402
from django.test import Client, RequestFactory, override_settings  # noqa: E402

CALLBACK = "http://localhost/auth/callback"

# What an argument of each name takes. A new name has to be added here.
GOOD = {
    "redirect_uri": CALLBACK,
    "authorization_params": {"prompt": "login"},
    "callback_url": f"{CALLBACK}?code=x&state=y",
    "return_to": "http://localhost/",
    "audience": "https://api.example.test/",
    "scope": "read:things",
    "scopes": ["calendar.readonly"],
    "user_ids": [ANA],
    "connection": "google-oauth2",
    "connected_account_id": "cac_1",
    "login_hint": "108",
    "refresh_token": "a-refresh-token",
    "user_id": ANA,
    "email": "ana@example.test",
    "body": {"nickname": "ana"},
    "provider": "google-oauth2",
    "identity_user_id": "108",
    "logout_token": "x.y.z",
    "timeout": 5.0,
    "required_scopes": ["read:users"],
}


def recursive(kind):
    """A list, or a dict, that holds itself."""
    if kind is dict:
        value = {}
        value["self"] = value
    else:
        value = []
        value.append(value)
    return value


def nested(depth):
    value = "x"
    for _ in range(depth):
        value = [value]
    return value


class Text(str):
    """A text that is another one to whoever asks it."""

    def __str__(self):
        return "another"

    def encode(self, *args):
        raise UnicodeEncodeError("utf-8", "x", 0, 1, "of the test")


BAD = {
    "none": None,
    "true": True,
    "zero": 0,
    "minus": -1,
    "huge number": 2**200,
    "float": 1.5,
    "nan": float("nan"),
    "infinite": float("inf"),
    "empty": "",
    "blank": " ",
    "line": "a\r\nSet-Cookie: x=y",
    "nul": "a\0b",
    "surrogate": "\ud800",
    "not ascii": "ä\u2028\U0001f600",
    "percent": "%zz%00",
    "path": "../../etc/passwd",
    "huge": "x" * 10_000_000,
    "long": "x" * 5000,
    "bytes": b"x",
    "bytearray": bytearray(b"x"),
    "list": [],
    "list of numbers": [3],
    "list of surrogates": ["\ud800"],
    "list of bytes": [b"x"],
    "tuple": ("x", "y"),
    "set": {"x"},
    "dict": {},
    "dict of numbers": {"a": 3, 3: "a"},
    "dict of surrogates": {"a": "\ud800", "\ud800": "a"},
    "dict of nul": {"a": "\0", "\0": "a"},
    "dict of bytes": {"a": b"x", b"x": "a"},
    "dict of nan": {"a": float("nan")},
    "dict of much": {f"name{number}": "x" * 100 for number in range(5000)},
    "object": object(),
    "class": object,
    "function": len,
    "self": recursive(list),
    "self dict": recursive(dict),
    "deep": nested(5000),
    "deep dict": {"a": nested(5000)},
    "text": Text("x"),
    "generator": (word for word in ("x", 3)),
}

def harmless(call, what):
    """Calls; whatever it raises has to be of the package, or what Python says of types."""
    try:
        call()
    except errors.Auth0OauthClientError as error:
        assert error.id != "internal" and str(error), what
    except (TypeError, ValueError) as error:
        assert not isinstance(error, UnicodeError), what
    except Exception as error:
        raise AssertionError(what) from error


def operations():
    return {
        name: method
        for name, method in vars(DjangoAuthClient).items()
        if callable(method) and not name.startswith("_")
    }


def is_twin(name):
    return name.startswith("a") and name[1:] in operations()


def arguments_of(method):
    return [name for name in inspect.signature(method).parameters if name != "self"]


PLACES = [
    (name, argument)
    for name, method in operations().items()
    if not is_twin(name)
    for argument in arguments_of(method)
]


@pytest.fixture(scope="module")
def tenant(migrated):
    with ScriptedTenant(connections_for_account_linking=["google-oauth2"]) as running:
        yield running


@pytest.fixture
def request_of_ana(tenant):
    browser = Client()
    tenant.sign_in(browser, ANA, email="ana@example.test", email_verified=True)
    request = RequestFactory().get("/")
    request.session = browser.session
    return request


def good(name, request):
    return request if name == "request" else GOOD[name]


@pytest.mark.parametrize(("operation", "argument"), PLACES)
def test_mem_12_an_argument_that_can_not_be_is_refused(request_of_ana, operation, argument):
    method = getattr(auth_client, operation)
    names = arguments_of(method)
    for what, value in BAD.items():
        arguments = {name: good(name, request_of_ana) for name in names} | {argument: value}
        harmless(lambda: method(**arguments), f"{operation}({argument}: {what})")
    if operation != "logout":
        assert auth_client.get_idp_username(request_of_ana) == ANA


def test_with_await_it_is_the_same(request_of_ana):
    twins = [name for name in operations() if is_twin(name)]
    assert len(twins) * 2 == len(operations())

    async def ask(name, arguments):
        return await getattr(auth_client, name)(**arguments)

    for name in twins:
        names = arguments_of(getattr(auth_client, name[1:]))
        for value in (None, b"x", "\ud800"):
            arguments = {argument: value for argument in names}
            if arguments:
                harmless(lambda: asyncio.run(ask(name, arguments)), f"{name}({value!r})")
    assert auth_client.get_idp_username(request_of_ana) == ANA


AS_A_WHOLE = "the configuration is not one JSON object"  # so large that it is not read


@pytest.mark.parametrize("name", settings.table())
def test_a_setting_that_can_not_be_is_a_fault_that_names_it(tenant, name):
    written = django_settings.AUTH0_OAUTH_CLIENT
    for what, value in BAD.items():
        try:
            with override_settings(AUTH0_OAUTH_CLIENT=written | {name: value}):
                client.make_core()
        except errors.Auth0OauthClientImproperlyConfigured as error:
            assert any(name in fault or AS_A_WHOLE in fault for fault in error.faults), what


@pytest.mark.parametrize("call", [tokens.kept, friendly_name, lambda value: tokens.keep(ANA, value),
                                  lambda value: tokens.keep(value, "token")])
def test_what_is_beside_the_client_refuses_too(tenant, call):
    for what, value in BAD.items():
        harmless(lambda: call(value), what)


@pytest.mark.parametrize("name", ["handle", None])
def test_a_session_of_django_with_anything_in_it_is_nobodys(request_of_ana, name):
    kept = dict(request_of_ana.session[sessions.NAME])
    for what, value in BAD.items():
        request_of_ana.session[sessions.NAME] = kept | {name: value} if name else value
        for call in (auth_client.get_idp_username, auth_client.list_connected_accounts,
                     sessions.is_anonymous):
            harmless(lambda: call(request_of_ana), what)
        if name == "handle" and value != kept["handle"]:
            assert auth_client.get_idp_username(request_of_ana) is None, what


# ---- the extension itself ----



def methods_of(made):
    return [name for name in dir(made) if not name.startswith("_") and callable(getattr(made, name))]


def test_mem_12_the_extension_refuses_what_it_can_not_take(tenant):
    core = client.make_core()
    for made in (core, core.session(None), _core):
        for name in methods_of(made):
            if name in ("Client", "Session"):
                continue
            for what, value in BAD.items():
                for number in range(6):
                    harmless(lambda: getattr(made, name)(*[value] * number), f"{name}: {number} {what}")
                with pytest.raises(TypeError):
                    getattr(made, name)(value=value)


def test_mem_12_a_client_of_anything_is_refused_or_fails_later(tenant):
    ports = ["{}", DjangoStore(), DjangoCache(), lambda *event: None]
    good = [settings.as_json(), *ports[1:]]
    for place in range(len(good)):
        for what, value in BAD.items():
            arguments = [*good[:place], value, *good[place + 1:]]

            def use():
                core = _core.Client(*arguments)
                core.session(None).login_start(CALLBACK, None, None, None)
                core.export_user(ANA)
                core.sweep()

            harmless(use, f"{place}: {what}")


def test_mem_12_objects_of_the_extension_are_made_by_it_alone(tenant):
    core = client.make_core()
    for made in (core, core.session(None)):
        for call in (
            copy.copy, copy.deepcopy, pickle.dumps, lambda it: type(it)(), lambda it: type(it).__new__(type(it)),
            lambda it: object.__new__(type(it)), lambda it: type("Child", (type(it),), {}),
            lambda it: setattr(it, "anything", 1), lambda it: setattr(it, "__class__", Text),
        ):
            with pytest.raises((TypeError, AttributeError)):
                call(made)


# ---- the ready-made views ----


NAMES = ["next", "ask", "connection", "login_hint", "code", "state", "error", "error_description", "connect_code",
         "iss", "logout_token", "organization", "confirm", "csrfmiddlewaretoken"]
CONTENT_TYPES = ["application/x-www-form-urlencoded", "application/json", "multipart/form-data", ""]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]


@pytest.mark.parametrize("pattern", urls.urlpatterns, ids=lambda pattern: pattern.name)
def test_no_request_is_a_fault_of_a_view(tenant, pattern):
    texts = [value for value in BAD.values() if type(value) is str and len(value) < 10_000]
    with override_settings(ROOT_URLCONF="project.ready_made", MIDDLEWARE=[
        *django_settings.MIDDLEWARE, "auth0_oauth_client.middleware.Auth0Middleware",
    ]):
        browser = Client(SERVER_NAME="localhost")
        for method, text in itertools.product(METHODS, texts):
            path = re.sub("<.*>", quote(text, errors="surrogatepass") or "x", f"/auth/{pattern.pattern}")
            query = urlencode(dict.fromkeys(NAMES, text), errors="surrogatepass")
            for content_type in CONTENT_TYPES:
                answer = browser.generic(method, path, query, content_type, QUERY_STRING=query)
                assert answer.status_code < 500, (method, path, content_type)


def test_a_database_that_is_away_is_a_page(tenant, monkeypatch):
    def away(*args):
        raise OperationalError("gone")

    browser = Client(SERVER_NAME="localhost")
    tenant.sign_in(browser, ANA)
    monkeypatch.setattr(DjangoStore, "get", away)
    monkeypatch.setattr(DjangoStore, "commit", away)
    with override_settings(ROOT_URLCONF="project.ready_made"):
        for path in ("/auth/login", "/auth/callback?code=x&state=y", "/auth/me"):
            assert browser.get(path).status_code == 503, path
