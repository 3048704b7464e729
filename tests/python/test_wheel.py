"""The wheel, installed where there is nothing else, signs in."""

import subprocess
import sys
from pathlib import Path

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
