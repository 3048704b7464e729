"""A project of Django as small as it can be; what differs between tests is in the
environment, because some of them run it in a process of its own."""

import json
import os

SECRET_KEY = "secret-key-of-the-tests-which-is-no-secret-at-all"
DEBUG = False
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
ROOT_URLCONF = "project.urls"
USE_TZ = True
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "auth0_oauth_client",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
SESSION_ENGINE = os.environ.get("TEST_SESSION_ENGINE", "django.contrib.sessions.backends.db")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
DATABASES = {
    "default": json.loads(
        os.environ.get(
            "TEST_DATABASE", '{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}'
        )
    )
}
AUTH0_OAUTH_CLIENT = json.loads(os.environ.get("TEST_AUTH0", "{}")) or {
    "auth0_domain": "http://127.0.0.1:1",
    "auth0_management_api_domain": "http://127.0.0.1:1",
    "client_id": "demo-web",
    "client_secret": "demo-web-secret",
    "connections_for_account_linking": [],
    "authorization_params": {"scope": "openid profile email offline_access"},
}
