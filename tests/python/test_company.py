"""One client in company: forked processes, threads, and callbacks that raise."""

pytest_plugins = ("django_project",)

import logging  # noqa: E402
import os  # noqa: E402
import threading  # noqa: E402
import traceback  # noqa: E402

import pytest  # noqa: E402
from django_project import ANA, BEN  # noqa: E402  (sets Django up)
from auth0_oauth_client import auth_client, errors  # noqa: E402
from auth0_oauth_client.cache import DjangoCache  # noqa: E402
from auth0_oauth_client.store import DjangoStore  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.db import OperationalError, connections  # noqa: E402
from django.test import override_settings  # noqa: E402
from test_raising import World, settings_of  # noqa: E402


@pytest.fixture
def world(project, monkeypatch):
    cache.clear()
    with override_settings(AUTH0_OAUTH_CLIENT=settings_of(project)):
        yield World(project, monkeypatch)
    project.control("reset", {})


def raising(failure):
    def call(*args, **kwargs):
        raise failure

    return call


def forked(work):
    """Runs in a child, which ends with 0 when all went well; its process id."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            connections.close_all()
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return pid


def test_http_11_a_client_that_was_used_goes_on_in_every_child_and_in_the_parent(world):
    world.sign_in()
    connections.close_all()

    def work():
        assert auth_client.get_idp_username(world.request) == ANA
        assert auth_client.ping()["ok"]
        assert world.ask()

    children = [forked(work) for _ in range(3)]
    work()
    for pid in children:
        assert os.waitpid(pid, 0)[1] == 0
    work()
    world.sign_in(BEN)


def test_threads_share_one_client_and_mix_up_nobody(world):
    people = [ANA, BEN] * 4
    signing_in = threading.Lock()  # the tenant lets people in one after the other
    seen = {}

    def work(number, person):
        try:
            mine = World(world.tenant, world.patch)
            with signing_in:
                mine.sign_in(person)
            for _ in range(10):
                assert auth_client.get_idp_username(mine.request) == person
                assert auth_client.get_user_info(mine.request)["sub"] == person
                assert auth_client.get_user_by_id(person)["user_id"] == person
                mine.ask()
            seen[number] = person
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=each) for each in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == dict(enumerate(people))


@pytest.mark.parametrize("failure", [ValueError("x"), MemoryError(), UnicodeDecodeError("utf-8", b"x", 0, 1, "x")])
def test_a_cache_that_is_down_costs_requests_and_nothing_else(world, failure):
    for name in ("get", "set", "delete"):
        world.patch.setattr(DjangoCache, name, raising(failure))
    world.sign_in()
    assert world.ask()
    assert auth_client.get_user_by_id(ANA)["user_id"] == ANA
    assert auth_client.update_user(ANA, {"nickname": "ana"})["nickname"] == "ana"
    auth_client.logout(world.request)
    assert auth_client.get_idp_username(world.request) is None


def test_a_cache_that_is_down_stands_in_the_log(world, caplog):
    world.patch.setattr("django.core.cache.backends.locmem.LocMemCache.get", raising(ConnectionError("of the cache")))
    assert auth_client.get_user_by_id(ANA)["user_id"] == ANA
    assert "of the cache" in caplog.text


def test_a_log_that_raises_changes_nothing(world):
    world.patch.setattr(logging.getLogger("auth0_oauth_client"), "filters", [raising(ValueError("of a filter"))])
    world.sign_in()
    with pytest.raises(errors.ApiOauthClientError):
        world.begin()
        auth_client.complete_login(world.request, "http://localhost:3000/auth/callback?code=x&state=y")
    assert auth_client.get_idp_username(world.request) == ANA


@pytest.mark.parametrize("port", ["get", "commit"])
def test_an_interrupt_in_a_callback_comes_out_and_changes_nothing(world, port):
    world.sign_in()
    before = dict(world.session.items())
    with world.patch.context() as patch:
        patch.setattr(DjangoStore, port, raising(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            world.begin() if port == "commit" else world.ask()
    assert dict(world.session.items()) == before
    assert auth_client.get_idp_username(world.request) == ANA


@pytest.mark.parametrize("failure", [OperationalError("gone"), ValueError("odd")])
def test_a_database_that_fails_has_its_reason_in_the_cause_and_leaves_the_session(world, failure):
    """At each commit of a sign-in by another person in turn."""
    world.sign_in()
    for at in range(1, 20):
        callback = world.come_back(BEN)
        commits = []

        def counted(ops):
            commits.append(ops)
            if len(commits) == at:
                raise failure

        with world.patch.context() as patch:
            commit = DjangoStore.commit
            patch.setattr(DjangoStore, "commit",
                          lambda store, ops, now: counted(ops) or commit(store, ops, now))
            try:
                auth_client.complete_login(world.request, callback)
            except errors.Auth0OauthClientError as error:
                assert error.__cause__ is failure
                assert auth_client.get_idp_username(world.request) == ANA
        if len(commits) < at:
            break
    assert 1 < at < 19
    assert auth_client.get_idp_username(world.request) == BEN
