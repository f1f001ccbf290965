"""The block of header lines with which Outlook and others introduce a quotation: From, Sent, Subject.

A person writes such lines too: a journey «من: الرياض إلى: جدة», an official letter «من: إلى: الموضوع:». So
labels alone are no proof: an address must stand there, or a rule above, or labels of a program only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from daemon.mail.languages import lexicon
from daemon.mail.languages.notation import lazy
from daemon.mail.quoting.lines import Cut, Page, is_quoted

_MAX_BLOCK: Final = 14  # lines
_MAX_FOREIGN: Final = 3  # lines between two labels: blank ones, and the rest of a wrapped value

_KINDS: Final = {
    "sent": "sent",
    "sender": "sender",
    "subject": "subject",
    "date": "date",
    "other": "addressee",
}
"""The kinds of labels, in the order in which they are tried, and the key of their words."""
_LABEL: Final = lazy(lambda: rf"[>*_ \t]*+(?:{_names()})[* \t]{{0,4}}:(?P<value>.*)")
_LABEL_INSIDE: Final = lazy(lambda: rf"(?:^|[\s>*])(?:{_names()})[* \t]{{0,3}}:[* ]")
_TIME: Final = re.compile(r"\d{1,2}[:.h٫]\d{2}")
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
_MIN_WRAPPED: Final = 40  # characters; a shorter line was not wrapped
_ADDRESS_ALONE: Final = re.compile(r"[<(\[]?(?:mailto:)?[^\s<>@/:]+@[^\s<>@/:]+[>)\]]*;?")
_UNKNOWN_LABEL: Final = re.compile(r"[^\W\d]{2,15}(?: [^\W\d]{2,15})? ?: ?\S")
_MIN_RULE: Final = 8  # signs; Outlook draws 32, people few
_RULE: Final = frozenset("_-–—=")


@dataclass(slots=True)
class _Block:
    """What has been seen of one block so far."""

    has_rule: bool
    """A rule stands above it, or a quotation below."""
    kinds: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)

    def add(self, kind: str, value: str) -> None:
        self.kinds.append(kind)
        self.values[kind] = f"{self.values.get(kind, '')} {value}"

    def is_plain(self) -> bool | None:
        """True: a program's block. False: perhaps one. None: nothing of the kind."""
        kinds = set(self.kinds)
        when = self.values.get("sent", "") + self.values.get("date", "")
        has_when, has_sender, is_long = bool(when), "sender" in kinds, len(self.kinds) >= 3
        has_hour = _TIME.search(when) is not None
        if len(self.kinds) < 2 or not (has_when or has_sender):
            return None
        has_address = any("@" in value for value in self.values.values())
        is_sent = "sent" in kinds and any(sign.isdecimal() for sign in when)
        signs = ("subject" in kinds) + is_sent + (has_hour and _YEAR.search(when) is not None)
        is_proved = (
            (has_when and has_address and (has_sender or has_hour))
            or (has_when and has_sender and is_long and signs >= 2 and (is_sent or len(kinds) >= 4))
            or (self.has_rule and is_long and (has_sender or has_hour))
        )
        return True if is_proved else False if has_sender and "subject" in kinds else None


def header_block(page: Page, index: int) -> Cut | None:
    """The block that begins at line `index`, or at the rule drawn above it; None if there is none.

    A value may wrap, so a few foreign lines are passed over between two labels.
    """
    at = _below_rule(page, index)
    first = _LABEL.fullmatch(page.probes[at])
    if first is None or not (first["sender"] or first["sent"] or first["date"]):
        return _one_line(page, index)
    block = _Block(has_rule=at > index or (index > 0 and _is_rule(page.probes[index - 1])))
    end = at
    for line, kind, value in _labels(page, at):
        block.add(kind, value)
        end = line + 1
    end = _with_wrapped_value(page, end, block)
    block.has_rule = block.has_rule or page.quotation_follows(end)
    is_plain = block.is_plain()
    return _one_line(page, index) if is_plain is None else Cut(index, end, "header_block", is_plain=is_plain)


def _below_rule(page: Page, index: int) -> int:
    """The first filled line below the rule at `index`; `index` itself where there is no rule."""
    if not _is_rule(page.probes[index]):
        return index
    below = range(index + 1, min(len(page), index + 3))
    return next((at for at in below if page.probes[at]), index)


def _labels(page: Page, at: int) -> Iterator[tuple[int, str, str]]:
    """The labels of one block from line `at` on: line, kind, value with what it wrapped."""
    foreign = 0
    seen: list[str] = []
    for index in range(at, min(len(page), at + _MAX_BLOCK)):
        probe = page.probes[index]
        label = _LABEL.fullmatch(probe) if probe and not is_quoted(page.lines[index]) else None
        if label is None:
            foreign += 1
            if foreign >= _MAX_FOREIGN or not _may_stand_between(page, index, seen):
                return
            continue
        kind = _kind(label)
        if kind in seen and kind in ("sender", "subject"):
            return  # a second block, or prose with such a word
        foreign = 0
        seen.append(kind)
        following = page.probes[index + 1] if index + 1 < len(page) else ""
        yield index, kind, label["value"] + (f" {following}" if _ADDRESS_ALONE.fullmatch(following) else "")


def _may_stand_between(page: Page, index: int, seen: list[str]) -> bool:
    """May the line at `index`, which has no label, stand between two that have?

    A blank one may where From came first; a block that a person's own «التاريخ:» seemed to begin has none.
    Another may be a label that nobody has taught us, or the rest of a value too long for its line.
    """
    probe = page.probes[index]
    if not probe:
        return seen[0] == "sender" and len(seen) < 3
    if _ADDRESS_ALONE.fullmatch(probe) or _UNKNOWN_LABEL.match(probe):
        return True
    above = page.probes[index - 1]
    return len(above) >= _MIN_WRAPPED or above.endswith((",", ";", "<", "[mailto:", "(", "،")) or not above


def _with_wrapped_value(page: Page, end: int, block: _Block) -> int:
    """Where the block ends, its last value's continuation counted in."""
    last = page.probes[end - 1] if end else ""
    if "subject" in block.kinds[-1:] and len(last) > 60 and end < len(page):
        following = page.probes[end]
        after = page.probes[end + 1] if end + 1 < len(page) else ""
        if following and not after and len(following) < 80 and not is_quoted(page.lines[end]):
            return end + 1
    return end


def _one_line(page: Page, index: int) -> Cut | None:
    """A block whose lines a program ran together: "From: NAME <ADDRESS> Date: …"."""
    probe = page.probes[index]
    if "@" not in probe or probe.count(":") < 3:
        return None
    found = list(_LABEL_INSIDE.finditer(probe))[:8]
    kinds = [_kind(label) for label in found]
    if not found or found[0].start() > 1 or "sender" not in kinds[:2] or not {"sent", "date"} & set(kinds):
        return None
    return Cut(index, index + 1, "header_block") if _YEAR.search(probe) else None


def _names() -> str:
    """The labels of all languages, a group for each kind."""
    return "|".join(f"(?P<{kind}>{lexicon.words('quotation', key)})" for kind, key in _KINDS.items())


def _kind(label: re.Match[str]) -> str:
    return next(kind for kind in _KINDS if label[kind])


def _is_rule(probe: str) -> bool:
    return len(probe) >= _MIN_RULE and set(probe) <= _RULE
