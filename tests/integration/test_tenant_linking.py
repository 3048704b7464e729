# SPDX-License-Identifier: MIT
"""Linking and unlinking at the local tenant: what it does to everything else."""

import pytest

from tenant_connect import Person
from tenant_management import Management, error
from tenant_process import (
    ANA,
    BEN,
    CHEN,
    WEB,
    Browser,
    Tenant,
    claims,
    hidden,
    tenant_fixtures,
)

GOOGLE = "google-oauth2|100000000000000000001"
GOOGLE_ID = "100000000000000000001"
DARA = "github|1000003"
OWN = "update:current_user_identities"


running, tenant = tenant_fixtures()


@pytest.fixture
def management(tenant):
    return Management(tenant, "read:users update:users delete:users")


@pytest.fixture
def linked(management):
    answer = management.link(ANA, provider="google-oauth2", user_id=GOOGLE_ID)
    assert answer.status == 201, answer.text
    return management


def subject(tenant, user_id, **changes):
    return claims(Browser(tenant).tokens(user_id, **changes)["id_token"])["sub"]


# ---- linking ----


def test_the_id_at_the_provider_may_be_a_number(management):
    answer = management.link(ANA, provider="github", user_id=1000003)
    assert answer.json[1]["user_id"] == "1000003"


@pytest.mark.parametrize("user_id", [GOOGLE_ID, GOOGLE])
def test_the_answer_is_the_new_list_of_identities(management, user_id):
    answer = management.link(ANA, provider="google-oauth2", user_id=user_id)
    assert answer.status == 201
    primary, secondary = answer.json
    assert primary == {
        "provider": "auth0",
        "connection": "Username-Password-Authentication",
        "user_id": "a1a1a1a1a1a1a1a1a1a1a1a1",
        "isSocial": False,
    }
    assert secondary["user_id"] == GOOGLE_ID and secondary["isSocial"] is True
    assert secondary["profileData"]["email"] == "ana@example.test"
    assert secondary["profileData"]["email_verified"] is True
    assert secondary["profileData"]["name"] == "Ana Silva"


def test_the_secondary_is_no_user_any_more(tenant, linked):
    error(linked.user(GOOGLE), 404, "does not exist", "inexistent_user")
    error(linked.patch(GOOGLE, name="x"), 404, "does not exist", "inexistent_user")
    path = "/api/v2/users-by-email"
    found = linked.call("GET", path, email="ana@example.test").json
    assert [user["user_id"] for user in found] == [ANA]
    assert len(found[0]["identities"]) == 2
    assert GOOGLE not in [u["user_id"] for u in tenant.control("users", method="GET")]


def test_the_metadata_of_the_secondary_is_discarded(management):
    management.patch(ANA, user_metadata={"lang": "pt"})
    management.patch(GOOGLE, user_metadata={"theme": "dark"}, app_metadata={"a": 1})
    management.link(ANA, provider="google-oauth2", user_id=GOOGLE_ID)
    profile = management.user(ANA).json
    assert profile["user_metadata"] == {"lang": "pt"}
    assert "app_metadata" not in profile


def test_the_root_attributes_stay_those_of_the_primary(management):
    management.link(ANA, provider="github", user_id="1000003")
    profile = management.user(ANA).json
    assert profile["email"] == "ana@example.test"
    data = profile["identities"][1]["profileData"]
    assert data["email"] == "dara@example.test"


def test_either_identity_signs_in_as_the_primary(tenant, linked):
    assert subject(tenant, ANA) == ANA
    assert subject(tenant, GOOGLE) == ANA
    browser = Browser(tenant)
    state = browser.authorize(connection="google-oauth2").query["state"]
    page = browser.request("GET", f"/u/provider?state={state}&connection=google-oauth2")
    assert page.text.count("ana@example.test") == 1
    form = {"state": state, "connection": "google-oauth2", "user_id": GOOGLE}
    back = browser.request("POST", "/u/provider", {**form, "action": "allow"})
    tokens = browser.exchange(back.query["code"]).json
    assert claims(tokens["id_token"])["sub"] == ANA


def test_a_linked_password_still_signs_in(tenant, management):
    management.link(GOOGLE, provider="auth0", user_id=ANA)
    browser = Browser(tenant)
    page = browser.request("GET", browser.authorize().location)
    form = {"username": "ana@example.test", "password": "local-password"}
    back = browser.request(
        "POST", "/u/login", {"state": hidden(page.text, "state"), **form}
    )
    tokens = browser.exchange(back.query["code"]).json
    assert claims(tokens["id_token"])["sub"] == GOOGLE


def test_sessions_and_tokens_of_the_secondary_die(tenant, management):
    browser, other = Browser(tenant), Browser(tenant)
    tokens, kept = browser.tokens(GOOGLE), other.tokens(ANA)
    management.link(ANA, provider="google-oauth2", user_id=GOOGLE_ID)
    answer = tenant.refresh(tokens["refresh_token"])
    assert (answer.status, answer.json["error"]) == (403, "invalid_grant")
    bearer = {"Authorization": "Bearer " + tokens["access_token"]}
    assert tenant.get("/userinfo", headers=bearer).status == 401
    assert browser.authorize(prompt="none").query["error"] == "login_required"
    assert tenant.refresh(kept["refresh_token"]).status == 200
    assert "code" in other.authorize(prompt="none").query


def test_what_the_secondary_connected_is_gone(tenant, management):
    Person(tenant, GOOGLE).connect(CHEN)
    Person(tenant, ANA).connect(CHEN)
    management.link(ANA, provider="google-oauth2", user_id=GOOGLE_ID)
    owners = [a["user_id"] for a in tenant.control("connected_accounts", method="GET")]
    assert owners == [ANA]


def test_a_fault_lets_the_primary_have_what_was_connected(tenant, management):
    Person(tenant, GOOGLE).connect(CHEN)
    tenant.fault("link.keeps_connected_accounts", value=True)
    management.link(ANA, provider="google-oauth2", user_id=GOOGLE_ID)
    owners = [a["user_id"] for a in tenant.control("connected_accounts", method="GET")]
    assert owners == [ANA]


def test_a_secondary_brings_its_own_secondaries(tenant, linked):
    answer = linked.link(DARA, provider="auth0", user_id=ANA)
    assert [i["provider"] for i in answer.json] == ["github", "auth0", "google-oauth2"]
    assert subject(tenant, GOOGLE) == DARA and subject(tenant, ANA) == DARA


def test_deleting_the_primary_deletes_every_identity(tenant, linked):
    assert linked.call("DELETE", "/api/v2/users/" + ANA.replace("|", "%7C")).status == 204
    assert tenant.control("linked_accounts", method="GET") == []
    answer = tenant.request("POST", "/_tenant/next-login", data={"user_id": GOOGLE})
    assert answer.status == 404


def test_links_survive_in_the_state_file(tmp_path):
    state = str(tmp_path / "state.db")
    tenant = Tenant("--state", state)
    try:
        Management(tenant, "update:users").link(
            ANA, provider="google-oauth2", user_id=GOOGLE_ID
        )
    finally:
        tenant.stop()
    again = Tenant("--state", state)
    try:
        assert subject(again, GOOGLE) == ANA
    finally:
        again.stop()


# ---- by the ID token of the secondary ----


def of_web(tenant, user_id):
    """A token of that person for the Management API, and their ID token."""
    tenant.control(
        "apis",
        {"identifier": tenant.issuer + "api/v2/", "scopes": ["update:users", OWN]},
    )
    tokens = Browser(tenant).tokens(
        user_id, audience=tenant.issuer + "api/v2/", scope="openid " + OWN
    )
    return tokens["access_token"], tokens["id_token"]


def test_a_person_links_by_the_id_token_of_the_other_account(tenant, management):
    token, _ = of_web(tenant, ANA)
    _, proof = of_web(tenant, GOOGLE)
    answer = management.link(ANA, token=token, link_with=proof)
    assert answer.status == 201 and answer.json[1]["user_id"] == GOOGLE_ID


def test_the_scope_of_ones_own_identities_opens_nobody_elses(tenant, management):
    token, _ = of_web(tenant, ANA)
    _, proof = of_web(tenant, GOOGLE)
    wrong = "does not match subject in bearer token"
    error(management.link(BEN, token=token, link_with=proof), 403, wrong)
    error(management.unlink(BEN, "auth0", "x", token=token), 403, wrong)
    answer = management.link(ANA, token=token, provider="github", user_id="1000003")
    error(answer, 400, "link_with is required", "invalid_body")


@pytest.mark.parametrize(
    "fault, message",
    [
        ({"name": "idt.sign_with", "value": "garbage"}, "Invalid token (link_with)"),
        ({"name": "idt.sign_with", "value": "none"}, "Invalid token (link_with)"),
        ({"name": "idt.claim.exp", "value": 1}, "Invalid token (link_with)"),
        ({"name": "idt.claim.iss", "value": "https://x/"}, "issuer"),
        ({"name": "idt.claim.aud", "value": "other"}, "azp"),
        ({"name": "idt.claim.sub", "value": "auth0|nobody"}, "not found"),
    ],
)
def test_a_proof_that_proves_nothing_links_nothing(tenant, management, fault, message):
    token, _ = of_web(tenant, ANA)
    tenant.control("faults", fault)
    _, proof = of_web(tenant, GOOGLE)
    error(management.link(ANA, token=token, link_with=proof), 400, message)
    assert management.user(GOOGLE).status == 200


def test_the_proof_must_be_for_the_callers_own_application(tenant, management):
    _, proof = of_web(tenant, GOOGLE)
    assert claims(proof)["aud"] == WEB["client_id"]
    error(management.link(ANA, link_with=proof), 400, "azp")


# ---- refusals ----


def test_conflicts_are_told_apart(tenant, linked):
    again = linked.link(ANA, provider="google-oauth2", user_id=GOOGLE_ID)
    error(again, 409, "Specified identity already exists.")
    elsewhere = linked.link(BEN, provider="google-oauth2", user_id=GOOGLE_ID)
    error(elsewhere, 409, "Specified identity already exists.")
    itself = linked.link(ANA, provider="auth0", user_id=ANA)
    error(itself, 400, "Main identity and the new one are the same.")
    nobody = linked.link(ANA, provider="github", user_id="1")
    error(nobody, 400, "Linking to an inexistent identity is not allowed.")
    strange = linked.link(ANA, provider="samlp", user_id="1")
    error(strange, 400, "The provider is not configured.")
    gone = linked.link("auth0|gone", provider="github", user_id="1000003")
    error(gone, 404, "The user does not exist.", "inexistent_user")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"provider": "github"},
        {"user_id": "1000003"},
        {"provider": "github", "user_id": ""},
        {"provider": "github", "user_id": "1000003", "more": 1},
        {"provider": "github", "user_id": "1000003", "link_with": "x.y.z"},
    ],
)
def test_a_body_of_another_shape_is_refused(management, body):
    assert management.link(ANA, **body).json["errorCode"] == "invalid_body"
    assert management.user(DARA).status == 200


def test_two_databases_are_told_apart_by_the_id_of_the_connection(tenant, management):
    connections = tenant.control("connections", method="GET")
    ids = {connection["name"]: connection["id"] for connection in connections}
    wrong = {"provider": "github", "user_id": "1000003"}
    answer = management.link(ANA, **wrong, connection_id=ids["google-oauth2"])
    error(answer, 400, "inexistent identity")
    assert management.link(ANA, **wrong, connection_id=ids["github"]).status == 201


@pytest.mark.parametrize("scope", ["read:users", "delete:users"])
def test_linking_needs_its_scope(tenant, scope):
    management = Management(tenant, scope)
    for answer in (
        management.link(ANA, provider="github", user_id="1000003"),
        management.unlink(ANA, "github", "1000003"),
    ):
        error(answer, 403, "expected any of: update:users,", "insufficient_scope")


# ---- unlinking ----


@pytest.mark.parametrize("identity", [GOOGLE_ID, GOOGLE])
def test_unlinking_makes_a_bare_user_again(tenant, linked, identity):
    answer = linked.unlink(ANA, "google-oauth2", identity)
    assert answer.status == 200
    assert [i["provider"] for i in answer.json] == ["auth0"]
    profile = linked.user(GOOGLE).json
    assert profile["email"] == "ana@example.test" and profile["email_verified"] is True
    assert "user_metadata" not in profile and "app_metadata" not in profile
    assert len(profile["identities"]) == 1
    assert "profileData" not in profile["identities"][0]
    assert subject(tenant, GOOGLE) == GOOGLE and subject(tenant, ANA) == ANA
    assert tenant.control("linked_accounts", method="GET") == []


def test_what_died_with_the_link_stays_dead(tenant, management):
    management.patch(GOOGLE, user_metadata={"theme": "dark"}, app_metadata={"a": 1})
    browser = Browser(tenant)
    tokens = browser.tokens(GOOGLE)
    management.link(ANA, provider="google-oauth2", user_id=GOOGLE_ID)
    management.unlink(ANA, "google-oauth2", GOOGLE_ID)
    profile = management.user(GOOGLE).json
    assert "user_metadata" not in profile and "app_metadata" not in profile
    assert profile["logins_count"] == 0 and "last_login" not in profile
    assert tenant.refresh(tokens["refresh_token"]).status == 403
    bearer = {"Authorization": "Bearer " + tokens["access_token"]}
    assert tenant.get("/userinfo", headers=bearer).status == 401
    assert browser.authorize(prompt="none").query["error"] == "login_required"


def test_unlinked_users_can_be_linked_again(linked):
    linked.unlink(ANA, "google-oauth2", GOOGLE_ID)
    answer = linked.link(GOOGLE, provider="auth0", user_id=ANA)
    assert [i["provider"] for i in answer.json] == ["google-oauth2", "auth0"]


def test_the_main_identity_cannot_be_removed(linked):
    error(linked.unlink(ANA, "auth0", ANA), 400, "Main identity cannot be removed.")
    error(linked.unlink(ANA, "github", "1000003"), 404, "identity does not exist")
    assert linked.user(DARA).status == 200


# ---- faults ----


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429, 500, 503])
def test_any_status_is_answered_and_nothing_is_done(tenant, management, status):
    tenant.fault("link.status", value=status)
    answer = management.link(ANA, provider="github", user_id="1000003")
    assert answer.status == status and answer.json["statusCode"] == status
    assert management.user(DARA).status == 200
    tenant.fault("unlink.status", value=status)
    assert management.link(ANA, provider="github", user_id="1000003").status == 201
    assert management.unlink(ANA, "github", "1000003").status == status
    assert management.user(DARA).status == 404


def test_a_link_is_made_and_the_answer_lost(tenant, management):
    tenant.fault("link.commit_then_fail")
    with pytest.raises(OSError):
        management.link(ANA, provider="github", user_id="1000003")
    assert management.user(DARA).status == 404
    tenant.fault("unlink.commit_then_fail", value=500)
    answer = management.unlink(ANA, "github", "1000003")
    assert answer.status == 500 and answer.json["error"] == "Internal Server Error"
    assert management.user(DARA).status == 200


def test_the_faults_of_one_endpoint_leave_the_others(tenant, management):
    tenant.fault("link.status", value=500, times=0)
    tenant.fault("mgmt.status", value=503)
    assert management.user(ANA).status == 503
    assert management.user(ANA).status == 200
    answer = management.link(ANA, provider="github", user_id="1000003")
    assert answer.status == 500


def test_answers_are_cut_or_blown_up(tenant, management):
    whole = management.user(ANA).body
    tenant.fault("user_get.truncate", value=20)
    assert management.user(ANA).body == whole[:20]
    tenant.fault("user_get.huge", value=2_000_000)
    body = management.user(ANA).body
    assert len(body) == 2_000_000 + len(whole) and body.endswith(whole)


def test_a_profile_of_any_length_ends_nothing(tenant, management):
    """Attributes are bounded where they come in, so that they fit wherever they go."""
    long = '"' * 1001
    assert management.patch(ANA, name=long).status == 400
    browser = Browser(tenant)
    page = browser.authorize(connection="github").location
    form = {"state": page.split("state=")[1].split("&")[0], "connection": "github"}
    form |= {"email": "long@example.test", "name": long, "action": "allow"}
    assert browser.request("POST", "/u/provider", form).status == 400
    most = '"' * 1000
    for name in ("name", "nickname", "given_name", "family_name", "picture"):
        assert management.patch(ANA, **{name: most}).status == 200
    answer = management.link(DARA, provider="auth0", user_id=ANA)
    assert answer.status == 201
    assert answer.json[1]["profileData"]["family_name"] == most


# ---- seeds ----


def test_a_seeded_identity_signs_in(tenant):
    secondary = {
        "provider": "github",
        "connection": "github",
        "user_id": "77",
        "isSocial": True,
        "profileData": {"email": "eva@example.test", "email_verified": False},
    }
    primary = {
        "provider": "auth0",
        "connection": "Username-Password-Authentication",
        "user_id": "e5e5",
        "isSocial": False,
    }
    tenant.control(
        "users",
        {
            "user_id": "auth0|e5e5",
            "email": "eva@example.test",
            "identities": [primary, secondary],
        },
    )
    assert subject(tenant, "github|77") == "auth0|e5e5"
    tenant.control("linked_accounts", {"user_id": "github|77", "email_verified": True})
    profile = Management(tenant, "read:users").user("auth0|e5e5").json
    assert profile["identities"][1]["profileData"]["email_verified"] is True
    answer = tenant.request(
        "POST", "/_tenant/linked_accounts", data={"user_id": "github|78"}
    )
    assert answer.status == 400 and "linked_to" in answer.text
