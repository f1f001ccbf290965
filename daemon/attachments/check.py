"""Checks one attachment: within the limits, of a kind that is passed on, no bomb.

A virus scan comes afterwards (`casework.filing`). `workflow.passing_on` decides who gets the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from daemon.attachments.archives import (
    OPENED,
    UNOPENED,
    Bomb,
    Budget,
    Member,
    Unreadable,
    members,
    mimetype_of,
)
from daemon.attachments.names import ending
from daemon.attachments.types import (
    MAIL,
    PLAIN,
    UNKNOWN,
    ZIP,
    extension_of,
    has_macros,
    is_encrypted,
    type_of,
    zip_type,
)

_PROGRAMS: Final = (
    "exe com scr pif cpl dll sys drv ocx msi msp mst msix appx bat cmd ps1 psm1 psd1 vbs vbe vb js jse mjs"
    " ws wsf wsc wsh sct hta lnk url website scf inf reg rgs jar jnlp class apk dex elf macho app dmg pkg"
    " deb rpm run sh bash command py pyc pyw pl php gadget application appref-ms msc chm hlp xll xla wll"
    " ppa swf one library-ms settingcontent-ms search-ms theme ade adp mda mdb mde accde accdb"
)
_DISKS: Final = "iso img vhd vhdx vmdk udf cab ace arj"
"""Images of disks and the like carry programs past the marks that browsers and mail programs put on files."""
_PAGES: Final = "html htm xhtml shtml mht mhtml xht svg svgz"
"""Pages and pictures that run scripts in the browser of whoever opens them."""
_MACROS: Final = "docm dotm xlsm xltm xlam xlsb pptm potm ppsm ppam sldm macro"
BLOCKED: Final = tuple(f"{_PROGRAMS} {_DISKS} {_PAGES} {_MACROS}".split())
"""Endings of names, what the content is by its own usual ending, and two words for what is inside: "macro" (a
program in an Office document), "encrypted" (an archive with a password; not in this list)."""

_SHOWN_IN_DOCUMENTS: Final = frozenset({*_PAGES.split(), "text/html", "image/svg+xml"})

Enclosed = Callable[[bytes], Iterable[tuple[str, bytes]]]
"""Names and octets of what is attached to a mail."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The limits of one mail. `blocked`: words as in BLOCKED, and media types, in lower case."""

    file_bytes: int = 25 * 2**20
    mail_bytes: int = 35 * 2**20
    most: int = 50
    blocked: frozenset[str] = frozenset(BLOCKED)


@dataclass(frozen=True, slots=True)
class Checked:
    """`refusal` is "" where the file may go on, else "blocked" or "too_large"; `detail` then names why: the
    word of the list, "archive_bomb:BOUND", "file" or "mail". `is_unopened`: nobody could look inside."""

    media_type: str
    refusal: str = ""
    detail: str = ""
    is_unopened: bool = False


class Check:
    """Checks the attachments of one mail, one after another: they share its limits."""

    def __init__(
        self, rules: Rules, budget: Budget | None = None, enclosed: Enclosed = lambda content: ()
    ) -> None:
        self._rules = rules
        self._budget = budget or Budget()
        self._enclosed = enclosed
        self._octets = 0

    def check(self, filename: str, declared_type: str, content: bytes) -> Checked:
        """Raises nothing."""
        if len(content) > self._rules.file_bytes:
            return Checked(type_of(content), "too_large", "file")
        self._octets += len(content)
        if self._octets > self._rules.mail_bytes:
            return Checked(type_of(content), "too_large", "mail")
        media_type = type_of(content)
        if declared_type == MAIL and media_type in (PLAIN, UNKNOWN):
            media_type = MAIL  # that it is one is told by the mail around it: its headers may be any
        look = self._look(content, media_type, filename)
        words = _words(filename, declared_type, content, look)
        refused = next((word for word in words if word in self._rules.blocked), "")
        detail = refused or look.bomb
        return Checked(look.media_type, "blocked" if detail else "", detail, look.is_unopened)

    def _look(self, content: bytes, media_type: str, filename: str) -> _Look:
        found: list[Member] = []
        bomb, is_unopened = "", media_type in UNOPENED or is_encrypted(content, media_type)
        try:
            for member in self._inside(content, media_type, filename):
                found.append(member)
        except Bomb as bound:
            bomb = f"archive_bomb:{bound}"
        except Unreadable:
            is_unopened = True
        except Exception:  # noqa: BLE001
            # Whatever a reader of archives met in a damaged one: the mail must not stop for it.
            is_unopened = True
        if media_type == ZIP:
            own = {member.name for member in found if member.depth == 1}
            media_type = zip_type(own, mimetype_of(content))
        is_unopened = is_unopened or any(not member.media_type for member in found)
        return _Look(media_type, tuple(found), bomb, is_unopened)

    def _inside(self, content: bytes, media_type: str, filename: str, depth: int = 1) -> Iterator[Member]:
        """What is inside an archive, or attached to an enclosed mail."""
        if media_type in OPENED:
            yield from members(content, media_type, self._budget, filename)
        if media_type != MAIL:
            return
        if depth > self._budget.depth:
            raise Bomb("depth")
        for name, inner in self._enclosed(content):
            self._budget.spend(len(inner), entries=1)
            kind = type_of(inner)
            # Mail programs make files of pages too (ATT00001.htm): they are pieces of that mail.
            yield Member(name, kind, depth=depth, is_piece=True)
            yield from self._inside(inner, kind, name, depth + 1)


@dataclass(frozen=True, slots=True)
class _Look:
    """What a file is and holds, as far as it could be looked into; `bomb` is "" for an honest one."""

    media_type: str
    members: tuple[Member, ...]
    bomb: str
    is_unopened: bool


def _words(filename: str, declared_type: str, content: bytes, look: _Look) -> Iterator[str]:
    """Everything the file is called, and is, and what is in it."""
    yield from (ending(filename), declared_type.lower(), look.media_type, extension_of(look.media_type))
    if has_macros(content, look.media_type):
        yield "macro"
    if is_encrypted(content, look.media_type):
        yield "encrypted"
    for member in look.members:
        for word in (ending(member.name), member.media_type, extension_of(member.media_type)):
            # A letter may hold drawings as SVG and a mail its text as HTML, which their programs show.
            if not (member.is_piece and word in _SHOWN_IN_DOCUMENTS):
                yield word
        if member.is_encrypted:
            yield "encrypted"
        if member.name.rpartition("/")[2].lower() == "vbaproject.bin":
            yield "macro"
