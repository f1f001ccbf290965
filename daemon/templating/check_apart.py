"""Checks what an editor just typed in a process of its own, under hard limits of time and memory.

The allow-list in `environment` makes every accepted source end quickly; the limits stand behind it, for the
command line and the browser. `python -m daemon.templating.check_apart` is the other half.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict

from daemon import resources
from daemon.templating.check import ANYWHERE, check
from daemon.templating.errors import Problem
from daemon.templating.keys import TextKey, key_of
from daemon.templating.pieces import MappingShelf
from daemon.templating.remarks import remark
from daemon.templating.setting import Setting

CHECK_SECONDS = 10
CHECK_MEMORY_MB = 512


def check_in_subprocess(
    key: TextKey,
    source: str,
    pieces: Mapping[str, str],
    setting: Setting = ANYWHERE,
    *,
    seconds: int = CHECK_SECONDS,
    memory_mb: int = CHECK_MEMORY_MB,
) -> list[Problem]:
    """`check` with hard limits: `seconds` of processor and of wall time, `memory_mb` of address space.

    What breaks a limit is a problem like any other. The child gets no environment, so no secret.
    Blocks; a daemon calls it from a worker thread.
    """
    root = resources.import_root()
    job = {"path": key.path, "source": source, "pieces": dict(pieces), "setting": asdict(setting)}
    child = subprocess.Popen(  # noqa: S603 - our own module, no shell
        [sys.executable, "-m", "daemon.templating.check_apart", str(seconds), str(memory_mb)],
        cwd=root,
        env={"PYTHONPATH": str(root), "PYTHONUTF8": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    # communicate(timeout=) polls with time.sleep, which fails under a moved clock; a timer does not.
    guard = threading.Timer(seconds, child.kill)
    guard.start()
    try:
        answer, _ = child.communicate(json.dumps(job).encode())
    finally:
        guard.cancel()
        child.kill()
        child.wait()
    try:
        found = json.loads(answer)
        return [Problem(str(path), int(line), str(message)) for path, line, message in found]
    except ValueError:
        limits = remark(key.language, "too_costly", seconds=str(seconds), memory=str(memory_mb))
        return [Problem(key.path, 0, limits)]


def _child(arguments: list[str]) -> int:
    import resource

    seconds, memory_mb = int(arguments[0]), int(arguments[1])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    job = json.loads(sys.stdin.buffer.read())
    key = key_of(job["path"])
    assert key is not None
    setting = Setting(job["setting"]["public_url"], tuple(job["setting"]["sms_hosts"]))
    problems = check(key, job["source"], MappingShelf(job["pieces"]), setting)
    json.dump([[problem.path, problem.line, problem.message] for problem in problems], sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(_child(sys.argv[1:]))
