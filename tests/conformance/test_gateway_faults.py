"""Whatever an endpoint of Auth0 or of a provider answers, the gateway gives the documented
error; the session, the records and the person's next try are as before."""

import json
import sqlite3
import time

import pytest
from conftest import CALENDAR, ROOT, connecting
from jsonschema import Draft202012Validator
from visitors import ANA_AT_GOOGLE, CHEN_AT_GOOGLE, Visitor, run_gateway
from visitors import shared_tenant, visit  # noqa: F401

API = json.loads((ROOT / "docs/openapi.json").read_text())
ERROR = Draft202012Validator({"components": API["components"]} | API["components"]["schemas"]["Error"])

# Kinds of rows that a failed request leaves alone (include/a0/sys/store.h).
SESSION, REFRESH_TOKEN, CONNECTED_ACCOUNT = 1, 3, 7

FAULTS = {
    "401": ("status", 401),
    "403": ("status", 403),
    "404": ("status", 404),
    "429": ("status", {"status": 429, "error": "too_many_requests", "error_description": "words of others"}),
    "500": ("status", 500),
    "html": ("body_raw", {"body": "<!doctype html><b>words of others</b>", "content_type": "text/html",
                          "status": 502}),
    "truncated": ("truncate", 12),
    "garbage": ("body_raw", {"body": "\u00ff\u00fe{]words of others", "content_type": "application/json"}),
    "huge": ("huge", 2 * 1024 * 1024),
    "slow": ("delay", 2500),
    "dropped": ("drop_before", True),
}


@pytest.fixture(scope="module")
def impatient(tmp_path_factory, shared_tenant):  # noqa: F811
    running = run_gateway(tmp_path_factory.mktemp("gateway"), shared_tenant, http_timeout=1, connect_timeout=1,
                          **connecting(shared_tenant))
    yield running
    assert running.stop() == 0


class Person(Visitor):
    """Somebody who has connected an account and holds every token of the API."""

    def prepare(self):
        self.sign_in()
        for account in self.accounts:
            answer = self.disconnect(account["id"])
            assert answer.status == 204, answer.body
        self.connect(CHEN_AT_GOOGLE, scope=CALENDAR)
        self.disconnect("none")
        accounts = self.accounts
        assert ["google-oauth2|" + str(a["subject"]) for a in accounts] == [CHEN_AT_GOOGLE]
        self.account = accounts[0]["id"]
        return self

    def wait_for_late_account(self):
        """Auth0 goes on with what nobody waits for any longer; the next test is not to see it."""
        for _ in range(200):
            if len(self.accounts) > 1:
                return
            time.sleep(0.1)
        raise AssertionError("the tenant gave up what it was asked")

    def rows(self, *kinds):
        """The stored rows of those kinds."""
        path = self.gateway.config.parent / "a0.sqlite"
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
            rows = database.execute("SELECT kind, key, data FROM record").fetchall()
        return {(kind, key): data for kind, key, data in rows if kind in kinds}


@pytest.fixture
def person(impatient, shared_tenant):  # noqa: F811
    shared_tenant.delete("faults")
    yield Person(impatient, shared_tenant).prepare()
    shared_tenant.delete("faults")


def begin(person):
    return person.post_connect(headers={"Accept": "application/json"}, csrf_token=person.token)


def complete(person):
    return person.fetch(person.callback)


CALLS = {
    # name of the faults, what the person does, what it may lead to
    "connect": ("me", begin, {"connect", "http", "refresh"}),
    "complete": ("me", complete, {"connect"}),
    "accounts": ("me", lambda p: p.fetch("/auth/connected-accounts"), {"connect", "http", "refresh"}),
    "connections": ("me", lambda p: p.fetch("/auth/connected-accounts/connections"), {"connect", "http", "refresh"}),
    "delete": ("me", lambda p: p.disconnect(p.account, p.own), {"connect", "http", "refresh"}),
    "vault": ("token", lambda p: p.try_out(p.account, p.own), {
        "vault_unavailable", "vault_response_invalid", "vault_grant_disabled", "vault_login_required",
        "vault_reconnect"}),
    "provider": ("provider", lambda p: p.try_out(p.account, p.own), {
        "gw_provider_failed", "vault_reconnect", "vault_scope_missing", "http"}),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("call", CALLS)
def test_an_endpoint_that_fails_costs_nothing(person, call, name):
    family, act, errors = CALLS[call]
    person.own, person.token = person.own_headers(), person.csrf_token
    person.callback = person.start_connect(ANA_AT_GOOGLE, scope=CALENDAR) if call == "complete" else None
    accounts = [a["id"] for a in person.accounts]
    before = person.rows(SESSION, REFRESH_TOKEN, CONNECTED_ACCOUNT)
    kind, value = FAULTS[name]
    person.tenant.control("faults", {"name": f"{family}.{kind}", "value": value, "times": 0})
    answer = act(person)
    person.tenant.delete("faults")

    if call == "delete" and answer.status == 204:
        # 404: it is gone already. A success is one whatever its body is.
        assert name in ("404", "truncated", "garbage", "huge")
        return
    assert answer.status in (401, 403, 409, 429, 502, 503), answer.body
    ERROR.validate(answer.json())
    assert answer.json()["error"] in errors
    assert b"words" not in answer.body
    assert answer.set_cookies == []
    after = person.rows(SESSION, REFRESH_TOKEN, CONNECTED_ACCOUNT)
    assert set(after) == set(before)
    if name != "401":  # which is answered by one refresh
        assert after == before
    assert person.verify().status == 200
    if call == "delete" and name == "html":
        return  # done, and answered as if it had not been
    assert set(accounts) <= {a["id"] for a in person.accounts}
    assert person.try_out(person.account, person.own).status == 200
    if (call, name) == ("complete", "slow"):
        person.wait_for_late_account()


def test_a_pause_that_auth0_asks_for_is_passed_on(person):
    person.tenant.control("faults", {"name": "me.status", "times": 0, "value": {
        "status": 429, "error": "too_many_requests", "headers": {"Retry-After": "7"}}})
    answer = person.fetch("/auth/connected-accounts")

    assert answer.status >= 429
    assert answer.headers["Retry-After"] == "7"


@pytest.mark.parametrize("name", FAULTS)
def test_a_refresh_that_fails_costs_nothing(impatient, shared_tenant, name):  # noqa: F811
    shared_tenant.delete("faults")
    person = Person(impatient, shared_tenant)
    person.sign_in()
    before = person.rows(SESSION, REFRESH_TOKEN)
    kind, value = FAULTS[name]
    shared_tenant.control("faults", {"name": f"token.{kind}", "value": value, "times": 0})
    answer = person.fetch("/auth/connected-accounts")
    shared_tenant.delete("faults")

    assert answer.status in (401, 502, 503), answer.body
    assert answer.json()["error"] == "refresh"
    ERROR.validate(answer.json())
    assert set(person.rows(SESSION, REFRESH_TOKEN)) == set(before)
    assert person.verify().status == 200


@pytest.mark.parametrize("name", FAULTS)
def test_a_sign_in_whose_token_call_fails_makes_no_session(impatient, shared_tenant, name):  # noqa: F811
    shared_tenant.delete("faults")
    person = Person(impatient, shared_tenant)
    callback = person.authorize(person.start())
    before = person.rows(SESSION, REFRESH_TOKEN)
    kind, value = FAULTS[name]
    shared_tenant.control("faults", {"name": f"token.{kind}", "value": value, "times": 0})
    answer = person.fetch(callback)
    shared_tenant.delete("faults")

    assert answer.status in (502, 503), answer.body
    ERROR.validate(answer.json())
    assert person.session is None
    assert person.rows(SESSION, REFRESH_TOKEN) == before


@pytest.mark.parametrize("name", FAULTS)
def test_a_revocation_that_fails_keeps_nobody_signed_in(person, name):
    kind, value = FAULTS[name]
    person.tenant.control("faults", {"name": f"revoke.{kind}", "value": value, "times": 0})

    assert person.sign_out().status == 303
    assert person.verify().status == 401


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("family", ["provider", "mgmt"])
def test_an_identity_that_can_not_be_read_stays_unknown(person, family, name):
    kind, value = FAULTS[name]
    person.tenant.control("faults", {"name": f"{family}.{kind}", "value": value, "times": 0})
    answer = person.go(person.start_connect(ANA_AT_GOOGLE, scope=CALENDAR))
    person.tenant.delete("faults")
    second = [a for a in person.accounts if a["id"] != person.account]

    assert answer.status == 303
    assert [(a["email"], a["subject"], a["email_verified"]) for a in second] == [(None, None, False)]


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("family", ["disc", "jwks"])
def test_a_tenant_that_can_not_be_read_starts_no_sign_in(visit, tenant, family, name):  # noqa: F811
    kind, value = FAULTS[name]
    tenant.control("faults", {"name": f"{family}.{kind}", "value": value, "times": 0})
    visitor = visit(http_timeout=1, connect_timeout=1)
    answer = visitor.go("/auth/login")

    assert answer.status in (502, 503), answer.body
    assert b"words" not in answer.body
    assert visitor.cookies == {}


@pytest.mark.parametrize("name", FAULTS)
def test_a_pushed_request_that_fails_starts_no_sign_in(tmp_path_factory, shared_tenant, pushing, name):  # noqa: F811
    kind, value = FAULTS[name]
    shared_tenant.delete("faults")
    shared_tenant.control("faults", {"name": f"par.{kind}", "value": value, "times": 0})
    visitor = Visitor(pushing, shared_tenant)
    answer = visitor.go("/auth/login")
    shared_tenant.delete("faults")

    assert answer.status in (502, 503), answer.body
    assert b"words" not in answer.body
    assert visitor.cookies == {}


@pytest.fixture(scope="module")
def pushing(tmp_path_factory, shared_tenant):  # noqa: F811
    running = run_gateway(tmp_path_factory.mktemp("pushing"), shared_tenant, http_timeout=1, connect_timeout=1,
                          pushed_authorization_requests=True)
    yield running
    assert running.stop() == 0
