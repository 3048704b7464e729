# SPDX-License-Identifier: MIT
"""The local tenant's pages of people, in a real browser."""

from playwright.sync_api import expect

PHONE = {"width": 390, "height": 844}


def test_switches_are_pressed_and_stay(browser, tenant, screenshot):
    page = browser
    page.goto(tenant.url + "/")
    page.get_by_role("link", name="Switch who is verified or blocked").click()
    page.get_by_label("Name, address or id").fill("ben@")
    page.get_by_role("button", name="Search").click()
    verified = page.get_by_role("switch", name="Verified")
    expect(verified).to_have_attribute("aria-checked", "false")
    verified.click()
    expect(verified).to_have_attribute("aria-checked", "true")
    expect(page.get_by_label("Name, address or id")).to_have_value("ben@")
    page.get_by_role("switch", name="Blocked").click()
    expect(page.get_by_role("switch", name="Blocked")).to_have_attribute(
        "aria-checked", "true"
    )
    screenshot(page, "tenant-people")

    page.get_by_role("link", name="Ben Okoro").click()
    page.get_by_label("user_metadata").fill("[]")
    page.get_by_role("button", name="Save metadata").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("user_metadata").fill('{"lang": "en"}')
    page.get_by_role("button", name="Save metadata").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_label("user_metadata")).to_have_value('{"lang": "en"}')
    screenshot(page, "tenant-person")
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    screenshot(page, "tenant-person-phone")
