"""For a project's own tests: a tenant that does as it is told, and people who are signed in.

    from auth0_oauth_client.testing import ScriptedTenant

    class DashboardTest(TestCase):
        def test_it_greets(self):
            with ScriptedTenant() as tenant:
                tenant.sign_in(self.client, "auth0|ada", name="Ada")
                self.assertContains(self.client.get("/dashboard"), "Ada")

It answers on a free port of the loopback interface, and the settings point to it while
the ``with`` lasts. The whole protocol runs, ID tokens are checked, no browser is needed.
For tests with a browser there is ``a0 tenant``. A test that walks through the project's own
sign-in takes ``Client(SERVER_NAME="localhost")``: Auth0 sends nobody back to an http address
that is not this machine.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from django.conf import settings as django_settings
from django.contrib import auth
from django.test import RequestFactory, override_settings

from . import scripted_accounts, settings
from .backends import Auth0Backend
from .client import auth_client

CLIENT_ID = "scripted-client"
CLIENT_SECRET = "scripted-secret-of-32-characters-or-so"
CALLBACK = "http://localhost/auth/callback"
LIFETIME_S = 3600

VAULT_GRANT = "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token"


class ScriptedTenant:
    """A tenant in this process.

    Attributes:
        users (dict[str, dict]): the profiles it knows, by user id. Whoever signs in is added.
        requests (list[tuple[str, str]]): method and path of what it was asked, oldest first.
        domain (str): ``http://127.0.0.1:PORT``, once it runs.

    Args:
        **overrides: settings of ``AUTH0_OAUTH_CLIENT`` that are not those of the project.
    """

    def __init__(self, **overrides):
        self.users = {}
        self.requests = []
        self.domain = None
        self._overrides = overrides
        self._codes = {}
        self._refresh_tokens = {}
        self._vault = {}
        self._accounts = scripted_accounts.ConnectedAccounts(self._vault)
        self._linked = {}
        self._answers = {}
        self._lock = threading.Lock()

    # ---- what a test says ----

    def sign_in(self, client, user_id, **claims):
        """Signs a person in, in a test client of Django.

        Args:
            client (django.test.Client): it holds the session afterwards.
            user_id (str): for example ``"google-oauth2|108"``.
            **claims: for the ID token: ``email``, ``email_verified``, ``name``, …

        Returns:
            TokenResponse: as of ``complete_login``.
        """
        request = RequestFactory().get("/")
        request.session = client.session
        callback_url = self.authorize(auth_client.start_login(request, CALLBACK), user_id, **claims)
        tokens = auth_client.complete_login(request, callback_url)
        if any(isinstance(backend, Auth0Backend) for backend in auth.get_backends()):
            auth.login(request, auth.authenticate(request, auth0=True))
        request.session.save()
        client.cookies[django_settings.SESSION_COOKIE_NAME] = request.session.session_key
        return tokens

    def authorize(self, url, user_id, **claims):
        """What a browser would come back with, for a person who signs in. After a link the
        account of a secondary comes back as its primary.

        Args:
            url (str): from ``start_login``.
            user_id (str): with which account.
            **claims: as of :meth:`sign_in`.

        Returns:
            str: the address of the callback, with ``code`` and ``state``.
        """
        asked = dict(parse_qsl(urlsplit(url).query))
        user_id = self._linked.get(user_id, user_id)
        self.users.setdefault(user_id, _profile(user_id)).update(claims)
        code = secrets.token_urlsafe(16)
        self._codes[code] = (user_id, claims | {"nonce": asked["nonce"]}, asked["code_challenge"], asked)
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def connect(self, url, user_id, **claims):
        """What a browser would come back with, for a person who connects an account. The Token
        Vault has a token for it then; of several accounts of one connection, for the last.

        Args:
            url (str): from ``start_connect_account``.
            user_id (str): which account, for example ``"google-oauth2|108"``.
            **claims: what the provider says about it: ``email``, ``email_verified``, …

        Returns:
            str: the address of the callback, with ``connect_code`` and ``state``.
        """
        return self._accounts.connect(url, user_id, claims)

    def give_vault_token(self, user_id, connection, access_token, scope=""):
        """Puts a provider's token into the Token Vault; without one the exchange answers as
        Auth0 does when it has none."""
        self._vault[user_id, connection] = {"access_token": access_token, "scope": scope}

    def answer(self, method, path, status, body, times=1):
        """Answers the next requests like this, whatever they ask.

        Args:
            method, path (str): for example ``"POST"``, ``"/oauth/token"``.
            status (int): of HTTP.
            body (dict | str): JSON, or a text that is sent as it is.
            times (int): how often.
        """
        self._answers.setdefault((method, path), []).extend([(status, body)] * times)

    # ---- while it runs ----

    def __enter__(self):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self.domain = f"http://127.0.0.1:{self._server.server_port}"
        written = getattr(django_settings, settings.NAME, None) or {"connections_for_account_linking": []}
        self._override = override_settings(
            **{
                settings.NAME: written
                | {
                    "auth0_domain": self.domain,
                    "auth0_management_api_domain": self.domain,
                    "client_id": CLIENT_ID,
                    "client_secret": CLIENT_SECRET,
                    "id_token_algorithms": ["HS256"],
                    "provider_userinfo": scripted_accounts.sources(
                        self.domain, written.get("provider_userinfo") or {}
                    ),
                }
                | self._overrides
            }
        )
        self._override.enable()
        return self

    def __exit__(self, *failure):
        self._override.disable()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    # ---- what it answers ----

    def respond(self, method, path, query, form, token=""):
        """The answer to a request: status and JSON or a text, or None. The token is what
        authorizes it."""
        with self._lock:
            self.requests.append((method, path))
            scripted = self._answers.get((method, path))
            if scripted:
                return scripted.pop(0)
            if path == "/.well-known/openid-configuration":
                return 200, self._discovery()
            if path == "/.well-known/jwks.json":
                return 200, {"keys": [_UNUSED_KEY]}
            if (method, path) == ("POST", "/oauth/token"):
                return self._token(form)
            if (method, path) == ("POST", "/oauth/revoke"):
                return 200, {}
            if path.startswith("/api/v2/"):
                return self._management(method, path.removeprefix("/api/v2/"), query, form)
            if path.startswith(scripted_accounts.PREFIX):
                return self._accounts.my_account(self.domain, method, path, _subject(token), form)
            if path in (scripted_accounts.USERINFO, scripted_accounts.EMAILS):
                return self._accounts.provider(path, token)
            return 404, {"error": "not_found"}

    def _discovery(self):
        return {
            "issuer": f"{self.domain}/",
            "authorization_endpoint": f"{self.domain}/authorize",
            "token_endpoint": f"{self.domain}/oauth/token",
            "jwks_uri": f"{self.domain}/.well-known/jwks.json",
            "revocation_endpoint": f"{self.domain}/oauth/revoke",
            "end_session_endpoint": f"{self.domain}/oidc/logout",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["HS256"],
        }

    def _token(self, form):
        grant = form.get("grant_type")
        if grant == "authorization_code":
            return self._code_grant(form)
        if grant == "refresh_token":
            return self._refresh_grant(form)
        if grant == "client_credentials":
            return 200, self._access_token(f"{form.get('client_id')}@clients", form.get("audience"), _MACHINE)
        if grant == VAULT_GRANT:
            return self._vault_grant(form)
        return 400, {"error": "unsupported_grant_type"}

    def _code_grant(self, form):
        user_id, claims, challenge, asked = self._codes.pop(form.get("code"), (None, None, None, None))
        verifier = form.get("code_verifier", "")
        if user_id is None or _b64(hashlib.sha256(verifier.encode()).digest()) != challenge:
            return 403, {"error": "invalid_grant", "error_description": "Invalid authorization code"}
        answer = self._access_token(user_id, asked.get("audience"), asked.get("scope", ""))
        claims = {"auth_time": int(time.time()), "sid": secrets.token_hex(8)} | claims
        answer["id_token"] = self._id_token(user_id, claims)
        if "offline_access" in asked.get("scope", "").split():
            answer["refresh_token"] = self._new_refresh_token(user_id, claims)
        return 200, answer

    def _refresh_grant(self, form):
        user_id, claims = self._refresh_tokens.get(form.get("refresh_token"), (None, None))
        if user_id is None:
            return 403, {"error": "invalid_grant", "error_description": "Unknown or invalid refresh token."}
        answer = self._access_token(user_id, form.get("audience"), form.get("scope", ""))
        return 200, answer | {"id_token": self._id_token(user_id, claims)}

    def _vault_grant(self, form):
        user_id, _ = self._refresh_tokens.get(form.get("subject_token"), (None, None))
        token = self._vault.get((user_id, form.get("connection")))
        if token is None:
            return 401, {
                "error": "federated_connection_refresh_token_not_found",
                "error_description": "Federated connection refresh token not found",
            }
        return 200, token | {
            "expires_in": LIFETIME_S,
            "issued_token_type": "http://auth0.com/oauth/token-type/federated-connection-access-token",
            "token_type": "Bearer",
        }

    def _management(self, method, path, query, body):
        if path == "users-by-email":
            return 200, [user for user in self.users.values() if user.get("email") == query.get("email")]
        parts = [unquote(part) for part in path.removeprefix("users/").split("/")]
        user = self.users.get(parts[0])
        if user is None:
            return 404, {"statusCode": 404, "error": "Not Found", "errorCode": "inexistent_user"}
        if parts[1:2] == ["identities"]:
            return self._link(user, body) if method == "POST" else self._unlink(user, *parts[2:])
        if parts[1:] == ["connected-accounts"]:
            return 200, {"connected_accounts": self._accounts.of(parts[0])}
        if method == "PATCH":
            _merge(user, body)
        return 200, user

    def _link(self, user, body):
        """The secondary is no user any more; its account signs in as the primary."""
        number = str(body["user_id"]).removeprefix(f"{body['provider']}|")
        secondary_id = f"{body['provider']}|{number}"
        secondary = self.users.pop(secondary_id, None)
        if secondary is None:
            return 404, {"statusCode": 404, "error": "Not Found", "errorCode": "inexistent_user"}
        known = {name: secondary[name] for name in ("email", "email_verified", "name") if name in secondary}
        user["identities"] += [identity | {"profileData": known} for identity in secondary["identities"]]
        self._linked[secondary_id] = user["user_id"]
        return 201, user["identities"]

    def _unlink(self, user, provider, number):
        """The account is a user again, without metadata."""
        user_id = f"{provider}|{number}"
        identity = next((one for one in user["identities"] if one["user_id"] == number), None)
        if self._linked.pop(user_id, None) is None or identity is None:
            return 400, {"statusCode": 400, "error": "Bad Request"}
        user["identities"].remove(identity)
        self.users[user_id] = _profile(user_id) | identity["profileData"]
        return 200, user["identities"]

    def _access_token(self, subject, audience, scope):
        now = int(time.time())
        claims = {"iss": f"{self.domain}/", "sub": subject, "iat": now, "exp": now + LIFETIME_S, "scope": scope}
        if audience:
            claims["aud"] = audience
        return {
            "access_token": _signed(claims | {"jti": secrets.token_hex(8)}),
            "token_type": "Bearer",
            "expires_in": LIFETIME_S,
            "scope": scope,
        }

    def _id_token(self, user_id, claims):
        now = int(time.time())
        own = {"iss": f"{self.domain}/", "sub": user_id, "aud": CLIENT_ID, "iat": now, "exp": now + LIFETIME_S}
        return _signed(claims | own)

    def _new_refresh_token(self, user_id, claims):
        token = secrets.token_urlsafe(32)
        claims = {name: value for name, value in claims.items() if name != "nonce"}
        self._refresh_tokens[token] = (user_id, claims)
        return token


# A set of keys has one, even where all tokens are signed with the client's secret.
_UNUSED_KEY = {
    "kty": "RSA",
    "kid": "unused",
    "use": "sig",
    "alg": "RS256",
    "e": "AQAB",
    "n": base64.urlsafe_b64encode(b"\xc1" * 256).decode().rstrip("="),
}

_MACHINE = "read:users update:users"


def _profile(user_id):
    created_at = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    return {"user_id": user_id, "created_at": created_at, "identities": [_identity(user_id)]}


def _merge(user, changes):
    """Metadata one level deep, as Auth0 does; ``None`` takes a member away."""
    for name, value in changes.items():
        if name in ("user_metadata", "app_metadata"):
            merged = user.get(name, {}) | value
            value = {key: member for key, member in merged.items() if member is not None}
        user[name] = value


def _identity(user_id):
    provider, _, number = user_id.partition("|")
    connection = "Username-Password-Authentication" if provider == "auth0" else provider
    return {
        "provider": provider,
        "user_id": number,
        "connection": connection,
        "isSocial": provider != "auth0",
    }


def _b64(octets):
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def _signed(claims):
    parts = [{"alg": "HS256", "typ": "JWT"}, claims]
    content = ".".join(_b64(json.dumps(part).encode()) for part in parts)
    return f"{content}.{_b64(hmac.digest(CLIENT_SECRET.encode(), content.encode(), 'sha256'))}"


def _subject(token):
    """Whose access token it is."""
    content = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))["sub"]


def _handler_of(tenant):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args):
            pass

        def _answer(self):
            split = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            status, content = tenant.respond(
                self.command,
                split.path,
                {name: values[0] for name, values in parse_qs(split.query).items()},
                json.loads(body) if body.startswith("{") else dict(parse_qsl(body)),
                (self.headers.get("Authorization") or "").removeprefix("Bearer "),
            )
            self.send_response(status)
            if content is None:
                self.end_headers()
                return
            octets = (content if isinstance(content, str) else json.dumps(content)).encode()
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(octets)))
            self.end_headers()
            self.wfile.write(octets)

        do_GET = do_POST = do_PATCH = do_DELETE = _answer

    return Handler
