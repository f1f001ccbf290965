"""Owns what of a staff answer may reach the citizen: the new text, without signature and staff addresses.

In doubt nothing does (DESIGN §2; LESSONS 12). Where an answer goes is `workflow`'s decision; what was
written now is found by `quoting`; commands are read before, by `commands`, and then each text that is
bound for the citizen passes here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

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
    return Relay(text, bool(text))


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
    r"\W*(?:اخلاء (?:ال)?مسءوليه|اخلاء (?:ال)?مسووليه|اخلاء طرف قانوني|تنبيه السريه|اشعار السريه"
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
_LONGEST_FORMULA: Final = max(map(len, _FORMULAS))
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
    r"[\s>*|]*(?:from|to|cc|sent|reply-to|de|von|an|a|da|van|من|الي|المرسل|المستلم|نسخه|نسخه الي|الرد الي)[\s*]{0,3}:"
)


def _has_quotation_head(text: str, scrub: _Scrubber) -> bool:
    """A line such as «إلى: infocs+…@»: our mail lies below, in a form that quoting does not know."""
    return any(_HEAD_LABEL.match(fold(line[:200])) and scrub.finds(line) for line in text.split("\n"))


# ---- addresses -------------------------------------------------------------------------------------

_AT: Final = re.compile("[@＠﹫]|%40")
_SEEN_BEFORE_AT: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.!#$&'*+=^_`{|}~-%")
_SEEN_AFTER_AT: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-")
_MAX_LOCAL: Final = 200
"""Characters looked at before an @: 64 octets (RFC 5321), more with invisible signs and %2B between."""
_MAX_DOMAIN: Final = 300
_MAX_PASSES: Final = 10
_WRAPPED: Final = re.compile(r"\[\s*\]|\(\s*\)|<\s*>|«\s*»|\"\s*\"|“\s*”")
_BEFORE_ADDRESS: Final = re.compile(r"(?:mailto|smtp|sip)\s*:\s*\Z", re.IGNORECASE)
_AFTER_ADDRESS: Final = re.compile(r"\?(?:subject|body|cc)=[^\s<>\])]*", re.IGNORECASE)
_LABEL_ALONE: Final = re.compile(
    r"\W*(?:(?:ال)?(?:بريد|ايميل)(?: (?:ال)?(?:الكتروني|رسمي))*|e-?mail(?: address)?|mail|"
    r"from|to|cc|من|الي|نسخه)?\W*"
)


class _Scrubber:
    """Removes addresses that the citizen never sees."""

    def __init__(self, hidden: Iterable[str], mailbox: str) -> None:
        self._mailbox = _seen(mailbox).strip()
        self._hidden: dict[str, list[str]] = {}
        for address in hidden:
            local, _, domain = _seen(address).strip().rpartition("@")
            if local and domain and f"{local}@{domain}" != self._mailbox:
                self._hidden.setdefault(local, []).append(domain)
        local, _, self._domain = self._mailbox.rpartition("@")
        self._sub_address = f"{local}+"
        # A token whose @ was lost or wrapped away is still a token.
        self._bare_token = re.compile(
            rf"(?<![a-z0-9._-]){re.escape(self._sub_address)}[a-z0-9+]{{16,200}}", re.IGNORECASE
        )
        # Roster entries outside ASCII are rare, and only looked for as they are written.
        odd = sorted((a for a in hidden if not a.isascii() and a.strip()), key=len, reverse=True)
        self._odd = re.compile("|".join(map(re.escape, odd)), re.IGNORECASE) if odd else None

    def __call__(self, text: str) -> str:
        """`text` without them, tidied where one stood; "" if they could not all be removed."""
        for _ in range(_MAX_PASSES):
            # Again, since what stood on both sides of one may be another.
            if not self.finds(text):
                return text.strip()
            lines = (self._clean_line(line) for line in text.split("\n"))
            text = "\n".join(line for line in lines if line is not None)
        return ""

    def finds(self, text: str) -> bool:
        return any(True for _ in self._places(text))

    def _clean_line(self, line: str) -> str | None:
        places = sorted(self._places(line))
        if not places:
            return line
        kept: list[str] = []
        end = 0
        for start, stop in places:
            before = _BEFORE_ADDRESS.sub("", line[end : max(start, end)])
            kept.append(before)
            after = _AFTER_ADDRESS.match(line, stop)
            end = max(end, after.end() if after else stop)
        kept.append(line[end:])
        return _tidy("".join(kept))

    def _places(self, text: str) -> Iterable[tuple[int, int]]:
        for match in _AT.finditer(text):
            place = self._address_at(text, match.start(), match.end())
            if place is not None:
                yield place
        for pattern in filter(None, (self._bare_token, self._odd)):
            for match in pattern.finditer(text):
                yield match.span()

    def _address_at(self, text: str, at: int, after_at: int) -> tuple[int, int] | None:
        """Where the hidden address around the @ at `at` stands, as written."""
        start = at
        while start > 0 and at - start < _MAX_LOCAL and _is_seen(text[start - 1], _SEEN_BEFORE_AT):
            start -= 1
        stop = after_at
        while stop < len(text) and stop - after_at < _MAX_DOMAIN and _is_seen(text[stop], _SEEN_AFTER_AT):
            stop += 1
        domain = _seen(text[after_at:stop])
        for begin in self._beginnings(text, start, at):
            length = self._hidden_length(_seen(text[begin:at]), domain)
            if length:
                return begin, _stop_after(text, after_at, stop, length)
        return None

    @staticmethod
    def _beginnings(text: str, start: int, at: int) -> Iterable[int]:
        """Where the local part may begin: at `start`, or after a sign that seldom belongs to one, as the
        quotation mark in «'sara@…» does not."""
        yield start
        yield from (
            index + 1 for index in range(start, at) if text[index] in "!#$&'*=^`{|}~" or text[index] == "."
        )

    def _hidden_length(self, local: str, domain: str) -> int:
        """How many characters of `domain` belong to a hidden address `local@…`; 0 if it is none."""
        if local.startswith(self._sub_address):
            known = [self._domain]
        else:
            # A sub-address of a member of staff names them too (RFC 5233).
            known = [*self._hidden.get(local, ()), *self._hidden.get(local.partition("+")[0], ())]
        for hidden in known:
            # «momah.gov.sa.» and «momah.gov.sa-» end a sentence; «momah.gov.sauna» is another domain.
            if domain == hidden or (domain.startswith(hidden) and domain[len(hidden)] in ".-"):
                return len(hidden)
        return 0


def _seen(text: str) -> str:
    """As a mail program would read an address: lower case, without invisible signs and escapes."""
    return strip_bidi(unicodedata.normalize("NFKC", unquote(text))).lower()


def _is_seen(char: str, among: frozenset[str]) -> bool:
    return _seen(char) in among or not _seen(char)


def _stop_after(text: str, start: int, stop: int, length: int) -> int:
    """The end of the first `length` visible characters of text[start:stop]."""
    while stop > start and len(_seen(text[start : stop - 1])) >= length:
        stop -= 1
    return stop


def _tidy(line: str) -> str | None:
    """A line out of which something was taken; None where only a label was left."""
    for _ in range(3):  # brackets within brackets: «(<…>)»
        line = _WRAPPED.sub("", line)
    if _LABEL_ALONE.fullmatch(fold(line).strip()):
        return None
    line = re.sub(r"(?<=\S)[ \t]{2,}", " ", line)
    return re.sub(r"[ \t]+(?=[.,،؛;:!؟?])", "", line).rstrip()
