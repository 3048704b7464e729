"""Account linking at the gateway: what a callback does that comes again after a link, and
what the question gives away."""

import re
import urllib.parse

import pytest
from visitors import ANA_AT_GOOGLE, CHEN_AT_GOOGLE, PERSON, Visitor
from visitors import visit  # noqa: F401

DATABASE = "Username-Password-Authentication"


@pytest.fixture
def visitor(visit):  # noqa: F811
    return visit(connections_for_account_linking=[DATABASE, "google-oauth2"],
                 management_client_id="demo-m2m", management_client_secret="demo-m2m-secret")


def token_calls(tenant):
    return len(tenant.requests("/oauth/token"))


def confirmation(visitor, person=ANA_AT_GOOGLE):
    """Ana signs in by password where her Google account was first, and continues: the
    callback of the sign-in that confirms."""
    visitor.sign_in("/page")
    answer = visitor.go("/auth/link/confirm", method="POST", headers={
        "Content-Type": "application/x-www-form-urlencoded", "Origin": visitor.gateway.url},
        body=urllib.parse.urlencode({"csrf_token": visitor.csrf_token, "return_to": "/page",
                                     "id": visitor.fetch("/auth/link").json()["id"]}).encode())
    assert answer.status == 303, answer.body
    return visitor.authorize(answer.location, person)


def assert_harmless(visitor, callback, user_id):
    """It comes again: the same place and the same session, and nobody is asked."""
    session, calls = visitor.session, token_calls(visitor.tenant)

    again = visitor.go(callback)
    assert (again.status, again.location) == (303, "/page")
    assert visitor.session == session
    assert visitor.fetch("/auth/me").json()["user_id"] == user_id
    assert Visitor(visitor.gateway, visitor.tenant).go(callback).status == 400
    visitor.sign_out()
    assert visitor.go(callback).status == 400
    assert token_calls(visitor.tenant) == calls


def test_cb_04_a_reload_after_an_automatic_link_leads_to_the_same_place(visitor):
    callback = visitor.authorize(visitor.start("/page"), ANA_AT_GOOGLE)
    assert visitor.go(callback).location == "/page"

    assert_harmless(visitor, callback, PERSON)


def test_cb_04_a_reload_after_a_confirmation_leads_to_the_same_place(visitor):
    callback = confirmation(visitor)
    assert "notice=linked" in visitor.go(callback).location

    assert_harmless(visitor, callback, ANA_AT_GOOGLE)


def test_cb_04_after_the_wrong_account_the_callback_is_worth_nothing(visitor):
    callback = confirmation(visitor, CHEN_AT_GOOGLE)
    assert "notice=wrong_account" in visitor.go(callback).location

    calls = token_calls(visitor.tenant)
    assert visitor.session is None
    assert visitor.go(callback).status == 400
    assert token_calls(visitor.tenant) == calls


def claim(visit, tenant, user_id, email):  # noqa: F811
    """Somebody who signs up with that address, which nobody verified: what they see."""
    tenant.control("users", {"user_id": user_id, "email": email, "email_verified": False, "name": "Stranger",
                             "password": "local-password"})
    visitor = visit(connections_for_account_linking=[DATABASE, "google-oauth2"],
                    management_client_id="demo-m2m", management_client_secret="demo-m2m-secret")
    answer = visitor.sign_in("/page", user_id)
    asked = visitor.go("/auth/link")
    assert visitor.fetch("/auth/me").json()["user_id"] == user_id
    return [(a.status, a.location, sorted(name.lower() for name in a.headers), len(a.body))
            for a in (answer, asked)]


def test_link_02_a_browser_does_not_learn_that_another_account_exists(visit, tenant):  # noqa: F811
    tenant.control("users", {"user_id": "google-oauth2|7", "connection": "google-oauth2", "name": "Zoe",
                             "email": "zoe@example.test", "email_verified": True})

    assert claim(visit, tenant, "auth0|e1", "zoe@example.test") == claim(visit, tenant, "auth0|e2", "ziv@example.test")


def test_link_20_the_question_is_masked_has_no_script_of_its_own_and_no_frame(visitor):
    visitor.sign_in("/page")
    page = visitor.go("/auth/link")
    text = page.body.decode()
    policy = page.headers["Content-Security-Policy"]

    assert page.status == 200
    assert "a***@example.test" in text and "ana@example.test" not in text
    assert "frame-ancestors 'none'" in policy and "unsafe-inline" not in policy
    assert not re.search(r"<script(?![^>]*src=)|\son[a-z]+=", text)


@pytest.mark.parametrize("path", ["/auth/link/confirm", "/auth/link/cancel"])
@pytest.mark.parametrize("headers", [{"Origin": "https://evil.test"}, {"Origin": "null"},
                                     {"Sec-Fetch-Site": "cross-site"}])
def test_link_20_another_site_answers_nothing(visitor, path, headers):
    visitor.sign_in("/page")
    fields = {"csrf_token": visitor.csrf_token, "id": visitor.fetch("/auth/link").json()["id"]}
    answer = visitor.go(path, method="POST", body=urllib.parse.urlencode(fields).encode(),
                        headers={"Content-Type": "application/x-www-form-urlencoded"} | headers)

    assert answer.status == 403
    assert visitor.fetch("/auth/link").json()["id"] == fields["id"]
