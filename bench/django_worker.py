# SPDX-License-Identifier: MIT
"""A worker process of a Django project for bench_django.py: the views of a README, in the
documented interface of the existing package alone, so that whichever package is installed
serves them. Without an application (BENCH_APP empty) it is Django and nothing else.

Requests go through Django's WSGI handler, middleware and all, without a web server.
Commands and answers are lines of JSON.
"""

import io
import json
import os
import sys
import threading
import time

BEGAN = time.process_time()
APP = os.environ["BENCH_APP"]
SITE = "http://localhost:8000"
COOKIE = "sessionid"


def configure():
    from django.conf import settings

    settings.configure(
        SECRET_KEY="secret-key-of-the-bench-which-is-no-secret-at-all",
        ALLOWED_HOSTS=["localhost"],
        ROOT_URLCONF=__name__,
        USE_TZ=True,
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes",
                        "django.contrib.sessions", *filter(None, [APP])],
        MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware",
                    "django.middleware.common.CommonMiddleware",
                    "django.contrib.auth.middleware.AuthenticationMiddleware"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3",
                               "NAME": os.environ["BENCH_DATABASE"],
                               "CONN_MAX_AGE": 600}},
        SESSION_ENGINE=os.environ["BENCH_SESSIONS"],
        LOGGING={"version": 1, "disable_existing_loggers": False,
                 "handlers": {"stderr": {"class": "logging.StreamHandler"}},
                 "root": {"handlers": ["stderr"], "level": "ERROR"}},
        AUTH0_OAUTH_CLIENT=json.loads(os.environ["BENCH_SETTINGS"]),
    )


def login(request):
    url = request.build_absolute_uri("/auth/callback")
    return redirect(auth_client.start_login(request, url))


def callback(request):
    auth_client.complete_login(request, request.build_absolute_uri(request.get_full_path()))
    answer = auth_client.verify_account_linking(request)
    assert not answer["is_account_linked"] and not answer["is_pending_account_linking"]
    return redirect("/")


def accounts(request):
    return JsonResponse({"accounts": auth_client.list_connected_accounts(request)})


def bare(request):
    """What Django does for a request that keeps something in the session."""
    request.session["visited"] = True
    return redirect("/")


# ---- requests ----


def ask(path, cookie=None):
    """The status, the headers and the browser's cookie after it."""
    path, _, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SCRIPT_NAME": "",
        "SERVER_NAME": "localhost", "SERVER_PORT": "8000", "HTTP_HOST": "localhost:8000",
        "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr, "wsgi.multithread": True, "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if cookie:
        environ["HTTP_COOKIE"] = f"{COOKIE}={cookie}"
    given = {}

    def start_response(status, headers, exc_info=None):
        given["status"] = int(status.split()[0])
        given["headers"] = headers

    answer = application(environ, start_response)
    b"".join(answer)
    answer.close()
    for name, value in given["headers"]:
        if name == "Set-Cookie" and value.strip().startswith(f"{COOKIE}="):
            cookie = value.split(";")[0].partition("=")[2]
    return given["status"], dict(given["headers"]), cookie


def private_kib():
    """What this process has alone (USS)."""
    with open("/proc/self/smaps_rollup") as lines:
        return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


# ---- commands ----


def do_start():
    cpu = time.process_time()
    status, headers, cookie = ask("/auth/login")
    cpu = time.process_time() - cpu
    assert status == 302
    return {"url": headers["Location"], "cookie": cookie, "cpu_s": cpu}


def do_callback(path, cookie):
    cpu, wall = time.process_time(), time.perf_counter()
    status, _, cookie = ask(path, cookie)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    assert status == 302
    return {"cookie": cookie, "wall_s": wall, "cpu_s": cpu}


def do_starts(count):
    """So many visitors who were never here, one after the other."""
    path = "/auth/login" if APP else "/bare"
    began = time.perf_counter()
    for _ in range(count):
        assert ask(path)[0] == 302
    return {"per_second": count / (time.perf_counter() - began)}


def do_accounts(cookie, threads):
    """The statuses of so many requests of one browser at one time."""
    statuses = []
    gate = threading.Barrier(threads)

    def one():
        gate.wait()
        try:
            statuses.append(ask("/accounts", cookie)[0])
        finally:
            connections.close_all()

    started = [threading.Thread(target=one) for _ in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    return {"statuses": statuses}


def do_memory():
    return {"kib": private_kib()}


def do_migrate():
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    return {}


configure()
import django  # noqa: E402

django.setup()
if APP:
    from auth0_oauth_client import auth_client
READY = time.process_time()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connections  # noqa: E402
from django.http import JsonResponse  # noqa: E402
from django.shortcuts import redirect  # noqa: E402
from django.urls import path as route  # noqa: E402

urlpatterns = [route("auth/login", login), route("auth/callback", callback),
               route("accounts", accounts), route("bare", bare)]

if __name__ == "__main__":
    application = get_wsgi_application()
    print(json.dumps({"import_s": READY - BEGAN}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(globals()["do_" + asked.pop("do")](**asked)), flush=True)
