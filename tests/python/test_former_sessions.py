"""Sessions that the existing package has written, in its form, become ours once."""

pytest_plugins = ("django_project",)

import base64  # noqa: E402
import hashlib  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402
import zlib  # noqa: E402
from importlib import import_module  # noqa: E402

import pytest  # noqa: E402
from django_project import ANA, BEN, FOLDER, Visitor, empty  # noqa: E402  (sets Django up)
from auth0_oauth_client import errors  # noqa: E402
from auth0_oauth_client.models import AccountToken, SealedRow  # noqa: E402
from auth0_oauth_client.store import DjangoStore  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import DatabaseError, connections  # noqa: E402
from django.test import Client, override_settings  # noqa: E402

MARK = 6
ENGINES = ["db", "cached_db", "cache", "file", "signed_cookies"]
SESSION, TRANSACTION, LINK = (
    "_auth0_oauth_client_session", "_auth0_oauth_client_tx", "_auth0_oauth_client_al_tx"
)


@pytest.fixture(params=ENGINES)
def engine(request):
    with override_settings(
        SESSION_ENGINE=f"django.contrib.sessions.backends.{request.param}", SESSION_FILE_PATH=FOLDER
    ):
        yield request.param


@pytest.fixture
def rotation(project):
    """The tenant rotates refresh tokens and does not forgive a second use."""
    project.control("clients", {"client_id": "demo-web", "rotation_type": "rotating", "leeway": 0})
    yield project
    project.control("clients", {"client_id": "demo-web", "rotation_type": "non-rotating"})


def kept_by_the_former(tokens):
    """What the former package keeps of a sign-in."""
    scope = hashlib.sha256(tokens["scope"].encode()).hexdigest()
    return {
        "userinfo": tokens["userinfo"],
        "refresh_token": tokens["refresh_token"],
        scope: tokens | {"expires_at": int(time.time()) + tokens["expires_in"] - 600},
    }


def former_tokens(project, person=ANA):
    """The tokens of a sign-in of which nothing is kept here."""
    tokens = Visitor(project).sign_in(person)["tokens"]
    empty("default")
    return tokens


def put(visitor, **contents):
    """Writes a session of Django and gives its cookie to the visitor."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store.update(contents)
    store.save()
    visitor.client.cookies[settings.SESSION_COOKIE_NAME] = store.session_key


def exchanges(project):
    return len(project.requests("/oauth/token"))


def in_the_browser(visitor):
    """All that a cookie says, and what it says unpacked."""
    cookie = visitor.client.cookies[settings.SESSION_COOKIE_NAME].value
    packed = cookie.split(":")[0]
    unpacked = b""
    if packed.startswith("."):
        unpacked = zlib.decompress(base64.urlsafe_b64decode(packed[1:] + "=" * (-len(packed[1:]) % 4)))
    return cookie + unpacked.decode()


def test_whoever_was_signed_in_stays_signed_in(engine, visitor, project):
    tokens = former_tokens(project)
    put(visitor, own="the project's", **{SESSION: kept_by_the_former(tokens)})
    before = exchanges(project)
    assert visitor.sub == ANA
    assert visitor.get("/me").json()["userinfo"]["email"] == "ana@example.test"
    assert exchanges(project) == before + 1
    assert AccountToken.objects.get().refresh_token == tokens["refresh_token"]
    kept = dict(visitor.session.items())
    assert kept.pop("own") == "the project's" and list(kept) == ["_auth0_oauth_client"]
    for secret in ("access_token", "id_token", "refresh_token"):
        assert tokens[secret] not in str(kept) + in_the_browser(visitor)


def test_a_sign_in_of_somebody_else_takes_its_place(engine, visitor, project):
    put(visitor, **{SESSION: kept_by_the_former(former_tokens(project))})
    visitor.sign_in(BEN)
    assert visitor.sub == BEN


def test_what_is_kept_is_not_believed(engine, visitor, project):
    """Whoever edits it becomes nobody."""
    kept = kept_by_the_former(former_tokens(project))
    kept["userinfo"] = kept["userinfo"] | {"sub": BEN}
    put(visitor, **{SESSION: kept})
    assert visitor.sub is None
    assert SESSION not in visitor.session


def test_sess_17_a_copy_that_comes_back_after_the_logout_is_nobodys(engine, visitor, project):
    contents = {SESSION: kept_by_the_former(former_tokens(project))}
    put(visitor, **contents)
    assert visitor.sub == ANA
    visitor.get("/logout")
    put(visitor, **contents)
    assert visitor.sub is None
    assert SESSION not in visitor.session


def test_a_logout_is_the_end_of_it_when_nothing_else_was_asked(engine, visitor, project):
    contents = {SESSION: kept_by_the_former(former_tokens(project))}
    put(visitor, **contents)
    assert "/v2/logout" in visitor.get("/logout")["Location"]
    put(visitor, **contents)
    assert visitor.sub is None


def test_sess_07_requests_at_the_same_time_get_one_session(engine, rotation, visitor):
    put(visitor, **{SESSION: kept_by_the_former(former_tokens(rotation))})
    cookie = visitor.client.cookies[settings.SESSION_COOKIE_NAME].value
    before = exchanges(rotation)
    subs = []

    def look():
        one = Client()
        one.cookies[settings.SESSION_COOKIE_NAME] = cookie
        while True:
            try:
                subs.append(one.get("/me").json()["sub"])
            except errors.Auth0OauthClientError as error:
                if error.outcome == "A0_UNAVAILABLE":  # others took long
                    continue
            break
        connections.close_all()

    threads = [threading.Thread(target=look) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert subs == [ANA] * 6
    assert exchanges(rotation) == before + 1
    assert visitor.sub == ANA


def test_a_tenant_that_is_away_costs_nobody_the_sign_in(engine, visitor, project):
    put(visitor, **{SESSION: kept_by_the_former(former_tokens(project))})
    project.control("faults", {"name": "token.status", "value": 503})
    with pytest.raises(errors.Auth0OauthClientError) as caught:
        visitor.get("/me")
    assert caught.value.http_status == 503
    assert SESSION in visitor.session
    SealedRow.objects.filter(kind=MARK).delete()  # the rest after a failure is over
    assert visitor.sub == ANA


def test_a_database_that_fails_costs_nobody_the_sign_in(visitor, project, monkeypatch):
    put(visitor, **{SESSION: kept_by_the_former(former_tokens(project))})

    def fails(store, ops, now):
        raise DatabaseError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(DjangoStore, "commit", fails)
        with pytest.raises(errors.Auth0OauthClientError) as caught:
            visitor.get("/me")
    assert caught.value.id == "store_write_failed"
    assert visitor.sub == ANA


def test_a_logout_waits_for_nobody(visitor, project):
    put(visitor, **{SESSION: kept_by_the_former(former_tokens(project))})
    with override_settings(AUTH0_OAUTH_CLIENT=settings.AUTH0_OAUTH_CLIENT | {"auth0_domain": "http://127.0.0.1:1"}):
        assert "/v2/logout" in visitor.get("/logout")["Location"]
    assert SESSION not in visitor.session


@pytest.mark.parametrize("kept", [
    None, 3, "x", [], {}, {"userinfo": None}, {"userinfo": {}, "refresh_token": "x"},
    {"userinfo": {"sub": ANA, "iat": "now"}, "refresh_token": "x"},
    {"userinfo": {"sub": ANA, "iat": 1}, "refresh_token": "x"},
    {"userinfo": {"sub": ANA, "iat": 10**30}, "refresh_token": "x"},
    {"userinfo": {"sub": "", "iat": int(time.time())}, "refresh_token": "x"},
    {"userinfo": {"sub": ANA, "iat": int(time.time())}, "refresh_token": ""},
    {"userinfo": {"sub": ANA, "iat": int(time.time())}, "refresh_token": None},
    {"userinfo": {"sub": "\ud800", "iat": int(time.time())}, "refresh_token": "a\0b"},
])
def test_what_is_not_of_that_form_is_dropped(visitor, kept):
    put(visitor, **{SESSION: kept})
    assert visitor.sub is None
    assert SESSION not in visitor.session


def test_an_open_sign_in_and_a_link_that_waited_are_not_taken_over(engine, visitor, project):
    tokens = former_tokens(project)
    put(visitor, **{
        SESSION: kept_by_the_former(tokens),
        TRANSACTION: {"state": "s", "code_verifier": "v", "redirect_uri": "http://localhost:3000/auth/callback"},
        LINK: {"primary_user_id": BEN, "secondary_provider": "auth0", "secondary_user_id": ANA},
    })
    assert visitor.sub == ANA
    assert not {SESSION, TRANSACTION, LINK} & set(visitor.session.keys())
