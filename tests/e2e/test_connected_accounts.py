"""A person connects accounts of other providers in a real browser, uses them, and loses
one: issue by issue what a user of the dashboard sees."""

import re
import urllib.parse

import pytest
from conftest import CALENDAR, Gateway, connecting
from looks import look_at
from playwright.sync_api import expect


@pytest.fixture
def gateway(tmp_path, tenant):
    running = Gateway(tmp_path, tenant, **connecting(tenant))
    yield running
    assert running.stop() == 0


@pytest.fixture
def page(browser, gateway):
    """Ana's dashboard, with nothing connected."""
    browser.goto(f"{gateway.url}/internal/")
    browser.get_by_label("E-mail address").fill("ana@example.test")
    browser.get_by_label("Password").fill("local-password")
    browser.get_by_role("button", name="Sign in", exact=True).click()
    expect(browser.get_by_text("No account is connected yet.")).to_be_visible()
    return browser


@pytest.fixture
def look(screenshot):
    def take(page, name):
        look_at(page, screenshot, name)
    return take


def account(page, email):
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=email))


def consent(page, person):
    """Chooses somebody at the simulated provider, allows, and is back."""
    page.get_by_role("button", name=re.compile(person)).click()
    page.get_by_role("button", name="Allow").click()


def connect_google(page, person, calendar=True):
    if calendar:
        page.get_by_label("see your calendar").check()
    page.get_by_role("button", name="Connect Google").click()
    consent(page, person)


def hints(tenant):
    """Of which accounts the vault was asked for a token."""
    bodies = [urllib.parse.parse_qs(entry["body"]) for entry in tenant.requests("/oauth/token")]
    return [body["login_hint"][0] for body in bodies if "login_hint" in body]


def show_calendar(page, email):
    row = account(page, email)
    row.get_by_role("button", name="Show my calendar").click()
    return row.get_by_role("status")


def test_connecting_using_and_losing_accounts(page, tenant, gateway, look):
    # What the box says is what the provider's page asks for.
    page.get_by_label("see your calendar").check()
    page.get_by_role("button", name="Connect Google").click()
    page.get_by_role("button", name=re.compile("Chen Wei")).click()
    expect(page.get_by_role("heading", name="Connect this account?")).to_be_visible()
    expect(page.get_by_text(CALENDAR)).to_be_visible()
    page.get_by_role("button", name="Allow").click()

    # The account has its own address, not that of its owner.
    expect(page).to_have_url(f"{gateway.url}/internal/")
    expect(account(page, "chen@example.test").get_by_text("see your calendar")).to_be_visible()
    expect(account(page, "ana@example.test")).to_have_count(0)
    events = show_calendar(page, "chen@example.test")
    expect(events.get_by_text("Coffee with the team")).to_be_visible()
    expect(events.get_by_role("heading", name="Calendar of chen@example.test")).to_be_visible()
    page.mouse.move(0, 0)
    look(page, "dashboard")  # stands in the README: docs/images/dashboard.png

    # A second one of the same provider: each gives its own token.
    connect_google(page, "Ana Silva")
    for email in ["ana@example.test", "chen@example.test"]:
        events = show_calendar(page, email)
        expect(events.get_by_role("heading", name=f"Calendar of {email}")).to_be_visible()
    look(page, "accounts-two")
    assert {"100000000000000000001", "100000000000000000002"} <= set(hints(tenant))  # Ana's id there, and Chen's
    bearers = {header["value"] for entry in tenant.requests("/_provider/google-oauth2/calendar/events")
               for header in entry["headers"] if header["name"] == "Authorization"}
    assert len(bearers) >= 2
    assert not [token for token in bearers if token.removeprefix("Bearer ") in page.content()]

    # The end of one, after a question.
    account(page, "ana@example.test").get_by_role("button", name="Disconnect").click()
    expect(page.get_by_role("dialog").get_by_text("ana@example.test")).to_be_visible()
    look(page, "accounts-question")
    page.get_by_role("button", name="Keep it").click()
    expect(account(page, "ana@example.test")).to_be_visible()
    account(page, "ana@example.test").get_by_role("button", name="Disconnect").click()
    page.get_by_role("dialog").get_by_role("button", name="Disconnect").click()
    expect(account(page, "ana@example.test")).to_have_count(0)

    # The vault's token is lost: the person is led to connect again, and then it works.
    tenant.control("faults", {"name": "vault.error", "value": "not_found"})
    trouble = show_calendar(page, "chen@example.test")
    expect(trouble.get_by_text("Please connect it again.")).to_be_visible()
    look(page, "accounts-lost")
    trouble.get_by_role("button", name="Connect again").click()
    consent(page, "Chen Wei")
    events = show_calendar(page, "chen@example.test")
    expect(events.get_by_text("Review")).to_be_visible()


def test_a_missing_permission_is_asked_for_afterwards(page, look):
    connect_google(page, "Chen Wei", calendar=False)
    trouble = show_calendar(page, "chen@example.test")
    expect(trouble.get_by_text("without the permission that this takes")).to_be_visible()
    look(page, "accounts-permission")

    trouble.get_by_role("button", name="Connect again").click()
    page.get_by_role("button", name=re.compile("Chen Wei")).click()
    expect(page.get_by_text(CALENDAR)).to_be_visible()
    page.get_by_role("button", name="Allow").click()
    expect(show_calendar(page, "chen@example.test").get_by_text("Coffee with the team")).to_be_visible()
    expect(account(page, "chen@example.test")).to_have_count(1)  # the same account, not another


def test_a_consent_that_was_taken_back_leads_to_connecting_again(page, tenant):
    connect_google(page, "Chen Wei")
    expect(show_calendar(page, "chen@example.test").get_by_text("Review")).to_be_visible()
    tenant.control("faults", {"name": "provider.revoked", "value": True})

    trouble = show_calendar(page, "chen@example.test")
    expect(trouble.get_by_role("button", name="Connect again")).to_be_visible()


def test_a_denied_connect_is_told_and_changes_nothing(page, gateway, look):
    page.get_by_role("button", name="Connect Google").click()
    page.get_by_role("button", name=re.compile("Chen Wei")).click()
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_role("heading", name="The account could not be connected")).to_be_visible()
    look(page, "connect-denied")

    page.goto(f"{gateway.url}/internal/")
    expect(page.get_by_text("No account is connected yet.")).to_be_visible()


def test_cb_11_an_answer_in_the_fragment_is_taken_and_the_address_cleared(page, tenant, gateway):
    tenant.control("faults", {"name": "connect.fragment", "value": True})
    connect_google(page, "Chen Wei")

    expect(account(page, "chen@example.test")).to_be_visible()
    assert page.url == f"{gateway.url}/internal/"
    history = page.context.new_cdp_session(page).send("Page.getNavigationHistory")["entries"]
    assert not [entry["url"] for entry in history if "connect_code" in entry["url"]]


def test_an_account_of_github_shows_its_own_address(page):
    page.get_by_role("button", name="Connect GitHub").click()
    consent(page, "Dara Novak")
    row = account(page, "dara@example.test")

    expect(row.get_by_text("GitHub", exact=True)).to_be_visible()
    expect(row.get_by_role("button", name="Show my calendar")).to_be_hidden()


def test_a_tenant_that_is_down_is_told_and_asked_again(page, tenant, look):
    tenant.control("faults", {"name": "me.status", "value": 500, "times": 0})
    page.reload()
    expect(page.get_by_role("button", name="Try again").first).to_be_visible()
    look(page, "accounts-trouble")

    tenant.delete("faults")
    for _ in range(2):
        page.get_by_role("button", name="Try again").first.click()
    expect(page.get_by_text("No account is connected yet.")).to_be_visible()
    expect(page.get_by_role("button", name="Connect Google")).to_be_visible()
