"""A project as the documentation of the existing package has people write one: nothing in
this folder knows that it runs on another."""

import os

SECRET_KEY = "secret-key-of-the-tests-which-is-no-secret-at-all"
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = "existing_project.urls"
USE_TZ = True
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "auth0_oauth_client",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DATABASE"]},
}
AUTH0_OAUTH_CLIENT = {
    "auth0_domain": os.environ["AUTH0_DOMAIN"],
    "auth0_management_api_domain": os.environ["AUTH0_DOMAIN"],
    "client_id": os.environ["AUTH0_CLIENT_ID"],
    "client_secret": os.environ["AUTH0_CLIENT_SECRET"],
    "connections_for_account_linking": ["google-oauth2", "Username-Password-Authentication"],
    "authorization_params": {
        "scope": "openid profile email offline_access",
        "audience": "https://api.example.test/",
    },
    "custom_scopes": {
        "google-oauth2": ["https://www.googleapis.com/auth/calendar.readonly"],
    },
    "pushed_authorization_requests": False,
    # Not of the project: Google is simulated here.
    "provider_userinfo": {"google-oauth2": {"url": os.environ["PROVIDERS"] + "/google-oauth2/userinfo"}},
}
