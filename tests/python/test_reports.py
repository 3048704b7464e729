"""What is shown of secrets where nobody looks for them: tracebacks with their variables,
pickles, dumps, every page of the admin. Groups SEC and STOR."""

pytest_plugins = ("django_project",)

import asyncio  # noqa: E402
import copy  # noqa: E402
import io  # noqa: E402
import pickle  # noqa: E402
import traceback  # noqa: E402

import pytest  # noqa: E402
from django_project import ANA  # noqa: E402  (sets Django up)
from auth0_oauth_client import auth_client, errors, sessions, tokens  # noqa: E402
from auth0_oauth_client.models import AccountToken, LocalIdentity  # noqa: E402
from auth0_oauth_client.store import DjangoStore  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import OperationalError  # noqa: E402
from django.test import Client, RequestFactory, override_settings  # noqa: E402

CANARY = "a-refresh-token-that-nobody-may-see"


def report_of(work):
    """All frames of what a call raises behind the caller's own, with their variables."""
    with pytest.raises(errors.Auth0OauthClientError) as caught:
        work()
    report = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    frames = [frame for frame in report.stack if frame.filename != __file__]
    assert frames
    return f"{report} {vars(caught.value)} " + " ".join(str(frame.locals) for frame in frames)


def exchange():
    auth_client.get_access_token_for_connection_using_user_refresh_token(CANARY, "google-oauth2")


def exchange_by_await():
    asyncio.run(auth_client.aget_access_token_for_connection_using_user_refresh_token(CANARY, "google-oauth2"))


def keep():
    tokens.keep(ANA, CANARY)


def save():
    AccountToken(user_id=ANA, refresh_token=CANARY).save()


def take_over():
    request = RequestFactory().get("/")
    request.session = Client().session
    request.session[sessions.FORMER] = {
        "refresh_token": CANARY, "userinfo": {"sub": ANA, "iat": 1}, "other": {"access_token": CANARY},
    }
    auth_client.get_idp_username(request)


@pytest.mark.parametrize("work", [exchange, exchange_by_await, keep, save, take_over])
def test_sec_04_no_traceback_shows_a_token(project, monkeypatch, work):
    def away(*args):
        raise OperationalError("gone")

    project.control("faults", {"name": "vault.error", "value": "invalid_grant", "times": 0})
    monkeypatch.setattr(DjangoStore, "get", away)
    monkeypatch.setattr(DjangoStore, "commit", away)
    try:
        assert CANARY not in report_of(work)
    finally:
        project.delete("faults")


def test_a_token_that_could_not_be_kept_is_kept_at_the_next_try(project, monkeypatch):
    token = AccountToken(user_id=ANA, refresh_token=CANARY)
    with monkeypatch.context() as broken, pytest.raises(errors.Auth0OauthClientError):
        broken.setattr(DjangoStore, "commit", lambda *args: 1 / 0)
        token.save()
    token.save()
    assert AccountToken.objects.get().refresh_token == CANARY


def test_a_token_that_was_assigned_goes_with_a_refresh_and_in_bulk_none_is_lost(project):
    AccountToken.objects.create(user_id=ANA, refresh_token="the-kept-one")
    token = AccountToken.objects.get()
    token.refresh_token = "another"
    token.refresh_from_db()
    assert token.refresh_token == "the-kept-one"
    with pytest.raises(errors.InvalidArgumentOauthClientError, match="save"):
        AccountToken.objects.bulk_create([AccountToken(user_id="auth0|x", refresh_token="lost")])
    AccountToken.objects.bulk_create([AccountToken(user_id="auth0|x")])


# ---- pickles, as queues and pools of processes make them ----


def every_exception():
    problem = errors.MyAccountApiOauthClientError("Bad", "https://x/", "no", 400, [{"field": "id"}])
    answer = errors.Auth0Answer("token_http_error", "invalid_grant", "no", 403)
    yield errors.Auth0OauthClientImproperlyConfigured(faults=["client_id: is missing"])
    yield errors.MissingTransactionOauthClientError()
    yield errors.MissingRequiredArgumentOauthClientError("code or state")
    yield errors.InvalidArgumentOauthClientError("scope", "it must be a str")
    yield errors.ApiOauthClientError("state_mismatch", "no", answer)
    yield errors.Auth0PingError("scope_grant", "no", status_code=200, missing_scopes=frozenset({"read:users"}))
    yield errors.AccessTokenOauthClientError("refresh_token_error", "no", answer)
    yield errors.AccessTokenForConnectionOauthClientError("vault_reconnect", "no")
    yield errors.FederatedConnectionRefreshTokenNotFound(error_description="no", cause=answer)
    yield errors.CustomTokenExchangeOauthClientError("invalid_response", "no", answer)
    yield errors.AccountLinkingError("no")
    yield from (problem, answer)


@pytest.mark.parametrize("error", [*every_exception()], ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("again", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy])
def test_an_exception_comes_whole_out_of_a_pickle(error, again):
    other = again(error)
    assert (type(other), str(other), other.args) == (type(error), str(error), error.args)
    if getattr(error, "cause", None):
        assert str(other.cause) == str(error.cause) and vars(other.cause) == vars(error.cause)
    known = vars(error) | {"cause": None}
    assert vars(other) | {"cause": None} == known


# ---- dumps, and the pages of the admin ----


@pytest.fixture
def kept(linking, visitor):
    """Ana is signed in, with an account that she has connected; all secrets of hers."""
    given = visitor.sign_in()["tokens"]
    linking.control("next-connect", {"user_id": "google-oauth2|100000000000000000002"})
    visitor.client.get(visitor.back(visitor.get("/connect", connection="google-oauth2")["Location"]))
    LocalIdentity.objects.create(user=get_user_model().objects.create(username="ana"), issuer="x", subject=ANA)
    return [given["access_token"], given["refresh_token"], given["id_token"],
            AccountToken.objects.get().sealed, visitor.session["_auth0_oauth_client"]["handle"]]


def test_sec_07_a_dump_holds_no_token(kept):
    out = io.StringIO()
    call_command("dumpdata", "auth0_oauth_client", stdout=out)
    assert ANA in out.getvalue()
    *secrets, sealed, handle = kept
    assert not [secret for secret in [*secrets, handle] if secret in out.getvalue()]


@pytest.mark.parametrize("model", ["accounttoken", "connectedaccount", "localidentity", "accountlinking"])
def test_sec_07_no_page_of_the_admin_shows_a_token(kept, model):
    from django.apps import apps

    staff = get_user_model().objects.create_superuser("sam")
    browser = Client()
    browser.force_login(staff, "django.contrib.auth.backends.ModelBackend")
    row = apps.get_model("auth0_oauth_client", model).objects.first()
    pages = ["", "?q=a"] + ([f"{row.pk}/change/", f"{row.pk}/history/"] if row else [])
    assert row or model == "accountlinking"
    with override_settings(ROOT_URLCONF="project.ready_made"):
        for page in pages:
            answer = browser.get(f"/admin/auth0_oauth_client/{model}/{page}")
            assert answer.status_code == 200, page
            assert not [secret for secret in kept if secret in answer.content.decode()], page
    assert kept[1] not in f"{row} {row!r} {vars(row) if row else ''}"


def test_the_admin_deletes_a_user_with_their_identity(kept):
    """As it does everything that hangs on a user, for staff who may."""
    staff = get_user_model().objects.create_superuser("sam")
    ana = get_user_model().objects.get(username="ana")
    browser = Client()
    browser.force_login(staff, "django.contrib.auth.backends.ModelBackend")
    with override_settings(ROOT_URLCONF="project.ready_made"):
        browser.post(f"/admin/auth/user/{ana.pk}/delete/", {"post": "yes"})
    assert not get_user_model().objects.filter(username="ana").exists()
    assert not LocalIdentity.objects.exists()
