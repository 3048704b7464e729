"""SEC-01: no secret reaches any output, whatever happens and however talkative the log is."""

import base64
import sqlite3
import urllib.parse
from secrets import token_urlsafe

from conftest import CLIENT_SECRET
from visitors import visit  # noqa: F401  (a fixture)


def values_of(query, *names):
    parsed = urllib.parse.parse_qs(query)
    return [value for name in names for value in parsed.get(name, [])]


def forms_of(secret):
    """How a secret may look when it leaks."""
    raw = secret.encode()
    return {
        secret,
        secret[:9],
        urllib.parse.quote(secret, safe=""),
        base64.b64encode(raw).decode().rstrip("="),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
        raw.hex(),
    }


class Secrets:
    """Everything that must stay inside, as it goes by."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.found = {"client secret": CLIENT_SECRET, "server secret": gateway.secret}

    def see_location(self, url):
        query = urllib.parse.urlsplit(url).query
        for name in ("state", "nonce", "code", "id_token_hint"):
            for value in values_of(query, name):
                self.add(name, value)

    def see_visitor(self, visitor):
        for name, value in visitor.cookies.items():
            self.add(f"cookie {name}", value)

    def see_tenant(self, tenant):
        for entry in tenant.control("requests"):
            body = entry.get("body") or ""
            for name in ("code", "code_verifier", "refresh_token", "token", "client_assertion"):
                for value in values_of(body, name):
                    self.add(name, value)

    def add(self, name, value):
        self.found[f"{name} {len(self.found)}"] = value

    def assert_absent_from(self, where, text):
        leaks = {
            name
            for name, secret in self.found.items()
            for form in forms_of(secret)
            if len(form) >= 9 and form in text
        }
        assert leaks == set(), f"{where} shows {leaks}"


def mark_tokens(tenant, secrets):
    """Tokens that the test knows, in the place of those that the tenant makes."""
    for name in ("access_token", "refresh_token"):
        token = token_urlsafe(32)
        secrets.add(name, token)
        tenant.control("faults", {"name": f"token.member.{name}", "value": token})


def everything_a_person_can_do(visitor, secrets):
    """A sign-in, its use, its failures, a sign-out."""
    mark_tokens(visitor.tenant, secrets)
    location = visitor.start("/internal/")
    secrets.see_location(location)
    secrets.see_visitor(visitor)
    callback = visitor.authorize(location)
    secrets.see_location(callback)
    visitor.go(callback + "x")
    visitor.go(callback.replace("state=", "state=x"))
    visitor.go(callback)
    visitor.go(callback)
    secrets.see_visitor(visitor)
    visitor.verify()
    me = visitor.fetch("/auth/me").json()
    secrets.add("csrf token", me["csrf_token"])
    visitor.post_logout({"csrf_token": me["csrf_token"] + "x"})
    visitor.sign_out()
    visitor.verify()


def failures_of_the_tenant(visitor, secrets):
    """The tenant answers with what it was sent, as a careless server does."""
    location = visitor.start()
    secrets.see_location(location)
    callback = visitor.authorize(location)
    secrets.see_location(callback)
    code = values_of(urllib.parse.urlsplit(callback).query, "code")[0]
    visitor.tenant.control("faults", {
        "name": "token.status",
        "value": {
            "status": 400,
            "error": f"invalid_grant_{code}",
            "error_description": f"code {code} of {CLIENT_SECRET}",
        },
    })
    visitor.go(callback)
    secrets.see_visitor(visitor)


def test_sec_01_no_secret_in_any_output(visit):  # noqa: F811
    visitor = visit(log_level="debug")
    gateway = visitor.gateway
    secrets = Secrets(gateway)

    everything_a_person_can_do(visitor, secrets)
    failures_of_the_tenant(visitor, secrets)
    secrets.see_tenant(visitor.tenant)
    gateway.stop()

    names = " ".join(secrets.found)
    for kind in ("state", "nonce", "code", "code_verifier", "cookie", "csrf", "token"):
        assert kind in names, f"the test saw no {kind}"
    log = gateway.log.read_text()
    assert "session.signed_in" in log
    secrets.assert_absent_from("the log", log)
    secrets.assert_absent_from("standard output", gateway.output)


def test_sec_01_no_secret_stands_in_the_database(visit, tmp_path):  # noqa: F811
    visitor = visit(log_level="debug")
    secrets = Secrets(visitor.gateway)
    mark_tokens(visitor.tenant, secrets)
    location = visitor.start()
    secrets.see_location(location)
    secrets.see_visitor(visitor)
    callback = visitor.authorize(location)
    secrets.see_location(callback)
    visitor.go(callback)
    secrets.see_visitor(visitor)
    secrets.see_tenant(visitor.tenant)
    visitor.gateway.stop()

    files = list(tmp_path.glob("a0.sqlite*"))
    assert files
    with sqlite3.connect(tmp_path / "a0.sqlite") as database:
        assert database.execute("select count(*) from sqlite_master").fetchone()[0] > 0
    for file in files:
        secrets.assert_absent_from(file.name, file.read_bytes().decode("latin-1"))
