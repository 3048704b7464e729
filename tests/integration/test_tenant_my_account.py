# SPDX-License-Identifier: MIT
"""The local tenant's My Account API: connecting accounts, listing, deleting."""

import urllib.parse

import pytest

from tenant_connect import CALENDAR, CONNECTED_ACCOUNTS, Person
from tenant_process import ANA, API, BEN, CALLBACK, CHEN, M2M, Tenant, tenant_fixtures

ANA_AT_GOOGLE = "google-oauth2|100000000000000000001"


running, tenant = tenant_fixtures()


@pytest.fixture
def ana(tenant):
    return Person(tenant)


def problem(answer, status, code):
    """A problem as Auth0 writes it; its text."""
    assert answer.status == status, answer.text
    said = answer.json
    assert said["status"] == status and said["title"]
    assert said["type"] == "https://auth0.com/api-errors/" + code
    errors = said.get("validation_errors")
    return errors[0]["detail"] if errors else said["detail"]


# ---- connecting ----


def test_the_pages_show_the_scopes_that_were_asked_for(ana):
    started = ana.start().json
    assert len(started["auth_session"]) <= 64 and started["expires_in"] == 300
    assert started["connect_uri"] == ana.tenant.url + "/connected-accounts/connect"
    page, form = ana.consent(started, user_id=CHEN)
    assert page.status == 200 and "Connect this account?" in page.text
    assert "wants to use this account of the simulated Google" in page.text
    assert "this is not Google" in page.text and "chen@example.test" in page.text
    for scope in ("openid", "profile", "email", CALENDAR):
        assert f"<li>{scope}</li>" in page.text
    back = ana.browser.request("POST", "/u/connect", {**form, "action": "allow"})
    assert back.location.startswith(CALLBACK + "?")
    assert back.query["state"] == "connect-state"
    assert len(back.query["connect_code"]) <= 46
    answer = ana.complete(started, back.query["connect_code"])
    assert answer.status == 201
    account = answer.json
    assert account["id"].startswith("cac_") and account["access_type"] == "offline"
    assert account["connection"] == "google-oauth2"
    assert account["scopes"] == ["openid", "profile", "email", CALENDAR]
    assert set(account) == {"id", "connection", "access_type", "scopes", "created_at"}


def test_scopes_are_escaped_on_the_page(ana):
    page, _ = ana.consent(ana.start(scopes=["<script>"]).json, user_id=CHEN)
    assert "<li>&lt;script&gt;</li>" in page.text and "<script>" not in page.text


def test_without_scopes_those_of_the_connection_are_asked_for(ana):
    assert ana.connect(scopes=None)["scopes"] == ["openid", "profile", "email"]


@pytest.mark.parametrize("step", ["chooser", "consent"])
def test_denying_goes_back_with_the_state(ana, step):
    started = ana.start().json
    known = {"user_id": CHEN} if step == "consent" else {}
    _, form = ana.consent(started, **known, action="")
    back = ana.browser.request("POST", "/u/connect", {**form, "action": "deny"})
    assert back.query["error"] == "access_denied"
    assert back.query["state"] == "connect-state"
    assert "connect_code" not in back.query


def test_an_account_can_be_new_to_the_tenant(tenant, ana):
    started = ana.start(authorization_params={"login_hint": "eva@example.test"}).json
    page = ana.browser.request("GET", ana.open(started).location)
    assert 'value="eva@example.test"' in page.text
    form = {"email": "eva@example.test", "name": "Eva", "email_verified": "true"}
    started = ana.start().json
    _, form = ana.consent(started, **form)
    back = ana.browser.request("POST", "/u/connect", {**form, "action": "allow"})
    assert ana.complete(started, back.query["connect_code"]).status == 201
    users = [user["email"] for user in tenant.control("users", method="GET")]
    assert "eva@example.test" not in users
    account = tenant.control("provider_accounts", method="GET")[0]
    entry = tenant.control("connected_accounts", method="GET")[0]
    assert account["user_id"] == "google-oauth2|" + entry["idp_user_id"]
    assert entry["user_id"] == ANA


def test_who_signs_in_by_a_connected_account_keeps_its_id(tenant, ana):
    form = {"email": "eva@example.test", "name": "Eva"}
    started = ana.start().json
    _, form = ana.consent(started, **form)
    ana.browser.request("POST", "/u/connect", {**form, "action": "allow"})
    wanted = tenant.control("provider_accounts", method="GET")[0]["user_id"]
    other = Person(tenant, BEN).browser
    other.cookies.clear()
    state = other.authorize(connection="google-oauth2").query["state"]
    form = {"state": state, "connection": "google-oauth2", "user_id": wanted}
    back = other.request("POST", "/u/provider", {**form, "action": "allow"})
    assert other.exchange(back.query["code"]).status == 200
    assert wanted in [u["user_id"] for u in tenant.control("users", method="GET")]
    assert tenant.control("provider_accounts", method="GET") == []


def test_a_ticket_opens_once(ana):
    started = ana.start().json
    assert ana.open(started).status == 302
    again = ana.open(started)
    assert again.status == 400 and not again.location


def test_a_ticket_expires(tenant, ana):
    started = ana.start().json
    tenant.control("clock", {"offset_s": 301})
    assert ana.open(started).status == 400


def test_a_connect_code_completes_once(ana):
    started = ana.start().json
    code = ana.allow(started).query["connect_code"]
    assert ana.complete(started, code).status == 201
    problem(ana.complete(started, code), 409, "A0E-409-0001")
    assert len(ana.call("GET", "accounts").json["accounts"]) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"connect_code": "another"},
        {"auth_session": "as_another"},
        {"redirect_uri": CALLBACK + "/"},
        {"code_verifier": "w" * 43},
        {"code_verifier": None},
        {"more": 1},
        {"connect_code": None},
        {"auth_session": "a" * 65},
    ],
)
def test_what_does_not_fit_completes_nothing(ana, changes):
    started = ana.start().json
    code = ana.allow(started).query["connect_code"]
    answer = ana.complete(started, code, **changes)
    problem(answer, 400, "A0E-400-0003")
    assert ana.call("GET", "accounts").json["accounts"] == []


def test_a_connect_nobody_allowed_completes_nothing(ana):
    started = ana.start().json
    ticket = started["connect_params"]["ticket"]
    problem(ana.complete(started, ticket), 400, "A0E-400-0003")


def test_an_auth_session_expires(tenant, ana):
    started = ana.start().json
    code = ana.allow(started).query["connect_code"]
    tenant.control("clock", {"offset_s": 301})
    problem(ana.complete(started, code), 400, "A0E-400-0003")


def test_an_auth_session_belongs_to_its_user(tenant, ana):
    ben = Person(tenant, BEN)
    started = ana.start().json
    code = ana.allow(started).query["connect_code"]
    problem(ben.complete(started, code), 403, "A0E-403-0001")
    tenant.fault("me.bind_check", value=False)
    assert ben.complete(started, code).status == 201


def test_a_ticket_is_for_the_browser_of_its_user(tenant, ana):
    started = ana.start().json
    ben = Person(tenant, BEN)
    assert ben.open(started).query["error"] == "access_denied"
    tenant.fault("me.bind_check", value=False)
    assert "/u/connect" in ben.open(ana.start().json).location


def test_faults_of_the_browser_leg(tenant, ana):
    tenant.fault("connect.fragment", value=True)
    assert "#connect_code=" in ana.allow(ana.start().json).location
    tenant.fault("connect.error", value={"error": "temporarily_unavailable"})
    back = ana.open(ana.start().json)
    assert back.query["error"] == "temporarily_unavailable"


def test_connecting_the_same_account_again_renews_its_entry(ana):
    first = ana.connect()
    again = ana.connect(scopes=["openid"])
    assert again["id"] == first["id"] and again["scopes"] == ["openid"]
    assert ana.connect(ANA_AT_GOOGLE)["id"] != first["id"]


@pytest.mark.parametrize(
    "changes, told",
    [
        ({"connection": None}, "required property 'connection'"),
        ({"redirect_uri": None}, "required property 'redirect_uri'"),
        ({"connection": ""}, "data/connection"),
        ({"connection": "c" * 129}, "data/connection"),
        ({"state": 1}, "data/state"),
        ({"nonce": "n"}, "additional properties: 'nonce'"),
        ({"authorization_params": {"next_url": "/"}}, "'next_url'"),
        ({"authorization_params": {"login_hint": "h" * 256}}, "data/login_hint"),
        ({"authorization_params": []}, "data/authorization_params"),
        ({"scopes": []}, "data/scopes"),
        ({"scopes": ["a", "a"]}, "data/scopes"),
        ({"scopes": ["s" * 256]}, "data/scopes"),
        ({"scopes": [str(i) for i in range(101)]}, "data/scopes"),
        ({"code_challenge": "short"}, "data/code_challenge"),
        ({"code_challenge_method": "plan"}, "S256"),
        ({"code_challenge_method": None}, "S256"),
        ({"code_challenge": None}, "S256"),
        ({"connection": "nothing"}, "cannot be connected"),
        ({"connection": "Username-Password-Authentication"}, "cannot be connected"),
        ({"redirect_uri": "https://evil.example/cb"}, "redirect_uri"),
    ],
)
def test_the_body_of_a_connect_is_closed(ana, changes, told):
    assert told in problem(ana.start(**changes), 400, "A0E-400-0003")


def test_a_connection_that_is_switched_off_is_not_connected(tenant, ana):
    tenant.control("connections", {"name": "github", "connected_accounts": False})
    problem(ana.start(connection="github"), 400, "A0E-400-0003")
    listed = ana.call("GET", "connections").json["connections"]
    assert "github" not in [connection["name"] for connection in listed]


# ---- the token ----


def test_the_token_is_checked(tenant, ana):
    path = CONNECTED_ACCOUNTS + "accounts"
    problem(tenant.get(path), 401, "A0E-401-0002")
    for token in ("garbage", ana.browser.tokens(audience=API)["access_token"]):
        answer = tenant.get(path, headers={"Authorization": "Bearer " + token})
        problem(answer, 401, "A0E-401-0003")
    tenant.control("clock", {"offset_s": 90000})
    problem(ana.call("GET", "accounts"), 401, "A0E-401-0003")


@pytest.mark.parametrize(
    "scope, method, path",
    [
        ("read", "POST", "connect"),
        ("read", "POST", "complete"),
        ("create", "GET", "accounts"),
        ("create", "GET", "connections"),
        ("read", "DELETE", "accounts/cac_1"),
    ],
)
def test_each_call_needs_its_scope(tenant, scope, method, path):
    ana = Person(tenant, scope=scope + ":me:connected_accounts")
    data = {} if method == "POST" else None
    problem(ana.call(method, path, data), 403, "A0E-403-0002")


def test_other_media_types_are_problems_too(ana):
    headers = {"Authorization": "Bearer " + ana.token}
    answer = ana.tenant.request(
        "POST", CONNECTED_ACCOUNTS + "connect", form={"a": "b"}, headers=headers
    )
    problem(answer, 415, "A0E-415-0001")


def test_the_application_needs_a_grant_in_the_name_of_people(tenant, ana):
    (grant,) = [
        g
        for g in tenant.control("client_grants", method="GET")
        if g["audience"] == tenant.issuer + "me/"
    ]
    me = {"audience": tenant.issuer + "me/"}

    def scope():
        return tenant.refresh(ana.refresh_token, **me).json["scope"]

    tenant.control("client_grants", {**grant, "scope": ["read:me:connected_accounts"]})
    assert "read:me:" in scope() and "create:me:" not in scope()
    # The kind that is made when nobody says which.
    tenant.control("client_grants", {**grant, "subject_type": "client"})
    assert ":me:" not in scope()
    refused = ana.browser.authorize(scope="openid", **me)
    assert refused.query["error"] == "access_denied"
    machine = {"grant_type": "client_credentials", **M2M}
    tenant.control("client_grants", {**grant, "id": "x", "client_id": "demo-m2m"})
    assert tenant.token(**machine, **me).status == 403


def test_a_listed_origin_calls_it_from_a_page(tenant, ana):
    origin = {"Origin": "http://localhost:3000"}
    for path in ("connect", "complete", "accounts", "accounts/cac_x", "connections"):
        answer = tenant.request("OPTIONS", CONNECTED_ACCOUNTS + path, headers=origin)
        assert answer.status == 204
        assert answer.headers["Access-Control-Allow-Origin"] == origin["Origin"]
        assert "DELETE" in answer.headers["Access-Control-Allow-Methods"]
    answer = tenant.get(CONNECTED_ACCOUNTS + "accounts", headers=origin)
    assert answer.status == 401
    assert answer.headers["Access-Control-Allow-Origin"] == origin["Origin"]
    assert "x-ratelimit-reset" in answer.headers["Access-Control-Expose-Headers"]
    stranger = {"Origin": "https://evil.example"}
    answer = tenant.get(CONNECTED_ACCOUNTS + "accounts", headers=stranger)
    assert "Access-Control-Allow-Origin" not in answer.headers


# ---- lists and delete ----


def entry(i, user_id=ANA, **changes):
    return {
        "id": f"cac_{i:03}",
        "user_id": user_id,
        "connection": "google-oauth2",
        "idp_user_id": str(i),
        "refresh_token": "1//seeded",
        **changes,
    }


def walk(person, path, name, parameter="from"):
    """Every entry, page after page."""
    found, query = [], ""
    for _ in range(300):
        answer = person.call("GET", path + query).json
        found += answer[name]
        if "next" not in answer:
            return found
        join = "&" if "?" in path else "?"
        query = f"{join}{parameter}={answer['next']}"
    raise AssertionError("the list does not end")


@pytest.mark.parametrize("parameter", ["from", "next"])
def test_lists_come_in_pages(tenant, ana, parameter):
    tenant.control("connected_accounts", [entry(i) for i in range(25)])
    tenant.control("connected_accounts", entry(90, BEN))
    assert len(ana.call("GET", "accounts").json["accounts"]) == 10
    for path in ("accounts", "accounts?take=20", "accounts?take=1"):
        ids = [a["id"] for a in walk(ana, path, "accounts", parameter)]
        assert ids == [f"cac_{i:03}" for i in range(25)]


def test_page_sizes_are_bounded(ana):
    for take in ("0", "21", "x", "-1"):
        problem(ana.call("GET", "accounts?take=" + take), 400, "A0E-400-0003")


def test_a_list_can_be_of_some_connections(tenant, ana):
    names = ("google-oauth2", "github", "facebook")
    rows = [entry(i, connection=name) for i, name in enumerate(names)]
    tenant.control("connected_accounts", rows)
    path = "accounts?connection=github&connection=facebook"
    listed = ana.call("GET", path).json["accounts"]
    assert [account["connection"] for account in listed] == ["github", "facebook"]
    path = "accounts?" + "&".join(["connection=github"] * 21)
    problem(ana.call("GET", path), 400, "A0E-400-0003")


def test_connections_tell_what_can_be_connected(tenant, ana):
    listed = walk(ana, "connections?take=1", "connections")
    assert [connection["name"] for connection in listed] == [
        "google-oauth2",
        "github",
        "facebook",
        "apple",
    ]
    assert listed[1] == {
        "name": "github",
        "strategy": "github",
        "scopes": ["read:user", "user:email"],
    }
    tenant.control("clients", {"client_id": "demo-web", "connections": ["apple"]})
    assert len(ana.call("GET", "connections").json["connections"]) == 1


def test_pages_can_be_small_endless_or_broken(tenant, ana):
    tenant.control("connected_accounts", [entry(i) for i in range(3)])
    tenant.fault("me.pages", value=1)
    assert len(ana.call("GET", "accounts").json["accounts"]) == 1
    assert len(walk(ana, "accounts", "accounts")) == 3
    tenant.fault("me.list.next", value="cur-loop", times=0)
    for cursor in ("", "?from=cur-loop"):
        assert ana.call("GET", "accounts" + cursor).json["next"] == "cur-loop"
    tenant.fault("me.status", value=503)
    problem(ana.call("GET", "accounts"), 503, "A0E-500-0001")
    tenant.fault("me.body_raw", value={"body": "<html>", "content_type": "text/html"})
    assert ana.call("GET", "accounts").text == "<html>"


def test_an_account_is_deleted_by_its_owner_alone(tenant, ana):
    account = ana.connect()
    path = "accounts/" + account["id"]
    problem(Person(tenant, BEN).call("DELETE", path), 404, "A0E-404-0002")
    answer = ana.call("DELETE", path)
    assert (answer.status, answer.body) == (204, b"")
    problem(ana.call("DELETE", path), 404, "A0E-404-0002")
    assert ana.call("GET", "accounts").json == {"accounts": []}


def test_every_answer_tells_its_rate(tenant, ana):
    bare = tenant.get(CONNECTED_ACCOUNTS + "accounts")
    for answer in (ana.call("GET", "accounts"), bare):
        for name in ("limit", "remaining", "reset"):
            assert answer.headers["x-ratelimit-" + name]
    tenant.fault("me.status", value={"status": 429, "headers": {"Retry-After": "1"}})
    answer = ana.call("GET", "accounts")
    problem(answer, 429, "A0E-429-0003")
    assert answer.headers["Retry-After"] == "1"


def test_a_connect_is_logged_with_the_id_at_the_provider(tenant, ana):
    account = ana.connect()
    (event,) = tenant.control("logs", method="GET")
    assert event["type"] == "connected_accounts_connection_succeeded"
    assert event["connected_account"] == account["id"] and event["user_id"] == ANA
    assert event["connection"] == "google-oauth2"
    assert "google-oauth2|" + event["idp_user_id"] == CHEN


def management(tenant, path, scope="read:logs read:users", **query):
    form = {"grant_type": "client_credentials", "scope": scope, **M2M}
    token = tenant.token(audience=tenant.issuer + "api/v2/", **form).json
    headers = {"Authorization": "Bearer " + token["access_token"]}
    if query:
        path += "?" + urllib.parse.urlencode(query)
    return tenant.get("/api/v2/" + path, headers=headers)


def test_the_log_names_the_id_at_the_provider(tenant, ana):
    accounts = [ana.connect(CHEN), ana.connect(ANA_AT_GOOGLE)]
    Person(tenant, BEN).connect(CHEN)
    kind = "connected_accounts_connection_succeeded"
    q = f'type:"{kind}" AND user_id:"{ANA}"'
    events = management(tenant, "logs", q=q, sort="date:-1", per_page=5).json
    found = [event["details"]["connected_account"] for event in events]
    assert [a["id"] for a in found] == [a["id"] for a in reversed(accounts)]
    hints = [ANA_AT_GOOGLE.split("|")[1], CHEN.split("|")[1]]
    assert [a["idp_user_id"] for a in found] == hints
    assert {event["strategy"] for event in events} == {"google-oauth2"}
    assert len(management(tenant, "logs").json) == 3
    assert management(tenant, "logs", q="type:other").json == []
    assert len(management(tenant, "logs", per_page=2, page=1).json) == 1
    path = "users/" + urllib.parse.quote(ANA, safe="") + "/logs"
    assert management(tenant, path, sort="date:1").json == events[::-1]


def test_the_log_is_walked_from_a_checkpoint(tenant, ana):
    for account in (CHEN, ANA_AT_GOOGLE, "github|1000003"):
        ana.connect(account, connection=account.split("|")[0])
    events = management(tenant, "logs", sort="date:1").json
    first = {"from": events[0]["log_id"], "take": 1, "q": "ip:ignored"}
    assert management(tenant, "logs", **first).json == events[1:2]
    rest = {"from": events[1]["log_id"]}
    assert management(tenant, "logs", **rest).json == events[2:]
    for query in ({"from": "nothing"}, {**rest, "take": 0}, {**rest, "take": 101}):
        assert management(tenant, "logs", **query).status == 400


def test_the_log_needs_its_scope_and_a_question_it_knows(tenant):
    answer = management(tenant, "logs", scope="read:users")
    assert (answer.status, answer.json["errorCode"]) == (403, "insufficient_scope")
    for query in ({"q": "ip:127.0.0.1"}, {"per_page": 101}, {"page": "x"}):
        answer = management(tenant, "logs", **query)
        assert (answer.status, answer.json["statusCode"]) == (400, 400)
    assert management(tenant, "users/auth0%7Cnobody/logs").status == 404


def test_the_state_file_keeps_connected_accounts(tmp_path):
    state = ("--state", str(tmp_path / "tenant.db"))
    tenant = Tenant(*state)
    account = Person(tenant).connect()
    assert tenant.stop() == 0
    tenant = Tenant(*state)
    try:
        entries = tenant.control("connected_accounts", method="GET")
        assert [e["id"] for e in entries] == [account["id"]]
        assert "refresh_token" not in entries[0]
    finally:
        tenant.stop()
