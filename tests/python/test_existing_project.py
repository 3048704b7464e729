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
EVA = "auth0|e1e1e1e1e1e1e1e1e1e1e1e1"
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
    tenant.control("users", {"user_id": EVA, "email": "eva@example.test", "email_verified": True,
                             "password": "local-password"})
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "existing_project.settings",
        "PYTHONPATH": os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]),
        "DATABASE": str(folder / "db.sqlite3"),
        "AUTH0_DOMAIN": tenant.url,
        "PROVIDERS": f"{tenant.url}/_provider",
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


def begin(browser, tenant, user_id, path="/auth/login/"):
    """Where a sign-in ended, and what stood there."""
    tenant.control("next-login", {"user_id": user_id})
    url, status, page = browser.get(path)
    assert status == 200, page
    return url.removeprefix(browser.site), page


def sign_in(browser, tenant, user_id=EVA):
    path, page = begin(browser, tenant, user_id)
    assert path == "/dashboard/"
    return page


def by_password(tenant, name):
    """The id of a new user of the database."""
    tenant.control("users", {"user_id": f"auth0|{name}", "email": f"{name}@example.test",
                             "email_verified": True, "password": "local-password"})
    return f"auth0|{name}"


def by_google(tenant, name):
    """The id of a new user who came by Google."""
    tenant.control("users", {"user_id": f"google-oauth2|{name}", "connection": "google-oauth2",
                             "email": f"{name}@example.test", "email_verified": True})
    return f"google-oauth2|{name}"


def test_signing_in_and_out(browser, tenant):
    page = sign_in(browser, tenant)
    assert page["user"]["sub"] == EVA
    assert page["profile"] == "eva@example.test"
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


def test_a_social_sign_in_is_linked_to_the_account_with_a_password(site, tenant):
    password = by_password(tenant, "fay")
    sign_in(Browser(site), tenant, password)
    page = sign_in(Browser(site), tenant, by_google(tenant, "fay"))
    assert page["user"]["sub"] == password
    assert (page["profile"], page["links"]) == ("fay@example.test", ["google-oauth2"])


def test_a_connected_account_is_linked_though_its_address_differs(site, tenant):
    password, google = by_password(tenant, "gil"), by_google(tenant, "qwerty")
    browser = Browser(site)
    sign_in(browser, tenant, password)
    tenant.control("next-connect", {"user_id": google})
    browser.get("/auth/connect/google-oauth2/")
    page = sign_in(Browser(site), tenant, google)
    assert page["user"]["sub"] == password
    assert [row["is_account_linked"] for row in page["rows"]] == [True]


def waiting(browser, tenant, name):
    """Signs in by password where the account at Google is another; both ids."""
    password, google = by_password(tenant, name), by_google(tenant, name)
    path, pending = begin(browser, tenant, password)
    assert path == "/auth/linking/"
    assert (pending["primary_user_id"], pending["secondary_user_id"]) == (google, password)
    assert pending["primary_provider_friendly_name"] == "Google"
    return password, google


def test_a_password_sign_in_is_linked_after_a_confirmation(browser, tenant):
    password, google = waiting(browser, tenant, "hal")
    path, page = begin(browser, tenant, google, "/auth/linking/confirm/")
    assert path == "/dashboard/?accounts=linked"
    assert (page["user"]["sub"], page["links"]) == (google, ["auth0"])


def test_a_confirmation_by_another_account_links_nothing_and_signs_out(browser, tenant):
    waiting(browser, tenant, "ida")
    path, page = begin(browser, tenant, by_google(tenant, "jon"), "/auth/linking/confirm/")
    assert path == "/dashboard/?accounts=different"
    assert page["user"] is None


def test_a_link_that_is_cancelled_leaves_both_accounts(browser, tenant):
    password, google = waiting(browser, tenant, "kim")
    page = browser.get("/auth/linking/cancel/")[2]
    assert (page["user"]["sub"], page["links"]) == (password, [])
    assert browser.get("/auth/linking/")[0].endswith("/dashboard/")


def test_readiness(browser):
    url, status, answer = browser.get("/health/?scope=read:users")
    assert (status, answer["ok"], sorted(answer)) == (
        200, True, ["expires_in", "granted_scopes", "latency_ms", "ok"]
    )
    url, status, answer = browser.get("/health/?scope=delete:users&scope=read:users")
    assert (status, answer) == (503, {"stage": "scope_grant", "missing": ["delete:users"]})
