"""A local tenant and the sample application of Django in front of it, until Ctrl-C."""

import argparse
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "examples/django"
# The first application of the tenant's built-in seed.
CLIENT_ID, CLIENT_SECRET = "demo-web", "demo-web-secret"


def environment(tenant, folder):
    """What the sample reads, for a tenant at that address."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "sample.settings",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DATABASE": f"{folder}/db.sqlite3",
        "AUTH0_DOMAIN": tenant,
        "AUTH0_CLIENT_ID": CLIENT_ID,
        "AUTH0_CLIENT_SECRET": CLIENT_SECRET,
        "AUTH0_MANAGEMENT_CLIENT_ID": "demo-m2m",
        "AUTH0_MANAGEMENT_CLIENT_SECRET": "demo-m2m-secret",
        "SIMULATED_PROVIDERS": f"{tenant}/_provider",
    }


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(url, body=None):
    request = urllib.request.Request(url)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def register(tenant, site):
    """Lets the tenant send people back to the sample."""
    places = {"callbacks": f"{site}/auth/callback", "allowed_logout_urls": f"{site}/"}
    ask(f"{tenant}/_tenant/clients", {"client_id": CLIENT_ID}
        | {name: [place, place.replace("localhost", "127.0.0.1")] for name, place in places.items()})


def greet(tenant, site):
    print(f"Open {site}/ and sign in as\n")
    for person in ask(f"{tenant}/_tenant/users"):
        email = person.get("email") or "(no e-mail)"
        has_password = person["user_id"].startswith("auth0|")
        way = "password local-password" if has_password else f"continue with {person['connection']}"
        doubt = " (address not verified)" if person.get("email") and not person.get("email_verified") else ""
        print(f"  {email:<18}  {way}{doubt}")
    print(f"\nor sign up as somebody new. The tenant behind it is {tenant}/.\nCtrl-C ends both.", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="scripts/demo-django", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="of the sample (8000); 0: any free one")
    parser.add_argument("--tenant-port", type=int, default=4000, help="of the tenant (4000); 0: any free one")
    options = parser.parse_args()
    port = options.port or free_port()
    site = f"http://localhost:{port}"
    # Like Ctrl-C, so that what was started ends too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

    running = []
    with tempfile.TemporaryDirectory(prefix="a0-demo-django-") as folder:
        try:
            command = [ROOT / "build/a0", "tenant", "--port", str(options.tenant_port)]
            tenant_process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
            running.append(tenant_process)
            found = next(filter(None, (re.search(r"https?://[\w.:]+", line) for line in tenant_process.stdout)), None)
            if found is None:
                return "demo-django: the tenant did not start; --tenant-port 0 lets the system choose a port"
            tenant = found.group()
            register(tenant, site)
            env = environment(tenant, folder)
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=SAMPLE, env=env, check=True)
            command = ["gunicorn", "--workers", "2", "--bind", f"localhost:{port}", "--log-level", "warning"]
            running.append(subprocess.Popen([sys.executable, "-m", *command, "sample.wsgi"], cwd=SAMPLE, env=env,
                                            start_new_session=True))
            greet(tenant, site)
            return running[-1].wait()
        except KeyboardInterrupt:
            return 0
        finally:
            for process in reversed(running):
                process.terminate()
                process.wait()


if __name__ == "__main__":
    sys.exit(main())
