"""Says which file of a mail goes to whom, and how: with the notice, by link, or not at all.

Nothing is dropped in silence: whatever is not passed on is named, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from daemon.workflow.model import Value

Verdict = Literal["clean", "unscanned", "infected", "blocked", "too_large", "too_many"]


@dataclass(frozen=True, slots=True)
class Filed:
    """A file of a message, judged and written down under `id`. `name` is ours, `filename` the sender's, fit
    to be shown; `detail` says why, or what was found; `is_unopened`: an archive into which nobody could look.
    """

    id: int
    name: str
    filename: str
    media_type: str
    size_bytes: int
    sha256: str
    verdict: Verdict
    detail: str = ""
    is_unopened: bool = False


@dataclass(frozen=True, slots=True)
class PassingOn:
    """How files are passed on: `most_bytes` of them with one notice, the others by link where the web serves
    any. With `fail_closed` nothing leaves that the scanner did not see."""

    most_bytes: int = 5 * 2**20
    has_links: bool = False
    has_scanner: bool = False
    fail_closed: bool = False

    def allows(self, verdict: str) -> bool:
        return verdict == "clean" or (verdict == "unscanned" and not self.fail_closed)


@dataclass(frozen=True, slots=True)
class Sorted:
    """`carried` go with the notice, `linked` by link; the rest stand in `values`."""

    carried: tuple[Filed, ...] = ()
    linked: tuple[Filed, ...] = ()
    values: dict[str, Value] = field(default_factory=dict)


LINKED = "attachments_linked"


def sort_out(files: Sequence[Filed], how: PassingOn) -> Sorted:
    """What becomes of each of `files`, and the lists that the notice to staff shows; the links themselves are
    left to whoever makes them (LINKED)."""
    passed = [one for one in files if how.allows(one.verdict)]
    carried, left = _within(passed, how.most_bytes)
    linked = left if how.has_links else []
    unscanned = [one for one in files if one.verdict == "unscanned"]
    values: dict[str, Value] = {
        "attachments": _labels(carried),
        LINKED: [],
        "attachments_linked_names": _labels(linked),
        "attachments_kept": _labels([] if how.has_links else left),
        "attachments_unopened": _labels(one for one in passed if one.is_unopened),
        "attachments_unscanned": _labels(one for one in unscanned if one in passed and how.has_scanner),
        "attachments_withheld": _labels(one for one in unscanned if one not in passed),
        "attachments_infected": [_label(one, one.detail) for one in files if one.verdict == "infected"],
        "attachments_blocked": _labels(one for one in files if one.verdict == "blocked"),
        "attachments_too_large": _labels(one for one in files if one.verdict in ("too_large", "too_many")),
    }
    return Sorted(tuple(carried), tuple(linked), values)


SMALL_PICTURE = 64 * 1024
"""Octets of a picture in a staff mail that is taken for the logo of a signature."""
PRIVATE = frozenset({"message/rfc822", "application/vnd.ms-outlook", "application/vnd.ms-tnef"})
"""Whole mails: they hold what a citizen must not see, such as addresses of staff."""
PRIVATE_ENDINGS = (".vcf", ".eml", ".msg")


def for_citizen(files: Sequence[Filed], how: PassingOn) -> Sorted:
    """The files of a staff mail that go with its answer to the citizen, in `carried`; `values` names all
    others, for its writer, but for what belongs to the writer's signature.

    Stricter than towards staff: where there is a scanner, it must have seen them. No links: a citizen may
    pass on a mail.
    """
    meant = [one for one in files if not _is_signature(one)]
    private = [one for one in meant if _is_private(one)]
    strict = replace(how, has_links=False, fail_closed=how.has_scanner)
    found = sort_out([one for one in meant if one not in private], strict)
    blocked = found.values["attachments_blocked"]
    assert isinstance(blocked, list)
    left_out = {
        "attachments": [],
        "attachments_unopened": [],
        "attachments_blocked": blocked + _labels(private),
    }
    return Sorted(found.carried, (), found.values | left_out)


def is_any_left_out(found: Sorted) -> bool:
    return any(found.values.values())


def _is_signature(one: Filed) -> bool:
    is_picture = one.media_type.startswith("image/") and one.size_bytes < SMALL_PICTURE
    return is_picture or one.filename.lower().endswith(".p7s")


def _is_private(one: Filed) -> bool:
    return one.media_type in PRIVATE or one.filename.lower().endswith(PRIVATE_ENDINGS)


def _within(files: Iterable[Filed], most_bytes: int) -> tuple[list[Filed], list[Filed]]:
    """Those that fit, in their order, and those that do not."""
    carried: list[Filed] = []
    left: list[Filed] = []
    for one in files:
        fits = one.size_bytes <= most_bytes
        (carried if fits else left).append(one)
        most_bytes -= one.size_bytes if fits else 0
    return carried, left


def _labels(files: Iterable[Filed]) -> list[str]:
    return [_label(one) for one in files]


def _label(one: Filed, more: str = "") -> str:
    """Our name, theirs, and what else is to be said."""
    theirs = f" ({one.filename})" if one.filename else ""
    return f"{one.name}{theirs}{f': {more}' if more else ''}"
