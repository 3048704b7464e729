"""Rows LOUT-06 to LOUT-12 at the gateway: Auth0's word against real sessions."""

import concurrent.futures
import socket
import urllib.parse

import pytest
from conftest import CLIENT_ID
from visitors import PERSON, Visitor, log_events, send
from visitors import other, shared_tenant, site, visit, visitor  # noqa: F401

PATH = "/auth/backchannel-logout"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def make_token(tenant, **names):
    return tenant.control("backchannel-logout", {"client_id": CLIENT_ID, "send": False} | names)["logout_token"]


def post(visitor, body, headers=FORM, method="POST"):
    """As Auth0 does: no cookie, no origin, a connection of its own."""
    if isinstance(body, str):
        body = urllib.parse.urlencode({"logout_token": body}).encode()
    return send(visitor.host, visitor.gateway.port, method, PATH, headers, body)


def sid_of(visitor):
    return visitor.fetch("/auth/me").json()["userinfo"]["sid"]


def is_fixed_refusal(answer, status=400):
    body = answer.json()
    assert answer.status == status
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.set_cookies == []
    assert (body["error"], body["message"]) == ("invalid_request", "The logout token was not accepted.")
    return True


def test_lout_06_the_named_session_ends_and_the_answer_tells_nothing(visitor, other, shared_tenant):
    visitor.sign_in()
    other.sign_in()
    answers = [
        post(visitor, make_token(shared_tenant, sid=sid_of(visitor))),
        post(visitor, make_token(shared_tenant, sid="nobodys-session")),
    ]

    assert [visitor.verify().status, other.verify().status] == [401, 200]
    for answer in answers:
        assert (answer.status, answer.body) == (200, b"")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.set_cookies == []


def test_lout_06_by_sub_all_sessions_of_the_person_end(visitor, other, site, shared_tenant):
    person = shared_tenant.control("users", {"user_id": "auth0|leaving", "email": "leaving@example.test",
                                             "email_verified": True})["user_id"]
    visitor.sign_in(person=person)
    other.sign_in(person=person)
    stranger = Visitor(site, shared_tenant)
    stranger.sign_in()
    assert post(visitor, make_token(shared_tenant, user_id=person)).status == 200

    assert [v.verify().status for v in [visitor, other, stranger]] == [401, 401, 200]
    audit = [e for e in log_events(site) if e["event"] == "session.signed_out_by_tenant"]
    assert audit[-1]["detail"] == "2"


def test_lout_06_the_tenant_reaches_the_registered_address(visit, tenant):
    visitor = visit()
    visitor.sign_in()
    sent = tenant.control("backchannel-logout", {"client_id": CLIENT_ID, "sid": sid_of(visitor),
                                                 "url": visitor.gateway.url + PATH})

    assert sent["logout_token"]
    assert wait_until(lambda: visitor.verify().status == 401)


def wait_until(holds, rounds=400):
    """Asks again and again, on connections that take their time, without a clock."""
    return any(holds() for _ in range(rounds))


@pytest.mark.parametrize("fault", [
    {"name": "bcl.sign_with", "value": "none"},
    {"name": "bcl.sign_with", "value": "hmac-pub"},
    {"name": "bcl.sign_with", "value": "other-key"},
    {"name": "bcl.sign_with", "value": "unpublished"},
    {"name": "bcl.sign_with", "value": "garbage"},
    {"name": "bcl.header.typ", "value": "at+jwt"},
    {"name": "bcl.claim.iss", "value": "https://evil.test/"},
    {"name": "bcl.claim.aud", "value": "another-client"},
    {"name": "bcl.claim.aud", "drop": True},
    {"name": "bcl.claim.events", "drop": True},
    {"name": "bcl.claim.events", "value": {"http://schemas.openid.net/event/other": {}}},
    {"name": "bcl.claim.events", "value": {"http://schemas.openid.net/event/backchannel-logout": True}},
    {"name": "bcl.claim.events", "value": "http://schemas.openid.net/event/backchannel-logout"},
    {"name": "bcl.claim.nonce", "value": "n-1"},
    {"name": "bcl.claim.sid", "value": 7},
    {"name": "bcl.claim.sub", "value": ["auth0|1"]},
], ids=lambda fault: f"{fault['name']}={fault.get('value', 'dropped')}"[:40])
def test_lout_07_what_is_no_logout_token_ends_nothing(visitor, shared_tenant, fault):
    visitor.sign_in()
    sid = sid_of(visitor)
    shared_tenant.control("faults", {"times": 1} | fault)

    assert is_fixed_refusal(post(visitor, make_token(shared_tenant, sid=sid, user_id=PERSON)))
    assert visitor.verify().status == 200


@pytest.mark.parametrize("claim, value", [("iat", 1000), ("iat", None), ("exp", 1000), ("exp", None), ("jti", None),
                                          ("iat", 99999999999)])
def test_lout_08_a_stale_token_ends_nothing(visitor, shared_tenant, claim, value):
    visitor.sign_in()
    sid = sid_of(visitor)
    change = {"drop": True} if value is None else {"value": value}
    shared_tenant.control("faults", {"name": f"bcl.claim.{claim}", "times": 1} | change)

    assert is_fixed_refusal(post(visitor, make_token(shared_tenant, sid=sid)))
    assert visitor.verify().status == 200


def test_lout_08_a_token_is_good_once(visitor, other, shared_tenant, site):
    visitor.sign_in()
    token = make_token(shared_tenant, sid=sid_of(visitor))

    assert post(visitor, token).status == 200
    assert is_fixed_refusal(post(visitor, token))
    assert "logout_token_replayed" in {e.get("error") for e in log_events(site)}


def test_lout_09_the_endpoint_takes_one_form_and_nothing_else(visitor, shared_tenant):
    visitor.sign_in()
    token = make_token(shared_tenant, sid=sid_of(visitor))
    form = urllib.parse.urlencode({"logout_token": token})
    json_type = {"Content-Type": "application/json"}

    assert post(visitor, None, method="GET").status == 405
    assert post(visitor, None, method="OPTIONS", headers={"Origin": "https://evil.test"}).status == 405
    assert post(visitor, b'{"logout_token":"a"}', json_type).status == 415
    assert post(visitor, form.encode(), {"Content-Type": "multipart/form-data; boundary=a"}).status == 415
    assert is_fixed_refusal(post(visitor, b""))
    assert is_fixed_refusal(post(visitor, f"{form}&{form}".encode()))
    assert is_fixed_refusal(post(visitor, f"{form}&logout_token=".encode()))
    assert post(visitor, b"logout_token=" + b"a" * (16385 - 13)).status == 413
    assert is_fixed_refusal(post(visitor, b"logout_token=" + b"a" * (16384 - 13)))
    assert visitor.verify().status == 200
    assert post(visitor, form.encode()).status == 200


def test_lout_09_cookies_and_origins_mean_nothing(visitor, other, shared_tenant):
    visitor.sign_in()
    other.sign_in()
    answer = visitor.go(PATH, method="POST", accept={}, headers=FORM | {
        "Origin": "https://evil.test", "Sec-Fetch-Site": "cross-site"},
        body=urllib.parse.urlencode({"logout_token": make_token(shared_tenant, sid=sid_of(other))}).encode())

    assert answer.status == 200
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    assert [visitor.verify().status, other.verify().status] == [200, 401]


def test_lout_09_a_flood_of_forgeries_is_turned_away_and_costs_one_fetch(visit, tenant):
    visitor = visit(log_level="error")
    visitor.sign_in()
    before = len(tenant.requests("/.well-known/jwks.json"))
    tenant.control("faults", {"name": "bcl.header.kid", "value": "made-up", "times": 1})
    forged = make_token(tenant, sid="s").split(".")

    def attack(i):
        header = "eyJhbGciOiJSUzI1NiIsImtpZCI6Im1hZGUtdXA" + "ABCDEFGHIJ"[i % 10] * 4 + "In0"
        return post(visitor, ".".join([header, *forged[1:]])).status

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = set(pool.map(attack, range(1500)))
    assert statuses == {400, 429}
    assert len(tenant.requests("/.well-known/jwks.json")) - before <= 1
    assert visitor.verify().status == 200


def test_lout_09_what_we_could_not_carry_out_is_not_held_against_the_sender(visit, tenant):
    for name in ["disc.status", "jwks.status"]:
        tenant.control("faults", {"name": name, "value": 500, "times": 0})
    visitor = visit(log_level="error")
    token = make_token(tenant, sid="s")

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = set(pool.map(lambda _: post(visitor, token).status, range(700)))
    assert statuses <= {502, 503}


def test_lout_09_a_body_that_never_comes_holds_nobody_up(visitor, shared_tenant):
    visitor.sign_in()
    slow = []
    for _ in range(40):
        client = socket.create_connection(("127.0.0.1", visitor.gateway.port))
        client.sendall(f"POST {PATH} HTTP/1.1\r\nHost: localhost:{visitor.gateway.port}\r\n"
                       "Content-Type: application/x-www-form-urlencoded\r\n"
                       "Content-Length: 5000\r\n\r\nlogout_t".encode())
        slow.append(client)

    assert post(visitor, make_token(shared_tenant, sid=sid_of(visitor))).status == 200
    assert visitor.verify().status == 401
    for client in slow:
        client.close()


def test_lout_10_a_token_that_comes_before_the_callback_wins(visitor, shared_tenant):
    callback = visitor.authorize(visitor.start())
    sid = shared_tenant.control("sessions")[-1]["sid"]
    assert post(visitor, make_token(shared_tenant, sid=sid)).status == 200
    answer = visitor.go(callback)

    assert answer.status == 401
    assert visitor.session is None
    assert visitor.verify().status == 401
    visitor.sign_in()
    assert visitor.verify().status == 200


def test_lout_11_the_end_of_one_session_hides_no_other(visitor, other, shared_tenant):
    person = shared_tenant.control("users", {"user_id": "auth0|twice", "email": "twice@example.test",
                                             "email_verified": True})["user_id"]
    visitor.sign_in(person=person)
    other.sign_in(person=person)
    visitor.sign_out()
    assert post(visitor, make_token(shared_tenant, user_id=person)).status == 200

    assert other.verify().status == 401
