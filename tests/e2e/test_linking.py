"""Accounts of one person come together in a real browser, rule by rule. What it shows is kept
in build/screenshots: link-automatic.png, link-question.png, and so on for each rule."""

import json
import re
import subprocess

import pytest
from conftest import PROGRAM, Gateway, connecting
from looks import look_at
from playwright.sync_api import expect

PASSWORD = "Username-Password-Authentication"
ANA = "auth0|a1a1a1a1a1a1a1a1a1a1a1a1"
BEN = "auth0|b2b2b2b2b2b2b2b2b2b2b2b2"
ANA_AT_GOOGLE = "google-oauth2|100000000000000000001"


@pytest.fixture
def gateway(tmp_path, tenant):
    running = Gateway(tmp_path, tenant, **connecting(tenant),
                      connections_for_account_linking=[PASSWORD, "google-oauth2"])
    yield running
    assert running.stop() == 0


@pytest.fixture
def look(screenshot):
    def take(page, name):
        look_at(page, screenshot, name)
    return take


def by_password(page, email):
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill("local-password")
    page.get_by_role("button", name="Sign in", exact=True).click()


def as_google_knows(page, person):
    """Chooses somebody at the simulated Google and lets it tell who that is."""
    page.get_by_role("button", name=re.compile(person)).click()
    page.get_by_role("button", name="Allow").click()


def by_google(page, person):
    page.get_by_role("link", name=re.compile("Google")).click()
    as_google_knows(page, person)


def signed_in_as(page, gateway):
    """The sub of the session, or None."""
    answer = page.request.get(f"{gateway.url}/auth/me")
    return answer.json()["user_id"] if answer.ok else None


SIZE, COLOUR = {"size": "small"}, {"colour": "green"}
APART = {ANA: (1, SIZE), ANA_AT_GOOGLE: (1, COLOUR)}


@pytest.fixture
def ana(tenant):
    """Both her accounts have metadata; gives what the tenant has of them: of each that stands,
    how many identities, and user_metadata."""
    tenant.control("users", {"user_id": ANA, "user_metadata": SIZE})
    tenant.control("users", {"user_id": ANA_AT_GOOGLE, "user_metadata": COLOUR})

    def accounts():
        return {user["user_id"]: (len(user["identities"]), user["user_metadata"])
                for user in tenant.control("users") if user["user_id"] in APART}
    assert accounts() == APART
    return accounts


def pending(page, gateway):
    """Ana signs in by password where her Google account was first; the question is asked."""
    page.goto(f"{gateway.url}/internal/")
    by_password(page, "ana@example.test")
    expect(page.get_by_role("heading", name="Bring your accounts together?")).to_be_visible()


def test_password_then_social_is_linked_without_a_question(browser, ana, gateway, look):
    browser.goto(f"{gateway.url}/internal/")
    by_google(browser, "Ana Silva")
    expect(browser.get_by_text(ANA, exact=True)).to_be_visible()
    look(browser, "link-automatic")
    assert signed_in_as(browser, gateway) == ANA
    assert ana() == {ANA: (2, SIZE | COLOUR)}


def test_social_then_password_is_asked_and_linked_after_confirmation(browser, ana, gateway, look):
    pending(browser, gateway)
    look(browser, "link-question")
    assert ana() == APART
    browser.get_by_role("button", name=re.compile("Continue with Google")).click()
    as_google_knows(browser, "Ana Silva")
    expect(browser.get_by_text("Your accounts are one now")).to_be_visible()
    look(browser, "link-confirmed")
    assert signed_in_as(browser, gateway) == ANA_AT_GOOGLE
    assert ana() == {ANA_AT_GOOGLE: (2, SIZE | COLOUR)}


def test_cancelling_leaves_both_accounts_as_they_were(browser, ana, gateway, look):
    pending(browser, gateway)
    browser.get_by_role("button", name="Keep them apart").click()
    expect(browser.get_by_text("Both accounts stay as they were")).to_be_visible()
    look(browser, "link-cancelled")
    assert signed_in_as(browser, gateway) == ANA
    assert ana() == APART
    browser.goto(f"{gateway.url}/auth/link")
    expect(browser.get_by_role("heading", name="Bring your accounts together?")).to_have_count(0)


def test_the_wrong_account_is_told_so_and_signed_out(browser, ana, gateway, look):
    pending(browser, gateway)
    browser.get_by_role("button", name=re.compile("Continue with Google")).click()
    as_google_knows(browser, "Chen Wei")
    expect(browser.get_by_role("heading", name=re.compile("another account|different account", re.I))).to_be_visible()
    look(browser, "link-wrong-account")
    assert signed_in_as(browser, gateway) is None
    assert ana() == APART


def test_a_connected_account_is_recognised_though_its_address_differs(browser, tenant, gateway, look):
    tenant.control("users", {"user_id": "auth0|d0", "email": "dora@example.test", "email_verified": True,
                             "password": "local-password", "name": "Dora"})
    browser.goto(f"{gateway.url}/internal/")
    by_password(browser, "dora@example.test")
    browser.get_by_role("button", name="Connect Google").click()
    as_google_knows(browser, "Chen Wei")
    expect(browser.get_by_role("heading", name="chen@example.test")).to_be_visible()
    browser.get_by_role("button", name="Sign out").click()
    browser.goto(f"{gateway.url}/internal/")
    by_google(browser, "Chen Wei")
    expect(browser.get_by_text("auth0|d0", exact=True)).to_be_visible()
    look(browser, "link-connected-account")
    assert signed_in_as(browser, gateway) == "auth0|d0"


def test_an_unverified_password_account_is_not_linked(browser, tenant, gateway, look):
    tenant.control("users", {"user_id": "google-oauth2|77", "connection": "google-oauth2",
                             "email": "ben@example.test", "email_verified": True, "name": "Ben at Google"})
    browser.goto(f"{gateway.url}/internal/")
    by_google(browser, "Ben at Google")
    expect(browser.get_by_text("google-oauth2|77", exact=True)).to_be_visible()
    expect(browser.get_by_text(re.compile("another account|other account", re.I))).to_have_count(0)
    look(browser, "link-refused")
    assert signed_in_as(browser, gateway) == "google-oauth2|77"
    assert {user["user_id"] for user in tenant.control("users")} >= {BEN, "google-oauth2|77"}


def test_undo_gives_two_accounts_with_their_metadata(browser, ana, gateway, look):
    browser.goto(f"{gateway.url}/internal/")
    by_google(browser, "Ana Silva")
    expect(browser.get_by_text(ANA, exact=True)).to_be_visible()
    assert ana() == {ANA: (2, SIZE | COLOUR)}
    done = subprocess.run([PROGRAM, "link", "undo", ANA, "google-oauth2", ANA_AT_GOOGLE.split("|")[1],
                           "--yes", "--config", gateway.config], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["undone"]
    assert signed_in_as(browser, gateway) is None
    assert ana() == APART
    # Nor is it linked again.
    browser.goto(f"{gateway.url}/internal/")
    by_google(browser, "Ana Silva")
    expect(browser.get_by_text(ANA_AT_GOOGLE, exact=True)).to_be_visible()
    look(browser, "link-undone")
    assert ana() == APART
