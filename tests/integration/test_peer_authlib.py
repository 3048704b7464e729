# SPDX-License-Identifier: MIT
"""Authlib, an OpenID Connect client that is nobody's of ours, signs people in at the
local tenant: what our own client accepts there is what others do, too."""

import json
import ssl
import time
import urllib.parse

import pytest

from tenant_process import ANA, CALLBACK, CHEN, WEB, Browser, claims, tenant_fixtures

httpx_client = pytest.importorskip("authlib.integrations.httpx_client")
base_client = pytest.importorskip("authlib.integrations.base_client")
oauth_errors = pytest.importorskip("authlib.oauth2.rfc6749.errors")
rfc7523 = pytest.importorskip("authlib.oauth2.rfc7523")
oidc = pytest.importorskip("authlib.oidc.core")
jwt = pytest.importorskip("joserfc.jwt")
jwk = pytest.importorskip("joserfc.jwk")
rsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa")
serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")

VERIFIER = "authlib-verifier-" + "x" * 40
NONCE = "authlib-nonce"


running, tenant = tenant_fixtures(tls=True)


@pytest.fixture
def metadata(tenant):
    return tenant.get("/.well-known/openid-configuration").json


def client_for(tenant, client=None, **settings):
    given = {
        "scope": "openid profile email offline_access",
        "redirect_uri": CALLBACK,
        "token_endpoint_auth_method": "client_secret_post",
        "code_challenge_method": "S256",
        **(client or WEB),
        **settings,
    }
    trust = ssl.create_default_context(cafile=tenant.ca_file)
    return httpx_client.OAuth2Client(
        timeout=20, verify=trust, trust_env=False, **given
    )


def begin(tenant, metadata, session, user_id=ANA):
    """The answer of /authorize, and the state that was sent there."""
    url, state = session.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=VERIFIER, nonce=NONCE
    )
    tenant.control("next-login", {"user_id": user_id})
    return Browser(tenant).request("GET", url).location, state


def sign_in(tenant, metadata, session, user_id=ANA):
    answer, state = begin(tenant, metadata, session, user_id)
    return session.fetch_token(
        metadata["token_endpoint"],
        authorization_response=answer,
        state=state,
        code_verifier=VERIFIER,
    )


def verified(tenant, metadata, token, client_id="demo-web", **changes):
    """The claims of the ID token, as Authlib checks them."""
    keys = jwk.KeySet.import_key_set(tenant.get("/.well-known/jwks.json").json)
    said = jwt.decode(token["id_token"], keys, algorithms=["RS256"])
    checked = oidc.CodeIDToken(
        said.claims,
        said.header,
        {"iss": {"essential": True, "value": metadata["issuer"]}},
        {"nonce": NONCE, "client_id": client_id, **changes},
    )
    checked.validate(leeway=5)
    return checked


def test_a_person_signs_in(tenant, metadata):
    session = client_for(tenant)
    token = sign_in(tenant, metadata, session)
    said = verified(tenant, metadata, token)
    assert said["sub"] == ANA and said["email_verified"] is True
    who = session.get(metadata["userinfo_endpoint"]).json()
    assert (who["sub"], who["email"]) == (ANA, "ana@example.test")


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_every_way_of_authenticating_is_understood(tenant, metadata, method):
    tenant.control(
        "clients", {"client_id": "demo-web", "token_endpoint_auth_method": method}
    )
    token = sign_in(
        tenant, metadata, client_for(tenant, token_endpoint_auth_method=method)
    )
    assert verified(tenant, metadata, token)["sub"] == ANA


def test_a_key_of_its_own_authenticates(tenant, metadata):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = jwk.RSAKey.import_key(key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )).as_dict(private=False)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    tenant.control(
        "clients",
        {
            "client_id": "demo-web",
            "token_endpoint_auth_method": "private_key_jwt",
            "client_assertion_jwk": public,
        },
    )
    session = client_for(
        tenant,
        {"client_id": "demo-web", "client_secret": pem},
        token_endpoint_auth_method="private_key_jwt",
    )
    # Auth0 takes no assertion that lasts more than five minutes, and names its issuer.
    said = {"exp": int(time.time()) + 60, "aud": metadata["issuer"]}
    session.register_client_auth_method(
        rfc7523.PrivateKeyJWT(metadata["token_endpoint"], claims=said)
    )
    assert sign_in(tenant, metadata, session)["access_token"]


def test_a_token_is_refreshed_and_taken_back(tenant, metadata):
    session = client_for(tenant, revocation_endpoint_auth_method="client_secret_post")
    token = sign_in(tenant, metadata, session)
    fresh = session.refresh_token(metadata["token_endpoint"], token["refresh_token"])
    assert fresh["access_token"] != token["access_token"]
    assert claims(fresh["id_token"])["sub"] == ANA
    answer = session.revoke_token(
        metadata["revocation_endpoint"], token=token["refresh_token"]
    )
    assert answer.status_code == 200
    with pytest.raises(base_client.OAuthError) as refused:
        session.refresh_token(metadata["token_endpoint"], token["refresh_token"])
    assert refused.value.error == "invalid_grant"


def test_a_pushed_request_is_taken_up(tenant, metadata):
    session = client_for(tenant)
    url, state = session.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=VERIFIER, nonce=NONCE
    )
    form = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
    pushed = tenant.request(
        "POST", "/oauth/par", form={**form, "client_secret": WEB["client_secret"]}
    ).json
    short = {"client_id": "demo-web", "request_uri": pushed["request_uri"]}
    tenant.control("next-login", {"user_id": CHEN})
    answer = Browser(tenant).request(
        "GET", metadata["authorization_endpoint"] + "?" + urllib.parse.urlencode(short)
    )
    token = session.fetch_token(
        metadata["token_endpoint"],
        authorization_response=answer.location,
        state=state,
        code_verifier=VERIFIER,
    )
    assert verified(tenant, metadata, token)["sub"] == CHEN


def test_it_refuses_what_a_tenant_says_wrongly(tenant, metadata):
    """The tenant's faults are ones that others see, too."""
    for fault in (
        {"name": "idt.claim.nonce", "value": "another"},
        {"name": "idt.claim.aud", "value": "another"},
        {"name": "idt.claim.iss", "value": "https://another/"},
        {"name": "idt.claim.exp", "value": 1},
        {"name": "idt.sign_with", "value": "other-key"},
        {"name": "idt.sign_with", "value": "none"},
    ):
        tenant.control("faults", fault)
        token = sign_in(tenant, metadata, client_for(tenant))
        with pytest.raises(Exception) as refused:
            verified(tenant, metadata, token)
        module = type(refused.value).__module__
        assert module.startswith(("joserfc", "authlib")), json.dumps(fault)


def test_a_state_of_another_is_refused(tenant, metadata):
    session = client_for(tenant)
    answer, _ = begin(tenant, metadata, session)
    with pytest.raises(oauth_errors.OAuth2Error):
        session.fetch_token(
            metadata["token_endpoint"],
            authorization_response=answer,
            state="another",
            code_verifier=VERIFIER,
        )
