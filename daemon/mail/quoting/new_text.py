"""What the person wrote now: mail text without quoted history and without what programs append.

Pure text in, pure text out. The order is DESIGN §3's: our marker first, then the patterns of mail programs
(`separators`, `header_block`, `attribution`), then lines that begin with ">". What the words
mean is for `mail.meaning`. One rule stands above all patterns: a doubt keeps the text
(LESSONS 15: trimming that deletes a customer's words is the worse harm), and is told, so that nothing of a
staff mail is relayed. See docs/QUOTING.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from daemon.mail.quoting.attribution import Attributions
from daemon.mail.quoting.footers import tidy
from daemon.mail.quoting.header_block import header_block
from daemon.mail.quoting.lines import MAX_LINES, Cut, Page, folded, has_own_points, is_quoted, own_lines
from daemon.mail.quoting.marker import above_marker, as_quoted, marker_line
from daemon.mail.quoting.references import without_references, without_repeated
from daemon.mail.quoting.separators import RULE, Separators, is_forward_title

__all__ = ["NewText", "folded", "new_text"]

_NO_CUT: Final = "no_quotation"
_MAX_GREETING: Final = 6  # words


@dataclass(frozen=True, slots=True)
class NewText:
    """`text` is what was written now; `certain` when it may be relayed without a person looking at it:
    our marker was found, nothing was quoted, or an unambiguous quotation header was cut. `how` names it.
    """

    text: str
    certain: bool
    how: str


def new_text(mail_text: str, *markers: str) -> NewText:
    """Return what the person wrote now (DESIGN §3): above our marker line, else by the quote patterns.

    `markers` are the lines our mails carry, one for each language; clients quote, wrap and decorate it. If
    nothing would be left, the whole text is returned and `certain` is false.
    """
    lines = mail_text.replace("\r\n", "\n").split("\n")
    found = [(at, marker) for marker in markers if (at := marker_line(lines, marker)) is not None]
    at, marker = min(found, default=(None, ""))
    whole = NewText(mail_text.strip(), False, "whole")
    if at is None:
        return _by_patterns(lines[:MAX_LINES], lines[MAX_LINES:]) or whole
    lines = as_quoted(lines, at, marker)
    written = above_marker(lines, at, marker)
    above = _by_patterns(written[:MAX_LINES], written[MAX_LINES:], followed=True)
    below = _answers(lines[at : at + MAX_LINES], above) if is_quoted(lines[at]) else []
    if above is None:
        answer = tidy(below)
        return NewText(answer, False, "below_marker") if answer else whole
    text = tidy([above.text, "", *below])
    return NewText(text, above.certain and text == above.text, "marker")


def _answers(lines: list[str], above: NewText | None) -> list[str]:
    """What was written between the quoted lines of our mail, and below them where little stands above.

    Beside a whole letter above, what follows the last quoted line is a signature or a disclaimer.
    """
    if above is not None and len(above.text.split()) > _MAX_GREETING:
        last = max(index for index, line in enumerate(lines) if is_quoted(line))
        lines = lines[: last + 1]
    return without_repeated(_own_text(lines, above is not None), lines)


def _by_patterns(lines: list[str], rest: list[str], followed: bool = False) -> NewText | None:
    """What is new in `lines` (`rest` are too many to look at), or None if nothing would be left."""
    cut, is_doubted = _first_cut(Page(lines, followed))
    if cut is None:
        found = _without_quoted_lines(lines, rest, followed)
    elif cut.how == "forward":  # what is forwarded is what the citizen wants us to read
        found = NewText(tidy(lines + rest), False, "forward")
    else:
        found = _around(lines, cut)
    if not found.text:
        return None
    return NewText(found.text, False, "doubt") if is_doubted and found.certain else found


def _first_cut(page: Page) -> tuple[Cut | None, bool]:
    """The first line that plainly introduces a quotation, and whether one above it may have been another."""
    separators, attributions = Separators(page), Attributions(page)
    is_doubted = has_quoted = False
    for index, probe in enumerate(page.probes):
        if not probe:
            continue
        if is_quoted(page.lines[index]):
            if not has_quoted and is_forward_title(probe.lstrip("> ")):
                return Cut(index, index + 1, "forward"), is_doubted
            has_quoted = True
            continue
        cut = separators.at(index)
        if cut is None and (":" in probe or probe[0] in "_-–—="):
            cut = header_block(page, index)
        if cut is None or not cut.is_plain:
            cut = attributions.at(index) or cut
        if cut is not None and cut.is_plain:
            return _pasted(page, cut) or cut, is_doubted
        is_doubted = is_doubted or cut is not None
    return None, is_doubted


def _pasted(page: Page, cut: Cut) -> Cut | None:
    """ "He answered:" and below it a letter's header lines: the writer pasted it, and may write on below."""
    above = next((probe for probe in reversed(page.probes[: cut.begin]) if probe), "")
    is_announced = cut.how == "header_block" and above.endswith(":") and not page.followed
    return Cut(cut.begin, cut.end, "forward") if is_announced else None


def _around(lines: list[str], cut: Cut) -> NewText:
    """What was written above `cut` and, where lines with ">" follow it, between and below those."""
    head = [*lines[: cut.begin], cut.keep]
    while head and (not head[-1].strip() or (not cut.keep and RULE.fullmatch(head[-1].strip()))):
        head.pop()  # the rule that a program draws above its quotation
    head_text = tidy(head if has_own_points(head) else [line for line in head if not is_quoted(line)])
    after = next((at for at in range(cut.end, len(lines)) if lines[at].strip()), len(lines))
    if after == len(lines) or not is_quoted(lines[after]):
        return NewText(head_text, True, cut.how)
    below = _own_text(lines[after:], bool(head_text))
    text = tidy([head_text, "", *below] if head_text else below)
    return NewText(text, text == head_text, cut.how)


def _own_text(lines: list[str], has_head: bool) -> list[str]:
    """What is not quoted in `lines`, which begin with a quotation, and stands above a second history.

    `has_head`: something was written above the first, so that nothing at all may be left of these lines.
    """
    own = without_references(own_lines(lines), lines)
    inner, _ = _first_cut(Page(own))
    if inner is not None and inner.how != "forward" and (has_head or tidy(own[: inner.begin])):
        own = own[: inner.begin]
    return own


def _without_quoted_lines(lines: list[str], rest: list[str], followed: bool) -> NewText:
    """No introduction: drop the lines that begin with ">", unless a single one stands within the text."""
    marks = [index for index, line in enumerate(lines) if is_quoted(line)]
    filled = [index for index, line in enumerate(lines) if line.strip()]
    if not marks or (len(marks) == 1 and marks[0] not in (filled[0], filled[-1])):
        return NewText(tidy(lines + rest), True, _NO_CUT)
    if has_own_points(lines):
        return NewText(tidy(lines + rest), False, "doubt")
    has_head = any(line.strip() for line in lines[: marks[0]])
    is_trailing = all(is_quoted(lines[index]) for index in filled if index >= marks[0])
    own = lines[: marks[0]] if is_trailing else [*lines[: marks[0]], *_own_text(lines[marks[0] :], has_head)]
    return NewText(tidy(own + rest), is_trailing or followed, "quoted_lines")
