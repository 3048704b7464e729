"""The gateway's own pages as people see them: each by day and night, on a desk and a phone;
by keyboard alone; and with texts of others that would like to be more than texts."""

import re

import pytest
from conftest import Gateway, connecting
from looks import PHONE, look_at
from playwright.sync_api import expect

MARKUP = "<img src=x onerror='document.title=1'><b>Mallory</b> & \"friends\""
LONG = "W" * 160


@pytest.fixture
def gateway(tmp_path, tenant):
    running = Gateway(tmp_path, tenant, **connecting(tenant))
    yield running
    assert running.stop() == 0


def sign_in(page, gateway, email="ana@example.test"):
    page.goto(f"{gateway.url}/internal/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill("local-password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("No account is connected yet.")).to_be_visible()


def test_each_page_is_fit_to_be_seen(browser, gateway, screenshot):
    page = browser
    page.goto(gateway.url)
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    look_at(page, screenshot, "welcome")
    page.goto(f"{gateway.url}/nowhere")
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    look_at(page, screenshot, "error-not-found")
    page.goto(f"{gateway.url}/auth/callback?code=a&state=b")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    look_at(page, screenshot, "error-callback")

    sign_in(page, gateway)
    look_at(page, screenshot, "accounts-none")
    page.goto(gateway.url)
    expect(page.get_by_role("heading", name="Welcome, Ana Silva")).to_be_visible()
    look_at(page, screenshot, "welcome-somebody")
    page.goto(f"{gateway.url}/auth/callback")
    expect(page.get_by_role("heading", name="The account could not be connected")).to_be_visible()
    look_at(page, screenshot, "fragment")
    page.get_by_role("link", name="To the start page").click()
    page.get_by_role("link", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign out?")).to_be_visible()
    look_at(page, screenshot, "sign-out")
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{gateway.url}/auth/signed-out")
    look_at(page, screenshot, "signed-out")


def test_an_error_page_runs_and_loads_nothing(browser, gateway):
    page = browser
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: said.append(request.url))
    page.goto(f"{gateway.url}/auth/callback?code=a&state=b")
    button = page.get_by_role("link", name="Sign in")

    assert button.evaluate("e => getComputedStyle(e).borderRadius") != "0px"  # it has its style
    assert [text for text in said if "/favicon.ico" not in text and "400" not in text] == [page.url]


def focused(page):
    return page.evaluate("document.activeElement.textContent.trim()")


def test_by_keyboard_an_account_is_connected_used_and_taken_away(browser, tenant, gateway):
    page = browser
    sign_in(page, gateway)
    page.get_by_label("see your calendar").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    assert focused(page) == "Connect Google"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile("Chen Wei")).press("Enter")
    page.get_by_role("button", name="Allow").press("Enter")

    show = page.get_by_role("button", name="Show my calendar")
    expect(show).to_have_accessible_description("chen@example.test")
    show.press("Enter")
    expect(page.get_by_text("Coffee with the team")).to_be_visible()
    expect(show).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Escape")
    disconnect = page.get_by_role("button", name="Disconnect")
    expect(disconnect).to_be_focused()
    expect(disconnect).to_be_enabled()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("chen@example.test is no longer connected.")).to_be_visible()
    expect(page.get_by_role("heading", name="Connected accounts")).to_be_focused()

    tenant.control("faults", {"name": "me.status", "value": 500, "times": 0})
    page.reload()
    page.get_by_role("button", name="Try again").first.press("Enter")
    expect(page.get_by_role("heading", name="Connected accounts")).to_be_focused()


def test_texts_of_others_stay_texts(browser, tenant, gateway, screenshot):
    page = browser
    tenant.control("users", {"user_id": "auth0|mallory", "email": "mallory@example.test", "email_verified": True,
                             "password": "local-password", "name": f"{MARKUP} {LONG}"})
    tenant.control("users", {"user_id": "google-oauth2|777", "connection": "google-oauth2", "email_verified": True,
                             "name": MARKUP, "email": f"{LONG}<b>'&x@example.test"})
    sign_in(page, gateway, "mallory@example.test")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{MARKUP} {LONG}")
    page.get_by_label("see your calendar").check()
    page.get_by_role("button", name="Connect Google").click()
    page.get_by_role("button", name=re.compile("Mallory")).click()
    page.get_by_role("button", name="Allow").click()
    page.get_by_role("button", name="Show my calendar").click()
    expect(page.get_by_role("heading", name="Calendar of")).to_be_visible()
    page.get_by_text("What Auth0 says about you").click()

    assert page.title() == "Dashboard · a0 gateway"
    assert page.locator("main :is(img, b)").count() == 0
    look_at(page, screenshot, "hostile")
    page.set_viewport_size(PHONE)
    page.goto(f"{gateway.url}/auth/logout")
    expect(page.get_by_text("<b>Mallory</b>")).to_be_visible()
    look_at(page, screenshot, "hostile-sign-out")
    page.goto(gateway.url)
    expect(page.get_by_role("heading", level=1)).to_contain_text("<b>Mallory</b>")
    look_at(page, screenshot, "hostile-welcome")
