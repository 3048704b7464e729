"""Rows GW, LOUT and SEC at the gateway: the real program in front of a real tenant."""

import hashlib
import json
import os
import re
import resource
import socket
import subprocess
import urllib.parse

import pytest
from conftest import PROGRAM, free_port
from visitors import NAVIGATION, Visitor, log_events, send
from visitors import other, shared_tenant, site, visit, visitor  # noqa: F401

IDENTITY = ["X-Auth-User-Id", "X-Auth-Email", "X-Auth-Email-Verified", "X-Auth-Name", "X-Auth-Omitted"]


def add_person(tenant, user_id, **claims):
    tenant.control("users", {"user_id": user_id, "email": f"{user_id.split('|')[1]}@example.test",
                             "email_verified": True, "password": "correct-horse-battery"} | claims)
    return user_id


# ---- GW-01, GW-02: identity ----


def test_gw_01_verify_always_names_every_identity_header(visitor):
    nobody = visitor.verify()
    visitor.sign_in()
    somebody = visitor.verify()

    assert (nobody.status, somebody.status) == (401, 200)
    for answer in [nobody, somebody]:
        assert answer.body == b""
        assert answer.headers["Cache-Control"] == "no-store"
        for name in IDENTITY:
            assert len(answer.headers.get_all(name)) == 1
    assert {nobody.headers[name].strip() for name in IDENTITY} == {""}
    assert somebody.headers["X-Auth-Email"] == "ana@example.test"
    assert somebody.headers["X-Auth-Email-Verified"] == "true"


@pytest.mark.parametrize("name", ["X-Auth-User-Id", "x-auth-user-id", "X_Auth_User_Id", "X-AUTH-EMAIL"])
def test_gw_01_what_a_client_says_of_itself_is_not_believed(visitor, name):
    headers = {name: "auth0|admin"}
    assert visitor.verify(headers).status == 401
    assert b"admin" not in str(visitor.verify(headers).headers).encode()
    visitor.sign_in()

    assert visitor.verify(headers).headers["X-Auth-User-Id"] != "auth0|admin"


def test_gw_02_connection_tokens_take_nothing_away(visitor):
    visitor.sign_in()
    answer = visitor.verify({"Connection": "X-Auth-User-Id, Cookie, X-Auth-Email"})

    assert answer.status == 200
    assert answer.headers["X-Auth-User-Id"]


# ---- GW-03: forwarded headers ----


@pytest.mark.parametrize("entry", ["0.0.0.0/0", "::/0", "::ffff:0.0.0.0/96", "*", "10.0.0.1/8", "proxy"])
def test_gw_03_a_list_that_trusts_everybody_is_refused_at_start(tmp_path, entry):
    config = tmp_path / "a0.json"
    config.write_text(json.dumps({
        "auth0_domain": "acme.eu.auth0.com", "client_id": "a", "client_secret": "b" * 40,
        "connections_for_account_linking": [], "secret": "0123456789abcdefghijklmnopqrstuv",
        "trusted_proxies": [entry],
    }))
    done = subprocess.run([PROGRAM, "serve", "--config", config, "--check-config"], capture_output=True,
                          text=True, timeout=20)

    assert done.returncode != 0
    assert "trusted_proxies" in done.stdout + done.stderr


def test_gw_03_forwarded_headers_grant_nothing(visitor):
    for name in ["X-Forwarded-For", "X-Real-IP", "X-Forwarded-User", "X-Original-URL", "Forwarded"]:
        assert visitor.verify({name: "127.0.0.1"}).status == 401


def test_gw_03_the_forwarded_uri_of_our_proxy_is_the_return_target(visit, visitor):
    headers = {"X-Forwarded-Uri": "/app/page?a=b"}
    untrusted = visitor.go("/auth/login", headers=headers)
    assert visitor.go(visitor.authorize(untrusted.location)).location == "/"

    trusting = visit(trusted_proxies=["127.0.0.1", "::1"])
    trusted = trusting.go("/auth/login", headers=headers)
    assert trusting.go(trusting.authorize(trusted.location)).location == "/app/page?a=b"
    foreign = trusting.go("/auth/login", headers={"X-Forwarded-Uri": "//evil.test"})
    assert trusting.go(trusting.authorize(foreign.location)).location == "/"


# ---- GW-06 to GW-08 ----


def test_gw_06_health_is_a_listener_of_its_own(visit):
    port = free_port()
    visitor = visit(health_listen=f"127.0.0.1:{port}")
    health = send("127.0.0.1", port, "GET", "/healthz")

    assert health.status == 200 and health.json() == {"status": "ok"}
    assert [visitor.go(path).status for path in ["/healthz", "/metrics"]] == [404, 404]
    for path in ["/auth/verify", "/", "/metrics", "/healthz/"]:
        assert send("127.0.0.1", port, "GET", path).status == 404
    assert visitor.verify({"User-Agent": "kube-probe/1.31"}).status == 401


def test_gw_06_a_preflight_gets_no_permission(visitor):
    visitor.sign_in()
    for path in ["/auth/verify", "/auth/me", "/auth/logout"]:
        answer = visitor.go(path, method="OPTIONS", accept={}, headers={
            "Origin": "https://evil.test", "Access-Control-Request-Method": "GET"})
        assert answer.status == 405
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]
        assert "X-Auth-User-Id" not in answer.headers


def test_gw_07_verify_takes_no_body(visitor):
    visitor.sign_in()
    answer = visitor.go("/auth/verify", accept={}, body=b"GET /auth/verify HTTP/1.1\r\n\r\n")

    assert answer.status == 400
    assert answer.headers["Connection"] == "close"


def test_gw_08_a_store_that_can_not_be_asked_is_503(visit, tmp_path):
    visitor = visit()
    visitor.sign_in()
    assert visitor.verify().status == 200
    for file in tmp_path.glob("a0.sqlite*"):
        file.write_bytes(b"\xff" * file.stat().st_size)
    verify = visitor.verify()

    assert verify.status == 503
    assert {verify.headers[name].strip() for name in IDENTITY} == {""}
    assert visitor.fetch("/auth/me").status == 503
    assert Visitor(visitor.gateway, visitor.tenant).verify().status == 401


def test_gw_08_a_malformed_cookie_is_401(visitor):
    for cookie in ["__Host-a0_session", "=;=;", ";;;;", "\x80\xff", "__Host-a0_session=" + "a" * 9000]:
        answer = send("localhost", visitor.gateway.port, "GET", "/auth/verify",
                      [("Host", f"localhost:{visitor.gateway.port}"), ("Cookie", cookie.encode("latin-1"))])
        assert answer.status == 401


# ---- GW-10 ----


@pytest.mark.parametrize("host", ["evil.test", "localhost", "localhost.:{port}", "127.0.0.1:{port}", "[::1]:{port}",
                                  "localhost:1", "a.localhost:{port}", "localhost:{port}0"])
def test_gw_10_an_unknown_host_is_421(visitor, host):
    visitor.sign_in()
    cookie = f"__Host-a0_session={visitor.session}"
    for path in ["/auth/verify", "/auth/me", "/auth/login", "/"]:
        answer = send("localhost", visitor.gateway.port, "GET", path,
                      [("Host", host.format(port=visitor.gateway.port)), ("Cookie", cookie), *NAVIGATION.items()])
        assert answer.status == 421
        assert answer.set_cookies == []


def test_gw_10_a_cookie_of_one_host_is_nobodys_at_another(visit, tenant):
    port = free_port()
    urls = [f"http://localhost:{port}", f"http://127.0.0.1:{port}"]
    first = visit(listen=[f"localhost:{port}"], base_url=urls[0], additional_base_urls=[urls[1]])
    first.gateway.port = port
    tenant.add_client([f"{url}/auth/callback" for url in urls])
    second = Visitor(first.gateway, tenant, host="127.0.0.1")
    for visitor in [first, second]:
        visitor.sign_in()
        assert visitor.verify().status == 200
    first.cookies, second.cookies = second.cookies, first.cookies

    assert [first.verify().status, second.verify().status] == [401, 401]


# ---- GW-11, GW-12 ----


def test_gw_11_slow_clients_do_not_keep_others_waiting(visitor):
    visitor.sign_in()
    slow = []
    for _ in range(300):
        client = socket.create_connection(("127.0.0.1", visitor.gateway.port))
        client.sendall(b"GET /auth/verify HTTP/1.1\r\nHost: loc")
        slow.append(client)

    assert all(visitor.verify().status == 200 for _ in range(100))
    for client in slow:
        client.close()


def test_gw_11_more_connections_are_answered_than_the_usual_limit_of_files_has_room_for(visit):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, hard))
    try:
        gateway = visit().gateway
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    request = f"GET /auth/verify HTTP/1.1\r\nHost: localhost:{gateway.port}\r\n\r\n".encode()
    clients = [socket.create_connection(("127.0.0.1", gateway.port), timeout=10) for _ in range(300)]
    for client in clients:
        client.sendall(request)
    assert {client.recv(12) for client in clients} == {b"HTTP/1.1 401"}
    for client in clients:
        client.close()


def test_gw_12_starts_are_limited_by_address_and_nothing_else_is(visit):
    visitor = visit(login_rate=5)
    visitor.sign_in()
    for _ in range(4):
        Visitor(visitor.gateway, visitor.tenant).start()

    for i in range(5):
        stranger = Visitor(visitor.gateway, visitor.tenant)
        answer = stranger.go("/auth/login", headers={"X-Forwarded-For": f"198.51.100.{i}"})
        assert answer.status == 429
        assert int(answer.headers["Retry-After"]) >= 1
        assert answer.set_cookies == []
    assert visitor.verify().status == 200


def test_gw_12_a_made_up_cookie_does_not_lift_the_limit_for_forged_callbacks(visit):
    visitor = visit(login_rate=1000)
    forger = Visitor(visitor.gateway, visitor.tenant)
    mark = hashlib.sha256(b"forged").hexdigest()[:8]
    forger.cookies[f"__Host-a0_tx_0_{mark}"] = "A" * 43

    statuses = [forger.go("/auth/callback?code=c&state=forged").status for _ in range(130)]

    assert statuses[0] == 400
    assert statuses[-1] == 429
    # Whoever has a sign-in open at the same address completes it.
    visitor.sign_in()
    assert visitor.verify().status == 200


# ---- GW-13, GW-14 ----


def test_gw_13_names_of_any_script_come_through_reversibly(visitor, shared_tenant):
    for i, name in enumerate(["Zoë Ångström", "山田 太郎", " outer ", "100% sure, really", "100%25", "a\r\nX-Auth-User-Id: b",
                              "tab\there", "\x7fdel", "'\";<>"]):
        visitor.sign_in(person=add_person(shared_tenant, f"auth0|name{i}", name=name))
        value = visitor.verify().headers["X-Auth-Name"]
        assert urllib.parse.unquote(value, errors="strict") == name
        assert value.isascii() and value.isprintable()
        assert visitor.fetch("/auth/me").json()["name"] == name


def test_gw_13_what_does_not_fit_is_left_out_and_said(visitor, shared_tenant, site):
    visitor.sign_in(person=add_person(shared_tenant, "auth0|long", name="é" * 300))
    cut = visitor.verify()
    visitor.sign_in(person=add_person(shared_tenant, "auth0|short"))
    absent = visitor.verify()

    assert (cut.status, cut.headers["X-Auth-Name"].strip(), cut.headers["X-Auth-Omitted"]) == (200, "", "X-Auth-Name")
    assert absent.headers["X-Auth-Omitted"].strip() == ""
    assert any(e["event"] == "identity.omitted" for e in log_events(site))


@pytest.mark.parametrize("headers", [
    {"Accept": "application/json"}, {"Accept": "*/*"}, {},
    {"Accept": "text/html", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
    {"Accept": "image/*", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    {"Accept": "text/html", "X-Requested-With": "XMLHttpRequest"},
])
def test_gw_14_a_script_gets_no_redirect(visitor, headers):
    for path in ["/auth/login", "/auth/me"]:
        answer = visitor.go(path, headers=headers, accept={})
        assert answer.status == 401
        assert answer.location is None and answer.set_cookies == []


def test_gw_14_the_api_answers_in_json(visitor):
    answer = visitor.fetch("/auth/me")

    assert answer.status == 401
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["error"] == "session_missing"
    assert len(answer.json()["correlation_id"]) == 24


# ---- LOUT ----


def test_lout_01_only_our_own_form_signs_out(visitor, other, site):
    visitor.sign_in()
    token = visitor.fetch("/auth/me").json()["csrf_token"]
    other.sign_in()
    foreign_token = other.fetch("/auth/me").json()["csrf_token"]
    refused = [
        visitor.post_logout({"csrf_token": token}, {"Origin": "https://evil.test"}),
        visitor.post_logout({"csrf_token": token}, {"Sec-Fetch-Site": "cross-site"}),
        visitor.post_logout({"csrf_token": token}, {"Origin": "null"}),
        visitor.post_logout({"csrf_token": foreign_token}),
        visitor.post_logout({"csrf_token": token[:-1] + "!"}),
        visitor.post_logout({}),
    ]

    assert [answer.status for answer in refused] == [403] * 6
    assert visitor.go("/auth/logout").status == 200
    assert visitor.verify().status == 200
    assert visitor.post_logout({"csrf_token": token}).status == 303
    assert visitor.verify().status == 401


def test_lout_01_the_page_asks_and_its_form_works(visitor):
    visitor.sign_in()
    page = visitor.go("/auth/logout").body.decode()
    token = re.search(r'name="csrf_token" value="([\w-]{43})"', page).group(1)

    assert visitor.post_logout({"csrf_token": token}).status == 303


@pytest.mark.parametrize(("asked", "sent"), [
    (None, "https://bye.test/"), ("https://bye.test/", "https://bye.test/"), ("/local?a=b", "{url}/local?a=b"),
    ("https://evil.test/", "https://bye.test/"), ("//evil.test", "https://bye.test/"),
    ("https://bye.test/deeper", "https://bye.test/"), ("/\\evil.test", "https://bye.test/"),
    ("https://bye.test@evil.test/", "https://bye.test/"), ("javascript:x", "https://bye.test/"),
])
def test_lout_02_a_sign_out_leads_only_where_it_may(visitor, site, asked, sent):
    visitor.sign_in()
    answer = visitor.sign_out(**({} if asked is None else {"return_to": asked}))
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.location).query))

    assert query["returnTo"] == sent.format(url=site.url)


def test_lout_02_without_a_target_none_is_named(visit):
    visitor = visit()
    visitor.sign_in()
    location = visitor.sign_out().location

    assert "returnTo" not in location and "None" not in location


def test_lout_03_a_person_is_signed_out_although_auth0_is_away(visit, tenant):
    visitor = visit(http_timeout=1, connect_timeout=1)
    visitor.sign_in()
    session = visitor.session
    tenant.stop()
    answer = visitor.sign_out()

    assert answer.status == 303 and visitor.session is None
    visitor.cookies["__Host-a0_session"] = session
    assert visitor.verify().status == 401
    assert "logout.remote_failed" in [e["event"] for e in log_events(visitor.gateway)]


# ---- SEC ----


def test_sec_03_no_secret_of_a_url_or_cookie_is_logged(visitor, site):
    location = visitor.start("/canary-path?canary=value", login_hint="canary-hint@example.test")
    callback = visitor.authorize(location)
    cookies = list(visitor.cookies.values())
    visitor.go(callback)
    token = visitor.fetch("/auth/me").json()["csrf_token"]
    cookies.append(visitor.session)
    visitor.go("/auth/callback?code=canary-code&state=canary-state")
    visitor.sign_out()
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(callback).query))
    started = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))
    log = site.log.read_text()

    for secret in [query["code"], query["state"], started["nonce"], token, "canary", *cookies]:
        assert secret[:9] not in log


def test_sec_05_addresses_and_people_stand_in_the_audit_stream_only(visitor, site):
    visitor.sign_in()
    visitor.go("/auth/callback?code=a&state=b")
    events = log_events(site)

    for event in events:
        if event["level"] != "audit":
            line = json.dumps(event)
            assert "127.0.0.1" not in line and "::1" not in line and "auth0|" not in line and "@" not in line
    assert any(event.get("user_id", "").startswith("auth0|") for event in events)


def test_sec_07_each_refusal_is_one_event_and_each_sign_in_one_audit_event(visitor, site):
    before = len(log_events(site))
    visitor.sign_in()
    visitor.sign_out()
    refused = visitor.fetch("/auth/callback?code=a&state=b").json()
    csrf = visitor.post_logout({}, {"Origin": "https://evil.test"})
    events = [e for e in log_events(site)[before:] if e["event"] != "request.answered"]

    assert [e["event"] for e in events if e["level"] == "audit"] == ["session.signed_in", "session.signed_out"]
    assert [e["error"] for e in events if e["event"].endswith(".rejected")] == [
        "callback_state_unknown", "gw_csrf"]
    assert csrf.status == 403
    assert events[2]["correlation_id"] == refused["correlation_id"]
    assert events[2]["peer"] and events[2]["tenant"]


def test_sec_07_a_log_that_can_not_be_written_shows_in_health(visit, tmp_path):
    log, port = tmp_path / "gateway.log", free_port()
    os.mkfifo(log)

    def listen():
        return os.open(log, os.O_RDONLY | os.O_NONBLOCK)

    reader = listen()
    visitor = visit(health_listen=f"127.0.0.1:{port}", log_level="warn")
    visitor.sign_in()  # audited
    assert send("127.0.0.1", port, "GET", "/healthz").status == 200
    os.close(reader)
    visitor.sign_in()
    health = send("127.0.0.1", port, "GET", "/healthz")
    assert (health.status, health.json()["error"]) == (503, "gw_log_failed")
    assert visitor.verify().status == 200  # nobody is turned away for it

    reader = listen()
    assert send("127.0.0.1", port, "GET", "/healthz").status == 200
    assert b"gateway.log_failed" in os.read(reader, 65536)
    os.close(reader)


def test_sec_07_a_failed_exchange_is_one_event(visitor, site, shared_tenant):
    shared_tenant.control("faults", {"name": "token.status", "value": 403})
    before = len(log_events(site))
    assert visitor.go(visitor.authorize(visitor.start())).status == 502

    events = [e for e in log_events(site)[before:] if e["event"].endswith(".rejected")]
    assert len(events) == 1 and events[0]["correlation_id"]
