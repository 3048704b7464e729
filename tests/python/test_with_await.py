"""The async twins: the event loop goes on, and whoever gives up in between changes nothing for
others. And what Django's report of an error shows of a sign-in."""

import asyncio
import sys
import time

pytest_plugins = ("django_project",)

import pytest  # noqa: E402
from django_project import ANA  # noqa: E402  (sets Django up)
from asgiref.sync import sync_to_async  # noqa: E402
from auth0_oauth_client import auth_client, sessions  # noqa: E402
from auth0_oauth_client.store import DjangoStore  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.db import OperationalError, connections  # noqa: E402
from django.test import RequestFactory, override_settings  # noqa: E402
from django.views.debug import ExceptionReporter  # noqa: E402
from test_raising import World, settings_of  # noqa: E402

DELAY_MS = 600


@pytest.fixture
def world(project, monkeypatch):
    cache.clear()
    with override_settings(AUTH0_OAUTH_CLIENT=settings_of(project)):
        yield World(project, monkeypatch)
    project.control("reset", {})


async def close_connections():
    """Of the thread in which the twins work."""
    await sync_to_async(connections.close_all)()


def test_while_an_operation_waits_the_event_loop_goes_on(world):
    world.fault("token.delay", DELAY_MS)

    async def walk():
        asked = asyncio.create_task(auth_client.aping())
        longest, seen = 0, time.monotonic()
        while not asked.done():
            await asyncio.sleep(0.01)
            now = time.monotonic()
            longest, seen = max(longest, now - seen), now
        return (await asked)["ok"], longest

    began = time.monotonic()
    ok, longest = asyncio.run(walk())
    took = time.monotonic() - began
    assert ok and took > DELAY_MS / 1000
    assert longest < DELAY_MS / 2000


def test_a_task_that_is_cancelled_in_between_is_all_that_ends(world):
    callback = world.come_back(ANA)
    world.fault("token.delay", DELAY_MS)
    request = world.request

    async def walk():
        task = asyncio.create_task(auth_client.acomplete_login(request, callback))
        await asyncio.sleep(DELAY_MS / 3000)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # The same thread, so not before the sign-in has ended.
        seen = await auth_client.aget_idp_username(request)
        await close_connections()
        return seen

    assert asyncio.run(walk()) == ANA
    world.tenant.delete("faults")
    assert auth_client.get_idp_username(world.request) == ANA
    assert auth_client.ping()["ok"]


def test_operations_of_one_task_are_in_its_transaction(world, monkeypatch):
    """As Django's own database is used by await: in one thread."""
    seen = set()
    get = DjangoStore.get

    def watched(store, *arguments):
        seen.add(id(connections["default"]))
        return get(store, *arguments)

    monkeypatch.setattr(DjangoStore, "get", watched)
    world.sign_in()
    seen.clear()
    request = world.request

    async def walk():
        assert await auth_client.aget_idp_username(request) == ANA
        seen.add(await sync_to_async(lambda: id(connections["default"]))())
        await close_connections()

    asyncio.run(walk())
    assert len(seen) == 1


# ---- reports ----


def secret(number):
    """Not to be found in the source, of which a report shows lines too."""
    return f"secret-{number * 1000001}"


def report_of(call):
    try:
        call()
    except Exception:
        reporter = ExceptionReporter(RequestFactory().get("/"), *sys.exc_info())
        return reporter.get_traceback_html() + reporter.get_traceback_text()
    raise AssertionError("nothing was raised")


def test_sec_04_a_report_of_a_logout_token_does_not_show_it(world):
    text = report_of(lambda: auth_client.handle_backchannel_logout(secret(42)))
    assert "Traceback" in text
    assert secret(42) not in text


def test_sec_04_a_report_of_a_session_that_can_not_be_saved_shows_no_token(world, monkeypatch):
    callback = world.come_back(ANA)
    keep = sessions.keep_signed_in

    def away(request, session):
        keep(request, session)
        raise OperationalError("of the database")

    monkeypatch.setattr(sessions, "keep_signed_in", away)
    text = report_of(lambda: auth_client.complete_login(world.request, callback))
    token = auth_client.get_refresh_token(world.request)
    assert token and token not in text
