"""What stands in Django's database and cache: group STOR."""

pytest_plugins = ("django_project",)

import base64  # noqa: E402

import pytest  # noqa: E402
from django_project import ANA, BEN, InFlight, Visitor  # noqa: E402  (sets Django up)
from auth0_oauth_client import auth_client, errors  # noqa: E402
from auth0_oauth_client.models import AccountToken, SealedRow  # noqa: E402
from auth0_oauth_client.store import DjangoStore  # noqa: E402
from django.apps import apps  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.test import override_settings  # noqa: E402

SESSION = 1


@pytest.fixture(autouse=True)
def with_tokens():
    with override_settings(ROOT_URLCONF="project.failing"):
        yield


def dump(database):
    """All rows of all tables, and the cache."""
    with connections[database].cursor() as cursor:
        rows = []
        for model in apps.get_models():
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            rows += [bytes(v) if isinstance(v, (bytes, memoryview)) else str(v).encode()
                     for row in cursor.fetchall() for v in row]
    return b"\n".join([*rows, *cache._cache.values()])


def forms_of(secret):
    """The secret, and what base64 makes of it wherever it stands in a text."""
    yield secret.encode()
    for shift in range(3):
        text = base64.b64encode(b"x" * shift + secret.encode())
        yield text[4 * (shift > 0) + 4:-8]


class Killed(BaseException):
    """The end of the process, as far as what is kept is concerned."""


@pytest.mark.parametrize("is_before", [True, False], ids=["before", "after"])
def test_a_sign_in_that_is_cut_off_anywhere_leaves_the_person_or_nobody(
    database, project, monkeypatch, is_before
):
    commit, cut_off = DjangoStore.commit, 0
    while True:
        visitor = Visitor(project)
        callback = visitor.authorize(visitor.begin())
        left = iter(range(cut_off, -1, -1))

        def dies(store, ops, now):
            last = next(left, None) == 0
            if last and is_before:
                raise Killed
            done = commit(store, ops, now)
            if last:
                raise Killed
            return done

        with monkeypatch.context() as broken:
            broken.setattr(DjangoStore, "commit", dies)
            try:
                visitor.client.get(callback)
                break
            except Killed:
                pass
        assert visitor.sub in (None, ANA)
        assert visitor.sign_in(ANA) and visitor.sub == ANA
        cut_off += 1
    assert cut_off >= 2


def test_stor_04_no_secret_stands_anywhere_in_the_clear(database, linking, visitor):
    tokens = visitor.sign_in(ANA)["tokens"]
    secrets = [tokens["access_token"], tokens["id_token"], tokens["refresh_token"]]
    secrets.append(visitor.get("/access-token/email").json()["token"])
    assert visitor.begin()  # another sign-in is open
    assert auth_client.get_user_by_id(ANA)["user_id"] == ANA
    kept = dump(database)
    assert ANA.encode() in kept
    for secret in secrets:
        assert not [form for form in forms_of(secret) if form in kept]
    # The looking finds what is there.
    AccountToken.objects.update(sealed=base64.b64encode(b"ab" + secrets[2].encode()).decode())
    assert any(form in dump(database) for form in forms_of(secrets[2]))


def test_stor_05_a_sealed_text_that_was_moved_or_put_back_does_not_open(database, project, visitor, other):
    visitor.sign_in(ANA)
    other.sign_in(BEN)
    ana, ben = AccountToken.objects.get(user_id=ANA), AccountToken.objects.get(user_id=BEN)
    before = AccountToken.objects.filter(user_id=ANA).values("sealed", "version", "sealed_at").get()
    AccountToken.objects.filter(user_id=BEN).update(sealed=ana.sealed)
    assert ben.refresh_token is None and ana.refresh_token
    ana.refresh_token = "a-newer-one"
    ana.save()
    AccountToken.objects.filter(user_id=ANA).update(sealed=before["sealed"])
    assert ana.refresh_token is None


def test_stor_05_sessions_that_were_swapped_are_nobodys(database, project, visitor, other):
    visitor.sign_in(ANA)
    other.sign_in(BEN)
    one, two = SealedRow.objects.filter(kind=SESSION)
    SealedRow.objects.filter(pk=one.pk).update(data=two.data)
    SealedRow.objects.filter(pk=two.pk).update(data=one.data)
    assert (visitor.sub, other.sub) == (None, None)
    visitor.sign_in(ANA)
    assert visitor.sub == ANA


def test_stor_07_a_restored_database_has_no_session_and_no_open_sign_in(database, project, visitor, other):
    visitor.sign_in(ANA)
    location = other.begin()
    token = AccountToken.objects.get().refresh_token
    call_command("auth0_mark_restored", verbosity=0)
    assert visitor.sub is None
    with pytest.raises(errors.MissingTransactionOauthClientError):
        other.client.get(other.authorize(location))
    assert AccountToken.objects.get().refresh_token == token
    assert visitor.sign_in(ANA)["tokens"]["refresh_token"] and visitor.sub == ANA


def test_stor_12_who_was_erased_is_not_made_again_by_a_refresh_in_flight(
    database, project, visitor, other, monkeypatch
):
    visitor.sign_in(ANA)
    other.sign_in(BEN)
    refresh = InFlight(visitor, monkeypatch)
    auth_client.erase_user(ANA)
    assert refresh.land().http_status == 401
    assert ANA.encode() not in dump(database)
    assert auth_client.export_user(ANA)["sessions"] == []
    assert other.sub == BEN
