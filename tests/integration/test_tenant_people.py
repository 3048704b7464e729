# SPDX-License-Identifier: MIT
"""The local tenant's pages of people: what is switched there holds everywhere."""

import urllib.parse

import pytest

from tenant_management import Management, segment
from tenant_process import ANA, Browser, tenant_fixtures

GOOGLE = "google-oauth2|100000000000000000001"
PAGE = "/people/" + segment(ANA)


running, tenant = tenant_fixtures()


@pytest.fixture
def management(tenant):
    return Management(tenant, "read:users update:users")


def switch(tenant, path=PAGE, headers=None, **form):
    return tenant.request("POST", path, form=form, headers=headers)


def test_what_is_switched_holds_at_once(tenant, management):
    answer = switch(tenant, account=ANA, email_verified="false", back="/people?q=ana")
    assert (answer.status, answer.location) == (303, "/people?q=ana")
    assert management.user(ANA).json["email_verified"] is False
    assert management.user(GOOGLE).json["email_verified"] is True
    switch(tenant, account=ANA, blocked="true")
    assert management.user(ANA).json["blocked"] is True
    assert Browser(tenant).sign_in(ANA).query["error"] == "access_denied"
    switch(tenant, account=ANA, blocked="false")
    assert "code" in Browser(tenant).sign_in(ANA).query


def test_a_linked_identity_has_a_switch_of_its_own(tenant, management):
    management.link(ANA, provider="google-oauth2", user_id=GOOGLE)
    page = tenant.get(PAGE).text
    assert page.count('name="email_verified"') == 2
    switch(tenant, account=GOOGLE, email_verified="false")
    profile = management.user(ANA).json
    assert profile["email_verified"] is True
    assert profile["identities"][1]["profileData"]["email_verified"] is False
    assert "2 identities" in tenant.get("/people").text


def test_accounts_of_others_are_not_switched(tenant, management):
    switch(tenant, account=GOOGLE, email_verified="false")
    assert management.user(GOOGLE).json["email_verified"] is True


def test_metadata_is_edited(tenant, management):
    answer = switch(tenant, user_metadata='{"lang": "pt"}', app_metadata=" ")
    assert answer.status == 303 and answer.location == PAGE
    profile = management.user(ANA).json
    assert profile["user_metadata"] == {"lang": "pt"} and "app_metadata" not in profile
    for wrong in ("[]", "{", '"text"'):
        answer = switch(tenant, user_metadata="{}", app_metadata=wrong)
        assert answer.status == 400 and "JSON object" in answer.text
    assert management.user(ANA).json == profile


def test_the_control_api_edits_the_same(tenant, management):
    metadata = {"user_metadata": {"a": [1]}, "app_metadata": {"b": None}}
    tenant.control("users", {"user_id": ANA, "email_verified": False, **metadata})
    profile = management.user(ANA).json
    assert profile["email_verified"] is False
    assert {name: profile[name] for name in metadata} == metadata


def test_other_sites_switch_nothing(tenant, management):
    for site in ("cross-site", "same-site"):
        answer = switch(tenant, headers={"Sec-Fetch-Site": site}, blocked="true")
        assert answer.status == 403
    assert management.user(ANA).json["blocked"] is False


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", ""])
def test_the_way_back_stays_here(tenant, back):
    assert switch(tenant, back=back, blocked="false").location == "/people"


def test_an_address_that_is_none_is_a_page_for_a_browser_and_json_for_a_machine(tenant):
    page = tenant.get("/nothing/here", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.status == 404 and "There is nothing at this address" in page.text
    assert "The application was not told" not in page.text
    assert tenant.get("/nothing/here").json["error"] == "not_found"
    assert tenant.get("/api/v2/nothing").json["statusCode"] == 404


def test_the_first_page_says_that_there_are_more_people(tenant):
    assert "all of them" not in tenant.get("/").text
    tenant.control("generated_users", {"count": 60})
    assert "The first 50 of 67" in tenant.get("/").text


def test_the_list_is_searched_and_has_pages(tenant):
    tenant.control("generated_users", {"count": 60, "user": {"name": "<Person> {n}"}})
    first = tenant.get("/people").text
    assert "67 people" in first and "<Person>" not in first
    assert "page=1" in first and 'rel="prev"' not in first
    last = tenant.get("/people?page=2").text
    assert 'rel="prev"' in last and 'rel="next"' not in last
    found = tenant.get("/people?q=" + urllib.parse.quote("ANA@EXAMPLE")).text
    assert "2 people" in found and "back\" value=\"/people?q=ANA%40EXAMPLE" in found
    assert "Nobody is called that" in tenant.get("/people?q=zzz").text
    assert tenant.get("/people/nobody").status == 404
