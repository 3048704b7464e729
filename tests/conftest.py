"""What the tests in Python start from: a tenant, a gateway and a browser, each its own."""

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build" / "a0"
SCREENSHOTS = ROOT / "build" / "screenshots"

CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu", "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# The application that the tests register with each tenant.
CLIENT_ID = "under-test"
CLIENT_SECRET = "under-test-secret-of-32-characters"
VAULT_GRANT = "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token"
MY_ACCOUNT_SCOPES = [f"{verb}:me:connected_accounts" for verb in ("create", "read", "delete")]

# What the simulated Google's calendar takes.
CALENDAR = "https://www.googleapis.com/auth/calendar.readonly"


def free_port():
    """A port that was free a moment ago, for programs that must know theirs beforehand."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def plain_environment():
    """The environment without settings that a developer may have for real use."""
    return {name: value for name, value in os.environ.items() if not name.startswith("A0_")}


class Process:
    """A program of ours that says when it is ready, and ends when it is asked to."""

    def __init__(self, arguments, log, ready, environment=None):
        self.log = Path(log)
        self.environment = plain_environment() | (environment or {})
        self.stderr = self.log.open("wb")
        self.process = subprocess.Popen(
            [str(argument) for argument in arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self.stderr,
            env=self.environment,
            text=True,
        )
        self.lines = []
        for line in self.process.stdout:
            self.lines.append(line)
            if re.search(ready, line):
                self.ready = re.search(ready, line)
                return
        self.stop()
        raise AssertionError(f"{arguments} did not get ready:\n{''.join(self.lines)}\n{self.log.read_text()}")

    @property
    def output(self):
        return "".join(self.lines)

    def stop(self):
        """Asks it to end; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.process.stdout.close()
        self.stderr.close()
        return code


class Tenant(Process):
    """`a0 tenant` on a port of its own, and its control API."""

    def __init__(self, folder, *options):
        super().__init__(
            [PROGRAM, "tenant", "--port", "0", *options],
            folder / "tenant.log",
            ready=r"(https?://[\w.\[\]:]+)",
        )
        self.url = self.ready.group(1)

    def control(self, name, body=None):
        """GET /_tenant/{name}, or POST with a body; the JSON answer."""
        request = urllib.request.Request(f"{self.url}/_tenant/{name}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())

    def delete(self, name):
        """DELETE /_tenant/{name}: a whole list."""
        request = urllib.request.Request(f"{self.url}/_tenant/{name}", method="DELETE")
        urllib.request.urlopen(request, timeout=10).close()

    def add_client(self, callbacks, logout_urls=(), **more):
        """Registers the application under test."""
        self.control("clients", {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "name": "application under test",
            "callbacks": list(callbacks),
            "allowed_logout_urls": list(logout_urls),
            "grant_types": ["authorization_code", "refresh_token", VAULT_GRANT],
            "refresh_policies": [{"audience": f"{self.url}/me/", "scope": MY_ACCOUNT_SCOPES}],
        } | more)
        self.control("client_grants", {
            "id": "cgr_under_test_me",
            "client_id": CLIENT_ID,
            "audience": f"{self.url}/me/",
            "subject_type": "user",
            "scope": MY_ACCOUNT_SCOPES,
        })

    def requests(self, path):
        """What arrived at a path, in order."""
        return [entry for entry in self.control("requests") if entry["path"] == path]


def connecting(tenant):
    """Settings of a gateway that lets people connect accounts and try them."""
    return {
        "connect_allowed": {"google-oauth2": [CALENDAR], "github": []},
        "vault_try_out": {"google-oauth2": {
            "url": f"{tenant.url}/_provider/google-oauth2/calendar/events", "scope": CALENDAR,
        }},
        "provider_userinfo": {
            "google-oauth2": {"url": f"{tenant.url}/_provider/google-oauth2/userinfo"},
            "github": {
                "url": f"{tenant.url}/_provider/github/user",
                "emails_url": f"{tenant.url}/_provider/github/user/emails",
            },
        },
        # Whose the second account of a connection is stands in the tenant's log.
        "management_client_id": "demo-m2m",
        "management_client_secret": "demo-m2m-secret",
    }


class Gateway(Process):
    """`a0 serve` with a folder of its own, in front of a tenant."""

    def __init__(self, folder, tenant, **settings):
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        tenant.add_client([f"{self.url}/auth/callback"], [f"{self.url}/"])
        self.secret = secrets.token_urlsafe(32)
        self.config = folder / "a0.json"
        self.config.write_text(json.dumps({
            "auth0_domain": tenant.url,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "connections_for_account_linking": [],
            "listen": [f"localhost:{self.port}"],
            "base_url": self.url,
            "secret": self.secret,
            "database": str(folder / "a0.sqlite"),
        } | settings))
        super().__init__(
            [PROGRAM, "serve", "--config", self.config],
            folder / "gateway.log",
            ready=r"ready|listening|http",
        )


def run_as_machine(tenant, *arguments, **settings):
    """A command of a0, with the tenant's machine for the Management API."""
    environment = plain_environment() | {
        "A0_AUTH0_DOMAIN": tenant.url,
        "A0_CLIENT_ID": "demo-m2m",
        "A0_CLIENT_SECRET": "demo-m2m-secret",
        "A0_CONNECTIONS_FOR_ACCOUNT_LINKING": "[]",
    } | {f"A0_{name.upper()}": value for name, value in settings.items()}
    return subprocess.run(
        [PROGRAM, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        env=environment,
    )


@pytest.fixture
def tenant(tmp_path):
    running = Tenant(tmp_path)
    yield running
    assert running.stop() == 0


@pytest.fixture
def gateway(tmp_path, tenant):
    running = Gateway(tmp_path, tenant)
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="session")
def chromium():
    sync_api = pytest.importorskip("playwright.sync_api")
    path = CHROMIUM if Path(CHROMIUM).exists() else shutil.which("chromium")
    if path is None:
        pytest.fail("there is no Chromium; scripts/setup installs it")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def browser(chromium):
    """A page in a fresh profile: nobody is signed in anywhere."""
    context = chromium.new_context(viewport={"width": 1100, "height": 800})
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


TAKEN = set()


@pytest.fixture
def screenshot(request):
    """Keeps what a person sees in build/screenshots."""
    def take(page, name):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
        TAKEN.add(name)
    return take


def pytest_terminal_summary(terminalreporter):
    if TAKEN:
        terminalreporter.write_line(f"{len(TAKEN)} screenshots in {SCREENSHOTS.relative_to(ROOT)}")
