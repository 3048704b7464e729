# SPDX-License-Identifier: MIT
"""a0 doctor: each fault of an installation, found and named with its remedy."""

import json
import subprocess
import time

import pytest
from conftest import CLIENT_ID, CLIENT_SECRET, PROGRAM, free_port, plain_environment

CALLBACK = "https://app.example/auth/callback"
VAULT = ("urn:auth0:params:oauth:grant-type:token-exchange:"
         "federated-connection-access-token")
MY_ACCOUNT = ["create:me:connected_accounts", "read:me:connected_accounts",
              "delete:me:connected_accounts"]


@pytest.fixture
def application(tenant):
    """One with which everything is well; a test changes what it is about."""
    def change(**more):
        tenant.add_client([CALLBACK], **{
            "grant_types": ["authorization_code", "refresh_token", VAULT],
            "refresh_policies": [{"audience": f"{tenant.url}/me/", "scope": MY_ACCOUNT}],
        } | more)
    change()
    return change


@pytest.fixture
def doctor(tenant, application):
    def run(*arguments, **settings):
        environment = plain_environment() | {
            "A0_AUTH0_DOMAIN": tenant.url,
            "A0_CLIENT_ID": CLIENT_ID,
            "A0_CLIENT_SECRET": CLIENT_SECRET,
            "A0_MANAGEMENT_CLIENT_ID": "demo-m2m",
            "A0_MANAGEMENT_CLIENT_SECRET": "demo-m2m-secret",
            "A0_CONNECTIONS_FOR_ACCOUNT_LINKING": '["google-oauth2"]',
            "A0_CUSTOM_SCOPES": '{"google-oauth2": ["openid"]}',
        } | {f"A0_{name.upper()}": value for name, value in settings.items()}
        done = subprocess.run(
            [PROGRAM, "doctor", "--json", "--callback-url", CALLBACK, *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
            env=environment)
        run.code = done.returncode
        run.output = done.stdout + done.stderr
        run.checks = {check["id"]: check for check in json.loads(done.stdout)["checks"]} \
            if done.stdout else {}
        return run

    return run


def assert_finds(doctor, name, *words, outcome="failed"):
    """One check has that outcome; no other failed."""
    check = doctor.checks[name]
    assert check["outcome"] == outcome, check
    assert check["remedy"]
    for word in words:
        assert word in check["text"], check
    assert [c["id"] for c in doctor.checks.values() if c["outcome"] == "failed"] == \
        ([name] if outcome == "failed" else [])
    assert doctor.code == (1 if outcome == "failed" else 0)


def test_all_is_well(doctor):
    doctor()

    assert doctor.code == 0
    assert {name: check["outcome"] for name, check in doctor.checks.items()} == {
        name: "ok" for name in
        ["settings", "network", "clock", "discovery", "keys", "credentials", "refresh_grant",
         "vault_grant", "management", "scopes", "callback", "algorithm", "rotation", "my_account",
         "connections", "connectable", "trust"]}


def test_lines_are_for_people(tenant, application):
    done = subprocess.run(
        [PROGRAM, "doctor"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        env=plain_environment() | {
            "A0_AUTH0_DOMAIN": tenant.url, "A0_CLIENT_ID": CLIENT_ID,
            "A0_CLIENT_SECRET": CLIENT_SECRET, "A0_BASE_URL": "https://other.example",
            "A0_MANAGEMENT_CLIENT_ID": "demo-m2m",
            "A0_MANAGEMENT_CLIENT_SECRET": "demo-m2m-secret",
            "A0_CONNECTIONS_FOR_ACCOUNT_LINKING": "[]"})

    assert done.returncode == 1
    assert "ok           network: " in done.stdout
    assert ("failed       callback: https://other.example/auth/callback is not registered; add it"
            in done.stdout)


# ---- the tenant ----


def test_unreachable_tenant(doctor):
    doctor(auth0_domain=f"http://localhost:{free_port()}",
           auth0_management_api_domain=f"http://localhost:{free_port()}")

    assert doctor.code == 1
    assert doctor.checks["network"]["outcome"] == "failed"
    assert "network" in doctor.checks["network"]["remedy"]
    assert doctor.checks["management"]["outcome"] == "failed"
    rest = {name: check for name, check in doctor.checks.items()
            if name not in ("settings", "network", "management")}
    assert {check["outcome"] for check in rest.values()} == {"not checked"}
    assert all(check["text"] for check in rest.values())


def test_hanging_tenant_ends_within_the_time_limit(doctor, tenant):
    for name in ("disc", "token"):
        tenant.control("faults", {"name": f"{name}.delay", "value": 20000, "times": 9})
    began = time.monotonic()
    doctor("--timeout", "1")

    assert time.monotonic() - began < 15
    assert doctor.checks["network"]["outcome"] == "failed"


def test_wrong_clock(doctor, tenant):
    tenant.control("faults", {"name": "disc.status", "times": 1, "value": {
        "status": 503, "headers": {"Date": "Sun, 06 Nov 1994 08:49:37 GMT"}}})
    doctor()

    assert_finds(doctor, "clock", "seconds ahead of")
    assert "NTP" in doctor.checks["clock"]["remedy"]


def test_discovery_of_another_issuer(doctor, tenant):
    tenant.control("faults", {"name": "disc.override.issuer",
                              "value": "https://evil.example/"})
    doctor()

    assert doctor.checks["discovery"]["outcome"] == "failed"
    assert doctor.checks["keys"]["outcome"] == "not checked"
    assert doctor.checks["credentials"]["outcome"] == "not checked"
    assert doctor.code == 1


def test_keys_that_can_not_be_had(doctor, tenant):
    tenant.control("faults", {"name": "jwks.status", "value": 500})
    doctor()

    assert doctor.checks["discovery"]["outcome"] == "ok"
    assert doctor.checks["keys"]["outcome"] == "failed"
    assert doctor.code == 1


def test_no_key_of_that_algorithm(doctor):
    doctor(id_token_algorithms='["EdDSA"]')

    assert doctor.checks["keys"]["outcome"] == "failed"
    assert "EdDSA" in doctor.checks["keys"]["text"]
    assert doctor.checks["algorithm"]["outcome"] == "failed"
    assert "RS256" in doctor.checks["algorithm"]["text"]


# ---- the application ----


def test_wrong_secret(doctor):
    doctor(client_secret="wrong-secret-canary-of-32-characters")

    assert_finds(doctor, "credentials")
    assert "canary" not in doctor.output
    assert doctor.checks["refresh_grant"]["outcome"] == "not checked"


def test_refresh_grant_is_off(doctor, application):
    application(grant_types=["authorization_code", VAULT])
    doctor()

    assert_finds(doctor, "refresh_grant")
    assert doctor.checks["vault_grant"]["outcome"] == "not checked"


def test_refresh_is_not_asked_for(doctor):
    doctor(authorization_params='{"scope": "openid profile"}')

    assert doctor.checks["refresh_grant"]["outcome"] == "not checked"
    assert "offline_access" in doctor.checks["refresh_grant"]["text"]


def test_vault_grant_is_off(doctor, application):
    application(grant_types=["authorization_code", "refresh_token"])
    doctor()

    assert_finds(doctor, "vault_grant")
    doctor(custom_scopes="{}")
    assert_finds(doctor, "vault_grant", outcome="warning")


def test_my_account_is_not_in_the_policies(doctor, application):
    application(refresh_policies=[])
    doctor()

    assert_finds(doctor, "my_account", "create:me:connected_accounts")
    doctor(custom_scopes="{}")
    assert_finds(doctor, "my_account", outcome="warning")


def test_callback_is_not_registered(doctor):
    doctor("--callback-url", "https://app.example/other")

    assert_finds(doctor, "callback", "https://app.example/other is not registered")


def test_vault_05_rotation_does_not_go_with_the_vault(doctor, application):
    application(rotation_type="rotating")
    doctor()

    assert_finds(doctor, "rotation")
    assert "vault_subject" in doctor.checks["rotation"]["remedy"]


def test_rotation_is_fine_when_access_tokens_are_exchanged(doctor, application):
    application(rotation_type="rotating")
    doctor(vault_subject="access_token", vault_audience="https://api.example.test/")

    assert doctor.checks["rotation"]["outcome"] == "ok"


# ---- the Management API ----


def grant(tenant, *scopes):
    tenant.control("client_grants", {"client_id": "under-grant", "scope": list(scopes),
                                     "audience": f"{tenant.url}/api/v2/"})
    tenant.control("clients", {"client_id": "under-grant", "client_secret": "s" * 32,
                               "grant_types": ["client_credentials"]})
    return {"management_client_id": "under-grant", "management_client_secret": "s" * 32}


def test_no_machine_token(doctor):
    doctor(management_client_secret="wrong")

    assert_finds(doctor, "management")
    assert doctor.checks["callback"]["outcome"] == "not checked"


def test_no_machine_token_is_no_fault_where_nothing_needs_it(doctor):
    doctor(management_client_secret="wrong", connections_for_account_linking="[]")

    assert_finds(doctor, "management", outcome="warning")


def test_missing_scopes_are_named(doctor, tenant):
    doctor(**grant(tenant, "read:clients", "read:connections", "read:users"))

    assert_finds(doctor, "scopes", "update:users")


def test_scopes_to_look_with_are_named(doctor, tenant):
    doctor(**grant(tenant, "read:users", "update:users"))

    assert doctor.code == 0
    for name in ("callback", "algorithm", "rotation", "my_account"):
        assert doctor.checks[name] == {"id": name, "outcome": "not checked",
                                       "text": "needs scope read:clients", "remedy": None}
    for name in ("connections", "connectable", "trust"):
        assert doctor.checks[name]["text"] == "needs scope read:connections"


def test_excess_scopes_are_a_warning(doctor, tenant):
    tenant.control("apis", {"identifier": f"{tenant.url}/api/v2/",
                            "scopes": ["read:users", "update:users", "delete:users"]})
    doctor(**grant(tenant, "read:users", "update:users", "delete:users"))

    assert_finds(doctor, "excess_scopes", "delete:users", outcome="warning")


def test_one_secret_for_both_is_a_warning(doctor, tenant, application):
    application(grant_types=["authorization_code", "refresh_token", VAULT, "client_credentials"])
    tenant.control("client_grants", {"client_id": CLIENT_ID, "scope": ["read:users", "update:users"],
                                     "audience": f"{tenant.url}/api/v2/"})
    doctor(management_client_id=CLIENT_ID, management_client_secret=CLIENT_SECRET)

    assert_finds(doctor, "shared_credentials", outcome="warning")


@pytest.mark.parametrize("fault", [
    {"name": "client_get.status", "value": 500, "times": 9},
    {"name": "client_get.body_raw", "value": {"body": "<html>", "content_type": "text/html"}},
    {"name": "client_get.status", "value": 404},
])
def test_management_api_that_fails_is_said(doctor, tenant, fault):
    tenant.control("faults", fault)
    doctor()

    assert doctor.code == 0
    assert doctor.checks["callback"]["outcome"] == "not checked"
    assert doctor.checks["callback"]["text"]


# ---- connections ----


def test_connection_with_a_slip_in_its_name(doctor):
    doctor(connections_for_account_linking='["google-oauth2", "gogle"]')

    assert_finds(doctor, "connections", "gogle")


def test_connection_that_is_off_for_the_application(doctor, application):
    application(connections=["github"])
    doctor()

    assert doctor.checks["connections"]["outcome"] == "failed"
    assert "google-oauth2" in doctor.checks["connections"]["text"]


def test_connection_whose_accounts_can_not_be_connected(doctor, tenant):
    tenant.control("connections", {"name": "google-oauth2", "connected_accounts": False})
    doctor()

    assert_finds(doctor, "connectable", "google-oauth2")


def test_link_03_connections_that_do_not_check_addresses_are_named(doctor):
    doctor(connections_for_account_linking='["google-oauth2", "github"]')

    assert_finds(doctor, "trust", "github", outcome="warning")
    assert "google" not in doctor.checks["trust"]["text"]
    doctor(connections_for_account_linking='["google-oauth2", "github"]',
           confirm_only_connections='["github"]')
    assert doctor.checks["trust"]["outcome"] == "ok"


# ---- usage ----


def test_configuration_is_exit_code_2(doctor):
    doctor(client_id="")

    assert doctor.code == 2
    assert doctor.checks == {}
    assert "client_id" in doctor.output


@pytest.mark.parametrize("arguments", [["--timeout=0"], ["--timeout=x"], ["--no"], ["word"]])
def test_fault_of_usage_exits_2(doctor, arguments):
    assert doctor(*arguments).code == 2
