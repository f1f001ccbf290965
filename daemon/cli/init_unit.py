"""What `init` writes for systemd: the unit where none is installed, and which credentials it gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from daemon import invocation, resources
from daemon.cli.context import CommandFailed
from daemon.cli.init_files import NewFile

SERVICE = "shakwa.service"
CREDENTIALS = f"/run/credentials/{SERVICE}"
BACKUP = "shakwa-backup.service"
PLACES = (Path("/etc/systemd/system"), Path("/usr/lib/systemd/system"), Path("/lib/systemd/system"))
"""Where `make install` and the package put units."""


@dataclass(frozen=True, slots=True)
class Units:
    """The units in `folder`, for the configuration `config`."""

    folder: Path
    config: Path

    @classmethod
    def of(cls, config: Path, folder: Path | None) -> Units | None:
        return None if folder is None else cls(folder, config)

    def files(self, secrets_folder: Path, secrets: Sequence[str]) -> list[NewFile]:
        """The unit, if none is there, and what each gets besides. Raises CommandFailed."""
        found = []
        for name, act in ((SERVICE, "serve"), (BACKUP, "db backup")):
            here = self._installed(name)
            if here is None and name == SERVICE:
                here = _shipped(name)
                found.append(NewFile(self.folder / name, here, 0o644))
            if here is not None:
                into = self.folder / f"{name}.d" / "init.conf"
                found.append(NewFile(into, self._addition(here, act, secrets_folder, secrets), 0o644))
        return found

    def _installed(self, name: str) -> str | None:
        places = [self.folder, *(PLACES if self.folder == PLACES[0] else ())]
        there = next((folder / name for folder in places if (folder / name).is_file()), None)
        return there.read_text("utf-8") if there else None

    def _addition(self, unit: str, act: str, secrets_folder: Path, secrets: Sequence[str]) -> str:
        """Only what differs from the unit itself, so that an upgrade may bring another one."""
        lines = [
            f"# Written by `{invocation.name()} init`. A secret more: its file, and a line here.",
            "[Service]",
            "# In place of the unit's own: one whose file is missing would keep it from starting.",
            "LoadCredential=",
            *(f"LoadCredential={name}:{secrets_folder / name}" for name in secrets),
        ]
        start = f"ExecStart={_program()} --config {self.config} {act}"
        if start not in unit:
            lines += ["ExecStart=", start]
        return "\n".join(lines) + "\n"


def _program() -> str:
    """The program by its path, in systemd's spelling."""
    return invocation.command_line().replace("%", "%%")


def _shipped(name: str) -> str:
    path = resources.unit(name)
    if path is None:
        raise CommandFailed(
            f"{name} is not installed and not at hand: run `make install`, or give --no-units"
        )
    return path.read_text("utf-8")
