"""A project written for the existing package runs unchanged on this one: in a process of its
own, before a tenant, walked through as a browser would."""

import http.cookiejar
import json
import os
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from conftest import Process, Tenant, free_port

HERE = Path(__file__).resolve().parent
ANA = "auth0|a1a1a1a1a1a1a1a1a1a1a1a1"
CALENDAR = "https://www.googleapis.com/auth/calendar.readonly"


class Browser:
    """Follows redirects and keeps cookies, at the site and at the tenant."""

    def __init__(self, site):
        self.site = site
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )

    def get(self, path):
        """Where it ended, the status, and what stood there."""
        try:
            answer = self.opener.open(urllib.parse.urljoin(self.site, path), timeout=20)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            body = answer.read().decode()
        is_json = answer.headers.get_content_type() == "application/json"
        return answer.url, answer.status, json.loads(body) if is_json else body


@pytest.fixture(scope="module")
def tenant(tmp_path_factory):
    running = Tenant(tmp_path_factory.mktemp("tenant"))
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def site(tenant, tmp_path_factory):
    folder = tmp_path_factory.mktemp("existing")
    port = free_port()
    url = f"http://localhost:{port}"
    tenant.control("clients", {
        "client_id": "demo-web",
        "callbacks": [f"{url}/auth/callback"],
        "allowed_logout_urls": [f"{url}/"],
    })
    tenant.control("client_grants", {
        "client_id": "demo-web",
        "audience": f"{tenant.url}/api/v2/",
        "scope": ["read:users", "update:users"],
    })
    grants = {client["client_id"]: client["grant_types"] for client in tenant.control("clients")}
    tenant.control("clients", {
        "client_id": "demo-web", "grant_types": [*grants["demo-web"], "client_credentials"],
    })
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "existing_project.settings",
        "PYTHONPATH": os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]),
        "DATABASE": str(folder / "db.sqlite3"),
        "AUTH0_DOMAIN": tenant.url,
        "AUTH0_CLIENT_ID": "demo-web",
        "AUTH0_CLIENT_SECRET": "demo-web-secret",
    }
    manage = [sys.executable, "-u", "-m", "django"]
    subprocess.run([*manage, "migrate", "-v0"], env=environment, check=True)
    subprocess.run([*manage, "check", "--fail-level", "WARNING"], env=environment, check=True)
    shell = ["sh", "-c", 'exec "$@" 2>&1', "sh"]
    arguments = [*shell, *manage, "runserver", "--noreload", f"localhost:{port}"]
    running = Process(arguments, folder / "site.log", "Quit the server", environment)
    yield url
    running.stop()


@pytest.fixture
def browser(site, tenant):
    return Browser(site)


def sign_in(browser, tenant):
    tenant.control("next-login", {"user_id": ANA})
    url, status, page = browser.get("/auth/login/")
    assert (urllib.parse.urlsplit(url).path, status) == ("/dashboard/", 200)
    return page


def test_signing_in_and_out(browser, tenant):
    page = sign_in(browser, tenant)
    assert page["user"]["sub"] == ANA
    assert page["profile"] == "ana@example.test"
    assert page["has_token"] is True
    assert page["audience"] == f"{tenant.url}/me/"
    browser.get("/auth/logout/")
    assert browser.get("/dashboard/")[2] == {"user": None, "refresh_token": None}


def test_a_callback_that_nobody_began(browser):
    assert browser.get("/auth/callback?state=x")[1:] == (400, "missing_required_argument_error")


def test_connecting_using_and_disconnecting(browser, tenant):
    page = sign_in(browser, tenant)
    assert page["accounts"] == [] and page["connections"]
    url, status, answer = browser.get("/token/google-oauth2/")
    assert answer == {
        "code": "federated_connection_refresh_token_not_found",
        "error": "federated_connection_refresh_token_not_found",
        "has_cause": True,
    }

    tenant.control("next-connect", {"user_id": "google-oauth2|100000000000000000002"})
    url, status, page = browser.get("/auth/connect/google-oauth2/")
    assert (urllib.parse.urlsplit(url).path, status) == ("/dashboard/", 200)
    account, = page["accounts"]
    assert account["connection"] == "google-oauth2"
    assert {CALENDAR, "openid"} <= set(account["scopes"])
    assert page["rows"] == [
        {"connected_account_id": account["id"], "provider": "google-oauth2", "is_account_linked": False}
    ]
    token = browser.get("/token/google-oauth2/")[2]
    assert token["has_token"] and CALENDAR in token["scope"].split()

    page = browser.get(f"/auth/disconnect/{account['id']}/")[2]
    assert (page["accounts"], page["rows"]) == ([], [])


def test_readiness(browser):
    url, status, answer = browser.get("/health/?scope=read:users")
    assert (status, answer["ok"], sorted(answer)) == (
        200, True, ["expires_in", "granted_scopes", "latency_ms", "ok"]
    )
    url, status, answer = browser.get("/health/?scope=delete:users&scope=read:users")
    assert (status, answer) == (503, {"stage": "scope_grant", "missing": ["delete:users"]})
