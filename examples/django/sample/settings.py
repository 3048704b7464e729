"""Settings of the sample. What differs from place to place comes from the environment;
scripts/demo-django sets it for `a0 tenant`."""

import os
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
env = os.environ.get

SECRET_KEY = os.environ["SECRET_KEY"]
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
ROOT_URLCONF = "sample.urls"
WSGI_APPLICATION = "sample.wsgi.application"
ASGI_APPLICATION = "sample.asgi.application"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "auth0_oauth_client",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "auth0_oauth_client.middleware.Auth0Middleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
AUTHENTICATION_BACKENDS = [
    "auth0_oauth_client.backends.Auth0Backend",
    "django.contrib.auth.backends.ModelBackend",  # for the admin's own users
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Before those of the apps, so that the ready-made pages wear this site's clothes.
        "DIRS": [FOLDER / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": env("DATABASE", FOLDER.parent / "db.sqlite3"),
    }
}
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
STATICFILES_DIRS = [FOLDER / "static"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "loggers": {"auth0_oauth_client": {"handlers": ["stderr"], "level": "INFO"}},
}

LOGIN_URL = "auth0_oauth_client:login"
LOGIN_REDIRECT_URL = "dashboard"
LOGOUT_REDIRECT_URL = "welcome"

AUTH0_OAUTH_CLIENT = {
    "auth0_domain": os.environ["AUTH0_DOMAIN"],
    # The tenant's own domain, also where auth0_domain is a custom one.
    "auth0_management_api_domain": env("AUTH0_TENANT_DOMAIN", os.environ["AUTH0_DOMAIN"]),
    "client_id": os.environ["AUTH0_CLIENT_ID"],
    "client_secret": os.environ["AUTH0_CLIENT_SECRET"],
    "management_client_id": env("AUTH0_MANAGEMENT_CLIENT_ID"),
    "management_client_secret": env("AUTH0_MANAGEMENT_CLIENT_SECRET"),
    # Who signs in asks for no more than this; more is asked for when an account is connected.
    "authorization_params": {"scope": "openid profile email offline_access"},
    # Connections that check the addresses of their people.
    "connections_for_account_linking": [
        "google-oauth2",
        "github",
        "Username-Password-Authentication",
    ],
}

# What a person may connect here, and what the sample may be allowed to do there beyond
# knowing who the person is: scope -> words for it.
CALENDAR_SCOPE = "https://www.googleapis.com/auth/calendar.readonly"
CONNECTIONS = {
    "google-oauth2": {CALENDAR_SCOPE: "see your calendar"},
    "github": {},
}
CALENDAR_URL = "https://www.googleapis.com/calendar/v3/calendars/primary/events"

# `a0 tenant` simulates the providers: their APIs are below its own address.
if providers := env("SIMULATED_PROVIDERS"):
    CALENDAR_URL = f"{providers}/google-oauth2/calendar/events"
    AUTH0_OAUTH_CLIENT["provider_userinfo"] = {
        "google-oauth2": {"url": f"{providers}/google-oauth2/userinfo"},
        "github": {
            "url": f"{providers}/github/user",
            "emails_url": f"{providers}/github/user/emails",
        },
    }
