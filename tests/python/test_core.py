"""The extension by itself: the error table, and arguments that can not be."""

pytest_plugins = ("django_project",)

import json  # noqa: E402

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
