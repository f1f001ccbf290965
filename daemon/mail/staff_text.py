"""Owns what of a staff answer may reach the citizen: the new text, without signature and staff addresses.

In doubt nothing does (DESIGN §2; LESSONS 12). Where an answer goes is `workflow`'s decision; what was
written now is found by `quoting`; commands are read before, by `commands`, and then each text that is
bound for the citizen passes here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from daemon.mail.arabic import fold, strip_bidi
from daemon.mail.message import IncomingMail
from daemon.mail.quoting import NewText


@dataclass(frozen=True, slots=True)
class Relay:
    """`text` may be sent to the citizen as it stands; it is "" where `is_certain` is false, and then
    nothing may be sent: the writer is told why."""

    text: str
    is_certain: bool


def relayable(
    new_text: NewText,
    mail: IncomingMail,
    marker_found: bool,
    hidden_addresses: frozenset[str],
    mailbox_address: str,
) -> Relay:
    """What of `new_text`, found in the staff's `mail`, the citizen may read (DESIGN §2).

    Certain is text above our marker, text above a quotation that was plainly recognised, and a mail
    without any quotation; not where quoting itself doubted, where without the marker a line still looks
    like the head of a quotation of ours, or where nothing is left. To relay the text of a command, put it
    in the place of the whole: `replace(new_text, text=command.text)`.

    Removed are the signature (`without_signature`), every address of `hidden_addresses` (the roster's and
    the teams', in any case), the writer's own, and every sub-address of `mailbox_address`, which carries
    a token. The mailbox's plain address is public and stays; so do telephone and extension numbers.
    """
    own = {address.email for address in (*mail.from_addresses, *mail.reply_to)}
    writer = mail.sender
    if writer is not None:
        own.add(writer.email)
    scrub = _Scrubber({*hidden_addresses, *own}, mailbox_address)
    if not new_text.certain or (not marker_found and _has_quotation_head(new_text.text, scrub)):
        return Relay("", False)
    text = scrub(without_signature(new_text.text, writer.name if writer else ""))
    return Relay(text, True) if strip_bidi(text).strip() else Relay("", False)


# ---- signatures ------------------------------------------------------------------------------------

_MAX_BLOCK_LINES: Final = 12
"""Lines of a signature after a closing formula or a name; the longest seen have name, title, department,
ministry, two telephones, address, mail, and a slogan or two."""
_MAX_DELIMITED_LINES: Final = 25
_MAX_BLOCK_WIDTH: Final = 90
"""Characters of a signature's line. Prose that follows a formula runs on; a signature does not."""

_DELIMITER: Final = re.compile(r"(?:--|—|––)\s*")
_RULE: Final = re.compile(r"\s*[-_=*~—–]{3,}\s*")
_PROSE: Final = re.compile(r"[?؟]|^\W*(?:ملاحظه|ملحوظه|تنبيه|تنويه|مرفق|p\.?s\b|note\b|nb\b)")
_DISCLAIMER: Final = re.compile(
    r"\W*(?:اخلاء (?:ال)?مس[يوء]وليه|اخلاء طرف قانوني|تنبيه السريه|اشعار السريه"
    r"|disclaimer|confidentiality (?:notice|note)|confidential communication)\W*(?::.*|\Z|\n.*)",
    re.DOTALL,
)
_FORMULAS: Final = frozenset(
    fold(formula)
    for formula in (
        *("مع التحية", "مع التحيات", "مع التحية والتقدير", "مع خالص التحية", "مع خالص التحيات", "مع تحياتي"),
        *("مع خالص التحية والتقدير", "مع أطيب التحيات", "مع أطيب التحية", "مع فائق التحية", "مع تحياتنا"),
        *("مع فائق الاحترام", "مع فائق الاحترام والتقدير", "مع فائق التقدير", "مع الاحترام", "مع التقدير"),
        *("مع بالغ التحية والتقدير", "مع الاحترام والتقدير", "مع الشكر والتقدير", "مع جزيل الشكر"),
        *("مع خالص الشكر", "مع خالص الشكر والتقدير", "مع الشكر", "أطيب التحيات", "خالص التحيات"),
        *("وتقبلوا تحياتي", "وتقبلوا تحياتنا", "تقبلوا تحياتي", "تقبلوا تحياتنا", "وتقبلوا خالص التحية"),
        *("وتقبلوا فائق الاحترام", "وتقبلوا فائق الاحترام والتقدير", "وتفضلوا بقبول فائق الاحترام"),
        *("وتفضلوا بقبول فائق الاحترام والتقدير", "والله يحفظكم ويرعاكم", "والله ولي التوفيق"),
        *("دمتم بخير", "ودمتم بخير", "ودمتم", "لكم تحياتي", "ولكم تحياتي", "لكم أطيب التحيات"),
        *("best regards", "kind regards", "warm regards", "regards", "kindest regards", "many regards"),
        *("with best regards", "with kind regards", "best wishes", "sincerely", "yours sincerely", "br"),
        *("yours faithfully", "respectfully", "with regards", "thanks and regards", "thanks & regards"),
    )
)
_GREETINGS_TOO: Final = frozenset(map(fold, ("تحياتي", "تحياتنا", "تحياتي لكم", "خالص تحياتي", "cheers")))
"""They close a letter, but open one too: on the first line they are no signature."""
_FROM_WHOM: Final = ("مع تحيات ", "مع خالص تحيات ", "مع اطيب تحيات ")
_EDGE: Final = " \t.,،؛;:!*_-–—~"


def without_signature(text: str, writer_name: str = "") -> str:
    """`text` without the signature at its end; "" where it is nothing else.

    A signature begins at «--» (RFC 3676, 4.3), at a line that is only a closing formula («مع التحية»,
    perhaps with a name after it), at a line that is only `writer_name`, or at a heading of a disclaimer;
    a rule above it goes too. It must be the end: short lines, few of them, no question, no postscript.
    Whatever else stands there is kept: to delete what was meant for the citizen would be worse than to
    show a name.
    """
    lines = text.strip("\n").split("\n")
    # A disclaimer stands below the signature, and its long lines would make that look like prose.
    for begins in (_begins_disclaimer, _begins_block):
        at = begins(lines, fold(writer_name).strip(_EDGE))
        if at is not None:
            lines = lines[:at]
            while lines and (not lines[-1].strip() or _RULE.fullmatch(lines[-1])):
                lines.pop()
    return "\n".join(lines).strip()


def _begins_disclaimer(lines: list[str], _writer: str) -> int | None:
    filled = [index for index, line in enumerate(lines) if line.strip()]
    for index in filled[-_MAX_DELIMITED_LINES:]:
        if _DISCLAIMER.fullmatch(fold(lines[index][:2_000])):
            return index
    return None


def _begins_block(lines: list[str], writer: str) -> int | None:
    """The first of the last lines that begins a signature running to the end, or None."""
    filled = [index for index, line in enumerate(lines) if line.strip()]
    for left, index in reversed(list(enumerate(reversed(filled)))):
        if left > _MAX_DELIMITED_LINES:
            continue
        line = lines[index]
        if _DELIMITER.fullmatch(strip_bidi(line).lstrip(" \t")):
            return index
        is_first = index == filled[0]
        if left > _MAX_BLOCK_LINES or not (_closes(line, is_first) or _is_name(line, writer, is_first)):
            continue
        if all(_may_stand_in_signature(lines[below]) for below in filled if below > index):
            return index
    return None


def _closes(line: str, is_first: bool) -> bool:
    if len(line) > _MAX_BLOCK_WIDTH:
        return False
    folded = " ".join(fold(line).split()).strip(_EDGE)
    formula, comma, name = folded.replace(",", "،").partition("،")
    formula = formula.strip(_EDGE)
    if comma and len(name.split()) > 6:
        return False
    if folded.startswith(_FROM_WHOM) and len(folded.split()) <= 8:
        return True
    return formula in _FORMULAS or (formula in _GREETINGS_TOO and not is_first)


def _is_name(line: str, writer: str, is_first: bool) -> bool:
    """One word could be anything; a mail that begins with its writer's name introduces them."""
    if is_first or " " not in writer:
        return False
    return " ".join(fold(line).split()).strip(_EDGE) == " ".join(writer.split())


def _may_stand_in_signature(line: str) -> bool:
    return len(line) <= _MAX_BLOCK_WIDTH and _PROSE.search(fold(line).strip()) is None


# ---- quotations that nothing recognised ------------------------------------------------------------

_HEAD_LABEL: Final = re.compile(
    # Header labels only, not «البريد:», which stands in signatures.
    r"[\s>*|]*(?:from|to|cc|sent|reply-to|de|von|an|a|da|van"
    r"|من|الي|المرسل|المستلم|نسخه|نسخه الي|الرد الي)[\s*]{0,3}:"
)


def _has_quotation_head(text: str, scrub: _Scrubber) -> bool:
    """A line such as «إلى: infocs+…@»: our mail lies below, in a form that quoting does not know."""
    return any(_HEAD_LABEL.match(fold(line[:200])) and scrub.finds(line) for line in text.split("\n"))


# ---- addresses -------------------------------------------------------------------------------------

_MAY_HOLD_ADDRESS: Final = re.compile(r"[@＠﹫+＋]|%40|%2[bB]")
_LOCAL_SIGNS: Final = "abcdefghijklmnopqrstuvwxyz0123456789.!#$&'*+=^_`{|}~-"
_MAX_LOCAL: Final = 120
"""Characters looked at before an @: RFC 5321, 4.5.3.1.1 allows 64, programs more."""
_NOT_OFTEN_IN_LOCAL: Final = re.compile("[!#$&'*=^`{|}~]")
"""Allowed, but in «to='sara@…» they stand outside the address."""
_MAX_PASSES: Final = 10
_ESCAPE_OR_CHAR: Final = re.compile("%[2-7][0-9a-f]|.", re.IGNORECASE | re.DOTALL)
_BEFORE_ADDRESS: Final = re.compile(r"(?:mailto|smtp|sip) ?: ?\Z")
_AFTER_ADDRESS: Final = re.compile(r"\?(?:subject|body|cc|bcc)=[^\s<>()\[\]]*")
_BRACKETS: Final = ("<>", "()", "[]", "«»")
_WORD: Final = re.compile(r"\w+")
_LABEL_ALONE: Final = re.compile(
    r"(?:(?:ال)?(?:بريد|ايميل)(?: (?:ال)?(?:الكتروني|رسمي))*"
    r"|e ?mail(?: address)?|mail|from|to|cc|من|الي|نسخه)?"
)


class _Seen:
    """A line as a reader sees its addresses: lower case, without escapes (%40), wide letters and invisible
    signs; and where each character of it was written."""

    def __init__(self, line: str) -> None:
        chars: list[str] = []
        self._spans: list[tuple[int, int]] = []
        for match in _ESCAPE_OR_CHAR.finditer(line):
            written = match[0]
            char = chr(int(written[1:], 16)) if len(written) == 3 else written
            if not char.isascii():
                char = strip_bidi(unicodedata.normalize("NFKC", char))
            for seen in char.lower():
                chars.append(seen)
                self._spans.append(match.span())
        self._line = line
        self.text = "".join(chars)

    def written(self, start: int, stop: int) -> tuple[int, int]:
        """Where text[start:stop] was written, with the invisible signs around it."""
        first, last = self._spans[start][0], self._spans[stop - 1][1]
        while first > 0 and not strip_bidi(self._line[first - 1]):
            first -= 1
        while last < len(self._line) and not strip_bidi(self._line[last]):
            last += 1
        return first, last


class _Scrubber:
    """Removes addresses that the citizen never sees."""

    def __init__(self, hidden: set[str], mailbox: str) -> None:
        mailbox = _Seen(mailbox.strip()).text
        mailbox_local, _, mailbox_domain = mailbox.rpartition("@")
        self._sub_address = f"{mailbox_local}+"
        self._mailbox_domains = (mailbox_domain,)
        domains: dict[str, set[str]] = {}
        for address in hidden:
            local, _, domain = _Seen(address.strip()).text.rpartition("@")
            if local and domain and (local, domain) != (mailbox_local, mailbox_domain):
                domains.setdefault(local, set()).add(domain)
        # The longest first: of «momah.gov.sa» and «momah.gov.sauna» the one that was written.
        self._domains = {
            local: tuple(sorted(found, key=len, reverse=True)) for local, found in domains.items()
        }
        # A token whose @ was lost or wrapped away is still a token.
        self._bare_token = re.compile(rf"{re.escape(self._sub_address)}[a-z0-9+]{{16,200}}")
        # Roster entries outside ASCII are rare, and only looked for as they are written.
        odd = sorted((a for a in hidden if not a.isascii() and a.strip()), key=len, reverse=True)
        self._odd = re.compile("|".join(map(re.escape, odd)), re.IGNORECASE) if odd else None

    def __call__(self, text: str) -> str:
        """`text` without them, tidied where one stood; "" if they could not all be removed."""
        for _ in range(_MAX_PASSES):
            cleaned = "\n".join(
                line for line in map(self._clean_line, text.split("\n")) if line is not None
            ).strip()
            if cleaned == text:
                return text
            # Again: what stood on both sides of one may be another.
            text = cleaned
        return ""

    def finds(self, line: str) -> bool:
        return any(True for _ in self._places(line))

    def _clean_line(self, line: str) -> str | None:
        places = sorted(self._places(line))
        if not places:
            return line
        kept: list[str] = []
        end = 0
        for start, stop in places:
            kept.append(line[end:start])
            end = max(end, stop)
        kept.append(line[end:])
        return _tidy("".join(kept))

    def _places(self, line: str) -> Iterator[tuple[int, int]]:
        """Where hidden addresses are written in `line`, with what belongs to them; may overlap."""
        if self._odd is not None:
            for match in self._odd.finditer(line):
                yield match.span()
        if _MAY_HOLD_ADDRESS.search(line) is None:
            return
        seen = _Seen(line)
        for match in re.finditer("@", seen.text):
            length = self._length_before(seen.text, match.start())
            if length is not None:
                before, after = length
                yield seen.written(*_widened(seen.text, match.start() - before, match.end() + after))
        for match in self._bare_token.finditer(seen.text):
            yield seen.written(*_widened(seen.text, *match.span()))

    def _length_before(self, text: str, at: int) -> tuple[int, int] | None:
        """How many characters before and after the @ at `at` belong to a hidden address, if it is one."""
        window = text[max(0, at - _MAX_LOCAL) : at]
        local = window[len(window.rstrip(_LOCAL_SIGNS)) :]
        for candidate in _local_parts(local):
            for domain in self._domains_of(candidate):
                # Whatever is glued to its end: better a stranger's address cut than one of ours shown.
                if text.startswith(domain, at + 1):
                    return len(candidate), len(domain)
        return None

    def _domains_of(self, local: str) -> tuple[str, ...]:
        if local.startswith(self._sub_address):
            return self._mailbox_domains
        # A sub-address of a member of staff names them too (RFC 5233).
        return self._domains.get(local) or self._domains.get(local.partition("+")[0], ())


def _local_parts(written: str) -> Iterator[str]:
    """What may be the local part of an address, of the signs before its @; the longest first."""
    yield written
    yield written.lstrip(".!#$&'*+=^_`{|}~-")
    for sign in _NOT_OFTEN_IN_LOCAL.finditer(written):
        yield written[sign.end() :]


def _widened(text: str, start: int, stop: int) -> tuple[int, int]:
    """With mailto:, its parameters, and brackets around."""
    after = _AFTER_ADDRESS.match(text, stop)
    stop = after.end() if after else stop
    for _ in range(3):
        before = _BEFORE_ADDRESS.search(text[max(0, start - 10) : start])
        start -= len(before[0]) if before else 0
        if start > 0 and stop < len(text) and text[start - 1] + text[stop] in _BRACKETS:
            start, stop = start - 1, stop + 1
    return start, stop


def _tidy(line: str) -> str | None:
    """A line out of which something was taken; None where only a label was left."""
    if _LABEL_ALONE.fullmatch(" ".join(_WORD.findall(fold(line)))):
        return None
    line = re.sub(r"(?<=\S)[ \t]{2,}", " ", line)
    return re.sub(r" (?=[)\].,،؛;:!؟?])", "", line).rstrip(" \t|,،-–—")
