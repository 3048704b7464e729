"""Rows CONN, CB, VAULT and GW for connected accounts at the gateway: the real program in
front of a real tenant."""

import json
import threading
import urllib.parse

import pytest
from conftest import CALENDAR, connecting
from visitors import (
    ANA_AT_GOOGLE,
    BEN,
    CHEN_AT_GOOGLE,
    DARA_AT_GITHUB,
    NAVIGATION,
    Visitor,
    log_events,
    run_gateway,
)
from visitors import shared_tenant, visit  # noqa: F401

ME = "/me/v1/connected-accounts/"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def connect_site(tmp_path_factory, shared_tenant):  # noqa: F811
    folder = tmp_path_factory.mktemp("gateway")
    running = run_gateway(folder, shared_tenant, **connecting(shared_tenant))
    yield running
    assert running.stop() == 0


@pytest.fixture
def person(connect_site, shared_tenant):  # noqa: F811
    """Somebody signed in who has connected nothing; the tenant has no fault."""
    visitor = Visitor(connect_site, shared_tenant)
    for name in ["faults", "connected_accounts", "requests"]:
        shared_tenant.delete(name)
    visitor.sign_in()
    return visitor


@pytest.fixture
def ben(connect_site, shared_tenant):  # noqa: F811
    """Another person in another browser."""
    visitor = Visitor(connect_site, shared_tenant)
    visitor.sign_in(person=BEN)
    return visitor


def calls(visitor, what, method=None):
    return [entry for entry in visitor.tenant.requests(ME + what) if method in (None, entry["method"])]


def exchanges(visitor):
    return len([e for e in visitor.tenant.requests("/oauth/token") if "federated-connection" in e["body"]])


def fault(visitor, name, value, **more):
    visitor.tenant.control("faults", {"name": name, "value": value} | more)


# ---- CONN-01, CONN-02: whose browser, whose session ----


def test_conn_01_another_person_in_the_browser_completes_nothing(person):
    callback = person.start_connect()
    person.sign_in(person=BEN)
    answer = person.go(callback)

    assert answer.status in (400, 403)
    assert calls(person, "complete") == []
    assert person.accounts == []


def test_conn_01_after_a_sign_out_nothing_is_completed(person):
    callback = person.start_connect()
    person.sign_out()

    assert person.go(callback).status == 400
    assert calls(person, "complete") == []


def test_conn_02_a_callback_in_another_browser_redeems_nothing(person, ben):
    callback = person.start_connect()

    assert ben.go(callback).status == 400
    assert Visitor(person.gateway, person.tenant).go(callback).status == 400
    assert calls(person, "complete") == []
    assert person.go(callback).status == 303  # it was left to its owner
    assert len(person.accounts) == 1 and ben.accounts == []


def test_conn_02_nobody_starts_a_connect_for_nobody(person):
    nobody = Visitor(person.gateway, person.tenant)
    answer = nobody.post_connect(csrf_token=person.csrf_token)

    assert answer.status == 401
    assert answer.set_cookies == []
    assert calls(person, "connect") == []


# ---- CONN-03: what a page may ask for ----


@pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.test"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
])
def test_conn_03_a_form_of_another_site_starts_nothing(person, headers):
    assert person.post_connect(headers=headers).status == 403
    assert calls(person, "connect") == []


def test_conn_03_only_a_form_with_the_token_of_the_session_starts(person, ben):
    for token in ["", "x" * 43, ben.csrf_token]:
        assert person.post_connect(csrf_token=token).status == 403
    assert person.go("/auth/connect").status == 405
    assert person.go("/auth/connect?connection=google-oauth2").status == 405
    assert person.post_connect(headers={"Content-Type": "application/json"}).status == 415
    assert calls(person, "connect") == []


@pytest.mark.parametrize("name", ["id_token_hint", "audience", "resource", "authorization_params", "state",
                                  "redirect_uri", "scopes", "connection_scope", "max_age", "acr_values", ""])
def test_conn_03_parameters_that_carry_security_are_refused(person, name):
    answer = person.post_connect(headers={"Accept": "application/json"}, **{name: "x"})

    assert (answer.status, answer.json()["error"]) == (400, "param_forbidden")
    assert calls(person, "connect") == []


@pytest.mark.parametrize("connection", ["facebook", "GITHUB", "", "google-oauth2 ", "../x?y",
                                        ["github", "google-oauth2"]])
def test_conn_03_only_connections_of_the_settings_are_connected(person, connection):
    assert person.post_connect(connection=connection).status == 400
    assert calls(person, "connect") == []


def test_conn_03_scopes_are_cut_to_what_the_settings_allow(person):
    wanted = ["https://www.googleapis.com/auth/drive", f"{CALENDAR} admin", "openid"]
    person.post_connect(scope=wanted, login_hint="ana@example.test", prompt="consent")
    person.post_connect(connection="github", scope=CALENDAR)
    google, github = [json.loads(entry["body"]) for entry in calls(person, "connect")]

    assert google["scopes"] == [CALENDAR, "openid", "profile", "email"]
    assert google["authorization_params"] == {"login_hint": "ana@example.test", "prompt": "consent"}
    assert "scopes" not in github  # none allowed, none configured: the tenant's own


# ---- CONN-05, CB: coming back ----


def test_conn_05_a_callback_that_comes_again_completes_nothing(person):
    callback = person.start_connect()
    answers = []

    def submit():
        answers.append(Visitor(person.gateway, person.tenant, cookies=dict(person.cookies)).go(callback).status)

    threads = [threading.Thread(target=submit) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [303] + [400] * 9
    assert person.go(callback).status == 400
    assert len(calls(person, "complete")) == 1
    assert len(person.accounts) == 1


def test_cb_03_forged_callbacks_do_not_spoil_an_open_connect(person):
    callback = person.start_connect()
    state = urllib.parse.parse_qs(callback)["state"][0]
    for i in range(200):
        assert person.go(f"/auth/callback?connect_code=x&state={i}").status == 400
        assert person.go(f"/auth/callback?connect_code=x&connect_code=y&state={state}").status == 400

    assert person.go(callback).status == 303


def test_cb_09_the_transaction_alone_decides_what_a_callback_is(person):
    connect, login = person.start_connect(), person.authorize(person.start())
    turned = connect.replace("connect_code=", "code="), login.replace("code=", "connect_code=")
    both = [f"{path}&{extra}=x" for path, extra in
            [(person.start_connect(), "code"), (person.authorize(person.start()), "connect_code")]]
    for path, family in zip([*turned, *both], ["connect", "callback"] * 2):
        answer = person.fetch(path)
        assert (answer.status, answer.json()["error"]) == (400, family), path
    for path in [connect, login]:  # each was its rightful browser's mistake
        assert person.go(path).status == 400
    assert calls(person, "complete") == []
    assert person.accounts == []


def test_cb_13_a_connect_returns_to_its_own_target_or_the_default(person):
    own = person.connect(return_to="/internal/?a=b")
    foreign = person.connect(return_to="https://evil.test/")
    none = person.connect()

    assert [a.location for a in (own, foreign, none)] == ["/internal/?a=b", "/", "/"]
    replaced = [e["detail"] for e in log_events(person.gateway) if e["event"] == "redirect.replaced"]
    assert replaced and set(replaced) == {"connect"}  # not kept at all, let alone followed


def test_cb_11_a_fragment_is_repeated_by_our_page(person):
    fault(person, "connect.fragment", True)
    callback = person.start_connect()
    path, fragment = callback.split("#")
    page = person.go(path)

    assert page.status == 400  # without its fragment it is a callback without a state
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'") and "script-src 'sha256-" in policy
    assert "unsafe" not in policy
    for sub_resource in [b"src=", b"href=\"http", b"@import"]:
        assert sub_resource not in page.body
    answer = person.go(path, method="POST", body=fragment.encode(), headers={
        "Content-Type": FORM, "Origin": "null", "Sec-Fetch-Site": "same-origin"})
    assert answer.status == 303
    assert len(person.accounts) == 1


def test_cb_11_the_page_for_fragments_is_shown_to_people_alone(person):
    nobody = Visitor(person.gateway, person.tenant).go("/auth/callback")

    assert nobody.status == 400 and b"<script" not in nobody.body
    assert person.fetch("/auth/callback").json()["error"] == "callback"
    assert b"<script" not in person.go("/auth/callback?x=y").body


def test_cb_11_a_post_completes_connects_of_our_own_page_alone(person):
    own = {"Content-Type": FORM, "Origin": person.gateway.url}
    login, connect = person.authorize(person.start()), person.start_connect()
    posts = [
        (connect, own | {"Origin": "https://evil.test"}, 405), (connect, {"Content-Type": FORM}, 405),
        (connect, own | {"Content-Type": "text/plain"}, 405), (login, own, 400),
    ]
    for callback, headers, status in posts:
        path, query = callback.split("?")
        assert person.go(path, method="POST", headers=headers, body=query.encode()).status == status, headers
    assert person.go(connect, method="POST", headers=own, body=b"").status == 405
    nobody = Visitor(person.gateway, person.tenant)
    assert nobody.go("/auth/callback", method="POST", headers=own, body=connect.split("?")[1].encode()).status == 401

    assert person.go(connect).status == 303 and person.go(login).status == 303
    assert person.go("/auth/callback", method="POST", headers=own, body=login.split("?")[1].encode()).status == 405


# ---- CONN-07, CONN-08: the end of an account ----


@pytest.mark.parametrize("name", ["..", ".", "%2e%2e", "%2E%2E%2f", "a%2fb", "a%5cb", "a%3fb=c", "a%23b", "a%20b",
                                  "%00", "a;b", "a" * 300, "%c3%a4", "a|b", ""])
def test_conn_07_an_id_never_changes_the_path(person, name):
    person.connect()
    before = person.tenant.control("requests")
    answer = person.disconnect(name)

    # No such id, no such path, or two readings of the path: never a request to Auth0.
    assert answer.status in (400, 404, 405), answer.body
    assert [entry for entry in person.tenant.control("requests")[len(before):]
            if entry["method"] == "DELETE"] == []
    assert len(person.accounts) == 1


def test_conn_07_an_id_of_proper_form_is_one_segment(person):
    assert person.disconnect("not-mine_1").status == 204  # gone already

    assert [entry["path"] for entry in person.tenant.control("requests") if entry["method"] == "DELETE"] == [
        ME + "accounts/not-mine_1"
    ]


def test_conn_08_nobody_deletes_the_account_of_another(person, ben):
    person.connect(scope=CALENDAR)
    account = person.accounts[0]["id"]
    assert ben.disconnect(account).status in (204, 403, 404)

    assert [a["id"] for a in person.accounts] == [account]
    assert person.try_out(account).status == 200
    assert person.disconnect(account).status == 204
    assert person.accounts == []


def test_conn_08_a_delete_is_our_own_pages(person, ben):
    person.connect()
    account = person.accounts[0]["id"]
    own = person.own_headers()
    for headers in [{}, {"Origin": own["Origin"]}, {"X-CSRF-Token": own["X-CSRF-Token"]},
                    own | {"X-CSRF-Token": ben.csrf_token}, own | {"Origin": "https://evil.test"},
                    own | {"Sec-Fetch-Site": "cross-site"}]:
        assert person.disconnect(account, headers).status == 403, headers
        assert person.try_out(account, headers).status == 403, headers
    assert person.fetch(f"/auth/connected-accounts/{account}").status == 405
    assert Visitor(person.gateway, person.tenant).disconnect(account, own).status == 401
    assert len(person.accounts) == 1


# ---- CONN-11: what Auth0 says ----


@pytest.mark.parametrize("code,status", [("access_denied", 403), ("login_required", 401), ("server_error", 502)])
def test_conn_11_a_cancelled_consent_is_told_without_its_words(person, code, status):
    for accept in [NAVIGATION, {"Accept": "application/json"}]:
        fault(person, "connect.error", {"error": code, "error_description": "<b>words of others</b>"})
        callback = person.start_connect(account=None)
        answer = person.go(callback, accept=accept)
        assert answer.status == status
        assert b"words" not in answer.body and code.encode() not in answer.body
        assert person.go(callback).status == 400  # it is spent
    assert answer.json()["error"] == "connect"
    events = log_events(person.gateway)
    event = [e for e in events if e["event"] == "callback.rejected" and e["auth0_code"] == code][-1]
    assert event["description_bytes"] > 0
    assert [e for e in events if e["event"].endswith(".rejected") and "correlation_id" not in e] == []
    assert person.accounts == [] and person.verify().status == 200


# ---- GW, SESS: the new routes ----


def test_gw_06_a_preflight_of_the_api_gets_no_permission(person):
    for path in ["/auth/connect", "/auth/connected-accounts", "/auth/connected-accounts/connections",
                 "/auth/connected-accounts/x", "/auth/connected-accounts/x/try-out"]:
        answer = person.go(path, method="OPTIONS", accept={}, headers={
            "Origin": "https://evil.test", "Access-Control-Request-Method": "DELETE"})
        assert answer.status == 405
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_gw_12_connect_starts_have_their_limit(visit):  # noqa: F811
    visitor = visit(login_rate=3, connect_allowed={"google-oauth2": []})
    visitor.sign_in()
    answers = [visitor.post_connect() for _ in range(6)]

    assert [a.status for a in answers[:2]] == [303, 303]  # the sign-in took one
    assert {a.status for a in answers[2:]} == {429}
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert visitor.verify().status == 200
    assert len(visitor.tenant.requests(ME + "connect")) == 2


def test_gw_14_nobody_gets_401_and_no_cookie(person):
    nobody = Visitor(person.gateway, person.tenant)
    own = person.own_headers()
    answers = [
        nobody.fetch("/auth/connected-accounts"),
        nobody.fetch("/auth/connected-accounts/connections"),
        nobody.disconnect("x", own),
        nobody.try_out("x", own),
    ]
    for answer in answers:
        assert (answer.status, answer.json()["error"]) == (401, "session")
        assert answer.set_cookies == []
    assert calls(person, "accounts") == []


def test_sess_10_what_the_api_says_is_kept_nowhere(person):
    person.connect(scope=CALENDAR)
    account = person.accounts[0]["id"]
    answers = [person.fetch("/auth/connected-accounts"), person.fetch("/auth/connected-accounts/connections"),
               person.try_out(account), person.post_connect(), person.disconnect(account)]

    assert [a.status for a in answers] == [200, 200, 200, 303, 204]
    assert {a.headers["Cache-Control"] for a in answers} == {"no-store"}
    person.sign_out()
    assert person.fetch("/auth/connected-accounts").status == 401


# ---- VAULT ----


def test_vault_02_each_account_gives_its_own_token(person):
    person.connect(CHEN_AT_GOOGLE, scope=CALENDAR)
    person.connect(ANA_AT_GOOGLE, scope=CALENDAR)
    for _ in range(2):  # exchanged, then kept
        calendars = {a["email"]: person.try_out(a["id"]).json()["calendar"] for a in person.accounts}
        assert calendars == {"chen@example.test": "chen@example.test", "ana@example.test": "ana@example.test"}


def test_vault_02_of_accounts_of_unknown_persons_none_is_guessed(person):
    person.connect(CHEN_AT_GOOGLE, scope=CALENDAR)
    fault(person, "mgmt.status", 403, times=0)  # the log that says whose the second is
    person.connect(ANA_AT_GOOGLE, scope=CALENDAR)
    unknown = [a["id"] for a in person.accounts if a["subject"] is None]
    answer = person.try_out(unknown[0])

    assert len(unknown) == 1
    assert (answer.status, answer.json()["error"]) == (409, "vault_account_ambiguous")
    assert answer.json()["connect"] == {"connection": "google-oauth2", "scope": CALENDAR}


def test_vault_03_only_the_persons_own_accounts_are_used(person, ben):
    person.connect()
    before = exchanges(person)
    answer = ben.try_out(person.accounts[0]["id"])

    assert (answer.status, answer.json()["error"]) == (403, "vault_connection_forbidden")
    assert exchanges(person) == before


def test_vault_03_a_connection_without_a_try_out_has_none(person):
    person.connect(DARA_AT_GITHUB, connection="github")
    account = person.accounts[0]

    assert account["can_try_out"] is False
    assert person.try_out(account["id"]).status == 404


@pytest.mark.parametrize("value,status,error,offers", [
    ("not_found", 409, "vault_token_not_found", True),
    ("flow_failed", 409, "vault_reconnect", True),
    ("mfa_required", 403, "vault_mfa_required", False),
    ("unauthorized_client", 502, "vault_grant_disabled", False),
    ("invalid_grant", 401, "vault_login_required", False),
    ({"status": 418, "error": "teapot", "error_description": "words"}, 503, "vault_unavailable", False),
])
def test_vault_06_the_outcomes_are_told_apart_and_end_no_session(person, value, status, error, offers):
    person.connect(scope=CALENDAR)
    account = person.accounts[0]["id"]
    me = person.fetch("/auth/me").json()
    fault(person, "vault.error", value)
    answer = person.try_out(account)

    assert (answer.status, answer.json()["error"]) == (status, error)
    assert answer.json().get("connect") == (
        {"connection": "google-oauth2", "scope": CALENDAR} if offers else None)
    assert b"words" not in answer.body
    assert person.fetch("/auth/me").json() | {"idle_expires_at": 0} == me | {"idle_expires_at": 0}
    assert person.try_out(account).status == 200


def test_vault_06_missing_scopes_are_named(person):
    fault(person, "provider.missing_scope", CALENDAR, times=0)
    person.connect(scope=CALENDAR)
    answer = person.try_out(person.accounts[0]["id"])

    assert (answer.status, answer.json()["error"]) == (403, "vault_scope_missing")
    assert answer.json()["connect"] == {"connection": "google-oauth2", "scope": CALENDAR}


def test_vault_06_a_provider_that_refuses_leads_to_connect_again(person):
    person.connect(scope=CALENDAR)
    account = person.accounts[0]["id"]
    assert person.try_out(account).status == 200
    fault(person, "provider.revoked", True)
    answer = person.try_out(account)

    assert (answer.status, answer.json()["error"]) == (409, "vault_reconnect")
    assert answer.json()["connect"]["connection"] == "google-oauth2"


def test_vault_07_no_token_of_a_provider_reaches_browser_or_log(person):
    person.connect(scope=CALENDAR)
    account = person.accounts[0]["id"]
    answers = [person.fetch("/auth/connected-accounts"), person.try_out(account), person.go("/internal/"),
               person.fetch("/auth/me")]
    tokens = {header["value"].removeprefix("Bearer ")
              for entry in person.tenant.requests("/_provider/google-oauth2/calendar/events")
              for header in entry["headers"] if header["name"] == "Authorization"}

    assert tokens
    said = b"".join(a.body + str(a.headers).encode() for a in answers) + person.gateway.log.read_bytes()
    for token in tokens:
        assert token.encode() not in said
    audited = [e for e in log_events(person.gateway) if e["event"] == "vault.tried_out"]
    assert audited[-1]["account_id"] == account and audited[-1]["level"] == "audit"


def test_vault_07_the_try_out_is_off_unless_it_is_configured(visit):  # noqa: F811
    visitor = visit(connect_allowed={"google-oauth2": [CALENDAR]})
    visitor.sign_in()
    visitor.connect(scope=CALENDAR)
    account = visitor.accounts[0]
    before = exchanges(visitor)

    assert account["can_try_out"] is False
    assert visitor.try_out(account["id"]).status == 404
    assert exchanges(visitor) == before


def test_vault_07_a_disconnected_account_gives_nothing(person):
    person.connect(CHEN_AT_GOOGLE, scope=CALENDAR)
    person.connect(ANA_AT_GOOGLE, scope=CALENDAR)
    first, second = [a["id"] for a in person.accounts]
    assert person.disconnect(first).status == 204

    assert person.try_out(first).status == 403
    assert person.try_out(second).status == 200
