"""Reads what staff order by mail: commands, their arguments and texts, and mistakes.

What a command does, and whether its writer may give it, is `workflow`'s, and so are the values
(`workflow.commands`). Words are compared folded (`languages.folding`).

All or nothing: a mail with one mistake is neither carried out nor relayed (DESIGN §2). A command that
stands below a text is a mistake too and no text: it may head a note that only staff should read.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Final, Literal

import phonenumbers

from daemon.mail.languages.folding import clean, fold, fold_letters
from daemon.mail.meaning.staff_text import without_signature
from daemon.workflow.commands import (
    Accept,
    AskInfo,
    Assign,
    Close,
    Command,
    Decline,
    Escalate,
    Extend,
    Help,
    Note,
    Reopen,
    Resolve,
    SetCategory,
    SetPhone,
    SetRequest,
    Status,
)
from daemon.workflow.ticket_number import PREFIX
from daemon.workflow.vocabulary import Category, CloseReason, Refusal


@dataclass(frozen=True, slots=True)
class Behalf:
    """#نيابة: the complaint of `email` (as written), handed in by staff; `text` is all that follows."""

    email: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Judge:
    """#إفراج and #حظر: what is to become of mails in quarantine, by their numbers in the digest."""

    verdict: Literal["release", "block"]
    inbox_ids: tuple[int, ...]


Order = Command | Behalf | Judge
"""Everything that a line of a staff mail may order."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why a mail of staff cannot be carried out.

    `word` is the command's word as written, without `#`. `detail` is, for an unknown command, the nearest
    ones («#حل #حالة»); for `cannot_combine` the command it collides with; for a bad argument the argument
    as written (at most 200 characters); else "". `bad_reason` also stands for an unknown category,
    `not_first` for a command below a text. Both are the writer's own words: for nobody else's eyes.
    """

    code: Refusal
    word: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """What a mail of staff says: `commands` in their order, or an `answer`, or `mistakes` and neither."""

    commands: tuple[Order, ...] = ()
    answer: str = ""
    mistakes: tuple[Mistake, ...] = ()


def parse_commands(new_text: str, request_number_digits: tuple[int, int] = (5, 15)) -> Script:
    """Read the commands on the first lines of `new_text`, which is what was written now, signature and all.

    A command is `#` and a word, Arabic or English; several stand on a line each, with or without blank
    lines between. Its argument is on its line. Text follows there or below: the first line that is no
    command begins the text of the last command that takes text. Where none of them does, it is internal
    all the same (DESIGN §2) and becomes a note. Without any command the whole is an answer.

    Any may be combined, each once, but only one of resolve, info and close, one of accept and decline, and
    behalf with nothing else: below it all is text. Release and block may stand there often, with nothing
    else: they are about no complaint, so a text below them is nobody's. A text that is a mere signature is
    none; otherwise it keeps its own, and where it is bound for the citizen it still goes through
    `staff_text.relayable`.
    `request_number_digits` are the fewest and most digits of a request number. Never raises; linear in
    `new_text`.
    """
    lines = _LINE_END.split(new_text)
    at, lines_read = _first_lines(lines)
    is_handed_in = any(line.name == "behalf" for line in lines_read)
    below_text = iter(()) if is_handed_in else _commands_below(lines[at:])
    mistakes = list(islice(chain(_collisions(lines_read), below_text), _MAX_MISTAKES))
    if not lines_read:
        return Script(mistakes=tuple(mistakes)) if mistakes else Script(answer=new_text.strip())

    below = "\n".join(lines[at:]).strip()
    taker = max((n for n, line in enumerate(lines_read) if line.name in _TAKES_TEXT), default=None)
    orders: list[Order] = []
    loose: list[str] = []
    for number, line in enumerate(lines_read):
        if len(mistakes) == _MAX_MISTAKES:
            break
        order, left = _read(replace(line, below=below if number == taker else ""), request_number_digits)
        loose.append(left)
        if isinstance(order, Mistake):
            mistakes.append(order)
        else:
            orders.append(order)
    if mistakes:
        return Script(mistakes=tuple(mistakes))
    if any(line.name in _JUDGES for line in lines_read):
        return Script(tuple(orders))
    unclaimed = below if taker is None and without_signature(below) else ""
    return Script(_with_note(orders, [*loose, unclaimed]))


_MAX_MISTAKES: Final = 10
_MAX_JUDGED: Final = 100
"""Mails that one answer may judge: a digest names forty."""
_MAX_DETAIL: Final = 200
_MAX_WORD: Final = 40
_MAX_ARGUMENT: Final = 400
"""Characters of an argument that are looked at; the longest, an address, has 254 (RFC 5321, erratum 1690)."""


# ---- words -----------------------------------------------------------------------------------------

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "resolve": ("حل", "resolve"),
    "info": ("بيانات", "info"),
    "extend": ("تمديد", "extend"),
    "close": ("إغلاق", "close"),
    "note": ("ملاحظة", "note"),
    "assign": ("إسناد", "assign"),
    "request": ("طلب", "request"),
    "phone": ("جوال", "phone"),
    "category": ("فئة", "category"),
    "escalate": ("تصعيد", "escalate"),
    "accept": ("قبول", "accept"),
    "decline": ("رفض", "decline"),
    "reopen": ("فتح", "reopen"),
    "status": ("حالة", "status"),
    "help": ("مساعدة", "help"),
    "behalf": ("نيابة", "behalf"),
    "release": ("إفراج", "release"),
    "block": ("حظر", "block"),
}
_NAMES: Final = {fold(word): name for name, words in _WORDS.items() for word in words}
_SHOWN: Final = {fold(word): f"#{word}" for words in _WORDS.values() for word in words}
_JUDGES: Final = frozenset({"release", "block"})
_WITH_ARGUMENT: Final = _JUDGES | {"extend", "close", "assign", "request", "phone", "category", "behalf"}
_TAKES_TEXT: Final = frozenset(
    {"resolve", "info", "extend", "close", "note", "escalate", "accept", "decline", "reopen", "behalf"}
)
_EXCLUSIVE: Final = (
    # Each of these leaves the complaint, or the escalation, in a state of its own.
    frozenset({"resolve", "info", "close"}),
    frozenset({"accept", "decline"}),
)

_CLOSE_REASONS: Final[tuple[tuple[CloseReason, tuple[str, ...]], ...]] = (
    ("no_response", ("عدم التجاوب", "عدم تجاوب", "عدم الرد", "عدم رد", "no response")),
    ("not_admitted", ("غير مقبولة", "غير مقبول", "not admitted")),
    ("duplicate", ("مكررة", "مكرر", "duplicate")),
    ("withdrawn", ("منسحبة", "منسحب", "انسحاب", "withdrawn")),
    ("spam", ("مزعجة", "مزعج", "إزعاج", "spam")),
)
_CATEGORIES: Final[tuple[tuple[Category, tuple[str, ...]], ...]] = (
    ("technical", ("تقني", "تقنية", "فني", "فنية", "تحديات تقنية", "مشكلة تقنية", "technical", "tech")),
    (
        "sla_exceeded",
        (
            *("تجاوز", "تأخر", "تأخير", "مستوى الخدمة", "مستوى خدمة", "تجاوز مستوى الخدمة", "تجاوز المدة"),
            *("تجاوز اتفاقية مستوى الخدمة", "sla", "sla exceeded"),
        ),
    ),
)
_CATEGORY_OF: Final = {fold(words): category for category, spelled in _CATEGORIES for words in spelled}


# ---- lines -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that is a command: its name ("" if unknown), its word, what follows on it, the text below."""

    name: str
    word: str
    rest: str
    below: str = ""

    @property
    def text(self) -> str:
        return _text(self.rest, self.below)


_LINE_END: Final = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_DIRECTION_MARK: Final = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]+")
_HASH: Final = "#＃﹟"
_COMMAND: Final = re.compile(
    # Asterisks: mail programs write bold text so in the plain part.
    rf"[\s*]*[{_HASH}][\s*{_HASH}]*(?P<word>[^\s*:：،,؛;.!/()]*)(?P<rest>.*)",
    re.DOTALL,
)
_LEAD: Final = re.compile(r"[\s*:：،,؛;]*(?:[-–—.](?=\s)\s*)?")


def _first_lines(lines: list[str]) -> tuple[int, list[_Line]]:
    """The commands at the top, and the index of the line after them where text begins."""
    found: list[_Line] = []
    for index, line in enumerate(lines):
        command = _command_on(line)
        if command is not None:
            found.append(command)
            # What follows behalf was written by somebody else: nothing in it is an order, nor a mistake.
            # And of so many lines two collide, or one is unknown: the mail is a mistake already.
            if command.name == "behalf" or len(found) > len(_WORDS) + _MAX_JUDGED:
                return index + 1, found
        elif _DIRECTION_MARK.sub("", line).strip():
            return index, found
    return len(lines), found


def _command_on(line: str) -> _Line | None:
    """The command that `line` is, known or not; None if it is text, as «#1 الهوية» is."""
    if not any(sign in line for sign in _HASH):
        return None
    match = _COMMAND.fullmatch(_DIRECTION_MARK.sub("", line))
    if match is None or match["word"][:1].isdecimal():
        return None
    name, word, glued = _named(match["word"])
    rest = glued + match["rest"]
    return _Line(name, clean(word)[:_MAX_WORD], rest[_lead_length(rest) :].strip())


def _lead_length(rest: str) -> int:
    match = _LEAD.match(rest)
    return match.end() if match else 0


def _named(word: str) -> tuple[str, str, str]:
    """A command's name, its word, and what is glued to it: «#تمديد3», «#إغلاق_مكررة» as hashtags go.

    Only where an argument is expected: «#حل_المشكلة» is somebody's hashtag, and resolves nothing.
    """
    name = _NAMES.get(re.sub("[-_]", "", fold(word[: 2 * _MAX_WORD])))
    if name is not None:
        return name, word, ""
    for index, char in enumerate(word[:_MAX_WORD]):
        if char in "_-" or char.isdecimal():
            name = _NAMES.get(fold(word[:index]))
            if name in _WITH_ARGUMENT:
                return name, word[:index], word[index:].lstrip("_")
    return "", word, ""


def _commands_below(lines: list[str]) -> Iterator[Mistake]:
    for line in lines:
        command = _command_on(line)
        if command is not None and command.name:
            yield Mistake("not_first", command.word)


def _collisions(lines: list[_Line]) -> Iterator[Mistake]:
    for index, line in enumerate(lines):
        for earlier in lines[:index][: len(_WORDS)]:
            if not _may_stand_together(earlier.name, line.name):
                yield Mistake("cannot_combine", line.word, f"#{earlier.word}")
                break


def _may_stand_together(name: str, other: str) -> bool:
    if not (name and other):  # an unknown one is a mistake anyway
        return True
    if {name, other} & _JUDGES:
        return {name, other} <= _JUDGES
    if name == other or "behalf" in (name, other):
        return False
    return not any({name, other} <= group for group in _EXCLUSIVE)


# ---- arguments -------------------------------------------------------------------------------------


def _read(line: _Line, digits: tuple[int, int]) -> tuple[Order | Mistake, str]:
    """What `line` orders, and the text on it that belongs to no command."""
    match line.name:
        case "resolve" | "info" | "note" | "decline":
            return _with_text(line), ""
        case "escalate":
            return Escalate(line.text), ""
        case "accept":
            return Accept(line.text), ""
        case "reopen":
            return Reopen(line.text), ""
        case "status" | "help":
            left = "" if _FILLERS.issuperset(_WORD.findall(fold(line.rest))) else line.rest
            return Status() if line.name == "status" else Help(), left
        case "extend":
            return _extend(line), ""
        case "close":
            return _close(line), ""
        case "assign":
            return _assign(line), ""
        case "request":
            return _set_request(line, digits), ""
        case "phone":
            return _set_phone(line), ""
        case "category":
            return _set_category(line), ""
        case "behalf":
            return _behalf(line), ""
        case "release":
            return _judge(line, "release"), ""
        case "block":
            return _judge(line, "block"), ""
        case _:
            return Mistake("unknown_command", line.word, _near(line.word)), ""


_WITH_TEXT: Final[dict[str, Callable[[str], Order]]] = {
    "resolve": Resolve,
    "info": AskInfo,
    "note": Note,
    "decline": Decline,
}
_WORD: Final = re.compile(r"[^\W\d_]+")
_FILLERS: Final = frozenset(
    fold(
        "الشكوى شكوى التذكرة البلاغ الطلب رقم من فضلك لو سمحت please the ticket complaint number me FRS"
    ).split()
)


def _with_text(line: _Line) -> Order | Mistake:
    if not line.text:
        return Mistake("no_text", line.word)
    return _WITH_TEXT[line.name](line.text)


_DAYS: Final = re.compile(
    # Neither 3.5 nor 3-5; «3 أيام عمل», «3 business days».
    r"(?P<days>[0-9]{1,9})(?![0-9]| ?[.,٫/\-–] ?[0-9])"
    r"(?:\s*(?:يوما|يوم|ايام|عمل|business|working|days?)(?!\w)){0,3}"
    r"|(?P<one>يوم)(?:\s+واحد)?(?:\s+عمل)?(?!\w)|(?P<two>يومين|يومان)(?:\s+عمل)?(?!\w)"
)
_MOST_DAYS: Final = 90
"""An extension longer than nine times the average processing time is a slip of the finger."""


def _extend(line: _Line) -> Order | Mistake:
    argument = clean(line.rest)
    match = _DAYS.match(fold_letters(argument[:_MAX_ARGUMENT]))
    if match is None:
        return _bad("bad_days", line)
    days = 1 if match["one"] else 2 if match["two"] else int(match["days"])
    if not 1 <= days <= _MOST_DAYS:
        return _bad("bad_days", line)
    rest = argument[match.end() :]
    return Extend(days, _text(rest[_lead_length(rest) :].strip(" ."), line.below))


_REASONS: Final = tuple(
    (re.compile(r"[\s_\-]+".join(map(re.escape, fold(words).split())) + r"(?!\w)"), reason)
    for reason, spelled in _CLOSE_REASONS
    for words in spelled
)


def _close(line: _Line) -> Order | Mistake:
    argument = clean(line.rest)
    folded = fold_letters(argument)
    for pattern, reason in _REASONS:
        match = pattern.match(folded)
        if match is not None:
            rest = argument[match.end() :]
            return Close(reason, _text(rest[_lead_length(rest) :].strip(" ."), line.below))
    return _bad("bad_reason", line)


_TO: Final = re.compile(r"(?:الي|to)\s+(?=\S)")


def _assign(line: _Line) -> Order | Mistake:
    argument = " ".join(clean(line.rest).split())
    match = _TO.match(fold_letters(argument[:_MAX_ARGUMENT]))
    name = argument[match.end() :] if match else argument
    address = _ADDRESS.search(name[:_MAX_ARGUMENT])
    # An address says more than the name beside it; a mail program may have written it twice.
    name = address[0] if address else name.strip(" .،,؛:@*\"'«»()")
    return Assign(name) if 0 < len(name) <= 100 else _bad("bad_person", line)


_REQUEST_LABEL: Final = re.compile(r"(?:(?:ال)?رقم|number|num|no)(?!\w)(?:\s+(?:ال)?طلب(?!\w))?[\s:.#\-]*")
_REQUEST: Final = re.compile(
    # As `meaning.extraction` keeps them: «FR-123456», «2026/12345», «123 456 789».
    r"(?:[a-zء-ي]{1,6} ?[-/_]? ?)?(?:[0-9]{1,15}(?: ?[-/_] ?[0-9]{1,15}){0,4}|[0-9]{2,4}(?: [0-9]{2,4}){1,4})"
)


def _set_request(line: _Line, digits: tuple[int, int]) -> Order | Mistake:
    written = fold(line.rest[:_MAX_ARGUMENT]).strip(" .،,؛:#-()[]«»\"'*")
    label = _REQUEST_LABEL.match(written)
    written = written[label.end() :] if label else written
    number = "".join(written.split()).upper()
    length = sum(map(str.isdecimal, number))
    is_number = _REQUEST.fullmatch(written) and digits[0] <= length <= digits[1]
    # Whoever takes the complaint's number for the request's would have it told to the citizen as theirs.
    return SetRequest(number) if is_number and not number.startswith(PREFIX) else _bad("bad_number", line)


_PHONE_LABEL: Final = re.compile(r"(?:(?:ال)?رقم|number|no)?\s*(?:(?:ال)?جوال|mobile|phone)?[\s:.]*")
_BETWEEN_DIGITS: Final = re.compile(r"[\s().\-–/]")
_MOBILE: Final = re.compile(r"(?:(?:\+|00)?966)?0?(5[0-9]{8})")


def _set_phone(line: _Line) -> Order | Mistake:
    written = fold(line.rest[:_MAX_ARGUMENT]).replace("＋", "+")
    label = _PHONE_LABEL.match(written)
    written = written[label.end() :] if label else written
    match = _MOBILE.fullmatch(_BETWEEN_DIGITS.sub("", written.strip(" .،,؛*")))
    if match is not None:
        # Valid is not enough: only a mobile takes an SMS (FACTS §3). The library knows which prefixes exist.
        number = phonenumbers.PhoneNumber(country_code=966, national_number=int(match[1]))
        if phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE:
            return SetPhone(f"+966{match[1]}")
    return _bad("bad_phone", line)


def _set_category(line: _Line) -> Order | Mistake:
    words = " ".join(_WORD.findall(fold(line.rest[:_MAX_ARGUMENT])))
    category = _CATEGORY_OF.get(words)
    return SetCategory(category) if category else _bad("bad_reason", line)


_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(
    # RFC 5321, 4.1.2, Dot-string at a domain name: neither quoted local parts nor address literals.
    rf"(?<![\w.@]){_ATOM}(?:\.{_ATOM}){{0,10}}@(?:{_LABEL}\.){{1,10}}[A-Za-z]{{2,63}}(?![\w@-])"
)
_MAX_ADDRESS: Final = 254
_AROUND_ADDRESS: Final = re.compile(r"[<>()\[\]\"'«»]|mailto:", re.IGNORECASE)


def _behalf(line: _Line) -> Order | Mistake:
    """The one address on the line; what comes after it is text, what comes before a name at most.

    Guessing whose complaint it is would give it to the wrong person (LESSONS 26), so two different
    addresses are none.
    """
    head = line.rest[:_MAX_ARGUMENT]
    plain = _AROUND_ADDRESS.sub(lambda match: " " * len(match[0]), head)
    found = list(_ADDRESS.finditer(plain))
    addresses = {match[0].lower() for match in found}
    if len(addresses) != 1 or plain.count("@") != len(found):
        return _bad("bad_address", line)
    email = found[0][0]
    if len(email) > _MAX_ADDRESS or len(email.rpartition("@")[0]) > 64:
        return _bad("bad_address", line)
    rest = (plain[found[-1].end() :] + line.rest[_MAX_ARGUMENT:]).strip(" .،,؛:-")
    return Behalf(email, _joined(rest, line.below))


_INBOX_IDS: Final = re.compile(
    # «17», «رقم 17», «17 و 18»: nothing but numbers, or somebody's text would be read as one.
    r"(?:(?:عن|رقم|الرساله|رساله|no|number|mail|message)[\s.:#]+){0,3}#?"
    r"(?P<ids>[0-9]{1,9}(?:[\s,،;؛&#و]+(?:and\s+)?[0-9]{1,9}){0,99})"
)


def _judge(line: _Line, verdict: Literal["release", "block"]) -> Order | Mistake:
    match = _INBOX_IDS.fullmatch(fold(line.rest[:_MAX_ARGUMENT]).strip(" .،,؛:()[]«»\"'*"))
    ids = tuple(dict.fromkeys(map(int, re.findall("[0-9]+", match["ids"])))) if match else ()
    return Judge(verdict, ids) if ids and len(line.rest) <= _MAX_ARGUMENT else _bad("bad_number", line)


def _bad(code: Refusal, line: _Line) -> Mistake:
    return Mistake(code, line.word, clean(line.rest[:_MAX_DETAIL])[:_MAX_DETAIL])


def _near(word: str) -> str:
    """The commands that `word` may have been meant for, at most three, in the script it is written in."""
    folded = fold(word)
    without_article = folded.removeprefix("ال")
    matches = dict.fromkeys(
        match
        for spelled in (folded, without_article)
        for match in difflib.get_close_matches(spelled, _NAMES, 3, 0.6)
    )
    return " ".join(_SHOWN[match] for match in list(matches)[:3])


# ---- texts -----------------------------------------------------------------------------------------


def _text(rest: str, below: str) -> str:
    """Both, or "" where they are only a signature."""
    text = _joined(rest, below)
    return text if without_signature(text) else ""


def _joined(*texts: str) -> str:
    return "\n".join(text for text in texts if text)


def _with_note(orders: list[Order], loose: list[str]) -> tuple[Order, ...]:
    """`orders`, with the text that belongs to none of them kept in their note, or in one of its own."""
    text = _joined(*loose)
    if not text:
        return tuple(orders)
    if any(isinstance(order, Note) for order in orders):
        return tuple(Note(_joined(o.text, text)) if isinstance(o, Note) else o for o in orders)
    return (*orders, Note(text))
