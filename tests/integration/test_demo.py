"""`a0 demo`: one command, and a person can sign in."""

import http.cookiejar
import json
import sqlite3
import stat
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import pytest

from conftest import PROGRAM, Process, plain_environment


def start(tmp_path, *options):
    demo = Process(
        [PROGRAM, "demo", "--tenant-port", "0", "--gateway-port", "0", *options],
        tmp_path / "demo.log",
        ready="Ctrl-C ends both",
    )
    words = demo.output.split()
    addresses = [word.rstrip("/.") for word in words if word.startswith("http://")]
    demo.gateway, demo.tenant = addresses
    return demo


@pytest.fixture
def demo(tmp_path):
    running = start(tmp_path)
    yield running
    assert running.stop() == 0


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.status, answer.read().decode()


def test_demo_prints_who_can_sign_in_and_with_which_password(demo):
    users = json.loads(get(f"{demo.tenant}/_tenant/users")[1])
    users = users["users"] if isinstance(users, dict) else users

    assert len(users) >= 5
    for user in users:
        assert user["email"] is None or user["email"] in demo.output or not user["email"]
    assert "ana@example.test    password local-password" in demo.output


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_demo_serves_both_names_of_this_machine(demo, host):
    status, page = get(demo.gateway.replace("localhost", host) + "/")

    assert status == 200
    assert "<html" in page


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_sign_in_comes_back_to_the_name_it_started_from(demo, host):
    base = demo.gateway.replace("localhost", host)
    request = urllib.request.Request(f"{base}/auth/login", headers={
        "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Accept": "text/html"})

    class Stop(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *arguments):
            return None

    with pytest.raises(urllib.error.HTTPError) as redirect:
        urllib.request.build_opener(Stop).open(request, timeout=10)

    location = redirect.value.headers["Location"]
    assert location.startswith(f"{demo.tenant}/authorize?")
    assert f"redirect_uri={urllib.parse.quote(base, safe='')}%2Fauth%2Fcallback" in location


def test_demo_asks_ana_whether_the_other_account_with_her_address_is_hers(demo):
    control = urllib.request.Request(f"{demo.tenant}/_tenant/next-login", method="POST",
                                     data=b'{"user_id": "auth0|a1a1a1a1a1a1a1a1a1a1a1a1"}',
                                     headers={"Content-Type": "application/json"})
    urllib.request.urlopen(control, timeout=10).close()
    # As browsers do on localhost: a cookie for https alone goes back to it.
    policy = http.cookiejar.DefaultCookiePolicy(secure_protocols=("http", "https"))
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(
        http.cookiejar.CookieJar(policy)))
    browser.addheaders = [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"),
                          ("Accept", "text/html")]

    with browser.open(f"{demo.gateway}/auth/login", timeout=10) as answer:
        page = answer.read().decode()

    assert urllib.parse.urlsplit(answer.url).path == "/auth/link"
    assert "Continue with Google" in page


def test_demo_with_a_folder_keeps_its_secret_to_its_owner(tmp_path):
    folder = tmp_path / "kept"
    first = start(tmp_path, "--dir", folder)
    assert first.stop() == 0
    secret = (folder / "secret").read_text()

    second = start(tmp_path, "--dir", folder)
    assert second.stop() == 0

    assert (folder / "secret").read_text() == secret
    assert stat.S_IMODE((folder / "secret").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_port_that_is_taken_is_said_with_the_way_out(demo):
    port = demo.tenant.rsplit(":", 1)[1]
    done = subprocess.run(
        [PROGRAM, "demo", "--tenant-port", port, "--gateway-port", "0"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
        env=plain_environment(),
    )

    assert done.returncode == 1
    assert "--tenant-port 0" in done.stderr


def test_state_of_another_version_is_said_and_no_port_is_blamed(tmp_path):
    folder = tmp_path / "kept"
    assert start(tmp_path, "--dir", folder).stop() == 0
    with sqlite3.connect(folder / "tenant.sqlite") as state:
        state.execute("UPDATE records SET json = '{\"odd\": 1}' WHERE kind = 'apis'")
    done = subprocess.run(
        [PROGRAM, "demo", "--dir", folder, "--tenant-port", "0", "--gateway-port", "0"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
        env=plain_environment(),
    )

    assert done.returncode == 1
    assert "the state file is of another version" in done.stderr
    assert "port" not in done.stderr
