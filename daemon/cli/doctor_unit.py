"""`doctor --unit`: the same examination with the credentials that systemd hands to a unit, and as its user.

The configuration names secrets under /run/credentials/, which exist only while the unit runs. Where systemd
runs, the examination does so as a passing unit of the same settings; elsewhere the sources of the credentials
are read from here.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from daemon import invocation
from daemon.cli.context import CommandFailed, print_line
from daemon.cli.unit_file import Unit, sources

PASSING = "shakwa-doctor.service"
SYSTEMD = Path("/run/systemd/system")
"""It is there where systemd runs (sd_booted(3))."""
OF_THE_SETTING = {
    # systemd.exec(5): who it is, what it is handed, what it may do; not what starts, watches and ends it.
    *("DynamicUser", "User", "Group", "SupplementaryGroups", "StateDirectory", "StateDirectoryMode", "UMask"),
    *("Environment", "EnvironmentFile", "LoadCredential", "LoadCredentialEncrypted", "SetCredential"),
    *("SetCredentialEncrypted", "NoNewPrivileges", "ProtectSystem", "ProtectHome", "PrivateTmp"),
    *("PrivateDevices", "PrivateUsers", "DevicePolicy", "ProtectKernelTunables", "ProtectKernelModules"),
    *("ProtectKernelLogs", "ProtectControlGroups", "ProtectClock", "ProtectHostname", "ProtectProc"),
    *("ProcSubset", "RestrictAddressFamilies", "RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID"),
    *("LockPersonality", "MemoryDenyWriteExecute", "SystemCallArchitectures", "SystemCallFilter"),
    *("CapabilityBoundingSet", "AmbientCapabilities", "KeyringMode", "RemoveIPC", "ReadWritePaths"),
    *("ReadOnlyPaths", "InaccessiblePaths", "BindPaths", "BindReadOnlyPaths"),
}


def passing_unit(unit: Unit) -> list[str]:
    """The command line of systemd-run(1) before the program: a unit of the same settings."""
    found = ["systemd-run", "--quiet", "--pipe", "--wait", "--collect", "--service-type=exec"]
    found.append(f"--unit={PASSING}")
    given = [(key, value) for key, value in unit.settings if key in OF_THE_SETTING]
    if unit.is_on("DynamicUser") and not unit.last("User"):
        # Under the same name both are the same user: else the folder of the data would change its owner.
        given.append(("User", unit.name.removesuffix(".service")))
    return [*found, *(word for key, value in given for word in ("-p", f"{key}={value}"))]


def examined(unit: Unit, config: Path, more: Sequence[str]) -> int | None:
    """What the examination in a passing unit came to; None where systemd cannot make one, and why is told."""
    if not SYSTEMD.is_dir():
        _warn(f"systemd does not run here: asked as this user, with the secrets of {unit.name}")
        return None
    if os.geteuid():
        raise CommandFailed(f"only root may be handed the credentials of {unit.name}")
    start = passing_unit(unit)
    tried = subprocess.run([*start, "/bin/true"], capture_output=True, text=True, check=False)  # noqa: S603
    if tried.returncode:
        why = (tried.stderr.strip().splitlines() or ["no reason given"])[-1]
        _warn(f"systemd could not try it ({why}): asked as root, with the secrets of {unit.name}")
        return None
    program = shlex.split(invocation.command_line())
    done = subprocess.run([*start, *program, "--config", str(config), "doctor", *more], check=False)  # noqa: S603
    return done.returncode


def _warn(text: str) -> None:
    print_line(f"WARN  {'unit':11} {text}")


@contextlib.contextmanager
def handed_over(unit: Unit) -> Iterator[None]:
    """Inside it the configuration finds the credentials of `unit` as the unit itself would.

    Raises CommandFailed where one of them cannot be read.
    """
    before = os.environ.get("CREDENTIALS_DIRECTORY")
    with tempfile.TemporaryDirectory(prefix="shakwa-doctor-") as folder:
        for name, content in sources(unit):
            path = Path(folder) / name
            path.touch(0o600)
            path.write_bytes(content)
        os.environ["CREDENTIALS_DIRECTORY"] = folder
        try:
            yield
        finally:
            del os.environ["CREDENTIALS_DIRECTORY"]
            if before is not None:
                os.environ["CREDENTIALS_DIRECTORY"] = before
