"""A person walks through examples/django in a real browser: forked workers by WSGI, and an
event loop by ASGI."""

import re
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest
from conftest import CALENDAR, ROOT, Process, free_port
from playwright.sync_api import expect

sys.path.insert(0, str(ROOT / "scripts"))
from demo_django import SAMPLE, environment, register  # noqa: E402

PHONE = {"width": 390, "height": 800}
SERVERS = {
    "wsgi": ["gunicorn", "--workers", "2", "--chdir", SAMPLE, "--bind", "localhost:{port}", "sample.wsgi"],
    "asgi": ["uvicorn", "--app-dir", SAMPLE, "--host", "localhost", "--port", "{port}", "sample.asgi:application"],
}


class Sample(Process):
    """The sample behind a server, with a database of its own."""

    def __init__(self, server, tenant, folder):
        port = free_port()
        self.url = f"http://localhost:{port}"
        env = environment(tenant.url, folder)
        register(tenant.url, self.url)
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=SAMPLE, env=env, check=True)
        arguments = [str(part).format(port=port) for part in SERVERS[server]]
        # Both servers tell on stderr when they are ready.
        shell = ["sh", "-c", 'exec "$@" 2>&1', "sh", sys.executable, "-m", *arguments]
        super().__init__(shell, folder / "sample.log", "Booting worker|Uvicorn running on", env)
        self.reader = threading.Thread(target=self.lines.extend, args=(self.process.stdout,))
        self.reader.start()

    def stop(self):
        self.process.terminate()
        self.reader.join()
        return super().stop()


@pytest.fixture(params=SERVERS)
def sample(request, tenant, tmp_path):
    running = Sample(request.param, tenant, tmp_path)
    yield running
    # uvicorn ends by the signal itself once it has shut down.
    assert running.stop() in (0, -signal.SIGTERM), running.output
    assert "Traceback" not in running.output, running.output


@pytest.fixture
def look(request, screenshot, sample):
    """Pictures as a desk and as a phone show it, by day and by night."""
    def take(page, name):
        if "wsgi" not in request.node.name:
            return
        wide = page.viewport_size
        screenshot(page, f"django-{name}")
        page.emulate_media(color_scheme="dark")
        screenshot(page, f"django-{name}-dark")
        page.set_viewport_size(PHONE)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than a phone"
        screenshot(page, f"django-{name}-phone")
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(wide)
    return take


@contextmanager
def without_javascript(chromium):
    context = chromium.new_context(viewport={"width": 1100, "height": 800}, java_script_enabled=False)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def sign_in(page, email, password="local-password"):
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def consent(page, person):
    page.get_by_role("button", name=re.compile(person)).click()
    page.get_by_role("button", name="Allow").click()


def account(page, email):
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=email))


def connect_google(page, person, calendar=True):
    if calendar:
        page.get_by_label("see your calendar").check()
    page.get_by_role("button", name="Connect Google").click()
    consent(page, person)


def sign_out(page):
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()


def test_signing_in_connecting_calling_google_disconnecting(browser, sample, tenant, look):
    page = browser
    page.goto(sample.url)
    look(page, "welcome")
    page.get_by_role("link", name="Sign in", exact=True).click()
    sign_in(page, "ana@example.test")
    expect(page).to_have_url(f"{sample.url}/internal/")
    expect(page.get_by_role("heading", name="Ana Silva")).to_be_visible()
    look(page, "dashboard")

    connect_google(page, "Chen Wei")
    expect(page).to_have_url(f"{sample.url}/internal/")
    expect(account(page, "chen@example.test").get_by_text("may see your calendar")).to_be_visible()
    look(page, "connected")
    account(page, "chen@example.test").get_by_role("link", name="Show my calendar").click()
    expect(page.get_by_role("heading", name="Calendar of chen@example.test")).to_be_visible()
    expect(page.get_by_text("Coffee with the team")).to_be_visible()
    look(page, "calendar")
    # The provider's token was the server's alone.
    header, = {entry["value"] for request in tenant.requests("/_provider/google-oauth2/calendar/events")
               for entry in request["headers"] if entry["name"] == "Authorization"}
    assert header.removeprefix("Bearer ") not in page.content()

    # A second account of the same provider has a calendar of its own.
    page.get_by_role("link", name="Back").click()
    connect_google(page, "Ana Silva")
    account(page, "ana@example.test").get_by_role("link", name="Show my calendar").click()
    expect(page.get_by_role("heading", name="Calendar of ana@example.test")).to_be_visible()

    page.get_by_role("link", name="Back").click()
    account(page, "chen@example.test").get_by_role("button", name="Disconnect").click()
    expect(page.get_by_role("status")).to_have_text("The account is disconnected.")
    expect(account(page, "chen@example.test")).to_have_count(0)
    expect(account(page, "ana@example.test")).to_have_count(1)
    look(page, "disconnected")

    sign_out(page)
    page.goto(f"{sample.url}/internal/")
    assert page.url.startswith(tenant.url)


def test_a_missing_permission_is_asked_for_when_it_is_needed(browser, sample, look):
    page = browser
    page.goto(f"{sample.url}/internal/calendar")
    sign_in(page, "ana@example.test")
    # Nothing is connected yet: the ready-made page explains, and comes back to the calendar.
    expect(page.get_by_role("heading", name="Connect Google")).to_be_visible()
    expect(page.get_by_text(CALENDAR)).to_be_visible()
    look(page, "ask")
    page.get_by_role("button", name="Go to Google").click()
    consent(page, "Chen Wei")
    expect(page).to_have_url(f"{sample.url}/internal/calendar")
    expect(page.get_by_text("Coffee with the team")).to_be_visible()


def test_a_denied_connect_changes_nothing(browser, sample, look):
    page = browser
    page.goto(f"{sample.url}/internal/")
    sign_in(page, "ana@example.test")
    page.get_by_role("button", name="Connect Google").click()
    page.get_by_role("button", name=re.compile("Chen Wei")).click()
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_role("heading", name="That was cancelled")).to_be_visible()
    look(page, "cancelled")
    page.get_by_role("link", name="Go on").click()
    expect(page.get_by_text("No account is connected yet.")).to_be_visible()


def test_the_site_needs_no_javascript(chromium, sample):
    with without_javascript(chromium) as page:
        page.goto(f"{sample.url}/internal/")
        sign_in(page, "ana@example.test")
        connect_google(page, "Chen Wei")
        account(page, "chen@example.test").get_by_role("link", name="Show my calendar").click()
        expect(page.get_by_text("Review")).to_be_visible()
        sign_out(page)
