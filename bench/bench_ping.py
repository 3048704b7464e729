# SPDX-License-Identifier: MIT
"""`a0 ping` as a process against `curl` doing the same POST, over TLS and one after the
other, so that a busy machine slows both. The keys are a passphrase, which the probe must
not pay for."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROGRAM = Path(__file__).resolve().parent.parent / "build" / "a0"
ROUNDS = 31
LIMIT = 3


def milliseconds(command, environment):
    began = time.perf_counter()
    subprocess.run(command, env=environment, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - began) * 1000


def measure(url, ca_file):
    plain = {name: value for name, value in os.environ.items() if not name.startswith("A0_")}
    environment = plain | {
        "A0_AUTH0_DOMAIN": url,
        "A0_CA_FILE": ca_file,
        "A0_CLIENT_ID": "demo-m2m",
        "A0_CLIENT_SECRET": "demo-m2m-secret",
        "A0_CONNECTIONS_FOR_ACCOUNT_LINKING": "[]",
        "A0_ENCRYPTION_KEYS": '["a-passphrase-of-many-words-instead-of-a-key"]',
    }
    form = (f"grant_type=client_credentials&client_id=demo-m2m&client_secret=demo-m2m-secret"
            f"&audience={url}/api/v2/")
    curl = ["curl", "-sf", "--cacert", ca_file, "-d", form, f"{url}/oauth/token"]
    pairs = [(milliseconds([PROGRAM, "ping"], environment), milliseconds(curl, plain))
             for _ in range(ROUNDS)]
    return (statistics.median(pair[0] for pair in pairs),
            statistics.median(pair[1] for pair in pairs))


def main():
    with tempfile.TemporaryDirectory() as folder:
        tenant = subprocess.Popen([PROGRAM, "tenant", "--port", "0", "--tls", folder],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            url = tenant.stdout.readline().strip().rstrip("/")
            ping_ms, curl_ms = measure(url, f"{folder}/ca.pem")
        finally:
            tenant.terminate()
            tenant.wait()
    print(f"a0 ping {ping_ms:.1f} ms, curl {curl_ms:.1f} ms", file=sys.stderr)
    print(json.dumps({
        "name": "a0 ping as a process against curl (medians)",
        "value": round(ping_ms / curl_ms, 2),
        "unit": "times",
        "goal": f"<= {LIMIT}",
        "met": ping_ms <= LIMIT * curl_ms,
    }))


main()
