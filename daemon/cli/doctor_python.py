"""Whether this Python's library has known holes in what reading uses: the library is asked, not its version.

Distributions mend old versions: Debian 12's 3.11.2 has some of the fixes of 3.11.14. So each hole is tried,
on a few octets and where it does no harm.
"""

from __future__ import annotations

import io
import itertools
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

Version = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Hole:
    """`is_open` tries it, and raises where this library has another shape. `mended_in` are the first releases
    without it (python.org/dev/security); `in_debian` is the first package of Debian 12 without it (its
    changelog), "" where we do not know."""

    name: str
    is_open: Callable[[], bool]
    mended_in: tuple[Version, ...]
    in_debian: str = ""


def _takes_endless_length() -> bool:
    """The fix takes at most 20 digits where a header of a tar file says how long it is."""
    record = b"30 a=b\n".rjust(30, b"0")
    extended, file = tarfile.TarInfo("x"), tarfile.TarInfo("a")
    extended.type, extended.size = tarfile.XHDTYPE, len(record)
    block = record.ljust(tarfile.BLOCKSIZE, b"\0")
    archive = extended.tobuf(tarfile.USTAR_FORMAT) + block + file.tobuf(tarfile.USTAR_FORMAT)
    try:
        with tarfile.open(fileobj=io.BytesIO(archive + bytes(2 * tarfile.BLOCKSIZE)), mode="r:") as opened:
            return any("a" in member.pax_headers for member in opened)
    except tarfile.ReadError:
        return False


def _goes_round_in_a_path() -> bool:
    """Without the fix the folders above `//a` never end; the first three are asked for."""
    folders_above = sys.modules[zipfile.CompleteDirs.__module__]._ancestry
    return len(list(itertools.islice(folders_above("//a"), 3))) == 3


def _goes_back_in_a_file() -> bool:
    """The fix refuses a size below nothing, by which a tar file is read again and again."""
    try:
        return int(tarfile.TarInfo()._block(-tarfile.BLOCKSIZE)) < 0  # type: ignore[attr-defined]
    except tarfile.HeaderError:
        return False


HOLES = (
    Hole("CVE-2024-6232 in tarfile", _takes_endless_length, ((3, 11, 10), (3, 12, 6)), "3.11.2-6+deb12u4"),
    Hole("CVE-2024-8088 in zipfile", _goes_round_in_a_path, ((3, 11, 10), (3, 12, 6)), "3.11.2-6+deb12u3"),
    Hole("CVE-2025-8194 in tarfile", _goes_back_in_a_file, ((3, 11, 14), (3, 12, 12), (3, 13, 6))),
)

Finding = Literal["open", "mended", "unknown"]


def examined(hole: Hole, version: Version) -> Finding:
    """How it is with `hole` in the library of Python `version`, the one that runs."""
    try:
        return "open" if hole.is_open() else "mended"
    except Exception:  # noqa: BLE001 - private names were asked for, and another shape says nothing
        return "unknown" if is_older(version, hole.mended_in) else "mended"


def is_older(version: Version, mended_in: Iterable[Version]) -> bool:
    """Whether its number alone says that the fix is missing; a line that is not named never lacked it."""
    return any(version[:2] == one[:2] and version < one for one in mended_in)


def doubts(holes: Iterable[Hole] = HOLES) -> tuple[list[str], list[str]]:
    """The holes that are open, by name; and a clause for each of which we cannot tell."""
    version = sys.version_info[:3]
    found = [(hole, examined(hole, version)) for hole in holes]
    are_open = [hole.name for hole, how in found if how == "open"]
    unknown = [
        f"cannot tell whether it has {hole.name}"
        + (f" (Debian 12 mended it in {hole.in_debian})" if hole.in_debian else "")
        for hole, how in found
        if how == "unknown"
    ]
    return are_open, unknown
