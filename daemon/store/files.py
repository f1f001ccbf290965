"""The folder of files. Each is kept once, under the SHA-256 of its content: FOLDER/ab/abcdef….bin.

Nothing a sender wrote is part of a path. A file is written before the transaction that refers to it, so a
crash in between leaves at most one that nobody refers to (`orphans`). The raw mail is kept in the database
in any case.

    FilesUnavailable   the folder cannot be written: full, read-only, not ours
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from daemon.store.database import StoreError

_NAME: Final = re.compile(r"([0-9a-f]{64})\.bin")


class FilesUnavailable(StoreError):
    """A file cannot be written now; nothing was."""


class FileStore:
    """One folder, made when it is first written to. Safe for several threads and processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes) -> str:
        """Keep `content`, durably, and return its SHA-256 in hexadecimal. Raises FilesUnavailable."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(sha256)
        try:
            if not _touched(path, len(content)):
                _write(path, content)
        except OSError as error:
            raise FilesUnavailable(f"{self.folder}: {error.strerror or type(error).__name__}") from error
        return sha256

    def read(self, sha256: str) -> bytes | None:
        """The content, None where it is not here, or is not what was put."""
        try:
            content = self._path(sha256).read_bytes()
        except OSError:
            return None
        return content if hashlib.sha256(content).hexdigest() == sha256 else None

    def older_than(self, age_s: float) -> Iterator[str]:
        """Hashes of files put longer ago. Halves of files, of a dead process, are removed on the way."""
        until = time.time() - age_s  # the clock of the files themselves
        for path in sorted(self.folder.glob("??/*")):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime >= until:
                    continue
                if found := _NAME.fullmatch(path.name):
                    yield found[1]
                elif path.name.endswith(".part"):
                    path.unlink()

    def kept(self) -> Iterator[str]:
        """The hashes of all files."""
        for path in sorted(self.folder.glob("??/*.bin")):
            if found := _NAME.fullmatch(path.name):
                yield found[1]

    def path_of(self, sha256: str) -> Path:
        """Where it lies, or would lie."""
        return self._path(sha256)

    def remove(self, sha256: str, age_s: float) -> bool:
        """Remove a file unless it was put again within `age_s`. Raises FilesUnavailable."""
        path = self._path(sha256)
        try:
            if path.stat().st_mtime >= time.time() - age_s:
                return False
            path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise FilesUnavailable(f"{self.folder}: {error.strerror}") from error
        return True

    def check(self) -> str:
        """One line for `doctor`. Raises FilesUnavailable."""
        probe = self.folder / "00" / f"{secrets.token_hex(8)}.part"
        try:
            _write(probe, b"doctor")
            probe.unlink()
        except OSError as error:
            raise FilesUnavailable(f"{self.folder} cannot be written: {error.strerror}") from error
        return f"{self.folder} can be written"

    def _path(self, sha256: str) -> Path:
        if not _NAME.fullmatch(f"{sha256}.bin"):
            raise ValueError("not a SHA-256")
        return self.folder / sha256[:2] / f"{sha256}.bin"


def _touched(path: Path, size: int) -> bool:
    """Whether the file is there. It counts as put now, so that nobody removes it before it is referred to."""
    try:
        os.utime(path)
        return path.stat().st_size == size
    except FileNotFoundError:
        return False


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: under another name first, on the disk before it has its own."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{secrets.token_hex(8)}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
