"""Whether the library that runs has known holes: each is tried, whatever the version's number says."""

from __future__ import annotations

import posixpath
import sys
import tarfile
import zipfile
from collections.abc import Iterator

import pytest

from daemon.cli.doctor_python import HOLES, Hole, Version, doubts, examined, is_older

OLD, NEW = (3, 11, 2), (3, 11, 14)
LENGTH, PATH, BLOCK = HOLES


def ancestry(path: str, *, is_mended: bool) -> Iterator[str]:
    """As `zipfile` has it, before and after the fix of 3.11.10."""
    path = path.rstrip(posixpath.sep)
    while path.rstrip(posixpath.sep) if is_mended else path and path != posixpath.sep:
        yield path
        path, _ = posixpath.split(path)


@pytest.mark.parametrize("is_mended", [True, False])
def test_a_path_in_a_zip_file_is_tried(is_mended: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    library = sys.modules[zipfile.CompleteDirs.__module__]
    monkeypatch.setattr(library, "_ancestry", lambda path: ancestry(path, is_mended=is_mended))

    assert examined(PATH, OLD) == ("mended" if is_mended else "open")


@pytest.mark.parametrize("is_mended", [True, False])
def test_a_size_below_nothing_in_a_tar_file_is_tried(
    is_mended: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def block(self: tarfile.TarInfo, count: int) -> int:
        if is_mended and count < 0:
            raise tarfile.InvalidHeaderError("invalid offset")  # type: ignore[attr-defined]
        return -(-count // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE

    monkeypatch.setattr(tarfile.TarInfo, "_block", block)

    assert examined(BLOCK, OLD) == ("mended" if is_mended else "open")


@pytest.mark.parametrize("is_mended", [True, False])
def test_a_length_of_many_digits_in_a_tar_file_is_tried(
    is_mended: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(self: tarfile.TarInfo, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if is_mended:
            raise tarfile.InvalidHeaderError("invalid header")  # type: ignore[attr-defined]
        assert archive.fileobj is not None
        assert archive.fileobj.read(tarfile.BLOCKSIZE).startswith(b"0000000000000000000000030 a=b\n")
        found = tarfile.TarInfo.fromtarfile(archive)
        found.pax_headers = {"a": "b"}
        return found

    monkeypatch.setattr(tarfile.TarInfo, "_proc_pax", read)

    assert examined(LENGTH, OLD) == ("mended" if is_mended else "open")


def test_the_library_that_runs_says_something_of_each() -> None:
    # A release that its makers call mended is; what they call older may be mended all the same.
    for hole in HOLES:
        found = examined(hole, sys.version_info[:3])
        assert found == "mended" or is_older(sys.version_info[:3], hole.mended_in), hole.name
        assert found != "unknown", f"{hole.name}: the private names of this library are others"


@pytest.mark.parametrize(
    "version, count", [((3, 11, 7), 3), ((3, 11, 10), 1), ((3, 11, 14), 0), ((3, 13, 5), 1), ((3, 14, 0), 0)]
)
def test_only_a_line_that_is_named_lacks_a_fix_by_its_number(version: Version, count: int) -> None:
    assert sum(is_older(version, hole.mended_in) for hole in HOLES) == count


def test_where_nothing_can_be_tried_an_old_number_leaves_a_doubt_that_names_debians_package() -> None:
    def fail() -> bool:
        raise AttributeError("_ancestry")

    line = sys.version_info[:2]
    unknown = Hole("CVE-1 in zipfile", fail, ((*line, 999),), "3.11.2-6+deb12u3")
    mended = Hole("CVE-2 in tarfile", fail, ((*line, 0),))

    assert [examined(unknown, (*line, 5)), examined(mended, (*line, 5))] == ["unknown", "mended"]
    assert doubts([unknown, mended, Hole("CVE-3 in tarfile", lambda: True, ())]) == (
        ["CVE-3 in tarfile"],
        ["cannot tell whether it has CVE-1 in zipfile (Debian 12 mended it in 3.11.2-6+deb12u3)"],
    )
