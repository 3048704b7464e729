# SPDX-License-Identifier: MIT
"""A seed that the local tenant cannot take: the sentence says where, and what to write."""

import json
import subprocess

import pytest

from tenant_process import PROGRAM, Tenant

SOUND = {
    "connections": [{"name": "db", "strategy": "auth0"}],
    "apis": [{"identifier": "https://api.example.test/"}],
    "clients": [{"client_id": "app"}],
    "users": [{"user_id": "auth0|1", "connection": "db", "email": "e@example.test"}],
}


def complaint(tmp_path, text):
    seed = tmp_path / "seed.json"
    seed.write_text(text if isinstance(text, str) else json.dumps(text))
    ended = subprocess.run(
        [PROGRAM, "tenant", "--port", "0", "--seed", str(seed)],
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert ended.returncode == 2 and ended.stdout == ""
    return ended.stderr


def with_more(name, *records):
    return {**SOUND, name: [*SOUND.get(name, []), *records]}


def test_a_sound_one_starts(tmp_path):
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps(SOUND))
    tenant = Tenant("--seed", str(seed))
    assert tenant.control("users", method="GET")[0]["email"] == "e@example.test"
    assert tenant.stop() == 0


@pytest.mark.parametrize(
    "text, told",
    [
        ("", "line 1 is no JSON"),
        ('{\n "users": [\n  {"email": "x"},,\n ]\n}', "line 3 is no JSON"),
        ('{\n "users": [\n  {"email": "x", "email": "y"}\n ]\n}', "line 3 is no JSON"),
        ('{\n "users": []\n', "line 3 is no JSON"),
        ("[]", "it must be a JSON object"),
    ],
)
def test_what_is_no_json_has_a_line(tmp_path, text, told):
    assert told in complaint(tmp_path, text)


@pytest.mark.parametrize(
    "seed, told",
    [
        ({"people": []}, 'there is no member "people"; it has settings, connections'),
        ({"users": {}}, '"users" must be a list'),
        ({"settings": []}, "settings: each one must be an object"),
        (
            with_more("users", {"emial": "x"}),
            "users[1]: users: there is no member emial; the nearest is email",
        ),
        (
            with_more("clients", {"client_id": "c", "redirect_uris": []}),
            "clients[1]: clients: there is no member redirect_uris",
        ),
        (with_more("users", {"email": 5}), "users[1]: users: email must be text"),
        (
            with_more("clients", {"client_id": "c", "rotation_type": "rotate"}),
            "rotation_type must be one of rotating, non-rotating",
        ),
        (
            with_more("clients", {"client_id": "c", "token_endpoint_auth_method": "jwt"}),
            "one of client_secret_post, client_secret_basic, private_key_jwt, none",
        ),
        (
            with_more("clients", {"client_id": "c", "token_lifetime": 1 << 60}),
            "token_lifetime must be a whole number",
        ),
        (with_more("clients", {"name": "c"}), "clients[1]: clients: each one needs its client_id"),
        (with_more("connections", {"name": "x"}), "each one needs its strategy"),
        (
            with_more("users", {"user_id": "auth0|2", "connection": "bd"}),
            "users auth0|2: connection names bd, which is not among the connections",
        ),
        (
            with_more("clients", {"client_id": "c", "connections": ["db", "google"]}),
            "clients c: connections names google, which is not among the connections",
        ),
        (
            with_more("client_grants", {"client_id": "app", "audience": "https://api.example.test"}),
            "audience names https://api.example.test, which is not among the apis",
        ),
        (
            with_more("client_grants", {"client_id": "other", "audience": "https://api.example.test/"}),
            "client_id names other, which is not among the clients",
        ),
        (
            with_more("organizations", {"name": "o", "members": ["auth0|9"]}),
            "members names auth0|9, which is not among the users",
        ),
        (
            {**SOUND, "settings": {"default_audience": "x"}},
            "default_audience names x, which is not among the apis",
        ),
        (
            with_more("users", {"user_id": "auth0|2", "connection": "db", "name": "x" * 1001}),
            "users[1]: name must not be longer than 1000 bytes",
        ),
        (
            with_more("clients", {"client_id": "c", "token_vault_ip_allowlist": ["here"]}),
            "addresses, or of networks such as 10.0.0.0/8",
        ),
        ({"generated_users": [{"count": 0}]}, "generated_users[0]: generated_users: count must be"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path, seed, told):
    said = complaint(tmp_path, seed)
    assert told in said and said.startswith("a0: ") and said.count("\n") == 1


def test_a_change_that_is_refused_changes_nothing(tmp_path):
    tenant = Tenant()
    try:
        (first, *_) = tenant.control("users", method="GET")
        bad = {"user_id": first["user_id"], "name": "Other", "blocked": "yes"}
        answer = tenant.request("POST", "/_tenant/users", data=bad)
        assert answer.status == 400 and "blocked must be true or false" in answer.text
        assert tenant.control("users", method="GET")[0] == first
    finally:
        assert tenant.stop() == 0


@pytest.mark.parametrize(
    "arguments, told",
    [
        (["--port", "99999"], "port"),
        (["--seed", "/nothing/here.json"], "cannot be read"),
        (["--issuer", "localhost"], "write an address such as"),
        (["--state", "/nothing/here.db"], "/nothing/here.db"),
    ],
)
def test_arguments_that_are_wrong_are_named(arguments, told):
    ended = subprocess.run(
        [PROGRAM, "tenant", "--port", "0", *arguments],
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert ended.returncode != 0 and told in ended.stderr and ended.stdout == ""


def test_a_port_that_is_taken_is_said():
    tenant = Tenant()
    try:
        ended = subprocess.run(
            [PROGRAM, "tenant", "--port", str(tenant.port)],
            capture_output=True,
            text=True,
            timeout=20,
        )
        assert ended.returncode == 1 and "the address is in use" in ended.stderr
        assert str(tenant.port) in ended.stderr
    finally:
        assert tenant.stop() == 0
