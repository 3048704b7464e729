"""A project of Django in this process, its database in a file, and a tenant that all its
tests share. A test module names this one in pytest_plugins."""

import atexit
import http.client
import os
import shutil
import sys
import tempfile
import threading
import urllib.parse
from pathlib import Path

import pytest

FOLDER = tempfile.mkdtemp(prefix="a0-django-")
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)

sys.path.insert(0, str(Path(__file__).resolve().parent))
os.environ["TEST_FOLDER"] = FOLDER
os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"

import django  # noqa: E402

django.setup()

from conftest import Tenant  # noqa: E402
from django.apps import apps  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.db.backends.signals import connection_created  # noqa: E402
from django.dispatch import receiver  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from postgres import Postgres, programs  # noqa: E402
from project.routers import Chosen  # noqa: E402

setup_test_environment()


@receiver(connection_created)
def hurry(connection, **rest):
    """No test pulls the plug."""
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA synchronous = OFF")


ANA = "auth0|a1a1a1a1a1a1a1a1a1a1a1a1"
BEN = "auth0|b2b2b2b2b2b2b2b2b2b2b2b2"
ANA_AT_GOOGLE = "google-oauth2|100000000000000000001"
CHEN_AT_GOOGLE = "google-oauth2|100000000000000000002"


def settings_for(tenant, **more):
    """AUTH0_OAUTH_CLIENT for the demo application of a tenant."""
    return settings.AUTH0_OAUTH_CLIENT | {
        "auth0_domain": tenant.url,
        "auth0_management_api_domain": tenant.url,
    } | more


class Visitor:
    """A browser: Django's cookies here, none at the tenant."""

    def __init__(self, tenant):
        self.tenant = tenant
        self.client = Client()

    def get(self, path, **query):
        return self.client.get(path, query)

    def begin(self, **params):
        """Opens a sign-in; the address at the tenant."""
        answer = self.get("/login", **params)
        assert answer.status_code == 302, answer.content
        return answer["Location"]

    def authorize(self, location, person=ANA):
        """Signs in at the tenant; the path and query of the callback."""
        self.tenant.control("next-login", {"user_id": person})
        return self.back(location)

    def back(self, location):
        """What the tenant answers at once, as it comes back here."""
        back = urllib.parse.urlsplit(self.tenant.follow(location))
        return f"{back.path}?{back.query}"

    def sign_in(self, person=ANA, **params):
        answer = self.client.get(self.authorize(self.begin(**params), person))
        assert answer.status_code == 200, answer.content
        return answer.json()

    @property
    def sub(self):
        return self.get("/me").json()["sub"]

    @property
    def session(self):
        return self.client.session


class InFlight:
    """A request of a visitor for an access token that Auth0 has answered, and that is about to
    write what came."""

    def __init__(self, visitor, monkeypatch):
        from auth0_oauth_client.store import UPDATE, DjangoStore

        session, commit = 1, DjangoStore.commit
        arrived, self._may_write = threading.Event(), threading.Event()

        def late(store, ops, now):
            is_this = threading.current_thread() is self._thread
            if is_this and any(op[0] == UPDATE and op[2] == session for op in ops):
                arrived.set()
                assert self._may_write.wait(60)
            return commit(store, ops, now)

        def ask():
            try:
                self._outcome = visitor.get("/access-token/email")
            except Exception as failure:
                self._outcome = failure
            finally:
                connections.close_all()

        monkeypatch.setattr(DjangoStore, "commit", late)
        self._thread = threading.Thread(target=ask)
        self._thread.start()
        assert arrived.wait(60)

    def land(self):
        """Lets it write; its answer, or what it raised."""
        self._may_write.set()
        self._thread.join()
        return self._outcome


class DjangoTenant(Tenant):
    """Gives answers to authorization requests as a browser would carry them back."""

    def authorize(self, location, person=ANA):
        self.control("next-login", {"user_id": person})
        return self.follow(location)

    def follow(self, location):
        """Where the tenant sends a browser from there."""
        parts = urllib.parse.urlsplit(location)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        answer.read()
        connection.close()
        assert answer.status in (302, 303), answer.status
        return answer.headers["Location"]


@pytest.fixture(scope="session")
def migrated():
    call_command("migrate", database="default", verbosity=0)


@pytest.fixture(autouse=True)
def left_as_found(request):
    """What a test puts into the project's database, no other finds there."""
    yield
    if "migrated" in request.fixturenames:
        empty("default")


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server whose database `project` is migrated."""
    if programs() is None:
        pytest.skip("there is no PostgreSQL; scripts/setup installs it")
    server = Postgres(f"{FOLDER}/pg")
    server.create_database("project")
    call_command("migrate", database="postgresql", verbosity=0)
    yield server
    connections["postgresql"].close()
    server.stop()


def empty(alias):
    for model in apps.get_models():
        if model._meta.app_label != "contenttypes":
            model.objects.using(alias).all().delete()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, migrated):
    """The alias of a database that everything goes to; empty afterwards."""
    if request.param == "postgresql":
        request.getfixturevalue("postgres")
        Chosen.alias = "postgresql"
    yield Chosen.alias
    if Chosen.alias != "default":
        empty(Chosen.alias)
    Chosen.alias = "default"


@pytest.fixture(scope="session")
def one_tenant(tmp_path_factory):
    running = DjangoTenant(tmp_path_factory.mktemp("tenant"))
    yield running
    assert running.stop() == 0


@pytest.fixture
def project(migrated, one_tenant):
    """The project, at the tenant."""
    with override_settings(AUTH0_OAUTH_CLIENT=settings_for(one_tenant)):
        yield one_tenant


@pytest.fixture
def linking(project):
    """The project with linking on, before a tenant that is as new afterwards."""
    with override_settings(AUTH0_OAUTH_CLIENT=settings_for(
        project,
        connections_for_account_linking=["Username-Password-Authentication", "google-oauth2"],
        management_client_id="demo-m2m",
        management_client_secret="demo-m2m-secret",
        provider_userinfo={"google-oauth2": {"url": f"{project.url}/_provider/google-oauth2/userinfo"}},
    )):
        yield project
    project.control("reset", {})


@pytest.fixture
def visitor(project):
    return Visitor(project)


@pytest.fixture
def other(project):
    """Another browser."""
    return Visitor(project)
