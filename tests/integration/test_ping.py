# SPDX-License-Identifier: MIT
"""a0 ping against the local tenant: what each stage looks like from a shell."""

import json
import time

import pytest

from conftest import run_as_machine


def ping(tenant, *arguments, **settings):
    return run_as_machine(tenant, "ping", *arguments, **settings)


def test_ready(tenant):
    done = ping(tenant, "--required-scope", "read:users", "--required-scope", "update:users")
    answer = json.loads(done.stdout)

    assert done.returncode == 0
    assert answer["ok"] is True
    assert answer["expires_in"] == 86400
    assert "read:users" in answer["granted_scopes"]
    assert answer["latency_ms"] >= 0
    assert [entry["path"] for entry in tenant.control("requests")] == ["/oauth/token"]


def test_wrong_secret_is_stage_m2m_token_with_the_status(tenant):
    done = ping(tenant, client_secret="wrong-secret-canary")
    answer = json.loads(done.stdout)

    assert done.returncode == 1
    assert (answer["ok"], answer["stage"], answer["status"]) == (False, "m2m_token", 401)
    assert answer["error"] == "invalid_client"
    assert "secret" in answer["remedy"]
    assert "canary" not in done.stdout + done.stderr


def test_missing_scopes_are_named(tenant):
    done = ping(tenant, "--required-scope", "read:users", "--required-scope=delete:users",
                "--required-scope", "read:grants")
    answer = json.loads(done.stdout)

    assert done.returncode == 1
    assert answer["stage"] == "scope_grant"
    assert set(answer["missing_scopes"]) == {"delete:users", "read:grants"}


def test_token_of_another_issuer_is_stage_token_claims(tenant):
    tenant.control("faults", {"name": "at.claim.iss", "value": "https://evil.example/"})
    done = ping(tenant)

    assert done.returncode == 1
    assert json.loads(done.stdout)["stage"] == "token_claims"


@pytest.mark.parametrize("fault", [
    {"name": "token.status", "value": 500},
    {"name": "token.status", "value": {"status": 429, "headers": {"Retry-After": "7"}}},
    {"name": "token.body_raw", "value": {"body": "<html>", "content_type": "text/html"}},
    {"name": "token.body_raw", "value": '{"access_token":'},
    {"name": "token.drop_before", "value": True},
])
def test_failing_tenant_is_stage_m2m_token(tenant, fault):
    tenant.control("faults", fault)
    done = ping(tenant)

    assert done.returncode == 1
    assert json.loads(done.stdout)["stage"] == "m2m_token"


def test_hanging_tenant_ends_within_the_time_limit(tenant):
    tenant.control("faults", {"name": "token.delay", "value": 6000})
    began = time.monotonic()
    done = ping(tenant, "--timeout", "1")

    assert time.monotonic() - began < 5
    assert done.returncode == 1
    assert json.loads(done.stdout)["stage"] == "m2m_token"


def test_configuration_is_exit_code_2(tenant):
    done = ping(tenant, client_id="")

    assert done.returncode == 2
    assert done.stdout == ""
    assert "client_id" in done.stderr


@pytest.mark.parametrize("timeout", ["0", "121", "x", "-1"])
def test_time_limit_is_checked(tenant, timeout):
    done = ping(tenant, f"--timeout={timeout}")

    assert done.returncode == 2
    assert "--timeout" in done.stderr
