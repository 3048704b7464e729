# SPDX-License-Identifier: MIT
"""A local tenant in a process of its own, and a browser just clever enough for it."""

import base64
import hashlib
import http.client
import json
import os
import pathlib
import re
import signal
import ssl
import subprocess
import urllib.parse

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("A0", str(ROOT / "build" / "a0"))

CALLBACK = "http://localhost:3000/auth/callback"
API = "https://api.example.test/"
ANA = "auth0|a1a1a1a1a1a1a1a1a1a1a1a1"
BEN = "auth0|b2b2b2b2b2b2b2b2b2b2b2b2"
CHEN = "google-oauth2|100000000000000000002"
VERIFIER = "v" * 43
WEB = {"client_id": "demo-web", "client_secret": "demo-web-secret"}
M2M = {"client_id": "demo-m2m", "client_secret": "demo-m2m-secret"}


def b64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def challenge(verifier=VERIFIER):
    return b64url(hashlib.sha256(verifier.encode()).digest())


def segment(token, i):
    """Header (0) or claims (1) of a JWT, unverified."""
    part = token.split(".")[i]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def claims(token):
    return segment(token, 1)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def text(self):
        return self.body.decode()

    @property
    def location(self):
        return self.headers.get("Location", "")

    @property
    def query(self):
        parts = urllib.parse.urlsplit(self.location)
        pairs = urllib.parse.parse_qs(parts.query or parts.fragment)
        return {name: values[0] for name, values in pairs.items()}


class Tenant:
    def __init__(self, *arguments, port=0):
        command = [PROGRAM, "tenant", "--port", str(port), *arguments]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.issuer = self.process.stdout.readline().strip()
        if not self.issuer:
            raise RuntimeError(self.process.communicate()[1])
        self.url = self.issuer.rstrip("/")
        self.port = port or urllib.parse.urlsplit(self.url).port
        self.ca_file = None
        if "--tls" in arguments:
            self.ca_file = arguments[arguments.index("--tls") + 1] + "/ca.pem"

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)

    def request(
        self, method, path, form=None, data=None, headers=None, host="localhost"
    ):
        headers, body = dict(headers or {}), None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        if data is not None:
            body = json.dumps(data)
            headers.setdefault("Content-Type", "application/json")
        connection = self.connection(host)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def connection(self, host):
        if self.ca_file is None:
            return http.client.HTTPConnection(host, self.port, timeout=30)
        context = ssl.create_default_context(cafile=self.ca_file)
        return http.client.HTTPSConnection(host, self.port, timeout=30, context=context)

    def get(self, path, **rest):
        return self.request("GET", path, **rest)

    def control(self, name, data=None, method="POST"):
        answer = self.request(method, "/_tenant/" + name, data=data)
        assert answer.status < 300, answer.text
        return answer.json

    def fault(self, name, **rest):
        self.control("faults", {"name": name, **rest})

    def token(self, headers=None, **form):
        return self.request("POST", "/oauth/token", form=form, headers=headers)

    def refresh(self, refresh_token, client=None, **rest):
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self.token(**form, **(client or WEB), **rest)


def tenant_fixtures(tls=False):
    """The fixtures `running`, a tenant for all tests of a module, and `tenant`, the same
    as it was when it started."""

    @pytest.fixture(scope="module")
    def running(tmp_path_factory):
        options = ["--tls", str(tmp_path_factory.mktemp("tls"))] if tls else []
        started = Tenant(*options)
        yield started
        assert started.stop() == 0

    @pytest.fixture
    def tenant(running):
        running.control("reset")
        return running

    return running, tenant


class Browser:
    """Cookies, no redirects followed."""

    def __init__(self, tenant):
        self.tenant, self.cookies = tenant, {}

    def request(self, method, path, form=None):
        if path.startswith("http"):
            path = path[len(self.tenant.url) :]
        headers = {}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        answer = self.tenant.request(method, path, form=form, headers=headers)
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            value = rest.split(";")[0]
            if "Max-Age=0" in line:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer

    def authorize(self, **changes):
        parameters = {
            "response_type": "code",
            "client_id": "demo-web",
            "redirect_uri": CALLBACK,
            "state": "the-state",
            "nonce": "the-nonce",
            "scope": "openid profile email offline_access",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
            **changes,
        }
        given = {name: value for name, value in parameters.items() if value is not None}
        return self.request("GET", "/authorize?" + urllib.parse.urlencode(given))

    def sign_in(self, user_id=ANA, **changes):
        """The answer that carries the code."""
        self.tenant.control("next-login", {"user_id": user_id})
        return self.authorize(**changes)

    def exchange(self, code, client=None, **changes):
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
            **(WEB if client is None else client),
            **changes,
        }
        return self.tenant.token(
            **{name: value for name, value in form.items() if value is not None}
        )

    def tokens(self, user_id=ANA, client=None, **changes):
        if client and "client_id" in client:
            changes.setdefault("client_id", client["client_id"])
        answer = self.sign_in(user_id, **changes)
        redirect_uri = changes.get("redirect_uri", CALLBACK)
        answer = self.exchange(answer.query["code"], client, redirect_uri=redirect_uri)
        assert answer.status == 200, answer.text
        return answer.json


def hidden(html, name):
    return re.search(r'name="%s" value="([^"]*)"' % name, html).group(1)
