"""A person in a real browser: signs up, signs in, sees the dashboard, signs out."""

import re

from playwright.sync_api import expect

PASSWORD = "correct-horse-battery"


def dashboard_shows(page, email):
    expect(page.get_by_text(email).first).to_be_visible()


def open_sign_in(page, gateway):
    page.goto(gateway.url)
    page.get_by_role("link", name=re.compile("sign in", re.I)).first.click()


def sign_out(page, gateway):
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name=re.compile("sign in", re.I)).first).to_be_visible()
    assert page.url.startswith(gateway.url)


def test_sign_up_then_sign_in_by_password(browser, tenant, gateway, screenshot):
    page = browser
    open_sign_in(page, gateway)
    screenshot(page, "sign-in")
    page.get_by_role("link", name="Sign up").click()
    page.get_by_label("E-mail address").fill("nora@example.test")
    page.get_by_label(re.compile("^Password")).fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    dashboard_shows(page, "nora@example.test")
    screenshot(page, "dashboard-unverified")
    sign_out(page, gateway)
    screenshot(page, "signed-out")

    open_sign_in(page, gateway)
    page.get_by_label("E-mail address").fill("nora@example.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    dashboard_shows(page, "nora@example.test")
    sign_out(page, gateway)

    assert len(tenant.requests("/oauth/token")) == 2


def test_dashboard_of_a_verified_person(browser, gateway, screenshot):
    page = browser
    open_sign_in(page, gateway)
    page.get_by_label("E-mail address").fill("ana@example.test")
    page.get_by_label("Password").fill("local-password")
    page.get_by_role("button", name="Sign in", exact=True).click()

    dashboard_shows(page, "ana@example.test")
    expect(page.get_by_role("heading", name="Ana Silva")).to_be_visible()
    expect(page.get_by_text("verified", exact=True)).to_be_visible()
    expect(page.get_by_text("Connected accounts")).to_be_hidden()  # nothing can be connected
    screenshot(page, "dashboard-plain")


def test_wrong_password_keeps_the_person_at_the_tenant(browser, tenant, gateway):
    page = browser
    open_sign_in(page, gateway)
    page.get_by_label("E-mail address").fill("ana@example.test")
    page.get_by_label("Password").fill("wrong-password")
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page.get_by_role("alert")).to_be_visible()
    assert page.url.startswith(tenant.url)
    assert tenant.requests("/oauth/token") == []


def test_sign_in_by_google(browser, gateway, screenshot):
    page = browser
    open_sign_in(page, gateway)
    page.get_by_role("link", name="Continue with Google").click()
    screenshot(page, "google")
    page.get_by_role("button", name=re.compile("Chen Wei")).click()
    page.get_by_role("button", name="Allow").click()
    dashboard_shows(page, "chen@example.test")
    sign_out(page, gateway)


def test_denied_at_google_comes_back_without_a_session(browser, gateway):
    page = browser
    open_sign_in(page, gateway)
    page.get_by_role("link", name="Continue with Google").click()
    page.get_by_role("button", name="Cancel").click()

    page.wait_for_url(re.compile(re.escape(gateway.url)))
    assert page.request.get(f"{gateway.url}/auth/me").status == 401


def test_session_cookie_is_locked_to_the_host_and_hidden_from_scripts(browser, gateway):
    page = browser
    open_sign_in(page, gateway)
    page.get_by_role("link", name="Continue with Google").click()
    page.get_by_role("button", name=re.compile("Chen Wei")).click()
    page.get_by_role("button", name="Allow").click()
    dashboard_shows(page, "chen@example.test")

    cookies = [c for c in page.context.cookies(gateway.url) if c["name"].startswith("__Host-")]
    assert cookies
    for cookie in cookies:
        assert cookie["secure"] and cookie["httpOnly"] and cookie["sameSite"] == "Lax"
        assert cookie["path"] == "/"
    assert page.evaluate("document.cookie") == ""
