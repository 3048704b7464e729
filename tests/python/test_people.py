"""A project with a user model of its own, and more than one database: in a process of its
own, because Django has one user model in each."""

import subprocess
import sys
from pathlib import Path

from conftest import plain_environment


def test_sess_16_users_that_have_an_address_and_no_name():
    environment = plain_environment()
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        [sys.executable, "-m", "people.walk"], cwd=Path(__file__).parent, env=environment,
        capture_output=True, text=True,
    )
    assert done.stdout.endswith("all is well\n"), done.stderr
