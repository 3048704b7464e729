"""Sessions on every engine of Django: group SESS."""

pytest_plugins = ("django_project",)

import threading  # noqa: E402
from contextlib import suppress  # noqa: E402
from importlib import import_module  # noqa: E402

import pytest  # noqa: E402
from django_project import ANA, ANA_AT_GOOGLE, BEN, FOLDER, InFlight, Visitor, empty  # noqa: E402  (sets Django up)
from auth0_oauth_client import errors, sessions  # noqa: E402
from auth0_oauth_client.models import SealedRow  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.db import connections  # noqa: E402
from django.test import Client, RequestFactory, override_settings  # noqa: E402

ENGINES = ["db", "cached_db", "cache", "file", "signed_cookies"]
SESSION = 1


@pytest.fixture(params=ENGINES)
def engine(request, project):
    empty("default")
    with override_settings(
        SESSION_ENGINE=f"django.contrib.sessions.backends.{request.param}",
        SESSION_FILE_PATH=FOLDER,
        ROOT_URLCONF="project.local_users",
    ):
        yield request.param


def cookie(visitor):
    return visitor.client.cookies[settings.SESSION_COOKIE_NAME].value


def browser_with(value, tenant):
    """Another browser with a cookie that was copied, or planted."""
    other = Visitor(tenant)
    other.client.cookies[settings.SESSION_COOKIE_NAME] = value
    return other


def sign_in(visitor, person=ANA):
    answer = visitor.client.get(visitor.authorize(visitor.begin(), person))
    assert answer.json() == {"sub": person}


def people(visitor):
    named = visitor.get("/people").json()
    return named["auth0"], named["django"]


def both(person):
    return person, person.replace("|", ".")


NOBODY = (None, "")


# ---- a new id ----


def test_sess_01_every_sign_in_has_a_new_id_and_the_old_one_opens_nothing(engine, visitor, project):
    visitor.get("/put/anonymous")
    seen = [(cookie(visitor), NOBODY)]
    for person in (ANA, ANA, BEN):
        handle = visitor.session.get("_auth0_oauth_client", {}).get("handle")
        sign_in(visitor, person)
        assert people(visitor) == both(person)
        assert cookie(visitor) not in [old for old, _ in seen]
        assert visitor.session["_auth0_oauth_client"]["handle"] != handle
        for old, _ in seen:
            assert people(browser_with(old, project))[0] is None
        seen.append((cookie(visitor), person))
    assert SealedRow.objects.filter(kind=SESSION).count() == 1


def test_sess_01_an_id_that_was_planted_does_not_sign_its_planter_in(engine, visitor, project):
    planter = Visitor(project)
    sign_in(planter, BEN)
    victim = browser_with(cookie(planter), project)
    sign_in(victim, ANA)
    assert people(victim) == both(ANA)
    assert people(planter)[0] is None
    assert people(browser_with(cookie(planter), project))[0] is None


def test_sess_01_a_link_has_a_new_id(engine, linking, visitor, project):
    sign_in(visitor, ANA_AT_GOOGLE)
    before, handle = cookie(visitor), visitor.session["_auth0_oauth_client"]["handle"]
    assert visitor.get("/link/verify").json()["is_account_linked"]
    assert cookie(visitor) != before
    assert visitor.session["_auth0_oauth_client"]["handle"] != handle
    # Django's user was that of the account that is no more.
    assert people(visitor) == (ANA, "")
    assert people(browser_with(before, project))[0] is None


def test_sess_01_what_a_project_keeps_stays_with_the_person_and_goes_with_another(engine, visitor):
    visitor.get("/put/anonymous")
    sign_in(visitor, ANA)
    visitor.get("/put/of-ana")
    sign_in(visitor, ANA)
    assert {"anonymous", "of-ana"} <= set(visitor.session.keys())
    sign_in(visitor, BEN)
    assert not {"anonymous", "of-ana"} & set(visitor.session.keys())


# ---- several tabs ----


def at_once(number, work):
    """Runs work(i) in threads that begin together; the results."""
    barrier, results = threading.Barrier(number), [None] * number

    def run(i):
        try:
            barrier.wait()
            results[i] = work(i)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_sess_07_eight_sign_ins_that_start_at_once_can_all_be_finished(engine, visitor, project):
    visitor.get("/put/anonymous")
    value = cookie(visitor)

    def begin(i):
        tab = browser_with(value, project)
        return tab.begin(), cookie(tab)

    begun = at_once(8, begin)
    locations = [location for location, _ in begun]
    # The cookie of whichever answer came last.
    visitor.client.cookies[settings.SESSION_COOKIE_NAME] = begun[3][1]
    for location in reversed(locations):
        person = ANA if locations.index(location) % 2 else BEN
        assert visitor.client.get(visitor.authorize(location, person)).json() == {"sub": person}
        assert people(visitor) == both(person)


def test_sess_07_of_nine_sign_ins_one_has_made_room(engine, visitor, project):
    refused = 0
    for location in [visitor.begin() for _ in range(9)]:
        try:
            visitor.client.get(visitor.authorize(location))
        except errors.ApiOauthClientError as refusal:
            refused += refusal.id == "callback_state_mismatch"
    assert refused == 1
    assert people(visitor) == both(ANA)


# ---- two layers, one person ----


def test_sess_09_djangos_login_keeps_the_sign_in(engine, visitor):
    for person in (ANA, BEN, ANA):
        sign_in(visitor, person)
        assert people(visitor) == both(person)
        visitor.get("/put/own")
        assert people(visitor) == both(person)


def test_sess_09_a_login_that_empties_djangos_session_keeps_the_sign_in(engine, visitor):
    """As login() does for a user whose password has changed."""
    sign_in(visitor, ANA)
    user = User.objects.get()
    user.set_password("another")
    user.save()
    sign_in(visitor, ANA)
    assert people(visitor) == both(ANA)


def test_sess_09_nobody_else_is_left_when_it_fails_between_the_two(engine, visitor):
    sign_in(visitor, ANA)
    callback = visitor.authorize(visitor.begin(), BEN)
    with pytest.raises(RuntimeError):
        visitor.client.get(callback, headers={"X-Fails": "1"})
    # A signed cookie goes on naming Django's user, until the next sign-in of ours.
    assert people(visitor) == ((None, both(ANA)[1]) if engine == "signed_cookies" else NOBODY)
    sign_in(visitor, BEN)
    assert people(visitor) == both(BEN)


def test_sess_09_djangos_logout_ends_ours(engine, visitor, project):
    sign_in(visitor, ANA)
    copied = cookie(visitor)
    visitor.get("/django-logout")
    assert people(visitor) == NOBODY
    assert people(browser_with(copied, project))[0] is None
    assert not SealedRow.objects.filter(kind=SESSION).exists()


# ---- another SECRET_KEY ----


def newer(*before):
    """A new SECRET_KEY, those of before standing behind it."""
    return override_settings(SECRET_KEY="newer" * 10, SECRET_KEY_FALLBACKS=list(before))


def test_sess_06_a_new_secret_key_signs_nobody_out(engine, visitor, project):
    sign_in(visitor, ANA)
    visitor.get("/put/of-ana")
    with newer(settings.SECRET_KEY):
        assert people(visitor) == both(ANA)
        request = RequestFactory().get("/")
        request.session = visitor.session
        assert sessions.is_same_person(request)
        sign_in(visitor, ANA)
        assert "of-ana" in visitor.session
    with newer():
        assert people(visitor)[0] == ANA


def test_sess_06_a_sign_in_goes_on_after_a_new_secret_key(engine, visitor, project):
    visitor.get("/put/anonymous")
    location = visitor.begin()
    with newer(settings.SECRET_KEY):
        assert visitor.client.get(visitor.authorize(location)).json() == {"sub": ANA}


# ---- what ended stays ended ----


def test_sess_12_a_refresh_in_flight_does_not_revive_a_session(engine, visitor, project, monkeypatch):
    sign_in(visitor, ANA)
    copied = cookie(visitor)
    refresh = InFlight(browser_with(copied, project), monkeypatch)
    visitor.get("/logout")
    assert refresh.land().http_status == 401
    assert people(browser_with(copied, project))[0] is None
    assert not SealedRow.objects.filter(kind=SESSION).exists()


def test_sess_17_a_save_of_what_was_there_before_brings_nothing_back(engine, visitor, project):
    sign_in(visitor, ANA)
    late = import_module(settings.SESSION_ENGINE).SessionStore(cookie(visitor))
    assert late["_auth0_oauth_client"]
    visitor.get("/logout")
    late["x"] = "late"
    with suppress(Exception):  # Django itself refuses where the row has gone
        late.save()
    assert people(browser_with(late.session_key, project))[0] is None


def test_sess_17_no_engine_gets_a_token(engine, visitor):
    answer = visitor.client.get(visitor.authorize(visitor.begin()))
    assert answer.status_code == 200
    kept = visitor.session["_auth0_oauth_client"]
    assert set(kept) == {"handle", "person"} and len(kept["handle"]) == 43
    assert ANA not in str(dict(visitor.session.items()))


def test_sess_17_an_evicted_session_is_signed_out_and_can_sign_in_again(visitor, project):
    with override_settings(
        SESSION_ENGINE="django.contrib.sessions.backends.cache", ROOT_URLCONF="project.local_users"
    ):
        sign_in(visitor, ANA)
        cache.clear()
        assert people(visitor) == NOBODY
        sign_in(visitor, ANA)
        assert people(visitor) == both(ANA)


def test_sess_17_a_cookie_that_was_signed_before_the_logout_is_nobodys(visitor, project):
    with override_settings(
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies", ROOT_URLCONF="project.local_users"
    ):
        sign_in(visitor, ANA)
        copied = cookie(visitor)
        visitor.get("/logout")
        assert people(browser_with(copied, project))[0] is None
        assert people(visitor) == NOBODY
