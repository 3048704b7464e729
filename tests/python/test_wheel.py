"""The wheel, installed where there is nothing else, signs in."""

import subprocess
import sys
from pathlib import Path

import auth0_oauth_client
from conftest import ROOT, Tenant, plain_environment


def run(*arguments):
    environment = plain_environment() | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environment.pop("PYTHONPATH", None)
    return subprocess.run(
        [str(argument) for argument in arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        env=environment, text=True, check=True,
    ).stdout


def test_the_wheel_in_an_empty_environment_signs_in(tmp_path):
    wheel, = (ROOT / "build-python" / "wheel").glob("a0_django-*.whl")
    run(sys.executable, "-m", "venv", tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    run(python, "-m", "pip", "install", "-q", wheel)
    tenant = Tenant(tmp_path)
    try:
        assert "signed in" in run(python, Path(__file__).with_name("alone.py"), tenant.url)
    finally:
        assert tenant.stop() == 0


def test_mem_11_a_process_that_ends_amid_operations_ends_well(tmp_path):
    """Its engine is in the middle of TLS, its threads are in callbacks and wait for the GIL."""
    tenant = Tenant(tmp_path, "--tls", tmp_path / "tls")
    try:
        for number in range(5):
            left = run(sys.executable, Path(__file__).with_name("leaving.py"), tenant.url,
                       tmp_path / "tls" / "ca.pem", tmp_path / f"{number}.sqlite3")
            assert "left" in left
    finally:
        assert tenant.stop() == 0


def test_the_extension_shows_nothing_but_its_entry():
    """So that it collides with no other library of the process, nor with a newer Python."""
    library, = Path(auth0_oauth_client.__file__).parent.glob("_core*.so")
    assert library.name == "_core.abi3.so"
    shown = run("nm", "--dynamic", "--defined-only", library).split("\n")
    assert [line.split()[-1] for line in shown if line] == ["PyInit__core"]
