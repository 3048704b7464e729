"""Connected accounts at the tenant of :mod:`.testing`: the My Account API, and the providers
that say whose account it is."""

import base64
import hashlib
import secrets
import time
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

PREFIX = "/me/v1/connected-accounts/"
USERINFO = "/userinfo"
EMAILS = "/userinfo/emails"

# Providers that the core asks elsewhere than a test may.
PROVIDERS = ("google-oauth2", "windowslive", "waad", "github", "facebook", "slack")

LIFETIME_S = 300


class ConnectedAccounts:
    """What people have connected.

    Args:
        vault (dict[tuple[str, str], dict]): tokens by owner and connection.
    """

    def __init__(self, vault):
        self._vault = vault
        self._tickets = {}
        self._kept = {}

    def connect(self, url, user_id, claims):
        """The callback of a person who lets an account be connected."""
        asked = self._tickets[dict(parse_qsl(urlsplit(url).query))["ticket"]]
        number = user_id.partition("|")[2]
        asked |= {"connect_code": secrets.token_urlsafe(16), "claims": {"sub": number, "id": number} | claims}
        query = {"connect_code": asked["connect_code"], "state": asked["state"]}
        return f"{asked['redirect_uri']}?{urlencode(query)}"

    def of(self, owner):
        """Those of a person, as Auth0 lists them."""
        return [account for account, whose, _ in self._kept.values() if whose == owner]

    def my_account(self, domain, method, path, owner, body):
        """The answer of the My Account API."""
        path = path.removeprefix(PREFIX)
        if (method, path) == ("POST", "connect"):
            ticket = secrets.token_urlsafe(16)
            self._tickets[ticket] = body | {"owner": owner}
            return 201, {
                "auth_session": ticket,
                "connect_uri": f"{domain}/connect",
                "connect_params": {"ticket": ticket},
                "expires_in": LIFETIME_S,
            }
        if (method, path) == ("POST", "complete"):
            return self._complete(owner, body)
        if (method, path) == ("GET", "accounts"):
            return 200, {"accounts": self.of(owner)}
        if (method, path) == ("GET", "connections"):
            known = [{"name": name, "strategy": name, "scopes": []} for name in PROVIDERS]
            return 200, {"connections": known}
        id = unquote(path.removeprefix("accounts/"))
        if method == "DELETE" and self._kept.get(id, (None, None))[1] == owner:
            account, _, _ = self._kept.pop(id)
            self._vault.pop((owner, account["connection"]), None)
            return 204, None
        return _problem(404, "Not Found")

    def _complete(self, owner, body):
        asked = self._tickets.pop(body.get("auth_session"), {})
        verified = hashlib.sha256(body.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verified).decode().rstrip("=")
        expected = {"owner": owner, "connect_code": body.get("connect_code"), "code_challenge": challenge}
        if not expected.items() <= asked.items():
            return _problem(400, "Invalid connect code")
        account = {
            "id": f"cac_{secrets.token_hex(8)}",
            "connection": asked["connection"],
            "access_type": "offline",
            "scopes": asked.get("scopes", []),
            "created_at": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
        }
        self._kept[account["id"]] = (account, owner, asked["claims"])
        token = {"access_token": secrets.token_urlsafe(16), "scope": " ".join(account["scopes"])}
        self._vault.setdefault((owner, account["connection"]), token)
        return 201, account

    def provider(self, path, token):
        """What a provider says about the account of a token."""
        for account, owner, claims in reversed(self._kept.values()):
            if self._vault.get((owner, account["connection"]), {}).get("access_token") == token:
                email = {"email": claims.get("email"), "verified": claims.get("email_verified", False)}
                return 200, [email | {"primary": True}] if path == EMAILS else claims
        return 401, {"error": "invalid_token"}


def sources(domain, written):
    """The setting ``provider_userinfo`` with every address at this tenant."""
    known = {name: {} for name in PROVIDERS} | {"github": {"emails_url": ""}} | written
    return {
        name: source
        | {"url": domain + USERINFO}
        | ({"emails_url": domain + EMAILS} if "emails_url" in source else {})
        for name, source in known.items()
    }


def _problem(status, title):
    return status, {"type": f"https://auth0.com/api-errors/A0E-{status}", "title": title, "status": status}
