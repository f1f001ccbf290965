"""Backups that somebody made up, and what a killed backup or restore left: refused with a line, and gone."""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import os
import random
import tarfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from daemon.backup.archive import ABOUT, MANIFEST
from daemon.backup.failures import RestoreRefused
from daemon.backup.restoring import Target, mark_in_place, restore
from daemon.backup.workplace import BACKUP, RESTORE, workplace
from daemon.config import Config
from daemon.opening import RestoreUnderWay, open_database
from daemon.store.database import Database, StoreError
from tests.integration.test_backup import GATEWAYS, LATER, Desk, left_in, repacked
from tests.integration.test_backup import desk as _desk

desk = _desk
Documents = dict[str, Any]
NONE = b"this is no database at all" * 1_000


def documents_of(archive: Path) -> tuple[Documents, Documents]:
    """What it says of itself, and its manifest."""
    with tarfile.open(archive, "r:gz") as tar:
        first, last = (tar.extractfile(name).read() for name in (ABOUT, MANIFEST))  # type: ignore[union-attr]
    return json.loads(first), json.loads(last)


def taken_at(value: object) -> Callable[[Documents, Documents], object]:
    def change(about: Documents, manifest: Documents) -> None:
        about["taken_at"] = manifest["about"]["taken_at"] = value

    return change


def of_manifest(**values: Any) -> Callable[[Documents, Documents], object]:
    return lambda _, manifest: manifest.update(values)


@pytest.mark.parametrize(
    "change",
    [
        of_manifest(members=[1]),
        of_manifest(members={"database.sqlite": 1}),
        of_manifest(members=None),
        of_manifest(counts=None),
        of_manifest(audit=7),
        of_manifest(about=[]),
        lambda _, manifest: manifest.pop("counts"),
        taken_at("yesterday"),
        taken_at(5),
        taken_at("0001-01-01T00:00:00+23:59"),
        lambda about, _: about.update(schema=[]),
        lambda about, _: about.update(more="x"),
    ],
)
def test_a_backup_that_says_nonsense_of_itself_is_refused(
    desk: Desk, change: Callable[[Documents, Documents], object]
) -> None:
    archive = desk.back_up()
    about, manifest = documents_of(archive)
    change(about, manifest)
    repacked(archive, {ABOUT: json.dumps(about).encode(), MANIFEST: json.dumps(manifest).encode()})

    with pytest.raises(RestoreRefused, match="was changed"):
        restore(archive, desk.target(), LATER)

    assert left_in(desk.new) <= {"locks"}


@pytest.mark.parametrize("name", [ABOUT, MANIFEST])
def test_a_backup_of_nothing_but_depth_is_refused(desk: Desk, name: str) -> None:
    archive = desk.back_up()
    repacked(archive, {name: b"[" * 100_000})

    with pytest.raises(RestoreRefused, match="was changed"):
        restore(archive, desk.target(), LATER)


@pytest.mark.parametrize("database", [None, NONE, b""])
def test_a_backup_without_a_database_is_refused(desk: Desk, database: bytes | None) -> None:
    archive = desk.back_up()
    _, manifest = documents_of(archive)
    del manifest["members"]["database.sqlite"]
    if database is not None:
        digest = hashlib.sha256(database).hexdigest()
        manifest["members"]["database.sqlite"] = [len(database), digest]
    repacked(archive, {"database.sqlite": database, MANIFEST: json.dumps(manifest).encode()})

    with pytest.raises(StoreError) as refused:
        restore(archive, desk.target(), LATER)

    assert len(str(refused.value).splitlines()) == 1
    assert left_in(desk.new) <= {"locks"}


def unpacked(octets: bytes) -> bytes | None:
    try:
        return gzip.decompress(octets)
    except (OSError, EOFError, zlib.error):
        return None


def test_whatever_is_changed_or_cut_is_refused_with_one_line(desk: Desk) -> None:
    archive = desk.back_up()
    whole, chance = archive.read_bytes(), random.Random(1)
    for number in range(40):
        touched = bytearray(whole)
        if number % 2:
            touched[chance.randrange(10, len(touched))] ^= 1 << chance.randrange(8)
        else:
            touched = touched[: chance.randrange(len(touched))]
        archive.write_bytes(touched)
        if unpacked(touched) == gzip.decompress(whole):
            continue  # another way of packing the very same octets

        with pytest.raises(StoreError) as refused:
            restore(archive, desk.target(), LATER)
        assert len(str(refused.value).splitlines()) == 1

    assert left_in(desk.new) <= {"locks"}


# --- what a killed one left ------------------------------------------------------------------------------


@pytest.mark.parametrize("beginning", [BACKUP, RESTORE])
def test_what_a_killed_backup_or_restore_left_goes_with_the_next(desk: Desk, beginning: str) -> None:
    left = desk.data_dir / f"{beginning}abcdefgh"
    left.mkdir()
    (left / "copy").write_bytes(b"every complaint, in the clear")
    archives = desk.data_dir.parent / "archives"
    archives.mkdir()
    (archives / ".shakwa-20261130T090000Z.backup.0a1b2c3d.part").write_bytes(b"half of one")
    (archives / "another's.part").write_bytes(b"not ours")

    made = desk.back_up(archives)

    assert not left.exists()
    assert left_in(archives) == {made.name, "another's.part"}


def test_what_another_one_works_in_stays(desk: Desk) -> None:
    with workplace(desk.data_dir, BACKUP) as theirs:
        (theirs / "copy").write_bytes(b"half of it")
        archives = desk.data_dir.parent / "archives"
        archives.mkdir()
        half = archives / ".shakwa-20261130T090000Z.backup.0a1b2c3d.part"
        with half.open("wb") as writing:
            fcntl.flock(writing, fcntl.LOCK_EX)
            desk.back_up(archives)
            assert half.exists()
        assert (theirs / "copy").read_bytes() == b"half of it"

    assert not theirs.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="gives folders to another account")
@pytest.mark.parametrize(("owner", "is_left"), [(0, False), (4711, False), (4712, True)])
def test_root_removes_its_own_and_what_the_folders_owner_left(desk: Desk, owner: int, is_left: bool) -> None:
    left = desk.data_dir / f"{BACKUP}abcdefgh"
    left.mkdir()
    os.chown(desk.data_dir, 4711, 4711)
    os.chown(left, owner, owner)

    desk.back_up()

    assert left.exists() is is_left


def test_a_link_to_elsewhere_is_not_followed(desk: Desk, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_bytes(b"x")
    os.symlink(elsewhere, desk.data_dir / f"{BACKUP}link")

    desk.back_up()

    assert (elsewhere / "kept").exists()


# --- what was killed in the middle -----------------------------------------------------------------------


def test_nobody_works_with_a_database_whose_restore_did_not_come_to_its_end(desk: Desk) -> None:
    """In place of an older one nothing can be put at once: a database is there, and is not ready."""

    def killed(database: Database) -> None:
        raise KeyboardInterrupt

    target = Target(desk.url, desk.data_dir / "files", desk.data_dir, GATEWAYS, "sara", settle=killed)
    config = SimpleNamespace(service=SimpleNamespace(data_dir=desk.data_dir), database_url=desk.url)
    with pytest.raises(KeyboardInterrupt):
        mark_in_place(target, LATER)

    with pytest.raises(RestoreUnderWay, match="not come to its end"):
        open_database(cast("Config", config))

    mark_in_place(replace(target, settle=lambda database: None), LATER)
    open_database(cast("Config", config)).close()
