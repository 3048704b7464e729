"""Rows GW-15 and VAULT at the broker: a back end asks for a token of its signed-in person."""

import base64
import hashlib
import http.client
import json
import socket
import subprocess
import urllib.parse
import urllib.request

import pytest
from conftest import CALENDAR, PROGRAM, connecting, free_port
from visitors import ANA_AT_GOOGLE, BEN, CHEN_AT_GOOGLE, Answer, Visitor, log_events, run_gateway, send
from visitors import shared_tenant, visit  # noqa: F401

SECRET = "broker-secret-canary-0123456789abcdef"
GOOGLE = "google-oauth2"


def broker_settings(tenant, **more):
    port = free_port()
    return port, connecting(tenant) | {
        "broker_listen": f"127.0.0.1:{port}",
        "broker_secret": SECRET,
        "broker_connections": [GOOGLE],
        "broker_rate": 0,
    } | more


@pytest.fixture(scope="module")
def broker_site(tmp_path_factory, shared_tenant):  # noqa: F811
    folder = tmp_path_factory.mktemp("gateway")
    port, settings = broker_settings(shared_tenant)
    running = run_gateway(folder, shared_tenant, **settings)
    running.broker_port = port
    yield running
    assert running.stop() == 0


@pytest.fixture
def person(broker_site, shared_tenant):  # noqa: F811
    visitor = Visitor(broker_site, shared_tenant)
    for name in ["faults", "connected_accounts", "requests"]:
        shared_tenant.delete(name)
    visitor.sign_in()
    assert visitor.accounts == []  # which also brings our records in line
    return visitor


def cookie_of(visitor):
    return f"__Host-a0_session={visitor.session}"


def ask(visitor, connection=GOOGLE, port=None, secret=SECRET, cookie=None, headers=None, method="POST", **fields):
    """As a back end does: the secret, the cookie that came with the person's request."""
    lines = {"Authorization": f"Bearer {secret}", "Cookie": cookie or cookie_of(visitor)} | (headers or {})
    body = urllib.parse.urlencode(fields).encode() if fields else b""
    if fields:
        lines.setdefault("Content-Type", "application/x-www-form-urlencoded")
    lines = {name: value for name, value in lines.items() if value is not None}
    return send("127.0.0.1", port or visitor.gateway.broker_port, method, f"/auth/token/{connection}", lines, body)


def calendar_status(visitor, token):
    request = urllib.request.Request(f"{visitor.tenant.url}/_provider/{GOOGLE}/calendar/events",
                                     headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status


def exchanges(visitor):
    return [entry for entry in visitor.tenant.requests("/oauth/token") if "federated-connection" in entry["body"]]


def is_problem(answer, status, code, action):
    body = answer.json()
    assert (answer.status, body["status"]) == (status, status)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert (body["code"], body["action"]) == (code, action), body
    assert body["type"] == f"urn:a0:error:{code}"
    assert body["title"] and body["correlation_id"]
    assert "access_token" not in body
    return body


# ---- what it is for ----


def test_gw_15_a_back_end_gets_a_token_that_works(person, broker_site):
    person.connect(scope=CALENDAR)
    person.tenant.delete("requests")
    answers = [ask(person, scope=CALENDAR), ask(person, scope=CALENDAR)]

    for answer in answers:
        body = answer.json()
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.set_cookies == []
        assert (body["token_type"], body["connection"]) == ("Bearer", GOOGLE)
        assert body["user_id"] == person.fetch("/auth/me").json()["user_id"]
        assert CALENDAR in body["scope"].split() and body["expires_at"] > 1_600_000_000
        assert calendar_status(person, body["access_token"]) == 200
    assert len(exchanges(person)) == 1


def test_gw_15_every_answer_is_audited_and_none_shows_a_secret(person, broker_site):
    person.connect(scope=CALENDAR)
    before = len(log_events(broker_site))
    token = ask(person).json()["access_token"]
    ask(person, secret="wrong-" + SECRET)
    events = log_events(broker_site)[before:]
    audit = [e for e in events if e["event"] == "vault.token_given"]
    text = broker_site.log.read_text()

    assert len(audit) == 1
    assert (audit[0]["level"], audit[0]["connection"]) == ("audit", GOOGLE)
    assert audit[0]["user_id"] == person.fetch("/auth/me").json()["user_id"]
    for secret in [token, SECRET, person.session]:
        assert secret not in text
        assert base64.b64encode(secret.encode()).decode()[:20] not in text
        assert hashlib.sha256(secret.encode()).hexdigest() not in text


# ---- GW-15: who may ask ----


def test_gw_15_it_is_off_unless_configured_and_never_on_the_public_listener(person, visit, broker_site):  # noqa: F811
    person.connect()
    plain = visit()
    headers = {"Authorization": f"Bearer {SECRET}", "Cookie": cookie_of(person)}

    for gateway in [broker_site, plain.gateway]:
        for method in ["POST", "GET"]:
            answer = send("localhost", gateway.port, method, f"/auth/token/{GOOGLE}", headers, b"")
            assert answer.status == 404
    for path in ["/auth/me", "/auth/verify", "/auth/login", "/", "/healthz"]:
        assert send("127.0.0.1", broker_site.broker_port, "GET", path, headers).status == 404


@pytest.mark.parametrize("authorization", [
    None, "", "Bearer", "Bearer ", f"Bearer {SECRET}x", f"Bearer {SECRET[:-1]}", f"Basic {SECRET}", SECRET,
    f"Bearer {SECRET.upper()}", f"Bearer  {SECRET}", f"Bearer {hashlib.sha256(SECRET.encode()).hexdigest()}",
    f"Bearer sha256:{hashlib.sha256(SECRET.encode()).hexdigest()}",
])
def test_gw_15_without_the_secret_nothing_is_answered(person, authorization):
    person.connect()
    person.tenant.delete("requests")
    answer = ask(person, headers={"Authorization": authorization})

    is_problem(answer, 401, "gw_broker_secret", "configure")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert exchanges(person) == []


def test_gw_15_two_secrets_are_none(person):
    person.connect()
    answer = send("127.0.0.1", person.gateway.broker_port, "POST", f"/auth/token/{GOOGLE}",
                  [("Authorization", f"Bearer {SECRET}"), ("Authorization", f"Bearer {SECRET}"),
                   ("Cookie", cookie_of(person))], b"")
    is_problem(answer, 401, "gw_broker_secret", "configure")


@pytest.mark.parametrize("name, value", [("Origin", "https://app.example.com"), ("Origin", "null"),
                                         ("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Mode", "cors"),
                                         ("Sec-Fetch-Dest", "empty")])
def test_gw_15_a_browser_gets_nothing_even_with_the_secret(person, name, value):
    person.connect()
    answer = ask(person, headers={name: value})

    is_problem(answer, 403, "gw_broker_browser", "fix_request")
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("cookie", [
    "other=1", "__Host-a0_session=", f"__Host-a0_session={'A' * 43}", "__Host-a0_session=short",
    "x__Host-a0_session={session}", "__Host-a0_session={session}; __Host-a0_session={session}", "a0_session={session}",
])
def test_gw_15_the_secret_alone_names_nobody(person, cookie):
    person.connect()
    answer = ask(person, cookie=cookie.replace("{session}", person.session))

    body = is_problem(answer, 401, "session_missing", "sign_in")
    assert body["sign_in"] == {"method": "GET", "path": "/auth/login"}


def test_gw_15_a_session_that_has_ended_is_no_proof(person):
    person.connect()
    cookie = cookie_of(person)
    assert ask(person, cookie=cookie).status == 200
    person.sign_out()

    is_problem(ask(person, cookie=cookie), 401, "session_missing", "sign_in")


def test_gw_15_each_person_gets_their_own(person, broker_site, shared_tenant):  # noqa: F811
    ben = Visitor(broker_site, shared_tenant)
    ben.sign_in(person=BEN)
    assert ben.accounts == []
    person.connect(CHEN_AT_GOOGLE)

    is_problem(ask(ben), 403, "vault_connection_forbidden", "connect")
    ben.connect(ANA_AT_GOOGLE)
    tokens = [ask(visitor).json() for visitor in [person, ben, person]]
    assert tokens[0]["access_token"] != tokens[1]["access_token"]
    assert tokens[0]["user_id"] == tokens[2]["user_id"] != tokens[1]["user_id"]


def test_gw_15_tokens_are_counted_for_each_person_and_connection(visit, tenant):
    port, settings = broker_settings(tenant, broker_rate=3)
    person = visit(**settings)
    other = Visitor(person.gateway, tenant)
    for visitor, account in [(person, CHEN_AT_GOOGLE), (other, ANA_AT_GOOGLE)]:
        visitor.sign_in(person=BEN if visitor is other else "auth0|a1a1a1a1a1a1a1a1a1a1a1a1")
        visitor.connect(account)
    statuses = [ask(person, port=port).status for _ in range(4)]

    assert statuses == [200, 200, 200, 429]
    refused = ask(person, port=port)
    is_problem(refused, 429, "gw_rate_limited", "retry")
    assert 1 <= int(refused.headers["Retry-After"]) <= 20
    assert ask(other, port=port).status == 200


def test_gw_15_a_unix_socket_has_the_mode_of_the_settings(visit, tenant, tmp_path):
    path = tmp_path / "broker.sock"
    secret = "sha256:" + hashlib.sha256(SECRET.encode()).hexdigest()
    _, settings = broker_settings(tenant, broker_listen=f"unix:{path}", broker_secret=secret,
                                  broker_socket_mode="0660")
    person = visit(**settings)
    person.sign_in()
    person.connect()

    class Local(http.client.HTTPConnection):
        def connect(self):
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.connect(str(path))

    connection = Local("broker")
    connection.request("POST", f"/auth/token/{GOOGLE}", body=b"", headers={
        "Authorization": f"Bearer {SECRET}", "Cookie": cookie_of(person)})
    response = connection.getresponse()
    answer = Answer(response.status, response.headers, response.read())
    connection.close()
    assert path.stat().st_mode & 0o7777 == 0o660
    assert answer.status == 200 and answer.json()["access_token"]


@pytest.mark.parametrize("change, named", [
    ({"broker_listen": "0.0.0.0:8081"}, "broker_listen"),
    ({"broker_listen": "10.1.2.3:8081"}, "broker_listen"),
    ({"broker_listen": "[::]:8081"}, "broker_listen"),
    ({"broker_listen": "here"}, "broker_listen"),
    ({"broker_secret": None}, "broker_secret"),
    ({"broker_secret": "too-short"}, "broker_secret"),
    ({"broker_secret": "sha256:12"}, "broker_secret"),
    ({"broker_secret_file": "/nonexistent"}, "broker_secret"),
    ({"broker_secret": None, "broker_secret_file": "/nonexistent"}, "broker_secret_file"),
    ({"broker_connections": []}, "broker_connections"),
    ({"broker_socket_mode": "rw"}, "broker_socket_mode"),
    ({"broker_socket_mode": "0"}, "broker_socket_mode"),
    ({"broker_rate": 60001}, "broker_rate"),
])
def test_gw_15_a_half_configured_broker_does_not_start(tmp_path, change, named):
    config = tmp_path / "a0.json"
    settings = {
        "auth0_domain": "acme.eu.auth0.com", "client_id": "a", "client_secret": "b" * 40,
        "connections_for_account_linking": [], "secret": "0123456789abcdefghijklmnopqrstuv",
        "broker_listen": "127.0.0.1:8081", "broker_secret": SECRET, "broker_connections": [GOOGLE],
    } | change
    config.write_text(json.dumps({name: value for name, value in settings.items() if value is not None}))
    done = subprocess.run([PROGRAM, "serve", "--config", config, "--check-config"], capture_output=True,
                          text=True, timeout=20)

    assert done.returncode == 2
    assert named in done.stdout + done.stderr
    assert SECRET not in done.stdout + done.stderr


# ---- VAULT ----


def test_vault_02_the_hint_says_which_of_several_accounts(person):
    person.connect(CHEN_AT_GOOGLE)
    person.connect(ANA_AT_GOOGLE)
    subjects = [account.split("|")[1] for account in [CHEN_AT_GOOGLE, ANA_AT_GOOGLE]]

    is_problem(ask(person), 409, "vault_account_ambiguous", "choose_account")
    tokens = [ask(person, login_hint=subject).json()["access_token"] for subject in [*subjects, subjects[0]]]
    assert tokens[0] == tokens[2] != tokens[1]


@pytest.mark.parametrize("connection, status, code", [
    ("github", 403, "gw_broker_connection"), ("Google-oauth2", 403, "gw_broker_connection"),
    ("google-oauth2%20", 403, "gw_broker_connection"), ("x", 403, "gw_broker_connection"),
    ("google-oauth2%7Cgithub", 403, "gw_broker_connection"), ("a" * 300, 400, "param_invalid"),
    ("..%2Fgoogle-oauth2", 400, "gw_path_ambiguous"), ("", 404, "gw_not_found"),
])
def test_vault_03_only_connections_of_the_list_and_of_the_person(person, connection, status, code):
    person.connect()
    person.tenant.delete("requests")
    answer = ask(person, connection=connection)

    assert (answer.status, answer.json()["code"]) == (status, code)
    assert exchanges(person) == []


def test_vault_03_an_account_that_was_never_connected_is_offered_to_be(person):
    body = is_problem(ask(person, scope=CALENDAR), 403, "vault_connection_forbidden", "connect")

    assert body["connect"] == {"method": "POST", "path": "/auth/connect", "connection": GOOGLE, "scope": CALENDAR}
    assert exchanges(person) == []


@pytest.mark.parametrize("fields, code", [
    ({"login_hint": ""}, "param_invalid"), ({"login_hint": "a\x00b"}, "gw_request_malformed"),
    ({"login_hint": "a\nb"}, "param_invalid"), ({"scope": 'a"b'}, "param_invalid"),
    ({"loginhint": "1"}, "param_forbidden"), ({"refresh_token": "x"}, "param_forbidden"),
])
def test_vault_03_what_is_asked_for_is_checked(person, fields, code):
    person.connect()
    is_problem(ask(person, **fields), 400, code, "fix_request")


@pytest.mark.parametrize("value, status, code, action", [
    ("not_found", 409, "vault_token_not_found", "connect"),
    ("flow_failed", 409, "vault_reconnect", "connect"),
    ("invalid_grant", 401, "vault_login_required", "sign_in"),
    ("unauthorized_client", 502, "vault_grant_disabled", "configure"),
    ("mfa_required", 403, "vault_mfa_required", "mfa"),
    ({"status": 503, "error": "temporarily_unavailable"}, 503, "vault_unavailable", "retry"),
    ({"status": 400, "error": "unheard_of", "error_description": "<b>words</b>"}, 503, "vault_unavailable", "retry"),
])
def test_vault_06_each_refusal_says_whose_turn_it_is(person, value, status, code, action):
    person.connect()
    person.tenant.control("faults", {"name": "vault.error", "value": value})
    answer = ask(person)

    body = is_problem(answer, status, code, action)
    assert ("connect" in body) == (action == "connect")
    assert b"words" not in answer.body
    assert person.verify().status == 200


def test_vault_06_missing_scopes_come_with_a_ready_connect(person):
    person.connect()
    person.tenant.control("faults", {"name": "provider.missing_scope", "value": CALENDAR, "times": 0})
    body = is_problem(ask(person, scope=f"openid {CALENDAR}"), 403, "vault_scope_missing", "connect")

    assert body["connect"] == {"method": "POST", "path": "/auth/connect", "connection": GOOGLE, "scope": CALENDAR}


def test_vault_07_after_a_disconnect_or_logout_by_auth0_nothing_is_given(person):
    account = person.connect()
    cookie = cookie_of(person)
    assert ask(person).status == 200
    person.disconnect(person.accounts[0]["id"])
    is_problem(ask(person), 403, "vault_connection_forbidden", "connect")

    person.connect()
    assert ask(person).status == 200
    token = person.tenant.control("backchannel-logout", {
        "client_id": "under-test", "send": False, "sid": person.fetch("/auth/me").json()["userinfo"]["sid"]})
    send("localhost", person.gateway.port, "POST", "/auth/backchannel-logout",
         {"Content-Type": "application/x-www-form-urlencoded"},
         urllib.parse.urlencode(token).encode())
    is_problem(ask(person, cookie=cookie), 401, "session_missing", "sign_in")
    assert account is not None


def test_vault_07_only_post_gives_a_token(person):
    person.connect()
    for method in ["GET", "PUT", "OPTIONS", "DELETE"]:
        answer = ask(person, method=method)
        assert answer.status == 405
        assert b"access_token" not in answer.body
    answer = ask(person, headers={"Content-Type": "application/json"}, login_hint="1")
    assert answer.status == 415
