"""Files under the hash of their content: durable, once, never under a sender's name."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from daemon.store.files import FileStore, FilesUnavailable
from tests.integration.test_store_outages import no_file_longer_than

DAY = 86_400


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "data" / "files")


def lying_in(store: FileStore) -> list[str]:
    return sorted(str(path.relative_to(store.folder)) for path in store.folder.rglob("*") if path.is_file())


def aged(store: FileStore, name: str, days: float) -> None:
    path = next(store.folder.rglob(name))
    then = path.stat().st_mtime - days * DAY
    os.utime(path, (then, then))


def test_a_file_lies_under_its_hash_and_is_ours_alone(store: FileStore) -> None:
    sha256 = store.put(b"content")

    assert sha256 == hashlib.sha256(b"content").hexdigest()
    assert lying_in(store) == [f"{sha256[:2]}/{sha256}.bin"]
    assert store.read(sha256) == b"content"
    path = store.folder / sha256[:2] / f"{sha256}.bin"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o077 == 0


def test_the_same_content_is_stored_once_also_by_many_at_once(store: FileStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(store.put, [b"x" * 100_000] * 40))

    assert len(found) == 1
    assert len(lying_in(store)) == 1


def test_what_is_not_a_hash_is_no_path(store: FileStore) -> None:
    for name in ("../../etc/passwd", "", "a" * 63, "A" * 64, "a" * 64 + "\n"):
        with pytest.raises(ValueError):
            store.read(name)


def test_a_changed_or_missing_file_is_not_given_out_and_is_healed_by_putting_it_again(
    store: FileStore,
) -> None:
    sha256 = store.put(b"content")
    path = store.folder / sha256[:2] / f"{sha256}.bin"

    path.write_bytes(b"changed!")
    assert store.read(sha256) is None
    store.put(b"content")
    assert store.read(sha256) == b"content"
    path.unlink()
    assert store.read(sha256) is None


def test_old_files_are_found_and_removed_unless_they_were_put_again(store: FileStore) -> None:
    old, fresh, again = store.put(b"old"), store.put(b"fresh"), store.put(b"again")
    for sha256 in (old, again):
        aged(store, f"{sha256}.bin", 2)
    assert set(store.older_than(DAY)) == {old, again}

    store.put(b"again")

    assert [store.remove(sha256, DAY) for sha256 in (old, fresh, again)] == [True, False, False]
    assert store.read(old) is None
    assert store.read(again) == b"again"
    assert store.remove(old, DAY) is False


def test_half_a_file_of_a_dead_process_is_removed_when_it_is_old(store: FileStore) -> None:
    sha256 = store.put(b"content")
    (store.folder / sha256[:2] / "0123456789abcdef.part").write_bytes(b"cont")
    list(store.older_than(DAY))
    assert len(lying_in(store)) == 2

    aged(store, "0123456789abcdef.part", 2)
    list(store.older_than(DAY))

    assert lying_in(store) == [f"{sha256[:2]}/{sha256}.bin"]


def test_on_a_full_disk_it_says_so_and_leaves_nothing_behind(store: FileStore) -> None:
    # Around the one call: pytest writes its own output to a file too, perhaps.
    with pytest.raises(FilesUnavailable), no_file_longer_than(4096):
        store.put(b"x" * 100_000)

    assert lying_in(store) == []


def test_doctor_learns_whether_the_folder_can_be_written(store: FileStore, tmp_path: Path) -> None:
    assert "can be written" in store.check()
    assert lying_in(store) == []

    (tmp_path / "file").write_text("")
    with pytest.raises(FilesUnavailable, match="cannot be written"):
        FileStore(tmp_path / "file" / "files").check()
