"""A project of Django as small as it can be."""

import os

SECRET_KEY = "secret-key-of-the-tests-which-is-no-secret-at-all"
DEBUG = False
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
ROOT_URLCONF = "project.urls"
USE_TZ = True
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "auth0_oauth_client",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
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
STATIC_URL = "/static/"
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
FOLDER = os.environ["TEST_FOLDER"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": f"{FOLDER}/db.sqlite3",
        "OPTIONS": {"timeout": 60},
    },
    "postgresql": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": f"{FOLDER}/pg",
        "USER": "a0",
        "NAME": "project",
    },
}
DATABASE_ROUTERS = ["project.routers.Chosen"]
AUTH0_OAUTH_CLIENT = {
    "auth0_domain": "http://127.0.0.1:1",
    "auth0_management_api_domain": "http://127.0.0.1:1",
    "client_id": "demo-web",
    "client_secret": "demo-web-secret",
    "connections_for_account_linking": [],
    "authorization_params": {"scope": "openid profile email offline_access"},
}
