"""A PostgreSQL server of its own, on a socket in a folder; nothing of it is left behind."""

import os
import shutil
import subprocess
from pathlib import Path


def programs():
    """The folder of initdb and postgres, or None."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    found = shutil.which("initdb")
    if found:
        folders.append(Path(found).resolve().parent)
    return next((folder for folder in reversed(folders) if (folder / "pg_ctl").exists()), None)


class Postgres:
    USER = "a0"

    def __init__(self, folder):
        """`folder`: of the socket, short enough for one."""
        self.folder = Path(folder)
        self.data = self.folder / "data"
        # PostgreSQL does not run as root.
        self.prefix = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        self.folder.mkdir()
        if self.prefix:
            self.folder.parent.chmod(0o755)
            shutil.chown(self.folder, "postgres")
        self._run("initdb", "-A", "trust", "-U", self.USER, "-E", "UTF8", "--no-sync", "-D", self.data)
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c fsync=off"
        self._run("pg_ctl", "-D", self.data, "-o", options, "-l", self.folder / "log", "-w", "start")

    def _run(self, program, *arguments):
        command = [*self.prefix, programs() / program, *arguments]
        subprocess.run(
            [str(word) for word in command],
            check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd="/",
        )

    def create_database(self, name):
        self._run("createdb", "-h", self.folder, "-U", self.USER, name)

    def stop(self):
        self._run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")
