"""Signs in with nothing but the wheel and what it asks for: python alone.py TENANT"""

import http.client
import json
import sys
import urllib.request
from urllib.parse import urlsplit

import django
from django.conf import settings

ANA = "auth0|a1a1a1a1a1a1a1a1a1a1a1a1"
TENANT = sys.argv[1]

settings.configure(
    SECRET_KEY="secret-key-of-the-tests-which-is-no-secret-at-all",
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", "auth0_oauth_client",
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    AUTH0_OAUTH_CLIENT={
        "auth0_domain": TENANT,
        "auth0_management_api_domain": TENANT,
        "client_id": "demo-web",
        "client_secret": "demo-web-secret",
        "connections_for_account_linking": [],
        "authorization_params": {"scope": "openid profile email offline_access"},
    },
)
django.setup()

from auth0_oauth_client import auth_client  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import RequestFactory  # noqa: E402

urlpatterns = []


def tell_the_tenant(name, body):
    request = urllib.request.Request(f"{TENANT}/_tenant/{name}", json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    urllib.request.urlopen(request, timeout=20).close()


def come_back(location):
    """Where a browser is sent that is signed in there at once."""
    tell_the_tenant("next-login", {"user_id": ANA})
    parts = urlsplit(location)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    connection.request("GET", f"{parts.path}?{parts.query}")
    return connection.getresponse().headers["Location"]


call_command("migrate", verbosity=0)
call_command("check", fail_level="WARNING")
request = RequestFactory().get("/")
request.session = SessionStore()
callback = come_back(auth_client.start_login(request, "http://localhost:8000/auth/callback"))
assert auth_client.complete_login(request, callback)["userinfo"]["sub"] == ANA
assert auth_client.get_idp_username(request) == ANA
assert auth_client.get_access_token(request, "https://api.example.test/")
print("signed in")
