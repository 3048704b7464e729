"""examples/broker: a back end behind a real nginx shows its person's calendar."""

import html
import os
import re
import shutil
import sys
import urllib.parse
from pathlib import Path

import pytest
from conftest import CALENDAR, ROOT, Gateway, Process, connecting, free_port, plain_environment
from test_nginx import Nginx

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "conformance"))
from visitors import ANA_AT_GOOGLE, BEN, CHEN_AT_GOOGLE, NAVIGATION, Visitor, log_events, send  # noqa: E402

SECRET = "broker-secret-canary-0123456789abcdef"
EVENT = "<li>"


@pytest.fixture
def back_end(tmp_path, tenant):
    """The example, its port, and the socket of the broker that it will ask."""
    secret = tmp_path / "broker-secret"
    secret.write_text(SECRET + "\n")
    secret.chmod(0o600)
    running = Process(
        [sys.executable, ROOT / "examples" / "broker" / "app.py"], tmp_path / "app.log",
        ready=r"ready on http://127\.0\.0\.1:(\d+)",
        environment={
            "BROKER": f"unix:{tmp_path}/broker.sock",
            "BROKER_SECRET_FILE": str(secret),
            "CALENDAR": f"{tenant.url}/_provider/google-oauth2/calendar/events",
            "PORT": "0",
            "PATH": plain_environment().get("PATH", os.defpath),
        })
    yield running
    running.stop()


@pytest.fixture
def behind(tmp_path, tenant, back_end):
    """A visitor to the back end behind nginx."""
    if shutil.which("nginx", path="/usr/sbin:/usr/bin") is None:
        pytest.fail("there is no nginx; scripts/setup installs it")
    gateway_port = free_port()
    (tmp_path / "nginx").mkdir()
    nginx = Nginx(tmp_path / "nginx", gateway_port, int(back_end.ready.group(1)),
                  app_conf=ROOT / "examples" / "broker" / "app.conf")
    base_url = f"http://127.0.0.1:{nginx.port}"
    gateway = Gateway(
        tmp_path, tenant, listen=[f"127.0.0.1:{gateway_port}"], base_url=base_url,
        trusted_proxies=["127.0.0.1"], login_rate=0, broker_listen=f"unix:{tmp_path}/broker.sock",
        broker_secret_file=str(tmp_path / "broker-secret"), broker_connections=["google-oauth2"],
        **connecting(tenant))
    tenant.add_client([f"{base_url}/auth/callback"], [f"{base_url}/"])
    visitor = Visitor(gateway, tenant, host="127.0.0.1")
    gateway.port, gateway.url = nginx.port, base_url
    yield visitor
    nginx.stop()
    assert gateway.stop() == 0


def text_of(answer):
    return html.unescape(answer.body.decode())


def connect_as_the_page_says(visitor, page, account):
    """Sends the form of the back end's page, its token filled in by the page's script."""
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', text_of(page)))
    assert re.search(r'action="/auth/connect"', text_of(page))
    answer = visitor.go("/auth/connect", method="POST", headers={
        "Content-Type": "application/x-www-form-urlencoded", "Origin": visitor.gateway.url},
        body=urllib.parse.urlencode(fields | {"csrf_token": visitor.fetch("/auth/me").json()["csrf_token"]}).encode())
    assert answer.status == 303, answer.body
    back = visitor.go(visitor.consent(answer.location, account))
    assert back.status == 303, back.body
    return back.location


def test_a_person_connects_and_sees_the_calendar(behind):
    behind.sign_in()
    page = behind.go("/")
    assert page.status == 403 and "Connect the account" in text_of(page)
    assert CALENDAR in text_of(page)
    assert connect_as_the_page_says(behind, page, CHEN_AT_GOOGLE) == "/"
    page = behind.go("/")

    assert page.status == 200 and EVENT in text_of(page)
    assert page.headers["Cache-Control"] == "private, no-store"
    audit = [e for e in log_events(behind.gateway) if e["event"] == "vault.token_given"]
    assert len(audit) == 1 and audit[0]["connection"] == "google-oauth2"
    assert SECRET not in behind.gateway.log.read_text()


def test_a_lost_consent_leads_back_to_connecting(behind):
    behind.sign_in()
    behind.go("/")
    connect_as_the_page_says(behind, behind.go("/"), CHEN_AT_GOOGLE)
    behind.tenant.control("faults", {"name": "vault.error", "value": "flow_failed"})
    page = behind.go("/")

    assert page.status == 409 and "Connect the account" in text_of(page)
    assert behind.go("/").status == 200


def test_with_two_accounts_the_person_says_which(behind):
    behind.sign_in()
    connect_as_the_page_says(behind, behind.go("/"), CHEN_AT_GOOGLE)
    behind.connect(ANA_AT_GOOGLE, scope=CALENDAR)

    assert behind.go("/").status == 409
    for account in [CHEN_AT_GOOGLE, ANA_AT_GOOGLE]:
        page = behind.go("/?" + urllib.parse.urlencode({"account": account.split("|")[1]}))
        assert page.status == 200 and EVENT in text_of(page)


@pytest.mark.parametrize("name", ["X-Auth-Session", "x-auth-session", "X_Auth_Session", "Cookie"])
def test_gw_15_a_browser_is_nobody_else(behind, name):
    """Ben, who has connected nothing, has even got hold of the text of Ana's cookie."""
    behind.sign_in()
    connect_as_the_page_says(behind, behind.go("/"), CHEN_AT_GOOGLE)
    ben = Visitor(behind.gateway, behind.tenant, host="127.0.0.1")
    ben.sign_in(person=BEN)
    lines = [("Host", f"127.0.0.1:{behind.gateway.port}"), *NAVIGATION.items(),
             ("Cookie", f"__Host-a0_session={ben.session}")]
    page = send("127.0.0.1", behind.gateway.port, "GET", "/",
                [*lines, (name, f"__Host-a0_session={behind.session}")])

    assert EVENT not in text_of(page)
    assert page.status in (303, 403)


def test_gw_15_the_broker_has_no_way_in_from_outside(behind):
    behind.sign_in()
    connect_as_the_page_says(behind, behind.go("/"), CHEN_AT_GOOGLE)
    answer = behind.go("/auth/token/google-oauth2", method="POST", body=b"",
                       headers={"Authorization": f"Bearer {SECRET}"})

    assert answer.status == 404
    assert "access_token" not in text_of(answer)


def test_after_a_sign_out_there_is_no_calendar(behind):
    behind.sign_in()
    connect_as_the_page_says(behind, behind.go("/"), CHEN_AT_GOOGLE)
    cookies = dict(behind.cookies)
    behind.sign_out()
    behind.cookies = cookies

    assert behind.go("/").status == 303
