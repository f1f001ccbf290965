"""A PgBouncer of our own before a PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.servers import MissingServer, answers, free_port, wait_until
from tests.servers.postgres import Postgres

_CONFIG = """\
[databases]
{name} = host={host} port={server_port} dbname={name} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = {size}
server_round_robin = {round_robin}
logfile = {root}/log
"""


@contextlib.contextmanager
def pooled(server: Postgres, url: str, mode: str, *, size: int = 20, round_robin: int = 0) -> Iterator[str]:
    """The URL that leads through it to `url`. `mode` is session, transaction or statement; `size` the
    sessions that the pool keeps. Raises MissingServer."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        raise MissingServer("pgbouncer")
    root = Path(tempfile.mkdtemp(prefix="sk-pgb-"))
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:  # it refuses root
        account = pwd.getpwnam("postgres")
        os.chown(root, account.pw_uid, account.pw_gid)
        as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    port, name = free_port(), url.rpartition("/")[2]
    (root / "ini").write_text(
        _CONFIG.format(
            name=name,
            host=server.host,
            server_port=server.port,
            user=server.user,
            port=port,
            mode=mode,
            size=size,
            round_robin=round_robin,
            root=root,
        )
    )
    process = subprocess.Popen(
        [program, "-q", str(root / "ini")], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **as_user
    )
    try:
        wait_until(lambda: answers(port), what="pgbouncer")
        yield f"postgresql://{server.user}@127.0.0.1:{port}/{name}"
    finally:
        process.kill()
        process.wait(10)
        shutil.rmtree(root, ignore_errors=True)
