"""Encrypts a backup to a public key, and opens it with the secret one, in the format of age.

The secret key need not lie on the machine. The library is pyrage, the bindings of rage: it streams 64 KiB at
a time, each piece sealed and the last one marked, so that a cut is noticed; and whatever speaks age opens the
archive without this program. The program `age` would do the same, and had to be installed beside us.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from daemon.backup.failures import BackupFailed, RestoreRefused

if TYPE_CHECKING:
    from pyrage import x25519

MAGIC: Final = b"age-encryption.org/v1"
"""How a sealed archive begins."""


def recipients_of(keys: Sequence[str]) -> list[x25519.Recipient]:
    """The public keys `age1…`. Raises BackupFailed."""
    from pyrage import RecipientError, x25519

    try:
        return [x25519.Recipient.from_str(key.strip()) for key in keys]
    except RecipientError:
        raise BackupFailed("the key to encrypt to is no public key of age: it begins with age1") from None


def identities_in(path: Path) -> list[x25519.Identity]:
    """The secret keys in a file as `age-keygen` and `secret backup-key` write it. Raises RestoreRefused."""
    from pyrage import IdentityError, x25519

    try:
        lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
        found = [x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except OSError as error:
        raise RestoreRefused(f"{path} cannot be read: {error.strerror}") from None
    except (IdentityError, UnicodeDecodeError):
        found = []
    if not found:
        raise RestoreRefused(f"{path} holds no secret key of age: a line AGE-SECRET-KEY-1…")
    return found


@contextmanager
def sealed_into(sink: IO[bytes], recipients: Sequence[x25519.Recipient]) -> Iterator[IO[bytes]]:
    """What is written to the yielded file lies sealed in `sink` when the block is over. Raises OSError."""
    import pyrage

    def seal(source: IO[bytes]) -> None:
        disk = _Disk(sink)
        try:
            pyrage.encrypt_io(source, disk, list(recipients))
        except pyrage.EncryptError:
            raise disk.error or OSError("the archive cannot be sealed") from None

    into, beside = _piped(seal, is_writing=True)
    try:
        yield into
    except BrokenPipeError:
        pass  # why the other end is gone is told below
    except BaseException:
        _close(into)
        beside.join()
        raise
    _close(into)
    beside.join()
    beside.check()


@contextmanager
def opened(source: IO[bytes], identities: Sequence[x25519.Identity]) -> Iterator[IO[bytes]]:
    """The content of a sealed archive, piece by piece. Raises RestoreRefused where the key is another one, or
    the archive was cut or changed."""
    import pyrage

    def open_up(sink: IO[bytes]) -> None:
        pyrage.decrypt_io(source, sink, list(identities))

    out, beside = _piped(open_up, is_writing=False)
    try:
        yield out
    finally:
        _close(out)
        beside.join()
    beside.refuse()


class _Disk:
    """A file that keeps the error which it raised: the library tells it in words of its own."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.error: OSError | None = None

    def write(self, piece: bytes) -> int:
        try:
            return self._file.write(piece)
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        self._file.flush()


class _Beside(threading.Thread):
    """The half that seals or opens, in a thread of its own: the library pulls, and an archive is pushed."""

    def __init__(self, work: Callable[[IO[bytes]], None], end: IO[bytes]) -> None:
        super().__init__(name="sealing", daemon=True)
        self._work = work
        self._end = end
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self._work(self._end)
        except BrokenPipeError:
            pass  # the reader had enough
        except Exception as error:  # noqa: BLE001 - raised where the archive is written or read
            self.error = error
        finally:
            _close(self._end)

    def check(self) -> None:
        """Raises what ended it."""
        if self.error is not None:
            raise self.error

    def refuse(self) -> None:
        """Raises RestoreRefused."""
        if self.error is not None:
            if "no matching keys" in str(self.error).lower():
                raise RestoreRefused("the backup is encrypted to another key than the one that was given")
            raise RestoreRefused("the backup is truncated or was changed: it does not decrypt to its end")


def _piped(work: Callable[[IO[bytes]], None], *, is_writing: bool) -> tuple[IO[bytes], _Beside]:
    reading, writing = os.pipe()
    source: IO[bytes] = os.fdopen(reading, "rb")
    sink: IO[bytes] = os.fdopen(writing, "wb")
    ours, theirs = (sink, source) if is_writing else (source, sink)
    beside = _Beside(work, theirs)
    beside.start()
    return ours, beside


def _close(end: IO[bytes]) -> None:
    with suppress(BrokenPipeError):
        end.close()
