"""Resident memory of the gateway while a person connects an account, uses the vault's
token and disconnects, again and again. Its caches (10000 tokens, 8 MiB of SQLite's pages
for the worker and for the sweeper each, which sees a page when it looks for expired rows)
fill in the first half; then it stays where it is. A0_BENCH_CYCLES says how often: 100000 take
about ten minutes; with less than 80000 the caches are not full and it is no measure."""

import json
import os
import socket
import sys
import tempfile
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/conformance")]

from conftest import CALENDAR, Gateway, Tenant, connecting  # noqa: E402
from visitors import CHEN_AT_GOOGLE, Visitor  # noqa: E402

CYCLES = int(os.environ.get("A0_BENCH_CYCLES", "100000"))
PARTS = 10
FULL_AFTER = 4  # parts
# What an allocator may still take.
GROWTH_MAX = 0.05


class Wire:
    """Requests on one connection that stays open; bare, because http.client would cost
    more than all it talks to."""

    def __init__(self, url, cookie=""):
        self.address = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((self.address.hostname, self.address.port), timeout=60)
        self.answers = self.socket.makefile("rb")
        self.head = f"Host: {self.address.netloc}\r\nAccept: application/json\r\nOrigin: {url}\r\n"
        if cookie:
            self.head += f"Cookie: {cookie}\r\n"

    def send(self, method, path, expected, body=None, headers=""):
        """The Location and the body of the answer."""
        length = f"Content-Length: {len(body)}\r\n" if body is not None else ""
        self.socket.sendall(f"{method} {path} HTTP/1.1\r\n{self.head}{headers}{length}\r\n{body or ''}".encode())
        status = int(self.answers.readline().split()[1])
        said = {}
        while (line := self.answers.readline().strip()):
            name, value = line.split(b":", 1)
            said[name.lower()] = value.strip().decode()
        text = self.answers.read(int(said.get(b"content-length", 0)))
        if status != expected:
            raise RuntimeError(f"{method} {path.split('?')[0]}: {status} {text[:200]!r}")
        return said.get(b"location"), text


class Person:
    """Somebody in a browser, who connects, looks and disconnects."""

    def __init__(self, gateway, tenant):
        visitor = Visitor(gateway, tenant)
        visitor.sign_in()
        self.token = visitor.csrf_token
        cookie = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
        self.gateway, self.tenant = Wire(gateway.url, cookie), Wire(tenant.url)

    def connect(self):
        form = urllib.parse.urlencode({"connection": "google-oauth2", "scope": CALENDAR, "csrf_token": self.token})
        location, _ = self.gateway.send("POST", "/auth/connect", 303, form,
                                        "Content-Type: application/x-www-form-urlencoded\r\n")
        self.tenant.send("POST", "/_tenant/next-connect", 200, json.dumps({"user_id": CHEN_AT_GOOGLE}),
                         "Content-Type: application/json\r\n")
        url = urllib.parse.urlsplit(location)
        back, _ = self.tenant.send("GET", f"{url.path}?{url.query}", 302)
        url = urllib.parse.urlsplit(back)
        self.gateway.send("GET", f"{url.path}?{url.query}", 303)

    def cycle(self):
        self.connect()
        _, text = self.gateway.send("GET", "/auth/connected-accounts", 200)
        account = "/auth/connected-accounts/" + json.loads(text)["accounts"][0]["id"]
        csrf = f"X-CSRF-Token: {self.token}\r\n"
        self.gateway.send("POST", f"{account}/try-out", 200, "", csrf)
        self.gateway.send("DELETE", account, 204, None, csrf)


def resident_kib(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


def report(value):
    print(json.dumps({
        "name": f"gateway.memory_growth_after_{CYCLES}_connect_vault_cycles", "value": round(100 * value, 2),
        "unit": "%", "goal": f"<= {100 * GROWTH_MAX:g}", "met": value <= GROWTH_MAX}))


def main():
    with tempfile.TemporaryDirectory() as folder:
        tenant = Tenant(Path(folder))
        gateway = Gateway(Path(folder), tenant, login_rate=0, log_level="error",
                          workers=1, event_loops=1, **connecting(tenant))
        try:
            person = Person(gateway, tenant)
            sizes = []
            for part in range(1, PARTS + 1):
                for _ in range(CYCLES // PARTS):
                    person.cycle()
                sizes.append(resident_kib(gateway.process.pid))
                print(f"memory: {part} of {PARTS} parts, {sizes[-1]} KiB resident", file=sys.stderr)
            # Peaks come and go (a checkpoint, a sweep): what is left of them counts.
            middle = (FULL_AFTER + PARTS) // 2
            report(min(sizes[middle:]) / min(sizes[FULL_AFTER:middle]) - 1)
        finally:
            gateway.stop()
            tenant.stop()


main()
