# SPDX-License-Identifier: MIT
"""The Token Vault for a privileged worker: its own signed word instead of a token of
the person, who is not there."""

import json
import time

import pytest

from tenant_connect import CALENDAR, TOKEN_TYPE, VAULT_GRANT, VAULT_TOKEN, Person, use
from tenant_process import ANA, BEN, CHEN, b64url, tenant_fixtures

jwt = pytest.importorskip("jwt")
rsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa")

WORKER_TOKEN = "http://auth0.com/oauth/token-type/token-vault-access-token"
SCOPES = ["openid", "profile", "email", CALENDAR]


running, tenant = tenant_fixtures()


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Worker:
    def __init__(self, tenant, key):
        self.tenant, self.key, self.serial = tenant, key, 0
        jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
        self.set(
            name="A worker",
            token_endpoint_auth_method="private_key_jwt",
            client_assertion_jwk={name: jwk[name] for name in ("kty", "n", "e")},
            grant_types=[VAULT_GRANT],
            token_vault_grants=[{"connection": "google-oauth2", "scopes": SCOPES}],
        )

    def set(self, **members):
        self.tenant.control("clients", {"client_id": "worker", **members})

    def sign(self, typ, key=None, **changes):
        now = int(time.time())
        self.serial += 1
        said = {
            "iss": "worker",
            "aud": self.tenant.issuer,
            "iat": now,
            "exp": now + 60,
            "jti": b64url(b"%d-%d" % (time.monotonic_ns(), self.serial)),
            **changes,
        }
        said = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(said, key or self.key, "RS256", headers={"typ": typ})

    def subject(self, typ="token-vault-req+jwt", key=None, **changes):
        said = {"sub": ANA, "audit_context": "nightly report", **changes}
        return self.sign(typ, key, **said)

    def exchange(self, subject=None, **changes):
        form = {
            "grant_type": VAULT_GRANT,
            "client_id": "worker",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self.sign("JWT", sub="worker"),
            "subject_token": subject or self.subject(),
            "subject_token_type": TOKEN_TYPE + "jwt",
            "requested_token_type": WORKER_TOKEN,
            "connection": "google-oauth2",
            **changes,
        }
        return self.tenant.token(**form)


@pytest.fixture
def worker(tenant, key):
    Person(tenant).connect(CHEN)
    return Worker(tenant, key)


def refused(answer, status, error):
    assert (answer.status, answer.json["error"]) == (status, error), answer.text
    return answer.json["error_description"]


def test_its_own_word_gives_the_token_of_the_provider(tenant, worker):
    answer = worker.exchange()
    assert answer.status == 200, answer.text
    assert answer.json["issued_token_type"] == WORKER_TOKEN
    said = use(tenant, answer.json["access_token"], "userinfo").json
    assert "google-oauth2|" + said["sub"] == CHEN


def test_a_request_is_good_once(worker):
    subject = worker.subject()
    assert worker.exchange(subject).status == 200
    assert "used before" in refused(worker.exchange(subject), 403, "invalid_grant")


@pytest.mark.parametrize(
    "changes",
    [
        {"typ": "JWT"},
        {"iss": "demo-web"},
        {"aud": "https://other.example/"},
        {"exp": 1},
        {"exp": None},
        {"exp": int(time.time()) + 3600},
        {"jti": None},
        {"sub": None},
        {"sub": "auth0|nobody"},
    ],
)
def test_a_request_that_does_not_fit_is_refused(worker, changes):
    refused(worker.exchange(worker.subject(**changes)), 403, "invalid_grant")


def test_another_key_signs_for_nobody(worker):
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    answer = worker.exchange(worker.subject(key=stranger))
    refused(answer, 403, "invalid_grant")


@pytest.mark.parametrize("context", [None, "", "x" * 257])
def test_the_reason_is_told(worker, context):
    answer = worker.exchange(worker.subject(audit_context=context))
    assert "audit_context" in refused(answer, 400, "invalid_request")


def test_the_types_belong_together(tenant, worker):
    refused(worker.exchange(requested_token_type=VAULT_TOKEN), 400, "invalid_request")
    person = Person(tenant)
    refused(person.exchange(requested_token_type=WORKER_TOKEN), 400, "invalid_request")


def test_who_connected_nothing_has_nothing(worker):
    answer = worker.exchange(worker.subject(sub=BEN))
    refused(answer, 401, "federated_connection_refresh_token_not_found")


def test_the_settings_of_the_application_count(worker):
    worker.set(token_vault_grants=[])
    refused(worker.exchange(), 403, "unauthorized_client")
    worker.set(token_vault_grants=[{"connection": "github", "scopes": SCOPES}])
    refused(worker.exchange(), 403, "access_denied")
    # Its token would open more than the application may have.
    worker.set(token_vault_grants=[{"connection": "google-oauth2", "scopes": SCOPES[:3]}])
    refused(worker.exchange(), 403, "access_denied")


def test_it_comes_from_a_listed_address(worker):
    worker.set(token_vault_ip_allowlist=["192.0.2.0/24"])
    assert "address" in refused(worker.exchange(), 403, "access_denied")
    worker.set(token_vault_ip_allowlist=["192.0.2.0/24", "127.0.0.0/8", "::1"])
    assert worker.exchange().status == 200


def test_the_organization_has_the_person(worker):
    org = "org_LocalDemo0000001"
    assert worker.exchange(worker.subject(org_id=org)).status == 200
    answer = worker.exchange(worker.subject(org_id=org, sub=BEN))
    refused(answer, 403, "access_denied")


def test_who_is_blocked_gives_nothing(tenant, worker):
    tenant.control("users", {"user_id": ANA, "blocked": True})
    refused(worker.exchange(), 403, "invalid_grant")
