"""Reads a unit of systemd with its additions, and the credentials it is handed.

systemd.unit(5) and systemd.exec(5) say how.
"""

from __future__ import annotations

import base64
import binascii
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from daemon.cli.context import CommandFailed

FOLDERS = tuple(
    map(
        Path,
        (
            *("/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system"),
            *("/usr/lib/systemd/system", "/lib/systemd/system"),
        ),
    )
)
"""Where systemd reads units; the first that has one wins."""
STORES = tuple(
    map(Path, ("/etc/credstore", "/run/credstore", "/usr/local/lib/credstore", "/usr/lib/credstore"))
)
"""Where a credential lies that is named without a path."""
SINGLE = {"Type", "User", "Group", "DynamicUser", "StateDirectoryMode", "UMask"}
"""Of these the last line counts alone; the others add to one another, and an empty one takes all back."""

EMPTY_COUNTS = {"CapabilityBoundingSet", "AmbientCapabilities"}
"""Of these an empty one is the empty set."""


@dataclass(frozen=True, slots=True)
class Unit:
    """The settings of [Service], in their order, as they are in force."""

    name: str
    settings: tuple[tuple[str, str], ...]

    def last(self, key: str) -> str:
        return next((value for one, value in reversed(self.settings) if one == key), "")

    def is_on(self, key: str) -> bool:
        return self.last(key).lower() in ("yes", "true", "on", "1")

    @property
    def config(self) -> Path | None:
        """The configuration that it starts the program with."""
        try:
            words = shlex.split(self.last("ExecStart"))
        except ValueError:
            return None
        place = words.index("--config") + 1 if "--config" in words else len(words)
        return Path(words[place]) if place < len(words) else None


def read(name: str) -> Unit:
    """The unit of that name, or in that file. Raises CommandFailed."""
    if "/" in name:
        path = Path(name)
        folders: tuple[Path, ...] = (path.parent,)
    else:
        name = name if name.endswith(".service") else f"{name}.service"
        folders = FOLDERS
        path = next((one / name for one in folders if (one / name).is_file()), folders[0] / name)
    additions: dict[str, Path] = {}
    for folder in folders:
        for one in sorted((folder / f"{path.name}.d").glob("*.conf")):
            additions.setdefault(one.name, one)
    settings: list[tuple[str, str]] = []
    for file in (path, *(additions[one] for one in sorted(additions))):
        try:
            text = file.read_text("utf-8")
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise CommandFailed(f"the unit {file} cannot be read: {why}") from None
        for key, value in _settings(text):
            if not value or key in SINGLE:
                settings = [one for one in settings if one[0] != key]
            if value or key in EMPTY_COUNTS:
                settings.append((key, value.replace("%%", "%")))
    return Unit(path.name, tuple(settings))


def _settings(text: str) -> Iterator[tuple[str, str]]:
    section = ""
    lines = (line.strip() for line in text.splitlines())
    joined = re.sub(r"\\\n", " ", "\n".join(line for line in lines if not line.startswith(("#", ";"))))
    for line in joined.splitlines():
        if line.startswith("["):
            section = line
        elif section == "[Service]" and "=" in line:
            key, _, value = line.partition("=")
            yield key.strip(), value.strip()


def sources(unit: Unit) -> Iterator[tuple[str, bytes]]:
    """Each credential by its name. Raises CommandFailed for one that cannot be read, without its content."""
    for key, value in unit.settings:
        name, _, rest = value.partition(":")
        if key == "SetCredential":
            yield name, rest.encode().decode("unicode_escape").encode("latin-1")
        elif key in ("LoadCredential", "LoadCredentialEncrypted"):
            is_encrypted = key.endswith("Encrypted")
            for inner, path in _files(name, Path(rest or name), is_encrypted=is_encrypted):
                yield inner, _decrypted(inner, path) if is_encrypted else _content(unit, inner, path)


def _files(name: str, path: Path, *, is_encrypted: bool) -> Iterator[tuple[str, Path]]:
    """A folder stands for each of its files, under NAME_FILE."""
    if not path.is_absolute():
        suffix = ".encrypted" if is_encrypted else ""
        stores = (store.with_name(store.name + suffix) / path for store in STORES)
        path = next((one for one in stores if one.exists()), STORES[0] / path)
    if not path.is_dir():
        yield name, path
        return
    for one in sorted(path.iterdir()):
        yield f"{name}_{one.name}", one


def _content(unit: Unit, name: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        told = f"{unit.name} cannot start: its credential {name} ({path}) cannot be read: {error.strerror}"
        raise CommandFailed(told) from None


def _decrypted(name: str, path: Path) -> bytes:
    command = ["systemd-creds", "decrypt", f"--name={name}", "--transcode=base64", str(path), "-"]
    try:
        done = subprocess.run(command, capture_output=True, check=True)  # noqa: S603
        return base64.b64decode(done.stdout)
    except (OSError, subprocess.CalledProcessError, binascii.Error):
        raise CommandFailed(f"the credential {name} ({path}) cannot be decrypted by systemd-creds") from None
