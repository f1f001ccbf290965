"""Files that appear together or not at all, and take no other file's place."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from daemon.cli.context import CommandFailed


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to be written; `mode` are its permissions."""

    path: Path
    text: str = field(repr=False)
    mode: int = 0o600


def refuse_existing(paths: Sequence[Path]) -> None:
    """Raises CommandFailed where something stands under one of them."""
    for path in paths:
        if os.path.lexists(path):
            raise CommandFailed(
                f"{path} exists, and nothing is overwritten: move it away, or give another --config"
            )


def write_all(files: Sequence[NewFile]) -> None:
    """Write each in its order, with the folders that are missing. Raises CommandFailed; then, and after
    Ctrl-C, none of it is left.

    Each is complete under another name before the first gets its own: a link is made in one step and fails
    where a file stands (link(2)), so that nothing is ever seen half-written, nor overwritten.
    """
    undo = contextlib.ExitStack()
    with undo, contextlib.ExitStack() as temporary:
        ready = []
        for file in files:
            _make_folders(file.path.parent, undo)
            beside = file.path.parent / f".{file.path.name}.{secrets.token_hex(4)}"
            temporary.callback(_remove, beside)
            _write(beside, file)
            ready.append((beside, file.path))
        for beside, path in ready:
            try:
                os.link(beside, path)
            except FileExistsError:
                raise CommandFailed(f"{path} exists, and nothing is overwritten") from None
            except OSError as error:
                raise CommandFailed(f"{path} cannot be written: {error.strerror}") from None
            undo.callback(_remove, path)
        undo.pop_all()


def _write(path: Path, file: NewFile) -> None:
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with open(number, "w", encoding="utf-8") as stream:
            stream.write(file.text)
            stream.flush()
            os.fchmod(number, file.mode)
            os.fsync(number)
    except OSError as error:
        raise CommandFailed(f"{file.path} cannot be written: {error.strerror}") from None


def _make_folders(folder: Path, undo: contextlib.ExitStack) -> None:
    """Others may look into it: what is secret is so by its own permissions."""
    if folder.is_dir():
        return
    _make_folders(folder.parent, undo)
    try:
        folder.mkdir()
        folder.chmod(0o755)  # whatever the umask: the service reads the configuration as a user of its own
    except OSError as error:
        raise CommandFailed(f"{folder} cannot be made: {error.strerror}") from None
    undo.callback(_remove_folder, folder)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


def _remove_folder(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.rmdir()
