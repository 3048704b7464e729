# SPDX-License-Identifier: MIT
"""Connecting an account at the local tenant, as a client and a browser do it."""

import urllib.parse

from tenant_process import (
    ANA,
    CALLBACK,
    CHEN,
    VERIFIER,
    WEB,
    Browser,
    challenge,
    hidden,
)

CALENDAR = "https://www.googleapis.com/auth/calendar.readonly"
CONNECTED_ACCOUNTS = "/me/v1/connected-accounts/"
ME_SCOPE = " ".join(
    verb + ":me:connected_accounts" for verb in ("create", "read", "delete")
)
VAULT_GRANT = (
    "urn:auth0:params:oauth:grant-type:token-exchange:"
    "federated-connection-access-token"
)
VAULT_TOKEN = "http://auth0.com/oauth/token-type/federated-connection-access-token"
TOKEN_TYPE = "urn:ietf:params:oauth:token-type:"


class Person:
    """Somebody signed in, with a token for the My Account API."""

    def __init__(self, tenant, user_id=ANA, scope=ME_SCOPE):
        self.tenant, self.browser = tenant, Browser(tenant)
        self.refresh_token = self.browser.tokens(user_id)["refresh_token"]
        answer = tenant.refresh(
            self.refresh_token, audience=tenant.issuer + "me/", scope=scope
        )
        self.token = answer.json["access_token"]

    def call(self, method, path, data=None):
        headers = {"Authorization": "Bearer " + self.token}
        return self.tenant.request(
            method, CONNECTED_ACCOUNTS + path, data=data, headers=headers
        )

    def start(self, **changes):
        body = {
            "connection": "google-oauth2",
            "redirect_uri": CALLBACK,
            "state": "connect-state",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
            "scopes": ["openid", "profile", "email", CALENDAR],
            **changes,
        }
        given = {name: value for name, value in body.items() if value is not None}
        return self.call("POST", "connect", given)

    def open(self, started):
        query = urllib.parse.urlencode(started["connect_params"])
        return self.browser.request("GET", started["connect_uri"] + "?" + query)

    def allow(self, started, account=CHEN):
        """The answer that carries the connect_code, without a page."""
        self.tenant.control("next-connect", {"user_id": account})
        return self.open(started)

    def consent(self, started, connection="google-oauth2", **form):
        """The page that asks, and the form it has."""
        page = self.browser.request("GET", self.open(started).location)
        form = {
            "state": hidden(page.text, "state"),
            "connection": connection,
            **form,
        }
        return self.browser.request("POST", "/u/connect", form), form

    def complete(self, started, code, **changes):
        body = {
            "auth_session": started["auth_session"],
            "connect_code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
            **changes,
        }
        given = {name: value for name, value in body.items() if value is not None}
        return self.call("POST", "complete", given)

    def connect(self, account=CHEN, **changes):
        started = self.start(**changes).json
        code = self.allow(started, account).query["connect_code"]
        answer = self.complete(started, code)
        assert answer.status == 201, answer.text
        return answer.json

    def exchange(self, connection="google-oauth2", client=None, **changes):
        form = {
            "grant_type": VAULT_GRANT,
            "subject_token": self.refresh_token,
            "subject_token_type": TOKEN_TYPE + "refresh_token",
            "requested_token_type": VAULT_TOKEN,
            "connection": connection,
            **(client or WEB),
            **changes,
        }
        return self.tenant.token(
            **{name: value for name, value in form.items() if value is not None}
        )


def use(tenant, token, path, connection="google-oauth2"):
    """Calls the simulated provider's own API."""
    headers = {"Authorization": "Bearer " + token}
    return tenant.get(f"/_provider/{connection}/{path}", headers=headers)
