"""examples/nginx with a real nginx, the real gateway and an application that echoes."""

import json
import shutil
import subprocess
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from conftest import ROOT, Gateway, free_port

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "conformance"))
from visitors import NAVIGATION, PERSON, Visitor, send  # noqa: E402

IDENTITY = ["X-Auth-User-Id", "X-Auth-Email", "X-Auth-Email-Verified", "X-Auth-Name", "X-Auth-Omitted"]


class Echo(BaseHTTPRequestHandler):
    """Says what it was told; asks to be cached, as careless applications do."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        length = int(self.headers.get("Content-Length", 0))
        self.rfile.read(length)
        body = json.dumps({"path": self.path, "headers": self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Cache-Control", "public, max-age=600")
        self.send_header("Expires", "Thu, 01 Jan 2037 00:00:00 GMT")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def application():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


class Nginx:
    """The files of examples/nginx; only addresses are changed."""

    def __init__(self, folder, gateway_port, application_port, app_conf=None):
        self.port = free_port()
        shutil.copytree(ROOT / "examples" / "nginx", folder / "a0")
        app = folder / "a0" / "app.conf"
        if app_conf is not None:
            shutil.copy(app_conf, app)
        app.write_text(
            app.read_text()
            .replace("127.0.0.1:8080", f"127.0.0.1:{gateway_port}")
            .replace("127.0.0.1:3000", f"127.0.0.1:{application_port}")
            .replace("listen 8000", f"listen 127.0.0.1:{self.port}")
        )
        temporary = "\n".join(
            f"{kind}_temp_path {folder}/{kind};" for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
        config = folder / "nginx.conf"
        config.write_text(
            f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
            f"events {{}}\nhttp {{ access_log off; {temporary}\ninclude a0/app.conf; }}\n")
        if self.runs_as_root():
            config.write_text("user root;\n" + config.read_text())
        command = [shutil.which("nginx", path="/usr/sbin:/usr/bin"), "-p", folder, "-c", config]
        subprocess.run([*command, "-t"], check=True, capture_output=True)
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        self.wait()

    @staticmethod
    def runs_as_root():
        return subprocess.run(["id", "-u"], capture_output=True, text=True).stdout.strip() == "0"

    def wait(self):
        for _ in range(200):
            try:
                send("127.0.0.1", self.port, "GET", "/public/")
                return
            except ConnectionError:
                time.sleep(0.05)
        raise AssertionError("nginx does not answer")

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)


@pytest.fixture
def behind(tmp_path, tenant, application):
    """A visitor to the application behind nginx."""
    if shutil.which("nginx", path="/usr/sbin:/usr/bin") is None:
        pytest.fail("there is no nginx; scripts/setup installs it")
    gateway_port = free_port()
    (tmp_path / "nginx").mkdir()
    nginx = Nginx(tmp_path / "nginx", gateway_port, application)
    base_url = f"http://127.0.0.1:{nginx.port}"
    gateway = Gateway(tmp_path, tenant, listen=[f"127.0.0.1:{gateway_port}"], base_url=base_url,
                      trusted_proxies=["127.0.0.1"], login_rate=0)
    tenant.add_client([f"{base_url}/auth/callback"], [f"{base_url}/"])
    visitor = Visitor(gateway, tenant, host="127.0.0.1")
    visitor.direct_port = gateway_port
    gateway.port, gateway.url = nginx.port, base_url
    yield visitor
    nginx.stop()
    gateway.stop()


def told(answer):
    """What the application was told, by lower-case name; repeated headers stay visible."""
    told = {}
    for name, value in answer.json()["headers"]:
        told.setdefault(name.lower(), []).append(value)
    return told


def test_a_page_leads_to_the_sign_in_and_back_to_itself(behind):
    first = behind.go("/page?a=b&c=%2Fd")
    assert first.status == 303 and "/authorize?" in first.location
    back = behind.go(behind.authorize(first.location))
    assert back.location == "/page?a=b&c=%2Fd"
    page = behind.go(back.location)

    assert page.status == 200 and page.json()["path"] == "/page?a=b&c=%2Fd"
    assert told(page)["x-auth-user-id"] == [PERSON]
    assert told(page)["x-auth-email"] == ["ana@example.test"]


SPOOFS = [
    [("X-Auth-User-Id", "auth0|admin")],
    [("x-auth-user-id", "auth0|admin")],
    [("X-AUTH-USER-ID", "auth0|admin"), ("X-Auth-User-Id", "auth0|admin")],
    [("X_Auth_User_Id", "auth0|admin"), ("X-Auth_User-Id", "auth0|admin")],
    [("X-Auth-Email", "admin@example.test"), ("X-Auth-Email-Verified", "true"), ("X-Auth-Name", "admin")],
    [("X-Auth-Omitted", "admin")],
]


@pytest.mark.parametrize("spoof", SPOOFS)
def test_gw_01_what_clients_say_of_themselves_does_not_get_through(behind, spoof):
    headers = [("Host", f"127.0.0.1:{behind.gateway.port}"), *spoof]
    public = send("127.0.0.1", behind.gateway.port, "GET", "/public/x", headers)
    assert public.status == 200
    assert "admin" not in str(public.json())
    assert not [name for name in told(public) if name.replace("_", "-").startswith("x-auth-")]

    behind.sign_in()
    cookie = ("Cookie", f"__Host-a0_session={behind.session}")
    page = send("127.0.0.1", behind.gateway.port, "GET", "/x", [*headers, cookie])
    assert page.status == 200 and "admin" not in str(page.json())
    assert told(page)["x-auth-user-id"] == [PERSON]


@pytest.mark.parametrize("tokens", ["X-Auth-User-Id, Cookie", "close, X-Auth-Email", "keep-alive, X-Auth-Name, Host"])
def test_gw_02_connection_tokens_take_no_header_away(behind, tokens):
    behind.sign_in()
    page = behind.go("/x", headers={"Connection": tokens})

    assert page.status == 200
    assert told(page)["x-auth-user-id"] == [PERSON]
    assert told(page)["x-auth-email"] == ["ana@example.test"]


def test_gw_08_without_the_gateway_nobody_gets_in(behind):
    behind.sign_in()
    assert behind.go("/x").status == 200
    behind.gateway.stop()

    assert behind.go("/x").status == 500
    assert behind.go("/public/x").status == 200


def test_gw_08_two_people_never_see_each_other(behind):
    people = [user["user_id"] for user in behind.tenant.control("users")][:2]
    visitors = [Visitor(behind.gateway, behind.tenant, host="127.0.0.1") for _ in people]
    for visitor, person in zip(visitors, people):
        visitor.sign_in(person=person)

    for _ in range(10):
        for visitor, person in zip(visitors, people):
            assert told(visitor.go("/same"))["x-auth-user-id"] == [person]
    assert Visitor(behind.gateway, behind.tenant, host="127.0.0.1").go("/same").status == 303


def test_gw_14_scripts_and_forms_get_401(behind):
    assert behind.fetch("/x").status == 401
    assert behind.go("/x", headers={"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}).status == 401
    assert behind.go("/x", method="POST", body=b"a=b", headers={
        "Content-Type": "application/x-www-form-urlencoded"}).status == 401
    assert behind.go("/x", method="HEAD").status == 401
    assert behind.cookies == {}


def test_gw_16_the_cookies_of_the_gateway_stay_with_it(behind):
    behind.sign_in()
    behind.start()
    behind.cookies = {"first": "1"} | behind.cookies | {"last": "2"}
    for path in ["/x", "/public/x"]:
        cookie = told(behind.go(path))["cookie"]
        assert len(cookie) == 1
        assert "a0" not in cookie[0]
        assert [part.strip() for part in cookie[0].split(";") if part.strip()] == ["first=1", "last=2"]
    behind.cookies |= {f"__Host-a0_tx_{i}_00000000": "A" * 43 for i in range(20)}

    assert "a0" not in str(told(behind.go("/x")).get("cookie"))


def test_gw_16_pages_of_a_person_are_not_cached(behind):
    behind.sign_in()
    page = behind.go("/style.css")

    assert page.headers.get_all("Cache-Control") == ["private, no-store"]
    assert page.headers["Expires"] is None


def test_sess_10_after_a_sign_out_the_application_is_closed(behind):
    behind.sign_in()
    session = behind.session
    behind.sign_out()
    behind.cookies["__Host-a0_session"] = session

    assert behind.go("/x").status == 303


def test_gw_03_clients_can_not_choose_the_forwarded_uri_or_address(behind):
    started = behind.go("/auth/login", headers={"X-Forwarded-Uri": "/chosen", "X-Forwarded-For": "198.51.100.1"})

    assert behind.go(behind.authorize(started.location)).location == "/"


def test_gw_04_ambiguous_paths_do_not_pass_the_gate(behind):
    for path in ["/public/../x", "/public/%2e%2e/x", "/public/..%2fx", "//x", "/./x", "/public/..;/x", "/public%2fx"]:
        answer = send("127.0.0.1", behind.gateway.port, "GET", path,
                      [("Host", f"127.0.0.1:{behind.gateway.port}"), *NAVIGATION.items()])
        reached = answer.status == 200 and not urllib.parse.unquote(answer.json()["path"]).startswith("/public/")
        assert not reached, path


def test_the_internal_location_is_not_for_clients(behind):
    assert behind.go("/_a0_verify").status == 404
