"""A folder for a while: a copy of the database lies in it in the clear.

It goes when the work is over. What a killed backup, restore or simulation left goes with the next one, and
with an erasure: whoever works in such a folder holds a lock on it, which ends with the process.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

BACKUP: Final = ".shakwa-backup-"
RESTORE: Final = ".shakwa-restore-"
SIMULATION: Final = "shakwa-simulate-"
"""How the names of such folders begin."""


@contextlib.contextmanager
def workplace(folder: Path, beginning: str) -> Iterator[Path]:
    """A new folder in `folder`, for its owner alone, gone afterwards whatever happens. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    remove_left(folder)
    with contextlib.ExitStack() as work:
        yield _begun(folder, beginning, work)


def _begun(folder: Path, beginning: str, work: contextlib.ExitStack) -> Path:
    while True:
        path = Path(tempfile.mkdtemp(prefix=beginning, dir=folder))
        lock = os.open(path, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists():  # else it was taken for a dead one's in between
            work.callback(os.close, lock)
            work.callback(shutil.rmtree, path, ignore_errors=True)
            return path
        os.close(lock)


def remove_left(folder: Path, *patterns: str) -> int:
    """Remove what dead processes left: our folders, or what fits `patterns`. Returns how much. Nothing that
    somebody works on is touched, nor what is another's."""
    count = 0
    for pattern in patterns or (f"{BACKUP}*", f"{RESTORE}*", f"{SIMULATION}*"):
        for path in folder.glob(pattern):
            with contextlib.suppress(OSError):
                count += _removed(path)
    return count


def _removed(path: Path) -> bool:
    lock = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        # Temporary folders are everybody's. Root removes what the daemon's account left among its own data.
        if os.fstat(lock).st_uid not in (os.geteuid(), path.parent.stat().st_uid):
            return False
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
