"""The program's command line: help, exit codes, messages."""

import json
import subprocess
import urllib.request

import pytest

from conftest import PROGRAM, Process, plain_environment

COMMANDS = ["serve", "tenant", "demo", "ping", "user"]


def run(*arguments, environment=None):
    return subprocess.run(
        [PROGRAM, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
        env=plain_environment() | (environment or {}),
    )


def test_help_names_every_command_and_where_to_start():
    done = run("--help")

    assert done.returncode == 0
    assert "a0 demo" in done.stdout
    for command in COMMANDS:
        assert f"\n  {command} " in done.stdout


def test_no_arguments_shows_the_help_as_a_fault_of_usage():
    assert run().returncode == 2


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_teaches_its_options(command):
    done = run("help", command)

    assert done.returncode == 0
    assert done.stdout.startswith(f"usage: a0 {command}")
    assert "\nOptions:\n" in done.stdout
    assert run(command, "--help").stdout == done.stdout


def test_help_settings_lists_names_defaults_and_sentences():
    done = run("help", "settings")

    assert "clock_leeway (seconds, default 60)" in done.stdout
    assert "client_secret (secret)" in done.stdout


def test_version_is_printed():
    assert run("version").stdout == run("--version").stdout == "a0 0.1.0\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["sevre"],
        ["help", "sevre"],
        ["tenant", "--prot", "0"],
        ["tenant", "--port"],
        ["tenant", "--port", "65536"],
        ["tenant", "--port", "80x"],
        ["tenant", "--port="],
        ["tenant", "extra"],
        ["serve", "--config", "/nonexistent/a0.json"],
    ],
)
def test_fault_of_usage_exits_2_and_says_what_to_do(arguments):
    done = run(*arguments)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("a0: ")


def test_check_config_prints_every_fault(tmp_path):
    config = tmp_path / "a0.json"
    config.write_text('{\n"auth0_domain": "acme.eu.auth0.com/",\n"clock_leeway": 301\n}')

    done = run("serve", "--config", config, "--check-config")

    assert done.returncode == 2
    for name in ["auth0_domain", "client_id", "client_secret", "clock_leeway",
                 "connections_for_account_linking"]:
        assert f"{name}: " in done.stderr
    assert "line 3" in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("listen", '"127.0.0.1:8080"', "listen: has the wrong type; write a list"),
        ("listen", '["127.0.0.1:99999"]', "listen: is no address to listen on; write "),
        ("listen", '["app.example.com:80"]', "listen: is no address to listen on; write "),
        ("health_listen", '"9000"', "health_listen: is no address to listen on; write "),
        ("workers", "-1", "workers: is out of range; write a whole number"),
        *[("connect_allowed", value, "connect_allowed: an entry is not acceptable; write names")
          for value in ['{"a b": []}', '{"": []}', '{"google-oauth2": "openid"}',
                        '{"google-oauth2": ["openid email"]}', '{"google-oauth2": [1]}',
                        '{"google-oauth2": [""]}', '{"../x?y": []}']],
        ("connect_allowed", "[]", "connect_allowed: has the wrong type; write an object"),
        *[("vault_try_out", value, "vault_try_out: an entry is not acceptable; write connections")
          for value in ['{"github": {"url": "https://api.example.test/"}}']],
    ],
)
def test_check_config_says_what_to_write(tmp_path, name, value, said):
    config = tmp_path / "a0.json"
    config.write_text(f'{{"{name}": {value}}}')

    done = run("serve", "--config", config, "--check-config")

    assert done.returncode == 2
    assert f"a0: {said}" in done.stderr
    assert done.stderr.count(f"a0: {name}: ") == 1


@pytest.mark.parametrize("entry", [
    {}, {"url": 1}, {"url": "http://api.example.test/"}, {"url": "https://user@api.example.test/"},
    {"url": "https://api.example.test/#x"}, {"url": "/events"}, "https://api.example.test/",
    {"url": "https://api.example.test/", "scope": "a b"}, {"url": "https://api.example.test/", "scope": 1},
])
def test_a_try_out_sends_its_token_to_a_proper_address_alone(tmp_path, entry):
    config = tmp_path / "a0.json"
    config.write_text(json.dumps({"connect_allowed": {"google-oauth2": []}, "vault_try_out": {"google-oauth2": entry}}))

    done = run("serve", "--config", config, "--check-config")

    assert "a0: vault_try_out: an entry is not acceptable; write connections" in done.stderr


def test_serve_takes_a_domain_for_a_host_whatever_its_letters(tmp_path):
    """The pages' policy names the tenant: a form of ours leads there."""
    config = tmp_path / "a0.json"
    config.write_text(
        json.dumps(
            {
                "auth0_domain": "HTTP-works.example",
                "client_id": "a",
                "client_secret": "b",
                "connections_for_account_linking": [],
                "secret": "0123456789abcdef" * 4,
                "listen": ["127.0.0.1:0"],
                "database": ":memory:",
            }
        )
    )
    process = Process(
        [PROGRAM, "serve", "--config", config], tmp_path / "log", ready=r"ready: (.+)"
    )
    try:
        with urllib.request.urlopen(process.ready[1]) as answer:
            policy = answer.headers["Content-Security-Policy"]
    finally:
        process.stop()

    assert policy.endswith("form-action 'self' https: https://http-works.example")
