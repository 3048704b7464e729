"""examples/c on the installed library: what a C programmer does first."""

import os
import shutil
import subprocess
import urllib.error
import urllib.request

import pytest

from conftest import CLIENT_ID, CLIENT_SECRET, ROOT, plain_environment

CALLBACK = "http://localhost:3000/callback"


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    """The library, installed by the build into a prefix of its own."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run(
        ["meson", "install", "-C", ROOT / "build", "--no-rebuild", "--quiet", "--destdir", folder],
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return folder


@pytest.fixture(scope="module")
def program(prefix, tmp_path_factory):
    """The example, built with nothing but pkg-config and the compiler."""
    folder = tmp_path_factory.mktemp("example")
    pc_file = next(prefix.rglob("a0.pc"))
    environment = plain_environment() | {
        "PKG_CONFIG_PATH": str(pc_file.parent),
        "PKG_CONFIG_SYSROOT_DIR": str(prefix),
        "CFLAGS": "-std=gnu99 -Wall -Wextra -Werror",
    }
    for name in ["sign_in.c", "Makefile"]:
        shutil.copy(ROOT / "examples" / "c" / name, folder)
    subprocess.run(["make", "sign_in"], cwd=folder, env=environment, check=True, stdin=subprocess.DEVNULL)
    return folder / "sign_in"


class StopAtRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None


def location_of(url):
    """Where the tenant sends the browser."""
    try:
        urllib.request.build_opener(StopAtRedirect).open(url, timeout=10)
    except urllib.error.HTTPError as answer:
        return answer.headers["Location"]
    raise AssertionError("the tenant did not redirect")


def start(program, prefix, tenant):
    library = next(prefix.rglob("liba0.so.0")).parent
    environment = plain_environment() | {
        "LD_LIBRARY_PATH": str(library),
        "A0_AUTH0_DOMAIN": tenant.url,
        "A0_CLIENT_ID": CLIENT_ID,
        "A0_CLIENT_SECRET": CLIENT_SECRET,
        "A0_CONNECTIONS_FOR_ACCOUNT_LINKING": "[]",
    }
    return subprocess.Popen(
        [program, CALLBACK],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def address_printed_by(running):
    for line in running.stdout:
        if line.startswith("http"):
            return line.strip()
    raise AssertionError(running.stderr.read())


def test_example_signs_a_person_in(program, prefix, tenant):
    tenant.add_client([CALLBACK])
    tenant.control("next-login", {"user_id": "auth0|a1a1a1a1a1a1a1a1a1a1a1a1"})

    with start(program, prefix, tenant) as running:
        callback = location_of(address_printed_by(running))
        output, errors = running.communicate(callback + "\n", timeout=20)

    assert errors == ""
    assert "Hello Ana Silva, you are auth0|a1a1a1a1a1a1a1a1a1a1a1a1." in output
    assert running.returncode == 0


def test_example_refuses_a_callback_of_another_sign_in(program, prefix, tenant):
    tenant.add_client([CALLBACK])
    tenant.control("next-login", {"user_id": "auth0|a1a1a1a1a1a1a1a1a1a1a1a1"})

    with start(program, prefix, tenant) as running:
        address_printed_by(running)
        _, errors = running.communicate(f"{CALLBACK}?code=x&state=y\n", timeout=20)

    assert errors.startswith("callback_state_mismatch: ")
    assert running.returncode == 1


def test_header_and_library_name_one_version(prefix):
    pc_file = next(prefix.rglob("a0.pc")).read_text()
    header = next(prefix.rglob("a0/version.h")).read_text()

    assert "Version: 0.1.0" in pc_file
    assert '#define A0_VERSION "0.1.0"' in header
    assert not os.path.exists(prefix / "usr" / "local" / "include" / "base")
