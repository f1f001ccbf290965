"""Furas' own words, from `furas.toml`: request numbers, grounds, wishes, in Arabic and English.

They stand in a file of their own, since another platform would have others, and the same languages.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from daemon.mail.languages.notation import expression, factored, phrase
from daemon.mail.languages.schema import Words
from daemon.mail.languages.tables import FOLDER, read_tables


@dataclass(frozen=True, eq=False, repr=False)
class RequestNumber:
    """How a request number of Furas looks is not public: the words around it make it one."""

    patterns: Words = ()
    """The ways in which a request is named; the parts in angle brackets are the keys below and what
    `meaning.extraction_words` says of a number."""
    patterns_apart: Words = ()
    """The same with other words of the sentence between the request and its number: believed only where
    none of `patterns` found one."""
    request: Words = ()
    """What such a request is called."""
    no_sum: Words = ()
    """Before «طلب»: the number behind it is a date or a sum. «رسوم الطلب 15000», «تاريخ الطلب
    20260501»"""
    to_number: Words = ()
    """At most eight of these words, none with a meaning of its own, may stand between the label and
    its number. What would bring in another thing with a number («والجوال», «غير معروف») is not
    among them."""
    to_label: Words = ()
    """«طلب تمديد عقد الاستثمار المقدم برقم»: what kind of request, where and how it was made."""
    other_labels: Words = ()
    """An unlabelled number after one of these belongs to it."""
    other_labels_latin: Words = ()
    """The same in Latin letters, as whole words."""
    other_things: Words = ()
    """Like `other_labels`, where the number stands apart from its request."""
    other_label_links: Words = ()
    """Between such a label and the number."""
    number_words: Words = ()
    """Before a number without a label: «الرقم»."""
    number_words_latin: Words = ()
    """The same in Latin letters."""
    units: Words = ()
    """After a number they make it a sum or a span: no request number."""
    units_latin: Words = ()
    """The same, as whole words in Latin letters."""
    units_words: Words = ()
    """The same, as whole words in Arabic."""


@dataclass(frozen=True, eq=False, repr=False)
class Grounds:
    """The ground of a complaint, in the notation of `phrases.Phrases`."""

    sla_exceeded: Words = ()
    """The time for the request has passed."""
    sla_exceeded_hints: Words = ()
    """How long, without a complaint about it: they count only where nothing else says what the
    matter is."""
    technical: Words = ()
    """Something technical is in the way."""
    none: Words = ()
    """What looks like a ground and is none: there is no error; by mistake (not the platform's)."""


@dataclass(frozen=True, eq=False, repr=False)
class Name:
    """The name of the complainant."""

    labels: Words = ()
    """«الاسم الكامل:», «اسمي», "Name:"."""
    kinds: Words = ()
    """After «الاسم»."""
    of_mine: Words = ()
    """After «اسمي»."""
    given: Words = ()
    """First names, folded: a last line that begins with one may be a signature."""
    wordlike: Words = ()
    """First names that begin a sentence too: names only before a family name."""
    signers: Words = ()
    """Before the name in a signature: «أخوكم», «مقدم الشكوى:»."""
    stop: Words = ()
    """Words, folded, that follow a name and are not part of one; also after و. But «على» as it is
    written: folded it is the name علي."""


@dataclass(frozen=True, eq=False, repr=False)
class Mobile:
    """Whose mobile a number is."""

    labels: Words = ()
    """Before a number without its prefix."""
    labels_of_others: Words = ()
    """Before the person whose number it is."""
    labels_of_others_latin: Words = ()
    """The same in English, before or behind."""
    others: Words = ()
    """Their number is not the citizen's."""
    others_latin: Words = ()
    """The same in English."""


@dataclass(frozen=True, eq=False, repr=False)
class Status:
    """A citizen asks how it stands: only these words, with the number of the complaint or
    without."""

    asks: Words = ()
    """One of these, or a ticket number."""
    beside: Words = ()
    """They may stand beside."""


@dataclass(frozen=True, eq=False, repr=False)
class Survey:
    """The number that answers our survey."""

    labels: Words = ()
    """Before the number, as written."""
    out_of: Words = ()
    """Between the number and the five."""
    objections: Words = ()
    """Below the number: that something is not so («لكن لم تحل»)."""


@dataclass(frozen=True, eq=False, repr=False)
class Escalation:
    """The wish to escalate."""

    words: Words = ()
    """The word itself."""
    stems: Words = ()
    """One of these stands in every one of them: a cheap look first."""
    wish: Words = ()
    """Before it: it is wished for."""
    wish_nouns: Words = ()
    """Before it, with nothing else of weight: «طلب تصعيد». «طلب التصعيد السابق» speaks of another."""
    beside: Words = ()
    """What may stand beside the word where it is all that is said."""
    reason: Words = ()
    """Behind it a reason begins, in which anything may be said."""
    over: Words = ()
    """Behind it: it is over, or something else is said of it («تصعيد الشكوى لم يفد»)."""
    not_yet: Words = ()
    """Before it: it is threatened, and not asked for yet."""
    passing: Words = ()
    """Before it: the sentence is about something else, or about an escalation of before."""
    refused: Words = ()
    """Before it: it is refused."""
    instead: Words = ()
    """«نأمل الحل قبل التصعيد» warns of it, and does not ask for it yet."""
    done: Words = ()
    """Before it: it is past."""
    about: Words = ()
    """A question about escalation wants an answer; «هل يمكن التصعيد؟» is a polite wish."""
    needless: Words = ()
    """Behind it, after a refusal: «التصعيد غير مطلوب»."""
    nothing_but: Words = ()
    """«لا أرى إلا التصعيد»"""
    undone: Words = ()
    """Before it: it is about an escalation that there is, to undo it or to hear of it."""
    only_wished: Words = ()
    """What tells of the past where no word of wishing stands before it."""
    who: Words = ()
    """«من طلب التصعيد؟»"""
    ours: Words = ()
    """What our own mails say, which a program may quote without a mark."""


@dataclass(frozen=True, eq=False, repr=False)
class Matters:
    """A request of the platform or a complaint by its number, in the writer's own words."""

    numbered: Words = ()
    """The noun and its number."""
    header_labels: Words = ()
    """A line of a letter's head."""
    enclosures: Words = ()
    """Where the mail that came back begins."""
    letters: Words = ()
    """A line that names one and ends with a colon introduces a letter."""
    theirs: Words = ()
    """Said of our mail, or by a help desk of the letter it got."""
    trouble: Words = ()
    """What is wrong."""


@dataclass(frozen=True, eq=False, repr=False)
class Thanks:
    """Thanks without a word."""

    signs: Words = ()


@dataclass(frozen=True, eq=False, repr=False)
class Privacy:
    """A person asks for something about their own data, in the notation of `phrases.Phrases`."""

    access: Words = ()
    """To see them, or to have a copy."""
    erasure: Words = ()
    """To have them destroyed."""
    correction: Words = ()
    """To have them put right."""
    passing: Words = ()
    """It is told of, refused, or does not work: no such wish."""


TABLES: Final[dict[str, type[object]]] = {
    "request_number": RequestNumber,
    "grounds": Grounds,
    "name": Name,
    "mobile": Mobile,
    "status": Status,
    "survey": Survey,
    "escalation": Escalation,
    "matters": Matters,
    "thanks": Thanks,
    "privacy": Privacy,
}


@cache
def _tables() -> dict[str, object]:
    return read_tables(FOLDER / "furas.toml", TABLES)


def entries(table: str, key: str) -> Words:
    """The entries of one key, as they stand in the file. Raises BadLanguageFile."""
    found: Words = getattr(_tables()[table], key)
    return found


def expressions(table: str, key: str) -> list[str]:
    """The entries of one key as regular expressions, in the order of the file."""
    return [expression(entry) for entry in entries(table, key)]


def words(table: str, *keys: str) -> str:
    """The entries of `keys` as one group of a regular expression."""
    return factored(one for key in keys for one in expressions(table, key))


def phrases(table: str, key: str) -> tuple[str, ...]:
    """The entries of a key in the notation of `phrases.Phrases`; plain phrases are as written."""
    return tuple(phrase(entry) for entry in entries(table, key))
