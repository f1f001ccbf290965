"""The Debian package: built, installed, used, removed and purged, by dpkg itself, in a copy of this machine
that is gone afterwards (an overlay in a mount namespace). systemd does not run in it: it judges the units.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import started
from tests.e2e.test_package import CONFIG, ROOT, declared_in, link, wheel
from tests.servers import MissingServer

__all__ = ["wheel"]  # a fixture

ENTER = """
set -e
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root
mount -t proc proc /mnt/root/proc
mount --bind /dev /mnt/root/dev
mkdir -p /mnt/root/srv/package
cp "$1"/* /mnt/root/srv/package/
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
exec chroot /mnt/root /bin/bash /srv/package/story
"""
STORY = """
cd /
echo "--- install"; dpkg --install /srv/package/*.deb; echo "code $?"
echo "--- version"; shakwa --version; echo "code $?"
echo "--- units"; systemd-analyze verify shakwa.service shakwa-backup.timer; echo "code $?"
echo "--- doctor"; shakwa --config /srv/package/shakwa.toml doctor; echo "code $?"
echo "--- check"; shakwa --config /srv/package/shakwa.toml db check; echo "code $?"
echo "a secret word" >/srv/package/password
echo "--- init"; shakwa init --yes --address infocs@example.sa --imap-host 127.0.0.1 --smtp-host 127.0.0.1 \\
    --password-file /srv/package/password --public-url https://shakwa.example.sa --operator op@example.sa \\
    --team-address care@example.sa; echo "code $?"
stat -c '%a %n' /etc/shakwa /etc/shakwa/*
cat /etc/systemd/system/shakwa.service.d/init.conf
echo "--- its units"; systemd-analyze verify shakwa.service shakwa-backup.service; echo "code $?"
echo "--- as the unit"; shakwa doctor --unit; echo "code $?"
echo "--- remove"; dpkg --remove shakwa; echo "code $?"
echo "--- purge"; dpkg --purge shakwa; echo "code $?"
echo "--- left"; ls -d /usr/lib/shakwa /usr/bin/shakwa /lib/systemd/system/shakwa* /usr/share/doc/shakwa
ls /etc/shakwa /var/lib/shakwa
"""


@contextlib.contextmanager
def namespaces() -> Iterator[None]:
    """Raises MissingServer where there are none, or no Debian."""
    tools = ("unshare", "dpkg-deb", "systemd-analyze")
    if not all(map(shutil.which, tools)) or not Path("/usr/bin/python3.11").exists() or os.geteuid():
        raise MissingServer("util-linux dpkg systemd python3 (on Debian 12, as root)")
    yield


@pytest.fixture(scope="module")
def told(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each step of STORY said."""
    folder = tmp_path_factory.mktemp("debian")
    libraries, package = folder / "libraries", folder / "package"
    libraries.mkdir()
    package.mkdir()
    with started(namespaces()):
        link(libraries, declared_in(wheel), ["web", "postgresql"])
        build = [ROOT / ".ci" / "package", "--quick", "--libraries", libraries, "--into", package]
        subprocess.run(build, check=True, env={**os.environ, "PYTHON": sys.executable}, timeout=300)
        values = {"data_dir": "/var/lib/shakwa", "web": "false", "database": "sqlite:///shakwa.db"}
        (package / "shakwa.toml").write_text(CONFIG.format(**values), "utf-8")
        (package / "story").write_text(STORY)
        run = subprocess.run(
            [shutil.which("unshare") or "unshare", "--mount", "bash", "-c", ENTER, "enter", package],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
            env={},
        )
    steps = [step.partition("\n") for step in run.stdout.split("--- ")[1:]]
    assert len(steps) == 11, run.stdout
    return {name: said for name, _, said in steps}


def test_the_package_is_installed_and_its_units_are_in_order(told: dict[str, str]) -> None:
    assert "Setting up shakwa" in told["install"]
    assert told["version"].endswith("code 0\n")
    assert told["units"] == "code 0\n"
    for step in ("install", "remove", "purge"):
        assert told[step].endswith("code 0\n"), told[step]


def test_the_installed_program_makes_its_database_and_reads_in_its_workers(told: dict[str, str]) -> None:
    assert "ok    database    SQLite" in told["doctor"]
    assert "worker processes, each with a filter of system calls" in told["doctor"], told["doctor"]
    assert "FAIL  imap" in told["doctor"]  # there is none
    assert told["check"].endswith("code 0\n"), told["check"]


def test_what_init_writes_is_in_order_and_the_units_secrets_are_found(told: dict[str, str]) -> None:
    said = told["init"]
    assert "code 0" in said, said
    assert {"755 /etc/shakwa", "644 /etc/shakwa/shakwa.toml", "600 /etc/shakwa/imap"} <= set(
        said.splitlines()
    )
    assert "LoadCredential=imap:/etc/shakwa/imap" in said
    assert "ExecStart" not in said, "the package's own unit starts the very program"
    assert "  /usr/bin/shakwa --config /etc/shakwa/shakwa.toml doctor --unit shakwa.service" in said
    assert told["its units"] == "code 0\n"
    assert "ok    config      every key is understood" in told["as the unit"]
    assert "FAIL  imap" in told["as the unit"]  # there is none


def test_a_purge_leaves_the_configuration_and_the_complaints_and_nothing_else(told: dict[str, str]) -> None:
    assert "/var/lib/shakwa is kept" in told["purge"]
    assert told["left"].count("No such file or directory") == 4
    assert "shakwa.toml" in told["left"]
    assert "shakwa.db" in told["left"]
