# SPDX-License-Identifier: MIT
"""a0 user against the Management API of the local tenant."""

import json
import urllib.error
import urllib.parse
import urllib.request

import pytest

from conftest import run_as_machine

ANA = "auth0|a1a1a1a1a1a1a1a1a1a1a1a1"
ANA_GOOGLE = "google-oauth2|100000000000000000001"


def user(tenant, *arguments, **settings):
    return run_as_machine(tenant, "user", *arguments, **settings)


def test_get_prints_the_profile_without_its_password(tenant):
    done = user(tenant, "get", ANA)
    profile = json.loads(done.stdout)

    assert done.returncode == 0
    assert profile["user_id"] == ANA
    assert profile["email"] == "ana@example.test"
    assert profile["identities"][0]["provider"] == "auth0"
    assert "password" not in done.stdout.replace("Username-Password", "")
    assert [entry["path"] for entry in tenant.control("requests")] == [
        "/oauth/token", "/api/v2/users/auth0%7Ca1a1a1a1a1a1a1a1a1a1a1a1"]


def test_by_email_finds_every_account_in_both_spellings(tenant):
    done = user(tenant, "by-email", "Ana@example.test")

    assert done.returncode == 0
    assert {profile["user_id"] for profile in json.loads(done.stdout)} == {ANA, ANA_GOOGLE}
    assert user(tenant, "by-email", "nobody@example.test").stdout == "[]\n"


@pytest.mark.parametrize("by_code", [True, False])
def test_tokensets_come_from_the_connected_accounts(tenant, by_code):
    tenant.control("faults", {"name": "mgmt.tokensets", "value": by_code})
    done = user(tenant, "tokensets", ANA)

    assert done.returncode == 0
    assert json.loads(done.stdout) == []


def test_unknown_user_is_an_error(tenant):
    done = user(tenant, "get", "auth0|nobody")

    assert done.returncode == 1
    assert "no user" in done.stderr


def test_missing_scope_is_an_error_that_says_so(tenant):
    tenant.control("client_grants", {
        "client_id": "under-test", "audience": tenant.url + "/api/v2/", "scope": ["read:logs"]})
    tenant.control("clients", {"client_id": "under-test", "client_secret": "s" * 32,
                               "grant_types": ["client_credentials"]})
    done = user(tenant, "get", ANA, client_id="under-test", client_secret="s" * 32)

    assert done.returncode == 1
    assert "scope" in done.stderr


def test_rate_limit_is_waited_for(tenant):
    tenant.control("faults", {"name": "mgmt.429", "value": True})
    done = user(tenant, "get", ANA)

    assert done.returncode == 0
    assert len(tenant.control("requests")) == 3


@pytest.mark.parametrize("fault", [
    {"name": "mgmt.status", "value": 500, "times": 9},
    {"name": "mgmt.status", "value": 401, "times": 9},
    {"name": "mgmt.body_raw", "value": {"body": "<html>", "content_type": "text/html"}},
    {"name": "mgmt.body_raw", "value": '{"user_id":'},
])
def test_failing_api_is_an_error(tenant, fault):
    tenant.control("faults", fault)
    done = user(tenant, "get", ANA)

    assert done.returncode == 1
    assert done.stdout == ""


@pytest.mark.parametrize("arguments", [[], ["get"], ["drop", ANA], ["get", "../x?y"]])
def test_fault_of_usage_exits_2(tenant, arguments):
    done = user(tenant, *arguments)

    assert done.returncode == 2
    assert tenant.control("requests") == []


def machine_token(tenant, scopes):
    tenant.control("client_grants", {
        "client_id": "under-test", "audience": tenant.url + "/api/v2/", "scope": scopes})
    tenant.control("clients", {"client_id": "under-test", "client_secret": "s" * 32,
                               "grant_types": ["client_credentials"]})
    form = {"grant_type": "client_credentials", "client_id": "under-test",
            "client_secret": "s" * 32, "audience": tenant.url + "/api/v2/"}
    with urllib.request.urlopen(tenant.url + "/oauth/token",
                                urllib.parse.urlencode(form).encode()) as answer:
        return json.loads(answer.read())["access_token"]


def call(tenant, method, path, token=None, body=None):
    request = urllib.request.Request(tenant.url + path, method=method)
    if token is not None:
        request.add_header("Authorization", "Bearer " + token)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else None, answer.headers
    except urllib.error.HTTPError as answer:
        return answer.code, json.loads(answer.read()), answer.headers


def test_patch_merges_metadata_one_level_deep(tenant):
    token = machine_token(tenant, ["read:users", "update:users"])
    path = "/api/v2/users/" + urllib.parse.quote(ANA, safe="")
    first = {"name": "Ana B.", "user_metadata": {"a": {"x": 1}, "b": 2, "c": 3}}
    second = {"user_metadata": {"a": {"y": 1}, "b": None}}

    assert call(tenant, "PATCH", path, token, first)[0] == 200
    status, profile, headers = call(tenant, "PATCH", path, token, second)

    assert status == 200
    assert profile["name"] == "Ana B."
    assert profile["user_metadata"] == {"a": {"y": 1}, "c": 3}
    assert call(tenant, "GET", path, token)[1] == profile
    assert int(headers["x-ratelimit-remaining"]) > 0
    assert call(tenant, "PATCH", path, token, {"user_id": "auth0|x"})[0] == 400


def test_scopes_and_tokens_are_enforced(tenant):
    path = "/api/v2/users/" + urllib.parse.quote(ANA, safe="")
    token = machine_token(tenant, ["read:users"])

    assert call(tenant, "GET", path)[0] == 401
    assert call(tenant, "GET", path, token + "x")[0] == 401
    status, body, _ = call(tenant, "DELETE", path, token)
    assert (status, body["errorCode"]) == (403, "insufficient_scope")
    tenant.control("clock", {"offset_s": 86401})
    assert call(tenant, "GET", path, token)[0] == 401


def test_delete_removes_the_user(tenant):
    path = "/api/v2/users/" + urllib.parse.quote(ANA, safe="")
    token = machine_token(tenant, ["read:users", "delete:users"])

    assert call(tenant, "DELETE", path, token)[0] == 204
    assert call(tenant, "DELETE", path, token)[0] == 204
    assert call(tenant, "GET", path, token)[1]["errorCode"] == "inexistent_user"
