"""A person walks through examples/django in a real browser: forked workers by WSGI, and an
event loop by ASGI."""

import json
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

ANA = "auth0|a1a1a1a1a1a1a1a1a1a1a1a1"
ANA_AT_GOOGLE = "google-oauth2|100000000000000000001"
DORA = "dora@example.test"
DORA_ID = "auth0|d0d0d0d0d0d0d0d0d0d0d0d0"
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
        self.environment = environment(tenant.url, folder)
        register(tenant.url, self.url)
        self.manage("migrate", "-v0")
        arguments = [str(part).format(port=port) for part in SERVERS[server]]
        # Both servers tell on stderr when they are ready.
        shell = ["sh", "-c", 'exec "$@" 2>&1', "sh", sys.executable, "-m", *arguments]
        super().__init__(shell, folder / "sample.log", "Booting worker|Uvicorn running on", self.environment)
        self.reader = threading.Thread(target=self.lines.extend, args=(self.process.stdout,))
        self.reader.start()

    def manage(self, *arguments):
        """The output of a command of manage.py."""
        done = subprocess.run([sys.executable, "manage.py", *arguments], cwd=SAMPLE, env=self.environment,
                              stdout=subprocess.PIPE, text=True, check=True, timeout=60)
        return done.stdout

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


@pytest.fixture(autouse=True)
def dora(tenant):
    """Somebody with one account, who signs in by password and is asked nothing."""
    tenant.control("users", {"user_id": DORA_ID, "email": DORA, "email_verified": True,
                             "password": "local-password", "name": "Dora Lind"})


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
    sign_in(page, DORA)
    expect(page).to_have_url(f"{sample.url}/internal/")
    expect(page.get_by_role("heading", name="Dora Lind")).to_be_visible()
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

    page.goto(f"{sample.url}/internal/calendar")
    expect(page.get_by_role("alert")).to_have_text("Choose the account whose calendar you want.")
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
    sign_in(page, DORA)
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
    sign_in(page, DORA)
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
        sign_in(page, DORA)
        connect_google(page, "Chen Wei")
        account(page, "chen@example.test").get_by_role("link", name="Show my calendar").click()
        expect(page.get_by_text("Review")).to_be_visible()
        sign_out(page)


# ---- linking ----


def by_google(page, person):
    page.get_by_role("link", name="Continue with Google").click()
    consent(page, person)


def welcome(page, sample):
    page.goto(sample.url)
    return page


def signed_in_as(page, sample):
    """The sub of the session, or None."""
    answer = page.request.get(f"{sample.url}/auth/me")
    return answer.json()["user"]["sub"] if answer.ok else None


def asked(page, sample):
    """Ana signs in by password where her Google account was first; the question is there."""
    page.goto(f"{sample.url}/internal/")
    sign_in(page, "ana@example.test")
    expect(page.get_by_role("heading", name="Bring your accounts together?")).to_be_visible()


def of(tenant, *user_ids):
    """user_metadata of those users, as far as they stand."""
    return {user["user_id"]: user.get("user_metadata") for user in tenant.control("users")
            if user["user_id"] in user_ids}


def test_password_then_social_is_linked_without_a_question(browser, sample, look):
    page = welcome(browser, sample)
    by_google(page, "Ana Silva")
    expect(page.get_by_role("status").first).to_contain_text("We found your account")
    expect(page.get_by_text(ANA, exact=True)).to_be_visible()
    expect(page.get_by_text("E-mail and password, Google")).to_be_visible()
    look(page, "link-automatic")
    assert signed_in_as(page, sample) == ANA
    # Her token was not known here: one more sign-in, and everything is there.
    page.get_by_role("link", name="Sign in once more").click()
    by_google(page, "Ana Silva")
    expect(page.get_by_text("No account is connected yet.")).to_be_visible()


def test_social_then_password_is_asked_and_linked_after_confirmation(browser, sample, look):
    page = browser
    asked(page, sample)
    look(page, "link-question")
    page.get_by_role("button", name="Continue with Google").click()
    consent(page, "Ana Silva")
    expect(page.get_by_role("heading", name="Your accounts are one now")).to_be_visible()
    look(page, "link-confirmed")
    page.get_by_role("link", name="Go on").click()
    expect(page).to_have_url(f"{sample.url}/internal/")
    expect(page.get_by_text("Google, E-mail and password")).to_be_visible()
    assert signed_in_as(page, sample) == ANA_AT_GOOGLE


def test_cancelling_leaves_both_accounts_as_they_were(browser, sample, tenant, look):
    page = browser
    asked(page, sample)
    page.get_by_role("button", name="Keep them apart").click()
    expect(page.get_by_role("heading", name="Both accounts stay as they were")).to_be_visible()
    look(page, "link-cancelled")
    page.get_by_role("link", name="Go on").click()
    expect(page.get_by_text(ANA, exact=True)).to_be_visible()
    page.goto(f"{sample.url}/auth/link")
    expect(page).to_have_url(f"{sample.url}/internal/")
    assert len(of(tenant, ANA, ANA_AT_GOOGLE)) == 2


def test_the_wrong_account_is_told_so_and_signed_out(browser, sample, tenant, look):
    page = browser
    asked(page, sample)
    page.get_by_role("button", name="Continue with Google").click()
    consent(page, "Chen Wei")
    expect(page.get_by_role("heading", name="That was another account")).to_be_visible()
    expect(page.get_by_text("you are signed out")).to_be_visible()
    look(page, "link-wrong-account")
    assert signed_in_as(page, sample) is None
    assert len(of(tenant, ANA, ANA_AT_GOOGLE)) == 2
    page.goto(sample.url)
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()


def test_a_connected_account_is_recognised_though_its_address_differs(browser, sample, look):
    page = browser
    page.goto(f"{sample.url}/internal/")
    sign_in(page, DORA)
    connect_google(page, "Chen Wei", calendar=False)
    expect(account(page, "chen@example.test")).to_be_visible()
    sign_out(page)
    by_google(page, "Chen Wei")
    expect(page.get_by_text(DORA_ID, exact=True)).to_be_visible()
    look(page, "link-connected-account")
    assert signed_in_as(page, sample) == DORA_ID


def test_an_unverified_password_account_is_not_linked(browser, sample, tenant, look):
    tenant.control("users", {"user_id": "google-oauth2|77", "connection": "google-oauth2",
                             "email": "ben@example.test", "email_verified": True, "name": "Ben at Google"})
    page = welcome(browser, sample)
    by_google(page, "Ben at Google")
    expect(page.get_by_text("google-oauth2|77", exact=True)).to_be_visible()
    expect(page.get_by_role("status")).to_have_count(0)
    look(page, "link-refused")
    assert signed_in_as(page, sample) == "google-oauth2|77"


def test_undo_gives_two_accounts_with_their_metadata(browser, sample, tenant):
    tenant.control("users", {"user_id": ANA_AT_GOOGLE, "user_metadata": {"colour": "green"}})
    tenant.control("users", {"user_id": ANA, "user_metadata": {"size": "small"}})
    page = welcome(browser, sample)
    by_google(page, "Ana Silva")
    expect(page.get_by_text(ANA, exact=True)).to_be_visible()
    assert of(tenant, ANA, ANA_AT_GOOGLE) == {ANA: {"colour": "green", "size": "small"}}
    number = ANA_AT_GOOGLE.split("|")[1]
    assert json.loads(sample.manage("auth0_link", "undo", ANA, "google-oauth2", number, "--yes"))["undone"]
    assert signed_in_as(page, sample) is None
    assert of(tenant, ANA, ANA_AT_GOOGLE) == {ANA: {"size": "small"}, ANA_AT_GOOGLE: {"colour": "green"}}


def test_staff_explain_and_undo_a_link(browser, sample, tenant, look):
    page = welcome(browser, sample)
    by_google(page, "Ana Silva")
    expect(page.get_by_text(ANA, exact=True)).to_be_visible()
    sample.environment["DJANGO_SUPERUSER_PASSWORD"] = "local-password"
    sample.manage("createsuperuser", "--noinput", "--username", "sam", "--email", "sam@example.test")
    with page.context.browser.new_context(viewport=page.viewport_size) as theirs:
        staff = theirs.new_page()
        staff.goto(f"{sample.url}/admin/auth0_oauth_client/accountlinking/")
        staff.get_by_label("Username").fill("sam")
        staff.get_by_label("Password").fill("local-password")
        staff.get_by_role("button", name="Log in").click()
        choose(staff, "What the next sign-in would do")
        expect(staff.get_by_role("heading", name=ANA)).to_be_visible()
        expect(staff.get_by_text("nothing", exact=True)).to_be_visible()
        look(staff, "admin-explain")
        staff.go_back()
        choose(staff, "Undo the selected links")
        expect(staff.get_by_role("heading", name="Undo links?")).to_be_visible()
        look(staff, "admin-undo")
        staff.get_by_role("button", name="Undo", exact=True).click()
        expect(staff.get_by_text(f"Undone: {ANA_AT_GOOGLE} → {ANA}")).to_be_visible()
        look(staff, "admin-undone")
    assert signed_in_as(page, sample) is None
    assert len(of(tenant, ANA, ANA_AT_GOOGLE)) == 2


def choose(page, action):
    """An action of the admin on the one row that is there."""
    page.locator("input[name=_selected_action]").check()
    page.get_by_label("Action:").select_option(label=action)
    page.get_by_role("button", name="Go", exact=True).click()
