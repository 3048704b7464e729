# SPDX-License-Identifier: MIT
"""The local tenant's Token Vault, and the simulated providers its tokens are for."""

import pytest

from tenant_connect import CALENDAR, TOKEN_TYPE, VAULT_TOKEN, Person, use
from tenant_process import API, BEN, CHEN, M2M, tenant_fixtures

ANA_AT_GOOGLE = "google-oauth2|100000000000000000001"
DARA = "github|1000003"
DEMO_API = {"client_id": "demo-api", "client_secret": "demo-api-secret"}


running, tenant = tenant_fixtures()


@pytest.fixture
def ana(tenant):
    return Person(tenant)


def refused(answer, status, error):
    assert (answer.status, answer.json["error"]) == (status, error), answer.text
    return answer.json["error_description"]


def lost(answer):
    refused(answer, 401, "federated_connection_refresh_token_not_found")


# ---- the exchange ----


def test_a_refresh_token_gives_the_token_of_the_provider(tenant, ana):
    ana.connect()
    answer = ana.exchange()
    assert answer.status == 200, answer.text
    said = answer.json
    assert set(said) == {
        "access_token",
        "scope",
        "expires_in",
        "issued_token_type",
        "token_type",
    }
    assert said["scope"].split() == ["openid", "profile", "email", CALENDAR]
    assert said["issued_token_type"] == VAULT_TOKEN and said["token_type"] == "Bearer"
    assert 0 < said["expires_in"] <= 3600
    assert tenant.refresh(ana.refresh_token).status == 200


def test_expires_in_is_what_remains_and_the_vault_renews(tenant, ana):
    ana.connect()
    first = ana.exchange().json
    tenant.control("clock", {"offset_s": 3000})
    second = ana.exchange().json
    assert second["access_token"] == first["access_token"]
    assert second["expires_in"] <= first["expires_in"] - 2999
    tenant.control("clock", {"offset_s": 3601})
    third = ana.exchange().json
    assert third["access_token"] != first["access_token"]
    assert use(tenant, first["access_token"], "userinfo").status == 401


def test_an_api_exchanges_the_token_it_was_called_with(tenant, ana):
    ana.connect()
    token = ana.browser.tokens(audience=API)["access_token"]
    subject = {
        "subject_token": token,
        "subject_token_type": TOKEN_TYPE + "access_token",
    }
    assert ana.exchange(client=DEMO_API, **subject).status == 200
    refused(ana.exchange(**subject), 403, "unauthorized_client")
    wrong = {**subject, "subject_token": ana.token}
    refused(ana.exchange(client=DEMO_API, **wrong), 403, "invalid_grant")


def test_the_hint_chooses_among_accounts(tenant, ana):
    ana.connect(CHEN)
    ana.connect(ANA_AT_GOOGLE)
    for account, email in ((CHEN, "chen@"), (ANA_AT_GOOGLE, "ana@")):
        hint = account.split("|")[1]
        token = ana.exchange(login_hint=hint).json["access_token"]
        said = use(tenant, token, "userinfo").json
        assert said["sub"] == hint and said["email"].startswith(email)
        assert said["email_verified"] is True
    assert ana.exchange(login_hint="nobody").status == 401
    assert ana.exchange(login_hint="nobody").json["error"] == "unauthorized"


def test_nothing_connected_is_nothing_found(tenant, ana):
    lost(ana.exchange())
    account = ana.connect()
    lost(Person(tenant, BEN).exchange())
    lost(ana.exchange(connection="github"))
    ana.call("DELETE", "accounts/" + account["id"])
    lost(ana.exchange())


def test_a_sign_in_by_a_provider_connects_nothing(tenant):
    lost(Person(tenant, CHEN).exchange())


@pytest.mark.parametrize(
    "name",
    ["subject_token", "subject_token_type", "requested_token_type", "connection"],
)
def test_every_parameter_is_needed(ana, name):
    ana.connect()
    assert name in refused(ana.exchange(**{name: None}), 400, "invalid_request")


@pytest.mark.parametrize(
    "changes, status, error",
    [
        ({"subject_token_type": TOKEN_TYPE + "id_token"}, 400, "invalid_request"),
        ({"requested_token_type": "other"}, 400, "invalid_request"),
        ({"connection": "nothing"}, 400, "invalid_request"),
        ({"connection": "Username-Password-Authentication"}, 400, "invalid_request"),
        ({"subject_token": "garbage"}, 403, "invalid_grant"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        (M2M, 403, "unauthorized_client"),
        ({"client_id": "demo-spa", "client_secret": None}, 403, "unauthorized_client"),
    ],
)
def test_what_does_not_fit_is_refused(ana, changes, status, error):
    ana.connect()
    refused(ana.exchange(**changes), status, error)


def test_the_settings_of_the_application_count(tenant, ana):
    ana.connect()
    tenant.control("clients", {"client_id": "demo-web", "connections": ["github"]})
    refused(ana.exchange(), 403, "access_denied")
    tenant.control("clients", {"client_id": "demo-web", "connections": []})
    off = {"name": "google-oauth2", "connected_accounts": False}
    tenant.control("connections", off)
    assert "not enabled" in refused(ana.exchange(), 400, "invalid_request")


def test_a_revoked_subject_is_refused(tenant, ana):
    ana.connect()
    form = {"token": ana.refresh_token, "client_id": "demo-web"}
    form["client_secret"] = "demo-web-secret"
    assert tenant.request("POST", "/oauth/revoke", form=form).status == 200
    refused(ana.exchange(), 403, "invalid_grant")


def test_rotation_and_the_vault_exclude_each_other(tenant, ana):
    ana.connect()
    tenant.control("clients", {"client_id": "demo-web", "rotation_type": "rotating"})
    assert "rotation" in refused(ana.exchange(), 403, "unauthorized_client")
    tenant.fault("vault.allow_rotation", value=True)
    assert ana.exchange().status == 200


# ---- faults ----


@pytest.mark.parametrize(
    "value, status, error",
    [
        ("not_found", 401, "federated_connection_refresh_token_not_found"),
        ("flow_failed", 401, "federated_connection_refresh_token_flow_failed"),
        ("identity_not_found", 401, "unauthorized"),
        ("invalid_grant", 403, "invalid_grant"),
        ("unauthorized_client", 403, "unauthorized_client"),
        ("access_denied", 403, "access_denied"),
        ("mfa_required", 403, "mfa_required"),
        ("rotation", 403, "unauthorized_client"),
        ("not_enabled", 400, "invalid_request"),
        ({"status": 418, "error": "teapot"}, 418, "teapot"),
    ],
)
def test_the_vault_fails_as_it_is_told_to(tenant, ana, value, status, error):
    ana.connect()
    tenant.fault("vault.error", value=value)
    refused(ana.exchange(), status, error)
    assert ana.exchange().status == 200


def test_members_of_the_answer_can_be_changed(tenant, ana):
    ana.connect()
    tenant.fault("vault.member.expires_in", value="soon")
    assert ana.exchange().json["expires_in"] == "soon"


def test_a_provider_may_give_no_refresh_token(tenant, ana):
    tenant.fault("provider.no_refresh_token", value=True)
    ana.connect()
    lost(ana.exchange())
    tenant.control("faults", method="DELETE")
    ana.connect()
    assert ana.exchange().status == 200
    tenant.control("connections", {"name": "google-oauth2", "offline_access": False})
    ana.connect()
    lost(ana.exchange())


def test_consent_can_be_taken_back_at_the_provider(tenant, ana):
    account = ana.connect()
    token = ana.exchange().json["access_token"]
    tenant.control("connected_accounts", {"id": account["id"], "revoked": True})
    refused(ana.exchange(), 401, "federated_connection_refresh_token_flow_failed")
    assert use(tenant, token, "userinfo").status == 401
    ana.connect()
    assert ana.exchange().status == 200
    tenant.fault("provider.revoked", value=True)
    refused(ana.exchange(), 401, "federated_connection_refresh_token_flow_failed")


def test_a_scope_can_be_withheld(tenant, ana):
    tenant.fault("provider.missing_scope", value=CALENDAR)
    assert CALENDAR not in ana.connect()["scopes"]
    said = ana.exchange().json
    assert CALENDAR not in said["scope"].split()
    refused(
        use(tenant, said["access_token"], "calendar/events"), 403, "insufficient_scope"
    )


# ---- the providers' own APIs ----


def test_the_calendar_needs_its_scope(tenant, ana):
    ana.connect()
    token = ana.exchange().json["access_token"]
    answer = use(tenant, token, "calendar/events")
    assert answer.status == 200 and answer.json["summary"] == "chen@example.test"
    assert len(answer.json["items"]) == 2
    ana.connect(scopes=["openid", "profile"])
    token = ana.exchange().json["access_token"]
    refused(use(tenant, token, "calendar/events"), 403, "insufficient_scope")
    assert "email" not in use(tenant, token, "userinfo").json


def test_github_shows_a_person_and_the_addresses(tenant, ana):
    ana.connect(DARA, connection="github", scopes=["read:user", "user:email"])
    token = ana.exchange(connection="github").json["access_token"]
    said = use(tenant, token, "user", "github").json
    assert said["id"] == 1000003 and said["login"] == "dara" and said["email"] is None
    listed = use(tenant, token, "user/emails", "github").json
    assert listed == [
        {
            "email": "dara@example.test",
            "primary": True,
            "verified": True,
            "visibility": "private",
        }
    ]
    ana.connect(DARA, connection="github", scopes=["read:user"])
    token = ana.exchange(connection="github").json["access_token"]
    assert use(tenant, token, "user/emails", "github").status == 404


def test_a_provider_knows_its_own_tokens_alone(tenant, ana):
    ana.connect()
    token = ana.exchange().json["access_token"]
    assert use(tenant, token, "userinfo", "github").status == 401
    assert use(tenant, ana.token, "userinfo").status == 401
    assert tenant.get("/_provider/google-oauth2/userinfo").status == 401


def test_a_provider_fails_as_it_is_told_to(tenant, ana):
    ana.connect()
    token = ana.exchange().json["access_token"]
    tenant.fault("provider.member.email", value="other@example.test")
    assert use(tenant, token, "userinfo").json["email"] == "other@example.test"
    tenant.fault("provider.status", value=503)
    assert use(tenant, token, "userinfo").status == 503


def test_deleting_the_entry_leaves_the_token_of_the_provider(tenant, ana):
    account = ana.connect()
    token = ana.exchange().json["access_token"]
    ana.call("DELETE", "accounts/" + account["id"])
    assert use(tenant, token, "userinfo").status == 200
