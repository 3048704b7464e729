"""Every error that the operations can raise, each brought about: by what the tenant
answers, or by what the database does."""

pytest_plugins = ("django_project",)

import time  # noqa: E402

import django  # noqa: E402
import pytest  # noqa: E402
from django_project import ANA, BEN, settings_for  # noqa: E402  (sets Django up)
from auth0_oauth_client import _core, auth_client, errors  # noqa: E402
from auth0_oauth_client.models import SealedRow  # noqa: E402
from auth0_oauth_client.store import INSERT, DjangoStore  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.db import OperationalError, transaction  # noqa: E402
from django.test import RequestFactory, override_settings  # noqa: E402
from test_core import CLASSES  # noqa: E402

CALLBACK = "http://localhost:3000/auth/callback"
API = "https://api.example.test/"
GOOGLE, PASSWORD = "google-oauth2", "Username-Password-Authentication"
ANA_GOOGLE = "google-oauth2|100000000000000000001"
CHEN = "google-oauth2|100000000000000000002"
SESSION, LOCK, JOURNAL = 1, 5, 9

# What no call of Python can bring about, and why.
OUT_OF_REACH = {
    "internal": "a fault of the library itself",
    "userinfo_http_error": "a provider's: the connecting stands, its identity stays unknown",
    "userinfo_response_invalid": "a provider's, likewise",
    "userinfo_sub_mismatch": "a provider's, likewise",
    "connect_identity_unknown": "the connecting stands without it",
    "session_ambiguous": "of the gateway's cookie",
    "session_too_large": "the answers of Auth0 are limited to less",
    "logout_remote_failed": "is logged; the sign-out here stands",
    "link_pending_invalid": "of the gateway's page",
    "vault_connection_forbidden": "of the gateway's broker",
    "vault_scope_missing": "no operation asks the vault for scopes",
    "http_cancelled": "a client lives until its last call has ended",
    "store_tampered": "is logged; the row counts as absent",
    "store_key_unknown": "is logged; the row counts as absent",
    "store_invalid": "of the stores of liba0 itself",
}

CASES = {}


def raises(id, **settings):
    """A way to bring an error about, with settings of its own."""

    def keep(case):
        assert id not in CASES, id
        CASES[id] = (case, settings)
        return case

    return keep


class World:
    """One browser, and the tenant that it meets."""

    def __init__(self, tenant, monkeypatch):
        self.tenant = tenant
        self.patch = monkeypatch
        self.session = SessionStore()

    @property
    def request(self):
        request = RequestFactory().get("/")
        request.session = self.session
        return request

    def fault(self, name, value=True, **more):
        self.tenant.control("faults", {"name": name, "value": value} | more)

    def drop(self, name):
        self.tenant.control("faults", {"name": name, "drop": True})

    def begin(self, **params):
        return auth_client.start_login(self.request, CALLBACK, params)

    def come_back(self, person=ANA, **params):
        """The address with which the browser comes back from signing in."""
        return self.tenant.authorize(self.begin(**params), person)

    def sign_in(self, person=ANA, **params):
        return auth_client.complete_login(self.request, self.come_back(person, **params))

    def begin_to_connect(self, connection=GOOGLE):
        return auth_client.start_connect_account(self.request, connection, CALLBACK)

    def connect(self, account=CHEN, connection=GOOGLE):
        self.tenant.control("next-connect", {"user_id": account})
        back = self.tenant.follow(self.begin_to_connect(connection))
        return auth_client.complete_connect_account(self.request, back)

    def first_user(self):
        return auth_client.get_user_by_id(ANA)

    def link(self):
        """Ana signs in by Google, where she has the address of her password account."""
        self.sign_in(ANA_GOOGLE)
        return auth_client.verify_account_linking(self.request)

    def ask(self):
        """An access token for another API, which takes a refresh."""
        return auth_client.get_access_token(self.request, API)

    def token_for(self, connection=GOOGLE, **options):
        return auth_client.get_access_token_for_connection(self.request, connection, **options)

    def on_commit(self, does):
        """does(ops) before each commit; what is not None is the answer in its place."""
        commit = DjangoStore.commit

        def patched(store, ops, now):
            answer = does(ops)
            return commit(store, ops, now) if answer is None else answer

        self.patch.setattr(DjangoStore, "commit", patched)

    def at(self, url, **settings):
        """A user is changed, which is never tried twice, of the Management API there."""
        self.tenant.control("apis", {"identifier": f"{url}/api/v2/", "name": url, "scopes": ["update:users"]})
        self.tenant.control("client_grants", {
            "client_id": "demo-m2m", "audience": f"{url}/api/v2/", "scope": ["update:users"],
        })
        with self.settings(auth0_management_api_domain=url, **settings):
            auth_client.update_user(ANA, {"nickname": "ana"})

    def on_the_wire(self, *steps, **script):
        """The same, where something sends what no server would."""
        raw = self.tenant.control("raw", {"steps": list(steps)} | script)
        self.at(raw["url"])

    def settings(self, **more):
        return override_settings(AUTH0_OAUTH_CLIENT=settings_of(self.tenant, **more))


def settings_of(tenant, **more):
    return settings_for(tenant, **{
        "connections_for_account_linking": [GOOGLE, PASSWORD],
        "management_client_id": "demo-m2m",
        "management_client_secret": "demo-m2m-secret",
    } | more)


@pytest.fixture
def world(project, monkeypatch):
    cache.clear()
    yield World(project, monkeypatch)
    project.control("reset", {})




# ---- settings, arguments, the machine ----


@raises("config_invalid", client_id=3)
def _(world):
    world.begin()


@raises("param_invalid")
def _(world):
    auth_client.start_login(world.request, "no address")


@raises("param_forbidden")
def _(world):
    world.begin(state="of the caller")


@raises("no_memory")
def _(world):
    world.patch.setattr(DjangoStore, "commit", raising(MemoryError()))
    world.begin()


@raises("rng_failure")
def _(world):
    world.on_commit(lambda ops: False)
    world.begin()


# ---- discovery and keys ----


@raises("discovery_fetch_failed")
def _(world):
    world.fault("disc.status", 500)
    world.begin()


@raises("discovery_invalid")
def _(world):
    world.drop("disc.override.token_endpoint")
    world.begin()


@raises("discovery_issuer_mismatch")
def _(world):
    world.fault("disc.override.issuer", "https://evil.example/")
    world.begin()


@raises("jwks_fetch_failed")
def _(world):
    world.fault("jwks.status", 500, times=0)
    world.sign_in()


@raises("jwks_invalid")
def _(world):
    world.fault("jwks.body_raw", '{"keys": 1}', times=0)
    world.sign_in()


# ---- authorization request ----


@raises("par_failed", pushed_authorization_requests=True)
def _(world):
    world.fault("par.status", 400)
    world.begin()


@raises("par_response_invalid", pushed_authorization_requests=True)
def _(world):
    world.drop("par.member.request_uri")
    world.begin()


# ---- callback ----


def come_back_with(world, query):
    return auth_client.complete_login(world.request, f"{CALLBACK}?{query}")


@raises("callback_state_missing")
def _(world):
    come_back_with(world, "code=x")


@raises("callback_state_unknown")
def _(world):
    come_back_with(world, "code=x&state=y")


@raises("callback_expired")
def _(world):
    world.sign_in()
    world.fault("me.connect.expires_in", 1)
    world.tenant.control("next-connect", {"user_id": CHEN})
    back = world.tenant.follow(world.begin_to_connect())
    begun = int(time.time())
    while int(time.time()) == begun:  # a second of the clock, which no test can move
        time.sleep(0.02)
    auth_client.complete_connect_account(world.request, back)


@raises("callback_state_mismatch")
def _(world):
    world.begin()
    come_back_with(world, "code=x&state=y")


@raises("callback_op_error")
def _(world):
    world.fault("authz.error", {"error": "access_denied", "error_description": "no"})
    world.sign_in()


@raises("callback_duplicate_param")
def _(world):
    auth_client.complete_login(world.request, world.come_back() + "&code=second")


@raises("callback_malformed")
def _(world):
    come_back_with(world, "code=%zz&state=y")


@raises("callback_iss_mismatch")
def _(world):
    world.fault("authz.iss", "https://evil.example/")
    world.sign_in()


@raises("callback_iss_missing")
def _(world):
    world.fault("disc.override.authorization_response_iss_parameter_supported", True)
    world.sign_in()


@raises("callback_flow_mismatch")
def _(world):
    world.sign_in()
    world.tenant.control("next-connect", {"user_id": CHEN})
    back = world.tenant.follow(world.begin_to_connect())
    auth_client.complete_login(world.request, back.replace("connect_code=", "code="))


# ---- token endpoint ----


@raises("token_http_error")
def _(world):
    world.fault("token.status", 500, times=0)
    world.sign_in()


@raises("token_response_invalid")
def _(world):
    world.fault("token.body_raw", "[]")
    world.sign_in()


@raises("token_type_invalid")
def _(world):
    world.fault("token.member.token_type", "mac")
    world.sign_in()


# ---- JSON Web Tokens, ID token ----


def spoiled(id, fault, value=True, params=None, **settings):
    """A sign-in whose ID token has a fault."""

    @raises(id, **settings)
    def _(world):
        world.fault(fault, value)
        world.sign_in(**params or {})


def with_now(id, fault, seconds, params=None):
    """The same with a time so far from now."""

    @raises(id)
    def _(world):
        world.fault(fault, int(time.time()) + seconds)
        world.sign_in(**params or {})


spoiled("jwt_malformed", "idt.token_raw", "x.y")
spoiled("jwt_oversize", "idt.claim.picture", "x" * 20_000)
spoiled("jwt_alg_forbidden", "idt.sign_with", "none")
spoiled("jwt_key_not_found", "idt.sign_with", "unpublished")
spoiled("jwt_header_forbidden", "idt.header.jku", "https://evil.example/keys")
spoiled("jwt_crit_unsupported", "idt.header.crit", ["b64"])
spoiled("jwt_signature_invalid", "idt.sign_with", "other-key")
spoiled("jwt_type_invalid", "idt.header.typ", "at+jwt")
spoiled("idt_iss_mismatch", "idt.claim.iss", "https://evil.example/")
spoiled("idt_aud_mismatch", "idt.claim.aud", "another")
spoiled("idt_azp_mismatch", "idt.claim.azp", "another")
spoiled("idt_claim_invalid", "idt.claim.exp", "soon")
spoiled("idt_time_range", "idt.claim.exp", -1)
with_now("idt_expired", "idt.claim.exp", -3600)
with_now("idt_not_yet_valid", "idt.claim.iat", 3000)
with_now("idt_stale", "idt.claim.iat", -90_000)
spoiled("idt_nonce_mismatch", "idt.claim.nonce", "another")
spoiled("idt_hash_mismatch", "idt.claim.at_hash", "AAAAAAAAAAAAAAAAAAAAAA")
with_now("idt_auth_time", "idt.claim.auth_time", -3600, {"max_age": 60})
spoiled("idt_acr_unmet", "idt.claim.acr", "0", {"acr_values": "high"})
spoiled("idt_sub_invalid", "idt.claim.sub", "")
spoiled("idt_org_mismatch", "idt.claim.org_id", "org_another", {"organization": "org_LocalDemo0000001"})
spoiled("session_expired", "idt.claim.session_expiry", 1)


@raises("jwt_key_ambiguous")
def _(world):
    world.tenant.control("faults", {"name": "idt.header.kid", "drop": True})
    world.sign_in()


# ---- sessions and sign-out ----


@raises("session_missing")
def _(world):
    world.ask()


@raises("session_invalid")
def _(world):
    """It ends elsewhere while its token is refreshed."""
    world.sign_in()

    def end(ops):
        if any(op[0] == INSERT and op[2] == LOCK for op in ops):
            SealedRow.objects.filter(kind=SESSION).delete()

    world.on_commit(end)
    world.ask()


@raises("session_revoked")
def _(world):
    """A sign-in at Auth0 before the person was signed out everywhere."""
    back = world.come_back()
    world.fault("idt.claim.iat", int(time.time()) - 60)
    auth_client.handle_backchannel_logout(logout_token(world))
    auth_client.complete_login(world.request, back)


def logout_token(world):
    return world.tenant.control("backchannel-logout", {
        "client_id": "demo-web", "user_id": ANA, "send": False,
    })["logout_token"]


@raises("logout_token_invalid")
def _(world):
    auth_client.handle_backchannel_logout("x.y.z")


@raises("logout_token_replayed")
def _(world):
    token = logout_token(world)
    auth_client.handle_backchannel_logout(token)
    auth_client.handle_backchannel_logout(token)


# ---- access tokens for the session ----


def refused(id, status, error=None):
    """A refresh that Auth0 answers so."""

    @raises(id)
    def _(world):
        world.sign_in()
        answer = {"status": status, "error": error} if error else status
        world.fault("token.status", answer, times=0)
        world.ask()


refused("refresh_rejected", 403, "invalid_grant")
refused("refresh_unavailable", 503)
refused("refresh_failed", 400, "invalid_scope")
refused("mfa_required", 403, "mfa_required")


@raises("refresh_token_missing", authorization_params={"scope": "openid"})
def _(world):
    world.sign_in()
    world.ask()


@raises("refresh_in_progress")
def _(world):
    """Another process has the lock, and keeps it."""
    world.sign_in()
    world.on_commit(lambda ops: False if any(op[2] == LOCK for op in ops) else None)
    world.ask()


@raises("refresh_audience_mismatch")
def _(world):
    world.sign_in()
    world.fault("at.claim.aud", "https://another.example/")
    world.ask()


@raises("refresh_identity_mismatch")
def _(world):
    world.sign_in()
    world.fault("idt.claim.sub", BEN)
    world.ask()


@raises("scope_insufficient")
def _(world):
    world.sign_in()
    world.fault("token.member.scope", "read:things")
    auth_client.get_access_token(world.request, API, "read:things write:things")


# ---- Management API ----


def of_management(id, status, **more):
    @raises(id)
    def _(world):
        world.fault("user_get.status", {"status": status} | more, times=0)
        world.first_user()


of_management("mgmt_scope_missing", 403, error="insufficient_scope")
of_management("mgmt_rate_limited", 429)
of_management("mgmt_unavailable", 503)
of_management("mgmt_refused", 400)


@raises("mgmt_auth_failed")
def _(world):
    with world.settings(management_client_secret="another"):
        world.first_user()


@raises("mgmt_user_not_found")
def _(world):
    auth_client.get_user_by_id("auth0|nobody")


@raises("mgmt_response_invalid")
def _(world):
    world.fault("user_get.body_raw", "[]")
    world.first_user()


# ---- readiness ----


@raises("ping_m2m_token")
def _(world):
    world.fault("token.status", 401)
    auth_client.ping()


@raises("ping_token_claims")
def _(world):
    world.fault("at.claim.iss", "https://evil.example/")
    auth_client.ping()


@raises("ping_scope_grant")
def _(world):
    auth_client.ping(required_scopes=["delete:users"])


# ---- connected accounts ----


@raises("connect_api_error")
def _(world):
    world.sign_in()
    world.fault("me.status", 400)
    world.begin_to_connect()


@raises("connect_response_invalid")
def _(world):
    world.sign_in()
    world.drop("me.connect.connect_uri")
    world.begin_to_connect()


@raises("connect_list_incomplete")
def _(world):
    world.sign_in()
    world.connect()
    world.fault("me.list.next", "again", times=0)
    auth_client.list_connected_accounts(world.request)


@raises("connect_user_mismatch")
def _(world):
    world.sign_in()
    world.tenant.control("next-connect", {"user_id": CHEN})
    back = world.tenant.follow(world.begin_to_connect())
    world.sign_in(BEN)
    auth_client.complete_connect_account(world.request, back)


# ---- account linking ----


@raises("link_conflict")
def _(world):
    world.fault("link.status", 409)
    world.link()


@raises("link_partial")
def _(world):
    world.fault("link.drop_before", times=0)
    world.link()


@raises("link_in_progress")
def _(world):
    """Another process writes down first what it is about to do."""
    world.link()
    world.on_commit(lambda ops: False if any(op[2] == JOURNAL for op in ops) else None)
    auth_client.unlink_account(ANA, GOOGLE, ANA_GOOGLE.partition("|")[2])


@raises("link_in_transaction")
def _(world):
    """On SQLite, where nothing is committed beside a transaction."""
    world.link()
    with transaction.atomic():
        auth_client.unlink_account(ANA, GOOGLE, ANA_GOOGLE.partition("|")[2])


@raises("link_not_found")
def _(world):
    auth_client.unlink_account(ANA, GOOGLE, "1")


# ---- Token Vault ----


def of_vault(id, value):
    """An exchange that ends so."""

    @raises(id)
    def _(world):
        world.sign_in()
        world.fault("vault.error", value, times=0)
        world.token_for()


of_vault("vault_token_not_found", "not_found")
of_vault("vault_reconnect", "flow_failed")
of_vault("vault_mfa_required", "mfa_required")
of_vault("vault_grant_disabled", "unauthorized_client")
of_vault("vault_login_required", "invalid_grant")
of_vault("vault_unavailable", {"status": 503, "error": "temporarily_unavailable"})


@raises("vault_response_invalid")
def _(world):
    world.sign_in()
    world.connect()
    world.drop("vault.member.access_token")
    world.token_for()


@raises("vault_account_ambiguous")
def _(world):
    world.sign_in()
    world.connect(CHEN)
    world.connect(ANA_GOOGLE)
    world.token_for()


# ---- HTTP ----


def on_the_wire(id, *steps, **script):
    """The Management API answers so."""

    @raises(id)
    def _(world):
        world.on_the_wire(*steps, **script)


OK = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

REDIRECT = "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"

on_the_wire("http_redirect_refused", {"text": REDIRECT})
on_the_wire("http_oversize", {"text": f"{OK}Content-Length: 100000000\r\n\r\n"})
on_the_wire("http_encoding_refused", {"text": f"{OK}Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{{}}"})
on_the_wire("http_protocol", {"text": "garbage\r\n\r\n"})
on_the_wire("http_truncated", {"text": f"{OK}Content-Length: 20\r\n\r\n{{}}"}, {"close": "fin"})
on_the_wire("http_tls", tls="bad-chain")


@raises("http_unreachable")
def _(world):
    world.at("http://127.0.0.1:1")


@raises("http_timeout", http_timeout=1, connect_timeout=1)
def _(world):
    world.fault("token.delay", 5000)
    world.sign_in()


@raises("http_address_refused", forbid_private_addresses=True)
def _(world):
    world.at("http://127.0.0.1:1", forbid_private_addresses=True)


# ---- store ----


def raising(failure):
    def call(*args):
        raise failure

    return call


def of_store(id, call, failure):
    @raises(id)
    def _(world):
        world.patch.setattr(DjangoStore, call, raising(failure))
        world.begin()



@raises("store_read_failed")
def _(world):
    world.sign_in()
    world.patch.setattr(DjangoStore, "get", raising(ValueError("of the database")))
    auth_client.get_user_info(world.request)


of_store("store_write_failed", "commit", ValueError("of the database"))
of_store("store_unavailable", "commit", OperationalError("of the database"))


# ---- all of them ----

# What each class has beside `code` (contract of the package; docs/django-api.md).
ATTRIBUTES = {
    errors.MissingRequiredArgumentOauthClientError: ["argument"],
    errors.InvalidArgumentOauthClientError: ["argument"],
    errors.ApiOauthClientError: ["cause", "error", "error_description"],
    errors.Auth0PingError: ["stage", "status_code", "missing_scopes"],
    errors.AccessTokenOauthClientError: ["cause"],
    errors.FederatedConnectionRefreshTokenNotFound: ["error", "error_description", "status_code", "cause"],
    errors.MyAccountApiOauthClientError: ["title", "type", "detail", "status", "validation_errors"],
}

# These wait as long as callers do; one version of Django is enough.
SLOW = {"refresh_in_progress"}
OFTEN = [id for id in CASES if id not in SLOW or django.VERSION[:2] == (5, 2)]


@pytest.mark.parametrize("id", OFTEN)
def test_it_is_raised_as_its_class_with_its_code(world, id):
    case, settings = CASES[id]
    _, code, kind, outcome, _, _ = next(row for row in _core.errors() if row[0] == id)
    with world.settings(**settings), pytest.raises(errors.Auth0OauthClientError) as caught:
        case(world)
    failure = caught.value
    assert type(failure) is CLASSES[kind]
    assert all(hasattr(failure, name) for name in ATTRIBUTES.get(type(failure), []))
    assert 400 <= failure.http_status < 600
    assert "-secret" not in f"{failure} {failure!r} {vars(failure)}"
    if id != "config_invalid":  # made in Python, of all faults at once
        assert (failure.id, failure.outcome) == (id, outcome)
    if id != "callback_op_error":  # Auth0's own
        assert failure.code == (code or id)


def test_every_error_is_brought_about_or_out_of_reach():
    ids = {row[0] for row in _core.errors() if not row[0].startswith("gw_")}
    assert CASES.keys() | OUT_OF_REACH.keys() == ids
    assert not CASES.keys() & OUT_OF_REACH.keys()


def test_every_class_is_raised():
    kinds = {row[0]: row[2] for row in _core.errors()}
    assert {CLASSES[kinds[id]] for id in CASES} == set(CLASSES)
