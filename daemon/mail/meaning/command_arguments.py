"""Reads the argument and the text of a command of staff: what its line orders, or the mistake in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Literal

import phonenumbers

from daemon.mail.languages.folding import clean, fold, fold_letters
from daemon.mail.meaning.command_lines import CommandLine, joined, lead_length, own_text
from daemon.mail.meaning.command_words import (
    CATEGORY_OF,
    CLOSE_REASONS,
    GREATER_NUMBER,
    LANGUAGE_OF,
    NUMBERS,
    nearest,
)
from daemon.mail.meaning.orders import Behalf, Judge, Mistake, Order
from daemon.workflow.commands import (
    Accept,
    AskInfo,
    Assign,
    Close,
    Decline,
    Escalate,
    Extend,
    Help,
    Note,
    Reopen,
    Reply,
    Resolve,
    SetCategory,
    SetLanguage,
    SetPhone,
    SetRequest,
    Status,
)
from daemon.workflow.ticket_number import PREFIX
from daemon.workflow.vocabulary import Refusal

_MAX_DETAIL: Final = 200
_MAX_ARGUMENT: Final = 400
"""Characters of an argument that are looked at; the longest, an address, has 254 (RFC 5321, erratum 1690)."""


def read_order(line: CommandLine, digits: tuple[int, int]) -> tuple[Order | Mistake, str]:
    """What `line` orders, and the text on it that belongs to no command."""
    match line.name:
        case "resolve" | "reply" | "info" | "note" | "decline":
            return _with_text(line), ""
        case "escalate":
            return Escalate(line.text), ""
        case "accept":
            return Accept(line.text), ""
        case "reopen":
            return Reopen(line.text), ""
        case "status" | "help":
            left = "" if FILLERS.issuperset(_WORD.findall(fold(line.rest))) else line.rest
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
        case "language":
            return _set_language(line), ""
        case "behalf":
            return _behalf(line), ""
        case "release":
            return _judge(line, "release"), ""
        case "block":
            return _judge(line, "block"), ""
        case _:
            return Mistake("unknown_command", line.word, nearest(line.word)), ""


_WITH_TEXT: Final[dict[str, Callable[[str], Order]]] = {
    "resolve": Resolve,
    "reply": Reply,
    "info": AskInfo,
    "note": Note,
    "decline": Decline,
}
_WORD: Final = re.compile(r"[^\W\d_]+")
FILLERS: Final = frozenset(
    fold(
        "الشكوى شكوى التذكرة البلاغ الطلب رقم من فضلك لو سمحت please the ticket complaint number me FRS"
    ).split()
)


def _with_text(line: CommandLine) -> Order | Mistake:
    if not line.text:
        return Mistake("no_text", line.word)
    return _WITH_TEXT[line.name](line.text)


_DAYS: Final = re.compile(
    # Neither 3.5 nor 3-5; «3 أيام عمل», «3 business days».
    r"(?:(?:المهله|الموعد|الشكوي|التذكره|لمده|مده|by|for|the|ticket|complaint)\s+){0,3}"
    r"(?:(?:(?P<days>[0-9]{1,9})(?![0-9]| ?[.,٫/\-–] ?[0-9])"
    rf"|(?P<words>{'|'.join(sorted(NUMBERS, key=len, reverse=True))})(?!\w)(?!{GREATER_NUMBER}))"
    r"(?:\s*(?:يوما|يوم|ايام|عمل|business|working|days?)(?!\w)){0,3}"
    r"|(?P<one>يوم)(?:\s+واحد)?(?:\s+عمل)?(?!\w)|(?P<two>يومين|يومان)(?:\s+عمل)?(?!\w))"
)
_MOST_DAYS: Final = 90
"""An extension longer than nine times the average processing time is a slip of the finger."""


def _extend(line: CommandLine) -> Order | Mistake:
    argument = clean(line.rest)
    match = _DAYS.match(fold_letters(argument[:_MAX_ARGUMENT]))
    if match is None:
        return _bad("bad_days", line)
    days = NUMBERS[match["words"]] if match["words"] else int(match["days"] or (1 if match["one"] else 2))
    if not 1 <= days <= _MOST_DAYS:
        return _bad("bad_days", line)
    rest = argument[match.end() :]
    return Extend(days, own_text(rest[lead_length(rest) :].strip(" ."), line.below))


_BEFORE_REASON: Final = (
    # «لعدم التجاوب», «الشكوى لأنها مكررة», "the ticket as duplicate"
    r"(?:(?:الشكوي|التذكره|البلاغ|the|ticket|complaint)[\s_\-]+){0,2}"
    r"(?:(?:بسبب|لانها|لانه|لكونها|لكونه|لان الشكوي|as|for|because of|due to)[\s_\-]+)?"
    r"(?:لل|ل|ك)?(?:ال)?"
)
_REASONS: Final = tuple(
    (
        re.compile(_BEFORE_REASON + r"[\s_\-]+(?:ال)?".join(map(re.escape, fold(words).split())) + r"(?!\w)"),
        reason,
    )
    for reason, spelled in CLOSE_REASONS
    for words in spelled
)


def _close(line: CommandLine) -> Order | Mistake:
    argument = clean(line.rest)
    folded = fold_letters(argument)
    for pattern, reason in _REASONS:
        match = pattern.match(folded)
        if match is not None:
            rest = argument[match.end() :]
            return Close(reason, own_text(rest[lead_length(rest) :].strip(" ."), line.below))
    return _bad("bad_reason", line)


_TO: Final = re.compile(
    r"(?:(?:الشكوي|التذكره|البلاغ|the ticket)\s+)?(?:(?:الي|to)\s+)?"
    r"(?:(?:الموظف|الموظفه|الزميل|الزميله)\s+)?(?=\S)"
)


def _assign(line: CommandLine) -> Order | Mistake:
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


def _set_request(line: CommandLine, digits: tuple[int, int]) -> Order | Mistake:
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


def _set_phone(line: CommandLine) -> Order | Mistake:
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


def _set_category(line: CommandLine) -> Order | Mistake:
    words = " ".join(_WORD.findall(fold(line.rest[:_MAX_ARGUMENT])))
    category = CATEGORY_OF.get(words)
    return SetCategory(category) if category else _bad("bad_reason", line)


def _set_language(line: CommandLine) -> Order | Mistake:
    words = " ".join(_WORD.findall(fold(line.rest[:_MAX_ARGUMENT])))
    language = LANGUAGE_OF.get(words)
    return SetLanguage(language) if language else _bad("bad_reason", line)


_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(
    # RFC 5321, 4.1.2, Dot-string at a domain name: neither quoted local parts nor address literals.
    rf"(?<![\w.@]){_ATOM}(?:\.{_ATOM}){{0,10}}@(?:{_LABEL}\.){{1,10}}[A-Za-z]{{2,63}}(?![\w@-])"
)
_MAX_ADDRESS: Final = 254
_AROUND_ADDRESS: Final = re.compile(r"[<>()\[\]\"'«»]|mailto:", re.IGNORECASE)


def _behalf(line: CommandLine) -> Order | Mistake:
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
    return Behalf(email, joined(rest, line.below))


_INBOX_IDS: Final = re.compile(
    # «17», «رقم 17», «17 و 18»: nothing but numbers, or somebody's text would be read as one.
    r"(?:(?:عن|رقم|الرساله|رساله|no|number|mail|message)[\s.:#]+){0,3}#?"
    r"(?P<ids>[0-9]{1,9}(?:[\s,،;؛&#و]+(?:and\s+)?[0-9]{1,9}){0,99})"
)


def _judge(line: CommandLine, verdict: Literal["release", "block"]) -> Order | Mistake:
    match = _INBOX_IDS.fullmatch(fold(line.rest[:_MAX_ARGUMENT]).strip(" .،,؛:()[]«»\"'*"))
    ids = tuple(dict.fromkeys(map(int, re.findall("[0-9]+", match["ids"])))) if match else ()
    return Judge(verdict, ids) if ids and len(line.rest) <= _MAX_ARGUMENT else _bad("bad_number", line)


def _bad(code: Refusal, line: CommandLine) -> Mistake:
    return Mistake(code, line.word, clean(line.rest[:_MAX_DETAIL])[:_MAX_DETAIL])
