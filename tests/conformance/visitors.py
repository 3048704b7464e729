"""A gateway that a whole module shares, and visitors: browsers reduced to their cookies."""

import http.client
import json
import urllib.parse
from dataclasses import dataclass, field

import pytest
from conftest import Gateway, Tenant

PERSON = "auth0|a1a1a1a1a1a1a1a1a1a1a1a1"
BEN = "auth0|b2b2b2b2b2b2b2b2b2b2b2b2"
ANA_AT_GOOGLE = "google-oauth2|100000000000000000001"
CHEN_AT_GOOGLE = "google-oauth2|100000000000000000002"
DARA_AT_GITHUB = "github|1000003"
NAVIGATION = {
    "Accept": "text/html,application/xhtml+xml",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
}


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def location(self):
        return self.headers["Location"]

    @property
    def set_cookies(self):
        return self.headers.get_all("Set-Cookie") or []

    def json(self):
        return json.loads(self.body)


def send(host, port, method, path, headers=(), body=None):
    """One request on a connection of its own; headers as pairs, so that they can repeat."""
    connection = http.client.HTTPConnection(host, port, timeout=20)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    pairs = list(headers.items()) if isinstance(headers, dict) else list(headers)
    if not any(name.lower() == "host" for name, _ in pairs):
        pairs.insert(0, ("Host", f"{host}:{port}"))
    if body is not None:
        pairs.append(("Content-Length", str(len(body))))
    for name, value in pairs:
        connection.putheader(name, value)
    connection.endheaders(body)
    response = connection.getresponse()
    answer = Answer(response.status, response.headers, response.read())
    connection.close()
    return answer


@dataclass
class Visitor:
    gateway: Gateway
    tenant: Tenant
    host: str = "localhost"
    cookies: dict = field(default_factory=dict)

    def take(self, answer):
        for line in answer.set_cookies:
            name, value = line.split(";")[0].split("=", 1)
            if "Max-Age=0" in line:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer

    def go(self, path, method="GET", headers=None, body=None, accept=NAVIGATION):
        pairs = dict(accept) | (headers or {})
        if self.cookies:
            pairs["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        return self.take(send(self.host, self.gateway.port, method, path, pairs, body))

    def fetch(self, path, **more):
        return self.go(path, accept={"Accept": "application/json"}, **more)

    def start(self, return_to=None, **params):
        """Opens a sign-in; where the browser is sent."""
        if return_to is not None:
            params["return_to"] = return_to
        answer = self.go("/auth/login?" + urllib.parse.urlencode(params))
        assert answer.status == 303, answer.body
        return answer.location

    def authorize(self, location, person=PERSON):
        """Signs in at the tenant; the callback's path and query."""
        self.tenant.control("next-login", {"user_id": person})
        parts = urllib.parse.urlsplit(location)
        answer = send(parts.hostname, parts.port, "GET", f"{parts.path}?{parts.query}")
        assert answer.status in (302, 303), answer.body
        back = urllib.parse.urlsplit(answer.location)
        return f"{back.path}?{back.query}"

    def sign_in(self, return_to=None, person=PERSON):
        answer = self.go(self.authorize(self.start(return_to), person))
        assert answer.status == 303, answer.body
        return answer

    def sign_out(self, **fields):
        fields.setdefault("csrf_token", self.fetch("/auth/me").json()["csrf_token"])
        return self.post_logout(fields)

    def post_logout(self, fields, headers=None):
        return self.go(
            "/auth/logout",
            method="POST",
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": self.gateway.url,
            }
            | (headers or {}),
            body=urllib.parse.urlencode(fields).encode(),
        )

    @property
    def csrf_token(self):
        return self.fetch("/auth/me").json()["csrf_token"]

    def own_headers(self):
        """What our own script sends along with what changes something."""
        return {"Origin": self.gateway.url, "X-CSRF-Token": self.csrf_token}

    def post_connect(self, headers=None, **fields):
        """The form of the dashboard; a field given as None is left out."""
        fields = {"connection": "google-oauth2", "csrf_token": None} | fields
        if "csrf_token" in fields and fields["csrf_token"] is None:
            fields["csrf_token"] = self.csrf_token
        return self.go(
            "/auth/connect",
            method="POST",
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": self.gateway.url,
            }
            | (headers or {}),
            body=urllib.parse.urlencode(fields, doseq=True).encode(),
        )

    def consent(self, location, account=CHEN_AT_GOOGLE):
        """Allows the connect at the tenant, or with None lets a fault answer it; the
        callback's path, query and fragment."""
        if account is not None:
            self.tenant.control("next-connect", {"user_id": account})
        parts = urllib.parse.urlsplit(location)
        answer = send(parts.hostname, parts.port, "GET", f"{parts.path}?{parts.query}")
        assert answer.status in (302, 303), answer.body
        back = urllib.parse.urlsplit(answer.location)
        return f"{back.path}?{back.query}" if back.query else f"{back.path}#{back.fragment}"

    def start_connect(self, account=CHEN_AT_GOOGLE, **fields):
        answer = self.post_connect(**fields)
        assert answer.status == 303, answer.body
        return self.consent(answer.location, account)

    def connect(self, account=CHEN_AT_GOOGLE, **fields):
        answer = self.go(self.start_connect(account, **fields))
        assert answer.status == 303, answer.body
        return answer

    @property
    def accounts(self):
        answer = self.fetch("/auth/connected-accounts")
        assert answer.status == 200, answer.body
        return answer.json()["accounts"]

    def disconnect(self, account_id, headers=None):
        headers = self.own_headers() if headers is None else headers
        return self.fetch(f"/auth/connected-accounts/{account_id}", method="DELETE", headers=headers)

    def try_out(self, account_id, headers=None):
        headers = self.own_headers() if headers is None else headers
        return self.fetch(
            f"/auth/connected-accounts/{account_id}/try-out", method="POST", headers=headers, body=b""
        )

    def verify(self, headers=None):
        return self.go("/auth/verify", headers=headers, accept={})

    @property
    def session(self):
        return self.cookies.get("__Host-a0_session")


def log_events(gateway):
    return [json.loads(line) for line in gateway.log.read_text().splitlines() if line[:1] == "{"]


def run_gateway(folder, tenant, **settings):
    """Logs everything, limits nothing."""
    return Gateway(folder, tenant, **({"login_rate": 0, "log_level": "debug"} | settings))


@pytest.fixture(scope="module")
def shared_tenant(tmp_path_factory):
    running = Tenant(tmp_path_factory.mktemp("tenant"))
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def site(tmp_path_factory, shared_tenant):
    running = run_gateway(
        tmp_path_factory.mktemp("gateway"),
        shared_tenant,
        allowed_connections=["google-oauth2"],
        return_to_allowed=["https://other.test"],
        logout_return_to=["https://bye.test/"],
    )
    yield running
    assert running.stop() == 0


@pytest.fixture
def visitor(site, shared_tenant):
    return Visitor(site, shared_tenant)


@pytest.fixture
def other(site, shared_tenant):
    """Another browser."""
    return Visitor(site, shared_tenant)


@pytest.fixture
def visit(tmp_path, tenant):
    """Starts a gateway with settings of its own and gives a visitor to it."""
    started = []

    def start(**settings):
        gateway = run_gateway(tmp_path, tenant, **settings)
        started.append(gateway)
        return Visitor(gateway, tenant)

    yield start
    assert [gateway.stop() for gateway in started] == [0] * len(started)
