# SPDX-License-Identifier: MIT
"""`a0 link audit` over a tenant of 100,000 users: how much memory it takes beside one of
1,000, and how fast it is. The Management API is a fake one that answers at once, so the
rate is that of our own budget of requests."""

import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from datetime import datetime, timedelta, timezone
from pathlib import Path

PROGRAM = Path(__file__).resolve().parent.parent / "build" / "a0"
FEW, MANY = 1_000, 100_000
SHARED = 10  # addresses that two users have
GROWTH_KIB = 4096
BEGINNING = datetime(2026, 1, 1, tzinfo=timezone.utc)
PAGE = 100


def moment(i):
    return (BEGINNING + timedelta(seconds=i)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def number_of(text):
    when = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.000Z").replace(tzinfo=timezone.utc)
    return int((when - BEGINNING).total_seconds())


def user(i, total):
    """The last few have the addresses of the first few."""
    first = total - SHARED
    provider = "google-oauth2" if i >= first else "auth0"
    return {
        "user_id": f"{provider}|{i}",
        "email": f"user-{i - first if i >= first else i}@example.test",
        "email_verified": True,
        "created_at": moment(i),
        "identities": [{"provider": provider, "user_id": str(i), "isSocial": i >= first,
                        "connection": provider if i >= first else "db"}],
    }


class Api(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    total = 0

    def log_message(self, *arguments):
        pass

    def answer(self, body):
        text = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer({"access_token": "a-machine-token", "token_type": "Bearer",
                     "expires_in": 86400})

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if url.path == "/api/v2/users":
            begin = query["q"].removeprefix("created_at:[").split(" TO ")[0]
            start = 0 if begin == "*" else number_of(begin)
            page = range(start, min(start + PAGE, self.total))
            self.answer({"start": 0, "limit": PAGE, "total": self.total - start,
                         "users": [user(i, self.total) for i in page]})
        elif url.path == "/api/v2/users-by-email":
            i = int(query["email"].split("@")[0].removeprefix("user-"))
            self.answer([user(i, self.total), user(self.total - SHARED + i, self.total)])
        else:
            name = urllib.parse.unquote(url.path.rsplit("/", 1)[1])
            self.answer(user(int(name.split("|")[1]), self.total))


def audit(total):
    """Seconds, peak memory in KiB, what was found."""
    Api.total = total
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("A0_")}
        program = subprocess.Popen(
            [PROGRAM, "link", "audit"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            env=plain | {
                "A0_AUTH0_DOMAIN": f"http://127.0.0.1:{server.server_port}",
                "A0_CLIENT_ID": "c", "A0_CLIENT_SECRET": "s",
                "A0_CONNECTIONS_FOR_ACCOUNT_LINKING": '["db", "google-oauth2"]',
                "A0_SECRET": os.urandom(32).hex(), "A0_DATABASE": f"{folder}/a0.sqlite"})
        began = time.monotonic()
        found = json.loads(program.stdout.read())
        _, status, usage = os.wait4(program.pid, 0)
    server.shutdown()
    assert status == 0 and found["users"] == total, found
    assert sum(len(group["accounts"]) == 2 for group in found["groups"]) == SHARED, found
    return time.monotonic() - began, usage.ru_maxrss


def main():
    _, few_kib = audit(FEW)
    seconds, many_kib = audit(MANY)
    print(f"{MANY} users in {seconds:.0f} s, {MANY / seconds:.0f} a second; {many_kib} KiB "
          f"of memory, {few_kib} KiB for {FEW} users", file=sys.stderr)
    print(json.dumps({"name": f"a0 link audit: growth of memory, {FEW} to {MANY} users",
                      "value": many_kib - few_kib, "unit": "KiB", "goal": f"<= {GROWTH_KIB}",
                      "met": many_kib - few_kib <= GROWTH_KIB}))
    print(json.dumps({"name": f"a0 link audit: users a second, tenant of {MANY}",
                      "value": round(MANY / seconds), "unit": "users/s",
                      "goal": ">= 500", "met": MANY / seconds >= 500}))


main()
