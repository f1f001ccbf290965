"""A real clamd with a database of one signature, in a temporary folder, on a Unix socket of its own. No
freshclam: nothing is fetched."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers import MissingServer, is_running, wait_until

SIGNATURE = "Shakwa.Test.Signature"
INFECTED = b"this harmless line is what our test signature looks for: 7f3b91c2"
STREAM_MAX_BYTES = 4 * 2**20


@dataclass
class ClamdServer:
    """A running clamd on `path`; `stop` ends it, and `start` brings it back."""

    path: Path
    root: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = _program()
        with (self.root / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [program, "--foreground", "--config-file", self.root / "clamd.conf"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.root,
                start_new_session=True,
            )
        wait_until(self._is_ready, 60.0, "clamd")

    def stop(self) -> None:
        process, self.process = self.process, None
        if process is None or process.poll() is not None or not is_running(process.pid):
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)

    def _is_ready(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise RuntimeError(f"clamd ended: {(self.root / 'log').read_text(errors='replace')}")
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as channel:
            channel.settimeout(2.0)
            channel.connect(str(self.path))
            channel.sendall(b"zPING\0")
            return channel.recv(16) == b"PONG\0"
        return False


@contextlib.contextmanager
def clamd() -> Iterator[ClamdServer]:
    """Start it and stop it at the end. Raises MissingServer."""
    _program()
    root = Path(tempfile.mkdtemp(prefix="sk-clam-"))  # short: a socket's path has 107 octets
    try:
        database = root / "db"
        database.mkdir()
        # Name, target (0: any file), offset, hexadecimal (ClamAV's extended signatures).
        (database / "test.ndb").write_text(f"{SIGNATURE}:0:*:{INFECTED.hex()}\n")
        lines = {
            "LocalSocket": str(root / "s"),
            "DatabaseDirectory": str(database),
            "TemporaryDirectory": str(root),
            "StreamMaxLength": f"{STREAM_MAX_BYTES // 2**20}M",
            "MaxThreads": "2",
            "Foreground": "yes",
            "OfficialDatabaseOnly": "no",
            "ConcurrentDatabaseReload": "no",
            "SelfCheck": "3600",
        }
        if os.geteuid() == 0:
            lines["User"] = "root"  # else it would become clamav, who may not enter the folder
        (root / "clamd.conf").write_text("".join(f"{key} {value}\n" for key, value in lines.items()))
        server = ClamdServer(root / "s", root)
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _program() -> str:
    found = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise MissingServer("clamav-daemon")
    return found
