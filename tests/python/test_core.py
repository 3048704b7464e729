"""The extension by itself: the error table, and arguments that can not be."""

pytest_plugins = ("django_project",)

import json  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402

import pytest  # noqa: E402
from auth0_oauth_client import _core, errors  # noqa: E402

FACTS = dict.fromkeys(
    ["argument", "peer_code", "peer_description", "stage", "missing_scopes", "problem"]
) | {"peer_status": 0, "retry_after": 0, "status": "A0_REFUSED"}

# The class of each kind of a0_error_kind, by the contract.
CLASSES = [
    errors.Auth0OauthClientError,
    errors.Auth0OauthClientImproperlyConfigured,
    errors.MissingTransactionOauthClientError,
    errors.MissingRequiredArgumentOauthClientError,
    errors.InvalidArgumentOauthClientError,
    errors.ApiOauthClientError,
    errors.Auth0PingError,
    errors.AccessTokenOauthClientError,
    errors.AccessTokenForConnectionOauthClientError,
    errors.FederatedConnectionRefreshTokenNotFound,
    errors.MyAccountApiOauthClientError,
    errors.AccountLinkingError,
]


@pytest.mark.parametrize("row", _core.errors(), ids=lambda row: row[0])
def test_every_error_id_has_its_class_and_code(row):
    id, code, kind, status, http_status, sentence = row
    facts = FACTS | {"id": id, "code": code or id, "message": sentence, "kind": kind,
                     "http_status": http_status}
    if CLASSES[kind] is errors.Auth0PingError:
        facts["stage"] = code
    failure = errors.of_core(facts)
    assert type(failure) is CLASSES[kind]
    assert failure.id == id
    assert failure.code == (code or id)
    assert failure.http_status == http_status
    assert str(failure)


def test_every_class_is_a_direct_child_but_that_of_the_ping():
    for cls in CLASSES[1:]:
        parent = errors.ApiOauthClientError if cls is errors.Auth0PingError else errors.Auth0OauthClientError
        assert cls.__bases__ == (parent,)


SETTINGS = {
    "auth0_domain": "tenant.example",
    "client_id": "c",
    "client_secret": "secret-of-sixteen",
    "connections_for_account_linking": [],
    "encryption_keys": ["8b8a07a02bcf0dfb255d091cc7bc6d299fc06b701cfe105313c59203c04b5f84"],
}


class Watching:
    """A store that looks at a session while an operation on it waits for the store."""

    def __init__(self):
        self.session = None
        self.seen = []

    def get(self, *arguments):
        for name in ("id", "is_signed_in", "user_id", "userinfo", "expires_at"):
            with pytest.raises(RuntimeError, match="another thread uses this session"):
                getattr(self.session, name)
            self.seen.append(name)
        return None

    def commit(self, *arguments):
        return True


def test_a_session_in_use_is_not_looked_at():
    store = Watching()
    client = _core.Client(json.dumps(SETTINGS), store, None, None)
    store.session = client.session(None)
    with pytest.raises(errors.Auth0OauthClientError):
        store.session.callback_purpose("/callback?code=c&state=" + "s" * 43)
    assert store.seen.count("user_id") == 1
    assert store.session.user_id is None


# ---- what Python raises meanwhile ----


def client_with(store, log=None):
    return _core.Client(json.dumps(SETTINGS), store, None, log)


def raising(failure):
    def call(*arguments, **named):
        raise failure

    return call


@pytest.mark.parametrize("failure", [KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize("argument", [None, "\ud800", "a\0b"])
def test_what_the_exception_of_an_argument_raises_comes_out(monkeypatch, failure, argument):
    monkeypatch.setattr(errors, "InvalidArgumentOauthClientError", raising(failure()))
    with pytest.raises(failure):
        client_with(None).users_by_email(argument)


class Away(Exception):
    pass


class Unreachable:
    """Says by code what counts as unavailable."""

    @property
    def unavailable(self):
        return (*(kind for kind in (Away, OSError)),)

    get = find = commit = sweep = raising(Away("of the database"))


def test_a_store_may_compute_what_counts_as_unavailable():
    with pytest.raises(errors.Auth0OauthClientError) as caught:
        client_with(Unreachable()).export_user("auth0|ana")
    assert caught.value.id == "store_unavailable"
    assert isinstance(caught.value.__cause__, Away)


def test_the_cause_is_what_the_store_raised_and_not_the_log():
    client = client_with(Unreachable(), raising(ValueError("of the log")))
    token = "x.y.z"
    for call in (lambda: client.export_user("auth0|ana"), lambda: client.erase_user("auth0|ana"),
                 lambda: client.session("a" * 43), lambda: client.link_repair(), client.sweep,
                 lambda: client.keep_refresh_token("auth0|ana", token)):
        with pytest.raises(errors.Auth0OauthClientError) as caught:
            call()
        assert isinstance(caught.value.__cause__, Away)


# ---- interpreters ----

# The extension alone: not all of Python's own modules bear to be loaded there.
IN_A_SUBINTERPRETER = """
import importlib, sys
for name in ("_interpreters", "_xxsubinterpreters"):
    try:
        interpreters = importlib.import_module(name)
    except ImportError:
        continue
    break
run = getattr(interpreters, "exec", None) or interpreters.run_string
code = f'''
from importlib.util import module_from_spec, spec_from_file_location
spec = spec_from_file_location("_core", {sys.argv[1]!r})
spec.loader.exec_module(module_from_spec(spec))
'''
try:
    print(run(interpreters.create(), code))
except Exception as error:
    print(error)
"""


def test_mem_11_a_subinterpreter_is_told_to_use_the_main_one():
    done = subprocess.run([sys.executable, "-c", IN_A_SUBINTERPRETER, _core.__file__],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "ImportError" in done.stdout
    assert "WSGIApplicationGroup" in done.stdout or "subinterpreter" in done.stdout
