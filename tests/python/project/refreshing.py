"""A process of the project that wants an access token when it is told to: its arguments are
the settings, the alias of the database, the session and a scope."""

import json
import sys

import django

django.setup()

from auth0_oauth_client import auth_client, errors  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.test import RequestFactory, override_settings  # noqa: E402

from project.routers import Chosen  # noqa: E402

settings, Chosen.alias, key, scope = sys.argv[1:]
request = RequestFactory().get("/")
request.session = SessionStore(key)
with override_settings(AUTH0_OAUTH_CLIENT=json.loads(settings)):
    assert auth_client.get_idp_username(request)
    print("ready", flush=True)
    sys.stdin.readline()
    while True:
        try:
            print("token", auth_client.get_access_token(request, scope=scope))
        except errors.Auth0OauthClientError as error:
            if error.outcome == "A0_UNAVAILABLE":  # others took long
                continue
            print("error", error.id)
        break
