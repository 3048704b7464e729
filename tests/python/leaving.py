"""Ends while its threads are in the middle of operations: python leaving.py TENANT CA_FILE DATABASE"""

import sys
import threading
import time

import django
from django.conf import settings

TENANT, CA_FILE, DATABASE = sys.argv[1:]

settings.configure(
    SECRET_KEY="secret-key-of-the-tests-which-is-no-secret-at-all",
    INSTALLED_APPS=[
        "django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", "auth0_oauth_client",
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATABASE}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    LOGGING_CONFIG=None,
    AUTH0_OAUTH_CLIENT={
        "auth0_domain": TENANT,
        "auth0_management_api_domain": TENANT,
        "client_id": "demo-m2m",
        "client_secret": "demo-m2m-secret",
        "connections_for_account_linking": [],
        "ca_file": CA_FILE,
    },
)
django.setup()

from auth0_oauth_client import auth_client, errors  # noqa: E402
from django.core.management import call_command  # noqa: E402

call_command("migrate", verbosity=0)
assert auth_client.ping()["ok"]
busy = threading.Barrier(9)


def work(call):
    busy.wait()
    while True:
        try:
            call()
        except errors.Auth0OauthClientError:
            pass


for call in (auth_client.ping, lambda: auth_client.export_user("auth0|x")) * 4:
    threading.Thread(target=work, args=(call,), daemon=True).start()
busy.wait()
time.sleep(0.05)
print("left", flush=True)
