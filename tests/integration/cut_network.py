"""How long a name stays held by a process whose network was cut: `python -m tests.integration.cut_network`,
as root. Prints the seconds until another process could take it.

Two network namespaces joined by a cable: the database and the second process in one, the first process in
the other. The machine's own network is not touched. Nobody says goodbye: the cable is pulled.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from daemon.store import migrations
from daemon.store.database import Database
from daemon.store.liveness import liveness_of
from tests.servers import wait_until
from tests.servers.postgres import postgres

_INSIDE = "SHAKWA_TEST_NAMESPACE"


@contextlib.contextmanager
def _namespace() -> Iterator[list[str]]:
    """A second network namespace, joined to ours; the words that begin a command inside it."""
    sleeper = subprocess.Popen(["unshare", "--net", "sleep", "600"])
    try:
        there, here = Path(f"/proc/{sleeper.pid}/ns/net"), Path("/proc/self/ns/net")
        wait_until(lambda: there.readlink() != here.readlink(), what="unshare")
        enter = ["nsenter", "--target", str(sleeper.pid), "--net"]
        link = ["ip", "link", "add", "near", "type", "veth", "peer", "far", "netns", str(sleeper.pid)]
        for command in (
            ["ip", "link", "set", "lo", "up"],
            link,
            ["ip", "address", "add", "10.99.0.1/24", "dev", "near"],
            ["ip", "link", "set", "near", "up"],
            [*enter, "ip", "address", "add", "10.99.0.2/24", "dev", "far"],
            [*enter, "ip", "link", "set", "far", "up"],
        ):
            subprocess.run(command, check=True)
        yield enter
    finally:
        sleeper.kill()
        sleeper.wait(10)


def main() -> None:
    if _INSIDE not in os.environ:
        os.environ[_INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--net", sys.executable, "-m", "tests.integration.cut_network"])
    with _namespace() as enter, postgres(network="10.99.0.0/24") as server:
        url = server.create_database()
        database = Database(url)
        migrations.ensure(database)
        ours = liveness_of(database)
        distant = url.replace("127.0.0.1", "10.99.0.1")
        holder = subprocess.Popen(
            [*enter, sys.executable, "-m", "tests.integration.store_process", distant, "hold"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert holder.stdin is not None
            assert holder.stdout is not None
            assert holder.stdout.readline() == "ready\n"
            holder.stdin.write("go\n")
            holder.stdin.flush()
            owner = holder.stdout.readline().strip()
            assert not ours.hold("mailbox")
            subprocess.run([*enter, "ip", "link", "set", "far", "down"], check=True)
            cut_at = time.monotonic()
            wait_until(lambda: ours.hold("mailbox"), 60, "end of the session")
            assert ours.dead([owner]) == {owner}
            assert holder.poll() is None
            print(f"{time.monotonic() - cut_at:.1f}")
        finally:
            holder.kill()
            holder.wait(10)
            ours.close()
            database.close()


if __name__ == "__main__":
    main()
