"""The folder of PostgreSQL clusters of our own, and its programs: as user `postgres` if we are root.

The server refuses root.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.servers import MissingServer

USER = "shakwa"
"""Whom a cluster belongs to in the database; anyone on this machine may enter as them."""
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}
"""Faster, and nothing is lost that a test looks at; autovacuum would look at each database of each test."""


@dataclass
class Home:
    """A temporary folder `root` that the programs of PostgreSQL may write to."""

    root: Path
    programs: Path
    as_user: dict[str, Any] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        return self.root / "log"

    def initialise(self, folder: Path) -> None:
        """Make an empty cluster in `folder`."""
        self.run(
            "initdb",
            *("--pgdata", str(folder), "--username", USER, "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
        )

    def run(self, program: str, *arguments: str) -> None:
        """Raises RuntimeError with what the program said."""
        done = subprocess.run(
            [self.programs / program, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=self.root,
            env=self._environment,
            timeout=120,
            check=False,
            **self.as_user,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.decode(errors='replace')}")

    def start(self, folder: Path, port: int, options: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """The server of the cluster in `folder`, which is not ready yet."""
        given = {"listen_addresses": "127.0.0.1", "timezone": "UTC", **options}
        given["unix_socket_directories"] = str(self.root)
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [
                    self.programs / "postgres",
                    *("-D", folder, "-p", str(port)),
                    *(part for name, value in given.items() for part in ("-c", f"{name}={value}")),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.root,
                env=self._environment,
                start_new_session=True,  # Ctrl-C in a test run must not reach it before our own stop
                **self.as_user,
            )

    @property
    def _environment(self) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self.root)}


@contextlib.contextmanager
def home(prefix: str) -> Iterator[Home]:
    """Make the folder, and remove it at the end. Raises MissingServer."""
    found = programs()
    root = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        as_user: dict[str, Any] = {}
        if os.geteuid() == 0:
            try:
                account = pwd.getpwnam("postgres")
            except KeyError as error:
                raise MissingServer("postgresql") from error
            os.chown(root, account.pw_uid, account.pw_gid)
            as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        yield Home(root, found, as_user)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def programs() -> Path:
    """Debian keeps the server's programs off the PATH, a folder a version. Raises MissingServer."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True
    )
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise MissingServer("postgresql")
