"""Rows AUTHZ, CB and SESS at the gateway: the real program in front of a real tenant."""

import base64
import hashlib
import json
import random
import re
import threading
import urllib.parse

import pytest
from visitors import NAVIGATION, Visitor, log_events, send
from visitors import other, shared_tenant, site, visit, visitor  # noqa: F401

SAFE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def query_of(location):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))


def token_calls(tenant):
    return len(tenant.requests("/oauth/token"))


def assert_safe(answer):
    for name, value in SAFE.items():
        said = answer.headers[name].removeprefix("private, ")
        if name == "Content-Security-Policy" and answer.body.startswith(b"<"):
            # A page has its style in itself, and nothing but that very text may be one.
            style = re.search(rb"<style>(.*)</style>", answer.body, re.S)[1]
            value += f"; style-src 'sha256-{base64.b64encode(hashlib.sha256(style).digest()).decode()}'"
        assert said == value


def fault(tenant, name, value):
    tenant.control("faults", {"name": name, "value": value})


# ---- AUTHZ ----


@pytest.mark.parametrize(
    "name",
    ["scope", "audience", "resource", "connection_scope", "redirect_uri", "state", "nonce",
     "response_type", "response_mode", "client_id", "request", "request_uri", "code_challenge",
     "code_challenge_method", "dpop_jkt", "client_secret", "SCOPE", "Login_Hint", "anything", ""],
)
def test_authz_02_a_browser_chooses_no_scope_and_no_audience(visitor, name):
    answer = visitor.go("/auth/login?" + urllib.parse.urlencode({name: "x"}))

    assert answer.status == 400
    assert answer.set_cookies == []
    assert_safe(answer)


def test_authz_02_hints_and_configured_connections_pass(visitor):
    query = query_of(visitor.start(login_hint="ana@example.test", screen_hint="signup",
                                   prompt="login", ui_locales="de", connection="google-oauth2"))

    assert query["login_hint"] == "ana@example.test"
    assert query["prompt"] == "login" and query["ui_locales"] == "de"
    assert query["connection"] == "google-oauth2"
    assert query["scope"].split()[0] == "openid"
    assert visitor.go("/auth/login?connection=github").status == 400


def test_authz_02_an_invitation_of_auth0s_is_taken_up(visitor):
    query = query_of(visitor.start(invitation="ticket", organization="org_1", organization_name="acme"))

    assert (query["invitation"], query["organization"]) == ("ticket", "org_1")
    assert "organization_name" not in query


def test_authz_02_a_repeated_hint_is_refused(visitor):
    for query in ["prompt=login&prompt=none", "prompt=login&%70rompt=none", "prompt=%ff"]:
        answer = visitor.go(f"/auth/login?{query}")
        assert answer.status == 400
        assert answer.set_cookies == []


def test_authz_04_the_host_names_no_redirect_uri(visitor, site):
    spoofs = [
        [("Host", "evil.test")],
        [("Host", f"localhost.:{site.port}")],
        [("Host", f"localhost:{site.port}.")],
        [("Host", f"evil.test:{site.port}")],
        [("Host", "localhost")],
        [("Host", f"localhost:{site.port + 1}")],
        [("Host", f"127.0.0.1:{site.port}")],
        [("Host", f"localhost:{site.port}"), ("Host", "evil.test")],
        [("Host", f"localhost:{site.port}, evil.test")],
        [("Host", f"evil@localhost:{site.port}")],
        [("Host", "")],
    ]
    for headers in spoofs:
        answer = send("127.0.0.1", site.port, "GET", "/auth/login", [*headers, *NAVIGATION.items()])
        assert answer.status in (400, 421), headers
    absolute = send("127.0.0.1", site.port, "GET", "http://evil.test/auth/login",
                    [("Host", f"localhost:{site.port}"), *NAVIGATION.items()])
    assert absolute.status == 400
    for header in ["X-Forwarded-Host", "X-Original-Host", "Forwarded"]:
        answer = visitor.go("/auth/login", headers={header: "host=evil.test"})
        assert query_of(answer.location)["redirect_uri"] == f"{site.url}/auth/callback"


@pytest.mark.parametrize("iss", ["", "x", "{tenant}", "{tenant}//", "https://evil.test/",
                                 "{tenant}/" + "a" * 5000])
def test_authz_08_a_sign_in_from_elsewhere_names_our_issuer(visitor, shared_tenant, iss):
    iss = iss.format(tenant=shared_tenant.url)
    answer = visitor.go("/auth/login?" + urllib.parse.urlencode({"iss": iss}))

    assert answer.status == 400
    assert answer.set_cookies == []


def test_authz_08_target_link_uri_is_a_return_target_like_any_other(visitor, shared_tenant):
    iss = shared_tenant.url + "/"
    ours = visitor.start(iss=iss, target_link_uri="/deep")
    assert visitor.go(visitor.authorize(ours)).location == "/deep"
    foreign = visitor.start(iss=iss, target_link_uri="https://evil.test/")
    assert visitor.go(visitor.authorize(foreign)).location == "/"
    assert visitor.go(f"/auth/login?iss={iss}&iss={iss}").status == 400


def test_authz_08_starting_a_sign_in_leaves_the_session_alone(visitor):
    visitor.sign_in()
    before = visitor.session
    visitor.start()

    assert visitor.session == before
    assert visitor.verify().status == 200


@pytest.mark.parametrize("value", ["-1", "x", "1.5", "", "99999999999999999999", "1x"])
def test_authz_10_max_age_is_a_number(visitor, value):
    answer = visitor.go("/auth/login?" + urllib.parse.urlencode({"max_age": value}))

    assert answer.status == 400
    assert answer.set_cookies == []


# ---- CB ----


@pytest.mark.parametrize("query", ["", "?", "?code=a", "?state=b", "?code=&state=", "?code=a&state=b"])
def test_cb_01_a_callback_without_a_known_state_is_400(visitor, shared_tenant, query):
    before = token_calls(shared_tenant)
    answer = visitor.go(f"/auth/callback{query}")

    assert answer.status == 400
    assert answer.set_cookies == []
    assert_safe(answer)
    assert token_calls(shared_tenant) == before


def test_cb_02_a_callback_works_in_the_browser_that_started_it(visitor, other, shared_tenant):
    callback = visitor.authorize(visitor.start())
    other.sign_in()
    theirs = other.session
    before = token_calls(shared_tenant)

    stolen = other.go(callback)
    assert stolen.status == 400
    assert stolen.set_cookies == []
    assert other.session == theirs and other.verify().status == 200
    assert token_calls(shared_tenant) == before

    nobody = Visitor(other.gateway, other.tenant)
    never_issued = nobody.go("/auth/callback?code=a&state=never-issued")
    stolen_again = nobody.go(callback)
    assert stolen_again.status == never_issued.status

    def without_id(answer):
        return re.sub(rb"[0-9a-f]{24}", b"", answer.body)

    assert without_id(stolen_again) == without_id(never_issued)
    assert visitor.go(callback).status == 303


def test_cb_03_forged_callbacks_do_not_spoil_an_open_sign_in(visit):
    visitor = visit()
    callback = visitor.authorize(visitor.start("/mine"))
    for i in range(1000):
        answer = visitor.go(f"/auth/callback?code=x&state=y{i}")
        assert answer.status in (400, 429)
        assert answer.set_cookies == []

    genuine = visitor.go(callback)
    assert genuine.status == 303 and genuine.location == "/mine"


def test_cb_04_a_reload_leads_to_the_same_place_with_one_token_call(visitor, other, shared_tenant):
    before = token_calls(shared_tenant)
    callback = visitor.authorize(visitor.start("/page"))
    visitor.go(callback)
    session = visitor.session

    again = visitor.go(callback)
    assert again.status == 303 and again.location == "/page"
    assert visitor.session == session and visitor.verify().status == 200
    assert other.go(callback).status == 400
    assert token_calls(shared_tenant) == before + 1

    visitor.sign_out()
    assert visitor.go(callback).status == 400


def test_cb_05_many_callbacks_at_once_make_one_session(visitor, shared_tenant):
    callback = visitor.authorize(visitor.start())
    cookies = dict(visitor.cookies)
    before = token_calls(shared_tenant)
    answers = []

    def submit():
        answers.append(Visitor(visitor.gateway, shared_tenant, cookies=dict(cookies)).go(callback))

    threads = [threading.Thread(target=submit) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert token_calls(shared_tenant) == before + 1
    assert sorted({answer.status for answer in answers}) in ([303], [303, 400])
    sessions = [c for a in answers for c in a.set_cookies if c.startswith("__Host-a0_session")]
    assert len(sessions) == 1


@pytest.mark.parametrize("mark", [("Sec-Purpose", "prefetch;prerender"), ("Purpose", "prefetch"),
                                  ("X-Moz", "prefetch")])
def test_cb_05_a_prefetch_completes_nothing(visitor, mark):
    callback = visitor.authorize(visitor.start())

    assert visitor.go(callback, headers=dict([mark])).status == 403
    assert visitor.go("/auth/login", headers=dict([mark])).status == 403
    assert visitor.go(callback).status == 303


@pytest.mark.parametrize("extra", ["&code=other", "&state=other", "&%73tate=other", "&error=access_denied",
                                   "&iss=a&iss=b"])
def test_cb_06_a_polluted_callback_is_400_and_the_sign_in_stays_open(visitor, extra):
    callback = visitor.authorize(visitor.start())

    assert visitor.go(callback + extra).status == 400
    assert visitor.go(callback).status == 303


@pytest.mark.parametrize(("code", "status"), [("access_denied", 403), ("login_required", 401),
                                              ("interaction_required", 401), ("server_error", 502),
                                              ("<script>alert(1)</script>", 502)])
def test_cb_07_an_error_of_auth0_is_shown_without_its_words(visitor, site, shared_tenant, code, status):
    fault(shared_tenant, "authz.error", {"error": code, "error_description": "<b>words</b> of theirs"})
    callback = visitor.authorize(visitor.start())
    answer = visitor.go(callback)
    shared_tenant.control("reset", {})
    shared_tenant.add_client([f"{site.url}/auth/callback"], [f"{site.url}/"])

    assert answer.status == status
    assert_safe(answer)
    for foreign in [code, "words", "script"]:
        assert foreign.encode() not in answer.body
    event = [e for e in log_events(site) if e.get("error") == "callback_op_error"][-1]
    assert event["auth0_code"] == (code if code.isidentifier() else "other")
    assert event["description_bytes"] > 0
    assert visitor.go(callback).status == 400


def test_cb_11_malformed_callbacks_spoil_nothing(visitor):
    callback = visitor.authorize(visitor.start())
    for query in ["?&&&", "?code=%&state=x", "?code=%00&state=x", "?code=%ff&state=%ff", "?=&=",
                  "?id_token=a&access_token=b"]:
        assert visitor.go(f"/auth/callback{query}").status == 400, query
    assert visitor.go("/auth/callback?state=x&code=" + "a" * 8192).status == 414
    assert visitor.go(callback, method="HEAD").status == 405
    assert visitor.go(callback, method="POST", headers={"Content-Length": "0"}).status == 405
    assert visitor.go(callback).status == 303


def test_cb_12_every_outcome_of_a_callback_is_safe_to_show(visitor, shared_tenant):
    success = visitor.go(visitor.authorize(visitor.start()))
    failure = visitor.go("/auth/callback?code=a&state=b")
    json_failure = visitor.fetch("/auth/callback?code=a&state=b")
    fault(shared_tenant, "token.status", 403)
    refused = visitor.go(visitor.authorize(visitor.start()))

    assert success.status == 303 and success.body == b""
    assert refused.status == 502
    for answer in [success, failure, json_failure, refused]:
        assert_safe(answer)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for page in [failure, refused]:
        assert page.headers["Content-Type"].startswith("text/html")
        assert b"src=" not in page.body and b"stylesheet" not in page.body
    assert json_failure.json()["error"] == "callback"


def test_cb_13_each_tab_lands_on_its_own_target(visitor):
    first = visitor.start("/first?a=b")
    second = visitor.start("/second")

    assert visitor.go(visitor.authorize(second)).location == "/second"
    assert visitor.go(visitor.authorize(first)).location == "/first?a=b"


@pytest.mark.parametrize("target", ["//evil.test", "https://evil.test/", "/\\evil.test", "javascript:x",
                                    "/%2fevil.test", "https://other.test@evil.test/"])
def test_cb_13_a_foreign_target_is_replaced(visitor, site, target):
    assert visitor.go(visitor.authorize(visitor.start(target))).location == "/"
    replaced = [e["detail"] for e in log_events(site) if e["event"] == "redirect.replaced"]
    assert replaced and set(replaced) == {"login"}  # not kept at all, let alone followed


def test_cb_13_an_allowed_origin_is_a_target(visitor):
    target = "https://other.test/a?b=c"

    assert visitor.go(visitor.authorize(visitor.start(target))).location == target


def test_cb_13_a_target_that_is_no_longer_allowed_is_replaced(visit):
    first = visit(return_to_allowed=["https://gone.test"])
    callback = first.authorize(first.start("https://gone.test/"))
    first.gateway.stop()
    before = json.loads(first.gateway.config.read_text())
    again = visit(secret=before["secret"], listen=before["listen"], base_url=before["base_url"])
    again.gateway.port, again.cookies = first.gateway.port, first.cookies

    assert again.go(callback).location == "/"


# ---- SESS ----


def test_sess_01_a_planted_session_is_not_taken_over(visitor):
    planted = "A" * 42 + "E"
    visitor.cookies["__Host-a0_session"] = planted
    visitor.sign_in()
    first = visitor.session
    assert first != planted
    visitor.sign_in()

    assert visitor.session != first
    for dead in [planted, first]:
        stale = Visitor(visitor.gateway, visitor.tenant, cookies={"__Host-a0_session": dead})
        assert stale.verify().status == 401


def test_sess_02_every_cookie_is_locked_to_the_host(visitor):
    answers = [visitor.go("/auth/login"), visitor.sign_in("/a"), visitor.sign_out()]
    lines = [line for answer in answers for line in answer.set_cookies]

    assert len(lines) == 4
    for line in lines:
        name, *attributes = re.split(r"; |=", line, maxsplit=1)
        assert name.startswith("__Host-a0_")
        assert re.fullmatch(
            r"__Host-a0_\w+=[\w-]*; Path=/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure", line), attributes


def test_sess_03_a_session_cookie_sent_twice_is_nobody_and_cleared(visitor, site):
    visitor.sign_in()
    pair = f"__Host-a0_session={visitor.session}"
    headers = [("Host", f"localhost:{site.port}"), ("Cookie", f"{pair}; {pair}")]

    answer = send("localhost", site.port, "GET", "/auth/me", headers)
    assert answer.status == 401
    assert any(c.startswith("__Host-a0_session=;") and "Max-Age=0" in c for c in answer.set_cookies)
    assert any(e.get("error") == "session_ambiguous" for e in log_events(site))
    split = send("localhost", site.port, "GET", "/auth/verify", [*headers[:1], ("Cookie", pair), ("Cookie", pair)])
    assert split.status == 401
    assert visitor.verify().status == 200


@pytest.mark.parametrize("value", ["", "x", "A" * 44, "A" * 42 + "!", '"{id}"', "{id}A", "%41" + "A" * 40])
def test_sess_04_an_id_of_another_shape_is_nobody(visitor, value):
    visitor.sign_in()
    visitor.cookies["__Host-a0_session"] = value.replace("{id}", visitor.session)

    assert visitor.verify().status == 401


def test_sess_07_tabs_started_together_finish_in_any_order(visitor):
    locations = {}

    def begin(i):
        tab = Visitor(visitor.gateway, visitor.tenant)
        locations[i] = (tab.start(f"/tab/{i}"), tab.cookies)

    threads = [threading.Thread(target=begin, args=[i]) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for _, cookies in locations.values():
        visitor.cookies |= cookies
    order = list(range(8))
    random.Random(7).shuffle(order)
    for i in order:
        answer = visitor.go(visitor.authorize(locations[i][0]))
        assert answer.location == f"/tab/{i}"
        assert visitor.verify().status == 200
    assert list(visitor.cookies) == ["__Host-a0_session"]


def test_sess_07_a_failed_tab_does_not_disturb_the_others(visitor, shared_tenant):
    good, bad = visitor.start("/good"), visitor.start("/bad")
    fault(shared_tenant, "token.status", 403)
    assert visitor.go(visitor.authorize(bad)).status == 502

    assert visitor.go(visitor.authorize(good)).location == "/good"


def test_sess_08_a_browser_holds_eight_sign_ins(visitor):
    oldest = visitor.start("/oldest")
    newer = [visitor.start(f"/{i}") for i in range(8)]

    assert len(visitor.cookies) == 8
    assert sum(len(f"{k}={v}; ") for k, v in visitor.cookies.items()) < 4096
    left = [visitor.go(visitor.authorize(location)).status for location in [oldest, *newer]]
    assert left.count(400) == 1


def test_sess_09_another_person_takes_the_browser_over_wholly(visitor, shared_tenant):
    people = [user["user_id"] for user in shared_tenant.control("users")]
    visitor.sign_in(person=people[0])
    first = visitor.session
    visitor.sign_in(person=people[1])

    assert visitor.fetch("/auth/me").json()["user_id"] == people[1]
    assert Visitor(visitor.gateway, visitor.tenant, cookies={"__Host-a0_session": first}).verify().status == 401


def test_sess_10_after_a_sign_out_the_old_cookie_is_nobodys(visitor):
    visitor.sign_in()
    session = visitor.session
    for path in ["/auth/me", "/internal/", "/auth/logout"]:
        assert "no-store" in visitor.go(path).headers["Cache-Control"]
    visitor.sign_out()
    visitor.cookies["__Host-a0_session"] = session

    assert visitor.verify().status == 401
    assert visitor.fetch("/auth/me").status == 401
    assert visitor.go("/internal/").status == 303


def test_sess_11_what_sets_a_cookie_is_private(visitor):
    for answer in [visitor.go("/auth/login"), visitor.sign_in(), visitor.sign_out()]:
        assert answer.set_cookies
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_sess_13_the_settings_of_the_server_end_a_session(visit):
    visitor = visit(session_lifetime=120, session_idle=60)
    visitor.sign_in()
    me = visitor.fetch("/auth/me").json()

    assert abs(me["expires_at"] - me["userinfo"]["iat"] - 120) <= 2
    assert me["idle_expires_at"] - me["expires_at"] == -60
