#!/usr/bin/env python3
"""A back end behind nginx and a0: shows the calendar of the person who is signed in.

    BROKER_SECRET_FILE  the file with the secret of broker_secret
    BROKER              http://127.0.0.1:8081, or unix:/run/a0/broker.sock
    CALENDAR            the events of the provider's API
    PORT                where nginx finds it: 3000

Who is signed in stands in X-Auth-User-Id, the proof of it in X-Auth-Session: nginx sets
both, whatever the browser sent. Python's own library is enough.
"""

import html
import http.client
import json
import os
import socket
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CONNECTION = "google-oauth2"
SCOPE = "https://www.googleapis.com/auth/calendar.readonly"
CALENDAR = os.environ.get("CALENDAR", "https://www.googleapis.com/calendar/v3/calendars/primary/events")
BROKER = os.environ.get("BROKER", "http://127.0.0.1:8081")
SECRET = Path(os.environ["BROKER_SECRET_FILE"]).read_text().strip()

# The browser makes the call: with the token of /auth/me, which only our own pages can read.
CONNECT_PAGE = """<p>{why}</p>
<form method="post" action="{path}">
  <input type="hidden" name="connection" value="{connection}">
  <input type="hidden" name="scope" value="{scope}">
  <input type="hidden" name="return_to" value="/">
  <input type="hidden" name="csrf_token">
  <button>Connect the account</button>
</form>
<script>
fetch("/auth/me").then((answer) => answer.json()).then((me) => {{
  document.forms[0].csrf_token.value = me.csrf_token;
}});
</script>"""


class UnixConnection(http.client.HTTPConnection):
    """HTTP over the socket file of the broker."""

    def __init__(self, path):
        super().__init__("broker", timeout=15)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def broker_connection():
    if BROKER.startswith("unix:"):
        return UnixConnection(BROKER.removeprefix("unix:"))
    return http.client.HTTPConnection(urllib.parse.urlsplit(BROKER).netloc, timeout=15)


def ask_broker(session, host, **fields):
    """The status and the JSON of POST /auth/token/{connection}."""
    connection = broker_connection()
    try:
        connection.request("POST", f"/auth/token/{CONNECTION}", body=urllib.parse.urlencode(fields), headers={
            "Authorization": f"Bearer {SECRET}",
            "Cookie": session,
            "X-Forwarded-Host": host,
            "Content-Type": "application/x-www-form-urlencoded",
        })
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def events(token):
    request = urllib.request.Request(CALENDAR, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=15) as answer:
        return json.loads(answer.read())["items"]


def calendar_page(token):
    lines = [f"<li>{html.escape(event.get('summary', ''))}</li>" for event in events(token)]
    return 200, f"<h1>Your calendar</h1><ul>{''.join(lines)}</ul>"


def problem_page(problem):
    """Whose turn it is: `action` says so."""
    why = html.escape(problem["title"])
    if problem["action"] == "connect":
        call = {name: html.escape(value) for name, value in problem["connect"].items()}
        return problem["status"], CONNECT_PAGE.format(why=why, scope=call.pop("scope", SCOPE), **call)
    if problem["action"] == "sign_in":
        return problem["status"], f'<p>{why}</p><a href="{html.escape(problem["sign_in"]["path"])}">Sign in</a>'
    if problem["action"] == "choose_account":
        return problem["status"], f"<p>{why}</p><form><input name='account'><button>Show</button></form>"
    return problem["status"], f"<p>{why}</p>"


class Calendar(BaseHTTPRequestHandler):
    def do_GET(self):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        fields = {"scope": SCOPE} | ({"login_hint": query["account"]} if query.get("account") else {})
        try:
            status, answer = ask_broker(self.headers.get("X-Auth-Session", ""), self.headers.get("Host", ""), **fields)
            page = calendar_page(answer["access_token"]) if status == 200 else problem_page(answer)
        except (OSError, http.client.HTTPException, ValueError, KeyError):
            page = 502, "<p>The calendar can not be shown at the moment.</p>"
        self.show(*page)

    def show(self, status, body):
        data = f"<!doctype html><meta charset=utf-8><title>Calendar</title>{body}".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        """What nginx logs is enough, and has no tokens in it."""


def main():
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "3000"))), Calendar)
    print(f"ready on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
