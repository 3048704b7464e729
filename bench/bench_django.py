# SPDX-License-Identifier: MIT
"""The Django app beside the existing package of its import name, auth0-oauth-client 0.7.1:
the same Python, Django, project, database and tenant, TLS 1.3, a new user each time, turn
by turn so that a busy machine slows both. Both trust the authorities that Python's
libraries trust and the tenant's. The database lies in memory, where there is such a
place: how fast a disk is, is not measured.

That package needs a Python of 3.12 or later; without one there is nothing to compare and
the figures say so.
"""

import contextlib
import http.client
import json
import operator
import os
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from conftest import free_port, plain_environment  # noqa: E402

PEER = "auth0-oauth-client==0.7.1"
NEWER_PYTHON = ROOT / ".venv/django-6/bin/python"  # scripts/setup makes it where it can
ENVIRONMENTS = ROOT / "build/bench-django"
DELAY_MS = 25  # each way
WARM_UP, SIGN_INS = 3, 15
ROUNDS, STARTS = 9, 60
IMPORTS, PROCESSES = 15, 5
THREADS = 50
EXPIRED_AFTER_S = 7  # a token of two seconds; ours does not ask for another within five
CLIENT_ID, CLIENT_SECRET = "demo-web", "demo-web-secret"
CALLBACK = "http://localhost:8000/auth/callback"
SCOPES = "openid profile email offline_access"


# ---- the two packages ----


def pip(name, *arguments):
    python = ENVIRONMENTS / name / "bin/python"
    done = subprocess.run([python, "-m", "pip", "--disable-pip-version-check", *arguments],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, arguments))}\n{done.stderr}")
    return done.stdout


def install():
    """Both packages, each beside the same Django."""
    for name in ("ours", "peer"):
        if not (ENVIRONMENTS / name / "bin/python").exists():
            subprocess.run([NEWER_PYTHON, "-m", "venv", ENVIRONMENTS / name], check=True)
    pip("peer", "install", "-q", PEER, "Django>=5.2,<5.3")
    versions = {entry["name"]: entry["version"] for entry in json.loads(pip("peer", "list", "--format=json"))}
    subprocess.run(["scripts/wheel"], cwd=ROOT, stdout=sys.stderr, check=True)
    pip("ours", "install", "-q", f"Django=={versions['Django']}", f"asgiref=={versions['asgiref']}")
    pip("ours", "install", "-q", "--force-reinstall", "--no-deps",
        *map(str, (ROOT / "build-python/wheel").glob("a0_django-*.whl")))


# ---- the tenant ----


class Tenant:
    """`a0 tenant` over TLS; clients find it behind a proxy, the bench itself does not."""

    def __init__(self, folder):
        port, far = free_port(), free_port()
        self.domain, self.ca_file = f"127.0.0.1:{far}", f"{folder}/ca.pem"
        self.issuer = f"https://{self.domain}/"
        command = [ROOT / "build/a0", "tenant", "--port", port, "--issuer", self.issuer,
                   "--tls", folder, "--callback", CALLBACK]
        self.tenant = start(command)
        self.proxy = start([ROOT / "build/tests/support/delay_proxy", far, port, DELAY_MS, "handshake"])
        trust = ssl.create_default_context(cafile=self.ca_file)
        self.wire = http.client.HTTPSConnection("127.0.0.1", port, context=trust, timeout=30)
        self.users = 0
        self.trust_many()
        self.seed()

    def trust_many(self):
        """The tenant's authority among those that a machine trusts anyway, as Auth0's is."""
        bundle = next(ENVIRONMENTS.glob("peer/lib/*/site-packages/certifi/cacert.pem"))
        self.bundle = f"{Path(self.ca_file).parent}/bundle.pem"
        Path(self.bundle).write_text(bundle.read_text() + Path(self.ca_file).read_text())

    def seed(self):
        """The existing package asks for its own token of the Management API as the one
        application that it knows."""
        grants = {client["client_id"]: client["grant_types"] for client in self.control("clients")}
        self.control("clients", {"client_id": CLIENT_ID,
                                 "grant_types": [*grants[CLIENT_ID], "client_credentials"]})
        self.control("client_grants", {"client_id": CLIENT_ID, "audience": f"{self.issuer}api/v2/",
                                       "scope": ["read:users", "update:users"]})
        self.control("settings", {"management_rate_limit": 10000, "management_rate_burst": 10000})

    def ask(self, method, path, body=None):
        text = json.dumps(body) if body is not None else None
        headers = {"Content-Type": "application/json"} if body is not None else {}
        try:
            self.wire.request(method, path, text, headers)
            answer = self.wire.getresponse()
        except (OSError, http.client.RemoteDisconnected):  # it had been idle for long
            self.wire.close()
            self.wire.request(method, path, text, headers)
            answer = self.wire.getresponse()
        return answer, answer.read()

    def control(self, name, body=None):
        answer, text = self.ask("GET" if body is None else "POST", f"/_tenant/{name}", body)
        if answer.status >= 300:
            raise RuntimeError(f"{name}: {answer.status} {text[:300]!r}")
        return json.loads(text or "null")

    def forget_requests(self):
        self.ask("DELETE", "/_tenant/requests")

    def requests(self, path):
        return [entry for entry in self.control("requests") if entry["path"] == path]

    def sign_in(self, authorize_url):
        """A person who was never here signs in: the path that the browser comes back to."""
        self.users += 1
        user_id = f"google-oauth2|9{self.users:020}"
        self.control("users", {"user_id": user_id, "connection": "google-oauth2",
                               "email": f"new{self.users}@example.test", "email_verified": True,
                               "name": f"New {self.users}"})
        self.control("next-login", {"user_id": user_id})
        url = urllib.parse.urlsplit(authorize_url)
        answer, text = self.ask("GET", f"{url.path}?{url.query}")
        back = answer.getheader("Location") or ""
        if "code=" not in back:
            raise RuntimeError(f"authorize: {answer.status} {back} {text[:300]!r}")
        return back.removeprefix("http://localhost:8000")

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.wire.close()
        for process in (self.proxy, self.tenant):
            process.terminate()
            process.wait()
            process.stdout.close()


def start(command):
    """A program that says in its first line that it is ready."""
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE,
                               env=plain_environment(), text=True)
    process.stdout.readline()
    return process


# ---- workers ----


class Worker:
    """django_worker.py as a process: "ours", "peer", or "bare" without a package."""

    def __init__(self, name, tenant, folder, sessions="db"):
        settings = {
            "auth0_domain": tenant.domain, "auth0_management_api_domain": tenant.domain,
            "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
            "connections_for_account_linking": ["google-oauth2", "Username-Password-Authentication"],
            "authorization_params": {"scope": SCOPES},
        }
        if name != "peer":  # which has what the environment names
            settings["ca_file"] = tenant.bundle
        python = ENVIRONMENTS / ("peer" if name == "peer" else "ours") / "bin/python"
        self.tenant = tenant
        self.process = subprocess.Popen(
            [python, ROOT / "bench/django_worker.py"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=plain_environment() | {
                "BENCH_APP": "" if name == "bare" else "auth0_oauth_client",
                "BENCH_DATABASE": f"{folder}/{name}.sqlite3",
                "BENCH_SESSIONS": f"django.contrib.sessions.backends.{sessions}",
                "BENCH_SETTINGS": json.dumps(settings),
                "REQUESTS_CA_BUNDLE": tenant.bundle, "SSL_CERT_FILE": tenant.bundle,
            })
        self.import_s = self.answer()["import_s"]

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("a worker ended")
        return json.loads(line)

    def do(self, what, **arguments):
        self.process.stdin.write(json.dumps({"do": what} | arguments) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def sign_in(self):
        """How long the callback took and what both requests took of the processor, in
        seconds, and the cookie."""
        started = self.do("start")
        back = self.tenant.sign_in(started["url"])
        done = self.do("callback", path=back, cookie=started["cookie"])
        return done["wall_s"], started["cpu_s"] + done["cpu_s"], done["cookie"]

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@contextlib.contextmanager
def workers(tenant, folder, *names, sessions="db"):
    """Some of them, by name, each with a database that is ready."""
    with contextlib.ExitStack() as running:
        made = {name: running.enter_context(Worker(name, tenant, folder, sessions)) for name in names}
        for worker in made.values():
            worker.do("migrate")
        yield made


# ---- figures ----


def report(name, ratio, values, goal, met):
    """values: what was compared, ours first."""
    print(json.dumps({"name": f"Django: {name}", "value": round(ratio, 2), "unit": f"times ({values})",
                      "goal": goal, "met": met}), flush=True)


def sign_ins(tenant, folder):
    """Each callback completes the sign-in and asks whether there is something to link."""
    wall, cpu = medians_of_sign_ins(tenant, folder, "db")
    ratio = wall["peer"] / wall["ours"]
    report("sign-in with linking check, warm, tenant 50 ms away: faster", ratio,
           f"{wall['ours']:.0f} ms, existing package {wall['peer']:.0f} ms", ">= 4", ratio >= 4)
    report_processor_time("sessions in the database", cpu)
    report_processor_time("sessions in the cache", medians_of_sign_ins(tenant, folder, "cache")[1])


def medians_of_sign_ins(tenant, folder, sessions):
    """Milliseconds by name: of callbacks, and of the processor for start and callback."""
    taken = {"ours": [], "peer": []}
    with workers(tenant, folder, *taken, sessions=sessions) as both:
        for number in range(WARM_UP + SIGN_INS):
            for name, worker in both.items():
                measured = worker.sign_in()
                if number >= WARM_UP:
                    taken[name].append(measured)
    return [{name: 1000 * statistics.median(one[i] for one in list_) for name, list_ in taken.items()}
            for i in (0, 1)]


def report_processor_time(what, cpu):
    ratio = cpu["ours"] / cpu["peer"]
    report(f"processor time of a sign-in, {what}", ratio,
           f"{cpu['ours']:.1f} ms, existing package {cpu['peer']:.1f} ms", "<= 0.25", ratio <= 0.25)


def starts(tenant, folder):
    found = {"ours": [], "peer": [], "bare": []}
    with workers(tenant, folder, *found) as running:
        for number in range(1 + ROUNDS):
            for name, worker in running.items():
                rate = worker.do("starts", count=STARTS)["per_second"]
                if number > 0:
                    found[name].append(rate)
    rate = {name: statistics.median(rates) for name, rates in found.items()}
    ratio = rate["ours"] / rate["peer"]
    report("starts of sign-ins of new visitors, session saved", ratio,
           f"{rate['ours']:.0f}/s, existing package {rate['peer']:.0f}/s, Django alone {rate['bare']:.0f}/s",
           ">= 2", ratio >= 2)


def above_django(found):
    """Of ours and of the peer: what it has more than Django alone. Turn by turn, because what
    slows one process slows the one beside it."""
    return (statistics.median(map(operator.sub, found[name], found["bare"])) for name in ("ours", "peer"))


def imports(tenant, folder):
    """Of the processor's time."""
    taken = {"ours": [], "peer": [], "bare": []}
    for _ in range(IMPORTS):
        for name, list_ in taken.items():
            with Worker(name, tenant, folder) as worker:
                list_.append(worker.import_s)
    ours, peer = above_django(taken)
    report("time of import above Django alone", ours / peer,
           f"{1000 * ours:.0f} ms, existing package {1000 * peer:.0f} ms", "<= 0.33", ours <= peer / 3)


def memory(tenant, folder):
    """Of processes after one sign-in (Django alone: after one session)."""
    kib = {"ours": [], "peer": [], "bare": []}
    with workers(tenant, folder, *kib):
        pass
    for _ in range(PROCESSES):
        for name, list_ in kib.items():
            with Worker(name, tenant, folder) as worker:
                if name == "bare":
                    worker.do("starts", count=1)
                else:
                    worker.sign_in()
                list_.append(worker.do("memory")["kib"])
    ours, peer = above_django(kib)
    report("private memory after a sign-in above Django alone", ours / peer,
           f"{ours / 1024:.1f} MiB, existing package {peer / 1024:.1f} MiB", "<= 0.5", ours <= peer / 2)


def refreshes(tenant, folder):
    """Requests of one browser at one time, when its token for an API has expired."""
    counted = {}
    api = {"identifier": f"{tenant.issuer}me/"}
    with workers(tenant, folder, "ours", "peer") as both:
        for name, worker in both.items():
            cookie = worker.sign_in()[2]
            tenant.control("apis", api | {"token_lifetime": 2})
            worker.do("accounts", cookie=cookie, threads=1)
            tenant.control("apis", api | {"token_lifetime": 86400})
            time.sleep(EXPIRED_AFTER_S)
            tenant.forget_requests()
            statuses = worker.do("accounts", cookie=cookie, threads=THREADS)["statuses"]
            asked = [entry["body"] for entry in tenant.requests("/oauth/token")]
            counted[name] = sum("refresh_token" in body for body in asked)
            print(f"{name}: {THREADS} threads, {statuses.count(200)} answered", file=sys.stderr)
    print(json.dumps({"name": f"Django: {THREADS} threads, one expired token", "value": counted["ours"],
                      "unit": f"refreshes (existing package {counted['peer']})", "goal": "1",
                      "met": counted["ours"] == 1}), flush=True)


def main():
    if not NEWER_PYTHON.exists():
        print(json.dumps({"name": "Django: beside the existing package", "value": None, "unit": "",
                          "goal": "a Python of 3.12 or later", "met": True, "skipped": True}))
        return
    install()
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=place) as folder, Tenant(folder) as tenant:
        for number, measure in enumerate((sign_ins, starts, imports, memory, refreshes)):
            database = Path(folder, str(number))
            database.mkdir()
            measure(tenant, database)


if __name__ == "__main__":
    main()
